"""What of a row leaves a home with its runner, and how it is written as JSON."""

import base64
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from sqlalchemy import Table

from midsole.domain.connection import ACCOUNTS, DISCONNECTED, FOLDER, FORMER_FOLDER, LOGIN_NEEDED
from midsole.store import tables as t
from midsole.store.references import Row
from midsole.store.runners import DEMO_ADDRESS

INBOX = "inbox"
"""The place of the home's own inbox: another home has it elsewhere."""


def portable(table: Table, row: Row, inbox: str) -> Row:
    """The row without what is this box's alone: secrets, leases, mails that wait, folders of its disk."""
    return row | _LEFT_BEHIND[table.name](row, inbox) if table.name in _LEFT_BEHIND else row


def _of_runner(row: Row, _inbox: str) -> Row:
    """The mark of the demo does not travel: who brings its runs back has a runner like any other."""
    email = row.get("email")
    kept = None if email == DEMO_ADDRESS else email
    return {"catching_up": None, "taking_in_until": None, "email": kept}


def _of_connection(row: Row, inbox: str) -> Row:
    """The account must be logged in to again, the folder be connected again; the inbox is the new home's."""
    none = dict.fromkeys(("secret", "secret_until", "busy_until", "busy_by", "next_at"))
    if row["kind"] == FOLDER and row["place"] in (inbox, INBOX):
        return none | {"place": INBOX}
    if row["kind"] in ACCOUNTS:
        return none | {"state": DISCONNECTED if row["state"] == DISCONNECTED else LOGIN_NEEDED}
    return none | {"kind": FORMER_FOLDER, "state": DISCONNECTED}


def _of_raw_file(_row: Row, _inbox: str) -> Row:
    return {"claimed_by": None}


def _of_delivery(row: Row, _inbox: str) -> Row:
    """Nothing that waits is mailed by a second box, nor what lies in the folder of mails without a server."""
    left = {
        "claimed_by": None,
        "target_id": None,
        "state": "withdrawn" if row["state"] == "due" else row["state"],
    }
    return left | ({"news_until": None} if row["channel"] == "outbox" else {})


def _of_change_set(row: Row, _inbox: str) -> Row:
    """Undoing a change there brings no mail of this box back."""
    return {"alerts": {k: v for k, v in row["alerts"].items() if k != "deliveries"}}


_LEFT_BEHIND: Mapping[str, Callable[[Row, str], Row]] = {
    t.runner.name: _of_runner,
    t.connection.name: _of_connection,
    t.raw_file.name: _of_raw_file,
    t.delivery.name: _of_delivery,
    t.change_set.name: _of_change_set,
}


def as_json(row: Mapping[str, Any]) -> Row:
    """Dates and times in ISO form, bytes as base64."""
    return {name: _told(value) for name, value in row.items()}


def _told(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
