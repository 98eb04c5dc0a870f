"""The walk over the messages of one FIT segment: where each lies, grouped by what its definition says.

The walk is the only loop over messages; everything behind it works on columns. A message costs some 60 ns. A
generator that NumPy drains is as fast as lists and needs eight bytes a message instead of forty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, islice
from struct import Struct
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from midsole.decode.fit.profile import fields_of

type Places = NDArray[np.int64]

MOST_MESSAGES = 1_500_000
"""Four days of four messages a second; a definition of size zero could claim one a byte."""
MOST_DEFINITIONS = 1_024
"""Distinct ones in a segment; the most that a real file of the corpus has is 53."""
LARGEST_CACHE = 4_096

type Order = Literal["<", ">"]
BYTE_ORDERS: dict[Order, Literal["little", "big"]] = {"<": "little", ">": "big"}
BEYOND_THE_PROFILE = 512
"""No message of the profile, or seen in a file, has so high a number."""

DEFINITION, DEVELOPER, COMPRESSED = 0x40, 0x20, 0x80


@dataclass(frozen=True, slots=True)
class BaseType:
    """How a value lies in the file; `code` is that of struct and, with its size, of NumPy."""

    name: str
    code: str
    size: int
    invalid: int | float | None


BASE_TYPES = {
    0x00: BaseType("enum", "B", 1, 0xFF),
    0x01: BaseType("sint8", "b", 1, 0x7F),
    0x02: BaseType("uint8", "B", 1, 0xFF),
    0x03: BaseType("sint16", "h", 2, 0x7FFF),
    0x04: BaseType("uint16", "H", 2, 0xFFFF),
    0x05: BaseType("sint32", "i", 4, 0x7FFF_FFFF),
    0x06: BaseType("uint32", "I", 4, 0xFFFF_FFFF),
    0x07: BaseType("string", "s", 1, None),
    0x08: BaseType("float32", "f", 4, None),
    0x09: BaseType("float64", "d", 8, None),
    0x0A: BaseType("uint8z", "B", 1, 0),
    0x0B: BaseType("uint16z", "H", 2, 0),
    0x0C: BaseType("uint32z", "I", 4, 0),
    0x0D: BaseType("byte", "s", 1, None),
    0x0E: BaseType("sint64", "q", 8, 0x7FFF_FFFF_FFFF_FFFF),
    0x0F: BaseType("uint64", "Q", 8, 0xFFFF_FFFF_FFFF_FFFF),
    0x10: BaseType("uint64z", "Q", 8, 0),
}
"""By the low five bits of the type byte; the high one only says that byte order matters."""
OPAQUE = BASE_TYPES[0x0D]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field lies in its message (the header byte is 0) and how many values of its type it holds."""

    number: int
    offset: int
    size: int
    base: BaseType

    @property
    def count(self) -> int:
        return self.size // self.base.size

    @property
    def is_number(self) -> bool:
        return self.base.code != "s"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a definition says; `developer` is keyed by (developer data index, field number)."""

    number: int
    order: Order
    size: int
    fields: dict[int, Place]
    developer: dict[tuple[int, int], Place]
    values: Struct
    """Unpacks a message into one value for each field in `unpacked`, arrays and texts as bytes."""
    unpacked: tuple[Place, ...]
    """Those that the profile knows; all of them where it does not know the message."""


@dataclass(frozen=True, slots=True)
class Group:
    """All messages of a segment that share a definition, by their places in the segment's data, in order."""

    layout: Layout
    places: Places


@dataclass(frozen=True, slots=True)
class Walked:
    """The groups in order of their first definition; `stopped_at` is where the walk ended."""

    groups: list[Group]
    stopped_at: int
    error: str | None
    truncated: bool


