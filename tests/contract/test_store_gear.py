"""What the store promises of an account's pairs and their use, on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from midsole.store import gear, remote, runners, shoes, steps
from midsole.store.base import Store, Tx
from midsole.store.gear import Pair

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def add_runner(tx: Tx, name: str = "me") -> int:
    return runners.add(tx, name, "Europe/Berlin", NOW)


def add_shoe(tx: Tx, runner_id: int, name: str = "Neo Vista") -> int:
    row = {"kind": "daily", "limit_m": 640_000, "start_m": 0, "start_how": "known"}
    return shoes.add(tx, runner_id, NOW, name=name, **row)


def pair(external_id: str = "neo", **more: Any) -> dict[str, Any]:
    values = {"external_id": external_id, "name": f"Mizuno {external_id}", "told": "{}"}
    return {**values, "total_m": 51_955.45, "runs": 2, **more}


def tell(tx: Tx, runner_id: int, *rows: dict[str, Any], now: datetime = NOW) -> list[str]:
    return gear.tell(tx, runner_id, rows, now)


def found(tx: Tx, runner_id: int) -> dict[str, Pair]:
    return {p.external_id: p for p in gear.pairs(tx, runner_id)}


def states(tx: Tx, runner_id: int) -> dict[str, str]:
    return {p.external_id: p.state for p in gear.pairs(tx, runner_id)}


# pairs


def worn(tx: Tx, runner_id: int, *activities: str) -> dict[str, tuple[int, ...]]:
    """External activity id -> the shoes that the account names."""
    found = gear.worn_in(tx, runner_id, {n: [activity] for n, activity in enumerate(activities)})
    return {activities[n]: shoes_ for n, shoes_ in found.items()}


def test_a_new_pair_is_proposed_with_all_that_was_told(store: Store) -> None:
    began, ended = date(2026, 3, 18), date(2026, 11, 1)
    told = {"brand": "Mizuno", "model": "Neo Vista", "limit_m": 1e6, "told": '{"uuid": "neo"}'}
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        assert tell(tx, me, pair(first_used_on=began, retired_on=ended, **told)) == ["neo"]
        (one,) = gear.pairs(tx, me)
        assert gear.pairs(tx, you) == []
    assert (one.state, one.shoe_id, one.read_at) == ("proposed", None, None)
    assert (one.name, one.brand, one.model, one.limit_m) == ("Mizuno neo", "Mizuno", "Neo Vista", 1e6)
    assert (one.first_used_on, one.retired_on, one.told_at) == (began, ended, NOW)
    assert (one.total_m, one.runs, one.told) == (51_955.45, 2, '{"uuid": "neo"}')


def test_only_what_is_new_is_named_and_the_newest_telling_holds(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        tell(tx, me, pair(brand="Mizuno"))
        assert tell(tx, me, pair(name="Racer", total_m=60_000.0, runs=3), pair("old"), now=LATER) == ["old"]
        assert tell(tx, me) == []
        one = found(tx, me)["neo"]
    assert (one.name, one.brand, one.total_m, one.runs, one.told_at) == ("Racer", None, 60_000, 3, LATER)


def test_while_the_account_counts_again_its_old_total_stays(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        tell(tx, me, pair())
        tell(tx, me, pair(total_m=None, runs=None))
        assert (found(tx, me)["neo"].total_m, found(tx, me)["neo"].runs) == (51_955.45, 2)
        tell(tx, me, pair(total_m=0.0, runs=0))
        assert (found(tx, me)["neo"].total_m, found(tx, me)["neo"].runs) == (0, 0)


def test_a_name_too_long_for_its_column_is_cut(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        tell(tx, me, pair(name="n" * 5_000, model="m" * 101))
        one = found(tx, me)["neo"]
    assert (one.name, one.model, one.brand) == ("n" * 100, "m" * 100, None)


def test_a_pair_told_twice_in_one_list_is_one(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        assert tell(tx, me, pair(), pair(name="second")) == ["neo"]
        assert found(tx, me)["neo"].name == "second"


def test_what_was_decided_of_a_pair_outlives_its_next_telling(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        shoe = add_shoe(tx, me)
        tell(tx, me, pair(), pair("bike shoes"))
        gear.link(tx, me, "neo", shoe)
        gear.decline(tx, me, "bike shoes")
        tell(tx, me, pair(), pair("bike shoes"), now=LATER)
        assert states(tx, me) == {"neo": "linked", "bike shoes": "declined"}
        assert found(tx, me)["neo"].shoe_id == shoe


def test_of_pairs_that_an_account_lost_the_linked_are_told_once(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        shoe = add_shoe(tx, me)
        tell(tx, me, pair(), pair("new"), pair("no"), pair("kept"))
        tell(tx, you, pair())
        gear.link(tx, me, "neo", shoe)
        gear.decline(tx, me, "no")
        (lost,) = gear.missing(tx, me, ["kept"])
        assert (lost.external_id, lost.shoe_id, lost.state) == ("neo", shoe, "gone")
        assert gear.missing(tx, me, ["kept"]) == []
        assert states(tx, me) == {"neo": "gone", "new": "gone", "no": "declined", "kept": "proposed"}
        assert states(tx, you) == {"neo": "proposed"}


def test_an_account_without_pairs_has_lost_them_all(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        tell(tx, me, pair(), pair("other"))
        gear.missing(tx, me, [])
        assert set(states(tx, me).values()) == {"gone"}


def test_a_pair_that_comes_back_is_what_it_was(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        shoe = add_shoe(tx, me)
        tell(tx, me, pair(), pair("new"))
        gear.link(tx, me, "neo", shoe)
        gear.missing(tx, me, [])
        assert tell(tx, me, pair(), pair("new")) == []
        assert states(tx, me) == {"neo": "linked", "new": "proposed"}
        assert found(tx, me)["neo"].shoe_id == shoe


def test_a_pair_taken_off_its_shoe_is_proposed_unless_it_is_gone(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        shoe = add_shoe(tx, me)
        tell(tx, me, pair(), pair("lost"))
        for external_id in ("neo", "lost"):
            gear.link(tx, me, external_id, shoe)
        gear.missing(tx, me, ["neo"])
        for external_id in ("neo", "lost"):
            gear.unlink(tx, me, external_id)
        assert states(tx, me) == {"neo": "proposed", "lost": "gone"}
        assert {p.shoe_id for p in gear.pairs(tx, me)} == {None}


def test_a_link_whose_shoe_was_removed_is_a_proposal_again(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        shoe = add_shoe(tx, me)
        tell(tx, me, pair())
        gear.link(tx, me, "neo", shoe)
        shoes.remove(tx, shoe)
        tell(tx, me, pair())
        assert (found(tx, me)["neo"].state, found(tx, me)["neo"].shoe_id) == ("proposed", None)


def test_a_pair_is_linked_for_its_own_runner_only(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        for runner_id in (me, you):
            tell(tx, runner_id, pair())
        gear.link(tx, me, "neo", add_shoe(tx, me))
        gear.read(tx, me, "neo", 1.0, 1, NOW)
        assert states(tx, you) == {"neo": "proposed"}
        assert found(tx, you)["neo"].read_at is None


def test_what_a_pair_said_when_it_was_read_outlives_its_next_telling(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        tell(tx, me, pair())
        gear.read(tx, me, "neo", 51_955.45, 2, NOW)
        tell(tx, me, pair(total_m=60_000.0, runs=3), now=LATER)
        one = found(tx, me)["neo"]
    assert (one.read_total_m, one.read_runs, one.read_at) == (51_955.45, 2, NOW)
    assert (one.total_m, one.runs) == (60_000, 3)


def test_pairs_come_in_order_of_first_use(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        tell(tx, me, pair("unknown"), pair("b", first_used_on=NOW.date()))
        tell(tx, me, pair("a", first_used_on=date(2020, 1, 1)))
        assert list(found(tx, me)) == ["a", "b", "unknown"]


# their use


def test_the_whole_use_of_a_pair_replaces_what_was_known(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        assert gear.use_of_pair(tx, me, "neo", {"1": 5_000.0, "2": None}, whole=True) == {"1", "2"}
        assert gear.use_of_pair(tx, me, "neo", {"2": 8_000.0, "3": 1.0}, whole=True) == {"1", "3"}
        assert gear.use_of_pair(tx, me, "neo", {"2": 8_000.0, "3": 1.0}, whole=True) == set()
        assert gear.uses(tx, me) == {"neo": {"2", "3"}}
        assert gear.metres_of_pair(tx, me, "neo") == {"2": 8_000, "3": 1}
        assert gear.use_of_pair(tx, me, "neo", {}, whole=True) == {"2", "3"}
        assert gear.uses(tx, me) == {}


def test_a_part_of_the_use_takes_nothing_away(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        gear.use_of_pair(tx, me, "neo", {"1": 5_000.0}, whole=True)
        assert gear.use_of_pair(tx, me, "neo", {"1": None, "2": 6_000.0}, whole=False) == {"2"}
        assert gear.metres_of_pair(tx, me, "neo") == {"1": 5_000, "2": 6_000}


def test_the_pairs_of_an_activity_replace_what_was_known_of_it_alone(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        gear.use_of_pair(tx, me, "neo", {"1": 5_000.0, "2": 6_000.0}, whole=True)
        assert gear.use_of_activity(tx, me, "1", ["racer"])
        assert not gear.use_of_activity(tx, me, "1", ["racer"])
        assert not gear.use_of_activity(tx, me, "2", ["neo"])
        assert gear.uses(tx, me) == {"neo": {"2"}, "racer": {"1"}}
        assert gear.metres_of_pair(tx, me, "neo") == {"2": 6_000}
        assert gear.use_of_activity(tx, me, "1", [])
        assert not gear.use_of_activity(tx, me, "3", [])
        assert gear.uses(tx, me) == {"neo": {"2"}}


def test_the_same_pair_of_two_runners_has_two_lives(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        for runner_id in (me, you):
            gear.use_of_pair(tx, runner_id, "neo", {"1": 5_000.0}, whole=True)
        gear.use_of_pair(tx, me, "neo", {}, whole=True)
        gear.use_of_activity(tx, me, "1", [])
        assert gear.uses(tx, you) == {"neo": {"1"}}


def test_activities_wear_the_shoes_that_their_pairs_are_linked_to(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        one, two = add_shoe(tx, me), add_shoe(tx, me, "Racer")
        rows = [pair(name) for name in ("neo", "neo again", "racer", "proposed")]
        for runner_id in (me, you):
            tell(tx, runner_id, *rows)
        for external_id, shoe in (("neo", one), ("neo again", one), ("racer", two)):
            gear.link(tx, me, external_id, shoe)
        used = {"1": ["racer", "neo"], "2": ["neo", "neo again"], "3": ["proposed"], "4": ["unheard of"]}
        for runner_id in (me, you):
            for activity_id, gear_ids in used.items():
                gear.use_of_activity(tx, runner_id, activity_id, gear_ids)
        assert worn(tx, me, "1", "2") == {"1": (one, two), "2": (one,)}
        assert worn(tx, me, "2", "3", "5") == {"2": (one,)}
        assert worn(tx, me) == {}
        assert worn(tx, you, "1", "2") == {}


def test_a_linked_pair_that_is_gone_there_is_worn_here_all_the_same(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        shoe = add_shoe(tx, me)
        tell(tx, me, pair())
        gear.link(tx, me, "neo", shoe)
        gear.use_of_pair(tx, me, "neo", {"1": 5_000.0}, whole=True)
        gear.missing(tx, me, [])
        assert worn(tx, me, "1", "2") == {"1": (shoe,)}


def test_a_pair_that_is_gone_gives_way_to_one_that_the_account_names_since(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        old, new = add_shoe(tx, me), add_shoe(tx, me, "Racer")
        tell(tx, me, pair(), pair("racer"))
        gear.link(tx, me, "neo", old)
        gear.link(tx, me, "racer", new)
        gear.use_of_pair(tx, me, "neo", {"1": 5_000.0, "2": 6_000.0}, whole=True)
        gear.missing(tx, me, ["racer"])
        gear.use_of_pair(tx, me, "racer", {"2": 6_000.0}, whole=True)
        assert worn(tx, me, "1", "2") == {"1": (old,), "2": (new,)}


def list_activities(tx: Tx, runner_id: int, began: dict[str, datetime]) -> None:
    same = {"listed": "{}", "digest": "d" * 64, "told": {}, "has_file": True}
    rows = [{"external_id": id_, "started_at": at, **same} for id_, at in began.items()]
    remote.tell(tx, runner_id, rows)


def test_an_activity_deleted_there_stays_on_its_pair_and_counts_nothing_there(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        shoe = add_shoe(tx, me)
        tell(tx, me, pair())
        gear.link(tx, me, "neo", shoe)
        list_activities(tx, me, {"1": NOW, "2": NOW})
        gear.use_of_pair(tx, me, "neo", {"1": 5_000.0, "2": 6_000.0}, whole=True)
        remote.gone(tx, me, "1", LATER)
        assert gear.use_of_pair(tx, me, "neo", {"2": 6_000.0}, whole=True) == set()
        assert worn(tx, me, "1", "2") == {"1": (shoe,), "2": (shoe,)}
        assert gear.metres_of_pair(tx, me, "neo") == {"2": 6_000.0}


def test_the_last_use_of_a_pair_is_the_newest_activity_that_is_listed(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        tell(tx, me, pair())
        assert gear.last_used_at(tx, me, "neo") is None
        list_activities(tx, me, {"1": NOW, "2": LATER, "3": LATER + timedelta(days=9)})
        gear.use_of_pair(tx, me, "neo", {"1": 5_000.0, "2": 6_000.0, "unlisted": 7_000.0}, whole=True)
        assert gear.last_used_at(tx, me, "neo") == LATER


def test_a_pair_to_be_read_again_forgets_how_many_runs_it_had(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        tell(tx, me, pair())
        gear.read(tx, me, "neo", 51_955.45, 2, NOW)
        gear.read_again(tx, me, ["neo"])
        one = found(tx, me)["neo"]
    assert (one.read_total_m, one.read_runs, one.runs) == (51_955.45, None, 2)


@pytest.mark.parametrize("count", [3_000])
def test_ten_years_of_one_pair_are_kept_and_found(store: Store, count: int) -> None:
    activities = {str(n): 10_000.0 for n in range(count)}
    with store.write() as tx:
        me = add_runner(tx)
        shoe = add_shoe(tx, me)
        tell(tx, me, pair())
        gear.link(tx, me, "neo", shoe)
        assert len(gear.use_of_pair(tx, me, "neo", activities, whole=True)) == count
        assert worn(tx, me, *activities) == dict.fromkeys(activities, (shoe,))
        assert len(gear.use_of_pair(tx, me, "neo", {}, whole=True)) == count


# forgetting


def test_only_pairs_of_which_nothing_was_decided_are_forgotten(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        for runner_id in (me, you):
            tell(tx, runner_id, *[pair(name) for name in ("linked", "no", "new", "lost", "linked and lost")])
            gear.use_of_activity(tx, runner_id, "1", ["linked", "no", "new", "lost", "linked and lost"])
        for external_id in ("linked", "linked and lost"):
            gear.link(tx, me, external_id, add_shoe(tx, me, external_id))
        gear.decline(tx, me, "no")
        gear.missing(tx, me, ["linked", "no", "new"])
        gear.forget_proposed(tx, me)
        assert states(tx, me) == {"linked": "linked", "no": "declined", "linked and lost": "gone"}
        assert set(gear.uses(tx, me)) == {"linked", "no", "linked and lost"}
        assert len(gear.pairs(tx, you)) == len(gear.uses(tx, you)) == 5


def test_erasing_a_runner_erases_what_an_account_told_of_them(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        for runner_id in (me, you):
            tell(tx, runner_id, pair())
            gear.link(tx, runner_id, "neo", add_shoe(tx, runner_id))
            gear.use_of_pair(tx, runner_id, "neo", {"1": 5_000.0}, whole=True)
            steps.tell(tx, runner_id, {NOW.date(): 10_000})
        runners.erase(tx, me)
        assert (gear.pairs(tx, me), gear.uses(tx, me)) == ([], {})
        assert steps.between(tx, me, NOW.date(), NOW.date()) == {}
        assert states(tx, you) == {"neo": "linked"}
        assert gear.uses(tx, you) == {"neo": {"1"}}
