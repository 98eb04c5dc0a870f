"""What stands beside each alert for those who show it: its day and its advice."""

from collections.abc import Iterable
from datetime import date
from itertools import batched

from sqlalchemy import Text, cast, or_, select

from midsole.store import tables as t
from midsole.store.base import MOST_NAMED, Tx


def told(tx: Tx, alert_ids: Iterable[int]) -> dict[int, tuple[date, str]]:
    """alert id -> the day it happened on, and one sentence of what to do."""
    a = t.alert.c
    query = select(a.id, a.happened_on, a.advice)
    rows = (row for some in batched(alert_ids, MOST_NAMED) for row in tx.execute(query.where(a.id.in_(some))))
    return {row.id: (row.happened_on, row.advice) for row in rows}


def naming(tx: Tx, runner_id: int, name: str, number: int, subject: str | None = None) -> list[int]:
    """The ids of all alerts, also resolved ones, that are about that subject, or whose numbers hold this."""
    a = t.alert.c
    held = (cast(a.numbers, Text).contains(f'"{name}": {number}{end}') for end in (",", "}"))
    return list(tx.scalars(select(a.id).where(a.runner_id == runner_id, or_(a.subject == subject, *held))))


def runs_named(tx: Tx, runner_id: int, keys: Iterable[str]) -> dict[str, int]:
    """The key of an activity, which is the subject of an alert about it -> its id."""
    a = t.activity.c
    wanted = [key for key in keys if ":" in key]
    query = select(a.key, a.id).where(a.runner_id == runner_id, a.key.in_(wanted))
    return {row.key: row.id for row in tx.execute(query)} if wanted else {}
