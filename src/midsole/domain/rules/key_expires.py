"""W3: an account's key that ends soon, said 14, 7 and 1 days before."""

from datetime import timedelta

from midsole.domain.connection import WITH_RUNNER, label, mend
from midsole.domain.facts import NOTE, Facts, Finding, SourceHealth
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.units import short_day

DAYS_BEFORE = (1, 7, 14)


def check(facts: Facts) -> list[Finding]:
    """Only the nearest threshold; from the key's last day on the refusal itself speaks (W2)."""
    usable = (source for source in facts.sources if source.state not in WITH_RUNNER)
    return [finding for source in usable for finding in _of(facts, source)]


def _of(facts: Facts, source: SourceHealth) -> list[Finding]:
    if source.expires_on is None or source.expires_on < facts.today:
        return []
    left = (source.expires_on - facts.today).days
    return [_finding(source, left, days) for days in DAYS_BEFORE if left <= days][:1]


def _finding(source: SourceHealth, left: int, threshold: int) -> Finding:
    assert source.expires_on is not None
    name, on = label(source.kind, source.name), short_day(source.expires_on)
    when = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days, on {on}")
    return Finding(
        rule=RULE.id,
        level=NOTE,
        subject=f"{source.connection_id}:{source.expires_on}:{threshold}",
        happened_on=source.expires_on - timedelta(days=threshold),
        text=f"The key for {name} ends {when}; without a new one no runs come from there any more.",
        advice=mend(source.kind),
        numbers={
            "connection": source.connection_id,
            "source": name,
            "days": left,
            "expires_on": source.expires_on.isoformat(),
        },
    )


RULE = Rule(
    id="W3",
    name="key expires",
    grade="-",
    source="Plumbing: such a key ends on its day without a word from Garmin.",
    advice="Make a new key before the old one ends.",
    news_days=None,
    goes_to=PUSH,
    check=check,
)
