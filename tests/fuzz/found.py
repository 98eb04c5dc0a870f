"""The smallest files that show what the fuzzer found, by what is wrong in each."""

import re
import struct
from typing import Any

from fuzz import archive_tricks, fit_shape, seeds
from fuzz.archive_tricks import Member
from fuzz.fit_shape import Definition, Piece, defined

ENUM, UINT8, SINT32, UINT32, FLOAT32, FLOAT64 = 0x00, 0x02, 0x85, 0x86, 0x88, 0x89
LETTERS = {ENUM: "B", UINT8: "B", SINT32: "i", UINT32: "I", FLOAT32: "f", FLOAT64: "d"}
SESSION, RECORD = 18, 20
BEGAN = 1_150_000_000
TOTALS = (
    (2, UINT32, BEGAN),
    (7, UINT32, 1_500_000),
    (8, UINT32, 1_500_000),
    (9, UINT32, 500_000),
    (5, ENUM, 1),
)
SIGNALLING = 0x7F800001
"""The bits of a float32 that is no number and says so when it is touched."""
NAN, INFINITY = float("nan"), float("inf")


def fit_of(*messages: tuple[int, tuple[tuple[int, int, Any], ...]]) -> bytes:
    """An activity file of these messages; a field is its number, base type and value."""
    pieces = []
    for message, told in ((0, ((0, ENUM, 4),)), *messages):
        letters = "".join("I" if value == SIGNALLING else LETTERS[base] for _, base, value in told)
        sizes = [struct.calcsize(LETTERS[base]) for _, base, _ in told]
        columns = zip(told, sizes, strict=True)
        definition = Definition(message, False, tuple((n, size, base) for (n, base, _), size in columns))
        data = struct.pack(f"<B{letters}", 0, *(value for *_, value in told))
        pieces += [defined(definition, 0), Piece(data, definition, is_data=True)]
    return fit_shape.whole(pieces)


def a_session(*told: tuple[int, int, Any]) -> bytes:
    """A run of 5 km in 25 minutes; what is told takes the place of the field of that number."""
    numbers = {number for number, *_ in told}
    return fit_of((SESSION, (*(total for total in TOTALS if total[0] not in numbers), *told)))


def tcx_with(pattern: str, value: str) -> bytes:
    return re.sub(pattern.encode(), value.encode(), seeds.tcx())


def gpx_with(pattern: str, value: str) -> bytes:
    return re.sub(pattern.encode(), value.encode(), seeds.gpx())


