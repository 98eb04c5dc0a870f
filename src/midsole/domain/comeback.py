"""Coming back after a break: where the break began, and how much the weeks after it may hold.

Seed (coach), grade D: week 1 at 25-50 % of the usual week, then 10 % more a week at most."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from midsole.domain.checkins import Plan
from midsole.domain.facts import Facts
from midsole.domain.load import (
    MEAN_WEEKS,
    WINDOW_DAYS,
    Log,
    is_paused,
    is_short,
    longest,
    read_log,
)
from midsole.domain.pain import episodes
from midsole.domain.plan import FIRST_FRACTION, GROWTH, OPEN_DAYS, is_engaged, progress
from midsole.domain.plan_course import DONE
from midsole.domain.plan_edits import edits_of
from midsole.domain.plan_judge import is_locked, red_answers
from midsole.domain.weeks import DAY, WEEK

FACTS_DAYS = 200
NEWS_DAYS = 7
FALLBACK_MORE_M = 1_000


@dataclass(frozen=True, slots=True)
class Comeback:
    """A break and the weeks after it; None where the time before it is out of sight.

    `began_on` is the break's first day, `week` counts from the first run (1 before it)."""

    began_on: date
    first_run_on: date | None
    week: int
    usual_m: float | None
    longest_before_m: float | None
    cap_week_m: float | None
    cap_run_m: float | None
    why: str = "break"
    """break, or pain: after red pain its caps only lower the others."""
    gate_waits: bool = False
    """After red pain the gate is yet to be passed: nothing may be run before."""


def comeback(facts: Facts, on: date) -> Comeback | None:
    """The comeback that is open on `on`, seen with the runs up to that day."""
    return find_comeback(read_log(facts), on)


def find_comeback(log: Log, on: date) -> Comeback | None:
    """By the plan that the runner follows, or must since red pain; else by the runs, for four weeks.

    A break whose plan was left, or followed to its end, has none."""
    found, held = by_runs(log, on), _held_plan(log.facts, on)
    if held is not None and (found is None or not _is_later(log, found, held, on)):
        return _of_plan(log, held, on)
    if found is None or any(_is_same(log, p, found) for p in log.facts.body.plans if _is_closed(p, on)):
        return None
    return found


def by_runs(log: Log, on: date) -> Comeback | None:
    """The comeback by breaks alone, whatever was planned."""
    run_days = sorted(d for d in log.run_m_by_day if d <= on)
    breaks = [*_gaps(log.facts, run_days, on), *_ended_pauses(log.facts, run_days, on)]
    for began_on, first_run_on in sorted(breaks, key=lambda b: b[1] or on, reverse=True):
        if first_run_on is None or (on - first_run_on).days < OPEN_DAYS:
            return _plan(log, _merged_begin(breaks, began_on, first_run_on), first_run_on, on)
    return None


def plan_of(facts: Facts, on: date | None = None) -> Plan | None:
    """The plan to show: the one that is followed, or that of the break that is open; left ones, too, so
    that they can be taken up again while their break would still be open."""
    if not facts.body.plans:
        return None
    day, log = on or facts.today, read_log(facts)
    found, held = by_runs(log, day), _held_plan(facts, day)
    if held is not None and (found is None or not _is_later(log, found, held, day)):
        return held if progress(facts, held, day).phase != DONE else None
    known = [p for p in facts.body.plans if p.opened_on <= day and p.done_on is None]
    if found is not None:
        return next((p for p in reversed(known) if _is_same(log, p, found)), None)
    return known[-1] if known and _may_return(facts, known[-1], day) else None


# ---- plans


def to_open(facts: Facts) -> Plan | None:
    """The plan that is due: after red pain, which no open plan covers, or after a break without one.

    A break of history gets none: only one that goes on, or that ended at most a week ago."""
    return _after_red(facts) or _after_break(facts)


def _after_red(facts: Facts) -> Plan | None:
    days = [e.red_on for e in episodes(facts) if e.red_on and e.is_red_on(facts.today)]
    if not days:
        return None
    covered = [p for p in facts.body.plans if p.done_on is None or p.left_on is not None]
    shown = plan_of(facts)
    for red_on in sorted(days, reverse=True):
        left = any(p.left_on and p.began_on <= red_on <= p.left_on for p in covered)
        if not left and (shown is None or not shown.is_open or shown.began_on > red_on):
            return _plan_for(facts, red_on, "pain")
    return None


