"""What is done to a run entered by hand: JSON allows more than a program expects."""

from random import Random

from fuzz.seeds import manual
from fuzz.xml_values import NUMBERS, TIMES

KEYS = ("midsole", "sport", "surface", "started_at", "distance_m", "timer_s", "title", "is_race")
VALUES = (
    "null",
    "true",
    "[]",
    "{}",
    '""',
    "-1",
    "0",
    "1e400",
    "NaN",
    "-Infinity",
    "1" * 400,
    "1" * 5_000,
    "1e308",
)
WORDS = (
    "a\\u0000b",
    "\\ud800",
    "\\udc00\\ud800",
    "x" * 3_000,
    "y" * 150_000,
    "\\u202e",
    "running",
    "manual",
    "\\n",
)


def tricked(chance: Random) -> bytes:
    raw = manual().decode()
    for _ in range(chance.choice((1, 1, 2, 3))):
        raw = _with(chance, raw)
    if chance.random() < 0.02:
        depth = chance.choice((100, 100_000))
        raw = '{"midsole": ' + "[" * depth + "]" * depth + "}"
    return raw.encode("utf-8", "surrogatepass")


def _with(chance: Random, raw: str) -> str:
    """Say one of the keys a second time: the last one holds."""
    key = chance.choice(KEYS)
    if key == "started_at":
        value = f'"{chance.choice(TIMES)}"'
    elif key in ("distance_m", "timer_s"):
        value = chance.choice((*VALUES, *(n for n in NUMBERS if n.strip())))
    else:
        value = chance.choice((*VALUES, *(f'"{word}"' for word in WORDS)))
    return f'{raw[:-1]}, "{key}": {value}}}'
