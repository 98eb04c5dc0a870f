"""Episodes in a home: kept at their onset, told on their page, ended by word; and P4 on the pair's page."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from home import ME, Clock, Home
from midsole.actions import activities, body, checking_in, episodes, routine, shoes, telling
from midsole.actions.assigning import assign
from midsole.actions.shoes import Start
from midsole.cli.main import app
from midsole.domain.checkins import CheckIn
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.letter import full_day
from midsole.store import tables as t
from web_home import Pages, a_web_home, text_of_page

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
"""Commands have the true clock, so all of it is told as of this day."""
TODAY = NOW.date()
BALL = {"place": "ball-inner", "side": "left"}


def rows(home: Home) -> list[Any]:
    with home.box.store.read() as tx:
        return list(tx.execute(select(t.episode).order_by(t.episode.c.id)))


def say(home: Home, on: date, level: int, moment: str = "morning", **more: Any) -> int:
    where = {} if level == 0 else BALL
    said = CheckIn(on, moment, level, **(where | more))
    return checking_in.check_in(home.box, ME, said).check_in.id


def runs(home: Home, days: Iterator[int] | range, km: float = 5) -> None:
    for back in days:
        home.run(NOW - timedelta(days=back, hours=4), km)
    home.once()


@pytest.fixture(scope="module")
def _pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Ten runs, every second day, in two pairs by turns; the last was the day before yesterday."""
    with a_web_home(tmp_path_factory.mktemp("episodes"), Clock(NOW)) as pages:
        home = pages.home
        shoes.add_shoe(home.box, ME, "Pegasus", kind="daily", start=Start(known_m=500_000))
        shoes.add_shoe(home.box, ME, "Ghost", kind="daily", start=Start(known_m=0))
        runs(home, range(20, 0, -2))
        for number, activity in enumerate(home.activities()):
            assign(home.box, ME, [activity.id], [("Pegasus", "Ghost")[number % 2]], silent=True)
        yield pages


@pytest.fixture
def pages(_pages: Pages) -> Iterator[Pages]:
    """Each test begins without an answer."""
    yield _pages
    with _pages.home.box.store.write() as tx:
        for table in (t.check_in, t.episode, t.comeback_plan, t.exercise_tick, t.alert):
            tx.execute(table.delete())
    _pages.home.clock.at = NOW


@pytest.fixture
def home(pages: Pages) -> Home:
    return pages.home


# ---- kept


def test_an_episode_keeps_what_was_true_when_it_opened_and_never_changes(home: Home) -> None:
    say(home, TODAY - DAY, 4)
    (kept,) = rows(home)
    assert kept.known["last_run"]["on"] == (TODAY - 2 * DAY).isoformat()
    last = home.activities()[-1]
    activities.edit(home.box, ME, last.id, excluded=True)
    home.clock.on(days=1)
    say(home, TODAY, 5)
    assert [(row.id, row.known) for row in rows(home)] == [(kept.id, kept.known)]
    activities.edit(home.box, ME, last.id, excluded=False)


def test_a_check_in_that_is_taken_back_takes_its_episode_with_it(home: Home) -> None:
    wrong, right = say(home, TODAY - DAY, 4, place="heel", side="right"), say(home, TODAY - DAY, 3)
    assert [row.place for row in rows(home)] == ["heel", "ball-inner"]
    checking_in.remove(home.box, ME, wrong)
    assert [row.place for row in rows(home)] == ["ball-inner"]
    checking_in.remove(home.box, ME, right)
    assert rows(home) == []


def test_what_made_it_an_episode_may_go_out_of_sight_and_it_stays(home: Home) -> None:
    say(home, TODAY - 3 * DAY, 2)
    say(home, TODAY - DAY, 2)
    assert len(rows(home)) == 1
    home.clock.on(days=230)
    home.once()
    assert len(rows(home)) == 1


def test_the_runners_word_ends_it_and_is_taken_back(home: Home) -> None:
    say(home, TODAY - DAY, 4, "night")
    (found,) = episodes.episodes(home.box, ME)
    assert (found["is_open"], found["is_red"]) == (True, True)
    over = episodes.say_over(home.box, ME, found["id"])
    assert (over["ended_on"], over["ended_how"]) == (TODAY.isoformat(), "said")
    assert episodes.not_over(home.box, ME, found["id"])["is_red"]
    with pytest.raises(NotThere):
        episodes.say_over(home.box, ME, found["id"] + 1)


