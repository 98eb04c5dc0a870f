"""A pair of shoes: kind, limit, start distance, what it has worn, and when it will be worn out."""

from dataclasses import dataclass, replace
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
NO_ACTIVITY = 0
"""Stands for the activity of a wear that had none."""
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
    everyday_share: float = 0.0
    """How much of the steps outside of activities it takes, from `everyday_from` until it is retired."""
    everyday_from: date | None = None
    added_on: date | None = None

    def can_be_worn_on(self, day: date) -> bool:
        """Not before it was bought or first used, not after the day it was retired."""
        begins = [d for d in (self.bought_on, self.first_used_on) if d]
        return (not begins or day >= min(begins)) and (self.retired_on is None or day <= self.retired_on)

    def may_be_default_on(self, day: date) -> bool:
        """A pair without dates is not guessed into history: its start distance was told when it was added."""
        begins = self.first_used_on or self.bought_on or (self.added_on and self.added_on - DEFAULT_REACH)
        return self.can_be_worn_on(day) and (begins is None or day >= begins)

    def everyday_share_on(self, day: date) -> float:
        begun = self.everyday_from is not None and self.everyday_from <= day
        return self.everyday_share if begun and (self.retired_on is None or day <= self.retired_on) else 0.0


@dataclass(frozen=True, slots=True)
class Wear:
    """Metres of one activity in one pair."""

    activity_id: int
    local_date: date
    distance_m: float


@dataclass(frozen=True, slots=True)
class DayWear:
    """What a pair took of one day's steps outside of activities."""

    local_date: date
    steps: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Worn:
    """A pair with what it has worn: the whole sum (start distance not in it) and the last 200 days' wears.

    All-day wear is beside it: it counts towards the limit, not as runs."""

    shoe: Shoe
    worn_m: float
    runs: int
    steps: int
    first_worn_on: date | None
    last_worn_on: date | None
    recent: tuple[Wear, ...] = ()
    everyday_steps: int = 0
    everyday_m: float = 0.0
    everyday: tuple[DayWear, ...] = ()
    """The last 200 days'."""

    @property
    def distance_m(self) -> float | None:
        """Start distance, worn distance and all-day wear together; None while the start is unknown."""
        return None if self.shoe.start_m is None else self.shoe.start_m + self.worn_m + self.everyday_m

    @property
    def in_all(self) -> "Worn":
        """All-day wear as if it were worn in runs, for what asks when the limit was or will be reached."""
        if not self.everyday:
            return self
        days = [day.local_date for day in self.everyday]
        ends = [day for day in (self.first_worn_on, self.shoe.everyday_from, self.last_worn_on) if day]
        wears = (Wear(NO_ACTIVITY, day.local_date, day.distance_m) for day in self.everyday)
        return replace(
            self,
            worn_m=self.worn_m + self.everyday_m,
            first_worn_on=min([*days, *ends]),
            last_worn_on=max([*days, *ends]),
            recent=tuple(sorted([*self.recent, *wears], key=lambda wear: wear.local_date)),
            everyday_m=0.0,
            everyday=(),
        )

    @property
    def used_fraction(self) -> float | None:
        return None if self.distance_m is None else self.distance_m / self.shoe.limit_m
