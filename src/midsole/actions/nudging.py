"""A question or a reminder on its way: one mail, and beside it a push that says nothing of the body."""

import uuid
from datetime import UTC, datetime

from midsole.actions.box import Box
from midsole.actions.post import addressed, post
from midsole.actions.targets import PUSH, frozen
from midsole.deliver import render
from midsole.domain.letter import Letter
from midsole.store import messages, targets
from midsole.store.base import Tx
from midsole.store.runners import Runner

WORDS = {
    "checkin": "Midsole has a question for you: open the page.",
    "routine": "Midsole reminds you, as you asked: open the page.",
}
"""What a push says, by the kind of its mail: it goes through a third party's hands."""


def nudge(
    tx: Tx,
    box: Box,
    runner: Runner,
    kind: str,
    letter: Letter,
    *,
    until: datetime,
    counts_in_budget: bool = False,
) -> int:
    """Queue both, good until then; returns the mail's delivery. Webhooks get nothing.

    To be called outside the quiet hours: these are made when they may go out, not before."""
    news_until = until.astimezone(UTC)
    message = render.letter_mail(addressed(tx, box, runner, letter))
    delivery_id = post(
        tx, box, runner, kind, message, news_until=news_until, counts_in_budget=counts_in_budget
    )
    _push(tx, box, runner, kind, news_until)
    return delivery_id


def _push(tx: Tx, box: Box, runner: Runner, kind: str, news_until: datetime) -> None:
    link = f"\n{box.public_url}/" if box.public_url else ""
    body = frozen({"title": "Midsole", "body": f"{WORDS[kind]}{link}"})
    for target in targets.of_runner(tx, runner.id):
        if target.kind != PUSH or target.paused:
            continue
        messages.queue(
            tx,
            runner.id,
            kind=kind,
            channel=PUSH,
            target_id=target.id,
            address=target.name,
            message_id=f"<{uuid.uuid4().hex}.{kind}@midsole.local>",
            eml=body,
            subject=WORDS[kind],
            created_at=box.now(),
            news_until=news_until,
            next_at=box.now(),
            counts_in_budget=False,
            of_health=True,
        )
