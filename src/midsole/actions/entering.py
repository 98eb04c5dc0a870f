"""Who may enter: sessions, API tokens, and the owner of an open house."""

import hashlib
from dataclasses import dataclass

from midsole.actions.box import Box, Runner
from midsole.store import entered, runners


@dataclass(frozen=True, slots=True)
class Known:
    """Whose session or token it is; `without_password`: it holds at this machine only."""

    id: int
    runner: Runner
    scopes: frozenset[str] = frozenset()
    without_password: bool = False


def hashed(secret: str) -> str:
    """Only this is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def by_session(box: Box, token: str) -> Known | None:
    with box.store.read() as tx:
        row = entered.session(tx, hashed(token), box.now())
        if row is None:
            return None
        bare = not entered.has_password(tx, row.runner_id)
        return Known(row.id, runners.get(tx, row.runner_id), without_password=bare)


def by_token(box: Box, token: str) -> Known | None:
    with box.store.read() as tx:
        row = entered.api_token(tx, hashed(token))
        return row and Known(row.id, runners.get(tx, row.runner_id), frozenset(row.scopes))


def is_open(box: Box) -> bool:
    """Nobody has a password yet: who is at this machine may enter."""
    with box.store.read() as tx:
        return not entered.has_password(tx)


def owner(box: Box) -> Runner:
    """The first runner of the box: who set it up."""
    with box.store.read() as tx:
        return runners.everyone(tx)[0]


def is_owner(box: Box, runner_id: int) -> bool:
    return owner(box).id == runner_id


def named(box: Box, name: str) -> Runner | None:
    """The runner of that name or mail address."""
    wanted = name.strip().casefold()
    with box.store.read() as tx:
        known = runners.everyone(tx)
    return next((r for r in known if wanted in (r.name.casefold(), (r.email or "-").casefold())), None)
