"""First run by clicks: three questions, the first alert; and the demo, which touches nobody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fakes.channel import FakeChannel
from home import ME, NOW, Home, a_home, fit
from midsole.actions import demo, entering, logging_in, mailtest, setup, shoes, views
from midsole.actions.box import find_runner
from midsole.actions.bring_back import bring_back
from midsole.actions.export import export
from midsole.domain import demo_runs
from midsole.domain.errors import UsageError
from midsole.store.tables.base import metadata
from web_home import OTHERWHERE, Pages, a_web_home, pages_of, text_of_page

ZONE = "Europe/Berlin"
ANSWERS = {
    "name": "Grace",
    "zone": ZONE,
    "units": "km",
    "shoe": "Pegasus 41",
    "kind": "daily",
    "start": "320",
}


def _rows(home: Home, runner_id: int | None = None) -> dict[str, list[Any]]:
    """Every row of every table, of one runner where there is a column for it."""
    found = {}
    with home.box.store.read() as tx:
        for name, table in metadata.tables.items():
            if name in ("slot", "session", "attempt"):  # of the clock and of browsers, not of a runner's runs
                continue
            query = select(table)
            if runner_id is not None:
                key = table.c.get("runner_id", table.c.id if name == "runner" else None)
                if key is None:
                    continue
                query = query.where(key == runner_id)
            found[name] = sorted(map(repr, tx.execute(query)))
    return found


# ---- three questions


def test_three_answers_name_the_runner_and_add_the_pair_and_lead_to_the_uploads(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        assert "Three questions" in text_of_page(pages.see("/welcome"))
        answer = pages.post("/welcome", {**ANSWERS, "source": "upload"})
        assert answer.headers["location"] == "/uploads"
        me = pages.home.runner()
        (pair,) = shoes.known(pages.home.box, ME)
        assert (me.name, me.zones[-1][1]) == ("Grace", ZONE)
        assert (pair.name, pair.start_m) == ("Pegasus 41", 320_000.0)


def test_every_answer_may_be_left_open(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        before = _rows(pages.home, ME)
        assert pages.post("/welcome", {}).headers["location"] == "/"
        assert _rows(pages.home, ME) == before
        garmin = pages.post("/welcome", {"source": "garmin"})
        assert garmin.headers["location"] == "/settings/sources"


def test_a_wrong_answer_is_told_with_all_others_kept_and_nothing_written(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        before = _rows(pages.home, ME)
        for wrong in ({"start": "far"}, {"since": "2026-01-01"}, {"source": "folder"}, {"zone": "Atlantis"}):
            answer = pages.post("/welcome", {**ANSWERS, **wrong})
            assert answer.status_code == 422, wrong
            assert 'value="Pegasus 41"' in answer.text
            assert 'role="alert"' in answer.text
        assert _rows(pages.home, ME) == before


def test_answered_twice_the_pair_is_there_once(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        pages.done("/welcome", ANSWERS)
        pages.done("/welcome", ANSWERS)
        assert len(shoes.known(pages.home.box, ME)) == 1


def test_a_folder_is_connected_by_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "watch"
    folder.mkdir()
    with a_web_home(tmp_path) as pages:
        seen = pages.done("/welcome", {"source": "folder", "folder": str(folder)})
        assert "The folder is connected" in text_of_page(seen)
        ada = setup.add_runner(pages.home.box, "Ada", "UTC")
        with pages_of(pages.home) as hers:
            hers.post("/who", {"runner": ada})
            assert 'id="folder"' not in hers.see("/welcome")
            assert hers.post("/welcome", {"source": "folder", "folder": str(folder)}).status_code == 422


def test_from_the_first_page_to_the_first_alert_by_clicks(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        told = {"zone": "UTC", "longest": "10", "usual": "25", "source": "upload"}
        pages.done("/welcome", {**ANSWERS, **told})
        pages.home.drop("long.fit", fit(NOW - timedelta(hours=5), 18))
        pages.home.once()
        assert "L1" in {alert["rule"] for alert in views.alerts(pages.home.box, ME)}
        assert "longer than" in text_of_page(pages.see("/alerts"))


def test_a_stranger_is_not_welcome(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages, pages_of(pages.home, OTHERWHERE, ("203.0.113.9", 9)) as stranger:
        before = _rows(pages.home)
        assert stranger.get("/welcome").status_code == 303
        for place in ("", "/demo", "/demo/remove"):
            assert stranger.post(f"/welcome{place}", ANSWERS).status_code == 303
        assert _rows(pages.home) == before


# ---- the demo


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pages, dict[str, list[Any]]]]:
    """A browser that looks at the demo of a home with a real run, and the real runner's rows before it."""
    with a_web_home(tmp_path_factory.mktemp("demo"), email="me@example.org") as pages:
        pages.home.run(NOW - timedelta(days=2), 10)
        pages.home.once()
        before = _rows(pages.home, ME)
        answer = pages.post("/welcome", {"source": "demo"})
        assert answer.status_code == 303
        yield pages, before


def test_the_demo_is_entered_by_one_click_and_says_on_every_page_that_it_is_made_up(
    shown: tuple[Pages, dict[str, list[Any]]],
) -> None:
    pages, _ = shown
    for place in (
        "/",
        "/runs",
        "/shoes",
        "/load",
        "/alerts",
        "/settings",
        "/settings/mail",
        "/settings/export",
    ):
        assert "Made-up data." in text_of_page(pages.see(place)), place
    with pages_of(pages.home) as real:
        assert "Made-up data." not in text_of_page(real.see("/"))


