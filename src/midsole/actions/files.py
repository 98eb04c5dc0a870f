"""The files that are not counted: which they are and why, trying them again, and setting them aside."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.ingest import ingest_due
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.uncounted import COUNTED, FAILED, Outcome, Why, why_uncounted, why_unread
from midsole.store import files as files_store
from midsole.store import sources
from midsole.store.base import Tx
from midsole.store.sources import RawFile

type View = dict[str, Any]


def listing(
    box: Box, runner_id: int, *, everything: bool = False, bad: bool = False, limit: int | None = None
) -> list[View]:
    """The newest `limit` files that are not counted, the newest last; `bad`: only those that failed."""
    with box.store.read() as tx:
        found = _views(tx, runner_id, files_store.of_runner(tx, runner_id))
    fitting = [
        view
        for view in found
        if view["cause"] == FAILED or (not bad and (everything or view["cause"] != COUNTED))
    ]
    return fitting if limit is None else fitting[max(0, len(fitting) - limit) :]


def listing_before(
    box: Box, runner_id: int, file_id: int | None, limit: int, *, everything: bool = False, bad: bool = False
) -> tuple[list[View], tuple[int] | None]:
    """The newest of `listing` from before that file on, and the last's number where more follow."""
    with box.store.read() as tx:
        found = files_store.before(tx, runner_id, file_id, limit + 1, everything=everything, bad=bad)
        shown = _views(tx, runner_id, found[:limit], [file.id for file in found])
    return shown, (shown[-1]["id"],) if len(found) > limit else None


def _views(
    tx: Tx, runner_id: int, files: Iterable[RawFile], few: Collection[int] | None = None
) -> list[View]:
    told = files_store.outcomes(tx, runner_id, few)
    return [_view(file, told.get(file.id, [])) for file in files]


def _view(file: RawFile, outcomes: Sequence[Outcome]) -> View:
    unread = why_unread(file.state, file.reason, file.attempts, set_aside=file.set_aside)
    why = unread or why_uncounted(outcomes) or Why(COUNTED, "")
    return {
        "id": file.id,
        "name": file.name,
        "received_at": file.received_at.isoformat(),
        "size_bytes": file.size,
        "format": file.format,
        "state": file.state,
        "cause": why.cause,
        "reason": why.reason or None,
        "attempts": file.attempts,
        "activities": [o.activity_id for o in outcomes],
    }


def retry(box: Box, runner_id: int, ids: Sequence[int] | None) -> list[View]:
    """Read these files again now (None: all that failed), and say what became of each."""
    with box.store.write() as tx:
        again = named(tx, runner_id, ids) if ids else sources.raw_files(tx, runner_id, ["bad"])
        for file in again:
            _refuse(file, "done", "was read already; what was read is changed with `midsole activities`")
            files_store.try_again(tx, file.id, box.now())
    ingest_due(box)
    evaluate(box, runner_id)
    return _now(box, runner_id, again)


def ignore(box: Box, runner_id: int, ids: Sequence[int]) -> list[View]:
    """The runner says that these need not be counted: they are kept, and named no more."""
    with box.store.write() as tx:
        chosen = named(tx, runner_id, ids)
        for file in chosen:
            _refuse(file, "done", "was read; leave its run out with `midsole activities exclude ID`")
            _refuse(file, "new", "was not read yet; let `midsole run` try it first")
            if not file.set_aside:
                _refuse(file, "ignored", "is of another kind and adds nothing; there is nothing to do")
            files_store.set_aside(tx, file.id)
    return _now(box, runner_id, chosen)


def named(tx: Tx, runner_id: int, ids: Sequence[int]) -> list[RawFile]:
    """The files of these numbers. Raises UsageError where one is not this runner's."""
    found = files_store.of_runner(tx, runner_id, ids)
    missing = sorted(set(ids) - {file.id for file in found})
    if missing:
        raise NotThere(f"There is no file {missing[0]}. See `midsole files --all`.")
    return found


def _refuse(file: RawFile, state: str, why: str) -> None:
    if file.state == state:
        raise UsageError(f"File {file.id} ({file.name}) {why}.")


def _now(box: Box, runner_id: int, files: Iterable[RawFile]) -> list[View]:
    with box.store.read() as tx:
        return _views(tx, runner_id, files_store.of_runner(tx, runner_id, [file.id for file in files]))


def export(box: Box, runner_id: int, raw_file_id: int, place: Path) -> Path:
    """Write the original out as it came, into a folder under its own name or as a new file."""
    with box.store.read() as tx:
        (file,) = named(tx, runner_id, [raw_file_id])
    path = place / own_name(file) if place.is_dir() else place
    raw = box.originals.read(file.sha256)
    try:
        with path.open("xb") as out:
            out.write(raw)
    except FileExistsError:
        raise UsageError(f"{path} is there already; name another one.") from None
    return path


def own_name(file: RawFile) -> str:
    """The last part of its name, for a member of an archive is called `export.zip/activities/1.fit`."""
    return Path(file.name).name.lstrip(".") or f"file-{file.id}"
