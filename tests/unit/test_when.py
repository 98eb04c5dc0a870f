"""Due times: back-off, the weekly mail, quiet hours, slots."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midsole.domain.errors import BadInput, NeedsRunner, Retry
from midsole.domain.when import given_up, local, next_try, quiet_until, slot, weekly_due

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("error", [NeedsRunner("log in"), BadInput("broken")])
def test_what_only_the_runner_can_mend_is_not_tried_again(error):
    assert next_try(error, 1, NOW, 0) is None


def test_waits_double_from_a_minute_to_six_hours():
    waits = [next_try(Retry("x"), n, NOW, 0) - NOW for n in range(1, 12)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] == timedelta(hours=6)


def test_the_other_sides_own_wish_is_kept():
    assert next_try(Retry("x", timedelta(hours=2)), 1, NOW, 0) - NOW == timedelta(hours=2)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_next_try_is_later_and_within_reach(attempts, jitter):
    wait = next_try(Retry("x"), attempts, NOW, jitter) - NOW
    assert timedelta(minutes=1) <= wait <= timedelta(hours=7.5)


def test_it_gives_up_after_three_days():
    assert not given_up(NOW, NOW + timedelta(days=3) - timedelta(seconds=1))
    assert given_up(NOW, NOW + timedelta(days=3))


@pytest.mark.parametrize(
    ("now", "stale", "due"),
    [
        ("2026-11-16T05:59", False, None),
        ("2026-11-16T06:00", False, date(2026, 11, 9)),
        ("2026-11-16T06:00", True, None),
        ("2026-11-16T11:00", True, date(2026, 11, 9)),
        ("2026-11-18T05:59", False, date(2026, 11, 9)),
        ("2026-11-18T06:00", False, None),
    ],
)
def test_the_weekly_mail_is_due_from_seven_local_for_48_hours(now, stale, due):
    assert weekly_due(utc(now), BERLIN, 0, stale) == due


def test_on_the_night_the_clocks_change_it_is_due_at_seven_local():
    assert weekly_due(utc("2026-10-25T05:59"), BERLIN, 6, False) is None
    assert weekly_due(utc("2026-10-25T06:00"), BERLIN, 6, False) == date(2026, 10, 18)


def test_the_zone_may_depend_on_the_day():
    assert weekly_due(utc("2026-11-16T06:00"), lambda _day: BERLIN, 0, False) == date(2026, 11, 9)
    assert local(utc("2026-11-16T23:30"), lambda _day: BERLIN).date() == date(2026, 11, 17)


def test_quiet_hours_over_midnight_end_in_the_morning():
    night = (time(22), time(7))
    assert quiet_until(utc("2026-11-16T22:00"), BERLIN, *night) == utc("2026-11-17T06:00")
    assert quiet_until(utc("2026-11-17T05:00"), BERLIN, *night) == utc("2026-11-17T06:00")
    assert quiet_until(utc("2026-11-17T06:00"), BERLIN, *night) is None
    assert quiet_until(utc("2026-11-17T06:00"), BERLIN, None, None) is None


@given(st.integers(0, 59), st.integers(0, 59))
def test_two_clocks_in_one_period_meet_in_one_slot(a, b):
    first = utc("2026-11-16T12:00")
    assert slot(first + timedelta(seconds=a), 60) == slot(first + timedelta(seconds=b), 60) == first
