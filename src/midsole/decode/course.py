"""How far one leg of a file had come by the end of each lap, and by each second."""

from dataclasses import dataclass, replace

import numpy as np

from midsole.decode.base import Leg
from midsole.decode.bounds import bounded
from midsole.decode.fit import FitDecoder
from midsole.decode.formats import decoder_of
from midsole.decode.gpx import GpxDecoder
from midsole.decode.registry import distinct, unpacked
from midsole.decode.tcx import TcxDecoder
from midsole.decode.unpack import HEAD_BYTES
from midsole.domain.errors import BadInput
from midsole.domain.samples import JUST_BEGUN_M, Floats, covered_m, in_order, resets

SAME_SHARE = 0.05
"""Laps and points that differ from the total by less measured the same ground, and are fitted to it."""
TIMED_SHARE = 0.95
SHORTEST_M = 1.0
"""Less is no way to lay a run out along."""

type Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Course:
    """Metres since the start of the leg, `total_m` at its end, at the end of each lap and at points in time.

    Time counts from the leg's start, pauses included. Either may be empty where the file does not tell it.
    """

    total_m: float
    lap_ends_m: tuple[float, ...]
    points: tuple[Point, ...]

    @property
    def lasts_s(self) -> float:
        return self.points[-1][0] if self.points else 0.0

    def at_s(self, seconds: float) -> float:
        """Return how far it had come after so much time. Raises BadInput where no distance is timed."""
        if not self.points:
            raise BadInput("Its file does not tell how far it was at which time.")
        times_s, along_m = zip(*self.points, strict=True)
        return float(np.interp(seconds, times_s, along_m))

    def at_lap(self, number: int) -> float:
        """Return how far it had come when this lap ended, the first being 1. Raises BadInput without it."""
        if not self.lap_ends_m:
            raise BadInput("Its file tells no laps.")
        if not 1 <= number <= len(self.lap_ends_m):
            raise BadInput(f"Its file has no lap {number}, only 1 to {len(self.lap_ends_m)}.")
        return self.lap_ends_m[number - 1]


def course(raw: bytes, leg: int) -> Course:
    """Read the course of one leg. Raises BadInput where the file has none."""
    found = _leg(raw, leg)
    total_m = found.recording.distance_m
    if total_m < SHORTEST_M:
        raise BadInput("Its file tells no distance.")
    if found.recording.jump_m > 0:
        raise BadInput("The distance in its file jumps.")
    points = _points(found)
    return Course(total_m, _lap_ends_m(found, points), points)


def timed(raw: bytes, leg: int) -> tuple[Point, ...]:
    """Seconds and metres since the start, by its samples, else by the ends of its laps.

    Raises BadInput where the file tells neither."""
    found = _leg(raw, leg)
    points = _points(found) or _lap_points(found)
    if len(points) < 2:
        raise BadInput("Its file does not tell how far it was at which time.")
    return points


def _lap_points(leg: Leg) -> tuple[Point, ...]:
    """Empty where a lap has no end; a single one tells no more than the whole."""
    start_s = leg.recording.started_at.timestamp()
    ends_s = [lap.ended_s - start_s for lap in leg.laps if lap.ended_s is not None]
    ends_m = np.cumsum([lap.distance_m for lap in leg.laps]).tolist()
    if len(ends_s) < max(2, len(leg.laps)) or ends_s != sorted(ends_s) or ends_s[0] <= 0:
        return ()
    return ((0.0, 0.0), *zip(ends_s, ends_m, strict=True))


def _leg(raw: bytes, number: int) -> Leg:
    """Return the leg with the number that `registry.decode` gave to its recording."""
    raw = unpacked(raw)
    decoder = decoder_of(raw[:HEAD_BYTES])
    if not isinstance(decoder, FitDecoder | TcxDecoder | GpxDecoder):
        raise BadInput("It was recorded without laps and without a track.")
    legs = [replace(leg, recording=bounded(leg.recording)) for leg in decoder.legs(raw)]
    places = distinct([leg.recording for leg in legs])
    if not 0 <= number < len(places):
        raise BadInput(f"The file has no leg {number}.")
    return legs[places[number]]


def _points(leg: Leg) -> tuple[Point, ...]:
    """Return times and metres that never fall, from the start to the whole distance.

    A treadmill's counter is corrected when the run is over, and a path by satellite is longer than a foot
    pod's: what was timed from start to end is fitted to the whole. Empty where a part was not timed.
    """
    time_s, counter_m = in_order(leg.samples.time_s, _counter_m(leg))
    if time_s.size < 2 or covered_m(counter_m) < SHORTEST_M:
        return ()
    along_m, elapsed_s = _climbing_m(counter_m), time_s - leg.recording.started_at.timestamp()
    fits = leg.recording.distance_m / float(along_m[-1])
    if abs(fits - 1) > SAME_SHARE and elapsed_s[-1] < TIMED_SHARE * leg.recording.elapsed_s:
        return ()
    later = elapsed_s > 0
    times_s, metres = [0.0, *elapsed_s[later].tolist()], [0.0, *(along_m[later] * fits).tolist()]
    return tuple(zip(times_s, metres, strict=True))


def _counter_m(leg: Leg) -> Floats:
    """Return the path where the recording's distance came from it, or where no counter rose.

    A counter below 0 has not begun."""
    samples = leg.samples
    by_path = leg.recording.distance_from == "gps" or covered_m(samples.distance_m) < SHORTEST_M
    return samples.path_m() if by_path else np.maximum(samples.distance_m, 0.0)


def _climbing_m(counter_m: Floats) -> Floats:
    """Return the counter from 0 on, as if it had never fallen nor begun anew."""
    parts = np.split(counter_m, resets(counter_m))
    begins_m = float(counter_m[0]) if counter_m[0] >= JUST_BEGUN_M else 0.0
    ends_m = np.cumsum([-begins_m, *(float(part.max()) for part in parts[:-1])])
    return np.concatenate(
        [end_m + np.maximum.accumulate(part) for end_m, part in zip(ends_m, parts, strict=True)]
    )


def _lap_ends_m(leg: Leg, points: tuple[Point, ...]) -> tuple[float, ...]:
    """Return where the laps ended: by their own metres; where these can't be, by the points then."""
    total_m, told_m = leg.recording.distance_m, sum(lap.distance_m for lap in leg.laps)
    if not SHORTEST_M <= told_m <= (1 + SAME_SHARE) * total_m:
        return _lap_ends_by_time_m(leg, points)
    fits = total_m / told_m if told_m >= (1 - SAME_SHARE) * total_m else 1.0
    return tuple((np.cumsum([lap.distance_m for lap in leg.laps]) * fits).tolist())


def _lap_ends_by_time_m(leg: Leg, points: tuple[Point, ...]) -> tuple[float, ...]:
    total_m, start_s = leg.recording.distance_m, leg.recording.started_at.timestamp()
    ends_s = [lap.ended_s for lap in leg.laps[:-1] if lap.ended_s is not None]
    if not points or not leg.laps or len(ends_s) < len(leg.laps) - 1 or ends_s != sorted(ends_s):
        return ()
    by_time = Course(total_m, (), points)
    return (*(min(by_time.at_s(end_s - start_s), total_m) for end_s in ends_s), total_m)
