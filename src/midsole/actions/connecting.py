"""Connecting an account and forgetting it: a person is present, and each attempt to log in is their word."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from midsole.actions.account import held, keep, kept
from midsole.actions.box import Box
from midsole.domain import connection as standing
from midsole.domain.connection import (
    ACCOUNTS,
    DISCONNECTED,
    GARMIN,
    GARMIN_PERSONAL,
    LOGIN_NEEDED,
    MFA_PENDING,
)
from midsole.domain.errors import MidsoleError, NeedsRunner, RateLimited, UsageError
from midsole.store import accounts, gear, runners, sources
from midsole.store.base import Tx
from midsole.store.sources import Connection

CODE_GOOD_FOR = timedelta(minutes=10)
"""A login that waits for its code is as good as a password, and is kept no longer."""
DOMAINS = {False: "garmin.com", True: "garmin.cn"}
CONNECTED, CODE_NEEDED = "connected", "code needed"
NO_PAUSE = {"login_after": None, "logins_refused": 0}


@dataclass(frozen=True, slots=True)
class Asked:
    """How far connecting came: connected, or a code is needed until then."""

    state: str
    until: datetime | None = None


def log_in(
    box: Box, runner_id: int, email: str, password: str, *, china: bool = False, adopt: bool | None = None
) -> Asked:
    """One attempt with e-mail and password, which are used and forgotten; a refusal begins a pause.

    `adopt`: whether Garmin's pairs are added by themselves; None leaves that as it was, at first yes."""
    from midsole.sources import garmin_login

    place = DOMAINS[china]
    if problem := box.secrets.problem():
        raise MidsoleError(problem)
    connection = _prepared(box, runner_id, GARMIN, place)
    outcome = _attempt(box, connection, lambda: garmin_login.log_in(email, password, place))
    _note_adopt(box, connection, adopt)
    if isinstance(outcome, garmin_login.LoggedIn):
        _connected(box, connection, outcome.secret, place=place, **NO_PAUSE)
        return Asked(CONNECTED)
    until = box.now() + CODE_GOOD_FOR
    _keep_pending(box, connection, until, pending=outcome.state, pending_place=place)
    return Asked(CODE_NEEDED, until)


def enter_code(box: Box, runner_id: int, code: str) -> Asked:
    """The code that Garmin sent ends a login, also one that another process began."""
    from midsole.sources import garmin_login

    connection = _of(box, runner_id, GARMIN)
    waiting = kept(box, connection) if connection else {}
    if connection is None or "pending" not in waiting:
        raise UsageError(
            "No login waits for a code; it does so for ten minutes. Begin with `midsole connect garmin`."
        )
    if connection.secret_until is None or connection.secret_until <= box.now():
        _forget_pending(box, connection)
        raise UsageError("The login waited for its code too long. Begin again with `midsole connect garmin`.")
    pending, place = waiting["pending"], waiting["pending_place"]
    outcome = _attempt(box, connection, lambda: garmin_login.enter_code(pending, code.strip(), place))
    _connected(box, connection, outcome.secret, place=place, **NO_PAUSE)
    return Asked(CONNECTED)


def take_tokens(
    box: Box, runner_id: int, text: str, *, china: bool = False, adopt: bool | None = None
) -> Asked:
    """A login made elsewhere: the text of garminconnect's own token file. The first look tries it.

    A pause that Garmin asked for stays, as no login of ours has shown that it is over."""
    from midsole.sources import garmin_login

    secret = garmin_login.tokens_from(text)
    connection = _prepared(box, runner_id, GARMIN, DOMAINS[china])
    _note_adopt(box, connection, adopt)
    _connected(box, connection, secret, place=DOMAINS[china])
    return Asked(CONNECTED)


def take_key(box: Box, runner_id: int, key: str, expires_on: date | None) -> Asked:
    """A key of Garmin's Personal API; it is tried once before it is kept."""
    from midsole.sources.garmin_personal import check_key

    if expires_on is not None and expires_on < box.now().date():
        raise UsageError(f"The key ended on {expires_on}. Make a new one in Garmin Connect's settings.")
    connection = _prepared(box, runner_id, GARMIN_PERSONAL, DOMAINS[False])
    secret = _attempt(box, connection, lambda: check_key(key.strip()))
    _connected(box, connection, secret, expires_on=expires_on, **NO_PAUSE)
    return Asked(CONNECTED)


def disconnect(box: Box, runner_id: int, kind: str) -> Connection:
    """Forget the login, the pending one, and all that was remembered of the account; what came from it stays.

    Only the pause that Garmin asked for after too many logins, and how often it did, outlive that."""
    connection = known(box, runner_id, kind)
    if connection is None:
        raise UsageError(f"{standing.label(kind, '')} is not connected.")
    with box.store.write() as tx:
        accounts.forget(tx, connection.id)
        if kind == GARMIN:
            gear.forget_proposed(tx, runner_id)
        if connection.logins_refused:
            kept_row = accounts.make(tx, runner_id, kind, connection.place, box.now(), DISCONNECTED)
            pause = {"login_after": connection.login_after, "logins_refused": connection.logins_refused}
            accounts.change(tx, kept_row, **pause)
    return connection


def known(box: Box, runner_id: int, kind: str) -> Connection | None:
    """The connection, however it stands; None where there is none."""
    connection = _of(box, runner_id, kind)
    return None if connection is None or connection.state == DISCONNECTED else connection


def refuse_too_early(box: Box, runner_id: int, kind: str) -> None:
    """Raise UsageError while a pause holds: nobody need type a password for nothing."""
    connection = _of(box, runner_id, kind)
    if connection is not None:
        _refuse_too_early(box, connection)


