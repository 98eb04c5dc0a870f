"""What is done to the messages of a FIT file: every lie that its definitions, sizes and values can tell."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from fuzz.damage import number
from fuzz.fit_shape import Definition, Piece, defined, whole

type Pieces = list[Piece]
type Trick = Callable[[Random, Pieces], Pieces]

FLOAT64, FLOAT32, STRING, UINT32, INT64 = 0x89, 0x88, 0x07, 0x86, 0x8E
BASE_TYPES = (
    0x00,
    0x01,
    0x02,
    0x83,
    0x84,
    0x85,
    0x86,
    0x07,
    0x88,
    0x89,
    0x0A,
    0x8B,
    0x8C,
    0x0D,
    0x8E,
    0x8F,
    0x90,
)
MESSAGES = (0, 12, 18, 19, 20, 21, 23, 34, 49, 55, 78, 101, 132, 206, 207, 0xFF00, 0xFFFF)
TIMES = (
    0,
    1,
    60,
    0x0FFFFFFF,
    0x10000000,
    631_065_600,
    2_147_483_647,
    2_147_483_648,
    4_294_967_294,
    4_294_967_295,
)
WORDS = (
    b"Run\0",
    b"\0",
    b"\xff\xfe\xfd\0",
    b"\xed\xa0\x80\0",
    b"A\0B\0",
    b"\xc3",
    b"x" * 200,
    "Läufe\0".encode(),
)
SUMMARIES = (18, 19)
USED_FIELDS = (2, 3, 5, 6, 7, 8, 9, 11, 16, 22, 23, 73, 78, 110, 168, 192, 193, 253, 254)


def set_field(chance: Random, pieces: Pieces) -> Pieces:
    """Give one field of a data message a value that is unset, huge, negative or no number."""
    place = _some(chance, pieces, is_data=True)
    piece = pieces[place]
    if not piece.definition.fields:
        return pieces
    begin, size = piece.definition.place(chance.randrange(len(piece.definition.fields)))
    if not size:
        return pieces
    return _with(pieces, place, _overwritten(piece, begin, _value(chance, size)))


def set_field_everywhere(chance: Random, pieces: Pieces) -> Pieces:
    """Give one field the same bad value in every message that follows the definition."""
    definition = pieces[_some(chance, pieces, is_data=True)].definition
    if not definition.fields:
        return pieces
    begin, size = definition.place(chance.randrange(len(definition.fields)))
    value = _value(chance, size)
    return [_overwritten(p, begin, value) if p.is_data and p.definition is definition else p for p in pieces]


def retype(chance: Random, pieces: Pieces) -> Pieces:
    """Turn a field into a float, a string or a wide integer, in its definition and in all its messages."""
    old = pieces[_some(chance, pieces, is_data=True)].definition
    if not old.fields:
        return pieces
    index = chance.randrange(len(old.fields))
    base, size = chance.choice(
        ((FLOAT64, 8), (FLOAT32, 4), (STRING, 9), (INT64, 8), (FLOAT64, 24), (UINT32, 4))
    )
    fields = (*old.fields[:index], (old.fields[index][0], size, base), *old.fields[index + 1 :])
    new = replace(old, fields=fields)
    begin, was = old.place(index)
    value = _value(chance, size)

    def moved(piece: Piece) -> Piece:
        if piece.definition is not old:
            return piece
        if not piece.is_data:
            return defined(new, piece.local)
        return Piece(piece.raw[:begin] + value + piece.raw[begin + was :], new, is_data=True)

    return [moved(piece) for piece in pieces]


def add_field(chance: Random, pieces: Pieces) -> Pieces:
    """Add a field that the device never wrote to a definition and its messages."""
    old = pieces[_some(chance, pieces, is_data=True)].definition
    base, size = chance.choice(((FLOAT64, 8), (FLOAT32, 4), (STRING, 12), (UINT32, 4), (INT64, 8), (0x02, 1)))
    taken = {field[0] for field in old.fields}
    free = [n for n in USED_FIELDS if n not in taken]
    if not free:
        return pieces
    new = replace(old, fields=((chance.choice(free), size, base), *old.fields))
    value = _value(chance, size)

    def grown(piece: Piece) -> Piece:
        if piece.definition is not old:
            return piece
        if not piece.is_data:
            return defined(new, piece.local)
        return Piece(piece.raw[:1] + value + piece.raw[1:], new, is_data=True)

    return [grown(piece) for piece in pieces]


def lie_of_size(chance: Random, pieces: Pieces) -> Pieces:
    return _redefined(
        chance, pieces, lambda field: (field[0], chance.choice((0, 1, 2, 3, 7, 8, 255)), field[2])
    )


def lie_of_type(chance: Random, pieces: Pieces) -> Pieces:
    wrong = chance.choice((*BASE_TYPES, chance.randrange(256)))
    return _redefined(chance, pieces, lambda field: (field[0], field[1], wrong))


def lie_of_number(chance: Random, pieces: Pieces) -> Pieces:
    return _redefined(chance, pieces, lambda field: (chance.choice((0, 2, 5, 9, 253, 254, 255)), *field[1:]))


def lie_of_count(chance: Random, pieces: Pieces) -> Pieces:
    place = _some(chance, pieces, is_data=False)
    raw = bytearray(pieces[place].raw)
    raw[5] = chance.choice((0, 1, raw[5] + 1 & 255, 127, 255))
    return _with(pieces, place, replace(pieces[place], raw=bytes(raw)))


def lie_of_message(chance: Random, pieces: Pieces) -> Pieces:
    place = _some(chance, pieces, is_data=False)
    old = pieces[place]
    return _with(pieces, place, defined(replace(old.definition, message=chance.choice(MESSAGES)), old.local))


def turn_order(chance: Random, pieces: Pieces) -> Pieces:
    place = _some(chance, pieces, is_data=False)
    old = pieces[place]
    return _with(pieces, place, defined(replace(old.definition, big=not old.definition.big), old.local))


def repeat_field(chance: Random, pieces: Pieces) -> Pieces:
    """The same number twice in one definition."""
    place = _some(chance, pieces, is_data=False)
    old = pieces[place]
    fields = (old.definition.fields * chance.choice((2, 3)))[:255]
    return _with(pieces, place, defined(replace(old.definition, fields=fields), old.local))


def change_header(chance: Random, pieces: Pieces) -> Pieces:
    """Another local type, or the compressed timestamp that a header may carry."""
    place = _some(chance, pieces, is_data=chance.random() < 0.7)
    raw = bytearray(pieces[place].raw)
    raw[0] = chance.choice(
        (raw[0] ^ 1, 0x80 | (raw[0] & 3) << 5 | chance.randrange(32), chance.randrange(256))
    )
    return _with(pieces, place, replace(pieces[place], raw=bytes(raw)))


def compress_times(chance: Random, pieces: Pieces) -> Pieces:
    """Turn all headers of one local type into compressed ones; times roll over, stand still or jump."""
    local, step = chance.randrange(4), chance.choice((0, 1, 7, 31))
    told, changed = 0, []
    for piece in pieces:
        if piece.is_data and piece.raw[0] == local:
            told = (told + step) % 32
            piece = replace(piece, raw=bytes([0x80 | local << 5 | told]) + piece.raw[1:])
        changed.append(piece)
    return changed


def move_times(chance: Random, pieces: Pieces) -> Pieces:
    """Set the timestamps (field 253) of a stretch of messages; the clock of a watch may be anything."""
    begin = chance.randrange(len(pieces))
    end = begin + chance.choice((1, 5, len(pieces)))
    told, step = chance.choice(TIMES), chance.choice((0, 1, -1, 30, 86_400, 1_000_000))
    changed = pieces[:begin]
    for count, piece in enumerate(pieces[begin:end]):
        changed.append(_overwritten_field(piece, 253, told + count * step) if piece.is_data else piece)
    return changed + pieces[end:]


def set_total(chance: Random, pieces: Pieces) -> Pieces:
    """Lie in a lap's or session's start, elapsed, timer or distance."""
    told = [place for place, p in enumerate(pieces) if p.is_data and p.definition.message in SUMMARIES]
    if not told:
        return pieces
    place = chance.choice(told)
    field, value = chance.choice((2, 7, 8, 9, 5, 11)), chance.choice((*TIMES, chance.randrange(2**32)))
    return _with(pieces, place, _overwritten_field(pieces[place], field, value))


def drop(chance: Random, pieces: Pieces) -> Pieces:
    begin = chance.randrange(len(pieces))
    return pieces[:begin] + pieces[begin + chance.choice((1, 1, 3, 20)) :] or pieces


def double(chance: Random, pieces: Pieces) -> Pieces:
    place = chance.randrange(len(pieces))
    times = chance.choice((2, 2, 10, 300))
    return pieces[:place] + [pieces[place]] * times + pieces[place + 1 :]


def move(chance: Random, pieces: Pieces) -> Pieces:
    moved = pieces.copy()
    piece = moved.pop(chance.randrange(len(moved)))
    moved.insert(chance.randrange(len(moved) + 1), piece)
    return moved


def reverse(_chance: Random, pieces: Pieces) -> Pieces:
    """Summary first, records last to first; definitions stay before what follows them."""
    return [p for p in pieces if not p.is_data] + [p for p in reversed(pieces) if p.is_data]


def tiny_messages(chance: Random, pieces: Pieces) -> Pieces:
    """A definition without a byte, and thousands of messages that follow it."""
    empty = Definition(chance.choice(MESSAGES), big=False, fields=chance.choice(((), ((253, 0, 0x86),))))
    local = chance.randrange(16)
    many = [Piece(bytes([local]), empty, is_data=True)] * chance.choice((1, 50, 5_000))
    place = chance.randrange(len(pieces) + 1)
    return [*pieces[:place], defined(empty, local), *many, *pieces[place:]]


def huge_arrays(chance: Random, pieces: Pieces) -> Pieces:
    base = chance.choice(BASE_TYPES)
    numbers = range(chance.choice((1, 3, 255)))
    wide = Definition(chance.choice(MESSAGES), big=False, fields=tuple((n, 255, base) for n in numbers))
    fill = chance.choice((b"\0", b"\xff", b"\x7f", b"A"))
    data = Piece(b"\x0f" + fill * wide.size, wide, is_data=True)
    place = chance.randrange(len(pieces) + 1)
    return [*pieces[:place], defined(wide, 15), data, data, *pieces[place:]]


def developer_fields(chance: Random, pieces: Pieces) -> Pieces:
    """Add developer fields to a definition and its messages, described before, after, wrongly or never."""
    old = pieces[_some(chance, pieces, is_data=True)].definition
    size, base = chance.choice(((4, FLOAT32), (8, FLOAT64), (1, 0x02), (16, STRING), (0, 0x02)))
    index = chance.choice((0, 0, 1, 255))
    new = replace(old, developer=(*old.developer, (0, size, index))[:255])
    value = _value(chance, size)

    def grown(piece: Piece) -> Piece:
        if piece.definition is not old:
            return piece
        return (
            replace(piece, raw=piece.raw + value, definition=new)
            if piece.is_data
            else defined(new, piece.local)
        )

    changed = [grown(piece) for piece in pieces]
    place = chance.choice((0, 2, chance.randrange(len(changed) + 1), len(changed)))
    described = _description(chance, index, base) if chance.random() < 0.7 else []
    return changed[:place] + described + changed[place:]


def _description(chance: Random, index: int, base: int) -> Pieces:
    """developer_data_id (207) and field_description (206), the latter perhaps in place of a native field."""
    native = chance.choice((255, 0, 3, 4, 5, 6, 7, 9, 253))
    about = chance.choice((18, 19, 20, 0xFFFF))
    maker = Definition(207, big=False, fields=((1, 16, 0x0D), (3, 1, 0x02)))
    said = Definition(
        206,
        big=False,
        fields=(
            (0, 1, 2),
            (1, 1, 2),
            (2, 1, chance.choice((2, STRING))),
            (3, 8, 7),
            (14, 2, 0x84),
            (15, 1, 2),
        ),
    )
    word = (chance.choice(WORDS) + b"\0" * 8)[:8]
    told = bytes([14, index, 0, base]) + word + struct.pack("<HB", about, native)
    return [
        defined(maker, 13),
        Piece(b"\x0d" + chance.randbytes(16) + bytes([index]), maker, is_data=True),
        defined(said, 14),
        Piece(told, said, is_data=True),
    ]


def add_name(chance: Random, pieces: Pieces) -> Pieces:
    """A sport message (12) whose name is no text."""
    word = chance.choice(WORDS)
    named = Definition(12, big=False, fields=((0, 1, 0), (1, 1, 0), (3, len(word), STRING)))
    data = Piece(b"\x0c" + bytes([chance.randrange(4), 0]) + word, named, is_data=True)
    place = chance.randrange(len(pieces) + 1)
    return [*pieces[:place], defined(named, 12), data, *pieces[place:]]


LIES: tuple[Trick, ...] = (lie_of_size, lie_of_type, lie_of_number, lie_of_count, lie_of_message, turn_order)
VALUES: tuple[Trick, ...] = (set_field, set_field_everywhere, retype, move_times, set_total, developer_fields)
ORDERS: tuple[Trick, ...] = (drop, double, move, reverse, change_header, compress_times)
ALL = (*VALUES, *VALUES, *LIES, *ORDERS, add_field, repeat_field, add_name)
DEAR: tuple[Trick, ...] = (tiny_messages, huge_arrays)
"""Each costs a thousandth of a second or more, so they are rare."""
MOST_BYTES = 150_000


def tricked(chance: Random, pieces: Sequence[Piece]) -> bytes:
    changed = list(pieces)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        trick = chance.choice(DEAR) if chance.random() < 0.01 else chance.choice(ALL)
        if any(p.is_data for p in changed) and not all(p.is_data for p in changed):
            changed = trick(chance, changed)
    return whole(changed, crc=chance.random() < 0.8)[:MOST_BYTES]


def lie_in_header(chance: Random, raw: bytes) -> bytes:
    """Another size of the header or of the data, another mark, a CRC of nought."""
    changed = bytearray(raw)
    place, value = chance.choice(
        (
            (0, bytes([chance.choice((0, 1, 11, 12, 13, 15, 40, 255))])),
            (4, struct.pack("<I", chance.choice((0, 1, len(raw), len(raw) * 2, 2**31, 2**32 - 1)))),
            (4, struct.pack("<I", chance.randrange(len(raw)))),
            (8, b".FIX"),
            (12, b"\0\0"),
            (12, b"\xde\xad"),
        )
    )
    changed[place : place + len(value)] = value
    return bytes(changed)


def _value(chance: Random, size: int) -> bytes:
    if size in (1, 2, 4, 8):
        return number(chance, size)
    return (chance.choice((*WORDS, chance.randbytes(size), b"\xff" * size)) + b"\0" * size)[:size]


def _some(chance: Random, pieces: Pieces, *, is_data: bool) -> int:
    """Return the place of a random message, half of the time one that is not a record: there are few."""
    telling = chance.random() < 0.5
    places = [
        place
        for place, p in enumerate(pieces)
        if p.is_data is is_data and not (telling and p.definition.message == 20)
    ]
    return chance.choice(places or [place for place, p in enumerate(pieces) if p.is_data is is_data])


def _with(pieces: Pieces, place: int, piece: Piece) -> Pieces:
    return [*pieces[:place], piece, *pieces[place + 1 :]]


def _overwritten(piece: Piece, begin: int, value: bytes) -> Piece:
    return replace(piece, raw=piece.raw[:begin] + value + piece.raw[begin + len(value) :])


def _overwritten_field(piece: Piece, field: int, value: int) -> Piece:
    """Only a field of four bytes is written, in the order of the definition."""
    for index, (told, size, _) in enumerate(piece.definition.fields):
        if told == field and size == 4:
            packed = struct.pack(f"{piece.definition.order}I", value % 2**32)
            return _overwritten(piece, piece.definition.place(index)[0], packed)
    return piece


def _redefined(
    chance: Random, pieces: Pieces, lie: Callable[[tuple[int, int, int]], tuple[int, int, int]]
) -> Pieces:
    place = _some(chance, pieces, is_data=False)
    old = pieces[place]
    if not old.definition.fields:
        return pieces
    index = chance.randrange(len(old.definition.fields))
    fields = list(old.definition.fields)
    fields[index] = lie(fields[index])
    return _with(pieces, place, defined(replace(old.definition, fields=tuple(fields)), old.local))
