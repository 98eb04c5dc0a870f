"""FIT segments become recordings: each session one, with a distance, sport and time that can be trusted."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from midsole.decode.base import Lap, Leg
from midsole.decode.bounds import moment
from midsole.decode.fit.parts import DAY_S, Fields, Part, number, part_of, percent, positive, whole
from midsole.decode.fit.profile import FIT_EPOCH_S, SEMICIRCLE_DEG
from midsole.decode.fit.reading import looks_like_fit, read
from midsole.decode.fit.segment import Floats
from midsole.decode.fit.sports import MULTISPORT, TRANSITION, sport_of, surface_of
from midsole.decode.where import NOWHERE, Where, first_fix, where
from midsole.domain.activity import ON_FEET, Recording
from midsole.domain.errors import BadInput, NotAnActivity
from midsole.domain.samples import (
    Samples,
    both_feet,
    covered_m,
    heart_rate,
    longest_m,
    mean_above_0,
    plausible_steps,
    steps_from_cadence,
    with_summary,
)

ACTIVITY_FILE = 4
FILE_KINDS = {2: "settings", 3: "sport settings", 5: "workout", 6: "course", 7: "schedules", 9: "weight"} | {
    10: "totals",
    11: "goals",
    14: "blood pressure",
    15: "monitoring",
    20: "activity summary",
    28: "monitoring",
    32: "monitoring",
    34: "segment",
}
LOCAL_TIME_STEP_S = 900
LARGEST_OFFSET_S = 15 * 3600
POD_SPORTS = ON_FEET | {"unknown"}
"""A foot pod that the watch heard of on a ride was on no pedal."""
LATE_START_S = 300.0
"""Records come at most so long before their session's start; a start in another zone comes hours later."""


class FitDecoder:
    name = "fit"
    version = 4

    def sniff(self, head: bytes) -> bool:
        return looks_like_fit(head)

    def decode(self, raw: bytes) -> list[Recording]:
        return [leg.recording for leg in self.legs(raw)]

    def legs(self, raw: bytes) -> Iterator[Leg]:
        """The same recordings, each with what it was made of."""
        parts = [part_of(segment) for segment in read(raw)]
        number_of_leg = -1
        for number_of_leg, leg in enumerate(leg for part in parts for leg in _legs_of(part)):
            yield replace(leg, recording=replace(leg.recording, leg=number_of_leg))
        if number_of_leg < 0:
            raise _nothing_in(parts)


def _nothing_in(parts: list[Part]) -> BadInput:
    kinds = [part.file_type for part in parts if part.file_type is not None]
    others = [FILE_KINDS.get(kind, f"type {kind}") for kind in kinds if kind != ACTIVITY_FILE]
    if others and len(others) == len(kinds):
        return NotAnActivity(f"A FIT file, but not of an activity ({others[0]}).")
    damage = next((part.damage for part in parts if part.damage), None)
    if damage:
        return BadInput(
            f"The FIT file is broken and nothing before the damage tells of an activity: {damage}."
        )
    return BadInput("The FIT file holds neither a session nor records with times.")


def _legs_of(part: Part) -> Iterator[Leg]:
    if part.file_type not in (None, ACTIVITY_FILE):
        return
    if part.sessions:
        for session in _run_through(part.sessions):
            yield _of_session(part, session, alone=len(part.sessions) == 1)
    elif part.samples.count >= 2:
        yield _of_session(part, _session_of_records(part.samples), alone=True)
    elif session := _session_of_laps(part.laps):
        yield _of_session(part, session, alone=True)


def _run_through(sessions: list[Fields]) -> list[Fields]:
    """The sessions without transitions, and without the one that spans a multisport's legs."""
    without = {TRANSITION} if len(sessions) == 1 else {TRANSITION, MULTISPORT}
    return [session for session in sessions if session.get("sport") not in without]


def _session_of_records(samples: Samples) -> Fields:
    """Its start is the first record's, its end the last one's."""
    start_s, end_s = float(samples.time_s.min()), float(samples.time_s.max())
    return {"start_time": start_s - FIT_EPOCH_S, "total_elapsed_time": end_s - start_s}


