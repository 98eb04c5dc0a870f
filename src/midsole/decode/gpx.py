"""GPX: tracks with times, as apps and services export them."""

import re
from collections.abc import Iterator

import numpy as np

from midsole.decode.base import Leg
from midsole.decode.bounds import moment
from midsole.decode.markup import head_text, read_xml
from midsole.decode.tracks import (
    ALTITUDE,
    CADENCE,
    DISTANCE,
    HEART_RATE,
    LAT,
    LON,
    SEGMENT,
    TIME,
    Track,
    refuse_many,
)
from midsole.decode.where import first_fix
from midsole.decode.words import sport_and_surface, sport_of_title
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput, NotAnActivity
from midsole.domain.samples import (
    Samples,
    both_feet,
    covered_m,
    heart_rate,
    in_order,
    longest_m,
    mean_above_0,
    steps_from_cadence,
    with_summary,
)

COLUMNS = {
    "time": TIME,
    "distance": DISTANCE,
    "ele": ALTITUDE,
    "lat": LAT,
    "lon": LON,
    "hr": HEART_RATE,
    "heartrate": HEART_RATE,
    "cad": CADENCE,
    "cadence": CADENCE,
    "segment": SEGMENT,
}
SPORT_ELEMENTS = frozenset({"type", "typeTranslated", "activityType", "activity", "sport", "oaCategory"})
"""Where apps name the sport: the track's type, and OpenTracks's, Outdooractive's and others' extensions."""
MOST_TRACKS = 1_000
MOST_KINDS = 5
PLACES = frozenset({"wpt", "rte", "link"})
"""What is named and typed in these is no track."""
SPORT_IN_NAME = re.compile(r"^(?:Workout\(.*\bworkoutTypeId=|suuntoapp-)(\w+)")
"""FitoTrack writes the record of its database as a name, Suunto's app "suuntoapp-TrailRunning-2021-11-13"."""
PAUSE_S, STANDING_M_PER_S = 30.0, 0.2
"""A longer gap at less than this was a pause: services leave out the points of a stopped watch."""
LONGEST_PAUSE_S = 600.0
"""Tracks of one sport that follow within ten minutes are one activity in parts, as some loggers write."""


class _Track(Track):
    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[str] = []
        self.title: str | None = None

    def told(self, reader: "_Reader") -> tuple[str, str]:
        """Return sport and surface by the first word that says one, else by an app's own title."""
        for kind in (*self.kinds, reader.kind):
            sport, surface = sport_and_surface(kind)
            if sport != "unknown":
                return sport, surface
        return sport_of_title(self.named(reader) or ""), "unknown"

    def named(self, reader: "_Reader") -> str | None:
        """Return the track's name, or the whole file's where it holds nothing else."""
        return self.title or (reader.title if len(reader.tracks) == 1 else None)


class _Reader:
    def __init__(self) -> None:
        self.tracks: list[_Track] = []
        self.segments = 0
        self.creator: str | None = None
        self.kind = ""
        self.title: str | None = None

    def opened(self, name: str, attributes: dict[str, str], _parents: list[str], /) -> None:
        if name == "gpx":
            self.creator = attributes.get("creator") or None
        elif name == "trk":
            self._next_track()
        elif name == "trkseg":
            self.segments += 1

    def _next_track(self) -> None:
        if self.tracks and self.tracks[-1].is_empty:
            self.tracks.pop()
        refuse_many(self.tracks)
        self.tracks.append(_Track())

    def closed(self, name: str, text: str, parents: list[str], /) -> None:
        if not parents or not PLACES.isdisjoint(parents):
            return
        if "trk" in parents and self.tracks:
            self._closed_in_track(self.tracks[-1], name, text, parents)
        elif name == "name" and (found := SPORT_IN_NAME.match(text)):
            self.kind = found[1]
        elif name == "name" and parents[-1] in ("metadata", "gpx"):
            self.title = text or None
        elif name in SPORT_ELEMENTS:
            self.kind = self.kind or text

    def _closed_in_track(self, track: _Track, name: str, text: str, parents: list[str]) -> None:
        is_name = name == "name" and parents[-1] == "trk"
        sport = SPORT_IN_NAME.match(text) if is_name else None
        if is_name and sport is None:
            track.title = text or None
        elif (sport or name in SPORT_ELEMENTS) and len(track.kinds) < MOST_KINDS:
            track.kinds.append(sport[1] if sport else text)

    def point(self, attributes: dict[str, str], values: list[str], /) -> None:
        if self.tracks:
            values[LAT], values[LON] = attributes.get("lat", "nan"), attributes.get("lon", "nan")
            self.tracks[-1].segment = self.segments
            self.tracks[-1].add(values)


