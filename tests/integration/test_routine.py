"""The routine on its page, by API, by command and by mail: ticked with one tap, reminded once a day."""

import json
import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from home import ME, Home, a_home, text_of
from midsole.actions import api_tokens, routine, setup, targets
from midsole.actions.box import Box
from midsole.cli.main import app
from midsole.domain.checkins import MORNING, CheckIn
from midsole.domain.errors import NotThere, UsageError
from midsole.store import body
from web_home import OTHERWHERE, Pages, pages_of, text_of_page

TODAY = date(2026, 11, 18)
PUBLIC = {"web_public_url": OTHERWHERE}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with a_home(tmp_path_factory.mktemp("routine"), **PUBLIC) as home, pages_of(home) as pages:
        yield pages


@pytest.fixture
def pages(shared: Pages) -> Pages:
    """Nothing ticked, nothing chosen, nothing that hurts, no reminder."""
    home = shared.home
    with home.box.store.write() as tx:
        for one in body.check_ins(tx, ME):
            body.remove_check_in(tx, ME, one.id)
        for on, exercise in body.ticks(tx, ME):
            body.untick(tx, ME, on, exercise)
        for exercise in body.choices(tx, ME):
            body.choose(tx, ME, exercise, None)
    routine.set_reminder(home.box, ME, None)
    home.clock.at += timedelta(days=40)
    return shared


def hurts(home: Home, level: int = 4, place: str = "ball-inner") -> None:
    with home.box.store.write() as tx:
        today = home.clock.at.date()
        body.add_check_in(tx, ME, CheckIn(today, MORNING, level, place, "left"), home.clock.at)


def today_of(box: Box) -> dict[str, bool]:
    return {e["exercise"]: e["done"] for e in routine.routine(box, ME)["today"]}


def test_the_first_time_the_page_says_when_there_is_something_to_do(pages: Pages) -> None:
    text = text_of_page(pages.see("/body/routine"))
    assert "Nothing is open, so no exercise is asked of you." in text
    assert "All exercises" in text
    assert "not medical advice" in text


def test_forefoot_pain_brings_the_calf_stretch_first_and_one_tap_ticks_it(pages: Pages) -> None:
    hurts(pages.home)
    page = pages.see("/body/routine")
    assert re.findall(r"<h3>(.+?)</h3>", page)[:2] == ["Calf stretch at the wall", "Heel drop off a step"]
    assert "30 s or more is best supported" in page
    assert 'role="img"' in page
    text = text_of_page(pages.done("/body/routine/tick", {"exercise": "calf-stretch"}))
    assert "Ticked." in text
    assert "1 of 5 done today" in text
    assert today_of(pages.home.box)["calf-stretch"]
    pages.done("/body/routine/untick", {"exercise": "calf-stretch"})
    assert not any(today_of(pages.home.box).values())


def test_more_and_less_are_a_tap_each(pages: Pages) -> None:
    hurts(pages.home)
    pages.done("/body/routine/choose", {"exercise": "marbles", "wanted": "yes"})
    pages.done("/body/routine/choose", {"exercise": "towel-scrunch", "wanted": "no"})
    assert "marbles" in today_of(pages.home.box)
    assert "towel-scrunch" not in today_of(pages.home.box)
    assert "left out" in text_of_page(pages.see("/body/routine"))
    pages.done("/body/routine/choose", {"exercise": "towel-scrunch", "wanted": "rules"})
    assert "towel-scrunch" in today_of(pages.home.box)
    assert pages.post("/body/routine/choose", {"exercise": "marbles", "wanted": "maybe"}).status_code == 422
    assert pages.post("/body/routine/tick", {"exercise": "handstand"}).status_code == 404


def test_while_red_the_page_says_rest(pages: Pages) -> None:
    hurts(pages.home, level=8)
    text = text_of_page(pages.see("/body/routine"))
    assert "Exercises do not replace rest while red." in text
    assert today_of(pages.home.box) == {}


def test_what_makes_it_worse_leads_to_a_red_flag(pages: Pages) -> None:
    hurts(pages.home)
    page = pages.see("/body/routine")
    assert 'href="/body/check-in"' in page
    assert "counts as a red flag" in page


def test_only_a_known_exercise_of_the_last_week_is_ticked(pages: Pages) -> None:
    box, today = pages.home.box, pages.home.clock.at.date()
    routine.tick(box, ME, "marbles", today - timedelta(days=7))
    for day in (today - timedelta(days=8), today + timedelta(days=1)):
        with pytest.raises(UsageError, match="today or one of the 7 days before"):
            routine.tick(box, ME, "marbles", day)
    with pytest.raises(NotThere, match="There is no exercise 'handstand'"):
        routine.untick(box, ME, "handstand")


def test_adherence_is_said_in_words_and_drawn(pages: Pages) -> None:
    hurts(pages.home)
    pages.home.clock.on(days=3)
    routine.tick(pages.home.box, ME, "heel-drop")
    page = pages.see("/body/routine")
    assert "Done on 1 of the last 4 days." in text_of_page(page)
    assert 'class="ticks"' in page


