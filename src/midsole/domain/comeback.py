"""Coming back after a break: where the break began, and how much the weeks after it may hold.

Seed (coach), grade D: week 1 at 25-50 % of the usual week, then 10 % more a week at most."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from midsole.domain.facts import Facts
from midsole.domain.load import DAY, MEAN_WEEKS, WINDOW_DAYS, Log, is_short, longest, read_log
from midsole.domain.weeks import WEEK

OPEN_DAYS = 28
FIRST_FRACTION = 0.50
GROWTH = 1.10
FACTS_DAYS = 200
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


def comeback(facts: Facts, on: date) -> Comeback | None:
    """The comeback that is open on `on`, seen with the runs up to that day."""
    return find_comeback(read_log(facts), on)


def find_comeback(log: Log, on: date) -> Comeback | None:
    run_days = sorted(d for d in log.run_m_by_day if d <= on)
    breaks = [*_gaps(log.facts, run_days, on), *_ended_pauses(log.facts, run_days, on)]
    for began_on, first_run_on in sorted(breaks, key=lambda b: b[1] or on, reverse=True):
        if first_run_on is None or (on - first_run_on).days < OPEN_DAYS:
            return _plan(log, _merged_begin(breaks, began_on, first_run_on), first_run_on, on)
    return None


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
    usual_m = _usual_before_m(log, began_on)
    longest_m = _longest_before_m(log, began_on)
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


def _usual_before_m(log: Log, began_on: date) -> float | None:
    """Mean of the 4 weeks before the break, per seven known unpaused days; else what the runner said."""
    first = began_on - MEAN_WEEKS * WEEK
    days = log.unpaused(first, 28)
    run_m = sum(log.run_m_by_day.get(d, 0.0) for d in days)
    if _in_sight(log, first) and len(days) >= 7 and run_m:
        return run_m / len(days) * 7
    return log.facts.start.usual_week_m if is_short(log.facts, began_on) else None


def _longest_before_m(log: Log, began_on: date) -> float | None:
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
