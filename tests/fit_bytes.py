"""FIT files message by message, for tests of what the encoder in scripts/fit_writer.py does not write."""

import struct
from collections.abc import Sequence

from fit_writer import crc16

ENUM, SINT8, UINT8, SINT16, UINT16, SINT32, UINT32 = 0x00, 0x01, 0x02, 0x83, 0x84, 0x85, 0x86
STRING, FLOAT32, FLOAT64, BYTE = 0x07, 0x88, 0x89, 0x0D

type FieldDefinition = tuple[int, int, int]
"""Number, size in bytes, base type."""


def definition(
    message: int,
    fields: Sequence[FieldDefinition],
    *,
    local: int = 0,
    big_endian: bool = False,
    developer: Sequence[tuple[int, int, int]] = (),
) -> bytes:
    """`developer` holds (field number, size, developer data index)."""
    order = ">" if big_endian else "<"
    head = struct.pack(
        f"{order}BBBHB", 0x40 | local | (0x20 if developer else 0), 0, big_endian, message, len(fields)
    )
    own = b"".join(bytes(field) for field in fields)
    theirs = bytes((len(developer),)) + b"".join(bytes(field) for field in developer)
    return head + own + (theirs if developer else b"")


def data(form: str, *values: object, local: int = 0) -> bytes:
    """A data message: `form` is that of struct, with its byte order."""
    return bytes((local,)) + struct.pack(form, *values)


def compressed(offset_s: int, form: str, *values: object, local: int = 0) -> bytes:
    """A data message whose time is five bits of its header."""
    return bytes((0x80 | local << 5 | offset_s & 0x1F,)) + struct.pack(form, *values)


def header(size: int, *, crc: bool = True) -> bytes:
    head = struct.pack("<BBHI4s", 14, 0x20, 2132, size, b".FIT")
    return head + struct.pack("<H", crc16(head) if crc else 0)


def file(*messages: bytes, crc: bool = True) -> bytes:
    """A whole file; crc False: as devices write that leave the header's CRC at 0."""
    body = b"".join(messages)
    whole = header(len(body), crc=crc) + body
    return whole + struct.pack("<H", crc16(whole))
