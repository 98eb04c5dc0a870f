"""What the fuzzer starts from: real files where the corpus is, made-up ones always, each cut to a few kB."""

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from fit_writer import Leg, fit_file, fit_run, truncated

from fuzz import fit_shape, xml_tricks
from fuzz.fit_shape import Piece

CORPUS = Path(os.environ.get("MIDSOLE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
LARGEST_BYTES = 5_000
LARGEST_WHOLE_BYTES = 60_000
START = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seed:
    """A small valid file; `whole` is the file before it was cut, `pieces` the messages of a FIT file."""

    name: str
    kind: str
    raw: bytes
    whole: bytes
    pieces: tuple[Piece, ...] = ()


type Seeds = dict[str, tuple[Seed, ...]]
"""By kind: fit, tcx, gpx, json, other; in an order that is the same on every machine."""


def load(corpus: Path = CORPUS) -> Seeds:
    seeds: dict[str, list[Seed]] = {kind: [] for kind in ("fit", "tcx", "gpx", "json", "other")}
    for name, raw in (*generated(), *_real(corpus)):
        seed = _seed(name, raw)
        seeds[seed.kind].append(seed)
    return {kind: tuple(found) for kind, found in seeds.items()}


def _real(corpus: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(p for p in corpus.rglob("*") if p.is_file() and p.suffix not in (".csv", ".md")):
        for name, raw in _unwrapped(str(path.relative_to(corpus)), path.read_bytes()):
            if raw:
                yield name, raw


def _unwrapped(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Take off gzip and zip: the fuzzer wraps by itself."""
    if raw.startswith(b"\x1f\x8b"):
        yield name, zlib.decompress(raw, wbits=31)
    elif raw.startswith(b"PK"):
        try:
            with ZipFile(BytesIO(raw)) as archive:
                yield from ((f"{name}/{member}", archive.read(member)) for member in archive.namelist())
        except BadZipFile:
            yield name, raw
    else:
        yield name, raw


def _seed(name: str, raw: bytes) -> Seed:
    whole = raw[:LARGEST_WHOLE_BYTES]
    if raw[8:12] == b".FIT":
        pieces = fit_shape.thinned(fit_shape.pieces_of(raw))
        return Seed(
            name, "fit", fit_shape.whole(pieces) if pieces else raw[:LARGEST_BYTES], whole, tuple(pieces)
        )
    kind = _kind(raw[:4096])
    if kind in ("tcx", "gpx"):
        return Seed(name, kind, xml_tricks.thinned(raw, LARGEST_BYTES), whole)
    return Seed(name, kind, raw[:LARGEST_BYTES], whole)


def _kind(head: bytes) -> str:
    if b"TrainingCenterDatabase" in head:
        return "tcx"
    if b"<gpx" in head:
        return "gpx"
    return "json" if b'"midsole"' in head else "other"


def generated() -> Sequence[tuple[str, bytes]]:
    height = {"altitude": lambda metres: 100 + 30 * (metres // 500 % 2)}
    run = fit_run(START, 10_000, 3_000, lap_every_m=1_000, rpe=6, feel=75, **height)
    swim = Leg(started_at=START, distance_m=750, timer_s=900, sport="swimming")
    ride = Leg(started_at=START + timedelta(hours=1), distance_m=20_000, timer_s=2_400, sport="cycling")
    last = Leg(started_at=START + timedelta(hours=2), distance_m=5_000, timer_s=1_500, is_race=True)
    return (
        ("made/run.fit", run),
        ("made/pause.fit", fit_run(START, 8_000, 2_400, elapsed_s=3_000, records_every_s=100)),
        ("made/treadmill.fit", fit_run(START, 5_000, 1_500, sub_sport="treadmill", records_every_s=None)),
        ("made/no-session.fit", fit_run(START, 5_000, 1_500, session=False)),
        ("made/cut.fit", truncated(run)),
        ("made/triathlon.fit", fit_file([swim, ride, last])),
        ("made/empty.fit", fit_file([])),
        ("made/run.tcx", tcx()),
        ("made/run.gpx", gpx()),
        ("made/run.json", manual()),
        ("made/course.gpx", b"<gpx><rte><rtept lat='47' lon='8'/></rte></gpx>"),
    )


def tcx(points: int = 30) -> bytes:
    track = "".join(
        f"<Trackpoint><Time>{_at(n)}</Time><Position><LatitudeDegrees>{47 + n / 9000:.6f}</LatitudeDegrees>"
        f"<LongitudeDegrees>8.5</LongitudeDegrees></Position><AltitudeMeters>{400 + n % 9}</AltitudeMeters>"
        f"<DistanceMeters>{n * 14.0}</DistanceMeters>"
        f"<HeartRateBpm><Value>{140 + n % 20}</Value></HeartRateBpm><Cadence>84</Cadence>"
        "<Extensions><x:TPX><x:Speed>2.8</x:Speed><x:RunCadence>85</x:RunCadence></x:TPX>"
        "</Extensions></Trackpoint>"
        for n in range(points)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<TrainingCenterDatabase xmlns:x="http://www.garmin.com/x" '
        'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
        '<Activities><Activity Sport="Running">'
        f'<Id>{_at(0)}</Id><Lap StartTime="{_at(0)}"><TotalTimeSeconds>{points * 5}.0</TotalTimeSeconds>'
        f"<DistanceMeters>{points * 14}.5</DistanceMeters><Calories>40</Calories><Track>{track}</Track></Lap>"
        "<Notes>easy</Notes><Creator><Name>Forerunner</Name><UnitId>1</UnitId></Creator></Activity></Activities>"
        "</TrainingCenterDatabase>"
    ).encode()


def gpx(points: int = 30) -> bytes:
    track = "".join(
        f'<trkpt lat="{47 + n / 9000:.6f}" lon="8.5"><ele>{400 + n % 9}</ele><time>{_at(n)}</time>'
        f"<extensions><g:TrackPointExtension><g:hr>{140 + n % 20}</g:hr><g:cad>84</g:cad>"
        "</g:TrackPointExtension></extensions></trkpt>"
        for n in range(points)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="made" '
        'xmlns:g="http://www.garmin.com/g" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<metadata><time>{_at(0)}</time></metadata><trk><name>Run</name>"
        f"<type>running</type><trkseg>{track}</trkseg><trkseg>{track[:0]}</trkseg></trk></gpx>"
    ).encode()


def manual(**said: object) -> bytes:
    document = {
        "midsole": "manual",
        "sport": "running",
        "surface": "road",
        "started_at": START.isoformat(),
        "distance_m": 10_000.0,
        "timer_s": 3_000.0,
        "title": "a run",
        "is_race": False,
    }
    return json.dumps(document | said).encode()


def _at(n: int) -> str:
    return f"{START + timedelta(seconds=5 * n):%Y-%m-%dT%H:%M:%SZ}"
