"""Loading all that the rules may look at, for one runner and one instant."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from midsole.domain.activity import Activity
from midsole.domain.days_off import days_off as of_facts
from midsole.domain.facts import Facts
from midsole.store import activities, body, guesses, inserts, runners, shoes, sources, steps
from midsole.store.base import Tx
from midsole.store.runners import Runner

WINDOW = timedelta(days=200)


def load(tx: Tx, runner: Runner, now: datetime, until: date | None = None) -> Facts:
    """Facts as of `now`; with `until`, nothing after that local day is looked at."""
    today = until or runner.today(now)
    since = today - WINDOW
    worn = shoes.worn(tx, runner.id, since)
    begins = [s.shoe.first_used_on or s.shoe.bought_on or s.first_worn_on for s in worn]
    first_pair_on = min((d for d in begins if d), default=None)
    unworn = _unworn(tx, runner, today, first_pair_on)
    found = activities.between(tx, runner.id, since, until or today + timedelta(days=1))
    return replace(
        _without_pairs(tx, runner, now, today, found),
        shoes=tuple(worn),
        inserts=tuple(inserts.worn(tx, runner.id, since)),
        first_pair_on=first_pair_on,
        unworn=unworn,
        likely={n: (made[0].shoe_name, made[0].probability) for n, made in guesses.of(tx, unworn).items()},
        steps=steps.between(tx, runner.id, since, today),
    )


def of_load(
    tx: Tx, runner: Runner, now: datetime, since: date, until: date | None = None, *, speeds: bool = True
) -> Facts:
    """What the load alone is drawn from: activities since that day, without pairs and steps; `speeds` False:
    and without fast minutes and cadence."""
    today = until or runner.today(now)
    end = until or today + timedelta(days=1)
    found = activities.of_load(tx, runner.id, since, end, speeds=speeds)
    return _without_pairs(tx, runner, now, today, found)


def days_off(tx: Tx, runner: Runner, today: date) -> Mapping[date, str]:
    """As domain/days_off says, where not all facts are loaded; nothing ever said: no run is read."""
    if not runners.pauses(tx, runner.id) and not body.is_known(tx, runner.id):
        return {}
    now = datetime.combine(today, time(), UTC)
    return of_facts(of_load(tx, runner, now, today - WINDOW, today, speeds=False))


def _without_pairs(tx: Tx, runner: Runner, now: datetime, today: date, found: Iterable[Activity]) -> Facts:
    first, last_run = activities.ends(tx, runner.id)
    return Facts(
        now=now,
        today=today,
        first_weekday=runner.first_weekday,
        activities=tuple(found),
        history_from=first,
        last_run_on=last_run,
        start=runner.start,
        pauses=runners.pauses(tx, runner.id),
        injuries=runners.injuries(tx, runner.id),
        races=tuple(day for day, _ in runners.races(tx, runner.id)),
        sources=sources.health(tx, runner.id),
        limits=runner.limits,
        units=runner.units,
        body=body.body(tx, runner, today),
    )


def _unworn(tx: Tx, runner: Runner, today: date, first_pair_on: date | None) -> tuple[int, ...]:
    """S4 looks at the last 28 days that lie after the first pair came into use."""
    if first_pair_on is None:
        return ()
    since = max(first_pair_on, today - timedelta(days=28))
    return shoes.unworn(tx, runner.id, since, runner.limits.guess_sure)
