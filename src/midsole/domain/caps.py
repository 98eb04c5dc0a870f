"""The rules turned round: how far may the next run go, how much is left this week, and why."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import inf

from midsole.domain.activity import RUNNING, Activity
from midsole.domain.comeback import Comeback, find_comeback, novice_cap_m
from midsole.domain.facts import Facts
from midsole.domain.load import (
    DAY,
    WINDOW_DAYS,
    Log,
    Session,
    exceeds,
    is_short,
    longest,
    read_log,
    since,
    two_weeks_base_m,
    usual_m,
)
from midsole.domain.units import distance, distance_down, short_day, shown_m
from midsole.domain.weeks import WEEK, week_start

LOOK_BACK_DAYS = 100
"""Far beyond the 30 days: what lies before reaches today only by a spike in every fortnight since."""
SPIKE_DAYS = 14
REST_RATIO = 1.3
REST_DAYS = 7
APART = timedelta(hours=1)
"""A planned run is a session of its own."""


@dataclass(frozen=True, slots=True)
class Cap:
    """Ceilings in metres, rounded down to what is shown; None is "not enough data", with why in `missing`."""

    next_run_m: float | None
    week_left_m: float | None
    because: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """A session with what it counts for while it is fresh, and how far above the window it was."""

    session: Session
    fresh_m: float
    ratio: float | None


def cap(facts: Facts, on: date | None = None) -> Cap:
    """L0, or L5's and L6's caps in its place while they are open."""
    day = on or facts.today
    log = read_log(facts)
    back = find_comeback(log, day)
    if back is not None:
        return _shown(_comeback_cap(log, back), facts.units)
    if is_short(facts, day) and facts.start.longest_m is None:
        return _shown(_novice_cap(log, day), facts.units)
    return _shown(_plain_cap(log, day), facts.units)


def _shown(found: Cap, units: str) -> Cap:
    def down(metres: float | None) -> float | None:
        return None if metres is None else max(0.0, shown_m(metres, units))

    return replace(found, next_run_m=down(found.next_run_m), week_left_m=down(found.week_left_m))


def _plain_cap(log: Log, day: date) -> Cap:
    facts = log.facts
    seen = _seen(log, day)
    base_m, because = _base(log, seen, day)
    if base_m is None:
        return Cap(
            None,
            _week_left_m(log, day),
            "no run in the last 30 days",
            ("next_run_m: no run in the last 30 days",),
        )
    next_m, left_m = facts.limits.session_warn * base_m, _week_left_m(log, day)
    rest_m = _rest_m(log, seen, day)
    if rest_m is not None:
        next_m = min(next_m, rest_m)
        left_m = rest_m if left_m is None else min(left_m, rest_m)
        because += "; after a run more than 30 % longer the next 7 days stay within the usual week"
    missing = () if left_m is not None else ("week_left_m: no usual week yet",)
    return Cap(next_m, left_m, because, missing)


def _seen(log: Log, day: date) -> list[_Seen]:
    """Each session with the distance it counts for in its first 14 days.

    One that tripped L1, or is a race, counts only with the cap that held before it (RULES.md L0)."""
    seen: list[_Seen] = []
    factor, more_m = log.facts.limits.session_warn, log.facts.limits.session_warn_more_m
    for session in since(day - timedelta(days=LOOK_BACK_DAYS), log.sessions):
        if session.local_date > day:
            break
        before = longest(log.sessions, session.local_date, session.started_at)
        base_m = _counted_m(seen, session.local_date)
        spiked = before is not None and is_spike(session.distance_m, before.distance_m, factor, more_m)
        fresh_m = session.distance_m
        if base_m is not None and (spiked or is_race(log.facts, session)):
            fresh_m = min(fresh_m, factor * base_m)
        ratio = session.distance_m / before.distance_m if before else None
        seen.append(_Seen(session, fresh_m, ratio))
    return seen


def is_spike(distance_m: float, longest_m: float, factor: float, more_m: float) -> bool:
    """Above the factor and at least so many metres longer."""
    return exceeds(distance_m, factor, longest_m) and round(distance_m) - round(longest_m) >= more_m


def is_race(facts: Facts, session: Session) -> bool:
    return session.is_race or session.local_date in facts.races


def _counted_m(seen: list[_Seen], day: date) -> float | None:
    first, fresh = day - timedelta(days=WINDOW_DAYS), day - timedelta(days=SPIKE_DAYS)
    window, earlier = list[float](), first - DAY
    for s in reversed(seen):
        on = s.session.local_date
        if on < earlier:
            break
        if on >= first:
            window.append(s.fresh_m if on >= fresh else s.session.distance_m)
    return max(window, default=None)


def _base(log: Log, seen: list[_Seen], day: date) -> tuple[float | None, str]:
    """What the cap is a factor of, in metres, and the words for it."""
    counted_m = _counted_m(seen, day)
    said_m = log.facts.start.longest_m if is_short(log.facts, day) else None
    units = log.facts.units
    if said_m is not None and said_m > (counted_m or 0):
        return said_m, f"the longest run you named is {distance(said_m, units)}"
    if counted_m is None:
        return None, ""
    top = longest([s.session for s in seen], day)
    assert top is not None
    run, on = distance(top.distance_m, units), short_day(top.local_date)
    words = f"the longest run of the last 30 days is {run} on {on}"
    if counted_m < top.distance_m:
        words += f", which counts as {distance(counted_m, units)} until 14 days have passed"
    return counted_m, words


def _week_left_m(log: Log, day: date) -> float | None:
    """max(0, 1.10 x usual - done), in the runner's week that holds the day.

    A run on that day would make the days before it known rest, so usual is what L2 will then see. After
    a steep week the ten per cent could trip L2's two-week part: then no more than that part allows. And a
    week that L2 warned of is no new usual: the one before it holds, as in the subject line of RULES.md 4."""
    start = week_start(day, log.facts.first_weekday)
    then = replace(log, last_activity_on=max(day, log.last_activity_on or day))
    usual = usual_m(then, start)
    if usual is None:
        return None
    if is_steep_week(log, start - WEEK):
        usual = min(usual, usual_m(log, start - WEEK) or usual)
    week_m = min(log.facts.limits.week_note * usual, max(usual, _two_weeks_left_m(then, start)))
    return max(0.0, week_m - log.run_m(start, 7))


def is_steep_week(log: Log, start: date) -> bool:
    """L2's warn: far above the usual, or a week above it that is steep together with the one before."""
    limits, week_m, usual = log.facts.limits, log.run_m(start, 7), usual_m(log, start)
    if not usual:
        return False
    far = exceeds(week_m, limits.week_warn, usual)
    far = far and round(week_m) - round(usual) >= limits.week_warn_more_m
    return far or (exceeds(week_m, 1, usual) and are_steep_weeks(log, start))


