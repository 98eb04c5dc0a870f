"""Today: what a runner reads there with nothing, a steady week, a warning, or a silent source."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from home import NOW, Clock, Home
from midsole.actions import evaluate, setup, shoes
from midsole.store import tables as t
from web_home import Pages, a_web_home, text_of_page

LAST = datetime(2026, 11, 17, 7, tzinfo=UTC)
"""Yesterday's run."""


def fill(home: Home, last_km: float = 8.0) -> None:
    """Ten weeks of three runs of 8 km in one pair; the last run is of `last_km`."""
    shoes.add_shoe(home.box, 1, "Pegasus <41>", "daily", shoes.Start(known_m=0.0), first_used_on=LAST.date())
    for week in range(1, 11):
        for n in (0, 2, 4):
            home.run(LAST - timedelta(days=7 * week - n), 8)
    home.run(LAST, last_km)
    home.once()


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    with a_web_home(tmp_path_factory.mktemp("steady"), Clock()) as pages:
        fill(pages.home)
        yield pages


@pytest.fixture(scope="module")
def warned(tmp_path_factory):
    with a_web_home(tmp_path_factory.mktemp("warned"), Clock()) as pages:
        fill(pages.home, 12.0)
        with pages.home.box.store.write() as tx:  # as if the history had been there before
            tx.execute(t.alert.update().where(t.alert.c.rule == "L1").values(state="open"))
        yield pages


def see(pages: Pages, path: str = "/") -> str:
    return text_of_page(pages.see(path))


def test_a_home_without_runs_welcomes_and_names_three_ways_to_begin(tmp_path):
    with a_web_home(tmp_path) as pages:
        found = pages.see("/")
        assert "There are no runs here yet" in text_of_page(found)
        for place in ("/settings/sources", "/uploads", "/welcome"):
            assert f'href="{place}"' in found
        assert "Steady" not in found


def test_a_steady_week_says_so_with_the_time_of_the_last_sync(steady):
    found = see(steady)
    assert "Steady: 8 km so far this week, your usual is 24 km." in found
    assert "As of the last sync, 0 min ago" in found
    assert "None is open." in found


def test_the_caps_are_those_of_the_command_line(steady):
    found = see(steady)
    assert "Next run at most 8.8 km" in found
    assert "Left this week at most 18.4 km" in found


def test_a_plan_that_is_too_long_names_the_rules_it_would_trip(steady):
    found = see(steady, "/?distance=21km&on=2026-11-20")
    assert "21 km on 20 Nov 2026 would trip session spike" in found
    assert "at most 8.8 km" in found
    assert "trips no rule" in see(steady, "/?distance=8")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("distance=far", "is no distance"),
        ("distance=8&on=soon", "is no date"),
        ("distance=8&on=2020-01-01", "one of the next eight weeks"),
    ],
)
def test_a_plan_that_cannot_be_read_keeps_what_was_typed(steady, asked, said):
    answer = steady.get(f"/?{asked}")
    assert answer.status_code == 422
    assert said in text_of_page(answer.text).replace("&#39;", "'")
    assert f'value="{asked.split("&")[0].removeprefix("distance=")}"' in answer.text


def test_a_pair_in_use_has_its_bar_and_its_name_is_escaped(steady):
    found = steady.see("/")
    assert "Pegasus &lt;41&gt;" in found
    assert "<41>" not in found
    assert 'class="wearbar"' in found


def test_a_run_without_a_shoe_asks_which_pair_it_was_with_one_button(tmp_path):
    with a_web_home(tmp_path) as pages:
        fill(pages.home)
        with pages.home.box.store.write() as tx:
            tx.execute(t.wearing.delete())
        found = pages.see("/")
        assert "Runs that wait for a shoe" in found
        (form,) = re.findall(r'<form[^>]*action="/runs/(\d+)/shoe".*?</form>', found, re.S)[:1]
        assert f'id="shoe-of-{form}" name="shoe_id"' in found
        assert '<input type="hidden" name="back" value="/">' in found
        assert 'href="/runs/waiting"' in found


def test_a_long_run_warns_with_numbers_evidence_advice_and_what_to_do(warned):
    found = see(warned)
    assert "Load warning: 12 km in one run on 17 Nov, 50 % longer than any in 30 days." in found
    assert "Evidence: one large cohort study." in found
    assert "Do this:" in found
    html = warned.see("/")
    assert 'href="/alerts/rules#L1"' in html
    assert re.search(r'href="/runs/\d+">See the run', html)
    for what in ("acknowledge", "snooze"):
        assert re.search(rf'action="/alerts/\d+/{what}"', html)


def test_a_long_run_of_three_weeks_ago_is_history(tmp_path):
    clock = Clock()
    with a_web_home(tmp_path, clock) as pages:
        fill(pages.home, 12.0)
        with pages.home.box.store.write() as tx:
            tx.execute(t.alert.update().where(t.alert.c.rule == "L1").values(state="open"))
        assert "Session spike" in see(pages)
        clock.on(days=15)
        found = see(pages)
        assert "Session spike" not in found
        assert "acknowledged, snoozed or old" in found


def test_the_page_says_when_to_see_a_clinician_where_it_speaks_of_feet(warned, steady):
    assert "see a clinician now" in see(warned)
    assert "see a clinician" not in see(steady)


def test_a_silent_source_gives_no_verdict_and_is_named_first(tmp_path):
    clock = Clock()
    with a_web_home(tmp_path, clock) as pages:
        fill(pages.home)
        clock.on(days=3)
        evaluate.evaluate(pages.home.box, 1)
        found = see(pages)
        assert "No verdict: nothing synced since Wednesday." in found
        assert "Steady" not in found
        assert "needs a look" in found
        assert "is the worker running?" in found


def test_history_that_still_comes_in_is_said(tmp_path):
    with a_web_home(tmp_path) as pages:
        fill(pages.home)
        pages.home.run(NOW - timedelta(days=400), 5)
        with pages.home.box.store.write() as tx:
            tx.execute(t.runner.update().values(catching_up="first"))
            tx.execute(t.raw_file.update().where(t.raw_file.c.id == 1).values(state="new"))
        assert "History is still coming in" in see(pages)


def test_miles_are_said_in_miles(tmp_path):
    with a_web_home(tmp_path) as pages:
        fill(pages.home)
        setup.edit_runner(pages.home.box, 1, units="mi")
        found = see(pages)
        assert "5 mi so far this week" in found
        assert " km" not in found


def test_nothing_on_the_page_is_said_by_style_or_script_inside_it(warned):
    assert not re.search(r'\sstyle=|<script(?! src)|\son\w+="', warned.see("/"))


def test_every_id_of_the_page_is_there_once(warned):
    ids = re.findall(r'\sid="([^"]+)"', warned.see("/?distance=21km"))
    assert len(ids) == len(set(ids))
