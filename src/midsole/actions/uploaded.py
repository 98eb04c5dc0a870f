"""Uploads that are here whole: taken in like an import by hand, and gone on with after a kill."""

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from midsole.actions.box import Box
from midsole.actions.bring_back import is_export
from midsole.actions.claims import holder, is_gone
from midsole.actions.exports import Heard
from midsole.actions.importing import Imported, import_files, list_files
from midsole.actions.uploading import folder_of, sweep
from midsole.domain.errors import MidsoleError, Retry, UsageError
from midsole.domain.when import next_try
from midsole.observe.logs import log
from midsole.store import uploads
from midsole.store.uploads import DONE, DUE, FAILED, RECEIVING, Upload

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 4
MOST_REFUSED = 100
TOO_OFTEN = "Reading it broke off too often. What was read of it stays; send the rest again in smaller parts."


class _Ending(MidsoleError):
    """The worker was told to stop, or somebody else has this upload: it goes on from here."""


def take_in_uploads(box: Box) -> None:
    """Every upload that is due; what nobody sends on is dropped first."""
    _let_go_of_the_dead(box)
    sweep(box)
    with box.store.read() as tx:
        due = [u.id for u in uploads.under_way(tx) if u.state == DUE and u.next_at <= box.now()]
    for upload_id in due:
        if box.stopping():
            return
        take_in_upload(box, upload_id)


def _let_go_of_the_dead(box: Box) -> None:
    """What a killed process had in hand is due again; what it was receiving, nobody sends on."""
    now = box.now()
    with box.store.read() as tx:
        under_way = uploads.under_way(tx)
    for upload in under_way:
        gone = upload.claimed_by is not None and is_gone(upload.claimed_by)
        if upload.state == RECEIVING and (gone or upload.next_at <= now):
            with box.store.write() as tx:
                if uploads.change(tx, upload.id, RECEIVING, files=0):
                    uploads.forget(tx, upload.id)
        elif upload.state == DUE and gone:
            with box.store.write() as tx:
                uploads.change(tx, upload.id, DUE, upload.claimed_by, next_at=now, claimed_by=None)


def take_in_upload(box: Box, upload_id: int) -> None:
    """One upload, if it is due and nobody else has it."""
    by = holder(box)
    with box.store.write() as tx:
        mine = uploads.take(tx, upload_id, box.now(), LEASE, by)
        upload = uploads.get(tx, None, upload_id)
    if not mine or upload is None:
        return
    if upload.attempts > MOST_ATTEMPTS:
        _end(box, upload, by, state=FAILED, error=upload.error or TOO_OFTEN)
        return
    try:
        counts = _imported(box, upload, by)
    except _Ending:
        again = {"next_at": box.now(), "claimed_by": None, "attempts": upload.attempts - 1}
        with box.store.write() as tx:
            uploads.change(tx, upload.id, DUE, by, **again)
    except Retry as error:
        _try_again(box, upload, by, error)
    except MidsoleError as error:
        _end(box, upload, by, state=FAILED, error=_shown(box, upload, str(error)))
    else:
        _end(box, upload, by, state=DONE, error=None, counts=counts)


def _imported(box: Box, upload: Upload, by: str) -> dict[str, Any]:
    """Take its files in as `midsole import` does, and return what became of them."""
    files = list_files(box, [folder_of(box, upload.id)])
    _refuse_exports(files)
    done = Imported()

    def tell() -> None:
        _note_progress(box, upload, by, _progress(upload, files, done))

    import_files(box, upload.runner_id, files, tell, done)
    return _progress(upload, files, done) | _result(box, upload, done)


def _refuse_exports(files: list[Path]) -> None:
    exports = [path.name for path in files if is_export(path)]
    if exports:
        how = f"It is brought back with: midsole import {exports[0]}"
        raise UsageError(f"{exports[0]} is an export of Midsole itself. {how}")


def _note_progress(box: Box, upload: Upload, by: str, counts: dict[str, Any]) -> None:
    with box.store.write() as tx:
        mine = uploads.change(tx, upload.id, DUE, by, counts=counts, next_at=box.now() + LEASE)
    if not mine or box.stopping():
        raise _Ending("Midsole is ending, or another worker goes on with it.")


def _progress(upload: Upload, files: list[Path], done: Imported) -> dict[str, Any]:
    return {
        "left_out": max(0, upload.files - len(files)),
        "all_in": done.taken.found >= len(files),
        "taken": done.taken.files,
        "to_read": len(done.taken.ids),
        "read": done.read,
        "known": done.known,
    }


def _result(box: Box, upload: Upload, done: Imported) -> dict[str, Any]:
    names = ("new", "activities", "uncounted", "ignored", "bad", "waiting")
    found: dict[str, Any] = {name: getattr(done, name) for name in names}
    refused = [
        {"file": _shown(box, upload, name), "state": state, "why": _shown(box, upload, why)}
        for name, state, why in done.refused[:MOST_REFUSED]
    ]
    lists = [_heard(heard) for heard in done.heard if heard.news]
    return found | {"refused": refused, "refused_more": len(done.refused) - len(refused), "lists": lists}


def _heard(heard: Heard) -> dict[str, Any]:
    pairs = heard.pairs
    return {
        "account": heard.account,
        "lines": heard.lines,
        "pairs_added": list(pairs.added),
        "pairs_linked": list(pairs.linked),
        "pairs_proposed": list(pairs.proposed),
    }


def _shown(box: Box, upload: Upload, text: str) -> str:
    """Without the folder in which its files lie meanwhile."""
    return re.sub(re.escape(f"{folder_of(box, upload.id)}") + r"/?(\d{5}/)?", "", text)


def _try_again(box: Box, upload: Upload, by: str, error: Retry) -> None:
    next_at = next_try(error, upload.attempts, box.now(), box.jitter())
    log.warning("Upload %s is tried again: %s", upload.id, error)
    with box.store.write() as tx:
        uploads.change(tx, upload.id, DUE, by, next_at=next_at, claimed_by=None, error=str(error))


def _end(box: Box, upload: Upload, by: str, **how: Any) -> None:
    """Its row first: a folder without a row under way is swept."""
    with box.store.write() as tx:
        uploads.change(tx, upload.id, DUE, by, claimed_by=None, done_at=box.now(), **how)
    shutil.rmtree(folder_of(box, upload.id), ignore_errors=True)
