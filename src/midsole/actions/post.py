"""Putting a message into the table of deliveries, frozen, at a time the runner chose."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from midsole.actions.box import Box
from midsole.deliver import render
from midsole.deliver.base import Message
from midsole.domain.letter import Letter, naming
from midsole.domain.when import quiet_until
from midsole.store import messages, runners
from midsole.store.base import Tx
from midsole.store.runners import Runner

NOBODY = "nobody@midsole.invalid"
"""The address of a runner who gave none, or a refused one: such mail stays in the outbox folder."""


def addressed[L: Letter](tx: Tx, runner: Runner, letter: L) -> L:
    """Where there are several runners, its commands name this one."""
    return naming(letter, runner.name) if runners.several(tx) else letter


def post(
    tx: Tx,
    box: Box,
    runner: Runner,
    kind: str,
    message: Message,
    *,
    alert_ids: Iterable[int] = (),
    news_until: datetime | None = None,
    counts_in_budget: bool = False,
    at_once: bool = False,
) -> int:
    """Freeze the message and queue its delivery, after the quiet hours unless it was asked for."""
    now = box.now()
    awake = None if at_once else quiet_until(now, runner.zone_on, runner.quiet_from, runner.quiet_until)
    message_id = f"<{uuid.uuid4().hex}.{kind}@midsole.local>"
    to = NOBODY if runner.email_refused else runner.email or NOBODY
    eml = render.freeze(
        message,
        to=to,
        sender=box.mail_from,
        message_id=message_id,
        date=now,
        unsubscribe=render.unsubscribe_by_mail(box.mail_from, kind),
    )
    row = {"kind": kind, "channel": "outbox", "address": to, "message_id": message_id, "eml": eml}
    return messages.queue(
        tx,
        runner.id,
        alert_ids,
        subject=message.subject,
        created_at=now,
        news_until=news_until,
        next_at=awake or now,
        counts_in_budget=counts_in_budget,
        **row,
    )
