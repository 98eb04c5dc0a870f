"""Opening the database: its pragmas, its transactions, its copies."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from json import JSONDecoder, loads
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, DBAPIError

from midsole.domain.errors import MidsoleError, UsageError

BUSY_TIMEOUT_MS = 30_000


def open_engine(database_url: str) -> Engine:
    """An engine whose SQLite connections have WAL, foreign keys and a busy timeout.

    Errors name no values: what somebody said of their body must not reach a log."""
    url = _parse(database_url)
    if url.get_backend_name() == "postgresql":
        return _open_postgresql(url)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "autocommit": True},
        json_deserializer=_read_json,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "commit", lambda c: c.exec_driver_sql("COMMIT"))
    event.listen(engine, "rollback", _rollback_sqlite)
    return engine


_DECODE = JSONDecoder().raw_decode


def _read_json(text: str) -> Any:
    """As json.loads, in half the time of one that looks for blanks around it: thousands of values a page."""
    if text == "[]":
        return []
    if text[:1].isspace():
        return loads(text)
    found, end = _DECODE(text)
    return found if end == len(text) else loads(text)


def _parse(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise UsageError("database_url is no database address; see `midsole config --example`.") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(f"database_url names {url.get_backend_name()}; Midsole knows sqlite and postgresql.")
    return url


def _open_postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True
        )
    except ModuleNotFoundError as error:
        raise MidsoleError(
            'PostgreSQL needs its driver: install it with pip install "midsole[postgres]".'
        ) from error
    event.listen(engine, "handle_error", _hide_row)
    return engine


def _hide_row(context: ExceptionContext) -> None:
    """PostgreSQL's further lines tell the row that failed, and its complaint of a value tells the value."""
    origin, made = context.original_exception, context.sqlalchemy_exception
    if not isinstance(origin, Exception) or not isinstance(made, DBAPIError):
        return
    first = str(origin).partition("\n")[0]
    said = first.partition(": ")[0] if isinstance(made, DataError) else first
    origin.args = (said,)
    made.args = (f"({type(origin).__module__}.{type(origin).__name__}) {said}",)


def _prepare_sqlite(dbapi: sqlite3.Connection, _record: Any) -> None:
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        dbapi.execute(f"PRAGMA {pragma}")
    # SQLite's own knows the letters of English alone.
    dbapi.create_function("lower", 1, _lower, deterministic=True)


def _lower(said: Any) -> Any:
    return said.lower() if isinstance(said, str) else said


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


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy by the backup API, then check the copy (a copied file under WAL lacks its newest pages)."""
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise MidsoleError(f"The copy of {source} is damaged ({verdict}); the original was not touched.")


def is_full(error: BaseException) -> bool:
    """Whether it is room on the disk that lacks."""
    code = getattr(error, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE) or (
        getattr(error, "sqlstate", None) == "53100"
    )


def check_sqlite(engine: Engine) -> list[str]:
    """What the database's own check finds wrong; empty where it is sound."""
    try:
        with reading(engine) as connection:
            found = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    except DatabaseError as error:
        return [str(error.orig)]
    return [said for said in found if said != "ok"]
