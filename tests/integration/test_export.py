"""Export and back in: what a person reads, what another home gets, and what is refused."""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from home import ME, NOW, Home, a_home
from midsole.actions import bring_back as back
from midsole.actions import shoes as pairs
from midsole.actions.assigning import assign
from midsole.actions.bring_back import bring_back, is_export
from midsole.actions.changes import undo
from midsole.actions.export import export
from midsole.actions.rebuild import rebuild
from midsole.actions.setup import add_runner
from midsole.cli.main import run
from midsole.domain.errors import MidsoleError, UsageError
from midsole.store import activities, sources
from midsole.store import tables as t
from midsole.store.sheets import cell

DAYS = 12


def fill(home: Home) -> None:
    """Twelve runs on a pair that is worn out, one file that can't be read, and words of the runner's."""
    start = pairs.Start(known_m=600_000)
    pairs.add_shoe(home.box, ME, "Pegasus", "daily", start, first_used_on=(NOW - timedelta(days=60)).date())
    for day in range(DAYS):
        home.run(NOW - timedelta(days=20 - day), 5 + day / 10)
    home.drop("broken.fit", b"no FIT at all")
    home.once()
    newest = home.activities()[-1]
    pairs.add_shoe(home.box, ME, "Ghost", "daily", pairs.Start(known_m=0))
    assign(home.box, ME, [a.id for a in home.activities()[:9]], ["Ghost"])
    with home.box.store.write() as tx:
        activities.say(tx, home.runner(), newest.id, NOW, title="=HYPERLINK(1)", is_race=True)
    home.once()


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled home, its export and an empty home, to copy: making them takes longer than most tests."""
    folder = tmp_path_factory.mktemp("templates")
    with a_home(folder / "filled", email="me@example.org") as opened:
        fill(opened)
        export(opened.box, ME, folder / "all.zip")
    with a_home(folder / "empty"):
        pass
    return folder


@contextmanager
def copied(template: Path, tmp: Path) -> Iterator[Home]:
    """The same home in another place, with an inbox of its own."""
    shutil.copytree(template, tmp)
    with a_home(tmp) as opened:
        with opened.box.store.write() as tx:
            sources.move(tx, str(template / "home" / "inbox"), str(opened.inbox))
        yield opened


@pytest.fixture
def home(templates: Path, tmp_path: Path) -> Iterator[Home]:
    with copied(templates / "filled", tmp_path / "old") as opened:
        yield opened


@pytest.fixture
def new(templates: Path, tmp_path: Path) -> Iterator[Home]:
    with copied(templates / "empty", tmp_path / "new") as opened:
        yield opened


@pytest.fixture
def exported(templates: Path) -> Path:
    """What `home` exports."""
    return templates / "all.zip"


def tables_of(path: Path) -> dict[str, Any]:
    told = json.loads(content(path, "midsole.json"))
    return dict(told["tables"])


def content(path: Path, name: str) -> bytes:
    if path.is_dir():
        return (path / name).read_bytes()
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def names(path: Path) -> list[str]:
    if path.is_dir():
        return sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file())
    with zipfile.ZipFile(path) as archive:
        return sorted(archive.namelist())


def sheet(path: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(path, name).decode("utf-8-sig"))))


def holds(home: Home) -> dict[str, int]:
    """What an import might leave behind."""
    with home.box.store.read() as tx:
        rows = {n: tx.scalar(select(func.count()).select_from(x)) for n, x in t.metadata.tables.items()}
    return rows | {"originals": len(home.originals())}


# There and back


@pytest.mark.parametrize("kind", ["all.zip", "all"])
def test_an_export_comes_back_whole_and_leaves_again_the_same(
    home: Home, tmp_path: Path, kind: str, new: Home
) -> None:
    first, second = tmp_path / kind, tmp_path / f"again-{kind}"
    done = export(home.box, ME, first)
    assert (done.rows["activity"], done.originals, done.missing) == (DAYS, DAYS + 1, [])
    new.clock.at = home.clock.at
    came = bring_back(new.box, ME, first)
    assert (came.rows["activity"], came.originals) == (DAYS, DAYS + 1)
    export(new.box, ME, second)
    assert names(first) == names(second)
    assert tables_of(first) == tables_of(second)
    for name in names(first):
        if name.endswith(".csv") or name.startswith("originals/"):
            assert content(first, name) == content(second, name), name
    assert new.originals() == home.originals()


def test_in_the_new_home_everything_goes_on(home: Home, exported: Path, new: Home) -> None:
    bring_back(new.box, ME, exported)
    assert new.runner().email == "me@example.org"
    assert new.connection().place == str(new.inbox)
    before = [(a.key, a.counted_m, a.title, a.is_race) for a in home.activities()]
    rebuild(new.box, ME)
    assert [(a.key, a.counted_m, a.title, a.is_race) for a in new.activities()] == before
    new.run(NOW - timedelta(days=1), 10)
    new.once()
    assert len(new.activities()) == DAYS + 1
    assert new.alerts("S1")[0].subject.split(":")[0] == str(tables_of(exported)["shoe"][0]["id"])


def test_a_change_is_undone_in_the_new_home_as_in_the_old_one(home: Home, exported: Path, new: Home) -> None:
    """Its numbers are others there: somebody else's copy came in before."""
    other = add_runner(new.box, "another", "UTC")
    bring_back(new.box, ME, exported)
    bring_back(new.box, other, exported)
    here, there = undo(home.box, ME), undo(new.box, other)
    assert len(here.changed) == len(there.changed) == 9
    assert len(here.opened) == 1
    assert (here.totals, here.left, here.opened) == (there.totals, there.left, there.opened)
    states = [
        [(a.rule, a.level, a.state) for a in h.alerts(runner_id=n)] for h, n in ((home, ME), (new, other))
    ]
    assert states[0] == states[1]


