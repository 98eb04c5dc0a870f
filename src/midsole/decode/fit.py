"""FIT through fitparse: each session a recording, chained parts one by one, what came before damage kept."""

import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import isfinite

import numpy as np
from fitparse import FitFile, FitParseError
from fitparse import records as fitparse_records
from fitparse.processors import FitFileDataProcessor

from midsole.domain.activity import ON_FEET, Recording
from midsole.domain.errors import BadInput, NotAnActivity
from midsole.domain.samples import (
    Row,
    Samples,
    covered_m,
    heart_rate,
    plausible_steps,
    steps_from_cadence,
    with_summary,
)

FIT_EPOCH_S = 631_065_600
ACTIVITY_FILE = 4
FILE_ID, SPORT, SESSION, LAP, RECORD, ACTIVITY = 0, 12, 18, 19, 20, 34
WANTED = frozenset({FILE_ID, SPORT, SESSION, LAP, RECORD, ACTIVITY})
"""Message numbers of the FIT profile; the field numbers below are its, too."""
TIMESTAMP = 253
LOCAL_TIME_STEP_S = 900
LARGEST_OFFSET_S = 15 * 3600
SEMICIRCLE_DEG = 180 / 2**31

TRANSITION = 3
SPORTS = {1: "running", 2: "cycling", 5: "swimming", 11: "walking", 17: "hiking", 21: "cycling"}
"""Enum `sport`; 21 is e_biking. 0 (generic) and none are unknown, any other is another sport."""
SURFACES = {1: "treadmill", 2: "road", 3: "trail", 4: "track", 45: "treadmill", 58: "virtual"}
"""Enum `sub_sport`; 45 is indoor_running, 58 virtual_activity."""
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

FITPARSE_ERRORS = (
    FitParseError,
    struct.error,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    RecursionError,
    MemoryError,
    AssertionError,
)
"""What fitparse raises on bad bytes, by fuzzing (UnicodeDecodeError is a ValueError)."""

_one_at_a_time = threading.Lock()
"""fitparse keeps developer fields in a module global: threads would read each other's."""

Fields = dict[int, float]


class _RawValues(FitFileDataProcessor):  # type: ignore[misc]  # fitparse has no types
    """Leaves times as numbers: fitparse's own conversion is deprecated in Python 3.12 and slow."""

    def run_type_processor(self, field_data: object) -> None: ...

    def run_field_processor(self, field_data: object) -> None: ...

    def run_unit_processor(self, field_data: object) -> None: ...

    def run_message_processor(self, data_message: object) -> None: ...


@dataclass(slots=True)
class _Part:
    """What one segment of a chained file holds; `damage` says where reading ended early."""

    messages: dict[int, list[Fields]] = field(default_factory=lambda: {number: [] for number in WANTED})
    device: str | None = None
    damage: str | None = None
    rows: list[Row] = field(default_factory=list)

    @property
    def file_type(self) -> int | None:
        types = [int(fields[0]) for fields in self.messages[FILE_ID] if 0 in fields]
        return types[0] if types else None


class FitDecoder:
    name = "fit"
    version = 1

    def sniff(self, head: bytes) -> bool:
        return head[8:12] == b".FIT"

    def decode(self, raw: bytes) -> list[Recording]:
        parts = [_read(content, damage) for content, damage in _split(raw)]
        recordings = [recording for part in parts for recording in _recordings(part)]
        if recordings:
            return [replace(recording, leg=leg) for leg, recording in enumerate(recordings)]
        raise _nothing_in(parts)


def _nothing_in(parts: list[_Part]) -> BadInput:
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


def _split(raw: bytes) -> Iterator[tuple[bytes, str | None]]:
    """Yield the data of each chained part, with what is wrong about its frame.

    A part whose length says 0 was never closed (the watch died): the rest of the file is taken for its data.
    """
    place = 0
    while place < len(raw):
        header = raw[place : place + 12]
        if len(header) < 12 or header[8:12] != b".FIT" or header[0] < 12:
            if place == 0:
                raise BadInput("The FIT file has no sound header.")
            return
        start = place + header[0]
        size = int.from_bytes(header[4:8], "little")
        end = start + size if size else len(raw)
        yield raw[start:end], _frame_damage(raw, place, end, closed=size > 0)
        place = end + 2


def _frame_damage(raw: bytes, place: int, end: int, *, closed: bool) -> str | None:
    if not closed:
        return "the recording was never closed"
    if end + 2 > len(raw):
        return "the file was cut off"
    following = raw[end + 2 :]
    if following.strip(b"\0") and following[8:12] != b".FIT":
        return "rubbish follows the recording"
    return "the checksum is wrong" if _crc(raw[place : end + 2]) else None


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


