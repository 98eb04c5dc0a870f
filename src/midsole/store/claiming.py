"""Raw files in a worker's hands: claimed for a while, given back, or refused by the database."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DataError, IntegrityError

from midsole.domain.errors import BadInput
from midsole.store import tables as t
from midsole.store.base import Tx
from midsole.store.sources import RawFile

UNSTORABLE = (DataError, IntegrityError, OverflowError, UnicodeError)
"""What a number too large, a character that a database doesn't know or a missing value ends in."""


@contextmanager
def refusals_told() -> Iterator[None]:
    """What a database won't hold is the file's fault.

    A full disk or a lost connection is not, and goes on as it is."""
    try:
        yield
    except UNSTORABLE as error:
        said = str(getattr(error, "orig", error)).partition("\n")[0]
        raise BadInput(f"It holds a value that can't be stored: {said}.") from error


def claim_fresh(tx: Tx, now: datetime, lease: timedelta, by: str, limit: int) -> list[RawFile]:
    """Take due files of one runner that nobody tried before, for the length of the lease."""
    c = t.raw_file.c
    due = (c.state == "new") & (c.next_at <= now) & (c.attempts == 0)
    whose = select(c.runner_id).where(due).order_by(c.id).limit(1).scalar_subquery()
    return _claim(tx, due & (c.runner_id == whose), [c.id], now, lease, by, limit)


def claim_one(tx: Tx, raw_file_id: int, now: datetime, lease: timedelta, by: str) -> list[RawFile]:
    """Take this file if it is due."""
    c = t.raw_file.c
    due = (c.id == raw_file_id) & (c.state == "new") & (c.next_at <= now)
    return _claim(tx, due, [c.id], now, lease, by, 1)


def claim_tried(tx: Tx, now: datetime, lease: timedelta, by: str) -> list[RawFile]:
    """Take the one due file that ended the fewest tries: one of them may be what ends the program."""
    c = t.raw_file.c
    due = (c.state == "new") & (c.next_at <= now)
    return _claim(tx, due, [c.attempts, c.id], now, lease, by, 1)


def _claim(
    tx: Tx, due: Any, order: Collection[Any], now: datetime, lease: timedelta, by: str, limit: int
) -> list[RawFile]:
    """What another worker is claiming at this moment is passed over, not waited for."""
    c = t.raw_file.c
    free = select(c.id).where(due).order_by(*order).limit(limit).with_for_update(skip_locked=True).cte()
    taken = (
        update(t.raw_file)
        .where(c.id.in_(select(free.c.id)))
        .values(next_at=now + lease, attempts=c.attempts + 1, claimed_by=by)
        .returning(t.raw_file)
    )
    return sorted((RawFile(**row._mapping) for row in tx.execute(taken)), key=lambda file: file.id)


def holders(tx: Tx) -> list[str]:
    """Who has claimed files that are not settled yet."""
    c = t.raw_file.c
    query = select(c.claimed_by).where(c.state == "new", c.claimed_by.is_not(None)).distinct()
    return list(tx.scalars(query))


def free_claims(tx: Tx, holder: str, now: datetime) -> None:
    """Whoever held these is gone: they are due, and their tries count."""
    c = t.raw_file.c
    held = (c.state == "new") & (c.claimed_by == holder)
    tx.execute(update(t.raw_file).where(held).values(next_at=now, claimed_by=None))


def give_back(tx: Tx, ids: Collection[int], by: str, now: datetime) -> None:
    """Let go of claimed files that were not tried: they are due, as if nobody had taken them."""
    c = t.raw_file.c
    mine = c.id.in_(ids) & (c.state == "new") & (c.claimed_by == by)
    tx.execute(update(t.raw_file).where(mine).values(next_at=now, claimed_by=None, attempts=c.attempts - 1))


def try_alone(tx: Tx, ids: Collection[int], by: str, now: datetime, why: str | None) -> None:
    """Let go of claimed files that may be the reason why a try failed: they are due, one by one."""
    c = t.raw_file.c
    mine = c.id.in_(ids) & (c.state == "new") & (c.claimed_by == by)
    tx.execute(update(t.raw_file).where(mine).values(next_at=now, claimed_by=None, reason=why))
