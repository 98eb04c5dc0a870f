"""fitparse as an independent witness: a dump of all messages, and a comparison with our own reading.

It is slow (half a second an hour of running) and keeps developer fields in a module global: one file at a
time, never in bulk. It refuses files that we read, so it is no fallback.
"""

import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import numpy as np
from fitparse import FitFile, FitParseError
from fitparse import records as fitparse_records
from fitparse.processors import UTC_REFERENCE, FitFileDataProcessor
from fitparse.profile import MESSAGE_TYPES

from midsole.decode.fit import reading
from midsole.decode.fit.profile import FIELDS, TIMESTAMP, Field, fields_of
from midsole.decode.fit.segment import Segment, Value
from midsole.domain.errors import BadInput

DEVICE_UPTIME_BELOW = 0x1000_0000
"""A smaller timestamp counts seconds since the device was switched on (FIT profile, date_time)."""

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


@dataclass(frozen=True, slots=True)
class Message:
    """One message with the profile's words: `fields` are (name, value, units)."""

    name: str
    number: int
    fields: tuple[tuple[str, Any, str | None], ...]


class _Words(FitFileDataProcessor):  # type: ignore[misc]  # fitparse has no types
    """Times as aware datetimes: fitparse's own conversion is deprecated and can't do 24:00:00."""

    def process_type_date_time(self, field: Any) -> None:
        if field.value is not None and field.value >= DEVICE_UPTIME_BELOW:
            field.value, field.units = datetime.fromtimestamp(UTC_REFERENCE + field.value, UTC), None

    def process_type_local_date_time(self, field: Any) -> None:
        self.process_type_date_time(field)
        if isinstance(field.value, datetime):
            field.value = field.value.replace(tzinfo=None)

    def process_type_localtime_into_day(self, field: Any) -> None: ...


class _Numbers(FitFileDataProcessor):  # type: ignore[misc]
    """Leaves every value as it is in the file."""

    def run_type_processor(self, field_data: object) -> None: ...

    def run_field_processor(self, field_data: object) -> None: ...

    def run_unit_processor(self, field_data: object) -> None: ...

    def run_message_processor(self, data_message: object) -> None: ...


@dataclass(frozen=True, slots=True)
class _Part:
    """What fitparse read of one chained part, and why it read no further."""

    messages: tuple[Any, ...]
    refusal: str | None


def messages(raw: bytes) -> Iterator[Message]:
    """Every message in the order of the file, part after part.

    Raises BadInput after the last one that fitparse can read where it refuses the rest."""
    read = 0
    for data, damage in _split(raw):
        part = _read(data, damage, _Words())
        for found in part.messages:
            yield Message(found.name, found.mesg_num, tuple((f.name, f.value, f.units) for f in found.fields))
        read += len(part.messages)
        if part.refusal:
            raise BadInput(f"fitparse read {read} messages and refuses the rest: {part.refusal}.")


def _split(raw: bytes) -> Iterator[tuple[bytes, str | None]]:
    """The data of each chained part, and what is wrong about its length (0: the watch died)."""
    place = 0
    while place < len(raw):
        header = raw[place : place + 12]
        if len(header) < 12 or header[8:12] != b".FIT" or header[0] < 12:
            if place == 0:
                raise BadInput("fitparse reads nothing where the header is damaged or is none of a FIT file.")
            return
        start = place + header[0]
        size = int.from_bytes(header[4:8], "little")
        if not size:
            yield raw[start : max(start, len(raw) - 2)], "its header says that nothing follows"
            return
        end = start + size
        yield raw[start:end], "the file is cut off" if end + 2 > len(raw) else None
        place = end + 2


def _read(data: bytes, damage: str | None, processor: FitFileDataProcessor) -> _Part:
    """fitparse gets a frame of our own, so that its length and checksum don't end the reading early."""
    frame = struct.pack("<BBHI4s", 12, 0x10, 2132, len(data), b".FIT") + data + b"\0\0"
    read: list[Any] = []
    with _one_at_a_time, FitFile(frame, check_crc=False, data_processor=processor) as file:
        fitparse_records.DEV_TYPES.clear()
        try:
            read.extend(file.get_messages())
        except FITPARSE_ERRORS as error:
            why = damage or (str(error) or type(error).__name__).rstrip(".")
            return _Part(tuple(_whole(read, file)), why)
    return _Part(tuple(read), damage)


