"""What each run looks like as places on scales, so that runs can be counted by pair and place."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from midsole.domain.activity import SPORTS, SURFACES
from midsole.domain.guess_values import Seen

type Floats = NDArray[np.float64]
type Whole = NDArray[np.intp]
type Flags = NDArray[np.bool_]

LEAST = 1.0
"""Less than a metre or a second says nothing."""
ALONE = (1.0,)
NEAR = (0.06, 0.24, 0.40, 0.24, 0.06)
"""A run counts for the places beside its own, too: 9.8 km is much like 10.1 km."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Places 0 to `places` - 1; `place` gives None where the run says nothing."""

    name: str
    places: int
    place: Callable[[Seen], float | None]
    spread: tuple[float, ...] = NEAR
    round_trip: bool = False


def _kind_of_run(seen: Seen) -> float | None:
    if seen.sport not in SPORTS or seen.surface not in SURFACES:
        return None
    return SPORTS.index(seen.sport) * len(SURFACES) + SURFACES.index(seen.surface)


def _distance(seen: Seen) -> float | None:
    """Steps of a tenth, from 500 m to 150 km."""
    return math.log(seen.distance_m / 500) / 0.1 if seen.distance_m >= LEAST else None


def _speed(seen: Seen) -> float | None:
    """Steps of 3 %, from 1 m/s to 15 m/s."""
    if seen.distance_m < LEAST or seen.moving_s < LEAST:
        return None
    return math.log(seen.distance_m / seen.moving_s) / 0.03


def _climb(seen: Seen) -> float | None:
    """Metres up a kilometre; steps that widen."""
    if seen.ascent_m is None or seen.distance_m < LEAST:
        return None
    return 4 * math.log1p(max(0.0, seen.ascent_m) / (seen.distance_m / 1000))


def _steps_of(value: float | None, lowest: float, step: float) -> float | None:
    return None if value is None else (value - lowest) / step


SCALES = (
    Scale("kind", len(SPORTS) * len(SURFACES), _kind_of_run, ALONE),
    Scale("distance", 58, _distance),
    Scale("speed", 91, _speed),
    Scale("weekday", 7, lambda seen: seen.local_date.weekday(), ALONE),
    Scale("hour", 24, lambda seen: seen.hour, round_trip=True),
    Scale("race", 2, lambda seen: float(seen.is_race), ALONE),
    Scale("climb", 21, _climb),
    Scale("cadence", 60, lambda seen: _steps_of(seen.cadence_spm, 60, 2.5)),
    Scale("stance", 60, lambda seen: _steps_of(seen.stance_time_ms, 120, 5)),
    Scale("oscillation", 50, lambda seen: _steps_of(seen.vertical_oscillation_mm, 30, 2.5)),
)
FIRST = np.cumsum([0, *(scale.places for scale in SCALES)])
"""Where each scale begins in one row of counts; the last number is the length of that row."""


@dataclass(frozen=True, slots=True)
class Traits:
    """Of n runs: the place of each trait (n, scales), whether it is known, and the row to add (n, places)."""

    column: Whole
    known: Flags
    spread: Floats


def traits_of(runs: Sequence[Seen]) -> Traits:
    column = np.zeros((len(runs), len(SCALES)), dtype=np.intp)
    known = np.zeros((len(runs), len(SCALES)), dtype=np.bool_)
    spread = np.zeros((len(runs), int(FIRST[-1])))
    for n, scale in enumerate(SCALES):
        raw = [scale.place(seen) for seen in runs]
        known[:, n] = [value is not None and math.isfinite(value) for value in raw]
        values = np.where(known[:, n], np.array([value or 0.0 for value in raw]), 0.0)
        place = np.clip(np.floor(values), 0, scale.places - 1).astype(np.intp)
        column[:, n] = FIRST[n] + place
        _lay(spread, scale, int(FIRST[n]), place, known[:, n])
    return Traits(column, known, spread)


def _lay(spread: Floats, scale: Scale, first: int, place: Whole, known: Flags) -> None:
    rows = np.flatnonzero(known)
    for beside, part in enumerate(scale.spread, -(len(scale.spread) // 2)):
        there = place[rows] + beside
        there = there % scale.places if scale.round_trip else np.clip(there, 0, scale.places - 1)
        spread[rows, first + there] += part
