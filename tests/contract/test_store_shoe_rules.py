"""What the store promises of the runner's rules, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import insert

from midsole.domain.errors import UsageError
from midsole.domain.shoe_rules import Circle, Conditions
from midsole.store import runners, shoe_rules, shoes
from midsole.store import tables as t
from midsole.store.base import Store, Tx

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
BEGINS = date(2026, 11, 1)
RUNS = Conditions(sports=("running",))
EVERYTHING = Conditions(
    sports=("running",),
    surfaces=("trail",),
    min_distance_m=18_000.5,
    weekdays=(5, 6),
    time_from=time(22),
    time_until=time(2, 30),
    near=Circle(48.137123, -11.575, 300.0),
    words=("straße", "#long"),
    until=date(2027, 1, 1),
    is_race=False,
)


def add_runner(tx: Tx, name: str = "me") -> int:
    return runners.add(tx, name, "Europe/Berlin", NOW)


def add_shoe(tx: Tx, runner_id: int, name: str = "Pegasus") -> int:
    row = {"kind": "daily", "limit_m": 640_000, "start_m": 0, "start_how": "known"}
    return shoes.add(tx, runner_id, NOW, name=name, **row)


def add_rules(tx: Tx, runner_id: int, shoe_id: int, count: int) -> list[int]:
    return [shoe_rules.add(tx, runner_id, shoe_id, RUNS, BEGINS, NOW).id for _ in range(count)]


def order(tx: Tx, runner_id: int) -> list[tuple[int, int]]:
    return [(rule.place, rule.id) for rule in shoe_rules.rules(tx, runner_id)]


def test_a_rule_comes_back_as_added_and_as_changed(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        pegasus, speedgoat = add_shoe(tx, me), add_shoe(tx, me, "Speedgoat")
        added = shoe_rules.add(tx, me, pegasus, EVERYTHING, BEGINS, NOW)
        assert shoe_rules.rules(tx, me) == [added]
        changed = replace(added, shoe_id=speedgoat, conditions=RUNS, from_date=date(2026, 12, 1))
        shoe_rules.change(tx, changed)
        assert shoe_rules.rules(tx, me) == [changed]


MOVES = {"a to 1": "abcd", "a to 3": "bcad", "d to 1": "dabc", "c to 2": "acbd", "b to 4": "acdb"}


def test_a_moved_rule_stands_at_its_place_and_the_others_step_aside(store: Store) -> None:
    with store.write() as tx:
        for name, after in MOVES.items():
            me = add_runner(tx, name)
            ids = dict(zip("abcd", add_rules(tx, me, add_shoe(tx, me), 4), strict=True))
            moved, _, place = name.split()
            shoe_rules.move(tx, me, ids[moved], int(place))
            assert order(tx, me) == [(n, ids[letter]) for n, letter in enumerate(after, 1)]


def test_places_have_no_holes_after_a_rule_is_removed(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        first, second, third = add_rules(tx, me, add_shoe(tx, me), 3)
        shoe_rules.remove(tx, me, second)
        assert order(tx, me) == [(1, first), (2, third)]
        (fourth,) = add_rules(tx, me, shoes.pairs(tx, me)[0].id, 1)
        assert order(tx, me) == [(1, first), (2, third), (3, fourth)]


def test_a_pair_that_goes_takes_its_rules_along_and_leaves_no_holes(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        pegasus, speedgoat = add_shoe(tx, me), add_shoe(tx, me, "Speedgoat")
        (gone,), (stays,) = add_rules(tx, me, pegasus, 1), add_rules(tx, me, speedgoat, 1)
        shoes.remove(tx, pegasus)
        assert order(tx, me) == [(1, stays)]
        (new,) = add_rules(tx, me, speedgoat, 1)
        assert gone not in (stays, new)
        assert order(tx, me) == [(1, stays), (2, new)]


def test_a_runner_sees_and_changes_only_their_own_rules(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        (mine,) = add_rules(tx, me, add_shoe(tx, me), 1)
        (yours,) = add_rules(tx, you, add_shoe(tx, you), 1)
        shoe_rules.remove(tx, me, yours)
        assert (order(tx, me), order(tx, you)) == ([(1, mine)], [(1, yours)])
        runners.erase(tx, you)
        assert (order(tx, me), order(tx, you)) == ([(1, mine)], [])


def test_a_rule_that_can_not_be_read_is_said_and_not_left_out(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        row = {
            "runner_id": me,
            "place": 1,
            "shoe_id": add_shoe(tx, me),
            "from_date": BEGINS,
            "created_at": NOW,
        }
        tx.execute(insert(t.shoe_rule).values(**row, conditions={"colour": "blue"}))
        with pytest.raises(UsageError, match="'colour'"):
            shoe_rules.rules(tx, me)
