"""API tokens: what programs show instead of a password, each good for what its scopes name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from midsole.actions.box import Box
from midsole.actions.entering import SCOPES, hashed
from midsole.domain.errors import NotThere, UsageError
from midsole.store import entered

PREFIX = "mid_"
"""By which a token is known where it turns up by mistake."""
MOST = 50
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class ApiToken:
    """The token itself is kept nowhere."""

    id: int
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    used_at: datetime | None


def make_token(box: Box, runner_id: int, name: str, scopes: Sequence[str]) -> str:
    """The new token, to be shown this once."""
    chosen = [scope for scope in SCOPES if scope in scopes]
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise UsageError(f"There is no scope {unknown[0]!r}. Known: {', '.join(SCOPES)}.")
    if not chosen:
        raise UsageError("Choose at least one thing that the token may do.")
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise UsageError(f"A token needs a name of at most {LONGEST_NAME} characters.")
    token = PREFIX + token_urlsafe(32)
    with box.store.write() as tx:
        if len(entered.api_tokens(tx, runner_id)) >= MOST:
            raise UsageError(f"There are {MOST} tokens already. Revoke one that is not used any more.")
        entered.add_api_token(tx, runner_id, name.strip(), hashed(token), chosen, box.now())
    return token


def tokens(box: Box, runner_id: int) -> list[ApiToken]:
    with box.store.read() as tx:
        rows = entered.api_tokens(tx, runner_id)
    return [ApiToken(r.id, r.name, tuple(r.scopes), r.made_at, r.used_at) for r in rows]


def revoke(box: Box, runner_id: int, token_id: int) -> str:
    """Its name."""
    with box.store.write() as tx:
        name = next((r.name for r in entered.api_tokens(tx, runner_id) if r.id == token_id), None)
        if name is None:
            raise NotThere(f"There is no token {token_id}.")
        entered.revoke_api_token(tx, runner_id, token_id)
    return str(name)
