"""Which recordings are one activity, and which of them leads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

NEAR_START = timedelta(seconds=120)
NEAR_FRACTION = 0.05
TRUST = {"session": 0, "laps": 1, "edit": 1, "records": 2, "gps": 3}
"""How good a distance is by where it comes from; the watch's own total first."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What identity looks at in a recording; `file` is the SHA-256 of its raw file."""

    id: int
    file: str
    leg: int
    activity_id: int | None
    sport: str
    started_at: datetime
    timer_s: float
    distance_m: float
    distance_from: str
    recovered: bool


def matches(one: Trace, other: Trace) -> bool:
    """The same run seen twice: DESIGN.md decision 5. Two legs of one file are never one."""
    if one.file == other.file:
        return False
    if one.sport != other.sport and "unknown" not in (one.sport, other.sport):
        return False
    if abs(one.started_at - other.started_at) > NEAR_START:
        return False
    return one.recovered != other.recovered or (
        _near(one.timer_s, other.timer_s) and _near(one.distance_m, other.distance_m)
    )


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= NEAR_FRACTION * max(one, other)


def leader(traces: Iterable[Trace]) -> Trace:
    """A total order, so that the order of arrival can't matter: complete, trusted, known sport, SHA-256."""
    return min(
        traces,
        key=lambda t: (t.recovered, t.sport == "unknown", TRUST.get(t.distance_from, 9), t.file, t.leg),
    )
