"""The daily steps that everyday pairs take, worked out anew from the steps of days and of activities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from midsole.domain.everyday import Step, all_day, step_of
from midsole.domain.shoes import DayWear, Shoe
from midsole.store import steps
from midsole.store import tables as t
from midsole.store.base import Tx


@dataclass(frozen=True, slots=True)
class AllDay:
    """What a pair wore outside of activities; `recent` are its last days."""

    steps: int = 0
    distance_m: float = 0.0
    recent: tuple[DayWear, ...] = ()


def worn(tx: Tx, runner_id: int, pairs: Sequence[Shoe], since: date) -> dict[int, AllDay]:
    """shoe id -> its all-day wear over all history; while no pair is worn every day, nothing is looked up."""
    begins = [s.everyday_from for s in pairs if s.everyday_share and s.everyday_from]
    if not begins:
        return {}
    first = min(begins)
    days = steps.between(tx, runner_id, first, date.max)
    found = all_day(pairs, days, _active(tx, runner_id, first), step(tx, runner_id))
    return {shoe_id: _sum(of_pair, since) for shoe_id, of_pair in found.items()}


def _sum(days: Sequence[DayWear], since: date) -> AllDay:
    recent = tuple(day for day in days if day.local_date >= since)
    return AllDay(round(sum(d.steps for d in days)), sum(d.distance_m for d in days), recent)


def _active(tx: Tx, runner_id: int, first: date) -> dict[date, int]:
    """Steps of each day's activities, also of those that count nowhere: the day's own count holds them."""
    a = t.activity.c
    query = select(a.local_date, func.sum(a.steps)).where(a.runner_id == runner_id, a.steps.is_not(None))
    rows = tx.execute(query.where(a.local_date >= first).group_by(a.local_date))
    return {day: int(total) for day, total in rows}


def step(tx: Tx, runner_id: int) -> Step:
    a = t.activity.c
    walked = (a.runner_id == runner_id) & (a.sport == "walking") & (a.counted_m > 0) & (a.steps > 0)
    return step_of(
        (metres, taken) for metres, taken in tx.execute(select(a.counted_m, a.steps).where(walked))
    )
