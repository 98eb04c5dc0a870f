"""When two recordings are the same run seen twice: DESIGN.md decision 5."""

from dataclasses import dataclass

from midsole.domain.activity import ON_FEET, Recording

NEAR_START_S = 120.0
NEAR_FRACTION = 0.05
SECONDS_SLACK_S = 2.0
"""Start and stop may each be a second off, which is much of a very short recording."""
AT_ONCE_FRACTION = 0.95
"""Of the longer one's time: who does two things at once so nearly does one."""
ZONE_STEP_S, ZONE_FARTHEST_S, ZONE_SLACK_S = 900.0, 14 * 3_600.0, 5.0
"""Offsets from UTC are multiples of 15 minutes; the farthest is +14:00."""
ZONE_FRACTION = 0.005
INSIDE_SLACK_S = 5.0
FARTHEST_S = 48 * 3_600.0
"""Starts farther apart never match, so that a look at this window sees every candidate."""
LISTED = frozenset({"garmin", "strava"})
"""The formats of what an account tells of an activity: totals, without a track or samples."""
TRUST = {"session": 0, "laps": 1, "edit": 1, "records": 2, "gps": 3}
"""How good a distance is by where it comes from; the watch's own total first."""
MEASURES = (
    "utc_offset_s",
    "ascent_m",
    "descent_m",
    "steps",
    "heart_rate_mean_bpm",
    "heart_rate_max_bpm",
    "cadence_spm",
    "stance_time_ms",
    "vertical_oscillation_mm",
    "rpe",
    "feel",
    "best_30min_m_per_s",
)
"""Fields of a recording that may be missing: who has more of them knows more."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What identity looks at in a recording; `file` is the SHA-256 of its raw file.

    `start_s` counts from 1970. `source` is the connection it came by, None for by hand. `id` and
    `activity_id` are None while it is new.
    """

    id: int | None
    activity_id: int | None
    file: str
    leg: int
    source: int | None
    format: str | None
    device: str | None
    sport: str
    start_s: float
    timer_s: float
    elapsed_s: float
    distance_m: float
    distance_from: str
    recovered: bool
    measures: int

    @property
    def place(self) -> "Place":
        return self.file, self.leg

    @property
    def key(self) -> str:
        """Its name in the runner's words and in an activity's key."""
        return recording_key(self.file, self.leg)


type Place = tuple[str, int]
"""SHA-256 of the raw file, and the leg."""


def recording_key(sha256: str, leg: int) -> str:
    return f"{sha256[:16]}:{leg}"


def measures(recording: Recording) -> int:
    return sum(getattr(recording, name) is not None for name in MEASURES)


type Closeness = tuple[int, float]


def matches(one: Trace, other: Trace) -> bool:
    """The same run seen twice. Symmetric; false where `apart` says so."""
    return closeness(one, other) is not None


def closeness(one: Trace, other: Trace) -> Closeness | None:
    """How near two matching recordings are, the nearest first; None where they don't match."""
    gap_s = abs(one.start_s - other.start_s)
    if gap_s > FARTHEST_S:
        return None
    if gap_s <= NEAR_START_S and (far := _same_start(one, other)) is not None:
        rank, far = 0, far + gap_s / NEAR_START_S
    elif _is_remnant(one, other) or _is_remnant(other, one):
        rank, far = 1, gap_s
    elif (off := _other_clock(one, other)) is not None:
        rank, far = 2, off
    else:
        return None
    return None if apart(one, other) else (rank, far)


def apart(one: Trace, other: Trace) -> bool:
    """What can't be one run, also not through a third recording, unless the runner says so.

    Two legs of one file; two recordings of one device that don't overlap (30:00 at 10.0 km/h on the
    treadmill twice a day is two runs); two known sports, except among those on foot.
    """
    if one.file == other.file or not _may_be_one_sport(one, other):
        return True
    return bool(one.device) and one.device == other.device and _disjoint(one, other)


def _may_be_one_sport(one: Trace, other: Trace) -> bool:
    return _same_sport(one, other) or {one.sport, other.sport} <= ON_FEET


def _same_sport(one: Trace, other: Trace) -> bool:
    return one.sport == other.sport or "unknown" in (one.sport, other.sport)


