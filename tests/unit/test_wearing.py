"""Which pair a run used when nobody said."""

from datetime import date

from build import run, shoe
from midsole.domain.wearing import DEFAULT, Default, by_default, claims, whole

ROAD, TRAIL = shoe(id=1), shoe("Speedgoat", "trail", id=2)
ON_ROADS = Default("running", None, date(2026, 1, 1), 1)
ON_TRAILS = Default("running", "trail", date(2026, 1, 1), 2)


def test_the_default_for_the_surface_comes_before_that_for_the_sport():
    defaults = [ON_ROADS, ON_TRAILS]
    assert by_default(run(surface="trail"), [ROAD, TRAIL], defaults) == whole(2, DEFAULT)
    assert by_default(run(surface="road"), [ROAD, TRAIL], defaults) == whole(1, DEFAULT)


def test_nobody_is_chosen_without_a_default():
    assert by_default(run(sport="walking"), [ROAD], [ON_ROADS]) is None


def test_a_pair_not_yet_bought_or_already_retired_is_not_chosen():
    defaults = [ON_ROADS]
    assert by_default(run("2026-11-02"), [shoe(bought_on=date(2026, 11, 3))], defaults) is None
    assert by_default(run("2026-11-02"), [shoe(retired_on=date(2026, 11, 1))], defaults) is None
    assert by_default(run("2026-11-02"), [shoe(retired_on=date(2026, 11, 2))], defaults) == whole(1, DEFAULT)


def test_a_retired_trail_pair_leaves_the_run_to_the_default_of_the_sport():
    retired = shoe("Speedgoat", "trail", id=2, retired_on=date(2026, 1, 1))
    defaults = [ON_ROADS, ON_TRAILS]
    assert by_default(run(surface="trail"), [ROAD, retired], defaults) == whole(1, DEFAULT)


def test_a_first_pair_claims_the_runs_since_its_first_use():
    early, late, walked = run("2026-11-01"), run("2026-11-05"), run("2026-11-06", sport="walking")
    assert claims([late, walked, early], shoe(first_used_on=date(2026, 11, 5))) == [late]
    assert claims([late, early], shoe()) == []


def test_a_default_holds_from_its_day_on_until_the_next_one():
    later = Default("running", None, date(2026, 11, 5), 2)
    assert by_default(run("2026-11-04"), [ROAD, TRAIL], [ON_ROADS, later]) == whole(1, DEFAULT)
    assert by_default(run("2026-11-05"), [ROAD, TRAIL], [ON_ROADS, later]) == whole(2, DEFAULT)
    assert by_default(run("2025-12-31"), [ROAD, TRAIL], [ON_ROADS, later]) is None


def test_a_default_taken_away_for_a_surface_leaves_it_to_that_of_the_sport():
    gone = Default("running", "trail", date(2026, 11, 1), None)
    assert by_default(run(surface="trail"), [ROAD, TRAIL], [ON_ROADS, ON_TRAILS, gone]) == whole(1, DEFAULT)
