"""How a run was run: its bouts of running and walking, by the speed of its samples or laps."""

from collections.abc import Sequence
from itertools import groupby
from math import ceil

import numpy as np

from midsole.domain.checkins import RunWalk
from midsole.domain.samples import speeds

RUN_FROM_M_PER_S, WALK_TO_M_PER_S = 1.95, 1.75
"""People change from walking to running near 2.0 m/s (Hreljac 1993: 2.05); slow joggers a little below."""
STANDING_M_PER_S = 0.5
SHORT_STOP_S = 30
"""A crossing: it neither ends a bout nor counts."""
SHORTEST_S = 20
"""Fewer seconds are no bout of either kind: the counter's noise, or a look at the watch."""
GRID_S = 5
LONGEST_S = 48 * 3600

RUN, WALK, STAND = "run", "walk", "stand"
type Bout = tuple[str, float]
"""What was done, for how many seconds."""


def recognise(points: Sequence[tuple[float, float]]) -> RunWalk | None:
    """By (seconds, metres) since the start; None where these tell no speed."""
    if len(points) < 2 or not 0 < points[-1][0] <= LONGEST_S:
        return None
    bouts = _bouts(_kinds(points))
    runs = [seconds for kind, seconds in bouts if kind == RUN]
    walking_s = sum(seconds for kind, seconds in bouts if kind == WALK)
    return RunWalk(sum(runs), walking_s, len(runs), max(runs, default=0.0))


def by_mean_speed(timer_s: float, distance_m: float) -> RunWalk:
    """Where no samples are: all running, all walking, or a mixture of unknown parts (`bouts` 0)."""
    speed = distance_m / timer_s if timer_s > 0 else 0.0
    if speed >= MOSTLY_RUN_M_PER_S:
        return RunWalk(timer_s, 0.0, 1, timer_s)
    if speed <= WALK_TO_M_PER_S:
        return RunWalk(0.0, timer_s, 0, 0.0)
    share = (speed - WALK_SPEED_M_PER_S) / (MOSTLY_RUN_M_PER_S - WALK_SPEED_M_PER_S)
    return RunWalk(share * timer_s, (1 - share) * timer_s, 0, 0.0)


WALK_SPEED_M_PER_S, MOSTLY_RUN_M_PER_S = 1.5, 2.2
"""A brisk walk, and the mean speed from which on nothing of a run can have been walked for long."""


def together(parts: Sequence[RunWalk]) -> RunWalk:
    """Several runs of one day as one; bouts are unknown where any of theirs are."""
    known = all(part.bouts for part in parts)
    return RunWalk(
        sum(part.running_s for part in parts),
        sum(part.walking_s for part in parts),
        sum(part.bouts for part in parts) if known else 0,
        max((part.longest_s for part in parts), default=0.0),
    )


def _kinds(points: Sequence[tuple[float, float]]) -> list[Bout]:
    """Every few seconds what was done, with hysteresis: between the two speeds all goes on as it was."""
    time_s, metres = (np.array(column, dtype=np.float64) for column in zip(*points, strict=True))
    rises = np.append(True, np.diff(time_s) > 0)
    time_s, metres = time_s[rises], np.maximum.accumulate(metres[rises])
    grid = np.linspace(time_s[0], time_s[-1], max(2, ceil((time_s[-1] - time_s[0]) / GRID_S) + 1))
    found, state = list[Bout](), WALK
    for speed, seconds in zip(
        speeds(grid, np.interp(grid, time_s, metres)).tolist(), np.diff(grid).tolist(), strict=True
    ):
        state = _state(state, speed)
        found.append((STAND if speed < STANDING_M_PER_S else state, seconds))
    return found


def _state(state: str, speed: float) -> str:
    if speed >= RUN_FROM_M_PER_S:
        return RUN
    return WALK if STANDING_M_PER_S <= speed <= WALK_TO_M_PER_S else state


def _bouts(kinds: Sequence[Bout]) -> list[Bout]:
    """Bouts in order: short stops are taken out, then what is too short joins what is around it."""
    found = _joined(kinds)
    found = _joined([b for b in found if b[0] != STAND or b[1] > SHORT_STOP_S])
    while (short := _shortest(found)) is not None:
        neighbour = found[short - 1] if short else found[1]
        found[short] = (neighbour[0], found[short][1])
        found = _joined(found)
    return found


def _joined(bouts: Sequence[Bout]) -> list[Bout]:
    return [(kind, sum(s for _, s in same)) for kind, same in groupby(bouts, key=lambda b: b[0])]


def _shortest(bouts: Sequence[Bout]) -> int | None:
    """Which bout is to be joined next: the shortest of those that are too short."""
    short = [(seconds, place) for place, (_, seconds) in enumerate(bouts) if seconds < SHORTEST_S]
    return min(short)[1] if short and len(bouts) > 1 else None
