"""What each decoder does for one file: the same work, in the way that is fastest with it.

The work is what Midsole's service needs: the records as columns (scaled, missing is NaN), and every session,
lap, event, device info and file id as a row. Garmin's own SDK is not among them: its licence forbids it.
"""

import io
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import chiptime
import fitdecode
import fitfast
import fitparse
import numpy as np
from numpy.typing import NDArray

from midsole.decode.fit.reading import read

COLUMNS = {
    "timestamp": 253,
    "position_lat": 0,
    "position_long": 1,
    "distance": 5,
    "enhanced_speed": 73,
    "speed": 6,
    "enhanced_altitude": 78,
    "altitude": 2,
    "heart_rate": 3,
    "cadence": 4,
    "power": 7,
    "stance_time": 41,
    "vertical_oscillation": 39,
}
ROWS = {"session": 18, "lap": 19, "event": 21, "device_info": 23, "file_id": 0}
NAMES = frozenset({"record", *ROWS})

type Columns = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Read:
    """One file, read."""

    columns: Columns
    rows: Mapping[str, list[Any]]


class Refused(Exception):
    """The decoder will not read the file, or finds no record in it."""


def midsole(raw: bytes) -> Read:
    segments = read(raw)
    columns = [segment.columns(20, tuple(COLUMNS.values())) for segment in segments]
    merged = {name: np.concatenate([found[number] for found in columns]) for name, number in COLUMNS.items()}
    rows = {name: [row for s in segments for row in s.messages(number)] for name, number in ROWS.items()}
    return Read(_enhanced(merged), rows)


def by_fitparse(raw: bytes) -> Read:
    rows: dict[str, list[Any]] = {name: [] for name in NAMES}
    for message in fitparse.FitFile(io.BytesIO(raw)).get_messages():
        if message.name == "record":
            rows["record"].append({f.name: _plain(f) for f in message.fields if f.name in COLUMNS})
        elif message.name in NAMES:
            rows[message.name].append(message.get_values())
    return _from_rows(rows)


def by_fitdecode(raw: bytes) -> Read:
    rows: dict[str, list[Any]] = {name: [] for name in NAMES}
    for frame in fitdecode.FitReader(io.BytesIO(raw)):
        if frame.frame_type != fitdecode.FIT_FRAME_DATA or frame.name not in NAMES:
            continue
        if frame.name == "record":
            rows["record"].append({f.name: _plain(f) for f in frame.fields if f.name in COLUMNS})
        else:
            rows[frame.name].append({f.name: f.value for f in frame.fields})
    return _from_rows(rows)


def _plain(field: Any) -> Any:
    """Seconds stay the number they are in the file: 3,600 datetimes would be work for nothing."""
    return field.raw_value if field.name == "timestamp" else field.value


def by_chiptime(raw: bytes) -> Read:
    """Its stream of messages; `parse` would also build and check an activity."""
    rows: dict[str, list[Any]] = {name: [] for name in NAMES}
    for message in chiptime.iter_messages(raw):
        if message.name == "record":
            found = {name: message.get(name) for name in COLUMNS if name != "timestamp"}
            rows["record"].append(found | {"timestamp": message.get_raw("timestamp")})
        elif message.name in NAMES:
            rows[message.name].append({name: value.value for name, value in message.fields.items()})
    return _from_rows(rows)


def by_fitfast(raw: bytes) -> Read:
    """`records` for the columns and `parse` for the rows: measured quicker than either of them for both."""
    found = fitfast.records(raw)
    missing = np.full(len(found.get("timestamp", ())), np.nan)
    rows = fitfast.parse(raw, enum_names=False)
    columns = {name: found.get(name, missing) for name in COLUMNS}
    return Read(_enhanced(columns), {name: rows.get(name, []) for name in ROWS})


def _from_rows(rows: dict[str, list[Any]]) -> Read:
    records: Iterable[Mapping[str, Any]] = rows.pop("record")
    return Read(_enhanced({name: _column(records, name) for name in COLUMNS}), rows)


def _column(records: Iterable[Mapping[str, Any]], name: str) -> NDArray[np.float64]:
    return np.array([record.get(name) for record in records], np.float64)


def _enhanced(columns: Columns) -> Columns:
    for name in ("speed", "altitude"):
        better, plain = columns.pop(f"enhanced_{name}"), columns[name]
        columns[name] = np.where(np.isnan(better), plain, better)
    return columns


DECODERS: dict[str, Callable[[bytes], Read]] = {
    "midsole": midsole,
    "fitfast": by_fitfast,
    "chiptime": by_chiptime,
    "fitdecode": by_fitdecode,
    "fitparse": by_fitparse,
}
REFUSALS = (
    Refused,
    fitparse.FitParseError,
    fitdecode.FitError,
    fitfast.FitDecodeError,
    chiptime.FitError,
)
"""What a decoder raises that says no; anything else is a crash, and ends the measurement."""


def read_with(name: str, raw: bytes) -> Read:
    """Raises one of REFUSALS where the decoder will not, or finds no record."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = DECODERS[name](raw)
    if not len(found.columns["timestamp"]):
        raise Refused("no records")
    return found


def versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in DECODERS)
