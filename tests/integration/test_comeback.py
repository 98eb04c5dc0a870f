"""The comeback plan on real files: walk-run to 30 minutes with one flare-up, from the break to the end."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from home import ME, Clock, Home
from midsole.actions import calendar_feed, checking_in, comebacks, episodes, weekly
from midsole.actions.evaluate import evaluate
from midsole.cli.main import app
from midsole.domain import caps
from midsole.domain.checkins import checked
from midsole.domain.errors import UsageError
from midsole.domain.plan_steps import STEPS
from midsole.store import body, runners
from midsole.store import facts as facts_store
from web_home import Pages, a_web_home, text_of_page

JOG, WALK = 2.6, 1.4
LAST_RUN = date(2026, 7, 30)
BALL = {"place": "ball-inner", "side": "left"}


def at(day: date, hour: int = 7) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def in_turns(step: int) -> Any:
    """Metres by seconds of that step, jogging and walking."""
    jog_s, walk_s = STEPS[step - 1].jog_min * 60, STEPS[step - 1].walk_min * 60

    def along(second: float) -> float:
        rounds, rest = divmod(second, jog_s + walk_s)
        return rounds * (jog_s * JOG + walk_s * WALK) + min(rest, jog_s) * JOG + max(0, rest - jog_s) * WALK

    return along


def run_step(home: Home, day: date, step: int) -> None:
    asked, along = STEPS[step - 1], in_turns(step)
    lasts_s = asked.jog_s + asked.walk_s
    km = along(lasts_s) / 1000
    home.run(at(day), km, timer_s=lasts_s, along=along, records_every_s=10, sub_sport="trail")
    home.clock.at = at(day, 19)
    home.once()


def felt(home: Home, day: date, level: int, moment: str) -> None:
    where = BALL if level else {}
    checking_in.check_in(home.box, ME, checked(day, moment, level, **where))


def well(home: Home, day: date) -> None:
    felt(home, day, 0, "after")
    home.clock.at = at(day + timedelta(days=1), 8)
    felt(home, day + timedelta(days=1), 0, "morning")


def plan_of(home: Home) -> dict[str, Any]:
    found = comebacks.comeback(home.box, ME)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """A runner of 24 km a week who has not run for 15 days."""
    clock = Clock(at(LAST_RUN, 12))
    with a_web_home(tmp_path_factory.mktemp("comeback"), clock) as opened:
        for n in range(16):
            opened.home.run(at(LAST_RUN - timedelta(days=2 * n)), 7, records_every_s=None)
        opened.home.once()
        clock.at = at(LAST_RUN + timedelta(days=15), 8)
        opened.home.once()
        yield opened


def test_one_plan_from_the_break_over_a_flare_up_to_its_end(pages: Pages) -> None:
    home = pages.home
    told = plan_of(home)
    assert (told["phase"], told["began_on"]) == ("gate", "2026-07-31")
    assert told["usual_m"] == pytest.approx(24_500, rel=0.1)
    assert "it is an offer" in told["where"]

    # The gate: three of four is no pass.
    page = pages.done("/body/comeback/gate", {"walk": "on", "stairs": "on", "hops": "on"})
    assert "try again tomorrow" in text_of_page(page)
    assert plan_of(home)["gate_on"] is None
    page = pages.done("/body/comeback/gate", dict.fromkeys(("walk", "stairs", "hops", "raise"), "on"))
    assert "step 1, 5 x (1 min jog, 1 min walk)" in text_of_page(page)

    day = home.clock.at.date()
    run_step(home, day, 1)
    assert plan_of(home)["runs"][0]["bouts"] == 5
    assert plan_of(home)["runs"][0]["verdict"] == "wait"
    well(home, day)
    assert plan_of(home)["step"] == 2

    # An unanswered run holds and asks; the answer, given late, moves it on.
    day += timedelta(days=2)
    run_step(home, day, 2)
    home.clock.at = at(day + timedelta(days=2), 6)
    assert (plan_of(home)["step"], plan_of(home)["unanswered"]) == (2, [day.isoformat()])
    assert "Without an answer the plan waits" in text_of_page(pages.see("/body/comeback"))
    well(home, day)
    assert plan_of(home)["step"] == 3

    # The flare-up: 2 in the evening, 4 in the morning. Back a step, and it holds until it is over.
    day += timedelta(days=2)
    run_step(home, day, 3)
    felt(home, day, 2, "after")
    home.clock.at = at(day + timedelta(days=1), 8)
    felt(home, day + timedelta(days=1), 4, "morning")
    back = plan_of(home)
    assert (back["step"], back["runs"][0]["verdict"]) == (2, "back")
    assert "hurt more than the evening" in back["where"]
    for gap in (3, 2):
        day += timedelta(days=gap)
        run_step(home, day, 2)
        well(home, day)
        assert plan_of(home)["step"] == 2
        assert "is not over yet" in plan_of(home)["runs"][0]["why"]
    (episode,) = episodes.episodes(home.box, ME)
    episodes.say_over(home.box, ME, episode["id"])
    day += timedelta(days=2)
    run_step(home, day, 2)
    well(home, day)

    # On to 30 minutes three times, painless, every other day.
    for step in (3, 4, 5, 6, 7, 7, 7):
        assert plan_of(home)["step"] == step
        day += timedelta(days=2)
        run_step(home, day, step)
        well(home, day)
    assert plan_of(home)["phase"] == "three-two"
    assert "3 runs" in text_of_page(pages.see("/body/comeback"))
    for gap in (2, 2, 2, 2, 2, 2, 1):
        day += timedelta(days=gap)
        run_step(home, day, 7)
        well(home, day)
    assert plan_of(home)["phase"] == "four-one"
    home.clock.at = at(day + timedelta(days=3), 8)
    evaluate(home.box, ME)
    with home.box.store.read() as tx:
        (row,) = body.plans(tx, ME)
    assert row.done_on is not None
    assert comebacks.comeback(home.box, ME) is None
    with home.box.store.read() as tx:
        facts = facts_store.load(tx, runners.get(tx, ME), home.box.now())
    assert "comeback" not in caps.cap(facts).because


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """A plan that waits for its gate."""
    clock = Clock(at(LAST_RUN, 12))
    with a_web_home(
        tmp_path_factory.mktemp("waiting"),
        clock,
    ) as opened:
        for n in range(10):
            opened.home.run(at(LAST_RUN - timedelta(days=3 * n)), 8, records_every_s=None)
        opened.home.once()
        clock.at = at(LAST_RUN + timedelta(days=16), 8)
        opened.home.once()
        yield opened


def test_it_is_edited_left_and_taken_up_again(waiting: Pages) -> None:
    home = waiting.home
    waiting.done("/body/comeback/edit", {"what": "step", "step": "3"})
    waiting.done("/body/comeback/edit", {"what": "days", "day": ["1", "3", "5"]})
    waiting.done("/body/comeback/edit", {"what": "hold"})
    told = plan_of(home)
    assert (told["step"], told["days"], told["held_until"]) == (3, [1, 3, 5], "2026-08-21")
    assert waiting.post("/body/comeback/edit", {"what": "step", "step": "9"}).status_code == 422
    assert "You left the plan" in text_of_page(waiting.done("/body/comeback/leave"))
    assert plan_of(home)["phase"] == "left"
    assert waiting.post("/body/comeback/leave").status_code == 422
    waiting.done("/body/comeback/again")
    assert plan_of(home)["step"] == 3


def test_mail_and_calendar_carry_it(waiting: Pages) -> None:
    home = waiting.home
    comebacks.edit(home.box, ME, step=3)
    text = weekly.preview(home.box, ME).message.text
    feed = calendar_feed.calendar(home.box, ME).decode().replace("\r\n ", "")
    assert "Comeback step 3: 5 x (3 min jog" in feed
    assert "UID:comeback-0." in feed
    assert "Next: step 3, 5 x (3 min jog, 1 min walk)" in " ".join(text.split())


def test_programs_and_the_command_line_see_the_same(waiting: Pages) -> None:
    answer = waiting.get("/api/v1/comeback")
    assert answer.status_code == 200
    told = answer.json()["plan"]
    assert told == json.loads(json.dumps(plan_of(waiting.home)))
    tried = waiting.client.post("/api/v1/comeback/gate", json={"painless": ["walk"]})
    assert tried.json()["passed"] is False
    home = ["--home", str(waiting.home.box.home)]
    shown = CliRunner().invoke(app, [*home, "comeback", "show", "--json"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.output)["plan"]["phase"] == told["phase"]
    changed = CliRunner().invoke(app, [*home, "comeback", "edit", "--days", "mon,thu", "--json"])
    assert json.loads(changed.output)["plan"]["days"] == [0, 3]
    assert CliRunner().invoke(app, [*home, "comeback", "edit", "--days", "someday"]).exit_code != 0
    few = CliRunner().invoke(app, [*home, "comeback", "gate", "--walk", "--raise"])
    assert "try again tomorrow" in few.output
    assert waiting.client.post("/api/v1/comeback/leave").json()["plan"]["phase"] == "left"
    assert waiting.client.post("/api/v1/comeback/again").json()["plan"]["is_open"] is True
    plain = CliRunner().invoke(app, [*home, "comeback"])
    assert "Not medical advice" in plain.output


def test_after_red_pain_the_gate_is_a_lock(waiting: Pages) -> None:
    home = waiting.home
    today = home.clock.at.date()
    felt(home, today, 7, "rest")
    told = plan_of(home)
    assert (told["gate_waits"], told["cap_run_m"]) == (True, 0)
    with pytest.raises(UsageError, match="red pain is open"):
        comebacks.pass_gate(home.box, ME, ["walk", "stairs", "hops", "raise"])
    page = waiting.post("/body/comeback/gate", dict.fromkeys(("walk", "stairs", "hops", "raise"), "on"))
    assert page.status_code == 422
    assert "red pain is open" in text_of_page(page.text)


def test_without_a_plan_the_page_says_how_one_begins(tmp_path: Path) -> None:
    with a_web_home(tmp_path) as fresh:
        assert "opens by itself after 14 days" in text_of_page(fresh.see("/body/comeback"))
        assert fresh.get("/api/v1/comeback").json() == {"plan": None}
        assert fresh.post("/body/comeback/gate").status_code == 422
