"""How far the next run may go, in ordinary weeks, after a spike, in a comeback, and for a beginner."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import TODAY, day, facts, run, runs_every, weekly
from midsole.domain.caps import cap
from midsole.domain.comeback import comeback
from midsole.domain.facts import NOTE, Facts, Pause, StartValues
from midsole.domain.planned import tripped
from midsole.domain.rules import evaluate


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_the_cap_is_ten_per_cent_above_the_longest_of_30_days_rounded_down():
    assert cap(facts([run(ago(31), 20), run(ago(17), 8), run(ago(3), 13.07)])).next_run_m == pytest.approx(
        14_300
    )


def test_a_week_that_is_used_up_after_a_long_spike_says_so():
    week = [run(ago(n), 8) for n in range(9, 37, 3)]
    spent = [run(ago(6), 30), run(ago(4), 20), run(ago(2), 20)]
    assert "of which nothing is left" in cap(facts([*week, *spent])).because
    assert "of which" not in cap(facts([*week, run(ago(1), 11)])).because


def test_miles_are_rounded_down_in_miles():
    assert cap(facts([run(ago(3), 13.0)], units="mi")).next_run_m == pytest.approx(8.8 * 1609.344)


def test_what_is_left_this_week_is_usual_and_ten_per_cent_less_what_was_run():
    found = cap(facts(weekly([30, 30, 30, 30, 12])))
    assert found.week_left_m == pytest.approx(21_000)
    assert cap(facts(weekly([30, 30, 30, 30, 60]))).week_left_m == 0


def test_a_week_that_was_warned_of_is_no_new_usual():
    steep = facts(weekly([30, 30, 30, 30, 30, 60], last_week_start="2026-11-09"))
    assert cap(steep).week_left_m == pytest.approx(30_000)
    assert cap(facts(weekly([30, 30, 30, 30, 30, 36], last_week_start="2026-11-09"))).week_left_m > 39_000


def test_the_week_ahead_starts_anew():
    found = cap(facts(weekly([30, 30, 30, 30, 30])), day("2026-11-23"))
    assert found.week_left_m == pytest.approx(33_000)


def test_a_spike_counts_for_14_days_only_with_the_cap_before_it_and_then_in_full():
    base = runs_every(2, 10, until=ago(1), for_days=40)
    assert cap(facts([*base, run(ago(14), 20, clock="19:00")])).next_run_m == pytest.approx(12_100)
    assert cap(facts([*base, run(ago(15), 20, clock="19:00")])).next_run_m == pytest.approx(22_000)


def test_a_race_counts_like_a_spike_and_a_short_one_with_its_own_distance():
    base = runs_every(2, 10, until=ago(1), for_days=40)
    long_race = run(ago(3), 11.05, clock="19:00", is_race=True)
    assert cap(facts([*base, long_race])).next_run_m == pytest.approx(12_100)
    short = [run(ago(20), 10), run(ago(12), 9), run(ago(3), 5, is_race=True)]
    assert cap(facts(short)).next_run_m == pytest.approx(11_000)


def test_after_a_run_30_per_cent_longer_the_next_7_days_stay_within_the_usual_week():
    base = weekly([30] * 6, last_week_start="2026-11-09")
    spike = run("2026-11-16", 14)
    after = [run("2026-11-18", 10), run("2026-11-19", 8), run("2026-11-20", 7)]
    assert cap(facts([*base, spike, *after])).next_run_m == pytest.approx(5_000)
    assert cap(facts([*base, spike]), day("2026-11-24")).next_run_m == pytest.approx(12_100)


def test_without_a_run_in_30_days_there_is_no_plain_cap():
    found = cap(facts([], last_run_on=None))
    assert (found.next_run_m, found.week_left_m) == (None, None)
    assert found.missing


def test_a_beginner_may_add_a_kilometre_or_ten_per_cent_whichever_is_more():
    assert cap(facts([run(ago(2), 3)], known_since=ago(5))).next_run_m == pytest.approx(4_000)
    assert cap(facts([run(ago(2), 20)], known_since=ago(5))).next_run_m == pytest.approx(22_000)
    first = cap(facts([], known_since=None))
    assert (first.next_run_m, first.because) == (None, "no run yet")


def test_what_the_runner_named_as_longest_counts_while_history_is_short():
    start = StartValues(longest_m=15_000, usual_week_m=30_000)
    found = cap(facts([run(ago(2), 8)], known_since=ago(5), start=start))
    assert found.next_run_m == pytest.approx(16_500)
    assert found.week_left_m == pytest.approx(25_000)


def back_after(break_days: int, weeks_before: int = 8, kms: tuple[float, ...] = ()) -> Facts:
    """Thirty km a week in runs of ten until a break, which ended today at the latest."""
    last = TODAY - timedelta(days=break_days + 1 + 2 * max(0, len(kms) - 1))
    first_back = last + timedelta(days=break_days + 1)
    again = [run(first_back + timedelta(days=2 * n), km) for n, km in enumerate(kms)]
    return facts([*runs_every(2, 10, until=last, for_days=weeks_before * 7), *again])


def test_13_days_without_a_run_are_no_break_and_14_are_one():
    assert comeback(back_after(13), TODAY) is None
    found = comeback(back_after(14), TODAY)
    assert found is not None
    assert (found.began_on, found.first_run_on, found.week) == (ago(14), None, 1)
    assert found.usual_m == pytest.approx(35_000)
    assert (found.longest_before_m, found.cap_run_m) == (10_000, 5_000)


def test_a_comeback_stays_open_for_four_weeks_and_grows_by_ten_per_cent():
    runs = [*runs_every(2, 10, until=ago(50), for_days=60), *runs_every(3, 3, until=TODAY, for_days=30)]
    first = min(a.local_date for a in runs if a.local_date > ago(50))
    f = facts(runs)
    last = comeback(f, first + timedelta(days=27))
    assert last is not None
    assert (last.week, last.cap_run_m) == (4, pytest.approx(5_000 * 1.1**3))
    assert comeback(f, first + timedelta(days=28)) is None


def test_a_pauses_end_opens_a_comeback_whose_week_is_half_the_usual_one():
    runs = runs_every(2, 10, until=ago(9), for_days=40)
    f = facts(runs, pauses=(Pause(ago(8), ago(1), "ill"),))
    found = comeback(f, TODAY)
    assert found is not None
    assert (found.began_on, found.first_run_on) == (ago(8), None)
    assert cap(f).next_run_m == pytest.approx(5_000)


def test_a_break_longer_than_the_window_leaves_the_time_before_it_unknown():
    f = facts([run(ago(4), 5)], known_since="2024-01-01")
    found = comeback(f, TODAY)
    assert found is not None
    assert (found.usual_m, found.longest_before_m, found.cap_week_m) == (None, None, None)
    assert cap(f).next_run_m == pytest.approx(6_000)


def test_the_comebacks_caps_replace_the_plain_ones():
    found = cap(back_after(20, kms=(4.0,)))
    assert found.next_run_m == pytest.approx(5_000)
    assert found.week_left_m == pytest.approx(13_500)
    assert "comeback" in found.because


def test_a_plan_is_told_which_rules_it_would_trip():
    f = facts(weekly([30, 30, 30, 30, 20]))
    assert tripped(f, 9_000, TODAY) == []
    assert tripped(f, 21_000, TODAY) == ["L1", "L2"]
    assert tripped(f, 21_000, TODAY + timedelta(days=4)) == ["L1"]


histories = st.lists(
    st.tuples(st.integers(0, 120), st.floats(1, 42, allow_nan=False), st.booleans()), min_size=1, max_size=60
)


@settings(deadline=None, max_examples=60)
@given(histories, st.sampled_from(["km", "mi"]), st.sampled_from([5, 29, 30, 400]))
def test_running_exactly_the_shown_cap_never_warns(history, units, known_days):
    start = StartValues(longest_m=12_000, usual_week_m=30_000)
    runs = [
        run(ago(n), km, clock="07:00", minutes=5, is_race=race) for n, km, race in history if n <= known_days
    ]
    f = facts(runs, units=units, known_since=ago(known_days), start=start)
    found = cap(f)
    if not found.next_run_m:
        return
    planned = run(TODAY, distance_m=found.next_run_m, clock="17:00")
    after = facts([*runs, planned], units=units, known_since=ago(known_days), start=start)
    assert [x for x in evaluate(after) if x.subject == planned.key and x.level != NOTE] == []


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 60), min_size=6, max_size=10), st.sampled_from(["km", "mi"]))
def test_running_exactly_what_is_left_this_week_is_not_even_noted(kms, units):
    f = facts(weekly(kms, last_week_start="2026-11-09"), units=units)
    left_m = cap(f).week_left_m
    if not left_m:
        return
    after = facts([*f.activities, run(TODAY, distance_m=left_m)], units=units)
    this_week = [x for x in evaluate(after) if x.rule == "L2" and x.subject == "2026-11-16"]
    assert [x for x in this_week if comeback(after, TODAY) is None] == []


@settings(deadline=None, max_examples=20)
@given(st.integers(14, 60), st.floats(4, 20), st.integers(1, 3), st.sampled_from(["km", "mi"]))
def test_a_comeback_inside_its_own_plan_never_trips_l1(break_days, km, every, units):
    activities = runs_every(2, km, until=ago(break_days + 29), for_days=50)
    for n in range(28, -1, -every):
        today = ago(n)
        allowed = cap(facts(activities, today=today, units=units))
        metres = min(allowed.next_run_m or 0, allowed.week_left_m or 0)
        if metres > 500:
            activities = [*activities, run(today, distance_m=metres)]
        after = facts(activities, today=today, units=units)
        if comeback(after, today) is None:
            break
        found = evaluate(after)
        assert [x for x in found if x.rule in {"L2", "L5"} and x.level != NOTE] == []
        assert [x for x in found if x.rule == "L1"] == []
