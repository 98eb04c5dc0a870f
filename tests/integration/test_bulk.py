"""Many files at once: archives, kills at every step, poison, two imports at a time."""

import errno
import io
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from home import ME, NOW, Home, a_home, fit
from many import POISON, counted, imported, patch_children, runs, tarred, write, zipped
from midsole.actions import claims, decoding, ingest, taking
from midsole.actions.importing import Imported
from midsole.actions.rebuild import rebuild
from midsole.cli.main import run
from midsole.decode import registry
from midsole.domain.errors import MidsoleError
from midsole.store import claiming, sources
from midsole.store.originals import LEFT_BEHIND_S, Originals, digest

SRC = str(Path(__file__).parents[2] / "src")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        yield home


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.new, done.known, done.ignored, done.bad


def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "BATCH_ITEMS", 20)
    monkeypatch.setattr(claims, "BATCH_FILES", 12)
    monkeypatch.setattr(claims, "CHILDREN_FROM", 10)


# archives


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_and_its_loose_files_are_the_same(
    tmp_path: Path, home: Home, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    files = runs(12)
    (tmp_path / "export").write_bytes(pack({f"activities/{name}": raw for name, raw in files.items()}))

    assert counts(imported(home, tmp_path / "export")) == (12, 0, 0, 0)
    before = counted(home)
    assert counts(imported(home, tmp_path / "export")) == (0, 12, 0, 0)
    assert counts(imported(home, write(tmp_path / "loose", files))) == (0, 12, 0, 0)

    assert counted(home) == before
    assert len(before) == 12
    assert home.files()[0].name == "export/activities/000.fit"
    assert home.originals() == sorted(digest(raw) for raw in files.values()), "the archive is not kept twice"


def test_an_archive_with_a_damaged_member_is_kept_and_says_how_many_and_which(
    tmp_path: Path, home: Home
) -> None:
    files = runs(3)
    packed = zipped(files)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        at = archive.getinfo("001.fit").header_offset + 60
    damaged = write(tmp_path, {"export.zip": packed[:at] + bytes(20) + packed[at + 20 :]}) / "export.zip"

    done = imported(home, damaged)
    again = imported(home, damaged)

    assert counts(done) == (2, 0, 0, 1)
    ((name, state, why),) = done.refused
    assert (name, state) == (str(damaged), "bad")
    assert "1 of the 3 files in it can't be read" in why
    assert "001.fit" in why
    assert counts(again) == (0, 3, 0, 0)
    assert len(home.activities()) == 2
    assert home.box.originals.read(digest(damaged.read_bytes())) == damaged.read_bytes()


def test_a_kept_archive_is_taken_apart_again_by_a_newer_version(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = write(tmp_path, {"export.zip": zipped(runs(3))}) / "export.zip"
    entries = taking.entries

    def blind(stream: io.BytesIO, name: str) -> Iterator[object]:
        for entry in entries(stream, name):
            unread = taking.BadInput("an unknown way of packing")
            yield replace(entry, content=unread) if "001" in entry.name else entry

    with monkeypatch.context() as older:
        older.setattr(taking, "entries", blind)
        imported(home, packed)
    assert [f.state for f in home.files()].count("bad") == 1
    monkeypatch.setattr(registry, "VERSION", registry.VERSION + 1)

    home.once()
    home.once()

    assert len(home.activities()) == 3
    assert {f.name: f.state for f in home.files()}["export.zip"] == "ignored"


def test_an_archive_without_activities_is_kept_and_ignored(tmp_path: Path, home: Home) -> None:
    write(tmp_path, {"photos.zip": zipped({"beach.jpg": b"\xff\xd8\xff" + bytes(100)})})

    assert counts(imported(home, tmp_path / "photos.zip")) == (0, 0, 1, 0)
    assert counts(imported(home, tmp_path / "photos.zip")) == (0, 1, 0, 0)


def test_an_archive_of_years_dropped_into_the_inbox_is_history_and_sends_nothing(home: Home) -> None:
    for n in range(4):
        home.run(NOW - timedelta(days=60 + n), 5)
    home.once()
    spikes = {f"{n}.fit": fit(NOW - timedelta(days=n + 1, hours=2), 5 + 4 * (n % 5)) for n in range(30)}
    home.drop("export.zip", zipped(spikes))

    home.once()
    home.once()

    assert len(home.activities()) == 34
    assert [d.kind for d in home.deliveries() if d.kind == "alert"] == []
    assert home.runner().catching_up is None


def test_the_same_run_loose_and_in_an_archive_in_one_import_is_one_file(tmp_path: Path, home: Home) -> None:
    files = runs(3)
    write(tmp_path / "all", {**files, "export.zip": zipped(files)})

    assert counts(imported(home, tmp_path / "all")) == (3, 3, 0, 0)
    assert len(home.activities()) == 3


# kills

KILLER = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from midsole import app
from midsole.actions import claims, importing, ingest, taking
from midsole.config import Settings
from midsole.store import activities, sources
from midsole.store.originals import Originals

taking.BATCH_ITEMS, claims.BATCH_FILES, claims.CHILDREN_FROM = 20, 12, 10
place, number, after = sys.argv[3], int(sys.argv[4]), sys.argv[5] == "after"
owner = eval(place.rpartition(".")[0])
work = getattr(owner, place.rpartition(".")[2])
calls = 0

def killing(*given, **named):
    global calls
    calls += 1
    if calls == number and not after:
        os.kill(os.getpid(), signal.SIGKILL)
    result = work(*given, **named)
    if calls == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(owner, place.rpartition(".")[2], killing)
now = datetime.fromisoformat(sys.argv[6])
box = app.open_box(settings=Settings(home=Path(sys.argv[1]), settle_s=0), now=lambda: now)
importing.import_files(box, 1, importing.list_files(box, [Path(sys.argv[2])]), lambda: None)
"""

MOMENTS = [
    ("taking.digest", 25, "before"),
    ("Originals._put", 2, "before"),
    ("Originals._put", 2, "after"),
    ("sources.take_in_all", 2, "after"),
    ("taking._take_in_batch", 3, "after"),
    ("claims.Claims._start", 1, "before"),
    ("claims.Claims._start", 2, "after"),
    ("activities.add_recordings", 2, "after"),
    ("ingest.settle", 2, "after"),
    ("ingest.ingest_batch", 2, "after"),
    ("importing.evaluate", 1, "before"),
]


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    tmp = tmp_path_factory.mktemp("unkilled")
    with a_home(tmp) as home:
        imported(home, write(tmp / "runs", {**runs(40), "more.zip": zipped(runs(20, first=40))}))
        return counted(home)


@pytest.mark.parametrize(("place", "number", "when"), MOMENTS)
def test_an_import_killed_at_any_moment_goes_on_from_there(
    tmp_path: Path, unkilled: list[tuple[object, ...]], place: str, number: int, when: str
) -> None:
    folder = write(tmp_path / "runs", {**runs(40), "more.zip": zipped(runs(20, first=40))})
    with a_home(tmp_path):
        pass
    moment = [place, str(number), when, NOW.isoformat()]
    command = [sys.executable, "-c", KILLER, str(tmp_path / "home"), str(folder), *moment]
    assert subprocess.run(command, timeout=60).returncode == -signal.SIGKILL

    with a_home(tmp_path) as home:
        imported(home, folder)
        assert counted(home) == unkilled
        assert {f.state for f in home.files()} == {"done"}
        assert len(home.files()) == 60
        assert home.runner().catching_up is None
        assert all(home.box.originals.read(f.sha256) for f in home.files())
    assert children_of(tmp_path / "home") == []


def children_of(home: Path, within_s: float = 10) -> list[str]:
    """Processes that still read this home's originals."""
    until = time.monotonic() + within_s
    while found := _reading(str(home)):
        if time.monotonic() > until:
            return found
        time.sleep(0.1)
    return []


def _reading(home: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if decoding.CHILD in command and home in command:
            found.append(process.parent.name)
    return found


def held(home: Home, by: str, count: int = 500) -> list[sources.RawFile]:
    with home.box.store.write() as tx:
        return claiming.claim_fresh(tx, home.clock.now(), claims.LEASE, by, count)


def a_dead_process() -> str:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    return f"{socket.gethostname()[:30]}/{gone.pid}-1-feedbeef"


def drop_unread(home: Home, files: dict[str, bytes]) -> None:
    for raw in files.values():
        sha256 = home.box.originals.keep(raw)
        with home.box.store.write() as tx:
            sources.take_in(tx, ME, None, sha256, "run.fit", len(raw), home.clock.now())


def test_what_a_dead_process_of_this_machine_had_in_hand_is_read_at_once(home: Home) -> None:
    drop_unread(home, runs(2))
    assert len(held(home, a_dead_process())) == 2

    assert [f.state for f in ingest.ingest_due(home.box)] == ["done"] * 2


def test_a_container_that_starts_again_with_the_same_process_number_frees_what_it_held(home: Home) -> None:
    drop_unread(home, runs(2))
    held(home, f"{socket.gethostname()[:30]}/{os.getpid()}-1-feedbeef")

    assert [f.state for f in ingest.ingest_due(home.box)] == ["done"] * 2


def test_what_this_process_holds_itself_stays_held(home: Home) -> None:
    drop_unread(home, runs(2))
    held(home, claims.holder(home.box))

    assert ingest.ingest_due(home.box) == []


def test_what_another_machine_holds_waits_for_the_end_of_its_lease(home: Home) -> None:
    drop_unread(home, runs(2))
    held(home, "elsewhere/1-1-feedbeef")

    assert ingest.ingest_due(home.box) == []
    home.clock.at += claims.LEASE
    assert [f.state for f in ingest.ingest_due(home.box)] == ["done"] * 2


def test_an_import_of_what_another_machine_holds_says_that_and_no_rate(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    files = runs(2)
    drop_unread(home, files)
    with home.box.store.write() as tx:
        now = datetime.now(UTC)
        claiming.claim_fresh(tx, now, claims.LEASE, "elsewhere/1-1-feedbeef", 2)
    assert run(["--home", str(home.box.home), "import", str(write(tmp_path / "in", files))]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == "2 more are being read by another Midsole, which goes on with them."


def test_a_machine_that_dies_again_and_again_makes_no_innocent_file_bad(home: Home) -> None:
    drop_unread(home, runs(30))
    held(home, a_dead_process())
    for _ in range(8):
        with home.box.store.write() as tx:
            claiming.free_claims(
                tx, *[h for h in claiming.holders(tx) if "feedbeef" in h][:1], home.clock.now()
            )
            assert len(claiming.claim_tried(tx, home.clock.now(), claims.LEASE, a_dead_process())) == 1

    assert {f.state for f in ingest.ingest_due(home.box)} == {"done"}
    assert len(home.activities()) == 30


# poison


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "(signal 9)"),
        ("os._exit(3)", "(exit code 3)"),
        ("1 / 0", "(ZeroDivisionError in sitecustomize.py, line 16)"),
        ("time.sleep(60)", "(nothing came of it in 1 seconds)"),
    ],
)
def test_a_file_that_ends_its_reader_takes_no_other_with_it_and_is_bad(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch, then: str, said: str
) -> None:
    small_batches(monkeypatch)
    if "sleep" in then:
        monkeypatch.setattr(decoding, "LONGEST_S", 1.0)
    patch_children(tmp_path, monkeypatch, then)
    files = runs(30)
    write(tmp_path / "runs", {**files, "015-poison.fit": files["015.fit"] + POISON})

    done = imported(home, tmp_path / "runs")

    assert counts(done) == (30, 0, 0, 1)
    assert len(home.activities()) == 30
    ((name, _, why),) = done.refused
    assert name.endswith("015-poison.fit")
    assert why == f"Reading it ended the program 4 times {said}."


def test_a_reader_that_cannot_start_makes_no_file_bad(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch)
    write(tmp_path / "broken", {"sitecustomize.py": b"import os\nos._exit(1)\n"})
    drop_unread(home, runs(30))
    with monkeypatch.context() as broken:
        broken.syspath_prepend(str(tmp_path / "broken"))
        for _ in range(6):
            with pytest.raises(MidsoleError, match="can't start a process"):
                ingest.ingest_due(home.box)

    assert [f.state for f in ingest.ingest_due(home.box)] == ["done"] * 30


def test_a_file_that_the_database_refuses_takes_no_other_with_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = registry.decode

    def too_many_steps(raw: bytes) -> registry.Decoded:
        decoded = decode(raw)
        if decoded.recordings[0].distance_m != 5_030:
            return decoded
        return replace(decoded, recordings=(replace(decoded.recordings[0], steps=2**70),))

    monkeypatch.setattr(registry, "decode", too_many_steps)
    write(home.inbox, runs(6))

    home.once()

    assert {f.name: f.state for f in home.files() if f.state != "done"} == {"003.fit": "bad"}
    assert "can't be stored" in (next(f.reason for f in home.files() if f.state == "bad") or "")
    assert len(home.activities()) == 5


def test_an_error_that_nobody_foresaw_stops_a_file_and_not_the_others(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few files are read in this process; after the first failure each is read in a process of its own."""
    decode = registry.decode

    def broken(raw: bytes) -> registry.Decoded:
        if POISON in raw:
            raise ZeroDivisionError
        return decode(raw)

    monkeypatch.setattr(registry, "decode", broken)
    patch_children(tmp_path, monkeypatch, "1 / 0")
    drop_unread(home, {**runs(4), "x": fit(NOW, 5) + POISON})

    with pytest.raises(ZeroDivisionError):
        ingest.ingest_due(home.box)
    ingest.ingest_due(home.box)

    assert sorted(f.state for f in home.files()) == ["bad", *["done"] * 4]


# two at once, and Ctrl-C


def midsole(home: Path, *arguments: object, patch: Path | None = None) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "midsole", "--home", str(home), *map(str, arguments)]
    path = os.pathsep.join([*([str(patch)] if patch else []), SRC])
    environment = {**os.environ, "PYTHONPATH": path}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment, text=True, start_new_session=True, **pipes)


def test_two_imports_of_the_same_files_at_once_keep_every_run_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "runs", runs(150))
    with a_home(tmp_path):
        pass
    both = [midsole(tmp_path / "home", "import", folder) for _ in range(2)]
    told = [process.communicate(timeout=120) for process in both]

    assert [process.returncode for process in both] == [0, 0], told
    with a_home(tmp_path) as home:
        home.once()
        assert len(home.activities()) == len(home.files()) == 150
        assert {f.state for f in home.files()} == {"done"}


def test_ctrl_c_says_how_far_it_is_and_the_same_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch_children(tmp_path, monkeypatch, "time.sleep(0.03)", b"FIT")
    folder = write(tmp_path / "runs", runs(250))
    with a_home(tmp_path) as home:
        process = midsole(tmp_path / "home", "import", folder, patch=tmp_path / "patch")
        until = time.monotonic() + 60
        while not home.activities() and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

        assert process.returncode == 130, err
        assert "of 250 files are read, and nothing is lost. The same `midsole import` goes on" in out
        assert "Traceback" not in err
        assert 0 < len(home.activities()) < 250
        assert children_of(tmp_path / "home") == []

        again = midsole(tmp_path / "home", "import", folder)
        out, err = again.communicate(timeout=60)
        assert again.returncode == 0, err
        assert len(home.activities()) == 250
        assert max(f.attempts for f in home.files()) <= 1, "a file is not to blame when somebody stops us"


def test_an_import_tells_the_activities_that_count_from_those_that_do_not(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "in", runs(3) | {"far.fit": fit(NOW - timedelta(days=40), 400, timer_s=90_000)})
    assert run(["--home", str(home.box.home), "import", str(tmp_path / "in")]) == 0
    told = capsys.readouterr().out
    assert "3 new activities, and 1 that counts for nothing yet: `midsole files` says why. 4 files" in told


def test_a_folder_below_that_may_not_be_looked_into_is_named(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in", runs(2))
    write(tmp_path / "in" / "closed", runs(3))
    look = os.scandir

    def scandir(path: str | Path) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    done = imported(home, tmp_path / "in")
    assert counts(done) == (2, 0, 0, 1)
    assert done.refused[0][0].endswith("closed")


def test_a_full_disk_says_what_to_do(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write(tmp_path / "in", runs(2))
    monkeypatch.setattr(os, "fsync", full)
    assert run(["--home", str(home.box.home), "import", str(tmp_path / "in")]) == 1
    assert capsys.readouterr().err.endswith(
        "No space left on device. Make room, then run the same command again: it goes on.\n"
    )


def test_a_zip_cut_off_says_so_and_counts_no_files_that_nobody_saw(tmp_path: Path, home: Home) -> None:
    (tmp_path / "cut.zip").write_bytes(zipped(runs(2))[:-30])
    (file,) = imported(home, tmp_path / "cut.zip").refused
    assert file[2].startswith("The zip is cut off or damaged")


def test_an_import_of_an_empty_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    process = midsole(tmp_path / "home", "import", tmp_path / "empty")
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, f"There is nothing to import in {tmp_path / 'empty'}.\n")


# originals


def test_many_originals_are_kept_at_once_and_mended_where_the_disk_lost_their_bytes(tmp_path: Path) -> None:
    originals, raws = Originals(tmp_path / "originals"), {digest(raw): raw for raw in runs(10).values()}
    originals.keep_all(raws)
    cut, *_ = raws
    originals.path(cut).write_bytes(b"cut")
    with pytest.raises(MidsoleError, match="damaged"):
        originals.read(cut)

    originals.keep_all(raws)

    assert {sha256: originals.read(sha256) for sha256 in raws} == raws
    assert originals.path(cut).stat().st_mode & 0o077 == 0


def test_a_large_original_is_kept_from_its_stream(tmp_path: Path) -> None:
    originals, raw = Originals(tmp_path / "originals"), os.urandom(3_000_000)

    assert originals.keep_stream(io.BytesIO(raw)) == (digest(raw), len(raw))
    assert originals.keep_stream(io.BytesIO(raw)) == (digest(raw), len(raw))
    assert originals.read(digest(raw)) == raw


def test_a_full_disk_leaves_no_half_original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    originals = Originals(tmp_path / "originals")
    raws = {digest(raw): raw for raw in runs(10).values()}

    def full(paths: Collection[Path]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("midsole.store.originals._sync", full)
    with pytest.raises(OSError, match="No space left"):
        originals.keep_all(raws)

    assert list(originals.folder.iterdir()) == []


def test_what_a_kill_left_half_written_goes_after_a_day(tmp_path: Path) -> None:
    originals = Originals(tmp_path / "originals")
    for name, age_s in (("old", LEFT_BEHIND_S + 60), ("fresh", 60)):
        left = write(originals.folder / f".part-{name}", {"half": b"half"})
        os.utime(left, times=(time.time() - age_s,) * 2)

    originals.keep_all({digest(raw): raw for raw in runs(10).values()})

    assert [p.name for p in originals.folder.glob(".part-*")] == [".part-fresh"]


def test_many_files_come_in_on_both_databases(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch)
    files = runs(45)
    folder = write(tmp_path / "runs", {**files, "export.zip": zipped(files), "broken.fit": b"no run"})
    with a_home(tmp_path, database_url=database_url) as home:
        assert counts(imported(home, folder)) == (45, 45, 0, 1)
        before = counted(home)
        assert counts(imported(home, folder)) == (0, 91, 0, 0)
        done = rebuild(home.box, ME)
        assert (done.read, done.changed, done.kept) == (45, 0, [])
        assert counted(home) == before
        assert len(before) == 45
