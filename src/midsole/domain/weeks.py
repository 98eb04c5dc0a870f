"""The runner's weeks: where one begins, what it is called, which one was meant."""

import re
from datetime import date, timedelta

from midsole.domain.errors import UsageError

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ISO_WEEK = re.compile(r"(\d{4})-?[Ww](\d{1,2})")


def week_start(day: date, first_weekday: int) -> date:
    """The first day of the runner's week that holds `day`; 0 is Monday."""
    return day - timedelta(days=(day.weekday() - first_weekday) % 7)


def iso_week(week_start: date, first_weekday: int) -> str | None:
    """ "2026-W47"; None unless weeks begin on Monday, for ISO numbers no other week."""
    if first_weekday != 0:
        return None
    year, week, _ = week_start.isocalendar()
    return f"{year}-W{week:02d}"


def parse_week(text: str, first_weekday: int) -> date:
    """First day of the week named as "2026-W47" or by any date in it."""
    match = _ISO_WEEK.fullmatch(text.strip())
    if match and first_weekday != 0:
        raise UsageError(f"Your weeks do not begin on Monday: name a date of the week instead of {text}.")
    try:
        if match:
            said = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        else:
            said = week_start(date.fromisoformat(text.strip()), first_weekday)
    except ValueError:
        raise UsageError(f"{text!r} is no week: write 2026-W47 or a date such as 2026-11-16.") from None
    except OverflowError:
        raise UsageError(f"{text!r} is out of reach: name a week from 1900 on.") from None
    if said.year < 1900:
        raise UsageError(f"{text!r} is out of reach: name a week from 1900 on.")
    return said
