"""Uploads on their way in: staged as files of the home, so that a worker takes them in as an import does."""

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from midsole.actions.box import Box
from midsole.actions.claims import holder
from midsole.decode.unpack import HEAD_BYTES, LARGEST_MEMBER_BYTES, is_container
from midsole.domain.errors import MidsoleError, NotThere, UsageError
from midsole.observe.logs import log
from midsole.store import uploads
from midsole.store.uploads import DUE, RECEIVING, UNDER_WAY, Upload

__all__ = ["NoRoom", "Receiving", "Upload", "begin", "folder_of", "latest", "sweep", "view"]

FOLDER = "uploads"
MOST_FILES = 5_000
MOST_UNDER_WAY = 50
"""Of one runner: more wait to be read than anybody sends by hand."""
RECEIVING_LASTS = timedelta(hours=1)
"""Without a byte for so long nothing more comes."""
KEPT = timedelta(days=90)
LISTED = 20
SPARE_BYTES = 64 * 2**20
"""The disk is never filled to the brim: what is taken in is written once more."""
LOOK_BYTES = SPARE_BYTES // 4
"""So often it is looked how full it is: not everybody says at first how much comes, or comes alone."""
FULL = "The disk has no room for this upload. Free some space, or send less at once."
ANY_BYTES = 2**62
LONGEST_NAME = 150
NO_NAME = frozenset({"", ".", ".."})
UNFIT = str.maketrans('<>:"|?*', "_______")


class NoRoom(MidsoleError):
    """The disk is full, or can't be written."""


def folder_of(box: Box, upload_id: int) -> Path:
    return box.home / FOLDER / str(upload_id)


def begin(box: Box, runner_id: int, announced_bytes: int = 0) -> "Receiving":
    """An upload of which nothing came yet. Raises NoRoom where what is announced would fill the disk."""
    now, by = box.now(), holder(box)
    place = box.home / FOLDER
    with _disk_told():
        place.mkdir(mode=0o700, exist_ok=True)
        if announced_bytes + SPARE_BYTES > shutil.disk_usage(place).free:
            raise NoRoom(FULL)
    with box.store.write() as tx:
        if uploads.count(tx, runner_id, UNDER_WAY) >= MOST_UNDER_WAY:
            raise UsageError(f"{MOST_UNDER_WAY} uploads wait to be read. Send more when they are done.")
        uploads.forget_old(tx, now - KEPT)
        upload_id = uploads.begin(tx, runner_id, now, now + RECEIVING_LASTS, by)
    receiving = Receiving(box, runner_id, upload_id, by)
    try:
        with _disk_told():
            receiving.folder.mkdir(mode=0o700)
    except NoRoom:
        receiving.drop()
        raise
    return receiving


