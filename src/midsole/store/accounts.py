"""Connections to accounts: how they stand, who uses one now, and what they remember."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from midsole.domain.connection import STATES, WITH_RUNNER
from midsole.domain.errors import Retry
from midsole.store import tables as t
from midsole.store.base import Tx, insert_new
from midsole.store.sources import Connection

AWAKE = tuple(state for state in STATES if state not in WITH_RUNNER)
"""States in which an account is asked again by itself."""


def make(tx: Tx, runner_id: int, kind: str, place: str, now: datetime, state: str) -> int:
    """The connection's id; one that is there already stays as it is."""
    values = {"runner_id": runner_id, "kind": kind, "place": place, "created_at": now, "state": state}
    insert_new(tx, t.connection, values)
    c = t.connection.c
    same = (c.runner_id == runner_id) & (c.kind == kind) & (c.place == place)
    return int(tx.scalars(select(c.id).where(same)).one())


def of(tx: Tx, runner_id: int, kind: str) -> Connection | None:
    c = t.connection.c
    query = select(t.connection).where(c.runner_id == runner_id, c.kind == kind).order_by(c.id).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else Connection(**row._mapping)


def get(tx: Tx, connection_id: int) -> Connection | None:
    row = tx.execute(select(t.connection).where(t.connection.c.id == connection_id)).one_or_none()
    return None if row is None else Connection(**row._mapping)


def lock(tx: Tx, connection_id: int) -> Connection:
    """The connection, with nobody else changing it until this transaction ends."""
    query = select(t.connection).where(t.connection.c.id == connection_id).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Retry("The account was disconnected meanwhile.")
    return Connection(**row._mapping)


def due(tx: Tx, now: datetime, kinds: Collection[str]) -> list[Connection]:
    """Accounts that are to be read now and that nobody reads, the longest due first."""
    c = t.connection.c
    awake = c.kind.in_(kinds) & c.state.in_(AWAKE)
    reached = c.next_at.is_(None) | (c.next_at <= now)
    query = select(t.connection).where(awake, reached, _free(now))
    rows = tx.execute(query.order_by(c.next_at.nulls_first(), c.id))
    return [Connection(**row._mapping) for row in rows]


def _free(now: datetime) -> Any:
    busy_until = t.connection.c.busy_until
    return busy_until.is_(None) | (busy_until <= now)


def take(tx: Tx, connection_id: int, now: datetime, lease: timedelta, by: str) -> bool:
    """Use the account alone for the length of the lease; False: somebody else does, or it is gone."""
    free = (t.connection.c.id == connection_id) & _free(now)
    taken = tx.execute(update(t.connection).where(free).values(busy_until=now + lease, busy_by=by))
    return taken.rowcount == 1


def hold(tx: Tx, connection_id: int, now: datetime, lease: timedelta, by: str) -> bool:
    """Go on using it; False: another worker has taken over, or it is gone."""
    held = tx.execute(update(t.connection).where(_mine(connection_id, by)).values(busy_until=now + lease))
    return held.rowcount == 1


def release(tx: Tx, connection_id: int, by: str) -> None:
    tx.execute(update(t.connection).where(_mine(connection_id, by)).values(busy_until=None, busy_by=None))


def _mine(connection_id: int, by: str) -> Any:
    return (t.connection.c.id == connection_id) & (t.connection.c.busy_by == by)


def holders(tx: Tx) -> list[str]:
    """Who uses accounts now, or died while doing so."""
    busy_by = t.connection.c.busy_by
    return list(tx.scalars(select(busy_by).where(busy_by.is_not(None)).distinct()))


def free(tx: Tx, by: str) -> None:
    """Whoever used these is gone: others may take them now."""
    held = t.connection.c.busy_by == by
    tx.execute(update(t.connection).where(held).values(busy_until=None, busy_by=None))


def change(tx: Tx, connection_id: int, **columns: Any) -> None:
    tx.execute(update(t.connection).where(t.connection.c.id == connection_id).values(**columns))


def keep_secret(tx: Tx, connection_id: int, secret: str | None, until: datetime | None = None) -> None:
    """`secret` is encrypted already; `until` is the end of a log-in that waits for its code."""
    change(tx, connection_id, secret=secret, secret_until=until)


def note(tx: Tx, connection_id: int, **said: object) -> None:
    """Lay these over what the connection remembers; None forgets the name."""
    together = {**lock(tx, connection_id).notes, **said}
    kept = {name: value for name, value in together.items() if value is not None}
    change(tx, connection_id, notes=kept)


def forget(tx: Tx, connection_id: int) -> None:
    """Remove the connection with its secret; what it brought stays."""
    tx.execute(delete(t.connection).where(t.connection.c.id == connection_id))
