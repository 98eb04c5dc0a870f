"""A guess from the runner's own past dresses a run, or waits with it in the inbox for a word."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from home import ME, NOW, Home, a_home
from midsole.actions import assigning, setup, waiting, weekly
from midsole.actions.assigning import assign
from midsole.actions.changes import undo
from midsole.actions.shoes import Start, add_shoe, retire, set_default
from midsole.domain.errors import UsageError
from midsole.store import guesses
from midsole.store import shoes as shoe_store

ROAD, TRAIL = "Pegasus", "Speedgoat"
WEEKS = 12


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Twelve weeks of which the runner said every pair: short runs in one, long trails in the other."""
    with a_home(tmp_path) as home:
        for name in (ROAD, TRAIL):
            add_shoe(home.box, ME, name, "daily", Start(), first_used_on=date(2026, 1, 1), limit_m=3_000_000)
        for days in range(7 * WEEKS, 1, -1):
            if days % 7 in (2, 4):
                home.run(NOW - timedelta(days=days, hours=5), 8)
            elif days % 7 == 6:
                home.run(NOW - timedelta(days=days, hours=3), 18, sub_sport="trail", timer_s=18 * 420)
        home.once()
        say_all(home)
        yield home


def say_all(home: Home) -> None:
    for surface, name in (("trail", TRAIL), ("road", ROAD)):
        which = assigning.Which(sport="running", surface=surface)
        if ids := [a.id for a in assigning.choose(home.box, ME, which)]:
            assign(home.box, ME, ids, [name], silent=True)
    rest = [a.id for a in home.activities() if not _said(home, a.id)]
    assign(home.box, ME, rest, [ROAD], silent=True)


def _said(home: Home, activity_id: int) -> bool:
    with home.box.store.read() as tx:
        return shoe_store.answers(tx, [activity_id])[activity_id].set_by == "runner"


def newest(home: Home) -> int:
    return home.activities()[-1].id


def answer(home: Home, activity_id: int) -> Any:
    with home.box.store.read() as tx:
        return shoe_store.answers(tx, [activity_id]).get(activity_id)


def name_of(home: Home, activity_id: int) -> str | None:
    with home.box.store.read() as tx:
        return shoe_store.wearings(tx, ME)[activity_id][0].shoe_name


def doubtful(home: Home) -> int:
    """A run of which nothing can be said surely: limits of certainty are the runner's."""
    setup.edit_runner(home.box, ME, limits={"guess_sure": 1.0})
    home.run(NOW - timedelta(hours=3), 12, name="doubtful.fit")
    home.once()
    return newest(home)


def test_a_run_like_those_before_gets_their_pair_with_its_probability(home: Home) -> None:
    home.run(NOW - timedelta(hours=3), 18, sub_sport="trail", timer_s=18 * 420)
    home.once()
    said = answer(home, newest(home))
    assert (name_of(home, newest(home)), said.set_by) == (TRAIL, "guess")
    assert 0.8 <= said.probability <= 1
    assert waiting.inbox(home.box, ME) == []


def test_the_default_is_not_asked_where_something_can_be_guessed(home: Home) -> None:
    set_default(home.box, ME, ROAD, "running", None)
    home.run(NOW - timedelta(hours=3), 18, sub_sport="trail", timer_s=18 * 420)
    home.once()
    assert name_of(home, newest(home)) == TRAIL


def test_a_doubtful_run_waits_with_the_likeliest_pair_first(home: Home) -> None:
    run = doubtful(home)
    assert answer(home, run) is None
    (row,) = waiting.inbox(home.box, ME)
    assert row["id"] == run
    chances = [g["probability"] for g in row["guesses"]]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) == pytest.approx(1, abs=0.001)


def test_what_waits_is_in_the_weekly_mail_with_its_command(home: Home) -> None:
    run = doubtful(home)
    (alert,) = home.alerts("S4")
    assert "1 run has no shoe" in alert.text
    assert (alert.numbers or {})["guessed"] == 1
    text = weekly.preview(home.box, ME).message.text
    assert re.search(rf"12 km on 18 Nov, \d+ % in the (Pegasus|Speedgoat) \(run {run}\)", text), text
    assert "midsole shoes inbox accept --all" in text


