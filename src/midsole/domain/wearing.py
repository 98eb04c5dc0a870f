"""Which pair a run used, and who said so: the pure part, without what the runner said by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from midsole.domain.activity import Activity
from midsole.domain.shoes import Shoe

RUNNER, SOURCE, RULE, GUESS, DEFAULT = "runner", "source", "rule", "guess", "default"
WHO = {
    RUNNER: "you",
    SOURCE: "the account",
    RULE: "a rule",
    GUESS: "a guess",
    DEFAULT: "the default",
}
"""Who said so, in words to the runner."""
OWN_WORD = frozenset({RUNNER, SOURCE})
"""What the runner said here or at the account: nothing that Midsole works out ever takes its place."""
BAREFOOT = "barefoot"
"""The name under which the runner says: no pair that is kept here."""
NO_PAIR = frozenset({BAREFOOT, "other"})
"""Every word for that: no pair can be called so."""

type Parts = tuple[tuple[int | None, float], ...]
"""Pairs in the order they were worn, each with its share of the distance; None: barefoot, or another pair."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The pairs of one activity, and who said so. `set_at` None: now."""

    parts: Parts
    set_by: str
    probability: float | None = None
    set_at: datetime | None = None


def whole(shoe_id: int | None, set_by: str, probability: float | None = None) -> Answer:
    return Answer(((shoe_id, 1.0),), set_by, probability)


@dataclass(frozen=True, slots=True)
class Default:
    """From this day on the pair of a sport, and of a surface where one is named; no pair: nobody's."""

    sport: str
    surface: str | None
    from_date: date
    shoe_id: int | None


def holding(defaults: Iterable[Default], day: date) -> dict[tuple[str, str | None], int | None]:
    """(sport, surface or None) -> the pair that holds on that day, of defaults in order of their days."""
    return {(d.sport, d.surface): d.shoe_id for d in defaults if d.from_date <= day}


def is_told(activity: Activity, defaults: Iterable[Default]) -> bool:
    """Whether anything was said of the default of such an activity on its day, also that there is none."""
    held = holding(defaults, activity.local_date)
    return (activity.sport, activity.surface) in held or (activity.sport, None) in held


def by_default(activity: Activity, shoes: Iterable[Shoe], defaults: Iterable[Default]) -> Answer | None:
    """The default of the sport and surface, then of the sport; None where neither fits that day."""
    held = holding(defaults, activity.local_date)
    by_id: dict[int | None, Shoe] = {shoe.id: shoe for shoe in shoes}
    for wish in ((activity.sport, activity.surface), (activity.sport, None)):
        shoe = by_id.get(held.get(wish))
        if shoe is not None and shoe.may_be_default_on(activity.local_date):
            return whole(shoe.id, DEFAULT)
    return None


def claims(activities: Iterable[Activity], shoe: Shoe) -> list[Activity]:
    """Of `activities` that wear no shoe: the runs a first pair may claim backwards, oldest first.

    Without a first-used or bought date nothing is claimed: the pair might be younger than any run."""
    begins = shoe.first_used_on or shoe.bought_on
    if begins is None:
        return []
    mine = [
        a for a in activities if a.is_run and begins <= a.local_date and shoe.can_be_worn_on(a.local_date)
    ]
    return sorted(mine, key=lambda a: (a.started_at, a.key))