CRC_TABLE = _crc_table()


def _crc(part: bytes) -> int:
    """Return 0 for a sound part with its CRC-16/ARC at the end."""
    crc, table = 0, CRC_TABLE
    for byte in part:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc


def _read(data: bytes, damage: str | None) -> _Part:
    """Read the messages that matter; fitparse gets a frame of our own, so only the data can be wrong."""
    part = _Part(damage=damage)
    frame = struct.pack("<BBHI4s", 12, 0x10, 2132, len(data), b".FIT") + data + b"\0\0"
    with _one_at_a_time:
        fitparse_records.DEV_TYPES.clear()
        try:
            with FitFile(frame, check_crc=False, data_processor=_RawValues()) as file:
                for message in file.get_messages(WANTED):
                    _note(part, message)
        except FITPARSE_ERRORS as error:
            part.damage = damage or str(error) or type(error).__name__
    part.rows = [_row(fields) for fields in part.messages[RECORD] if TIMESTAMP in fields]
    return part


def _note(part: _Part, message: fitparse_records.DataMessage) -> None:
    part.messages[message.mesg_num].append(_fields(message))
    if message.mesg_num == FILE_ID and part.device is None:
        part.device = _device(message)


def _fields(message: fitparse_records.DataMessage) -> Fields:
    """Return the finite numbers of a message by field number: enums raw, developer fields left aside."""
    fields: Fields = {}
    for data in message.fields:
        if isinstance(data.field_def, fitparse_records.DevFieldDefinition):
            continue
        value = data.value if isinstance(data.value, int | float) else data.raw_value
        if isinstance(value, int | float) and isfinite(value):
            fields[data.def_num] = value
    return fields


def _device(file_id: fitparse_records.DataMessage) -> str | None:
    names = {data.name: data.value for data in file_id.fields}
    maker = names.get("manufacturer")
    product = names.get("product_name") or names.get("garmin_product") or names.get("product")
    words = [_word(maker), _word(product)]
    return " ".join(word for word in words if word) or None


