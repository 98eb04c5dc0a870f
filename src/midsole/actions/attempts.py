"""Tries to get in are counted and have to wait longer and longer: by the name that was said, by address."""

from datetime import datetime, timedelta

from midsole.actions.box import Box
from midsole.domain.errors import UsageError
from midsole.store import entered
from midsole.store.base import Tx

REMEMBERED = timedelta(days=1)
FREE_BY_NAME, FREE_BY_ADDRESS = 5, 20
"""So many tries in a day have not to wait; a household may share an address."""
FIRST_WAIT_S, LONGEST_WAIT_S = 30, 900
PURPOSE = "attempt"


class TooManyTries(UsageError):
    """The same for names that are known and such that aren't."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = max(1, round(wait_s))
        minutes = -(-self.wait_s // 60)
        words = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"Too many tries. Wait {words}, then try again.")


def wait_s(tries: int, free: int, since_last_s: float) -> float:
    """How long the next try has still to wait: 30 s after the free ones, then twice as long each time."""
    over = tries - free
    if over < 0:
        return 0.0
    whole = min(LONGEST_WAIT_S, FIRST_WAIT_S << min(over, 10))
    return max(0.0, whole - since_last_s)


def key_of(box: Box, kind: str, said: str) -> str:
    """Sealed: people type passwords into the field of the name, and addresses are personal."""
    return f"{kind}:{box.secrets.seal(PURPOSE, said.strip().casefold())}"


def begin(box: Box, free: dict[str, int]) -> dict[str, int]:
    """Count a try under each of these keys, before it is made; too many and it is refused, uncounted.

    Returns the number of the attempt's row under each key."""
    now = box.now()
    with box.store.write() as tx:
        entered.forget_attempts(tx, now - REMEMBERED)
        longest = max(_wait_s(tx, key, tries, now) for key, tries in free.items())
        if longest > 0:
            raise TooManyTries(longest)
        return {key: entered.add_attempt(tx, key, now) for key in free}


def _wait_s(tx: Tx, key: str, free: int, now: datetime) -> float:
    tries, last = entered.attempts(tx, key, now - REMEMBERED)
    return wait_s(tries, free, (now - last).total_seconds()) if last else 0.0
