"""The change log: what wearings, guesses and alerts were before and after a change, to undo it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import Any

from sqlalchemy import Date, Row, Table, delete, insert, select, update

from midsole.store import tables as t
from midsole.store.base import MOST_NAMED, Tx, insert_id

type Image = dict[str, Any]
"""A row, or what hangs on an activity, as JSON holds it."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One change of wearings, in the runner's words; `undoes` names the one that it took back."""

    id: int
    made_at: datetime
    what: str
    undoes: int | None
    undone_at: datetime | None
    activities: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What one activity wore before a change and after it."""

    activity_id: int
    before: Image
    after: Image


def record(tx: Tx, runner_id: int, what: str, kept: Iterable[Kept], now: datetime) -> int:
    row = {"runner_id": runner_id, "made_at": now, "what": what, "alerts": {}}
    set_id = insert_id(tx, t.change_set, row)
    rows = [
        {"change_set_id": set_id, "activity_id": k.activity_id, "before": k.before, "after": k.after}
        for k in kept
    ]
    tx.execute(insert(t.change), rows)
    return set_id


def change_sets(tx: Tx, runner_id: int) -> list[ChangeSet]:
    """The newest first."""
    s, c = t.change_set.c, t.change.c
    query = select(s.id, s.made_at, s.what, s.undoes, s.undone_at).where(s.runner_id == runner_id)
    counted: dict[int, int] = {}
    for set_id in tx.scalars(select(c.change_set_id).join(t.change_set).where(s.runner_id == runner_id)):
        counted[set_id] = counted.get(set_id, 0) + 1
    rows = tx.execute(query.order_by(s.id.desc()))
    return [ChangeSet(*row, activities=counted.get(row.id, 0)) for row in rows]


def kept_in(tx: Tx, set_id: int) -> list[Kept]:
    c = t.change.c
    query = select(c.activity_id, c.before, c.after).where(c.change_set_id == set_id)
    return [Kept(*row) for row in tx.execute(query.order_by(c.activity_id))]


def pairs_then(tx: Tx, runner_id: int, set_id: int) -> set[int]:
    """The pairs that are older than the change: SQLite gives the number of a removed pair to a new one."""
    s, p = t.change_set.c, t.shoe.c
    made_at = select(s.made_at).where(s.id == set_id).scalar_subquery()
    return set(tx.scalars(select(p.id).where(p.runner_id == runner_id, p.created_at <= made_at)))


def mark_undone(tx: Tx, set_id: int, by: int | None, now: datetime) -> None:
    """`by`: the set that took it back, where anything was left to take back."""
    s = t.change_set
    tx.execute(update(s).where(s.c.id == set_id).values(undone_at=now))
    if by is not None:
        tx.execute(update(s).where(s.c.id == by).values(undoes=set_id))
        _not_undone(tx, set_id)


def _not_undone(tx: Tx, undoing_id: int) -> None:
    """Taking back an undo makes what it undid stand again."""
    s = t.change_set
    first = tx.scalar(select(s.c.undoes).where(s.c.id == undoing_id))
    if first is not None:
        tx.execute(update(s).where(s.c.id == first).values(undone_at=None))


# What hangs on an activity


def images(tx: Tx, activity_ids: Iterable[int]) -> dict[int, Image]:
    """Activity id -> its wearings and guesses, exactly as they stand; also of those that have none."""
    found: dict[int, Image] = {n: {"worn": [], "guesses": []} for n in activity_ids}
    for name, table, order in (("worn", t.wearing, "part"), ("guesses", t.guess, "shoe_id")):
        columns = [c for c in table.c if c.name not in ("activity_id", "runner_id")]
        query = select(table.c.activity_id, *columns).order_by(table.c.activity_id, table.c[order])
        for some in batched(found, MOST_NAMED):
            for row in tx.execute(query.where(table.c.activity_id.in_(some))):
                found[row.activity_id][name].append(_image(row, skip="activity_id"))
    return found


def put_back(tx: Tx, runner_id: int, kept: Mapping[int, Image]) -> None:
    """Make it stand again exactly as the images say."""
    for name, table in (("worn", t.wearing), ("guesses", t.guess)):
        for some in batched(kept, MOST_NAMED):
            tx.execute(delete(table).where(table.c.activity_id.in_(some)))
        rows = [
            {"activity_id": activity_id, "runner_id": runner_id, **_row(table, one)}
            for activity_id, image in kept.items()
            for one in image[name]
        ]
        if rows:
            tx.execute(insert(table), rows)


# Alerts and the mails that wait


@dataclass(frozen=True, slots=True)
class Picture:
    """Every alert of the runner and every mail that is not sent yet, as they stand: id -> row."""

    alerts: Mapping[int, Image]
    deliveries: Mapping[int, Image]


_OF_DELIVERY = ("id", "state", "next_at", "attempts", "claimed_by", "error")


def picture(tx: Tx, runner_id: int) -> Picture:
    a, d = t.alert.c, t.delivery.c
    columns = [c for c in t.alert.c if c.name != "runner_id"]
    alerts = {row.id: _image(row) for row in tx.execute(select(*columns).where(a.runner_id == runner_id))}
    waiting = select(*(d[name] for name in _OF_DELIVERY)).where(d.runner_id == runner_id, d.state != "sent")
    return Picture(alerts, {row.id: _image(row) for row in tx.execute(waiting)})


def note_alerts(tx: Tx, set_id: int, before: Picture, after: Picture) -> None:
    """Keep what the change made of alerts and of mails that waited."""
    found = {
        "alerts": _changed(before.alerts, after.alerts),
        "deliveries": _changed(
            {id_: row for id_, row in before.deliveries.items() if id_ in after.deliveries}, after.deliveries
        ),
    }
    tx.execute(update(t.change_set).where(t.change_set.c.id == set_id).values(alerts=found))


def _changed(before: Mapping[int, Image], after: Mapping[int, Image]) -> list[list[Any]]:
    """[id, before or None, after] of each row that is new or other."""
    return [[id_, before.get(id_), row] for id_, row in after.items() if before.get(id_) != row]


def put_alerts_back(tx: Tx, runner_id: int, set_id: int, now: datetime) -> None:
    """Alerts and waiting mails that nobody changed since are again what they were before the change.

    An alert that the change opened goes, unless a mail names it; a mail comes back only while it is news."""
    kept, standing = _noted(tx, set_id), picture(tx, runner_id)
    for alert in _taken_away(tx, set_id):
        if alert["id"] not in standing.alerts:
            tx.execute(insert(t.alert).values(runner_id=runner_id, **_row(t.alert, alert)))
    for id_, before, after in kept.get("alerts", ()):
        if standing.alerts.get(id_) == after:
            _put_alert_back(tx, id_, before)
    for id_, before, after in kept.get("deliveries", ()):
        if before is not None and standing.deliveries.get(id_) == after:
            d = t.delivery
            news = d.c.news_until.is_(None) | (d.c.news_until > now)
            tx.execute(update(d).where(d.c.id == id_, news).values(**_row(d, before)))


def _noted(tx: Tx, set_id: int) -> dict[str, list[list[Any]]]:
    return tx.scalar(select(t.change_set.c.alerts).where(t.change_set.c.id == set_id)) or {}


def _taken_away(tx: Tx, undoing_id: int) -> list[Image]:
    """The alerts that went without a trace when their change was undone."""
    undone = tx.scalar(select(t.change_set.c.undoes).where(t.change_set.c.id == undoing_id))
    if undone is None:
        return []
    return [after for _, before, after in _noted(tx, undone).get("alerts", ()) if before is None]


def _put_alert_back(tx: Tx, alert_id: int, before: Image | None) -> None:
    a, named = t.alert, t.delivery_alert.c
    if before is not None:
        tx.execute(update(a).where(a.c.id == alert_id).values(**_row(a, before)))
    elif tx.scalar(select(named.alert_id).where(named.alert_id == alert_id).limit(1)) is None:
        tx.execute(delete(a).where(a.c.id == alert_id))


# Rows as JSON


def _image(row: Row[Any], skip: str = "") -> Image:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row._mapping.items()
        if name != skip
    }


def _row(table: Table, image: Image) -> dict[str, Any]:
    return {name: _value(table, name, value) for name, value in image.items()}


def _value(table: Table, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    kind = table.c[name].type
    if isinstance(kind, t.Utc):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
