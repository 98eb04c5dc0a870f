"""The rules turned round: how far may the next run go, how much is left this week, and why."""

from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from math import inf

from midsole.domain.cap_base import Seen, leaves_out, longest_counted_m, seen_sessions
from midsole.domain.comeback import Comeback, find_comeback, novice_cap_m, week_done_m
from midsole.domain.facts import Facts
from midsole.domain.load import (
    Log,
    exceeds,
    is_short,
    longest,
    read_log,
    two_weeks_base_m,
    usual_m,
)
from midsole.domain.pain_caps import (
    BACK,
    RED,
    RUNS_A_WEEK,
    SHORT_AND_EASY_M,
    Held,
    cap_log,
    held,
    known_when_told,
    without_unanswered,
)
from midsole.domain.units import distance, distance_down, short_day, shown_m
from midsole.domain.weeks import DAY, WEEK, week_start

REST_RATIO = 1.3
REST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Cap:
    """Ceilings in metres, rounded down to what is shown; None is "not enough data", with why in `missing`.

    `held_by` is amber, red or comeback where pain, or the way back from it, lowers them: then `because`
    speaks of the runner's health."""

    next_run_m: float | None
    week_left_m: float | None
    because: str
    missing: tuple[str, ...] = ()
    held_by: str | None = None


def cap(facts: Facts, on: date | None = None) -> Cap:
    """L0, or L5's and L6's caps in its place while they are open; what pain allows, where that is less."""
    day = on or facts.today
    if not facts.body.check_ins and not facts.body.plans:
        return _shown(_calm_cap(read_log(facts), day), facts.units)
    first, *others = (_known_cap(facts, known, day) for known in known_when_told(facts, day))
    found = reduce(_lower, others, first)
    return _shown(_with_pain(facts, cap_log(facts, facts), day, found), facts.units)


def _known_cap(facts: Facts, known: Facts, day: date) -> Cap:
    """The cap of some of the runs, of which those of the last days not among them are run all the same."""
    log, every = cap_log(facts, known), read_log(facts)
    found, back = _calm_cap(log, day), find_comeback(log, day)
    for answered in without_unanswered(facts, log, day):
        other = find_comeback(answered, day)
        if other is not None:
            found, back = _lower(found, _unanswered_cap(log, other, is_real=back is not None)), other
    if known is facts or found.week_left_m is None:
        return found
    start = day - WEEK + DAY if back is not None else week_start(day, facts.first_weekday)
    late_m = every.run_m(start, 7) - log.run_m(start, 7)
    return replace(found, week_left_m=max(0.0, found.week_left_m - late_m))


def _calm_cap(log: Log, day: date) -> Cap:
    back = find_comeback(log, day)
    if back is not None:
        return _comeback_cap(log, back)
    if is_short(log.facts, day) and log.facts.start.longest_m is None:
        return _novice_cap(log, day)
    return _plain_cap(log, day)


def _with_pain(facts: Facts, log: Log, day: date, found: Cap) -> Cap:
    """All that pain has to say only lowers: it puts no cap in the place of another.

    While it is red that is all there is to say: the gate comes after it."""
    pain = held(facts, log, day)
    if pain is not None and pain.by == RED:
        return _held(found, pain, read_log(facts), day)
    back = find_comeback(replace(log, facts=facts), day)
    if back is not None and back.gate_waits:
        found = _lower(found, _gate_cap(back))
    elif back is not None and (back.why == "pain" or any(p.is_open for p in facts.body.plans)):
        found = _lower(found, _comeback_cap(log, back))
    return found if pain is None else _held(found, pain, read_log(facts), day)


def _lower(found: Cap, other: Cap) -> Cap:
    """The lower of each, and the reason of what is lower; what is not known holds nothing."""
    run_m, week_m = _least(found.next_run_m, other.next_run_m), _least(found.week_left_m, other.week_left_m)
    if (run_m, week_m) == (found.next_run_m, found.week_left_m):
        return found
    runs_less = run_m != found.next_run_m or run_m == other.next_run_m
    because = other.because if runs_less else f"{found.because}; for the week, {other.because}"
    missing = tuple(m for m in found.missing if not m.startswith(_known(run_m, week_m)))
    return Cap(run_m, week_m, because, missing, other.held_by or found.held_by)


def _known(run_m: float | None, week_m: float | None) -> tuple[str, ...]:
    said = {"next_run_m": run_m, "week_left_m": week_m}
    return tuple(name for name, metres in said.items() if metres is not None)


def _least(one: float | None, other: float | None) -> float | None:
    return min((m for m in (one, other) if m is not None), default=None)


def _gate_cap(back: Comeback) -> Cap:
    since_on = short_day(back.began_on)
    why = f"pain was red on {since_on}: no running until walking, stairs, hops and a calf raise are painless"
    return Cap(0.0, 0.0, why, held_by=BACK)


def _held(found: Cap, pain: Held, log: Log, day: date) -> Cap:
    start = week_start(day, log.facts.first_weekday)
    left_m = max(0.0, pain.week_m - log.run_m(start, 7))
    return _lower(found, Cap(pain.run_m, left_m, pain.because, held_by=pain.by))


