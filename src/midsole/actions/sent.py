"""What was said of each alert: when, where and why, or why nothing was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from midsole.actions import alert_view
from midsole.actions.box import Box
from midsole.domain.alerts import SEEN
from midsole.store import messages, sent
from midsole.store.base import Tx

type View = dict[str, Any]

PER_PAGE = 50
CHANNELS = {"email": "Mail", "outbox": "Outbox folder", "push": "Push", "webhook": "Webhook"}
HELD = {
    "budget": "Held back: at most 2 unasked mails in 7 days. It goes into the weekly mail.",
    "7-days": "Held back: at most 1 load warning of its own in 7 days. It goes into the weekly mail.",
    "late": "It came in late, when it was no news any more: only the weekly mail names it.",
}
SEEN_ONLY = "Seen, and sent to nobody: it was older than its news window, or came in with history."
WEEKLY_ONLY = "It has no mail of its own: only the weekly mail names it."


@dataclass(frozen=True, slots=True)
class History:
    """One page of all alerts that ever were; `rules` are those that ever spoke."""

    alerts: list[View]
    count: int
    page: int
    pages: int
    rules: list[str]


def standing(box: Box, runner_id: int) -> list[View]:
    """What is true now, the newest first, with what was said of it."""
    with box.store.read() as tx:
        return standing_in(tx, runner_id, box.now())


def standing_in(tx: Tx, runner_id: int, now: datetime) -> list[View]:
    said = {a["id"]: a for a in alert_view.view(tx, runner_id, messages.alerts(tx, runner_id, now))}
    views = _views(tx, runner_id, sent.standing(tx, runner_id))
    return [{**said[view["id"]], **view} for view in views if view["id"] in said]


def history(box: Box, runner_id: int, chosen: Mapping[str, str], page: int = 1) -> History:
    """`chosen` are values of rule, level and state."""
    with box.store.read() as tx:
        count = sent.how_many(tx, runner_id, chosen)
        pages = max(1, -(-count // PER_PAGE))
        at = min(max(1, page), pages)
        rows = sent.history(tx, runner_id, chosen, (at - 1) * PER_PAGE, PER_PAGE)
        return History(_views(tx, runner_id, rows), count, at, pages, sorted(sent.rules_of(tx, runner_id)))


def _views(tx: Tx, runner_id: int, rows: Sequence[Any]) -> list[View]:
    carried = sent.carriers(tx, [row.id for row in rows])
    first = min((row.opened_at for row in rows if row.in_weekly), default=None)
    weekly = sent.weekly_mails(tx, runner_id, first) if first else []
    return [_view(row, carried.get(row.id, []), weekly) for row in rows]


def _view(row: Any, carried: Sequence[Any], weekly: Sequence[Any]) -> View:
    return {
        "id": row.id,
        "rule": row.rule,
        "level": row.level,
        "subject": row.subject,
        "state": row.state,
        "happened_on": row.happened_on.isoformat(),
        "opened_at": row.opened_at.isoformat(),
        "snoozed_until": _moment(row.snoozed_until),
        "resolved_at": _moment(row.resolved_at),
        "pushed_at": _moment(row.pushed_at),
        "text": row.text,
        "advice": row.advice,
        "numbers": dict(row.numbers),
        "sent": [_carrier(c) for c in carried],
        "not_sent": None if carried else _why_not(row),
        "weekly_only": not carried and not row.held_back,
        "weekly_at": _weekly_at(row, weekly),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _carrier(row: Any) -> View:
    channel = CHANNELS.get(row.channel, row.channel)
    to = row.target or (row.address if row.channel == "email" else None)
    at = {"sent": row.sent_at, "due": row.next_at}.get(row.state)
    return {"channel": channel, "to": to, "state": row.state, "at": _moment(at), "error": row.error}


def _why_not(row: Any) -> str | None:
    """None: it had a mail of its own, whose row is gone."""
    if row.held_back:
        return HELD.get(row.held_back, f"Held back: {row.held_back}.")
    if row.pushed_at:
        return None
    return WEEKLY_ONLY if row.in_weekly or row.state != SEEN else SEEN_ONLY


def _weekly_at(row: Any, weekly: Sequence[Any]) -> str | None:
    """The first weekly mail after it; what was over by then was in none."""
    if not row.in_weekly:
        return None
    after = (w for w in weekly if w.created_at >= row.opened_at)
    first = next((w for w in after if w.state in ("sent", "due")), None)
    if first is None or (row.resolved_at and row.resolved_at < first.created_at):
        return None
    return _moment(first.sent_at or first.created_at)
