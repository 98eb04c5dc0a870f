"""Writing down what an account tells: its list, what was deleted there, its pairs and their runs, steps."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from midsole.actions.box import Box
from midsole.actions.pairs import settle_pairs, start_from
from midsole.actions.wearing import wear_again
from midsole.decode import garmin
from midsole.domain.activity import Told
from midsole.sources.base import (
    ActivityGear,
    Details,
    File,
    Found,
    GearList,
    GearUse,
    Gone,
    Steps,
)
from midsole.store import gear, laying, remote, runners
from midsole.store import steps as steps_store
from midsole.store.base import Tx
from midsole.store.runners import Runner
from midsole.store.sources import Connection


@dataclass(slots=True)
class Heard:
    """What a look has told so far: `fresh` activities, and the originals to be fetched, newest first."""

    fresh: int = 0
    files: list[File] = field(default_factory=list)


def hear(box: Box, connection: Connection, found: Sequence[Found], heard: Heard) -> None:
    """One transaction: what is told, and what it changes of activities and of the pairs they wore."""
    heard.files += [one for one in found if isinstance(one, File)]
    with box.store.write() as tx:
        runner = runners.lock(tx, connection.runner_id)
        changed = _lines(tx, runner, [d for d in found if isinstance(d, Details)], heard)
        for one in found:
            match one:
                case Details(detail=str()):
                    changed |= _detail(tx, runner, one, box)
                case Gone():
                    remote.gone(tx, runner.id, one.external_id, box.now())
                    changed.add(one.external_id)
                case GearList():
                    changed |= settle_pairs(tx, box, runner, connection, one)
                case GearUse():
                    changed |= _use(tx, runner, one, box)
                case ActivityGear():
                    gear.use_of_activity(tx, runner.id, one.external_id, one.gear_ids)
                    remote.note_gear_read(tx, runner.id, [one.external_id], box.now())
                    changed.add(one.external_id)
        steps_store.tell(tx, runner.id, {s.day: s.steps for s in found if isinstance(s, Steps)})
        _lay_again(tx, runner, changed, box)


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
        "listed": text,
        "digest": sha256(text.encode()).hexdigest(),
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


def _use(tx: Tx, runner: Runner, use: GearUse, box: Box) -> set[str]:
    pair = next((p for p in gear.pairs(tx, runner.id) if p.external_id == use.gear_id), None)
    if pair is None:
        return set()
    changed = gear.use_of_pair(tx, runner.id, use.gear_id, use.metres, use.whole)
    gear.read(tx, runner.id, use.gear_id, pair.total_m, pair.runs, box.now())
    remote.note_gear_read(tx, runner.id, list(use.metres), box.now())
    if pair.read_at is None and use.whole:
        start_from(tx, runner, use.gear_id, use.metres)
    return changed


def _lay_again(tx: Tx, runner: Runner, external_ids: Iterable[str], box: Box) -> None:
    """What a rename, another type, a deletion or another pair changes; the runner's own word stays."""
    ids = list(external_ids)
    if not ids:
        return
    remote_ids = remote.activities_of(tx, runner.id, ids)
    laying.relay(tx, runner, ids)
    wear_again(tx, runner, sorted(set(remote_ids.values())), box)
