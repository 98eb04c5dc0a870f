"""Alerts as history: a page of them, and the deliveries that carried each."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from midsole.domain.alerts import NEWS, SEEN
from midsole.store import tables as t
from midsole.store.base import Tx

LASTING = tuple(rule for rule, news in NEWS.items() if news.lasts)
"""Of these what was only seen is over when its cause is gone; of the others nobody says when."""


def _fitting(runner_id: int, chosen: Mapping[str, str]) -> list[ColumnElement[bool]]:
    a = t.alert.c
    return [a.runner_id == runner_id, *(a[name] == value for name, value in chosen.items())]


def how_many(tx: Tx, runner_id: int, chosen: Mapping[str, str]) -> int:
    query = select(func.count()).select_from(t.alert)
    return int(tx.scalar(query.where(*_fitting(runner_id, chosen))) or 0)


def history(tx: Tx, runner_id: int, chosen: Mapping[str, str], skip: int, limit: int) -> list[Any]:
    """The newest first; `chosen` are values of rule, level and state."""
    a = t.alert.c
    query = select(t.alert).where(*_fitting(runner_id, chosen))
    return list(tx.execute(query.order_by(a.opened_at.desc(), a.id.desc()).offset(skip).limit(limit)))


def standing(tx: Tx, runner_id: int) -> list[Any]:
    """What is true now, the newest first; also what was only seen, where its end will be known."""
    a = t.alert.c
    shown = (a.state != SEEN) | a.rule.in_(LASTING)
    query = select(t.alert).where(a.runner_id == runner_id, a.resolved_at.is_(None), shown)
    return list(tx.execute(query.order_by(a.opened_at.desc(), a.id.desc())))


def rules_of(tx: Tx, runner_id: int) -> list[str]:
    """The rules that ever spoke."""
    return list(tx.scalars(select(t.alert.c.rule).where(t.alert.c.runner_id == runner_id).distinct()))


def carriers(tx: Tx, alert_ids: Collection[int]) -> dict[int, list[Any]]:
    """alert id -> the deliveries that carried it, the first one first, without their bodies."""
    d = t.delivery.c
    columns = (d.channel, d.address, d.state, d.created_at, d.next_at, d.sent_at, d.error)
    query = select(t.delivery_alert.c.alert_id, *columns, t.target.c.name.label("target"))
    query = query.select_from(t.delivery_alert.join(t.delivery).join(t.target, isouter=True))
    found: dict[int, list[Any]] = {}
    carried = t.delivery_alert.c.alert_id.in_(list(alert_ids))
    for row in tx.execute(query.where(carried).order_by(d.created_at, d.id)):
        found.setdefault(row.alert_id, []).append(row)
    return found


def weekly_mails(tx: Tx, runner_id: int, since: datetime) -> list[Any]:
    """When weekly mails were made since then, and what became of each; the first one first."""
    d = t.delivery.c
    query = select(d.created_at, d.state, d.sent_at).where(d.runner_id == runner_id, d.kind == "weekly")
    return list(tx.execute(query.where(d.created_at >= since).order_by(d.created_at, d.id)))
