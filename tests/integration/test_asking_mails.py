"""The runner is asked by mail: when, how often, with which way to answer, and how not to be asked."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from home import ME, Home, text_of
from midsole.actions import asking, setup, targets
from midsole.actions.asking import ask_all, open_questions, set_ask
from midsole.actions.assigning import assign
from midsole.actions.shoes import Start, add_shoe
from midsole.domain.checkins import AFTER, MORNING, CheckIn
from midsole.domain.errors import UsageError
from midsole.store import body, runners
from midsole.store import tables as t
from told_home import a_told_home, spike
from web_home import OTHERWHERE, pages_of, text_of_page

TODAY = date(2026, 11, 18)
PUBLIC = {"web_public_url": OTHERWHERE}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Wednesday noon; 10 km every third day, the last run on Monday."""
    with settled(tmp_path) as opened:
        yield opened


@contextmanager
def settled(tmp: Path, **how: Any) -> Iterator[Home]:
    """The first import was yesterday."""
    with a_told_home(tmp, **how) as opened:
        with opened.box.store.write() as tx:
            yesterday = opened.clock.at - timedelta(days=1)
            tx.execute(update(t.delivery).values(created_at=yesterday))
        yield opened


def ran(home: Home, km: float = 10, hours_ago: float = 3, **leg: Any) -> None:
    home.run(home.clock.at - timedelta(hours=hours_ago), km, **leg)
    home.once()


def asked(home: Home) -> list[str]:
    return [row.subject for row in home.deliveries("checkin", ME) if row.channel != "push"]


def answer(home: Home, on: date, moment: str, level: int = 0, **spot: str) -> None:
    with home.box.store.write() as tx:
        body.add_check_in(tx, ME, CheckIn(on, moment, level, **spot), home.clock.at)


def next_morning(home: Home, clock: time = time(7)) -> None:
    home.clock.at = datetime.combine(home.clock.at.date() + timedelta(days=1), clock, home.clock.at.tzinfo)
    home.once()


def test_a_steady_run_is_asked_about_on_the_next_morning_once_a_week(home: Home) -> None:
    home.clock.on(days=7)
    ran(home)
    assert asked(home) == []
    next_morning(home, time(6, 59))
    assert asked(home) == []
    home.clock.on(minutes=1)
    home.once()
    home.once()
    assert asked(home) == ["How are your feet this morning?"]
    (mail,) = home.deliveries("checkin")
    assert "midsole checkin --fine --when morning --on 2026-11-26" in text_of(mail)
    assert "not medical advice" in text_of(mail)
    assert "see a clinician" in text_of(mail)
    assert mail.counts_in_budget
    assert mail.news_until == datetime(2026, 11, 27, tzinfo=home.clock.at.tzinfo)
    ran(home)
    next_morning(home)
    assert len(asked(home)) == 1


def test_whoever_asked_for_it_is_asked_an_hour_after_each_run_and_the_budget_stays_free(home: Home) -> None:
    set_ask(home.box, ME, "every")
    ran(home, 5, hours_ago=1)
    assert asked(home) == []
    home.clock.on(minutes=30)
    home.once()
    assert asked(home) == ["How are your feet after the run?"]
    next_morning(home)
    ran(home, 5)
    next_morning(home)
    assert len(asked(home)) == 4
    assert not any(row.counts_in_budget for row in home.deliveries("checkin"))


def test_after_a_spike_the_budget_is_kept_for_the_morning(home: Home) -> None:
    spike(home)
    assert [row.kind for row in home.deliveries() if row.counts_in_budget] == ["alert"]
    home.clock.on(hours=5)
    home.once()
    assert asked(home) == []
    assert [q.moment for q in open_questions(home.box, ME)] == [AFTER]
    next_morning(home)
    assert asked(home) == ["How are your feet this morning?"]
    ran(home, 10)
    next_morning(home)
    assert len(asked(home)) == 1


