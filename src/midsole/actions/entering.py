"""Who asks: by session, by API token, by name, or the owner of an open house."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from midsole.actions.box import Box, Runner
from midsole.store import entered, runners
from midsole.store.base import Tx

SCOPES = ("read", "write", "upload", "calendar", "metrics", "health")
"""What an API token may be good for."""
SLIDING, LONGEST = timedelta(days=30), timedelta(days=180)
"""A session ends so long after its last use, and so long after it was made whatever its use."""
SEEN_EVERY = timedelta(hours=1)
"""The last use is written no more often: most requests write nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whose session or token it is; `without_password`: it holds at this machine only. `is_open`: nobody at
    all has a password."""

    id: int
    runner: Runner
    scopes: frozenset[str] = frozenset()
    without_password: bool = False
    is_open: bool = False


def hashed(secret: str) -> str:
    """Only this is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def by_session(box: Box, token: str) -> Known | None:
    now = box.now()
    with box.store.read() as tx:
        row = entered.session(tx, hashed(token), now)
        if row is None:
            return None
        bare = not entered.has_password(tx, row.runner_id)
        is_open = bare and not entered.has_password(tx)
        known = Known(row.id, runners.get(tx, row.runner_id), without_password=bare, is_open=is_open)
    if now - row.seen_at >= SEEN_EVERY:
        with entered.write_if_free(box.store) as spare:
            if spare is not None:
                entered.see_session(spare, row.id, now, _until(now, row.made_at))
    return known


def by_token(box: Box, token: str) -> Known | None:
    now = box.now()
    with box.store.read() as tx:
        row = entered.api_token(tx, hashed(token))
        if row is None:
            return None
        known = Known(row.id, runners.get(tx, row.runner_id), frozenset(row.scopes))
    if row.used_at is None or now - row.used_at >= SEEN_EVERY:
        with entered.write_if_free(box.store) as spare:
            if spare is not None:
                entered.see_api_token(spare, row.id, now)
    return known


def _until(now: datetime, made_at: datetime) -> datetime:
    return min(now + SLIDING, made_at + LONGEST)


def start_session(tx: Tx, runner_id: int, device: str, now: datetime) -> str:
    """The token of a new session, which only the browser keeps."""
    token = token_urlsafe(32)
    entered.add_session(tx, runner_id, hashed(token), device[:200], now, _until(now, now))
    return token


def is_open(box: Box) -> bool:
    """Nobody has a password yet: who is at this machine may enter."""
    with box.store.read() as tx:
        return not entered.has_password(tx)


def host(box: Box) -> Runner | None:
    """Whose visit it is that begins at this machine: the owner's, while nobody has a password."""
    with box.store.read() as tx:
        return None if entered.has_password(tx) else owner_in(tx)


def owner(box: Box) -> Runner:
    """The first runner of the box: who set it up."""
    with box.store.read() as tx:
        return owner_in(tx)


def owner_in(tx: Tx) -> Runner:
    """Never the demo."""
    return next(runner for runner in runners.everyone(tx) if not runner.is_demo)


def is_owner(box: Box, runner_id: int) -> bool:
    return owner(box).id == runner_id


def named(box: Box, name: str) -> Runner | None:
    """The runner of that name, else the only one of that mail address."""
    with box.store.read() as tx:
        return named_in(tx, name)


def named_in(tx: Tx, name: str) -> Runner | None:
    wanted = name.strip().casefold()
    known = runners.everyone(tx)
    by_name = [r for r in known if r.name.strip().casefold() == wanted]
    by_mail = [r for r in known if r.email and r.email.strip().casefold() == wanted]
    found = by_name or by_mail
    return found[0] if len(found) == 1 else None
