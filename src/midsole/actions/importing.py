"""Taking in files, folders and archives by hand: history, so nothing is sent but the closing notice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.ingest import ingest
from midsole.actions.sync import TAKING_IN, bulk
from midsole.domain.errors import UsageError
from midsole.sources.base import printable
from midsole.sources.folder import Folder, is_candidate
from midsole.store import runners, sources


@dataclass(slots=True)
class Imported:
    """The closing table: `refused` holds (file, state, reason) of ignored and bad files."""

    new: int = 0
    known: int = 0
    ignored: int = 0
    bad: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)


def list_files(box: Box, places: Iterable[Path]) -> list[Path]:
    """Every file named, and every candidate below every folder named."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            folder = Folder(place, 0, box.sleep)
            found += [place / file.path for file in folder.files()]
        elif place.is_file() and is_candidate(place.name):
            found.append(place)
        else:
            raise UsageError(f"{place} is not there, or is no activity file.")
    return found


def import_files(box: Box, runner_id: int, files: list[Path], tell: Callable[[], None]) -> Imported:
    """Take in and ingest one after the other; `tell` is called after each. A kill loses nothing."""
    done = Imported()
    with box.store.write() as tx:
        if how := bulk(tx, runner_id, len(files)) or "silent":
            runners.start_catching_up(tx, runner_id, how)
            runners.go_on_taking_in(tx, runner_id, box.now() + TAKING_IN)
    for path in files:
        _import(box, runner_id, path, done)
        tell()
    with box.store.write() as tx:
        runners.go_on_taking_in(tx, runner_id, None)
    evaluate(box, runner_id)
    return done


def _import(box: Box, runner_id: int, path: Path, done: Imported) -> None:
    shown = printable(str(path))
    try:
        raw = path.read_bytes()
    except OSError as error:
        done.bad += 1
        done.refused.append((shown, "bad", f"can't be read: {error.strerror}"))
        return
    sha256 = box.originals.keep(raw)
    with box.store.write() as tx:
        raw_file_id = sources.take_in(tx, runner_id, None, sha256, printable(path.name), len(raw), box.now())
        runners.go_on_taking_in(tx, runner_id, box.now() + TAKING_IN)
    if raw_file_id is None:
        done.known += 1
        return
    file = ingest(box, raw_file_id)
    if file is None or file.state == "done":
        done.new += 1
        return
    done.ignored += file.state == "ignored"
    done.bad += file.state == "bad"
    done.refused.append((shown, file.state, file.reason or ""))
