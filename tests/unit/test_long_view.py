"""The weeks as the load's page draws them: known or not, against their mean, cap and moving limit."""

from datetime import timedelta
from random import Random

import pytest

import build
from midsole.domain.caps import cap
from midsole.domain.load import fast_s, read_log
from midsole.domain.long_view import long_view


def shown(activities, count=6, **more):
    facts = build.facts(activities, **more)
    return long_view(facts, count, cap(facts))


def test_a_week_without_a_run_is_known_when_something_came_after_it():
    empty, last = shown(build.weekly([30, 30, 30, 0, 30]), 2)
    assert (empty.is_known, empty.week.distance_m) == (True, 0)
    assert last.is_known


def test_a_week_after_the_last_activity_is_not_known():
    before, now = shown(build.weekly([30] * 5, last_week_start="2026-11-09"), 2)
    assert (before.is_known, now.is_known, now.as_of) == (True, False, None)


def test_weeks_before_all_history_are_not_known():
    found = shown(build.weekly([30, 30]), 4, known_since="2026-11-09")
    assert [s.is_known for s in found] == [False, False, True, True]


def test_this_week_says_up_to_which_day_it_is_known():
    assert shown(build.weekly([30] * 5), 1)[0].as_of == build.day("2026-11-20")
    assert shown(build.weekly([30] * 5), 2)[0].as_of is None


def test_the_cap_of_this_week_is_what_is_run_and_what_is_left():
    runs = build.weekly([30] * 8, last_week_start="2026-11-09")
    facts = build.facts([*runs, build.run("2026-11-18", 10)])
    (now,) = long_view(facts, 1, cap(facts))
    assert now.cap_m == pytest.approx(33_000)
    assert now.week.distance_m == 10_000


def test_the_cap_of_a_past_week_is_a_tenth_above_what_was_usual_then():
    found = shown(build.weekly([20, 20, 20, 20, 20, 30]), 2)
    assert found[0].cap_m == pytest.approx(22_000)


def test_the_longest_run_of_a_week_meets_the_limit_of_its_own_day():
    runs = [build.run("2026-10-20", 10), build.run("2026-11-03", 11), build.run("2026-11-17", 13)]
    found = {s.week.week_start.isoformat(): s.longest for s in shown(runs, 6)}
    assert found["2026-10-26"] is None
    assert found["2026-10-19"].limit_m is None
    assert not found["2026-11-02"].is_above
    assert found["2026-11-16"].is_above
    assert found["2026-11-16"].limit_m == pytest.approx(12_100)


def test_rides_and_walks_are_told_apart_from_runs():
    beside = [
        build.run("2026-11-17", 40, sport="cycling", minutes=90),
        build.run("2026-11-18", 30, sport="cycling", minutes=60),
        build.walk("2026-11-18", 5, minutes=50),
        build.run("2026-11-19", 1, sport="swimming", minutes=20, excluded=True),
    ]
    (now,) = shown([build.run("2026-11-16", 10), *beside], 1)
    assert [(b.sport, b.count, b.moving_s / 60) for b in now.beside] == [
        ("cycling", 2, 150),
        ("walking", 1, 50),
    ]
    assert now.week.distance_m == 10_000


def test_a_fast_second_is_judged_by_the_best_half_hour_of_90_days_in_whatever_zone():
    """Against the plain definition, with runs that a flight puts out of order by their local days."""
    chance = Random(7)
    runs = []
    for n in range(150):
        started_at = build.at("2026-03-01") + timedelta(hours=chance.randrange(36) + 40 * n)
        local = started_at + timedelta(hours=chance.choice([0, 0, -11, 13]))
        best = chance.choice([None, 2.5, 3.0, chance.uniform(2, 4)])
        speeds = {20: 5.0, 25: 4.0, 30: 3.0, 35: 2.0}
        more = {"started_at": started_at, "best_30min_m_per_s": best, "speed_s": speeds}
        runs.append(build.run(local.date(), 10, **more))
    log = read_log(build.facts(runs))
    for run in log.runs:
        first = run.local_date - timedelta(days=90)
        before = [r for r in runs if r.local_date >= first and r.started_at < run.started_at]
        best = max((r.best_30min_m_per_s for r in before if r.best_30min_m_per_s), default=None)
        plainly = None if best is None else sum(s for b, s in run.speed_s.items() if b >= int(best * 10))
        assert fast_s(log, run) == plainly
