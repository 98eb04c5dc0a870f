"""The guess on the rides of a real rider: eleven years, two bikes, one change between them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bench import bike_log
from bench.guess_walk import Told, Truth, confirmed, corrected, walked
from midsole.domain.guess import guess_all


@pytest.fixture(scope="module")
def log() -> bike_log.BikeLog:
    if not bike_log.LOG.exists():
        pytest.skip(f"the real log is missing: {bike_log.LOG}")
    return bike_log.read()


@pytest.fixture(scope="module")
def truth(log: bike_log.BikeLog) -> Truth:
    return Truth(sorted(log.rides, key=lambda row: row.seen.started_at), log.bikes)


def wrong(told: list[Told]) -> int:
    return sum(t.is_wrong for t in told)


def test_the_log_names_two_bikes_and_leaves_many_rides_open(log):
    assert (len(log.rides), len(log.others), len(log.bikes)) == (826, 121, 2)
    assert log.rides[0].seen.distance_m > 1000


@pytest.mark.parametrize("protocol", [confirmed, corrected])
def test_nearly_every_bike_is_guessed_also_where_nobody_told_a_date(truth, protocol):
    told = walked(truth, protocol(truth))
    assert len(told) == len(truth.rows) - 5
    assert wrong(told) <= 3
    assert wrong(told) <= 0.5 * sum(t.default != t.right for t in told)
    answered = [t for t in told if t.is_answered]
    assert len(answered) > 0.97 * len(told)
    assert wrong(answered) <= 0.01 * len(answered)


def test_from_the_day_after_the_old_bike_is_retired_no_ride_is_guessed_on_it(log, truth):
    old, new = log.bikes
    old_ends = log.last_ridden[old.id]
    seen = [row.seen for row in truth.rows]
    found = guess_all(seen, truth.rows, [replace(old, retired_on=old_ends), new])
    later = [found[s.activity_id] for s in seen if s.local_date > old_ends and s.activity_id in found]
    assert len(later) > 600
    assert {g.shoe_id for guesses in later for g in guesses} == {new.id}


def test_rides_without_a_bike_are_guessed_from_what_lies_before_them_alone(log, truth):
    """Most of them are older than the first ride with a bike: nobody can say."""
    found = guess_all(log.others, truth.rows, log.bikes)
    first = truth.rows[4].seen.local_date
    assert {s.activity_id for s in log.others if s.local_date <= first}.isdisjoint(found)
    later = {s.activity_id for s in log.others if s.local_date > first + timedelta(days=1)}
    assert later <= set(found)
