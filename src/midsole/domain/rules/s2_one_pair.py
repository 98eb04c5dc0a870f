"""S2: nearly everything was run in one pair."""

from datetime import date, timedelta

from midsole.domain.activity import Activity
from midsole.domain.facts import NOTE, Facts, Finding
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.shoes import Worn
from midsole.domain.units import distance, percent

WEEKS = 8
MIN_WEEKS_WITH_RUNS = 3


def check(facts: Facts) -> list[Finding]:
    first = facts.today - timedelta(days=7 * WEEKS - 1)
    runs = [a for a in facts.activities if a.is_run and first <= a.local_date <= facts.today]
    if _weeks_with_runs(runs, first) < MIN_WEEKS_WITH_RUNS:
        return []
    total_m = sum(a.counted_m for a in runs)
    found = ((pair, _run_m(pair, runs)) for pair in facts.shoes if pair.shoe.retired_on is None)
    limit_m = facts.limits.one_pair_share * total_m
    return [_finding(facts, pair, m, total_m, runs) for pair, m in found if round(m) > round(limit_m)]


def _weeks_with_runs(runs: list[Activity], first: date) -> int:
    return len({(a.local_date - first).days // 7 for a in runs})


def _run_m(pair: Worn, runs: list[Activity]) -> float:
    ids = {a.id for a in runs}
    return sum(w.distance_m for w in pair.recent if w.activity_id in ids)


def _finding(facts: Facts, pair: Worn, run_m: float, total_m: float, runs: list[Activity]) -> Finding:
    share, of = percent(run_m / total_m), distance(total_m, facts.units)
    return Finding(
        rule=RULE.id,
        level=NOTE,
        subject=str(pair.shoe.id),
        happened_on=max(a.local_date for a in runs),
        text=f"{share} of the last 8 weeks' {of} were run in one pair, the {pair.shoe.name}.",
        advice="Think of a second pair of another build and alternate the two.",
        numbers={
            "shoe": pair.shoe.id,
            "shoe_name": pair.shoe.name,
            "distance_m": run_m,
            "total_m": total_m,
            "share": round(run_m / total_m, 4),
        },
        weekly_only=True,
    )


RULE = Rule(
    id="S2",
    name="one pair only",
    grade="C+",
    source=(
        "Malisoux 2015, 264 runners, observational: who ran in several pairs was injured less often, hazard "
        "ratio 0.61 (0.39-0.97)."
    ),
    advice="Think of a second pair of another build and alternate the two.",
    news_days=14,
    goes_to=WEEKLY,
    check=check,
)
