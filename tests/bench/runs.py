"""Generated runs of one hour, thousands in seconds: no two alike, laid out as watches lay them out.

Three of four are as a modern Garmin writes them (each second a record and three other messages), one of four
as older watches did (nearly only records). Field numbers, types and scales are those of the FIT profile.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import fastcrc
import numpy as np
from fit_writer import EPOCH, SERIAL
from numpy.typing import NDArray

SECONDS = 3_600
OLDER_EVERY = 4
LAP_M = 1_000
SEMICIRCLES = 2**31 / 180
METRES_A_DEGREE = 111_320
TYPES = {"enum": (0x00, "u1"), "u8": (0x02, "u1"), "u16": (0x84, "<u2"), "i32": (0x85, "<i4")}
TYPES |= {"u32": (0x86, "<u4"), "u32z": (0x8C, "<u4")}


@dataclass(frozen=True, slots=True)
class Kind:
    """A message of one layout: its local and global number, and the type and count of each field."""

    local: int
    number: int
    fields: dict[int, tuple[str, int]]

    @property
    def dtype(self) -> np.dtype[np.void]:
        parts = [(str(n), TYPES[name][1], (count,)) for n, (name, count) in self.fields.items()]
        return np.dtype([("header", "u1"), *parts])

    def definition(self) -> bytes:
        out = struct.pack("<BBBHB", 0x40 | self.local, 0, 0, self.number, len(self.fields))
        for number, (name, count) in self.fields.items():
            base_type, letters = TYPES[name]
            out += bytes((number, count * np.dtype(letters).itemsize, base_type))
        return out

    def rows(self, rows: Iterable[Sequence[object]]) -> bytes:
        return np.array([(self.local, *row) for row in rows], self.dtype).tobytes()


def _kind(local: int, number: int, **fields: str) -> Kind:
    """Fields as f253="u32"; several values of a type as f0="u16*5"."""
    found = {}
    for name, words in fields.items():
        base_type, _, count = words.partition("*")
        found[int(name[1:])] = (base_type, int(count or 1))
    return Kind(local, number, found)


TOTALS = {"f254": "u16", "f253": "u32", "f0": "enum", "f1": "enum", "f2": "u32", "f7": "u32", "f8": "u32"}
TOTALS |= {"f9": "u32", "f10": "u32", "f11": "u16"}
FILE_ID = _kind(0, 0, f3="u32z", f4="u32", f1="u16", f2="u16", f0="enum")
CREATOR = _kind(1, 49, f0="u16")
EVENT = _kind(2, 21, f253="u32", f0="enum", f1="enum", f3="u32")
DEVICE = _kind(3, 23, f253="u32", f3="u32z", f2="u16", f4="u16", f5="u16", f0="u8", f1="u8", f25="enum")
LAP = _kind(4, 19, **TOTALS, f15="u8", f16="u8", f17="u8", f24="enum", f25="enum", f39="enum")
SESSION = _kind(
    5, 18, **TOTALS, f5="enum", f6="enum", f16="u8", f17="u8", f18="u8", f25="u16", f26="u16", f28="enum"
)
ACTIVITY = _kind(6, 34, f253="u32", f0="u32", f1="u16", f2="enum", f3="enum", f4="enum", f5="u32")
MODERN = _kind(7, 20, f253="u32", f0="i32", f1="i32", f5="u32", f73="u32", f78="u32", f3="u8", f4="u8")
OLDER = _kind(7, 20, f253="u32", f0="i32", f1="i32", f5="u32", f6="u16", f2="u16", f3="u8", f4="u8")
HRV = _kind(8, 78, f0="u16*5")
UNNAMED = _kind(9, 233, f2="u8*4")
GPS = _kind(10, 160, f253="u32", f0="u16", f1="i32", f2="i32", f3="u32", f4="u32", f5="u16", f6="u32")


@dataclass(frozen=True, slots=True)
class Run:
    """What the watch saw each second: arrays of 3,600."""

    began: int
    distance_m: NDArray[np.float64]
    speed_m_per_s: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    lat: NDArray[np.int64]
    long: NDArray[np.int64]
    heart_rate: NDArray[np.int64]
    cadence: NDArray[np.int64]

    @property
    def timestamps(self) -> NDArray[np.int64]:
        return self.began + np.arange(SECONDS)

    @property
    def ended(self) -> int:
        return self.began + SECONDS


def write_runs(folder: Path, count: int, last_day: datetime) -> list[Path]:
    """One run a day up to the last day, named as Garmin Connect's export names them."""
    folder.mkdir(parents=True)
    paths = []
    for n in range(count):
        started_at = last_day - timedelta(days=count - 1 - n) + timedelta(seconds=n * 37 % 7_200)
        path = folder / f"{10_000_000_000 + n}_ACTIVITY.fit"
        path.write_bytes(one_run(started_at, n))
        paths.append(path)
    return paths


def one_run(started_at: datetime, n: int) -> bytes:
    """The n-th run; every fourth in the older layout."""
    run = _seen(round(started_at.timestamp()) - EPOCH, np.random.default_rng(n))
    seconds = _older_seconds(run) if n % OLDER_EVERY == 0 else _modern_seconds(run)
    return _file(_head(run) + _with_laps(run, *seconds) + _tail(run))


