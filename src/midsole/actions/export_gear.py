"""The pairs that an export names: added, linked to known ones, or proposed; bikes are noted and left out."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from midsole.actions.box import Box
from midsole.actions.export_lists import Account
from midsole.actions.pairs import LINKED, PROPOSED, settle_pairs, start_from, worn_until
from midsole.decode.listed import Line, NamedPair
from midsole.decode.strava import PREFIX, StravaPair
from midsole.domain import gear as likeness
from midsole.domain.connection import GARMIN
from midsole.sources import gear_json
from midsole.sources.base import Gear, GearList
from midsole.store import accounts, gear
from midsole.store.base import Tx
from midsole.store.gear import Pair
from midsole.store.remote import GARMIN_EXPORT, STRAVA
from midsole.store.runners import Runner


@dataclass(frozen=True, slots=True)
class Used:
    """A pair, and the activities that it was used in: external id -> metres."""

    pair: Gear
    metres: Mapping[str, float]
    is_bike: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the pairs, by name."""

    added: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()
    bikes: tuple[str, ...] = ()


def settle(tx: Tx, box: Box, runner: Runner, account: Account) -> tuple[set[str], Settled]:
    """Write down the pairs and their activities; returns the external ids whose pairs may be others now."""
    used = _of_strava(tx, runner, account) if account.origin == STRAVA else _of_garmin(tx, runner, account)
    before = {pair.external_id: pair for pair in gear.pairs(tx, runner.id)}
    shoes = GearList(tuple(one.pair for one in used if not one.is_bike), whole=False)
    changed = settle_pairs(tx, box, runner, shoes, adopt=_adopts(tx, runner, account), origin=account.origin)
    _leave_out(tx, box, runner, [one.pair for one in used if one.is_bike], before)
    for one in used:
        changed |= _use(tx, box, runner, one)
    changed |= _leave(tx, runner, account, {one.pair.external_id for one in used})
    return changed, _settled(tx, runner, used, before)


def _adopts(tx: Tx, runner: Runner, account: Account) -> bool:
    """Who wants the pairs of the Garmin account only proposed wants so of its export, too."""
    live = accounts.of(tx, runner.id, GARMIN) if account.origin == GARMIN_EXPORT else None
    return live is None or live.notes.get("adopt") is not False


def _leave_out(tx: Tx, box: Box, runner: Runner, bikes: Iterable[Gear], before: Mapping[str, Pair]) -> None:
    """A bike has no kind and no limit here: it is known, and stays out until the runner says otherwise."""
    for bike in bikes:
        row = {"external_id": bike.external_id, "origin": STRAVA, "name": bike.name, "told": bike.told}
        gear.tell(tx, runner.id, [row], box.now())
        if bike.external_id not in before:
            gear.decline(tx, runner.id, bike.external_id)


def _use(tx: Tx, box: Box, runner: Runner, one: Used) -> set[str]:
    """As after a look at an account: its start is made good once, when its activities are first read."""
    known = gear.pair(tx, runner.id, one.pair.external_id)
    changed = gear.use_of_pair(tx, runner.id, one.pair.external_id, one.metres, whole=True)
    gear.read(tx, runner.id, one.pair.external_id, one.pair.total_m, one.pair.runs, box.now())
    if known is not None and known.read_total_m is None and one.metres:
        start_from(tx, runner, one.pair.external_id, box)
    worn_until(tx, runner, one.pair.external_id)
    return changed


def _leave(tx: Tx, runner: Runner, account: Account, named: Collection[str]) -> set[str]:
    """A pair that no list names any more has none of the listed activities: they name another, or none."""
    uses = gear.uses(tx, runner.id)
    lost = {pair.external_id for pair in gear.pairs(tx, runner.id, account.origin)} - set(named)
    changed: set[str] = set()
    for gear_id in sorted(lost & uses.keys()):
        stay = dict.fromkeys(uses[gear_id] - account.lines.keys())
        changed |= gear.use_of_pair(tx, runner.id, gear_id, stay, whole=True)
    return changed


