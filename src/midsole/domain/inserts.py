"""Insoles, orthotics and pads: in which pair they lay on which day, and what they have worn."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from midsole.domain.shoes import Shoe, Wear, Worn
from midsole.domain.weeks import DAY

INSOLE, ORTHOTIC, PAD = "insole", "orthotic", "pad"
KINDS = (INSOLE, ORTHOTIC, PAD)
LIMIT_M = 480_000.0
"""RULES.md section 2: S5, by experts."""

PLACEMENT = (
    "Where a pad goes: just behind the ball of the foot, not under it; a few millimetres matter. The "
    "evidence is mixed: it changed no pressure in 23 healthy runners, and was some help to 13 patients. "
    "This is not medical advice: with pain, ask a clinician."
)


@dataclass(frozen=True, slots=True)
class Insert:
    """An insole, an orthotic or a pad; `start_m` is what it had worn before Midsole."""

    id: int
    name: str
    kind: str
    limit_m: float
    start_m: float = 0.0
    price: float | None = None
    retired_on: date | None = None


@dataclass(frozen=True, slots=True)
class Fitting:
    """The days an insert lies in a pair; both ends belong to them, an open end goes on."""

    shoe_id: int
    from_date: date
    until_date: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.from_date <= day and (self.until_date is None or day <= self.until_date)


@dataclass(frozen=True, slots=True)
class FittingWorn:
    """What an insert wore while it lay in one pair."""

    fitting: Fitting
    shoe_name: str
    distance_m: float = 0.0


@dataclass(frozen=True, slots=True)
class InsertWorn:
    """An insert with all that it wore in all its pairs, and the last 200 days' wears."""

    insert: Insert
    fittings: tuple[FittingWorn, ...]
    runs: int = 0
    first_worn_on: date | None = None
    last_worn_on: date | None = None
    recent: tuple[Wear, ...] = ()

    @property
    def worn_m(self) -> float:
        return sum(f.distance_m for f in self.fittings)

    @property
    def as_pair(self) -> Worn:
        """An insert wears as a pair does: the same sums, thresholds and forecast."""
        i = self.insert
        shoe = Shoe(
            i.id, i.name, i.kind, i.limit_m, start_m=i.start_m, price=i.price, retired_on=i.retired_on
        )
        return Worn(shoe, self.worn_m, self.runs, 0, self.first_worn_on, self.last_worn_on, self.recent)

    def fitted_on(self, day: date) -> FittingWorn | None:
        return next((f for f in self.fittings if f.fitting.holds_on(day)), None)


def fit(fittings: Sequence[Fitting], new: Fitting, last_day: date | None = None) -> list[Fitting]:
    """The fittings with the new one: it alone has its days, every other day stays as it was.

    An open end goes up to the day from which it is known to lie in another pair, at most to `last_day`."""
    if new.until_date is None:
        others = (f.from_date for f in fittings if f.shoe_id != new.shoe_id)
        ends = [later - DAY for later in others if later > new.from_date]
        new = replace(new, until_date=min([*ends, *([last_day] if last_day else [])], default=None))
    kept = (rest for f in fittings for rest in _without(f, new.from_date, new.until_date))
    return _joined([*kept, new])


def take_out(fittings: Sequence[Fitting], last_day: date) -> list[Fitting]:
    """After that day it lies in no pair."""
    return [rest for f in fittings for rest in _without(f, last_day + DAY, None)]


def _without(fitting: Fitting, since: date, until: date | None) -> Iterator[Fitting]:
    """What is left of the fitting before and after the days from `since` to `until`."""
    if fitting.from_date < since:
        ends = since - DAY if fitting.until_date is None else min(since - DAY, fitting.until_date)
        yield replace(fitting, until_date=ends)
    if until is not None and (fitting.until_date is None or fitting.until_date > until):
        yield replace(fitting, from_date=max(fitting.from_date, until + DAY))


def _joined(fittings: Iterable[Fitting]) -> list[Fitting]:
    """In order of their days; those of one pair that follow upon one another are one."""
    joined: list[Fitting] = []
    for next_one in sorted(fittings, key=lambda f: f.from_date):
        last = joined[-1] if joined else None
        if last and last.shoe_id == next_one.shoe_id and last.until_date == next_one.from_date - DAY:
            joined[-1] = replace(last, until_date=next_one.until_date)
        else:
            joined.append(next_one)
    return joined


@dataclass(frozen=True, slots=True)
class Refitted:
    """What a new fitting changed: itself as it stands, and what became of the others.

    `ended` is the former one, which now ends the day before; `follows` the one that comes after it; `gone`
    are those of which no day is left."""

    now: Fitting
    ended: Fitting | None
    follows: Fitting | None
    gone: tuple[Fitting, ...]


def compare(before: Sequence[Fitting], after: Sequence[Fitting], new: Fitting) -> Refitted:
    now = next(f for f in after if f.holds_on(new.from_date))
    next_day = now.until_date and now.until_date + DAY
    return Refitted(
        now,
        ended=next((f for f in after if f.until_date == now.from_date - DAY and f not in before), None),
        follows=next((f for f in after if f.from_date == next_day), None),
        gone=tuple(f for f in before if f.shoe_id != now.shoe_id and not _is_left(f, after)),
    )


def _is_left(fitting: Fitting, after: Iterable[Fitting]) -> bool:
    """A piece of a fitting keeps one of its ends."""
    ends = (fitting.from_date, fitting.until_date)
    return any(
        f.shoe_id == fitting.shoe_id and (f.from_date == ends[0] or f.until_date == ends[1]) for f in after
    )