def _shown(found: Cap, units: str) -> Cap:
    def down(metres: float | None) -> float | None:
        return None if metres is None else max(0.0, shown_m(metres, units))

    return replace(found, next_run_m=down(found.next_run_m), week_left_m=down(found.week_left_m))


def _plain_cap(log: Log, day: date) -> Cap:
    facts = log.facts
    seen = seen_sessions(log, day)
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
        because += ", of which nothing is left" if not next_m else ""
    missing = () if left_m is not None else ("week_left_m: no usual week yet",)
    return Cap(next_m, left_m, because, missing)


def _base(log: Log, seen: list[Seen], day: date) -> tuple[float | None, str]:
    """What the cap is a factor of, in metres, and the words for it."""
    counted_m = longest_counted_m(seen, day)
    said_m = log.facts.start.longest_m if is_short(log.facts, day) else None
    units = log.facts.units
    if said_m is not None and said_m > (counted_m or 0):
        return said_m, f"the longest run you named is {distance(said_m, units)}"
    if counted_m is None:
        return None, ""
    top = longest([s.session for s in seen if s.counts], day)
    if top is None:
        return counted_m, "each run of the last 30 days was run in pain, or not answered painless"
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
    week_m = _week_m(log, day, start)
    if week_m is not None and leaves_out(log):
        every = replace(log, base_m_by_day=log.run_m_by_day, mean_m_by_week={})
        at_least_m = RUNS_A_WEEK * SHORT_AND_EASY_M  # where weeks in pain leave no usual one
        week_m = min(max(week_m, at_least_m), _week_m(every, day, start) or 0.0)
    return None if week_m is None else max(0.0, week_m - log.run_m(start, 7))


def _week_m(log: Log, day: date, start: date) -> float | None:
    then = replace(log, last_activity_on=max(day, log.last_activity_on or day))
    usual = usual_m(then, start)
    if usual is None:
        return None
    before_m = usual_m(log, start - WEEK)
    if before_m is not None and is_steep_week(log, start - WEEK):
        usual = min(usual, before_m)
    return min(log.facts.limits.week_note * usual, max(usual, _two_weeks_left_m(then, start)))


def is_steep_week(log: Log, start: date) -> bool:
    """L2's warn: far above the usual, or a week above it that is steep together with the one before."""
    limits, week_m, usual = log.facts.limits, log.run_m(start, 7), usual_m(log, start)
    if usual is None:
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


def _rest_m(log: Log, seen: list[Seen], day: date) -> float | None:
    """What is left of a usual week in the 7 days after each session with r > 1.3."""
    spikes = [s.session.local_date for s in seen if s.ratio and s.ratio > REST_RATIO]
    left = [_rest_after_m(log, on) for on in spikes if (day - on).days <= REST_DAYS]
    return min((m for m in left if m is not None), default=None)


def _rest_after_m(log: Log, spike_on: date) -> float | None:
    usual = usual_m(log, week_start(spike_on, log.facts.first_weekday))
    return None if usual is None else max(0.0, usual - log.run_m(spike_on + DAY, REST_DAYS))


def _novice_cap(log: Log, day: date) -> Cap:
    """L6: longest so far, 10 % or one kilometre more; a week needs history or start values."""
    left_m = _week_left_m(log, day)
    missing = [] if left_m is not None else ["week_left_m: fewer than 30 days of history"]
    until = [s for s in log.sessions if s.local_date <= day]
    if not until:
        return Cap(None, left_m, "no run yet", ("next_run_m: no run yet", *missing))
    counted = [s.distance_m for s in until if s.local_date in log.base_m_by_day]
    top = max(counted) if counted else min(SHORT_AND_EASY_M, *(s.distance_m for s in until))
    because = f"fewer than 30 days are known; the longest run so far is {distance(top, log.facts.units)}"
    return Cap(novice_cap_m(top), left_m, because, tuple(missing))


def _unanswered_cap(log: Log, back: Comeback, *, is_real: bool) -> Cap:
    """Runs in pain that nobody answered as painless count as a break; the words name none that was not."""
    found = _comeback_cap(log, back)
    if is_real:
        return found
    since, week = short_day(back.began_on), found.because.partition(": ")
    words = (
        f"no run since {since} was answered painless, so the cap is that of week {back.week} of a comeback"
    )
    return replace(found, because="".join((words, *week[1:])))


def _comeback_cap(log: Log, back: Comeback) -> Cap:
    """L5: the week's share of the usual week before the break, counted from the first run."""
    missing = []
    if back.cap_run_m is None:
        missing.append(
            "next_run_m: the runs before the break are out of sight; keep the first one short and easy"
        )
    if back.cap_week_m is None:
        missing.append("week_left_m: the weeks before the break are out of sight")
    left_m = (
        None
        if back.cap_week_m is None
        else max(0.0, back.cap_week_m - week_done_m(log, back.first_run_on, back.week))
    )
    after = "red pain since" if back.why == "pain" else "the break that began on"
    because = f"week {back.week} of the comeback after {after} {short_day(back.began_on)}"
    if back.usual_m is not None and back.cap_week_m is not None:
        week, usual = (distance_down(m, log.facts.units) for m in (back.cap_week_m, back.usual_m))
        because += f": at most {week} in 7 days, {usual} were usual before"
    return Cap(back.cap_run_m, left_m, because, tuple(missing), BACK if back.why == "pain" else None)