class Receiving:
    """An upload while its files arrive, one open at a time; either all of it counts or nothing is left."""

    def __init__(self, box: Box, runner_id: int, upload_id: int, by: str) -> None:
        self.box, self.runner_id, self.id, self.by = box, runner_id, upload_id, by
        self.folder = folder_of(box, upload_id)
        self.files = self.bytes = 0
        self.look_at = LOOK_BYTES
        self.held_at = box.now()
        self.open: BinaryIO | None = None
        self.left, self.head = 0, b""

    def begin_file(self, name: str) -> None:
        """Each has a folder of its own: files of one name are several files."""
        if self.files >= MOST_FILES:
            raise UsageError(f"More than {MOST_FILES:,} files at once; send the rest afterwards, or a zip.")
        self.files += 1
        with _disk_told():
            place = self.folder / f"{self.files:05}"
            place.mkdir(mode=0o700)
            self.open = (place / clean_name(name)).open("xb")
        self.left, self.head = LARGEST_MEMBER_BYTES + 1, b""

    def write(self, data: bytes) -> None:
        """Of a loose file that is too large only so much is kept that it is seen to be."""
        assert self.open is not None, "begin_file comes first"
        if len(self.head) < HEAD_BYTES:
            self.head += data[: HEAD_BYTES - len(self.head)]
            if is_container(self.head):
                self.left = ANY_BYTES
        kept = data[: self.left]
        self.left -= len(kept)
        self.bytes += len(data)
        with _disk_told():
            self.open.write(kept)
            self._leave_room()
        self._hold()

    def end_file(self) -> None:
        file, self.open = self.open, None
        if file is not None:
            with _disk_told():
                file.close()

    def finish(self) -> Upload:
        """All of it is here and on the disk: it is due to be read."""
        if not self.files:
            raise UsageError("No file came. Choose one or more first.")
        with _disk_told():
            _sync_all()
        told = {"files": self.files, "bytes": self.bytes, "next_at": self.box.now(), "claimed_by": None}
        with self.box.store.write() as tx:
            if not uploads.change(tx, self.id, RECEIVING, self.by, state=DUE, **told):
                raise UsageError("The upload took too long. Send it again, in smaller parts.")
            found = uploads.get(tx, self.runner_id, self.id)
        assert found is not None
        return found

    def drop(self) -> None:
        """Nothing of it is left; the folder first, as a full disk takes no other change."""
        if self.open is not None:
            file, self.open = self.open, None
            try:
                file.close()
            except OSError as error:  # what could not be written before can't be now
                log.info("Upload %s is dropped: %s", self.id, error.strerror)
        shutil.rmtree(self.folder, ignore_errors=True)
        with self.box.store.write() as tx:
            if uploads.change(tx, self.id, RECEIVING, self.by, files=0):
                uploads.forget(tx, self.id)

    def _leave_room(self) -> None:
        if self.bytes < self.look_at:
            return
        self.look_at = self.bytes + LOOK_BYTES
        if shutil.disk_usage(self.folder).free < SPARE_BYTES:
            raise NoRoom(FULL)

    def _hold(self) -> None:
        """A slow line may take longer than the lease."""
        now = self.box.now()
        if now - self.held_at < RECEIVING_LASTS / 6:
            return
        self.held_at = now
        with self.box.store.write() as tx:
            uploads.change(tx, self.id, RECEIVING, self.by, next_at=now + RECEIVING_LASTS)


def clean_name(name: str) -> str:
    """The file's own name without its path, fit for any disk, its ending kept."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(char for char in last if char.isprintable()).translate(UNFIT).strip(" ")
    if clean in NO_NAME:
        return "file"
    while len(clean.encode("utf-8", "replace")) > LONGEST_NAME:
        middle = len(clean) // 2
        clean = clean[: middle - 1] + clean[middle:]
    return clean


class _disk_told:  # noqa: N801 (used like the function that it could be)
    """What the disk refuses is told as NoRoom."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, _at: object) -> None:
        if isinstance(error, OSError):
            raise NoRoom(f"The upload can't be kept: {error.strerror}. Nothing of it is left.") from error


def _sync_all() -> None:
    """One call for thousands of files; Windows has none, and keeps what it was given anyway."""
    sync: Callable[[], None] | None = getattr(os, "sync", None)
    if sync is not None:
        sync()


# Reading


def view(box: Box, runner_id: int, upload_id: int) -> dict[str, Any]:
    """How far it is. Raises NotThere where it is not this runner's."""
    with box.store.read() as tx:
        found = uploads.get(tx, runner_id, upload_id)
    if found is None:
        raise NotThere(f"There is no upload {upload_id}.")
    return _view(found)


def latest(box: Box, runner_id: int, limit: int = LISTED) -> list[dict[str, Any]]:
    """The newest first."""
    with box.store.read() as tx:
        return [_view(upload) for upload in uploads.latest(tx, runner_id, limit)]


def _view(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id,
        "made_at": upload.made_at.isoformat(),
        "state": upload.state,
        "files": upload.files,
        "bytes": upload.bytes,
        "attempts": upload.attempts,
        "counts": upload.counts,
        "error": upload.error,
        "done_at": upload.done_at.isoformat() if upload.done_at else None,
    }


def sweep(box: Box) -> None:
    """Remove the folders of uploads that are done, dropped, or whose runner is gone."""
    place = box.home / FOLDER
    if not place.is_dir():
        return
    here = [entry for entry in place.iterdir() if entry.name.isdecimal()]
    if not here:
        return
    with box.store.read() as tx:
        live = {upload.id for upload in uploads.under_way(tx)}
    for entry in here:
        if int(entry.name) not in live:
            shutil.rmtree(entry, ignore_errors=True)