def test_accepting_a_guess_is_the_runners_word(home: Home) -> None:
    run = doubtful(home)
    best = waiting.inbox(home.box, ME)[0]["guesses"][0]["shoe_name"]
    assigning.accept(home.box, ME, [run])
    assert (name_of(home, run), answer(home, run).set_by) == (best, "runner")
    assert waiting.inbox(home.box, ME) == []
    undo(home.box, ME)
    assert [row["id"] for row in waiting.inbox(home.box, ME)] == [run]


def test_one_answer_may_cover_all_that_waits(home: Home) -> None:
    doubtful(home)
    home.run(NOW - timedelta(hours=1), 4, name="another.fit")
    home.once()
    ids = [a.id for a in assigning.choose(home.box, ME, assigning.Which(inbox=True))]
    assert len(ids) == 2
    assign(home.box, ME, ids, [TRAIL], silent=True)
    assert waiting.inbox(home.box, ME) == []


def test_only_guesses_as_sure_as_asked_are_accepted(home: Home) -> None:
    run = doubtful(home)
    chance = waiting.inbox(home.box, ME)[0]["guesses"][0]["probability"]
    assert waiting.guessed(home.box, ME, chance - 0.01) == [run]
    assert waiting.guessed(home.box, ME, min(1.0, chance + 0.01)) == []


def test_a_run_of_which_nothing_was_guessed_can_not_be_accepted(home: Home) -> None:
    with pytest.raises(UsageError, match="nothing was guessed"):
        assigning.accept(home.box, ME, [home.activities()[0].id])


def test_a_guess_stays_until_somebody_asks_anew(home: Home) -> None:
    run = doubtful(home)
    with home.box.store.read() as tx:
        before = guesses.of(tx, [run])
    setup.edit_runner(home.box, ME, limits={"guess_sure": 0.5})
    home.once()
    assert answer(home, run) is None
    with home.box.store.read() as tx:
        assert guesses.of(tx, [run]) == before
    assigning.ask_anew(home.box, ME, None, None)
    assert answer(home, run).set_by == "guess"


def test_a_pair_that_was_retired_or_not_yet_bought_is_never_guessed(home: Home) -> None:
    retire(home.box, ME, TRAIL, (NOW - timedelta(days=2)).date(), "worn")
    add_shoe(home.box, ME, "Peregrine", "trail", Start(), bought_on=NOW.date() + timedelta(days=1))
    home.run(NOW - timedelta(hours=3), 18, sub_sport="trail", timer_s=18 * 420)
    home.once()
    with home.box.store.read() as tx:
        made = guesses.of(tx, [newest(home)]).get(newest(home), [])
    assert {g.shoe_name for g in made} <= {ROAD}


def test_after_other_dates_of_a_pair_its_guesses_are_asked_anew(home: Home) -> None:
    home.run(NOW - timedelta(hours=3), 18, sub_sport="trail", timer_s=18 * 420)
    home.once()
    assert name_of(home, newest(home)) == TRAIL
    retire(home.box, ME, TRAIL, (NOW - timedelta(days=2)).date(), "worn")
    said = answer(home, newest(home))
    assert said is None or name_of(home, newest(home)) == ROAD


def test_asked_anew_what_was_left_standing_still_tells_of_later_runs(tmp_path: Path) -> None:
    """Who corrects only the trails has not said that every run was on the trail pair."""
    with a_home(tmp_path) as home:
        for name in (ROAD, TRAIL):
            add_shoe(home.box, ME, name, "daily", Start(), first_used_on=date(2026, 1, 1))
        for days in range(60, 0, -1):
            home.run(NOW - timedelta(days=days), 8, sub_sport="trail" if days % 4 == 0 else "generic")
        home.once()
        trails = [a.id for a in assigning.choose(home.box, ME, assigning.Which(surface="trail"))]
        assign(home.box, ME, trails, [TRAIL], silent=True)
        assigning.ask_anew(home.box, ME, None, None)
        roads = [a.id for a in home.activities() if a.id not in trails and answer(home, a.id)]
        assert len(roads) > 30
        assert {name_of(home, run) for run in roads} == {ROAD}


def test_a_word_that_was_taken_back_tells_nothing_more(home: Home) -> None:
    runs = [a.id for a in home.activities()]
    assigning.unassign(home.box, ME, runs)
    assert {answer(home, run).set_by for run in runs if answer(home, run)} <= {"default"}
