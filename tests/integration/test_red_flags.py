"""A red flag from the answer to the mail: past quiet hours, imports and silence, and to nobody else."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from api_home import api_of
from home import ME, NOW, Home, text_of
from hook_server import hook_server
from midsole.actions import alerts, episodes, feeling, setup, targets, today, weekly
from midsole.actions.checking_in import check_in, remove
from midsole.actions.deliver import deliver_due
from midsole.actions.evaluate import evaluate
from midsole.actions.links import open_link
from midsole.domain.checkins import CheckIn
from midsole.domain.errors import UsageError
from midsole.store import body, runners
from told_home import a_told_home

NIGHT_OF_THE_DAY = NOW.replace(hour=23, minute=30)
OF_THE_BODY = re.compile(
    r"pain|sore|hurt|heel|night|swell|flag|alarm|clinician|s3cret|\bP[123]\b", re.IGNORECASE
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_told_home(tmp_path, web_public_url="https://run.example.org") as home:
        setup.edit_runner(home.box, ME, quiet_from=time(21), quiet_until=time(9))
        yield home


def felt(on: date, level: int = 3, moment: str = "night", **more: Any) -> CheckIn:
    where = {"place": "heel", "side": "left"} if level or more.get("signs") else {}
    return CheckIn(on, moment, level, **(where | more))


def says(home: Home, level: int = 3, moment: str = "night", **more: Any) -> Any:
    return check_in(home.box, ME, felt(home.clock.now().date(), level, moment, **more))


def mails(home: Home) -> list[Any]:
    """Alerts of pain; after a day without a look a silent source has one too."""
    told = [row for row in home.deliveries("alert") if row.target_id is None]
    return [row for row in told if row.subject.startswith("Pain")]


def test_a_red_flag_is_told_at_once_by_day_and_at_seven_after_a_quiet_night(home: Home) -> None:
    says(home)
    home.clock.at = NIGHT_OF_THE_DAY
    says(home, signs=("swelling",))
    by_day, by_night = mails(home)
    assert by_day.next_at == NOW
    assert by_night.next_at == datetime(2026, 11, 19, 7, tzinfo=NOW.tzinfo)
    assert {row.of_health for row in mails(home)} == {True}
    assert {row.counts_in_budget for row in mails(home)} == {False}
    text = text_of(by_night)
    assert by_night.subject.startswith("Pain alarm: Red flag: swelling, heat or redness, your left heel")
    assert text.splitlines()[2] == "Do this: Do not run, and see a clinician now."
    assert "not medical advice" in text
    assert f"https://run.example.org/body/episodes/{episodes.episodes(home.box, ME)[0]['id']}" in text
    for place in ("/body/help#first-aid", "/alerts/rules#P3", "/t/"):
        assert f"https://run.example.org{place}" in text


def test_an_alarm_of_pain_that_was_said_late_is_not_withdrawn_in_the_night(home: Home) -> None:
    home.clock.at = NIGHT_OF_THE_DAY
    check_in(home.box, ME, felt(NOW.date() - timedelta(days=2), 8, "after"))
    home.clock.on(hours=8)
    deliver_due(home.box)
    assert [row.state for row in mails(home)] == ["sent"]


def test_while_history_comes_in_a_red_flag_is_told_and_nothing_else(home: Home) -> None:
    with home.box.store.write() as tx:
        runners.start_catching_up(tx, ME, "first")
        runners.change(tx, ME, taking_in_until=NOW + timedelta(hours=1))
    home.run(NOW - timedelta(hours=6), 30)
    said = says(home)
    assert said.standing == "alarm"
    assert [row.subject.split(":")[0] for row in mails(home)] == ["Pain alarm"]
    assert home.alerts("L1") == []
    evaluate(home.box, ME)
    with home.box.store.write() as tx:
        runners.change(tx, ME, taking_in_until=None)
    home.once()
    assert len(mails(home)) == 1
    assert home.runner().catching_up is None


def test_an_edit_that_is_silent_silences_no_red_flag(home: Home) -> None:
    says(home, 0)
    with home.box.store.write() as tx:
        body.add_check_in(tx, ME, felt(NOW.date()), NOW)
    evaluate(home.box, ME, silent=True)
    assert len(mails(home)) == 1


def test_push_and_webhook_say_nothing_of_the_body_and_neither_does_the_log(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with hook_server() as hooks:
        targets.add(home.box, ME, "push", "phone", f"json://127.0.0.1:{hooks.port}/push")
        targets.add(home.box, ME, "webhook", "house", f"{hooks.url}/hook")
        says(home, 7, kind="sharp", signs=("swelling",), note="s3cret swollen heel")
        deliver_due(home.box)
        calls = [json.loads(call.body) for call in hooks.calls]
    assert len(calls) == 4, "one push, and an event for each alert"
    assert not OF_THE_BODY.search(re.sub(r"/alerts|\"alert\"", "", json.dumps(calls)))
    beside = [row for row in home.deliveries("alert") if row.target_id is not None]
    assert {(row.subject, row.of_health) for row in beside} == {("Midsole", True)}
    assert "s3cret" not in json.dumps([text_of(row) for row in mails(home)])
    assert "s3cret" not in caplog.text


def test_a_token_that_may_not_read_health_data_sees_no_alert_of_pain(home: Home) -> None:
    says(home)
    number = home.alerts("P3")[0].id
    with api_of(home, scopes=("read", "write")) as api:
        assert {row["rule"] for row in api.get("/alerts")["items"]}.isdisjoint({"P1", "P3"})
        unknown = api.refused("GET", "/alerts/99999", 404).replace("99999", str(number))
        assert api.refused("GET", f"/alerts/{number}", 404) == unknown
        assert api.refused("POST", f"/alerts/{number}/acknowledge", 404) == unknown
    with api_of(home) as api:
        (flag,) = [row for row in api.get("/alerts")["items"] if row["rule"] == "P3"]
        assert (flag["numbers"]["place"], flag["numbers"]["level"]) == ("heel", 3)
        assert api.send(f"/alerts/{number}/acknowledge")["state"] == "acknowledged"


def test_without_alert_mails_the_page_and_the_push_still_tell(home: Home) -> None:
    setup.edit_runner(home.box, ME, alert_mail=False)
    with hook_server() as hooks:
        targets.add(home.box, ME, "push", "phone", f"json://127.0.0.1:{hooks.port}/push")
        said = says(home)
        deliver_due(home.box)
        assert len(hooks.calls) == 1
    assert mails(home) == []
    assert any("clinician" in words for words in said.said)
    day = today.today(home.box, ME)
    assert (day.verdict.tone, day.verdict.rule, day.alerts[0]["rule"]) == ("warning", "P3", "P3")
    assert weekly.preview(home.box, ME).message.subject.startswith("Pain alarm")


def test_what_was_said_to_be_over_and_what_was_removed_is_told_again(home: Home) -> None:
    first = says(home)
    assert len(mails(home)) == 1
    remove(home.box, ME, first.check_in.id)
    assert [row.state for row in mails(home)] == ["withdrawn"]
    home.clock.on(minutes=5)
    says(home)
    (episode,) = episodes.episodes(home.box, ME)
    episodes.say_over(home.box, ME, episode["id"])
    assert home.alerts("P3")[-1].resolved_at
    home.clock.on(days=1)
    says(home)
    assert "your left heel, on 19 Nov (3 of 10)" in mails(home)[-1].subject
    assert len(mails(home)) == 3


def test_an_acknowledged_or_snoozed_flag_still_speaks_on_days_7_10_and_14(home: Home) -> None:
    says(home)
    alerts.snooze(home.box, ME, home.alerts("P3")[0].id, 60)
    told = []
    for _ in range(15):
        home.clock.on(days=1)
        evaluate(home.box, ME)
        deliver_due(home.box)
        told += [(home.clock.now().date() - NOW.date()).days] * (len(mails(home)) - 1 - len(told))
    assert told == [7, 10, 14]
    days = [row.subject.split(" of")[0] for row in mails(home)[1:]]
    assert days == ["Pain warning: Day 7", "Pain alarm: Day 10", "Pain alarm: Day 14"]
    assert {row.counts_in_budget for row in mails(home)} == {False}


def test_days_of_pain_come_with_the_date_and_are_told_in_the_morning(home: Home) -> None:
    setup.edit_runner(home.box, ME, quiet_from=None, quiet_until=None)
    says(home)
    for _ in range(7):
        home.clock.on(days=1)
        evaluate(home.box, ME)
    home.clock.at = (NOW + timedelta(days=10)).replace(hour=0, minute=10)
    evaluate(home.box, ME)
    told = mails(home)[-1]
    assert told.subject.startswith("Pain alarm: Day 10")
    assert told.next_at == home.clock.at.replace(hour=7, minute=0)


def test_who_must_not_run_is_not_asked_whether_the_watch_still_syncs(home: Home) -> None:
    says(home)
    for _ in range(20):
        home.clock.on(days=1)
        home.once()
    assert home.alerts("W1") == []


def test_the_link_about_the_next_morning_says_when_it_is_too_early_and_works_for_days(home: Home) -> None:
    says(home)
    said = re.search(r"/t/(\S+-feel-20261119m-\S+)", text_of(mails(home)[0]))
    assert said
    with pytest.raises(UsageError, match="too early: this link asks about 19 Nov"):
        feeling.fine(home.box, open_link(home.box, said[1]))
    home.clock.on(days=4)
    assert feeling.fine(home.box, open_link(home.box, said[1])).on_day == date(2026, 11, 19)