def test_a_program_reads_ticks_and_chooses_with_the_scope_of_health_alone(pages: Pages) -> None:
    hurts(pages.home)
    pages.home.clock.on(seconds=1)
    box = pages.home.box
    token = {one: api_tokens.make_token(box, ME, one, [one]) for one in ("health", "read", "write")}

    def ask(method: str, path: str, scope: str = "health", **how: Any) -> Any:
        headers = {"Authorization": f"Bearer {token[scope]}"}
        return pages.client.request(method, f"/api/v1/routine{path}", headers=headers, **how)

    assert ask("GET", "", "read").status_code == 403
    assert ask("POST", "/marbles/tick", "write").status_code == 403
    assert ask("GET", "").json()["today"][0]["exercise"] == "calf-stretch"
    ticked = ask("POST", "/calf-stretch/tick").json()
    assert [e["exercise"] for e in ticked["today"] if e["done"]] == ["calf-stretch"]
    assert ticked["days_since_calf_stretch"] == 0
    assert ask("DELETE", "/calf-stretch/tick").json()["days_since_calf_stretch"] is None
    assert ask("PATCH", "/marbles", json={"wanted": True}).json()["today"][-1]["exercise"] == "marbles"
    assert ask("POST", "/handstand/tick").status_code == 404
    assert ask("POST", "/marbles/tick?on_day=2020-01-01").status_code == 422


def test_the_command_does_the_same(tmp_path: Path) -> None:
    with a_home(tmp_path) as home:
        home.box.store.close()

    def typed(*words: str) -> str:
        done = CliRunner().invoke(app, ["--home", str(tmp_path / "home"), "routine", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert "Nothing is open" in typed()
    typed("choose", "marbles", "yes")
    typed("tick", "marbles")
    found = json.loads(typed("list", "--json"))
    assert [(e["exercise"], e["done"]) for e in found["today"]] == [("marbles", True)]
    typed("untick", "marbles")
    assert "You are reminded at 18:30." in typed("remind", "18:30") + typed()
    assert json.loads(typed("--json"))["remind_at"] == "18:30"
    typed("off")
    assert "No reminder is set." in typed()


def reminders(home: Home) -> list[Any]:
    return home.deliveries("routine")


@pytest.fixture
def reminded(tmp_path: Path) -> Iterator[Home]:
    """At 18:00 in Berlin; it is noon in Greenwich, and the ball of the foot hurts."""
    with a_home(tmp_path, zone="Europe/Berlin", **PUBLIC) as home:
        routine.set_reminder(home.box, ME, time(18))
        hurts(home)
        yield home


def test_a_reminder_comes_once_a_day_at_the_chosen_hour_and_counts_in_no_budget(reminded: Home) -> None:
    reminded.clock.on(hours=4, minutes=59)
    reminded.once()
    assert reminders(reminded) == []
    reminded.clock.on(minutes=1)
    reminded.once()
    reminded.once()
    (mail,) = reminders(reminded)
    assert mail.subject == "Your routine for today"
    assert not mail.counts_in_budget
    assert mail.of_health
    assert "Calf stretch at the wall" in text_of(mail)
    assert "not medical advice" in text_of(mail)
    reminded.clock.on(days=1)
    reminded.once()
    assert len(reminders(reminded)) == 2


def test_when_all_is_done_or_it_is_quiet_nobody_is_reminded(reminded: Home) -> None:
    setup.edit_runner(reminded.box, ME, quiet_from=time(17), quiet_until=time(19))
    reminded.clock.on(hours=5)
    reminded.once()
    assert reminders(reminded) == []
    for name in routine.names_of(reminded.box, ME):
        routine.tick(reminded.box, ME, name)
    reminded.clock.on(hours=1)
    reminded.once()
    assert reminders(reminded) == []


def test_one_tap_of_the_mail_ticks_all_and_is_taken_back_without_the_ticks_before(reminded: Home) -> None:
    targets.add(reminded.box, ME, "push", "phone", "ntfys://ntfy.example.org/topic")
    routine.tick(reminded.box, ME, "heel-drop")
    reminded.clock.on(hours=5)
    routine.remind_all(reminded.box)
    mail, push = reminders(reminded)
    assert "Midsole reminds you, as you asked: open the page." in push.eml.decode()
    assert "Heel drop" not in text_of(mail)
    found = re.findall(rf"{OTHERWHERE}(/t/[\w-]+\.1-\d+-(ticks|stop)-\S+)", text_of(mail))
    links = {purpose: path for path, purpose in found}
    with pages_of(reminded, OTHERWHERE, **PUBLIC) as pages:
        assert "Have you done them all?" in text_of_page(pages.client.get(links["ticks"]).text)
        done = pages.client.post(links["ticks"])
        assert all(today_of(reminded.box).values())
        before = re.search(r'name="before" value="([^"]*)"', done.text)
        assert before is not None
        pages.client.post(links["ticks"], data={"do": "undo", "before": before[1]})
        assert [name for name, is_done in today_of(reminded.box).items() if is_done] == ["heel-drop"]
        stopped = pages.client.post(links["stop"])
        assert reminded.runner().routine_at is None
        assert reminders(reminded)[0].state == "withdrawn"
        was = re.search(r'name="before" value="([^"]*)"', stopped.text)
        assert was is not None
        pages.client.post(links["stop"], data={"do": "undo", "before": was[1]})
        assert reminded.runner().routine_at == time(18)
