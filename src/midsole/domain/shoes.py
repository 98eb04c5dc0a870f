"""A pair of shoes: kind, limit, start distance, what it has worn, and when it will be worn out."""

from dataclasses import dataclass
from datetime import date, timedelta

LIMIT_M_BY_KIND = {
    "daily": 640_000.0,
    "trail": 640_000.0,
    "tempo": 480_000.0,
    "racing": 320_000.0,
    "minimal": 480_000.0,
    "walking": 800_000.0,
}
"""Default limits, RULES.md section 2: limit by experts, foam by laboratory data."""

DEFAULT_REACH = timedelta(days=14)
"""Runs of the days before a pair was added may not have been synced yet; older ones are history."""
START_KNOWN, START_ESTIMATED, START_UNKNOWN = "known", "estimated", "unknown"


@dataclass(frozen=True, slots=True)
class Shoe:
    """A pair. `start_m` is None where the mileage before Midsole is unknown."""

    id: int
    name: str
    kind: str
    limit_m: float
    model: str | None = None
    start_m: float | None = 0.0
    start_how: str = START_KNOWN
    bought_on: date | None = None
    first_used_on: date | None = None
    price: float | None = None
    retired_on: date | None = None
    retired_reason: str | None = None
    added_on: date | None = None

    def can_be_worn_on(self, day: date) -> bool:
        """Not before it was bought or first used, not after the day it was retired."""
        begins = [d for d in (self.bought_on, self.first_used_on) if d]
        return (not begins or day >= min(begins)) and (self.retired_on is None or day <= self.retired_on)

    def may_be_default_on(self, day: date) -> bool:
        """A pair without dates is not guessed into history: its start distance was told when it was added."""
        begins = self.first_used_on or self.bought_on or (self.added_on and self.added_on - DEFAULT_REACH)
        return self.can_be_worn_on(day) and (begins is None or day >= begins)


@dataclass(frozen=True, slots=True)
class Wear:
    """Metres of one activity in one pair."""

    activity_id: int
    local_date: date
    distance_m: float


@dataclass(frozen=True, slots=True)
class Worn:
    """A pair with what it has worn: the whole sum (start distance not in it) and the last 200 days' wears."""

    shoe: Shoe
    worn_m: float
    runs: int
    steps: int
    first_worn_on: date | None
    last_worn_on: date | None
    recent: tuple[Wear, ...] = ()

    @property
    def distance_m(self) -> float | None:
        """Start distance and worn distance together; None while the start is unknown."""
        return None if self.shoe.start_m is None else self.shoe.start_m + self.worn_m

    @property
    def used_fraction(self) -> float | None:
        return None if self.distance_m is None else self.distance_m / self.shoe.limit_m
