"""Connecting an account and forgetting it: a person is present, and each attempt to log in is their word."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from midsole.actions.account import held, keep, kept
from midsole.actions.box import Box
from midsole.domain import connection as standing
from midsole.domain.connection import GARMIN, GARMIN_PERSONAL
from midsole.domain.errors import NeedsRunner, RateLimited, UsageError
from midsole.store import accounts, gear
from midsole.store.sources import Connection

CODE_GOOD_FOR = timedelta(minutes=10)
"""A login that waits for its code is as good as a password, and is kept no longer."""
DOMAINS = {False: "garmin.com", True: "garmin.cn"}
CONNECTED, CODE_NEEDED = "connected", "code needed"


@dataclass(frozen=True, slots=True)
class Asked:
    """How far connecting came: connected, or a code is needed until then."""

    state: str
    until: datetime | None = None


def log_in(
    box: Box, runner_id: int, email: str, password: str, *, china: bool = False, adopt: bool = True
) -> Asked:
    """One attempt with e-mail and password, which are used and forgotten; a refusal begins a pause."""
    from midsole.sources import garmin_login

    connection = _prepared(box, runner_id, GARMIN, DOMAINS[china])
    _refuse_too_early(box, connection)
    outcome = _attempt(box, connection, lambda: garmin_login.log_in(email, password, connection.place))
    with box.store.write() as tx:
        accounts.note(tx, connection.id, adopt=adopt)
    if isinstance(outcome, garmin_login.LoggedIn):
        _connected(box, connection, outcome.secret)
        return Asked(CONNECTED)
    until = box.now() + CODE_GOOD_FOR
    keep(box, connection, until=until, pending=outcome.state)
    if connection.state in ("disconnected", "login_needed"):
        _change(box, connection, state="mfa_pending")
    return Asked(CODE_NEEDED, until)


def enter_code(box: Box, runner_id: int, code: str) -> Asked:
    """The code that Garmin sent ends a login, also one that another process began."""
    from midsole.sources import garmin_login

    connection = _of(box, runner_id, GARMIN)
    pending = kept(box, connection).get("pending") if connection else None
    if connection is None or pending is None:
        raise UsageError("No login waits for a code. Begin with `midsole connect garmin`.")
    if connection.secret_until is None or connection.secret_until <= box.now():
        _forget_pending(box, connection)
        raise UsageError("The login waited for its code too long. Begin again with `midsole connect garmin`.")
    _refuse_too_early(box, connection)
    outcome = _attempt(
        box, connection, lambda: garmin_login.enter_code(pending, code.strip(), connection.place)
    )
    _connected(box, connection, outcome.secret)
    return Asked(CONNECTED)


def take_tokens(box: Box, runner_id: int, text: str, *, china: bool = False, adopt: bool = True) -> Asked:
    """A login made elsewhere: the text of garminconnect's own token file."""
    from midsole.sources import garmin_login

    secret = garmin_login.tokens_from(text)
    connection = _prepared(box, runner_id, GARMIN, DOMAINS[china])
    with box.store.write() as tx:
        accounts.note(tx, connection.id, adopt=adopt)
    _connected(box, connection, secret)
    return Asked(CONNECTED)


def take_key(box: Box, runner_id: int, key: str, expires_on: date | None) -> Asked:
    """A key of Garmin's Personal API; it is tried once before it is kept."""
    from midsole.sources.garmin_personal import check_key

    if expires_on is not None and expires_on < box.now().date():
        raise UsageError(f"The key ended on {expires_on}. Make a new one in Garmin Connect's settings.")
    connection = _prepared(box, runner_id, GARMIN_PERSONAL, DOMAINS[False])
    secret = _attempt(box, connection, lambda: check_key(key.strip()))
    _connected(box, connection, secret)
    _change(box, connection, expires_on=expires_on)
    return Asked(CONNECTED)


def disconnect(box: Box, runner_id: int, kind: str) -> Connection:
    """Forget the login, the pending one, and all that was remembered of the account; what came from it stays.

    Only the pause that Garmin asked for after too many logins is kept, as it would hold all the same."""
    connection = _of(box, runner_id, kind)
    if connection is None or connection.state == "disconnected":
        raise UsageError(f"{standing.label(kind, '')} is not connected.")
    with box.store.write() as tx:
        accounts.forget(tx, connection.id)
        gear.forget_proposed(tx, runner_id)
        if connection.login_after and connection.login_after > box.now():
            kept_row = accounts.make(tx, runner_id, kind, connection.place, box.now(), "disconnected")
            pause = {"login_after": connection.login_after, "logins_refused": connection.logins_refused}
            accounts.change(tx, kept_row, **pause)
    return connection


def set_option(box: Box, runner_id: int, **said: bool) -> None:
    """Whether Garmin's pairs are added by themselves (adopt), and pairs written back to it (write_back)."""
    connection = _of(box, runner_id, GARMIN)
    if connection is None:
        raise UsageError("Garmin Connect is not connected; see `midsole connect garmin`.")
    with box.store.write() as tx:
        accounts.note(tx, connection.id, **said)


def _of(box: Box, runner_id: int, kind: str) -> Connection | None:
    with box.store.read() as tx:
        return accounts.of(tx, runner_id, kind)


def _prepared(box: Box, runner_id: int, kind: str, place: str) -> Connection:
    """The connection's row, made where there is none; its pause after a refusal lives there."""
    with box.store.write() as tx:
        known = accounts.of(tx, runner_id, kind)
        if known is None:
            made = accounts.make(tx, runner_id, kind, place, box.now(), "disconnected")
            known = accounts.get(tx, made)
        elif known.place != place:
            accounts.change(tx, known.id, place=place)
            known = accounts.get(tx, known.id)
    assert known is not None
    return known


def _refuse_too_early(box: Box, connection: Connection) -> None:
    if connection.login_after and connection.login_after > box.now():
        raise UsageError(
            "Garmin refused the last logins because there were too many. The next attempt is possible from "
            f"{connection.login_after:%Y-%m-%d %H:%M} UTC on; trying earlier would only lengthen the wait."
        )


def _attempt[T](box: Box, connection: Connection, attempt: Callable[[], T]) -> T:
    """One attempt; a refusal for too many begins a pause of 2 h, which doubles up to a day."""
    with held(box, connection) as keeper:
        if keeper is None:
            raise UsageError("Midsole is reading this account at this moment; try again in a minute.")
        try:
            return attempt()
        except RateLimited as error:
            refused = connection.logins_refused + 1
            until = box.now() + max(standing.login_pause(refused), error.after or timedelta())
            _change(box, connection, login_after=until, logins_refused=refused)
            raise NeedsRunner(
                "Garmin refuses logins for now: there were too many. "
                f"The next attempt is possible from {until:%Y-%m-%d %H:%M} UTC on."
            ) from error


def _connected(box: Box, connection: Connection, secret: str) -> None:
    keep(box, connection, login=secret, pending=None)
    fresh = {"state": "connected", "next_at": None, "failures": 0, "error": None}
    _change(box, connection, **fresh, login_after=None, logins_refused=0)
    with box.store.write() as tx:
        accounts.note(tx, connection.id, connected_at=box.now().isoformat())


def _forget_pending(box: Box, connection: Connection) -> None:
    keep(box, connection, pending=None)
    if connection.state == "mfa_pending":
        _change(box, connection, state="login_needed" if connection.last_success_at else "disconnected")


def _change(box: Box, connection: Connection, **columns: object) -> None:
    with box.store.write() as tx:
        accounts.change(tx, connection.id, **columns)
