"""All-day wear through a whole home: off by default, said in words, and never as a run."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from home import ME, Clock, Home, a_home
from midsole.actions import assigning, everyday, shoes, views
from midsole.cli.main import run as cli
from midsole.domain.errors import UsageError
from midsole.store import steps

NOW = datetime(2024, 11, 18, 12, tzinfo=UTC)
"""Years ago: the command line has no clock but the real one."""
TODAY = NOW.date()
type Say = Callable[..., tuple[int, str]]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Clogs and a Pegasus, thirty days of 10,000 steps, and on the last a run of 4,000 of them."""
    with a_home(tmp_path, Clock(NOW)) as opened:
        for name, kind in (("Pegasus", "daily"), ("Clogs", "walking")):
            shoes.add_shoe(opened.box, ME, name, kind, shoes.Start())
        with opened.box.store.write() as tx:
            steps.tell(tx, ME, {TODAY - timedelta(days=n): 10_000 for n in range(30)})
        opened.run(NOW - timedelta(hours=3), 4, timer_s=1_500, cadence=80)
        opened.once()
        yield opened


@pytest.fixture
def midsole(home: Home, capsys: pytest.CaptureFixture[str]) -> Say:
    def call(*words: str) -> tuple[int, str]:
        code = cli(["--home", str(home.box.home), "shoes", *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


def view(home: Home, name: str) -> dict[str, Any]:
    return next(v for v in views.shoes(home.box, ME) if v["name"] == name)


def test_it_is_off_until_the_runner_says_so(home: Home) -> None:
    for name in ("Pegasus", "Clogs"):
        assert (view(home, name)["everyday_steps"], view(home, name)["everyday_m"]) == (0, 0)


def test_from_a_day_on_a_pair_takes_its_share_and_says_how_far_that_was(home: Home, midsole: Say) -> None:
    code, said = midsole("everyday", "clogs", "--share", "50%", "--from", f"{TODAY - timedelta(days=9)}")
    assert code == 0
    assert "Clogs takes 50 % of your daily steps" in said
    assert "A step counts as 0.70 m (estimated" in said
    run_steps = home.activities()[0].steps
    assert run_steps
    row = next(r for r in json.loads(midsole("--json")[1]) if r["name"] == "Clogs")
    assert row["everyday_steps"] == (100_000 - run_steps) / 2
    assert row["everyday_m"] == pytest.approx(row["everyday_steps"] * 0.7, abs=0.1)
    assert (row["worn_m"], row["runs"], row["distance_m"]) == (0, 0, row["everyday_m"])
    assert view(home, "Pegasus")["steps"] == run_steps


def test_the_table_of_pairs_says_what_of_it_is_all_day_wear(home: Home, midsole: Say) -> None:
    everyday.take(home.box, ME, "clogs", 1.0, TODAY - timedelta(days=20))
    assert "Clogs: of it about 144 km all-day wear, estimated." in midsole("list")[1]


def test_switched_off_it_is_off_the_pair_and_the_way_to_keep_it_is_named(home: Home, midsole: Say) -> None:
    everyday.take(home.box, ME, "clogs", 1.0, TODAY - timedelta(days=20))
    code, said = midsole("everyday", "clogs", "--off")
    assert code == 0
    assert 'midsole shoes edit "Clogs" --start 144km' in said
    assert view(home, "Clogs")["distance_m"] == 0
    assert midsole("everyday", "clogs", "--off")[0] == 2


def test_a_new_share_keeps_the_day_from_which_it_is_worn(home: Home) -> None:
    since = TODAY - timedelta(days=20)
    everyday.take(home.box, ME, "clogs", 1.0, since)
    assert everyday.take(home.box, ME, "clogs", 0.5).worn.shoe.everyday_from == since


def test_two_pairs_never_take_more_than_all_steps_of_a_day(home: Home, midsole: Say) -> None:
    assert midsole("everyday", "clogs", "--share", "60%", "--from", "2024-11-01")[0] == 0
    code, said = midsole("everyday", "pegasus", "--share", "50%")
    assert (code, "together the pairs can't take more than 100 %" in said) == (2, True)
    assert midsole("everyday", "pegasus", "--share", "40")[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--share", "0%"),
        ("--share", "101%"),
        ("--share", "half"),
        ("--share", "50%", "--off"),
        ("--share", "50%", "--from", "2199-12-31"),
        ("--off", "--from", "2024-11-01"),
        (),
    ],
)
def test_what_cannot_be_is_a_usage_error(midsole: Say, words: tuple[str, ...]) -> None:
    assert midsole("everyday", "clogs", *words)[0] == 2


def test_a_day_on_which_the_pair_was_not_in_use_is_refused(home: Home) -> None:
    shoes.edit_shoe(home.box, ME, "Clogs", first_used_on=date(2024, 11, 1))
    with pytest.raises(UsageError, match="it is in use since 2024-11-01"):
        everyday.take(home.box, ME, "Clogs", 0.5, date(2024, 10, 31))
    shoes.retire(home.box, ME, "Clogs", date(2024, 11, 5), None)
    with pytest.raises(UsageError, match="it was retired on 2024-11-05"):
        everyday.take(home.box, ME, "Clogs", 0.5)
    found = everyday.take(home.box, ME, "Clogs", 0.5, date(2024, 11, 4))
    assert found.worn.everyday_steps == 10_000


def test_walks_and_hikes_go_on_the_pair_they_belong_to(home: Home) -> None:
    shoes.set_default(home.box, ME, "Clogs", "walking", None)
    for n, sport in enumerate(("walking", "hiking")):
        home.run(NOW - timedelta(hours=2 - n), 3, sport=sport, timer_s=1_800, cadence=55)
    home.once()
    _, walk, hike = home.activities()
    assert (view(home, "Clogs")["runs"], view(home, "Clogs")["steps"]) == (1, walk.steps)
    assigning.assign(home.box, ME, [hike.id], ["Clogs"], [])
    assert view(home, "Clogs")["steps"] == (walk.steps or 0) + (hike.steps or 0) > 0
    assert view(home, "Pegasus")["runs"] == 1
