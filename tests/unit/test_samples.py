"""The arithmetic on samples: moving time, climb, best efforts, jumps, distances on the globe."""

from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from midsole.domain.samples import (
    Floats,
    Samples,
    Summary,
    climb,
    covered_m,
    fastest_s,
    haversine_m,
    path_m,
    plausible_steps,
    steps_from_cadence,
    summarise,
)


def steady(seconds: int, m_per_s: float) -> tuple[Floats, Floats]:
    time_s = np.arange(seconds + 1, dtype=np.float64)
    return time_s, time_s * m_per_s


def summary_of(time_s: Floats, distance_m: Floats, *, on_foot: bool = True) -> Summary:
    return summarise(time_s, distance_m, np.full(time_s.shape, np.nan), on_foot=on_foot)


def test_a_steady_run_moves_all_the_time() -> None:
    summary = summary_of(*steady(3600, 3.0))
    assert summary.moving_s == 3600
    assert summary.jump_m == 0
    assert summary.best_30min_m_per_s == pytest.approx(3.0)
    assert summary.fastest_s[10000] == pytest.approx(3333.3)
    assert summary.speed_s == {30: 3600.0}


def test_standing_at_a_light_is_not_moving() -> None:
    time_s = np.arange(601, dtype=np.float64)
    distance_m = np.minimum(time_s, 200) * 3 + np.maximum(time_s - 400, 0) * 3
    assert summary_of(time_s, distance_m).moving_s == pytest.approx(400, abs=12)


def test_a_counter_that_restarts_with_the_leg_goes_on_from_where_it_was() -> None:
    time_s = np.arange(-1, 1001, dtype=np.float64)
    distance_m = np.concatenate(([224.24], np.arange(1001) * 3.0))
    summary = summary_of(time_s, distance_m)
    assert summary.clean_m == 3000
    assert summary.moving_s == pytest.approx(1000, abs=5)
    assert summary.jump_m == 0


def test_one_low_value_of_a_counter_is_a_slip_and_no_new_beginning() -> None:
    assert covered_m(np.array([0.0, 5000.0, 0.0, 5003.0, 5006.0])) == 5006
    time_s, distance_m = steady(100, 3.0)
    distance_m[50] = 0
    assert summary_of(time_s, distance_m).clean_m == 300


def test_a_gap_over_thirty_seconds_is_neither_observed_nor_moving() -> None:
    time_s = np.concatenate((np.arange(100.0), np.arange(1000.0, 1100.0)))
    summary = summary_of(time_s, time_s * 3)
    assert summary.observed_s == 198
    assert summary.moving_s == 198


def test_a_counter_that_moves_every_five_seconds_still_moves() -> None:
    time_s = np.arange(601, dtype=np.float64)
    assert summary_of(time_s, np.floor(time_s / 5) * 15).moving_s == pytest.approx(600, abs=10)


def test_a_leap_of_a_kilometre_is_a_jump_and_no_record() -> None:
    time_s, distance_m = steady(1200, 3.0)
    distance_m[600:] += 1000
    summary = summary_of(time_s, distance_m)
    assert summary.jump_m == pytest.approx(1003)
    assert summary.fastest_s[1000] == pytest.approx(333.3, abs=1.1)


def test_a_hiccup_of_the_satellites_is_no_jump() -> None:
    time_s, distance_m = steady(1200, 3.0)
    distance_m[600:] += 20
    assert summary_of(time_s, distance_m).jump_m == 0


def test_a_fast_descent_on_a_bike_is_no_jump() -> None:
    assert summary_of(*steady(600, 15.0), on_foot=False).jump_m == 0


def test_the_fastest_kilometre_lies_where_it_was_run() -> None:
    time_s = np.arange(0, 1201, dtype=np.float64)
    distance_m = np.concatenate(
        ([0.0], np.cumsum(np.where((time_s[1:] > 400) & (time_s[1:] <= 650), 4.0, 2.5)))
    )
    assert fastest_s(time_s, distance_m, 1000) == pytest.approx(250)


def test_a_run_short_of_the_distance_has_no_time_for_it() -> None:
    assert summary_of(*steady(333, 3.0)).fastest_s == {}


def test_a_run_short_of_thirty_minutes_has_no_thirty_minutes() -> None:
    assert summary_of(*steady(1799, 3.0)).best_30min_m_per_s is None


def test_noise_below_three_metres_is_no_climb() -> None:
    time_s, distance_m = steady(1000, 3.0)
    noise = np.where(np.arange(1001) % 2 == 0, 0.0, 2.9)
    summary = summarise(time_s, distance_m, noise, on_foot=True)
    assert (summary.ascent_m, summary.descent_m) == (0.0, 0.0)


def test_a_hill_is_climbed_and_descended() -> None:
    time_s, distance_m = steady(200, 3.0)
    hill = 100 - np.abs(time_s - 100)
    summary = summarise(time_s, distance_m, hill, on_foot=True)
    assert summary.ascent_m == pytest.approx(100, abs=3)
    assert summary.descent_m == pytest.approx(100, abs=3)


def test_without_altitude_the_climb_is_unknown() -> None:
    summary = summary_of(*steady(200, 3.0))
    assert (summary.ascent_m, summary.descent_m) == (None, None)


@pytest.mark.parametrize("count", [0, 1])
def test_without_two_samples_nothing_is_told(count: int) -> None:
    assert summary_of(np.zeros(count), np.zeros(count)) == Summary()


def test_samples_told_backwards_say_the_same() -> None:
    time_s, distance_m = steady(3600, 3.0)
    assert summary_of(time_s[::-1], distance_m[::-1]) == summary_of(time_s, distance_m)