def test_in_quiet_hours_nothing_is_asked_and_the_evening_is_left_to_the_page(home: Home) -> None:
    setup.edit_runner(home.box, ME, quiet_from=time(14), quiet_until=time(8))
    set_ask(home.box, ME, "every")
    ran(home, 10, hours_ago=0.5)
    home.clock.on(hours=3)
    home.once()
    assert asked(home) == []
    next_morning(home)
    assert asked(home) == []
    assert [q.moment for q in open_questions(home.box, ME)] == [AFTER, MORNING]
    home.clock.on(hours=1)
    home.once()
    assert asked(home) == ["How are your feet this morning?"]


def test_never_means_never_and_a_word_that_is_none_is_refused(home: Home) -> None:
    set_ask(home.box, ME, "none")
    ran(home, 18)
    next_morning(home)
    assert asked(home) == []
    assert open_questions(home.box, ME) != []
    with pytest.raises(UsageError, match="Known: rules, every, none"):
        set_ask(home.box, ME, "sometimes")


def test_what_was_answered_is_not_asked_and_what_waits_is_taken_back(home: Home) -> None:
    set_ask(home.box, ME, "every")
    ran(home)
    answer(home, TODAY, AFTER)
    next_morning(home, time(6, 30))
    home.clock.on(hours=1)
    ask_all(home.box)
    (waiting,) = home.deliveries("checkin")[1:]
    assert waiting.state == "due"
    answer(home, date(2026, 11, 19), MORNING)
    ask_all(home.box)
    assert [row.state for row in home.deliveries("checkin")] == ["sent", "withdrawn"]


def test_to_be_asked_never_takes_back_what_waits(home: Home) -> None:
    set_ask(home.box, ME, "every")
    home.run(home.clock.at - timedelta(hours=3), 10)
    home.once()
    next_morning(home, time(6))
    home.clock.on(hours=1)
    ask_all(home.box)
    set_ask(home.box, ME, "none")
    assert home.deliveries("checkin")[-1].state == "withdrawn"


def test_with_pain_open_every_third_morning_without_a_run_is_mailed_and_each_stands_on_the_page(
    home: Home,
) -> None:
    answer(home, TODAY, MORNING, 4, place="heel", side="left")
    mailed = []
    for _ in range(8):
        next_morning(home)
        assert [q.moment for q in open_questions(home.box, ME)] == [MORNING]
        mailed.append(len(asked(home)))
    assert mailed == [1, 1, 1, 2, 2, 2, 2, 3]
    assert all(row.of_health for row in home.deliveries("checkin"))


def test_a_run_that_arrives_days_later_is_not_asked_about(home: Home) -> None:
    set_ask(home.box, ME, "every")
    ran(home, 10, hours_ago=50)
    assert asked(home) == []
    assert open_questions(home.box, ME) == []


def test_history_that_comes_in_is_not_asked_about(home: Home) -> None:
    set_ask(home.box, ME, "every")
    with home.box.store.write() as tx:
        runners.change(tx, ME, catching_up="silent")
    home.run(home.clock.at - timedelta(hours=3), 10)
    ask_all(home.box)
    assert asked(home) == []


def test_on_the_day_of_a_first_import_nothing_is_asked(tmp_path: Path) -> None:
    with a_told_home(tmp_path) as home:
        set_ask(home.box, ME, "every")
        ran(home)
        assert asked(home) == []
        next_morning(home, time(12))
        ran(home)
        assert asked(home) == ["How are your feet this morning?", "How are your feet after the run?"]


def test_a_push_says_nothing_of_the_body_and_a_webhook_gets_nothing(tmp_path: Path) -> None:
    with settled(tmp_path, **PUBLIC) as home:
        for kind, url in (
            ("push", "ntfys://ntfy.example.org/topic"),
            ("webhook", "https://example.org/hook"),
        ):
            targets.add(home.box, ME, kind, kind, url)
        set_ask(home.box, ME, "every")
        home.run(home.clock.at - timedelta(hours=3), 10)
        asking_only(home)
        rows = {row.channel: row for row in home.deliveries("checkin")}
        assert set(rows) == {"outbox", "push"}
        pushed = str(json.loads(rows["push"].eml)["body"])
        assert "Midsole has a question for you: open the page." in pushed
        assert not re.search(r"pain|feet|foot|body|heel", pushed)


