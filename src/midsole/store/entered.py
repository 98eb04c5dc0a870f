"""Queries of who may enter: passwords, sessions, API tokens, one-time codes, and attempts."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import OperationalError

from midsole.store import tables as t
from midsole.store.base import Store, Tx, insert_id
from midsole.store.engine import BUSY_TIMEOUT_MS


def has_password(tx: Tx, runner_id: int | None = None) -> bool:
    """Whether this runner has one; none named: whether anybody has."""
    query = select(t.login.c.runner_id).limit(1)
    if runner_id is not None:
        query = query.where(t.login.c.runner_id == runner_id)
    return tx.scalar(query) is not None


def password_hash(tx: Tx, runner_id: int) -> str | None:
    """None: this runner has no password."""
    return tx.scalar(select(t.login.c.password_hash).where(t.login.c.runner_id == runner_id))


def set_password(tx: Tx, runner_id: int, password_hash: str, now: datetime) -> None:
    """In place of the one there was, if there was one."""
    tx.execute(delete(t.login).where(t.login.c.runner_id == runner_id))
    tx.execute(insert(t.login).values(runner_id=runner_id, password_hash=password_hash, set_at=now))


def change_hash(tx: Tx, runner_id: int, old: str, new: str) -> None:
    """The same password, hashed anew; nothing where it was changed meanwhile."""
    same = (t.login.c.runner_id == runner_id) & (t.login.c.password_hash == old)
    tx.execute(update(t.login).where(same).values(password_hash=new))


def with_passwords(tx: Tx) -> set[int]:
    """The runners who have one."""
    return set(tx.scalars(select(t.login.c.runner_id)))


def session(tx: Tx, token_hash: str, now: datetime) -> Any | None:
    """The row, with its columns as attributes; None where there is none, or it has run out."""
    c = t.session.c
    return tx.execute(select(t.session).where(c.token_hash == token_hash, c.expires_at > now)).one_or_none()


def sessions(tx: Tx, runner_id: int, now: datetime) -> list[Any]:
    """The runner's, the last used first."""
    c = t.session.c
    mine = select(t.session).where(c.runner_id == runner_id, c.expires_at > now)
    return list(tx.execute(mine.order_by(c.seen_at.desc(), c.id.desc())))


def add_session(tx: Tx, runner_id: int, token_hash: str, device: str, now: datetime, until: datetime) -> int:
    """What has run out is forgotten on the way."""
    tx.execute(delete(t.session).where(t.session.c.expires_at <= now))
    row = {"runner_id": runner_id, "token_hash": token_hash, "device": device}
    return insert_id(tx, t.session, {**row, "made_at": now, "seen_at": now, "expires_at": until})


def see_session(tx: Tx, session_id: int, now: datetime, until: datetime) -> None:
    tx.execute(update(t.session).where(t.session.c.id == session_id).values(seen_at=now, expires_at=until))


def end_session(tx: Tx, runner_id: int, session_id: int) -> bool:
    """False where the runner has no such session."""
    c = t.session.c
    gone = tx.execute(delete(t.session).where(c.runner_id == runner_id, c.id == session_id))
    return bool(gone.rowcount)


def end_sessions(tx: Tx, runner_id: int, but: int | None = None) -> int:
    """End the runner's sessions, all or all but one; returns how many."""
    c = t.session.c
    query = delete(t.session).where(c.runner_id == runner_id)
    return int(tx.execute(query if but is None else query.where(c.id != but)).rowcount)


def end_all(tx: Tx) -> None:
    """Every session and code, whosever it is; tries are forgotten with them."""
    for table in (t.session, t.pass_code, t.attempt):
        tx.execute(delete(table))


def api_token(tx: Tx, token_hash: str) -> Any | None:
    return tx.execute(select(t.api_token).where(t.api_token.c.token_hash == token_hash)).one_or_none()


def api_tokens(tx: Tx, runner_id: int) -> list[Any]:
    c = t.api_token.c
    return list(tx.execute(select(t.api_token).where(c.runner_id == runner_id).order_by(c.id)))


def add_api_token(
    tx: Tx, runner_id: int, name: str, token_hash: str, scopes: list[str], now: datetime
) -> int:
    row = {"runner_id": runner_id, "name": name, "token_hash": token_hash, "scopes": scopes, "made_at": now}
    return insert_id(tx, t.api_token, row)


