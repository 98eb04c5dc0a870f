"""What the cap rests on: how far a session counts; fresh spikes and races less, runs in pain not at all."""

from dataclasses import dataclass
from datetime import date, timedelta

from midsole.domain.facts import Facts
from midsole.domain.load import WINDOW_DAYS, Log, Session, exceeds, longest, since
from midsole.domain.pain_caps import SHORT_AND_EASY_M
from midsole.domain.weeks import DAY

LOOK_BACK_DAYS = 100
"""Far beyond the 30 days: what lies before reaches today only by a spike in every fortnight since."""
SPIKE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Seen:
    """A session with what it counts for while it is fresh, and how far above the window it was.

    One that was run in pain does not count."""

    session: Session
    fresh_m: float
    ratio: float | None
    counts: bool


def seen_sessions(log: Log, day: date) -> list[Seen]:
    """Each session with the distance it counts for in its first 14 days.

    One that tripped L1, or is a race, counts only with the cap that held before it (RULES.md L0)."""
    seen: list[Seen] = []
    factor, more_m = log.facts.limits.session_warn, log.facts.limits.session_warn_more_m
    for session in since(day - timedelta(days=LOOK_BACK_DAYS), log.sessions):
        if session.local_date > day:
            break
        before_m = _before_m(log, seen, session)
        spiked = before_m is not None and is_spike(session.distance_m, before_m, factor, more_m)
        fresh_m = session.distance_m
        if spiked or is_race(log.facts, session):
            base_m = longest_counted_m(seen, session.local_date)
            fresh_m = fresh_m if base_m is None else min(fresh_m, factor * base_m)
        ratio = session.distance_m / before_m if before_m else None
        seen.append(Seen(session, fresh_m, ratio, session.local_date in log.base_m_by_day))
    return seen


def _before_m(log: Log, seen: list[Seen], session: Session) -> float | None:
    """What the session is a spike against: the longest before it; of those that count, where some don't."""
    before = longest(log.sessions, session.local_date, session.started_at)
    if before is None or not leaves_out(log):
        return None if before is None else before.distance_m
    counted = [s.session for s in seen if s.counts]
    top = longest(counted, session.local_date, session.started_at)
    return before.distance_m if top is None else min(before.distance_m, top.distance_m)


def leaves_out(log: Log) -> bool:
    return len(log.base_m_by_day) < len(log.run_m_by_day)


def is_spike(distance_m: float, longest_m: float, factor: float, more_m: float) -> bool:
    """Above the factor and at least so many metres longer."""
    return exceeds(distance_m, factor, longest_m) and round(distance_m) - round(longest_m) >= more_m


def is_race(facts: Facts, session: Session) -> bool:
    return session.is_race or session.local_date in facts.races


def longest_counted_m(seen: list[Seen], day: date) -> float | None:
    """The longest of 30 days, of those that count; where none does, what is short and easy, or less: as
    unknown as before the first run, and pain would lift a cap."""
    first, fresh = day - timedelta(days=WINDOW_DAYS), day - timedelta(days=SPIKE_DAYS)
    window, others, earlier = list[float](), list[float](), first - DAY
    for s in reversed(seen):
        on = s.session.local_date
        if on < earlier:
            break
        if on < first:
            continue
        if s.counts:
            window.append(s.fresh_m if on >= fresh else s.session.distance_m)
        else:
            others.append(s.session.distance_m)
    if others and not window:
        return min(SHORT_AND_EASY_M, *others)
    return max(window, default=None)
