"""A connection's states: what a look makes of it, when the next one is, and what the runner reads."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import source
from midsole.domain.connection import STATES, Standing, awaited, explain, failed, login_pause, succeeded
from midsole.domain.errors import (
    AddressRefused,
    BadInput,
    MidsoleError,
    NeedsRunner,
    NotAnActivity,
    RateLimited,
    Retry,
    Unreachable,
    UsageError,
)
from midsole.domain.when import GIVE_UP_AFTER

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
MIN, HOUR = timedelta(minutes=1), timedelta(hours=1)

wishes = st.none() | st.timedeltas(timedelta(days=-400), timedelta(days=40_000))
errors = st.one_of(
    st.builds(
        lambda after, kind: kind("no", after), wishes, st.sampled_from([Retry, Unreachable, RateLimited])
    ),
    st.sampled_from([NeedsRunner, AddressRefused, BadInput, NotAnActivity, UsageError, MidsoleError]).map(
        lambda kind: kind("no")
    ),
)


def wait(error: MidsoleError, failures: int = 0) -> timedelta:
    next_at = failed(error, failures, NOW, 0).next_at
    assert next_at is not None
    return next_at - NOW


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Retry("x"), "degraded"),
        (Unreachable("x"), "degraded"),
        (BadInput("nonsense"), "degraded"),
        (RateLimited("x"), "rate_limited"),
        (NeedsRunner("x"), "login_needed"),
    ],
)
def test_an_error_leads_to_its_state(error, state):
    assert failed(error, 0, NOW, 0).state == state


def test_an_outage_is_tried_again_after_1_2_4_minutes_and_never_later_than_6_hours():
    assert [wait(Unreachable("x"), n) for n in range(3)] == [1 * MIN, 2 * MIN, 4 * MIN]
    assert wait(Unreachable("x"), 30) == 6 * HOUR


def test_a_limit_without_a_time_is_waited_for_from_15_minutes_to_6_hours():
    assert [wait(RateLimited("x"), n) for n in range(6)] == [
        15 * MIN,
        30 * MIN,
        HOUR,
        2 * HOUR,
        4 * HOUR,
        6 * HOUR,
    ]
    assert wait(RateLimited("x"), 10_000) == 6 * HOUR


def test_the_other_sides_own_time_is_kept_but_not_for_years():
    assert wait(RateLimited("x", 3 * HOUR)) == 3 * HOUR
    assert wait(RateLimited("x", timedelta(seconds=14))) == MIN
    assert wait(RateLimited("x", timedelta(days=3650))) == GIVE_UP_AFTER


@pytest.mark.parametrize("after", [timedelta(0), timedelta(seconds=-1), timedelta(days=-400)])
def test_a_time_that_is_over_already_is_no_time(after):
    assert wait(RateLimited("x", after)) == wait(RateLimited("x"))
    assert wait(Retry("x", after), 2) == wait(Retry("x"), 2)


@given(errors, st.integers(-1, 10_000), st.floats(0, 1))
def test_every_error_leads_to_one_state_and_a_next_try_within_reach(error, failures, jitter):
    stands = failed(error, failures, NOW, jitter)
    assert stands.state in STATES
    assert stands.failures == max(failures, 0) + 1
    assert stands.error == "no"
    assert (stands.next_at is None) == (stands.state == "login_needed") == isinstance(error, NeedsRunner)
    if stands.next_at is not None:
        assert MIN <= stands.next_at - NOW <= GIVE_UP_AFTER * 1.25


@given(st.lists(errors, max_size=8))
def test_a_success_resets_whatever_came_before(errors):
    failures = 0
    for error in errors:
        failures = failed(error, failures, NOW, 0.5).failures
    assert failures == len(errors)
    assert succeeded(NOW, 10 * MIN) == Standing("connected", NOW + 10 * MIN, 0, None)
    assert wait(Retry("x"), succeeded(NOW, MIN).failures) == MIN


def test_refused_logins_pause_for_2_hours_doubling_to_a_day():
    assert [login_pause(n) / HOUR for n in range(7)] == [0, 2, 4, 8, 16, 24, 24]
    assert login_pause(10_000) == 24 * HOUR


def said(state, kind="garmin", place="a@b.c", **more):
    values = {
        "error": "It answers with 503.",
        "next_at": NOW + 20 * MIN,
        "last_success_at": NOW - 3 * HOUR,
        "now": NOW,
    } | more
    return explain(kind, place, state, **values)


def test_each_state_says_what_is_so_since_when_and_what_comes_next():
    assert said("connected", error=None) == (
        "Garmin Connect is connected; it was last read 3 h ago (20 Nov), the next look is in 20 min."
    )
    assert said("degraded") == (
        "Garmin Connect can't be read now (It answers with 503); it was last read 3 h ago (20 Nov). "
        "Midsole tries again in 20 min, there is nothing for you to do."
    )
    assert said("rate_limited", error=None, kind="garmin_personal") == (
        "Garmin's Personal API wants fewer requests; it was last read 3 h ago (20 Nov). "
        "Midsole tries again in 20 min, there is nothing for you to do."
    )
    assert said("login_needed", error=None, next_at=None) == (
        "Garmin Connect lets Midsole in no more; it was last read 3 h ago (20 Nov). "
        "Log in again with midsole connect garmin."
    )
    assert said("mfa_pending", error=None) == (
        "Garmin Connect has sent you a code and waits for it. Type midsole connect garmin --code CODE."
    )
    assert said("disconnected", error=None) == (
        "Garmin Connect is not connected. To connect it, type midsole connect garmin."
    )


def test_a_folder_is_called_by_its_path():
    assert said("connected", kind="folder", place="/runs", last_success_at=None, next_at=None) == (
        "/runs is connected; it was never read so far."
    )
    assert said("degraded", kind="folder", place="/runs", next_at=NOW).endswith("Midsole tries again now.")


@pytest.mark.parametrize("kind", ["garmin", "garmin_personal"])
def test_an_outage_does_not_read_like_a_log_out_nor_the_other_way_round(kind):
    for state in ("degraded", "rate_limited"):
        assert not re.search(r"log|connect gar|new key|lets", said(state, kind=kind).replace("Connect", ""))
    out = said("login_needed", kind=kind, error="The session has ended.")
    assert "tries again" not in out
    assert "midsole connect garmin" in out


@given(
    st.sampled_from(STATES),
    st.sampled_from(["folder", "garmin", "garmin_personal"]),
    st.none() | st.text(max_size=30),
    st.none() | st.timedeltas(timedelta(days=-90), timedelta(days=90)),
    st.none() | st.timedeltas(timedelta(days=-900), timedelta(days=1)),
)
def test_whatever_is_known_there_is_a_sentence_for_it(state, kind, error, next_in, success):
    next_at, last = (NOW + span if span is not None else None for span in (next_in, success))
    words = said(state, kind=kind, error=error, next_at=next_at, last_success_at=last)
    assert words.endswith(".")
    assert "None" not in words.replace(error or "\0", "")


GARMIN, PERSONAL = {"kind": "garmin"}, {"kind": "garmin_personal"}


@pytest.mark.parametrize(
    ("garmin", "personal", "wait_for"),
    [
        ("connected", "connected", {3, 2}),
        ("login_needed", "connected", {3, 2}),
        ("connected", "login_needed", {3, 1}),
        ("degraded", "rate_limited", {3, 1, 2}),
        ("mfa_pending", "degraded", {3, 2}),
        ("disconnected", "disconnected", {3}),
    ],
)
def test_of_two_garmin_connections_the_one_that_lists_stands_for_both(garmin, personal, wait_for):
    both = (source(1, state=garmin, **GARMIN), source(2, state=personal, **PERSONAL), source(3))
    assert {s.connection_id for s in awaited(both)} == wait_for
