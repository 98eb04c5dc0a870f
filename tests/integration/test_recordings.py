"""Showing, parting and joining what an activity is made of, by the command line and through a rebuild."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from home import Clock, Home, a_home, fit
from midsole.actions import rebuild, setup, shoes
from midsole.cli.main import run

START = datetime(2026, 11, 10, 7, tzinfo=UTC)

TCX = """<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>
<Activity Sport="Running"><Id>{start}</Id><Lap StartTime="{start}"><TotalTimeSeconds>3600</TotalTimeSeconds>
<DistanceMeters>10000</DistanceMeters><Track>
<Trackpoint><Time>{start}</Time><DistanceMeters>0</DistanceMeters></Trackpoint>
<Trackpoint><Time>{end}</Time><DistanceMeters>10000</DistanceMeters></Trackpoint>
</Track></Lap></Activity></Activities></TrainingCenterDatabase>
"""

type Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("MIDSOLE_SETTLE_S", "0")
    monkeypatch.setenv("COLUMNS", "250")
    with a_home(tmp_path, Clock()) as opened:
        yield opened


@pytest.fixture
def cli(home: Home, capsys: pytest.CaptureFixture[str]) -> Cli:
    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--home", str(home.box.home), *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def twice(home: Home) -> int:
    """One run in two files: the watch's, and one that begins 20 s later and claims 10.3 km."""
    home.run(START, 10, "watch.fit")
    home.run(START + timedelta(seconds=20), 10.3, "app.fit")
    home.once()
    (activity,) = home.activities()
    return activity.id


def shown(cli: Cli, activity_id: int) -> list[dict[str, Any]]:
    code, out, err = cli("activities", "show", activity_id, "--json")
    assert code == 0, err
    return list(json.loads(out)["recordings"])


def counted(home: Home) -> dict[int, int]:
    return {a.id: round(a.counted_m) for a in home.activities()}


def test_show_names_the_recordings_and_which_one_leads(cli: Cli, twice: int) -> None:
    found = shown(cli, twice)
    assert [one["file"] for one in found] == ["watch.fit", "app.fit"]
    assert [one["format"] for one in found] == ["fit", "fit"]
    assert sum(one["leads"] for one in found) == 1
    code, out, _ = cli("activities", "show", twice)
    assert code == 0
    assert "watch.fit" in out
    assert f"midsole activities split {twice}" in out


def test_split_makes_two_runs_with_their_pairs_and_merge_takes_it_back(
    home: Home, cli: Cli, twice: int
) -> None:
    cli("shoes", "add", "Pegasus")
    code, out, err = cli("activities", "split", twice)
    assert code == 0, err
    assert f"Activity {twice} is 2 activities now" in out
    assert sorted(counted(home).values()) == [10_000, 10_300]
    new = max(counted(home))
    with home.box.store.read() as tx:
        assert {w.shoe_name for w in shoes.shoes.wearings(tx, 1)[new]} == {"Pegasus"}
    code, out, err = cli("activities", "merge", new, twice)
    assert code == 0, err
    assert list(counted(home)) == [twice]
    assert "takes that back" in out


@pytest.mark.parametrize("excluded", [0, 1])
def test_a_run_of_which_one_copy_was_excluded_still_counts_once_when_both_are_merged(
    home: Home, cli: Cli, twice: int, excluded: int
) -> None:
    cli("activities", "split", twice)
    both = sorted(counted(home))
    cli("activities", "exclude", both[excluded])
    assert cli("activities", "merge", *both)[0] == 0
    assert counted(home)[twice] > 0
    rebuild_all(home)
    assert counted(home)[twice] > 0


def test_a_run_of_which_both_copies_were_excluded_stays_excluded(home: Home, cli: Cli, twice: int) -> None:
    cli("activities", "split", twice)
    both = sorted(counted(home))
    cli("activities", "exclude", both[0])
    cli("activities", "exclude", both[1])
    cli("activities", "merge", *both)
    assert counted(home) == {twice: 0}


def test_the_way_back_that_merge_names_is_the_way_back(home: Home, cli: Cli, twice: int) -> None:
    home.run(START + timedelta(hours=5), 4, "evening.fit")
    home.once()
    before = counted(home)
    other = max(before)
    _, out, _ = cli("activities", "merge", twice, other, "--anyway")
    assert list(counted(home)) == [twice]
    words = out.split("`midsole ")[1].split("`")[0].split()
    assert cli(*words)[0] == 0
    assert sorted(counted(home).values()) == sorted(before.values())
    assert len(shown(cli, twice)) == 2


def test_the_runners_word_outlives_a_rebuild(home: Home, cli: Cli, twice: int) -> None:
    home.run(START + timedelta(hours=5), 4, "evening.fit")
    home.run(START + timedelta(hours=7), 4, "night.fit")
    home.once()
    evening, night = sorted(counted(home))[-2:]
    assert cli("activities", "split", twice)[0] == 0
    assert cli("activities", "merge", evening, night, "--anyway")[0] == 0
    before = counted(home)
    assert len(before) == 3
    rebuild_all(home)
    assert counted(home) == before


def rebuild_all(home: Home) -> None:
    rebuild.rebuild(home.box, 1)


