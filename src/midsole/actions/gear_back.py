"""Writing the runner's word on a run's pair back to Garmin: only where they asked for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from midsole.actions.box import Box
from midsole.domain.connection import GARMIN
from midsole.domain.errors import BadInput, MidsoleError
from midsole.observe.logs import log
from midsole.sources.answers import Interrupted, NotFound, OddAnswer
from midsole.store import accounts, activities, gear, remote, runners, shoes
from midsole.store.base import Tx
from midsole.store.sources import Connection

DAYS_BACK = timedelta(days=30)
MOST_WRITES = 10
"""A look writes at most so much; the rest follows with the next one."""
MOST_FAILURES = 3


@runtime_checkable
class Writable(Protocol):
    """An account to which pairs can be written."""

    def link(self, gear_id: str, external_id: str) -> None: ...

    def unlink(self, gear_id: str, external_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Write:
    """One activity whose pairs differ there: those to be put to it, and those to be taken from it."""

    external_id: str
    wanted: frozenset[str]
    known: frozenset[str]


def write_back(box: Box, connection: Connection, source: object) -> None:
    """Put the pairs that the runner named to the activities there; a refusal turns the option off.

    One that Garmin does not take is tried again with the next look, and never stops the others."""
    if connection.notes.get("write_back") is not True or not isinstance(source, Writable):
        return
    with box.store.read() as tx:
        writes = list(_writes(tx, connection.runner_id, box))
    failed: list[MidsoleError] = []
    try:
        for write in writes[:MOST_WRITES]:
            _try(box, connection, source, write, failed)
    except BadInput as refusal:
        log.warning("%s Midsole writes no pairs back any more.", refusal)
        _note(box, connection, write_back=False, write_back_refused=str(refusal))
        return
    if connection.notes.get("write_back_refused") and writes and not failed:
        _note(box, connection, write_back_refused=None)
    if failed:
        raise failed[-1]


def _note(box: Box, connection: Connection, **said: object) -> None:
    with box.store.write() as tx:
        accounts.note(tx, connection.id, **said)


def _try(
    box: Box, connection: Connection, source: Writable, write: Write, failed: list[MidsoleError]
) -> None:
    try:
        _write(box, connection, source, write)
    except (NotFound, OddAnswer, Interrupted) as error:
        failed.append(error)
        if sum(isinstance(e, Interrupted) for e in failed) >= MOST_FAILURES:
            raise


def _write(box: Box, connection: Connection, source: Writable, write: Write) -> None:
    """The new pair before the old one goes, and written down at the end: a kill in between does it again."""
    for gear_id in sorted(write.wanted - write.known):
        source.link(gear_id, write.external_id)
    for gear_id in sorted(write.known - write.wanted):
        source.unlink(gear_id, write.external_id)
    with box.store.write() as tx:
        gear.use_of_activity(tx, connection.runner_id, write.external_id, write.wanted)
        gear.read_again(tx, connection.runner_id, write.known ^ write.wanted)


def _writes(tx: Tx, runner_id: int, box: Box) -> Iterator[Write]:
    """Of the last 30 days, what the runner put on pairs that the account knows too.

    Their word in Midsole wins also over what they said in Garmin's app later: taken back here (`midsole shoes
    unassign`), Garmin's holds again."""
    since = runners.get(tx, runner_id).today(box.now()) - DAYS_BACK
    recent = {a.id for a in activities.between(tx, runner_id, since)}
    pairs = gear.pairs(tx, runner_id, GARMIN)
    pair_of = {p.shoe_id: p.external_id for p in pairs if p.state == "linked"}
    worn = {a: w for a, w in shoes.wearings(tx, runner_id).items() if a in recent and w[0].set_by == "runner"}
    uses = gear.uses(tx, runner_id)
    there = {p.external_id: uses.get(p.external_id, set()) for p in pairs if p.state != "gone"}
    standing = remote.known(tx, runner_id).keys()
    for activity_id, externals in remote.externals_of(tx, runner_id, list(worn)).items():
        if not all(w.shoe_id in pair_of for w in worn[activity_id]):
            continue
        wanted = frozenset(pair_of[w.shoe_id] for w in worn[activity_id])
        for external_id in (e for e in externals if e in standing):
            known = frozenset(gear_id for gear_id, used in there.items() if external_id in used)
            if known != wanted:
                yield Write(external_id, wanted, known)
