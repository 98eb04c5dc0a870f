"""A run that is only planned: which rules it would newly trip."""

from dataclasses import replace
from datetime import date, timedelta

from midsole.domain.activity import RUNNING, Activity
from midsole.domain.caps import Cap, cap
from midsole.domain.facts import Facts
from midsole.domain.load import exceeds
from midsole.domain.rules import evaluate

APART = timedelta(hours=1)
"""A planned run is a session of its own."""


def tripped(facts: Facts, plan_m: float, on: date) -> list[str]:
    """Ids of the rules that a run of so many metres on that day would newly trip, in the rules' order.

    Notes count too: a planner wants to hear of the step before the warning. P1 is in it where pain, or the
    way back from it, holds the cap below that distance."""
    day = max(on, facts.today)
    planned = _planned(facts, plan_m, day)
    after = replace(
        facts,
        now=facts.now + timedelta(days=(day - facts.today).days),
        today=day,
        activities=(*facts.activities, planned),
        history_from=facts.history_from or day,
        last_run_on=day,
    )
    quiet = {(f.rule, f.subject, f.level) for f in evaluate(replace(after, activities=facts.activities))}
    new = [f.rule for f in evaluate(after) if (f.rule, f.subject, f.level) not in quiet]
    load = [rule for rule in dict.fromkeys(new) if rule.startswith("L")]
    return [*load, "P1"] if _is_above_pain(cap(facts, day), plan_m) else load


def _is_above_pain(found: Cap, plan_m: float) -> bool:
    known_m = [m for m in (found.next_run_m, found.week_left_m) if m is not None]
    return found.held_by is not None and any(exceeds(plan_m, 1, m) for m in known_m)


def _planned(facts: Facts, plan_m: float, day: date) -> Activity:
    """The run as it would be, at 10 km/h, after everything of that day."""
    same_day = [a for a in facts.activities if a.local_date == day]
    ends = [a.started_at + timedelta(seconds=a.timer_s) + APART for a in same_day]
    started_at = max([facts.now + (day - facts.today), *ends])
    seconds = plan_m / 2.8
    return Activity(
        id=-1,
        key="planned",
        sport=RUNNING,
        surface="unknown",
        started_at=started_at,
        local_date=day,
        distance_m=plan_m,
        counted_m=plan_m,
        distance_from="edit",
        timer_s=seconds,
        moving_s=seconds,
        elapsed_s=seconds,
        received_at=started_at,
    )
