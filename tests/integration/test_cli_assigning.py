"""`midsole shoes assign`, `apply`, `inbox`, `changes`, `undo`: what they say, and how they fail."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fit_writer import fit_run

from midsole.app import open_box
from midsole.cli.main import run
from midsole.domain.guess import Guess
from midsole.store import guesses

type Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """A home with two pairs and four runs, two of them on trails, all on the first pair."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["--home", str(tmp_path / "home"), *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out, told.err

    files = tmp_path / "files"
    files.mkdir()
    for n in range(4):
        started_at = datetime.now(UTC).replace(hour=6, microsecond=0) - timedelta(days=9 - 2 * n)
        kind = {"sub_sport": "trail"} if n % 2 else {}
        (files / f"{n}.fit").write_bytes(fit_run(started_at, 10_000, 3_600, lap_every_m=1000, **kind))
    for name in ("Pegasus", "Speedgoat"):
        assert call("shoes", "add", name, "--first-used", "2026-01-01")[0] == 0
    assert call("import", files)[0] == 0
    return call


def rows(cli: Cli, *arguments: object) -> Any:
    code, out, err = cli(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def parts(cli: Cli, number: int) -> list[tuple[str, float, str]]:
    found = next(row for row in rows(cli, "activities") if row["id"] == number)
    return [(w["shoe_name"], round(w["distance_m"]), w["set_by"]) for w in found["shoes"]]


def test_a_dry_run_shows_runs_and_totals_and_changes_nothing(cli: Cli) -> None:
    code, out, _ = cli("shoes", "assign", "Speedgoat", "--surface", "trail", "--dry-run")
    assert code == 0
    assert "Speedgoat: 0.0 km would become 20.0 km." in out
    assert "2 activities would change; nothing is changed yet." in out
    assert rows(cli, "shoes", "changes") == []


def test_runs_are_put_on_another_pair_by_filter_and_taken_back(cli: Cli) -> None:
    code, out, _ = cli("shoes", "assign", "Speedgoat", "--surface", "trail", "--yes")
    assert code == 0
    assert "2 activities changed. midsole shoes undo 1 takes it back." in out
    worn = rows(cli, "activities")
    assert [w["shoe_name"] for row in worn for w in row["shoes"]] == ["Pegasus", "Speedgoat"] * 2
    (change,) = rows(cli, "shoes", "changes")
    assert (change["what"], change["activities"]) == ("Activities 2, 4 on Speedgoat", 2)
    assert cli("shoes", "undo")[0] == 0
    assert [w["shoe_name"] for row in rows(cli, "activities") for w in row["shoes"]] == ["Pegasus"] * 4


def test_only_what_is_on_a_pair_now_can_be_chosen(cli: Cli) -> None:
    cli("shoes", "assign", "Speedgoat", 1)
    told = rows(cli, "shoes", "assign", "Pegasus", "--worn", "Speedgoat")
    assert [one["activity"] for one in told["changed"]] == [1]
    assert told["changed"][0]["before"] == [{"shoe_name": "Speedgoat", "distance_m": 10000.0}]
    assert told["totals"][0]["after_m"] == pytest.approx(40_000, abs=5)


@pytest.mark.parametrize(
    ("where", "first_m"),
    [(("--until-distance", "4km"), 4_000), (("--until-lap", 3), 3_000), (("--until-time", "12:00"), 2_000)],
)
def test_a_run_is_split_by_distance_lap_or_time(cli: Cli, where: tuple[object, ...], first_m: float) -> None:
    code, _, err = cli("shoes", "assign", "Pegasus", 1, "--then", "Speedgoat", *where)
    assert code == 0, err
    (first, second) = parts(cli, 1)
    assert first == ("Pegasus", pytest.approx(first_m, abs=15), "runner")
    assert second == ("Speedgoat", pytest.approx(10_000 - first_m, abs=15), "runner")


def test_pairs_can_be_changed_twice_in_one_run(cli: Cli) -> None:
    two = ("--then", "Speedgoat", "--then", "Pegasus", "--until-distance", "2km", "--until-distance", "5km")
    assert cli("shoes", "assign", "Pegasus", 1, *two)[0] == 0
    assert [(name, metres) for name, metres, _ in parts(cli, 1)] == [
        ("Pegasus", 2_000),
        ("Speedgoat", 3_000),
        ("Pegasus", 5_000),
    ]


def test_barefoot_is_said_like_a_pair(cli: Cli) -> None:
    assert cli("shoes", "assign", "barefoot", 1)[0] == 0
    assert parts(cli, 1) == [("barefoot", 10_000, "runner")]
    assert "barefoot" in cli("activities")[1]
    assert cli("shoes", "add", "Barefoot")[0] == 2


def test_apply_asks_the_defaults_anew_and_leaves_the_runners_word(cli: Cli) -> None:
    cli("shoes", "assign", "Pegasus", 2)
    cli("shoes", "default", "Speedgoat", "--surface", "trail", "--from", "2026-01-01")
    assert "Nothing" not in cli("shoes", "apply", "--dry-run")[1]
    told = rows(cli, "shoes", "apply")
    assert [one["activity"] for one in told["changed"]] == [4]


def test_what_a_pair_may_claim_is_json_where_it_is_asked_for(cli: Cli) -> None:
    cli("shoes", "default", "--none", "--from", "2026-01-01")
    cli("shoes", "apply", "--yes")
    told = rows(cli, "shoes", "claim", "Speedgoat")
    assert (told["preview"], len(told["changed"]), rows(cli, "activities")[0]["shoes"]) == (True, 4, [])
    assert rows(cli, "shoes", "claim", "Speedgoat", "--yes")["preview"] is False
    assert rows(cli, "shoes", "claim", "Speedgoat")["changed"] == []


@pytest.mark.parametrize(("which", "state"), [(("4",), "open"), (("--all",), "seen")])
def test_accepting_all_that_waits_is_silent_and_a_named_run_is_news(
    cli: Cli, tmp_path: Path, which: tuple[str, ...], state: str
) -> None:
    cli("shoes", "default", "--none", "--from", "2026-01-01")
    cli("shoes", "apply", "--yes")
    cli("shoes", "edit", "Speedgoat", "--limit", "5km")
    opened = open_box(tmp_path / "home")
    with opened.store.write() as tx:
        guesses.keep(tx, 1, {4: (Guess(2, 1.0),)}, opened.now())
    opened.store.close()
    assert cli("shoes", "inbox", "accept", *which)[0] == 0
    assert {row["state"] for row in rows(cli, "alerts") if row["rule"] == "S1"} == {state}


def test_a_run_that_is_named_twice_is_one_run(cli: Cli) -> None:
    assert cli("shoes", "assign", "Speedgoat", 1, 1)[0] == 0
    assert rows(cli, "shoes", "changes")[0]["what"] == "Activity 1 on Speedgoat"


def test_a_run_that_counts_no_distance_is_not_split(cli: Cli) -> None:
    cli("activities", "exclude", 1)
    code, _, err = cli("shoes", "assign", "Pegasus", 1, "--then", "Speedgoat", "--until-distance", "2km")
    assert (code, "counts no distance: put it on one pair" in err) == (2, True)


def test_an_empty_inbox_says_so(cli: Cli) -> None:
    assert "Nothing waits" in cli("shoes", "inbox")[1]
    assert rows(cli, "shoes", "inbox") == []


def test_the_inbox_lists_what_nobody_knows(cli: Cli) -> None:
    cli("shoes", "default", "--none", "--from", "2026-01-01")
    cli("shoes", "apply", "--yes")
    found = rows(cli, "shoes", "inbox")
    assert [row["id"] for row in found] == [4, 3, 2, 1]
    assert {tuple(row["guesses"]) for row in found} == {()}
    told = rows(cli, "shoes", "assign", "Speedgoat", "--inbox")
    assert len(told["changed"]) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shoes", "assign", "Pegasus"), "numbers or filters"),
        (("shoes", "assign", "Pegasus", 1, "--surface", "trail"), "either which numbers, or which filters"),
        (("shoes", "assign", "Pegasus", 99), "no activity 99"),
        (("shoes", "assign", "Pegasus", 1, "--then", "Speedgoat"), "where each pair was changed"),
        (("shoes", "assign", "Pegasus", 1, "--then", "Speedgoat", "--until-lap", 50), "lap"),
        (("shoes", "assign", "Pegasus", 1, "--until-lap", 1, "--until-distance", "1km"), "in one way"),
        (("shoes", "undo"), "nothing to undo"),
        (("shoes", "undo", 7), "no change 7"),
        (("shoes", "inbox", "accept"), "say --all"),
        (("shoes", "inbox", "accept", "--all"), "No run that waits"),
        (("shoes", "inbox", "accept", 1), "nothing was guessed"),
        (("shoes", "inbox", "accept", 1, "--at-least", 90), "say it with --all"),
    ],
)
def test_what_can_not_be_is_refused_with_a_sentence(cli: Cli, arguments: Any, said: str) -> None:
    code, _, err = cli(*arguments)
    assert code == 2
    assert said in err
