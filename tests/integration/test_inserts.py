"""Inserts through a whole home: their distance follows every answer, and S5 speaks up."""

import json
import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from home import ME, Clock, Home, a_home, text_of
from midsole.actions import assigning, changes, inserts, shoes, views
from midsole.actions.inserts import Into
from midsole.cli.main import run as cli
from midsole.domain.errors import UsageError

NOW = datetime(2024, 11, 18, 12, tzinfo=UTC)
"""Years ago: the command line has no clock but the real one."""
TODAY = NOW.date()
FIRST = date(2024, 9, 1)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Two pairs; twelve runs of 10 km on every third day up to yesterday are on the Pegasus."""
    with a_home(tmp_path, Clock(NOW), email="me@example.org") as opened:
        for name in ("Pegasus", "Ghost"):
            shoes.add_shoe(opened.box, ME, name, "daily", shoes.Start(), first_used_on=FIRST)
        for n in range(12):
            opened.run(NOW - timedelta(days=1 + 3 * n), 10)
        opened.once()
        yield opened


def view(home: Home, name: str = "Blue") -> dict[str, Any]:
    return next(v for v in inserts.views(home.box, ME) if v["name"] == name)


def add(home: Home, name: str = "Blue", kind: str = "insole", **details: Any) -> None:
    inserts.add(home.box, ME, name, kind, Into("Pegasus", FIRST), **details)


def test_an_insert_has_what_its_pair_wore_and_follows_an_assignment_and_its_undo(home: Home) -> None:
    add(home, start_m=30_000.0, price=30.0)
    before = view(home)
    assert before["worn_m"] == pytest.approx(120_000, rel=0.01)
    assert before["distance_m"] == pytest.approx(150_000, rel=0.01)
    assert before["cost_per_km"] == pytest.approx(0.2, rel=0.01)
    newest = [a.id for a in home.activities()][-3:]
    assigning.assign(home.box, ME, newest, ["Ghost"], [])
    assert view(home)["runs"] == 9
    assert view(home)["worn_m"] == pytest.approx(90_000, rel=0.01)
    changes.undo(home.box, ME)
    assert view(home) == before


def test_what_is_worn_in_several_pairs_adds_up_and_each_fitting_has_its_part(home: Home) -> None:
    add(home)
    moved = TODAY - timedelta(days=4)
    fitted = inserts.fit(home.box, ME, "blue", Into("ghost", moved))
    assert fitted.refitted.ended is not None
    assert fitted.refitted.ended.until_date == moved - timedelta(days=1)
    assigning.assign(home.box, ME, [a.id for a in home.activities()][-1:], ["Ghost"], [])
    said = view(home)
    assert said["fitted_in"] == "Ghost"
    assert [round(f["distance_m"], -3) for f in said["fittings"]] == [100_000, 10_000]
    assert said["worn_m"] == pytest.approx(sum(f["distance_m"] for f in said["fittings"]), abs=0.2)


def test_s5_warns_in_a_mail_of_its_own_when_a_run_passes_the_limit(home: Home) -> None:
    add(home, limit_m=125_000.0)
    assert [a.state for a in home.alerts("S5")] == ["seen"]
    home.run(NOW - timedelta(hours=3), 10)
    home.once()
    warned = next(a for a in home.alerts("S5") if a.level == "warn")
    assert (warned.state, warned.subject) == ("open", f"{view(home)['id']}:100")
    (mail,) = home.deliveries("alert")
    assert "The Blue has 130 km: 104 % of its limit of 125 km." in text_of(mail)
    assert "midsole inserts retire Blue" in text_of(mail).replace('"', "")


def test_an_alert_of_an_insert_ends_with_its_cause(home: Home) -> None:
    add(home, limit_m=115_000.0)
    assert {a.state for a in home.alerts("S5")} == {"seen"}
    inserts.edit(home.box, ME, "Blue", limit_m=400_000.0)
    assert {a.state for a in home.alerts("S5")} == {"resolved"}
    inserts.edit(home.box, ME, "Blue", limit_m=115_000.0)
    inserts.retire(home.box, ME, "Blue")
    assert {a.state for a in home.alerts("S5")} == {"resolved"}


def test_a_retired_insert_wears_no_more_and_keeps_what_it_wore(home: Home) -> None:
    add(home)
    last = TODAY - timedelta(days=10)
    inserts.retire(home.box, ME, "Blue", last)
    said = view(home)
    assert (said["fitted_in"], said["retired_on"]) == (None, last)
    assert said["worn_m"] == pytest.approx(90_000, rel=0.01)
    with pytest.raises(UsageError, match="retired"):
        inserts.fit(home.box, ME, "Blue", Into("Ghost"))
    inserts.unretire(home.box, ME, "Blue")
    inserts.fit(home.box, ME, "Blue", Into("Ghost"))
    assert view(home)["fitted_in"] == "Ghost"


def test_nothing_is_fitted_before_a_pair_is_in_use_nor_after_it_was_retired(home: Home) -> None:
    with pytest.raises(UsageError, match="Pegasus is in use since 2024-09-01 only"):
        inserts.add(home.box, ME, "Blue", "insole", Into("Pegasus", FIRST - timedelta(days=1)))
    assert inserts.views(home.box, ME) == []
    shoes.retire(home.box, ME, "Ghost", date(2024, 10, 1), None)
    add(home)
    with pytest.raises(UsageError, match="Ghost was retired on 2024-10-01"):
        inserts.fit(home.box, ME, "Blue", Into("Ghost"))
    with pytest.raises(UsageError, match="say --until 2024-10-01"):
        inserts.fit(home.box, ME, "Blue", Into("Ghost", FIRST, TODAY))
    fitted = inserts.fit(home.box, ME, "Blue", Into("Ghost", FIRST))
    assert fitted.refitted.now.until_date == date(2024, 10, 1)


@pytest.mark.parametrize(
    ("into", "why"),
    [
        (Into("Pegasus", TODAY + timedelta(days=1)), "future"),
        (Into("Pegasus", TODAY, FIRST), "before the first"),
        (Into("Sandal", TODAY), "no pair 'Sandal'"),
    ],
)
def test_a_fitting_that_cannot_be_is_refused_with_its_reason(home: Home, into: Into, why: str) -> None:
    add(home)
    with pytest.raises(UsageError, match=why):
        inserts.fit(home.box, ME, "Blue", into)


def test_what_was_worn_is_retired_and_not_removed(home: Home) -> None:
    add(home)
    with pytest.raises(UsageError, match="retire it instead"):
        inserts.remove(home.box, ME, "Blue")
    inserts.take_out(home.box, ME, "Blue", FIRST - timedelta(days=1))
    with pytest.raises(UsageError, match="lies in no pair after"):
        inserts.take_out(home.box, ME, "Blue")
    inserts.remove(home.box, ME, "Blue")
    assert inserts.views(home.box, ME) == []


def test_each_insert_has_its_own_name_and_a_known_kind(home: Home) -> None:
    add(home)
    add(home, "Met pad", "pad")
    for wrong in ({"name": "met PAD"}, {"name": " "}, {"kind": "plank"}, {"limit_m": 0.0}, {"start_m": -1.0}):
        with pytest.raises(UsageError):
            inserts.edit(home.box, ME, "Blue", **wrong)
    with pytest.raises(UsageError, match="Several inserts fit"):
        inserts.edit(home.box, ME, "e", price=1.0)
    assert inserts.edit(home.box, ME, "Blue", name="blue").name == "blue"


def test_the_rules_list_the_limits_of_s5(home: Home) -> None:
    rule = next(r for r in views.rule_list(home.box, ME) if r["id"] == "S5")
    assert rule["limits"] == {"shoe_note": 0.7, "shoe_warn": 1.0}


def test_the_command_line_says_where_a_pad_goes_and_where_it_lay(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    def midsole(*words: str) -> tuple[int, str]:
        code = cli(["--home", str(home.box.home), "inserts", *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    assert "No insert yet" in midsole()[1]
    code, said = midsole("add", "Met pad", "--kind", "pad", "--in", "Pegasus", "--from", "2024-09-01")
    assert code == 0
    assert "just behind the ball of the foot" in said
    assert "not medical advice" in said
    assert "It lay in the Pegasus until" in midsole("fit", "met", "ghost")[1]
    assert "just behind the ball of the foot" in midsole("list")[1]
    (row,) = json.loads(midsole("--json")[1])
    assert [f["shoe"] for f in row["fittings"]] == ["Pegasus", "Ghost"]
    assert [f["until"] for f in row["fittings"]][1] is None
    assert {"distance_m", "limit_m", "used_fraction", "start_m", "fitted_in", "forecast"} <= row.keys()
    assert midsole("edit", "met", "--limit", "300km", "--start", "0km", "--name", "Met")[0] == 0
    assert "limit 300 km" in midsole("edit", "met", "--price", "12")[1]
    assert midsole("retire", "met")[0] == midsole("unretire", "met")[0] == 0
    assert "just behind" not in midsole("add", "Blue")[1]
    assert midsole("take-out", "blue")[0] == midsole("add", "Red", "--from", "2024-09-01")[0] == 2
    assert midsole("remove", "blue")[0] == 0


def test_a_command_with_a_quoted_name_runs_as_it_is_printed(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--home", str(home.box.home)]
    assert cli([*here, "inserts", "add", 'The "blue" one']) == 0
    typed = shlex.split(capsys.readouterr().out.rsplit("midsole ", 1)[1])
    assert typed == ["inserts", "fit", 'The "blue" one', "PAIR"]