def test_the_demo_has_two_years_three_pairs_and_warnings(shown: tuple[Pages, dict[str, list[Any]]]) -> None:
    made = demo.find(shown[0].home.box)
    assert made is not None
    home = shown[0].home
    runs = [a for a in home.activities(made.id) if a.sport == "running"]
    assert len(runs) > 300
    assert (runs[-1].local_date - runs[0].local_date).days > 700
    pairs = views.shoes(home.box, made.id)
    assert [bool(pair["retired_on"]) for pair in pairs] == [True, False, False]
    assert all(pair["runs"] > 30 for pair in pairs)
    open_ones = {(a["rule"], a["level"]) for a in views.alerts(home.box, made.id) if a["state"] == "open"}
    assert {("L1", "warn"), ("S1", "warn")} <= open_ones


def test_the_demo_leaves_the_real_runner_as_they_were(shown: tuple[Pages, dict[str, list[Any]]]) -> None:
    pages, before = shown
    assert _rows(pages.home, ME) == before
    assert entering.owner(pages.home.box).id == ME
    with pages.home.box.store.read() as tx:
        assert find_runner(tx, None).id == ME


def test_the_demo_gets_no_mail_and_takes_no_address(shown: tuple[Pages, dict[str, list[Any]]]) -> None:
    pages, _ = shown
    made = demo.find(pages.home.box)
    assert made is not None
    postman = FakeChannel()
    with_mail = Home(replace(pages.home.box, mail=postman), pages.home.clock)
    with_mail.once()
    assert {row.state for row in pages.home.deliveries(runner_id=made.id)} == {"withdrawn"}
    assert not [to for to, _ in postman.sent if to != "me@example.org"]
    with pytest.raises(UsageError, match="no mail"):
        mailtest.send_test(with_mail.box, made.id)
    with pytest.raises(UsageError, match="no mail"):
        setup.edit_runner(with_mail.box, made.id, email="me@example.org")
    assert pages.post("/settings/mail/weekly").status_code == 422


def test_nobody_else_can_take_the_demos_address(shown: tuple[Pages, dict[str, list[Any]]]) -> None:
    with pytest.raises(UsageError, match="no mail address"):
        setup.edit_runner(shown[0].home.box, ME, email="Demo@midsole.invalid")


def test_the_real_runner_can_not_be_erased_while_only_the_demo_is_beside(
    shown: tuple[Pages, dict[str, list[Any]]],
) -> None:
    with pytest.raises(UsageError, match="only runner"):
        setup.erase_runner(shown[0].home.box, ME)


def test_removed_the_demo_leaves_no_row_and_no_file(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        pages.home.run(NOW - timedelta(days=2), 10)
        pages.home.once()
        rows, files = _rows(pages.home), pages.home.originals()
        made = demo.make(pages.home.box, ZONE, days=30)
        assert demo.make(pages.home.box, ZONE, days=30).id == made.id
        pages.done("/welcome/demo")
        seen = pages.done("/welcome/demo/remove")
        assert "The demo is removed." in text_of_page(seen)
        assert "Made-up data." not in text_of_page(seen)
        assert (_rows(pages.home), pages.home.originals()) == (rows, files)
        assert pages.home.outbox() == []


def test_a_demo_that_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    with a_home(tmp_path) as home:
        half = demo._add(home.box, ZONE, "km")
        assert home.activities(half) == []
        made = demo.make(home.box, ZONE, days=14)
        assert home.activities(made.id)
        assert [runner.name for runner in setup.everyone(home.box)] == ["me", "Demo"]


def test_an_export_of_the_demo_makes_no_demo_of_a_real_runner(tmp_path: Path) -> None:
    with a_home(tmp_path) as home, a_home(tmp_path / "other") as other:
        made = demo.make(home.box, ZONE, days=14)
        export(home.box, made.id, tmp_path / "demo.zip")
        bring_back(other.box, ME, tmp_path / "demo.zip")
        assert len(other.activities()) == len(home.activities(made.id))
        assert not other.runner().is_demo
        assert entering.owner(other.box).id == ME


def test_a_runner_who_is_called_demo_keeps_the_name(tmp_path: Path) -> None:
    with a_home(tmp_path) as home:
        setup.edit_runner(home.box, ME, name="Demo")
        assert demo.make(home.box, ZONE, days=14).name == "Demo 2"
        assert not home.runner().is_demo


def test_where_somebody_has_a_password_there_is_no_demo(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as pages:
        before = len(setup.everyone(pages.home.box))
        with pages_of(pages.home, OTHERWHERE, ("203.0.113.9", 9)) as stranger:
            logging_in.set_owner_password(pages.home.box, "correct horse battery")
            assert stranger.post("/welcome/demo").status_code == 303
        assert pages.get("/welcome").status_code == 303
        assert len(setup.everyone(pages.home.box)) == before


def test_the_story_is_the_same_each_time_and_ends_with_a_run_a_quarter_longer() -> None:
    until = date(2026, 11, 18)
    story = demo_runs.outings(until)
    assert story == demo_runs.outings(until)
    *before, last = [outing for outing in story if outing.is_run]
    recent = [outing.distance_m for outing in before if outing.day >= last.day - timedelta(days=30)]
    assert last.distance_m == round(1.25 * max(recent))
    assert last.day == until - timedelta(days=1)
