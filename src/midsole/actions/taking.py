"""Take in: what a source found becomes raw files, a batch at a time, originals synced before their rows."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from midsole.actions.box import Box
from midsole.decode import registry
from midsole.decode.unpack import HEAD_BYTES, LARGEST_MEMBER_BYTES, entries, is_container, label_of
from midsole.domain.errors import BadInput, MidsoleError, NeedsRunner, NotAnActivity, Retry, Unreachable
from midsole.observe.logs import log
from midsole.sources.base import File, printable
from midsole.store import activities, runners, sources
from midsole.store.base import Tx
from midsole.store.originals import digest
from midsole.store.sources import Arrived, RawFile

BATCH_ITEMS = 400
"""A loose file makes two: its bytes, and the move of the cursor."""
BATCH_BYTES = 32 * 2**20
BACK_FILL_FILES = 10
"""More files than this in one look are a back-fill: history, not news."""
FIRST_FILES = 3
"""More than this for a runner without any history is the first import, which ends in a notice."""
TAKING_IN = timedelta(minutes=10)
"""Longer than any batch takes; after a kill, history waits so long for its end."""
ARCHIVE = "archive"
"""The format of a raw file that holds other files, and was kept because of some that can't be read."""
EMPTY = "The archive holds no activity."
TAKEN_APART = "Everything in this archive was taken in as files of their own."


@dataclass(slots=True)
class Taken:
    """What came in. `ids`: each file that is new or still waits to be read, and where it was found.

    `problems`: what could not be taken in, and why; `history`: it was too much to be news."""

    ids: dict[int, str] = field(default_factory=dict)
    known: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    found: int = 0
    history: bool = False

    @property
    def files(self) -> int:
        return len(self.ids) + self.known + len(self.problems)


@dataclass(frozen=True, slots=True)
class _Part:
    """A raw file to be. `raw` is None where the original is kept already."""

    arrived: Arrived
    raw: bytes | None
    found_at: str


type _Item = _Part | File
"""A File says that all of its parts came before it: the source's cursor may move past it."""


@dataclass(frozen=True, slots=True)
class Taking:
    """Where files go: `silence` is asked with each batch whether so many files so far are history."""

    box: Box
    runner_id: int
    connection_id: int | None
    silence: Callable[[Tx, int], bool]
    tell: Callable[[Taken], None] = lambda _: None
    remember: Callable[[Tx, Sequence[tuple[int, str]]], None] | None = None
    """An account's own cursor: raw files and where each was found. None: the connection's ledger of paths."""


def expect_silence(
    tx: Tx, box: Box, runner_id: int, files: int, *, first_look: bool = False, by_hand: bool = False
) -> bool:
    """Whether so many files are history: then the runner is marked so until all of it is judged."""
    if first_look or (files > FIRST_FILES and not activities.span(tx, runner_id)[2]):
        runners.start_catching_up(tx, runner_id, "first")
    elif by_hand or files > BACK_FILL_FILES:
        runners.start_catching_up(tx, runner_id, "silent")
    else:
        return False
    runners.go_on_taking_in(tx, runner_id, box.now() + TAKING_IN)
    return True


def take_in(
    to: Taking, found: Iterable[File], fetch: Callable[[File], BinaryIO], taken: Taken | None = None
) -> Taken:
    """Take in every file, and what archives hold; one that can't be read never stops the others.

    Rows, cursor and the mark of history are one transaction a batch: after a kill it goes on from there."""
    taken = Taken() if taken is None else taken
    for batch in _batches(_items(to.box, found, fetch, taken)):
        _take_in_batch(to, batch, taken)
        to.tell(taken)
    return taken


def take_apart(to: Taking, archive: RawFile) -> BadInput:
    """Take in what a kept archive holds, and return why the archive itself adds nothing."""
    verdicts: list[BadInput] = []

    def parts() -> Iterator[_Item]:
        try:
            with to.box.originals.path(archive.sha256).open("rb") as stream:
                verdict = yield from _members(stream, archive.name, archive.name)
                verdicts.append(verdict or NotAnActivity(TAKEN_APART))
        except OSError as error:
            raise MidsoleError(f"The original of {archive.name} can't be read: {error.strerror}.") from error

    for batch in _batches(parts()):
        _take_in_batch(to, batch, Taken())
    return verdicts[0]


