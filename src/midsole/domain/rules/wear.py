"""What S1 and S5 share: the distance of a pair or an insert against its own limit."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from midsole.domain.days_off import days_off
from midsole.domain.facts import Facts
from midsole.domain.forecast import forecast
from midsole.domain.shoes import Worn
from midsole.domain.units import distance, percent, short_day

IN_USE_DAYS = 60
OLDEST_DAYS = 200


def passed(
    worns: Sequence[Worn], thresholds: Sequence[tuple[str, float]], today: date
) -> Iterator[tuple[Worn, str, float]]:
    """Each threshold that what is in use has passed, the lowest first: every one is news once."""
    for worn in worns:
        for level, threshold in thresholds:
            if is_in_use(worn, today) and has_passed(worn, threshold):
                yield worn, level, threshold


def is_in_use(worn: Worn, today: date) -> bool:
    """Not retired, and worn in the last 60 days; others are offered for retirement elsewhere."""
    last = worn.in_all.last_worn_on
    return worn.shoe.retired_on is None and last is not None and (today - last).days <= IN_USE_DAYS


def has_passed(worn: Worn, threshold: float) -> bool:
    return worn.distance_m is not None and round(worn.distance_m) >= round(threshold * worn.shoe.limit_m)


def crossed_on(worn: Worn, threshold: float, today: date) -> date:
    """The day on which the threshold was passed; what is older than the recent wears, 200 days ago."""
    left_m, threshold_m = worn.distance_m or 0.0, round(threshold * worn.shoe.limit_m)
    for wear in sorted(worn.in_all.recent, key=lambda w: (w.local_date, w.activity_id), reverse=True):
        left_m -= wear.distance_m
        if round(left_m) < threshold_m:
            return wear.local_date
    return today - timedelta(days=OLDEST_DAYS)


def numbers(worn: Worn, threshold: float) -> dict[str, float | int | str | None]:
    assert worn.distance_m is not None
    return {
        "distance_m": worn.distance_m,
        "limit_m": worn.shoe.limit_m,
        "used_fraction": round(worn.distance_m / worn.shoe.limit_m, 4),
        "threshold": threshold,
    }


def said(facts: Facts, worn: Worn) -> str:
    """How far it is worn, in one sentence."""
    assert worn.distance_m is not None
    about = "about " if worn.shoe.start_how == "estimated" else ""
    estimated = ", estimated" if about else ""
    done, limit = (distance(m, facts.units) for m in (worn.distance_m, worn.shoe.limit_m))
    used = percent(worn.distance_m / worn.shoe.limit_m)
    beside = all_day_words(worn, facts.units)
    return f"The {worn.shoe.name} has {about}{done}{estimated}: {used} of its limit of {limit}{beside}."


def all_day_words(worn: Worn, units: str) -> str:
    """How much of the distance is all-day wear; nothing where none is."""
    if not worn.everyday_m:
        return ""
    return f", of it about {distance(worn.everyday_m, units)} all-day wear, estimated"


def gets_there(worn: Worn, facts: Facts) -> str:
    """When it will be at its limit, as one more sentence; nothing where nobody can say."""
    today = facts.today
    ahead = forecast(worn, today, days_off(facts))
    if ahead.p10 is None or ahead.p90 is None:
        return ""
    first, last = short_day(ahead.p10), _late(ahead.p90, today)
    return f" At the pace of the last 8 weeks it gets there between {first} and {last}."


def _late(day: date, today: date) -> str:
    return short_day(day) if day.year == today.year else f"{short_day(day)} {day.year}"