def _settled(tx: Tx, runner: Runner, used: Iterable[Used], before: Mapping[str, Pair]) -> Settled:
    now = {pair.external_id: pair for pair in gear.pairs(tx, runner.id)}
    fresh = [now[one.pair.external_id] for one in used if one.pair.external_id not in before]
    bikes = {one.pair.external_id for one in used if one.is_bike}
    return Settled(
        tuple(p.name for p in fresh if p.state == LINKED and p.added),
        tuple(p.name for p in fresh if p.state == LINKED and not p.added),
        tuple(p.name for p in fresh if p.state == PROPOSED),
        tuple(p.name for p in fresh if p.external_id in bikes),
    )


# Strava


def _of_strava(tx: Tx, runner: Runner, account: Account) -> list[Used]:
    """By Strava's number where one of its exports told it, else by name: a pair may be renamed there."""
    catalogue = _catalogue(account.shoes)
    bikes = {key for entry in account.bikes for key in _keys(entry)}
    called = {pair for named in account.named for pair in named.values() if pair}
    plain = {pair.name: _plain(pair.name, catalogue) for pair in called}
    renamed = _renamed([_plainly(named, plain) for named in account.named], _numbers(called, plain))
    now = {name: _resolved(letters, renamed) for name, letters in plain.items()}
    numbers = _numbers(called, now)
    groups: dict[str, list[tuple[Line, NamedPair]]] = {}
    for line in account.lines.values():
        if pair := line.pair:
            key = pair.number or _first(numbers, now[pair.name])
            groups.setdefault(key, []).append((line, pair))
    ids = _known_ids(gear.pairs(tx, runner.id, STRAVA), catalogue, renamed, numbers)
    used = [_strava_used(key, group, catalogue, bikes, ids) for key, group in groups.items()]
    worn = {_letters(name) for name in plain}
    unworn = {entry.name: entry for entry in account.shoes if not worn & _keys(entry)}
    return used + [Used(_strava_gear(_letters(name), name, e, (), ids), {}) for name, e in unworn.items()]


def _numbers(called: Iterable[NamedPair], plain: Mapping[str, str]) -> dict[str, set[str]]:
    """Plain name -> Strava's numbers of it."""
    found: dict[str, set[str]] = {}
    for pair in called:
        if pair.number:
            found.setdefault(plain[pair.name], set()).add(pair.number)
    return found


def _plainly(named: Mapping[str, NamedPair | None], plain: Mapping[str, str]) -> dict[str, str | None]:
    return {activity: plain[pair.name] if pair else None for activity, pair in named.items()}


def _renamed(lists: Iterable[Mapping[str, str | None]], numbers: Mapping[str, set[str]]) -> dict[str, str]:
    """Plain name -> the next one, of a pair all of whose activities the next list gives to one new name.

    Where both have numbers, those tell whether it is one pair."""
    told: dict[str, str | None] = {}
    found: dict[str, str] = {}
    for listed in lists:
        before, now = set(told.values()), set(listed.values())
        fates: dict[str, set[str | None]] = {}
        for activity in told.keys() & listed.keys():
            if (name := told[activity]) and name not in now:
                fates.setdefault(name, set()).add(listed[activity])
        for name, fate in fates.items():
            new = min(fate - {None}, default=None, key=str)
            if new and len(fate) == 1 and new not in before and not (name in numbers and new in numbers):
                found[name] = new
        told |= listed
    return found


def _resolved(name: str, renamed: Mapping[str, str]) -> str:
    seen = {name}
    while (name := renamed.get(name, name)) not in seen:
        seen.add(name)
    return name


def _catalogue(shoes: Iterable[StravaPair]) -> dict[str, StravaPair]:
    """Every way to name a pair; a make that two pairs share names neither, their own names do."""
    pairs = {_letters(entry.name): entry for entry in shoes}
    makes = [(key, entry) for entry in pairs.values() for key in _keys(entry)]
    times = Counter(key for key, _ in makes)
    return {key: entry for key, entry in makes if times[key] == 1} | pairs


