"""Sessions, weeks against the usual, ratios; missing stays missing."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import TODAY, at, day, facts, run, runs_every, walk, weekly
from midsole.domain.facts import Pause, StartValues
from midsole.domain.load import fast_s, longest, read_log, sessions, since, usual_week_m, weeks

MONDAY = day("2026-11-16")


def test_a_warm_up_and_a_race_nine_minutes_later_are_one_session():
    warm_up = run("2026-11-02", 2, clock="09:00", minutes=12)
    race = run("2026-11-02", 10, clock="09:21", is_race=True)
    (both,) = sessions([race, warm_up])
    assert (both.key, both.distance_m, both.is_race) == (warm_up.key, 12_000, True)


def test_ten_minutes_between_them_make_two_sessions():
    first = run("2026-11-02", 2, clock="09:00", minutes=12)
    assert len(sessions([first, run("2026-11-02", 10, clock="09:22")])) == 2


def test_walks_and_excluded_runs_are_in_no_session():
    assert sessions([walk(), run(excluded=True), run(counted_m=0)]) == []


@given(st.permutations(range(8)))
def test_the_order_given_does_not_matter(order):
    runs = runs_every(3, 8, for_days=24)
    assert sessions([runs[i] for i in order]) == sessions(runs)


def test_a_run_on_day_30_counts_and_on_day_31_no_longer():
    old = run(TODAY - timedelta(days=30), 20)
    older = run(TODAY - timedelta(days=31), 30)
    found = longest(sessions([older, old, run(TODAY, 5)]), TODAY)
    assert found is not None
    assert found.distance_m == 20_000


def test_the_day_is_the_runner_s_own_wherever_the_clock_of_the_world_stands():
    east = run("2026-11-02", clock="00:30", started_at=at("2026-11-01", "10:30"))  # UTC+14
    west = run("2026-11-01", clock="23:30", started_at=at("2026-11-02", "10:30"))  # UTC-11
    assert since(day("2026-11-02"), [east, west]) == [east]
    assert since(day("2026-11-01"), [east, west], before=west.started_at) == [east]


def test_usual_is_the_larger_of_last_week_and_the_mean_of_four():
    assert usual_week_m(facts(weekly([30, 30, 30, 42, 10])), MONDAY) == pytest.approx(42_000)
    assert usual_week_m(facts(weekly([40, 40, 40, 20, 10])), MONDAY) == pytest.approx(35_000)


def test_usual_needs_runs_in_three_of_the_four_weeks():
    assert usual_week_m(facts(weekly([0, 0, 30, 30, 10])), MONDAY) is None
    assert usual_week_m(facts(weekly([0, 30, 30, 30, 10])), MONDAY) == pytest.approx(30_000)


def test_what_the_runner_said_counts_while_fewer_than_30_days_are_known():
    start = StartValues(usual_week_m=25_000)
    new = facts(weekly([20, 10]), known_since="2026-11-09", start=start)
    assert usual_week_m(new, MONDAY) == 25_000
    known = facts(weekly([30, 30, 30, 30, 10]), start=start)
    assert usual_week_m(known, MONDAY) == pytest.approx(30_000)


def test_a_paused_week_is_left_out_of_the_mean():
    ill = Pause(day("2026-10-26"), day("2026-11-01"), "ill")
    activities = weekly([30, 0, 30, 30, 10])
    assert usual_week_m(facts(activities, pauses=(ill,)), MONDAY) == pytest.approx(30_000)


def test_days_before_the_first_known_one_are_unknown_not_rest():
    activities = weekly([28, 28, 28, 28, 10])
    f = facts(activities, known_since="2026-10-19")
    assert usual_week_m(f, MONDAY) == pytest.approx(28_000)


def test_weeks_come_oldest_first_and_hold_runs_walks_and_cross_training_apart():
    f = facts([run(MONDAY, 10, descent_m=80, steps=9_000), walk(MONDAY, 5), run(MONDAY, 40, sport="cycling")])
    last = weeks(f)[-1]
    assert [w.week_start for w in weeks(f, 2)] == [day("2026-11-09"), MONDAY]
    assert (last.distance_m, last.runs, last.longest_m, last.walk_m) == (10_000, 1, 10_000, 5_000)
    assert (last.cross_s, last.descent_m, last.steps) == (40_000 * 0.36, 80, 9_000)
    assert last.iso_week == "2026-W47"


def test_not_enough_data_is_none_with_a_reason():
    last = weeks(facts([run(MONDAY, 10)], known_since=MONDAY))[-1]
    assert (last.usual_m, last.ramp, last.acwr, last.monotony, last.strain) == (None,) * 5
    assert any("30 days" in reason for reason in last.missing)


def test_ramp_and_ratio_of_a_steady_runner():
    last_full = weeks(facts(weekly([30] * 8)))[-2]
    assert last_full.ramp == pytest.approx(0)
    assert last_full.acwr == pytest.approx(1)
    assert last_full.monotony is not None
    assert last_full.strain == pytest.approx(30 * last_full.monotony)


def test_a_week_after_the_last_activity_is_unknown():
    assert weeks(facts(weekly([30] * 8), today="2026-12-04"))[-1].acwr is None


def test_a_fast_minute_is_at_or_above_the_best_half_hour_of_90_days():
    before = run("2026-10-01", 8, best_30min_m_per_s=3.5)
    intervals = run("2026-11-02", 8, speed_s={30: 1_000, 35: 300, 40: 120})
    assert fast_s(read_log(facts([before, intervals])), intervals) == 420
    assert fast_s(read_log(facts([intervals])), intervals) is None
