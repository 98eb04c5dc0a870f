"""What cannot wait for the end of the quiet hours: an alarm of pain, and when it is told at the latest."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from midsole.domain.alerts import PAIN
from midsole.domain.facts import ALARM, Facts, Finding
from midsole.domain.rules import p1_level, p3_red_flags
from midsole.domain.when import Zone, local, quiet_until

DAY_BEGINS, DAY_ENDS = time(7), time(22)
"""Between them it is told at once, whatever the quiet hours say; at night they hold until the morning."""


def is_urgent(finding: Finding) -> bool:
    return finding.rule in PAIN and finding.level == ALARM


def any_urgent(findings: Iterable[Finding]) -> bool:
    return any(is_urgent(f) for f in findings)


def by_calendar(findings: Iterable[Finding]) -> bool:
    """Days 7, 10 and 14 come with the date, at midnight, when nobody said anything: they wait for the day."""
    return all(f.rule == p3_red_flags.RULE.id and "days" in f.numbers for f in findings)


def of_answers(facts: Facts) -> list[Finding]:
    """Alarms that rest on the runner's words alone, true whichever runs have not come in yet."""
    found = (*p3_red_flags.check(facts), *p1_level.check(facts))
    return [f for f in found if is_urgent(f) and f.numbers.get("flag_from") != p3_red_flags.FROM_DAYS]


def told_at(now: datetime, zone: Zone, quiet_from: time | None, quiet_to: time | None) -> datetime:
    """Now by day, or the end of the quiet hours by night, at the latest the next 07:00 of the runner's."""
    if DAY_BEGINS <= local(now, zone).time() < DAY_ENDS:
        return now
    ends_at = quiet_until(now, zone, quiet_from, quiet_to)
    return now if ends_at is None else max(now, min(ends_at, next_morning(now, zone)))


def at_day(now: datetime, zone: Zone) -> datetime:
    """Now by day, else the next 07:00."""
    return now if DAY_BEGINS <= local(now, zone).time() < DAY_ENDS else next_morning(now, zone)


def next_morning(now: datetime, zone: Zone) -> datetime:
    """The next 07:00 on the runner's clock; where they move over the date line, at most a day from now."""
    today = local(now, zone).date()
    for day in (today, today + timedelta(days=1)):
        name = zone if isinstance(zone, str) else zone(day)
        at = datetime.combine(day, DAY_BEGINS, ZoneInfo(name)).astimezone(UTC)
        if at > now:
            return at
    return now
