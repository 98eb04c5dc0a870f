"""Signed links of mails: made for one purpose of one runner, opened without logging in, and run out."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from midsole.actions.box import Box
from midsole.domain.activity import Activity
from midsole.domain.alerts import AlertState
from midsole.domain.errors import MidsoleError, NotThere
from midsole.domain.letter import Link
from midsole.domain.taps import ALERT, CHECK_IN, FEEL, ROUTINE, SHOE, STOP, TICKS, WEEKLY, WRONG, felt, ticked
from midsole.observe.logs import log
from midsole.store import activities, messages, runners
from midsole.store.base import Tx
from midsole.store.runners import Runner

VERSION = "1"
SEALED_FOR = "link"
LASTS = {FEEL: timedelta(days=7), TICKS: timedelta(days=2), STOP: timedelta(days=365)}
USUALLY_LASTS = timedelta(days=30)
TOKEN = re.compile(r"1-(\d{1,10})-([a-z]{2,8})-([a-z0-9]{1,12})-(\d{1,11})-([0-9a-f]{8})", re.ASCII)
UNKNOWN = "This link is not one of Midsole's, or a part of it is missing. Copy the whole line of the mail."
RUN_OUT = "This link has run out. The next mail brings a new one, or log in and do it on the page."
GONE = "What this link was for is not there any more. Nothing is left to do."
SETTLED = "That is over: what this alert said holds no more. Nothing is left to do."


class LinkIsOver(MidsoleError):
    """It was good once: it has run out, or what it was for is gone."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link is good for; `about` is a number, for `stop` a kind of mail, for `feel` a day and its
    moment, for `ticks` a day."""

    runner: Runner
    purpose: str
    about: str
    activity: Activity | None = None
    alert: AlertState | None = None


def address(box: Box, tx: Tx, runner: Runner) -> Callable[[Link], str | None]:
    """What tells each link of a mail its address; None where there can be none."""

    def addressed(link: Link) -> str | None:
        return (
            f"{box.public_url}{link.place}" if link.place else make(box, tx, runner, link.purpose, link.about)
        )

    return addressed


def link(box: Box, runner_id: int, purpose: str, about: int | str) -> str | None:
    """The address of one tap; None where the box has no address of its own."""
    with box.store.read() as tx:
        return make(box, tx, runners.get(tx, runner_id), purpose, about)


def make(box: Box, tx: Tx, runner: Runner, purpose: str, about: int | str) -> str | None:
    """The same inside a transaction; None also where the thing itself is not there."""
    witness = _witness(tx, runner, purpose, str(about))
    if not box.public_url or witness is None:
        return None
    until = int((box.now() + LASTS.get(purpose, USUALLY_LASTS)).timestamp())
    said = f"{VERSION}-{runner.id}-{purpose}-{about}-{until}-{witness}"
    try:
        # The mark comes first: some mail programs take no "-" or "_" at the end for a part of a link.
        return f"{box.public_url}/t/{box.secrets.seal(SEALED_FOR, said)}.{said}"
    except MidsoleError as error:  # a mail without its links is better than none
        log.warning("A mail goes without its links: %s", error)
        return None


def open_link(box: Box, token: str) -> Opened:
    """What the link is good for; NotThere where nobody here made it, LinkIsOver where it is too late."""
    mark, _, said = token.partition(".")
    parts = TOKEN.fullmatch(said)
    if parts is None or not box.secrets.is_sealed(SEALED_FOR, said, mark):
        raise NotThere(UNKNOWN)
    runner_id, purpose, about, until, witness = parts.groups()
    if datetime.fromtimestamp(int(until), UTC) < box.now():
        raise LinkIsOver(RUN_OUT)
    with box.store.read() as tx:
        runner = next((r for r in runners.everyone(tx) if r.id == int(runner_id)), None)
        if runner is None or _witness(tx, runner, purpose, about) != witness:
            raise LinkIsOver(GONE)
        return _opened(tx, runner, purpose, about)


def _opened(tx: Tx, runner: Runner, purpose: str, about: str) -> Opened:
    if purpose in (STOP, FEEL, TICKS):
        return Opened(runner, purpose, about)
    if purpose in (SHOE, WRONG):
        return Opened(runner, purpose, about, activity=_activity(tx, runner, about))
    alert = _alert(tx, runner, about)
    if alert is None or alert.resolved_at is not None:
        raise LinkIsOver(SETTLED)
    return Opened(runner, purpose, about, alert=alert)


def _witness(tx: Tx, runner: Runner, purpose: str, about: str) -> str | None:
    """A number that is given away again, as databases do, names somebody or something else: this tells."""
    if purpose == STOP:
        what = about if about in (WEEKLY, ALERT, CHECK_IN, ROUTINE) else None
    elif purpose == FEEL:
        what = felt(about)[0].isoformat()
    elif purpose == TICKS:
        what = ticked(about).isoformat()
    elif purpose in (SHOE, WRONG):
        run = _activity(tx, runner, about)
        what = run.local_date.isoformat() if run else None
    else:
        alert = _alert(tx, runner, about)
        what = alert.opened_at.isoformat() if alert else None
    if what is None:
        return None
    return hashlib.sha256(f"{runner.created_at.isoformat()} {what}".encode()).hexdigest()[:8]


def _activity(tx: Tx, runner: Runner, about: str) -> Activity | None:
    if not about.isdecimal() or int(about) >= 2**31:
        return None
    return next(iter(activities.between(tx, runner.id, ids=[int(about)])), None)


def _alert(tx: Tx, runner: Runner, about: str) -> AlertState | None:
    return next((a for a in messages.alerts(tx, runner.id) if str(a.id) == about), None)
