"""Backup and restore: one tar with a checked copy of the database, the originals, settings and secrets."""

import hashlib
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from midsole.actions.box import Box
from midsole.domain.errors import MidsoleError, UsageError
from midsole.store import activities, entered, runners, shoes, sources
from midsole.store.base import Store, Tx

MANIFEST, DATABASE, ORIGINALS = "manifest.json", "midsole.db", "originals"
FORMAT = 1
WITHOUT_KEY = "Keep a copy of it elsewhere; without it the accounts must be connected again."


@dataclass(slots=True)
class Saved:
    """What a backup or restore moved; `problems` are sentences, `aside` is where an old home's parts went."""

    counts: Mapping[str, int]
    originals: int = 0
    with_database: bool = True
    problems: list[str] = field(default_factory=list)
    aside: Path | None = None


def counts(store: Store) -> dict[str, int]:
    with store.read() as tx:
        ids = [r.id for r in runners.everyone(tx)]
        return {"runners": len(ids), **_sums(tx, ids)}


def _sums(tx: Tx, ids: list[int]) -> dict[str, int]:
    return {
        "activities": sum(activities.span(tx, i)[2] for i in ids),
        "shoes": sum(len(shoes.pairs(tx, i)) for i in ids),
        "files": sum(sources.file_counts(tx).values()),
    }


def backup(box: Box, target: Path) -> Saved:
    """Write `target` under a temporary name, sync and rename it: it is there whole or not at all."""
    if not target.parent.is_dir():
        raise UsageError(f"The folder {target.parent} is not there.")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".midsole-backup-") as folder:
            part = Path(folder) / "part.tar"
            saved = _write(box, part, Path(folder), compressed=target.name.endswith((".gz", ".tgz")))
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(target)
    except OSError as error:
        raise MidsoleError(f"{target} can't be written: {error.strerror or error}.") from error
    return saved


def _write(box: Box, part: Path, folder: Path, *, compressed: bool) -> Saved:
    """The database is copied first: every file that it knows was kept before it knew."""
    saved = Saved(counts(box.store), with_database=box.store.database_url.startswith("sqlite"))
    part.touch(mode=0o600)
    with tarfile.open(part, "w:gz" if compressed else "w") as tar:
        if saved.with_database:
            box.store.copy_to(folder / DATABASE)
            saved.counts = _counted(folder / DATABASE)
            tar.add(folder / DATABASE, DATABASE, filter=_private)
        own = _own_files(box)
        for path in own:
            tar.add(path, path.name, filter=_private)
        if box.secrets.path.exists() and box.secrets.path not in own:
            saved.problems.append(f"the key file {box.secrets.path}. {WITHOUT_KEY}")
        _add_originals(box, tar, saved)
        _add_manifest(box, tar, folder, saved)
    return saved


def _counted(database: Path) -> dict[str, int]:
    with closing(Store(f"sqlite:///{database}")) as store:
        return counts(store)


def _private(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Only its owner may read what comes out of the archive."""
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
    return member


def _own_files(box: Box) -> list[Path]:
    """Settings, password and key files: all that lies in the home itself, but no database."""
    here = sorted(p for p in box.home.iterdir() if p.is_file() and not p.is_symlink())
    return [p for p in here if not p.name.startswith(".") and ".db" not in p.name and p.name != MANIFEST]


def _add_originals(box: Box, tar: tarfile.TarFile, saved: Saved) -> None:
    for path in sorted(_originals_in(box.originals.folder)):
        try:
            box.originals.read(path.name)
        except MidsoleError as error:
            saved.problems.append(str(error))
            continue
        tar.add(path, f"{ORIGINALS}/{path.parent.name}/{path.name}", filter=_private)
        saved.originals += 1


def _originals_in(folder: Path) -> Iterator[Path]:
    return (p for p in folder.glob("??/*") if p.is_file() and not p.name.startswith("."))


def _add_manifest(box: Box, tar: tarfile.TarFile, folder: Path, saved: Saved) -> None:
    about = {
        "format": FORMAT,
        "midsole": version("midsole"),
        "schema_revision": box.store.revision(),
        "made_at": box.now().isoformat(),
        "home": str(box.home),
        "with_database": saved.with_database,
        "originals": saved.originals,
        "counts": dict(saved.counts),
        "missing": saved.problems,
    }
    (folder / MANIFEST).write_text(json.dumps(about, indent=2), encoding="utf-8")
    tar.add(folder / MANIFEST, MANIFEST, filter=_private)


def restore(archive: Path, home: Path, now: datetime, *, force: bool = False) -> Saved:
    """Unpack beside, verify everything, move into place; an old home's parts are moved aside."""
    if not archive.is_file():
        raise UsageError(f"{archive} is not there.")
    _refuse_full(home, force=force)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".restoring-") as folder:
            staged = Path(folder)
            about = _unpack(archive, staged)
            saved = _verify(staged, about, home)
            saved.aside = _move_in(staged, home, now)
    except OSError as error:
        raise MidsoleError(f"{archive} can't be restored: {error.strerror or error}.") from error
    return saved