def are_steep_weeks(log: Log, start: date) -> bool:
    """The week and the one before it against the larger of the week and the mean of four before them."""
    limits, base_m = log.facts.limits, two_weeks_base_m(log, start)
    if base_m is None:
        return False
    both_m = log.run_m(start, 7) + log.run_m(start - WEEK, 7)
    more_m = round(both_m) - round(2 * base_m)
    return exceeds(both_m, limits.two_weeks_warn, 2 * base_m) and more_m >= limits.two_weeks_warn_more_m


def _two_weeks_left_m(log: Log, start: date) -> float:
    """The week that keeps it and the one before below L2's two-week warning."""
    base_m, limits = two_weeks_base_m(log, start), log.facts.limits
    if base_m is None:
        return inf
    by_ratio, by_metres = limits.two_weeks_warn * 2 * base_m, 2 * base_m + limits.two_weeks_warn_more_m - 1
    return max(by_ratio, by_metres) - log.run_m(start - WEEK, 7)


def _rest_m(log: Log, seen: list[_Seen], day: date) -> float | None:
    """What is left of a usual week in the 7 days after the last session with r > 1.3."""
    spikes = [s.session for s in seen if s.ratio and s.ratio > REST_RATIO]
    if not spikes or (day - spikes[-1].local_date).days > REST_DAYS:
        return None
    spike_on = spikes[-1].local_date
    usual = usual_m(log, week_start(spike_on, log.facts.first_weekday))
    return None if usual is None else max(0.0, usual - log.run_m(spike_on + DAY, REST_DAYS))


