"""How pain holds the caps: which runs count while something hurts, and how far one may go.

RULES.md section 3: the cap is the lower of L0 and the longest painless run; no report of pain raises it, and
no run without a painless answer does. docs/decisions/0028-caps-follow-pain.md says how that is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from midsole.domain.checkins import AFTER, MORNING, Body, Spot
from midsole.domain.facts import ALARM, WARN, Facts
from midsole.domain.load import Log, Session, read_log
from midsole.domain.pain import (
    PAINLESS_DAYS,
    Episode,
    episodes,
    grade,
    is_painless_run,
    open_episodes,
    standing,
)
from midsole.domain.units import distance, short_day
from midsole.domain.weeks import DAY

SHORT_AND_EASY_M = 2_000
"""About 15 minutes: all that is known to do no harm where no painless run is known."""
RUNS_A_WEEK = 3
"""At most every other day."""
ENOUGH = 3
AMBER, RED, BACK = "amber", "red", "comeback"


@dataclass(frozen=True, slots=True)
class Held:
    """What pain allows at most, in metres, and why; `by` is amber or red. BACK: the way back from it."""

    run_m: float
    week_m: float
    because: str
    by: str


def known_when_told(facts: Facts, day: date) -> list[Facts]:
    """The facts as they were at answers that told of open pain, and the painless runs since.

    A run that came in later raises no cap while it hurts, whatever its day; that is why what is known now is
    not among them, unless nothing came in. Of many answers the first and the last ones speak for all."""
    told = sorted({a.said_at for e in open_episodes(facts, day) for a in e.reports if a.said_at is not None})
    asked = told if len(told) <= 2 * ENOUGH else [*told[:ENOUGH], *told[-ENOUGH:]]
    late = {frozenset(_came_after(facts, at)) for at in asked} or {frozenset()}
    return [_without_runs(facts, keys) for keys in sorted(late, key=len)]


def _came_after(facts: Facts, told_at: datetime) -> set[str]:
    """Keys of the runs that came in later and were not answered painless."""
    came = [a for a in facts.activities if a.is_run and a.received_at > told_at]
    painless = {day for day in {a.local_date for a in came} if is_painless_run(facts.body, day)}
    return {a.key for a in came if a.local_date not in painless}


def _without_runs(facts: Facts, keys: frozenset[str]) -> Facts:
    if not keys:
        return facts
    kept = tuple(a for a in facts.activities if a.key not in keys)
    ran = max((a.local_date for a in kept if a.is_run), default=None)
    seen = any(a.is_run and a.local_date == facts.last_run_on for a in facts.activities)
    return replace(facts, activities=kept, last_run_on=ran if seen else facts.last_run_on)


def cap_log(facts: Facts, known: Facts) -> Log:
    """The runs as the caps see them: pain closes no gap and leaves no day out of a mean, for both could raise
    a cap; what was run in pain counts in no usual week."""
    log = read_log(_as_if_painless(known))
    left_out = run_in_pain(facts, log.run_m_by_day)
    if not left_out:
        return log
    base = {day: m for day, m in log.base_m_by_day.items() if day not in left_out}
    return replace(log, base_m_by_day=base, mean_m_by_week={})


def _as_if_painless(facts: Facts) -> Facts:
    """The same runs, and no word of pain: breaks and their plans are the same whatever is reported."""
    body = facts.body
    well = tuple(a for a in body.check_ins if a.is_painless)
    plans = tuple(p for p in body.plans if p.why != "pain")
    return replace(facts, body=replace(body, check_ins=well, plans=plans, said_over=()))


def run_in_pain(facts: Facts, run_days: Iterable[date]) -> set[date]:
    """Days of runs on which an episode was open, but those that were answered painless."""
    found = episodes(facts)
    return {
        day
        for day in run_days
        if any(e.is_open_on(day) for e in found) and not is_painless_run(facts.body, day)
    }


def openers(episode: Episode) -> list[date]:
    """Days of the answers that could have opened it: each holds the cap with its own 14 days before it, so
    that an earlier report, which makes the episode longer, can't widen the window."""
    return [
        a.on_day
        for a in episode.reports
        if a.on_day >= episode.opened_on and (a.moment == MORNING or grade(a) in (WARN, ALARM))
    ]