def _session_of_laps(laps: list[Fields]) -> Fields:
    """A file that broke off before its session may still have laps; empty where they tell no time."""
    told = [
        lap for lap in laps if number(lap, "start_time") is not None and positive(lap, "total_timer_time")
    ]
    if not told:
        return {}
    sums = ("total_elapsed_time", "total_timer_time")
    return {"start_time": told[0]["start_time"]} | {n: sum(positive(lap, n) for lap in told) for n in sums}


def _of_session(part: Part, session: Fields, *, alone: bool) -> Leg:
    start_s, end_s = _span(session, part.samples, alone=alone)
    inside = part.samples.inside(start_s, end_s)
    if alone and np.count_nonzero(inside) < 2:
        inside = np.ones(part.samples.count, dtype=bool)
    samples = part.samples.where(inside)
    timer_s, elapsed_s = _durations(session, samples, end_s - start_s)
    told = [*part.sports, *part.laps[:1]]
    sport = sport_of(session, told, part.file_id)
    mean_bpm, max_bpm = heart_rate(samples)
    laps = _laps(part, session, alone=alone)
    distance_m, distance_from = _distance(laps, session, samples)
    cadence_rpm = _cadence_rpm(session, samples)
    start_lat, start_lon = _start(session, samples)
    recording = Recording(
        leg=0,
        sport=sport,
        surface=surface_of(session, told),
        started_at=moment(start_s),
        distance_m=distance_m,
        distance_from=distance_from,
        timer_s=timer_s,
        moving_s=timer_s,
        elapsed_s=elapsed_s,
        utc_offset_s=_utc_offset_s(part),
        ascent_m=number(session, "total_ascent"),
        descent_m=number(session, "total_descent"),
        steps=_steps(session, sport, cadence_rpm, timer_s),
        cadence_spm=both_feet(sport, cadence_rpm),
        stance_time_ms=_mean(session, "avg_stance_time", part.stance_time_ms[inside]),
        vertical_oscillation_mm=_mean(
            session, "avg_vertical_oscillation", part.vertical_oscillation_mm[inside]
        ),
        start_lat=start_lat,
        start_lon=start_lon,
        foot_pod=part.foot_pod if sport in POD_SPORTS else None,
        heart_rate_mean_bpm=whole(session, "avg_heart_rate") or mean_bpm,
        heart_rate_max_bpm=whole(session, "max_heart_rate") or max_bpm,
        rpe=None if (rpe := percent(session, "workout_rpe")) is None else rpe / 10,
        feel=percent(session, "workout_feel"),
        device=part.device,
        recovered=part.damage is not None,
    )
    return Leg(with_summary(recording, samples), samples, laps)


def _start(session: Fields, samples: Samples) -> Where:
    """Return where the session says that it began, else the first fix in it."""
    lat, lon = number(session, "start_position_lat"), number(session, "start_position_long")
    if lat is None or lon is None:
        return first_fix(samples)
    told = where(lat * SEMICIRCLE_DEG, lon * SEMICIRCLE_DEG)
    return first_fix(samples) if told == NOWHERE else told


def _span(session: Fields, samples: Samples, *, alone: bool) -> tuple[float, float]:
    """Return the session's first and last instant, in seconds from 1970.

    A start never set, or one that the records of the only session contradict, falls back on them.
    """
    elapsed_s = max(positive(session, "total_elapsed_time"), positive(session, "total_timer_time"))
    start, end = number(session, "start_time"), number(session, "timestamp")
    start_s = (max(end or 0.0, elapsed_s) - elapsed_s if start is None else start) + FIT_EPOCH_S
    if samples.count and alone and (start is None or _is_elsewhere(start_s, elapsed_s, samples)):
        start_s = float(samples.time_s[0])
    if elapsed_s > 0:
        return start_s, start_s + elapsed_s
    last_s = float(samples.time_s.max()) if samples.count else start_s
    return start_s, max(last_s if end is None else end + FIT_EPOCH_S, start_s)


