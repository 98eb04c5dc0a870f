"""A small FIT encoder for the tests and the demo data: definitions, laps, sessions, records, CRC.

No part of the product. Field numbers are those of the FIT profile; distances in metres, times in seconds.
"""

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

EPOCH = int(datetime(1989, 12, 31, tzinfo=UTC).timestamp())
SPORTS = {"generic": 0, "running": 1, "cycling": 2, "transition": 3, "fitness_equipment": 4, "swimming": 5}
SPORTS |= {"training": 10, "walking": 11, "multisport": 18, "hiking": 17}
SUB_SPORTS = {"generic": 0, "treadmill": 1, "street": 2, "trail": 3, "track": 4, "spin": 5, "road": 7}
SUB_SPORTS |= {"indoor_cycling": 6, "lap_swimming": 17, "strength_training": 20, "casual_walking": 30}
SUB_SPORTS |= {"indoor_running": 45, "virtual_activity": 58}

SERIAL = 3_912_345_678

# name -> (base type byte, struct letter)
ENUM, UINT8, UINT16, UINT32, UINT32Z = (0x00, "B"), (0x02, "B"), (0x84, "H"), (0x86, "I"), (0x8C, "I")
STRING, SINT32 = (0x07, "s"), (0x85, "i")
type Field = tuple[int, tuple[int, str], Any]  # number, type, raw value; None: left out
type Height = float | Callable[[float], float]  # metres, or metres as a function of the distance run


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One session. None leaves a value out of the file; cadence counts strides (two steps) a minute."""

    started_at: datetime
    distance_m: float
    timer_s: float
    elapsed_s: float | None = None  # longer than timer_s: one pause in the middle, between two timer events
    sport: str = "running"
    sub_sport: str = "generic"
    records_every_s: float | None = 60  # None: no records
    heart_rate: int | None = 140
    cadence: int | None = 84
    altitude: Height | None = None
    lap_every_m: float | None = None  # None: one lap
    rpe: int | None = None  # 0-10; the file holds ten times that
    feel: int | None = None  # 0-100, higher is better, in steps of 25
    is_race: bool = False  # as the sport profile's name (session field 110)
    session_distance: bool = True  # False: the total is only in laps and records
    session: bool = True  # False: as a file cut off before its end (no lap, no session)
    start: tuple[float, float] | None = None  # degrees of latitude and longitude where the session began
    along: Callable[[float], float] | None = None  # metres by timer seconds; None: at one speed

    @property
    def whole_s(self) -> float:
        return self.timer_s if self.elapsed_s is None else self.elapsed_s

    def clock_s(self, timer_s: float) -> float:
        """Seconds since the start when the timer shows timer_s."""
        return timer_s + (self.whole_s - self.timer_s if timer_s > self.timer_s / 2 else 0)


def fit_run(
    started_at: datetime,
    distance_m: float,
    timer_s: float,
    *,
    utc_offset_s: int | None = 0,
    serial: int = SERIAL,
    foot_pod: int | None = None,
    **leg: Any,
) -> bytes:
    """An activity file of one session; the other keywords are those of Leg.

    utc_offset_s None: no local time in the file.
    """
    session = Leg(started_at=started_at, distance_m=distance_m, timer_s=timer_s, **leg)
    return fit_file([session], utc_offset_s=utc_offset_s, serial=serial, foot_pod=foot_pod)


def fit_file(
    legs: Sequence[Leg],
    *,
    utc_offset_s: int | None = 0,
    serial: int = SERIAL,
    foot_pod: int | None = None,
) -> bytes:
    """An activity file of several sessions (a triathlon), or of none; `foot_pod` is its serial number."""
    out = _Messages()
    created = _fit_time(legs[0].started_at) if legs else 0
    out.add(0, [(0, ENUM, 4), (1, UINT16, 1), (2, UINT16, 3113), (3, UINT32Z, serial), (4, UINT32, created)])
    if foot_pod is not None:
        out.add(23, [(253, UINT32, created), (0, UINT8, 1), (1, UINT8, 124), (2, UINT16, 1),
                     (3, UINT32Z, foot_pod), (25, ENUM, 1)])  # fmt: skip
    laps = 0
    for index, leg in enumerate(legs):
        laps += _write_leg(out, leg, index, laps)
    if legs and all(leg.session for leg in legs):
        ended = _fit_time(legs[-1].started_at) + round(legs[-1].whole_s)
        local = None if utc_offset_s is None else ended + utc_offset_s
        timer = round(1000 * sum(leg.timer_s for leg in legs))
        out.add(34, [(253, UINT32, ended), (0, UINT32, timer), (1, UINT16, len(legs)),
                     (2, ENUM, int(len(legs) > 1)), (3, ENUM, 26), (4, ENUM, 1),
                     (5, UINT32, local)])  # fmt: skip
    return out.file()


def truncated(raw: bytes, keep: float = 0.6) -> bytes:
    """The file as a watch with an empty battery leaves it: its head, cut anywhere."""
    return raw[: max(20, int(len(raw) * keep))]


def _write_leg(out: "_Messages", leg: Leg, index: int, first_lap: int) -> int:
    """Events, records, laps and session; returns the number of laps."""
    start = _fit_time(leg.started_at)
    _timer_events(out, leg, start)
    climb = _write_records(out, leg, start)
    out.add(21, [(253, UINT32, start + round(leg.whole_s)), (0, ENUM, 0), (1, ENUM, 4)])
    if not leg.session:
        return 0
    cuts = [0.0, *_lap_ends(leg)]
    for number, (begin, end) in enumerate(pairwise(cuts)):
        out.add(19, [(254, UINT16, first_lap + number), *_summary(leg, begin, end), (0, ENUM, 9),
                     (1, ENUM, 1), (15, UINT8, leg.heart_rate), (17, UINT8, leg.cadence),
                     (25, ENUM, SPORTS[leg.sport]), (39, ENUM, SUB_SPORTS[leg.sub_sport])])  # fmt: skip
    total = [f for f in _summary(leg, 0.0, leg.distance_m) if leg.session_distance or f[0] != 9]
    out.add(18, [(254, UINT16, index), *total, (0, ENUM, 8), (1, ENUM, 1), (16, UINT8, leg.heart_rate),
                 (18, UINT8, leg.cadence), (5, ENUM, SPORTS[leg.sport]), (6, ENUM, SUB_SPORTS[leg.sub_sport]),
                 (22, UINT16, climb and climb[0]), (23, UINT16, climb and climb[1]),
                 (25, UINT16, first_lap), (26, UINT16, len(cuts) - 1),
                 (3, SINT32, leg.start and _semicircles(leg.start[0])),
                 (4, SINT32, leg.start and _semicircles(leg.start[1])),
                 (110, STRING, b"Race\0" if leg.is_race else None),
                 (192, UINT8, leg.feel),
                 (193, UINT8, None if leg.rpe is None else leg.rpe * 10)])  # fmt: skip
    return len(cuts) - 1


def _timer_events(out: "_Messages", leg: Leg, start: int) -> None:
    seconds = [(0.0, 0)]
    if leg.whole_s > leg.timer_s:
        seconds += [(leg.timer_s / 2, 4), (leg.timer_s / 2 + leg.whole_s - leg.timer_s, 0)]
    for second, event_type in seconds:
        out.add(21, [(253, UINT32, start + round(second)), (0, ENUM, 0), (1, ENUM, event_type)])


def _write_records(out: "_Messages", leg: Leg, start: int) -> tuple[int, int] | None:
    """One record every so often, one at the end; returns ascent and descent if there is an altitude."""
    if leg.records_every_s is None:
        return None
    heights: list[float] = []
    count = math.ceil(leg.timer_s / leg.records_every_s)
    speed = round(1000 * leg.distance_m / leg.timer_s) if leg.timer_s else 0
    for number in range(count + 1):
        timer_s = min(number * leg.records_every_s, leg.timer_s)
        metres = leg.distance_m * timer_s / leg.timer_s if leg.timer_s else 0.0
        metres = leg.along(timer_s) if leg.along else metres
        height = leg.altitude(metres) if callable(leg.altitude) else leg.altitude
        if height is not None:
            heights.append(height)
        out.add(20, [(253, UINT32, start + round(leg.clock_s(timer_s))), (5, UINT32, round(metres * 100)),
                     (2, UINT16, None if height is None else round((height + 500) * 5)),
                     (3, UINT8, leg.heart_rate), (4, UINT8, leg.cadence), (6, UINT16, speed)])  # fmt: skip
    steps = [b - a for a, b in pairwise(heights)]
    return (round(sum(s for s in steps if s > 0)), round(-sum(s for s in steps if s < 0))) if steps else None


def _lap_ends(leg: Leg) -> list[float]:
    every = leg.lap_every_m or math.inf
    whole = int(leg.distance_m // every) if leg.distance_m > every else 0
    ends = [every * (number + 1) for number in range(whole)]
    return ends if ends and ends[-1] == leg.distance_m else [*ends, leg.distance_m]


def _summary(leg: Leg, begin_m: float, end_m: float) -> list[Field]:
    """What lap and session share: times, cycles and distance, rounded so that laps sum to the session."""
    per_metre = leg.timer_s / leg.distance_m if leg.distance_m else 0.0
    from_s = begin_m * per_metre
    to_s = leg.timer_s if end_m == leg.distance_m else end_m * per_metre
    from_clock, to_clock = leg.clock_s(from_s), leg.clock_s(to_s)
    start, strides = _fit_time(leg.started_at), (leg.cadence or 0) / 60
    return [
        (253, UINT32, start + round(to_clock)),
        (2, UINT32, start + round(from_clock)),
        (7, UINT32, round(to_clock * 1000) - round(from_clock * 1000)),
        (8, UINT32, round(to_s * 1000) - round(from_s * 1000)),
        (9, UINT32, round(end_m * 100) - round(begin_m * 100)),
        (10, UINT32, round(to_s * strides) - round(from_s * strides) if leg.cadence else None),
    ]


class _Messages:
    """Data messages, each preceded by its definition where its shape is not the one last written."""

    def __init__(self) -> None:
        self._body = bytearray()
        self._shape: tuple[object, ...] = ()
        self._struct = struct.Struct("<B")

    def add(self, message: int, fields: Sequence[Field]) -> None:
        fields = [field for field in fields if field[2] is not None]
        sizes = [
            len(value) if isinstance(value, bytes) else struct.calcsize(kind[1]) for _, kind, value in fields
        ]
        shape = (message, *((field[0], size) for field, size in zip(fields, sizes, strict=True)))
        if shape != self._shape:
            self._shape = shape
            self._body += struct.pack("<BBBHB", 0x40, 0, 0, message, len(fields))
            for (number, (base_type, _), _), size in zip(fields, sizes, strict=True):
                self._body += bytes((number, size, base_type))
            letters = (
                f"{n}s" if kind is STRING else kind[1] for (_, kind, _), n in zip(fields, sizes, strict=True)
            )
            self._struct = struct.Struct("<B" + "".join(letters))
        self._body += self._struct.pack(0, *(value for _, _, value in fields))

    def file(self) -> bytes:
        header = struct.pack("<BBHI4s", 14, 0x20, 2132, len(self._body), b".FIT")
        whole = header + struct.pack("<H", crc16(header)) + bytes(self._body)
        return whole + struct.pack("<H", crc16(whole))


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
        table.append(crc)
    return table


_CRC = _crc_table()


def crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def _semicircles(degrees: float) -> int:
    return round(degrees * 2**31 / 180)


def _fit_time(at: datetime) -> int:
    return round(at.timestamp()) - EPOCH