class _Stop(Exception):
    def __init__(self, reason: str, *, truncated: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.truncated = reason, truncated


def walk(data: bytes) -> Walked:
    """Find every message. Nothing is raised: what lies before the damage is there."""
    steps = _Steps(data)
    places = np.fromiter(islice(steps.places(), MOST_MESSAGES), np.int64)
    if places.size == MOST_MESSAGES:
        steps.error = "it has more messages than any recording"
    if steps.at > len(data):
        steps.error, steps.truncated, steps.at = "it ends inside a message", True, int(places[-1])
        places = places[:-1]
    return Walked(steps.grouped(places), steps.at, steps.error, steps.truncated)


class _Steps:
    """One way through the data, from message to message."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.error: str | None = None
        self.truncated = False
        self._layouts: dict[bytes, Layout] = {}
        self._current: list[bytes | None] = [None] * 16
        self._defined: list[list[tuple[int, bytes]]] = [[] for _ in range(16)]
        self._step = [0] * 256
        """By the raw header byte: how far the next message is; 0 where there is more to it."""

    def places(self) -> Iterator[int]:
        """Yield where each data message lies, in a loop of three steps: half of what a file costs."""
        data, step, place = self.data, self._step, 0
        try:
            while True:
                size = step[data[place]]
                while size:
                    yield place
                    place += size
                    size = step[data[place]]
                header = data[place]
                if header & DEFINITION and not header & COMPRESSED:
                    place += self._define(place)
                else:
                    size = self._unusual(header)
                    yield place
                    place += size
        except IndexError:
            self.at = place
        except _Stop as stop:
            self.at, self.error, self.truncated = place, stop.reason, stop.truncated

    def _define(self, place: int) -> int:
        """Take in a definition and return its length."""
        content = _definition(self.data, place)
        local = self.data[place] & 0x0F
        if self._current[local] != content:
            if content not in self._layouts:
                if len(self._layouts) >= MOST_DEFINITIONS:
                    raise _Stop("it has more definitions than any recording")
                self._layouts[content] = _layout(content)
            self._current[local] = content
            self._step[local] = self._layouts[content].size
            self._defined[local].append((place, content))
        return len(content) + 1

    def _unusual(self, header: int) -> int:
        """Return the length of a message with a compressed time, or with reserved bits set."""
        content = self._current[header >> 5 & 0x03 if header & COMPRESSED else header & 0x0F]
        if content is None:
            raise _Stop("a message has no definition")
        return self._layouts[content].size

    def grouped(self, places: Places) -> list[Group]:
        """Put the messages to their definitions: the last one before each that has its local number."""
        headers = np.frombuffer(self.data, np.uint8)[places]
        if headers.size and headers.max() > 0x0F:
            headers = np.where(headers & COMPRESSED, headers >> 5 & 0x03, headers & 0x0F)
        order = np.argsort(headers, kind="stable")
        cuts = np.searchsorted(headers[order], np.arange(1, 16))
        parts: dict[bytes, list[Places]] = {content: [] for content in self._layouts}
        for defined, mine in zip(self._defined, np.split(places[order], cuts), strict=True):
            for content, found in _by_definition(mine, defined) if mine.size else ():
                parts[content].append(found)
        return [Group(self._layouts[content], _in_order(found)) for content, found in parts.items()]


def _by_definition(places: Places, defined: list[tuple[int, bytes]]) -> Iterator[tuple[bytes, Places]]:
    if len(defined) == 1:
        yield defined[0][1], places
        return
    kinds = {content: kind for kind, content in enumerate({content: None for _, content in defined})}
    starts = np.array([start for start, _ in defined])
    kind_of = np.array([kinds[content] for _, content in defined])[np.searchsorted(starts, places) - 1]
    order = np.argsort(kind_of, kind="stable")
    cuts = np.searchsorted(kind_of[order], np.arange(1, len(kinds)))
    yield from zip(kinds, np.split(places[order], cuts), strict=True)


def _in_order(parts: list[Places]) -> Places:
    if len(parts) == 1:
        return parts[0]
    return np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)


def _definition(data: bytes, place: int) -> bytes:
    """Return the definition without its header: equal bytes mean equal messages, also in another file."""
    end = place + 6
    if end <= len(data):
        end += 3 * data[place + 5]
    if data[place] & DEVELOPER:
        end += 1 + 3 * data[end] if end < len(data) else 1
    if end > len(data):
        raise _Stop("it ends inside a definition", truncated=True)
    return data[place + 1 : end]


_layouts: dict[bytes, Layout] = {}
"""Devices say the same thing in every file; a dict's single steps are safe in threads."""


def _layout(content: bytes) -> Layout:
    known = _layouts.get(content)
    if known is None:
        if not _orders(content):
            raise _Stop("a definition has no sound byte order")
        if len(_layouts) >= LARGEST_CACHE:
            _layouts.clear()
        known = _layouts[content] = parse_layout(content)
    return known


def _orders(content: bytes) -> list[Order]:
    """Return the byte orders that a definition may mean: 0 is little, 1 is big.

    Some bicycle computers write anything there (GPSBabel warns of Lezyne): then, what gives a known message.
    """
    if content[1] <= 1:
        return ["<" if content[1] == 0 else ">"]
    numbers = {order: int.from_bytes(content[2:4], name) for order, name in BYTE_ORDERS.items()}
    return [order for order, number in numbers.items() if number < BEYOND_THE_PROFILE]


def parse_layout(content: bytes) -> Layout:
    """Read a definition: reserved, byte order, message number, number of fields, (number, size, type) each.

    Developer fields follow, (number, size, developer data index) each. Of equal numbers the first holds.
    """
    order, own = _orders(content)[0], 5 + 3 * content[4]
    message = int.from_bytes(content[2:4], BYTE_ORDERS[order])
    places = [Place(n, at, size, base_type(kind, size)) for n, at, size, kind in _fields(content[5:own], 1)]
    end = 1 + sum(place.size for place in places)
    theirs = [
        ((index, n), Place(n, at, size, OPAQUE)) for n, at, size, index in _fields(content[own + 1 :], end)
    ]
    fields = {place.number: place for place in reversed(places) if place.size}
    known = fields_of(message) or fields
    told = [place.number in known and fields.get(place.number) is place for place in places]
    codes = [
        _code(place) if is_told else f"{place.size}x" for place, is_told in zip(places, told, strict=True)
    ]
    return Layout(
        message,
        order,
        end + sum(place.size for _, place in theirs),
        fields,
        {key: place for key, place in reversed(theirs) if place.size},
        Struct(f"{order}x{''.join(codes)}"),
        tuple(compress(places, told)),
    )


def _fields(triples: bytes, offset: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (number, offset, size, third byte) of each field from `offset` on."""
    for at in range(0, len(triples), 3):
        number, size, third = triples[at : at + 3]
        yield number, offset, size, third
        offset += size


def _code(place: Place) -> str:
    return place.base.code if place.count == 1 and place.is_number else f"{place.size}s"


def base_type(kind: int, size: int) -> BaseType:
    """A size that is no multiple of its type, as COROS writes, or an unknown type: the bytes stay opaque."""
    base = BASE_TYPES.get(kind & 0x1F, OPAQUE)
    return OPAQUE if size % base.size else base
