"""Bringing the schema to this program's revision; Alembic is heavy, and imported only for that."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from midsole.domain.errors import MidsoleError
from midsole.store.engine import copy_sqlite, reading

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x6D69_6473
"""The advisory lock that lets one upgrader at a time through (PostgreSQL)."""
COPIES_KEPT = 3


def revisions(engine: Engine) -> tuple[str | None, str]:
    """The database's revision and the newest that this program knows."""
    with reading(engine) as connection:
        fresh = not inspect(connection).has_table("alembic_version")
        current = None if fresh else connection.scalar(text("SELECT version_num FROM alembic_version"))
    return current, max(_known())


def _known() -> set[str]:
    """Revisions are the four digits that a migration's file begins with; a test asks Alembic too."""
    return {path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def upgrade(engine: Engine) -> None:
    """An older program on a newer schema refuses; an SQLite file is copied first."""
    current, head = revisions(engine)
    if current == head:
        return
    if current is not None and current not in _known():
        raise MidsoleError(
            f"The database is of a newer Midsole (revision {current}; this one knows {head}). "
            "Install that version, or restore a backup made with this one."
        )
    _keep_copy(engine, current)
    from alembic import command

    command.upgrade(alembic_config(engine), "head")


def _keep_copy(engine: Engine, current: str | None) -> None:
    database = engine.url.database
    if current is None or engine.dialect.name != "sqlite" or not database or not Path(database).exists():
        return
    copies = sorted(Path(database).parent.glob("before-*.db"), key=lambda p: p.stat().st_mtime)
    for old in copies[: -(COPIES_KEPT - 1)]:
        old.unlink()
    copy_sqlite(Path(database), Path(database).with_name(f"before-{current}.db"))


def alembic_config(engine: Engine) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


@contextmanager
def one_upgrader(connection: Connection) -> Iterator[None]:
    """Hold off other upgraders of a PostgreSQL; in SQLite the write lock does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    yield
