"""S1: a pair against its own limit, once per threshold."""

from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.rules import wear
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.shoes import Worn

WHAT_TO_BUY = "wide toe box, cushioned forefoot, support that suits the foot"


def check(facts: Facts) -> list[Finding]:
    limits = facts.limits
    thresholds = ((NOTE, limits.shoe_note), (WARN, limits.shoe_warn), (ALARM, limits.shoe_alarm))
    return [_finding(facts, *found) for found in wear.passed(facts.shoes, thresholds, facts.today)]


def _finding(facts: Facts, pair: Worn, level: str, threshold: float) -> Finding:
    said = wear.said(facts, pair)
    return Finding(
        rule=RULE.id,
        level=level,
        subject=f"{pair.shoe.id}:{round(threshold * 100)}",
        happened_on=wear.crossed_on(pair, threshold, facts.today),
        text=said + wear.gets_there(pair, facts.today) if level == NOTE else said,
        advice=_advice(facts, pair, level),
        numbers={"shoe": pair.shoe.id, "shoe_name": pair.shoe.name, **wear.numbers(pair, threshold)},
    )


def _advice(facts: Facts, pair: Worn, level: str) -> str:
    name = pair.shoe.name
    if level != NOTE:
        return f"Retire the {name}, or set another limit."
    if _has_fresh_other(facts, pair):
        return f"Alternate the {name} with the other pair."
    return f"Order the next pair and start alternating: {WHAT_TO_BUY}."


def _has_fresh_other(facts: Facts, pair: Worn) -> bool:
    """Another pair of that kind below 70 per cent, so that none need be ordered."""
    others = (o for o in facts.shoes if o.shoe.id != pair.shoe.id and o.shoe.kind == pair.shoe.kind)
    return any(
        o.shoe.retired_on is None
        and o.distance_m is not None
        and not wear.has_passed(o, facts.limits.shoe_note)
        for o in others
    )


RULE = Rule(
    id="S1",
    name="worn pair",
    grade="B/D",
    source=(
        "Foam (laboratory, grade B): 80 % of the shock absorption is left after 240 km, 70 % after 800 km. "
        "The limit itself is experts' (grade D); a link from a shoe's age to injury is contradictory, so we "
        "say worn."
    ),
    advice="Order the next pair at 70 % of the limit and retire this one at 100 %.",
    news_days=14,
    goes_to=PUSH,
    check=check,
)
