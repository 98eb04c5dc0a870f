"""Alerts, the deliveries that carry them, and the weeks already written about."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from midsole.domain.alerts import AlertState
from midsole.domain.facts import Finding
from midsole.store import tables as t
from midsole.store.base import Tx, insert_id


def alerts(
    tx: Tx, runner_id: int, resolved_since: datetime | None = None, ids: Iterable[int] | None = None
) -> list[AlertState]:
    """Standing alerts, and those resolved since then (None: all that ever were); of all, or of a few."""
    a = t.alert.c
    query = select(t.alert).where(a.runner_id == runner_id).order_by(a.opened_at, a.id)
    if resolved_since is not None:
        query = query.where(a.resolved_at.is_(None) | (a.resolved_at >= resolved_since))
    if ids is not None:
        query = query.where(a.id.in_(list(ids)))
    return [_alert(row._mapping) for row in tx.execute(query)]


def _alert(row: Any) -> AlertState:
    return AlertState(**{name: row[name] for name in AlertState.__dataclass_fields__})


def open_alert(
    tx: Tx, runner_id: int, finding: Finding, state: str, now: datetime, today: date, **how: Any
) -> int:
    """A new standing alert; `how` says in_weekly and held_back."""
    row = {
        "runner_id": runner_id,
        "rule": finding.rule,
        "subject": finding.subject,
        "state": state,
        "opened_at": now,
        **_told(finding, today),
        "in_weekly": False,
        **how,
    }
    return insert_id(tx, t.alert, row)


def _told(finding: Finding, today: date) -> dict[str, Any]:
    return {
        "level": finding.level,
        "happened_on": finding.happened_on,
        "last_seen_on": today,
        "text": finding.text,
        "advice": finding.advice,
        "numbers": dict(finding.numbers),
    }


def refresh_alert(tx: Tx, alert_id: int, finding: Finding, today: date) -> None:
    tx.execute(update(t.alert).where(t.alert.c.id == alert_id).values(**_told(finding, today)))


def change_alert(tx: Tx, alert_id: int, **values: Any) -> None:
    tx.execute(update(t.alert).where(t.alert.c.id == alert_id).values(**values))


def resolve_alert(tx: Tx, alert_id: int, now: datetime) -> None:
    """The cause is gone: what is not yet leased to a sender and carries nothing else is withdrawn."""
    change_alert(tx, alert_id, state="resolved", resolved_at=now)
    carried = select(t.delivery_alert.c.delivery_id).where(t.delivery_alert.c.alert_id == alert_id)
    standing = (
        select(func.count())
        .select_from(t.delivery_alert.join(t.alert))
        .where(t.delivery_alert.c.delivery_id == t.delivery.c.id, t.alert.c.resolved_at.is_(None))
        .scalar_subquery()
    )
    d = t.delivery.c
    idle = (d.state == "due") & d.id.in_(carried) & (d.kind == "alert") & (standing == 0)
    free = d.claimed_by.is_(None) | (d.next_at <= now)
    tx.execute(update(t.delivery).where(idle, free).values(state="withdrawn"))


def mails_since(tx: Tx, runner_id: int, since: datetime) -> int:
    """Unasked mails that count in the budget, made since then and not taken back."""
    d = t.delivery.c
    counted = (d.runner_id == runner_id) & d.counts_in_budget.is_(True) & (d.created_at > since)
    query = select(func.count()).select_from(t.delivery).where(counted, d.state != "withdrawn")
    return int(tx.scalar(query) or 0)


def load_push_since(tx: Tx, runner_id: int, since: datetime) -> bool:
    a = t.alert.c
    pushed = (a.runner_id == runner_id) & a.rule.in_(("L1", "L2")) & (a.pushed_at > since)
    return tx.scalar(select(a.id).where(pushed).limit(1)) is not None


def queue(tx: Tx, runner_id: int, alert_ids: Iterable[int] = (), **row: Any) -> int:
    """A delivery that is due; its body and Message-ID are frozen in the row."""
    delivery_id = insert_id(tx, t.delivery, {"runner_id": runner_id, "state": "due", **row})
    for alert_id in alert_ids:
        tx.execute(insert(t.delivery_alert).values(delivery_id=delivery_id, alert_id=alert_id))
    return delivery_id


def due_deliveries(tx: Tx, now: datetime, limit: int = 100) -> list[int]:
    d = t.delivery.c
    due = select(d.id).where(d.state == "due", d.next_at <= now).order_by(d.next_at, d.id).limit(limit)
    return list(tx.scalars(due))


def delivery(tx: Tx, delivery_id: int) -> Any:
    """The row, with its columns as attributes."""
    return tx.execute(select(t.delivery).where(t.delivery.c.id == delivery_id)).one()


def finish_delivery(tx: Tx, delivery_id: int, by: str, **values: Any) -> bool:
    """Write the result of a try; False where the lease went to somebody else in the meantime."""
    mine = (t.delivery.c.id == delivery_id) & (t.delivery.c.claimed_by == by) & (t.delivery.c.state == "due")
    done = tx.execute(update(t.delivery).where(mine).values(claimed_by=None, **values))
    return done.rowcount == 1


def message_ids(tx: Tx, runner_id: int) -> list[str]:
    d = t.delivery.c
    return list(tx.scalars(select(d.message_id).where(d.runner_id == runner_id)))


def delivery_counts(tx: Tx, runner_id: int | None = None) -> dict[str, int]:
    d = t.delivery.c
    query = select(d.state, func.count()).group_by(d.state)
    if runner_id is not None:
        query = query.where(d.runner_id == runner_id)
    found = {state: int(n) for state, n in tx.execute(query)}
    states = ("due", "sent", "failed", "given_up", "withdrawn")
    return {state: found.get(state, 0) for state in states}


def failed_deliveries(tx: Tx, runner_id: int) -> Sequence[Any]:
    d = t.delivery.c
    query = select(d.id, d.subject, d.address, d.state, d.error, d.attempts, d.next_at)
    troubled = d.state.in_(("failed", "given_up")) | ((d.state == "due") & d.error.is_not(None))
    return tx.execute(query.where(d.runner_id == runner_id, troubled).order_by(d.id.desc()).limit(20)).all()


def newest_deliveries(tx: Tx, runner_id: int, limit: int) -> Sequence[Any]:
    """Without their bodies."""
    d = t.delivery.c
    columns = [column for column in t.delivery.c if column.key != "eml"]
    query = select(*columns).where(d.runner_id == runner_id)
    return tx.execute(query.order_by(d.id.desc()).limit(limit)).all()


def own_delivery(tx: Tx, runner_id: int, delivery_id: int) -> Any | None:
    """None where it is nobody's or somebody else's."""
    d = t.delivery.c
    query = select(t.delivery).where(d.runner_id == runner_id, d.id == delivery_id)
    return tx.execute(query.with_for_update()).one_or_none()


def week_written(tx: Tx, runner_id: int, week_start: date) -> bool:
    w = t.weekly.c
    return (
        tx.scalar(select(w.verdict).where(w.runner_id == runner_id, w.week_start == week_start)) is not None
    )


def any_week_written(tx: Tx, runner_id: int) -> bool:
    """Whether a weekly mail was ever made for this runner."""
    mailed = (t.weekly.c.runner_id == runner_id) & t.weekly.c.delivery_id.is_not(None)
    return tx.scalar(select(t.weekly.c.verdict).where(mailed).limit(1)) is not None


def mailed_before(tx: Tx, runner_id: int, week_start: date) -> datetime | None:
    """When the last weekly mail about an earlier week was written; None: there was none."""
    w = t.weekly.c
    mailed = (w.runner_id == runner_id) & (w.week_start < week_start) & w.delivery_id.is_not(None)
    found: datetime | None = tx.scalar(select(func.max(w.made_at)).where(mailed))
    return found


def write_week(
    tx: Tx, runner_id: int, week_start: date, verdict: str, delivery_id: int | None, now: datetime
) -> None:
    row = {"runner_id": runner_id, "week_start": week_start, "verdict": verdict, "made_at": now}
    tx.execute(insert(t.weekly).values(delivery_id=delivery_id, **row))


def held_back(tx: Tx, runner_id: int, since: datetime) -> list[tuple[str, str]]:
    """Text and reason of the alerts that no mail of their own told, opened since then."""
    a = t.alert.c
    named = (a.runner_id == runner_id) & a.held_back.is_not(None) & (a.opened_at > since)
    query = select(a.text, a.held_back).where(named, a.state != "resolved").order_by(a.opened_at)
    return [(text, why) for text, why in tx.execute(query)]


def reopen_outbox(tx: Tx, now: datetime) -> list[Any]:
    """Mails that were written to the folder and are still news: due again, now that a server is set."""
    d = t.delivery.c
    news = (d.channel == "outbox") & (d.state == "sent") & (d.news_until > now)
    reachable = t.runner.c.email.is_not(None) & t.runner.c.email_refused.is_(None)
    query = select(t.delivery, t.runner.c.email).join(t.runner).where(news, reachable)
    return list(tx.execute(query.with_for_update(of=t.delivery)).all())


def change_delivery(tx: Tx, delivery_id: int, **values: Any) -> None:
    tx.execute(update(t.delivery).where(t.delivery.c.id == delivery_id).values(**values))
