"""What Midsole looks at in one FIT segment: its few messages by name and its records as samples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from midsole.decode.fit import profile
from midsole.decode.fit.devices import device_name, foot_pod
from midsole.decode.fit.segment import Floats, Segment
from midsole.domain.errors import BadInput
from midsole.domain.samples import UNMEASURABLE, Samples

UPTIME_S = 0x1000_0000
"""A date_time below it counts from when the device was switched on (FIT profile, type date_time)."""
DAY_S = 86_400.0
MOST_SESSIONS = 100
DISTANCE, HEART_RATE, CADENCE, STANCE_TIME, OSCILLATION = 5, 3, 4, 41, 39
SESSION_DISTANCES = frozenset({9, DISTANCE})
"""total_distance; a Connect IQ field of a rower's session names the record's distance instead."""
LAT, LON, ALTITUDE, ENHANCED_ALTITUDE = 0, 1, 2, 78
BODY = (HEART_RATE, CADENCE, STANCE_TIME, OSCILLATION)
USED = (profile.TIMESTAMP, LAT, LON, ALTITUDE, ENHANCED_ALTITUDE, DISTANCE, *BODY)

type Fields = dict[str, float | str]


@dataclass(frozen=True, slots=True)
class Part:
    """What Midsole looks at in one segment; columns are as long as its timed records."""

    file_id: Fields
    sessions: list[Fields]
    laps: list[Fields]
    sports: list[Fields]
    activities: list[Fields]
    device: str | None
    foot_pod: str | None
    damage: str | None
    samples: Samples
    stance_time_ms: Floats
    vertical_oscillation_mm: Floats

    @property
    def file_type(self) -> int | None:
        return int(told) if (told := number(self.file_id, "type")) is not None else None


def part_of(segment: Segment) -> Part:
    file_ids = segment.messages(profile.FILE_ID)
    file_id = file_ids[0] if file_ids else {}
    devices = segment.messages(profile.DEVICE_INFO)
    samples, stance_time_ms, vertical_oscillation_mm = _samples(segment)
    return Part(
        file_id,
        _sessions(segment),
        segment.messages(profile.LAP),
        segment.messages(profile.SPORT),
        segment.messages(profile.ACTIVITY),
        device_name(file_id, devices),
        foot_pod(devices),
        segment.error,
        samples,
        stance_time_ms,
        vertical_oscillation_mm,
    )


def _sessions(segment: Segment) -> list[Fields]:
    """The sessions; a developer field that stands for the distance fills in where that is missing or 0."""
    if segment.count(profile.SESSION) > MOST_SESSIONS:
        raise BadInput(f"The FIT file has more than {MOST_SESSIONS} sessions: no recording has.")
    sessions = segment.messages(profile.SESSION)
    told = segment.developer_column(profile.SESSION, SESSION_DISTANCES, "m")
    for session, distance_m in zip(sessions, told.tolist(), strict=True):
        if distance_m > 0 and not positive(session, "total_distance"):
            session["total_distance"] = distance_m
    return sessions


def _samples(segment: Segment) -> tuple[Samples, Floats, Floats]:
    column = segment.columns(profile.RECORD, USED)
    enhanced, plain = column[ENHANCED_ALTITUDE], column[ALTITUDE]
    times = column[profile.TIMESTAMP]
    distance = _distance_m(segment, column[DISTANCE])
    kept = _trusted(times, believed=segment.error is None and segment.count(profile.SESSION) > 0)
    samples = Samples.of_columns(
        times[kept] + profile.FIT_EPOCH_S,
        distance[kept],
        np.where(np.isnan(enhanced), plain, enhanced)[kept],
        column[LAT][kept] * profile.SEMICIRCLE_DEG,
        column[LON][kept] * profile.SEMICIRCLE_DEG,
        column[HEART_RATE][kept],
        column[CADENCE][kept],
    )
    return samples, column[STANCE_TIME][kept], column[OSCILLATION][kept]


def _trusted(times: Floats, *, believed: bool) -> NDArray[np.int64]:
    """Return which records to look at: those with a time that is none of a moment's nonsense.

    Records timed by the device's uptime before its clock was set are left out where others have a date. Where
    the file is damaged, or no session says when it was, only those within a day of the longest row of records
    without a leap of a day are looked at: what follows a damage looks like data (a timestamp in 2075).
    """
    kept = np.flatnonzero(np.abs(times) < UNMEASURABLE)
    dated = kept[times[kept] >= UPTIME_S]
    kept = dated if dated.size else kept
    if believed or not kept.size:
        return kept
    rows = np.split(times[kept], np.flatnonzero(np.abs(np.diff(times[kept])) > DAY_S) + 1)
    longest = max(rows, key=len)
    near = (times[kept] >= longest.min() - DAY_S) & (times[kept] <= longest.max() + DAY_S)
    return kept[near]


def _distance_m(segment: Segment, native: Floats) -> Floats:
    """Return the device's counter; where it counted nothing, what stands for it."""
    if (native > 0).any():
        return native
    developed = segment.developer_column(profile.RECORD, frozenset({DISTANCE}), "m")
    return developed if (developed > 0).any() else _compressed_distance_m(segment, native)


def _compressed_distance_m(segment: Segment, missing: Floats) -> Floats:
    """Return the distance that old foot pods count in 12 bits of 1/16 m, which roll over at 256 m."""
    packed = segment.byte_column(profile.RECORD, profile.COMPRESSED_SPEED_DISTANCE, 3)
    valid = ~(packed == 0xFF).all(axis=1)
    counter = (packed[:, 1].astype(np.int64) >> 4) | packed[:, 2].astype(np.int64) << 4
    counted = counter[valid]
    distance = missing.copy()
    distance[valid] = np.cumsum(np.diff(counted, prepend=counted[:1]) & 0xFFF) / 16
    return distance


def number(fields: Fields, name: str) -> float | None:
    """Return the number; a file may write text where one belongs, or what nothing in the world can be."""
    value = fields.get(name)
    if value is None or isinstance(value, str) or not abs(value) < UNMEASURABLE:
        return None
    return float(value)


def positive(fields: Fields, name: str) -> float:
    value = number(fields, name)
    return value if value is not None and value > 0 else 0.0


def whole(fields: Fields, name: str) -> int | None:
    return int(positive(fields, name)) or None


def percent(fields: Fields, name: str) -> int | None:
    value = number(fields, name)
    return int(value) if value is not None and 0 <= value <= 100 else None
