"""How each way in does, and what only the runner can do about it: as pages say it, trouble first."""

from dataclasses import dataclass
from datetime import datetime

from midsole.actions.box import Runner
from midsole.actions.standing import LATE, is_late, is_shown
from midsole.domain.connection import (
    ACCOUNTS,
    CONNECTED,
    LOGIN_NEEDED,
    MFA_PENDING,
    NOT_YET,
    RATE_LIMITED,
    ago,
    label,
)
from midsole.store import files, messages, sources
from midsole.store.base import Tx
from midsole.store.sources import Connection


@dataclass(frozen=True, slots=True)
class WayIn:
    """`to_do` is empty where there is nothing to do; `place` is the page where it is done."""

    name: str
    is_well: bool
    said: str
    to_do: str = ""
    place: str = "/settings/sources"


def ways_in(tx: Tx, runner: Runner, now: datetime) -> list[WayIn]:
    """Connections, files that could not be read, and mail that did not go out."""
    shown = [c for c in sources.connections(tx, runner.id) if is_shown(c, now)]
    made = [_way_in(c, now) for c in shown]
    return sorted([*made, *_files(tx, runner), *_mail(tx, runner)], key=lambda w: w.is_well)


def _way_in(c: Connection, now: datetime) -> WayIn:
    name, why = label(c.kind, c.place), f" ({c.error.rstrip('. ')})" if c.error else ""
    if c.state in NOT_YET:
        return _not_yet(c, name, why)
    if c.state == LOGIN_NEEDED:
        return WayIn(name, False, f"It lets Midsole in no more{why}; {_read(c, now)}.", "Connect it again.")
    late = " That is late: is the worker running?" if _is_late(c, now) else ""
    if c.state != CONNECTED:
        wants = "It wants fewer requests" if c.state == RATE_LIMITED else "It can't be read now"
        return WayIn(name, False, f"{wants}{why}; {_read(c, now)}. {_next(c, now)}{late}")
    if c.error:
        return WayIn(name, False, f"It can't be read now{why}; {_read(c, now)}.", "See what it says.")
    return WayIn(name, not late, f"{_read(c, now).capitalize()}.{late}")


def _is_late(c: Connection, now: datetime) -> bool:
    """A folder has no time set for its next look: the worker looks every few minutes."""
    if c.kind in ACCOUNTS:
        return is_late(c, now)
    return now - (c.last_look_at or c.created_at) > LATE


def _not_yet(c: Connection, name: str, why: str) -> WayIn:
    if c.state == MFA_PENDING:
        return WayIn(name, False, "It has sent you a code and waits for it.", "Enter the code.")
    return WayIn(name, False, f"It is not connected{why}.", "Connect it.")


def _read(c: Connection, now: datetime) -> str:
    if c.last_success_at is None:
        return "not read so far"
    return f"last read {ago(now - c.last_success_at)} ago"


def _next(c: Connection, now: datetime) -> str:
    when = f"in {ago(c.next_at - now)}" if c.next_at and c.next_at > now else "now"
    return f"Midsole tries again {when}; there is nothing for you to do."


def _files(tx: Tx, runner: Runner) -> list[WayIn]:
    count = files.unread(tx, runner.id)
    if not count:
        return []
    said = "1 file could not be read." if count == 1 else f"{count} files could not be read."
    return [WayIn("Files", False, said, "See what is wrong with them.", "/uploads")]


def _mail(tx: Tx, runner: Runner) -> list[WayIn]:
    if runner.email_refused:
        said = f"Nobody takes mail at {runner.email}: {runner.email_refused}."
        return [WayIn("Mail", False, said, "Correct the address.", "/settings/mail")]
    waits = [row for row in messages.failed_deliveries(tx, runner.id) if row.state == "due"]
    if not waits:
        return []
    said = f"“{waits[0].subject}” could not be sent yet: {waits[0].error}."
    return [WayIn("Mail", False, said, "See the mail settings.", "/settings/mail")]
