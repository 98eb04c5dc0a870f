"""Log in, change the password, look after one's sessions."""

from dataclasses import dataclass
from datetime import datetime

from midsole.actions import attempts
from midsole.actions.attempts import FREE_BY_ADDRESS, FREE_BY_NAME
from midsole.actions.box import Box
from midsole.actions.entering import hashed, named_in, owner_in, start_session
from midsole.actions.passwords import fits, hashed_password, is_dated
from midsole.domain.errors import NotThere, UsageError
from midsole.store import entered, runners
from midsole.store.base import Tx

WRONG = "That name and that password do not belong together."
WRONG_NOW = "That is not your present password."
OWNER_FIRST = "The first runner of this box has to set a password before anyone else does."
HAS_ONE = "There is a password already: log in with it."


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is logged in."""

    id: int
    device: str
    made_at: datetime
    seen_at: datetime


def log_in(box: Box, name: str, password: str, address: str, device: str) -> str:
    """The token of a new session. Whatever is wrong, the words and the time are the same."""
    by_name, by_address = attempts.key_of(box, "name", name), attempts.key_of(box, "from", address)
    tries = attempts.begin(box, {by_name: FREE_BY_NAME, by_address: FREE_BY_ADDRESS})
    with box.store.read() as tx:
        who = named_in(tx, name)
        kept = entered.password_hash(tx, who.id) if who else None
    if not fits(kept, password) or who is None or kept is None:
        raise UsageError(WRONG)
    renewed = hashed_password(password) if is_dated(kept) else None
    with box.store.write() as tx:
        runners.lock(tx, who.id)
        if entered.password_hash(tx, who.id) != kept:
            raise UsageError(WRONG)
        if renewed:
            entered.change_hash(tx, who.id, kept, renewed)
        entered.forgive_attempts(tx, by_name)
        entered.forgive_attempt(tx, tries[by_address])
        return start_session(tx, who.id, device, box.now())


def log_out(box: Box, token: str) -> None:
    """The session of that token ends; one that has ended already is no trouble."""
    with box.store.write() as tx:
        row = entered.session(tx, hashed(token), box.now())
        if row is not None:
            entered.end_session(tx, row.runner_id, row.id)


def choose(box: Box, runner_id: int, device: str) -> str:
    """A session in an open house, for the runner that somebody at this machine says to be."""
    with box.store.write() as tx:
        if entered.has_password(tx):
            raise UsageError("A password is needed by now: log in.")
        if runner_id not in (r.id for r in runners.everyone(tx)):
            raise NotThere(f"There is no runner {runner_id}.")
        return start_session(tx, runner_id, device, box.now())


def has_password(box: Box, runner_id: int) -> bool:
    with box.store.read() as tx:
        return entered.has_password(tx, runner_id)


def set_first_password(box: Box, runner_id: int, password: str, device: str) -> str:
    """The house is closed from now on. Returns the token of the one session that goes on."""
    kept = hashed_password(password)
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        if entered.has_password(tx, runner_id):
            raise UsageError(HAS_ONE)
        first = owner_in(tx).id
        if runner_id != first and not entered.has_password(tx, first):
            raise UsageError(OWNER_FIRST)
        return renew(box, tx, runner_id, kept, device)


def change_password(box: Box, runner_id: int, now: str, password: str, device: str) -> str:
    """Every session ends; returns the token of a new one."""
    key = attempts.key_of(box, "own", str(runner_id))
    attempts.begin(box, {key: FREE_BY_NAME})
    with box.store.read() as tx:
        old = entered.password_hash(tx, runner_id)
    if not fits(old, now):
        raise UsageError(WRONG_NOW)
    kept = hashed_password(password)
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        if entered.password_hash(tx, runner_id) != old:
            raise UsageError(WRONG_NOW)
        entered.forgive_attempts(tx, key)
        return renew(box, tx, runner_id, kept, device)


def renew(box: Box, tx: Tx, runner_id: int, password_hash: str, device: str) -> str:
    """The new password holds, and whoever was logged in has to use it; returns a new session's token."""
    entered.set_password(tx, runner_id, password_hash, box.now())
    entered.end_sessions(tx, runner_id)
    entered.void_codes(tx, "recover", runner_id)
    entered.void_codes(tx, "setup")
    return start_session(tx, runner_id, device, box.now())


def set_owner_password(box: Box, password: str) -> bool:
    """At the start, from a file; False where the owner has one already."""
    with box.store.read() as tx:
        if entered.has_password(tx, owner_in(tx).id):
            return False
    kept = hashed_password(password)
    with box.store.write() as tx:
        who = owner_in(tx).id
        if entered.has_password(tx, who):
            return False
        entered.set_password(tx, who, kept, box.now())
        entered.end_sessions(tx, who)
        entered.void_codes(tx, "setup")
    return True


def sessions(box: Box, runner_id: int) -> list[Session]:
    with box.store.read() as tx:
        rows = entered.sessions(tx, runner_id, box.now())
    return [Session(row.id, row.device, row.made_at, row.seen_at) for row in rows]


def end_session(box: Box, runner_id: int, session_id: int) -> None:
    with box.store.write() as tx:
        if not entered.end_session(tx, runner_id, session_id):
            raise NotThere(f"There is no session {session_id}.")


def end_other_sessions(box: Box, runner_id: int, but: int | None) -> int:
    with box.store.write() as tx:
        return entered.end_sessions(tx, runner_id, but)
