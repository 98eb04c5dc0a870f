"""Which pair an activity wears where the runner said nothing: what the account tells, else the default."""

from collections.abc import Iterable

from midsole.actions.box import Box
from midsole.domain import wearing
from midsole.store import activities, gear, remote, shoes
from midsole.store.base import Tx
from midsole.store.runners import Runner


def wear_again(tx: Tx, runner: Runner, activity_ids: Iterable[int], box: Box) -> None:
    """The pair that answers for each now; what the runner said stays."""
    ids = list(activity_ids)
    told = wear_told(tx, runner, ids, box)
    wear_default(tx, runner, [activity_id for activity_id in ids if activity_id not in told], box)


def wear_told(tx: Tx, runner: Runner, activity_ids: Iterable[int], box: Box) -> set[int]:
    """Put each on the pairs that its account names, in equal parts; returns those of which it named one.

    What the account took back, or what is no activity of its any more, goes, so that the default can answer
    again."""
    said = shoes.said_by(tx, ids := list(activity_ids))
    externals = remote.externals_of(tx, runner.id, ids)
    named = gear.shoes_of(tx, runner.id, [e for of in externals.values() for e in of]) if externals else {}
    shares = {
        activity_id: _shares({shoe for e in externals.get(activity_id, ()) for shoe in named.get(e, ())})
        for activity_id in ids
        if said.get(activity_id) != wearing.RUNNER
    }
    kept = {a: parts for a, parts in shares.items() if parts or said.get(a) == wearing.SOURCE}
    if kept:
        shoes.wear_all(tx, runner.id, kept, wearing.SOURCE, box.now())
    return {a for a, parts in shares.items() if parts}


def _shares(shoe_ids: set[int]) -> dict[int, float]:
    """Each kilometre once, also where the account counts it in full on each of several pairs."""
    return {shoe_id: 1.0 / len(shoe_ids) for shoe_id in sorted(shoe_ids)}


def wear_default(tx: Tx, runner: Runner, activity_ids: Iterable[int], box: Box) -> None:
    """Put each on the pair that answers for it, unless the runner or the source already said."""
    ids = list(activity_ids)
    said = shoes.said_by(tx, ids)
    free = [a for a in ids if said.get(a) not in ("runner", "source", "rule")]
    pairs, defaults = shoes.pairs(tx, runner.id), shoes.defaults(tx, runner.id)
    found = activities.between(tx, runner.id, ids=free) if defaults else []
    chosen = {activity.id: wearing.choose(activity, pairs, defaults) for activity in found}
    shares = {a: {worn.shoe_id: 1.0} if (worn := chosen.get(a)) else {} for a in free}
    shoes.wear_all(tx, runner.id, shares, wearing.DEFAULT, box.now())
