"""TCX: Garmin's older XML, still what many services export."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from midsole.decode.base import Lap, Leg
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
    instant,
    number,
    refuse_many,
    utc_offset_s,
)
from midsole.decode.where import first_fix
from midsole.decode.words import sport_and_surface
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput, NotAnActivity
from midsole.domain.plausible import EARLIEST
from midsole.domain.samples import (
    Samples,
    both_feet,
    covered_m,
    heart_rate,
    longest_m,
    mean_above_0,
    steps_from_cadence,
    with_summary,
)

COLUMNS = {
    "Time": TIME,
    "DistanceMeters": DISTANCE,
    "AltitudeMeters": ALTITUDE,
    "LatitudeDegrees": LAT,
    "LongitudeDegrees": LON,
    "Value": HEART_RATE,
    "Cadence": CADENCE,
    "RunCadence": CADENCE,
    "Segment": SEGMENT,
}
LONGEST_LAP_S = 30 * 86_400.0
LONGEST_LAP_M = 1e6
"""More is an unset field: no lap lasts a month or leads over 1000 km."""
LAPS_FALL_SHORT = 1.05
"""A lap that ended before its track does (seen from Movescount) misses more than a twentieth of both."""


class _Lap:
    def __init__(self, start: str | None) -> None:
        self.start = instant(start)
        self.timer_s = self.distance_m = 0.0
        self.cadence: float | None = None
        self.beats_mean: float | None = None
        self.beats_max: float | None = None

    @property
    def ended_s(self) -> float | None:
        return self.start.timestamp() + self.timer_s if self.start and self.timer_s else None

    def told(self, name: str, parent: str, value: float | None) -> None:
        """Take one of the lap's own numbers; an element of the same name elsewhere is none."""
        if value is None or value < 0:
            return
        if name == "TotalTimeSeconds" and parent == "Lap" and value <= LONGEST_LAP_S:
            self.timer_s = value
        elif name == "DistanceMeters" and parent == "Lap" and value <= LONGEST_LAP_M:
            self.distance_m = value
        elif name == "AvgRunCadence":
            self.cadence = value
        elif name == "Value" and parent == "AverageHeartRateBpm":
            self.beats_mean = value
        elif name == "Value" and parent == "MaximumHeartRateBpm":
            self.beats_max = value


class _Activity:
    def __init__(self, sport: str) -> None:
        self.sport, self.surface = sport_and_surface(sport)
        self.id: str | None = None
        self.device: str | None = None
        self.laps: list[_Lap] = []
        self.track = Track()

    @property
    def timer_s(self) -> float:
        return sum(lap.timer_s for lap in self.laps)

    @property
    def distance_m(self) -> float:
        return sum(lap.distance_m for lap in self.laps)

    def told_laps(self) -> tuple[Lap, ...]:
        """Each lap ends where the next one starts, the last one when its time is over."""
        starts = [lap.start.timestamp() if lap.start else None for lap in self.laps]
        ends = [*starts[1:], *(lap.ended_s for lap in self.laps[-1:])]
        return tuple(Lap(lap.distance_m, end) for lap, end in zip(self.laps, ends, strict=True))


class _Reader:
    def __init__(self) -> None:
        self.activities: list[_Activity] = []
        self.inside = False

    def opened(self, name: str, attributes: dict[str, str], _parents: list[str], /) -> None:
        if name == "Activity":
            self.inside = True
            refuse_many(self.activities)
            self.activities.append(_Activity(attributes.get("Sport", "")))
        elif self.inside and name == "Lap":
            refuse_many(self.activities[-1].laps)
            self.activities[-1].laps.append(_Lap(attributes.get("StartTime")))
        elif self.inside and name == "Track":
            self.activities[-1].track.segment += 1

    def closed(self, name: str, text: str, parents: list[str], /) -> None:
        if not self.inside:
            return
        activity, parent = self.activities[-1], parents[-1] if parents else ""
        if name == "Activity":
            self.inside = False
        elif name == "Id" and parent == "Activity":
            activity.id = text
        elif name == "Name" and parent == "Creator":
            activity.device = text or None
        elif activity.laps and "Lap" in parents:
            activity.laps[-1].told(name, parent, number(text))

    def point(self, _attributes: dict[str, str], values: list[str], /) -> None:
        if self.inside:
            self.activities[-1].track.add(values)


class TcxDecoder:
    """One recording per Activity element, those of a MultiSportSession included."""

    name = "tcx"
    version = 4

    def sniff(self, head: bytes) -> bool:
        text = head_text(head)
        return "TrainingCenterDatabase" in text or "<Activities" in text

    def decode(self, raw: bytes) -> list[Recording]:
        return [leg.recording for leg in self.legs(raw)]

    def legs(self, raw: bytes) -> Iterator[Leg]:
        """The same recordings, each with what it was made of."""
        reader = _Reader()
        damage = read_xml(raw, reader, "Trackpoint", COLUMNS)
        found = False
        for number_of_leg, activity in enumerate(reader.activities):
            samples = activity.track.samples()
            started_at = _started_at(activity, samples)
            if started_at is not None:
                found = True
                recovered = damage is not None
                recording = _recording(number_of_leg, activity, samples, started_at, recovered=recovered)
                yield Leg(recording, samples, activity.told_laps())
        if found:
            return
        if damage is not None:
            raise BadInput(f"The TCX file is broken: {damage}.")
        raise NotAnActivity("The TCX file holds no activity: it is a course, a workout or empty.")