def _whole(read: list[Any], file: FitFile) -> list[Any]:
    """fitparse lets a message cut off at the end go on into the checksum: that one was not read."""
    return read[:-1] if file._bytes_left < 0 else read


# ---- the comparison


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many values both told, where they differ in words, and why fitparse read no further."""

    values: int
    differences: tuple[str, ...]
    refused: str | None


def compare(raw: bytes) -> list[str]:
    """Where our reading and fitparse's differ, as far as fitparse reads; empty where they agree."""
    return list(compare_both(raw).differences)


def compare_both(raw: bytes) -> Comparison:
    """Every field of our profile, value for value as it lies in the file, rows and columns."""
    try:
        parts = [_read(data, damage, _Numbers()) for data, damage in _split(raw)]
    except BadInput as refusal:
        return Comparison(0, (), str(refusal).rstrip("."))
    segments = reading.read(raw)
    refused = next((part.refusal for part in parts if part.refusal), None)
    found = [_compare_part(part, segment) for part, segment in zip(parts, segments, strict=False)]
    differences = [difference for _, unlike in found for difference in unlike]
    if len(segments) < len(parts):
        differences.append(f"fitparse finds {len(parts)} parts, Midsole {len(segments)}")
    return Comparison(sum(values for values, _ in found), tuple(differences), refused)


def _compare_part(part: _Part, segment: Segment) -> tuple[int, list[str]]:
    values, differences = 0, []
    for number in FIELDS:
        theirs = [_told(m) for m in part.messages if m.mesg_num == number]
        ours = segment.rows(number)
        name = MESSAGE_TYPES[number].name
        if _counts_differ(len(theirs), len(ours), part, segment):
            differences.append(f"{name}: fitparse has {len(theirs)} of them, Midsole {len(ours)}")
        for field in fields_of(number).values():
            column = segment.column(number, field.number)
            told = [message.get(field.number) for message in theirs[: len(ours)]]
            values += sum(value is not None for value in told)
            differences += _compare_field(f"{name}.{field.name}", field, told, ours, column)
    return values, differences


def _counts_differ(theirs: int, ours: int, part: _Part, segment: Segment) -> bool:
    """Past a damage either may give up first; what is sound both read to its end."""
    return theirs > ours or (theirs < ours and not part.refusal and not segment.error)


def _told(message: Any) -> dict[int, Value | None]:
    """Native fields by number, without fitparse's expanded components and developer fields.

    Of a field that stands twice in one definition (a pool swim app does that) the first is told, as
    fitparse's own `get` does; the timestamp of a compressed header has no definition."""
    told: dict[int, Value | None] = {}
    for data in message.fields:
        if isinstance(data.field_def, fitparse_records.FieldDefinition):
            told.setdefault(data.field_def.def_num, _value(data))
        elif data.field_def is None and data.def_num == TIMESTAMP:
            told[TIMESTAMP] = _value(data)
    return told


def _value(data: Any) -> Value | None:
    raw = data.raw_value
    if data.base_type.name == "byte":
        return None if raw is None else bytes(raw)
    if isinstance(raw, tuple):
        return tuple(value for value in raw if value is not None and isfinite(value)) or None
    return None if isinstance(raw, float) and not isfinite(raw) else raw


def _compare_field(
    name: str, field: Field, told: Sequence[Value | None], ours: Sequence[dict[int, Value]], column: Any
) -> list[str]:
    """The first difference of the field among the rows, else the first in its column.

    Only the column tells the timestamps of compressed headers."""
    rows = [row.get(field.number) for row in ours[: len(told)]]
    unlike = [] if field.number == TIMESTAMP else list(_first(name, told, rows))
    if not unlike and any(isinstance(value, int | float | tuple) for value in told):
        measured = [None if np.isnan(n) else float(n) for n in column[: len(told)]]
        unlike += _first(f"{name} (column)", [_number(value) for value in told], measured)
    return unlike


def _number(value: Value | None) -> float | None:
    first = value[0] if isinstance(value, tuple) else value
    return float(first) if isinstance(first, int | float) else None


def _first(name: str, theirs: Sequence[Any], ours: Sequence[Any]) -> Iterator[str]:
    unlike = [place for place, (one, other) in enumerate(zip(theirs, ours, strict=True)) if one != other]
    if unlike:
        place = unlike[0]
        yield (
            f"{name}: {len(unlike)} of {len(theirs)} differ, first in message {place}: "
            f"fitparse {theirs[place]!r}, Midsole {ours[place]!r}"
        )
