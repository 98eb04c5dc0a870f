"""Zip archives walked one member at a time; a list of contents that is missing or cut off is done without.

Layout after PKWARE's APPNOTE 6.3.10: local headers with the data, then the central directory, then its end.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from midsole.decode.inflate import BARE, PIECE_BYTES, Inflated, Reader, whole
from midsole.domain.errors import BadInput

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
END_64 = struct.Struct("<4sQ2H2I4Q")
LOCATOR_64 = struct.Struct("<4sIQI")
LOCAL_SIGN, CENTRAL_SIGN, END_SIGN = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
LONGEST_COMMENT_BYTES = 65_535
MOST_ENDS = 20
"""So many places that look like a zip's end are tried; a comment may quote one."""
LARGEST_DIRECTORY_BYTES = 64 * 2**20
STORED, DEFLATED = 0, 8
METHODS = (STORED, 1, 2, 3, 4, 5, 6, DEFLATED, 9, 10, 12, 14, 18, 19, 93, 95, 96, 97, 98, 99)
LOCKED, SIZES_AFTER_DATA, IN_UTF8 = 0x1, 0x8, 0x800
MAXED_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive: its name as written there, and its content or why it can't be read."""

    name: str
    content: Reader | BadInput


@dataclass(frozen=True, slots=True)
class _Header:
    name: str
    flags: int
    method: int
    crc: int
    packed_bytes: int
    unpacked_bytes: int
    at: int
    mode: int = 0

    @property
    def is_file(self) -> bool:
        return not self.name.endswith(("/", "\\")) and stat.S_IFMT(self.mode) in (0, stat.S_IFREG)


def is_zip(head: bytes) -> bool:
    return head.startswith((LOCAL_SIGN, END_SIGN))


def has_zip_within(head: bytes) -> bool:
    """Tell whether a zip begins in here: archives that unpack themselves have a program before it."""
    place = head.find(LOCAL_SIGN)
    if place < 0 or len(head) < place + LOCAL.size:
        return False
    _, version, _, method, *_, name_bytes, _ = LOCAL.unpack_from(head, place)
    return version & 0xFF <= 63 and method in METHODS and 0 < name_bytes <= 1024


def zip_members(stream: BinaryIO) -> Iterator[Member]:
    """Yield the files; raises BadInput where the archive itself is damaged, after what came before."""
    size_bytes = whole(stream)
    directory = _directory(stream, size_bytes)
    if directory is None:
        yield from _without_directory(stream)
        return
    packed_bytes = 0
    for header in _listed(*directory):
        packed_bytes += header.packed_bytes + LOCAL.size
        if packed_bytes > size_bytes:
            raise BadInput("The zip's members overlap: refused as a trap.")
        if header.is_file:
            yield Member(header.name, _content(stream, header))


def _directory(stream: BinaryIO, size_bytes: int) -> tuple[bytes, int] | None:
    """Return the list of contents and how far all its offsets are off, None when there is no list."""
    tail_at = max(0, size_bytes - LONGEST_COMMENT_BYTES - END.size)
    stream.seek(tail_at)
    tail = stream.read(LONGEST_COMMENT_BYTES + END.size)
    ends = sorted(_ends(tail), key=lambda place: _likelihood(tail, place), reverse=True)
    for place in ends[:MOST_ENDS]:
        found = _directory_before(stream, tail_at + place, tail[place : place + END.size])
        if found is not None:
            return found
    return None


def _ends(tail: bytes) -> list[int]:
    places, place = [], tail.rfind(END_SIGN)
    while place >= 0:
        places.append(place)
        place = tail.rfind(END_SIGN, 0, place)
    return [place for place in places if len(tail) - place >= END.size]


def _likelihood(tail: bytes, place: int) -> tuple[bool, bool, int]:
    """The comment of a true end reaches to the end of the file, unless rubbish was joined to it."""
    *_, list_bytes, _, comment_bytes = END.unpack_from(tail, place)
    return place + END.size + comment_bytes == len(tail), list_bytes > 0, place


def _directory_before(stream: BinaryIO, end_at: int, end: bytes) -> tuple[bytes, int] | None:
    *_, list_bytes, list_at, _ = END.unpack(end)
    larger = _end_64(stream, end_at)
    if larger is not None:
        end_at, list_bytes, list_at = larger
    if list_bytes > LARGEST_DIRECTORY_BYTES:
        raise BadInput("The zip's list of contents is larger than 64 MB. Split the archive.")
    for begins_at in (end_at - list_bytes, list_at):
        if begins_at < 0:
            continue
        stream.seek(begins_at)
        if not list_bytes or stream.read(len(CENTRAL_SIGN)) == CENTRAL_SIGN:
            stream.seek(begins_at)
            return stream.read(list_bytes), max(0, begins_at - list_at)
    return None


def _end_64(stream: BinaryIO, end_at: int) -> tuple[int, int, int] | None:
    stream.seek(max(0, end_at - LOCATOR_64.size))
    locator = stream.read(LOCATOR_64.size)
    if len(locator) < LOCATOR_64.size or not locator.startswith(b"PK\x06\x07"):
        return None
    for at in (end_at - LOCATOR_64.size - END_64.size, LOCATOR_64.unpack(locator)[2]):
        if not 0 <= at < end_at:
            continue
        stream.seek(at)
        end = stream.read(END_64.size)
        if len(end) == END_64.size and end.startswith(b"PK\x06\x06"):
            *_, list_bytes, list_at = END_64.unpack(end)
            return at, list_bytes, list_at
    return None


