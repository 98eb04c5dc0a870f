"""Shoes, their defaults, and who wore what: mileage is a sum over wearings, never a counter."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from midsole.domain.shoes import Shoe, Wear, Worn
from midsole.domain.wearing import Answer, Default
from midsole.store import everyday
from midsole.store import tables as t
from midsole.store.base import MOST_NAMED, Tx, insert_id
from midsole.store.everyday import AllDay


@dataclass(frozen=True, slots=True)
class Wearing:
    """One activity's part in one pair."""

    activity_id: int
    shoe_id: int | None
    """None: barefoot, or in a pair that is not kept here."""
    shoe_name: str | None
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


def defaults(tx: Tx, runner_id: int) -> list[Default]:
    """In the order of their days; the newest that has begun holds."""
    d = t.shoe_default.c
    query = select(d.sport, d.surface, d.from_date, d.shoe_id).where(d.runner_id == runner_id)
    rows = tx.execute(query.order_by(d.from_date))
    return [
        Default(sport, surface or None, from_date, shoe_id) for sport, surface, from_date, shoe_id in rows
    ]


def set_default(tx: Tx, runner_id: int, default: Default) -> None:
    """From its day on; what later days were told before is told anew."""
    d = t.shoe_default
    place = {"runner_id": runner_id, "sport": default.sport, "surface": default.surface or ""}
    same = (d.c[name] == value for name, value in place.items())
    tx.execute(delete(d).where(*same, d.c.from_date >= default.from_date))
    tx.execute(insert(d).values(**place, from_date=default.from_date, shoe_id=default.shoe_id))


def wear_all(tx: Tx, runner_id: int, answers: Mapping[int, Answer | None], now: datetime) -> None:
    """Put each activity on the parts of its answer and on no others; None: nobody knows its pair."""
    ids = list(answers)
    for some in batched(ids, MOST_NAMED):
        tx.execute(delete(t.wearing).where(t.wearing.c.activity_id.in_(some)))
    rows = [
        {"activity_id": activity_id, "runner_id": runner_id, "part": part, "shoe_id": shoe_id, "share": share}
        | {"set_by": said.set_by, "set_at": said.set_at or now, "probability": said.probability}
        for activity_id, said in answers.items()
        if said is not None
        for part, (shoe_id, share) in enumerate(said.parts)
    ]
    if rows:
        tx.execute(insert(t.wearing), rows)


def answers(tx: Tx, activity_ids: Iterable[int]) -> dict[int, Answer]:
    """What is written down of each, of those of which something is."""
    w = t.wearing.c
    parts: dict[int, list[tuple[int | None, float]]] = {}
    said: dict[int, Answer] = {}
    for some in batched(activity_ids, MOST_NAMED):
        query = select(w.activity_id, w.shoe_id, w.share, w.set_by, w.probability, w.set_at)
        for row in tx.execute(query.where(w.activity_id.in_(some)).order_by(w.activity_id, w.part)):
            parts.setdefault(row.activity_id, []).append((row.shoe_id, row.share))
            said[row.activity_id] = Answer((), row.set_by, row.probability, row.set_at)
    return {
        activity_id: replace(said[activity_id], parts=tuple(found)) for activity_id, found in parts.items()
    }


def _metres() -> ColumnElement[float]:
    return t.wearing.c.share * t.activity.c.counted_m


def worn(tx: Tx, runner_id: int, since: date) -> list[Worn]:
    """Every pair with its sums over all history and its wears from `since` on."""
    w, a = t.wearing.c, t.activity.c
    steps = func.coalesce(func.sum(w.share * func.coalesce(a.steps, 0)), 0)
    sums = (
        func.sum(_metres()),
        func.count(a.id.distinct()),
        steps,
        func.min(a.local_date),
        func.max(a.local_date),
    )
    counting = (w.runner_id == runner_id) & w.shoe_id.is_not(None) & (a.counted_m > 0)
    query = select(w.shoe_id, *sums).join(t.activity).where(counting).group_by(w.shoe_id)
    totals = {row[0]: row for row in tx.execute(query)}
    recent: dict[int, list[Wear]] = {}
    late = select(w.shoe_id, a.id, a.local_date, func.sum(_metres())).join(t.activity)
    late = late.where(counting, a.runner_id == runner_id, a.local_date >= since).group_by(
        w.shoe_id, a.id, a.local_date, a.started_at
    )
    for row in tx.execute(late.order_by(a.started_at, a.id)):
        recent.setdefault(row[0], []).append(Wear(row[1], row[2], row[3]))
    mine = pairs(tx, runner_id)
    all_day = everyday.worn(tx, runner_id, mine, since)
    return [
        _worn(shoe, totals.get(shoe.id), recent.get(shoe.id, []), all_day.get(shoe.id, AllDay()))
        for shoe in mine
    ]


