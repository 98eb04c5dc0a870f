"""Gzip read forward in small pieces and up to its damage; a trap or a long file does not fill the memory."""

import zlib
from typing import BinaryIO, Protocol

from midsole.domain.errors import BadInput

PIECE_BYTES = 64 * 2**10
SMALL_PIECE_BYTES = 256
HIGHEST_RATIO = 200
"""Track XML shrinks to a thirtieth at best; what shrinks to a two-hundredth was made to hurt."""
RATIO_MATTERS_BYTES = 2**20
GZIP = 31
"""zlib's name (wbits) for deflated data with a gzip header."""


class Reader(Protocol):
    """Reads forward: at most `size` bytes at a time, none at the end. Raises BadInput at damage."""

    def read(self, size: int, /) -> bytes: ...


def is_gzip(head: bytes) -> bool:
    return head.startswith(b"\x1f\x8b\x08")


def refuse_bomb(packed_bytes: int, unpacked_bytes: int) -> None:
    if unpacked_bytes > RATIO_MATTERS_BYTES and unpacked_bytes > HIGHEST_RATIO * max(packed_bytes, 1):
        raise BadInput("The archive unpacks to more than 200 times its size: refused as a trap.")


class Gunzipped:
    """A reader of what is in a gzip; at damage it ends, and says so."""

    def __init__(self, packed: Reader) -> None:
        self._packed, self._inflate = packed, zlib.decompressobj(wbits=GZIP)
        self._rest = b""
        self._packed_bytes = self._unpacked_bytes = 0
        self._at_end = False
        self.damage: str | None = None

    def read(self, size: int, /) -> bytes:
        unpacked = b""
        while size > 0 and not (unpacked or self._at_end or self.damage):
            unpacked = self._next(size)
        self._unpacked_bytes += len(unpacked)
        refuse_bomb(self._packed_bytes, self._unpacked_bytes)
        return unpacked

    def _next(self, size: int) -> bytes:
        if not self._rest:
            self._rest = self._packed.read(PIECE_BYTES)
            self._packed_bytes += len(self._rest)
            if not self._rest:
                self.damage = "is cut off"
                return b""
        before = self._inflate.copy()
        try:
            unpacked = self._inflate.decompress(self._rest, size)
        except zlib.error as error:
            self.damage = f"is damaged ({error})"
            return _before_damage(before, self._rest, size)
        self._rest = self._inflate.unconsumed_tail
        if self._inflate.eof:
            self._ended()
        return unpacked

    def _ended(self) -> None:
        """Go on where another gzip is joined to this one; zeros and rubbish after it are left alone."""
        self._rest = self._inflate.unused_data
        if len(self._rest) < 3:
            more = self._packed.read(PIECE_BYTES)
            self._packed_bytes += len(more)
            self._rest += more
        if is_gzip(self._rest):
            self._inflate = zlib.decompressobj(wbits=GZIP)
        else:
            self._at_end = True


def _before_damage(inflate: "zlib._Decompress", packed: bytes, most_bytes: int) -> bytes:
    """Inflate in small pieces up to the damage; a whole call throws away what came before it."""
    unpacked = bytearray()
    try:
        for place in range(0, len(packed), SMALL_PIECE_BYTES):
            room = most_bytes - len(unpacked)
            if room <= 0:
                break
            unpacked += inflate.decompress(packed[place : place + SMALL_PIECE_BYTES], room)
    except zlib.error:
        pass
    return bytes(unpacked)


def gunzip_head(head: bytes, size: int) -> bytes:
    """Return the first bytes inside a gzip whose first bytes these are; nothing where it is damaged."""
    try:
        return zlib.decompressobj(wbits=GZIP).decompress(head, size)
    except zlib.error:
        return b""


def whole(stream: BinaryIO) -> int:
    """Return how many bytes the stream holds, and rewind it."""
    size_bytes = stream.seek(0, 2)
    stream.seek(0)
    return size_bytes
