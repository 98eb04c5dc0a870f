"""What is fit to be kept of what people say: lines of letters, distances, prices and days in reach."""

import math
from datetime import date

from midsole.domain.errors import UsageError

LONGEST_NAME, LONGEST_TEXT, LONGEST_ADDRESS = 100, 200, 320
FARTHEST_M, DEAREST = 1e8, 1e9
FIRST_YEAR, LAST_YEAR = 1900, 2199
JOINERS = str.maketrans("", "", "\u200c\u200d")
"""They show nothing themselves, and some scripts and emoji are not written without them."""


def is_line(text: str) -> bool:
    return text.translate(JOINERS).isprintable()


def name_of(what: str, said: str) -> str:
    """Its name with single spaces; a UsageError where it is empty, too long or can't be shown."""
    clean = " ".join(said.split())
    if not clean.translate(JOINERS):
        raise UsageError(f"{what} needs a name.")
    return _line(f"The name of {what[0].lower()}{what[1:]}", clean, LONGEST_NAME)


def text_of(what: str, said: str | None, longest: int = LONGEST_TEXT) -> str | None:
    """A text with single spaces; None where nothing is said."""
    clean = " ".join((said or "").split())
    return _line(what, clean, longest) or None


def _line(what: str, clean: str, longest: int) -> str:
    if len(clean) > longest:
        raise UsageError(f"{what} has at most {longest} characters.")
    if not is_line(clean):
        raise UsageError(f"{what} has a character that can't be shown.")
    return clean


def check_distance(metres: float | None) -> None:
    """Of a pair or an insert: what is worn, or may be."""
    if metres is not None and not 0 <= metres <= FARTHEST_M:
        raise UsageError("A distance lies between 0 and 100,000 km.")


def check_limit(metres: float | None) -> None:
    if metres is not None and not (metres > 0 or math.isnan(metres)):
        raise UsageError("A limit must be above 0.")
    check_distance(metres)


def check_price(price: float | None) -> None:
    if price is not None and price < 0:
        raise UsageError("A price can't be below 0.")
    if price is not None and not price <= DEAREST:
        raise UsageError("A price is at most a thousand million.")


def check_days(*days: date | None) -> None:
    for day in days:
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise UsageError(f"{day} is out of reach: a year lies between {FIRST_YEAR} and {LAST_YEAR}.")