def _refuse_full(home: Path, *, force: bool) -> None:
    database = home / DATABASE
    if force or not database.exists():
        return
    with closing(Store(f"sqlite:///{database}")) as store:
        store.upgrade()
        held = counts(store)
    if held["activities"] or held["shoes"]:
        raise UsageError(
            f"{home} holds {held['activities']} activities and {held['shoes']} pairs. Restore into another "
            "--home, or add --force to move what is there aside."
        )


def _unpack(archive: Path, staged: Path) -> dict[str, Any]:
    """tarfile's data filter keeps every member inside, without links, devices or special bits."""
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(staged, filter="data")
        about = json.loads((staged / MANIFEST).read_text(encoding="utf-8"))
    except (tarfile.TarError, EOFError, ValueError, FileNotFoundError, zlib.error) as error:
        why = str(error).partition("\n")[0].rstrip("(: ")
        raise MidsoleError(f"{archive} is no whole Midsole backup ({why}). Nothing was changed.") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise MidsoleError(f"{archive} was made by a newer Midsole: install that version to restore it.")
    return about


def _verify(staged: Path, about: Mapping[str, Any], home: Path) -> Saved:
    saved = Saved(about["counts"], with_database=about["with_database"], problems=list(about["missing"]))
    for path in _originals_in(staged / ORIGINALS):
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
            raise MidsoleError(
                f"The original {path.name[:12]} in the backup is damaged. Nothing was changed."
            )
        saved.originals += 1
    if saved.originals != about["originals"]:
        raise MidsoleError(
            f"The backup holds {saved.originals} of {about['originals']} originals. Nothing was changed."
        )
    if saved.with_database:
        _verify_database(staged / DATABASE, about, home)
    return saved


def _verify_database(database: Path, about: Mapping[str, Any], home: Path) -> None:
    """Sound, not of a newer program, and holding what the manifest says; its inbox is the new home's."""
    if not database.exists():
        raise MidsoleError("The backup lacks its database. Nothing was changed.")
    with closing(Store(f"sqlite:///{database}")) as store:
        if damage := store.check():
            raise MidsoleError(f"The backup's database is damaged ({damage[0]}). Nothing was changed.")
        store.upgrade()
        if counts(store) != about["counts"]:
            raise MidsoleError(
                "The backup's database does not hold what its manifest says. Nothing was changed."
            )
        with store.write() as tx:
            sources.move(tx, str(Path(about["home"]) / "inbox"), str(home / "inbox"))
            entered.end_all(tx)  # one that was ended since the backup would be open again


def _move_in(staged: Path, home: Path, now: datetime) -> Path | None:
    """Old parts go into a folder of their own inside the home (it may be a mount, not to be renamed)."""
    parts = [p for p in staged.iterdir() if p.name != MANIFEST and not p.name.startswith("before-")]
    old = {home / p.name for p in parts} | set(home.glob(f"{DATABASE}*"))
    aside = home / f"before-restore-{now:%Y%m%dT%H%M%S}"
    for path in sorted(p for p in old if p.exists()):
        aside.mkdir(mode=0o700, exist_ok=True)
        path.rename(aside / path.name)
    for part in parts:
        part.rename(home / part.name)
    return aside if aside.exists() else None
