"""S1: a pair against its own limit, once per threshold."""

from datetime import date, timedelta

from midsole.domain.checkins import MORNING, CheckIn
from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.rules import wear
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.shoes import Worn
from midsole.domain.units import short_day

WHAT_TO_BUY = "wide toe box, cushioned forefoot, support that suits the foot"
RACE_AHEAD = timedelta(days=14)


def check(facts: Facts) -> list[Finding]:
    limits = facts.limits
    thresholds = ((NOTE, limits.shoe_note), (WARN, limits.shoe_warn), (ALARM, limits.shoe_alarm))
    return [_finding(facts, *found) for found in wear.passed(facts.shoes, thresholds, facts.today)]


def _finding(facts: Facts, pair: Worn, level: str, threshold: float) -> Finding:
    said, crossed_on = wear.said(facts, pair), wear.crossed_on(pair, threshold, facts.today)
    pain_on = None if level == NOTE else _hurt_in(facts, pair)
    race_on = None if level == NOTE else _race_ahead(facts)
    if level == NOTE:
        said += wear.gets_there(pair, facts)
    elif pain_on is not None:
        level = ALARM
        said += f" Pain was reported on {short_day(pain_on)}, after a run in it above its limit."
    return Finding(
        rule=RULE.id,
        level=level,
        subject=f"{pair.shoe.id}:{round(threshold * 100)}",
        happened_on=crossed_on if pain_on is None else max(crossed_on, pain_on),
        text=said,
        advice=_advice(facts, pair, level, race_on),
        numbers={
            "shoe": pair.shoe.id,
            "shoe_name": pair.shoe.name,
            **wear.numbers(pair, threshold),
            **({} if pain_on is None else {"pain_on": pain_on.isoformat()}),
            **({} if race_on is None else {"race_on": race_on.isoformat()}),
        },
    )


def _hurt_in(facts: Facts, pair: Worn) -> date | None:
    """The first day on which pain was reported of a run in this pair after it had passed its limit."""
    answers = [a for a in facts.body.check_ins if not a.is_painless]
    if not answers:
        return None
    passed_on = wear.crossed_on(pair, facts.limits.shoe_warn, facts.today)
    days = {w.local_date for w in pair.recent if w.local_date >= passed_on}
    return min((a.on_day for a in answers if _run_day(a) in days), default=None)


def _run_day(answer: CheckIn) -> date:
    return answer.on_day - timedelta(days=1) if answer.moment == MORNING else answer.on_day


def _race_ahead(facts: Facts) -> date | None:
    ahead = (day for day in facts.races if facts.today <= day <= facts.today + RACE_AHEAD)
    return min(ahead, default=None)


def _advice(facts: Facts, pair: Worn, level: str, race_on: date | None) -> str:
    name = pair.shoe.name
    if level != NOTE:
        race = "" if race_on is None else f", and run the race on {short_day(race_on)} in another pair"
        return f"Retire the {name}, or set another limit{race}."
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
