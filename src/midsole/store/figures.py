"""Counts and ages over all runners, for who watches the box; nobody's name and no place is in them."""

from datetime import datetime

from sqlalchemy import Table, func, select

from midsole.store import tables as t
from midsole.store.base import Tx


def open_alerts(tx: Tx) -> dict[str, int]:
    """How many stand at each level; those of pain are counted for nobody but the runner."""
    a = t.alert.c
    stands = (a.resolved_at.is_(None), a.state == "open", a.rule.not_like("P%"))
    query = select(a.level, func.count()).where(*stands)
    found = {level: int(n) for level, n in tx.execute(query.group_by(a.level))}
    return {level: found.get(level, 0) for level in ("note", "warn", "alarm")}


def runner_count(tx: Tx) -> int:
    return tx.scalar(select(func.count()).select_from(t.runner)) or 0


def oldest(tx: Tx, now: datetime) -> dict[str, datetime | None]:
    """Since when the first in each queue waits: for files and uploads since it came, for mails since due."""
    return {
        "raw_files": _first(tx, t.raw_file, "received_at", "new"),
        "deliveries": _first(tx, t.delivery, "next_at", "due", until=now),
        "uploads": _first(tx, t.upload, "made_at", "due"),
    }


def _first(tx: Tx, table: Table, column: str, state: str, until: datetime | None = None) -> datetime | None:
    at = table.c[column]
    query = select(func.min(at)).where(table.c.state == state)
    found: datetime | None = tx.scalar(query if until is None else query.where(at <= until))
    return found