def test_a_second_box_mails_nothing_that_the_first_one_did_or_would(
    home: Home, exported: Path, new: Home
) -> None:
    assert home.deliveries()
    bring_back(new.box, ME, exported)
    before = len(new.deliveries())
    new.once()
    assert new.outbox() == []
    assert len(new.deliveries()) == before == len(home.deliveries())
    assert {mail.state for mail in new.deliveries()} <= {"sent", "withdrawn"}


def test_the_same_export_again_is_nothing_new(home: Home, exported: Path, new: Home) -> None:
    assert bring_back(home.box, ME, exported).rows == {}
    bring_back(new.box, ME, exported)
    new.once()
    before = holds(new)
    assert bring_back(new.box, ME, exported).rows == {}
    assert holds(new) == before


def test_a_runner_who_has_something_else_is_told_the_way_out(home: Home, exported: Path, new: Home) -> None:
    pairs.add_shoe(new.box, ME, "Ghost", "daily", pairs.Start(known_m=0))
    before = holds(new)
    with pytest.raises(UsageError, match=r"me has 1 pair already.*midsole runners add NAME"):
        bring_back(new.box, ME, exported)
    assert holds(new) == before
    other = add_runner(new.box, "you", "UTC")
    assert bring_back(new.box, other, exported).runner == "you"
    assert len(new.activities(other)) == DAYS
    assert [c.kind for c in connections(new, other)] == ["former_folder"]


def connections(home: Home, runner_id: int) -> list[sources.Connection]:
    with home.box.store.read() as tx:
        return sources.connections(tx, runner_id)


def test_an_original_that_the_disk_has_lost_is_said_and_the_rest_comes_back(
    home: Home, tmp_path: Path, new: Home
) -> None:
    lost, damaged = home.originals()[:2]
    home.box.originals.remove(lost)
    home.box.originals.path(damaged).write_bytes(b"damaged")
    done = export(home.box, ME, tmp_path / "all.zip")
    assert sorted(done.missing) == sorted([lost, damaged])
    came = bring_back(new.box, ME, tmp_path / "all.zip")
    assert (sorted(came.missing), came.originals) == (sorted([lost, damaged]), DAYS - 1)
    assert len(new.activities()) == DAYS


# What people read


def test_the_sheets_are_for_any_spreadsheet(exported: Path) -> None:
    assert content(exported, "activities.csv").startswith(b"\xef\xbb\xbfactivity,started_at,")
    runs = sheet(exported, "activities.csv")
    assert len(runs) == DAYS
    assert runs[0]["started_at"] == (NOW - timedelta(days=20)).isoformat()
    assert float(runs[0]["distance_m"]) == pytest.approx(5_000, abs=1)
    worn = sheet(exported, "wearings.csv")
    assert {row["activity"] for row in worn} <= {row["activity"] for row in runs}
    assert [row["shoe"] for row in worn] == ["Ghost"] * 9 + ["Pegasus"] * 3
    pair, _ = sheet(exported, "shoes.csv")
    assert (pair["name"], pair["limit_m"], pair["start_m"]) == ("Pegasus", "640000.0", "600000.0")
    assert [row["rule"] for row in sheet(exported, "alerts.csv")].count("S1") >= 1
    assert ["email", "me@example.org"] in [list(row.values()) for row in sheet(exported, "settings.csv")]
    assert len(content(exported, "README.txt").decode().splitlines()) == 4


