"""Zip archives by the standard library, one member at a time, with limits to what they claim."""

import re
import stat
import zipfile
from collections.abc import Iterator
from io import SEEK_SET
from typing import BinaryIO

from midsole.decode.inflate import whole
from midsole.decode.members import DAMAGE, Content, Member
from midsole.domain.errors import BadInput

LARGEST_DIRECTORY_BYTES = 64 * 2**20
MOST_MEMBERS = 200_000
"""Ten honest years are some 5,000 activities and 100,000 other files, in a few gigabytes."""
LOCAL_SIGN, CENTRAL_SIGN, END_SIGN = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
LOCAL_BYTES = 30
LOCAL_HEADER = re.compile(LOCAL_SIGN + rb"[\x00-\x3f].{3}[\x00-\x63]\x00", re.DOTALL)
"""Its sign, a version that exists, flags, and a method that does (PKWARE's APPNOTE 6.3.10, 4.3.7)."""
LOCKED, IN_UTF8 = 0x1, 0x800
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""zipfile sets no bound to what one read unpacks by the others: 4 kB of bzip2 may become 80 MB."""


def is_zip(head: bytes) -> bool:
    return head.startswith((LOCAL_SIGN, END_SIGN))


def has_zip_within(head: bytes) -> bool:
    """Tell whether a zip begins in here: archives that unpack themselves have a program before it."""
    return LOCAL_HEADER.search(head) is not None


def zip_members(stream: BinaryIO) -> Iterator[Member]:
    """Yield the files; raises BadInput where the archive itself is damaged, after what came before."""
    size_bytes, packed_bytes = whole(stream), 0
    archive = _opened(stream, size_bytes)
    for info in archive.infolist():
        packed_bytes += info.compress_size + LOCAL_BYTES
        if packed_bytes > size_bytes:
            raise BadInput("The zip's members overlap: refused as a trap.")
        unix_mode = info.external_attr >> 16 if info.create_system == 3 else 0
        if not info.is_dir() and stat.S_IFMT(unix_mode) in (0, stat.S_IFREG):
            yield Member(_name(info), _content(archive, info))


def _opened(stream: BinaryIO, size_bytes: int) -> zipfile.ZipFile:
    begins_with_member = stream.read(len(LOCAL_SIGN)) == LOCAL_SIGN
    try:
        archive = zipfile.ZipFile(_Bounded(stream, size_bytes))
        if begins_with_member and not archive.filelist:
            raise zipfile.BadZipFile
    except DAMAGE as error:
        raise BadInput(
            "The zip is cut off or damaged, so nothing in it was read: download it again."
        ) from error
    return archive


class _Bounded:
    """The stream as zipfile sees it: nothing lies outside, and no list of contents fills the memory."""

    def __init__(self, stream: BinaryIO, size_bytes: int) -> None:
        self._stream, self._size_bytes = stream, size_bytes
        self.tell, self.seekable = stream.tell, stream.seekable

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        if whence == SEEK_SET and not 0 <= offset <= self._size_bytes:
            raise zipfile.BadZipFile
        return self._stream.seek(offset, whence)

    def read(self, size: int = -1, /) -> bytes:
        if size > LARGEST_DIRECTORY_BYTES:
            raise BadInput("The zip's list of contents is larger than 64 MB. Split the archive.")
        piece = self._stream.read(size)
        if piece.startswith(CENTRAL_SIGN) and piece.count(CENTRAL_SIGN) > MOST_MEMBERS:
            raise BadInput(f"The archive holds more than {MOST_MEMBERS:,} members. Split it.")
        return piece


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name: many programs write UTF-8 and forget to say so."""
    if info.flag_bits & IN_UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Content | BadInput:
    if info.flag_bits & LOCKED:
        return BadInput("It is locked with a password. Unpack the archive first.")
    if info.compress_type not in METHODS:
        method = f"a method (number {info.compress_type}) that Midsole does not read"
        return BadInput(f"It is packed by {method}. Unpack it.")
    try:
        return Content(archive.open(info), info.compress_size)
    except DAMAGE:
        return BadInput("It is damaged or cut off.")