def see_api_token(tx: Tx, token_id: int, now: datetime) -> None:
    tx.execute(update(t.api_token).where(t.api_token.c.id == token_id).values(used_at=now))


def revoke_api_token(tx: Tx, runner_id: int, token_id: int) -> bool:
    """False where the runner has no such token."""
    c = t.api_token.c
    return bool(tx.execute(delete(t.api_token).where(c.runner_id == runner_id, c.id == token_id)).rowcount)


def code(tx: Tx, purpose: str, code_hash: str, now: datetime) -> Any | None:
    """The row of a code that still holds."""
    c = t.pass_code.c
    held = select(t.pass_code).where(c.purpose == purpose, c.code_hash == code_hash)
    return tx.execute(held.where(c.used_at.is_(None), c.expires_at > now)).one_or_none()


def codes(tx: Tx, purpose: str, now: datetime, runner_id: int) -> list[Any]:
    """Those of the runner that still hold, the newest first."""
    c = t.pass_code.c
    held = select(t.pass_code).where(c.purpose == purpose, c.runner_id == runner_id, c.used_at.is_(None))
    return list(tx.execute(held.where(c.expires_at > now).order_by(c.id.desc())))


def add_code(tx: Tx, runner_id: int, purpose: str, code_hash: str, now: datetime, lasts: timedelta) -> int:
    """What ran out is forgotten on the way."""
    tx.execute(delete(t.pass_code).where(t.pass_code.c.expires_at <= now))
    row = {"runner_id": runner_id, "purpose": purpose, "code_hash": code_hash}
    return insert_id(tx, t.pass_code, {**row, "made_at": now, "expires_at": now + lasts})


def use_code(tx: Tx, code_id: int, now: datetime) -> bool:
    """False where somebody else was first."""
    free = (t.pass_code.c.id == code_id) & t.pass_code.c.used_at.is_(None)
    return bool(tx.execute(update(t.pass_code).where(free).values(used_at=now)).rowcount)


def void_codes(tx: Tx, purpose: str, runner_id: int | None = None) -> None:
    """Those that nobody used yet: of one runner, or of all."""
    c = t.pass_code.c
    query = delete(t.pass_code).where(c.purpose == purpose, c.used_at.is_(None))
    tx.execute(query if runner_id is None else query.where(c.runner_id == runner_id))


def void_code(tx: Tx, purpose: str, runner_id: int, code_id: int) -> bool:
    """False where the runner has no such code that still could be used."""
    c = t.pass_code.c
    mine = delete(t.pass_code).where(c.purpose == purpose, c.runner_id == runner_id, c.id == code_id)
    return bool(tx.execute(mine.where(c.used_at.is_(None))).rowcount)


def attempts(tx: Tx, key: str, since: datetime) -> tuple[int, datetime | None]:
    """How many there were, and when the last one was."""
    c = t.attempt.c
    row = tx.execute(select(func.count(), func.max(c.at)).where(c.key == key, c.at > since)).one()
    return int(row[0]), row[1]


def add_attempt(tx: Tx, key: str, now: datetime) -> int:
    return insert_id(tx, t.attempt, {"key": key, "at": now})


def forget_attempts(tx: Tx, before: datetime) -> None:
    tx.execute(delete(t.attempt).where(t.attempt.c.at <= before))


def forgive_attempts(tx: Tx, key: str) -> None:
    tx.execute(delete(t.attempt).where(t.attempt.c.key == key))


def forgive_attempt(tx: Tx, attempt_id: int) -> None:
    tx.execute(delete(t.attempt).where(t.attempt.c.id == attempt_id))


@contextmanager
def write_if_free(store: Store) -> Iterator[Tx | None]:
    """A short write that waits for nobody; None while another one is writing, and then it is left out."""
    with store.engine.connect() as tx:
        raw = tx.connection.dbapi_connection
        lite = raw if isinstance(raw, sqlite3.Connection) else None
        if lite is None:
            with tx.begin():
                yield tx
            return
        lite.execute("PRAGMA busy_timeout=0")
        try:
            yield from _begun(tx)
        finally:
            lite.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _begun(tx: Tx) -> Iterator[Tx | None]:
    try:
        begun = tx.begin()
    except OperationalError:
        yield None
        return
    with begun:
        yield tx