def _same_start(one: Trace, other: Trace) -> float | None:
    """Duration and distance within 5 %, and half of the shorter one's time in common.

    Two cases ask for more, nearly all of the time in common: a distance that only one of them has (a missing
    distance says nothing), and two sports on foot. A watch's walk is a run where another app guessed so, and
    nobody walks and runs at once; a walk and a run that begin 78 s apart share less.
    """
    durations = _duration_apart(one, other, SECONDS_SLACK_S)
    distances = _relative(one.distance_m, other.distance_m)
    if durations > NEAR_FRACTION or not _share_half(one, other):
        return None
    missing = 0.0 in (one.distance_m, other.distance_m)
    if (missing or not _same_sport(one, other)) and not _at_once(one, other):
        return None
    if distances > NEAR_FRACTION and not missing:
        return None
    return (durations + distances) / NEAR_FRACTION


def _is_remnant(part: Trace, whole: Trace) -> bool:
    """`part` was saved from a damaged file, lies inside the other in time, and claims no more than it.

    Inside: no more than 5 s and a twentieth of it stick out. Of two damaged copies the shorter gives way.
    """
    return (
        part.recovered
        and (not whole.recovered or _span_s(part) <= _span_s(whole))
        and _same_sport(part, whole)
        and _overlap_s(part, whole) >= AT_ONCE_FRACTION * _span_s(part) - INSIDE_SLACK_S
        and part.distance_m <= (1 + NEAR_FRACTION) * whole.distance_m
        and part.timer_s <= (1 + NEAR_FRACTION) * _span_s(whole)
    )


def _other_clock(one: Trace, other: Trace) -> float | None:
    """How far off; None unless two roads gave one run of the same size (0.5 %) two starts.

    One of them took local time for UTC: the starts differ by whole quarters of an hour. Or a program lost a
    pause or the first minutes (GoldenCheetah saved a 10 min walk 224 s late): they share half of their time.
    The roads differ when the connection differs, or the format, or the device that wrote it (a program that
    saves a watch's file again writes its own name or none): one writer on one road keeps one clock, so two
    such runs are two. A run typed in by hand has the runner's clock, and round figures that match by chance.
    """
    if _road(one) == _road(other) or "edit" in (one.distance_from, other.distance_from):
        return None
    if not (min(one.distance_m, other.distance_m) > 0 and min(_span_s(one), _span_s(other)) > 0):
        return None
    far = max(_relative(one.distance_m, other.distance_m), _duration_apart(one, other))
    if far > ZONE_FRACTION or not _same_sport(one, other):
        return None
    off_s = _clock_off_s(one, other)
    return None if off_s is None else off_s + far


def _clock_off_s(one: Trace, other: Trace) -> float | None:
    gap_s = abs(one.start_s - other.start_s)
    zone_s = round(gap_s / ZONE_STEP_S) * ZONE_STEP_S
    if 0 < zone_s <= ZONE_FARTHEST_S and abs(gap_s - zone_s) <= ZONE_SLACK_S:
        return abs(gap_s - zone_s)
    return gap_s if _share_half(one, other) else None


def _share_half(one: Trace, other: Trace) -> bool:
    return _overlap_s(one, other) >= 0.5 * min(_span_s(one), _span_s(other))


def _road(trace: Trace) -> tuple[int | None, str | None, str | None]:
    return trace.source, trace.format, trace.device or None


def _span_s(trace: Trace) -> float:
    """From start to stop; some files claim a longer timer than that."""
    return max(trace.elapsed_s, trace.timer_s)


def _overlap_s(one: Trace, other: Trace) -> float:
    """Seconds in common; below zero it is the time between them."""
    ends = min(one.start_s + _span_s(one), other.start_s + _span_s(other))
    return ends - max(one.start_s, other.start_s)


def _disjoint(one: Trace, other: Trace) -> bool:
    common_s = _overlap_s(one, other)
    return common_s < 0 or (common_s == 0 and min(_span_s(one), _span_s(other)) > 0)


def _at_once(one: Trace, other: Trace) -> bool:
    return _overlap_s(one, other) >= AT_ONCE_FRACTION * max(_span_s(one), _span_s(other))


def _duration_apart(one: Trace, other: Trace, slack_s: float = 0.0) -> float:
    """By timer or by clock, whichever is nearer: many apps write only one, and call it the other."""
    by_timer = _relative(one.timer_s, other.timer_s, slack_s)
    return min(by_timer, _relative(_span_s(one), _span_s(other), slack_s))


def _relative(one: float, other: float, slack: float = 0.0) -> float:
    """How far apart beyond the slack, as a part of the larger; nothing where both are zero."""
    larger = max(one, other)
    return max(0.0, abs(one - other) - slack) / larger if larger > 0 else 0.0
