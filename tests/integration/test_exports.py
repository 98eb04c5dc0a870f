"""Exports of Strava and of a Garmin account: lists, files and pairs, in any order, once and again."""

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from home import ME, NOW, Home, a_home, fit
from many import imported, write, zipped
from midsole.actions import activities as said
from midsole.actions import pairs, shoes
from midsole.actions.assigning import assign
from midsole.actions.bring_back import bring_back
from midsole.actions.export import export
from midsole.actions.exports import Heard
from midsole.actions.importing import Imported
from midsole.actions.rebuild import rebuild
from midsole.actions.sync import connect_folder
from midsole.cli.main import run
from midsole.domain.connection import GARMIN
from midsole.store import gear, remote
from midsole.store import shoes as shoes_store
from midsole.store import tables as t

HEADINGS = [
    *("Activity ID", "Activity Date", "Activity Name", "Activity Type", "Activity Description"),
    *("Elapsed Time", "Distance", "Max Heart Rate", "Relative Effort", "Commute", "Activity Private Note"),
    *(
        "Activity Gear",
        "Filename",
        "Athlete Weight",
        "Bike Weight",
        "Elapsed Time",
        "Moving Time",
        "Distance",
    ),
    *(f"Column {n}" for n in range(18, 68)),
    *("Bike", "Gear", *(f"Column {n}" for n in range(70, 95)), "Competition", "x", "y", "Media"),
]
SHOES = "Shoe Name,Shoe Brand,Shoe Model,Shoe Default Sport Types\n"
CORPUS = Path(os.environ.get("MIDSOLE_CORPUS", Path(__file__).parents[3] / "shared/corpus"))
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"{CORPUS} is missing")
UUID = "d340baa3e8d7416789c95740142474d5"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        yield home


def day(n: int) -> datetime:
    return NOW - timedelta(days=n)


def row(number: int, at: datetime, km: float, *, file: str = "", **said: Any) -> list[str]:
    """A line of Strava's list in English; 6 min/km as the files of the tests."""
    cells = [""] * len(HEADINGS)
    cells[0], cells[1] = str(number), f"{at:%b %d, %Y, %I:%M:%S %p}"
    cells[2], cells[3] = said.get("title", "Morning Run"), said.get("sport", "Run")
    cells[5], cells[6] = f"{km * 360:.0f}", f"{km:.2f}"
    cells[11], cells[12] = said.get("gear", ""), file
    cells[15], cells[16], cells[17] = f"{km * 360}", f"{km * 360}", f"{km * 1000}"
    cells[68], cells[69] = said.get("bike", ""), said.get("shoes", "")
    cells[95] = "1.0" if said.get("race") else ""
    return cells


