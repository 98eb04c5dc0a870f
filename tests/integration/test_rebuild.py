"""Reading all kept files anew: in place, in silence, and what the runner said stays."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from home import ME, NOW, Home, a_home, fit
from many import POISON, counted, imported, patch_children, runs, write
from midsole.actions.activities import edit
from midsole.actions.assigning import assign
from midsole.actions.files import ignore
from midsole.actions.rebuild import rebuild
from midsole.actions.shoes import Start, add_shoe, edit_shoe
from midsole.store import tables as t

EVERY = b".FIT"
LONGER = "d = decode(raw); return replace(d, recordings=tuple(map(longer, d.recordings)))"
KILLER = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from midsole import app
from midsole.actions import rebuild
from midsole.config import Settings

rebuild.BATCH_FILES, rebuild.BATCHES_AHEAD = 10, 1
now = datetime.fromisoformat(sys.argv[2])
box = app.open_box(settings=Settings(home=Path(sys.argv[1]), settle_s=0), now=lambda: now)
done = rebuild.Rebuilt()
rebuild.rebuild(box, 1, lambda: done.read >= 20 and os.kill(os.getpid(), signal.SIGKILL), done)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """30 runs on two pairs, one of them edited, one put on the other pair, and a broken file."""
    with a_home(tmp_path) as home:
        add_shoe(home.box, ME, "Pegasus", "daily", Start())
        add_shoe(home.box, ME, "Ghost", "daily", Start())
        edit_shoe(home.box, ME, "Pegasus", first_used_on=(NOW - timedelta(days=300)).date())
        imported(home, write(tmp_path / "runs", {**runs(30), "broken.fit": fit(NOW, 5)[:30] + POISON}))
        first, second, *_ = home.activities()
        edit(home.box, ME, first.id, distance_m=6_000, title="Mine")
        assign(home.box, ME, [second.id], ["Ghost"])
        yield home


def everything(home: Home) -> list[tuple[object, ...]]:
    """Every row but the times of claims: to see that nothing changed."""
    tables = (t.activity, t.recording, t.edit, t.wearing, t.alert, t.delivery)
    with home.box.store.read() as tx:
        rows = [tuple(row) for table in tables for row in tx.execute(select(table))]
        files = select(t.raw_file.c.sha256, t.raw_file.c.state, t.raw_file.c.reason, t.raw_file.c.format)
        return [*rows, *map(tuple, tx.execute(files))]


def test_a_rebuild_by_the_same_decoders_changes_nothing_and_sends_nothing(home: Home) -> None:
    before = everything(home)

    for _ in range(2):
        done = rebuild(home.box, ME)
        assert (done.files, done.read, done.changed, done.difference_m) == (30, 30, 0, 0)
        assert (done.newly_read, done.dropped, done.kept) == ([], [], [])

    assert everything(home) == before
    assert home.runner().catching_up is None


def test_a_decoder_that_reads_other_distances_changes_them_and_keeps_what_the_runner_said(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, ids = counted(home), [a.id for a in home.activities()]
    deliveries = len(home.deliveries())
    patch_children(tmp_path, monkeypatch, LONGER, EVERY)

    done = rebuild(home.box, ME)

    assert (done.changed, round(done.difference_m)) == (29, 2_900), "one has the runner's own distance"
    assert [a.id for a in home.activities()] == ids
    assert home.activities()[0].title == "Mine"
    after = counted(home)
    assert [(at, sport, worn) for at, sport, _, worn in after] == [(at, s, worn) for at, s, _, worn in before]
    assert [m for _, _, m, _ in after] == [6_000, *(m + 100 for _, _, m, _ in before[1:])]
    assert len(home.deliveries()) == deliveries


def test_what_can_be_read_now_counts_on_its_pair(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fit(NOW - timedelta(days=100), 7)
    home.drop("newer.fit", b"unknown" + POISON + run)
    home.once()
    assert len(home.activities()) == 30
    here = f"return decode(raw[{len(b'unknown' + POISON)}:]) if raw.startswith(b'unknown') else decode(raw)"
    patch_children(tmp_path, monkeypatch, here)
    monkeypatch.setattr("midsole.actions.claims.CHILDREN_FROM", 1)

    done = rebuild(home.box, ME)

    assert done.newly_read == ["newer.fit"]
    assert round(done.difference_m) == 7_000
    assert counted(home)[0][2:] == (7_000, [(1, 1.0, "default")])


def test_what_the_runner_set_aside_stays_so(home: Home) -> None:
    (broken,) = [f for f in home.files() if f.state == "bad"]
    ignore(home.box, ME, [broken.id])

    rebuild(home.box, ME)

    assert [f.set_aside for f in home.files() if f.id == broken.id] == [True]


def test_originals_that_are_missing_or_damaged_are_named_and_change_nothing(home: Home) -> None:
    before = everything(home)
    gone, changed = home.files()[0], home.files()[1]
    home.box.originals.remove(gone.sha256)
    home.box.originals.path(changed.sha256).write_bytes(b"rust")

    done = rebuild(home.box, ME)

    assert everything(home) == before
    assert [name for name, _ in done.kept] == [gone.name, changed.name]
    assert "missing" in done.kept[0][1]
    assert "damaged" in done.kept[1][1]


@pytest.mark.parametrize(
    ("then", "left"),
    [
        ("raise BadInput('not any more')", 30),
        ("os.kill(os.getpid(), signal.SIGKILL)", 30),
        ("raise NotAnActivity('a course')", 29),
    ],
)
def test_a_file_that_is_no_longer_read_keeps_its_run_and_one_that_is_no_activity_loses_it(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str, left: int
) -> None:
    patch_children(tmp_path, monkeypatch, then, runs(6)["005.fit"])

    done = rebuild(home.box, ME)

    assert len(home.activities()) == left
    assert [name for name, _ in (done.kept or done.dropped)] == ["005.fit"]
    assert {f.name: f.state for f in home.files()}["005.fit"] == ("done" if left == 30 else "ignored")


def test_a_killed_rebuild_goes_on_where_it_was(home: Home, tmp_path: Path) -> None:
    before = everything(home)
    command = [sys.executable, "-c", KILLER, str(home.box.home), NOW.isoformat()]
    assert subprocess.run(command, timeout=60).returncode == -signal.SIGKILL

    done = rebuild(home.box, ME)

    assert (done.resumed, done.read) == (True, 10)
    assert everything(home) == before
    assert rebuild(home.box, ME).resumed is False


def test_the_command_says_what_changed(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patch_children(tmp_path, monkeypatch, LONGER, EVERY)
    command = [sys.executable, "-m", "midsole", "--home", str(home.box.home), "rebuild"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    assert told.returncode == 0, told.stderr
    assert "30 files read anew" in told.stdout
    assert "29 changed their distance: +2.9 km in all." in told.stdout
