"""Which pair a run used, and who said so: the pure part, without what the runner said by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from midsole.domain.activity import Activity
from midsole.domain.shoes import Shoe

RUNNER, SOURCE, RULE, GUESS, DEFAULT = "runner", "source", "rule", "guess", "default"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A pair and who said so."""

    shoe_id: int
    set_by: str = DEFAULT


def choose(
    activity: Activity, shoes: Iterable[Shoe], defaults: Mapping[tuple[str, str | None], int]
) -> Chosen | None:
    """The default of the sport and surface, then of the sport; None (S4) where neither fits that day."""
    by_id = {shoe.id: shoe for shoe in shoes}
    for wish in ((activity.sport, activity.surface), (activity.sport, None)):
        shoe = by_id.get(defaults.get(wish, -1))
        if shoe is not None and shoe.may_be_default_on(activity.local_date):
            return Chosen(shoe.id)
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
