"""Many different runs, loose and packed, and readers that do what no decoder of ours does."""

import io
import tarfile
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from home import ME, NOW, Home, fit
from midsole.actions.importing import Imported, import_files, list_files
from midsole.store import shoes

POISON = b"this file ends its reader"
PATCH = """
import os, signal, sys, time
from dataclasses import replace

if sys.argv[:1] == ["-c"]:
    from midsole.decode import registry
    from midsole.domain.errors import BadInput, NotAnActivity

    decode = registry.decode

    def longer(recording):
        return replace(recording, distance_m=recording.distance_m + 100)

    def patched(raw):
        if {poison!r} in raw:
            {then}
        return decode(raw)

    registry.decode = patched
"""


def runs(count: int, first: int = 0) -> dict[str, bytes]:
    """Different runs by name, one a day, back from the day before yesterday."""
    days = range(first, first + count)
    return {
        f"{n:03}.fit": fit(NOW - timedelta(days=n + 1, hours=2), 5 + n / 100, records_every_s=600)
        for n in days
    }


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, raw in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return folder


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return packed.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, raw in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return packed.getvalue()


def imported(home: Home, *places: Path) -> Imported:
    return import_files(home.box, ME, list_files(home.box, places), lambda: None)


def counted(home: Home) -> list[tuple[object, ...]]:
    """What counts, and who wore what."""
    with home.box.store.read() as tx:
        worn = shoes.wearings(tx, ME)
    on_pairs = {a: [(w.shoe_id, w.share, w.set_by) for w in worn[a]] for a in worn}
    return [(a.started_at, a.sport, a.counted_m, on_pairs.get(a.id)) for a in home.activities()]


def patch_children(tmp: Path, monkeypatch: pytest.MonkeyPatch, then: str, poison: bytes = POISON) -> None:
    """Processes that read files import this before anything else; `then` happens where `poison` is in one."""
    write(tmp / "patch", {"sitecustomize.py": PATCH.format(poison=poison, then=then).encode()})
    monkeypatch.syspath_prepend(str(tmp / "patch"))
