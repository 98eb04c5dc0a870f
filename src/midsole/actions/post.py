"""Putting a message into the table of deliveries, frozen, at a time the runner chose."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from midsole.actions import links
from midsole.actions.box import Box
from midsole.actions.targets import PUSH, frozen
from midsole.deliver import render
from midsole.deliver.base import Message
from midsole.domain import beside_mail
from midsole.domain.facts import Finding
from midsole.domain.letter import Letter, linked, naming
from midsole.domain.taps import STOP
from midsole.domain.urgent import any_urgent, at_day, by_calendar, told_at
from midsole.domain.when import quiet_until
from midsole.store import body, messages, runners, targets
from midsole.store.base import Tx
from midsole.store.runners import Runner

NOBODY = "nobody@midsole.invalid"
"""The address of a runner who gave none, or a refused one: such mail stays in the outbox folder."""


def addressed[L: Letter](tx: Tx, box: Box, runner: Runner, letter: L) -> L:
    """With links, where the box has an address; its commands name the runner, where there are several."""
    named = naming(letter, runner.name) if runners.several(tx) else letter
    return linked(named, links.address(box, tx, runner)) if box.public_url else named


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
    urgent: bool = False,
    by_day: bool = False,
) -> int:
    """Freeze the message and queue its delivery, after the quiet hours unless it was asked for.

    `urgent`: they hold it at most until the next morning. `by_day`: it waits for the morning in any case."""
    now = box.now()
    message_id = _message_id(kind)
    to = NOBODY if runner.email_refused else runner.email or NOBODY
    eml = render.freeze(
        message,
        to=to,
        sender=box.mail_from,
        message_id=message_id,
        date=now,
        unsubscribe=_ways_out(tx, box, runner, kind),
    )
    row = {"kind": kind, "channel": "outbox", "address": to, "message_id": message_id, "eml": eml}
    if runner.is_demo:
        row |= {"state": "withdrawn", "error": "the demo gets no mail"}
    return messages.queue(
        tx,
        runner.id,
        alert_ids,
        subject=message.subject,
        created_at=now,
        news_until=news_until,
        next_at=now if at_once else _awake(runner, now, urgent, by_day),
        counts_in_budget=counts_in_budget,
        of_health=body.is_known(tx, runner.id),
        **row,
    )


def post_beside(
    tx: Tx,
    box: Box,
    runner: Runner,
    subject: str,
    findings: Mapping[int, Finding],
    *,
    news_until: datetime,
    counts_in_budget: bool = False,
) -> None:
    """Queue what is said beside mail of these alerts (by number): one push a target, one event an alert.

    One fact is counted once in the budget: by its mail, and where no mail is wanted by the first of these."""
    now = box.now()
    for target in targets.of_runner(tx, runner.id):
        if target.paused or runner.is_demo:
            continue
        for ids, message_id, said in _said_to(box, runner, target.kind, findings):
            messages.queue(
                tx,
                runner.id,
                ids,
                kind="alert",
                channel=target.kind,
                target_id=target.id,
                address=target.name,
                message_id=message_id,
                eml=frozen(said),
                subject=beside_mail.row_subject(findings.values(), subject),
                created_at=now,
                news_until=news_until,
                next_at=_awake(runner, now, any_urgent(findings.values()), by_calendar(findings.values())),
                counts_in_budget=counts_in_budget,
                of_health=body.is_known(tx, runner.id),
            )
            counts_in_budget = False


def _said_to(
    box: Box, runner: Runner, kind: str, findings: Mapping[int, Finding]
) -> list[tuple[list[int], str, dict[str, Any]]]:
    """Of each message the alerts it carries, its Message-ID and its body."""
    if kind == PUSH:
        page_url = f"{box.public_url}/alerts" if box.public_url else ""
        words = beside_mail.push_words(list(findings.values()), runner.units, page_url)
        return [(list(findings), _message_id("alert"), words)]
    made = []
    for alert_id, finding in findings.items():
        message_id, alert = _message_id("alert"), beside_mail.alert_words(finding)
        made.append(
            ([alert_id], message_id, beside_mail.event("alert", message_id, box.now(), runner.id, alert))
        )
    return made


def _ways_out(tx: Tx, box: Box, runner: Runner, kind: str) -> list[str]:
    """How these mails are ended: by one click where the box has an address, else by mail."""
    clicked = links.make(box, tx, runner, STOP, kind)
    return [*([clicked] if clicked else []), render.unsubscribe_by_mail(box.mail_from, kind)]


def _message_id(kind: str) -> str:
    return f"<{uuid.uuid4().hex}.{kind}@midsole.local>"


def _awake(runner: Runner, now: datetime, urgent: bool = False, by_day: bool = False) -> datetime:
    """Now, or the end of the runner's quiet hours; what is urgent waits for the morning at most."""
    if by_day:
        now = at_day(now, runner.zone_on)
    if urgent:
        return told_at(now, runner.zone_on, runner.quiet_from, runner.quiet_until)
    return quiet_until(now, runner.zone_on, runner.quiet_from, runner.quiet_until) or now
