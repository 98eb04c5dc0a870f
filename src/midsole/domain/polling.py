"""How often an account is looked at: soon after the runner's usual hours, seldom at night."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from midsole.domain.when import JITTER_SHARE

USUAL_DAYS = 60
USUAL_SHARE, USUAL_RUNS = 0.10, 2
IN_USUAL_HOURS, BY_DAY, AT_NIGHT = timedelta(minutes=10), timedelta(minutes=30), timedelta(minutes=60)
NIGHT_FROM, NIGHT_TO = 23, 5
RECONCILE_FROM = 3
GEAR_EVERY = timedelta(hours=3)


def usual_hours(finishes: Iterable[datetime]) -> frozenset[int]:
    """The local hours in which runs usually end, and the hours after them, for the watch syncs later.

    `finishes` are local times; those of the 60 days up to the newest count."""
    ends = list(finishes)
    newest = max((end.date() for end in ends), default=None)
    if newest is None:
        return frozenset()
    lately = [end.hour for end in ends if (newest - end.date()).days < USUAL_DAYS]
    least = max(USUAL_RUNS, USUAL_SHARE * len(lately))
    often = {hour for hour, runs in Counter(lately).items() if runs >= least}
    return frozenset(often | {(hour + 1) % 24 for hour in often})


def pause(now_local: datetime, usual: frozenset[int], jitter: float) -> timedelta:
    """Until the next look; `jitter` is 0 to 1 and adds up to a quarter."""
    return _wait(now_local.hour, usual) * (1 + JITTER_SHARE * min(max(jitter, 0.0), 1.0))


def _wait(hour: int, usual: frozenset[int]) -> timedelta:
    if hour in usual:
        return IN_USUAL_HOURS
    return AT_NIGHT if hour >= NIGHT_FROM or hour < NIGHT_TO else BY_DAY


def reconcile_due(last: date | None, now_local: datetime) -> bool:
    """Once a local day from three o'clock on; a box that was off at night does it later.

    A day that lies ahead (a clock that was wrong, a flight to the west) does not put it off."""
    return now_local.hour >= RECONCILE_FROM and last != now_local.date()


def gear_due(last_read: datetime | None, now: datetime) -> bool:
    """Every three hours; a reading that lies ahead was made by a wrong clock."""
    return last_read is None or not timedelta(0) <= now - last_read < GEAR_EVERY
