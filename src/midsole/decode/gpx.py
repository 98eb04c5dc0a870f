"""GPX: tracks with times, as apps and services export them."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from midsole.decode.unpack import child_number, child_text, instant, number, read_xml
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput, NotAnActivity
from midsole.domain.samples import Row, Samples, heart_rate, steps_from_cadence, with_summary

SPORTS = {
    "1": "cycling",
    "4": "hiking",
    "9": "running",
    "10": "walking",
    "16": "swimming",
    "run": "running",
    "running": "running",
    "trail_running": "running",
    "treadmill_running": "running",
    "track_running": "running",
    "walk": "walking",
    "walking": "walking",
    "hike": "hiking",
    "hiking": "hiking",
    "ride": "cycling",
    "biking": "cycling",
    "cycling": "cycling",
    "road_biking": "cycling",
    "mountain_biking": "cycling",
    "swim": "swimming",
    "swimming": "swimming",
    "open_water_swimming": "swimming",
}
"""Strava numbers its sports in the order of its old menu (observed in its GPX exports, 2015-2024)."""
SURFACES = {"trail_running": "trail", "treadmill_running": "treadmill", "track_running": "track"}


class _Track:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.type = ""
        self.title: str | None = None


class _Reader:
    def __init__(self) -> None:
        self.tracks: list[_Track] = []
        self.segments = 0
        self.creator: str | None = None

    def opened(self, name: str, element: Element) -> None:
        if name == "gpx":
            self.creator = element.get("creator")
        elif name == "trk":
            self.tracks.append(_Track())
        elif name == "trkseg":
            self.segments += 1

    def closed(self, name: str, element: Element, parents: list[str], /) -> None:
        if not self.tracks or not parents:
            return
        if name == "trkpt":
            self.tracks[-1].rows.append(_row(element, self.segments))
        elif name == "type" and parents[-1] == "trk":
            self.tracks[-1].type = (element.text or "").strip().lower()
        elif name == "name" and parents[-1] == "trk":
            self.tracks[-1].title = (element.text or "").strip() or None


class GpxDecoder:
    """One recording per track with at least two timed points; its distance is the path between the fixes."""

    name = "gpx"
    version = 1

    def sniff(self, head: bytes) -> bool:
        return b"<gpx" in head or b":gpx" in head

    def decode(self, raw: bytes) -> list[Recording]:
        reader = _Reader()
        damage = read_xml(raw, reader, frozenset({"trkpt", "rtept", "wpt"}))
        timed = [(track, _samples(track)) for track in reader.tracks]
        found = [(track, samples) for track, samples in timed if samples.count >= 2]
        if found:
            return [
                _recording(leg, track, samples, reader.creator, recovered=damage is not None)
                for leg, (track, samples) in enumerate(found)
            ]
        if damage is not None:
            raise BadInput(f"The GPX file is broken: {damage}.")
        raise NotAnActivity("The GPX file holds a route without times, so nobody ran it yet.")


def _row(point: Element, segment: int) -> Row:
    at = instant(child_text(point, "time"))
    beats = cadence = None
    for element in point.iter():
        if element.tag.endswith(("}hr", "}heartrate")):
            beats = number(element.text)
        elif element.tag.endswith(("}cad", "}cadence")):
            cadence = number(element.text)
    lat_deg, lon_deg = number(point.get("lat")), number(point.get("lon"))
    time_s = at.timestamp() if at else None
    return time_s, None, child_number(point, "ele"), lat_deg, lon_deg, beats, cadence, float(segment)


def _samples(track: _Track) -> Samples:
    return Samples.of([row for row in track.rows if row[0] is not None])


def _recording(
    leg: int, track: _Track, samples: Samples, creator: str | None, *, recovered: bool
) -> Recording:
    sport = SPORTS.get(track.type, "unknown")
    elapsed_s = float(samples.time_s.max() - samples.time_s.min())
    path = samples.path_m()
    distance_m = float(path[path >= 0].max(initial=0.0))
    beats_mean, beats_max = heart_rate(samples)
    cadence = samples.cadence_rpm[samples.cadence_rpm > 0]
    recording = Recording(
        leg=leg,
        sport=sport,
        surface=SURFACES.get(track.type, "unknown"),
        started_at=datetime.fromtimestamp(float(samples.time_s.min()), UTC),
        distance_m=distance_m,
        distance_from="gps" if distance_m > 0 else "none",
        timer_s=elapsed_s,
        moving_s=elapsed_s,
        elapsed_s=elapsed_s,
        steps=steps_from_cadence(sport, float(cadence.mean()) if cadence.size else None, elapsed_s),
        heart_rate_mean_bpm=beats_mean,
        heart_rate_max_bpm=beats_max,
        title=track.title,
        device=creator,
        recovered=recovered,
    )
    return with_summary(recording, samples)
