"""What a recording may say at most: the last look at it before it is kept, whatever its file claims."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite

from midsole.decode.where import NOWHERE, Where, where
from midsole.domain.activity import Recording

EARLIEST_S = datetime(1900, 1, 1, tzinfo=UTC).timestamp()
LATEST_S = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
"""A start outside is moved to the nearer end: in quarantine there, too, and in every zone a day."""
MOST_M = 1e9
MOST_S = 1e9
"""A million kilometres and thirty years: what is more was never measured, and sums of it mean nothing."""
MOST_WHOLE = 10**9
"""Fits PostgreSQL's INTEGER."""
LONGEST_TEXT = 200


def moment(seconds: float) -> datetime:
    """Return an instant from seconds since 1970, which may be any number or none."""
    told = seconds if isfinite(seconds) else EARLIEST_S
    return datetime.fromtimestamp(min(max(told, EARLIEST_S), LATEST_S), UTC)


def bounded(recording: Recording) -> Recording:
    """Return the recording as any database takes it; what can't be true is missing, not invented."""
    distance_m = _known(recording.distance_m, MOST_M)
    timer_s = _seconds(recording.timer_s)
    start_lat, start_lon = _start(recording)
    return replace(
        recording,
        started_at=moment(recording.started_at.timestamp()),
        distance_m=distance_m or 0.0,
        distance_from="none" if distance_m is None else recording.distance_from,
        timer_s=timer_s,
        moving_s=min(_seconds(recording.moving_s), timer_s),
        elapsed_s=_seconds(recording.elapsed_s),
        jump_m=_known(recording.jump_m, MOST_M) or 0.0,
        title=_text(recording.title),
        device=_text(recording.device),
        foot_pod=_text(recording.foot_pod),
        start_lat=start_lat,
        start_lon=start_lon,
        fastest_s=_possible(recording.fastest_s),
        speed_s=_possible(recording.speed_s),
        ascent_m=_known(recording.ascent_m, MOST_M),
        descent_m=_known(recording.descent_m, MOST_M),
        cadence_spm=_known(recording.cadence_spm, MOST_M),
        stance_time_ms=_known(recording.stance_time_ms, MOST_M),
        vertical_oscillation_mm=_known(recording.vertical_oscillation_mm, MOST_M),
        rpe=_known(recording.rpe, MOST_M),
        best_30min_m_per_s=_known(recording.best_30min_m_per_s, MOST_M),
        steps=_known(recording.steps, MOST_WHOLE),
        heart_rate_mean_bpm=_known(recording.heart_rate_mean_bpm, MOST_WHOLE),
        heart_rate_max_bpm=_known(recording.heart_rate_max_bpm, MOST_WHOLE),
        feel=_known(recording.feel, MOST_WHOLE),
    )


def _known[N: (int, float)](value: N | None, most: float) -> N | None:
    return value if value is not None and 0 <= value < most else None


def _start(recording: Recording) -> Where:
    """Return where it began; the places of a virtual run are those of a game."""
    return NOWHERE if recording.surface == "virtual" else where(recording.start_lat, recording.start_lon)


def _seconds(value: float) -> float:
    return min(max(value, 0.0), MOST_S) if isfinite(value) else 0.0


def _possible(seconds: Mapping[int, float]) -> dict[int, float]:
    return {place: s for place, s in seconds.items() if 0 <= s < MOST_S}


def _text(text: str | None) -> str | None:
    """Without what PostgreSQL (NUL) or UTF-8 (half of a letter) can't keep."""
    if text is None:
        return None
    return "".join(letter for letter in text[:LONGEST_TEXT] if letter.isprintable()).strip() or None
