"""Q1: an activity that cannot have been as recorded."""

from midsole.domain.activity import ON_FEET, Activity
from midsole.domain.facts import NOTE, Facts, Finding
from midsole.domain.plausible import GONE, LONGEST_DAY_M
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.units import distance, short_day

WORDS_BY_FLAG = {
    "impossible-speed": "it is faster than anyone can run",
    "distance-jump": "the distance jumps",
    "date": "its date cannot be",
    "impossible-distance": "it is longer than anyone goes in a day",
}


def check(facts: Facts) -> list[Finding]:
    long_days = _long_days(facts)
    return [
        _finding(facts, a, words)
        for a in facts.activities
        if not (a.confirmed or a.excluded or GONE in a.flags or a.distance_from == "edit")
        and (words := _doubts(a) or long_days.get((a.local_date, a.sport)))
    ]


def _long_days(facts: Facts) -> dict[tuple[object, str], str]:
    """More than 300 km on feet in one day."""
    metres: dict[tuple[object, str], float] = {}
    for a in facts.activities:
        if a.sport in ON_FEET and not a.excluded and GONE not in a.flags:
            key = (a.local_date, a.sport)
            metres[key] = metres.get(key, 0.0) + a.distance_m
    return {key: f"{distance(m, facts.units)} in one day" for key, m in metres.items() if m > LONGEST_DAY_M}


def _doubts(activity: Activity) -> str | None:
    """Why it cannot be, in words; None where it can. `domain/plausible` set the flags when it came in."""
    return next((words for flag, words in WORDS_BY_FLAG.items() if flag in activity.flags), None)


def _finding(facts: Facts, activity: Activity, words: str) -> Finding:
    counted = distance(activity.counted_m, facts.units) if activity.counted_m else "nothing"
    whole, on = distance(activity.distance_m, facts.units), short_day(activity.local_date)
    return Finding(
        rule=RULE.id,
        level=NOTE,
        subject=activity.key,
        happened_on=activity.local_date,
        text=f"The {whole} of {on} look wrong: {words}. Until you say so, {counted} of it counts.",
        advice=f"Look at it and confirm, edit or exclude it (midsole activities confirm {activity.id}).",
        numbers={
            "activity": activity.id,
            "distance_m": activity.distance_m,
            "counted_m": activity.counted_m,
        },
        weekly_only=True,
    )


RULE = Rule(
    id="Q1",
    name="impossible activity",
    grade="-",
    source="World records with a margin, and calendars: what no one can have run waits until confirmed.",
    advice="Confirm, edit or exclude the activity.",
    news_days=3,
    goes_to=WEEKLY,
    check=check,
)
