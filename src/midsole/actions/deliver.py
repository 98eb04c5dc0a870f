"""Send what is due: claim, try, write the result; at least once, with one Message-ID for ever."""

from datetime import datetime, timedelta
from typing import Any

from midsole.actions import targets
from midsole.actions.box import Box
from midsole.actions.post import NOBODY
from midsole.deliver import render
from midsole.deliver.base import Channel
from midsole.deliver.email import outbox_path
from midsole.domain.errors import AddressRefused, MailRefused, MidsoleError, Retry
from midsole.domain.when import given_up, next_try
from midsole.observe.logs import log
from midsole.store import messages, runners
from midsole.store import targets as targets_store
from midsole.store.base import Tx, claim
from midsole.store.tables import delivery

LEASE = timedelta(minutes=5)
"""Longer than the longest try: the channel's own time-out ends it before."""


def deliver_due(box: Box) -> int:
    """Try every due delivery once; returns how many were sent."""
    if box.mail:
        _reopen_outbox(box)
    with box.store.read() as tx:
        due = messages.due_deliveries(tx, box.now())
    return sum(deliver(box, delivery_id) for delivery_id in due)


def deliver(box: Box, delivery_id: int) -> bool:
    row = _claim(box, delivery_id)
    if row is None:
        return False
    try:
        channel, name = _channel(box, row)
        channel.send(row.eml, row.address)
    except MidsoleError as error:
        _failed(box, row, error)
        return False
    _sent(box, row, name)
    return True


def _claim(box: Box, delivery_id: int) -> Any | None:
    """The row under our lease; None where another has it or it is no news any more."""
    now = box.now()
    with box.store.write() as tx:
        if not claim(tx, delivery, delivery_id, "due", now, LEASE, box.worker):
            return None
        row = messages.delivery(tx, delivery_id)
        if why := _out_of_date(tx, row, now):
            messages.finish_delivery(tx, row.id, box.worker, state="withdrawn", error=why)
            return None
        return row


def _out_of_date(tx: Tx, row: Any, now: datetime) -> str | None:
    if row.news_until and row.news_until < now:
        return "no longer news"
    if row.channel not in targets.KINDS:
        return None
    if row.target_id is None:
        return "its target was removed"
    return "its target is paused" if targets_store.get(tx, row.target_id).paused else None


def _channel(box: Box, row: Any) -> tuple[Channel, str]:
    if row.channel in targets.KINDS:
        with box.store.read() as tx:
            target = targets_store.find(tx, row.runner_id, row.target_id)
        if target is None:
            raise MailRefused("its target was removed")
        return targets.channel(box, target, row.message_id), row.channel
    if box.mail is None or row.address == NOBODY:
        return box.outbox, "outbox"
    return box.mail, "email"


def _sent(box: Box, row: Any, channel: str) -> None:
    with box.store.write() as tx:
        how = {"state": "sent", "sent_at": box.now(), "channel": channel, "error": None}
        messages.finish_delivery(tx, row.id, box.worker, **how)
        if row.target_id is not None:
            targets_store.change(tx, row.target_id, error=None)
    if channel == "email":
        outbox_path(box.outbox_folder, row.message_id).unlink(missing_ok=True)
    log.info("%s: %s", "Written to outbox" if channel == "outbox" else "Sent", _named(row))


def _failed(box: Box, row: Any, error: MidsoleError) -> None:
    """Try later; what is refused for good ends here, and a refused address is marked."""
    outcome = _outcome(box, row, error)
    with box.store.write() as tx:
        runners.lock(tx, row.runner_id)  # before the delivery, as evaluate does: no deadlock
        ours = messages.finish_delivery(tx, row.id, box.worker, **outcome)
        if ours and row.target_id is not None:
            _note_at_target(tx, row, error, over="state" in outcome)
        elif ours and isinstance(error, AddressRefused) and row.channel not in targets.KINDS:
            runners.change(tx, row.runner_id, email_refused=str(error))
    log.warning("%s %r not sent: %s", _kind(row), _named(row), error)


def _kind(row: Any) -> str:
    return "Message" if row.channel in targets.KINDS else "Mail"


def _named(row: Any) -> str:
    """By its subject; what may speak of somebody's body stays out of logs."""
    return f"a message of kind {row.kind}" if row.of_health else row.subject


def _note_at_target(tx: Tx, row: Any, error: MidsoleError, *, over: bool) -> None:
    """Nothing got through for three days, or it wants no more: it is left alone until the runner says so."""
    ends = over and not isinstance(error, MailRefused)
    targets_store.change(tx, row.target_id, error=str(error), **({"paused": True} if ends else {}))


def _outcome(box: Box, row: Any, error: MidsoleError) -> dict[str, Any]:
    """Wrong settings are tried again too: the runner may mend them, within three days."""
    now = box.now()
    if isinstance(error, AddressRefused | MailRefused):
        return {"state": "failed", "error": str(error)}
    if given_up(row.created_at, now):
        return {"state": "given_up", "error": str(error)}
    again = next_try(
        error if isinstance(error, Retry) else Retry(str(error)), row.attempts, now, box.jitter()
    )
    return {"error": str(error), "next_at": again}


def _reopen_outbox(box: Box) -> None:
    """A mail server was set: what still is news in the outbox goes out, older mail stays there."""
    now = box.now()
    with box.store.write() as tx:
        for row in messages.reopen_outbox(tx, now):
            eml = render.readdress(row.eml, row.email)
            again = {"state": "due", "next_at": now, "address": row.email, "eml": eml, "attempts": 0}
            messages.change_delivery(tx, row.id, channel="email", created_at=now, **again)
