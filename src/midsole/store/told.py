"""What stands beside each alert for those who show it: its day and its advice."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from midsole.store import tables as t
from midsole.store.base import Tx


def told(tx: Tx, runner_id: int) -> dict[int, tuple[date, str]]:
    """alert id -> the day it happened on, and one sentence of what to do."""
    a = t.alert.c
    rows = tx.execute(select(a.id, a.happened_on, a.advice).where(a.runner_id == runner_id))
    return {row.id: (row.happened_on, row.advice) for row in rows}


def runs_named(tx: Tx, runner_id: int, keys: Iterable[str]) -> dict[str, int]:
    """The key of an activity, which is the subject of an alert about it -> its id."""
    a = t.activity.c
    wanted = [key for key in keys if ":" in key]
    query = select(a.key, a.id).where(a.runner_id == runner_id, a.key.in_(wanted))
    return {row.key: row.id for row in tx.execute(query)} if wanted else {}
