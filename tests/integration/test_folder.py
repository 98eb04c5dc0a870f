"""The contract of a source, for the folder: what is ready, what is not here yet, what never happens."""

import errno
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from home import NOW, Clock, Home, a_home, every_file, fit
from midsole.domain.errors import Retry
from midsole.sources import folder as folder_module
from midsole.sources.base import Cursor
from midsole.sources.folder import Folder

RUN = b"bytes of a run"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        yield home


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "watch"
    folder.mkdir()
    return folder


def look(place: Path, while_waiting: Callable[[], object] = lambda: None) -> list[str]:
    """The paths that one look at an unknown folder yields."""
    found = Folder(place, 2.0, lambda _: while_waiting() and None).find(Cursor())
    return [file.path for file in found]


def test_a_file_that_holds_still_is_ready(place: Path) -> None:
    (place / "run.fit").write_bytes(RUN)
    slept: list[float] = []

    source = Folder(place, 2.0, slept.append)
    (found,) = source.find(Cursor())

    assert (found.path, found.size) == ("run.fit", len(RUN))
    with source.fetch(found) as stream:
        assert stream.read() == RUN
    assert slept == [2.0], "one short wait between the two looks, however many files"


def test_a_file_that_grows_between_the_looks_waits_for_the_next(place: Path) -> None:
    growing = place / "growing.fit"
    growing.write_bytes(RUN)
    (place / "still.fit").write_bytes(RUN)

    def grow() -> None:
        with growing.open("ab") as file:
            file.write(b"more")

    assert look(place, grow) == ["still.fit"]
    assert look(place) == ["growing.fit", "still.fit"]


def test_a_file_touched_between_the_looks_waits_for_the_next(place: Path) -> None:
    touched = place / "touched.fit"
    touched.write_bytes(RUN)

    assert look(place, lambda: os.utime(touched, ns=(1, 1))) == []


def test_a_file_that_vanishes_between_the_looks_is_no_error(place: Path) -> None:
    (place / "gone.fit").write_bytes(RUN)

    assert look(place, (place / "gone.fit").unlink) == []


def test_a_file_taken_in_before_is_not_yielded_and_costs_no_wait(place: Path) -> None:
    (place / "run.fit").write_bytes(RUN)
    slept: list[float] = []
    source = Folder(place, 2.0, slept.append)
    (found,) = source.find(Cursor())
    slept.clear()

    assert list(source.find(Cursor(seen={found.path: (found.size, found.mtime_ns)}))) == []
    assert slept == []


@pytest.mark.parametrize(
    "name",
    [
        "run.fit.part",
        "run.fit.partial",
        "run.fit.crdownload",
        "run.fit.tmp",
        "RUN.FIT.TMP",
        "run.fit~",
        "~$run.fit",
        "._run.fit",
        ".hidden.fit",
        "IMG_2041.JPG",
        "readme.txt",
        ".DS_Store",
        ".run.fit.icloud",
        "Thumbs.db",
        "desktop.ini",
        ".syncthing.run.fit.tmp",
        "@eaDir/run.fit",
        "deep/@eaDir/run.fit",
        "__MACOSX/run.fit",
        ".stfolder/run.fit",
        ".stversions/run.fit",
        "$RECYCLE.BIN/run.fit",
    ],
)
def test_partial_and_system_files_are_ignored(place: Path, name: str) -> None:
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(RUN)
    (place / "run.fit").write_bytes(RUN)

    assert look(place) == ["run.fit"]


def test_a_placeholder_without_bytes_is_not_here_yet_and_arrives_when_it_has_them(home: Home) -> None:
    placeholder = home.drop("run.fit", b"")
    home.drop(".later.fit.icloud", b"plist")
    with (home.inbox / "online-only.fit").open("wb") as file:
        file.truncate(40_000)

    home.once()
    assert home.files() == [], "neither bad nor ignored: not here yet"

    placeholder.write_bytes(fit(NOW - timedelta(hours=2), 10))
    home.once()
    assert [(f.name, f.state) for f in home.files()] == [("run.fit", "done")]