def set_option(box: Box, runner_id: int, **said: bool) -> None:
    """Whether Garmin's pairs are added by themselves (adopt), and pairs written back to it (write_back)."""
    connection = known(box, runner_id, GARMIN)
    if connection is None:
        raise UsageError("Garmin Connect is not connected; see `midsole connect garmin`.")
    with box.store.write() as tx:
        accounts.note(tx, connection.id, **said)
        if said.get("write_back"):
            accounts.note(tx, connection.id, write_back_refused=None)


def settle(box: Box) -> None:
    """Before accounts are read: logins whose code never came are forgotten, and accounts whose key file
    was away and is back go on."""
    with box.store.read() as tx:
        connections = [c for c in sources.connections(tx) if c.kind in ACCOUNTS]
    for connection in connections:
        if connection.secret_until is not None and connection.secret_until <= box.now():
            _forget_pending(box, connection)
        elif connection.state == LOGIN_NEEDED and str(box.secrets.path) in (connection.error or ""):
            _go_on_if_readable(box, connection)


def _of(box: Box, runner_id: int, kind: str) -> Connection | None:
    with box.store.read() as tx:
        return accounts.of(tx, runner_id, kind)


def _prepared(box: Box, runner_id: int, kind: str, place: str) -> Connection:
    """The connection's row, made where there is none; its pause after a refusal lives there."""
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        found = accounts.of(tx, runner_id, kind)
        if found is None:
            made = accounts.make(tx, runner_id, kind, place, box.now(), DISCONNECTED)
            found = accounts.get(tx, made)
    assert found is not None
    return found


def _note_adopt(box: Box, connection: Connection, adopt: bool | None) -> None:
    if adopt is not None:
        with box.store.write() as tx:
            accounts.note(tx, connection.id, adopt=adopt)


def _attempt[T](box: Box, connection: Connection, attempt: Callable[[], T]) -> T:
    """One attempt, alone; a refusal for too many begins a pause of 2 h, which doubles up to a day."""
    with held(box, connection) as keeper:
        if keeper is None:
            raise UsageError("Midsole is reading this account at this moment; try again in a minute.")
        with box.store.read() as tx:
            now = accounts.get(tx, connection.id)
        _refuse_too_early(box, now or connection)
        try:
            return attempt()
        except RateLimited as error:
            raise _paused(box, now or connection, error) from error
        except MidsoleError:
            _forget_if_empty(box, connection)
            raise


def _refuse_too_early(box: Box, connection: Connection) -> None:
    if connection.login_after and connection.login_after > box.now():
        raise UsageError(
            "Garmin refused the last attempt because there were too many. The next one is possible from "
            f"{connection.login_after:%Y-%m-%d %H:%M} UTC on; trying earlier would only lengthen the wait."
        )


def _paused(box: Box, connection: Connection, error: RateLimited) -> NeedsRunner:
    refused = connection.logins_refused + 1
    until = box.now() + max(standing.login_pause(refused), error.after or timedelta())
    _change(box, connection, login_after=until, logins_refused=refused)
    return NeedsRunner(
        "Garmin refuses logins for now: there were too many. "
        f"The next attempt is possible from {until:%Y-%m-%d %H:%M} UTC on."
    )


def _connected(box: Box, connection: Connection, secret: str, **columns: object) -> None:
    """It may be another account than before, so what was remembered of its owner is forgotten."""
    fresh = {"state": CONNECTED, "next_at": None, "failures": 0, "error": None}

    def connect(tx: Tx) -> None:
        accounts.change(tx, connection.id, **fresh, **columns)
        accounts.note(tx, connection.id, connected_at=box.now().isoformat(), profile_id=None, owner=None)

    keep(box, connection, {"login": secret, "pending": None}, also=connect)


def _keep_pending(box: Box, connection: Connection, until: datetime, **pending: str) -> None:
    """A login that works goes on working beside it; one that can't be read any more is given up."""
    lost = {} if _is_readable(box, connection) else {"login": None}
    keep(box, connection, {**pending, **lost}, until=until)
    if connection.state in (DISCONNECTED, LOGIN_NEEDED):
        _change(box, connection, state=MFA_PENDING)


def _is_readable(box: Box, connection: Connection) -> bool:
    try:
        kept(box, connection)
    except MidsoleError:
        return False
    return True


def _forget_pending(box: Box, connection: Connection) -> None:
    with suppress(MidsoleError):  # without its key it can't be told from the login; later, then
        keep(box, connection, {"pending": None, "pending_place": None})
    with box.store.write() as tx:
        now = accounts.get(tx, connection.id)
        if now is not None and now.state == MFA_PENDING:
            accounts.change(tx, now.id, state=LOGIN_NEEDED if now.secret else DISCONNECTED)
    _forget_if_empty(box, connection)


def _forget_if_empty(box: Box, connection: Connection) -> None:
    """Where nothing was connected nothing stays, but how often Garmin refused."""
    with box.store.write() as tx:
        now = accounts.get(tx, connection.id)
        if now and now.state == DISCONNECTED and not now.secret and not now.logins_refused:
            accounts.forget(tx, now.id)


def _go_on_if_readable(box: Box, connection: Connection) -> None:
    if _is_readable(box, connection):
        _change(box, connection, state=CONNECTED, next_at=None, failures=0, error=None)


def _change(box: Box, connection: Connection, **columns: object) -> None:
    with box.store.write() as tx:
        accounts.change(tx, connection.id, **columns)
