"""One raw file from bytes to activity and shoe: the page to read first."""

from collections.abc import Iterable
from datetime import timedelta

from midsole.actions.box import Box
from midsole.decode import registry
from midsole.decode.registry import Decoded
from midsole.domain import wearing
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput, MidsoleError, NotAnActivity
from midsole.observe.logs import log
from midsole.store import activities, runners, shoes, sources
from midsole.store.base import Tx, claim
from midsole.store.runners import Runner
from midsole.store.sources import RawFile
from midsole.store.tables import raw_file

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 4
"""A file that took the worker down with it this often is bad: a poison file cannot spin."""


def ingest_due(box: Box) -> list[RawFile]:
    """Ingest every file that is due; one bad file never stops the others."""
    done: list[RawFile] = []
    while True:
        with box.store.read() as tx:
            waiting = sources.due_files(tx, box.now())
        if not waiting:
            return done
        done += [file for raw_file_id in waiting if (file := ingest(box, raw_file_id))]


def ingest(box: Box, raw_file_id: int) -> RawFile | None:
    """The steps, in order. None: another worker has it."""
    file = take(box, raw_file_id)
    if file is None:
        return None
    try:
        decoded = decode(box, file)
    except NotAnActivity as reason:
        return settle(box, file, "ignored", reason)
    except (BadInput, MidsoleError) as reason:
        return settle(box, file, "bad", reason)
    return store(box, file, decoded)


def take(box: Box, raw_file_id: int) -> RawFile | None:
    with box.store.write() as tx:
        if not claim(tx, raw_file, raw_file_id, "new", box.now(), LEASE, box.worker):
            return None
        return sources.raw_file(tx, raw_file_id)


def decode(box: Box, file: RawFile) -> Decoded:
    if file.attempts > MOST_ATTEMPTS:
        raise BadInput(f"Reading it ended the program {MOST_ATTEMPTS} times.")
    return registry.decode(box.originals.read(file.sha256))


def settle(box: Box, file: RawFile, state: str, reason: MidsoleError) -> RawFile:
    log.info("%s is %s: %s", file.name, state, reason)
    with box.store.write() as tx:
        sources.settle_file(tx, file.id, state, None, registry.VERSION, str(reason))
        return sources.raw_file(tx, file.id)


def store(box: Box, file: RawFile, decoded: Decoded) -> RawFile:
    """Recordings, activities, shoes and the file's end in one transaction: all of it or none."""
    with box.store.write() as tx:
        runner = runners.lock(tx, file.runner_id)
        touched = add_recordings(tx, runner, file, decoded.recordings)
        wear_default(tx, runner, [a for a in touched if shoes.set_by(tx, a) is None], box)
        sources.settle_file(tx, file.id, "done", decoded.format, registry.VERSION, None)
        return sources.raw_file(tx, file.id)


def add_recordings(tx: Tx, runner: Runner, file: RawFile, recordings: Iterable[Recording]) -> list[int]:
    return [activities.add_recording(tx, runner, file, recording) for recording in recordings]


def wear_default(tx: Tx, runner: Runner, activity_ids: Iterable[int], box: Box) -> None:
    """Put each on the pair that answers for it, unless the runner or the source already said."""
    pairs, defaults = shoes.pairs(tx, runner.id), shoes.defaults(tx, runner.id)
    for activity in activities.between(tx, runner.id, ids=activity_ids):
        if shoes.set_by(tx, activity.id) in ("runner", "source", "rule"):
            continue
        chosen = wearing.choose(activity, pairs, defaults)
        shares = {chosen.shoe_id: 1.0} if chosen else {}
        shoes.wear(tx, runner.id, activity.id, shares, chosen.set_by if chosen else "default", box.now())
