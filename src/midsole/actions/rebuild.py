"""Reading every kept original anew, in place: edits, links, wearings and alerts stay as they are."""

import dataclasses
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import batched

from midsole.actions.box import Box
from midsole.actions.claims import BATCH_FILES, BATCHES_AHEAD, Read
from midsole.actions.decoding import MOST_CHILDREN, Ended, Outcome, Readers, cores
from midsole.actions.evaluate import evaluate
from midsole.actions.exports import hear_exports
from midsole.actions.ingest import ingest_due, settled, wear
from midsole.actions.taking import TAKING_IN
from midsole.decode import registry
from midsole.decode.registry import Decoded
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput, NotAnActivity
from midsole.store import activities, claiming, rebuilding, runners, sources
from midsole.store.base import Tx
from midsole.store.runners import Runner
from midsole.store.sources import RawFile

REFUSED = ("bad", "ignored")


@dataclass(slots=True)
class Rebuilt:
    """How far a rebuild is, and what it changed; files that can't be read stand with the reason."""

    files: int = 0
    read: int = 0
    resumed: bool = False
    newly_read: list[str] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    """No activity by this version: what it told before is gone."""
    kept: list[tuple[str, str]] = field(default_factory=list)
    """Not readable, or its original is missing or damaged: what was read before stands."""
    before_m: dict[int, float] = field(default_factory=dict)
    after_m: dict[int, float] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """How many activities count for another distance, by a metre or more."""
        both = self.before_m.keys() & self.after_m.keys()
        return sum(abs(self.after_m[a] - self.before_m[a]) >= 1 for a in both)

    @property
    def difference_m(self) -> float:
        return sum(self.after_m.values()) - sum(self.before_m.values())


def rebuild(
    box: Box, runner_id: int, tell: Callable[[], None] = lambda: None, done: Rebuilt | None = None
) -> Rebuilt:
    """Read everything anew, and judge once at the end; history is no news, so nothing is sent.

    What a kill left undone is what the next call does."""
    done = Rebuilt() if done is None else done
    refused = _begin(box, runner_id, done)
    try:
        for read in _read_anew(box, runner_id):
            replace_batch(box, runner_id, read, done)
            done.read += len(read)
            tell()
        ingested = ingest_due(box)
        hear_exports(box, runner_id)
    finally:
        with box.store.write() as tx:
            runners.go_on_taking_in(tx, runner_id, None)
    evaluate(box, runner_id, silent=True)
    done.newly_read = [file.name for file in ingested if file.id in refused and file.state == "done"]
    done.after_m = _counted(box, runner_id)
    return done


def _begin(box: Box, runner_id: int, done: Rebuilt) -> set[int]:
    """Mark what is to be read, unless a killed rebuild left marks; returns what was refused before."""
    done.before_m = _counted(box, runner_id)
    with box.store.write() as tx:
        refused = {file.id for file in sources.raw_files(tx, runner_id, (*REFUSED, "new"))}
        marked = rebuilding.to_rebuild(tx, runner_id)
        done.resumed = bool(marked)
        if not marked:
            rebuilding.begin_rebuild(tx, runner_id, box.now())
            marked = rebuilding.to_rebuild(tx, runner_id)
        _expect_silence(tx, box, runner_id)
    done.files = len(marked)
    return refused


def _expect_silence(tx: Tx, box: Box, runner_id: int) -> None:
    runners.start_catching_up(tx, runner_id, "silent")
    runners.go_on_taking_in(tx, runner_id, box.now() + TAKING_IN)


def _counted(box: Box, runner_id: int) -> dict[int, float]:
    with box.store.read() as tx:
        return {activity.id: activity.counted_m for activity in activities.between(tx, runner_id)}


def _read_anew(box: Box, runner_id: int) -> Iterator[Read]:
    """The marked files in batches; the next ones are being read while one is stored."""
    with box.store.read() as tx:
        marked = rebuilding.to_rebuild(tx, runner_id)
    ahead: deque[tuple[list[RawFile], Callable[[], list[Outcome]]]] = deque()
    with closing(Readers(box.originals, min(MOST_CHILDREN, cores()))) as readers:
        for ids in batched(marked, BATCH_FILES):
            with box.store.read() as tx:
                files = list(sources.raw_files_by_id(tx, ids))
            ahead.append((files, readers.start([file.sha256 for file in files])))
            if len(ahead) > BATCHES_AHEAD:
                yield _waited_for(*ahead.popleft())
        while ahead:
            yield _waited_for(*ahead.popleft())


def _waited_for(files: Sequence[RawFile], outcomes: Callable[[], list[Outcome]]) -> Read:
    return list(zip(files, outcomes(), strict=True))


def replace_batch(box: Box, runner_id: int, read: Read, done: Rebuilt) -> None:
    """All of the batch or nothing of it; what the database refuses leaves its file as it was."""
    try:
        with claiming.refusals_told(), box.store.write() as tx:
            runner = runners.lock(tx, runner_id)
            _expect_silence(tx, box, runner_id)
            touched = replace(tx, runner, read)
            wear(tx, runner, [a for a in touched if not done.before_m.get(a)], box)
    except BadInput as refusal:
        if len(read) > 1:
            for one in read:
                replace_batch(box, runner_id, [one], done)
            return
        read = [(read[0][0], refusal)]
        with box.store.write() as tx:
            rebuilding.leave_as_read(tx, [read[0][0].id])
    for file, outcome in read:
        _note(done, file, outcome)


def replace(tx: Tx, runner: Runner, read: Read) -> list[int]:
    """What the files hold by this version takes the place of what they held; returns whose activities."""
    clear = [(file, outcome) for file, outcome in read if isinstance(outcome, Decoded | NotAnActivity)]
    rebuilding.settle_rebuilt(tx, [settled(file, outcome) for file, outcome in clear], registry.VERSION)
    unclear = {file.id for file, _ in read} - {file.id for file, _ in clear}
    rebuilding.leave_as_read(tx, unclear)
    return activities.replace_many(tx, runner, [_as_read(file, outcome) for file, outcome in clear])


def _as_read(file: RawFile, outcome: Outcome) -> tuple[RawFile, Sequence[Recording]]:
    if isinstance(outcome, Decoded):
        return dataclasses.replace(file, format=outcome.format), outcome.recordings
    return dataclasses.replace(file, format=None), ()


def _note(done: Rebuilt, file: RawFile, outcome: Outcome) -> None:
    if isinstance(outcome, NotAnActivity):
        done.dropped.append((file.name, str(outcome)))
    elif isinstance(outcome, Ended):
        done.kept.append((file.name, f"Reading it ended the program ({outcome.how})."))
    elif not isinstance(outcome, Decoded):
        done.kept.append((file.name, str(outcome)))
