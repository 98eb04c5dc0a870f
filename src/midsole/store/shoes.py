"""Shoes, their defaults, and who wore what: mileage is a sum over wearings, never a counter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from midsole.domain.shoes import Shoe, Wear, Worn
from midsole.store import tables as t
from midsole.store.base import Tx, insert_id


@dataclass(frozen=True, slots=True)
class Wearing:
    """One activity's part in one pair."""

    activity_id: int
    shoe_id: int
    shoe_name: str
    share: float
    distance_m: float
    set_by: str
    probability: float | None


def add(tx: Tx, runner_id: int, now: datetime, **values: Any) -> int:
    return insert_id(tx, t.shoe, {"runner_id": runner_id, "created_at": now, **values})


def change(tx: Tx, shoe_id: int, **values: Any) -> None:
    tx.execute(update(t.shoe).where(t.shoe.c.id == shoe_id).values(**values))


def remove(tx: Tx, shoe_id: int) -> None:
    """Only where nothing was worn: the database refuses it otherwise."""
    tx.execute(delete(t.shoe).where(t.shoe.c.id == shoe_id))


def pairs(tx: Tx, runner_id: int) -> list[Shoe]:
    names = tuple(name for name in Shoe.__dataclass_fields__ if name != "added_on")
    mine = select(t.shoe.c.created_at, *(t.shoe.c[name] for name in names)).where(
        t.shoe.c.runner_id == runner_id
    )
    rows = tx.execute(mine.order_by(t.shoe.c.id))
    return [Shoe(**dict(zip(names, rest, strict=True)), added_on=at.date()) for at, *rest in rows]


def defaults(tx: Tx, runner_id: int) -> dict[tuple[str, str | None], int]:
    """(sport, surface or None for any) -> shoe id."""
    d = t.shoe_default.c
    rows = tx.execute(select(d.sport, d.surface, d.shoe_id).where(d.runner_id == runner_id))
    return {(sport, surface or None): shoe_id for sport, surface, shoe_id in rows}


def set_default(tx: Tx, runner_id: int, sport: str, surface: str | None, shoe_id: int | None) -> None:
    """Make the pair the default for the sport (and surface); None takes the default away."""
    d = t.shoe_default
    place = (d.c.runner_id == runner_id) & (d.c.sport == sport) & (d.c.surface == (surface or ""))
    tx.execute(delete(d).where(place))
    if shoe_id is not None:
        row = {"runner_id": runner_id, "sport": sport, "surface": surface or "", "shoe_id": shoe_id}
        tx.execute(insert(d).values(**row))


def wear(
    tx: Tx,
    runner_id: int,
    activity_id: int,
    shares: Mapping[int, float],
    set_by: str,
    now: datetime,
    probability: float | None = None,
) -> None:
    """Put the activity on these pairs (shoe id -> share, together one) and on no others."""
    tx.execute(delete(t.wearing).where(t.wearing.c.activity_id == activity_id))
    same = {
        "activity_id": activity_id,
        "runner_id": runner_id,
        "set_by": set_by,
        "set_at": now,
        "probability": probability,
    }
    for shoe_id, share in shares.items():
        tx.execute(insert(t.wearing).values(shoe_id=shoe_id, share=share, **same))


def wear_all(
    tx: Tx, runner_id: int, chosen: Mapping[int, Mapping[int, float]], set_by: str, now: datetime
) -> None:
    """Like `wear`, for many at once: activity id -> (shoe id -> share)."""
    tx.execute(delete(t.wearing).where(t.wearing.c.activity_id.in_(list(chosen))))
    same = {"runner_id": runner_id, "set_by": set_by, "set_at": now}
    rows = [
        {"activity_id": activity_id, "shoe_id": shoe_id, "share": share, **same}
        for activity_id, shares in chosen.items()
        for shoe_id, share in shares.items()
    ]
    if rows:
        tx.execute(insert(t.wearing), rows)


def _metres() -> ColumnElement[float]:
    return t.wearing.c.share * t.activity.c.counted_m


