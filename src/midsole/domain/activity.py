"""What the runner did: recordings as decoded, activities as they count, edits as the runner said."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TypeGuard

RUNNING = "running"
ON_FEET = frozenset({"running", "walking", "hiking"})
SPORTS = ("running", "walking", "hiking", "cycling", "swimming", "other", "unknown")
SURFACES = ("road", "trail", "treadmill", "track", "virtual", "unknown")


@dataclass(frozen=True, slots=True)
class Recording:
    """One leg of one raw file, as its device or app told it.

    `distance_from` is session, laps, records, gps or none, and source where it was corrected in the account.
    `jump_m` is the part of the distance gained in impossible jumps; `fastest_s` the best time over 1000,
    5000, 10000, 21097 and 42195 m where the samples allow it; `speed_s` the seconds spent per bin of 0.1 m/s
    (the bin is floor(speed * 10)).
    """

    leg: int
    sport: str
    surface: str
    started_at: datetime
    distance_m: float
    distance_from: str
    timer_s: float
    moving_s: float
    elapsed_s: float
    utc_offset_s: int | None = None
    ascent_m: float | None = None
    descent_m: float | None = None
    steps: int | None = None
    heart_rate_mean_bpm: int | None = None
    heart_rate_max_bpm: int | None = None
    cadence_spm: float | None = None
    """Steps a minute, both feet; this and the next two are means over the moving time."""
    stance_time_ms: float | None = None
    vertical_oscillation_mm: float | None = None
    start_lat: float | None = None
    """Where it began, in degrees; None indoors, or where no position is known."""
    start_lon: float | None = None
    foot_pod: str | None = None
    """The serial number of a foot pod, which stays on one pair."""
    rpe: float | None = None
    """Rated perceived exertion, 0-10 (FIT session field 193 holds it times ten)."""
    feel: int | None = None
    """How it felt, 0-100 (FIT session field 192)."""
    is_race: bool = False
    title: str | None = None
    device: str | None = None
    recovered: bool = False
    jump_m: float = 0.0
    best_30min_m_per_s: float | None = None
    fastest_s: Mapping[int, float] = field(default_factory=dict)
    speed_s: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Activity:
    """What counts: the leading recording with the runner's edits laid over it.

    `distance_m` is what was covered, `counted_m` what shoes and rules see (0 while excluded or in
    quarantine, clipped where a jump was cut out). `key` names the first recording and survives a rebuild.
    """

    id: int
    key: str
    sport: str
    surface: str
    started_at: datetime
    local_date: date
    distance_m: float
    counted_m: float
    distance_from: str
    timer_s: float
    moving_s: float
    elapsed_s: float
    received_at: datetime
    ascent_m: float | None = None
    descent_m: float | None = None
    steps: int | None = None
    heart_rate_mean_bpm: int | None = None
    heart_rate_max_bpm: int | None = None
    rpe: float | None = None
    feel: int | None = None
    is_race: bool = False
    title: str | None = None
    device: str | None = None
    utc_offset_s: int | None = None
    cadence_spm: float | None = None
    stance_time_ms: float | None = None
    vertical_oscillation_mm: float | None = None
    start_lat: float | None = None
    start_lon: float | None = None
    foot_pod: str | None = None
    excluded: bool = False
    confirmed: bool = False
    flags: tuple[str, ...] = ()
    """Why it is doubted: gone, recovered, impossible-speed, distance-jump, date, edited, treadmill."""
    best_30min_m_per_s: float | None = None
    speed_s: Mapping[int, float] = field(default_factory=dict)

    @property
    def is_run(self) -> bool:
        return self.sport == RUNNING and not self.excluded and self.counted_m > 0


@dataclass(frozen=True, slots=True)
class Edit:
    """What the runner said of an activity; None means nothing was said."""

    distance_m: float | None = None
    sport: str | None = None
    surface: str | None = None
    title: str | None = None
    is_race: bool | None = None
    excluded: bool | None = None
    confirmed: bool | None = None
    leader: str | None = None
    """The key of the recording that shall lead."""
    started_at: str | None = None
    """ISO 8601 with an offset."""
    timer_s: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an account says of an activity, beside its file; None where it says nothing.

    `gone`: the account knows the activity no more."""

    title: str | None = None
    sport: str | None = None
    surface: str | None = None
    is_race: bool | None = None
    distance_m: float | None = None
    timer_s: float | None = None
    rpe: float | None = None
    feel: int | None = None
    gone: bool = False


EDITED_SHARE, EDITED_M = 0.01, 50
"""An account rounds, and its own sums differ a little: only what differs by more was corrected there."""


def is_edited(told_m: float | None, recorded_m: float) -> TypeGuard[float]:
    """Whether somebody corrected the distance in the account; 0 there means that it knows none."""
    if told_m is None or told_m <= 0:
        return False
    return abs(told_m - recorded_m) > max(EDITED_M, EDITED_SHARE * recorded_m)


def as_told(recording: Recording, told: Told) -> Recording:
    """The recording with what its account says of it laid over."""
    recording = _of_kind(recording, told)
    if recording.jump_m == 0 and is_edited(told.distance_m, recording.distance_m):
        recording = replace(recording, distance_m=told.distance_m, distance_from="source")
    if told.timer_s and not recording.timer_s:
        recording = _lasting(recording, told.timer_s)
    return replace(
        recording,
        title=told.title or recording.title,
        is_race=bool(told.is_race) or recording.is_race,
        rpe=recording.rpe if told.rpe is None else told.rpe,
        feel=recording.feel if told.feel is None else told.feel,
    )


def _of_kind(recording: Recording, told: Told) -> Recording:
    """Another sport has another surface: what was recorded of it says nothing then."""
    sport = told.sport if told.sport not in (None, "unknown") else recording.sport
    recorded = recording.surface if sport == recording.sport else "unknown"
    surface = told.surface if told.surface not in (None, "unknown") else recorded
    return replace(recording, sport=sport, surface=surface)


def as_said(recording: Recording, edit: Edit) -> Recording:
    """The recording with the times that the runner corrected; a wrong clock told no offset either."""
    if edit.started_at is not None:
        started_at = datetime.fromisoformat(edit.started_at).astimezone(UTC)
        recording = replace(recording, started_at=started_at, utc_offset_s=None)
    if edit.timer_s is not None:
        recording = _lasting(recording, edit.timer_s)
    return recording


def _lasting(recording: Recording, seconds: float) -> Recording:
    return replace(recording, timer_s=seconds, moving_s=seconds, elapsed_s=seconds)
