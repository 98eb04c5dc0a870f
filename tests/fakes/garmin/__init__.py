"""A stateful Garmin on loopback, for the real clients: plain HTTP, or TLS behind a proxy."""

from . import faults
from .access import CLIENT_ID, Access
from .account import PROFILE_ID, Account, Activity, Pair, Total
from .faults import (
    DROP,
    DROP_AFTER,
    EMPTY,
    HTML,
    NO_CONTENT,
    REVOKED,
    TRANSIENT,
    TRUNCATED,
    Fault,
    Faults,
    body,
    says,
    slow,
    status,
)
from .server import FakeGarmin, Logged, environment, running

__all__ = [
    "CLIENT_ID",
    "DROP",
    "DROP_AFTER",
    "EMPTY",
    "HTML",
    "NO_CONTENT",
    "PROFILE_ID",
    "REVOKED",
    "TRANSIENT",
    "TRUNCATED",
    "Access",
    "Account",
    "Activity",
    "FakeGarmin",
    "Fault",
    "Faults",
    "Logged",
    "Pair",
    "Total",
    "body",
    "environment",
    "faults",
    "running",
    "says",
    "slow",
    "status",
]
