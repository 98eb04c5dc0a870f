"""Opening the database: its pragmas, its transactions, its upgrades and copies."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError

from midsole.domain.errors import MidsoleError

BUSY_TIMEOUT_MS = 30_000
MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x6D69_6473
"""The advisory lock that lets one upgrader at a time through (PostgreSQL)."""


def open_engine(database_url: str) -> Engine:
    """An engine whose SQLite connections have WAL, foreign keys and a busy timeout."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "autocommit": True})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "commit", lambda c: c.exec_driver_sql("COMMIT"))
    event.listen(engine, "rollback", _rollback_sqlite)
    return engine


def _prepare_sqlite(dbapi: sqlite3.Connection, _record: Any) -> None:
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        dbapi.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A deferred transaction that reads and then writes fails at once, whatever the timeout: DESIGN.md 11."""
    reading = connection.get_execution_options().get("midsole_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _rollback_sqlite(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection) and raw.in_transaction:
        raw.execute("ROLLBACK")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view that takes no write lock."""
    options: dict[str, Any] = {"midsole_reading": True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect() as connection:
        yield connection.execution_options(**options)


def alembic_config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def revisions(engine: Engine) -> tuple[str | None, str]:
    """The database's revision and the newest that this program knows."""
    with reading(engine) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if head is None:
        raise MidsoleError("This installation has no migrations: install Midsole again.")
    return current, head


def upgrade(engine: Engine) -> None:
    """Bring the schema to this program's revision; an older program on a newer schema refuses."""
    current, head = revisions(engine)
    if current == head:
        return
    if current is not None and not _is_known(current):
        raise MidsoleError(
            f"The database is of a newer Midsole (revision {current}; this one knows {head}). "
            "Install that version, or restore a backup made with this one."
        )
    _keep_copy_before_upgrade(engine, current)
    command.upgrade(alembic_config(engine), "head")


def _is_known(revision: str) -> bool:
    known = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return any(script.revision == revision for script in known)


def _keep_copy_before_upgrade(engine: Engine, current: str | None) -> None:
    database = engine.url.database
    if current is None or engine.dialect.name != "sqlite" or not database or not Path(database).exists():
        return
    copies = sorted(Path(database).parent.glob("before-*.db"), key=lambda p: p.stat().st_mtime)
    for old in copies[:-2]:
        old.unlink()
    copy_sqlite(Path(database), Path(database).with_name(f"before-{current}.db"))


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy by the backup API, then check the copy (a copied file under WAL lacks its newest pages)."""
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise MidsoleError(f"The copy of {source} is damaged ({verdict}); the original was not touched.")


def check_sqlite(engine: Engine) -> list[str]:
    """What the database's own check finds wrong; empty where it is sound."""
    try:
        with reading(engine) as connection:
            found = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    except DatabaseError as error:
        return [str(error.orig)]
    return [said for said in found if said != "ok"]


@contextmanager
def one_upgrader(connection: Connection) -> Iterator[None]:
    """Hold off other upgraders of a PostgreSQL; in SQLite the write lock does that."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    yield
