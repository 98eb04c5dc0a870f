"""The newest of what is asked for: of long lists only the rows that a page shows."""

from collections.abc import Iterable
from itertools import batched

from sqlalchemy import select

from midsole.store import tables as t
from midsole.store.base import MOST_NAMED, Tx


def latest(tx: Tx, activity_ids: Iterable[int], limit: int) -> list[int]:
    """Of these, the last that started; the newest first."""
    a = t.activity.c
    found = [
        (row.started_at, row.id)
        for some in batched(activity_ids, MOST_NAMED)
        for row in tx.execute(
            select(a.started_at, a.id).where(a.id.in_(some)).order_by(a.started_at.desc()).limit(limit)
        )
    ]
    return [activity_id for _, activity_id in sorted(found, reverse=True)[:limit]]
