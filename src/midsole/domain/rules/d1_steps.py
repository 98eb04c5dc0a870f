"""D1: days on the feet, far more steps than the runner's own usual day."""

from collections.abc import Mapping
from datetime import date, timedelta
from statistics import median

from midsole.domain.facts import NOTE, Facts, Finding
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.units import short_day

USUAL_DAYS, LEAST_KNOWN_DAYS = 28, 14
JUDGED_DAYS, LEAST_HIGH_DAYS = 7, 2
FACTOR = 2.0


def check(facts: Facts) -> list[Finding]:
    """Days without a number are unknown, and so is a day of no step: the watch lay in a drawer."""
    known = {day: steps for day, steps in facts.steps.items() if steps > 0}
    judged = (facts.today - timedelta(days=back) for back in reversed(range(JUDGED_DAYS)))
    high = {day: usual for day in judged if (usual := _exceeded(known, day)) is not None}
    return [_finding(known, high)] if len(high) >= LEAST_HIGH_DAYS else []


def _exceeded(known: Mapping[date, int], day: date) -> float | None:
    """The usual steps that this day doubles; None where it does not, or too few days before it are known."""
    before = (day - timedelta(days=back) for back in range(1, USUAL_DAYS + 1))
    steps = [known[d] for d in before if d in known]
    if day not in known or len(steps) < LEAST_KNOWN_DAYS:
        return None
    usual = median(steps)
    return usual if known[day] > FACTOR * usual else None


def _finding(known: Mapping[date, int], high: Mapping[date, float]) -> Finding:
    last = max(high)
    days = [f"{known[day]:,} on {short_day(day)}" for day in high]
    listed = f"{', '.join(days[:-1])} and {days[-1]}"
    return Finding(
        rule=RULE.id,
        level=NOTE,
        subject="-",
        happened_on=last,
        text=(
            f"On {len(high)} of the last {JUDGED_DAYS} days you took more than twice your usual steps "
            f"({listed}; usual: {high[last]:,.0f}). Standing and walking all day loads the forefoot too; "
            "whether that harms has not been studied."
        ),
        advice="Count such days as load on your feet, and keep the next run short and easy.",
        numbers={
            "median_steps": high[last],
            "days": ", ".join(day.isoformat() for day in high),
            "steps": ", ".join(str(known[day]) for day in high),
        },
        weekly_only=True,
    )


RULE = Rule(
    id="D1",
    name="all-day steps",
    grade="D",
    source=(
        "Coaches' advice: standing and walking all day loads the forefoot too. The limit, twice your own "
        "median of 28 days on 2 days of 7, is ours."
    ),
    advice="Count days on your feet as load, and keep the run after them short and easy.",
    news_days=14,
    goes_to=WEEKLY,
    check=check,
)
