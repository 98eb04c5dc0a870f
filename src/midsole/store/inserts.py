"""Insoles, orthotics and pads; their distance is a sum over the wearings of the pairs they lay in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, delete, func, insert, select, update

from midsole.domain.inserts import Fitting, FittingWorn, Insert, InsertWorn
from midsole.domain.shoes import Wear
from midsole.store import tables as t
from midsole.store.base import Tx
from midsole.store.base import insert_id as insert_new_id

type Sums = Mapping[tuple[int, date], Any]
"""What was worn, by insert and the first day of its fitting."""


def add(tx: Tx, runner_id: int, now: datetime, **values: Any) -> int:
    return insert_new_id(tx, t.shoe_insert, {"runner_id": runner_id, "created_at": now, **values})


def change(tx: Tx, insert_id: int, **values: Any) -> None:
    tx.execute(update(t.shoe_insert).where(t.shoe_insert.c.id == insert_id).values(**values))


def remove(tx: Tx, insert_id: int) -> None:
    tx.execute(delete(t.shoe_insert).where(t.shoe_insert.c.id == insert_id))


def inserts(tx: Tx, runner_id: int) -> list[Insert]:
    """In the order they were added."""
    i = t.shoe_insert.c
    columns = (i[name] for name in Insert.__dataclass_fields__)
    rows = tx.execute(select(*columns).where(i.runner_id == runner_id).order_by(i.id))
    return [Insert(*row) for row in rows]


def fittings(tx: Tx, insert_id: int) -> list[Fitting]:
    """Of one insert, in order of their days."""
    f = t.fitting.c
    query = select(f.shoe_id, f.from_date, f.until_date).where(f.insert_id == insert_id)
    return [Fitting(*row) for row in tx.execute(query.order_by(f.from_date))]


def fit(tx: Tx, runner_id: int, insert_id: int, said: Iterable[Fitting]) -> None:
    """These are the insert's fittings from now on, and no others."""
    tx.execute(delete(t.fitting).where(t.fitting.c.insert_id == insert_id))
    rows = [
        {"insert_id": insert_id, "runner_id": runner_id, "shoe_id": f.shoe_id}
        | {"from_date": f.from_date, "until_date": f.until_date}
        for f in said
    ]
    if rows:
        tx.execute(insert(t.fitting), rows)


def worn(tx: Tx, runner_id: int, since: date) -> list[InsertWorn]:
    """Every insert with its sums over all history and its wears from `since` on."""
    known = inserts(tx, runner_id)
    if not known:
        return []
    sums = _sums(tx, runner_id)
    fitted, recent = _fitted(tx, runner_id, sums), _recent(tx, runner_id, since)
    return [_worn(one, fitted.get(one.id, ()), sums, recent.get(one.id, ())) for one in known]


def _worn(one: Insert, fitted: Sequence[FittingWorn], sums: Sums, recent: Sequence[Wear]) -> InsertWorn:
    mine = [row for (insert_id, _), row in sums.items() if insert_id == one.id]
    return InsertWorn(
        one,
        tuple(fitted),
        sum(row.runs for row in mine),
        min((row.first for row in mine), default=None),
        max((row.last for row in mine), default=None),
        tuple(recent),
    )


def _fitted(tx: Tx, runner_id: int, sums: Sums) -> dict[int, list[FittingWorn]]:
    f = t.fitting.c
    query = select(f.insert_id, f.shoe_id, f.from_date, f.until_date, t.shoe.c.name).join(t.shoe)
    found: dict[int, list[FittingWorn]] = {}
    for insert_id, shoe_id, since, until, name in tx.execute(
        query.where(f.runner_id == runner_id).order_by(f.from_date)
    ):
        total = sums.get((insert_id, since))
        one = FittingWorn(Fitting(shoe_id, since, until), name, float(total.metres) if total else 0.0)
        found.setdefault(insert_id, []).append(one)
    return found


def _worn_in() -> FromClause:
    """Each part of an activity with the inserts that lay in its pair on that day."""
    f, a = t.fitting.c, t.activity.c
    holds = (f.from_date <= a.local_date) & (f.until_date.is_(None) | (f.until_date >= a.local_date))
    return t.wearing.join(t.activity).join(t.fitting, (f.shoe_id == t.wearing.c.shoe_id) & holds)


def _metres() -> ColumnElement[float]:
    return t.wearing.c.share * t.activity.c.counted_m


def _sums(tx: Tx, runner_id: int) -> Sums:
    """By insert and the first day of its fitting; on one day it lies in one pair, so no run is in two."""
    f, a = t.fitting.c, t.activity.c
    days = (func.min(a.local_date).label("first"), func.max(a.local_date).label("last"))
    metres, runs = func.sum(_metres()).label("metres"), func.count(a.id.distinct()).label("runs")
    query = select(f.insert_id, f.from_date, metres, runs, *days).select_from(_worn_in())
    counting = (f.runner_id == runner_id) & (a.counted_m > 0)
    rows = tx.execute(query.where(counting).group_by(f.insert_id, f.from_date))
    return {(row.insert_id, row.from_date): row for row in rows}


def _recent(tx: Tx, runner_id: int, since: date) -> dict[int, list[Wear]]:
    f, a = t.fitting.c, t.activity.c
    query = select(f.insert_id, a.id, a.local_date, func.sum(_metres())).select_from(_worn_in())
    late = (f.runner_id == runner_id) & (a.counted_m > 0) & (a.local_date >= since)
    found: dict[int, list[Wear]] = {}
    query = query.where(late).group_by(f.insert_id, a.id, a.local_date, a.started_at)
    for insert_id, *wear in tx.execute(query.order_by(a.started_at, a.id)):
        found.setdefault(insert_id, []).append(Wear(*wear))
    return found
