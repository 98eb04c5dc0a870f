"""The walk over the messages of one FIT segment: where each lies, grouped by what its definition says.

The walk is the only loop over messages; everything behind it works on columns. A message costs about 50 ns.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import compress, repeat
from struct import Struct
from typing import Literal, NoReturn

from midsole.decode.fit.profile import fields_of

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


@dataclass(slots=True)
class Group:
    """All messages of a segment that share a definition, by their offsets in the segment's data."""

    layout: Layout
    offsets: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Walked:
    """The groups in order of their first definition; `stopped_at` is where the walk ended."""

    groups: list[Group]
    stopped_at: int
    error: str | None
    truncated: bool


class _Stop(Exception):
    def __init__(self, place: int, reason: str, *, truncated: bool = False) -> None:
        super().__init__(reason)
        self.place, self.reason, self.truncated = place, reason, truncated


def walk(data: bytes) -> Walked:
    """Find every message. Nothing is raised: what lies before the damage is there.

    Two tables, indexed by the raw header byte, say how far the next message is and who notes this one.
    """
    step = [0] * 256
    note: list[Callable[[int], None]] = [_undefined] * 256
    groups: dict[bytes, Group] = {}
    _add_definers(data, step, note, groups)
    place = 0
    try:
        for _ in repeat(None, MOST_MESSAGES):
            header = data[place]
            note[header](place)
            place += step[header]
    except IndexError:
        return _ended(data, groups, place)
    except _Stop as stop:
        return Walked(list(groups.values()), stop.place, stop.reason, stop.truncated)
    return Walked(list(groups.values()), place, "it has more messages than any recording", truncated=False)


def _ended(data: bytes, groups: dict[bytes, Group], place: int) -> Walked:
    """At the end of the data; a last message that is longer than what is left is dropped."""
    found = list(groups.values())
    if place == len(data):
        return Walked(found, place, None, truncated=False)
    last = max((g for g in found if g.offsets), key=lambda g: g.offsets[-1])
    cut_at = last.offsets.pop()
    return Walked(found, cut_at, "it ends inside a message", truncated=True)


def _undefined(place: int) -> NoReturn:
    raise _Stop(place, "a message has no definition")


def _add_definers(
    data: bytes, step: list[int], note: list[Callable[[int], None]], groups: dict[bytes, Group]
) -> None:
    """Fill the tables for definitions, compressed headers and headers with reserved bits set."""
    current: list[Group | None] = [None] * 16

    def define(place: int) -> None:
        content = _definition(data, place)
        group = groups.get(content)
        if group is None:
            if len(groups) >= MOST_DEFINITIONS:
                raise _Stop(place, "it has more definitions than any recording")
            group = groups[content] = Group(_layout(content, place))
        header = data[place]
        local = header & 0x0F
        step[header] = len(content) + 1
        step[local], note[local], current[local] = group.layout.size, group.offsets.append, group

    def unusual(place: int) -> None:
        header = data[place]
        group = current[header >> 5 & 0x03 if header & COMPRESSED else header & 0x0F]
        if group is None:
            _undefined(place)
        step[header] = group.layout.size
        group.offsets.append(place)

    for header in range(16, 256):
        is_definition = header & DEFINITION and not header & COMPRESSED
        note[header] = define if is_definition else unusual


def _definition(data: bytes, place: int) -> bytes:
    """Return the definition without its header: equal bytes mean equal messages, also in another file."""
    end = place + 6
    if end <= len(data):
        end += 3 * data[place + 5]
    if data[place] & DEVELOPER:
        end += 1 + 3 * data[end] if end < len(data) else 1
    if end > len(data):
        raise _Stop(place, "it ends inside a definition", truncated=True)
    return data[place + 1 : end]


_layouts: dict[bytes, Layout] = {}
"""Devices say the same thing in every file; a dict's single steps are safe in threads."""


def _layout(content: bytes, place: int) -> Layout:
    known = _layouts.get(content)
    if known is None:
        if not _orders(content):
            raise _Stop(place, "a definition has no sound byte order")
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
