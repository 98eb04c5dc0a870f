"""Export: everything of one runner in one zip or folder, for people as CSV, for another Midsole as JSON."""

import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Protocol

from midsole.actions.box import Box
from midsole.domain.errors import MidsoleError, NotThere, UsageError
from midsole.store import everything, forgetting, runners, sheets
from midsole.store.base import Tx

TABLES, ORIGINALS, README = "midsole.json", "originals", "README.txt"
FORMAT = 1
COPIED_BYTES = 2**20
HEALTH_SHEETS = ("checkins.csv", "exercises.csv", "comebacks.csv", "calendar.csv")
ABOUT = """Everything that Midsole kept of {name}, written {at:%Y-%m-%d %H:%M} UTC by version {version}.
The .csv files open in any spreadsheet: metres, seconds, UTC. originals/ holds every file as it came.
checkins.csv, exercises.csv, comebacks.csv and calendar.csv hold health data: keep them to yourself.
To bring it back into a Midsole, type: midsole import PATH. No password is in here.
"""


@dataclass(slots=True)
class Exported:
    """What was written; `missing` are originals that the disk has lost or that are damaged there."""

    rows: dict[str, int] = field(default_factory=dict)
    originals: int = 0
    size_bytes: int = 0
    missing: list[str] = field(default_factory=list)


class Target(Protocol):
    """Where files are written, one after the other."""

    def file(self, name: str) -> AbstractContextManager[IO[bytes]]: ...


class _Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """On the disk when it is closed, and only its owner may read it."""
        path = self.path / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())


