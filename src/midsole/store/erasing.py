"""What deleting rows leaves in the files of a database: free pages, logs, statistics and old copies."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, LargeBinary, String, Table, text
from sqlalchemy.exc import OperationalError

from midsole.domain.errors import MidsoleError
from midsole.store import tables as t
from midsole.store.base import Store
from midsole.store.engine import BUSY_TIMEOUT_MS, is_full
from midsole.store.forgetting import OWN, PAUSES_OF_HEALTH, UNSENT, WORDLESS, is_of_health

IN_USE = "The database was in use: its rows are deleted, and its file still holds old pages of them."
NO_ROOM = (
    "The disk is full: the rows are deleted, but to write the database anew without their old pages takes "
    "once more its size, beside it and in the folder of temporary files. Make room, and delete again."
)
TOUCHED = (*OWN, t.pause, t.alert, t.delivery_alert, t.delivery, t.change_set, t.runner)


@dataclass(frozen=True, slots=True)
class Who:
    """By what a runner is known in a copy of the database, which may be of an earlier life of the home.

    `is_alone`: whoever is alone here is the one who is alone there, too."""

    id: int
    name: str
    created_at: datetime
    is_alone: bool


# ---- the database itself


def leave_no_trace(store: Store, patience_s: float) -> str:
    """Write the database anew without what was deleted; else the reason why that was not possible."""
    try:
        if store.engine.dialect.name == "sqlite":
            return "" if _write_anew(store, patience_s) else IN_USE
        return "" if _rewrite_tables(store, patience_s) else IN_USE
    except OperationalError as error:
        return NO_ROOM if error.orig is not None and is_full(error.orig) else IN_USE
    except sqlite3.OperationalError as error:
        return NO_ROOM if is_full(error) else IN_USE


def _write_anew(store: Store, patience_s: float) -> bool:
    """SQLite waits as long for its readers: until then its log holds the pages that they look at."""
    pooled = store.engine.raw_connection()
    try:
        database = cast(sqlite3.Connection, pooled.driver_connection)
        with _patient(database, patience_s):
            database.execute("VACUUM")
            busy, _, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        pooled.close()


@contextmanager
def _patient(database: sqlite3.Connection, patience_s: float) -> Iterator[None]:
    database.execute(f"PRAGMA busy_timeout={int(patience_s * 1000)}")
    try:
        yield
    finally:
        database.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _rewrite_tables(store: Store, patience_s: float) -> bool:
    """PostgreSQL keeps deleted rows until a VACUUM, and common values in its statistics.

    A column whose type is set anew, be it to the same, loses its statistics, also where no row is left."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not _nobody_looks_back(connection, patience_s):
            return False
        connection.execute(text(f"SET lock_timeout = {int(patience_s * 1000)}"))
        try:
            for table in TOUCHED:
                for column, kind in _worded(table, connection):
                    connection.execute(text(f'ALTER TABLE {table} ALTER COLUMN "{column}" TYPE {kind}'))
                connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))
        finally:
            connection.execute(text("RESET lock_timeout"))
    return True


OLDER = "datname = current_database() AND pid <> pg_backend_pid() AND xact_start < :since"


def _nobody_looks_back(connection: Connection, patience_s: float) -> bool:
    """A VACUUM keeps deleted rows for transactions that are older than the deletion."""
    since = connection.scalar(text("SELECT clock_timestamp()"))
    for _ in range(1 + int(patience_s * 10)):
        query = text(f"SELECT count(*) FROM pg_stat_activity WHERE {OLDER}")  # noqa: S608
        if not connection.scalar(query, {"since": since}):
            return True
        connection.execute(text("SELECT pg_sleep(0.1)"))
    return False


def _worded(table: Table, connection: Connection) -> list[tuple[str, str]]:
    worded = [c for c in table.c if isinstance(c.type, String | LargeBinary)]
    return [(c.name, c.type.compile(connection.dialect)) for c in worded]


# ---- copies of it


def copies(home: Path, store: Store) -> list[Path]:
    """Those made before an upgrade, beside the database, the databases that a restore moved aside, and the
    one in the home where the settings name another one now."""
    database = _file_of(store)
    folders = {home} | ({database.parent} if database else set())
    found = {path for folder in folders for path in folder.glob("before-*.db")}
    found |= set(home.glob("before-restore-*/*.db")) | {home / "midsole.db"}
    there = {path for path in found if path.is_file() and not path.is_symlink()}
    return sorted(path for path in there if database is None or not path.samefile(database))


def others(home: Path, store: Store) -> set[Path]:
    """Databases in the home that are none of ours: somebody put them there."""
    ours = {*copies(home, store), home / "midsole.db", _file_of(store)}
    found = (*home.glob("*.db"), *home.glob("*.db.*"), *home.glob("*.sqlite*"), *home.glob("*.sql"))
    return {path for path in found if path.is_file() and path not in ours}