def test_a_title_never_becomes_a_formula(exported: Path) -> None:
    assert sheet(exported, "activities.csv")[-1]["title"] == "'=HYPERLINK(1)"
    for text in ("=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", " =1", "＝1"):
        assert cell(text) == f"'{text}"
    assert [cell(v) for v in ("a=1", -1, -1.5, None, True, ["a", "b"])] == [
        "a=1",
        "-1",
        "-1.5",
        "",
        "yes",
        "a b",
    ]


def test_only_its_owner_may_read_an_export(home: Home, tmp_path: Path) -> None:
    export(home.box, ME, tmp_path / "all.zip")
    export(home.box, ME, tmp_path / "all")
    assert (tmp_path / "all.zip").stat().st_mode & 0o077 == 0
    assert all(p.stat().st_mode & 0o077 == 0 for p in [tmp_path / "all", *(tmp_path / "all").rglob("*")])


@pytest.mark.parametrize("name", ["all.zip", "all"])
def test_nothing_that_is_there_is_overwritten(home: Home, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    target.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        export(home.box, ME, target)
    assert target.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".midsole-export")] == []


def test_a_large_original_never_lies_in_memory(home: Home, tmp_path: Path, new: Home) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        for _ in range(40):
            file.write(os.urandom(2**20))
    with large.open("rb") as stream:
        sha, size = home.box.originals.keep_stream(stream)
    with home.box.store.write() as tx:
        file_id = sources.take_in(tx, ME, None, sha, "large.bin", size, NOW)
        sources.settle_files(tx, [sources.Settled(file_id or 0, "ignored", None, "large")], 1)
    tracemalloc.start()
    export(home.box, ME, tmp_path / "large.zip")
    bring_back(new.box, ME, tmp_path / "large.zip")
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert new.box.originals.path(sha).stat().st_size == size
    assert peak_bytes < 20 * 2**20


# What is refused


type Forge = Callable[[dict[str, bytes]], None]


