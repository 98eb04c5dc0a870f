"""When a pair is worn out, and what it costs."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import TODAY, run, runs_every, shoe, worn
from midsole.domain.forecast import cost_per_km, forecast, share_of_rotation

STEADY = runs_every(1, 5, for_days=56)


def test_a_steady_runner_reaches_the_limit_on_the_day_the_sum_says():
    ahead = forecast(worn(shoe(start_m=640_000 - 280_000 - 35_000), STEADY), TODAY)
    assert ahead.km_per_week == pytest.approx(35)
    assert ahead.p10 == ahead.p50 == ahead.p90 == TODAY + timedelta(days=7)


@given(st.lists(st.floats(2, 25), min_size=12, max_size=40))
def test_the_range_is_in_order(kms):
    runs = [run(TODAY - timedelta(days=n), km) for n, km in enumerate(kms)]
    ahead = forecast(worn(shoe(limit_m=2_000_000), runs), TODAY)
    if ahead.km_per_week is None:
        return
    assert ahead.p10 is not None
    assert ahead.p50 is not None
    assert ahead.p10 <= ahead.p50
    assert ahead.p90 is None or ahead.p50 <= ahead.p90


def test_two_weeks_with_runs_are_not_enough():
    ahead = forecast(worn(shoe(), runs_every(1, 5, for_days=10)), TODAY)
    assert (ahead.p50, ahead.km_per_week) == (None, None)
    assert ahead.missing == ("worn in fewer than 3 of the last 8 weeks",)


def test_an_unknown_start_gives_no_date():
    ahead = forecast(worn(shoe(start_m=None, start_how="unknown"), STEADY), TODAY)
    assert ahead.p50 is None
    assert ahead.missing == ("the distance before Midsole is unknown",)


def test_a_worn_out_or_retired_pair_has_no_date():
    assert forecast(worn(shoe(start_m=700_000), STEADY), TODAY).missing == ("already at its limit",)
    assert forecast(worn(shoe(retired_on=TODAY), STEADY), TODAY).missing == ("retired",)


def test_cost_per_km_and_share_of_rotation():
    assert cost_per_km(worn(shoe(price=140.0), STEADY)) == pytest.approx(0.5)
    assert cost_per_km(worn(shoe(), STEADY)) is None
    shares = share_of_rotation([worn(shoe(id=1), STEADY[:42]), worn(shoe(id=2), STEADY[42:])], TODAY)
    assert shares == pytest.approx({1: 0.75, 2: 0.25})
    assert share_of_rotation([worn(shoe())], TODAY) == {}
