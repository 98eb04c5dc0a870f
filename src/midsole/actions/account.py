"""One account in one worker's hands: its lease, and its secret, which is committed before it is used."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from secrets import token_hex

from midsole.actions.box import Box
from midsole.actions.claims import holder, is_gone
from midsole.domain.connection import CONNECTED, LOGIN_NEEDED
from midsole.domain.errors import NeedsRunner
from midsole.sources.base import TakenOver
from midsole.store import accounts, runners
from midsole.store.base import Tx
from midsole.store.sources import Connection

LEASE = timedelta(minutes=10)
"""Longer than any request takes; it is extended from request to request."""


class Keeper:
    """What the account's source gets of it (sources.base.Account); `connection` is as it stood at first."""

    def __init__(self, box: Box, connection: Connection, by: str) -> None:
        self.box = box
        self.connection = connection
        self.by = by
        self.held_at = box.now()

    @property
    def secret(self) -> str:
        """As it is kept now: another worker may have changed it."""
        login = kept(self.box, self._now()).get("login")
        if login is None:
            raise NeedsRunner("Nobody is logged in to this account.")
        return login

    def save(self, secret: str) -> None:
        """Also where the lease ran out meanwhile: these are the newest tokens, if no new login was made.

        Whoever took over may have been refused with the older ones: that was no log-out."""
        now = self._now()
        if has_logged_in_again(now, self.connection):
            return
        keep(self.box, now, {"login": secret})
        if now.state == LOGIN_NEEDED:
            with self.box.store.write() as tx:
                accounts.change(tx, now.id, state=CONNECTED, next_at=self.box.now(), error=None)

    def hold(self) -> None:
        """Whoever disconnects an account, takes it over or ends the worker wants no further request."""
        if self.box.stopping():
            raise TakenOver("Midsole is ending.")
        now = self.box.now()
        mine = self._now().busy_by == self.by
        if mine and now - self.held_at >= LEASE / 4:
            with self.box.store.write() as tx:
                mine = accounts.hold(tx, self.connection.id, now, LEASE, self.by)
            self.held_at = now
        if not mine:
            raise TakenOver("Another worker has taken over this account.")

    def mine(self, tx: Tx) -> Connection | None:
        """The connection as it stands; None where another worker has it, or it is gone."""
        runners.lock(tx, self.connection.runner_id)
        found = accounts.get(tx, self.connection.id)
        return found if found is not None and found.busy_by == self.by else None

    @property
    def notes(self) -> Mapping[str, object]:
        return self._now().notes

    def note(self, **said: object) -> None:
        with self.box.store.write() as tx:
            accounts.note(tx, self.connection.id, **said)

    def _now(self) -> Connection:
        with self.box.store.read() as tx:
            found = accounts.get(tx, self.connection.id)
        if found is None:
            raise TakenOver("The account was disconnected meanwhile.")
        return found


def has_logged_in_again(now: Connection, before: Connection) -> bool:
    return now.notes.get("connected_at") != before.notes.get("connected_at")


@contextmanager
def held(box: Box, connection: Connection) -> Iterator[Keeper | None]:
    """The account for this worker alone; None where another one has it now, or it is gone."""
    by = _name(box)
    free_what_the_dead_hold(box)
    with box.store.write() as tx:
        mine = accounts.take(tx, connection.id, box.now(), LEASE, by)
        found = accounts.get(tx, connection.id) if mine else None
    if found is None:
        yield None
        return
    try:
        yield Keeper(box, found, by)
    finally:
        with box.store.write() as tx:
            accounts.release(tx, connection.id, by)


def _name(box: Box) -> str:
    """As in claims, but new each time: of two threads of a process, each has the account alone."""
    machine, _, worker = holder(box).rpartition("/")
    return f"{machine}/{worker.partition('-')[0]}-{token_hex(4)}-{worker.rpartition('-')[2]}"


def free_what_the_dead_hold(box: Box) -> None:
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


def keep(
    box: Box,
    connection: Connection,
    secrets: Mapping[str, str | None],
    *,
    until: datetime | None = None,
    also: Callable[[Tx], None] = lambda _: None,
) -> None:
    """Encrypt and commit; None forgets one of them, and what is not named stays. `until` is for `pending`.

    `also` is done in the same transaction."""
    with box.store.write() as tx:
        runners.lock(tx, connection.runner_id)
        now = accounts.get(tx, connection.id)
        known = kept(box, now) if now and not {"login", "pending"} <= set(secrets) else {}
        changed = {name: text for name, text in {**known, **secrets}.items() if text is not None}
        if until is None and now and "pending" in changed:
            until = now.secret_until
        token = box.secrets.encrypt(json.dumps(changed)) if changed else None
        accounts.keep_secret(tx, connection.id, token, until)
        also(tx)
