"""Tar archives by the standard library, read forward and one member at a time."""

import tarfile
from collections.abc import Iterator
from io import SEEK_SET, RawIOBase
from typing import Self

from midsole.decode.inflate import PIECE_BYTES, Reader
from midsole.decode.members import DAMAGE, Content, Member
from midsole.domain.errors import BadInput

MOST_AT_ONCE_BYTES = 64 * 2**10
"""So much is read of a member at once, and of all that stands before it: names, attributes, maps of holes."""
BROKEN = "The tar is cut off or damaged: what came before was read. Download or copy it again."


def is_tar(head: bytes) -> bool:
    try:
        return bool(tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "replace"))
    except tarfile.TarError:
        return False


def tar_members(stream: Reader) -> Iterator[Member]:
    """Yield the regular files; raises BadInput where the archive is damaged, after what came before."""
    forward = _Forward(stream)
    try:
        archive = tarfile.TarFile(fileobj=forward, tarinfo=_Header, encoding="utf-8", errors="replace")
        while (info := archive.next()) is not None:
            if info.isreg():
                yield Member(info.name, _content(archive, info))
            archive.members, archive.pax_headers = [], {}  # type: ignore[attr-defined]  # or they would grow
            forward.seek(forward.tell())
    except DAMAGE as error:
        raise BadInput(BROKEN) from error


def _content(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Content | BadInput:
    """Return what it holds; in a false map of holes tarfile would search for ever."""
    file = None if info.issparse() else archive.extractfile(info)
    if file is None:
        return BadInput("It is stored with holes. Unpack the archive first.")
    return Content(file, info.size)


class _Header(tarfile.TarInfo):
    """A header whose damage is said: tarfile takes it for the archive's end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.TarError as error:
            if buf.strip(b"\0"):
                raise BadInput(BROKEN) from error
            raise


class _Forward(RawIOBase):
    """The stream as tarfile sees it: it never turns back, and no header fills the memory."""

    def __init__(self, stream: Reader) -> None:
        self._stream, self._at = stream, 0
        self._bytes_left = MOST_AT_ONCE_BYTES

    def tell(self) -> int:
        return self._at

    def seek(self, place: int, _: int = SEEK_SET, /) -> int:
        while self._at < place and self._next(min(PIECE_BYTES, place - self._at)):
            pass
        if self._at != place:
            raise BadInput(BROKEN)
        self._bytes_left = MOST_AT_ONCE_BYTES
        return place

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= self._bytes_left:
            raise BadInput("The tar holds a header longer than 64 kB: refused as a trap.")
        self._bytes_left -= size
        read = bytearray()
        while len(read) < size and (piece := self._next(size - len(read))):
            read += piece
        return bytes(read)

    def _next(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self._at += len(piece)
        return piece
