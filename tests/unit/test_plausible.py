"""What no one can have run counts nowhere until the runner says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midsole.domain.activity import Edit, Recording
from midsole.domain.plausible import counted_m, doubts

STARTED_AT = datetime(2026, 11, 2, 7, tzinfo=UTC)
RECEIVED_AT = STARTED_AT + timedelta(hours=2)
RUN = Recording(0, "running", "road", STARTED_AT, 10_000, "session", 3_000, 3_000, 3_000)
NOTHING_SAID = Edit()


def counts(recording, edit=NOTHING_SAID):
    return counted_m(recording, edit, doubts(recording, RECEIVED_AT))


def test_an_ordinary_run_counts_in_full_and_is_not_doubted():
    assert doubts(RUN, RECEIVED_AT) == ()
    assert counts(RUN) == 10_000


@pytest.mark.parametrize(
    "strange",
    [
        replace(RUN, fastest_s={1_000: 129.0}),
        replace(RUN, fastest_s={10_000: 1_559.0}),
        replace(RUN, distance_m=22_060, timer_s=2_854, moving_s=2_854),
        replace(RUN, distance_m=301_000, timer_s=90_000, moving_s=90_000),
        replace(RUN, started_at=datetime(1989, 12, 31, tzinfo=UTC)),
        replace(RUN, started_at=RECEIVED_AT + timedelta(hours=25)),
    ],
)
def test_what_can_not_be_counts_nowhere_until_confirmed(strange):
    assert counts(strange) == 0
    assert counts(strange, Edit(confirmed=True)) == strange.distance_m
    assert counts(strange, Edit(distance_m=9_000)) == 9_000
    assert counts(strange, Edit(confirmed=True, excluded=True)) == 0


def test_a_jump_is_clipped_and_flagged_and_the_rest_counts():
    jumped = replace(RUN, distance_m=962_000, jump_m=952_000)
    assert doubts(jumped, RECEIVED_AT) == ("distance-jump",)
    assert counts(jumped) == 10_000


def test_a_ride_may_be_faster_than_any_runner():
    assert counts(replace(RUN, sport="cycling", distance_m=40_000, timer_s=3_600, moving_s=3_600)) == 40_000


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1, 1e5))
def test_what_counts_is_never_more_than_was_recorded(distance_m, jump_m, seconds):
    some = replace(RUN, distance_m=distance_m, jump_m=jump_m, timer_s=seconds, moving_s=seconds)
    assert 0 <= counts(some) <= distance_m
