"""Health data taken out of a database, so that none of it is left in its files."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from midsole.domain.beside_mail import is_of_the_body
from midsole.domain.health_words import speak_of_the_body
from midsole.domain.taps import CHECK_IN, ROUTINE
from midsole.store import tables as t
from midsole.store.base import Tx

OWN = (
    *(t.question, t.exercise_choice, t.exercise_tick, t.run_walk),
    *(t.comeback_plan, t.episode, t.check_in, t.injury),
)
"""Tables of nothing but health data, those that name others first."""
PAUSES_OF_HEALTH = ("ill", "injured")
UNSENT = ("due", "failed", "given_up")
MAILS_OF_HEALTH = (CHECK_IN, ROUTINE)
"""Kinds of mail that speak of nothing else, the first question among them."""
WORDLESS = "(its words were deleted)"
NO_WORDS = "What this said was deleted with the health data."
WITHDRAWN = "withdrawn: the health data were deleted"


@dataclass(frozen=True, slots=True)
class Taken:
    """How much was taken out: rows by table, pauses that are a break now, alerts, mails that were emptied
    and, of those, the ones that waited. `in_flight`: mails that another process is sending right now."""

    rows: Mapping[str, int]
    pauses: int
    alerts: int
    mails: int
    withdrawn: int
    in_flight: int


def counts(tx: Tx, runner_id: int) -> dict[str, int]:
    """Table -> rows of it; also the pauses for illness and injury, and the alerts that speak of pain."""
    found = {table.name: _count(tx, table.c.runner_id == runner_id) for table in OWN}
    found["pause"] = _count(tx, (t.pause.c.runner_id == runner_id) & t.pause.c.reason.in_(PAUSES_OF_HEALTH))
    found["alert"] = sum(is_of_health(row._mapping) for row in _alerts(tx, runner_id))
    return found


def _count(tx: Tx, where: ColumnElement[bool]) -> int:
    return int(tx.scalar(select(func.count()).where(where)) or 0)


def told(tx: Tx, runner_id: int) -> list[Any]:
    """The messages that have left the box and may have spoken of it, the newest first, without words."""
    d = t.delivery.c
    columns = (d.id, d.kind, d.channel, d.address, d.sent_at, t.target.c.name.label("target"))
    query = select(*columns).select_from(t.delivery.join(t.target, isouter=True))
    left = (d.state == "sent") & (d.channel != "outbox")
    return list(tx.execute(query.where(_is_marked(runner_id), left).order_by(d.sent_at.desc(), d.id.desc())))


def waiting(tx: Tx, runner_id: int) -> int:
    """Messages that may speak of it and have not left yet, those in the folder included."""
    d = t.delivery.c
    unsent = d.state.in_(UNSENT) | ((d.state == "sent") & (d.channel == "outbox"))
    return _count(tx, _is_marked(runner_id) & unsent & (func.length(d.eml) > 0))


def worded(tx: Tx, runner_id: int) -> int:
    """Messages that may speak of it and still have their words here, sent ones included."""
    return _count(tx, _is_marked(runner_id) & (func.length(t.delivery.c.eml) > 0))


def _is_marked(runner_id: int) -> ColumnElement[bool]:
    d = t.delivery.c
    return (d.runner_id == runner_id) & (d.of_health | d.kind.in_(MAILS_OF_HEALTH))


def in_flight(tx: Tx, runner_id: int, now: datetime) -> int:
    """Messages that somebody holds a lease of: they are being sent."""
    return _count(tx, (t.delivery.c.runner_id == runner_id) & _is_leased(now))


def emptied(tx: Tx, runner_id: int) -> list[str]:
    """The Message-IDs of all mails whose words were deleted, now or before."""
    d = t.delivery.c
    return list(tx.scalars(select(d.message_id).where(d.runner_id == runner_id, func.length(d.eml) == 0)))


def is_of_health(alert: Mapping[str, Any]) -> bool:
    """Works on rows, and on the images of rows in the change log."""
    numbers = {name: value for name, value in alert["numbers"].items() if value}
    return is_of_the_body(alert["rule"], (alert["text"],), numbers)


def _is_nothing_else(alert: Mapping[str, Any], comebacks: Collection[str]) -> bool:
    """Without the pain there was no such alert at all; others stand without it, in other words."""
    return alert["rule"].startswith("P") or (alert["rule"] == "L5" and alert["subject"] in comebacks)


def _after_pain(tx: Tx, runner_id: int) -> set[str]:
    """The first days of comebacks after red pain, by which their alerts are known."""
    p = t.comeback_plan.c
    query = select(p.began_on).where(p.runner_id == runner_id, p.why == "pain")
    return {day.isoformat() for day in tx.scalars(query)}


def forget(tx: Tx, runner_id: int, now: datetime) -> Taken:
    """Take out all of it; what else its mails carried is judged and told anew by the next evaluation."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA secure_delete=ON")
    alerts = [row._mapping for row in _alerts(tx, runner_id)]
    comebacks = _after_pain(tx, runner_id)
    nothing_else = {a["id"] for a in alerts if _is_nothing_else(a, comebacks)}
    of_health = nothing_else | {a["id"] for a in alerts if is_of_health(a)}
    mails = _mails(tx, runner_id, of_health)
    untold = _untold(tx, mails, now)
    gone = nothing_else | untold
    _forget_images(tx, runner_id, of_health | gone, {row.id for row in mails})
    _write_weeks_anew(tx, mails, now)
    flying = _empty(tx, mails, now)
    _in_pieces(tx, t.alert, gone)
    _reword(tx, of_health - gone)
    waited = sum(row.state in UNSENT for row in mails) - flying
    rows = _delete_own(tx, runner_id)
    pauses = _calm_pauses(tx, runner_id)
    tx.execute(update(t.runner).where(t.runner.c.id == runner_id).values(pain_now=False, routine_at=None))
    return Taken(rows, pauses, len(of_health), len(mails), waited, flying)


