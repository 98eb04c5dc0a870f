"""Days that no mean may hold: pauses, and those on which the body did not let the runner run."""

from collections.abc import Mapping
from datetime import date, timedelta

from midsole.domain.facts import Facts
from midsole.domain.pain import red_days
from midsole.domain.weeks import DAY

PAIN = "pain"
UNABLE = frozenset({"injured", "ill", PAIN})
"""Why a day was no day of running; a holiday or a break is a choice, and part of the runner's habit."""


def paused_days(facts: Facts) -> dict[date, str]:
    """Each paused day with the reason, back to the first of the known activities and 400 days at least."""
    first = min((a.local_date for a in facts.activities[:1]), default=facts.today)
    oldest = min(first, facts.today) - timedelta(days=400)
    days: dict[date, str] = {}
    for pause in facts.pauses:
        day, last = max(pause.from_date, oldest), min(pause.until_date or facts.today, facts.today)
        while day <= last:
            days[day] = pause.reason
            day += DAY
    return days


def days_off(facts: Facts) -> Mapping[date, str]:
    """Days on which the runner could not run, as said or as the pain was: injured, ill or pain."""
    said = {day: why for day, why in paused_days(facts).items() if why in UNABLE}
    return dict.fromkeys(red_days(facts), PAIN) | said if facts.body.check_ins else said
