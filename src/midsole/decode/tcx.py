"""TCX: Garmin's older XML, still what many services export."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

import numpy as np

from midsole.decode.unpack import child_number, child_text, instant, number, read_xml
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput, NotAnActivity
from midsole.domain.samples import Row, Samples, covered_m, heart_rate, steps_from_cadence, with_summary

SPORTS = {"running": "running", "biking": "cycling", "walking": "walking", "hiking": "hiking"}
"""The schema knows Running, Biking and Other; Other may be anything, a run included."""


class _Lap:
    def __init__(self, element: Element) -> None:
        self.start = instant(element.get("StartTime"))
        self.timer_s = max(child_number(element, "TotalTimeSeconds") or 0.0, 0.0)
        self.distance_m = max(child_number(element, "DistanceMeters") or 0.0, 0.0)
        self.cadence = next(
            (number(found.text) for found in element.iter() if found.tag.endswith("}AvgRunCadence")), None
        )


class _Activity:
    def __init__(self, sport: str) -> None:
        self.sport = SPORTS.get(sport.lower(), "unknown")
        self.start: datetime | None = None
        self.device: str | None = None
        self.laps: list[_Lap] = []
        self.rows: list[Row] = []
        self.tracks = 0


class _Reader:
    def __init__(self) -> None:
        self.activities: list[_Activity] = []
        self.inside = False

    def opened(self, name: str, element: Element) -> None:
        if name == "Activity":
            self.inside = True
            self.activities.append(_Activity(element.get("Sport", "")))
        elif name == "Track" and self.inside:
            self.activities[-1].tracks += 1

    def closed(self, name: str, element: Element, _parents: list[str], /) -> None:
        if not self.inside:
            return
        activity = self.activities[-1]
        if name == "Trackpoint":
            activity.rows.append(_row(element, activity.tracks))
        elif name == "Lap":
            activity.laps.append(_Lap(element))
        elif name == "Activity":
            self.inside = False
            activity.start = instant(child_text(element, "Id"))
            activity.device = child_text(element, "Creator", "Name")


class TcxDecoder:
    """One recording per Activity element, those of a MultiSportSession included."""

    name = "tcx"
    version = 1

    def sniff(self, head: bytes) -> bool:
        return b"TrainingCenterDatabase" in head or b"<Activities" in head

    def decode(self, raw: bytes) -> list[Recording]:
        reader = _Reader()
        damage = read_xml(raw, reader, frozenset({"Trackpoint"}))
        legs = [(activity, _samples(activity)) for activity in reader.activities]
        legs = [(activity, samples) for activity, samples in legs if _started_at(activity, samples)]
        if legs:
            return [
                _recording(leg, activity, samples, recovered=damage is not None)
                for leg, (activity, samples) in enumerate(legs)
            ]
        if damage is not None:
            raise BadInput(f"The TCX file is broken: {damage}.")
        raise NotAnActivity("The TCX file holds no activity: it is a course, a workout or empty.")


def _row(point: Element, track: int) -> Row:
    at = instant(child_text(point, "Time"))
    cadence = child_number(point, "Cadence")
    for element in point.iter():
        if element.tag.endswith("}RunCadence"):
            cadence = number(element.text)
    return (
        at.timestamp() if at else None,
        child_number(point, "DistanceMeters"),
        child_number(point, "AltitudeMeters"),
        child_number(point, "Position", "LatitudeDegrees"),
        child_number(point, "Position", "LongitudeDegrees"),
        child_number(point, "HeartRateBpm", "Value"),
        cadence,
        float(track),
    )


def _samples(activity: _Activity) -> Samples:
    return Samples.of([row for row in activity.rows if row[0] is not None])


def _started_at(activity: _Activity, samples: Samples) -> datetime | None:
    laps = [lap.start for lap in activity.laps if lap.start]
    if laps:
        return laps[0]
    if samples.count:
        return datetime.fromtimestamp(float(samples.time_s.min()), UTC)
    return None


def _distance(activity: _Activity, samples: Samples) -> tuple[float, str]:
    """Return the laps' distance: it is what the device showed; track points may restart with each leg."""
    path = samples.path_m()
    choices = (
        (sum(lap.distance_m for lap in activity.laps), "laps"),
        (covered_m(samples.distance_m), "records"),
        (float(path[path >= 0].max(initial=0.0)), "gps"),
    )
    return next(((metres, told_by) for metres, told_by in choices if metres > 0), (0.0, "none"))


def _steps(activity: _Activity, samples: Samples, timer_s: float) -> int | None:
    """Prefer the laps' own means: they were taken over the time on the watch."""
    laps = [(lap.cadence, lap.timer_s) for lap in activity.laps if lap.cadence and lap.timer_s]
    if laps and len(laps) == len(activity.laps):
        cadence = sum(mean * seconds for mean, seconds in laps) / sum(seconds for _, seconds in laps)
        return steps_from_cadence(activity.sport, cadence, timer_s)
    measured = samples.cadence_rpm[samples.cadence_rpm > 0]
    return steps_from_cadence(activity.sport, float(measured.mean()) if measured.size else None, timer_s)


def _recording(leg: int, activity: _Activity, samples: Samples, *, recovered: bool) -> Recording:
    started_at = _started_at(activity, samples)
    assert started_at is not None, "legs without a start are left out before"
    span_s = float(np.ptp(samples.time_s)) if samples.count else 0.0
    timer_s = sum(lap.timer_s for lap in activity.laps) or span_s
    distance_m, distance_from = _distance(activity, samples)
    beats_mean, beats_max = heart_rate(samples)
    recording = Recording(
        leg=leg,
        sport=activity.sport,
        surface="unknown",
        started_at=started_at,
        distance_m=distance_m,
        distance_from=distance_from,
        timer_s=timer_s,
        moving_s=timer_s,
        elapsed_s=max(span_s, timer_s),
        steps=_steps(activity, samples, timer_s),
        heart_rate_mean_bpm=beats_mean,
        heart_rate_max_bpm=beats_max,
        device=activity.device,
        recovered=recovered,
    )
    return with_summary(recording, samples)
