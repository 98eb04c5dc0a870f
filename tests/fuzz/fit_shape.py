"""A FIT file as a list of messages that can be moved about, and back again: no decoder, it believes all."""

import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fastcrc.crc16 import arc

RECORD = 20
KEPT_RECORDS = 14
KEPT_OTHERS = 4
type Field = tuple[int, int, int]
"""Number, size and base type; of a developer field number, size and developer index."""


@dataclass(frozen=True, slots=True)
class Definition:
    message: int
    big: bool
    fields: tuple[Field, ...]
    developer: tuple[Field, ...] = ()

    @property
    def order(self) -> str:
        return ">" if self.big else "<"

    @property
    def size(self) -> int:
        return sum(size for _, size, _ in self.fields) + sum(size for _, size, _ in self.developer)

    def place(self, index: int) -> tuple[int, int]:
        """Where field `index` begins in a data message, its header byte included, and its size."""
        return 1 + sum(size for _, size, _ in self.fields[:index]), self.fields[index][1]

    def pack(self, local: int) -> bytes:
        flag = 0x60 if self.developer else 0x40
        head = struct.pack(
            f"{self.order}BBBHB",
            flag | local & 15,
            0,
            self.big,
            self.message & 0xFFFF,
            len(self.fields) & 0xFF,
        )
        fields = b"".join(bytes(field) for field in self.fields)
        if not self.developer:
            return head + fields
        return (
            head + fields + bytes([len(self.developer)]) + b"".join(bytes(field) for field in self.developer)
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """One message as it stands in the file; `definition` is its own, or the one its bytes follow."""

    raw: bytes
    definition: Definition
    is_data: bool

    @property
    def local(self) -> int:
        head = self.raw[0]
        return head >> 5 & 3 if head & 0x80 else head & 15


def defined(definition: Definition, local: int) -> Piece:
    return Piece(definition.pack(local), definition, is_data=False)


def pieces_of(raw: bytes) -> list[Piece]:
    """Return the messages of the first part, as far as they can be walked."""
    if len(raw) < 14 or raw[8:12] != b".FIT":
        return []
    place, known, pieces = raw[0], dict[int, Definition](), list[Piece]()
    end = min(len(raw), place + int.from_bytes(raw[4:8], "little") or len(raw))
    while place < end:
        head = raw[place]
        if head & 0xC0 == 0x40:
            read = _definition(raw, place)
            if read is None:
                break
            definition, size = read
            known[head & 15] = definition
        else:
            local = head >> 5 & 3 if head & 0x80 else head & 15
            if local not in known:
                break
            definition = known[local]
            size = 1 + definition.size
        if place + size > end:
            break
        pieces.append(Piece(raw[place : place + size], definition, is_data=head & 0xC0 != 0x40))
        place += size
    return pieces


def _definition(raw: bytes, place: int) -> tuple[Definition, int] | None:
    if place + 6 > len(raw):
        return None
    big = raw[place + 2] == 1
    message, count = struct.unpack_from(">HB" if big else "<HB", raw, place + 3)
    fields, after = _fields(raw, place + 6, count)
    developer: tuple[Field, ...] = ()
    if raw[place] & 0x20 and after < len(raw):
        developer, after = _fields(raw, after + 1, raw[after])
    return Definition(message, big, fields, developer), after - place


def _fields(raw: bytes, place: int, count: int) -> tuple[tuple[Field, ...], int]:
    found = [
        (raw[at], raw[at + 1], raw[at + 2]) for at in range(place, place + 3 * count, 3) if at + 2 < len(raw)
    ]
    return tuple(found), place + 3 * count


def thinned(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the first and last of each kind of message, with the definitions that these follow."""
    places = defaultdict[int, list[int]](list)
    for place, piece in enumerate(pieces):
        if piece.is_data:
            places[piece.definition.message].append(place)
    kept = set[int]()
    for message, at in places.items():
        half = (KEPT_RECORDS if message == RECORD else KEPT_OTHERS) // 2
        kept.update(at[:half] + at[-half:])
    followed = {id(pieces[place].definition) for place in kept}
    return [
        p
        for place, p in enumerate(pieces)
        if place in kept or (not p.is_data and id(p.definition) in followed)
    ]


def whole(pieces: Iterable[Piece], *, crc: bool = True) -> bytes:
    """Return the file; without a CRC it ends as one whose watch died before it could write one."""
    body = b"".join(piece.raw for piece in pieces)
    header = struct.pack("<BBHI4s", 14, 0x20, 2132, len(body), b".FIT")
    file = header + struct.pack("<H", arc(header)) + body
    return file + struct.pack("<H", arc(file)) if crc else file
