"""Tar archives read forward, one member at a time; POSIX ustar and pax, and GNU's long names."""

import re
from collections.abc import Iterator

from midsole.decode.inflate import PIECE_BYTES, Bytes, Reader
from midsole.decode.zips import Member
from midsole.domain.errors import BadInput

BLOCK_BYTES = 512
LARGEST_EXTENSION_BYTES = 2**20
FILE_KINDS = (b"0", b"\0", b"7")
LONG_NAME, PAX = b"L", b"x"


def is_tar(head: bytes) -> bool:
    return len(head) >= BLOCK_BYTES and _checksum_holds(head[:BLOCK_BYTES])


def tar_members(stream: Reader) -> Iterator[Member]:
    """Yield the regular files; raises BadInput where the archive is damaged, after what came before."""
    said: dict[str, str] = {}
    while block := _block(stream):
        if not _checksum_holds(block):
            raise BadInput("The tar is damaged: what came before was read.")
        kind, size_bytes = block[156:157], _number(block[124:136])
        if kind in (LONG_NAME, PAX):
            said |= _extension(kind, _extension_content(stream, size_bytes))
            continue
        if re.fullmatch(r"[0-9]{1,18}", said.get("size", "")):
            size_bytes = int(said["size"])
        content = Bytes(stream, size_bytes)
        if kind in FILE_KINDS:
            yield Member(said.get("path") or _name(block), content)
        _skip(stream, content.bytes_left + -size_bytes % BLOCK_BYTES)
        said = {}


def _block(stream: Reader) -> bytes:
    """Return the next header; nothing at the end, which is a block of zeros or that of the file."""
    block = _exactly(stream, BLOCK_BYTES)
    if block and len(block) < BLOCK_BYTES:
        raise BadInput("The tar is cut off: what came before was read. Download or copy it again.")
    return block if block.strip(b"\0") else b""


def _exactly(stream: Reader, size_bytes: int) -> bytes:
    read = bytearray()
    while len(read) < size_bytes and (piece := stream.read(size_bytes - len(read))):
        read += piece
    return bytes(read)


def _skip(stream: Reader, size_bytes: int) -> None:
    while size_bytes:
        piece = stream.read(min(PIECE_BYTES, size_bytes))
        size_bytes -= len(piece)
        if not piece:
            raise BadInput("The tar is cut off: what came before was read. Download or copy it again.")


def _checksum_holds(block: bytes) -> bool:
    """Tell whether the header's checksum, its own eight bytes taken as blanks, is the one it names."""
    named = block[148:156].strip(b" \0")
    if not named.isdigit() or set(named) & set(b"89"):
        return False
    return int(named, 8) == sum(block[:148]) + 8 * 32 + sum(block[156:])


def _number(field: bytes) -> int:
    """Return an octal number, or GNU's large one, which begins with 0x80."""
    if field[0] & 0x80:
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    if digits and (not digits.isdigit() or set(digits) & set(b"89")):
        raise BadInput("The tar is damaged: what came before was read.")
    return int(digits or b"0", 8)


def _name(block: bytes) -> str:
    name = block[:100].split(b"\0")[0]
    prefix = block[345:500].split(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return (prefix + b"/" + name if prefix else name).decode(errors="replace")


def _extension_content(stream: Reader, size_bytes: int) -> bytes:
    if size_bytes > LARGEST_EXTENSION_BYTES:
        raise BadInput("The tar holds a name longer than 1 MB: refused as a trap.")
    content = _exactly(stream, size_bytes)
    _exactly(stream, -size_bytes % BLOCK_BYTES)
    return content


def _extension(kind: bytes, content: bytes) -> dict[str, str]:
    """Return what a header says of the next one; pax writes lines of "length key=value"."""
    if kind == LONG_NAME:
        return {"path": content.rstrip(b"\0").decode(errors="replace")}
    said: dict[str, str] = {}
    while content:
        length, _, _ = content.partition(b" ")
        if not re.fullmatch(rb"[0-9]{1,9}", length) or not 0 < int(length) <= len(content):
            break
        line = content[len(length) + 1 : int(length)].rstrip(b"\n")
        key, _, value = line.decode(errors="replace").partition("=")
        said[key] = value
        content = content[int(length) :]
    return said
