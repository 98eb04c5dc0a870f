"""Who may have to be asked something, and taking back what waits to be sent and is answered."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from midsole.domain.activity import RUNNING
from midsole.store import tables as t
from midsole.store.base import Tx


def run_days(tx: Tx, first: date) -> dict[int, set[date]]:
    """Runner -> the local days since `first` on which they ran."""
    a = t.activity.c
    query = select(a.runner_id, a.local_date).where(a.local_date >= first, a.sport == RUNNING).distinct()
    found: dict[int, set[date]] = {}
    for runner_id, day in tx.execute(query):
        found.setdefault(runner_id, set()).add(day)
    return found


def sore_since(tx: Tx, first: date) -> set[int]:
    """Runners who said since that day that something hurt."""
    c = t.check_in.c
    return set(tx.scalars(select(c.runner_id).where(c.on_day >= first, c.level > 0).distinct()))


def asked(tx: Tx, first: date) -> dict[int, set[tuple[date, str]]]:
    """Runner -> what was asked, or decided not to be mailed, about the days since then."""
    q = t.question.c
    found: dict[int, set[tuple[date, str]]] = {}
    for row in tx.execute(select(q.runner_id, q.on_day, q.about).where(q.on_day >= first)):
        found.setdefault(row.runner_id, set()).add((row.on_day, row.about))
    return found


def was_noticed(tx: Tx, runner_id: int, since: datetime) -> bool:
    """Whether the notice of a first import was made since then: its runs are history."""
    d = t.delivery.c
    made = (d.runner_id == runner_id) & (d.kind == "notice") & (d.created_at > since)
    return tx.scalar(select(d.id).where(made).limit(1)) is not None


def waiting(tx: Tx, runner_id: int | None = None) -> list[Any]:
    """Questions whose mail was made and has not gone out: their rows, with the delivery's kind."""
    q, d = t.question.c, t.delivery.c
    query = select(t.question, d.kind).join(t.delivery, q.delivery_id == d.id).where(d.state == "due")
    if runner_id is not None:
        query = query.where(q.runner_id == runner_id)
    return list(tx.execute(query))


def withdraw(tx: Tx, rows: Iterable[Any], now: datetime) -> None:
    """With the mail goes the push beside it; what a sender has in hand just now is not called back."""
    d = t.delivery.c
    free = (d.state == "due") & (d.claimed_by.is_(None) | (d.next_at <= now))
    for row in rows:
        made = (d.runner_id == row.runner_id) & (d.kind == row.kind) & (d.created_at == row.asked_at)
        tx.execute(update(t.delivery).where(free, made).values(state="withdrawn", error="answered"))
