"""Arithmetic on the samples of one recording: moving time, climb, best efforts, impossible jumps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from midsole.domain.activity import ON_FEET, Recording

Floats = NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
MOVING_M_PER_S = 0.5
LONGEST_GAP_S = 30.0
SPEED_WINDOW_S = 10.0
CLIMB_HYSTERESIS_M = 3.0
LOWEST_M, HIGHEST_M = -500.0, 9_000.0
"""Below the shore of the Dead Sea and above Everest nobody runs: FIT's own range begins at -500 m, too."""
NEAR_THE_SEA_M = 30.0
IMPOSSIBLE_M_PER_S = 12.0
"""Nobody runs faster: the 100 m world record peaks at 12.4 m/s (Bolt, Berlin 2009) for one second."""
SHORTEST_JUMP_M = 100.0
"""Less is a watch that finds its satellites again: 50 m in 3 s in a real run, whose total by laps stands."""
JUST_BEGUN_M = 100.0
"""Twenty seconds at the pace of a world record: a counter below has run since its recording began."""
EFFORTS_M = (1000, 5000, 10000, 21097, 42195)
BEST_WINDOW_S = 1800.0
UNSET_BYTE = 255


@dataclass(frozen=True, slots=True)
class Summary:
    """What the samples of one recording say.

    `observed_s` is the time between samples at most 30 s apart, `clean_m` their distance without jumps.
    """

    observed_s: float = 0.0
    clean_m: float = 0.0
    moving_s: float = 0.0
    ascent_m: float | None = None
    descent_m: float | None = None
    jump_m: float = 0.0
    best_30min_m_per_s: float | None = None
    fastest_s: Mapping[int, float] = field(default_factory=dict)
    speed_s: Mapping[int, float] = field(default_factory=dict)


UNMEASURABLE = 1e12
"""No time, place or distance is larger; what is, would overflow in a square."""

Row = tuple[float | None, ...]
"""One sample in the order of the columns of Samples."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The columns of one recording in the file's order; NaN is "not measured"; time_s counts from 1970."""

    time_s: Floats
    distance_m: Floats
    altitude_m: Floats
    lat_deg: Floats
    lon_deg: Floats
    heart_rate_bpm: Floats
    cadence_rpm: Floats
    segment: Floats

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        table = np.array(rows, dtype=np.float64).reshape(len(rows), 8)
        table[~(np.abs(table) < UNMEASURABLE)] = np.nan
        return cls(*(table[:, column] for column in range(8)))

    @classmethod
    def of_columns(cls, *columns: Floats) -> Self:
        """Take the columns in their order; without a last one, all samples are of one segment."""
        measured = [np.where(np.abs(column) < UNMEASURABLE, column, np.nan) for column in columns]
        return cls(*measured, *([np.zeros(columns[0].shape)] if len(columns) < 8 else []))

    def inside(self, since_s: float, until_s: float) -> NDArray[np.bool_]:
        """Say which samples lie in [since_s, until_s], a second more on both sides for rounded clocks."""
        found: NDArray[np.bool_] = (self.time_s >= since_s - 1) & (self.time_s <= until_s + 1)
        return found

    def where(self, chosen: NDArray[np.bool_]) -> Self:
        return type(self)(*(getattr(self, name)[chosen] for name in self.__slots__))

    @property
    def count(self) -> int:
        return int(self.time_s.size)

    def path_m(self) -> Floats:
        return path_m(self.lat_deg, self.lon_deg, self.segment)

    def counter_m(self) -> Floats:
        """Return the device's own distance, or the path between the fixes where it kept none."""
        return self.distance_m if np.isfinite(self.distance_m).any() else self.path_m()


def heart_rate(samples: Samples) -> tuple[int | None, int | None]:
    """Return mean and highest heart rate; 0 is a strap without contact, 255 a byte never set."""
    beats = samples.heart_rate_bpm[(samples.heart_rate_bpm > 0) & (samples.heart_rate_bpm < UNSET_BYTE)]
    return (round(float(beats.mean())), int(beats.max())) if beats.size else (None, None)