def held(facts: Facts, log: Log, day: date) -> Held | None:
    """What open pain allows on that day; None: nothing is open."""
    opened = open_episodes(facts, day)
    if not opened:
        return None
    if standing(facts, day) == ALARM:
        red = [e for e in opened if e.is_red_on(day)]
        why = f"pain is red ({_hurts(red)}): no running until it is over; see a clinician"
        return Held(0.0, 0.0, why, RED)
    first = max(on for e in opened for on in openers(e)) - PAINLESS_DAYS * DAY
    run_m, words = _painless_m(facts, log.sessions, first, day)
    why = f"{_hurts(opened)}; {words}, and at most {RUNS_A_WEEK} such runs a week while it hurts"
    return Held(run_m, RUNS_A_WEEK * run_m, why, AMBER)


def _painless_m(facts: Facts, sessions: Sequence[Session], first: date, day: date) -> tuple[float, str]:
    in_window = [s for s in sessions if first <= s.local_date <= day]
    painless = [s for s in in_window if is_painless_run(facts.body, s.local_date)]
    if painless:
        longest_m = max(s.distance_m for s in painless)
        far = distance(longest_m, facts.units)
        return longest_m, f"the longest painless run since {short_day(first)} is {far}"
    # A run that was painless until pain was reported of it, too, may have held the cap lower than 2 km.
    shorter = [s.distance_m for s in sessions if s.local_date <= day and _was_fine(facts.body, s.local_date)]
    at_most_m = min([SHORT_AND_EASY_M, *shorter])
    far = distance(at_most_m, facts.units)
    none = f"no run since {short_day(first)} was answered painless, after it and the next morning"
    return at_most_m, f"{none}: about 15 minutes easy, at most {far}"


def _was_fine(body: Body, run_on: date) -> bool:
    after = any(a.on_day == run_on and a.moment == AFTER and a.is_painless for a in body.check_ins)
    return after and any(
        a.on_day == run_on + DAY and a.moment == MORNING and a.is_painless for a in body.check_ins
    )


def _hurts(found: Sequence[Episode]) -> str:
    """ "the left heel hurts since 12 Nov, and so does the right knee since 14 Nov"."""
    first, *others = sorted(found, key=lambda e: (e.onset_on, e.spot))
    said = f"{_the(first.spot)} hurts since {short_day(first.onset_on)}"
    return said + "".join(f", and so does {_the(e.spot)} since {short_day(e.onset_on)}" for e in others)


def _the(spot: Spot) -> str:
    return (
        spot.words
        if spot.place == "other"
        else f"the {spot.words.removesuffix(', both sides')}"
        + (" on both sides" if spot.side == "both" else "")
    )


def without_unanswered(facts: Facts, log: Log, day: date) -> list[Log]:
    """For each answer that holds the cap the log without the runs since then that were not painless: they may
    have closed a break, and so put another cap in the place of the comeback's.

    Only where it is not known when pain was told of; else `known_when_told` has left them out already."""
    opened = [e for e in open_episodes(facts, day) if any(a.said_at is None for a in e.reports)]
    in_pain = run_in_pain(facts, log.run_m_by_day) if opened else set()
    if not in_pain:
        return []
    # Of those of which pain was reported later, too: a report must not take a lower cap away.
    never_fine = frozenset(d for d in in_pain if not _was_fine(facts.body, d))
    first_days = {on for e in opened for on in openers(e)}
    since = {frozenset(d for d in days if d >= on) for on in first_days for days in (in_pain, never_fine)}
    return [_without(log, days) for days in since if days]


def _without(log: Log, days: frozenset[date]) -> Log:
    run_m = {day: m for day, m in log.run_m_by_day.items() if day not in days}
    sessions = [s for s in log.sessions if s.local_date not in days]
    return replace(log, run_m_by_day=run_m, sessions=sessions)
