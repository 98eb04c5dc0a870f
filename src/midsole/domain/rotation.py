"""How the pairs take turns: share, rest, uses in a row over 8 weeks, and which run out together."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from statistics import median

from midsole.domain.activity import Activity
from midsole.domain.forecast import WEEKS, forecast
from midsole.domain.rules.wear import is_in_use
from midsole.domain.shoes import Worn
from midsole.domain.units import short_day

SPAN = timedelta(weeks=WEEKS)
FORTNIGHT = timedelta(days=14)
SOON = timedelta(days=92)
"""Three months: nobody orders shoes for a day beyond."""


@dataclass(frozen=True, slots=True)
class Turns:
    """A pair's part in the rotation of the last 8 weeks.

    `share` is of all runs' distance, as S2 sees it; None where nobody ran. `rest_days_median` are the days
    between two days on which it was worn (0: worn on both), None below two. `in_a_row` counts its newest runs
    since another pair was worn, `longest_in_a_row` the most of them."""

    worn: Worn
    distance_m: float
    share: float | None
    runs: int
    rest_days_median: float | None
    days_since_worn: int | None
    in_a_row: int
    longest_in_a_row: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """The last 8 weeks up to today: the pairs, the most worn first, and the metres in no known pair."""

    from_date: date
    until_date: date
    total_m: float
    without_pair_m: float
    pairs: tuple[Turns, ...]


@dataclass(frozen=True, slots=True)
class RunOut:
    """Pairs whose expected last days lie within a fortnight, the first of them first."""

    pairs: tuple[Worn, ...]
    days: tuple[date, ...]


def rotation(worns: Sequence[Worn], activities: Iterable[Activity], today: date) -> Rotation:
    """Of every pair in use or worn in these weeks; `activities` may reach farther back."""
    first = today - SPAN + timedelta(days=1)
    runs = [a for a in activities if a.is_run and first <= a.local_date <= today]
    total_m = sum(a.counted_m for a in runs)
    found = [_turns(w, runs, total_m, today) for w in worns if _takes_part(w, first, today)]
    return Rotation(
        from_date=first,
        until_date=today,
        total_m=total_m,
        without_pair_m=max(0.0, total_m - sum(t.distance_m for t in found)),
        pairs=tuple(sorted(found, key=lambda t: (-t.distance_m, t.worn.shoe.name))),
    )


def _takes_part(worn: Worn, first: date, today: date) -> bool:
    lately = any(first <= wear.local_date <= today for wear in worn.recent)
    return lately or worn.shoe.retired_on is None


def _turns(worn: Worn, runs: Sequence[Activity], total_m: float, today: date) -> Turns:
    ids = {a.id for a in runs}
    mine = [wear for wear in worn.recent if wear.activity_id in ids]
    rows = _rows({wear.activity_id for wear in mine}, runs)
    distance_m = sum(wear.distance_m for wear in mine)
    return Turns(
        worn=worn,
        distance_m=distance_m,
        share=distance_m / total_m if total_m else None,
        runs=len({wear.activity_id for wear in mine}),
        rest_days_median=rest_days_median(worn, today),
        days_since_worn=None if worn.last_worn_on is None else max(0, (today - worn.last_worn_on).days),
        in_a_row=rows[-1] if rows else 0,
        longest_in_a_row=max(rows, default=0),
    )


def _rows(mine: set[int], runs: Sequence[Activity]) -> list[int]:
    """How many runs in a row wore the pair, each time; the last is 0 where the newest run did not."""
    in_order = sorted(runs, key=lambda a: (a.started_at, a.key))
    rows = [len(list(some)) * worn for worn, some in groupby(a.id in mine for a in in_order)]
    return [n for n in rows[:-1] if n] + rows[-1:]


def rest_days_median(worn: Worn, today: date) -> float | None:
    """Days without the pair between two days with it, in the last 8 weeks; walks count as well."""
    first = today - SPAN
    days = sorted({wear.local_date for wear in worn.recent if first < wear.local_date <= today})
    rests = [(later - earlier).days - 1 for earlier, later in pairwise(days)]
    return float(median(rests)) if rests else None


def last_days(worns: Iterable[Worn], today: date, off: Collection[date] = ()) -> list[tuple[date, Worn]]:
    """Pairs in use with the day on which each will be at its limit, of the next three months, in order."""
    ahead = [(forecast(w, today, off).p50, w) for w in worns if is_in_use(w, today)]
    soon = [(day, w) for day, w in ahead if day is not None and day <= today + SOON]
    return sorted(soon, key=lambda found: (found[0], found[1].shoe.name))


def run_out_together(worns: Iterable[Worn], today: date, off: Collection[date] = ()) -> list[RunOut]:
    """Two or more pairs of one fortnight; each pair belongs to the earliest fortnight that holds it."""
    left, found = last_days(worns, today, off), []
    while left:
        together = [(day, w) for day, w in left if day <= left[0][0] + FORTNIGHT]
        if len(together) > 1:
            found.append(RunOut(tuple(w for _, w in together), tuple(day for day, _ in together)))
        left = left[len(together) :]
    return found


def runs_out_with(worns: Iterable[Worn], today: date, off: Collection[date] = ()) -> dict[int, list[str]]:
    """shoe id -> the names of the others that run out within a fortnight of it; those alone are left out."""
    ahead = last_days(worns, today, off)
    near = {
        mine.shoe.id: [o.shoe.name for on, o in ahead if o is not mine and abs(on - day) <= FORTNIGHT]
        for day, mine in ahead
    }
    return {shoe_id: names for shoe_id, names in near.items() if names}


def together_words(names: Sequence[str], days: Sequence[date]) -> str:
    """ "The Ghost and the Pegasus will be worn out in the same fortnight, about 4 to 15 Jan"."""
    *most, last = (f"the {name}" for name in names)
    said = f"{', '.join(most)} and {last} will be worn out in the same fortnight, about {_span(days)}."
    return f"{said[0].upper()}{said[1:]} Order in good time, and alternate with a fresh pair before."


def _span(days: Sequence[date]) -> str:
    first, last = min(days), max(days)
    if first == last:
        return short_day(first)
    begin = str(first.day) if (first.year, first.month) == (last.year, last.month) else short_day(first)
    return f"{begin} to {short_day(last)}"
