"""The timed points that TCX and GPX have in common, and how both write numbers and times."""

import re
from array import array
from collections.abc import Sized
from datetime import UTC, datetime, timedelta, timezone
from math import inf, nan

import numpy as np

from midsole.domain.errors import BadInput
from midsole.domain.samples import UNMEASURABLE, Floats, Samples

TIME, DISTANCE, ALTITUDE, LAT, LON, HEART_RATE, CADENCE, SEGMENT = range(8)
"""Where a point's values stand, in the order of the columns of Samples."""
MOST_PARTS = 10_000
"""More activities or laps in one file were made to hurt; ten years in one file are some 5,000."""
TIMED_SHARE = 0.5
"""With fewer timed points than this the rest was drawn, not recorded."""
SCATTERED_S = 60.0
LOOSE_TIME = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T ]+(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,6})\d*)?"
    r"\s*(Z|[+-]\d{1,2}:?\d{2})?",
    re.IGNORECASE | re.ASCII,
)
FARTHEST_OFFSET_S = 14 * 3600


class Track:
    """The points of one activity as they are read; a segment ends where the recording paused."""

    def __init__(self) -> None:
        self.segment = 0
        self.first_time: str | None = None
        self.begins_s, self.ends_s = inf, -inf
        self._rows = array("d")

    def add(self, values: list[str]) -> None:
        """Take a point's values as written, in the order of the columns; the segment's is put in here."""
        if self.first_time is None and values[TIME] != "nan":
            self.first_time = values[TIME]
        row: list[float | str] = [*values]
        row[TIME], row[SEGMENT] = seconds(values[TIME]), self.segment
        try:
            numbers = [float(value) for value in row]
        except ValueError:
            numbers = [value if isinstance(value, float | int) else _or_nan(value) for value in row]
        self._rows.extend(numbers)
        self._span(numbers[TIME], numbers[TIME])

    def extend(self, other: "Track") -> None:
        """Go on with another track's points, after a pause."""
        self._rows.extend(other._rows)
        self._span(other.begins_s, other.ends_s)

    @property
    def is_empty(self) -> bool:
        return not self._rows

    def _span(self, since_s: float, until_s: float) -> None:
        if since_s < self.begins_s:
            self.begins_s = since_s
        if until_s > self.ends_s:
            self.ends_s = until_s

    def samples(self) -> Samples:
        """Return the points in the file's order; those without a time tell places on the way, at most."""
        table = np.array(self._rows, dtype=np.float64).reshape(-1, SEGMENT + 1)
        timed = np.isfinite(table[:, TIME])
        if timed.sum() < TIMED_SHARE * len(table):
            table = table[timed]
        table[:, TIME] = _in_file_order(table[:, TIME])
        return Samples.of_columns(*(table[:, column] for column in range(SEGMENT + 1)))

    def utc_offset_s(self) -> int | None:
        return utc_offset_s(self.first_time)


def refuse_many(parts: Sized) -> None:
    if len(parts) >= MOST_PARTS:
        raise BadInput(f"The file holds more than {MOST_PARTS:,} activities or laps: refused.")


def _in_file_order(time_s: Floats) -> Floats:
    """Let no clock run back by less than a minute: apps that merge streams scatter the times by seconds."""
    latest = np.fmax.accumulate(time_s) if time_s.size else time_s
    return np.where(latest - time_s < SCATTERED_S, latest, time_s)


def number(text: str | None) -> float | None:
    """Return a finite number or None: NaN and infinity are written, too, and commas for points."""
    value = _or_nan(text) if text else nan
    return value if abs(value) < UNMEASURABLE else None


def _or_nan(text: str) -> float:
    for written in (text, text.replace(",", ".")):
        try:
            return float(written)
        except ValueError:
            continue
    return nan


def seconds(text: str) -> float:
    """Return the seconds since 1970, NaN when the text is no time."""
    moment = _moment(text)
    if moment is None:
        return nan
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def instant(text: str | None) -> datetime | None:
    """Return a time in UTC; without a zone it is taken for UTC, as TCX and GPX ask."""
    moment = _moment(text)
    if moment is None:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def utc_offset_s(text: str | None) -> int | None:
    """Return the offset that a time is written with; +00:00 is what programs write that know none."""
    moment = _moment(text)
    offset = moment.utcoffset() if moment is not None else None
    offset_s = int(offset.total_seconds()) if offset is not None else 0
    return offset_s if 0 < abs(offset_s) <= FARTHEST_OFFSET_S else None


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return _loose(text)


def _loose(text: str) -> datetime | None:
    """Read what is nearly an ISO time: blanks around it, one digit where two belong, slashes."""
    found = LOOSE_TIME.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[part]) for part in range(1, 7))
    fraction = int((found[7] or "0").ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, fraction, tzinfo=_zone(found[8]))
    except ValueError:
        return None


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:-2].rstrip(":")), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
