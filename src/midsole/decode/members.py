"""One file in an archive, whichever library reads it."""

import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass

from midsole.decode.inflate import Reader, refuse_bomb
from midsole.domain.errors import BadInput

DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    RuntimeError,  # a version, method or flag that zipfile does not know (NotImplementedError)
    ValueError,  # a name that is not in the UTF-8 it claims, a number that is none
    OverflowError,  # a place or size beyond 63 bits
    IndexError,  # a map of holes that is cut off
    EOFError,
    struct.error,
    zlib.error,
)
"""What zipfile and tarfile raise on bytes that are no sound archive. OSError is the disk's, and goes on."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file's name as written in the archive, and its content or why it can't be read."""

    name: str
    content: Reader | BadInput


class Content:
    """What a member holds, read forward; the library checks the checksum at its end."""

    def __init__(self, member: Reader, packed_bytes: int) -> None:
        self._member, self._packed_bytes, self._unpacked_bytes = member, packed_bytes, 0

    def read(self, size: int, /) -> bytes:
        try:
            piece = self._member.read(size)
        except DAMAGE as error:
            raise BadInput("It is damaged or cut off.") from error
        self._unpacked_bytes += len(piece)
        refuse_bomb(self._packed_bytes, self._unpacked_bytes)
        return piece
