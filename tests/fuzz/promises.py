"""What must hold of every input: a decoded file that can be stored, or BadInput with a reason that can."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from io import BytesIO
from math import isfinite
from typing import TYPE_CHECKING

from midsole.decode import unpack
from midsole.decode.course import course
from midsole.decode.registry import Decoded, decode
from midsole.domain import identity, plausible
from midsole.domain.activity import SPORTS, SURFACES, Edit, Recording
from midsole.domain.errors import BadInput
from midsole.domain.samples import EFFORTS_M

if TYPE_CHECKING:
    from midsole.decode.unpack import Entry

RECEIVED_AT = datetime(2026, 11, 18, 12, tzinfo=UTC)
LARGEST_ROW_BYTES = 100_000
LONGEST_REASON = 2_000
MOST_M = 1e9
"""A million kilometres; the decoder of runs entered by hand stops there, too."""
MOST_S = 1e10
"""Three hundred years: what two timestamps of a FIT file can lie apart, twice."""
INT32 = 2**31
"""The width of PostgreSQL's INTEGER."""
DAY_S = 86_400
MOST_COURSES = 3
"""Each reads the file again."""
DISTANCE_FROM = frozenset({"session", "laps", "records", "gps", "none", "edit"})
SIGNED = frozenset({"utc_offset_s"})
DEGREES = frozenset({"start_lat", "start_lon"})
MOST = {"m": MOST_M, "s": MOST_S}
"""By the unit at the end of a field's name; anything else ends where the metres do."""
NUMBERS = tuple(
    f.name for f in fields(Recording) if f.type in (float, float | None) and f.name not in DEGREES
)
WHOLE = tuple(f.name for f in fields(Recording) if f.type in (int, int | None))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong (nothing where all promises hold), and what the file gave."""

    breaks: tuple[str, ...]
    recordings: tuple[Recording, ...]


def judge(raw: bytes) -> Verdict:
    """Any exception that leaves here is a finding, too."""
    unpacked = tuple(_unpacked(raw))
    try:
        decoded = decode(raw)
    except BadInput as reason:
        return Verdict((*_reason(str(reason)), *unpacked), ())
    return Verdict((*_decoded(decoded), *_courses(raw, decoded), *unpacked), decoded.recordings)


def _decoded(decoded: Decoded) -> Iterator[str]:
    if type(decoded) is not Decoded or not decoded.recordings:
        yield f"decode returned {decoded!r:.200}"
    if len(decoded.format) > 20:
        yield f"format {decoded.format!r:.100}"
    for part in decoded.bad_parts:
        yield from _reason(part)
    legs = [recording.leg for recording in decoded.recordings]
    if legs != list(range(len(legs))):
        yield f"legs are numbered {legs[:20]}"
    for recording in decoded.recordings:
        yield from recording_breaks(recording)


def _courses(raw: bytes, decoded: Decoded) -> Iterator[str]:
    """Laps and points lie in order between the start and, but for a rounding, the end."""
    for recording in decoded.recordings[:MOST_COURSES]:
        try:
            found = course(raw, recording.leg)
        except BadInput as reason:
            yield from _reason(str(reason))
            continue
        for ways_m in (found.lap_ends_m, [metres for _, metres in found.points]):
            most_m = found.total_m * 1.000_001
            if any(not 0 <= way_m <= most_m for way_m in ways_m) or sorted(ways_m) != list(ways_m):
                yield f"leg {recording.leg} of {found.total_m} m is laid out as {ways_m[:9]}"[:300]


def _unpacked(raw: bytes) -> Iterator[str]:
    if not unpack.is_container(raw):
        return
    try:
        for entry in unpack.entries(BytesIO(raw), "x"):
            yield from _entry(entry)
    except BadInput as reason:
        yield from _reason(str(reason))


def _entry(entry: "Entry") -> Iterator[str]:
    if not entry.name.isprintable() or len(entry.name) > LONGEST_REASON or not _storable(entry.name):
        yield f"an entry is named {entry.name!r:.200}"
    if entry.name.startswith("/") or ".." in entry.name.replace("\\", "/").split("/"):
        yield f"an entry's name leads out of its folder: {entry.name!r:.200}"
    if isinstance(entry.content, BadInput):
        yield from _reason(str(entry.content))
    elif type(entry.content) is not bytes:
        yield f"an entry holds {type(entry.content)}"


def _reason(text: str) -> Iterator[str]:
    """A reason is stored and shown: one or two sentences, in characters that PostgreSQL takes."""
    if len(text) > LONGEST_REASON:
        yield f"a reason of {len(text)} characters: {text[:80]!r}"
    if not text.strip() or not _storable(text):
        yield f"a reason that can't be stored: {text!r:.200}"
    if "out of memory" in text:
        yield f"the reason is the memory: {text!r:.200}"


def _storable(text: str) -> bool:
    """Neither NUL (PostgreSQL refuses it) nor half of a surrogate pair (UTF-8 can't say it)."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def recording_breaks(recording: Recording) -> Iterator[str]:
    yield from _columns(recording)
    yield from _numbers(recording)
    yield from _start(recording)
    yield from _judged(recording)


def _columns(recording: Recording) -> Iterator[str]:
    if recording.sport not in SPORTS or recording.surface not in SURFACES:
        yield f"sport {recording.sport!r:.50}, surface {recording.surface!r:.50}"
    if recording.distance_from not in DISTANCE_FROM:
        yield f"distance_from {recording.distance_from!r:.50}"
    for name in ("title", "device", "foot_pod"):
        text = getattr(recording, name)
        if text is not None and not (type(text) is str and _storable(text)):
            yield f"{name} can't be stored: {text!r:.100}"
    for name in ("is_race", "recovered"):
        if type(getattr(recording, name)) is not bool:
            yield f"{name} is {getattr(recording, name)!r:.50}"
    size = _row_bytes(recording)
    if size > LARGEST_ROW_BYTES:
        yield f"a row of {size} bytes"


def _row_bytes(recording: Recording) -> int:
    words = len(recording.title or "") + len(recording.device or "")
    return (
        words
        + 8 * (len(recording.speed_s) + max(recording.speed_s, default=0))
        + 20 * len(recording.fastest_s)
    )


def _numbers(recording: Recording) -> Iterator[str]:
    for name in NUMBERS:
        value = getattr(recording, name)
        most = MOST.get(name.rpartition("_")[2], MOST_M)
        if value is not None and not (type(value) in (float, int) and 0 <= value < most):
            yield f"{name} is {value!r} ({type(value).__name__})"
    for name in WHOLE:
        value, least = getattr(recording, name), -INT32 if name in SIGNED else 0
        if value is not None and not (type(value) is int and least <= value < INT32):
            yield f"{name} is {value!r} ({type(value).__name__})"
    if recording.moving_s > recording.timer_s:
        yield f"moving_s is {recording.moving_s}, above timer_s {recording.timer_s}"
    yield from _place(recording)
    yield from _bins(recording)


def _place(recording: Recording) -> Iterator[str]:
    """Both degrees or neither, and no place at 0, 0."""
    lat, lon = recording.start_lat, recording.start_lon
    if lat is None and lon is None:
        return
    if not (
        type(lat) is float and type(lon) is float and abs(lat) <= 90 and abs(lon) <= 180 and (lat or lon)
    ):
        yield f"it starts at {lat!r}, {lon!r}"


def _bins(recording: Recording) -> Iterator[str]:
    if not set(recording.fastest_s) <= set(EFFORTS_M):
        yield f"fastest_s over {sorted(recording.fastest_s)[:9]}"
    if any(type(n) is not int or not 0 <= n <= 1_000 for n in recording.speed_s):
        yield f"speed_s has bins {sorted(recording.speed_s)[-3:]}"
    told = (*recording.fastest_s.values(), *recording.speed_s.values())
    if not all(isfinite(seconds) and 0 <= seconds < MOST_S for seconds in told):
        yield f"fastest_s {dict(recording.fastest_s)}, speed_s {dict(recording.speed_s)}"[:300]


def _start(recording: Recording) -> Iterator[str]:
    """In UTC, and two days from both ends of the calendar: a zone and a rule look a day around it."""
    at, offset_s = recording.started_at, recording.utc_offset_s
    if at.utcoffset() != timedelta(0):
        yield f"started_at {at!r}"
    elif not datetime(1, 1, 3, tzinfo=UTC) <= at <= datetime(9999, 12, 29, tzinfo=UTC):
        yield f"started_at {at!r} is at the end of the calendar"
    if offset_s is not None and not -DAY_S < offset_s < DAY_S:
        yield f"utc_offset_s is {offset_s}"


def _judged(recording: Recording) -> Iterator[str]:
    """What the store does before it writes must not raise, and must come to a finite distance."""
    flags = plausible.doubts(recording, RECEIVED_AT)
    metres = plausible.counted_m(recording, Edit(), flags), plausible.clipped_m(recording)
    if not all(isfinite(found) and 0 <= found <= recording.distance_m for found in metres):
        yield f"counts {metres} of {recording.distance_m}"
    one, other = _trace(recording, "a"), _trace(recording, "b")
    long_enough = recording.elapsed_s >= 1
    if (long_enough and not identity.matches(one, other)) or identity.leader([other, one]) != one:
        yield "it does not match itself"


def _trace(recording: Recording, file: str) -> identity.Trace:
    return identity.Trace(
        id=None,
        activity_id=None,
        file=file,
        leg=recording.leg,
        source=None,
        format=None,
        device=recording.device,
        sport=recording.sport,
        start_s=recording.started_at.timestamp(),
        timer_s=recording.timer_s,
        elapsed_s=recording.elapsed_s,
        distance_m=recording.distance_m,
        distance_from=recording.distance_from,
        recovered=recording.recovered,
        measures=identity.measures(recording),
    )
