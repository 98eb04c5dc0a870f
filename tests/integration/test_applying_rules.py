"""Rules in a whole home: what they dress, what they leave alone, and how they are tried out and applied."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from home import ME, NOW, Home, a_home, fit
from midsole.actions import activities as edits
from midsole.actions import assigning, changes, shoe_rules, shoes
from midsole.actions.shoe_rules import Past
from midsole.actions.shoes import Start
from midsole.cli.main import run as midsole
from midsole.domain.errors import UsageError
from midsole.domain.shoe_rules import Circle, Conditions
from midsole.store import shoes as stored
from midsole.store import tables as t

type Cli = Callable[..., tuple[int, str, str]]

ALL = Past()
LONG = Conditions(sports=("running",), min_distance_m=15_000)
RUNS = Conditions(sports=("running",))
KMS = {1: 10, 3: 16, 5: 8, 7: 20}
"""Day of November -> km of its run."""
LAST_MONTH = date(2026, 11, 1)


def on(day: int, hour: int = 7) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four runs on the Pegasus, which is the default; a Speedgoat that nobody wore yet."""
    folder = tmp_path_factory.mktemp("filled")
    with a_home(folder) as home:
        add_pairs(home)
        for day, km in KMS.items():
            home.run(on(day), km)
        home.once()
    return folder


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Iterator[Home]:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    with a_home(tmp_path) as opened:
        with opened.box.store.write() as tx:
            tx.execute(t.connection.update().values(place=str(opened.inbox)))
        yield opened


def add_pairs(home: Home) -> None:
    for name in ("Pegasus", "Speedgoat"):
        shoes.add_shoe(home.box, ME, name, "daily", Start(), first_used_on=date(2026, 10, 1))


def worn(home: Home) -> dict[int, tuple[str, str]]:
    """Day of November -> the pair and who said so."""
    with home.box.store.read() as tx:
        known = stored.wearings(tx, ME)
    return {
        a.local_date.day: (str(known[a.id][0].shoe_name), known[a.id][0].set_by)
        for a in home.activities()
        if a.id in known
    }


def id_of(home: Home, day: int) -> int:
    return next(a.id for a in home.activities() if a.local_date.day == day)


def every_row(home: Home) -> dict[str, list[Any]]:
    with home.box.store.read() as tx:
        return {table.name: sorted(map(str, tx.execute(select(table)))) for table in t.metadata.sorted_tables}


def add(home: Home, name: str = "Speedgoat", asked: Conditions = LONG, begins: date | None = None) -> int:
    return shoe_rules.add(home.box, ME, name, asked, begins).place


BY_DEFAULT, BY_RULE = ("Pegasus", "default"), ("Speedgoat", "rule")
AT_FIRST = {1: BY_DEFAULT, 3: BY_DEFAULT, 5: BY_DEFAULT, 7: BY_DEFAULT}


def test_a_new_rule_leaves_the_past_alone_and_dresses_what_comes(home: Home) -> None:
    add(home)
    home.run(NOW - timedelta(hours=4), 17)
    home.run(NOW - timedelta(hours=9), 5)
    home.run(on(12), 18)
    home.once()
    days = worn(home)
    assert {day: days[day] for day in AT_FIRST} == AT_FIRST
    assert days[12] == BY_DEFAULT
    with home.box.store.read() as tx:
        today = [
            stored.wearings(tx, ME)[a.id][0].shoe_name for a in home.activities() if a.local_date.day == 18
        ]
    assert today == ["Pegasus", "Speedgoat"]


def test_a_rule_with_an_earlier_day_dresses_what_arrives_late(home: Home) -> None:
    add(home, begins=LAST_MONTH)
    home.run(on(12), 18)
    home.once()
    assert worn(home) == AT_FIRST | {12: BY_RULE}


