"""Pairs that an account knows become pairs here: proposed, linked to a known one, or declined."""

from collections.abc import Mapping
from dataclasses import asdict

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.shoes import find_shoe
from midsole.actions.wearing import wear_again
from midsole.domain import gear as likeness
from midsole.domain.errors import UsageError
from midsole.domain.shoes import LIMIT_M_BY_KIND, START_KNOWN, Shoe
from midsole.sources.base import GearList
from midsole.store import gear, remote, runners, shoes
from midsole.store.base import Tx
from midsole.store.gear import Pair
from midsole.store.runners import Runner
from midsole.store.sources import Connection

FOLLOWED = ("name", "limit_m", "first_used_on", "retired_on")
"""What is changed at the account is changed here too, where the runner left it as it was told before."""
START_FROM_M = 100.0
"""A total above the sum of its runs by more than this was given a start by hand; less is rounding."""
PROPOSED, LINKED = "proposed", "linked"


def settle_pairs(tx: Tx, box: Box, runner: Runner, connection: Connection, told: GearList) -> set[str]:
    """Write down the list; link what is known, add or propose what is new.

    Returns the activities (the account's ids) whose pairs may be others now."""
    before = {p.external_id: p for p in gear.pairs(tx, runner.id)}
    gear.tell(tx, runner.id, [asdict(pair) for pair in told.pairs], box.now())
    gear.missing(tx, runner.id, {pair.external_id for pair in told.pairs})
    now = gear.pairs(tx, runner.id)
    for pair in now:
        if pair.state == LINKED and pair.external_id in before:
            _follow(tx, runner, before[pair.external_id], pair)
    settled = _link_known(tx, runner, [p for p in now if p.state == PROPOSED])
    if connection.notes.get("adopt") is not False:
        settled |= _adopt(tx, box, runner)
    uses = gear.uses(tx, runner.id)
    return {activity for gear_id in settled for activity in uses.get(gear_id, ())}


def _follow(tx: Tx, runner: Runner, before: Pair, now: Pair) -> None:
    shoe = _shoe(tx, runner, now.shoe_id)
    if shoe is None:
        return
    changes = {
        field: getattr(now, field)
        for field in FOLLOWED
        if getattr(now, field) != getattr(before, field) and getattr(shoe, field) == getattr(before, field)
    }
    if changes.get("name") and _taken(tx, runner, changes["name"]):
        del changes["name"]
    if "limit_m" in changes and not changes["limit_m"]:
        del changes["limit_m"]
    if changes:
        shoes.change(tx, shoe.id, **changes)


def _shoe(tx: Tx, runner: Runner, shoe_id: int | None) -> Shoe | None:
    return next((s for s in shoes.pairs(tx, runner.id) if s.id == shoe_id), None)


def _taken(tx: Tx, runner: Runner, name: str) -> bool:
    return name.casefold() in (s.name.casefold() for s in shoes.pairs(tx, runner.id))


def _link_known(tx: Tx, runner: Runner, proposed: list[Pair]) -> set[str]:
    """Only where there is no doubt; the rest stays a proposal, which says what it may be."""
    sure = {gear_id: m for gear_id, m in _matches(tx, runner, proposed).items() if m.sure}
    for gear_id, match in sure.items():
        gear.link(tx, runner.id, gear_id, match.shoe_id)
    return set(sure)


def _matches(tx: Tx, runner: Runner, proposed: list[Pair]) -> dict[str, likeness.Match]:
    linked = {p.shoe_id for p in gear.pairs(tx, runner.id)}
    free = [s for s in shoes.pairs(tx, runner.id) if s.id not in linked]
    return likeness.match(proposed, free)


def _adopt(tx: Tx, box: Box, runner: Runner) -> set[str]:
    proposed = [p for p in gear.pairs(tx, runner.id) if p.state == PROPOSED]
    doubtful = _matches(tx, runner, proposed)
    new = [p for p in proposed if p.external_id not in doubtful]
    for pair in new:
        _add(tx, box, runner, pair)
    return {p.external_id for p in new}