def _listed(directory: bytes, shift: int) -> Iterator[_Header]:
    place = 0
    while place < len(directory):
        if len(directory) - place < CENTRAL.size or not directory.startswith(CENTRAL_SIGN, place):
            raise BadInput("The zip's list of contents is damaged: what it names before was read.")
        (_, made_by, _, flags, method, _, _, crc, packed, unpacked, name, extra, comment, _, _, mode, at) = (
            CENTRAL.unpack_from(directory, place)
        )
        place += CENTRAL.size
        raw_name = directory[place : place + name]
        sizes = _sizes_64(directory[place + name : place + name + extra], unpacked, packed, at)
        place += name + extra + comment
        unpacked, packed, at = sizes
        unix_mode = mode >> 16 if made_by >> 8 == 3 else 0
        yield _Header(_name(raw_name, flags), flags, method, crc, packed, unpacked, at + shift, unix_mode)


def _sizes_64(extra: bytes, *values: int) -> list[int]:
    """Return the sizes with those too large for 32 bits taken from the extra field 1, in its order."""
    larger: list[int] = []
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, place)
        if kind == 1:
            field = extra[place + 4 : place + 4 + size]
            larger = list(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
        place += 4 + size
    return [larger.pop(0) if value == MAXED_32 and larger else value for value in values]


def _name(raw: bytes, flags: int) -> str:
    """Return the name: many programs write UTF-8 and forget to say so."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp437" if not flags & IN_UTF8 else "latin-1")


def _content(stream: BinaryIO, header: _Header) -> Reader | BadInput:
    stream.seek(header.at)
    local = stream.read(LOCAL.size)
    if len(local) < LOCAL.size or not local.startswith(LOCAL_SIGN):
        return BadInput("It is not where the zip's list of contents says.")
    begins_at = header.at + LOCAL.size + sum(LOCAL.unpack(local)[-2:])
    return _Content.of(stream, header, begins_at)


class _Content:
    """What one member holds; checks the checksum when it comes to the end."""

    def __init__(self, stream: BinaryIO, header: _Header, begins_at: int) -> None:
        self._header, self._crc = header, 0
        self.packed = _From(stream, begins_at, None if header.packed_bytes < 0 else header.packed_bytes)
        self.inflated = Inflated(self.packed, BARE) if header.method == DEFLATED else None

    @classmethod
    def of(cls, stream: BinaryIO, header: _Header, begins_at: int) -> "_Content | BadInput":
        if header.flags & LOCKED:
            return BadInput("It is locked with a password. Unpack the archive first.")
        if header.method not in (STORED, DEFLATED):
            return BadInput(
                f"It is packed by a method (number {header.method}) that Midsole does not read. Unpack it."
            )
        return cls(stream, header, begins_at)

    def read(self, size: int, /) -> bytes:
        piece = (self.inflated or self.packed).read(size)
        self._crc = zlib.crc32(piece, self._crc)
        if not piece and size:
            self._check()
        return piece

    def _check(self) -> None:
        if self.inflated is not None and self.inflated.damage:
            raise BadInput(f"It {self.inflated.damage}.")
        if self.inflated is None and self.packed.bytes_left:
            raise BadInput("It is cut off.")
        if self._header.crc >= 0 and self._crc != self._header.crc:
            raise BadInput("Its checksum is wrong.")


class _From:
    """A reader with its own place in a stream that others read, too."""

    def __init__(self, stream: BinaryIO, begins_at: int, size_bytes: int | None) -> None:
        self._stream, self.at = stream, begins_at
        self.bytes_left = size_bytes

    def read(self, size: int, /) -> bytes:
        self._stream.seek(self.at)
        piece = self._stream.read(size if self.bytes_left is None else min(size, self.bytes_left))
        self.at += len(piece)
        if self.bytes_left is not None:
            self.bytes_left -= len(piece)
        return piece


def _without_directory(stream: BinaryIO) -> Iterator[Member]:
    """Walk from one local header to the next: a download that was cut off has no list of contents."""
    stream.seek(0)
    at: int | None = stream.read(PIECE_BYTES).find(LOCAL_SIGN)
    while at is not None and at >= 0:
        stream.seek(at)
        head = stream.read(LOCAL.size)
        if len(head) < LOCAL.size or not head.startswith(LOCAL_SIGN):
            break
        _, _, flags, method, _, _, crc, packed, unpacked, name_bytes, extra_bytes = LOCAL.unpack(head)
        raw_name, extra = stream.read(name_bytes), stream.read(extra_bytes)
        unpacked, packed = _sizes_64(extra, unpacked, packed)
        if flags & SIZES_AFTER_DATA:
            crc = packed = unpacked = -1
        header = _Header(_name(raw_name, flags), flags, method, crc, packed, unpacked, at)
        begins_at = at + LOCAL.size + name_bytes + extra_bytes
        content = _Content.of(stream, header, begins_at)
        if header.is_file:
            yield Member(header.name, content)
        at = _next_header_at(stream, header, content, begins_at)
    raise BadInput("The zip is cut off: what came before was read. Download or copy it again.")


def _next_header_at(
    stream: BinaryIO, header: _Header, content: _Content | BadInput, begins_at: int
) -> int | None:
    """Return where the next header begins; sizes that stand after the data are known once it is read."""
    if header.packed_bytes >= 0:
        return begins_at + header.packed_bytes
    if isinstance(content, BadInput) or content.inflated is None:
        return None
    while content.inflated.read(PIECE_BYTES):
        pass
    if not content.inflated.at_end:
        return None
    ends_at = content.packed.at - len(content.inflated.rest)
    stream.seek(ends_at)
    place = stream.read(24 + len(LOCAL_SIGN)).find(LOCAL_SIGN)
    return ends_at + place if place >= 0 else None
