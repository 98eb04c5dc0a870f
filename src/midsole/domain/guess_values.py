"""What the guess looks at and what it says: runs, the pairs they wore, and pairs with a probability."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """One activity as far as the choice of a pair may show in it; None where nothing was recorded.

    `hour`: the local hour it began, with its part (18.5 is half past six)."""

    activity_id: int
    local_date: date
    started_at: datetime
    sport: str
    surface: str
    distance_m: float
    moving_s: float
    hour: float | None
    ascent_m: float | None = None
    cadence_spm: float | None = None
    stance_time_ms: float | None = None
    vertical_oscillation_mm: float | None = None
    is_race: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """An activity with its pair. `sure`: the runner's or the account's word; else it was left standing."""

    seen: Seen
    shoe_id: int
    sure: bool


@dataclass(frozen=True, slots=True)
class Guess:
    shoe_id: int
    probability: float