def test_folders_below_are_looked_at_too(place: Path) -> None:
    (place / "2026" / "11 November").mkdir(parents=True)
    (place / "2026" / "11 November" / "run.fit").write_bytes(RUN)

    assert look(place) == [str(Path("2026", "11 November", "run.fit"))]


def test_nothing_in_the_folder_is_ever_changed(home: Home) -> None:
    home.run(NOW - timedelta(hours=2), 10)
    home.drop("broken.fit", b"\x0e\x20nonsense")
    home.drop("notes/readme.txt", b"hello")
    home.drop("deep/er/empty.fit", b"")
    home.drop("half.fit.part", b"half")
    before = every_file(home.inbox)

    for _ in range(3):
        home.once()

    assert every_file(home.inbox) == before
    assert len(home.files()) == 2


def test_a_vanished_folder_is_said_once_stands_in_the_status_and_deletes_nothing(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    home.run(NOW - timedelta(hours=2), 10)
    home.once()
    away = home.inbox.with_name("unmounted")
    caplog.set_level(logging.INFO)

    home.inbox.rename(away)
    for _ in range(3):
        home.clock.on(minutes=1)
        home.once()

    said = [r for r in caplog.records if "is not there" in r.message]
    assert len(said) == 1
    assert "is not there" in (home.connection().error or "")
    assert home.connection().last_success_at == NOW
    assert len(home.activities()) == len(home.files()) == 1

    away.rename(home.inbox)
    home.run(NOW - timedelta(hours=1), 5)
    home.clock.on(minutes=1)
    home.once()

    assert home.connection().error is None
    assert [r.message for r in caplog.records if "is back" in r.message] != []
    assert len(home.activities()) == 2, "it carries on, and what was known is not taken in again"


def test_a_folder_that_is_not_there_asks_for_another_try(tmp_path: Path) -> None:
    with pytest.raises(Retry, match="mounted"):
        list(Folder(tmp_path / "nowhere", 0, time.sleep).find(Cursor()))


def test_an_unreadable_file_does_not_stop_the_others(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.run(NOW - timedelta(hours=4), 10, "a.fit")
    locked = home.run(NOW - timedelta(hours=3), 5, "b.fit")
    home.run(NOW - timedelta(hours=2), 8, "c.fit")
    as_ever = Path.open

    def refuse(path: Path, *how: Any, **more: Any) -> Any:
        if path == locked:
            raise PermissionError(errno.EACCES, "Permission denied")
        return as_ever(path, *how, **more)

    monkeypatch.setattr(Path, "open", refuse)
    done = home.once()
    assert [a.distance_m for a in home.activities()] == [10_000, 8_000]
    assert len(done.problems) == 1
    assert "b.fit" in done.problems[0]

    monkeypatch.setattr(Path, "open", as_ever)
    home.once()
    assert [a.distance_m for a in home.activities()] == [10_000, 5_000, 8_000], "tried again"


def test_an_unreadable_folder_below_does_not_stop_the_others(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "locked").mkdir()
    (place / "open").mkdir()
    (place / "open" / "run.fit").write_bytes(RUN)
    scandir = os.scandir

    def refuse(path: str | Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(folder_module.os, "scandir", refuse)

    assert look(place) == [str(Path("open", "run.fit"))]


def test_a_file_too_large_for_an_activity_is_named_once_and_not_kept(home: Home) -> None:
    with (home.inbox / "video.bin").open("wb") as video:
        video.write(b"no archive")
        video.truncate(70_000_000)
        video.seek(0, os.SEEK_END)
        video.write(b"end")
    home.run(NOW - timedelta(hours=2), 10)

    first, second = home.once(), home.once()

    assert ["no activity file is that large" in problem for problem in first.problems] == [True]
    assert second.problems == []
    assert [f.state for f in home.files()] == ["done"]
    assert len(home.originals()) == 1


def test_ten_thousand_known_files_are_looked_through_in_under_a_second(place: Path) -> None:
    for number in range(100):
        folder = place / f"{number:02}"
        folder.mkdir()
        for file in range(100):
            (folder / f"{file:02}.fit").write_bytes(b"x")
    source = Folder(place, 2.0, lambda _: pytest.fail("nothing new: no wait"))
    known = {f.path: (f.size, f.mtime_ns) for f in source.files()}

    began = time.perf_counter()
    found = list(source.find(Cursor(seen=known)))
    took = time.perf_counter() - began

    assert (len(known), found) == (10_000, [])
    assert took < 1.0


@pytest.mark.parametrize(
    "name", ["my long run.fit", "Läufe/Öl & Übermut.fit", "跑步.fit", "a,b;c'd\"e.fit", "line\nbreak.fit"]
)
def test_any_name_will_do(home: Home, name: str) -> None:
    home.drop(name, fit(NOW - timedelta(hours=2), 10))

    home.once()
    home.once()

    assert [f.state for f in home.files()] == ["done"]
    assert home.files()[0].name == Path(name).name


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps names that are no text")
def test_a_name_that_is_no_text_is_taken_in_once(home: Home) -> None:
    raw = os.fsencode(home.inbox) + b"/l\xe4ufe"
    os.mkdir(raw)  # noqa: PTH102
    with open(raw + b"/h\xf6he.fit", "wb") as file:  # noqa: PTH123
        file.write(fit(NOW - timedelta(hours=2), 10))
    home.run(NOW - timedelta(hours=5), 5)

    home.once()
    slept = len(home.clock.slept)
    home.once()

    assert [a.distance_m for a in home.activities()] == [5_000, 10_000]
    assert [f.name for f in home.files()][-1] == "h\\xf6he.fit"
    assert len(home.clock.slept) == slept, "the second look found nothing new"


def test_symlink_loops_and_dangling_links_are_passed_by(place: Path) -> None:
    (place / "run.fit").write_bytes(RUN)
    (place / "around").symlink_to(place, target_is_directory=True)
    (place / "loop.fit").symlink_to(place / "loop.fit")
    (place / "dangling.fit").symlink_to(place / "nothing.fit")

    assert look(place) == ["run.fit"]


def test_what_is_no_file_is_passed_by(place: Path) -> None:
    os.mkfifo(place / "pipe.fit")
    (place / "folder.fit").mkdir()

    assert look(place) == []


def test_a_file_replaced_by_other_bytes_is_taken_in_again(home: Home) -> None:
    started = NOW - timedelta(hours=2)
    path = home.run(started, 10, "current.fit")
    home.once()

    path.write_bytes(fit(NOW - timedelta(hours=1), 5))
    home.once()

    assert [a.distance_m for a in home.activities()] == [10_000, 5_000]


def test_a_file_touched_or_renamed_without_other_bytes_is_known(home: Home) -> None:
    path = home.run(NOW - timedelta(hours=2), 10, "a.fit")
    home.once()

    os.utime(path, ns=(1, 1))
    home.once()
    path.rename(home.inbox / "b.fit")
    home.once()

    assert len(home.files()) == len(home.activities()) == 1


def test_a_look_while_a_file_still_grows_takes_it_in_at_the_next(tmp_path: Path) -> None:
    whole = fit(NOW - timedelta(hours=2), 10)
    clock = Clock()
    with a_home(tmp_path, clock, settle_s=2.0) as home:
        path = home.drop("run.fit", whole[:200])

        def grow(seconds: float) -> None:
            if path.stat().st_size < len(whole):
                path.write_bytes(whole)

        object.__setattr__(home.box, "sleep", grow)
        home.once()
        assert home.files() == []
        home.once()
        assert [f.state for f in home.files()] == ["done"]