def _worn(shoe: Shoe, total: Any, recent: list[Wear], all_day: AllDay) -> Worn:
    beside = (all_day.steps, all_day.distance_m, all_day.recent)
    if total is None:
        return Worn(shoe, 0.0, 0, 0, None, None, (), *beside)
    sums = (float(total[1]), int(total[2]), round(total[3]), total[4], total[5])
    return Worn(shoe, *sums, tuple(recent), *beside)


def wearings(tx: Tx, runner_id: int, ids: Collection[int] | None = None) -> dict[int, list[Wearing]]:
    """activity id -> its wearings, of all history or of a few activities."""
    w = t.wearing.c
    columns = (w.activity_id, w.shoe_id, t.shoe.c.name, w.share, _metres(), w.set_by, w.probability)
    query = select(*columns).join(t.activity).join(t.shoe, t.shoe.c.id == w.shoe_id, isouter=True)
    if ids is not None:
        query = query.where(w.activity_id.in_(ids))
    found: dict[int, list[Wearing]] = {}
    for row in tx.execute(query.where(w.runner_id == runner_id).order_by(w.part)):
        found.setdefault(row[0], []).append(Wearing(*row))
    return found


def unworn(tx: Tx, runner_id: int, since: date, sure_from: float) -> tuple[int, ...]:
    """Runs since then with no pair, or with a guess below that (S4)."""
    w, a = t.wearing.c, t.activity.c
    likely = func.coalesce(w.probability, 1.0) >= sure_from
    sure = select(w.activity_id).where(w.runner_id == runner_id, likely)
    runs = (a.runner_id == runner_id) & (a.sport == "running") & (a.counted_m > 0)
    query = select(a.id).where(runs, a.local_date >= since)
    return tuple(tx.scalars(query.where(a.id.not_in(sure)).order_by(a.started_at)))


def waiting(tx: Tx, runner_id: int, since: date, sure_from: float) -> tuple[int, ...]:
    """As `unworn`, and also walks and other activities of which something was guessed."""
    g, w, a = t.guess.c, t.wearing.c, t.activity.c
    guessed = select(g.activity_id).where(g.runner_id == runner_id)
    worn = select(w.activity_id).where(w.runner_id == runner_id)
    others = select(a.id).where(a.runner_id == runner_id, a.local_date >= since, a.counted_m > 0)
    more = tx.scalars(others.where(a.id.in_(guessed), a.id.not_in(worn)))
    return tuple(sorted({*unworn(tx, runner_id, since, sure_from), *more}))


def first_pair_on(tx: Tx, runner_id: int) -> date | None:
    """The first day on which a pair was in use; of one without dates, on which it was worn."""
    w, a = t.wearing.c, t.activity.c
    begins = {s.id: s.first_used_on or s.bought_on for s in pairs(tx, runner_id)}
    undated = [shoe_id for shoe_id, day in begins.items() if day is None]
    days = [day for day in begins.values() if day]
    if undated:
        worn = select(w.part).where(w.activity_id == a.id, w.shoe_id.in_(undated)).exists()
        first = select(a.local_date).where(a.runner_id == runner_id, worn).order_by(a.local_date).limit(1)
        days += tx.scalars(first)
    return min(days, default=None)


def runs_in(tx: Tx, shoe_id: int) -> int:
    query = select(func.count()).select_from(t.wearing).where(t.wearing.c.shoe_id == shoe_id)
    return int(tx.scalar(query) or 0)


def said_days(tx: Tx, shoe_id: int) -> list[date]:
    """The days on which the runner said the pair was worn, in order."""
    w, a = t.wearing.c, t.activity.c
    said = (w.shoe_id == shoe_id) & (w.set_by == "runner")
    query = select(a.local_date).select_from(t.wearing.join(t.activity)).where(said)
    return list(tx.scalars(query.distinct().order_by(a.local_date)))


def said_after(tx: Tx, shoe_id: int, day: date) -> date | None:
    """The last day after that one on which the runner said the pair was worn."""
    return max((said for said in said_days(tx, shoe_id) if said > day), default=None)


def worked_out(tx: Tx, shoe_id: int) -> dict[int, date]:
    """Activity id -> its day, of those of which neither the runner nor the account said the pair."""
    w = t.wearing.c
    query = select(w.activity_id, t.activity.c.local_date).join(t.activity)
    rows = tx.execute(query.where(w.shoe_id == shoe_id, w.set_by.in_(("rule", "guess", "default"))))
    return {activity_id: day for activity_id, day in rows}  # noqa: C416


def last_worn(tx: Tx, runner_id: int, day: date, around: timedelta) -> dict[int, date]:
    """Pair -> the last day it was worn on, of those worn so long before or after that day."""
    w, a = t.wearing.c, t.activity.c
    near = (a.runner_id == runner_id) & a.local_date.between(day - around, day + around)
    query = select(w.shoe_id, func.max(a.local_date)).select_from(t.activity.join(t.wearing))
    rows = tx.execute(query.where(near, w.shoe_id.is_not(None)).group_by(w.shoe_id))
    return {shoe_id: last for shoe_id, last in rows}  # noqa: C416