def _is_elsewhere(start_s: float, elapsed_s: float, samples: Samples) -> bool:
    """Whether records came well before the start, or only after the end."""
    first_s = float(samples.time_s.min())
    return start_s > first_s + LATE_START_S or start_s + elapsed_s + DAY_S < first_s


def _durations(session: Fields, samples: Samples, span_s: float) -> tuple[float, float]:
    """Return timer and elapsed time. A timer above the elapsed time that the records cover was swapped.

    Days that the records know nothing of are a clock gone wrong.
    """
    recorded_s = float(np.ptp(samples.time_s)) if samples.count else 0.0
    elapsed_s = _believed_s(positive(session, "total_elapsed_time"), recorded_s)
    timer_s = _believed_s(positive(session, "total_timer_time"), recorded_s)
    if 0 < elapsed_s < timer_s and abs(recorded_s - timer_s) < abs(recorded_s - elapsed_s):
        elapsed_s, timer_s = timer_s, elapsed_s
    timer_s = timer_s or elapsed_s or max(span_s, 0.0)
    return timer_s, max(elapsed_s, timer_s)


def _believed_s(told_s: float, recorded_s: float) -> float:
    return recorded_s if told_s > DAY_S and 0 < recorded_s < told_s / 2 else told_s


def _distance(laps: tuple[Lap, ...], session: Fields, samples: Samples) -> tuple[float, str]:
    """Return the session's distance where it has one (0 often means unknown), else the next best.

    Laps that fall short of the records by a tenth are incomplete: a file cut off lacks its last one.
    """
    if (told := positive(session, "total_distance")) > 0:
        return told, "session"
    laps_m, records_m = sum(lap.distance_m for lap in laps), covered_m(samples.distance_m)
    if laps_m > 0 and laps_m >= 0.9 * records_m:
        return laps_m, "laps"
    if records_m > 0:
        return records_m, "records"
    path_m = longest_m(samples.path_m())
    return (path_m, "gps") if path_m > 0 else (0.0, "none")


def _laps(part: Part, session: Fields, *, alone: bool) -> tuple[Lap, ...]:
    laps = part.laps
    if not alone:
        start = number(session, "start_time") or 0.0
        end = start + positive(session, "total_elapsed_time")
        laps = [lap for lap in laps if start <= (number(lap, "start_time") or -1.0) < end]
    return tuple(_lap(lap) for lap in laps)


def _lap(lap: Fields) -> Lap:
    begun, elapsed_s = number(lap, "start_time"), positive(lap, "total_elapsed_time")
    ended_s = begun + elapsed_s + FIT_EPOCH_S if begun is not None and elapsed_s else None
    return Lap(positive(lap, "total_distance"), ended_s)


def _cadence_rpm(session: Fields, samples: Samples) -> float | None:
    """Return the mean of one foot or pedal, as devices count."""
    if (mean := positive(session, "avg_cadence")) > 0:
        return mean + (number(session, "avg_fractional_cadence") or 0.0)
    return mean_above_0(samples.cadence_rpm)


def _steps(session: Fields, sport: str, cadence_rpm: float | None, timer_s: float) -> int | None:
    """Return the steps: on foot, total_cycles are strides, two steps each."""
    both = both_feet(sport, positive(session, "total_cycles") / max(timer_s, 1) * 60)
    counted = plausible_steps(round(positive(session, "total_cycles") * 2), timer_s) if both else None
    return counted if counted is not None else steps_from_cadence(sport, cadence_rpm, timer_s)


def _mean(session: Fields, name: str, column: Floats) -> float | None:
    if (told := positive(session, name)) > 0:
        return round(told, 1)
    measured = mean_above_0(column)
    return None if measured is None else round(measured, 1)


def _utc_offset_s(part: Part) -> int | None:
    """Return local time minus UTC, to the quarter of an hour; beyond 15 h one of the clocks was not set."""
    for fields in part.activities:
        at, local = number(fields, "timestamp"), number(fields, "local_timestamp")
        if at is not None and local is not None and abs(local - at) <= LARGEST_OFFSET_S:
            return round((local - at) / LOCAL_TIME_STEP_S) * LOCAL_TIME_STEP_S
    return None
