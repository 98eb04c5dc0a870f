"""Raw files from bytes to activities and shoes, a batch at a time: the page to read first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from midsole.actions.box import Box
from midsole.actions.claims import Claims, Read
from midsole.actions.decoding import Ended, Outcome
from midsole.actions.wearing import wear_new
from midsole.decode import registry
from midsole.decode.registry import Decoded
from midsole.domain.errors import BadInput, NotAnActivity
from midsole.domain.identity import Link
from midsole.observe.logs import log
from midsole.store import activities, claiming, remote, runners, sources
from midsole.store.base import Tx
from midsole.store.runners import Runner
from midsole.store.sources import RawFile, Settled


def ingest_due(box: Box, tell: Callable[[Sequence[RawFile]], None] = lambda _: None) -> list[RawFile]:
    """Ingest every file that is due; one bad file never stops the others. `tell` hears of each batch."""
    done: list[RawFile] = []
    with Claims(box) as claims:
        for read in claims.batches():
            ingested = ingest_batch(box, read)
            tell(ingested)
            done += ingested
    return done


def ingest(box: Box, raw_file_id: int) -> RawFile | None:
    """One file now. None: another worker has it."""
    with Claims(box) as claims:
        done = [file for read in claims.one(raw_file_id) for file in ingest_batch(box, read)]
    return done[0] if done else None


def ingest_batch(box: Box, read: Read) -> list[RawFile]:
    """The steps after find and decode, for files of one runner: all of it or nothing of it."""
    _try_again_alone(box, [(file, how) for file, how in read if isinstance(how, Ended)])
    whole: Read = [(file, outcome) for file, outcome in read if not isinstance(outcome, Ended)]
    if not whole:
        return []
    try:
        with claiming.refusals_told(), box.store.write() as tx:
            runner = runners.lock(tx, whole[0][0].runner_id)
            touched = store(tx, runner, whole)
            touched += join(tx, runner, [file.id for file, _ in whole], box.now())
            wear(tx, runner, touched, box)
            return settle(tx, whole)
    except BadInput as refusal:
        return _one_by_one(box, whole, refusal)


def store(tx: Tx, runner: Runner, read: Read) -> list[int]:
    """What was read becomes recordings, and the activities that they belong to; returns those.

    A file that another worker settled meanwhile, because our lease ran out, stays as it was settled."""
    waiting = {
        file.id for file in sources.raw_files_by_id(tx, [f.id for f, _ in read]) if file.state == "new"
    }
    decoded = [(file, o) for file, o in read if isinstance(o, Decoded) and file.id in waiting]
    sources.note_formats(tx, {file.id: outcome.format for file, outcome in decoded})
    as_decoded = [(replace(file, format=outcome.format), outcome) for file, outcome in decoded]
    found = [(file, recording) for file, outcome in as_decoded for recording in outcome.recordings]
    return activities.add_recordings(tx, runner, found)


def join(tx: Tx, runner: Runner, raw_file_ids: Iterable[int], now: datetime) -> list[int]:
    """An account's line and its original are one run, also where the distance was corrected there."""
    pairs = remote.apart(tx, runner.id, raw_file_ids)
    links = [Link(min(pair), max(pair), together=True) for pair in pairs]
    return activities.say_links(tx, runner, links, now) if links else []


def wear(tx: Tx, runner: Runner, touched: Sequence[int], box: Box) -> None:
    """What is new gets its pair; what had one keeps it, unless the account knows better."""
    wear_new(tx, runner, touched, box)


def settle(tx: Tx, read: Read) -> list[RawFile]:
    """The end of the files' way, whatever it is."""
    sources.settle_files(tx, [settled(file, outcome) for file, outcome in read], registry.VERSION)
    return list(sources.raw_files_by_id(tx, [file.id for file, _ in read]))


def settled(file: RawFile, outcome: Outcome) -> Settled:
    if isinstance(outcome, Decoded):
        return Settled(file.id, "done", outcome.format)
    state = "ignored" if isinstance(outcome, NotAnActivity) else "bad"
    reason = "".join(char if char.isprintable() else " " for char in str(outcome))
    log.info("%s is %s: %s", file.name, state, reason)
    return Settled(file.id, state, file.format, reason)


def _try_again_alone(box: Box, ended: Sequence[tuple[RawFile, Ended]]) -> None:
    """What ended its reader is due again, and is read with nothing beside it."""
    for file, outcome in ended:
        log.warning("Reading %s ended its process (%s); it is tried again.", file.name, outcome.how)
        with box.store.write() as tx:
            claiming.try_alone(tx, [file.id], file.claimed_by or "", box.now(), outcome.how)


def _one_by_one(box: Box, read: Read, refusal: BadInput) -> list[RawFile]:
    """One of these can't be stored: the others can. Alone, that one is bad."""
    if len(read) == 1:
        return ingest_batch(box, [(read[0][0], refusal)])
    return [file for one in read for file in ingest_batch(box, [one])]
