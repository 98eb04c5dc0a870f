"""The weeks of the load's page, with the cap of today, read at one moment."""

from dataclasses import dataclass, replace
from datetime import datetime

from midsole.actions.box import Box
from midsole.domain.caps import Cap, cap
from midsole.domain.facts import Facts
from midsole.domain.long_view import BEFORE, Shown, long_view
from midsole.domain.verdict import as_of
from midsole.domain.weeks import WEEK, week_start
from midsole.store import facts as facts_store
from midsole.store import runners

MOST_WITH_SPEEDS = 53
"""Weeks; of more the fast minutes are not counted: nobody could see them."""


@dataclass(frozen=True, slots=True)
class Load:
    """`as_of`: the last sync that worked."""

    weeks: list[Shown]
    cap: Cap
    as_of: datetime | None
    facts: Facts


def load_of(box: Box, runner_id: int, count: int) -> Load:
    """The last `count` weeks, the oldest first."""
    with box.store.read() as tx:
        runner, now = runners.get(tx, runner_id), box.now()
        today = runner.today(now)
        first = week_start(today, runner.first_weekday) - (count - 1 + BEFORE) * WEEK
        since = min(first, today - facts_store.WINDOW)
        facts = facts_store.of_load(tx, runner, now, since, speeds=count <= MOST_WITH_SPEEDS)
    most = cap(_lately(facts))
    return Load(long_view(facts, count, most), most, as_of(facts), facts)


def _lately(facts: Facts) -> Facts:
    """What every other place looks at for the cap, so that it is the same number everywhere."""
    since_day = facts.today - facts_store.WINDOW
    return replace(facts, activities=tuple(a for a in facts.activities if a.local_date >= since_day))