def _alerts(tx: Tx, runner_id: int) -> Iterable[Any]:
    a = t.alert.c
    query = select(a.id, a.rule, a.subject, a.text, a.numbers).where(a.runner_id == runner_id)
    return tx.execute(query.order_by(a.id)).all()


def _mails(tx: Tx, runner_id: int, of_health: Collection[int]) -> list[Any]:
    """Those of health: by their mark, by what they carry, or by their words; without those words."""
    d = t.delivery.c
    columns = (d.id, d.kind, d.state, d.claimed_by, d.next_at, d.of_health, d.subject)
    query = select(*columns).where(d.runner_id == runner_id, func.length(d.eml) > 0).order_by(d.id)
    carried = select(t.delivery_alert.c.delivery_id, t.delivery_alert.c.alert_id).join(t.delivery)
    of_alerts = {
        row.delivery_id
        for row in tx.execute(carried.where(d.runner_id == runner_id))
        if row.alert_id in of_health
    }
    return [
        row
        for row in tx.execute(query).all()
        if row.of_health
        or row.kind in MAILS_OF_HEALTH
        or row.id in of_alerts
        or speak_of_the_body(f"{row.subject} {_words(tx, row.id)}")
    ]


def _words(tx: Tx, delivery_id: int) -> str:
    """All that the message says, whatever it is packed in."""
    eml = tx.scalar(select(t.delivery.c.eml).where(t.delivery.c.id == delivery_id)) or b""
    parts = (part.get_payload(decode=True) for part in message_from_bytes(eml).walk())
    return " ".join(part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes))


def _is_leased(now: datetime) -> ColumnElement[bool]:
    d = t.delivery.c
    return (d.state == "due") & d.claimed_by.is_not(None) & (d.next_at > now)


