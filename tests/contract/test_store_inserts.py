"""What the store promises of inserts, on SQLite and on PostgreSQL: their distance follows the wearings."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from midsole.domain.activity import Recording
from midsole.domain.inserts import Fitting, InsertWorn
from midsole.domain.wearing import Answer
from midsole.store import activities, facts, inserts, runners, shoes, sources
from midsole.store.base import Store, Tx
from midsole.store.runners import Runner

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
ALWAYS = date(2000, 1, 1)


def day(number: int) -> date:
    return date(2026, 11, number)


def add_runner(tx: Tx, name: str = "me") -> Runner:
    return runners.get(tx, runners.add(tx, name, "UTC", NOW))


def add_shoe(tx: Tx, runner: Runner, name: str = "Pegasus") -> int:
    row = {"kind": "daily", "limit_m": 640_000, "start_m": 0, "start_how": "known"}
    return shoes.add(tx, runner.id, NOW, name=name, **row)


def add_insert(tx: Tx, runner: Runner, name: str = "Blue", **more: Any) -> int:
    return inserts.add(tx, runner.id, NOW, **({"name": name, "kind": "insole", "limit_m": 480_000} | more))


def add_run(tx: Tx, runner: Runner, on: date, *pairs: tuple[int | None, float]) -> int:
    """Ten kilometres on the parts of these pairs."""
    started_at = datetime(on.year, on.month, on.day, 7, tzinfo=UTC)
    sha256 = f"{runner.id}{on:%Y%m%d}{len(pairs)}".rjust(64, "0")
    file_id = sources.take_in(tx, runner.id, None, sha256, "run.fit", 10, NOW)
    assert file_id is not None
    run = Recording(0, "running", "road", started_at, 10_000, "session", 3_600, 3_600, 3_600)
    (activity_id,) = activities.add_recordings(tx, runner, [(sources.raw_file(tx, file_id), run)])
    wear(tx, runner, activity_id, *pairs)
    return activity_id


def wear(tx: Tx, runner: Runner, activity_id: int, *pairs: tuple[int | None, float]) -> None:
    shoes.wear_all(tx, runner.id, {activity_id: Answer(pairs, "runner")}, NOW)


def worn(tx: Tx, runner: Runner, since: date = ALWAYS) -> InsertWorn:
    (one,) = inserts.worn(tx, runner.id, since)
    return one


def test_an_insert_comes_back_as_it_was_said(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        blue = add_insert(tx, me, start_m=12_000, price=39.9)
        inserts.change(tx, blue, kind="pad", retired_on=day(3))
        (one,) = inserts.inserts(tx, me.id)
        assert inserts.inserts(tx, you.id) == []
    assert (one.id, one.name, one.kind, one.limit_m) == (blue, "Blue", "pad", 480_000)
    assert (one.start_m, one.price, one.retired_on) == (12_000, 39.9, day(3))


def test_two_inserts_of_one_runner_never_have_one_name(store: Store) -> None:
    with store.write() as tx:
        add_insert(tx, add_runner(tx, "you"))
    with store.write() as tx:
        me = add_runner(tx)
        add_insert(tx, me)
    with pytest.raises(IntegrityError), store.write() as tx:
        add_insert(tx, me)


def test_only_what_is_worn_while_it_lies_in_the_pair_counts_both_days_included(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        pegasus, ghost = add_shoe(tx, me), add_shoe(tx, me, "Ghost")
        blue = add_insert(tx, me)
        inserts.fit(tx, me.id, blue, [Fitting(pegasus, day(2), day(4)), Fitting(ghost, day(5))])
        for number in range(1, 8):
            add_run(tx, me, day(number), (pegasus, 0.7), (ghost, 0.3))
        one = worn(tx, me)
        assert inserts.fittings(tx, blue) == [f.fitting for f in one.fittings]
    assert [(f.shoe_name, f.distance_m) for f in one.fittings] == [
        ("Pegasus", pytest.approx(21_000)),
        ("Ghost", pytest.approx(9_000)),
    ]
    assert (one.runs, one.first_worn_on, one.last_worn_on) == (6, day(2), day(7))
    assert sum(w.distance_m for w in one.recent) == pytest.approx(one.worn_m)


def test_the_distance_follows_every_other_answer_at_once(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        pegasus, ghost = add_shoe(tx, me), add_shoe(tx, me, "Ghost")
        blue = add_insert(tx, me)
        inserts.fit(tx, me.id, blue, [Fitting(pegasus, day(1))])
        first, second = add_run(tx, me, day(1), (pegasus, 1.0)), add_run(tx, me, day(2), (pegasus, 1.0))
        assert worn(tx, me).worn_m == 20_000
        wear(tx, me, second, (ghost, 1.0))
        assert worn(tx, me).worn_m == 10_000
        wear(tx, me, second, (pegasus, 0.25), (None, 0.5), (pegasus, 0.25))
        assert (worn(tx, me).worn_m, worn(tx, me).runs, len(worn(tx, me).recent)) == (15_000, 2, 2)
        activities.say(tx, me, first, NOW, excluded=True)
        assert (worn(tx, me).worn_m, worn(tx, me).runs) == (5_000, 1)


def test_several_inserts_of_one_pair_all_wear(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        pegasus = add_shoe(tx, me)
        for name in ("Blue", "Pad"):
            inserts.fit(tx, me.id, add_insert(tx, me, name), [Fitting(pegasus, day(1))])
        add_insert(tx, me, "Spare")
        add_run(tx, me, day(1), (pegasus, 1.0))
        found = inserts.worn(tx, me.id, ALWAYS)
    assert [(i.insert.name, i.worn_m) for i in found] == [("Blue", 10_000), ("Pad", 10_000), ("Spare", 0)]
    assert (found[2].fittings, found[2].last_worn_on, found[2].recent) == ((), None, ())


def test_older_wears_count_and_are_not_listed(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        pegasus = add_shoe(tx, me)
        inserts.fit(tx, me.id, add_insert(tx, me), [Fitting(pegasus, day(1))])
        add_run(tx, me, day(1), (pegasus, 1.0))
        newest = add_run(tx, me, day(9), (pegasus, 1.0))
        one = worn(tx, me, since=day(2))
        loaded = facts.load(tx, me, NOW)
    assert (one.worn_m, [w.activity_id for w in one.recent]) == (20_000, [newest])
    assert [i.worn_m for i in loaded.inserts] == [20_000]


def test_nothing_is_fitted_twice_on_a_day_nor_backwards(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        pegasus, blue = add_shoe(tx, me), add_insert(tx, me)
    for wrong in ([Fitting(pegasus, day(1))] * 2, [Fitting(pegasus, day(2), day(1))]):
        with pytest.raises(IntegrityError), store.write() as tx:
            inserts.fit(tx, me.id, blue, wrong)
    with store.read() as tx:
        assert inserts.fittings(tx, blue) == []


def test_with_a_pair_that_was_entered_by_mistake_its_fittings_go(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        pegasus, blue = add_shoe(tx, me), add_insert(tx, me)
        inserts.fit(tx, me.id, blue, [Fitting(pegasus, day(1))])
        shoes.remove(tx, pegasus)
        assert inserts.fittings(tx, blue) == []
        inserts.remove(tx, blue)
        assert inserts.inserts(tx, me.id) == []


def test_what_an_erased_runner_wore_goes_with_them(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        pegasus, blue = add_shoe(tx, me), add_insert(tx, me)
        inserts.fit(tx, me.id, blue, [Fitting(pegasus, day(1))])
        add_run(tx, me, day(1), (pegasus, 1.0))
        runners.erase(tx, me.id)
        assert inserts.worn(tx, me.id, NOW.date() - timedelta(days=200)) == []