def test_trying_out_tells_everything_and_changes_nothing(home: Home) -> None:
    add(home)
    before = every_row(home)
    effects = shoe_rules.apply(home.box, ME, ALL, preview=True)
    assert every_row(home) == before
    assert [(c.activity.local_date.day, c.before, c.after) for c in effects.changed] == [
        (3, (("Pegasus", 16_000.0),), (("Speedgoat", 16_000.0),)),
        (7, (("Pegasus", 20_000.0),), (("Speedgoat", 20_000.0),)),
    ]
    assert {(c.before_by, c.after_by) for c in effects.changed} == {("default", "rule")}
    assert effects.totals == (("Pegasus", 54_000.0, 18_000.0), ("Speedgoat", 0.0, 36_000.0))
    assert shoe_rules.reach(home.box, ME, ALL) == 2


def test_applying_dresses_the_past_whatever_the_first_day_and_undo_takes_it_back(home: Home) -> None:
    add(home)
    effects = shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == AT_FIRST | {3: BY_RULE, 7: BY_RULE}
    assert shoe_rules.reach(home.box, ME, ALL) == 0
    assert shoe_rules.apply(home.box, ME, ALL).set_id is None
    assert effects.set_id is not None
    changes.undo(home.box, ME, effects.set_id)
    assert worn(home) == AT_FIRST


def test_applying_sends_nothing(tmp_path: Path) -> None:
    with a_home(tmp_path, email="me@example.org") as home:
        add_pairs(home)
        shoes.edit_shoe(home.box, ME, "Speedgoat", limit_m=25_000.0)
        for day, km in KMS.items():
            home.run(on(day), km)
        home.once()
        mails = len(home.deliveries())
        add(home)
        assert any("Speedgoat" in text for text in shoe_rules.apply(home.box, ME, ALL).opened)
        home.once()
        assert len(home.deliveries()) == mails


def test_what_the_runner_said_is_never_touched(home: Home) -> None:
    assigning.assign(home.box, ME, [id_of(home, 7)], ["Pegasus"])
    assigning.assign(home.box, ME, [id_of(home, 3)], ["barefoot"])
    add(home)
    before = worn(home)
    assert shoe_rules.reach(home.box, ME, ALL) == 0
    shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == before
    assert before[7] == ("Pegasus", "runner")


def test_what_the_account_said_is_never_touched(home: Home) -> None:
    with home.box.store.write() as tx:
        tx.execute(
            t.wearing.update().where(t.wearing.c.activity_id == id_of(home, 7)).values(set_by="source")
        )
    add(home)
    shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == AT_FIRST | {3: BY_RULE, 7: ("Pegasus", "source")}


def test_what_does_not_count_is_left_as_it_is(home: Home) -> None:
    edits.edit(home.box, ME, id_of(home, 7), excluded=True)
    add(home)
    shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == AT_FIRST | {3: BY_RULE}


def test_what_no_rule_ever_dressed_stays_as_it_is(home: Home) -> None:
    shoes.set_default(home.box, ME, "Speedgoat", "running", None, date(2026, 10, 1))
    add(home, "Pegasus")
    shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == AT_FIRST | {3: ("Pegasus", "rule"), 7: ("Pegasus", "rule")}


def test_of_two_rules_the_first_answers_and_moving_them_changes_who(home: Home) -> None:
    shoes.add_shoe(home.box, ME, "Vaporfly", "racing", Start())
    add(home)
    add(home, "Vaporfly", Conditions(sports=("running",), min_distance_m=18_000))
    shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == AT_FIRST | {3: BY_RULE, 7: BY_RULE}
    shoe_rules.move(home.box, ME, 2, 1)
    shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == AT_FIRST | {3: BY_RULE, 7: ("Vaporfly", "rule")}


def test_what_fits_no_rule_any_more_is_asked_again(home: Home) -> None:
    add(home)
    shoe_rules.apply(home.box, ME, ALL)
    shoe_rules.edit(home.box, ME, 1, {"min_distance_m": 18_000.0}, name=None, from_date=None)
    assert worn(home)[3] == BY_RULE
    shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == AT_FIRST | {7: BY_RULE}
    shoe_rules.remove(home.box, ME, 1)
    assert worn(home)[7] == BY_RULE
    shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == AT_FIRST


