"""What the store promises of all-day wear, on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

import pytest

from midsole.domain.activity import Recording
from midsole.domain.everyday import Step
from midsole.domain.shoes import Worn
from midsole.domain.wearing import whole
from midsole.store import activities, everyday, facts, runners, shoes, sources, steps
from midsole.store.base import Store, Tx
from midsole.store.runners import Runner

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
ALWAYS = date(2000, 1, 1)


def day(number: int) -> date:
    return date(2026, 11, number)


def add_runner(tx: Tx, name: str = "me") -> Runner:
    return runners.get(tx, runners.add(tx, name, "UTC", NOW))


def add_shoe(tx: Tx, runner: Runner, name: str, share: float = 0.0, since: date | None = None) -> int:
    row = {"kind": "walking", "limit_m": 800_000, "start_m": 5_000, "start_how": "known"}
    return shoes.add(tx, runner.id, NOW, name=name, everyday_share=share, everyday_from=since, **row)


def add_activity(
    tx: Tx, runner: Runner, on: date, sport: str, metres: float, taken: int | None, shoe_id: int
) -> int:
    started_at = datetime(on.year, on.month, on.day, 7, tzinfo=UTC)
    sha256 = f"{runner.id}{on:%Y%m%d}".rjust(64, "0")
    file_id = sources.take_in(tx, runner.id, None, sha256, "file.fit", 10, NOW)
    assert file_id is not None
    one = Recording(0, sport, "road", started_at, metres, "session", 3_600, 3_600, 3_600, steps=taken)
    (activity_id,) = activities.add_recordings(tx, runner, [(sources.raw_file(tx, file_id), one)])
    shoes.wear_all(tx, runner.id, {activity_id: whole(shoe_id, "runner")}, NOW)
    return activity_id


def worn(tx: Tx, runner: Runner, name: str, since: date = ALWAYS) -> Worn:
    return next(w for w in shoes.worn(tx, runner.id, since) if w.shoe.name == name)


def test_a_pair_takes_its_share_of_the_steps_outside_of_activities(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        add_shoe(tx, me, "Clogs", 0.5, day(2))
        runner = add_shoe(tx, me, "Pegasus")
        add_activity(tx, me, day(3), "running", 8_000, 7_000, runner)
        steps.tell(tx, me.id, {day(1): 9_000, day(2): 10_000, day(3): 12_000, day(4): 0})
        clogs, pegasus = worn(tx, me, "Clogs"), worn(tx, me, "Pegasus")
    assert (clogs.everyday_steps, clogs.everyday_m) == (7_500, pytest.approx(5_250))
    assert (clogs.worn_m, clogs.runs, clogs.steps, clogs.distance_m) == (0, 0, 0, pytest.approx(10_250))
    assert [d.local_date for d in clogs.everyday] == [day(2), day(3)]
    assert (pegasus.steps, pegasus.everyday_steps, pegasus.everyday_m, pegasus.everyday) == (7_000, 0, 0, ())


def test_nobody_has_all_day_wear_who_did_not_ask_for_it(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        add_shoe(tx, me, "Clogs")
        add_shoe(tx, you, "Sandals", 1.0, day(1))
        steps.tell(tx, me.id, {day(2): 10_000})
        assert worn(tx, me, "Clogs").everyday_steps == 0
        assert worn(tx, you, "Sandals").everyday_steps == 0


def test_older_days_count_and_are_not_listed(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        add_shoe(tx, me, "Clogs", 1.0, day(1))
        steps.tell(tx, me.id, {day(2): 10_000, day(9): 20_000})
        clogs = worn(tx, me, "Clogs", since=day(5))
        (loaded,) = facts.load(tx, me, NOW).shoes
    assert (clogs.everyday_steps, [d.local_date for d in clogs.everyday]) == (30_000, [day(9)])
    assert loaded.everyday_m == clogs.everyday_m


def test_what_a_day_has_less_later_the_pair_has_less_too(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        add_shoe(tx, me, "Clogs", 1.0, day(1))
        steps.tell(tx, me.id, {day(2): 10_000})
        before = worn(tx, me, "Clogs").everyday_steps
        steps.tell(tx, me.id, {day(2): 4_000})
        assert (before, worn(tx, me, "Clogs").everyday_steps) == (10_000, 4_000)


def test_walks_and_hikes_are_worn_as_runs_are_and_walks_say_how_long_a_step_is(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        clogs = add_shoe(tx, me, "Clogs", 1.0, day(1))
        assert everyday.step(tx, me.id) == Step()
        for n, metres in enumerate((5_600, 6_000, 6_400)):
            add_activity(tx, me, day(2 + n), "walking", metres, 8_000, clogs)
        add_activity(tx, me, day(8), "hiking", 12_000, 10_000, clogs)
        add_activity(tx, me, day(9), "running", 10_000, 8_000, clogs)
        steps.tell(tx, me.id, {day(2): 12_000, day(8): 15_000})
        assert everyday.step(tx, me.id) == Step(pytest.approx(0.75), True)
        found = worn(tx, me, "Clogs")
    assert (found.runs, found.steps) == (5, 3 * 8_000 + 18_000)
    assert found.everyday_steps == 4_000 + 5_000
    assert found.everyday_m == pytest.approx(9_000 * 0.75)


def test_steps_of_an_excluded_activity_are_no_all_day_wear(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        clogs = add_shoe(tx, me, "Clogs", 1.0, day(1))
        run = add_activity(tx, me, day(2), "running", 8_000, 7_000, clogs)
        steps.tell(tx, me.id, {day(2): 10_000})
        activities.say(tx, me, run, NOW + timedelta(hours=1), excluded=True)
        found = worn(tx, me, "Clogs")
    assert (found.steps, found.everyday_steps) == (0, 3_000)