def _seen(began: int, rng: np.random.Generator) -> Run:
    clock = np.arange(SECONDS)
    waves = np.sin(clock / rng.uniform(40, 300) + rng.uniform(0, 6)) + np.sin(clock / rng.uniform(300, 900))
    speed = rng.uniform(2.4, 3.4) + 0.15 * waves + rng.normal(0, 0.05, SECONDS)
    heading = np.cumsum(rng.normal(0, 0.02, SECONDS)) + rng.uniform(0, 6)
    north, east = np.cumsum(speed * np.cos(heading)), np.cumsum(speed * np.sin(heading))
    lat = 47.0 + rng.uniform(0, 1) + north / METRES_A_DEGREE
    return Run(
        began=began,
        distance_m=np.cumsum(speed),
        speed_m_per_s=speed,
        altitude_m=450 + 30 * np.sin(clock / rng.uniform(200, 700)),
        lat=np.round(lat * SEMICIRCLES).astype(np.int64),
        long=np.round((8.0 + east / METRES_A_DEGREE / np.cos(np.radians(lat))) * SEMICIRCLES).astype(
            np.int64
        ),
        heart_rate=np.round(140 + 8 * waves + np.minimum(clock / 120, 10)).astype(np.int64),
        cadence=np.round(84 + 2 * waves).astype(np.int64),
    )


def _head(run: Run) -> bytes:
    devices = [(run.began, SERIAL, 1, 3113, 1300, n, kind, 5) for n, kind in enumerate((255, 4, 0, 10))]
    return b"".join((
        FILE_ID.definition(), FILE_ID.rows([(SERIAL, run.began, 1, 3113, 4)]),
        CREATOR.definition(), CREATOR.rows([(1300,)]),
        EVENT.definition(), EVENT.rows([(run.began, 0, 0, 0)]),
        DEVICE.definition(), DEVICE.rows(devices),
    ))  # fmt: skip


def _with_laps(run: Run, definitions: bytes, seconds: NDArray[np.void]) -> bytes:
    """The seconds, and after each kilometre its lap."""
    ends = [int(n) for n in np.searchsorted(run.distance_m, np.arange(LAP_M, run.distance_m[-1], LAP_M)) + 1]
    out, begin = [definitions, LAP.definition()], 0
    for number, end in enumerate([*(n for n in ends if n < SECONDS), SECONDS]):
        out.append(seconds[begin:end].tobytes())
        heart, cadence = run.heart_rate[begin:end], run.cadence[begin:end]
        trigger = 2 if end < SECONDS else 7  # by distance; the end of the session
        rates = (round(heart.mean()), heart.max(), round(cadence.mean()))
        out.append(LAP.rows([(number, *_totals(run, begin, end, 9), *rates, trigger, 1, 0)]))
        begin = end
    return b"".join(out)


def _modern_seconds(run: Run) -> tuple[bytes, NDArray[np.void]]:
    """Record, heart beats, a message no profile names, and where the satellites were, every second."""
    kinds = (MODERN, HRV, UNNAMED, GPS)
    found = np.zeros(SECONDS, np.dtype([(str(kind.number), kind.dtype) for kind in kinds]))
    for kind in kinds:
        found[str(kind.number)]["header"] = kind.local
    record, gps = found["20"], found["160"]
    speed, altitude = np.round(1000 * run.speed_m_per_s), np.round(5 * (run.altitude_m + 500))
    _fill(record, {"73": speed, "78": altitude, **_common(run)})
    found["78"]["0"] = 0xFFFF
    found["78"]["0"][:, 0] = 60_000 // run.heart_rate
    found["233"]["2"] = run.heart_rate[:, None] + np.arange(4)
    place = {"1": run.lat, "2": run.long, "3": altitude, "4": speed, "5": 9_000, "6": run.timestamps}
    _fill(gps, {"253": run.timestamps, "0": 500, **place})
    return b"".join(kind.definition() for kind in kinds), found


def _older_seconds(run: Run) -> tuple[bytes, NDArray[np.void]]:
    found = np.zeros(SECONDS, OLDER.dtype)
    found["header"] = OLDER.local
    speed, altitude = np.round(1000 * run.speed_m_per_s), np.round(5 * (run.altitude_m + 500))
    _fill(found, {"6": speed, "2": altitude, **_common(run)})
    return OLDER.definition(), found


def _common(run: Run) -> dict[str, NDArray[np.generic]]:
    metres = np.round(100 * run.distance_m)
    same = {"253": run.timestamps, "0": run.lat, "1": run.long, "5": metres}
    return same | {"3": run.heart_rate, "4": run.cadence}


def _fill(rows: NDArray[np.void], columns: dict[str, NDArray[np.generic] | int]) -> None:
    for name, values in columns.items():
        rows[name][:, 0] = values


def _totals(run: Run, begin: int, end: int, event: int) -> tuple[int, ...]:
    """What lap and session share, from one second to another."""
    from_m = run.distance_m[begin - 1] if begin else 0.0
    seconds, metres = end - begin, run.distance_m[end - 1] - from_m
    times = (run.began + end, event, 1, run.began + begin, seconds * 1000, seconds * 1000)
    return (*times, round(100 * metres), round(run.cadence[begin:end].sum() / 60), round(metres / 16))


def _tail(run: Run) -> bytes:
    laps = 1 + int((run.distance_m[-1] - 0.01) // LAP_M)
    rates = (round(run.heart_rate.mean()), run.heart_rate.max(), round(run.cadence.mean()))
    session = (0, *_totals(run, 0, SECONDS, 8), 1, 0, *rates, 0, laps, 0)
    activity = (run.ended, SECONDS * 1000, 1, 0, 26, 1, run.ended + 3_600)
    return b"".join((
        EVENT.rows([(run.ended, 0, 4, 0)]),
        SESSION.definition(), SESSION.rows([session]),
        ACTIVITY.definition(), ACTIVITY.rows([activity]),
    ))  # fmt: skip


def _file(body: bytes) -> bytes:
    header = struct.pack("<BBHI4s", 14, 0x20, 2132, len(body), b".FIT")
    whole = header + struct.pack("<H", fastcrc.crc16.arc(header)) + body
    return whole + struct.pack("<H", fastcrc.crc16.arc(whole))
