"""Queries of who may enter: passwords, sessions, API tokens, one-time codes, and attempts."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from midsole.store import tables as t
from midsole.store.base import Tx


def has_password(tx: Tx, runner_id: int | None = None) -> bool:
    """Whether this runner has one; none named: whether anybody has."""
    query = select(t.login.c.runner_id).limit(1)
    if runner_id is not None:
        query = query.where(t.login.c.runner_id == runner_id)
    return tx.scalar(query) is not None


def session(tx: Tx, token_hash: str, now: datetime) -> Any | None:
    """The row, with its columns as attributes; None where there is none, or it has run out."""
    c = t.session.c
    return tx.execute(select(t.session).where(c.token_hash == token_hash, c.expires_at > now)).one_or_none()


def api_token(tx: Tx, token_hash: str) -> Any | None:
    return tx.execute(select(t.api_token).where(t.api_token.c.token_hash == token_hash)).one_or_none()
