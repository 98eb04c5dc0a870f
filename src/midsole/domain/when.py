"""When something is due: local days, the weekly mail, quiet hours, clock slots, the next try."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from midsole.domain.errors import MidsoleError, Retry

type Zone = str | Callable[[date], str]
"""A zone's name, or what tells the runner's zone on a day (zones have a from-date)."""

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=3)
WEEKLY_AT = time(7)
WEEKLY_AT_WHEN_STALE = time(12)
WEEKLY_NEWS_FOR = timedelta(hours=48)
JITTER_SHARE = 0.25


def next_try(error: MidsoleError, attempts: int, now: datetime, jitter: float) -> datetime | None:
    """When to try again after the `attempts`-th try failed; None where only the runner can help.

    `jitter` is 0 to 1; it adds up to a quarter, so that many deliveries do not knock all at once."""
    if not isinstance(error, Retry):
        return None
    doubled = min(FIRST_WAIT * (1 << min(max(attempts - 1, 0), 12)), LONGEST_WAIT)
    asked = min(max(error.after or doubled, doubled), GIVE_UP_AFTER)
    return now + asked * (1 + JITTER_SHARE * min(max(jitter, 0.0), 1.0))


def given_up(first_due_at: datetime, now: datetime) -> bool:
    """Three days after it was first due, nobody waits for a mail any more."""
    return now - first_due_at >= GIVE_UP_AFTER


def weekly_due(now: datetime, zone_at: Zone, first_weekday: int, stale: bool) -> date | None:
    """First day of the week just ended, while its mail is due: from 07:00 (stale: 12:00) local, for 48 h."""
    today = local(now, zone_at).date()
    for back in range(3):
        morning = today - timedelta(days=back)
        if morning.weekday() == first_weekday:
            due = _at(morning, WEEKLY_AT_WHEN_STALE if stale else WEEKLY_AT, zone_at)
            return morning - timedelta(days=7) if due <= now < due + WEEKLY_NEWS_FOR else None
    return None


def quiet_until(now: datetime, zone: Zone, quiet_from: time | None, quiet_to: time | None) -> datetime | None:
    """The end of the quiet hours that hold now, in UTC; None when it is not quiet."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return None
    today = local(now, zone).date()
    for begins_on in (today - timedelta(days=1), today):
        ends_on = begins_on + timedelta(days=1 if quiet_to < quiet_from else 0)
        ends_at = _at(ends_on, quiet_to, zone)
        if _at(begins_on, quiet_from, zone) <= now < ends_at:
            return ends_at
    return None


def slot(now: datetime, period_s: int) -> datetime:
    """The clock tick that `now` belongs to: floored to the period in UTC, so that all clocks agree."""
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % period_s, UTC)


def local(now: datetime, zone: Zone) -> datetime:
    """The instant on the runner's clock."""
    if isinstance(zone, str):
        return now.astimezone(ZoneInfo(zone))
    guess = now.astimezone(ZoneInfo(zone(now.astimezone(UTC).date())))
    return now.astimezone(ZoneInfo(zone(guess.date())))


def local_at(started_at: datetime, utc_offset_s: int | None, zone: Zone) -> datetime:
    """The clock that an activity was recorded by; without an offset the runner's."""
    if utc_offset_s is None:
        return local(started_at, zone)
    return started_at.astimezone(timezone(timedelta(seconds=utc_offset_s)))


def _at(day: date, clock: time, zone: Zone) -> datetime:
    """A wall clock time as an instant in UTC (compared as instants, so a DST change can't fire twice)."""
    name = zone if isinstance(zone, str) else zone(day)
    return datetime.combine(day, clock, ZoneInfo(name)).astimezone(UTC)
