"""Which pair came in place of one that was retired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from midsole.domain.shoes import Shoe

REACH = timedelta(days=60)
"""Two pairs overlap for a while, or some time passes before the next is bought."""


@dataclass(frozen=True, slots=True)
class Heir:
    """From `day` on the pair at place `new` stands where that at place `old` stood."""

    day: date
    old: int
    new: int


def begin_of(shoe: Shoe) -> date | None:
    return shoe.first_used_on or shoe.bought_on or shoe.added_on


def heirs(shoes: Sequence[Shoe]) -> list[Heir]:
    """In order of their days; each retired pair has the first of its kind that came about then, if any."""
    found: list[Heir] = []
    begun = [(begin, shoe.id, n) for n, shoe in enumerate(shoes) if (begin := begin_of(shoe))]
    ended = [(shoe.retired_on, shoe.id, n) for n, shoe in enumerate(shoes) if shoe.retired_on]
    for end, _, old in sorted(ended):
        taken = {heir.new for heir in found}
        free = (one for one in begun if one[2] not in taken)
        new = [one for one in free if _follows(shoes[one[2]], one[0], shoes[old], end)]
        if new:
            begin, _, n = min(new)
            found.append(Heir(max(begin, end + timedelta(days=1)), old, n))
    return sorted(found, key=lambda heir: (heir.day, shoes[heir.old].id))


def _follows(shoe: Shoe, begin: date, old: Shoe, end: date) -> bool:
    """Nothing that lies after the day on which it follows has a part in it."""
    was_later = (old_begin := begin_of(old)) is None or begin > old_begin
    is_in_use = shoe.retired_on is None or shoe.retired_on > end
    return shoe.kind == old.kind and abs(begin - end) <= REACH and was_later and is_in_use