def _started_at(activity: _Activity, samples: Samples) -> datetime | None:
    """Return the first lap's start, else the first point's, else the activity's name, which is its start.

    A lap from before the year 2000 was told by a clock that was not set: the points may know better.
    """
    lap = next((lap.start for lap in activity.laps if lap.start), None)
    if lap is not None and lap >= EARLIEST:
        return lap
    if np.isfinite(samples.time_s).any():
        return moment(float(np.nanmin(samples.time_s)))
    return lap or (instant(activity.id) if activity.laps else None)


def _distance(activity: _Activity, samples: Samples, *, laps_fall_short: bool) -> tuple[float, str]:
    """Return the laps' distance: it is what the device showed; track points may restart with each leg."""
    path = samples.path_m()
    choices = [
        (activity.distance_m, "laps"),
        (covered_m(samples.distance_m), "records"),
        (longest_m(path), "gps"),
    ]
    if laps_fall_short:
        choices.pop(0)
    return next(((metres, told_by) for metres, told_by in choices if metres > 0), (0.0, "none"))


def _laps_fall_short(activity: _Activity, samples: Samples, moved_s: float) -> bool:
    """Tell whether the track goes on where laps name no distance, or after their distance and time end."""
    if not activity.distance_m or not activity.timer_s:
        return False
    too_short = covered_m(samples.distance_m) > LAPS_FALL_SHORT * activity.distance_m
    is_unsaid = any(not lap.distance_m for lap in activity.laps)
    return too_short and (is_unsaid or moved_s > LAPS_FALL_SHORT * activity.timer_s)


def _timer_s(activity: _Activity, moved_s: float, span_s: float, *, laps_fall_short: bool) -> float:
    """Return the laps' time, or that on the move where it is longer than what some of the laps tell."""
    is_unsaid = any(not lap.timer_s for lap in activity.laps)
    if activity.timer_s and (laps_fall_short or is_unsaid):
        return max(activity.timer_s, moved_s)
    return activity.timer_s or span_s


def _cadence_rpm(activity: _Activity, samples: Samples) -> float | None:
    """Prefer the laps' own means: they were taken over the time on the watch."""
    laps = [(lap.cadence, lap.timer_s) for lap in activity.laps if lap.cadence and lap.timer_s]
    if laps and len(laps) == len(activity.laps):
        return sum(mean * seconds for mean, seconds in laps) / sum(seconds for _, seconds in laps)
    return mean_above_0(samples.cadence_rpm)


def _heart_rate(activity: _Activity, samples: Samples) -> tuple[int | None, int | None]:
    mean, highest = heart_rate(samples)
    laps = [(lap.beats_mean, lap.timer_s) for lap in activity.laps if lap.beats_mean and lap.timer_s]
    if mean is None and laps:
        mean = round(sum(beats * s for beats, s in laps) / sum(s for _, s in laps))
        highest = int(max((lap.beats_max for lap in activity.laps if lap.beats_max), default=0)) or None
    return mean, highest


def _moved_s(samples: Samples) -> float:
    """Return the time between points at most 30 s apart in which the counter rose."""
    gaps, gained = np.diff(samples.time_s), np.diff(samples.distance_m)
    return float(gaps[(gaps > 0) & (gaps <= 30) & (gained > 0)].sum())


def _recording(
    leg: int, activity: _Activity, samples: Samples, started_at: datetime, *, recovered: bool
) -> Recording:
    timed_s = samples.time_s[np.isfinite(samples.time_s)]
    span_s = float(np.ptp(timed_s)) if timed_s.size else 0.0
    moved_s = _moved_s(samples)
    fall_short = _laps_fall_short(activity, samples, moved_s)
    timer_s = _timer_s(activity, moved_s, span_s, laps_fall_short=fall_short)
    distance_m, distance_from = _distance(activity, samples, laps_fall_short=fall_short)
    beats_mean, beats_max = _heart_rate(activity, samples)
    cadence_rpm = _cadence_rpm(activity, samples)
    start_lat, start_lon = first_fix(samples)
    recording = Recording(
        leg=leg,
        sport=activity.sport,
        surface=activity.surface,
        started_at=started_at,
        distance_m=distance_m,
        distance_from=distance_from,
        timer_s=timer_s,
        moving_s=timer_s,
        elapsed_s=max(span_s, timer_s),
        utc_offset_s=utc_offset_s(activity.id) or activity.track.utc_offset_s(),
        steps=steps_from_cadence(activity.sport, cadence_rpm, timer_s),
        cadence_spm=both_feet(activity.sport, cadence_rpm),
        start_lat=start_lat,
        start_lon=start_lon,
        heart_rate_mean_bpm=beats_mean,
        heart_rate_max_bpm=beats_max,
        device=activity.device,
        recovered=recovered,
    )
    return with_summary(recording, samples)
