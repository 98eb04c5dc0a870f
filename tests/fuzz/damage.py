"""Damage that knows nothing of the format: flipped bits, cuts, splices, repeated blocks, lengths that lie."""

import struct
from collections.abc import Callable, Sequence
from random import Random

LARGEST_BYTES = 200_000
"""No input grows beyond it by chance: what is slow because it is large tells nothing."""
BYTES = (0, 1, 2, 0x0A, 0x20, 0x2D, 0x30, 0x3C, 0x3E, 0x40, 0x60, 0x7F, 0x80, 0x81, 0xC0, 0xFE, 0xFF)
NUMBERS = {
    1: [bytes([n]) for n in BYTES],
    2: [struct.pack("<H", n) for n in (0, 1, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)],
    4: [
        struct.pack("<I", n)
        for n in (
            0,
            1,
            0xFFFF,
            0xFFFFFFF,
            0x10000000,
            0x3B9ACA00,
            0x7FFFFFFF,
            0x80000000,
            0xFFFFFFFE,
            0xFFFFFFFF,
        )
    ]
    + [struct.pack("<f", x) for x in (float("nan"), float("inf"), float("-inf"), -1.0, 3e38, 1e-45)],
    8: [struct.pack("<Q", n) for n in (0, 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1)]
    + [struct.pack("<d", x) for x in (float("nan"), float("inf"), float("-inf"), -1.0, 1e18, 1e308, 5e-324)],
}
"""By size in bytes: what overflows, means "unset" or is no number."""

type Damage = Callable[[Random, bytes, Sequence[bytes]], bytes]


def flip_bits(chance: Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        changed[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def set_bytes(chance: Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.choice((1, 2, 3))):
        value = number(chance, chance.choice((1, 1, 2, 4, 4, 8)))
        place = chance.randrange(len(raw))
        changed[place : place + len(value)] = value
    return bytes(changed)


def number(chance: Random, size: int) -> bytes:
    """Return one of the values of that size, in either order of bytes."""
    value = chance.choice(NUMBERS[size]) if size in NUMBERS else chance.randbytes(size)
    return value[::-1] if chance.random() < 0.3 else value


def cut_tail(chance: Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    return raw[: chance.randrange(1, len(raw) + 1)]


def cut_out(chance: Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    begin, end = block(chance, raw)
    return raw[:begin] + raw[end:]


def repeat(chance: Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    begin, end = block(chance, raw)
    times = chance.choice((1, 2, 8, 64))
    return (raw[:end] + raw[begin:end] * times + raw[end:])[:LARGEST_BYTES]


def insert(chance: Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    place = chance.randrange(len(raw) + 1)
    size = chance.choice((1, 2, 3, 7, 64, 500))
    added = bytes([chance.choice(BYTES)]) * size if chance.random() < 0.5 else chance.randbytes(size)
    return raw[:place] + added + raw[place:]


def swap(chance: Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    begin, end = block(chance, raw)
    middle = (begin + end) // 2
    return raw[:begin] + raw[middle:end] + raw[begin:middle] + raw[end:]


def splice(chance: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others)
    return raw[: chance.randrange(len(raw) + 1)] + other[chance.randrange(len(other)) :]


def chain(chance: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    between = chance.choice((b"", b"", b"\0", b"\r\n", chance.randbytes(3)))
    return raw + between + chance.choice((raw, chance.choice(others)))


def block(chance: Random, raw: bytes) -> tuple[int, int]:
    begin = chance.randrange(len(raw))
    return begin, min(len(raw), begin + chance.choice((1, 4, 16, 100, 1000)))


ALL: tuple[Damage, ...] = (
    flip_bits,
    flip_bits,
    set_bytes,
    set_bytes,
    cut_tail,
    cut_out,
    repeat,
    insert,
    swap,
    splice,
    chain,
)


def damaged(chance: Random, raw: bytes, others: Sequence[bytes], times: int) -> bytes:
    for _ in range(times):
        if raw:
            raw = chance.choice(ALL)(chance, raw, others)
    return raw
