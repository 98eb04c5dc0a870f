"""S1: a pair against its own limit, once per threshold."""

from datetime import date, timedelta

from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.forecast import forecast
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.shoes import Worn
from midsole.domain.units import distance, percent, short_day

IN_USE_DAYS = 60
OLDEST_DAYS = 200
WHAT_TO_BUY = "wide toe box, cushioned forefoot, support that suits the foot"


def check(facts: Facts) -> list[Finding]:
    """Each threshold that a pair in use has passed, the lowest first: every one is news once."""
    limits = facts.limits
    thresholds = ((NOTE, limits.shoe_note), (WARN, limits.shoe_warn), (ALARM, limits.shoe_alarm))
    return [
        _finding(facts, pair, level, threshold)
        for pair in facts.shoes
        if is_in_use(pair, facts.today)
        for level, threshold in thresholds
        if has_passed(pair, threshold)
    ]


def is_in_use(pair: Worn, today: date) -> bool:
    """Not retired, and worn in the last 60 days; others are offered for retirement elsewhere."""
    last = pair.last_worn_on
    return pair.shoe.retired_on is None and last is not None and (today - last).days <= IN_USE_DAYS


def has_passed(pair: Worn, threshold: float) -> bool:
    return pair.distance_m is not None and round(pair.distance_m) >= round(threshold * pair.shoe.limit_m)


def _crossed_on(pair: Worn, threshold: float, today: date) -> date:
    """The day of the run that passed the threshold; what is older than the recent wears, 200 days ago."""
    left_m, threshold_m = pair.distance_m or 0.0, round(threshold * pair.shoe.limit_m)
    for wear in sorted(pair.recent, key=lambda w: (w.local_date, w.activity_id), reverse=True):
        left_m -= wear.distance_m
        if round(left_m) < threshold_m:
            return wear.local_date
    return today - timedelta(days=OLDEST_DAYS)


def _finding(facts: Facts, pair: Worn, level: str, threshold: float) -> Finding:
    assert pair.distance_m is not None
    return Finding(
        rule=RULE.id,
        level=level,
        subject=f"{pair.shoe.id}:{round(threshold * 100)}",
        happened_on=_crossed_on(pair, threshold, facts.today),
        text=_text(facts, pair, level),
        advice=_advice(facts, pair, level),
        numbers={
            "shoe": pair.shoe.id,
            "shoe_name": pair.shoe.name,
            "distance_m": pair.distance_m,
            "limit_m": pair.shoe.limit_m,
            "used_fraction": round(pair.distance_m / pair.shoe.limit_m, 4),
            "threshold": threshold,
        },
    )


def _text(facts: Facts, pair: Worn, level: str) -> str:
    assert pair.distance_m is not None
    about = "about " if pair.shoe.start_how == "estimated" else ""
    estimated = ", estimated" if about else ""
    done, limit = (distance(m, facts.units) for m in (pair.distance_m, pair.shoe.limit_m))
    used = percent(pair.distance_m / pair.shoe.limit_m)
    said = f"The {pair.shoe.name} has {about}{done}{estimated}: {used} of its limit of {limit}."
    return said + _when(pair, facts.today) if level == NOTE else said


def _when(pair: Worn, today: date) -> str:
    ahead = forecast(pair, today)
    if ahead.p10 is None or ahead.p90 is None:
        return ""
    first, last = short_day(ahead.p10), _late(ahead.p90, today)
    return f" At the pace of the last 8 weeks it gets there between {first} and {last}."


def _late(day: date, today: date) -> str:
    return short_day(day) if day.year == today.year else f"{short_day(day)} {day.year}"


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
        o.shoe.retired_on is None and o.distance_m is not None and not has_passed(o, facts.limits.shoe_note)
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