def _is_flying(row: Any, now: datetime) -> bool:
    return row.state == "due" and row.claimed_by is not None and row.next_at > now


def _untold(tx: Tx, mails: Iterable[Any], now: datetime) -> set[int]:
    """Open alerts that only mails which now never leave would have told: without them they open anew."""
    waited = {row.id for row in mails if row.state == "due" and not _is_flying(row, now)}
    c, a, d = t.delivery_alert.c, t.alert.c, t.delivery.c
    carried = select(c.alert_id, c.delivery_id, d.state).join(t.delivery).join(t.alert)
    rows = tx.execute(carried.where(a.state == "open", d.state.in_(("due", "sent")))).all()
    told_already = {row.alert_id for row in rows if row.delivery_id not in waited}
    return {row.alert_id for row in rows if row.delivery_id in waited} - told_already


def _forget_images(tx: Tx, runner_id: int, alert_ids: Collection[int], mail_ids: Collection[int]) -> None:
    """An undo must not bring back what an alert said, nor make a mail without words due again."""
    s = t.change_set.c
    for set_id, kept in tx.execute(select(s.id, s.alerts).where(s.runner_id == runner_id)).all():
        left = {
            "alerts": [
                one for one in kept.get("alerts", []) if one[0] not in alert_ids and not _shows_health(one)
            ],
            "deliveries": [one for one in kept.get("deliveries", []) if one[0] not in mail_ids],
        }
        if any(len(rows) < len(kept.get(name, [])) for name, rows in left.items()):
            tx.execute(update(t.change_set).where(s.id == set_id).values(alerts=kept | left))


def _shows_health(image: list[Any]) -> bool:
    return any(is_of_health(row) for row in image[1:] if row is not None)


def _write_weeks_anew(tx: Tx, mails: Iterable[Any], now: datetime) -> None:
    """The mail of a week that never left is written again, while it is due, from what is left."""
    waited = [r.id for r in mails if r.kind == "weekly" and r.state == "due" and not _is_flying(r, now)]
    tx.execute(delete(t.weekly).where(t.weekly.c.delivery_id.in_(waited)))


def _empty(tx: Tx, mails: Iterable[Any], now: datetime) -> int:
    """No words, and no way to be sent once more; returns how many are being sent at this moment.

    Such a one keeps its lease: sent, it is an empty row; not sent, it is no news when it is tried again."""
    flying = 0
    for row in mails:
        values: dict[str, Any] = {"eml": b"", "subject": WORDLESS, "of_health": True, "news_until": None}
        if _is_flying(row, now):
            flying += 1
            values["news_until"] = now - timedelta(days=1)
        elif row.state in UNSENT:
            values |= {"state": "withdrawn", "error": WITHDRAWN, "claimed_by": None}
        tx.execute(update(t.delivery).where(t.delivery.c.id == row.id).values(**values))
    return flying


def _in_pieces(tx: Tx, table: Any, ids: Collection[int]) -> None:
    for id_ in sorted(ids):
        tx.execute(delete(table).where(table.c.id == id_))


def _reword(tx: Tx, ids: Collection[int]) -> None:
    """The alert stays, so that it is not told twice; what is still true says the next evaluation."""
    for id_ in sorted(ids):
        said = {"text": NO_WORDS, "advice": "", "numbers": {}}
        tx.execute(update(t.alert).where(t.alert.c.id == id_).values(**said))


def _delete_own(tx: Tx, runner_id: int) -> dict[str, int]:
    return {
        table.name: int(tx.execute(delete(table).where(table.c.runner_id == runner_id)).rowcount)
        for table in OWN
    }


def _calm_pauses(tx: Tx, runner_id: int) -> int:
    p = t.pause.c
    mine = (p.runner_id == runner_id) & p.reason.in_(PAUSES_OF_HEALTH)
    return int(tx.execute(update(t.pause).where(mine).values(reason="break")).rowcount)