TIME = r"2026-03-01T[\d:]+Z"
CUT_OFF = b"\x40\0\0\x14\0\x05\0"
FIRST_STEP = b"2026-03-01T06:30:05"
FIT = {
    "a start that is no number": a_session((2, FLOAT64, NAN)),
    "a start that is infinite": a_session((2, FLOAT64, INFINITY)),
    "a start before the calendar": a_session((2, FLOAT64, -1e11)),
    "a start after the calendar": a_session((2, FLOAT64, 1e12)),
    "a start larger than any integer": a_session((2, FLOAT64, 1e300)),
    "an end that is no number": fit_of((SESSION, ((253, FLOAT64, NAN), (9, UINT32, 500_000)))),
    "a time that is no number": a_session((7, FLOAT32, NAN), (8, FLOAT32, NAN)),
    "a time that is infinite": a_session((7, FLOAT64, INFINITY), (8, FLOAT64, INFINITY)),
    "a time of 1e300": a_session((7, FLOAT64, 1e300), (8, FLOAT64, 1e300)),
    "a time below 0": a_session((7, SINT32, -5), (8, SINT32, -5)),
    "a distance that is no number": a_session((9, FLOAT32, NAN)),
    "a distance that is infinite": a_session((9, FLOAT32, INFINITY)),
    "a distance of 1e300": a_session((9, FLOAT64, 1e300)),
    "a distance below 0": a_session((9, SINT32, -500_000)),
    "a heart rate that no integer of a database holds": a_session(
        (16, UINT32, 2**32 - 2), (17, UINT32, 2**31)
    ),
    "a heart rate that is no number": a_session((16, FLOAT32, NAN), (17, FLOAT32, INFINITY)),
    "a climb below 0": a_session((22, SINT32, -300), (23, SINT32, -360)),
    "a climb of 3e38": a_session((22, FLOAT32, 3e38), (23, FLOAT32, -3e38)),
    "cycles without end": a_session((10, FLOAT64, 1e300)),
    "a cadence without end": a_session((18, FLOAT64, INFINITY)),
    "an effort that is no number": a_session((193, FLOAT32, NAN), (192, FLOAT32, NAN)),
    "a step of 1e300 ms": a_session((133, FLOAT64, 1e300), (132, FLOAT64, INFINITY)),
    "a local time that is no number": fit_of(
        (SESSION, TOTALS), (34, ((253, UINT32, BEGAN), (5, FLOAT32, NAN)))
    ),
    "records with infinite times": fit_of(
        *((RECORD, ((253, FLOAT64, at), (5, UINT32, 9))) for at in (1e9, INFINITY, NAN, 1e300, 1e9 + 1))
    ),
    "a counter that stands a hair below 0": fit_of(
        (SESSION, TOTALS),
        *(
            (RECORD, ((253, UINT32, BEGAN + 100 * n), (5, FLOAT64, 50_000.0 * (n - 5) if n > 5 else -1e-150)))
            for n in range(16)
        ),
    ),
    "records with signalling NaN": fit_of(
        *((RECORD, ((253, UINT32, BEGAN + n), (3, FLOAT32, SIGNALLING))) for n in (1, 2))
    ),
    "a definition cut off": fit_shape.whole([Piece(CUT_OFF, Definition(20, False, ()), False)]),
}
XML = {
    "tcx: a year 1": tcx_with(TIME, "0001-01-01T00:00:00Z"),
    "tcx: a year 0": tcx_with(TIME, "0001-01-01T00:00:00+14:00"),
    "tcx: a year 9999": tcx_with(TIME, "9999-12-31T23:59:59Z"),
    "tcx: times of the year 1 and of 9999": seeds.tcx().replace(FIRST_STEP, b"9999-12-31T00:00:00", 1),
    "tcx: a time of 1e300 s": tcx_with("<TotalTimeSeconds>[^<]*", "<TotalTimeSeconds>1e300"),
    "tcx: a time of 1e308 s": tcx_with("<TotalTimeSeconds>[^<]*", "<TotalTimeSeconds>1e308"),
    "tcx: a distance of 1e308": tcx_with("<DistanceMeters>[^<]*", "<DistanceMeters>1e308"),
    "tcx: a heart rate of 1e308": tcx_with("<Value>[^<]*", "<Value>1e308"),
    "tcx: a heart rate of 4294967295": tcx_with("<Value>[^<]*", "<Value>4294967295"),
    "tcx: a height of 1e11": tcx_with("<AltitudeMeters>400", "<AltitudeMeters>1e11"),
    "tcx: a mean heart rate of 1e308": tcx_with("HeartRateBpm", "Other").replace(
        b"<Calories>", b"<AverageHeartRateBpm><Value>1e308</Value></AverageHeartRateBpm><Calories>"
    ),
    "tcx: a cadence of 1e308": tcx_with("RunCadence>85", "RunCadence>1e308"),
    "tcx: a lap's cadence of 1e308": tcx_with(
        "</Track>", "</Track><Extensions><x:LX><x:AvgRunCadence>1e308</x:AvgRunCadence></x:LX></Extensions>"
    ),
    "tcx: a device of 120 kB": tcx_with("Forerunner", "x" * 120_000),
    "gpx: a year 1": gpx_with(TIME, "0001-01-01T00:00:00Z"),
    "gpx: a year 0": gpx_with(TIME, "0001-01-01T00:00:00+14:00"),
    "gpx: from the year 1 on": seeds.gpx().replace(FIRST_STEP, b"0001-01-01T00:00:00", 1),
    "gpx: until the year 9999": seeds.gpx().replace(FIRST_STEP, b"9999-12-31T00:00:00", 1),
    "gpx: a heart rate of 2147483648": gpx_with("<g:hr>[^<]*", "<g:hr>2147483648"),
    "gpx: a height of 1e11": gpx_with("<ele>400", "<ele>1e11"),
    "gpx: a title of 120 kB": gpx_with("<name>Run", f"<name>{'x' * 120_000}"),
    "gpx: a point in a point": gpx_with("(<trkpt[^>]*>)", r"\1\1</trkpt>"),
    "gpx: a point out of place": b"<gpx><trkpt><trkpt></trkpt></trkpt></gpx>",
}
OTHERS = {
    "zip: an entry beyond every file": archive_tricks.zip_of(
        [Member(b"run.fit", b"x", central={"place": 2**32 - 1}, extra=b"\1\0\x08\0" + b"\xff" * 8)], {}
    ),
    "zip: a member longer than every file": archive_tricks.zip_of(
        [Member(b"run.fit", b"x", local={"packed": 2**32 - 1}, extra=b"\1\0\x08\0" + b"\xff" * 8)], {}
    )[:-40],
    "manual: NUL in the title": seeds.manual(title="a\0b"),
    "manual: half a letter in the title": seeds.manual(title="\ud800"),
    "manual: a title of 150 kB": seeds.manual(title="x" * 150_000),
    "manual: the last day of the calendar": seeds.manual(started_at="9999-12-31T23:59:59+00:00"),
    "manual: the first day of the calendar": seeds.manual(started_at="0001-01-01T00:00:00+00:00"),
}
ALL = FIT | XML | OTHERS
