"""A watched folder: files that hold still are taken in; nothing in it is ever moved, changed or deleted."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from midsole.domain.errors import Retry
from midsole.sources.base import Cursor, File, printable

ONLINE_ONLY_WINDOWS = stat.FILE_ATTRIBUTE_OFFLINE | 0x400000 | 0x40000
"""Offline, recall on data access, recall on open: the bytes are still in the cloud."""
ONLINE_ONLY_MACOS = 0x40000000
PARTIAL = (
    ".part",
    ".partial",
    ".tmp",
    ".temp",
    ".crdownload",
    ".download",
    ".filepart",
    ".icloud",
    ".swp",
    "~",
)
FOREIGN = (
    *(".jpg", ".jpeg", ".png", ".gif", ".heic", ".webp", ".svg", ".mp3", ".mp4", ".mov", ".avi", ".mkv"),
    *(".pdf", ".doc", ".docx", ".xls", ".xlsx", ".odt", ".ods", ".txt", ".md", ".rtf", ".htm", ".html"),
    *(".exe", ".dll", ".ini", ".log", ".lnk", ".url", ".db", ".sqlite", ".py", ".sh"),
)
SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "icon\r"})
SYSTEM_FOLDERS = frozenset(
    {"@eadir", "__macosx", "#recycle", "$recycle.bin", "system volume information", "lost+found"}
)


class Folder:
    """A folder and all below it."""

    def __init__(self, place: Path, settle_s: float, sleep: Callable[[float], None]) -> None:
        self.place = place
        self.settle_s = settle_s
        self.sleep = sleep
        self.unreadable: list[str] = []
        """Folders below that this user may not look into."""

    def find(self, cursor: Cursor) -> Iterator[File]:
        """New or changed files whose size and time held still over two looks."""
        fresh = [f for f in self.files() if cursor.seen.get(printable(f.path)) != (f.size, f.mtime_ns)]
        if not fresh:
            return
        self.sleep(self.settle_s)
        for file in fresh:
            if self._look(file.path) == file:
                yield file

    def files(self) -> list[File]:
        """Every file that may be an activity, in order of path."""
        if not self.place.is_dir():
            raise Retry(f"The folder {self.place} is not there. Is the drive or share mounted?")
        try:
            found = sorted(self._walk(self.place), key=lambda f: f.path)
        except OSError as error:
            raise Retry(f"The folder {self.place} can't be read: {error.strerror}.") from error
        return found

    def _walk(self, folder: Path | str) -> Iterator[File]:
        below: list[str] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not _is_system_folder(entry.name):
                        below.append(entry.path)
                elif is_candidate(entry.name) and not is_foreign(entry.name) and (file := self._file(entry)):
                    yield file
        for path in below:
            # A folder below that can't be read, or went away meanwhile, does not stop the others.
            try:
                yield from self._walk(path)
            except PermissionError:
                self.unreadable.append(path)
            except OSError:
                continue

    def _file(self, entry: os.DirEntry[str]) -> File | None:
        """None also for what can't be looked at: gone meanwhile, a link to nothing or round in a circle."""
        try:
            return _here(os.path.relpath(entry.path, self.place), entry.stat())
        except OSError:
            return None

    def _look(self, path: str) -> File | None:
        try:
            return _here(path, (self.place / path).stat())
        except OSError:
            return None

    def fetch(self, found: File) -> BinaryIO:
        try:
            return (self.place / found.path).open("rb")
        except OSError as error:
            raise Retry(f"{printable(found.path)} can't be read: {error.strerror}.") from error


def is_candidate(name: str) -> bool:
    """Not hidden, not a partial download, not the system's own."""
    lower = name.lower()
    return not (lower.startswith((".", "~$")) or lower.endswith(PARTIAL) or lower in SYSTEM_NAMES)


def is_foreign(name: str) -> bool:
    """A photo, a document, a program: nobody's recording, so it is neither copied nor reported as failed."""
    return name.lower().endswith(FOREIGN)


def _is_system_folder(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM_FOLDERS


def _here(path: str, found: os.stat_result) -> File | None:
    """None for what is not a file, or a cloud's placeholder: it is not here yet."""
    if not stat.S_ISREG(found.st_mode) or found.st_size == 0:
        return None
    if getattr(found, "st_file_attributes", 0) & ONLINE_ONLY_WINDOWS:
        return None
    if getattr(found, "st_flags", 0) & ONLINE_ONLY_MACOS:
        return None
    if found.st_size >= 4096 and getattr(found, "st_blocks", 1) == 0:
        return None
    return File(path, found.st_size, found.st_mtime_ns)
