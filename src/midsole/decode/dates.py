"""Dates as exports write them: in many languages, always in UTC."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

MONTHS_BY_LETTERS = (
    "jan ene gen янв oca sty",
    "feb fev фев sub lut",
    "mar mrt maa мар",
    "apr avr abr апр nis kwi",
    "may mai mag mei maj мая май",
    "jun giu июн haz cze",
    "jul lug июл tem lip",
    "aug aou ago авг agu sie",
    "sep set сен eyl wrz",
    "oct okt out ott окт eki paz",
    "nov ноя kas lis",
    "dec dez dic des дек ara gru",
)
"""How the months begin, without accents, in the languages of Strava: English, Danish, Dutch, French, German,
Indonesian, Italian, Norwegian, Polish, Portuguese, Russian, Spanish, Swedish and Turkish. In Chinese,
Japanese and Korean they are numbers."""
MONTHS = {start: n for n, starts in enumerate(MONTHS_BY_LETTERS, 1) for start in starts.split()}
LONGER = {"juin": 6, "juil": 7}
"""French: three letters do not tell these two apart."""
AFTERNOON = re.compile(r"\bp\.?\s?m\b|午後|下午|晚上|오후")
MORNING = re.compile(r"\ba\.?\s?m\b|午前|上午|凌晨|오전")
WORD = re.compile(r"[^\W\d_]+")
LONGEST = 60


def moment_of(text: str, *, month_first: bool = False) -> datetime | None:
    """The instant, or None where the text is none.

    5/29/2022 and 29/5/2022 look alike until a day is above 12: `month_first` says which it is."""
    plain = _plain(text)
    numbers = [int(n) for n in re.findall(r"\d{1,9}", plain)]
    day = _day(plain, numbers, month_first)
    if day is None:
        return None
    used, year, month, day_of_month = day
    hour, minute, second = (*numbers[used : used + 3], 0, 0, 0)[:3]
    if AFTERNOON.search(plain) and hour < 12:
        hour += 12
    elif MORNING.search(plain) and hour == 12:
        hour = 0
    try:
        return datetime(year, month, day_of_month, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def begins_with_month(texts: Iterable[str]) -> bool:
    """Whether of dates such as 5/29/2022 the month comes first; where none is clear, those with am and pm."""
    twelve_hours = False
    for text in texts:
        plain = _plain(text)
        found = re.match(r"(\d{1,2})/(\d{1,2})/\d{4}", plain)
        if found and int(found[1]) > 12:
            return False
        if found and int(found[2]) > 12:
            return True
        twelve_hours |= bool(found and (AFTERNOON.search(plain) or MORNING.search(plain)))
    return twelve_hours


def _plain(text: str) -> str:
    """Small letters without accents; every kind of blank is one blank."""
    letters = unicodedata.normalize("NFKD", text[:LONGEST].casefold().replace("ı", "i"))
    bare = "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", bare).split())


def _day(plain: str, numbers: list[int], month_first: bool) -> tuple[int, int, int, int] | None:
    """How many of the numbers are the day, then year, month and day."""
    months = {LONGER.get(word[:4]) or MONTHS.get(word[:3]) for word in WORD.findall(plain)} - {None}
    if len(months) > 1 or len(numbers) < 2 + (not months):
        return None
    if months:
        (month,) = months
        day, year = sorted(numbers[:2])
        return 2, year, month or 0, day
    first, second, year = numbers[:3]
    if first > 31:
        return 3, first, second, year
    month, day = (first, second) if month_first and "/" in plain else (second, first)
    return 3, year, month, day