def with_summary(recording: Recording, samples: Samples) -> Recording:
    """Fill in what the samples tell and the device did not; moving time never exceeds the timer.

    Samples that cover less than half of the timer can't tell moving from standing: the timer stands for it.
    So it does for swimmers, whose counter moves once a length. A jump is cut out only of a distance that
    holds it: a session's own total may be sound where the records went astray.
    """
    if samples.count == 0:
        return recording
    summary = summarise(
        samples.time_s, samples.counter_m(), samples.altitude_m, on_foot=recording.sport in ON_FEET
    )
    told = summary.moving_s > 0 and summary.observed_s >= recording.timer_s / 2
    told = told and recording.sport != "swimming"
    has_ascent, has_descent = recording.ascent_m is not None, recording.descent_m is not None
    return replace(
        recording,
        moving_s=min(summary.moving_s, recording.timer_s) if told else recording.timer_s,
        ascent_m=recording.ascent_m if has_ascent else summary.ascent_m,
        descent_m=recording.descent_m if has_descent else summary.descent_m,
        jump_m=summary.jump_m if recording.distance_m > summary.clean_m + summary.jump_m / 2 else 0.0,
        best_30min_m_per_s=summary.best_30min_m_per_s,
        fastest_s=summary.fastest_s,
        speed_s=summary.speed_s,
    )


def both_feet(sport: str, strides_per_min: float | None) -> float | None:
    """Return the steps a minute of a runner or walker; a device counts one foot, so strides are doubled.

    Above 120 the file counts both feet already: no one makes 240 steps a minute for a whole run.
    """
    if sport not in ON_FEET or not strides_per_min or strides_per_min <= 0:
        return None
    return round(strides_per_min if strides_per_min > 120 else strides_per_min * 2, 1)


def steps_from_cadence(sport: str, strides_per_min: float | None, timer_s: float) -> int | None:
    per_min = both_feet(sport, strides_per_min)
    return None if per_min is None else plausible_steps(round(per_min * timer_s / 60), timer_s)


def plausible_steps(steps: int, timer_s: float) -> int | None:
    """Return the steps unless there were more than five a second, which is an unset or misread field."""
    return steps if 0 < steps <= 5 * timer_s else None


def summarise(time_s: Floats, distance_m: Floats, altitude_m: Floats, *, on_foot: bool) -> Summary:
    """Summarise samples given in the file's order; NaN is "not measured", time may repeat or run backwards.

    Moving time is the time between samples at most 30 s apart in which the speed, taken over the ten seconds
    around it, was 0.5 m/s or more (a slow walk): a gap says nothing about what the runner did in it.
    Jumps are looked for only where the runner was on foot; they are cut out of the best efforts.
    """
    ascent_m, descent_m = climb(time_s, altitude_m)
    time, distance = in_order(time_s, distance_m)
    if time.size < 2:
        return Summary(ascent_m=ascent_m, descent_m=descent_m)
    steps, jumped = _steps(time, distance, on_foot=on_foot)
    clean = np.concatenate(([0.0], np.cumsum(np.where(jumped, 0.0, steps))))
    gaps = np.diff(time)
    observed = gaps <= LONGEST_GAP_S
    speed = speeds(time, clean)
    moving = observed & ~jumped & (speed >= MOVING_M_PER_S)
    return Summary(
        observed_s=float(gaps[observed].sum()),
        clean_m=float(clean[-1]),
        moving_s=float(gaps[moving].sum()),
        ascent_m=ascent_m,
        descent_m=descent_m,
        jump_m=float(steps[jumped].sum()),
        best_30min_m_per_s=best_m_per_s(time, clean, BEST_WINDOW_S),
        fastest_s=_fastest(time, clean),
        speed_s=_histogram(speed[moving], gaps[moving]),
    )


def in_order(time_s: Floats, value: Floats) -> tuple[Floats, Floats]:
    """Sort by time, drop what is not finite; of samples at one instant the last is kept."""
    known = np.isfinite(time_s) & np.isfinite(value)
    time, kept = time_s[known], value[known]
    order = np.argsort(time, kind="stable")
    time, kept = time[order], kept[order]
    last = np.append(time[1:] > time[:-1], True) if time.size else np.zeros(0, dtype=bool)
    return time[last], kept[last]