def test_the_recording_that_the_runner_chose_leads(home: Home, cli: Cli, twice: int) -> None:
    for one in shown(cli, twice):
        code, _, err = cli("activities", "edit", twice, "--lead", one["id"])
        assert code == 0, err
        assert counted(home) == {twice: round(one["distance_m"])}
        assert next(r["file"] for r in shown(cli, twice) if r["leads"]) == one["file"]


def test_two_runs_of_one_device_are_merged_only_on_purpose(home: Home, cli: Cli) -> None:
    for name, hours in (("morning.fit", 0), ("evening.fit", 10)):
        home.drop(name, fit(START + timedelta(hours=hours), 5))
    home.once()
    one, other = sorted(counted(home))
    code, _, err = cli("activities", "merge", one, other)
    assert code == 2
    assert "one after the other" in err
    assert "--anyway" in err
    assert len(counted(home)) == 2
    assert cli("activities", "merge", one, other, "--anyway")[0] == 0
    assert counted(home) == {one: 5_000}


def test_a_slip_of_the_finger_does_not_merge_the_runs_of_two_years(home: Home, cli: Cli) -> None:
    home.drop("a.fit", fit(START, 5))
    home.drop("b.tcx", TCX.format(start="2025-11-10T07:00:00Z", end="2025-11-10T08:00:00Z").encode())
    home.once()
    code, _, err = cli("activities", "merge", *counted(home))
    assert code == 2
    assert "365 days apart" in err
    assert len(counted(home)) == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("split", 99), "no activity 99"),
        (("split", 1, 77), "Recording 77 is not part of activity 1"),
        (("split", 1, 1, 2), "One recording must stay"),
        (("merge", 1), "two activities"),
        (("merge", 1, 99), "no activity 99"),
        (("show", 99), "no activity 99"),
        (("edit", 1, "--lead", 77), "Recording 77 is not part of activity 1"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(cli: Cli, twice: int, words: tuple[Any, ...], why: str) -> None:
    assert twice == 1
    code, out, err = cli("activities", *words)
    assert (code, out) == (2, "")
    assert why in err


def test_a_single_recording_has_nothing_to_take_out(home: Home, cli: Cli) -> None:
    home.run(START, 10)
    home.once()
    code, _, err = cli("activities", "split", 1)
    assert code == 2
    assert "nothing to take out" in err


def test_another_runners_activities_are_out_of_reach(home: Home, cli: Cli, twice: int) -> None:
    setup.add_runner(home.box, "Ana", "UTC")
    for words in (("show", twice), ("split", twice), ("merge", twice, twice + 1)):
        code, _, err = cli("activities", *words, "--runner", "Ana")
        assert code == 2
        assert "There is no activity" in err


def test_a_copy_in_another_format_whose_clock_is_two_hours_off_counts_once(home: Home) -> None:
    late = START + timedelta(hours=2, seconds=1)
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    home.run(START, 10, "watch.fit")
    tcx = TCX.format(start=late.strftime(stamp), end=(late + timedelta(hours=1)).strftime(stamp))
    home.drop("site.tcx", tcx.encode())
    home.once()
    (activity,) = home.activities()
    assert (activity.started_at, round(activity.counted_m)) == (START, 10_000)
    home.run(late + timedelta(hours=3), 10, "later.fit")
    home.once()
    assert len(home.activities()) == 2


def test_the_number_and_the_runners_words_stay_with_what_stays_whatever_came_first(
    home: Home, cli: Cli
) -> None:
    whole = fit(START, 10)
    home.drop("cut.fit", whole[: len(whole) * 2 // 3])
    home.once()
    home.drop("whole.fit", whole)
    home.once()
    (activity,) = home.activities()
    assert cli("activities", "edit", activity.id, "--title", "Kept")[0] == 0
    assert cli("activities", "split", activity.id)[0] == 0
    titles = {a.id: (a.title, a.distance_m) for a in home.activities()}
    assert titles[activity.id] == ("Kept", 10_000)
    assert len(titles) == 2


def test_times_that_the_runner_corrects_lie_over_all_and_survive_a_rebuild(home: Home, cli: Cli) -> None:
    home.run(datetime(1990, 7, 9, 7, tzinfo=UTC), 10)
    home.once()
    (unset,) = home.activities()
    assert (unset.counted_m, unset.flags) == (0, ("date",))
    edited = ("activities", "edit", unset.id, "--on", "2026-11-12 07:30", "--time", "55:00")
    code, _, err = cli(*edited)
    assert code == 0, err
    assert cli("rebuild")[0] == 0
    (run_,) = home.activities()
    assert (run_.counted_m, run_.flags) == (10_000, ())
    assert run_.started_at == datetime(2026, 11, 12, 7, 30, tzinfo=UTC)
    assert (run_.local_date, run_.timer_s, run_.moving_s, run_.elapsed_s) == (
        datetime(2026, 11, 12, tzinfo=UTC).date(),
        *(3300, 3300, 3300),
    )
    assert cli("activities", "edit", unset.id, "--time", "0:00")[0] == 2
    assert cli("activities", "edit", unset.id, "--on", "2031-01-01 07:00")[0] == 2
