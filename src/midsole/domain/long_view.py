"""The weeks behind as the page of the load draws them: against their mean, their cap and the moving limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from midsole.domain.activity import ON_FEET, Activity
from midsole.domain.caps import Cap
from midsole.domain.facts import Facts
from midsole.domain.load import (
    CROSS,
    Log,
    Session,
    Week,
    exceeds,
    longest,
    mean_week_m,
    of_week,
    read_log,
    weeks_of,
)
from midsole.domain.weeks import WEEK

BEFORE = 14
"""Weeks before the first one shown: its four weeks, and the best 30 minutes of 90 days."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What was done beside running: not load on the feet, but for walks."""

    sport: str
    count: int
    moving_s: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest session of a week, and how long it could be without a warning: 1.10 times the longest of
    the 30 days before it. `limit_m` None: none in them."""

    session: Session
    limit_m: float | None

    @property
    def is_above(self) -> bool:
        return self.limit_m is not None and exceeds(self.session.distance_m, 1, self.limit_m)


@dataclass(frozen=True, slots=True)
class Shown:
    """A week as it is drawn. `is_known` False: nothing at all came from it, before the first known day or
    after the last; that is no week of rest. `as_of`: the last known day of a week that is not over."""

    week: Week
    is_known: bool
    as_of: date | None
    mean_m: float | None
    cap_m: float | None
    longest: Longest | None
    beside: tuple[Beside, ...]


def long_view(facts: Facts, count: int, cap: Cap) -> list[Shown]:
    """The last `count` weeks, the oldest first; `facts` reach BEFORE weeks further back. `cap` is today's."""
    log = read_log(facts)
    tops = _longest_of_weeks(log)
    return [_shown(log, week, cap, tops) for week in weeks_of(log, count)]


def _shown(log: Log, week: Week, cap: Cap, tops: dict[date, Session]) -> Shown:
    start, facts = week.week_start, log.facts
    is_now = start <= facts.today < start + WEEK
    last = log.last_activity_on
    top = tops.get(start)
    return Shown(
        week=week,
        is_known=is_known(facts, start),
        as_of=last if is_now and last is not None and last >= start else None,
        mean_m=mean_week_m(log, start),
        cap_m=_cap_now(week, cap) if is_now else _cap_then(week, facts),
        longest=None if top is None else Longest(top, _limit_m(log, top)),
        beside=_beside(facts, start),
    )


def is_known(facts: Facts, start: date) -> bool:
    """Whether the week that begins then lies between the first and the last known day."""
    first = facts.history_from
    if first is None or first >= start + WEEK:
        return False
    return any(a.local_date >= start and not a.excluded for a in reversed(facts.activities))


def _cap_now(week: Week, cap: Cap) -> float | None:
    return None if cap.week_left_m is None else week.distance_m + cap.week_left_m


def _cap_then(week: Week, facts: Facts) -> float | None:
    return None if week.usual_m is None else facts.limits.week_note * week.usual_m


def _longest_of_weeks(log: Log) -> dict[date, Session]:
    first_weekday = log.facts.first_weekday
    tops: dict[date, Session] = {}
    for session in log.sessions:
        start = session.local_date - timedelta(days=(session.local_date.weekday() - first_weekday) % 7)
        if start not in tops or session.distance_m > tops[start].distance_m:
            tops[start] = session
    return tops


def _limit_m(log: Log, session: Session) -> float | None:
    before = longest(log.sessions, session.local_date, session.started_at)
    return None if before is None else log.facts.limits.session_warn * before.distance_m


def _beside(facts: Facts, start: date) -> tuple[Beside, ...]:
    """By sport, the most time first."""
    mine = [a for a in of_week(start, facts.activities) if not a.excluded]
    by_sport: dict[str, list[Activity]] = {}
    for a in mine:
        if a.sport in CROSS or (a.sport in ON_FEET and not a.is_run):
            by_sport.setdefault(a.sport, []).append(a)
    made = [_summed(sport, found) for sport, found in by_sport.items()]
    return tuple(sorted(made, key=lambda b: (-b.moving_s, b.sport)))


def _summed(sport: str, found: Sequence[Activity]) -> Beside:
    return Beside(sport, len(found), sum(a.moving_s for a in found), sum(a.distance_m or 0.0 for a in found))