class _Zip:
    def __init__(self, archive: zipfile.ZipFile, at: datetime) -> None:
        self.archive, self.at = archive, at

    def file(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Originals stay as they are: most are packed already, and none looks like a trap to who reads it."""
        info = zipfile.ZipInfo(name, self.at.timetuple()[:6])
        packed = not name.startswith(ORIGINALS)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        return self.archive.open(info, "w", force_zip64=True)


def export(box: Box, runner_id: int, target: Path) -> Exported:
    """Write a zip, or a folder where the name has no .zip; it is there whole or not at all."""
    if not target.parent.is_dir():
        raise UsageError(f"The folder {target.parent} is not there.")
    _refuse_taken(target)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".midsole-export-") as aside:
            part = Path(aside) / "part"
            exported = _write(box, runner_id, part, as_zip=target.suffix.lower() == ".zip")
            _put(part, target)
    except OSError as error:
        raise MidsoleError(f"{target} can't be written: {error.strerror or error}.") from error
    return exported


def export_health(box: Box, runner_id: int, target: Path) -> dict[str, int]:
    """Write what was said of the body, and what followed from it, into a zip; returns rows by table."""
    if not target.parent.is_dir():
        raise UsageError(f"The folder {target.parent} is not there.")
    _refuse_taken(target)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".midsole-export-") as aside:
            part = Path(aside) / "part"
            part.touch(mode=0o600)
            with zipfile.ZipFile(part, "w") as archive, box.store.read() as tx:
                counts = _write_health(box, tx, runner_id, _Zip(archive, box.now()))
            _put(part, target)
    except OSError as error:
        raise MidsoleError(f"{target} can't be written: {error.strerror or error}.") from error
    return counts


def _write_health(box: Box, tx: Tx, runner_id: int, to: Target) -> dict[str, int]:
    for sheet in sheets.sheets(tx, runner_id):
        if sheet.name in HEALTH_SHEETS:
            with to.file(sheet.name) as file:
                _write_sheet(sheet, file)
    numbers = everything.numbers_from_one(tx, runner_id)
    rows = {
        table.name: list(everything.rows(tx, table, runner_id, numbers, str(box.inbox)))
        for table in everything.tables()
        if table in forgetting.OWN
    }
    about = {"midsole": "health", "version": version("midsole"), "exported_at": box.now().isoformat()}
    with to.file("health.json") as file:
        file.write(json.dumps(about | {"tables": rows}, indent=1).encode())
    return {name: len(found) for name, found in rows.items()}


def sheet_names(box: Box, runner_id: int) -> list[str]:
    """The lists that `write_sheet` writes."""
    with box.store.read() as tx:
        return [sheet.name for sheet in sheets.sheets(tx, runner_id)]


def write_sheet(box: Box, runner_id: int, name: str, to: IO[bytes]) -> None:
    """One of the lists alone, as in the archive."""
    with box.store.read() as tx:
        for sheet in sheets.sheets(tx, runner_id):
            if sheet.name == name:
                _write_sheet(sheet, to)
                return
    raise NotThere("There is no such list.")


def _refuse_taken(target: Path) -> None:
    if os.path.lexists(target):
        raise UsageError(f"{target} is there already, and stays as it is. Choose another name.")


def _put(part: Path, target: Path) -> None:
    """A name that came into use meanwhile is not taken: a link fails where there is one."""
    if part.is_file():
        try:
            os.link(part, target)
        except FileExistsError:
            _refuse_taken(target)
        except OSError:  # some file systems (exFAT, a few shares) know no second names
            _refuse_taken(target)
            part.rename(target)
    else:
        _refuse_taken(target)
        part.rename(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(box: Box, runner_id: int, part: Path, *, as_zip: bool) -> Exported:
    if not as_zip:
        part.mkdir(mode=0o700)
        return _write_all(box, runner_id, _Folder(part))
    part.touch(mode=0o600)
    with zipfile.ZipFile(part, "w") as archive:
        exported = _write_all(box, runner_id, _Zip(archive, box.now()))
    with part.open("rb") as written:
        os.fsync(written.fileno())
    return exported


def _write_all(box: Box, runner_id: int, to: Target) -> Exported:
    """All of it as it stood at one moment: each original was kept before the database knew of it."""
    done = Exported()
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        for sha256 in everything.originals(tx, runner_id):
            _copy(box, sha256, to, done)
        _write_sheets(tx, runner_id, to)
        _write_tables(box, tx, runner_id, to, done)
    with to.file(README) as file:
        about = ABOUT.format(name=runner.name, at=box.now(), version=version("midsole"))
        file.write(about.encode())
    return done


def _copy(box: Box, sha256: str, to: Target, done: Exported) -> None:
    """Read twice rather than held in memory: it is looked at whole before it is written."""
    path = box.originals.path(sha256)
    if not path.is_file() or not _is_sound(path, sha256):
        done.missing.append(sha256)
        return
    with path.open("rb") as kept, to.file(f"{ORIGINALS}/{sha256}") as file:
        shutil.copyfileobj(kept, file, COPIED_BYTES)
        done.size_bytes += kept.tell()
    done.originals += 1


def _is_sound(path: Path, sha256: str) -> bool:
    with path.open("rb") as kept:
        return hashlib.file_digest(kept, "sha256").hexdigest() == sha256


def _write_sheets(tx: Tx, runner_id: int, to: Target) -> None:
    """Begins with a byte order mark: without one a spreadsheet may take UTF-8 for something else."""
    for sheet in sheets.sheets(tx, runner_id):
        with to.file(sheet.name) as file:
            _write_sheet(sheet, file)


def _write_sheet(sheet: sheets.Sheet, file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, "utf-8-sig", "replace", newline="")
    writer = csv.writer(text)
    writer.writerow(sheet.heading)
    writer.writerows(sheet.rows)
    text.detach()


def _write_tables(box: Box, tx: Tx, runner_id: int, to: Target, done: Exported) -> None:
    """One row a line, so that two exports can be compared."""
    about = {
        "midsole": "export",
        "format": FORMAT,
        "version": version("midsole"),
        "schema_revision": box.store.revision(),
        "exported_at": box.now().isoformat(),
        "missing_originals": done.missing,
    }
    numbers = everything.numbers_from_one(tx, runner_id)
    with to.file(TABLES) as file:
        file.write(json.dumps(about)[:-1].encode() + b',\n"tables": {')
        for n, table in enumerate(everything.tables()):
            file.write(f'{"," if n else ""}\n"{table.name}": ['.encode())
            rows = everything.rows(tx, table, runner_id, numbers, str(box.inbox))
            done.rows[table.name] = _write_rows(file, map(json.dumps, rows))
            file.write(b"]")
        file.write(b"\n}}\n")


def _write_rows(file: IO[bytes], rows: Iterator[str]) -> int:
    count = 0
    for count, row in enumerate(rows, 1):
        file.write(f"{',' if count > 1 else ''}\n{row}".encode())
    return count
