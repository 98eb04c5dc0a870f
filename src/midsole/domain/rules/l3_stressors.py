"""L3: two or more things made harder in one week."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from statistics import fmean

from midsole.domain.activity import Activity
from midsole.domain.comeback import find_comeback
from midsole.domain.facts import NOTE, WARN, Facts, Finding
from midsole.domain.load import (
    BEST_DAYS,
    MEAN_WEEKS,
    Log,
    exceeds,
    is_paused,
    is_short,
    mean_week_m,
    read_log,
    since,
    week_fast_s,
)
from midsole.domain.pain import standing
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.units import distance, distance_down, percent
from midsole.domain.weeks import DAY, WEEK, week_start

FAST_FACTOR, FAST_MORE_S = 1.25, 600
DESCENT_FACTOR, DESCENT_MORE_M = 1.50, 200
FIRST_RUNS = 3
WHILE_PAIN = ", with pain open"
NUMBER_WORDS = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}


def check(facts: Facts) -> list[Finding]:
    log = read_log(facts)
    this = week_start(facts.today, facts.first_weekday)
    return [found for start in (this - WEEK, this) if (found := _judge(log, start)) is not None]


def _judge(log: Log, start: date) -> Finding | None:
    facts = log.facts
    last = min(start + WEEK - DAY, facts.today)
    if is_short(facts, start) or is_paused(facts, min(start + WEEK, facts.today)) or not log.run_m(start, 7):
        return None
    back = find_comeback(log, last)
    looks = STRESSORS if back is None or back.first_run_on is None else AFTER_A_BREAK
    seen = [words for look in looks if (words := look(log, start)) is not None]
    if len(seen) < 2:
        return None
    hurts = standing(facts, last) is not None
    when = "this week" if start + WEEK > facts.today else "last week"
    when += WHILE_PAIN if hurts else ""
    return Finding(
        rule=RULE.id,
        level=NOTE if len(seen) == 2 and not hurts else WARN,
        subject=start.isoformat(),
        happened_on=start,
        text=f"{NUMBER_WORDS[len(seen)]} things were harder {when}: {', '.join(seen)}.",
        advice="Keep one of them and let the others wait a week.",
        numbers={"stressors": len(seen), "distance_m": log.run_m(start, 7), "week_start": start.isoformat()},
        weekly_only=True,
    )


def _more_km(log: Log, start: date) -> str | None:
    mean_m, week_m = mean_week_m(log, start), log.run_m(start, 7)
    if mean_m is None or not exceeds(week_m, log.facts.limits.week_note, mean_m):
        return None
    return f"{percent(week_m / mean_m - 1)} more distance than the mean of four weeks"


def _more_fast(log: Log, start: date) -> str | None:
    week_s = week_fast_s(log, start)
    mean_s = _mean(week_fast_s(log, before) for before in _weeks_before(log, start))
    if week_s is None or mean_s is None or week_s <= FAST_FACTOR * mean_s or week_s - mean_s < FAST_MORE_S:
        return None
    return f"{week_s / 60:.0f} fast minutes where {mean_s / 60:.0f} were usual"


def _more_descent(log: Log, start: date) -> str | None:
    week_m = _descent_m(log, start)
    mean_m = _mean(_descent_m(log, before) for before in _weeks_before(log, start))
    if (
        week_m is None
        or mean_m is None
        or week_m <= DESCENT_FACTOR * mean_m
        or week_m - mean_m < DESCENT_MORE_M
    ):
        return None
    return f"{week_m:.0f} m of descent where {mean_m:.0f} m were usual"


def _more_than_comeback(log: Log, start: date) -> str | None:
    """After a break no mean is known, or one of before it: the comeback's own cap of those days holds."""
    back = find_comeback(log, min(start + WEEK - DAY, log.facts.today))
    if back is None or back.first_run_on is None or back.cap_week_m is None:
        return _more_km(log, start)
    since = max(start, back.first_run_on)
    run_m = log.run_m(since, (start + WEEK - since).days)
    if not exceeds(run_m, 1, back.cap_week_m):
        return None
    far, most = distance(run_m, log.facts.units), distance_down(back.cap_week_m, log.facts.units)
    return f"{far} where the comeback's cap is {most} in 7 days"