def haversine_m(lat_deg: Floats, lon_deg: Floats) -> Floats:
    """Return the n - 1 great-circle steps between n points."""
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    half_lat, half_lon = np.sin(np.diff(lat) / 2), np.sin(np.diff(lon) / 2)
    chord = half_lat**2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * half_lon**2
    steps: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return steps


def path_m(lat_deg: Floats, lon_deg: Floats, segment: Floats | None = None) -> Floats:
    """Return the distance covered up to each point; NaN without a fix, nothing gained between segments.

    No fix is at 0, 0, where devices put what they do not know, nor off the globe.
    """
    known = (np.abs(lat_deg) <= 90) & (np.abs(lon_deg) <= 180) & ((lat_deg != 0) | (lon_deg != 0))
    path = np.full(lat_deg.shape, np.nan)
    if not known.any():
        return path
    steps = haversine_m(lat_deg[known], lon_deg[known])
    if segment is not None:
        steps = np.where(np.diff(segment[known]) == 0, steps, 0.0)
    path[known] = np.concatenate(([0.0], np.cumsum(steps)))
    return path


def longest_m(path: Floats) -> float:
    """Return how far a path went in all; 0 without a fix."""
    return float(path[path >= 0].max(initial=0.0))


def mean_above_0(column: Floats) -> float | None:
    """Return the mean of what was measured: 0 is a sensor that saw nothing."""
    measured = column[column > 0]
    return float(measured.mean()) if measured.size else None


def covered_m(distance_m: Floats) -> float:
    """Return the distance a counter covered, in the file's order.

    One first seen below 100 m began at 0, a little before the first sample; a later leg's goes on from the
    leg before. A fall by more than half is a reset (distance restarts with each leg of a triathlon); a
    smaller one is noise (a virtual ride went back 506 times), so between resets only the highest value
    counts.
    """
    known = distance_m[np.isfinite(distance_m)]
    if known.size == 0:
        return 0.0
    parts = np.split(known, resets(known))
    rest = sum(float(part.max()) for part in parts[1:])
    begins_m = float(parts[0][0]) if parts[0][0] >= JUST_BEGUN_M else 0.0
    return float(parts[0].max()) - begins_m + rest


def resets(counter_m: Floats) -> NDArray[np.intp]:
    """Return where a counter began anew: it fell by more than half and stayed there (one value is a slip)."""
    fell = counter_m[1:] < counter_m[:-1] / 2
    stayed = np.append(counter_m[2:] < counter_m[:-2] / 2, True)[: fell.size]
    return np.flatnonzero(fell & stayed) + 1


def _without_resets(counter_m: Floats) -> Floats:
    """Return the counter as if it had gone on where it began anew; it never falls."""
    before = np.zeros(counter_m.shape)
    anew = resets(counter_m)
    before[anew] = counter_m[anew - 1]
    whole: Floats = np.maximum.accumulate(counter_m + np.cumsum(before))
    return whole


def climb(time_s: Floats, altitude_m: Floats) -> tuple[float | None, float | None]:
    """Return ascent and descent; changes below 3 m are a barometer's or a satellite's noise.

    A loop, because each step depends on where the last one ended; 3,600 samples take half a millisecond.
    """
    altitude = _measured(in_order(time_s, altitude_m)[1])
    if altitude.size < 2:
        return None, None
    anchor, up, down = float(altitude[0]), 0.0, 0.0
    for height in altitude.tolist():
        if height - anchor >= CLIMB_HYSTERESIS_M:
            up, anchor = up + height - anchor, height
        elif anchor - height >= CLIMB_HYSTERESIS_M:
            down, anchor = down + anchor - height, height
    return up, down