def worn(tx: Tx, runner_id: int, since: date) -> list[Worn]:
    """Every pair with its sums over all history and its wears from `since` on."""
    w, a = t.wearing.c, t.activity.c
    steps = func.coalesce(func.sum(w.share * func.coalesce(a.steps, 0)), 0)
    sums = (func.sum(_metres()), func.count(), steps, func.min(a.local_date), func.max(a.local_date))
    counting = (w.runner_id == runner_id) & (a.counted_m > 0)
    query = select(w.shoe_id, *sums).join(t.activity).where(counting).group_by(w.shoe_id)
    totals = {row[0]: row for row in tx.execute(query)}
    recent: dict[int, list[Wear]] = {}
    late = select(w.shoe_id, a.id, a.local_date, _metres()).join(t.activity)
    for row in tx.execute(late.where(counting, a.local_date >= since).order_by(a.started_at)):
        recent.setdefault(row[0], []).append(Wear(row[1], row[2], row[3]))
    return [_worn(shoe, totals.get(shoe.id), recent.get(shoe.id, [])) for shoe in pairs(tx, runner_id)]


def _worn(shoe: Shoe, total: Any, recent: list[Wear]) -> Worn:
    if total is None:
        return Worn(shoe, 0.0, 0, 0, None, None)
    return Worn(shoe, float(total[1]), int(total[2]), round(total[3]), total[4], total[5], tuple(recent))


def wearings(tx: Tx, runner_id: int) -> dict[int, list[Wearing]]:
    """activity id -> its wearings, of all history."""
    w = t.wearing.c
    columns = (w.activity_id, w.shoe_id, t.shoe.c.name, w.share, _metres(), w.set_by, w.probability)
    query = select(*columns).join(t.activity).join(t.shoe, t.shoe.c.id == w.shoe_id)
    found: dict[int, list[Wearing]] = {}
    for row in tx.execute(query.where(w.runner_id == runner_id).order_by(w.shoe_id)):
        found.setdefault(row[0], []).append(Wearing(*row))
    return found


def set_by(tx: Tx, activity_id: int) -> str | None:
    """Who said which shoe it was; None while nobody did."""
    return tx.scalar(select(t.wearing.c.set_by).where(t.wearing.c.activity_id == activity_id).limit(1))


def said_by(tx: Tx, activity_ids: Iterable[int]) -> dict[int, str]:
    """activity id -> who said which shoe it was, of those of which somebody did."""
    w = t.wearing.c
    rows = tx.execute(select(w.activity_id, w.set_by).where(w.activity_id.in_(list(activity_ids))))
    return {row.activity_id: row.set_by for row in rows}


def unworn(tx: Tx, runner_id: int, since: date) -> tuple[int, ...]:
    """Runs since then with no shoe, or with a guess below 80 per cent (S4)."""
    w, a = t.wearing.c, t.activity.c
    sure = select(w.activity_id).where(w.runner_id == runner_id, func.coalesce(w.probability, 1.0) >= 0.8)
    runs = (a.runner_id == runner_id) & (a.sport == "running") & (a.counted_m > 0)
    query = select(a.id).where(runs, a.local_date >= since)
    return tuple(tx.scalars(query.where(a.id.not_in(sure)).order_by(a.started_at)))


def runs_in(tx: Tx, shoe_id: int) -> int:
    query = select(func.count()).select_from(t.wearing).where(t.wearing.c.shoe_id == shoe_id)
    return int(tx.scalar(query) or 0)


def said_after(tx: Tx, shoe_id: int, day: date) -> date | None:
    """The last day after that one on which the runner said the pair was worn."""
    w, a = t.wearing.c, t.activity.c
    said = (w.shoe_id == shoe_id) & (w.set_by == "runner") & (a.local_date > day)
    last: date | None = tx.scalar(
        select(func.max(a.local_date)).select_from(t.wearing.join(t.activity)).where(said)
    )
    return last


def defaulted_after(tx: Tx, shoe_id: int, day: date) -> list[int]:
    """Activities after that day that wear the pair by default only."""
    w = t.wearing.c
    query = select(w.activity_id).join(t.activity).where(w.shoe_id == shoe_id, w.set_by == "default")
    return list(tx.scalars(query.where(t.activity.c.local_date > day)))
