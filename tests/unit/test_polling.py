"""How often an account is looked at, and what a day without a run costs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midsole.domain.polling import gear_due, pause, reconcile_due, usual_hours

DAY = datetime(2026, 11, 20, tzinfo=UTC)
MIN = timedelta(minutes=1)
REQUESTS_TO_RECONCILE = 6
"""Two pages of the list, the gear of some pairs, the steps."""


def at(hour: int, minute: int = 0, days_ago: int = 0) -> datetime:
    return DAY.replace(hour=hour, minute=minute) - timedelta(days=days_ago)


def test_usual_hours_are_those_in_which_runs_end_and_the_next_ones():
    ends = [at(7, 40, days_ago=n) for n in range(0, 30, 2)] + [
        at(23, 5, days_ago=n) for n in range(0, 30, 10)
    ]
    assert usual_hours(ends) == {7, 8, 23, 0}


def test_an_hour_needs_two_runs_and_a_tenth_of_all():
    assert usual_hours([at(7), at(18, days_ago=1)]) == set()
    mostly = [at(7, days_ago=n) for n in range(19)]
    assert usual_hours([*mostly, at(18, days_ago=3), at(18, days_ago=5)]) == {7, 8}
    assert 18 in usual_hours([*mostly[:18], at(18, days_ago=3), at(18, days_ago=5)])


def test_runs_of_more_than_60_days_ago_are_no_habit_any_more():
    now = [at(7), at(7, days_ago=1)]
    assert usual_hours([*now, *(at(18, days_ago=n) for n in (59, 60, 61))]) == {7, 8}
    assert 18 in usual_hours([*now, *(at(18, days_ago=n) for n in (58, 59))])


def test_nobody_has_usual_hours_without_a_run():
    assert usual_hours([]) == set()


@pytest.mark.parametrize(
    ("hour", "minutes"), [(7, 10), (8, 10), (9, 30), (22, 30), (23, 60), (0, 60), (4, 60), (5, 30)]
)
def test_it_looks_often_in_usual_hours_and_seldom_at_night(hour, minutes):
    assert pause(at(hour, 59), frozenset({7, 8}), 0) == minutes * MIN


def test_who_runs_at_night_is_looked_at_at_night():
    assert pause(at(23), frozenset({23}), 0) == 10 * MIN


@given(st.datetimes(), st.frozensets(st.integers(0, 23)), st.floats(0, 1))
def test_jitter_adds_up_to_a_quarter(now, usual, jitter):
    least = pause(now, usual, 0)
    assert least <= pause(now, usual, jitter) <= least * 1.25


@pytest.mark.parametrize(
    ("last", "hour", "due"),
    [
        (None, 3, True),
        (None, 2, False),
        (date(2026, 11, 19), 2, False),
        (date(2026, 11, 19), 3, True),
        (date(2026, 11, 12), 15, True),
        (date(2026, 11, 20), 3, False),
        (date(2026, 11, 20), 23, False),
        (date(2036, 1, 1), 4, True),
    ],
)
def test_reconciling_is_due_once_a_night_or_later_that_day(last, hour, due):
    assert reconcile_due(last, at(hour)) is due


def test_gear_is_due_every_three_hours_and_after_a_clock_that_was_wrong():
    now = at(12)
    assert gear_due(None, now)
    assert not gear_due(now, now)
    assert not gear_due(now - 3 * 60 * MIN + MIN, now)
    assert gear_due(now - 3 * 60 * MIN, now)
    assert gear_due(now + MIN, now)


def idle_day(usual: frozenset[int]) -> tuple[int, int]:
    """Looks and requests of a day on which nothing is new, from midnight on and without jitter."""
    now, gear_at, reconciled_on = DAY, None, (DAY - timedelta(days=1)).date()
    looks = requests = 0
    while now < DAY + timedelta(days=1):
        looks, requests = looks + 1, requests + 1
        if reconcile_due(reconciled_on, now):
            requests, reconciled_on = requests + REQUESTS_TO_RECONCILE, now.date()
        if gear_due(gear_at, now):
            requests, gear_at = requests + 1, now
        now += pause(now, usual, 0)
    return looks, requests


def test_an_idle_day_costs_about_one_request_a_look_and_less_than_100():
    looks, requests = idle_day(usual_hours(at(h, days_ago=n) for h in (7, 18) for n in range(0, 30, 3)))
    assert looks == 58
    assert requests <= looks + 8 + REQUESTS_TO_RECONCILE < 100


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(0, 70)), max_size=60))
def test_whenever_one_runs_an_idle_day_stays_below_160_requests(ends):
    looks, requests = idle_day(usual_hours(at(hour, days_ago=n) for hour, n in ends))
    assert looks >= 30
    assert requests < 160
