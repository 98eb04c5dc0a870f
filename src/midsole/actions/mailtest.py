"""The test mail: sent at once, past queue and quiet hours, so that its error is seen here and now."""

import uuid

from midsole.actions.box import Box
from midsole.actions.post import NOBODY
from midsole.deliver import render
from midsole.domain.errors import MidsoleError, UsageError
from midsole.store import runners


def send_test(box: Box, runner_id: int) -> str:
    """Send it and say where it went; an address that takes it again is no longer marked as refused."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
    if runner.is_demo:
        raise UsageError("The demo gets no mail: its runs are made up.")
    if box.mail and not runner.email:
        raise UsageError(
            f"{runner.name} has no mail address yet: midsole runners edit {runner.name} --email ADDRESS."
        )
    to = runner.email or NOBODY
    eml = _frozen(box, to)
    if box.mail is None:
        return f"No mail server is set, so the test mail was written to {box.outbox.send(eml, to).detail}."
    try:
        receipt = box.mail.send(eml, to)
    except MidsoleError as error:
        raise MidsoleError(f"The test mail was not sent: {error}") from error
    with box.store.write() as tx:
        runners.change(tx, runner_id, email_refused=None)
    return f"The test mail was sent to {to} through {receipt.detail}."


def _frozen(box: Box, to: str) -> bytes:
    message_id = f"<{uuid.uuid4().hex}.test@midsole.local>"
    return render.freeze(
        render.test_mail(),
        to=to,
        sender=box.mail_from,
        message_id=message_id,
        date=box.now(),
        unsubscribe=None,
    )