def _plain(name: str, catalogue: Mapping[str, StravaPair]) -> str:
    """One spelling of a pair that one export names in another way than the next."""
    letters = _letters(name)
    entry = catalogue.get(letters)
    return _letters(entry.name) if entry else letters


def _keys(entry: StravaPair) -> set[str]:
    """A list of activities names a pair by its name, by brand and model, or by both."""
    made = f"{entry.brand or ''} {entry.model or ''}"
    return {_letters(text) for text in (entry.name, made, f"{made} {entry.name}", f"{entry.name} {made}")} - {
        ""
    }


def _letters(text: str) -> str:
    return "".join(text.casefold().split())


def _first(numbers: Mapping[str, set[str]], name: str) -> str:
    """The number of the pair that had this name first; the name itself where it has none."""
    return min(numbers.get(name, ()), key=int, default=name)


def _known_ids(
    pairs: Iterable[Pair],
    catalogue: Mapping[str, StravaPair],
    renamed: Mapping[str, str],
    numbers: Mapping[str, set[str]],
) -> dict[str, str]:
    """Number, or plain name where none was told, also a later one -> the id under which it is kept."""
    found: dict[str, str] = {}
    for pair in pairs:
        told = json.loads(pair.told)
        found[told["number"] or _plain(told["name"], catalogue)] = pair.external_id
    for former in renamed.keys() & found.keys():
        found.setdefault(_resolved(former, renamed), found[former])
    for name in numbers.keys() & found.keys():
        found.setdefault(_first(numbers, name), found[name])
    return found


def _strava_used(
    key: str,
    group: list[tuple[Line, NamedPair]],
    catalogue: Mapping[str, StravaPair],
    bikes: set[str],
    ids: Mapping[str, str],
) -> Used:
    newest = max(
        group, key=lambda one: (one[0].started_at is not None, one[0].started_at, one[0].external_id)
    )
    name = newest[1].name
    letters = _letters(name)
    votes = Counter(pair.is_bike for _, pair in group)
    is_bike = letters in bikes or (letters not in catalogue and votes[True] > votes[False])
    pair = _strava_gear(key, name, catalogue.get(letters), [line for line, _ in group], ids)
    return Used(pair, {line.external_id: line.distance_m for line, _ in group}, is_bike)


def _strava_gear(
    key: str, name: str, entry: StravaPair | None, lines: Iterable[Line], ids: Mapping[str, str]
) -> Gear:
    worn = list(lines)
    brand, model = (entry.brand, entry.model) if entry and entry.brand else likeness.split_name(name)
    number = key if key.isdigit() else None
    new_id = f"{PREFIX}{number or hashlib.sha256(key.encode()).hexdigest()[:24]}"
    days = [line.started_at.date() for line in worn if line.started_at]
    return Gear(
        external_id=ids.get(key) or (None if number else ids.get(_letters(name))) or new_id,
        name=name,
        told=json.dumps({"name": name, "number": number}, ensure_ascii=False),
        brand=brand,
        model=model,
        first_used_on=min(days, default=None),
        total_m=sum(line.distance_m for line in worn),
        runs=len(worn),
    )


# Garmin's export


def _of_garmin(tx: Tx, runner: Runner, account: Account) -> list[Used]:
    """Its pairs of shoes; those that the account itself has told are its own to tell."""
    live = {pair.external_id for pair in gear.pairs(tx, runner.id, GARMIN)}
    used = []
    for number, listed in account.gear.items():
        row = {"uuid": hashlib.sha256(f"garmin {number}".encode()).hexdigest()[:32], **listed.row}
        pair = gear_json.gear_of(row) if gear_json.is_shoes(row) else None
        if pair is not None and pair.external_id not in live:
            metres = {n: account.lines[n].distance_m for n in listed.activities if n in account.lines}
            whole = replace(pair, total_m=sum(metres.values()), runs=len(metres))
            used.append(Used(whole, metres))
    return used
