"""How a connection stands, in words."""

from datetime import datetime

from midsole.domain.connection import explain
from midsole.store.sources import Connection


def explained(connection: Connection, now: datetime) -> str:
    """A sentence or two: what is so, when the next try is, and what only the runner can do."""
    return explain(
        connection.kind,
        connection.place,
        connection.state,
        error=connection.error,
        next_at=connection.next_at,
        last_success_at=connection.last_success_at,
        now=now,
    )