def _items(
    box: Box, found: Iterable[File], fetch: Callable[[File], BinaryIO], taken: Taken
) -> Iterator[_Item]:
    for file in found:
        shown = printable(file.path)
        try:
            with fetch(file) as stream:
                yield from _parts(box, stream, Path(shown).name, shown)
        except OSError as error:
            _note(taken, shown, f"{shown} can't be read: {error.strerror}.")
        except Unreachable:
            raise
        except Retry as error:
            _note(taken, shown, str(error))
        except NotAnActivity:
            yield file
        except BadInput as error:
            _note(taken, shown, str(error))
            yield file
        else:
            yield file
        taken.found += 1


def _note(taken: Taken, shown: str, why: str) -> None:
    taken.problems.append((shown, why))
    log.warning("%s", why)


def _parts(box: Box, stream: BinaryIO, name: str, shown: str) -> Iterator[_Part]:
    """The file itself; of an archive its members, and the archive too where not all of it can be read."""
    head = stream.read(HEAD_BYTES)
    if not is_container(head):
        raw = head + stream.read(LARGEST_MEMBER_BYTES + 1 - len(head))
        if len(raw) > LARGEST_MEMBER_BYTES:
            raise BadInput(f"{shown} has more than 64 MB; no activity file is that large.")
        yield _Part(Arrived(digest(raw), name, len(raw)), raw, shown)
    elif verdict := (yield from _members(stream, name, shown)):
        sha256, size = box.originals.keep_stream(stream)
        state = "ignored" if isinstance(verdict, NotAnActivity) else "bad"
        arrived = Arrived(sha256, name, size, state, str(verdict), ARCHIVE, registry.VERSION)
        yield _Part(arrived, None, shown)


def _members(stream: BinaryIO, name: str, shown: str) -> Generator[_Part, None, BadInput | None]:
    """The files in an archive; returns why the archive itself is worth keeping, if it is."""
    good, bad, first, whole = 0, 0, "", None
    for entry in entries(stream, name):
        if isinstance(entry.content, BadInput):
            first = first or f"{entry.name}: {entry.content}"
            whole = entry.content if entry.name == label_of(name) else whole
            bad += 1
            continue
        good += 1
        arrived = Arrived(digest(entry.content), entry.name, len(entry.content))
        yield _Part(arrived, entry.content, shown.removesuffix(name) + entry.name)
    if whole and not good:
        return whole
    if bad:
        return BadInput(f"{bad} of the {good + bad} files in it can't be read. {first}")
    return None if good else NotAnActivity(EMPTY)


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """So many that a transaction is worth it, so few that they fit into memory."""
    batch: list[_Item] = []
    size = 0
    try:
        for item in items:
            batch.append(item)
            size += len(item.raw or b"") if isinstance(item, _Part) else 0
            if len(batch) >= BATCH_ITEMS or size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except (Unreachable, NeedsRunner):
        # What came before the source broke off is here, and need not be asked for again.
        yield batch
        raise
    if batch:
        yield batch


def _take_in_batch(to: Taking, batch: Sequence[_Item], taken: Taken) -> None:
    parts = {item.arrived.sha256: item for item in batch if isinstance(item, _Part)}
    seen = {printable(f.path): (f.size, f.mtime_ns) for f in batch if isinstance(f, File)}
    to.box.originals.keep_all({sha256: p.raw for sha256, p in parts.items() if p.raw is not None})
    with to.box.store.write() as tx:
        runners.lock(tx, to.runner_id)
        connection_id = to.connection_id if sources.is_connected(tx, to.connection_id) else None
        known = sources.known(tx, to.runner_id, list(parts))
        arrived = [part.arrived for sha256, part in parts.items() if sha256 not in known]
        new = sources.take_in_all(tx, to.runner_id, connection_id, arrived, to.box.now())
        ids = {sha256: id_ for sha256, (id_, _) in known.items()} | new
        if to.remember is not None:
            to.remember(tx, [(ids[i.arrived.sha256], i.found_at) for i in batch if isinstance(i, _Part)])
        elif connection_id is not None:
            sources.remember_all(tx, connection_id, seen)
            sources.found_in_folder(tx, [id_ for id_, _ in known.values()], connection_id)
        if parts and to.silence(tx, taken.files + len(parts)):
            taken.history = True
    states = known.items()
    waiting = {sha256: id_ for sha256, (id_, state) in states if state == "new" and id_ not in taken.ids}
    taken.ids |= {id_: parts[sha256].found_at for sha256, id_ in (new | waiting).items()}
    taken.known += sum(isinstance(item, _Part) for item in batch) - len(new) - len(waiting)
