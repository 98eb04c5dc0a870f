"""All-day wear: a share of the day's steps outside of activities, on the pair that is worn every day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from midsole.domain.errors import UsageError
from midsole.domain.shoes import DayWear, Shoe
from midsole.domain.units import percent

USUAL_STEP_M = 0.70
SHORTEST_STEP_M, LONGEST_STEP_M = 0.30, 1.20
"""A walk outside of these has a wrong distance or was not counted to its end."""
HAIR = 1e-9
"""Three thirds must not be more than all."""


@dataclass(frozen=True, slots=True)
class Step:
    """How long a walking step is, and whether the runner's own walks say so."""

    metres: float = USUAL_STEP_M
    is_own: bool = False


def step_of(walks: Iterable[tuple[float, int]]) -> Step:
    """From metres and steps of walks: the median, where there is one."""
    lengths = [metres / steps for metres, steps in walks if steps > 0]
    plausible = [length for length in lengths if SHORTEST_STEP_M <= length <= LONGEST_STEP_M]
    return Step(median(plausible), True) if plausible else Step()


def all_day(
    shoes: Sequence[Shoe], steps: Mapping[date, int], active: Mapping[date, int], step: Step
) -> dict[int, list[DayWear]]:
    """shoe id -> its days, oldest first; of a day only the steps outside of activities are shared out."""
    found: dict[int, list[DayWear]] = {}
    everyday = [shoe for shoe in shoes if shoe.everyday_share]
    for day in sorted(steps):
        left = max(0, steps[day] - active.get(day, 0))
        shares = {shoe.id: shoe.everyday_share_on(day) for shoe in everyday}
        # A pair taken into use again may bring a day above all of its steps; each then gets less.
        scale = left / max(1.0, sum(shares.values()))
        for shoe_id, share in shares.items():
            if share * scale > 0:
                found.setdefault(shoe_id, []).append(DayWear(day, share * scale, share * scale * step.metres))
    return found


def refuse_too_much(wanted: Shoe, others: Iterable[Shoe]) -> None:
    """The pairs of one day can't take more steps than it has."""
    everyone = [wanted, *(o for o in others if o.id != wanted.id)]
    begins = [shoe.everyday_from for shoe in everyone if shoe.everyday_from]
    for day in sorted(begins):
        total = sum(shoe.everyday_share_on(day) for shoe in everyone)
        if wanted.everyday_share_on(day) and total > 1 + HAIR:
            taken = ", ".join(
                f"{o.name} takes {percent(o.everyday_share)}"
                for o in everyone[1:]
                if o.everyday_share_on(day)
            )
            raise UsageError(
                f"On {day} {taken} of the daily steps already: together the pairs can't take more than 100 %."
            )