def test_one_rule_alone_is_applied_to_what_it_answers(home: Home) -> None:
    shoes.add_shoe(home.box, ME, "Vaporfly", "racing", Start())
    add(home)
    add(home, "Vaporfly", RUNS)
    shoe_rules.apply(home.box, ME, Past(number=2))
    assert worn(home) == AT_FIRST | {1: ("Vaporfly", "rule"), 5: ("Vaporfly", "rule")}
    shoe_rules.apply(home.box, ME, Past(number=1))
    assert worn(home)[3] == worn(home)[7] == BY_RULE
    shoe_rules.edit(home.box, ME, 1, {"min_distance_m": 18_000.0}, name=None, from_date=None)
    shoe_rules.apply(home.box, ME, Past(number=1))
    assert worn(home)[3] == ("Vaporfly", "rule")


def test_only_the_named_days_are_dressed(home: Home) -> None:
    add(home, asked=RUNS)
    shoe_rules.apply(home.box, ME, Past(since=date(2026, 11, 3), until=date(2026, 11, 5)))
    assert worn(home) == AT_FIRST | {3: BY_RULE, 5: BY_RULE}


def test_a_retired_pair_rests_but_its_past_can_be_dressed(home: Home) -> None:
    shoes.retire(home.box, ME, "Speedgoat", date(2026, 11, 4), None)
    add(home)
    (listed,) = shoe_rules.listed(home.box, ME)
    assert listed.rests
    shoe_rules.apply(home.box, ME, ALL)
    assert worn(home) == AT_FIRST | {3: BY_RULE}


def test_the_list_counts_what_each_rule_dressed(home: Home) -> None:
    add(home)
    add(home, asked=Conditions(sports=("running",), max_distance_m=9_000))
    add(home, "Pegasus", RUNS)
    assert [one.dressed for one in shoe_rules.listed(home.box, ME)] == [0, 0, 0]
    shoe_rules.apply(home.box, ME, ALL)
    assert [one.dressed for one in shoe_rules.listed(home.box, ME)] == [2, 1, 1]


def test_foot_pod_place_clock_and_title_of_real_files_are_asked(tmp_path: Path) -> None:
    with a_home(tmp_path, zone="Asia/Tokyo") as home:
        add_pairs(home)
        home.drop("pod.fit", fit(on(1, 21), 10, foot_pod=98765))
        home.drop("near.fit", fit(on(3, 21), 10, start=(48.138, 11.575)))
        home.drop("late.fit", fit(on(5, 21), 10, utc_offset_s=None))
        home.drop("plain.fit", fit(on(7, 21), 10))
        home.once()
        edits.edit(home.box, ME, id_of(home, 7), title="Easy #recovery")
        first_near = shoe_rules.start_of(home.box, ME, id_of(home, 3))
        assert first_near == pytest.approx((48.138, 11.575), abs=1e-5)
        asked = [
            {"foot_pod": "98765"},
            {"near": Circle(48.137, 11.575, 300)},
            {"time_from": time(6), "time_until": time(7)},
            {"words": ("#recovery",)},
        ]
        for conditions in asked:
            add(home, asked=Conditions(**conditions))
        shoe_rules.apply(home.box, ME, ALL)
        assert [one.dressed for one in shoe_rules.listed(home.box, ME)] == [1, 1, 1, 1]


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_rule_that_is_not_there_is_named(home: Home, number: int) -> None:
    add(home)
    with pytest.raises(UsageError, match="numbers 1 to 1"):
        shoe_rules.apply(home.box, ME, Past(number=number))
    with pytest.raises(UsageError, match="numbers 1 to 1"):
        shoe_rules.move(home.box, ME, 1, number)


# ---- the commands


