"""Log lines: time, level, what happened; once when something breaks and once when it is back."""

import logging
import sys

log = logging.getLogger("midsole")


def set_up(*, verbose: bool = False) -> None:
    """Lines on standard error, in UTC, without anything secret."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    log.handlers[:] = [handler]
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    log.propagate = False
