"""Where alerts go beside mail: push addresses and webhooks, encrypted as they are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from midsole.store import tables as t
from midsole.store.base import Tx, insert_id


def add(tx: Tx, runner_id: int, kind: str, name: str, place: str, secret: str | None, now: datetime) -> int:
    """`place` and `secret` come encrypted."""
    row = {"runner_id": runner_id, "kind": kind, "name": name, "place": place, "secret": secret}
    return insert_id(tx, t.target, row | {"made_at": now, "paused": False})


def of_runner(tx: Tx, runner_id: int) -> Sequence[Any]:
    """In the order of adding."""
    mine = t.target.c.runner_id == runner_id
    return tx.execute(select(t.target).where(mine).order_by(t.target.c.id)).all()


def find(tx: Tx, runner_id: int, target_id: int) -> Any | None:
    """The runner's own target of that number; None where there is none."""
    mine = (t.target.c.runner_id == runner_id) & (t.target.c.id == target_id)
    return tx.execute(select(t.target).where(mine)).one_or_none()


def get(tx: Tx, target_id: int) -> Any:
    return tx.execute(select(t.target).where(t.target.c.id == target_id)).one()


def change(tx: Tx, target_id: int, **values: Any) -> None:
    tx.execute(update(t.target).where(t.target.c.id == target_id).values(**values))


def remove(tx: Tx, target_id: int, now: datetime) -> None:
    """With it goes what waits for it; what a sender has in hand just now is not called back."""
    d = t.delivery.c
    waiting = (d.target_id == target_id) & (d.state == "due") & (d.claimed_by.is_(None) | (d.next_at <= now))
    tx.execute(update(t.delivery).where(waiting).values(state="withdrawn", error="its target was removed"))
    tx.execute(delete(t.target).where(t.target.c.id == target_id))


def paused(tx: Tx) -> Sequence[Any]:
    """Targets that nothing is sent to, with the runner's name."""
    query = select(t.target.c.name, t.target.c.kind, t.target.c.error, t.runner.c.name.label("runner"))
    return tx.execute(query.join(t.runner).where(t.target.c.paused.is_(True)).order_by(t.target.c.id)).all()
