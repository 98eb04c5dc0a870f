"""Where alerts go beside mail: push addresses and webhooks of a runner, added, tried, paused and removed."""

import json
import uuid
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from midsole.actions import entering
from midsole.actions.box import Box
from midsole.deliver import push, webhook
from midsole.deliver.base import Channel
from midsole.domain import beside_mail
from midsole.domain.errors import MidsoleError, NotThere, UsageError
from midsole.store import runners, targets

PUSH, WEBHOOK = "push", "webhook"
KINDS = (PUSH, WEBHOOK)
MOST = 10
LONGEST_NAME, LONGEST_URL = 100, 2_000

type View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Added:
    """A new target; `secret` is what a webhook's messages are signed with, told this once."""

    id: int
    secret: str | None = None


def add(box: Box, runner_id: int, kind: str, name: str, url: str) -> Added:
    """Keep the address encrypted; nothing shows it again. A push address is written as apprise wants it."""
    clean, place = " ".join(name.split()), url.strip()
    _check(kind, clean, place)
    anywhere = entering.is_owner(box, runner_id)
    (push if kind == PUSH else webhook).check(place, anywhere=anywhere)
    secret = f"whsec_{token_urlsafe(32)}" if kind == WEBHOOK else None
    sealed = box.secrets.encrypt(place), box.secrets.encrypt(secret) if secret else None
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        known = targets.of_runner(tx, runner_id)
        if clean.casefold() in (row.name.casefold() for row in known):
            raise UsageError(f"There is a target {clean!r} already. Choose another name.")
        if len(known) >= MOST:
            raise UsageError(f"There are {MOST} targets already. Remove one first.")
        return Added(targets.add(tx, runner_id, kind, clean, *sealed, box.now()), secret)


def _check(kind: str, name: str, url: str) -> None:
    if kind not in KINDS:
        raise UsageError(f"There is no kind {kind!r}. Known: {', '.join(KINDS)}.")
    if not 0 < len(name) <= LONGEST_NAME:
        raise UsageError(f"A target needs a name of at most {LONGEST_NAME} characters.")
    if not 0 < len(url) <= LONGEST_URL:
        raise UsageError("The address is missing, or too long.")


def listed(box: Box, runner_id: int, kind: str | None = None) -> list[View]:
    """Every target of that kind (none named: all), without its address."""
    with box.store.read() as tx:
        return [_view(row) for row in targets.of_runner(tx, runner_id) if kind in (None, row.kind)]


def shown(box: Box, runner_id: int, target_id: int, kind: str | None = None) -> View:
    with box.store.read() as tx:
        return _view(_mine(tx, runner_id, target_id, kind))


def named(box: Box, runner_id: int, name: str, kind: str | None = None) -> View:
    """The target of that name, or of that number."""
    for view in listed(box, runner_id, kind):
        if name.strip().casefold() in (view["name"].casefold(), str(view["id"])):
            return view
    raise NotThere(f"There is no target {name!r}.")


def remove(box: Box, runner_id: int, target_id: int, kind: str | None = None) -> None:
    """What waits for it is withdrawn."""
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        targets.remove(tx, _mine(tx, runner_id, target_id, kind).id, box.now())


def pause(box: Box, runner_id: int, target_id: int, kind: str | None = None) -> None:
    _change(box, runner_id, target_id, kind, paused=True)


def resume(box: Box, runner_id: int, target_id: int, kind: str | None = None) -> None:
    """It is sent to again, from the next alert on; its last error is forgotten."""
    _change(box, runner_id, target_id, kind, paused=False, error=None)


def send_test(box: Box, runner_id: int, target_id: int, kind: str | None = None) -> str:
    """Send a test message at once and say so; what went wrong is a MidsoleError, and stays at the target."""
    with box.store.read() as tx:
        row = _mine(tx, runner_id, target_id, kind)
    message_id = f"<{uuid.uuid4().hex}.test@midsole.local>"
    try:
        body = frozen(beside_mail.test_push() if row.kind == PUSH else _test_event(box, row, message_id))
        channel(box, row, message_id).send(body, row.name)
    except MidsoleError as error:
        _change(box, runner_id, target_id, kind, error=str(error))
        raise MidsoleError(f"The test message did not reach {row.name}: {error}") from error
    _change(box, runner_id, target_id, kind, error=None)
    return f"The test message was sent to {row.name}."


def _test_event(box: Box, row: Any, message_id: str) -> View:
    return beside_mail.event("test", message_id, box.now(), row.runner_id, None)


def channel(box: Box, row: Any, message_id: str) -> Channel:
    """The target as what sends; `row` is a target's."""
    place, anywhere = box.secrets.decrypt(row.place), entering.is_owner(box, row.runner_id)
    if row.kind == PUSH:
        return push.Push(place, anywhere)
    secret = box.secrets.decrypt(row.secret or "")
    return webhook.Webhook(place, secret, message_id, box.now(), anywhere)


def frozen(said: View) -> bytes:
    """The body byte for byte as every try sends it."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _change(box: Box, runner_id: int, target_id: int, kind: str | None, **values: Any) -> None:
    with box.store.write() as tx:
        targets.change(tx, _mine(tx, runner_id, target_id, kind).id, **values)


def _mine(tx: Any, runner_id: int, target_id: int, kind: str | None) -> Any:
    row = targets.find(tx, runner_id, target_id)
    if row is None or kind not in (None, row.kind):
        raise NotThere("There is no such target.")
    return row


def _view(row: Any) -> View:
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "made_at": row.made_at.isoformat(),
        "paused": row.paused,
        "error": row.error,
    }
