"""The advice that stands beside each alert, for those who show it."""

from sqlalchemy import select

from midsole.store import tables as t
from midsole.store.base import Tx


def advice(tx: Tx, runner_id: int) -> dict[int, str]:
    """alert id -> its one sentence of what to do."""
    rows = tx.execute(select(t.alert.c.id, t.alert.c.advice).where(t.alert.c.runner_id == runner_id))
    return {row.id: row.advice for row in rows}
