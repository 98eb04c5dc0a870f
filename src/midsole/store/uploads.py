"""Uploads: what is on its way in, what waits to be read, and what became of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from midsole.store import tables as t
from midsole.store.base import Tx, claim, insert_id

RECEIVING, DUE, DONE, FAILED = "receiving", "due", "done", "failed"
UNDER_WAY = (RECEIVING, DUE)


@dataclass(frozen=True, slots=True)
class Upload:
    """`counts` says how far the reading is, and in the end what the files are."""

    id: int
    runner_id: int
    made_at: datetime
    state: str
    files: int
    bytes: int
    counts: dict[str, Any]
    error: str | None
    attempts: int
    next_at: datetime
    claimed_by: str | None
    done_at: datetime | None


def begin(tx: Tx, runner_id: int, now: datetime, until: datetime, by: str) -> int:
    """A row whose files arrive; who receives them holds it until then."""
    row = {"runner_id": runner_id, "made_at": now, "state": RECEIVING, "files": 0, "bytes": 0}
    return insert_id(tx, t.upload, row | {"counts": {}, "next_at": until, "claimed_by": by})


def change(tx: Tx, upload_id: int, was: str, by: str | None = None, **values: Any) -> bool:
    """Whether it still was in that state, and in that hand where one is named; nothing is changed else."""
    u = t.upload.c
    mine = (u.id == upload_id) & (u.state == was)
    if by is not None:
        mine &= u.claimed_by == by
    return tx.execute(update(t.upload).where(mine).values(**values)).rowcount == 1


def take(tx: Tx, upload_id: int, now: datetime, lease: timedelta, by: str) -> bool:
    return claim(tx, t.upload, upload_id, DUE, now, lease, by)


def get(tx: Tx, runner_id: int | None, upload_id: int) -> Upload | None:
    query = select(t.upload).where(t.upload.c.id == upload_id)
    if runner_id is not None:
        query = query.where(t.upload.c.runner_id == runner_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else Upload(**row._mapping)


def latest(tx: Tx, runner_id: int, limit: int) -> list[Upload]:
    """The newest first."""
    query = select(t.upload).where(t.upload.c.runner_id == runner_id)
    rows = tx.execute(query.order_by(t.upload.c.id.desc()).limit(limit))
    return [Upload(**row._mapping) for row in rows]


def under_way(tx: Tx) -> list[Upload]:
    """What arrives or waits to be read, of all runners, the oldest first."""
    query = select(t.upload).where(t.upload.c.state.in_(UNDER_WAY))
    return [Upload(**row._mapping) for row in tx.execute(query.order_by(t.upload.c.id))]


def count(tx: Tx, runner_id: int, states: Collection[str]) -> int:
    u = t.upload.c
    query = select(func.count()).select_from(t.upload).where(u.runner_id == runner_id, u.state.in_(states))
    return tx.scalar(query) or 0


def forget(tx: Tx, upload_id: int) -> None:
    tx.execute(delete(t.upload).where(t.upload.c.id == upload_id))


def forget_old(tx: Tx, before: datetime) -> None:
    u = t.upload.c
    tx.execute(delete(t.upload).where(u.state.not_in(UNDER_WAY), u.made_at < before))