def asking_only(home: Home) -> None:
    """Take the run in, and ask; nothing leaves the house."""
    from midsole.actions.evaluate import evaluate_all
    from midsole.actions.once import take_in

    take_in(home.box)
    evaluate_all(home.box)
    asking.ask_all(home.box)


def test_the_mail_has_one_link_to_answer_and_one_to_end_it_which_can_be_taken_back(tmp_path: Path) -> None:
    with settled(tmp_path, **PUBLIC) as home, pages_of(home, OTHERWHERE, **PUBLIC) as pages:
        set_ask(home.box, ME, "every")
        ran(home)
        (mail,) = home.deliveries("checkin")
        found = dict(re.findall(rf"{OTHERWHERE}(?=(/t/[\w-]+\.1-\d+-([a-z]+)-\S+))", text_of(mail)))
        by_purpose = {purpose: path for path, purpose in found.items()}
        assert set(by_purpose) == {"feel", "stop"}
        assert "midsole checkin" not in text_of(mail)
        stop = by_purpose["stop"]
        assert "Stop being asked?" in text_of_page(pages.client.get(stop).text)
        done = pages.client.post(stop)
        assert home.runner().check_in_ask == "none"
        before = re.search(r'name="before" value="(\w+)"', done.text)
        assert before is not None
        pages.client.post(stop, data={"do": "undo", "before": before[1]})
        assert home.runner().check_in_ask == "every"
        pages.client.post(stop, data={"List-Unsubscribe": "One-Click"})
        assert home.runner().check_in_ask == "none"


def test_what_is_settled_is_not_looked_at_again(home: Home) -> None:
    tomorrow = date(2026, 11, 19)
    ran(home, 3, hours_ago=4)
    next_morning(home)
    with home.box.store.read() as tx:
        rows = list(tx.execute(select(t.question.c.on_day, t.question.c.about, t.question.c.delivery_id)))
    assert set(rows) == {(TODAY, MORNING, None), (TODAY, AFTER, None), (tomorrow, MORNING, None)}
    with home.box.store.read() as tx:
        assert asking._due(tx, home.clock.at) == set()


def test_the_weekly_mail_asks_in_passing_where_both_would_come_on_one_morning(tmp_path: Path) -> None:
    with settled(tmp_path, **PUBLIC) as home:
        set_ask(home.box, ME, "every")
        home.clock.on(days=4)
        home.run(home.clock.at - timedelta(hours=3), 10)
        home.once()
        next_morning(home)
        home.clock.on(hours=2)
        home.once()
        (mail,) = home.deliveries("weekly")
        assert re.search(
            r"Your feet this morning\s+Say how your feet are: https://\S+-feel-20261123m-", text_of(mail)
        )
        assert asked(home) == ["How are your feet after the run?"]
        assert [q.moment for q in open_questions(home.box, ME)] == [AFTER, MORNING]


def test_where_nothing_hurts_questions_leave_a_place_for_a_warning(home: Home) -> None:
    add_shoe(home.box, ME, "New", "daily", Start(), first_used_on=TODAY)
    for _ in range(3):
        ran(home, 3)
        assign(home.box, ME, [home.activities()[-1].id], ["New"], silent=True)
        next_morning(home)
        home.clock.on(hours=5)
    assert len([row for row in home.deliveries("checkin", ME) if row.counts_in_budget]) == 1
    answer(home, home.clock.at.date(), MORNING, 2, place="heel", side="left")
    ran(home, 3)
    next_morning(home)
    assert len([row for row in home.deliveries("checkin", ME) if row.counts_in_budget]) == 2
