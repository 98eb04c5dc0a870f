"""Connections and their ledger of seen files; raw files on their way through."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched
from typing import Any

from sqlalchemy import bindparam, case, delete, func, select, update

from midsole.domain.connection import ACCOUNTS, label
from midsole.domain.facts import SourceHealth
from midsole.store import tables as t
from midsole.store.base import MOST_NAMED, Tx, insert_new, insert_or


@dataclass(frozen=True, slots=True)
class Connection:
    """One runner's way in; `place` is what the kind makes of it (a folder's path, Garmin's domain).

    `state` and `next_at` say how an account stands (domain/connection.py); `secret` is encrypted, and good
    until `secret_until` where it is a login that waits for its code. `busy_until` is the lease of whoever
    reads the account now. `login_after`: no attempt to log in before. `notes`: what the source remembers."""

    id: int
    runner_id: int
    kind: str
    place: str
    created_at: datetime
    first_look_done_at: datetime | None
    last_look_at: datetime | None
    last_success_at: datetime | None
    error: str | None
    state: str
    next_at: datetime | None
    failures: int
    busy_until: datetime | None
    busy_by: str | None
    secret: str | None = field(repr=False)
    secret_until: datetime | None
    expires_on: date | None
    login_after: datetime | None
    logins_refused: int
    notes: Mapping[str, Any]


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


def found_in_folder(tx: Tx, raw_file_ids: Collection[int], connection_id: int) -> None:
    """What an account brought before lies in a folder, too: the order in which they came does not matter."""
    account = select(t.connection.c.id).where(t.connection.c.kind.in_(ACCOUNTS))
    c = t.raw_file.c
    brought = c.id.in_(raw_file_ids) & c.connection_id.in_(account)
    tx.execute(update(t.raw_file).where(brought).values(connection_id=connection_id))


def is_connected(tx: Tx, connection_id: int | None) -> bool:
    """Whether it is there still: the runner may have disconnected it a moment ago."""
    return tx.scalar(select(t.connection.c.id).where(t.connection.c.id == connection_id)) is not None


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
            label(c.kind, c.place) if c.kind in ACCOUNTS else f"{c.kind} {c.place}",
            c.created_at,
            c.first_look_done_at is not None,
            c.last_look_at,
            c.last_success_at,
            c.error,
            c.kind,
            c.state,
            c.next_at,
            c.expires_on,
            _moment(c.notes.get("connected_at")),
        )
        for c in connections(tx, runner_id)
    )


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def ledger(tx: Tx, connection_id: int) -> dict[str, tuple[int, int]]:
    """path -> (size, mtime_ns) of every file taken in by this connection."""
    mine = select(t.seen_file.c.path, t.seen_file.c.size, t.seen_file.c.mtime_ns)
    rows = tx.execute(mine.where(t.seen_file.c.connection_id == connection_id))
    return {path: (size, mtime_ns) for path, size, mtime_ns in rows}


def remember_all(tx: Tx, connection_id: int, seen: Mapping[str, tuple[int, int]]) -> None:
    """Move the cursor: these paths were taken in, as they were then (size, mtime_ns)."""
    rows = [
        {"connection_id": connection_id, "path": path, "size": size, "mtime_ns": mtime_ns}
        for path, (size, mtime_ns) in seen.items()
    ]
    if not rows:
        return
    newest = insert_or(tx, t.seen_file)
    as_seen = {"size": newest.excluded.size, "mtime_ns": newest.excluded.mtime_ns}
    tx.execute(newest.on_conflict_do_update(index_elements=["connection_id", "path"], set_=as_seen), rows)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file on its way into the store; `state` is new, unless it is clear already that it adds nothing."""

    sha256: str
    name: str
    size: int
    state: str = "new"
    reason: str | None = None
    format: str | None = None
    decoder_version: int | None = None


def take_in(
    tx: Tx, runner_id: int, connection_id: int | None, sha256: str, name: str, size: int, now: datetime
) -> int | None:
    """A new raw file's id; None where this runner has these bytes already."""
    return take_in_all(tx, runner_id, connection_id, [Arrived(sha256, name, size)], now).get(sha256)


def take_in_all(
    tx: Tx, runner_id: int, connection_id: int | None, arrived: Iterable[Arrived], now: datetime
) -> dict[str, int]:
    """SHA-256 -> id of those that are new; what this runner has already is left as it is."""
    rows = [
        {
            "runner_id": runner_id,
            "connection_id": connection_id,
            "received_at": now,
            "next_at": now,
            **{name: getattr(file, name) for name in Arrived.__dataclass_fields__},
        }
        for file in {file.sha256: file for file in arrived}.values()
    ]
    if not rows:
        return {}
    c = t.raw_file.c
    fresh = insert_or(tx, t.raw_file).on_conflict_do_nothing().returning(c.sha256, c.id)
    return {sha256: int(id_) for sha256, id_ in tx.execute(fresh, rows)}