def _measured(altitude_m: Floats) -> Floats:
    """Return the altitudes that can be: where none comes near the sea, 0 is a field never set (Suunto)."""
    possible = altitude_m[(altitude_m > LOWEST_M) & (altitude_m < HIGHEST_M)]
    others = possible[possible != 0]
    return others if others.size and np.abs(others).min() > NEAR_THE_SEA_M else possible


def speeds(time_s: Floats, distance_m: Floats) -> Floats:
    """Return the speed of each step over the ten seconds around it: some counters move seldom."""
    middle = (time_s[1:] + time_s[:-1]) / 2
    half = np.maximum(SPEED_WINDOW_S, np.diff(time_s)) / 2
    since = np.maximum(middle - half, time_s[0])
    until = np.minimum(middle + half, time_s[-1])
    gained = np.interp(until, time_s, distance_m) - np.interp(since, time_s, distance_m)
    speed: Floats = gained / np.maximum(until - since, 1e-9)
    return speed


def fastest_s(time_s: Floats, distance_m: Floats, target_m: float) -> float | None:
    """Return the best time over a distance; time increases, distance never falls.

    The best stretch begins or ends at a sample, for distance is linear between two; both are tried.
    """
    if time_s.size < 2 or distance_m[-1] - distance_m[0] < target_m:
        return None
    forward = _times_to_cover(time_s, distance_m, target_m)
    backward = _times_to_cover(time_s[-1] - time_s[::-1], distance_m[-1] - distance_m[::-1], target_m)
    best = float(min(forward.min(initial=np.inf), backward.min(initial=np.inf)))
    return best if np.isfinite(best) and best > 0 else None


def best_m_per_s(time_s: Floats, distance_m: Floats, window_s: float) -> float | None:
    """Return the best mean speed over any window, pauses included; None when all of it is shorter."""
    if time_s.size < 2 or time_s[-1] - time_s[0] < window_s:
        return None
    starts = np.concatenate((time_s, time_s - window_s))
    starts = starts[(starts >= time_s[0]) & (starts + window_s <= time_s[-1])]
    if starts.size == 0:
        return None
    gained = np.interp(starts + window_s, time_s, distance_m) - np.interp(starts, time_s, distance_m)
    return float(gained.max() / window_s)


def _times_to_cover(time_s: Floats, distance_m: Floats, target_m: float) -> Floats:
    goals = distance_m + target_m
    reachable = goals <= distance_m[-1]
    goals, starts = goals[reachable], time_s[reachable]
    after = np.maximum(np.searchsorted(distance_m, goals, side="left"), 1)
    before = after - 1
    width = distance_m[after] - distance_m[before]
    share = np.where(width > 0, (goals - distance_m[before]) / np.where(width > 0, width, 1.0), 1.0)
    times: Floats = time_s[before] + share * (time_s[after] - time_s[before]) - starts
    return times


def _steps(time_s: Floats, distance_m: Floats, *, on_foot: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the metres gained in each step and which of them belong to a jump.

    A jump is a row of steps, each above 12 m/s, of 100 m together: shorter ones are a satellite's hiccup.
    """
    steps = np.diff(_without_resets(distance_m))
    fast = (steps > IMPOSSIBLE_M_PER_S * np.diff(time_s)) & on_foot
    group = np.cumsum(np.concatenate(([True], fast[1:] != fast[:-1]))) - 1
    together = np.bincount(group, weights=np.where(fast, steps, 0.0))[group]
    return steps, fast & (together >= SHORTEST_JUMP_M)


def _fastest(time_s: Floats, distance_m: Floats) -> dict[int, float]:
    best = {metres: fastest_s(time_s, distance_m, metres) for metres in EFFORTS_M}
    return {metres: round(seconds, 1) for metres, seconds in best.items() if seconds is not None}


def _histogram(speed_m_per_s: Floats, seconds: Floats) -> dict[int, float]:
    if speed_m_per_s.size == 0:
        return {}
    bins = np.floor(np.minimum(speed_m_per_s, 100.0) * 10 + 1e-9).astype(np.int64)
    totals = np.bincount(bins, weights=seconds)
    return {int(place): round(float(totals[place]), 1) for place in np.flatnonzero(totals)}