def test_a_stretch_dated_two_years_ahead_changes_little() -> None:
    time_s, distance_m = steady(3600, 3.0)
    time_s[1000:1014] += 63_072_000
    assert summary_of(time_s, distance_m).moving_s == pytest.approx(3600, abs=40)


def test_a_degree_of_latitude_is_111_km() -> None:
    assert haversine_m(np.array([0.0, 1.0]), np.array([0.0, 0.0]))[0] == pytest.approx(111_195, abs=1)


def test_the_way_between_two_segments_is_not_run() -> None:
    lat_deg, lon_deg = np.array([50.0, 50.001, 51.0, 51.001]), np.full(4, 8.0)
    path = path_m(lat_deg, lon_deg, np.array([1.0, 1.0, 2.0, 2.0]))
    assert path[-1] == pytest.approx(222.4, abs=0.1)


def test_a_point_without_a_fix_does_not_break_the_path() -> None:
    lat_deg, lon_deg = np.array([50.0, np.nan, 0.0, 50.001]), np.array([8.0, np.nan, 0.0, 8.0])
    assert path_m(lat_deg, lon_deg)[-1] == pytest.approx(111.2, abs=0.1)


def test_a_counter_that_restarts_with_each_leg_adds_up() -> None:
    assert covered_m(np.array([0.0, 500.0, 1000.0, 0.0, 400.0, 800.0])) == 1800


def test_a_counter_that_trembles_does_not_grow_by_it() -> None:
    assert covered_m(np.array([0.0, 500.0, 499.0, 500.0, 498.0, 501.0])) == 501


def test_a_later_leg_begins_where_the_counter_stood() -> None:
    assert covered_m(np.array([5000.0, 5500.0, np.nan, 6000.0])) == 1000


def test_a_counter_first_seen_at_ten_metres_began_at_nought() -> None:
    assert covered_m(np.array([np.nan, 10.0, 500.0, 1000.0])) == 1000


def test_a_place_off_the_globe_is_no_fix() -> None:
    lat_deg, lon_deg = np.array([50.0, 180.0, 50.001]), np.array([8.0, 180.0, 8.0])
    path = path_m(lat_deg, lon_deg)
    assert np.isnan(path[1])
    assert path[2] == pytest.approx(111.2, abs=0.1)


def test_an_altitude_that_cannot_be_is_left_out() -> None:
    time_s = np.arange(5.0)
    assert climb(time_s, np.array([100.0, 1_200_000.0, 110.0, -12_000.0, 105.0])) == (10, 5)


def test_an_altitude_of_nought_far_from_the_sea_was_never_set() -> None:
    time_s = np.arange(4.0)
    assert climb(time_s, np.array([100.0, 0.0, 110.0, 120.0])) == (20, 0)
    assert climb(time_s, np.array([10.0, 0.0, 10.0, 0.0])) == (10, 20)


def test_a_foot_takes_half_of_the_steps() -> None:
    assert steps_from_cadence("running", 85, 600) == 1700
    assert steps_from_cadence("running", 170, 600) == 1700
    assert steps_from_cadence("cycling", 85, 600) is None
    assert plausible_steps(10_000, 60) is None


def test_samples_never_keep_an_infinity() -> None:
    samples = Samples.of([(0.0, float("inf"), None, None, None, None, None, 0.0)])
    assert np.isnan(samples.distance_m[0])


ANY = st.floats(allow_nan=True, allow_infinity=True, width=32) | st.floats(0, 100_000, width=32)
COLUMNS = st.integers(0, 40).flatmap(
    lambda count: st.tuples(*(arrays(np.float64, count, elements=ANY) for _ in range(3)))
)


@given(COLUMNS, st.booleans())
def test_whatever_was_measured_the_summary_is_finite(
    columns: tuple[Floats, Floats, Floats], on_foot: bool
) -> None:
    time_s, distance_m, altitude_m = columns
    with np.errstate(all="ignore"):
        summary = summarise(time_s, distance_m, altitude_m, on_foot=on_foot)
    numbers = [summary.observed_s, summary.moving_s, summary.jump_m, *summary.fastest_s.values()]
    assert all(isfinite(number) and number >= 0 for number in numbers + list(summary.speed_s.values()))
    assert summary.moving_s <= summary.observed_s


STEPS = st.lists(st.tuples(st.integers(1, 60), st.floats(0, 300)), min_size=2, max_size=60)


@given(STEPS, st.floats(1, 5000))
def test_the_fastest_stretch_is_no_slower_than_any_between_samples(
    steps: list[tuple[int, float]], target_m: float
) -> None:
    time_s = np.cumsum([0, *(seconds for seconds, _ in steps)]).astype(np.float64)
    distance_m = np.cumsum([0.0, *(metres for _, metres in steps)])
    best = fastest_s(time_s, distance_m, target_m)
    between = [
        time_s[j] - time_s[i]
        for i in range(time_s.size)
        for j in range(i + 1, time_s.size)
        if distance_m[j] - distance_m[i] >= target_m
    ]
    if between:
        assert best is not None
        assert best <= min(between) + 1e-6


@given(STEPS)
def test_the_bins_of_speed_add_up_to_the_moving_time(steps: list[tuple[int, float]]) -> None:
    time_s = np.cumsum([0, *(seconds for seconds, _ in steps)]).astype(np.float64)
    distance_m = np.cumsum([0.0, *(metres for _, metres in steps)])
    summary = summary_of(time_s, distance_m)
    assert sum(summary.speed_s.values()) == pytest.approx(
        summary.moving_s, abs=0.1 * len(summary.speed_s) + 0.1
    )
