"""Where a runner's activities come from, as a page shows and changes it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from midsole.actions import connecting, sync
from midsole.actions.box import Box
from midsole.actions.standing import explained, is_late, is_shown
from midsole.domain.connection import (
    ACCOUNTS,
    CONNECTED,
    DISCONNECTED,
    FOLDER,
    GARMIN,
    LOGIN_NEEDED,
    MFA_PENDING,
    RATE_LIMITED,
    WITH_RUNNER,
    ago,
    label,
)
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.page_words import on_a_page
from midsole.store import accounts, files, gear, sources
from midsole.store.sources import Connection


@dataclass(frozen=True, slots=True)
class Place:
    """One connection; `said` is a sentence or two on how it does."""

    id: int
    kind: str
    name: str
    said: str
    is_well: bool
    waits_for_runner: bool
    awaits_code: bool
    may_look: bool


@dataclass(frozen=True, slots=True)
class Stand:
    """How an account stands with this runner.

    `mark` changes with each log-in, so that a form which was sent twice logs in once. `code_until`: a code
    is awaited so long. `login_from`: no attempt before, as Garmin asked."""

    kind: str
    is_connected: bool
    state: str
    said: str
    mark: str
    is_busy: bool = False
    code_until: datetime | None = None
    login_from: datetime | None = None
    adopt: bool = True
    write_back: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """Every way in; `unread_files` could not be read, `proposals` are pairs that wait for a word."""

    places: list[Place]
    unread_files: int
    proposals: int


def overview(box: Box, runner_id: int) -> Overview:
    now = box.now()
    with box.store.read() as tx:
        known = [c for c in sources.connections(tx, runner_id) if is_shown(c, now)]
        waiting = sum(pair.state == "proposed" for pair in gear.pairs(tx, runner_id))
        return Overview([_place(c, now) for c in known], files.unread(tx, runner_id), waiting)


def _place(c: Connection, now: datetime) -> Place:
    is_well = c.state == CONNECTED and not c.error and not is_late(c, now)
    said = on_a_page(explained(c, now)) if c.kind in ACCOUNTS else _of_folder(c, now)
    return Place(
        c.id,
        c.kind,
        label(c.kind, c.place),
        said,
        is_well,
        c.state in WITH_RUNNER,
        c.secret_until is not None and c.secret_until > now,
        c.kind in ACCOUNTS and c.state not in WITH_RUNNER and not _is_busy(c, now),
    )


def _of_folder(c: Connection, now: datetime) -> str:
    if c.kind != FOLDER:
        return "It was watched on another machine; what came from it stays."
    read = f"last read {ago(now - c.last_success_at)} ago" if c.last_success_at else "not read so far"
    return f"It can't be read now ({c.error.rstrip('. ')}); {read}." if c.error else f"{read.capitalize()}."


def _is_busy(c: Connection, now: datetime) -> bool:
    return c.busy_until is not None and c.busy_until > now


def stand(box: Box, runner_id: int, kind: str) -> Stand:
    now = box.now()
    with box.store.read() as tx:
        c = accounts.of(tx, runner_id, kind)
    if c is None:
        return Stand(kind, False, DISCONNECTED, f"{ACCOUNTS[kind]} is not connected.", _mark(None))
    awaits_code = c.secret_until is not None and c.secret_until > now
    return Stand(
        kind,
        c.state not in (DISCONNECTED, MFA_PENDING),
        c.state,
        on_a_page(explained(c, now)),
        _mark(c),
        is_busy=_is_busy(c, now),
        code_until=c.secret_until if awaits_code else None,
        login_from=c.login_after if c.login_after and c.login_after > now else None,
        adopt=bool(c.notes.get("adopt", True)),
        write_back=bool(c.notes.get("write_back", False)),
    )


def _mark(c: Connection | None) -> str:
    told = (c.notes.get("connected_at"), c.secret_until, c.login_after, c.state == LOGIN_NEEDED) if c else ()
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def look_soon(box: Box, runner_id: int, connection_id: int) -> str:
    """The account is due at once: the worker's next tick reads it. Returns its name."""
    found = of(box, runner_id, connection_id)
    name, now = label(found.kind, found.place), box.now()
    if found.kind not in ACCOUNTS:
        raise UsageError(f"{name} is looked at by itself, as often as the settings say.")
    with box.store.write() as tx:
        c = accounts.lock(tx, connection_id)
        if c.state in WITH_RUNNER:
            raise UsageError(on_a_page(explained(c, now)))
        if c.state == RATE_LIMITED and c.next_at and c.next_at > now:
            raise UsageError(f"{name} asked for fewer requests: the next look is in {ago(c.next_at - now)}.")
        if not _is_busy(c, now):
            accounts.change(tx, connection_id, next_at=now)
    return name


def disconnect(box: Box, runner_id: int, connection_id: int) -> str:
    """Forget this connection; what came from it stays. Returns its name."""
    found = of(box, runner_id, connection_id)
    if found.kind in ACCOUNTS:
        connecting.disconnect(box, runner_id, found.kind)
    else:
        sync.disconnect_folder(box, runner_id, str(found.id))
    return label(found.kind, found.place)


def of(box: Box, runner_id: int, connection_id: int) -> Connection:
    with box.store.read() as tx:
        mine = [c for c in sources.connections(tx, runner_id) if c.id == connection_id]
    if not mine:
        raise NotThere("There is no such source.")
    return mine[0]


def connect_folder(box: Box, runner_id: int, place: str) -> tuple[str, int]:
    """Watch it from now on; returns its full path and how many files it holds."""
    path = Path(place).expanduser()
    if not path.is_absolute():
        raise UsageError("Write the folder's whole path, as /home/me/watch.")
    _, count = sync.connect_folder(box, runner_id, path)
    return str(path.absolute()), count


def log_in(
    box: Box, runner_id: int, email: str, password: str, *, china: bool, adopt: bool
) -> connecting.Asked:
    """One attempt; refused before anything is sent while a pause holds."""
    if not email or not password:
        raise UsageError("Enter the e-mail address and the password of your Garmin account.")
    connecting.refuse_too_early(box, runner_id, GARMIN)
    return connecting.log_in(box, runner_id, email, password, china=china, adopt=adopt)
