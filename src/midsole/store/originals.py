"""The kept originals: content-addressed files that are never changed."""

import ctypes
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from midsole.domain.errors import MidsoleError

MANY = 4
"""From so many files on, one sync of the file system costs less than one of every file and folder."""
LEFT_BEHIND_S = 86_400.0
TEMPORARY = ".part-"
COPIED_BYTES = 2**20


class Originals:
    """A folder of files named by their SHA-256, two levels deep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def keep(self, raw: bytes) -> str:
        sha256 = digest(raw)
        self.keep_all({sha256: raw})
        return sha256

    def keep_all(self, raws: Mapping[str, bytes]) -> None:
        """Keep each under its SHA-256; when this returns all are on the disk, also after a power cut."""
        missing = {sha256: raw for sha256, raw in raws.items() if not self._is_kept(sha256, len(raw))}
        if len(missing) >= MANY:
            self._sweep()
        if missing:
            with self._aside() as aside:
                for sha256, raw in missing.items():
                    with _created(aside / sha256) as file:
                        file.write(raw)
                self._put(aside, missing)

    def keep_stream(self, stream: BinaryIO) -> tuple[str, int]:
        """Keep a file of any size without holding it in memory; returns its SHA-256 and its size."""
        stream.seek(0)
        with self._aside() as aside:
            with _created(aside / "whole") as file:
                shutil.copyfileobj(stream, file, COPIED_BYTES)
                size = file.tell()
            with (aside / "whole").open("rb") as written:
                sha256 = hashlib.file_digest(written, "sha256").hexdigest()
            if not self._is_kept(sha256, size):
                (aside / "whole").replace(aside / sha256)
                self._put(aside, [sha256])
        return sha256, size

    def read(self, sha256: str) -> bytes:
        """The bytes as they came; an error where the disk holds something else."""
        try:
            raw = self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise MidsoleError(f"The original {sha256[:12]} is missing from {self.folder}.") from error
        if digest(raw) != sha256:
            raise MidsoleError(f"The original {sha256[:12]} in {self.folder} was changed or is damaged.")
        return raw

    def remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def _is_kept(self, sha256: str, size: int) -> bool:
        """A file of another size was damaged on the disk: what just came in mends it."""
        try:
            return self.path(sha256).stat().st_size == size
        except OSError:
            return False

    @contextmanager
    def _aside(self) -> Iterator[Path]:
        """A folder for files that are not whole yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=TEMPORARY) as aside:
            yield Path(aside)

    def _sweep(self) -> None:
        """What processes that were killed left in such folders goes after a day, by the disk's own clock."""
        with self._aside() as fresh:
            for other in self.folder.glob(f"{TEMPORARY}*"):
                if _changed_at(fresh) - _changed_at(other) > LEFT_BEHIND_S:
                    shutil.rmtree(other, ignore_errors=True)

    def _put(self, aside: Path, names: Collection[str]) -> None:
        """Sync the files, give them their names, sync the names: each is there whole or not at all."""
        _sync([aside / name for name in names])
        folders = {self.path(name).parent for name in names}
        for folder in folders:
            folder.mkdir(exist_ok=True)
        for name in names:
            (aside / name).replace(self.path(name))
        _sync([*folders, self.folder])


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _created(path: Path) -> BinaryIO:
    """A new file that only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")


def _sync(paths: Collection[Path]) -> None:
    """Return when all of these files and folders, which lie on one file system, are on the disk."""
    if len(paths) >= MANY and _sync_file_system(next(iter(paths))):
        return
    for path in paths:
        with _opened(path) as handle:
            os.fsync(handle)


def _sync_file_system(path: Path) -> bool:
    """Linux can sync a whole file system by one call (syncfs(2), which reports errors since Linux 5.8)."""
    if not sys.platform.startswith("linux"):
        return False
    with _opened(path) as handle:
        return bool(ctypes.CDLL(None).syncfs(handle) == 0)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)
