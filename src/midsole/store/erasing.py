"""What deleting rows leaves in the files of a database: free pages, logs, statistics and old copies."""

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
from midsole.store.engine import BUSY_TIMEOUT_MS
from midsole.store.forgetting import OWN, PAUSES_OF_HEALTH, SPEAKS, UNSENT, WORDLESS

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


def leave_no_trace(store: Store, patience_s: float) -> bool:
    """Write the database anew without what was deleted; False where others held it for all that time."""
    try:
        if store.engine.dialect.name == "sqlite":
            return _write_anew(store, patience_s)
        return _rewrite_tables(store, patience_s)
    except (OperationalError, sqlite3.OperationalError):
        return False


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
    """Those made before an upgrade, beside the database, and the databases that a restore moved aside."""
    database = store.engine.url.database if store.engine.dialect.name == "sqlite" else None
    folders = {home} | ({Path(database).parent} if database else set())
    found = {path for folder in folders for path in folder.glob("before-*.db")}
    aside = set(home.glob("before-restore-*/*.db"))
    return sorted(path for path in found | aside if path.is_file() and not path.is_symlink())


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
        raise MidsoleError(f"The copy {copy.name} of the database can't be changed ({error}).") from error
    except sqlite3.DatabaseError:
        remove(copy)
        return True


def remove(copy: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def _known_as(database: sqlite3.Connection, who: Who) -> list[int]:
    rows = database.execute("SELECT id, name, created_at FROM runner").fetchall()
    made = f"{who.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return [
        id_
        for id_, name, created_at in rows
        if name.casefold() == who.name.casefold()
        or (id_ == who.id and created_at.startswith(made))
        or (who.is_alone and len(rows) == 1)
    ]


def _scrub_runner(database: sqlite3.Connection, runner_id: int) -> None:
    """Statement by statement: done again after a crash, each does no harm."""
    database.execute("PRAGMA secure_delete=ON")
    database.execute("PRAGMA foreign_keys=ON")
    there = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in OWN:
        if table.name in there:
            database.execute(f"DELETE FROM {table.name} WHERE runner_id = ?", (runner_id,))  # noqa: S608
    ill = ", ".join("?" * len(PAUSES_OF_HEALTH))
    database.execute(
        f"UPDATE pause SET reason = 'break' WHERE runner_id = ? AND reason IN ({ill})",  # noqa: S608
        (runner_id, *PAUSES_OF_HEALTH),
    )
    database.execute("UPDATE runner SET pain_now = 0 WHERE id = ?", (runner_id,))
    _scrub_messages(database, runner_id, there)


def _scrub_messages(database: sqlite3.Connection, runner_id: int, there: Iterable[str]) -> None:
    rows = database.execute("SELECT id, rule, text || numbers FROM alert WHERE runner_id = ?", (runner_id,))
    gone = [(id_,) for id_, rule, said in rows.fetchall() if rule.startswith("P") or SPEAKS.search(said)]
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