def _file_of(store: Store) -> Path | None:
    database = store.engine.url.database if store.engine.dialect.name == "sqlite" else None
    return Path(database) if database else None


def remove_orphans(home: Path, store: Store) -> None:
    """Logs and journals hold whole pages, and outlive a copy that somebody removed without them."""
    database = _file_of(store)
    folders = {home, *home.glob("before-restore-*")} | ({database.parent} if database else set())
    for path in [path for folder in folders for path in folder.glob("before-*.db-*")]:
        name, _, suffix = path.name.rpartition("-")
        if suffix in ("wal", "shm", "journal") and not path.with_name(name).exists():
            path.unlink(missing_ok=True)


def scrub(copy: Path, who: Who) -> bool:
    """Take the runner's health data out of a copy, of whichever version; one that can't be read is removed.

    Its mails lose their words, all of them. True: something of that runner was in it."""
    try:
        with closing(sqlite3.connect(copy, autocommit=True, timeout=BUSY_TIMEOUT_MS / 1000)) as database:
            ids = _known_as(database, who)
            for runner_id in ids:
                _scrub_runner(database, runner_id)
            if ids:
                database.execute("VACUUM")
            database.execute("PRAGMA journal_mode=DELETE")
            return bool(ids)
    except sqlite3.OperationalError as error:
        raise MidsoleError(f"The copy {_place(copy)} of the database can't be changed ({error}).") from error
    except sqlite3.DatabaseError as error:
        if not _place(copy).startswith("before-") and not copy.name.startswith("before-"):
            raise MidsoleError(f"{_place(copy)} can't be read as a database: delete it yourself.") from error
        remove(copy)
        return True


def _place(copy: Path) -> str:
    return f"{copy.parent.name}/{copy.name}"


def remove(copy: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def _known_as(database: sqlite3.Connection, who: Who) -> list[int]:
    """None in a copy that was broken off before there was anything in it."""
    if "runner" not in _tables(database):
        return []
    rows = database.execute("SELECT id, name, created_at FROM runner").fetchall()
    made = f"{who.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return [
        id_
        for id_, name, created_at in rows
        if name.casefold() == who.name.casefold()
        or (id_ == who.id and created_at.startswith(made))
        or (who.is_alone and len(rows) == 1)
    ]


def _tables(database: sqlite3.Connection) -> set[str]:
    return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _scrub_runner(database: sqlite3.Connection, runner_id: int) -> None:
    """Statement by statement: done again after a crash, each does no harm."""
    database.execute("PRAGMA secure_delete=ON")
    database.execute("PRAGMA foreign_keys=ON")
    there = _tables(database)
    for table in OWN:
        if table.name in there:
            database.execute(f"DELETE FROM {table.name} WHERE runner_id = ?", (runner_id,))  # noqa: S608
    ill = ", ".join("?" * len(PAUSES_OF_HEALTH))
    database.execute(
        f"UPDATE pause SET reason = 'break' WHERE runner_id = ? AND reason IN ({ill})",  # noqa: S608
        (runner_id, *PAUSES_OF_HEALTH),
    )
    database.execute("UPDATE runner SET pain_now = 0 WHERE id = ?", (runner_id,))
    if any(name == "routine_at" for _, name, *_ in database.execute("PRAGMA table_info(runner)")):
        database.execute("UPDATE runner SET routine_at = NULL WHERE id = ?", (runner_id,))
    _scrub_messages(database, runner_id, there)


def _scrub_messages(database: sqlite3.Connection, runner_id: int, there: Iterable[str]) -> None:
    rows = database.execute("SELECT id, rule, text, numbers FROM alert WHERE runner_id = ?", (runner_id,))
    gone = [
        (id_,)
        for id_, rule, said, numbers in rows.fetchall()
        if is_of_health({"rule": rule, "text": said, "numbers": json.loads(numbers or "{}")})
    ]
    database.executemany("DELETE FROM alert WHERE id = ?", gone)
    waits = ", ".join("?" * len(UNSENT))
    database.execute(
        f"UPDATE delivery SET state = 'withdrawn' WHERE runner_id = ? AND state IN ({waits})",  # noqa: S608
        (runner_id, *UNSENT),
    )
    emptied = "UPDATE delivery SET eml = x'', subject = ?, news_until = NULL WHERE runner_id = ?"
    database.execute(emptied, (WORDLESS, runner_id))
    if "change_set" in there:
        database.execute("UPDATE change_set SET alerts = '{}' WHERE runner_id = ?", (runner_id,))
