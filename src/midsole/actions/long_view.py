"""The weeks of the load's page, with the cap of today and the runner's habits, read at one moment."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from midsole.actions.box import Box
from midsole.domain.cadence import OWN_DAYS, Cadence, cadences
from midsole.domain.caps import Cap, cap
from midsole.domain.facts import Facts, Finding
from midsole.domain.habits import Mix, cross_training, surfaces
from midsole.domain.load import read_log
from midsole.domain.long_view import BEFORE, Shown, long_view
from midsole.domain.rules import c1_cadence
from midsole.domain.verdict import as_of
from midsole.domain.weeks import WEEK, week_start
from midsole.store import facts as facts_store
from midsole.store import runners

MOST_WITH_SPEEDS = 53
"""Weeks; of more the fast minutes are not counted and cadence is not read: nobody could see them."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Up to `as_of`, the last known day: the mixes, the cadence of the runs of 28 days, and what C1 says."""

    as_of: date
    surfaces: Mix
    cross_training: Mix
    cadences: list[Cadence]
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class Load:
    """`as_of`: the last sync that worked; `habits` None: not looked at, for more than a year is drawn."""

    weeks: list[Shown]
    cap: Cap
    as_of: datetime | None
    facts: Facts
    habits: Habits | None


def load_of(box: Box, runner_id: int, count: int) -> Load:
    """The last `count` weeks, the oldest first."""
    with box.store.read() as tx:
        runner, now = runners.get(tx, runner_id), box.now()
        today = runner.today(now)
        first = week_start(today, runner.first_weekday) - (count - 1 + BEFORE) * WEEK
        since = min(first, today - facts_store.WINDOW)
        facts = facts_store.of_load(tx, runner, now, since, speeds=count <= MOST_WITH_SPEEDS)
    most = cap(_lately(facts))
    beside = habits(facts) if count <= MOST_WITH_SPEEDS else None
    return Load(long_view(facts, count, most), most, as_of(facts), facts, beside)


def habits_of(box: Box, runner_id: int) -> Habits:
    with box.store.read() as tx:
        runner, now = runners.get(tx, runner_id), box.now()
        return habits(facts_store.of_load(tx, runner, now, runner.today(now) - facts_store.WINDOW))


def habits(facts: Facts) -> Habits:
    last = min(read_log(facts).last_activity_on or facts.today, facts.today)
    said = c1_cadence.check(facts)
    runs = cadences(facts, facts.today - timedelta(days=OWN_DAYS))
    return Habits(last, surfaces(facts, last), cross_training(facts, last), runs, said[0] if said else None)


def _lately(facts: Facts) -> Facts:
    """What every other place looks at for the cap, so that it is the same number everywhere."""
    since_day = facts.today - facts_store.WINDOW
    return replace(facts, activities=tuple(a for a in facts.activities if a.local_date >= since_day))
