"""When a pair is worn out, how sure that is, what history says of it, and what it costs."""

from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.forecasting import KINDS, REAL, back_test, real_logs, share_inside, synthetic
from build import TODAY, run, runs_every, shoe, worn
from midsole.domain.forecast import cost_per_km, forecast, share_of_rotation

STEADY = runs_every(1, 5, for_days=56)
KMS = st.lists(st.floats(2, 25), min_size=15, max_size=40)


def runs_of(kms, apart=1):
    return [run(TODAY - timedelta(days=apart * n), km) for n, km in enumerate(kms)]


def ahead_of(runs, left_km=200):
    metres = sum(a.counted_m for a in runs)
    return forecast(worn(shoe(limit_m=metres + 1000 * left_km), runs), TODAY)


# ---- the day


def test_a_steady_runner_is_expected_at_the_limit_on_the_day_the_sum_says():
    ahead = forecast(worn(shoe(start_m=640_000 - 280_000 - 35_000), STEADY), TODAY)
    assert ahead.km_per_week == pytest.approx(35)
    assert ahead.p50 == TODAY + timedelta(days=7)


def test_the_pace_is_that_of_the_last_8_weeks():
    before = [run(TODAY - timedelta(days=57 + n), 20) for n in range(100)]
    assert ahead_of([*before, *STEADY]).km_per_week == pytest.approx(35)
    assert ahead_of([*before, *STEADY]).p50 == ahead_of(STEADY).p50


def test_the_days_before_a_pair_was_first_worn_are_left_out():
    assert ahead_of(runs_every(1, 5, for_days=21)).km_per_week == pytest.approx(35)


@given(KMS, st.integers(1, 3), st.floats(1, 900))
def test_the_range_is_in_order_and_lies_ahead(kms, apart, left_km):
    ahead = ahead_of(runs_of(kms, apart), left_km)
    assert ahead.p10 is not None
    assert ahead.p50 is not None
    assert TODAY < ahead.p10 <= ahead.p50
    assert ahead.p90 is None or ahead.p50 <= ahead.p90


@given(KMS, st.floats(1, 3))
def test_more_kilometres_a_week_never_give_a_later_day(kms, times):
    few, more = (ahead_of(runs_of(km)).p50 for km in (kms, [times * km for km in kms]))
    assert few is not None
    assert more is not None
    assert more <= few


@given(KMS, st.integers(0, 55), st.floats(0.5, 30))
def test_one_more_run_never_gives_a_later_day(kms, days_ago, km):
    runs = runs_of(kms)
    first = runs[-1].local_date
    extra = run(max(first, TODAY - timedelta(days=days_ago)), km)
    before, after = ahead_of(runs).p50, ahead_of([*runs, extra]).p50
    assert before is not None
    assert after is not None
    assert after <= before


@given(KMS, st.floats(1, 400), st.floats(0, 400))
def test_more_that_is_left_never_gives_an_earlier_day(kms, left_km, more_km):
    less, more = (ahead_of(runs_of(kms), km).p50 for km in (left_km, left_km + more_km))
    assert less is not None
    assert more is None or less <= more


# ---- how sure


def days_between(ahead):
    return (ahead.p90 - ahead.p10).days


def test_uneven_weeks_make_the_range_wider():
    even = [run(TODAY - timedelta(days=n), 5) for n in range(196)]
    uneven = [run(TODAY - timedelta(days=n), 9 if n // 7 % 2 else 1) for n in range(196)]
    assert days_between(ahead_of(uneven)) > 2 * days_between(ahead_of(even))


def test_a_break_in_the_last_200_days_makes_the_range_wider_though_the_pace_is_the_same():
    even = [run(TODAY - timedelta(days=n), 5) for n in range(196)]
    with_break = [a for a in even if not 84 <= (TODAY - a.local_date).days < 140]
    assert ahead_of(with_break).p50 == ahead_of(even).p50
    assert days_between(ahead_of(with_break)) > 2 * days_between(ahead_of(even))


def test_a_new_pair_is_less_sure_than_one_known_for_half_a_year():
    assert days_between(ahead_of(runs_every(2, 8, for_days=30))) > days_between(
        ahead_of(runs_every(2, 8, for_days=196))
    )


def test_a_late_end_beyond_ten_years_is_not_said():
    rare = [run(TODAY - timedelta(days=n), 1) for n in (1, 20, 40)]
    ahead = ahead_of([*rare, run(TODAY - timedelta(days=190), 30)], left_km=100)
    assert ahead.p50 is not None
    assert (ahead.p90, ahead.missing) == (None, ("p90: more than ten years away",))


# ---- where nobody can say


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


# ---- against history


@cache
def outcomes_of(kind):
    return [o for seed in range(4) for o in back_test(synthetic(kind, seed), every=49)]


@pytest.mark.skipif(not REAL.is_file(), reason="the corpus of real files is missing")
def test_on_the_real_log_70_to_90_per_cent_of_the_days_lie_inside():
    logs = real_logs()
    assert len(logs) == 3
    for name, log in logs.items():
        found = back_test(log, every=2)
        assert len(found) >= 200, name
        assert 0.70 <= share_inside(found) <= 0.90, name


def test_of_synthetic_runners_70_to_90_per_cent_of_the_days_lie_inside():
    found = [o for kind in KINDS for o in outcomes_of(kind)]
    assert len(found) >= 200
    assert 0.75 <= share_inside(found) <= 0.85


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_runner_is_far_from_that(kind):
    assert 0.62 <= share_inside(outcomes_of(kind)) <= 0.93


def test_a_forecast_of_the_past_knows_nothing_of_what_came_later():
    log = synthetic("breaks", 1)
    days = sorted(log)
    cut = days[300]
    short = {day: metres for day, metres in log.items() if day <= cut}
    early = {o.said_on: o.said for o in back_test(short, every=3)}
    known = {o.said_on: o.said for o in back_test(log, every=3) if o.said_on <= cut}
    assert len(early) > 50
    assert all(known[on] == said for on, said in early.items())


def test_a_day_that_never_came_is_a_miss_once_the_late_end_has_passed():
    log = {TODAY + timedelta(days=n): 5_000.0 for n in range(100)}
    log[TODAY + timedelta(days=400)] = 1_000.0
    found = back_test(log, next_m=300_000)
    missed = [o for o in found if o.took_days is None]
    assert missed
    assert all(o.too_late and not o.inside for o in missed)
    assert max(o.said.p90 for o in missed) < max(log)


# ---- cost and share


def test_cost_per_km_and_share_of_rotation():
    assert cost_per_km(worn(shoe(price=140.0), STEADY)) == pytest.approx(0.5)
    assert cost_per_km(worn(shoe(), STEADY)) is None
    shares = share_of_rotation([worn(shoe(id=1), STEADY[:42]), worn(shoe(id=2), STEADY[42:])], TODAY)
    assert shares == pytest.approx({1: 0.75, 2: 0.25})
    assert share_of_rotation([worn(shoe())], TODAY) == {}
