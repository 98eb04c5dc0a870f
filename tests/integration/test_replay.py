"""What other limits would have said: with those that held, the same alerts as really came up day by day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from home import ME, Clock, Home, a_home, every_file, fit
from midsole.actions import setup, shoes, telling
from midsole.actions.evaluate import evaluate
from midsole.actions.once import take_in
from midsole.actions.replay import replayed
from midsole.actions.shoes import Start
from midsole.domain.errors import UsageError
from midsole.domain.replay import Course
from midsole.store import messages, runners
from web_home import pages_of, text_of_page

FIRST = datetime(2026, 5, 4, 12, tzinfo=UTC)
"""A Monday noon."""
DAYS, WEEKS = 70, 12
KEPT = {"break_days": 9, "shoe_alarm": 1.1, "silent_look_h": 9_999, "silent_runs_days": 999}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Runs came day by day for ten weeks: steady, steep, a break, a pause, two pairs."""
    clock = Clock(FIRST)
    with a_home(tmp_path_factory.mktemp("lived"), clock) as home:
        setup.set_limits(home.box, ME, KEPT)
        _pair(home, "Daily", 150_000, FIRST.date())
        take_in(home.box)
        random, evening = Random(5), timedelta(hours=9)
        for n in range(DAYS):
            clock.at = FIRST + timedelta(days=n) + evening
            if n == 20:
                _pair(home, "Second", 400_000, clock.at.date())
                shoes.set_default(home.box, ME, "Second", "running", "trail")
            if n == 22:
                telling.pause(home.box, ME, None, clock.at.date() + timedelta(days=2), "holiday")
            if km := _km(n, random):
                surface = "trail" if n % 3 == 0 and n > 20 else "street"
                at = clock.at - timedelta(hours=3)
                home.drop(f"{n}.fit", fit(at, km, sub_sport=surface))
                take_in(home.box)
            evaluate(home.box, ME)
        yield home


def _pair(home: Home, name: str, limit_m: float, first_used_on: date) -> None:
    shoes.add_shoe(
        home.box, ME, name, "daily", Start(known_m=0), limit_m=limit_m, first_used_on=first_used_on
    )


def _km(n: int, random: Random) -> float | None:
    """Runs on most days, with a break of eleven days and weeks of very different length."""
    if 52 <= n < 63 or 22 <= n < 25 or random.random() < 0.4:
        return None
    steep = 1.9 if n // 7 in (6, 10) else 1.0
    return round(random.choice((5, 6, 8, 8, 10)) * steep + random.random(), 2)


def test_the_limits_that_held_give_the_alerts_that_came_up(lived: Home) -> None:
    found = replayed(lived.box, ME, {}, WEEKS)
    asked = {"L1", "L2", "L3", "L5", "S1", "S2", "S3"}

    with lived.box.store.read() as tx:
        really = {
            (a.rule, a.subject, a.level, a.opened_at.date(), a.pushed_at is not None)
            for a in messages.alerts(tx, ME)
            if a.rule in asked
        }
    judged = {(a.rule, a.subject, a.level, a.day, a.by == "mail") for a in found.as_now.alerts}
    assert judged == really
    assert {rule for rule, *_ in really} >= {"L1", "L2", "L3", "L5", "S1"}
    assert len(really) > 12


def test_as_many_mails_as_were_really_sent(lived: Home) -> None:
    found = replayed(lived.box, ME, {}, WEEKS)

    sent_on = [d.created_at.date() for d in lived.deliveries("alert")]
    assert list(found.as_now.mails_on) == sent_on
    assert any(a.held_back == "budget" or a.held_back == "7-days" for a in found.as_now.alerts)


def test_stricter_limits_say_more_and_looser_ones_less(lived: Home) -> None:
    stricter = {"session_warn": 1.01, "session_warn_more_m": 10, "week_warn": 1.1, "week_warn_more_m": 100}
    looser = {"week_note": 5.0, "week_warn": 9.0, "two_weeks_warn": 9.0}
    strict, loose = (replayed(lived.box, ME, limits, WEEKS) for limits in (stricter, looser))

    assert warned(strict.entered) > warned(strict.as_now) > 0
    assert not any(a.rule == "L2" for a in loose.entered.alerts)
    assert loose.changed


def warned(course: Course) -> int:
    return sum(a.rule in ("L1", "L2") and a.level != "note" for a in course.alerts)


def test_one_changed_limit_is_judged_as_if_all_were_new(lived: Home) -> None:
    """What a rule found with the same limits is used again: that must change nothing."""
    for changed in (
        {"session_warn": 1.3, "shoe_note": 0.5},
        {"break_days": 30.0},
    ):
        quick = replayed(lived.box, ME, changed, WEEKS).entered
        with limits_of(lived, **changed):
            slow = replayed(lived.box, ME, {}, WEEKS).as_now
        assert quick == slow


@contextmanager
def limits_of(home: Home, **limits: float) -> Iterator[None]:
    """Kept as they are, for as long as the block lasts, and nothing is judged by them."""
    for kept in ({**KEPT, **limits}, KEPT):
        with home.box.store.write() as tx:
            runners.change(tx, ME, limits=kept)
        if kept is not KEPT:
            yield


def test_a_shorter_span_says_the_same_of_its_weeks(lived: Home) -> None:
    whole, short = (replayed(lived.box, ME, {}, weeks) for weeks in (WEEKS, 5))

    def seen(alerts: object) -> list[object]:
        return [(a.rule, a.subject) for a in alerts if a.rule in ("L1", "L2")]  # type: ignore[attr-defined]

    late = [a for a in whole.as_now.alerts if a.day >= short.since]
    assert seen(short.as_now.alerts) == seen(late) != []


def test_nobody_asks_for_more_than_a_year(lived: Home) -> None:
    with pytest.raises(UsageError, match="between 1 and 52"):
        replayed(lived.box, ME, {}, 53)


def test_the_page_compares_and_changes_nothing(lived: Home) -> None:
    before = lived.alerts(), lived.deliveries(), lived.runner()
    files = every_file(lived.inbox)
    with pages_of(lived) as pages:
        empty = text_of_page(pages.see("/alerts/replay"))
        page = text_of_page(pages.see("/alerts/replay?weeks=13&say_session_warn=40&say_break_days=14"))

    assert "What would these have said?" in empty
    assert "By month" not in empty
    assert "With these limits" in page
    assert "With your present limits" in page
    assert "By month and rule, with these limits" in page
    assert (lived.alerts(), lived.deliveries(), lived.runner()) == before
    assert every_file(lived.inbox) == files


def test_limits_as_the_settings_send_them_are_taken_as_they_are_kept(lived: Home) -> None:
    with pages_of(lived) as pages:
        html = pages.see("/alerts/replay?weeks=13&session_warn=1.35")

    assert 'name="say_session_warn" value="35"' in html
    assert 'name="say_break_days" value="14"' in html  # not named: the default, not the runner's 9


def test_what_is_no_limit_is_said_beside_the_form(lived: Home) -> None:
    with pages_of(lived) as pages:
        for query in ("session_warn=many", "weeks=7", "say_week_note=-4", "break_days=2.5"):
            answer = pages.get(f"/alerts/replay?{query}")
            assert answer.status_code == 422, query
            assert 'role="alert"' in answer.text
            assert "Limits to try" in answer.text
