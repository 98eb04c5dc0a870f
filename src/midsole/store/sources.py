"""Connections and their ledger of seen files; raw files on their way through."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from midsole.domain.facts import SourceHealth
from midsole.store import tables as t
from midsole.store.base import Tx, insert_new


@dataclass(frozen=True, slots=True)
class Connection:
    """One runner's way in; `place` is what the kind makes of it (a folder's path)."""

    id: int
    runner_id: int
    kind: str
    place: str
    created_at: datetime
    first_look_done_at: datetime | None
    last_look_at: datetime | None
    last_success_at: datetime | None
    error: str | None


def connect(tx: Tx, runner_id: int, kind: str, place: str, now: datetime) -> int:
    """The connection's id, made where it is new."""
    c = t.connection.c
    known = select(c.id).where(c.runner_id == runner_id, c.kind == kind, c.place == place)
    if tx.scalar(known) is None:
        values = {"runner_id": runner_id, "kind": kind, "place": place, "created_at": now}
        insert_new(tx, t.connection, values)
    return int(tx.scalars(known).one())


def connections(tx: Tx, runner_id: int | None = None) -> list[Connection]:
    query = select(t.connection).order_by(t.connection.c.id)
    if runner_id is not None:
        query = query.where(t.connection.c.runner_id == runner_id)
    return [Connection(**row._mapping) for row in tx.execute(query)]


def disconnect(tx: Tx, connection_id: int) -> None:
    tx.execute(delete(t.connection).where(t.connection.c.id == connection_id))


def move(tx: Tx, place: str, to: str) -> None:
    """The same files are found elsewhere now: a restored home has its own inbox."""
    tx.execute(update(t.connection).where(t.connection.c.place == place).values(place=to))


def looked(tx: Tx, connection_id: int, now: datetime, error: str | None) -> None:
    """Note a look: a failed one keeps the time of the last success."""
    values: dict[str, Any] = {"last_look_at": now, "error": error}
    if error is None:
        values["last_success_at"] = now
    tx.execute(update(t.connection).where(t.connection.c.id == connection_id).values(**values))


def finish_first_look(tx: Tx, connection_id: int, now: datetime) -> None:
    first = (t.connection.c.id == connection_id) & t.connection.c.first_look_done_at.is_(None)
    tx.execute(update(t.connection).where(first).values(first_look_done_at=now))


def health(tx: Tx, runner_id: int) -> tuple[SourceHealth, ...]:
    return tuple(
        SourceHealth(
            c.id,
            f"{c.kind} {c.place}",
            c.created_at,
            c.first_look_done_at is not None,
            c.last_look_at,
            c.last_success_at,
            c.error,
        )
        for c in connections(tx, runner_id)
    )


def ledger(tx: Tx, connection_id: int) -> dict[str, tuple[int, int]]:
    """path -> (size, mtime_ns) of every file taken in by this connection."""
    mine = select(t.seen_file.c.path, t.seen_file.c.size, t.seen_file.c.mtime_ns)
    rows = tx.execute(mine.where(t.seen_file.c.connection_id == connection_id))
    return {path: (size, mtime_ns) for path, size, mtime_ns in rows}


def remember(tx: Tx, connection_id: int, path: str, size: int, mtime_ns: int) -> None:
    where = (t.seen_file.c.connection_id == connection_id) & (t.seen_file.c.path == path)
    as_seen = {"size": size, "mtime_ns": mtime_ns}
    if tx.execute(update(t.seen_file).where(where).values(**as_seen)).rowcount:
        return
    if not insert_new(tx, t.seen_file, {"connection_id": connection_id, "path": path, **as_seen}):
        tx.execute(update(t.seen_file).where(where).values(**as_seen))


def take_in(
    tx: Tx, runner_id: int, connection_id: int | None, sha256: str, name: str, size: int, now: datetime
) -> int | None:
    """A new raw file's id; None where this runner has these bytes already."""
    c = t.raw_file.c
    same = select(c.id).where(c.runner_id == runner_id, c.sha256 == sha256)
    if tx.scalar(same) is not None:
        return None
    row = {
        "runner_id": runner_id,
        "connection_id": connection_id,
        "sha256": sha256,
        "name": name,
        "size": size,
        "received_at": now,
        "state": "new",
        "next_at": now,
    }
    return int(tx.scalars(same).one()) if insert_new(tx, t.raw_file, row) else None


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file as it came, and how far it got."""

    id: int
    runner_id: int
    connection_id: int | None
    sha256: str
    name: str
    size: int
    received_at: datetime
    state: str
    reason: str | None
    format: str | None
    decoder_version: int | None
    attempts: int
    next_at: datetime
    claimed_by: str | None


def raw_file(tx: Tx, raw_file_id: int) -> RawFile:
    row = tx.execute(select(t.raw_file).where(t.raw_file.c.id == raw_file_id)).one()
    return RawFile(**row._mapping)


def raw_files(tx: Tx, runner_id: int, states: Iterable[str]) -> list[RawFile]:
    c = t.raw_file.c
    mine = select(t.raw_file).where(c.runner_id == runner_id, c.state.in_(list(states))).order_by(c.id)
    return [RawFile(**row._mapping) for row in tx.execute(mine)]


def due_files(tx: Tx, now: datetime, limit: int = 500) -> list[int]:
    c = t.raw_file.c
    due = select(c.id).where(c.state == "new", c.next_at <= now).order_by(c.id).limit(limit)
    return list(tx.scalars(due))


def waiting(tx: Tx, runner_id: int) -> bool:
    """Whether files of this runner are still on their way through."""
    c = t.raw_file.c
    query = select(c.id).where(c.runner_id == runner_id, c.state == "new").limit(1)
    return tx.scalar(query) is not None


def settle_file(
    tx: Tx, raw_file_id: int, state: str, format_name: str | None, version: int, reason: str | None
) -> None:
    """The end of a file's way; where another worker settled it in the meantime, that stands."""
    values = {
        "state": state,
        "format": format_name,
        "decoder_version": version,
        "reason": reason,
        "claimed_by": None,
    }
    c = t.raw_file.c
    tx.execute(update(t.raw_file).where(c.id == raw_file_id, c.state == "new").values(**values))


def retry_refused(tx: Tx, version: int, now: datetime) -> int:
    """Files that an older decoder refused are tried again with the newer one."""
    c = t.raw_file.c
    refused = c.state.in_(("bad", "ignored")) & (c.decoder_version < version)
    again = update(t.raw_file).where(refused).values(state="new", next_at=now, attempts=0)
    return int(tx.execute(again).rowcount)


def file_counts(tx: Tx, runner_id: int | None = None) -> dict[str, int]:
    counts = select(t.raw_file.c.state, func.count()).group_by(t.raw_file.c.state)
    if runner_id is not None:
        counts = counts.where(t.raw_file.c.runner_id == runner_id)
    found = {state: int(n) for state, n in tx.execute(counts)}
    return {state: found.get(state, 0) for state in ("new", "done", "ignored", "bad")}
