"""One account in one worker's hands: its lease, and its secret, which is committed before it is used."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from midsole.actions.box import Box
from midsole.actions.claims import holder, is_gone
from midsole.domain.errors import NeedsRunner
from midsole.sources.base import TakenOver
from midsole.store import accounts, runners
from midsole.store.sources import Connection

LEASE = timedelta(minutes=10)
"""Longer than any request takes; it is extended from request to request."""


class Keeper:
    """What the account's source gets of it (sources.base.Account)."""

    def __init__(self, box: Box, connection: Connection) -> None:
        self.box = box
        self.connection_id = connection.id
        self.by = holder(box)
        self.held_at = box.now()

    @property
    def secret(self) -> str:
        """As it is kept now: another worker may have changed it."""
        login = kept(self.box, self._now()).get("login")
        if login is None:
            raise NeedsRunner("Nobody is logged in to this account.")
        return login

    def save(self, secret: str) -> None:
        """Also where the lease ran out meanwhile: these tokens are the newest that there are."""
        keep(self.box, self._now(), login=secret)

    def hold(self) -> None:
        now = self.box.now()
        if now - self.held_at < LEASE / 4:
            return
        with self.box.store.write() as tx:
            mine = accounts.hold(tx, self.connection_id, now, LEASE, self.by)
        if not mine:
            raise TakenOver("Another worker has taken over this account.")
        self.held_at = now

    @property
    def notes(self) -> Mapping[str, object]:
        return self._now().notes

    def note(self, **said: object) -> None:
        with self.box.store.write() as tx:
            accounts.note(tx, self.connection_id, **said)

    def _now(self) -> Connection:
        with self.box.store.read() as tx:
            found = accounts.get(tx, self.connection_id)
        if found is None:
            raise TakenOver("The account was disconnected meanwhile.")
        return found


@contextmanager
def held(box: Box, connection: Connection) -> Iterator[Keeper | None]:
    """The account for this worker alone; None where another one has it now."""
    by = holder(box)
    _free_what_the_dead_hold(box)
    with box.store.write() as tx:
        mine = accounts.take(tx, connection.id, box.now(), LEASE, by)
    if not mine:
        yield None
        return
    try:
        yield Keeper(box, connection)
    finally:
        with box.store.write() as tx:
            accounts.release(tx, connection.id, by)


def _free_what_the_dead_hold(box: Box) -> None:
    """What a killed process of this machine had in hand need not wait for the end of its lease."""
    with box.store.read() as tx:
        gone = [by for by in accounts.holders(tx) if is_gone(by)]
    if gone:
        with box.store.write() as tx:
            for by in gone:
                accounts.free(tx, by)


def kept(box: Box, connection: Connection) -> dict[str, str]:
    """The account's secrets in clear: `login`, and `pending`, a login that waits for its code."""
    return dict(json.loads(box.secrets.decrypt(connection.secret))) if connection.secret else {}


def keep(box: Box, connection: Connection, *, until: datetime | None = None, **secrets: str | None) -> None:
    """Encrypt and commit; None forgets one of them, and what is not named stays. `until` is for `pending`."""
    with box.store.write() as tx:
        runners.lock(tx, connection.runner_id)
        now = accounts.get(tx, connection.id)
        known = kept(box, now) if now and not {"login", "pending"} <= set(secrets) else {}
        changed = {name: text for name, text in (known | secrets).items() if text is not None}
        token = box.secrets.encrypt(json.dumps(changed)) if changed else None
        accounts.keep_secret(tx, connection.id, token, until)
