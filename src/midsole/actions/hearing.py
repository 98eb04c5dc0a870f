"""Writing down what an account tells: its list, what was deleted there, its pairs and their runs, steps."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from midsole.actions.account import Keeper
from midsole.actions.box import Box
from midsole.actions.ingest import join
from midsole.actions.pairs import settle_pairs, start_from, worn_until
from midsole.actions.wearing import follow_account, wear_again
from midsole.decode import garmin
from midsole.domain.activity import Told
from midsole.sources.answers import digest_of
from midsole.sources.base import (
    ActivityGear,
    Details,
    File,
    Found,
    GearList,
    GearUse,
    Gone,
    Steps,
    TakenOver,
)
from midsole.store import accounts, activities, gear, laying, remote, runners
from midsole.store import steps as steps_store
from midsole.store.base import Tx
from midsole.store.runners import Runner
from midsole.store.sources import Connection


@dataclass(slots=True)
class Heard:
    """What a look has told so far: `fresh` activities, and the originals to be fetched, newest first.

    `counting`: the pairs of which the account can tell no total now."""

    fresh: int = 0
    files: list[File] = field(default_factory=list)
    counting: set[str] = field(default_factory=set)


def hear(box: Box, keeper: Keeper, found: Sequence[Found], heard: Heard) -> None:
    """One transaction: what is told, and what it changes of activities and of the pairs they wore.

    TakenOver where the account was disconnected since Garmin answered."""
    heard.files += [one for one in found if isinstance(one, File)]
    with box.store.write() as tx:
        connection = keeper.mine(tx)
        if connection is None:
            raise TakenOver("The account was disconnected meanwhile.")
        runner = runners.get(tx, connection.runner_id)
        changed = _lines(tx, runner, [d for d in found if isinstance(d, Details)], heard)
        _note_owner(tx, connection, found)
        for one in found:
            match one:
                case Details(detail=str()):
                    changed |= _detail(tx, runner, one, box)
                case Gone():
                    remote.gone(tx, runner.id, one.external_id, box.now())
                    changed.add(one.external_id)
                case GearList():
                    heard.counting |= {pair.external_id for pair in one.pairs if pair.total_m is None}
                    adopt = connection.notes.get("adopt") is not False
                    changed |= settle_pairs(tx, box, runner, one, adopt=adopt)
                case GearUse():
                    changed |= _use(tx, runner, one, heard, box)
                case ActivityGear():
                    gear.use_of_activity(tx, runner.id, one.external_id, one.gear_ids)
                    remote.note_gear_read(tx, runner.id, [one.external_id], box.now())
                    changed.add(one.external_id)
        steps_store.tell(tx, runner.id, {s.day: s.steps for s in found if isinstance(s, Steps)})
        lay_again(tx, runner, changed, box)


def _note_owner(tx: Tx, connection: Connection, found: Sequence[Found]) -> None:
    """A runner may connect another account: what came from the one before is not deleted in this one."""
    told = {one.owner for one in found if isinstance(one, Details) and one.owner}
    if len(told) == 1 and told != {connection.notes.get("owner")}:
        accounts.note(tx, connection.id, owner=told.pop())


def _lines(tx: Tx, runner: Runner, told: Sequence[Details], heard: Heard) -> set[str]:
    lines = {d.external_id: d for d in told if d.listed is not None}
    if not lines:
        return set()
    known = remote.listed(tx, runner.id, list(lines)).keys()
    details = remote.details(tx, runner.id, list(lines))
    rows = [_row(d, details.get(id_)) for id_, d in lines.items()]
    heard.fresh += len(set(lines) - known)
    return set(remote.tell(tx, runner.id, rows)) & known


def _row(line: Details, detail: str | None) -> dict[str, Any]:
    text = line.listed or ""
    return {
        "external_id": line.external_id,
        "owner": line.owner,
        "listed": text,
        "digest": digest_of(text),
        "started_at": garmin.started_at_of(text),
        "told": as_json(garmin.told_of(text, detail)),
        "has_file": line.has_file,
    }


def _detail(tx: Tx, runner: Runner, told: Details, box: Box) -> set[str]:
    listed = remote.listed(tx, runner.id, [told.external_id]).get(told.external_id)
    if listed is None or told.detail is None:
        return set()
    words = as_json(garmin.told_of(listed, told.detail))
    remote.tell_detail(tx, runner.id, told.external_id, told.detail, words, box.now())
    return {told.external_id}


def as_json(told: Told) -> dict[str, Any]:
    return {name: value for name, value in asdict(told).items() if value is not None and value is not False}


def _use(tx: Tx, runner: Runner, use: GearUse, heard: Heard, box: Box) -> set[str]:
    """A pair that is being counted, or half read, stays as it was read, so that it is read again."""
    pair = gear.pair(tx, runner.id, use.gear_id)
    if pair is None:
        return set()
    changed = gear.use_of_pair(tx, runner.id, use.gear_id, use.metres, use.whole)
    again = use.gear_id in heard.counting or not use.sound
    now = (pair.read_total_m, None) if again else (pair.total_m, pair.runs)
    gear.read(tx, runner.id, use.gear_id, *now, box.now())
    remote.note_gear_read(tx, runner.id, list(use.metres), box.now())
    if pair.read_total_m is None and use.whole:
        start_from(tx, runner, use.gear_id, box)
    worn_until(tx, runner, use.gear_id)
    return changed


def lay_again(tx: Tx, runner: Runner, external_ids: Iterable[str], box: Box) -> None:
    """What a rename, another type, a deletion or another pair changes; the runner's own word stays.

    Only what is of another kind now asks anew who may answer: they may have changed since it was worn."""
    ids = list(external_ids)
    concerned = sorted(set(remote.activities_of(tx, runner.id, ids).values())) if ids else []
    if not concerned:
        return
    before = _kinds(tx, runner, concerned)
    laying.lay(tx, runner, concerned)
    now = _kinds(tx, runner, concerned)
    of_another_kind = [id_ for id_ in concerned if now[id_] != before[id_]]
    wear_again(tx, runner, of_another_kind, "Another sport or surface at the account", box)
    follow_account(tx, runner, concerned, box)


def _kinds(tx: Tx, runner: Runner, activity_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    return {a.id: (a.sport, a.surface) for a in activities.between(tx, runner.id, ids=activity_ids)}


def met(tx: Tx, box: Box, runner_id: int, came: Iterable[tuple[int, str]]) -> None:
    """These raw files are the originals of these. One that was here before, by another road, is not read a
    second time: what the account tells of it, and of its pairs, is laid over it now."""
    found, runner = list(came), runners.get(tx, runner_id)
    join(tx, runner, [raw_file_id for raw_file_id, _ in found], box.now())
    lay_again(tx, runner, [external_id for _, external_id in found], box)