def known(tx: Tx, runner_id: int, shas: Collection[str]) -> dict[str, tuple[int, str]]:
    """SHA-256 -> (id, state) of those that this runner has."""
    c = t.raw_file.c
    query = select(c.sha256, c.id, c.state).where(c.runner_id == runner_id, c.sha256.in_(shas))
    return {sha256: (int(id_), state) for sha256, id_, state in tx.execute(query)}


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

    @property
    def set_aside(self) -> bool:
        """Whether the runner said it need not be counted: ignored, and by no version of the decoders.

        Neither a newer decoder nor a rebuild reads it again; `midsole files retry` does."""
        return self.state == "ignored" and self.decoder_version is None


def raw_file(tx: Tx, raw_file_id: int) -> RawFile:
    row = tx.execute(select(t.raw_file).where(t.raw_file.c.id == raw_file_id)).one()
    return RawFile(**row._mapping)


def raw_files(tx: Tx, runner_id: int, states: Iterable[str]) -> list[RawFile]:
    c = t.raw_file.c
    mine = select(t.raw_file).where(c.runner_id == runner_id, c.state.in_(list(states))).order_by(c.id)
    return [RawFile(**row._mapping) for row in tx.execute(mine)]


def raw_files_by_id(tx: Tx, ids: Iterable[int]) -> Iterator[RawFile]:
    """In order of id; many are asked for in parts."""
    for some in batched(sorted(ids), MOST_NAMED):
        query = select(t.raw_file).where(t.raw_file.c.id.in_(some)).order_by(t.raw_file.c.id)
        for row in tx.execute(query):
            yield RawFile(**row._mapping)


def due_files(tx: Tx, now: datetime, limit: int = 500) -> list[int]:
    c = t.raw_file.c
    due = select(c.id).where(c.state == "new", c.next_at <= now).order_by(c.id).limit(limit)
    return list(tx.scalars(due))


def waiting(tx: Tx, runner_id: int) -> bool:
    """Whether files of this runner are still on their way through."""
    c = t.raw_file.c
    query = select(c.id).where(c.runner_id == runner_id, c.state == "new").limit(1)
    return tx.scalar(query) is not None


@dataclass(frozen=True, slots=True)
class Settled:
    """The end of a file's way."""

    id: int
    state: str
    format: str | None = None
    reason: str | None = None


def settle_files(tx: Tx, settled: Iterable[Settled], version: int) -> None:
    """The end of these files' way; where another worker settled one in the meantime, that stands."""
    c = t.raw_file.c
    rows = [{"file": f.id, "to": f.state, "read_as": f.format, "why": f.reason} for f in settled]
    values = {
        "state": bindparam("to"),
        "format": bindparam("read_as"),
        "decoder_version": version,
        "reason": bindparam("why"),
        "claimed_by": None,
    }
    if rows:
        mine = (c.id == bindparam("file")) & (c.state == "new")
        tx.execute(update(t.raw_file).where(mine).values(**values), rows)


def note_formats(tx: Tx, formats: Mapping[int, str]) -> None:
    """What these files were read as, by number: identity looks at it already while it groups recordings."""
    rows = [{"file": file_id, "read_as": read_as} for file_id, read_as in formats.items()]
    if rows:
        read = update(t.raw_file).where(t.raw_file.c.id == bindparam("file"))
        tx.execute(read.values(format=bindparam("read_as")), rows)


def retry_refused(tx: Tx, version: int, now: datetime) -> int:
    """Files that an older decoder refused are tried again with the newer one.

    What the runner set aside has no decoder's version, and stays so."""
    c = t.raw_file.c
    refused = c.state.in_(("bad", "ignored")) & (c.decoder_version < version)
    return int(tx.execute(update(t.raw_file).where(refused).values(**due_again(now))).rowcount)


def due_again(now: datetime) -> dict[str, Any]:
    """The columns of a refused file that is to be read again; what took several tries goes alone."""
    attempts = case((t.raw_file.c.attempts > 1, 1), else_=0)
    return {"state": "new", "next_at": now, "attempts": attempts, "claimed_by": None, "reason": None}


def file_counts(tx: Tx, runner_id: int | None = None) -> dict[str, int]:
    counts = select(t.raw_file.c.state, func.count()).group_by(t.raw_file.c.state)
    if runner_id is not None:
        counts = counts.where(t.raw_file.c.runner_id == runner_id)
    found = {state: int(n) for state, n in tx.execute(counts)}
    return {state: found.get(state, 0) for state in ("new", "done", "ignored", "bad")}
