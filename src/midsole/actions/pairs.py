"""Pairs that an account knows become pairs here: proposed, linked to a known one, or declined."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.shoes import find_shoe
from midsole.actions.wearing import wear_again, wear_other_days
from midsole.domain import gear as likeness
from midsole.domain.connection import GARMIN
from midsole.domain.errors import UsageError
from midsole.domain.shoes import LIMIT_M_BY_KIND, START_KNOWN, Shoe
from midsole.domain.wearing import NO_PAIR
from midsole.domain.when import local
from midsole.sources.base import Gear, GearList
from midsole.store import gear, remote, runners, shoes
from midsole.store.base import Tx
from midsole.store.gear import Pair
from midsole.store.runners import Runner

START_FROM_M = 100.0
"""A total above the sum of its runs by more than this was given a start by hand; less is rounding."""
PROPOSED, LINKED = "proposed", "linked"
RETIRED_THERE = "retired in Garmin"
"""The reason of a retirement that the runner may take back there; their own word here has another."""


def settle_pairs(
    tx: Tx, box: Box, runner: Runner, told: GearList, *, adopt: bool, origin: str = GARMIN
) -> set[str]:
    """Write down the list; link what is known, and add what is new (`adopt`) or propose it.

    Returns the activities (the account's ids) whose pairs may be others now."""
    before = {p.external_id: p for p in gear.pairs(tx, runner.id, origin)}
    rows = [_told(p, before.get(p.external_id)) | {"origin": origin} for p in told.pairs]
    gear.tell(tx, runner.id, rows, box.now())
    if told.whole:
        gear.missing(tx, runner.id, {pair.external_id for pair in told.pairs})
    now = gear.pairs(tx, runner.id, origin)
    for pair in now:
        if pair.state == LINKED and pair.external_id in before:
            _follow(tx, box, runner, before[pair.external_id], pair)
    settled = _link_known(tx, runner, [p for p in now if p.state == PROPOSED])
    if adopt:
        settled |= _adopt(tx, box, runner, origin)
    uses = gear.uses(tx, runner.id)
    return {activity for gear_id in settled for activity in uses.get(gear_id, ())}


def _told(pair: Gear, before: Pair | None) -> dict[str, Any]:
    """What could not be read of a known pair stays as it was told before."""
    stays = {} if before is None else {name: getattr(before, name) for name in pair.unsure}
    return asdict(pair) | stays


def _follow(tx: Tx, box: Box, runner: Runner, before: Pair, now: Pair) -> None:
    """What is changed at the account is changed here too, where the runner left it as it was told before."""
    shoe = _shoe(tx, runner, now.shoe_id)
    if shoe is None:
        return
    changes = _changes(tx, runner, before, now, shoe) | _retirement(tx, runner, before, now, shoe)
    if changes:
        shoes.change(tx, shoe.id, **changes)
        wear_other_days(tx, runner, shoe.id, f"Other dates of {shoe.name} at the account", box)


def _changes(tx: Tx, runner: Runner, before: Pair, now: Pair, shoe: Shoe) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if now.name != before.name and _is_named_after(shoe, before) and _is_free(tx, runner, now.name):
        changes["name"] = now.name
    if now.limit_m not in (None, before.limit_m) and shoe.limit_m == _limit_m(before):
        changes["limit_m"] = now.limit_m
    if now.first_used_on != before.first_used_on == shoe.first_used_on:
        changes["first_used_on"] = now.first_used_on
    return changes


def _is_named_after(shoe: Shoe, pair: Pair) -> bool:
    """Also with the number that told it from another of that name."""
    return shoe.name == pair.name or (pair.added and shoe.name.startswith(f"{pair.name[:95]} ("))


def _limit_m(pair: Pair) -> float:
    return pair.limit_m or LIMIT_M_BY_KIND[likeness.kind_of(pair.brand, pair.model)]


def _retirement(tx: Tx, runner: Runner, before: Pair, now: Pair, shoe: Shoe) -> dict[str, Any]:
    """Followed in both directions, except that what the runner retired here stays so."""
    if now.retired_on is None and before.retired_on and shoe.retired_reason == RETIRED_THERE:
        return {"retired_on": None, "retired_reason": None}
    if now.retired_on and before.retired_on is None and shoe.retired_on is None:
        return _retired(tx, runner, now, shoe.id)
    return {}


def _retired(tx: Tx, runner: Runner, pair: Pair, shoe_id: int | None) -> dict[str, Any]:
    """The day is seldom told, and may then be that of the first use: nobody stops before the last run."""
    if pair.retired_on is None:
        return {}
    last_at = gear.last_used_at(tx, runner.id, pair.external_id)
    last_on = local(last_at, runner.zone_on).date() if last_at else None
    said_on = shoes.said_after(tx, shoe_id, pair.retired_on) if shoe_id else None
    days = [day for day in (pair.retired_on, last_on, said_on) if day]
    return {"retired_on": max(days), "retired_reason": RETIRED_THERE}


def worn_until(tx: Tx, runner: Runner, gear_id: str) -> None:
    """A retired pair's activities were read: it was in use until the last of them."""
    pair = gear.pair(tx, runner.id, gear_id)
    shoe = _shoe(tx, runner, pair.shoe_id) if pair else None
    if pair is None or shoe is None or shoe.retired_on is None or shoe.retired_reason != RETIRED_THERE:
        return
    retired = _retired(tx, runner, pair, shoe.id)
    if retired and retired["retired_on"] > shoe.retired_on:
        shoes.change(tx, shoe.id, **retired)


def _shoe(tx: Tx, runner: Runner, shoe_id: int | None) -> Shoe | None:
    return next((s for s in shoes.pairs(tx, runner.id) if s.id == shoe_id), None)


def _is_free(tx: Tx, runner: Runner, name: str) -> bool:
    said = name.casefold()
    return said not in NO_PAIR and said not in (s.name.casefold() for s in shoes.pairs(tx, runner.id))


def _link_known(tx: Tx, runner: Runner, proposed: list[Pair]) -> set[str]:
    """Only where there is no doubt; the rest stays a proposal, which says what it may be."""
    sure = {gear_id: m for gear_id, m in _matches(tx, runner, proposed).items() if m.sure}
    for gear_id, match in sure.items():
        gear.link(tx, runner.id, gear_id, match.shoe_id)
    return set(sure)


def _matches(tx: Tx, runner: Runner, proposed: list[Pair]) -> dict[str, likeness.Match]:
    """One shoe may be a pair of several accounts, but only one pair of each."""
    known, mine = gear.pairs(tx, runner.id), shoes.pairs(tx, runner.id)
    found: dict[str, likeness.Match] = {}
    for origin in sorted({pair.origin for pair in proposed}):
        linked = {p.shoe_id for p in known if p.origin == origin}
        free = [shoe for shoe in mine if shoe.id not in linked]
        found |= likeness.may_be([p for p in proposed if p.origin == origin], free)
    return found


def _adopt(tx: Tx, box: Box, runner: Runner, origin: str) -> set[str]:
    """Every pair that is like none here. One whose shoe the runner removed is only proposed again."""
    proposed = [p for p in gear.pairs(tx, runner.id, origin) if p.state == PROPOSED]
    doubtful = _matches(tx, runner, proposed)
    new = [p for p in proposed if p.external_id not in doubtful and not p.added]
    for pair in new:
        _add(tx, box, runner, pair)
    return {p.external_id for p in new}


def _add(tx: Tx, box: Box, runner: Runner, pair: Pair) -> int:
    """A new pair with what the account says of it."""
    values = {
        "name": _free_name(tx, runner, pair.name),
        "model": " ".join(part for part in (pair.brand, pair.model) if part)[:100] or None,
        "kind": likeness.kind_of(pair.brand, pair.model),
        "limit_m": _limit_m(pair),
        "start_m": 0.0,
        "start_how": START_KNOWN,
        "first_used_on": pair.first_used_on,
        **_retired(tx, runner, pair, None),
    }
    shoe_id = shoes.add(tx, runner.id, box.now(), **values)
    gear.link(tx, runner.id, pair.external_id, shoe_id, added=True)
    start_from(tx, runner, pair.external_id, box)
    return shoe_id


def _free_name(tx: Tx, runner: Runner, wanted: str) -> str:
    name, number = wanted, 2
    while not _is_free(tx, runner, name):
        name, number = f"{wanted[:95]} ({number})", number + 1
    return name


def start_from(tx: Tx, runner: Runner, gear_id: str, box: Box) -> None:
    """What the account counted above the sum of the pair's activities when they were read was entered there
    by hand: its start. Not known of each how much it counts, they are read again with the next look.

    Of a pair that the runner added here themselves they said the start: of that goes what the account tells
    of runs before then, as those count by themselves now."""
    pair = gear.pair(tx, runner.id, gear_id)
    shoe = _shoe(tx, runner, pair.shoe_id) if pair else None
    if pair is None or shoe is None or shoe.start_m is None or pair.read_total_m is None:
        return
    metres = gear.metres_of_pair(tx, runner.id, gear_id)
    if None in metres.values():
        gear.read(tx, runner.id, gear_id, None, None, box.now())
        return
    by_hand_m = pair.read_total_m - sum(m or 0.0 for m in metres.values())
    if pair.added and shoe.start_m == 0 and by_hand_m > START_FROM_M:
        shoes.change(tx, shoe.id, start_m=round(by_hand_m))
    if _counts_elsewhere(tx, runner, pair):
        return
    if not pair.added and (known_m := _known_before(tx, runner, shoe, metres)) > START_FROM_M:
        left_m = max(shoe.start_m - known_m, by_hand_m, 0.0)
        shoes.change(tx, shoe.id, start_m=round(min(left_m, shoe.start_m)))


def _counts_elsewhere(tx: Tx, runner: Runner, pair: Pair) -> bool:
    """Another account told of the same runs before: they were taken off the start then."""
    same = [p for p in gear.pairs(tx, runner.id) if p.shoe_id == pair.shoe_id and p.origin != pair.origin]
    return any(p.read_total_m is not None for p in same)


def _known_before(tx: Tx, runner: Runner, shoe: Shoe, metres: Mapping[str, float | None]) -> float:
    """What the account counts for runs before the pair was added here, when its start was said."""
    began = {id_: at.date() for id_, (at, _) in remote.started(tx, runner.id).items() if at}
    added_on = shoe.added_on or date.max
    return sum(m or 0.0 for id_, m in metres.items() if began.get(id_, date.max) < added_on)


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
        start_from(tx, runner, pair.external_id, box)
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
            f"{'Several pairs fit' if found else 'No account has such a pair:'} {name!r}. Known: {known}."
        )
    return found


def _wear(tx: Tx, box: Box, runner: Runner, gear_ids: list[str]) -> None:
    uses = gear.uses(tx, runner.id)
    externals = {activity for gear_id in gear_ids for activity in uses.get(gear_id, ())}
    worn = remote.activities_of(tx, runner.id, sorted(externals)) if externals else {}
    wear_again(tx, runner, sorted(set(worn.values())), "Pairs of the account were settled", box)
