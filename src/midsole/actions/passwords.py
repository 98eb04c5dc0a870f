"""Passwords: what makes one, how it is kept (argon2), and whether one fits."""

import unicodedata
from base64 import b64encode
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from midsole.domain.errors import UsageError

SHORTEST, LONGEST = 10, 500
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
_AT_ONCE = Semaphore(2)
"""More at once would only fill the memory of a small machine."""
NOBODYS = "$argon2id$v=19$m={},t={},p={}${}${}".format(
    _HASHER.memory_cost,
    _HASHER.time_cost,
    _HASHER.parallelism,
    b64encode(bytes(_HASHER.salt_len)).decode().rstrip("="),
    b64encode(bytes(_HASHER.hash_len)).decode().rstrip("="),
)
"""A hash that no password is known to fit: to try one against it takes as long as against a runner's."""


def hashed_password(password: str) -> str:
    """What is kept of a new password; one that is too short or too long is a UsageError."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise UsageError(f"A password needs at least {SHORTEST} characters.")
    if len(plain) > LONGEST:
        raise UsageError(f"A password has at most {LONGEST} characters.")
    if len(set(plain)) < 4:
        raise UsageError("A password needs at least 4 different characters.")
    with _AT_ONCE:
        return _HASHER.hash(plain)


def fits(kept: str | None, password: str) -> bool:
    """Whether the password is the kept one. Where none is kept it is false, after the same time."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or NOBODYS, _plain(password)[:LONGEST]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_dated(kept: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _plain(password: str) -> str:
    """The same whichever keyboard composed its letters, and without the spaces that copying adds."""
    return unicodedata.normalize("NFKC", password).strip()