def forged(source: Path, target: Path, forge: Forge) -> Path:
    """A copy of an export with other content."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    forge(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return target


def told(members: dict[str, bytes], change: Callable[[dict[str, Any]], Any]) -> None:
    document = json.loads(members["midsole.json"])
    change(document)
    members["midsole.json"] = json.dumps(document).encode()


def an_original(members: dict[str, bytes]) -> str:
    return next(name for name in members if name.startswith("originals/"))


BAD: dict[str, tuple[Forge, str]] = {
    "an original is damaged": (lambda m: m.update({an_original(m): b"other"}), "is damaged"),
    "an original is missing": (lambda m: m.pop(an_original(m)) and None, "originals are missing"),
    "no JSON": (lambda m: m.update({"midsole.json": m["midsole.json"][:-20]}), "can't be read"),
    "JSON too deep": (
        lambda m: m.update({"midsole.json": b'{"midsole": "export", "a": ' + b"[" * 200_000}),
        "can't be read",
    ),
    "no number": (
        lambda m: m.update({"midsole.json": b'{"midsole": "export", "a": NaN}'}),
        "NaN is no number",
    ),
    "a bomb": (
        lambda m: m.update({"midsole.json": b'{"midsole": "export", "a": "' + b" " * 2**25 + b'"}'}),
        "trap",
    ),
    "no tables": (lambda m: told(m, lambda d: d.update(tables=[])), "holds no tables"),
    "a table that is none": (lambda m: told(m, lambda d: d["tables"].update(shoe={})), "is no list"),
    "an unknown table": (lambda m: told(m, lambda d: d["tables"].update(moon=[])), "does not know"),
    "the box's own table": (lambda m: told(m, lambda d: d["tables"].update(slot=[])), "does not know"),
    "no revision": (lambda m: told(m, lambda d: d.update(schema_revision=4)), "of which version"),
    "a newer revision": (lambda m: told(m, lambda d: d.update(schema_revision="9999")), "newer Midsole"),
    "a newer format": (lambda m: told(m, lambda d: d.update(format=2)), "newer Midsole"),
    "a pair from nowhere": (
        lambda m: told(m, lambda d: d["tables"]["wearing"][0].update(shoe_id=99)),
        "names a row of shoe that is not there",
    ),
    "a path out of the folder": (
        lambda m: told(m, lambda d: d["tables"]["raw_file"][0].update(sha256="../../../../etc/passwd")),
        "raw_file.sha256",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_sound_export_is_refused_and_leaves_nothing(
    tmp_path: Path, what: str, exported: Path, new: Home
) -> None:
    forge, said = BAD[what]
    bad = forged(exported, tmp_path / "bad.zip", forge)
    before = holds(new)
    assert is_export(bad)
    with pytest.raises(MidsoleError, match=re.escape(said)):
        bring_back(new.box, ME, bad)
    assert holds(new) == before


def test_too_many_values_are_refused_before_they_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch, exported: Path, new: Home
) -> None:
    monkeypatch.setattr(back, "MOST_VALUES", 100)
    with pytest.raises(MidsoleError, match="larger than any runner's life"):
        bring_back(new.box, ME, exported)


def test_a_zip_that_is_cut_off_or_of_something_else_is_none(tmp_path: Path, exported: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes((exported).read_bytes()[:-100])
    other = forged(exported, tmp_path / "o.zip", lambda m: m.update({"midsole.json": b'{"midsole": 1}'}))
    folder = tmp_path / "folder"
    folder.mkdir()
    assert [is_export(p) for p in (cut, other, folder, tmp_path / "nothing", exported)] == [
        *[False] * 4,
        True,
    ]


def test_an_original_named_twice_or_by_nobody_is_left_alone(
    home: Home, tmp_path: Path, exported: Path, new: Home
) -> None:
    stranger = sha256(b"stranger").hexdigest()
    more = {f"originals/{stranger}": b"stranger", "../../evil": b"x", "originals/../x": b"x"}
    forged(exported, tmp_path / "more.zip", lambda m: m.update(more))
    bring_back(new.box, ME, tmp_path / "more.zip")
    assert stranger not in new.originals()
    assert new.originals() == home.originals()


def test_a_link_in_a_folder_leads_nowhere(home: Home, tmp_path: Path, new: Home) -> None:
    export(home.box, ME, tmp_path / "all")
    first = next((tmp_path / "all" / "originals").iterdir())
    kept = tmp_path / "outside"
    first.rename(kept)
    first.symlink_to(kept)
    with pytest.raises(MidsoleError, match="1 of its 13 originals are missing"):
        bring_back(new.box, ME, tmp_path / "all")


DRIVER = """
import sys
from pathlib import Path
from midsole import app
from midsole.actions.bring_back import bring_back
from midsole.config import Settings

box = app.open_box(settings=Settings(home=Path(sys.argv[1]), settle_s=0))
print("ready", flush=True)
bring_back(box, 1, Path(sys.argv[2]))
box.store.close()
"""


def test_a_killed_import_leaves_nothing_half_and_the_next_one_all(
    templates: Path, exported: Path, new: Home
) -> None:
    for pause_s in (0.0, 0.05):
        command = [sys.executable, "-c", DRIVER, str(new.box.home), str(exported)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(pause_s)
            process.send_signal(signal.SIGKILL)
        assert (len(new.activities()), len(new.files())) in ((0, 0), (DAYS, DAYS + 1))
    bring_back(new.box, ME, exported)
    assert (len(new.activities()), len(new.originals())) == (DAYS, DAYS + 1)


# The commands


def test_the_commands_say_what_they_did(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIDSOLE_HOME", str(home.box.home))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert run(["export", str(tmp_path / "all.zip")]) == 0
    assert "12 activities, 2 pairs," in capsys.readouterr().out
    assert run(["export", str(tmp_path / "all.zip")]) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(["import", str(tmp_path / "all.zip")]) == 0
    assert "Nothing new: me has all of it already." in capsys.readouterr().out
    assert run(["import", str(tmp_path / "all.zip"), str(home.inbox)]) == 2
    assert "import it alone" in capsys.readouterr().err
    new = tmp_path / "elsewhere"
    assert run(["--home", str(new), "import", str(tmp_path / "all.zip")]) == 0
    assert "Brought back for me: 12 activities" in capsys.readouterr().out
    assert run(["--home", str(new), "status"]) == 0
    assert run(["export", str(tmp_path / "no" / "all.zip")]) == 2
