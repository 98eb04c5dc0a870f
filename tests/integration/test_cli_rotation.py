"""`midsole shoes rotation` and `midsole shoes life`, as a person and as a script meet them."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from midsole.actions import activities, setup
from midsole.actions import shoes as pairs
from midsole.actions.box import Box
from midsole.app import open_box
from midsole.cli.main import run
from midsole.config import Settings
from midsole.domain.wearing import RUNNER, whole
from midsole.store import shoes as shoes_store

NOW = datetime.now(UTC)
OFFERED = 'midsole shoes edit "Pegasus 41 #3" --limit 712km'


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MIDSOLE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@contextmanager
def opened(home: Path) -> Iterator[Box]:
    found = open_box(settings=Settings(home=home, settle_s=0.0))
    try:
        yield found
    finally:
        found.store.close()


@pytest.fixture
def box(home):
    with opened(home) as found:
        yield found


def day(days_ago: int):
    return (NOW - timedelta(days=days_ago)).date()


def add_pair(box: Box, name: str, km: float = 0, **details):
    pairs.add_shoe(box, 1, name, "daily", pairs.Start(known_m=1000 * km), **details)


def retired(box: Box, name: str, km: float, days_ago: int, reason: str | None = None, **details):
    add_pair(box, name, km, **details)
    pairs.retire(box, 1, name, day(days_ago), reason)


def add_run(box: Box, days_ago: int, km: float):
    """In the default pair of that moment."""
    at = NOW.replace(hour=0, minute=1, second=0, microsecond=0) - timedelta(days=days_ago)
    values = {"sport": "running", "surface": "road", "distance_m": km * 1000, "timer_s": km * 360}
    return activities.add(box, 1, started_at=at, **values).id


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "home"
    with opened(folder) as box:
        _fill(box)
    return folder


@pytest.fixture
def filled(built, home):
    shutil.copytree(built, home)
    with opened(home) as found:
        yield found


def _fill(box: Box) -> None:
    """Eight weeks by turns in two pairs that run out together, after three of one model that were retired."""
    add_pair(box, "Ghost", 640 - 12 * 10 - 100, first_used_on=day(60))
    retired(box, "Pegasus 41 #1", 700, 300, price=140.0)
    retired(box, "Pegasus 41 #2", 724, 200, "worn")
    retired(box, "Pegasus 41 lost", 90, 100, "lost")
    add_pair(box, "Pegasus 41 #3", 640 - 12 * 10 - 110, first_used_on=day(60), price=120.0)
    ids = {"Ghost": [], "Pegasus 41 #3": []}
    for n in range(24):
        ids["Ghost" if n % 2 else "Pegasus 41 #3"].append(add_run(box, 47 - 2 * n, 10))
    _wear(box, ids)


def _wear(box: Box, ids):
    with box.store.write() as tx:
        numbers = {pair.name: pair.id for pair in shoes_store.pairs(tx, 1)}
        found = {i: whole(numbers[name], RUNNER) for name, some in ids.items() for i in some}
        shoes_store.wear_all(tx, 1, found, NOW)


def told(capfd, *arguments: str, code: int = 0) -> str:
    capfd.readouterr()
    assert run(["shoes", *arguments]) == code
    said = capfd.readouterr()
    return said.err if code == 2 else said.out


def read(capfd, *arguments: str):
    return json.loads(told(capfd, *arguments, "--json"))


def test_without_a_pair_both_say_how_to_add_one(box, capfd):
    assert "midsole shoes add" in told(capfd, "rotation")
    assert "midsole shoes add" in told(capfd, "life")
    assert read(capfd, "life") == []
    found = read(capfd, "rotation")
    assert (found["pairs"], found["total_m"], found["without_pair_share"]) == ([], 0, None)


def test_the_rotation_says_share_rest_and_runs_in_a_row(filled, capfd):
    found = read(capfd, "rotation")
    assert [(p["name"], p["share"], p["runs"]) for p in found["pairs"]] == [
        ("Ghost", 0.5, 12),
        ("Pegasus 41 #3", 0.5, 12),
    ]
    first = found["pairs"][0]
    assert (first["rest_days_median"], first["days_since_worn"]) == (3, 1)
    assert (first["runs_in_a_row"], first["longest_in_a_row"]) == (1, 1)
    said = told(capfd, "rotation")
    assert "50 %" in said
    assert "3 days" in said
    assert "yesterday" in said


def test_runs_in_no_pair_are_counted_apart(filled, capfd):
    number = add_run(filled, 0, 20)
    with filled.store.write() as tx:
        shoes_store.wear_all(tx, 1, {number: None}, NOW)
    found = read(capfd, "rotation")
    assert (found["without_pair_m"], found["total_m"]) == (20_000, 260_000)
    assert sum(p["share"] for p in found["pairs"]) + found["without_pair_share"] == pytest.approx(1, abs=1e-3)
    assert "8 % (20.0 km) was run barefoot, or nobody knows in which pair" in told(capfd, "rotation")


def test_two_pairs_that_run_out_in_one_fortnight_are_named(filled, capfd):
    (both,) = read(capfd, "rotation")["run_out_together"]
    assert both["names"] == ["Ghost", "Pegasus 41 #3"]
    said = told(capfd, "rotation")
    assert "The Ghost and the Pegasus 41 #3 will be worn out in the same fortnight" in said


def test_the_life_of_past_pairs_stands_beside_the_limits_and_is_offered_as_a_command(filled, capfd):
    (found,) = read(capfd, "life", "Pegasus 41 #3")
    assert [(p["shoe"], p["distance_m"]) for p in found["own_life"]] == [
        ("Pegasus 41 #2", 724_000),
        ("Pegasus 41 #1", 700_000),
    ]
    assert (found["own_life_m"], found["own_life_limit_m"]) == (712_000, 712_000)
    assert (found["limit_m"], found["kind_limit_m"]) == (640_000, 640_000)
    assert found["own_life"][1]["cost_per_km"] == 0.2
    assert found["command"] == OFFERED
    said = told(capfd, "life")
    assert OFFERED in said
    assert "your last 2 pairs of this model lasted Pegasus 41 #2 724 km, Pegasus 41 #1 700 km" in said


def test_a_part_of_a_name_shows_all_pairs_of_a_model(filled, capfd):
    rows = read(capfd, "life", "pegasus")
    assert [row["name"] for row in rows] == [
        "Pegasus 41 #1",
        "Pegasus 41 #2",
        "Pegasus 41 lost",
        "Pegasus 41 #3",
    ]
    assert {row["own_life_m"] for row in rows} == {712_000, None}
    assert told(capfd, "life", "pegasus").count("your last 2 pairs of this model") == 1
    assert "Your last 2 pairs of this model" in told(capfd, "life", "Pegasus 41 #1")


def test_the_offered_command_does_what_it_says_and_is_then_offered_no_more(filled, capfd):
    told(capfd, "edit", "Pegasus 41 #3", "--limit", "712km")
    (found,) = read(capfd, "life", "Pegasus 41 #3")
    assert (found["limit_m"], found["own_life_limit_m"], found["command"]) == (712_000, None, None)


def test_in_miles_the_offer_is_in_whole_miles(filled, capfd):
    setup.edit_runner(filled, 1, units="mi")
    (found,) = read(capfd, "life", "Pegasus 41 #3")
    assert found["command"].endswith("--limit 442mi")


def test_the_list_of_pairs_carries_rest_life_and_what_runs_out_with_it(filled, capfd):
    rows = {row["name"]: row for row in read(capfd)}
    third, ghost = rows["Pegasus 41 #3"], rows["Ghost"]
    assert (third["rest_days_median"], third["runs_out_with"]) == (3, ["Ghost"])
    assert third["own_life"] == [
        {"shoe": "Pegasus 41 #2", "distance_m": 724_000},
        {"shoe": "Pegasus 41 #1", "distance_m": 700_000},
    ]
    assert third["own_life_limit_m"] == 712_000
    assert (ghost["own_life"], ghost["own_life_limit_m"]) == (None, None)


def test_an_unknown_pair_is_refused_with_the_known_ones(filled, capfd):
    assert "Known: Ghost" in told(capfd, "life", "Boston", code=2)


def test_what_nobody_can_say_yet_has_a_reason(home, capfd):
    with opened(home) as box:
        pairs.add_shoe(box, 1, "Ghost", "daily", pairs.Start(unknown=True))
    (row,) = read(capfd, "rotation")["pairs"]
    assert row["share"] is row["rest_days_median"] is row["runs_out_on"] is None
    assert "share: no run in these weeks" in row["missing"]
    assert any(re.match("runs_out_on: .", why) for why in row["missing"])
    (row,) = read(capfd, "life")
    assert "distance_m: the distance before Midsole is unknown" in row["missing"]
    assert "own_life: fewer than two pairs of this model were worn out" in row["missing"]
