"""S4: runs of the last four weeks that no pair has been put to."""

from datetime import timedelta

from midsole.domain.facts import NOTE, Facts, Finding
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.units import distance

LAST_DAYS = 28


def check(facts: Facts) -> list[Finding]:
    """Silent until there is a pair, and for runs from before the first one."""
    if facts.first_pair_on is None or not facts.unworn:
        return []
    first = max(facts.first_pair_on, facts.today - timedelta(days=LAST_DAYS))
    unworn = set(facts.unworn)
    runs = [a for a in facts.activities if a.is_run and a.id in unworn and a.local_date >= first]
    if not runs:
        return []
    total_m = sum(a.counted_m for a in runs)
    count = "1 run has" if len(runs) == 1 else f"{len(runs)} runs have"
    guessed = sum(a.id in facts.likely for a in runs)
    return [
        Finding(
            rule=RULE.id,
            level=NOTE,
            subject="-",
            happened_on=max(a.local_date for a in runs),
            text=f"{count} no shoe ({distance(total_m, facts.units)} in the last 28 days).",
            advice="Say which pair it was, so that its distance stays right.",
            numbers={"runs": len(runs), "distance_m": total_m, "guessed": guessed},
            weekly_only=True,
        )
    ]


RULE = Rule(
    id="S4",
    name="run without a shoe",
    grade="-",
    source="Bookkeeping: a pair's distance is only as good as its runs are assigned.",
    advice="Say which pair each run was in.",
    news_days=28,
    goes_to=WEEKLY,
    check=check,
)