def _any_fast(log: Log, start: date) -> str | None:
    week_s = week_fast_s(log, start)
    return f"{week_s / 60:.0f} fast minutes" if week_s is not None and week_s >= FAST_MORE_S else None


def _any_descent(log: Log, start: date) -> str | None:
    week_m = _descent_m(log, start)
    return f"{week_m:.0f} m of descent" if week_m is not None and week_m >= DESCENT_MORE_M else None


def _weeks_before(log: Log, start: date) -> list[date]:
    """The four before, without those of which more than half was paused or red: they measure nothing."""
    before = (start - n * WEEK for n in range(1, MEAN_WEEKS + 1))
    return [week for week in before if len(log.unpaused(week, 7)) > 3]


def _mean(values: Iterable[float | None]) -> float | None:
    """Of the weeks that know it; at least three must."""
    known = [v for v in values if v is not None]
    return fmean(known) if len(known) >= 3 else None


def _descent_m(log: Log, start: date) -> float | None:
    known = [a.descent_m for a in _week_runs(log, start) if a.descent_m is not None]
    return sum(known) if known else None


def _week_runs(log: Log, start: date) -> list[Activity]:
    return [a for a in since(start, log.runs) if a.local_date < start + WEEK]


def _new_pair(log: Log, start: date) -> str | None:
    """A pair that had run less than 50 km when it was worn this week."""
    for pair in log.facts.shoes:
        first_on = pair.first_worn_on
        total_m = pair.distance_m
        if total_m is None or first_on is None:
            continue
        since_m = sum(w.distance_m for w in pair.recent if w.local_date >= start)
        worn_then = any(0 <= (w.local_date - start).days < 7 for w in pair.recent)
        if worn_then and total_m - since_m < log.facts.limits.new_pair_m:
            return f"a new pair ({pair.shoe.name}, {distance(total_m, log.facts.units)})"
    return None


def _new_surface(log: Log, start: date) -> str | None:
    """One of the first three runs on a surface that was not run on in the 90 days before them."""
    for run in _week_runs(log, start):
        first = run.local_date - timedelta(days=BEST_DAYS)
        fresh = [a for a in since(first, log.runs, run.started_at) if a.surface == run.surface]
        if run.surface == "unknown" or len(fresh) >= FIRST_RUNS:
            continue
        before = [a for a in log.runs if a.started_at < run.started_at]
        same = [a for a in before if a.surface == run.surface]
        others = any(a.surface not in (run.surface, "unknown") for a in before)
        if others and _begins_anew(same, fresh):
            return f"a new surface ({run.surface})"
    return None


def _begins_anew(same: list[Activity], fresh: list[Activity]) -> bool:
    """The first of the fresh runs itself came after 90 days without that surface."""
    if not fresh:
        return True
    before = [a for a in same if a.started_at < fresh[0].started_at]
    return not before or (fresh[0].local_date - before[-1].local_date).days > BEST_DAYS


type Look = Callable[[Log, date], str | None]
STRESSORS: tuple[Look, ...] = (_more_km, _more_fast, _new_pair, _new_surface, _more_descent)
AFTER_A_BREAK: tuple[Look, ...] = (_more_than_comeback, _any_fast, _new_pair, _new_surface, _any_descent)
"""While a comeback is open: the weeks before it hold no usual amount of anything."""

RULE = Rule(
    id="L3",
    name="two stressors",
    grade="D",
    source="Coaches' advice: one new stressor at a time, mileage or intensity, never both.",
    advice="Make one thing harder at a time and let the others wait a week.",
    news_days=8,
    goes_to=WEEKLY,
    check=check,
)
