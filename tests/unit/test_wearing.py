"""Which pair a run used when nobody said."""

from datetime import date

from build import run, shoe
from midsole.domain.wearing import Chosen, choose, claims

ROAD, TRAIL = shoe(id=1), shoe("Speedgoat", "trail", id=2)


def test_the_default_for_the_surface_comes_before_that_for_the_sport():
    defaults = {("running", None): 1, ("running", "trail"): 2}
    assert choose(run(surface="trail"), [ROAD, TRAIL], defaults) == Chosen(2, "default")
    assert choose(run(surface="road"), [ROAD, TRAIL], defaults) == Chosen(1, "default")


def test_nobody_is_chosen_without_a_default():
    assert choose(run(sport="walking"), [ROAD], {("running", None): 1}) is None


def test_a_pair_not_yet_bought_or_already_retired_is_not_chosen():
    defaults = {("running", None): 1}
    assert choose(run("2026-11-02"), [shoe(bought_on=date(2026, 11, 3))], defaults) is None
    assert choose(run("2026-11-02"), [shoe(retired_on=date(2026, 11, 1))], defaults) is None
    assert choose(run("2026-11-02"), [shoe(retired_on=date(2026, 11, 2))], defaults) == Chosen(1)


def test_a_retired_trail_pair_leaves_the_run_to_the_default_of_the_sport():
    retired = shoe("Speedgoat", "trail", id=2, retired_on=date(2026, 1, 1))
    defaults = {("running", None): 1, ("running", "trail"): 2}
    assert choose(run(surface="trail"), [ROAD, retired], defaults) == Chosen(1)


def test_a_first_pair_claims_the_runs_since_its_first_use():
    early, late, walked = run("2026-11-01"), run("2026-11-05"), run("2026-11-06", sport="walking")
    assert claims([late, walked, early], shoe(first_used_on=date(2026, 11, 5))) == [late]
    assert claims([late, early], shoe()) == []
