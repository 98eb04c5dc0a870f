"""The total of each pair at its account beside ours, and why they differ."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from midsole.actions.box import Box
from midsole.domain.activity import Activity
from midsole.domain.connection import GARMIN
from midsole.domain.gear_totals import EXCLUDED, OTHER_PAIR, UNKNOWN, Counted, Totals, compare
from midsole.domain.shoes import Shoe
from midsole.domain.units import distance
from midsole.store import activities, gear, remote, shoes
from midsole.store.base import Tx
from midsole.store.gear import Pair
from midsole.store.shoes import Wearing


@dataclass(frozen=True, slots=True)
class Compared:
    """One pair, as it is called here and there."""

    shoe: Shoe
    pair: Pair
    totals: Totals


@dataclass(frozen=True, slots=True)
class _Known:
    """What both sides know of a runner's activities."""

    uses: dict[str, set[str]]
    activity_of: dict[str, int]
    activities: dict[int, Activity]
    wearings: dict[int, list[Wearing]]
    began_on: dict[str, date | None]
    with_original: set[str]


def compare_all(box: Box, runner_id: int) -> list[Compared]:
    """Every pair that is linked, in the order in which they were added here; two of theirs may be one."""
    with box.store.read() as tx:
        mine = {s.id: s for s in shoes.pairs(tx, runner_id)}
        linked = [(p.shoe_id, p) for p in gear.pairs(tx, runner_id, GARMIN) if p.shoe_id is not None]
        linked.sort(key=lambda both: both[0])
        known = _known(tx, runner_id) if linked else None
        return [_compared(tx, mine[shoe_id], pair, known) for shoe_id, pair in linked if known]


def _known(tx: Tx, runner_id: int) -> _Known:
    started = remote.started(tx, runner_id)
    standing = remote.known(tx, runner_id).keys()
    return _Known(
        {gear_id: ids & standing for gear_id, ids in gear.uses(tx, runner_id).items()},
        remote.activities_of(tx, runner_id),
        {a.id: a for a in activities.between(tx, runner_id)},
        shoes.wearings(tx, runner_id),
        {id_: at.date() if at else None for id_, (at, _) in started.items()},
        {id_ for id_, (_, has_original) in started.items() if has_original},
    )


def _compared(tx: Tx, shoe: Shoe, pair: Pair, known: _Known) -> Compared:
    theirs = gear.metres_of_pair(tx, pair.runner_id, pair.external_id)
    runs = [*_listed(shoe, theirs, known), *_only_ours(shoe, theirs, known)]
    as_read = (pair.read_total_m, pair.read_runs) == (pair.total_m, pair.runs)
    whole = pair.read_at is not None and as_read and None not in theirs.values()
    return Compared(shoe, pair, compare(shoe.start_m, pair.total_m, runs, whole=whole))


def _listed(shoe: Shoe, theirs: dict[str, float | None], known: _Known) -> Iterator[Counted]:
    """Those that the account counts on the pair; two of its lines may be one activity here."""
    counted: set[int] = set()
    for external_id, metres in theirs.items():
        activity_id = known.activity_of.get(external_id)
        ours = None if activity_id is None or activity_id in counted else _on(shoe, activity_id, known)
        if activity_id is not None:
            counted.add(activity_id)
        yield Counted(
            activity_id or external_id,
            known.began_on.get(external_id) or date.min,
            ours,
            metres or 0.0,
            external_id in known.with_original,
            _why_not_ours(activity_id, known),
        )


def _on(shoe: Shoe, activity_id: int, known: _Known) -> float | None:
    worn = [w.distance_m for w in known.wearings.get(activity_id, []) if w.shoe_id == shoe.id]
    return sum(worn) if worn else None


def _why_not_ours(activity_id: int | None, known: _Known) -> str:
    if activity_id is None:
        return UNKNOWN
    if known.activities[activity_id].counted_m == 0:
        return EXCLUDED
    return OTHER_PAIR if known.wearings.get(activity_id) else UNKNOWN


def _only_ours(shoe: Shoe, theirs: dict[str, float | None], known: _Known) -> Iterator[Counted]:
    """Those that are on the pair here, and there on another one or on none."""
    there = {known.activity_of[id_] for id_ in theirs if id_ in known.activity_of}
    elsewhere = {known.activity_of[i] for ids in known.uses.values() for i in ids if i in known.activity_of}
    for activity_id in sorted(known.wearings.keys() - there):
        ours = _on(shoe, activity_id, known)
        if ours is not None:
            why = OTHER_PAIR if activity_id in elsewhere else UNKNOWN
            yield Counted(activity_id, known.activities[activity_id].local_date, ours, None, why=why)


def as_view(one: Compared) -> dict[str, Any]:
    return {
        "shoe_id": one.shoe.id,
        "name": one.shoe.name,
        "garmin_name": one.pair.name,
        "garmin_state": one.pair.state,
        **asdict(one.totals),
        "difference_m": one.totals.difference_m,
        "sentences": one.totals.sentences("km"),
    }


def lines(one: Compared, units: str) -> list[str]:
    """The pair with both totals, then a line for each reason."""
    theirs, ours = one.totals.theirs_m, distance(one.totals.ours_m, units)
    says = "says nothing now" if theirs is None else f"says {distance(theirs, units)}"
    gone = "; it is in Garmin's list no more" if one.pair.state == "gone" else ""
    return [
        f"{one.shoe.name}: Garmin {says}, Midsole {ours}{gone}.",
        *(f"  {sentence}" for sentence in one.totals.sentences(units)),
    ]
