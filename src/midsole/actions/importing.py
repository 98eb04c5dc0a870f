"""Taking in files, folders and archives by hand: history, so nothing is sent but the closing notice."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.exports import Heard, hear_exports
from midsole.actions.ingest import ingest_due
from midsole.actions.taking import Taken, Taking, expect_silence, take_in
from midsole.decode.formats import TELLING
from midsole.decode.unpack import HEAD_BYTES, is_wanted
from midsole.domain.errors import UsageError
from midsole.sources.base import File, printable
from midsole.sources.folder import Folder, is_candidate
from midsole.store import activities, exports, runners, sources
from midsole.store.base import Tx
from midsole.store.sources import RawFile


@dataclass(slots=True)
class Imported:
    """How far an import is: what came in, how many files of it were read, and in the end what they are.

    `activities` is how many more count now, `uncounted` how many more count for nothing; `refused` holds
    (file, state, reason) of ignored and bad files; another worker has the `waiting` in hand. `heard` is what
    the lists of exports told, also those that came with an earlier import."""

    taken: Taken = field(default_factory=Taken)
    read: int = 0
    new: int = 0
    activities: int = 0
    uncounted: int = 0
    ignored: int = 0
    bad: int = 0
    waiting: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    @property
    def known(self) -> int:
        return self.taken.known


def list_files(box: Box, places: Iterable[Path]) -> list[Path]:
    """Every file named, and every candidate below every folder named, as of an archive."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            folder = Folder(place, 0, box.sleep)
            found += [path for file in folder.files() if not _is_by_the_way(path := place / file.path)]
            found += map(Path, folder.unreadable)  # taking it in fails, and says so
        elif place.is_file() and is_candidate(place.name):
            found.append(place)
        else:
            raise UsageError(f"{place} is not there, or is no activity file.")
    return found


def _is_by_the_way(path: Path) -> bool:
    """A table or document that tells nothing of activities: an unpacked export has dozens of them."""
    if not path.name.casefold().endswith(exports.ENDINGS):
        return False
    try:
        with path.open("rb") as file:
            return not is_wanted(file.read(HEAD_BYTES), path.name)
    except OSError:
        return False  # taking it in fails, and says so


def import_files(
    box: Box,
    runner_id: int,
    files: Sequence[Path],
    tell: Callable[[], None],
    done: Imported | None = None,
) -> Imported:
    """Take everything in, ingest it, and judge once at the end; `tell` is called after each batch.

    A kill at any moment loses nothing: the same call goes on from there."""
    done = Imported() if done is None else done
    counted, uncounted = _activities(box, runner_id)
    try:
        _take_in(box, runner_id, files, tell, done)
        _ingest(box, tell, done)
        done.heard = hear_exports(box, runner_id)
    finally:
        with box.store.write() as tx:
            runners.go_on_taking_in(tx, runner_id, None)
    evaluate(box, runner_id)
    _sum_up(box, done)
    counted_now, uncounted_now = _activities(box, runner_id)
    done.activities, done.uncounted = counted_now - counted, uncounted_now - uncounted
    return done


def _activities(box: Box, runner_id: int) -> tuple[int, int]:
    """How many count, and how many count for nothing."""
    with box.store.read() as tx:
        return activities.totals(tx, runner_id).activities, activities.without_count(tx, runner_id)


def _take_in(
    box: Box, runner_id: int, files: Sequence[Path], tell: Callable[[], None], done: Imported
) -> None:
    def silence(tx: Tx, so_far: int) -> bool:
        return expect_silence(tx, box, runner_id, max(so_far, len(files)), by_hand=True)

    to = Taking(box, runner_id, None, silence, lambda _: tell())
    found = (File(str(path), 0, 0) for path in files)
    take_in(to, found, _open, done.taken)


def _open(file: File) -> BinaryIO:
    return Path(file.path).open("rb")


def _ingest(box: Box, tell: Callable[[], None], done: Imported) -> None:
    def count(ingested: Sequence[RawFile]) -> None:
        done.read += sum(file.id in done.taken.ids for file in ingested)
        tell()

    ingest_due(box, count)


def _sum_up(box: Box, done: Imported) -> None:
    with box.store.read() as tx:
        for file in sources.raw_files_by_id(tx, done.taken.ids):
            done.new += file.state == "done"
            done.waiting += file.state == "new"
            done.ignored += file.state == "ignored"
            done.bad += file.state == "bad"
            if file.state in ("ignored", "bad") and not _is_heard(file):
                done.refused.append((done.taken.ids[file.id], file.state, file.reason or ""))
    done.bad += len(done.taken.problems)
    done.refused += [(printable(path), "bad", why) for path, why in done.taken.problems]


def _is_heard(file: RawFile) -> bool:
    """A list of an export: what it told is said by itself."""
    return file.state == "ignored" and any(kind in (file.reason or "") for kind in TELLING)