def _add(tx: Tx, box: Box, runner: Runner, pair: Pair) -> int:
    """A new pair with what the account says of it; the first one in use becomes the default for running."""
    kind = likeness.kind_of(pair.brand, pair.model)
    values = {
        "name": _free_name(tx, runner, pair.name),
        "model": " ".join(part for part in (pair.brand, pair.model) if part)[:100] or None,
        "kind": kind,
        "limit_m": pair.limit_m or LIMIT_M_BY_KIND[kind],
        "start_m": 0.0,
        "start_how": START_KNOWN,
        "first_used_on": pair.first_used_on,
        "retired_on": pair.retired_on,
    }
    shoe_id = shoes.add(tx, runner.id, box.now(), **values)
    gear.link(tx, runner.id, pair.external_id, shoe_id, added=True)
    if pair.read_at is not None:
        use = gear.metres_of_pair(tx, runner.id, pair.external_id)
        start_from(tx, runner, pair.external_id, use)
    return shoe_id


def _free_name(tx: Tx, runner: Runner, wanted: str) -> str:
    name, number = wanted, 2
    while _taken(tx, runner, name):
        name, number = f"{wanted[:95]} ({number})", number + 1
    return name


def start_from(tx: Tx, runner: Runner, gear_id: str, metres: Mapping[str, float | None]) -> None:
    """What the account counts above the sum of the pair's activities was entered there by hand: its start.

    Of a pair that the runner added here themselves they said the start, and it stays."""
    pair = next((p for p in gear.pairs(tx, runner.id) if p.external_id == gear_id), None)
    if (
        pair is None
        or pair.shoe_id is None
        or not pair.added
        or pair.total_m is None
        or None in metres.values()
    ):
        return
    start_m = pair.total_m - sum(m or 0.0 for m in metres.values())
    if start_m > START_FROM_M:
        shoes.change(tx, pair.shoe_id, start_m=round(start_m))


def proposals(box: Box, runner_id: int) -> list[tuple[Pair, Shoe | None]]:
    """Every pair that waits for a word, and the known one that it may be."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        waiting = [p for p in gear.pairs(tx, runner_id) if p.state == PROPOSED]
        maybe = _matches(tx, runner, waiting)
        known = {s.id: s for s in shoes.pairs(tx, runner_id)}
        return [
            (p, known.get(maybe[p.external_id].shoe_id) if p.external_id in maybe else None) for p in waiting
        ]


def accept(box: Box, runner_id: int, name: str | None) -> list[Shoe]:
    """Add the named pair, or all that wait, as pairs of their own."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        chosen = _named(tx, runner_id, name) if name else _waiting(tx, runner_id)
        ids = [_add(tx, box, runner, pair) for pair in chosen]
        _wear(tx, box, runner, [pair.external_id for pair in chosen])
        added = [s for s in shoes.pairs(tx, runner_id) if s.id in ids]
    evaluate(box, runner_id, silent=True)
    return added


def link(box: Box, runner_id: int, name: str, shoe_name: str) -> tuple[Pair, Shoe]:
    """Say that the account's pair is this one here."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        shoe = find_shoe(tx, runner_id, shoe_name)
        (pair,) = _named(tx, runner_id, name, states=None)
        gear.link(tx, runner_id, pair.external_id, shoe.id)
        _wear(tx, box, runner, [pair.external_id])
    evaluate(box, runner_id, silent=True)
    return pair, shoe


def decline(box: Box, runner_id: int, name: str) -> Pair:
    """Leave the account's pair out: its runs go where the defaults say."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        (pair,) = _named(tx, runner_id, name, states=None)
        gear.decline(tx, runner_id, pair.external_id)
        _wear(tx, box, runner, [pair.external_id])
    evaluate(box, runner_id, silent=True)
    return pair


def _waiting(tx: Tx, runner_id: int) -> list[Pair]:
    return [p for p in gear.pairs(tx, runner_id) if p.state == PROPOSED]


def _named(tx: Tx, runner_id: int, name: str, states: tuple[str, ...] | None = (PROPOSED,)) -> list[Pair]:
    pairs = [p for p in gear.pairs(tx, runner_id) if states is None or p.state in states]
    exact = [p for p in pairs if p.name.casefold() == name.casefold() or p.external_id == name]
    found = exact or [p for p in pairs if name.casefold() in p.name.casefold()]
    if len(found) != 1:
        known = ", ".join(p.name for p in pairs) or "none"
        raise UsageError(
            f"{'Several pairs fit' if found else 'Garmin has no such pair:'} {name!r}. Known: {known}."
        )
    return found


def _wear(tx: Tx, box: Box, runner: Runner, gear_ids: list[str]) -> None:
    uses = gear.uses(tx, runner.id)
    externals = {activity for gear_id in gear_ids for activity in uses.get(gear_id, ())}
    worn = remote.activities_of(tx, runner.id, sorted(externals)) if externals else {}
    wear_again(tx, runner, sorted(set(worn.values())), box)
