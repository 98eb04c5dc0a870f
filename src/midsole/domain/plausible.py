"""Which recordings can't be true as they stand (Q1), and what of them counts until the runner says so."""

from datetime import UTC, datetime, timedelta

from midsole.domain.activity import ON_FEET, RUNNING, Edit, Recording

FASTEST_S = {1_000: 130, 5_000: 750, 10_000: 1_560, 21_097: 3_418, 42_195: 7_173}
"""Seconds over a distance that no runner beats: 2:10, 2:30, 2:36, 2:42 and 2:50 a km (RULES.md, Q1)."""
LONGEST_DAY_M = 300_000
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
GONE = "gone"
"""The account that told of the activity knows it no more: it counts nowhere until the runner says so."""
QUARANTINE = frozenset({"date", "impossible-speed", "impossible-distance"})
DOUBTS = QUARANTINE | {GONE, "distance-jump"}
"""What the runner is asked to look at; the other flags only say how it was recorded."""


def doubts(recording: Recording, received_at: datetime) -> tuple[str, ...]:
    """Flags of one recording, in a fixed order; those in QUARANTINE count nowhere until confirmed."""
    seen = {
        "date": recording.started_at < EARLIEST or recording.started_at > received_at + timedelta(days=1),
        "impossible-speed": recording.sport == RUNNING and _too_fast(recording),
        "impossible-distance": recording.sport in ON_FEET and clipped_m(recording) > LONGEST_DAY_M,
        "distance-jump": recording.jump_m > 0,
        "recovered": recording.recovered,
        "treadmill": recording.surface == "treadmill",
    }
    return tuple(flag for flag, holds in seen.items() if holds)


def clipped_m(recording: Recording) -> float:
    return max(0.0, recording.distance_m - recording.jump_m)


def _too_fast(recording: Recording) -> bool:
    distance_m, seconds = clipped_m(recording), recording.moving_s or recording.timer_s or recording.elapsed_s
    reached = [over_m for over_m in FASTEST_S if distance_m >= over_m]
    if reached and seconds * max(reached) < FASTEST_S[max(reached)] * distance_m:
        return True
    return any(s < FASTEST_S.get(over_m, 0) for over_m, s in recording.fastest_s.items())


def counted_m(recording: Recording, edit: Edit, flags: tuple[str, ...]) -> float:
    """The metres that shoes and rules see: what the runner said, else what is plausible."""
    if edit.excluded or (GONE in flags and not edit.confirmed and edit.excluded is None):
        return 0.0
    if edit.distance_m is not None:
        return edit.distance_m
    if edit.confirmed:
        return recording.distance_m
    return 0.0 if QUARANTINE & set(flags) else clipped_m(recording)
