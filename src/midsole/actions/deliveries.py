"""The mails of one runner: what became of each, and one that failed tried again."""

from dataclasses import dataclass
from datetime import datetime

from midsole.actions.box import Box
from midsole.actions.post import NOBODY
from midsole.deliver import render
from midsole.domain.errors import NotThere, UsageError
from midsole.store import messages, runners

RECENT = 20
FAILED = ("failed", "given_up")
MAIL = ("email", "outbox")


@dataclass(frozen=True, slots=True)
class Posted:
    """One delivery; `channel` is email, outbox (a file: no server was set) or a target beside mail."""

    id: int
    kind: str
    channel: str
    address: str | None
    subject: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    next_at: datetime
    attempts: int
    error: str | None

    @property
    def may_be_retried(self) -> bool:
        return self.state in FAILED


@dataclass(frozen=True, slots=True)
class Post:
    """How many deliveries are in which state, and the newest of them."""

    counts: dict[str, int]
    newest: list[Posted]


def posted(box: Box, runner_id: int) -> Post:
    with box.store.read() as tx:
        counts = messages.delivery_counts(tx, runner_id)
        rows = messages.newest_deliveries(tx, runner_id, RECENT)
    names = Posted.__dataclass_fields__
    found = [Posted(**{name: getattr(row, name) for name in names} | _whom(row.address)) for row in rows]
    return Post(counts, found)


def _whom(address: str) -> dict[str, str | None]:
    return {"address": None if address == NOBODY else address}


def retry(box: Box, runner_id: int, delivery_id: int) -> None:
    """Make a failed delivery due again, to the address that holds now."""
    with box.store.write() as tx:
        runner, now = runners.lock(tx, runner_id), box.now()
        row = messages.own_delivery(tx, runner_id, delivery_id)
        if row is None:
            raise NotThere("There is no such mail.")
        if row.state not in FAILED:
            raise UsageError("Only a mail that failed is tried again.")
        if not row.eml:
            raise UsageError("Its words were deleted with the health data: there is nothing to send.")
        if row.target_id is None and row.channel not in MAIL:
            raise UsageError("What it went to is not there any more.")
        again = {"state": "due", "attempts": 0, "next_at": now, "created_at": now, "error": None}
        if row.channel in MAIL and runner.email:
            again |= {"address": runner.email, "eml": render.readdress(row.eml, runner.email)}
        messages.change_delivery(tx, delivery_id, news_until=None, **again)
