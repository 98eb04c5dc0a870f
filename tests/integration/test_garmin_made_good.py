"""What came late, or broke off before it was read, is made good by itself, and no more is asked."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from fakes.garmin import NO_CONTENT, FakeGarmin, status
from garmin_home import connected_home, settle
from home import ME, NOW, Home
from midsole.actions.look import look_at_due
from midsole.domain.activity import Activity
from midsole.store import steps

DETAIL, WORN = "/activity-service/activity/", "/gear-service/activity/v2/"
LEGACY, LIST = "/gear-service/gear/filterGear", "search/activities"


@pytest.fixture
def connected(tmp_path: Path) -> Iterator[tuple[Home, FakeGarmin]]:
    """A home that was looked at for the first time, at noon."""
    with connected_home(tmp_path, garmin={"lifetime_s": 30 * 86_400.0}, before=_four_runs) as (home, server):
        look_at_due(home.box)
        settle(home)
        yield home, server


def _four_runs(server: FakeGarmin) -> None:
    nimbus = server.account.add_gear("Asics", "Nimbus")
    for days in range(1, 5):
        server.account.add_run(NOW - timedelta(days=days), 10, 55, gear=(nimbus,))


def look_after(home: Home, **delta: float) -> None:
    home.clock.on(**delta)
    look_at_due(home.box)
    settle(home)


def run_of(home: Home, day: date) -> Activity:
    (found,) = [a for a in home.activities() if a.local_date == day]
    return found


def test_steps_that_a_watch_brings_days_later_are_read_with_the_next_night(
    connected: tuple[Home, FakeGarmin],
) -> None:
    home, server = connected
    lost_on = NOW.date() + timedelta(days=1)
    for day in range(4):
        server.account.set_steps(NOW.date() + timedelta(days=day), 300 if day == 1 else 9_000)
        look_after(home, days=1)
    server.account.set_steps(lost_on, 21_000)

    look_after(home, days=1)

    with home.box.store.read() as tx:
        assert steps.between(tx, ME, lost_on, lost_on) == {lost_on: 21_000}


def test_a_run_of_which_not_all_could_be_read_is_asked_about_again_at_night_however_old_it_is(
    connected: tuple[Home, FakeGarmin],
) -> None:
    home, server = connected
    began_at = NOW - timedelta(days=10)
    server.account.add_run(began_at, 12, 70, rpe=8)
    server.faults.add(DETAIL, status(503))
    look_after(home, hours=1)
    assert run_of(home, began_at.date()).rpe is None

    look_after(home, days=1)
    assert run_of(home, began_at.date()).rpe == 8

    asked = server.count(DETAIL)
    look_after(home, days=1)
    assert server.count(DETAIL) == asked, "all about all of them is known, and none is young"


def test_an_activity_whose_pairs_garmin_never_tells_costs_only_its_first_day_more_than_a_request(
    connected: tuple[Home, FakeGarmin],
) -> None:
    home, server = connected
    server.faults.add(WORN, NO_CONTENT, times=None)
    server.faults.add(LEGACY, NO_CONTENT, times=None)
    server.account.add_run(NOW + timedelta(minutes=5), 8, 45)
    look_after(home, hours=1)
    server.reset_log()
    look_after(home, hours=1)
    assert (server.count(LIST), server.count(WORN), server.count(LEGACY)) == (1, 1, 1)

    look_after(home, days=2)
    server.reset_log()
    look_after(home, hours=1)

    assert [it.path.rsplit("/", 1)[1] for it in server.requests()] == ["activities"]