def _after_break(facts: Facts) -> Plan | None:
    log, today = read_log(facts), facts.today
    found, held = by_runs(log, today), _held_plan(facts, today)
    if (
        found is None
        or is_paused(facts, today)
        or (held is not None and not _is_later(log, found, held, today))
    ):
        return None
    began = found.first_run_on
    if began is not None and (today - began).days > NEWS_DAYS:
        return None
    if any(_is_same(log, p, found) for p in facts.body.plans if p.is_open or _is_closed(p, today)):
        return None
    return _plan_for(facts, found.began_on, "break")


def _plan_for(facts: Facts, began_on: date, why: str) -> Plan:
    usual_m, longest_m = before(read_log(facts), began_on)
    return Plan(began_on, facts.today, why, usual_m, longest_m)


def before(log: Log, began_on: date) -> tuple[float | None, float | None]:
    """The usual week and the longest run before that day."""
    return usual_before_m(log, began_on), longest_before_m(log, began_on)


def closing_day(facts: Facts, plan: Plan) -> date | None:
    """The day on which a plan is done: at its end, when a newer one took its place, or when the break is
    none any more because runs came late. None: it is open, as it also is again if an answer is changed."""
    newer = [p.opened_on for p in facts.body.plans if p.began_on > plan.began_on]
    if newer:
        return plan.done_on or min(newer)
    at = progress(facts, plan)
    if at.ended_on is not None:
        return at.ended_on
    log, today = read_log(facts), facts.today
    found = by_runs(log, today)
    is_open = _stands(facts, plan, today) or (found is not None and _is_same(log, plan, found))
    return None if is_open else plan.done_on or today


def _held_plan(facts: Facts, on: date) -> Plan | None:
    """The newest plan that stands whatever the runs say: taken up by the runner, or locked by red pain."""
    mine = (p for p in facts.body.plans if p.opened_on <= on and not _is_closed(p, on))
    return next((p for p in sorted(mine, key=_began_on, reverse=True) if _stands(facts, p, on)), None)


def _began_on(plan: Plan) -> date:
    return plan.began_on


def _stands(facts: Facts, plan: Plan, on: date) -> bool:
    return is_engaged(plan) or is_locked(facts, plan, on, on)


def _is_closed(plan: Plan, on: date) -> bool:
    left = plan.left_on is not None and plan.left_on <= on
    return left or (plan.done_on is not None and plan.done_on <= on and is_engaged(plan))


def _may_return(facts: Facts, plan: Plan, on: date) -> bool:
    """A plan that was followed or locked, then left, may be taken up again for four weeks."""
    left = plan.left_on
    followed = is_engaged(plan) or bool(red_answers(facts, plan.began_on))
    return left is not None and followed and (on - left).days < OPEN_DAYS


def _is_later(log: Log, found: Comeback, held: Plan, on: date) -> bool:
    """A new break after runs of the plan begins anew; time off before its first run is part of it. No time
    off opens a gate that waits since red pain, and a gate that was passed in it need not be passed again."""
    was_passed = any(found.began_on <= gate <= on for gate in edits_of(held).gates)
    if was_passed or is_locked(log.facts, held, on, on):
        return False
    return found.began_on > held.began_on and _ran_between(log, _first_day(held), found.began_on)


def _first_day(plan: Plan) -> date:
    """The run that ended in red pain is of the day on which its plan began: it is no run of the plan."""
    return plan.began_on + DAY if plan.why == "pain" else plan.began_on


def _is_same(log: Log, plan: Plan, found: Comeback) -> bool:
    """A pause entered later, or a run that came late, may move a break's first day a little."""
    first, last = sorted((_first_day(plan), found.began_on))
    return not _ran_between(log, first, last)


def _ran_between(log: Log, first: date, until: date) -> bool:
    return any(first <= day < until for day in log.run_m_by_day)


def _of_plan(log: Log, plan: Plan, on: date) -> Comeback | None:
    at = progress(log.facts, plan, on)
    if at.phase == DONE:
        return None
    return Comeback(
        plan.began_on,
        at.first_run_on,
        at.week,
        plan.usual_m,
        plan.longest_m,
        at.cap_week_m,
        at.cap_run_m,
        why="pain" if at.gate_waits else plan.why,
        gate_waits=at.gate_waits,
    )


# ---- breaks


type Break = tuple[date, date | None]
"""A break's first day and the first run after it."""