def _novice_cap(log: Log, day: date) -> Cap:
    """L6: longest so far, 10 % or one kilometre more; a week needs history or start values."""
    left_m = _week_left_m(log, day)
    missing = [] if left_m is not None else ["week_left_m: fewer than 30 days of history"]
    top = max((s.distance_m for s in log.sessions if s.local_date <= day), default=None)
    if top is None:
        return Cap(None, left_m, "no run yet", ("next_run_m: no run yet", *missing))
    because = f"fewer than 30 days are known; the longest run so far is {distance(top, log.facts.units)}"
    return Cap(novice_cap_m(top), left_m, because, tuple(missing))


def _comeback_cap(log: Log, back: Comeback) -> Cap:
    """L5: the week's share of the usual week before the break, counted from the first run."""
    missing = []
    if back.cap_run_m is None:
        missing.append(
            "next_run_m: the runs before the break are out of sight; keep the first one short and easy"
        )
    if back.cap_week_m is None:
        missing.append("week_left_m: the weeks before the break are out of sight")
    left_m = None if back.cap_week_m is None else max(0.0, back.cap_week_m - comeback_done_m(log, back))
    because = f"week {back.week} of the comeback after the break that began on {short_day(back.began_on)}"
    if back.usual_m is not None and back.cap_week_m is not None:
        week, usual = (distance_down(m, log.facts.units) for m in (back.cap_week_m, back.usual_m))
        because += f": at most {week} in 7 days, {usual} were usual before"
    return Cap(back.cap_run_m, left_m, because, tuple(missing))


def comeback_done_m(log: Log, back: Comeback) -> float:
    """Run in the comeback's own week, which begins on the weekday of its first run."""
    if back.first_run_on is None:
        return 0.0
    return log.run_m(back.first_run_on + timedelta(weeks=back.week - 1), 7)


def tripped(facts: Facts, plan_m: float, on: date) -> list[str]:
    """Ids of the rules that a run of so many metres on that day would newly trip, in the rules' order.

    Notes count too: a planner wants to hear of the step before the warning."""
    from midsole.domain.rules import evaluate

    day = max(on, facts.today)
    planned = _planned(facts, plan_m, day)
    after = replace(
        facts,
        now=facts.now + timedelta(days=(day - facts.today).days),
        today=day,
        activities=(*facts.activities, planned),
        history_from=facts.history_from or day,
        last_run_on=day,
    )
    quiet = {(f.rule, f.subject, f.level) for f in evaluate(replace(after, activities=facts.activities))}
    new = [f.rule for f in evaluate(after) if (f.rule, f.subject, f.level) not in quiet]
    return [rule for rule in dict.fromkeys(new) if rule.startswith("L")]


def _planned(facts: Facts, plan_m: float, day: date) -> Activity:
    """The run as it would be, at 10 km/h, after everything of that day."""
    same_day = [a for a in facts.activities if a.local_date == day]
    ends = [a.started_at + timedelta(seconds=a.timer_s) + APART for a in same_day]
    started_at = max([facts.now + (day - facts.today), *ends])
    seconds = plan_m / 2.8
    return Activity(
        id=-1,
        key="planned",
        sport=RUNNING,
        surface="unknown",
        started_at=started_at,
        local_date=day,
        distance_m=plan_m,
        counted_m=plan_m,
        distance_from="edit",
        timer_s=seconds,
        moving_s=seconds,
        elapsed_s=seconds,
        received_at=started_at,
    )
