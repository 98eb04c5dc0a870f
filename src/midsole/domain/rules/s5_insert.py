"""S5: an insole, an orthotic or a pad against its own limit, once per threshold."""

from midsole.domain.facts import NOTE, WARN, Facts, Finding
from midsole.domain.rules import wear
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.shoes import Worn


def check(facts: Facts) -> list[Finding]:
    thresholds = ((NOTE, facts.limits.shoe_note), (WARN, facts.limits.shoe_warn))
    worn = [insert.as_pair for insert in facts.inserts]
    return [_finding(facts, *found) for found in wear.passed(worn, thresholds, facts.today)]


def _finding(facts: Facts, insert: Worn, level: str, threshold: float) -> Finding:
    said, what = wear.said(facts, insert), insert.shoe
    return Finding(
        rule=RULE.id,
        level=level,
        subject=f"{what.id}:{round(threshold * 100)}",
        happened_on=wear.crossed_on(insert, threshold, facts.today),
        text=said + wear.gets_there(insert, facts) if level == NOTE else said,
        advice=_advice(what.name, what.kind, level),
        numbers={"insert": what.id, "insert_name": what.name, **wear.numbers(insert, threshold)},
    )


def _advice(name: str, kind: str, level: str) -> str:
    if level == NOTE:
        return f"Order the next {kind}, so that it is there when the {name} is worn out."
    return f"Replace the {kind} {name}, or set another limit."


RULE = Rule(
    id="S5",
    name="worn insert",
    grade="D",
    source=(
        "Experts' advice, no study: insoles, orthotics and pads flatten as the foam of a shoe does, and "
        "sooner. The limit of 480 km is a default to change."
    ),
    advice="Order the next insole at 70 % of its limit and replace it at 100 %.",
    news_days=14,
    goes_to=PUSH,
    check=check,
)
