"""What an account tells of an activity is laid over its recording, and under the runner's own word."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midsole.domain.activity import Edit, Recording, Told, as_said, as_told
from midsole.domain.plausible import GONE, counted_m, doubts
from midsole.domain.uncounted import Outcome, why_uncounted

STARTED_AT = datetime(2026, 11, 2, 7, tzinfo=UTC)
RECEIVED_AT = STARTED_AT + timedelta(hours=2)
RUN = Recording(
    0, "running", "trail", STARTED_AT, 10_000, "session", 3_000, 3_000, 3_100, title="Run", rpe=3, feel=25
)


def test_an_account_that_tells_nothing_changes_nothing():
    assert as_told(RUN, Told()) == RUN


def test_its_title_beats_the_recordings_own():
    assert as_told(RUN, Told(title="Along the river")).title == "Along the river"


def test_how_it_felt_is_told_later_and_wins():
    told = as_told(RUN, Told(rpe=0.0, feel=0))
    assert (told.rpe, told.feel) == (0.0, 0)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (Told(sport="running"), ("running", "trail")),
        (Told(sport="unknown", surface="unknown"), ("running", "trail")),
        (Told(sport="walking"), ("walking", "unknown")),
        (Told(sport="hiking", surface="trail"), ("hiking", "trail")),
        (Told(surface="treadmill"), ("running", "treadmill")),
        (Told(sport="running", surface="road"), ("running", "road")),
    ],
)
def test_a_sport_and_surface_told_win_and_another_sport_loses_the_recorded_surface(told, kind):
    laid = as_told(RUN, told)
    assert (laid.sport, laid.surface) == kind


def test_a_race_there_is_a_race_here_and_no_race_there_says_nothing():
    race = replace(RUN, is_race=True)
    assert as_told(RUN, Told(is_race=True)).is_race
    assert as_told(race, Told(is_race=False)).is_race
    assert not as_told(RUN, Told(is_race=False)).is_race


@pytest.mark.parametrize(
    ("recorded_m", "told_m", "laid_m"),
    [
        (10_000, 9_000, 9_000),
        (10_000, 10_101, 10_101),
        (10_000, 10_100, 10_000),
        (10_000, 9_900, 10_000),
        (1_000, 1_050, 1_000),
        (1_000, 1_051, 1_051),
        (10_000, None, 10_000),
        (10_000, 0, 10_000),
        (0, 5_000, 5_000),
    ],
)
def test_a_distance_is_taken_where_it_differs_by_more_than_one_per_cent_and_50_m(recorded_m, told_m, laid_m):
    laid = as_told(replace(RUN, distance_m=recorded_m), Told(distance_m=told_m))
    assert laid.distance_m == laid_m
    assert laid.distance_from == ("session" if laid_m == recorded_m else "source")


def test_a_distance_with_a_jump_in_it_is_clipped_by_us_not_by_the_account():
    jumped = replace(RUN, distance_m=962_000, jump_m=952_000)
    assert as_told(jumped, Told(distance_m=500_000)).distance_m == 962_000


def test_a_time_is_taken_only_where_none_was_recorded():
    assert as_told(RUN, Told(timer_s=1)).timer_s == 3_000
    timeless = replace(RUN, timer_s=0, moving_s=0, elapsed_s=0)
    laid = as_told(timeless, Told(timer_s=1_800.0))
    assert (laid.timer_s, laid.moving_s, laid.elapsed_s) == (1_800, 1_800, 1_800)


def test_the_runners_time_goes_over_the_accounts():
    timeless = replace(RUN, timer_s=0, moving_s=0, elapsed_s=0)
    assert as_said(as_told(timeless, Told(timer_s=1_800.0)), Edit(timer_s=2_000)).timer_s == 2_000


@pytest.mark.parametrize("told_m", [301_000.0, 22_060.0])
def test_an_impossible_distance_counts_nowhere_whoever_tells_it(told_m):
    laid = as_told(RUN, Told(distance_m=told_m))
    flags = doubts(laid, RECEIVED_AT)
    assert counted_m(laid, Edit(), flags) == 0
    assert counted_m(laid, Edit(confirmed=True), flags) == told_m


def test_an_impossible_recording_is_mended_by_a_distance_that_can_be():
    laid = as_told(replace(RUN, distance_m=100_000), Told(distance_m=10_000))
    assert counted_m(laid, Edit(), doubts(laid, RECEIVED_AT)) == 10_000


@pytest.mark.parametrize(
    ("edit", "counts_m"),
    [
        (Edit(), 0),
        (Edit(distance_m=9_000), 0),
        (Edit(confirmed=True), 10_000),
        (Edit(excluded=False), 10_000),
        (Edit(excluded=False, distance_m=9_000), 9_000),
        (Edit(confirmed=True, excluded=True), 0),
    ],
)
def test_what_was_deleted_there_counts_only_where_the_runner_says_so(edit, counts_m):
    assert counted_m(RUN, edit, (GONE,)) == counts_m


def test_what_was_deleted_and_can_not_be_is_not_included_by_including_it():
    assert counted_m(RUN, Edit(excluded=False), (GONE, "date")) == 0


def test_what_was_deleted_there_has_its_reason_in_words():
    why = why_uncounted([Outcome(1, "running", 0.0, excluded=False, confirmed=False, flags=(GONE, "date"))])
    assert why is not None
    assert (why.cause, why.reason) == ("deleted", "deleted in Garmin")
    assert why_uncounted([Outcome(1, "running", 9.0, excluded=False, confirmed=True, flags=(GONE,))]) is None


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.none() | st.floats())
def test_a_distance_is_the_recorded_or_the_told_one_and_laying_twice_changes_nothing(
    recorded_m, jump_m, told_m
):
    recorded, told = replace(RUN, distance_m=recorded_m, jump_m=jump_m), Told(distance_m=told_m)
    laid = as_told(recorded, told)
    assert laid.distance_m in (recorded_m, told_m)
    assert laid.distance_m >= 0
    assert as_told(laid, told) == laid
