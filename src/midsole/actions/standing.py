"""How a connection stands, in words."""

from datetime import datetime, timedelta

from midsole.domain.connection import (
    ACCOUNTS,
    COMMANDS,
    CONNECTED,
    DISCONNECTED,
    LOGIN_NEEDED,
    MFA_PENDING,
    WITH_RUNNER,
    ago,
    explain,
    label,
)
from midsole.store.sources import Connection

LATE = timedelta(hours=1)
"""A worker that runs is never so late with a look."""


def explained(connection: Connection, now: datetime) -> str:
    """A sentence or more: what is so, when the next try is, and what only the runner can do."""
    if _is_read_first(connection, now):
        return f"{label(connection.kind, '')} is being read for the first time; its runs come in."
    if _waited_too_long(connection, now):
        name, command = label(connection.kind, ""), COMMANDS[connection.kind]
        return f"{name} got no code in time, so that login is over. To begin again, type {command}."
    said = explain(
        connection.kind,
        connection.place,
        connection.state,
        error=connection.error,
        next_at=connection.next_at,
        last_success_at=connection.last_success_at,
        now=now,
    )
    return f"{said}{_beside(connection, now)}"


def _is_read_first(connection: Connection, now: datetime) -> bool:
    busy = connection.busy_until is not None and connection.busy_until > now
    return busy and connection.state == CONNECTED and connection.last_success_at is None


def is_shown(connection: Connection, now: datetime) -> bool:
    """Nobody need be told of an account that is not connected, unless a pause holds."""
    return connection.state != DISCONNECTED or _is_paused(connection, now)


def is_late(connection: Connection, now: datetime) -> bool:
    """It should have been looked at by now, so nobody looks."""
    return connection.state not in WITH_RUNNER and _late_by(connection, now) > LATE


def _late_by(connection: Connection, now: datetime) -> timedelta:
    """What was just connected is due at once."""
    connected_at = connection.notes.get("connected_at")
    due = connection.next_at or (datetime.fromisoformat(connected_at) if connected_at else now)
    return now - due


def _beside(connection: Connection, now: datetime) -> str:
    if connection.state == MFA_PENDING and connection.secret_until:
        return f" That login is forgotten in {ago(connection.secret_until - now)}."
    if connection.state in (DISCONNECTED, LOGIN_NEEDED) and _is_paused(connection, now):
        when = f"{connection.login_after:%Y-%m-%d %H:%M} UTC"
        return f" Garmin refused the last attempt to log in; the next one is possible from {when} on."
    if connection.expires_on and connection.state == CONNECTED:
        return f" Its key ends on {connection.expires_on}."
    if refused := connection.notes.get("write_back_refused"):
        return f" Pairs are not written back any more: {refused}"
    if is_late(connection, now):
        return f" That is {ago(_late_by(connection, now))} late: is `midsole run` running?"
    if connection.kind in ACCOUNTS and connection.state == CONNECTED and not connection.last_success_at:
        return " The first sync begins with `midsole run`, or now: midsole sync."
    return ""


def _waited_too_long(connection: Connection, now: datetime) -> bool:
    until = connection.secret_until
    return connection.state == MFA_PENDING and until is not None and until <= now


def _is_paused(connection: Connection, now: datetime) -> bool:
    return connection.login_after is not None and connection.login_after > now