def _word(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return text.split("\0")[0].strip()


def _row(fields: Fields) -> Row:
    lat, lon = fields.get(0), fields.get(1)
    return (
        fields[TIMESTAMP] + FIT_EPOCH_S,
        fields.get(5),
        fields.get(78, fields.get(2)),
        None if lat is None else lat * SEMICIRCLE_DEG,
        None if lon is None else lon * SEMICIRCLE_DEG,
        fields.get(3),
        fields.get(4),
        0.0,
    )


def _recordings(part: _Part) -> list[Recording]:
    if part.file_type not in (None, ACTIVITY_FILE):
        return []
    samples = Samples.of(part.rows)
    sessions = [fields for fields in part.messages[SESSION] if fields.get(5) != TRANSITION]
    if part.messages[SESSION]:
        alone = len(part.messages[SESSION]) == 1
        return [_of_session(part, session, samples, alone=alone) for session in sessions]
    return [_of_records(part, samples)] if samples.count >= 2 else []


def _of_session(part: _Part, session: Fields, all_samples: Samples, *, alone: bool) -> Recording:
    start_s, end_s = _span(session, all_samples)
    samples = all_samples.between(start_s, end_s)
    if alone and samples.count < 2:
        samples = all_samples
    timer_s = _positive(session, 8) or _positive(session, 7) or max(end_s - start_s, 0.0)
    sport = _sport(session, part)
    mean_bpm, max_bpm = heart_rate(samples)
    distance_m, distance_from = _distance(part, session, samples, alone=alone)
    recording = Recording(
        leg=0,
        sport=sport,
        surface=SURFACES.get(int(session.get(6, 0)), "unknown"),
        started_at=_at(start_s),
        distance_m=distance_m,
        distance_from=distance_from,
        timer_s=timer_s,
        moving_s=timer_s,
        elapsed_s=max(_positive(session, 7) or 0.0, timer_s),
        utc_offset_s=_utc_offset_s(part),
        ascent_m=session.get(22),
        descent_m=session.get(23),
        steps=_steps(session, samples, sport, timer_s),
        heart_rate_mean_bpm=_whole(session, 16) or mean_bpm,
        heart_rate_max_bpm=_whole(session, 17) or max_bpm,
        rpe=session[193] / 10 if 0 <= session.get(193, -1) <= 100 else None,
        feel=int(session[192]) if 0 <= session.get(192, -1) <= 100 else None,
        device=part.device,
        recovered=part.damage is not None,
    )
    return with_summary(recording, samples)


def _of_records(part: _Part, samples: Samples) -> Recording:
    """Make a session of records that have none: its start is the first record's, its end the last one's."""
    start_s, end_s = float(samples.time_s.min()), float(samples.time_s.max())
    session: Fields = {2: start_s - FIT_EPOCH_S, 7: end_s - start_s}
    return _of_session(part, session, samples, alone=True)


def _span(session: Fields, samples: Samples) -> tuple[float, float]:
    """Return the session's first and last instant; a start never set falls back on what else is known."""
    elapsed_s = max(_positive(session, 7) or 0.0, _positive(session, 8) or 0.0)
    if 2 in session:
        start_s = session[2] + FIT_EPOCH_S
    elif samples.count:
        start_s = float(samples.time_s[0])
    else:
        start_s = session.get(TIMESTAMP, elapsed_s) - elapsed_s + FIT_EPOCH_S
    end_s = session[TIMESTAMP] + FIT_EPOCH_S if TIMESTAMP in session else start_s
    return start_s, start_s + elapsed_s if elapsed_s > 0 else max(end_s, start_s)


def _at(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def _positive(fields: Fields, number: int) -> float | None:
    value = fields.get(number, 0.0)
    return float(value) if value > 0 else None


def _whole(fields: Fields, number: int) -> int | None:
    value = _positive(fields, number)
    return None if value is None else int(value)


def _sport(session: Fields, part: _Part) -> str:
    told = [session, *part.messages[SPORT]]
    numbers = [
        int(fields[place])
        for fields, place in zip(told, [5] + [0] * len(told), strict=False)
        if place in fields
    ]
    named = next((number for number in numbers if number), None)
    return "unknown" if named is None else SPORTS.get(named, "other")


def _distance(part: _Part, session: Fields, samples: Samples, *, alone: bool) -> tuple[float, str]:
    """Return the session's distance where it has one (0 often means unknown), else the next best.

    Laps that fall short of the records by a tenth are incomplete: a file cut off lacks its last one.
    """
    path = samples.path_m()
    laps_m, records_m = _laps_m(part, session, alone=alone), _records_m(samples, alone=alone)
    choices = (
        (_positive(session, 9) or 0.0, "session"),
        (laps_m if laps_m >= 0.9 * records_m else 0.0, "laps"),
        (records_m, "records"),
        (float(path[path >= 0].max(initial=0.0)), "gps"),
    )
    return next(((metres, told_by) for metres, told_by in choices if metres > 0), (0.0, "none"))


def _laps_m(part: _Part, session: Fields, *, alone: bool) -> float:
    laps = part.messages[LAP]
    if not alone:
        start_s, end_s = session.get(2, 0.0), session.get(2, 0.0) + session.get(7, 0.0)
        laps = [lap for lap in laps if start_s <= lap.get(2, -1.0) < end_s]
    return sum(_positive(lap, 9) or 0.0 for lap in laps)


def _records_m(samples: Samples, *, alone: bool) -> float:
    """Return what the counter covered; alone, it started at 0 before the first record."""
    counter = samples.distance_m[np.isfinite(samples.distance_m)]
    if counter.size == 0:
        return 0.0
    return covered_m(np.concatenate(([0.0], counter)) if alone else counter)


def _steps(session: Fields, samples: Samples, sport: str, timer_s: float) -> int | None:
    """Return the steps: a device on foot counts strides (total_cycles), two steps each."""
    if sport not in ON_FEET:
        return None
    strides = _positive(session, 10)
    counted = plausible_steps(round(strides * 2), timer_s) if strides else None
    if counted is not None:
        return counted
    cadence = _positive(session, 18)
    if cadence is not None:
        return steps_from_cadence(sport, cadence + session.get(92, 0.0), timer_s)
    measured = samples.cadence_rpm[samples.cadence_rpm > 0]
    return steps_from_cadence(sport, float(measured.mean()) if measured.size else None, timer_s)


def _utc_offset_s(part: _Part) -> int | None:
    """Return local time minus UTC, to the quarter of an hour; beyond 15 h one of the clocks was not set."""
    for fields in part.messages[ACTIVITY]:
        if TIMESTAMP in fields and 5 in fields:
            offset_s = fields[5] - fields[TIMESTAMP]
            if abs(offset_s) <= LARGEST_OFFSET_S:
                return round(offset_s / LOCAL_TIME_STEP_S) * LOCAL_TIME_STEP_S
    return None