def test_what_painless_days_ended_is_not_opened_by_word(home: Home) -> None:
    say(home, TODAY - 17 * DAY, 3)
    for back in range(16, 11, -1):
        say(home, TODAY - back * DAY, 0)
    (found,) = episodes.episodes(home.box, ME)
    assert found["ended_how"] == "painless"
    with pytest.raises(UsageError, match="14 painless days"):
        episodes.not_over(home.box, ME, found["id"])


# ---- the pages


def test_the_page_of_an_empty_body_says_what_to_do(pages: Pages) -> None:
    said = text_of_page(pages.see("/body"))
    assert "No answer yet: nothing is known of your feet." in said
    assert "Not medical advice." in said


def test_all_fine_is_one_tap_on_the_overview(pages: Pages) -> None:
    page = pages.see("/body")
    fine = {"do": "fine", "on_day": TODAY.isoformat(), "moment": "morning"}
    assert all(f'name="{name}"' in page for name in fine)
    pages.done("/body/check-in", fine)
    assert f"Fine as of {full_day(TODAY)}, your newest answer." in text_of_page(pages.see("/body"))


def test_a_mild_answer_is_neither_fine_nor_an_episode(pages: Pages) -> None:
    say(pages.home, TODAY, 1)
    said = text_of_page(pages.see("/body"))
    newest = f"Your newest answer, {full_day(TODAY)}: left inner ball of the foot, 1 of 10."
    assert f"Nothing is open. {newest}" in said


def test_the_overview_says_what_is_open_and_what_to_do(pages: Pages) -> None:
    say(pages.home, TODAY, 2, "rest")
    telling.injury(pages.home.box, ME, TODAY - 90 * DAY, "stress reaction")
    said = text_of_page(pages.see("/body"))
    assert "Do not run, and see a clinician" in said
    assert "Next run: none for now" in said
    assert "Left inner ball of the foot" in said
    assert "Red flag: pain at rest." in said
    assert "stress reaction" in said
    telling.remove_injury(pages.home.box, ME, TODAY - 90 * DAY)


def test_the_strip_shows_the_worst_of_each_day_and_leaves_unanswered_days_empty(home: Home) -> None:
    say(home, TODAY - DAY, 0)
    say(home, TODAY - DAY, 2, "after", signs=("painkiller",))
    days = {d.on: d for d in body.overview(home.box, ME).strip}
    assert len(days) == 28
    yesterday, before = days[TODAY - DAY], days[TODAY - 2 * DAY]
    assert (yesterday.level, yesterday.grade, yesterday.painkiller) == (2, "note", True)
    assert before.answers == 0


def test_red_pain_stands_before_amber(home: Home) -> None:
    say(home, TODAY - 2 * DAY, 7)
    say(home, TODAY - DAY, 3, place="heel", side="right")
    assert [e["is_red"] for e in body.overview(home.box, ME).open] == [True, False]


def test_an_episodes_page_tells_its_story(pages: Pages) -> None:
    home = pages.home
    say(home, TODAY - 3 * DAY, 3, note="down the stairs")
    say(home, TODAY - DAY, 6)
    routine.tick(home.box, ME, "heel-drop", TODAY - DAY)
    (found,) = episodes.episodes(home.box, ME)
    page = pages.see(f"/body/episodes/{found['id']}")
    said = text_of_page(page)
    assert "These are facts joined to the day it began, not causes." in said
    assert "The Pegasus was at 525 km" in said
    assert "“down the stairs”" in said
    assert "Exercises: Heel drop" in said
    assert "A metatarsal pad goes just behind the ball" in said
    assert f"Day 10 {full_day(TODAY + 7 * DAY)}: if it is still there, see a clinician" in said
    assert 'class="timeline"' in page
    assert 'class="alarm"' in page