@pytest.fixture
def cli(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("COLUMNS", "250")

    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = midsole(["--home", str(home.box.home), "shoes", "rule", *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def rows(cli: Cli, *arguments: object) -> Any:
    code, out, err = cli(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_rule_is_added_in_words_tried_out_and_applied(home: Home, cli: Cli) -> None:
    code, out, err = cli(
        "add", "speed", "--min-distance", "15km", "--weekday", "sat,tue", "--from", "2026-11-01"
    )
    assert code == 0, err
    assert (
        "Rule 1: runs of 15.0 km or more on Tuesdays or Saturdays wear the Speedgoat, from 2026-11-01 on"
        in out
    )
    assert "2 past activities would change" in out
    assert "midsole shoes rule test 1" in out
    tried = rows(cli, "test", 1)
    assert tried["preview"]
    assert [(one["local_date"], one["after"][0]["shoe_name"]) for one in tried["changed"]] == [
        ("2026-11-03", "Speedgoat"),
        ("2026-11-07", "Speedgoat"),
    ]
    assert worn(home) == AT_FIRST
    code, out, err = cli("apply")
    assert code == 0, err
    assert "2 activities changed" in out
    assert worn(home) == AT_FIRST | {3: BY_RULE, 7: BY_RULE}
    assert "Nothing would change" in cli("test")[1]


def test_the_list_has_every_rule_for_people_and_for_programs(cli: Cli) -> None:
    assert "No rule yet" in cli("list")[1]
    assert rows(cli) == []
    cli(
        "add",
        "Speedgoat",
        "--near",
        "48.137,11.575",
        "--within",
        "500m",
        "--time-of-day",
        "22-2",
        "--race",
        "--from",
        "2026-12-01",
    )
    (row,) = rows(cli, "list")
    assert row["number"] == 1
    assert row["shoe_name"] == "Speedgoat"
    assert row["from_date"] == "2026-12-01"
    assert (row["rests"], row["dressed"]) == (False, 0)
    assert row["conditions"] == {
        "sports": ["running"],
        "time_from": "22:00:00",
        "time_until": "02:00:00",
        "near": {"lat": 48.137, "lon": 11.575, "radius_m": 500.0},
        "is_race": True,
    }
    assert row["words"] in cli("list")[1]
    assert row["words"] in cli()[1]


def test_a_rule_is_edited_moved_and_removed(cli: Cli) -> None:
    cli("add", "Speedgoat", "--surface", "trail", "--weekday", "sat")
    cli("add", "Pegasus", "--sport", "walking,hiking")
    code, out, err = cli("edit", 1, "--pair", "Pegasus", "--drop", "weekday", "--word", "tempo,#track")
    assert code == 0, err
    assert 'Rule 1 is now: trail runs with "tempo" or "#track" in the title wear the Pegasus' in out
    code, out, err = cli("move", 2, 1)
    assert code == 0, err
    assert [row["words"] for row in rows(cli)] == [
        "walks or hikes",
        'trail runs with "tempo" or "#track" in the title',
    ]
    code, out, err = cli("remove", 1)
    assert code == 0, err
    assert "walks or hikes is removed" in out
    assert [row["number"] for row in rows(cli)] == [1]


def test_a_rule_can_say_the_start_of_an_activity(home: Home, cli: Cli) -> None:
    home.run(on(9), 10, start=(48.138, 11.575))
    home.once()
    code, out, err = cli("add", "Speedgoat", "--near", id_of(home, 9))
    assert code == 0, err
    assert "1 past activity would change" in out
    code, out, err = cli("add", "Speedgoat", "--near", id_of(home, 1))
    assert (code, "no position" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "Speedgoat"), "needs a condition"),
        (("add", "Nobody", "--surface", "trail"), "There is no pair"),
        (("add", "Speedgoat", "--surface", "sand"), "no surface 'sand'"),
        (("add", "Speedgoat", "--min-distance", "20km", "--max-distance", "10km"), "above the largest"),
        (("add", "Speedgoat", "--within", "300m"), "--near"),
        (("add", "Speedgoat", "--min-cadence", "nan"), "out of reach"),
        (("edit", "1"), "Say what to change"),
        (("edit", "1", "--drop", "colour"), "no condition 'colour'"),
        (("edit", "1", "--drop", "sport"), "needs a condition"),
        (("remove", "2"), "There is no rule 2"),
        (("test", "7"), "There is no rule 7"),
        (("apply", "--since", "soon"), "no date"),
    ],
)
def test_what_can_not_be_is_told_and_changes_nothing(
    home: Home, cli: Cli, arguments: tuple[str, ...], words: str
) -> None:
    add(home, asked=RUNS)
    before = every_row(home)
    code, _, err = cli(*arguments)
    assert code == 2
    assert words in err
    assert every_row(home) == before
