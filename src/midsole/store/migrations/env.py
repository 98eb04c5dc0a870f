"""How Alembic reaches the database: one transaction, foreign keys off and checked after."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine

from midsole.domain.errors import MidsoleError
from midsole.store.tables import metadata
from midsole.store.upgrades import one_upgrader


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            with connection.begin(), one_upgrader(connection):
                _migrate(connection)
            return
        _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                _migrate(connection)
                _check_foreign_keys(connection)
        finally:
            _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    """A pragma counts only outside a transaction; a batch migration would cascade-delete with it on."""
    raw: Any = connection.connection.dbapi_connection
    raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise MidsoleError(f"The upgrade would leave {len(broken)} rows without their owner; it was undone.")


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=False,
    )
    context.run_migrations()


run()
