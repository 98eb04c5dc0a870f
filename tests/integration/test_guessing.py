"""What the guess is given of a home: the runs of earlier days with their pairs, and nothing else."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from home import ME, NOW, Home, a_home
from midsole.actions import assigning, setup
from midsole.actions.shoes import Start, add_shoe
from midsole.store import guesses

SHORT, LONG = "Pegasus", "Ghost"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Twenty days of which the runner said every pair; what comes then waits for a word."""
    with a_home(tmp_path) as home:
        for name in (SHORT, LONG):
            add_shoe(home.box, ME, name, "daily", Start(), first_used_on=date(2026, 1, 1), limit_m=3e6)
        for days in range(22, 2, -1):
            home.run(NOW - timedelta(days=days), 20 if days % 3 == 0 else 6)
        home.once()
        for name, long in ((SHORT, False), (LONG, True)):
            ids = [a.id for a in home.activities() if (a.counted_m > 10_000) is long]
            assigning.assign(home.box, ME, ids, [name], silent=True)
        setup.edit_runner(home.box, ME, limits={"guess_sure": 1.0})
        yield home


def chances(home: Home, activity_id: int) -> dict[str, float]:
    with home.box.store.read() as tx:
        return {g.shoe_name: g.probability for g in guesses.of(tx, [activity_id]).get(activity_id, [])}


def again(home: Home, activity_id: int) -> dict[str, float]:
    assigning.unassign(home.box, ME, [activity_id])
    return chances(home, activity_id)


def test_what_is_said_of_other_runs_of_the_day_or_later_changes_nothing(home: Home) -> None:
    for hours, km in ((30, 6), (6, 20), (3, 6)):
        home.run(NOW - timedelta(hours=hours), km)
        home.once()
    yesterday, noon, evening = (a.id for a in home.activities()[-3:])
    before = again(home, yesterday), again(home, evening)
    assert all(before)
    assigning.assign(home.box, ME, [noon], [SHORT], silent=True)
    assert again(home, evening) == before[1]
    assigning.assign(home.box, ME, [evening], [LONG], silent=True)
    assert again(home, yesterday) == before[0]


def test_a_run_of_long_ago_is_asked_without_reading_what_came_after_it(home: Home) -> None:
    old = home.activities()[9]
    with home.box.store.read() as tx:
        read = [row.local_date for row in guesses.log(tx, ME, before=old.local_date)]
    assert len(read) == 9
    assert max(read) < old.local_date
    assert again(home, old.id)