def listed(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode()


def strava(folder: Path, rows: Sequence[Sequence[str]], files: dict[str, bytes], shoes_csv: str = "") -> Path:
    lists = {"activities.csv": listed(*rows), "shoes.csv": (SHOES + shoes_csv).encode()}
    return write(folder, lists | {f"activities/{name}": raw for name, raw in files.items()})


def names(home: Home) -> dict[str, float]:
    """Pair -> metres worn, of all pairs."""
    with home.box.store.read() as tx:
        worn = [w for found in shoes_store.wearings(tx, ME).values() for w in found]
        known = shoes_store.pairs(tx, ME)
    return {s.name: round(sum(w.distance_m for w in worn if w.shoe_id == s.id)) for s in known}


def titles(home: Home) -> list[str | None]:
    return [activity.title for activity in home.activities()]


def heard(done: Imported) -> Heard:
    (one,) = done.heard
    return one


def everything(home: Home) -> dict[str, list[Any]]:
    """What an import leaves behind, but for when."""
    tables = (t.activity, t.recording, t.wearing, t.shoe, t.gear_use, t.remote_activity, t.edit, t.raw_file)
    with home.box.store.read() as tx:
        found = {table.name: [dict(r._mapping) for r in tx.execute(select(table))] for table in tables}
        found["gear"] = [dict(r._mapping) for r in tx.execute(select(t.gear))]
    for rows in found.values():
        for one in rows:
            for name in ("told_at", "read_at", "set_at", "received_at", "next_at", "created_at"):
                one.pop(name, None)
    return found


# Strava


def test_a_strava_export_names_its_runs_and_puts_them_on_their_pairs(tmp_path: Path, home: Home) -> None:
    rows = [
        row(1, day(9), 10, file="activities/1.fit.gz", title="Along the river", gear="Pegasus 41", race=True),
        row(2, day(8), 8, file="activities/2.fit.gz", gear="Pegasus 41"),
        row(3, day(7), 5, title="Forgot the watch", gear="Speedgoat 5"),
    ]
    files = {"1.fit": fit(day(9), 10), "2.fit": fit(day(8), 8)}
    export = strava(
        tmp_path / "in", rows, files, "Pegasus 41,Nike,Pegasus 41,Run\nSpeedgoat 5,Hoka,Speedgoat,\n"
    )

    done = imported(home, export)

    assert titles(home) == ["Along the river", "Morning Run", "Forgot the watch"]
    assert [a.is_race for a in home.activities()] == [True, False, False]
    assert names(home) == {"Pegasus 41": 18_000, "Speedgoat 5": 5_000}
    told = heard(done)
    assert (told.lines, told.matched, told.by_start, told.added) == (3, 2, 0, 1)
    assert (told.pairs.added, told.pairs.linked) == (("Pegasus 41", "Speedgoat 5"), ())
    assert home.deliveries("alert") == [], "history is silent"


def test_the_same_export_again_changes_nothing(tmp_path: Path, home: Home) -> None:
    rows = [
        row(1, day(9), 10, file="activities/1.fit", gear="Pegasus"),
        row(2, day(8), 8),
        row(3, day(7), 30, sport="Ride", gear="Kona", bike="77.0"),
    ]
    export = strava(tmp_path / "in", rows, {"1.fit": fit(day(9), 10)})
    imported(home, export)
    before = everything(home)

    done = imported(home, export)

    assert everything(home) == before
    assert (done.new, done.activities, heard(done).news) == (0, 0, 0)


def test_an_archive_and_its_unpacked_folder_say_the_same(tmp_path: Path, home: Home) -> None:
    rows = [row(1, day(9), 10, file="activities/1.fit.gz", gear="Pegasus", title="Zipped")]
    files = {"activities.csv": listed(*rows), "activities/1.fit": fit(day(9), 10)}
    archive = write(tmp_path / "in", {"export_1.zip": zipped(files)}) / "export_1.zip"

    first = imported(home, archive)
    again = imported(home, write(tmp_path / "unpacked", files))

    assert titles(home) == ["Zipped"]
    assert heard(first).matched == 1
    assert heard(again).news == 0


@pytest.mark.parametrize("list_first", [True, False])
def test_it_ends_the_same_whether_the_list_or_the_files_come_first(
    tmp_path: Path, home: Home, list_first: bool
) -> None:
    rows = [
        row(n, day(20 - n), 5 + n, file=f"activities/{n}.fit", gear="Pegasus", title=f"Run {n}")
        for n in (1, 2, 3)
    ]
    lists = write(tmp_path / "lists", {"activities.csv": listed(*rows)})
    files = write(tmp_path / "files", {f"{n}.fit": fit(day(20 - n), 5 + n) for n in (1, 2, 3)})

    for place in (lists, files) if list_first else (files, lists):
        imported(home, place)

    assert titles(home) == ["Run 1", "Run 2", "Run 3"]
    assert [a.counted_m for a in home.activities()] == [6_000, 7_000, 8_000]
    assert [a.device is None for a in home.activities()] == [False] * 3, "the file leads, not the list's line"
    assert names(home) == {"Pegasus": 21_000}


def test_a_file_of_another_name_is_found_by_its_start_and_size(tmp_path: Path, home: Home) -> None:
    imported(home, write(tmp_path / "watch", {"from-the-watch.fit": fit(day(9), 10)}))
    rows = [row(1, day(9) + timedelta(seconds=20), 10.1, file="activities/1.fit.gz", title="Found")]

    done = imported(home, write(tmp_path / "in", {"activities.csv": listed(*rows)}))

    assert titles(home) == ["Found"]
    assert (heard(done).by_start, heard(done).added) == (1, 0)
    assert home.activities()[0].counted_m == 10_000, "what Strava counts is no correction of the file"


def test_a_file_that_is_named_so_but_of_another_day_is_another_run(tmp_path: Path, home: Home) -> None:
    imported(home, write(tmp_path / "other", {"1.fit": fit(day(90), 10)}))

    imported(
        home, write(tmp_path / "in", {"activities.csv": listed(row(1, day(9), 7, file="activities/1.fit"))})
    )

    assert [round(a.counted_m) for a in home.activities()] == [10_000, 7_000]
    assert home.activities()[0].title is None


def test_a_run_whose_file_is_broken_is_added_from_the_list(tmp_path: Path, home: Home) -> None:
    rows = [row(1, day(9), 10, file="activities/1.fit")]

    done = imported(home, strava(tmp_path / "in", rows, {"1.fit": b"nothing of use" * 20}))

    assert [a.counted_m for a in home.activities()] == [10_000]
    assert (done.bad, heard(done).added) == (1, 1)


def test_what_the_runner_said_stays(tmp_path: Path, home: Home) -> None:
    imported(home, write(tmp_path / "watch", {"1.fit": fit(day(9), 10)}))
    shoes.add_shoe(home.box, ME, "Mine", "daily", shoes.Start())
    one = home.activities()[0].id
    said.edit(home.box, ME, one, title="My own title")
    assign(home.box, ME, [one], ["Mine"])

    imported(home, strava(tmp_path / "in", [row(1, day(9), 10, file="1.fit", gear="Theirs", title="No")], {}))

    assert titles(home) == ["My own title"]
    assert names(home) == {"Mine": 10_000, "Theirs": 0}


def test_a_newer_export_brings_a_new_title_another_pair_and_the_runs_since(
    tmp_path: Path, home: Home
) -> None:
    old = [row(1, day(9), 10, gear="Old pair", title="Before")]
    new = [row(1, day(9), 10, gear="New pair", title="After"), row(2, day(3), 4, gear="New pair")]
    for name, rows in (("new", new), ("old", old)):
        imported(home, strava(tmp_path / name, rows, {}))

    assert titles(home) == ["After", "Morning Run"], "the older export came later, and is still older"
    assert names(home) == {"New pair": 14_000}


def test_a_pair_that_was_renamed_at_strava_is_the_same_pair(tmp_path: Path, home: Home) -> None:
    imported(home, strava(tmp_path / "old", [row(1, day(9), 10, gear="Pegasus", shoes="55.0")], {}))
    new = [row(n, day(10 - n), 10, gear="Pegasus red", shoes="55.0") for n in (1, 2)]

    imported(home, strava(tmp_path / "new", new, {}))

    assert names(home) == {"Pegasus red": 20_000}


def test_a_pair_without_a_number_in_an_older_export_is_the_same_pair(tmp_path: Path, home: Home) -> None:
    imported(home, strava(tmp_path / "old", [row(1, day(9), 10, gear="Pegasus")], {}))

    imported(
        home,
        strava(tmp_path / "new", [row(n, day(10 - n), 10, gear="Pegasus", shoes="55.0") for n in (1, 2)], {}),
    )

    assert names(home) == {"Pegasus": 20_000}


@pytest.mark.parametrize("shoes_csv", [True, False])
@pytest.mark.parametrize("number", ["77.0", ""])
def test_a_renamed_pair_keeps_its_runs_whatever_the_lists_of_shoes_say(
    tmp_path: Path, home: Home, number: str, shoes_csv: bool
) -> None:
    """Both lists of shoes are kept, so the former name is still in one of them."""

    def come(folder: str, name: str, count: int) -> None:
        rows = [row(n, day(20 - n), 10, gear=name, shoes=number) for n in range(count)[1:]]
        imported(home, strava(tmp_path / folder, rows, {}, f"{name},Nike,Pegasus,\n" if shoes_csv else ""))

    come("first", "Blue", 3)
    come("second", "Old blue", 5)
    assert names(home) == {"Old blue": 40_000}

    come("third", "Older blue", 6)
    come("second", "Old blue", 5)
    assert names(home) == {"Older blue": 50_000}


def test_runs_that_were_put_on_another_pair_are_on_that_one_only(tmp_path: Path, home: Home) -> None:
    """Also where no list names the pair that they were on any more."""
    old = [row(1, day(9), 10, gear="Blue"), row(2, day(8), 8, gear="Red")]
    imported(home, write(tmp_path / "old", {"activities.csv": listed(*old)}))

    new = [row(1, day(9), 10, gear="Red"), row(2, day(8), 8, gear="Red"), row(3, day(5), 6)]
    imported(home, write(tmp_path / "new", {"activities.csv": listed(*new)}))

    assert names(home) == {"Blue": 0, "Red": 18_000}


def test_the_same_shoe_bought_again_under_one_name_is_another_pair(tmp_path: Path, home: Home) -> None:
    first = row(1, day(9), 10, gear="Pegasus", shoes="77.0")
    imported(home, strava(tmp_path / "old", [first], {}, "Pegasus,Nike,Pegasus,\n"))

    again = row(2, day(5), 8, gear="Pegasus", shoes="78.0")
    imported(home, strava(tmp_path / "new", [first, again], {}, "Pegasus,Nike,Pegasus,\n"))

    assert names(home) == {"Pegasus": 10_000, "Pegasus (2)": 8_000}


def test_a_pair_called_by_its_make_in_one_export_and_by_its_name_in_the_next_is_one(
    tmp_path: Path, home: Home
) -> None:
    shoes_csv = "Blue,Nike,Pegasus 41,\n"
    imported(home, strava(tmp_path / "old", [row(1, day(9), 10, gear="NIKE  Pegasus 41")], {}, shoes_csv))

    rows = [row(1, day(9), 10, gear="Nike Pegasus 41"), row(2, day(5), 8, gear="blue ")]
    imported(home, strava(tmp_path / "new", rows, {}, shoes_csv))

    assert list(names(home).values()) == [18_000]


def test_two_pairs_of_one_make_stay_two(tmp_path: Path, home: Home) -> None:
    rows = [row(1, day(9), 10, gear="Blue"), row(2, day(5), 8, gear="Red")]

    imported(home, strava(tmp_path / "in", rows, {}, "Blue,Nike,Pegasus,\nRed,Nike,Pegasus,\n"))

    assert names(home) == {"Blue": 10_000, "Red": 8_000}


def test_a_known_pair_is_linked_and_its_start_gives_way_to_the_runs_that_came(
    tmp_path: Path, home: Home
) -> None:
    shoes.add_shoe(home.box, ME, "Nike Pegasus 41", "daily", shoes.Start(known_m=25_000))
    rows = [row(n, day(20 - n), 10, gear="Pegasus 41") for n in (1, 2)]

    for _ in range(2):
        done = imported(home, strava(tmp_path / "in", rows, {}, "Pegasus 41,Nike,Pegasus 41,\n"))

    (pair,) = shoes.known(home.box, ME)
    assert (pair.start_m, names(home)) == (5_000, {"Nike Pegasus 41": 20_000})
    assert heard(done).pairs.linked == ()


def test_a_doubtful_pair_is_only_proposed(tmp_path: Path, home: Home) -> None:
    shoes.add_shoe(home.box, ME, "Pegasus", "daily", shoes.Start())

    done = imported(home, strava(tmp_path / "in", [row(1, day(9), 10, gear="Pegasus 39 blue")], {}))

    assert heard(done).pairs.proposed == ("Pegasus 39 blue",)
    assert [pair.name for pair, _ in pairs.proposals(home.box, ME)] == ["Pegasus 39 blue"]
    pairs.link(home.box, ME, "Pegasus 39 blue", "Pegasus")
    assert names(home) == {"Pegasus": 10_000}


def test_bikes_are_no_shoes(tmp_path: Path, home: Home) -> None:
    rows = [row(1, day(9), 30, sport="Ride", gear="Kona", bike="77.0"), row(2, day(8), 5, gear="Pegasus")]

    done = imported(home, strava(tmp_path / "in", rows, {}))

    assert names(home) == {"Pegasus": 5_000}
    assert heard(done).pairs.bikes == ("Kona",)
    assert pairs.proposals(home.box, ME) == []


def test_an_archive_of_an_earlier_version_gives_its_pairs_at_the_next_rebuild(
    tmp_path: Path, home: Home
) -> None:
    imported(home, write(tmp_path / "in", {"1.fit": fit(day(9), 10)}))
    raw = listed(row(1, day(9), 10, file="activities/1.fit", gear="Pegasus", title="Told"))
    home.drop("activities.csv", raw)
    with home.box.store.write() as tx:
        sha256 = home.box.originals.keep(raw)
        values = {"runner_id": ME, "sha256": sha256, "name": "export.zip/activities.csv", "size": len(raw)}
        state = {"state": "ignored", "reason": "kept, and adds nothing", "decoder_version": 7}
        tx.execute(t.raw_file.insert().values(**values, **state, received_at=NOW, next_at=NOW, attempts=1))

    rebuild(home.box, ME)

    assert titles(home) == ["Told"]
    assert names(home) == {"Pegasus": 10_000}


def test_a_rebuild_after_an_import_changes_nothing(tmp_path: Path, home: Home) -> None:
    rows = [row(1, day(9), 10, file="1.fit", gear="Pegasus"), row(2, day(8), 8, gear="Pegasus")]
    imported(home, strava(tmp_path / "in", rows, {"1.fit": fit(day(9), 10)}))
    before = everything(home)

    rebuild(home.box, ME)

    assert everything(home) == before


def test_an_export_is_no_business_of_the_garmin_account(tmp_path: Path, home: Home) -> None:
    imported(home, strava(tmp_path / "in", [row(1, day(1), 10, gear="Pegasus 39")], {}))
    with home.box.store.write() as tx:
        assert remote.known(tx, ME) == {}
        assert remote.wanted_originals(tx, ME, NOW) == []
        assert remote.without_recording(tx, ME, also_waiting=True) == []
        assert remote.gear_unknown(tx, ME, day(30)) == []
        assert remote.counts(tx, ME)["listed"] == 0
        assert gear.pairs(tx, ME, GARMIN) == []
        assert gear.missing(tx, ME, []) == []
        gear.forget_proposed(tx, ME)
        assert len(gear.pairs(tx, ME)) == 1


def test_the_command_says_what_was_matched(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        row(1, day(9), 10, file="activities/1.fit", gear="Pegasus"),
        row(2, day(8), 8),
        row(3, day(7), 30, sport="Ride", gear="Kona", bike="77.0"),
        ["no number", "", ""],
    ]
    export = strava(tmp_path / "in", rows, {"1.fit": fit(day(9), 10)})

    assert run(["--home", str(home.box.home), "import", str(export)]) == 0

    shown = capsys.readouterr().out
    assert "Strava's list: 3 activities named, 1 of them not on foot; " in shown
    assert "1 matched to files, 2 added without a file." in shown
    assert "Pairs: 1 added." in shown
    assert "bikes are no shoes: Kona" in shown
    assert "line 5: it does not begin with the number of an activity" in shown
    assert run(["--home", str(home.box.home), "import", str(export)]) == 0
    assert "Nothing new." in capsys.readouterr().out


def test_the_command_tells_of_runs_that_only_a_list_has(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row(1, day(9), 10), row(2, day(8), 8, sport="Parcours")]
    export = write(tmp_path / "in", {"activities.csv": listed(*rows)})

    assert run(["--home", str(home.box.home), "import", str(export)]) == 0

    shown = capsys.readouterr().out
    assert "2 activities named; 2 added without a file." in shown, "a kind that nobody knows may be on foot"
    assert "2 new activities. 1 file in" in shown


def test_a_list_that_can_not_be_read_is_said(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    nonsense = b"Activity ID,Activity Date,a,b,c,d,e,f,g,h\n1234567,1,2,3,4,5,6,7,8,9\n"
    export = write(tmp_path / "in", {"activities.csv": nonsense})

    run(["--home", str(home.box.home), "import", str(export)])

    assert "activities.csv: The list is none of Strava's that Midsole knows" in capsys.readouterr().out


def test_of_an_unpacked_export_its_other_tables_are_passed_over(tmp_path: Path, home: Home) -> None:
    export = strava(
        tmp_path / "in", [row(1, day(9), 10, file="activities/1.fit")], {"1.fit": fit(day(9), 10)}
    )
    write(export, {"profile.csv": b"Athlete ID,Name\n1,Me\n", "messaging.json": b"[]", "logins.csv": b"a\n"})

    done = imported(home, export)

    assert (done.new, done.ignored, done.bad, done.refused) == (1, 2, 0, [])


def test_an_export_in_a_watched_folder_tells_as_much(home: Home) -> None:
    connect_folder(home.box, ME, home.inbox)
    files = {
        "activities.csv": listed(row(1, day(9), 10, file="activities/1.fit.gz", gear="Pegasus", title="Told"))
    }
    home.drop("export_1.zip", zipped(files | {"activities/1.fit": fit(day(9), 10)}))

    home.once()

    assert titles(home) == ["Told"]
    assert names(home) == {"Pegasus": 10_000}
    assert home.runner().catching_up is None
    assert home.deliveries("alert") == []


@needs_corpus
def test_the_real_list_names_its_file_and_the_watch_s_original_of_the_same_run(
    tmp_path: Path, home: Home
) -> None:
    export = CORPUS / "strava_export"
    packed = {
        "activities.csv": (export / "activities.csv").read_bytes(),
        "shoes.csv": (export / "shoes.csv").read_bytes(),
        "activities/12866632127.fit.gz": (export / "activities" / "12866632127.fit.gz").read_bytes(),
    }
    archive = write(tmp_path, {"export_1.zip": zipped(packed)}) / "export_1.zip"

    done = imported(home, archive)
    imported(home, CORPUS / "fit" / "geoplay__2022-05-29-15-53-35_Laufen_Landal_Park.fit")

    assert heard(done).matched == 1
    assert titles(home) == ["Laufen Landal Park"]
    assert home.activities()[0].counted_m == pytest.approx(3_322.95, abs=1)


@needs_corpus
def test_eleven_real_years_come_in_from_the_list_alone(tmp_path: Path, home: Home) -> None:
    raw = (CORPUS / "strava_export" / "joboso__activities_2014-2025.csv").read_bytes()

    done = imported(home, write(tmp_path / "in", {"activities.csv": raw}))

    told = heard(done)
    assert (told.lines, told.added, told.refused, done.activities) == (1_845, 1_845, (), 1_845)
    assert sorted(told.pairs.bikes) == ["CAAD8", "Kona Rove ST"]
    assert sum(a.is_run for a in home.activities()) == 643


def test_midsole_s_own_export_is_nothing_new_after_the_lists_were_read_again(
    tmp_path: Path, home: Home
) -> None:
    imported(home, strava(tmp_path / "in", [row(1, day(9), 10, gear="Blue")], {}))
    export(home.box, ME, tmp_path / "me.zip")
    home.clock.on(hours=3)

    rebuild(home.box, ME)

    assert bring_back(home.box, ME, tmp_path / "me.zip").rows == {}


# Garmin's account export


def garmin_export(
    activities: Sequence[dict[str, Any]], gears: Sequence[dict[str, Any]] = (), **uses: list[int]
) -> dict[str, bytes]:
    links = {
        number[1:]: [{"activityId": n, "gearPk": int(number[1:])} for n in ids]
        for number, ids in uses.items()
    }
    folder = "DI_CONNECT/DI-Connect-Fitness/me@example.org"
    return {
        f"{folder}_0_summarizedActivities.json": json.dumps(
            [{"summarizedActivitiesExport": list(activities)}]
        ).encode(),
        f"{folder}_gear.json": json.dumps([{"gearDTOS": list(gears), "gearActivityDTOs": links}]).encode(),
    }


def summary(number: int, at: datetime, km: float, **more: Any) -> dict[str, Any]:
    ms = at.timestamp() * 1000
    told = {
        "activityId": number,
        "name": "Berlin Running",
        "activityType": "running",
        "distance": km * 100_000,
    }
    times = {"beginTimestamp": ms, "startTimeGmt": ms, "startTimeLocal": ms, "duration": km * 360_000}
    return told | times | more


def gear_row(number: int = 7, **more: Any) -> dict[str, Any]:
    row = {"gearPk": number, "uuid": UUID, "gearTypeName": "Shoes", "gearStatusName": "active"}
    return row | {"customMakeModel": "Brooks Adrenaline GTS 21", "maximumMeters": 608000.0} | more


def test_a_garmin_export_brings_runs_titles_and_pairs(tmp_path: Path, home: Home) -> None:
    lists = garmin_export(
        [
            summary(101, day(9), 10, name="Tiergarten", workoutRpe=60),
            summary(102, day(8), 5, manualActivity=True),
        ],
        [gear_row(), gear_row(8, uuid="9" * 32, gearTypeName="Bikes", customMakeModel="Cube")],
        _7=[101, 102],
    )
    fits = zipped({"me@example.org_555.fit": fit(day(9), 10)})
    export = lists | {"DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip": fits}
    archive = write(tmp_path / "in", {"garmin.zip": zipped(export)}) / "garmin.zip"

    done = imported(home, archive)

    assert titles(home) == ["Tiergarten", "Berlin Running"]
    assert [a.rpe for a in home.activities()] == [6.0, None]
    assert names(home) == {"Brooks Adrenaline GTS 21": 15_000}
    assert shoes.known(home.box, ME)[0].limit_m == 608_000
    assert (heard(done).matched, heard(done).added) == (1, 1)
    before = everything(home)
    imported(home, archive)
    assert everything(home) == before


def test_an_older_garmin_export_that_comes_later_takes_no_run_off_its_pair(
    tmp_path: Path, home: Home
) -> None:
    runs = [summary(100 + n, day(9 - n), 10) for n in range(3)]
    other = gear_row(8, uuid="9" * 32, customMakeModel="Nike Pegasus")
    newer = garmin_export(runs, [gear_row(), other], _7=[100, 102], _8=[101])
    older = garmin_export(runs[:2], [gear_row(), other], _7=[100, 101])
    imported(home, write(tmp_path / "newer", newer))

    imported(home, write(tmp_path / "older", older))

    assert names(home) == {"Brooks Adrenaline GTS 21": 20_000, "Nike Pegasus": 10_000}


def test_a_pair_that_was_deleted_at_garmin_keeps_only_what_no_other_has_now(
    tmp_path: Path, home: Home
) -> None:
    runs = [summary(100 + n, day(9 - n), 10) for n in range(3)]
    imported(home, write(tmp_path / "older", garmin_export(runs[:2], [gear_row()], _7=[100, 101])))

    other = gear_row(8, uuid="9" * 32, customMakeModel="Nike Pegasus")
    imported(home, write(tmp_path / "newer", garmin_export(runs, [other], _8=[101, 102])))

    assert names(home) == {"Brooks Adrenaline GTS 21": 10_000, "Nike Pegasus": 20_000}


def test_the_word_of_the_live_account_stands_over_that_of_its_export(tmp_path: Path, home: Home) -> None:
    line = {"external_id": "101", "listed": "{}", "digest": "d" * 64, "started_at": day(9), "has_file": True}
    with home.box.store.write() as tx:
        remote.tell(tx, ME, [line | {"told": {"title": "Live"}}])
        told = {"external_id": UUID, "name": "Live name", "told": "{}"}
        gear.tell(tx, ME, [told], NOW)

    done = imported(
        home, write(tmp_path / "in", garmin_export([summary(101, day(9), 10)], [gear_row()], _7=[101]))
    )

    with home.box.store.read() as tx:
        assert remote.origins(tx, ME) == {"101": "garmin"}
        assert [pair.name for pair in gear.pairs(tx, ME)] == ["Live name"]
    assert heard(done).told_by_account == 1


def test_the_live_account_takes_over_what_its_export_told(tmp_path: Path, home: Home) -> None:
    imported(home, write(tmp_path / "in", garmin_export([summary(101, day(9), 10)], [gear_row()], _7=[101])))
    line = {
        "external_id": "101",
        "listed": '{"x":1}',
        "digest": "e" * 64,
        "started_at": day(9),
        "has_file": True,
    }
    with home.box.store.write() as tx:
        remote.tell(tx, ME, [line | {"told": {"title": "Live"}}])
        gear.tell(tx, ME, [{"external_id": UUID, "name": "Live name", "told": "{}"}], NOW)

    done = imported(
        home, write(tmp_path / "again", garmin_export([summary(101, day(9), 10)], [gear_row()], _7=[101]))
    )

    with home.box.store.read() as tx:
        assert remote.origins(tx, ME) == {"101": "garmin"}
        assert [(p.name, p.origin, p.state) for p in gear.pairs(tx, ME)] == [
            ("Live name", "garmin", "linked")
        ]
    assert heard(done).news == 0
    assert len(home.activities()) == 1


def test_one_run_in_both_exports_is_one_run_on_one_pair(tmp_path: Path, home: Home) -> None:
    imported(home, write(tmp_path / "g", garmin_export([summary(101, day(9), 10)], [gear_row()], _7=[101])))

    imported(
        home, strava(tmp_path / "s", [row(1, day(9), 10, gear="Brooks Adrenaline GTS 21", title="Mine")], {})
    )

    assert len(home.activities()) == 1
    assert names(home) == {"Brooks Adrenaline GTS 21": 10_000}


def test_what_two_accounts_tell_of_the_same_runs_is_taken_off_the_start_once(
    tmp_path: Path, home: Home
) -> None:
    shoes.add_shoe(home.box, ME, "Brooks Adrenaline GTS 21", "daily", shoes.Start(known_m=25_000))

    imported(home, write(tmp_path / "g", garmin_export([summary(101, day(9), 10)], [gear_row()], _7=[101])))
    imported(home, strava(tmp_path / "s", [row(1, day(9), 10, gear="Brooks Adrenaline GTS 21")], {}))

    assert [pair.start_m for pair in shoes.known(home.box, ME)] == [15_000]
    assert names(home) == {"Brooks Adrenaline GTS 21": 10_000}
