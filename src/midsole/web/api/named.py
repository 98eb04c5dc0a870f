"""Numbers of pairs to the names that the actions know them by."""

from collections.abc import Sequence

from midsole.actions import shoes
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.wearing import BAREFOOT, NO_PAIR
from midsole.web.visit import Visit


def names_of(visit: Visit, shoe_ids: Sequence[int | None]) -> list[str]:
    """Their names; None is barefoot."""
    known = {pair.id: pair.name for pair in shoes.known(visit.box, visit.me.id)}
    missing = [number for number in shoe_ids if number is not None and number not in known]
    if missing:
        raise NotThere(f"There is no pair {missing[0]}. GET /api/v1/shoes lists them.")
    for name in (known[number] for number in shoe_ids if number is not None):
        if name.casefold() in NO_PAIR:
            raise UsageError(
                f"A pair can't be called {name!r}: that is said of runs without one. Rename it first."
            )
    return [BAREFOOT if number is None else known[number] for number in shoe_ids]


def name_of(visit: Visit, shoe_id: int) -> str:
    return names_of(visit, [shoe_id])[0]