def _gaps(facts: Facts, run_days: list[date], on: date) -> list[Break]:
    """Breaks of at least 14 days between runs, or from the last run to `on`, which is not yet run."""
    days = facts.limits.break_days
    found: list[Break] = [
        (earlier + DAY, later) for earlier, later in pairwise(run_days) if (later - earlier).days > days
    ]
    last = run_days[-1] if run_days else _last_before(facts, on)
    if last is not None and (on - last).days > days:
        found.append((last + DAY, None))
    unseen = _unseen_break(facts, run_days)
    return [*found, unseen] if unseen else found


def _last_before(facts: Facts, on: date) -> date | None:
    """The last run of all history, which may lie before the window of activities."""
    return facts.last_run_on if facts.last_run_on and facts.last_run_on < on else None


def _unseen_break(facts: Facts, run_days: list[date]) -> Break | None:
    """A break that began before the window: known to be one, since when is not.

    Its first day is put where it must at the latest have begun, so that the identity holds still."""
    if not run_days or facts.history_from is None:
        return None
    first, window_from = run_days[0], facts.today - timedelta(days=FACTS_DAYS)
    sight = timedelta(days=FACTS_DAYS - OPEN_DAYS)
    if facts.history_from < window_from and first - sight >= window_from:
        return first - sight, first
    return None


def _ended_pauses(facts: Facts, run_days: list[date], on: date) -> list[Break]:
    """A pause's end opens a comeback; while it still goes on, the next run would be the first."""
    found: list[Break] = []
    for pause in facts.pauses:
        if pause.from_date > on or not _ran_before(facts, run_days, pause.from_date):
            continue
        until = min(pause.until_date or on - DAY, on - DAY)
        found.append((pause.from_date, next((d for d in run_days if d > until), None)))
    return found


def _ran_before(facts: Facts, run_days: list[date], day: date) -> bool:
    return any(d < day for d in run_days) or (facts.history_from is not None and facts.history_from < day)


def _merged_begin(breaks: list[Break], began_on: date, first_run_on: date | None) -> date:
    """A pause inside a longer break is the same break: both end with the same first run."""
    return min([began_on, *(b for b, first in breaks if first == first_run_on)])


def _plan(log: Log, began_on: date, first_run_on: date | None, on: date) -> Comeback:
    week = 1 if first_run_on is None else (on - first_run_on).days // 7 + 1
    usual_m = usual_before_m(log, began_on)
    longest_m = longest_before_m(log, began_on)
    factor = FIRST_FRACTION * GROWTH ** (week - 1)
    return Comeback(
        began_on,
        first_run_on,
        week,
        usual_m,
        longest_m,
        None if usual_m is None else factor * usual_m,
        _fallback_run_m(log, first_run_on, on) if longest_m is None else factor * longest_m,
    )


def week_done_m(log: Log, first_run_on: date | None, week: int) -> float:
    """Run in the comeback's own week, which begins on the weekday of its first run."""
    return 0.0 if first_run_on is None else log.run_m(first_run_on + (week - 1) * WEEK, 7)


def usual_before_m(log: Log, began_on: date) -> float | None:
    """Mean of the 4 weeks before the break, per seven known unpaused days; else what the runner said."""
    first = began_on - MEAN_WEEKS * WEEK
    days = log.unpaused(first, 28)
    run_m = sum(log.run_m_by_day.get(d, 0.0) for d in days)
    if _in_sight(log, first) and len(days) >= 7 and run_m:
        return run_m / len(days) * 7
    return log.facts.start.usual_week_m if is_short(log.facts, began_on) else None


def longest_before_m(log: Log, began_on: date) -> float | None:
    last = began_on - DAY
    before = longest(log.sessions, last)
    if before is not None and _in_sight(log, last - timedelta(days=WINDOW_DAYS)):
        return before.distance_m
    return log.facts.start.longest_m if is_short(log.facts, began_on) else None


def _in_sight(log: Log, day: date) -> bool:
    return day >= log.facts.today - timedelta(days=FACTS_DAYS)


def _fallback_run_m(log: Log, first_run_on: date | None, on: date) -> float | None:
    """As for a novice (L6): the longest since the break, 10 % or one kilometre more."""
    if first_run_on is None:
        return None
    since = [s.distance_m for s in log.sessions if first_run_on <= s.local_date < on]
    return novice_cap_m(max(since)) if since else None


def novice_cap_m(longest_m: float) -> float:
    """L6: 10 % or one kilometre more, whichever is more."""
    return max(longest_m * GROWTH, longest_m + FALLBACK_MORE_M)
