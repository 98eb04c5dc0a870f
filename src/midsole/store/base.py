"""The store as a thing with a lifetime, its transactions, and the claim of a due row."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from midsole.domain.errors import MidsoleError
from midsole.store import engine as engines
from midsole.store import upgrades
from midsole.store.tables import slot

type Tx = Connection

NO_ROOM = "The disk is full, so the database can't be written. Make room, and do it again."
MOST_NAMED = 1000
"""Ids in one query: databases limit them."""


class Store:
    """One database; `write` takes the write lock at once, `read` sees one consistent state."""

    def __init__(self, database_url: str) -> None:
        self.engine = engines.open_engine(database_url)
        self.database_url = database_url

    @contextmanager
    def write(self) -> Iterator[Tx]:
        with _damage_told(), self.engine.begin() as tx:
            yield tx

    @contextmanager
    def tried(self) -> Iterator[Tx]:
        """Like `write`, and nothing of it is kept: what would be so."""
        with _damage_told(), self.engine.connect() as tx, tx.begin() as trial:
            yield tx
            trial.rollback()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        with _damage_told(), engines.reading(self.engine) as tx:
            yield tx

    def upgrade(self) -> None:
        try:
            with _damage_told():
                upgrades.upgrade(self.engine)
        except OperationalError as error:
            raise MidsoleError(f"The database can't be opened: {error.orig}. Check database_url.") from error

    def copy_to(self, target: Path) -> None:
        """A checked copy of an SQLite database; PostgreSQL has pg_dump for that."""
        database = self.engine.url.database
        if self.engine.dialect.name != "sqlite" or database is None:
            raise MidsoleError(
                "The database is PostgreSQL: back it up with pg_dump, Midsole copies the rest."
            )
        engines.copy_sqlite(Path(database), target)

    def check(self) -> list[str]:
        """What is damaged in an SQLite database, empty where it is sound; PostgreSQL looks after its own."""
        return engines.check_sqlite(self.engine) if self.engine.dialect.name == "sqlite" else []

    def revision(self) -> str | None:
        return upgrades.revisions(self.engine)[0]

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _damage_told() -> Iterator[None]:
    """A damaged SQLite file raises DatabaseError itself; its subclasses mean something else."""
    try:
        yield
    except DatabaseError as error:
        if error.orig is not None and engines.is_full(error.orig):
            raise MidsoleError(NO_ROOM) from error
        if type(error) is not DatabaseError:
            raise
        raise MidsoleError(
            f"The database is damaged ({error.orig}). Bring back a backup: midsole --home NEW restore PATH."
        ) from error


def claim(tx: Tx, table: Table, row_id: int, state: str, now: datetime, lease: timedelta, by: str) -> bool:
    """Take a due row for the length of the lease; False: somebody else has it (DESIGN.md decision 1)."""
    taken = tx.execute(
        update(table)
        .where(table.c.id == row_id, table.c.state == state, table.c.next_at <= now)
        .values(next_at=now + lease, attempts=table.c.attempts + 1, claimed_by=by)
    )
    return taken.rowcount == 1


def take_slot(tx: Tx, job: str, at: datetime) -> bool:
    """Whether this worker is the one that does the job's slot."""
    return insert_new(tx, slot, {"job": job, "slot": at})


def insert_id(tx: Tx, table: Table, row: Mapping[str, Any]) -> int:
    """Insert and return the new row's id."""
    return int(tx.execute(insert(table).values(**row).returning(table.c.id)).scalar_one())


def insert_new(tx: Tx, table: Table, row: Mapping[str, Any]) -> bool:
    """False where a row of the same key is there already, also one that another worker just wrote."""
    try:
        with tx.begin_nested():
            tx.execute(insert(table).values(**row))
    except IntegrityError:
        return False
    return True


def forget_slots(tx: Tx, before: datetime) -> None:
    tx.execute(slot.delete().where(slot.c.slot < before))


def insert_or(tx: Tx, table: Any) -> Any:
    """An INSERT that knows what to do where the row is there already; each database has its own."""
    if tx.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # 40 ms of imports that SQLite homes need not wait for

        return postgresql.insert(table)
    return sqlite.insert(table)