def test_a_red_flag_is_the_first_that_its_page_says(pages: Pages) -> None:
    say(pages.home, TODAY - DAY, 4)
    say(pages.home, TODAY, 4, "night")
    (found,) = episodes.episodes(pages.home.box, ME)
    said = text_of_page(pages.see(f"/body/episodes/{found['id']}"))
    assert said.index("Red flag: pain at night") < said.index("hurt 4 of 10")
    assert "Next run, at most nothing" in text_of_page(pages.see("/load"))


def test_over_and_not_over_are_buttons(pages: Pages) -> None:
    say(pages.home, TODAY - DAY, 3)
    (found,) = episodes.episodes(pages.home.box, ME)
    place = f"/body/episodes/{found['id']}"
    said = text_of_page(pages.done(f"{place}/over"))
    assert "as you said" in said
    assert "It is not over after all" in said
    assert "It is over" in text_of_page(pages.done(f"{place}/not-over"))
    assert "Past" not in text_of_page(pages.see("/body"))


def test_an_episode_that_is_not_there_is_told_so(pages: Pages) -> None:
    assert pages.client.get("/body/episodes/99").status_code == 404
    assert pages.post("/body/episodes/99/over").status_code == 404


def test_help_has_its_places(pages: Pages) -> None:
    page = pages.see("/body/help")
    for anchor in ("first-aid", "pads", "clinician", "cross-training", "medicines"):
        assert f'id="{anchor}"' in page
    assert "23 healthy runners" in page


# ---- P4


def sore_in(home: Home, name: str) -> None:
    """On every morning after a run in that pair, and on no other."""
    for number, activity in enumerate(home.activities()):
        sore = ("Pegasus", "Ghost")[number % 2] == name
        say(home, activity.local_date + DAY, 2 if sore else 0)


def test_sore_in_one_pair_only_is_on_that_pairs_page_with_its_p(pages: Pages) -> None:
    sore_in(pages.home, "Ghost")
    said = text_of_page(pages.see("/shoes/2"))
    assert "5 of 5 against 0 of 5: p = 0.008, a pattern" in said
    assert "Counted, not caused" in said
    assert "0 of 5 against 5 of 5" in text_of_page(pages.see("/shoes/1"))
    assert "Ghost p = 0.008, a pattern 5 of 5 0 of 5" in text_of_page(pages.see("/body"))


def test_without_an_answer_the_pairs_page_counts_nothing(pages: Pages) -> None:
    assert "Sore the next morning" not in pages.see("/shoes/1")


# ---- the terminal


@pytest.fixture
def midsole(home: Home) -> Callable[..., str]:
    def call(*arguments: str) -> str:
        found = CliRunner().invoke(app, ["--home", str(home.box.home), *arguments])
        assert found.exit_code == 0, found.output
        return found.output

    return call


def test_the_terminal_says_how_it_stands(home: Home, midsole: Callable[..., str]) -> None:
    assert "No answer yet." in midsole("pain")
    sore_in(home, "Ghost")
    said = midsole("pain")
    assert "Amber: Keep runs short" in said
    assert "left inner ball of the foot: amber, at most 2 of 10" in said
    assert "Ghost: sore the next morning after 5 of 5 runs" in said
    assert "Not medical advice." in said


def test_its_json_has_the_facts_at_the_onset_and_the_counts(home: Home, midsole: Callable[..., str]) -> None:
    sore_in(home, "Ghost")
    found = json.loads(midsole("pain", "--json"))
    assert found == json.loads(json.dumps(body.stands(home.box, ME), default=str))
    assert found["open"][0]["known"]["pairs"][0]["name"] == "Ghost"
    (one,) = (c for c in found["pain_and_shoe"]["comparisons"] if c["about"] == "pair")
    assert (one["sore"], one["runs"], one["p"], one["is_pattern"]) == (5, 5, 0.0079, True)


def test_the_word_that_it_is_over_can_be_typed(home: Home, midsole: Callable[..., str]) -> None:
    say(home, TODAY - DAY, 3)
    number = str(episodes.episodes(home.box, ME)[0]["id"])
    assert "When it began." in midsole("pain", "show", number)
    assert "is over since" in midsole("pain", "over", number)
    assert "is not over" in midsole("pain", "not-over", number)
