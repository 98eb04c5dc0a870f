"""What the page of one pair asks: its runs page by page, its days, its inserts, what was changed and sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, select

from midsole.store import tables as t
from midsole.store.base import Tx


@dataclass(frozen=True, slots=True)
class PairRun:
    """A run with its part in the pair."""

    id: int
    local_date: date
    started_at: datetime
    title: str | None
    sport: str
    surface: str
    counted_m: float
    share: float
    set_by: str
    probability: float | None
    moving_s: float | None

    @property
    def distance_m(self) -> float:
        return self.share * self.counted_m


@dataclass(frozen=True, slots=True)
class Lain:
    """The days an insert lay in the pair."""

    insert_id: int
    name: str
    kind: str
    from_date: date
    until_date: date | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that told of alerts of the pair."""

    at: datetime
    subject: str
    channel: str
    state: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A change set that took runs to the pair or from it."""

    id: int
    made_at: datetime
    what: str
    undone: bool
    activities: int


def _of(runner_id: int, shoe_id: int) -> ColumnElement[bool]:
    return (t.wearing.c.runner_id == runner_id) & (t.wearing.c.shoe_id == shoe_id)


def count_runs(tx: Tx, runner_id: int, shoe_id: int) -> int:
    query = select(func.count(t.wearing.c.activity_id.distinct())).where(_of(runner_id, shoe_id))
    return int(tx.scalar(query) or 0)


def runs(tx: Tx, runner_id: int, shoe_id: int, limit: int, offset: int) -> list[PairRun]:
    """The newest first; a run that wore the pair twice is one, with both parts."""
    w, a = t.wearing.c, t.activity.c
    parts = select(
        w.activity_id,
        func.sum(w.share).label("share"),
        func.min(w.set_by).label("set_by"),
        func.min(w.probability).label("probability"),
    )
    newest = (a.started_at.desc(), a.id.desc())
    mine = parts.join(t.activity).where(_of(runner_id, shoe_id)).group_by(w.activity_id, a.started_at, a.id)
    some = mine.order_by(*newest).limit(limit).offset(offset).subquery()
    moving_s = func.coalesce(a.timer_s, t.recording.c.moving_s, t.recording.c.timer_s)
    columns = (a.id, a.local_date, a.started_at, a.title, a.sport, a.surface, a.counted_m)
    query = (
        select(*columns, some.c.share, some.c.set_by, some.c.probability, moving_s)
        .join_from(some, t.activity, a.id == some.c.activity_id)
        .join(t.recording, t.recording.c.id == a.leader_id, isouter=True)
    )
    return [PairRun(*row) for row in tx.execute(query.order_by(*newest))]


def days(tx: Tx, runner_id: int, shoe_id: int, since: date) -> list[tuple[date, float, int]]:
    """Each day's metres and activities in the pair, from `since` on, in order."""
    a = t.activity.c
    metres = func.sum(t.wearing.c.share * a.counted_m)
    query = select(a.local_date, metres, func.count(a.id.distinct())).select_from(t.wearing.join(t.activity))
    counting = _of(runner_id, shoe_id) & (a.local_date >= since) & (a.counted_m > 0)
    rows = tx.execute(query.where(counting).group_by(a.local_date).order_by(a.local_date))
    return [(day, float(metres), int(count)) for day, metres, count in rows]


def inserts(tx: Tx, runner_id: int, shoe_id: int) -> list[Lain]:
    """Every insert that ever lay in the pair, the newest days first."""
    f, i = t.fitting.c, t.shoe_insert.c
    query = select(i.id, i.name, i.kind, f.from_date, f.until_date).select_from(t.fitting.join(t.shoe_insert))
    mine = (f.runner_id == runner_id) & (f.shoe_id == shoe_id)
    return [Lain(*row) for row in tx.execute(query.where(mine).order_by(f.from_date.desc()))]


def changes(tx: Tx, runner_id: int, shoe_id: int, limit: int) -> list[Changed]:
    """The newest change sets in which a run wore the pair before or after; guesses alone don't count.

    The images are JSON whose wearings come before its guesses (store/change_log.py)."""
    s, c = t.change_set.c, t.change.c
    worn = (f'%"shoe_id": {shoe_id}{end}%"guesses"%' for end in (",", "}"))
    told = [cast(image, Text).like(pattern) for pattern in worn for image in (c.before, c.after)]
    query = select(s.id, s.made_at, s.what, s.undone_at.is_not(None), func.count())
    joined = query.select_from(t.change.join(t.change_set)).where(s.runner_id == runner_id)
    mine = joined.where(told[0] | told[1] | told[2] | told[3])
    rows = tx.execute(mine.group_by(s.id).order_by(s.id.desc()).limit(limit))
    return [Changed(*row) for row in rows]


def sent(tx: Tx, runner_id: int, alert_ids: Collection[int]) -> Sequence[Sent]:
    """The messages that carried these alerts, whatever became of them."""
    d, link = t.delivery.c, t.delivery_alert.c
    at: Any = func.coalesce(d.sent_at, d.created_at, type_=d.created_at.type)
    query = select(at, d.subject, d.channel, d.state).distinct()
    carried = d.id.in_(select(link.delivery_id).where(link.alert_id.in_(alert_ids)))
    rows = tx.execute(query.where(d.runner_id == runner_id, carried))
    return [Sent(*row) for row in rows]


def without_pair(tx: Tx, runner_id: int, since: date) -> list[int]:
    """The activities of those days of which nothing is said what they wore, in order of start."""
    w, a = t.wearing.c, t.activity.c
    worn = select(w.activity_id).where(w.runner_id == runner_id)
    late = select(a.id).where(a.runner_id == runner_id, a.local_date >= since, a.id.not_in(worn))
    return list(tx.scalars(late.order_by(a.started_at)))
