"""What the runner's own past says of which pair an activity wore."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from midsole.domain.guess import Guess, Past, Seen, guess_all
from midsole.domain.shoes import Shoe
from midsole.domain.wearing import OWN_WORD
from midsole.domain.when import local_at
from midsole.store import guesses
from midsole.store.base import Tx
from midsole.store.runners import Runner

LOOKED_AT = 1_000
"""Activities before the first one in question: older habits say little of today's."""
WAITED_FOR = timedelta(days=60)
"""What nobody answered for longer says nothing of how pairs take turns now."""


def guess(
    tx: Tx, runner: Runner, activity_ids: Iterable[int], shoes: Sequence[Shoe]
) -> dict[int, tuple[Guess, ...]]:
    """Activity id -> the pairs it may have worn; missing where nobody can say.

    What was left standing of these activities is a witness to later ones, as it is to all others: who
    corrects only what is wrong has said only the exceptions. What waits for an answer is guessed along, or
    pairs that take turns would fall out of step."""
    ids = set(activity_ids)
    if not ids or not guesses.own_word(tx, runner.id):
        return {}
    seen = {row.id: _seen(row, runner) for row in guesses.log(tx, runner.id, ids=ids)}
    if not seen:
        return {}
    days = [one.local_date for one in seen.values()]
    first = min(days)
    rows = guesses.log(tx, runner.id, guesses.day_back(tx, runner.id, first, LOOKED_AT), max(days))
    by_id = {shoe.id: shoe for shoe in shoes}
    before = [row for row in rows if row.id not in ids or _was_left_standing(row, by_id)]
    waiting = [row for row in before if row.set_by is None and row.local_date >= first - WAITED_FOR]
    asked = [*seen.values(), *(_seen(row, runner) for row in waiting)]
    made = guess_all(asked, _past(before, runner), shoes, runner.limits.guess_sure)
    return {n: found for n, found in made.items() if n in ids}


def _was_left_standing(row: Any, shoes: Mapping[int, Shoe]) -> bool:
    """Midsole's own answer, where it is possible by the pair's dates of now; no word that is taken back."""
    shoe = shoes.get(row.shoe_id)
    return shoe is not None and row.set_by not in OWN_WORD and shoe.can_be_worn_on(row.local_date)


def _past(rows: Iterable[Any], runner: Runner) -> list[Past]:
    """Each activity with the pair that had most of it, where that was one and not barefoot."""
    most: dict[int, Any] = {}
    for row in rows:
        known = most.get(row.id)
        most[row.id] = row if known is None or (row.share or 0.0) > known.share else known
    in_pair = (row for row in most.values() if row.shoe_id is not None)
    return [Past(_seen(row, runner), row.shoe_id, row.set_by in OWN_WORD) for row in in_pair]


def _seen(row: Any, runner: Runner) -> Seen:
    clock = local_at(row.started_at, row.utc_offset_s, runner.zone_on)
    return Seen(
        activity_id=row.id,
        local_date=row.local_date,
        started_at=row.started_at,
        sport=row.sport,
        surface=row.surface,
        distance_m=row.counted_m,
        moving_s=row.moving_s,
        hour=clock.hour + clock.minute / 60,
        ascent_m=row.ascent_m,
        cadence_spm=row.cadence_spm,
        stance_time_ms=row.stance_time_ms,
        vertical_oscillation_mm=row.vertical_oscillation_mm,
        is_race=row.is_race,
    )