class GpxDecoder:
    """One recording per track with at least two timed points; its distance is the path between the fixes."""

    name = "gpx"
    version = 4

    def sniff(self, head: bytes) -> bool:
        text = head_text(head)
        return "<gpx" in text or ":gpx" in text

    def decode(self, raw: bytes) -> list[Recording]:
        return [leg.recording for leg in self.legs(raw)]

    def legs(self, raw: bytes) -> Iterator[Leg]:
        """The same recordings, each with what it was made of."""
        reader = _Reader()
        damage = read_xml(raw, reader, "trkpt", COLUMNS)
        found = [(track, track.samples()) for track in _joined(reader.tracks)]
        found = [(track, samples) for track, samples in found if np.isfinite(samples.time_s).sum() >= 2]
        if len(found) > MOST_TRACKS:
            raise BadInput(f"The GPX file holds more than {MOST_TRACKS:,} tracks. Split it.")
        for number_of_leg, (track, samples) in enumerate(found):
            recovered = damage is not None
            yield Leg(_recording(number_of_leg, track, samples, reader, recovered=recovered), samples)
        if found:
            return
        if damage is not None:
            raise BadInput(f"The GPX file is broken: {damage}.")
        raise NotAnActivity("The GPX file holds no track with times: a route or places, not a run.")


def _joined(tracks: list[_Track]) -> list[_Track]:
    """Put the parts of one activity together: same sport and title, and the next begins where one paused."""
    joined: list[_Track] = []
    for track in tracks:
        if joined and _goes_on(joined[-1], track):
            joined[-1].extend(track)
        else:
            joined.append(track)
    return joined


def _goes_on(track: _Track, following: _Track) -> bool:
    if [*map(str.casefold, track.kinds)] != [*map(str.casefold, following.kinds)]:
        return False
    if _without_numbers(track.title) != _without_numbers(following.title):
        return False
    return 0 <= following.begins_s - track.ends_s <= LONGEST_PAUSE_S


def _without_numbers(title: str | None) -> str:
    return re.sub(r"[\d\W]+", "", title or "")


def _timer_s(samples: Samples, path: np.ndarray) -> float:
    """Return the time between the points without the pauses: between segments, and long gaps on the spot."""
    time_s, along_m = in_order(samples.time_s, path)
    _, segment = in_order(np.where(np.isfinite(path), samples.time_s, np.nan), samples.segment)
    gaps = np.diff(time_s)
    stood = (gaps > PAUSE_S) & (np.abs(np.diff(along_m)) < STANDING_M_PER_S * gaps)
    return float(gaps[~stood & (np.diff(segment) == 0)].sum())


def _distance(samples: Samples, path: np.ndarray) -> tuple[float, str]:
    """Return the path between the fixes; a recording indoors has none, but may have the app's counter."""
    choices = ((longest_m(path), "gps"), (covered_m(samples.distance_m), "records"))
    return next(((metres, told_by) for metres, told_by in choices if metres > 0), (0.0, "none"))


def _cadence_rpm(samples: Samples) -> float | None:
    return mean_above_0(samples.cadence_rpm)


def _recording(leg: int, track: _Track, samples: Samples, reader: _Reader, *, recovered: bool) -> Recording:
    sport, surface = track.told(reader)
    timed_s = samples.time_s[np.isfinite(samples.time_s)]
    elapsed_s = float(np.ptp(timed_s))
    path = samples.path_m()
    timer_s = _timer_s(samples, path) or elapsed_s
    distance_m, distance_from = _distance(samples, path)
    beats_mean, beats_max = heart_rate(samples)
    cadence_rpm = _cadence_rpm(samples)
    start_lat, start_lon = first_fix(samples)
    recording = Recording(
        leg=leg,
        sport=sport,
        surface=surface,
        started_at=moment(float(timed_s.min())),
        distance_m=distance_m,
        distance_from=distance_from,
        timer_s=timer_s,
        moving_s=timer_s,
        elapsed_s=elapsed_s,
        utc_offset_s=track.utc_offset_s(),
        steps=steps_from_cadence(sport, cadence_rpm, timer_s),
        cadence_spm=both_feet(sport, cadence_rpm),
        start_lat=start_lat,
        start_lon=start_lon,
        heart_rate_mean_bpm=beats_mean,
        heart_rate_max_bpm=beats_max,
        title=track.named(reader),
        device=reader.creator,
        recovered=recovered,
    )
    return with_summary(recording, samples)
