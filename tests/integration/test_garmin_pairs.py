"""Garmin's gear as pairs here: proposed, linked, followed, compared, and written back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.garmin import FakeGarmin, status
from garmin_home import connected_home
from home import ME, Home
from midsole.actions import activities, assigning, connecting, pairs, shoes, totals
from midsole.actions.rebuild import rebuild
from midsole.actions.shoes import Start
from midsole.domain.activity import Activity
from midsole.domain.gear_totals import (
    MEASURED,
    OURS_OTHER_PAIR,
    OURS_UNKNOWN,
    START,
    THEIRS_EXCLUDED,
    THEIRS_NO_FILE,
    THEIRS_OTHER_PAIR,
    UNTOLD,
    Totals,
)
from midsole.domain.shoes import Shoe
from midsole.domain.wearing import DEFAULT, RUNNER, SOURCE
from midsole.store import shoes as shoes_store

RUN_AT = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
LONG_AGO = date(2025, 1, 1)


@dataclass(frozen=True)
class Life:
    """A connected home and its Garmin, with short names for what tests do to both."""

    home: Home
    garmin: FakeGarmin

    def add(self, model: str, brand: str = "Nike", **more: Any) -> str:
        return self.garmin.account.add_gear(brand, model, **{"first_use": LONG_AGO, **more})

    def run(self, *gear: str, days_ago: int = 0, km: float = 10.0, **more: Any) -> int:
        at = RUN_AT - timedelta(days=days_ago)
        return self.garmin.account.add_run(at, km, km * 6, gear=gear, **more)

    def own(self, name: str, **details: Any) -> Shoe:
        """A pair that the runner adds here."""
        start = Start(known_m=details.pop("start_m", 0.0))
        details = {"first_used_on": LONG_AGO, **details}
        return shoes.add_shoe(self.home.box, ME, name, "daily", start, **details)[0]

    def pass_(self, hours: float = 4) -> None:
        self.home.clock.on(hours=hours)
        self.home.once()

    def night(self) -> None:
        self.pass_(hours=24)

    def pairs(self) -> dict[str, Shoe]:
        return {s.name: s for s in shoes.known(self.home.box, ME)}

    def pair(self) -> Shoe:
        (one,) = self.pairs().values()
        return one

    def maybe(self) -> dict[str, str | None]:
        return {p.name: s.name if s else None for p, s in pairs.proposals(self.home.box, ME)}

    def worn(self, number: int = -1) -> dict[str, tuple[float, str]]:
        """Of the newest activity, or that one in order of start: shoe name -> share and who said so."""
        with self.home.box.store.read() as tx:
            found = shoes_store.wearings(tx, ME).get(self.newest(number).id, [])
        return {w.shoe_name: (round(w.share, 3), w.set_by) for w in found}

    def newest(self, number: int = -1) -> Activity:
        return self.home.activities()[number]

    def totals(self, name: str | None = None) -> Totals:
        """Both totals of a pair, whose reasons must add up."""
        found = {c.shoe.name: c for c in totals.compare_all(self.home.box, ME)}
        one = found[name] if name else next(iter(found.values()))
        assert one.totals.difference_m is not None
        assert sum(r.metres for r in one.totals.reasons) == pytest.approx(one.totals.difference_m, abs=0.5)
        assert totals.lines(one, "km")
        return one.totals

    def reasons(self, name: str | None = None) -> dict[str, int]:
        """Kind -> metres."""
        return {r.kind: round(r.metres) for r in self.totals(name).reasons if abs(r.metres) >= 1}

    def state(self) -> list[object]:
        found = self.home.activities()
        return [(a.id, round(a.counted_m), self.worn(n)) for n, a in enumerate(found)] + [self.pairs()]

    def rebuilt(self) -> None:
        """A rebuild changes nothing."""
        before = self.state()
        rebuild(self.home.box, ME)
        assert self.state() == before


@contextmanager
def a_life(tmp_path: Path) -> Iterator[Life]:
    with connected_home(tmp_path, email="me@example.org") as (home, garmin):
        yield Life(home, garmin)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    with a_life(tmp_path) as one:
        yield one


# the first sync


def test_pairs_of_the_first_sync_are_added_with_all_that_garmin_says(life: Life) -> None:
    trainer = life.add("Pegasus 40", limit_m=700_000)
    life.garmin.account.add_gear(
        "Hoka", "Speedgoat 5", name="Mud", retired=date(2025, 6, 1), first_use=LONG_AGO
    )
    life.run(trainer, days_ago=1)
    life.run(trainer)
    life.home.once()
    road, mud = life.pairs()["Nike Pegasus 40"], life.pairs()["Mud"]
    assert (road.model, road.limit_m, road.kind) == ("Nike Pegasus 40", 700_000, "daily")
    assert (road.first_used_on, road.retired_on, road.start_m) == (LONG_AGO, None, 0)
    assert (mud.model, mud.kind, mud.limit_m) == ("Hoka Speedgoat 5", "trail", 640_000)
    assert mud.retired_on is not None
    assert life.worn() == {"Nike Pegasus 40": (1.0, SOURCE)}
    assert (life.totals("Nike Pegasus 40").ours_m, life.reasons("Nike Pegasus 40")) == (20_000, {})
    life.rebuilt()


def test_without_leave_pairs_are_only_proposed(life: Life) -> None:
    connecting.set_option(life.home.box, ME, adopt=False)
    gear = life.add("Pegasus 40", start_m=50_000)
    life.run(gear)
    life.home.once()
    assert (life.pairs(), life.maybe(), life.worn()) == ({}, {"Nike Pegasus 40": None}, {})
    life.rebuilt()
    life.run(gear, km=7)
    life.pass_()
    pairs.accept(life.home.box, ME, "pegasus")
    assert life.worn() == {"Nike Pegasus 40": (1.0, SOURCE)}
    assert (life.totals().ours_m, life.reasons()) == (67_000, {})
    life.rebuilt()


def test_what_is_added_after_leave_was_given_begins_where_it_began(life: Life) -> None:
    connecting.set_option(life.home.box, ME, adopt=False)
    gear = life.add("Pegasus 40")
    life.run(gear, days_ago=1)
    life.home.once()
    connecting.set_option(life.home.box, ME, adopt=True)
    life.run(gear)
    life.pass_()
    assert (life.pair().start_m, life.totals().ours_m, life.reasons()) == (0, 20_000, {})


@pytest.mark.parametrize(
    "ours", ["Nike Pegasus 40", "nike PEGASUS 40", "Níke Pégasus 40", "Pegasus 40", "NikePegasus40"]
)
@pytest.mark.parametrize("when", ["before", "between"])
def test_a_pair_that_is_here_already_is_linked_not_doubled(life: Life, ours: str, when: str) -> None:
    if when == "between":
        life.home.once()
    life.own(ours, start_m=120_000, limit_m=500_000)
    life.run(life.add("Pegasus 40", limit_m=800_000, start_m=30_000))
    life.pass_()
    pair = life.pair()
    assert (pair.name, pair.limit_m) == (ours, 500_000)
    assert pair.start_m == 110_000, "the run before it was added here is not counted twice"
    assert life.worn() == {ours: (1.0, SOURCE)}
    assert life.reasons() == {START: -80_000}
    life.rebuilt()


def test_two_pairs_of_one_model_one_after_the_other_are_linked_each_to_its_own(life: Life) -> None:
    life.own("Pegasus 40", first_used_on=date(2025, 1, 1))
    shoes.retire(life.home.box, ME, "Pegasus 40", date(2026, 3, 1), None)
    life.own("Pegasus 40 (new)", model="Nike Pegasus 40", first_used_on=date(2026, 3, 10))
    old = life.add("Pegasus 40", first_use=date(2025, 1, 2), retired=date(2026, 3, 1))
    new = life.add("Pegasus 40", first_use=date(2026, 3, 10))
    life.run(old, days_ago=300)
    life.run(new)
    life.home.once()
    assert len(life.pairs()) == 2
    assert life.worn(0) == {"Pegasus 40": (1.0, SOURCE)}
    assert life.worn(-1) == {"Pegasus 40 (new)": (1.0, SOURCE)}


def test_two_pairs_of_one_name_at_garmin_are_two_here(life: Life) -> None:
    life.run(life.add("Pegasus 40", first_use=date(2025, 1, 1)), days_ago=1)
    life.run(life.add("Pegasus 40", first_use=date(2026, 5, 1)))
    life.home.once()
    assert sorted(life.pairs()) == ["Nike Pegasus 40", "Nike Pegasus 40 (2)"]
    assert len({*life.worn(0), *life.worn(1)}) == 2


def test_a_doubtful_pair_waits_and_says_which_it_may_be_and_so_does_its_double(life: Life) -> None:
    life.own("Pegasus")
    old, new = life.add("Pegasus 39"), life.add("Pegasus 40", first_use=date(2026, 2, 1))
    life.run(old, days_ago=1)
    life.run(new)
    life.home.once()
    assert life.maybe() == {"Nike Pegasus 39": "Pegasus", "Nike Pegasus 40": "Pegasus"}
    assert list(life.pairs()) == ["Pegasus"]
    pairs.link(life.home.box, ME, "pegasus 40", "Pegasus")
    assert life.worn() == {"Pegasus": (1.0, SOURCE)}
    life.rebuilt()
    life.pass_()
    assert (sorted(life.pairs()), life.maybe()) == (["Nike Pegasus 39", "Pegasus"], {})
    assert life.worn(0) == {"Nike Pegasus 39": (1.0, SOURCE)}
    life.rebuilt()


def test_a_declined_pair_leaves_its_runs_to_the_default_and_is_not_proposed_again(life: Life) -> None:
    life.own("Mine")
    life.run(life.add("Pegasus 40"))
    life.home.once()
    assert life.worn() == {"Nike Pegasus 40": (1.0, SOURCE)}
    pairs.decline(life.home.box, ME, "Nike Pegasus 40")
    assert life.worn() == {"Mine": (1.0, DEFAULT)}
    life.rebuilt()
    life.night()
    assert (life.worn(), life.maybe()) == ({"Mine": (1.0, DEFAULT)}, {})


def test_a_pair_that_the_runner_removed_here_is_not_added_again(life: Life) -> None:
    life.add("Pegasus 40")
    life.home.once()
    shoes.remove(life.home.box, ME, "Nike Pegasus 40")
    life.night()
    assert (life.pairs(), life.maybe()) == ({}, {"Nike Pegasus 40": None})


def test_a_bike_is_no_shoe(life: Life) -> None:
    bike, trainer = life.add("Domane", "Trek", type="BIKE"), life.add("Pegasus 40")
    life.run(bike, trainer)
    life.run(bike, days_ago=1, type_key="cycling")
    life.home.once()
    assert list(life.pairs()) == ["Nike Pegasus 40"]
    assert (life.worn(0), life.worn(1)) == ({}, {"Nike Pegasus 40": (1.0, SOURCE)})


# changes there


def test_a_run_put_on_another_pair_in_garmin_follows_unless_the_runner_said_it_here(life: Life) -> None:
    one, other = life.add("Pegasus 40"), life.add("Mach 6", "Hoka")
    number = life.run(one)
    life.home.once()
    life.garmin.account.reassign(number, other)
    life.pass_()
    assert life.worn() == {"Hoka Mach 6": (1.0, SOURCE)}
    assigning.assign(life.home.box, ME, [life.newest().id], ["Nike Pegasus 40"])
    life.garmin.account.reassign(number)
    life.night()
    life.garmin.account.reassign(number, other)
    life.night()
    assert life.worn() == {"Nike Pegasus 40": (1.0, RUNNER)}
    life.rebuilt()
    assigning.unassign(life.home.box, ME, [life.newest().id])
    assert life.worn() == {"Hoka Mach 6": (1.0, SOURCE)}
    life.rebuilt()


def test_an_old_run_put_on_another_pair_is_noticed_by_the_totals(life: Life) -> None:
    one, other = life.add("Pegasus 40"), life.add("Mach 6", "Hoka")
    number = life.run(one, days_ago=200)
    life.home.once()
    life.garmin.account.reassign(number, other)
    life.pass_()
    assert life.worn() == {"Hoka Mach 6": (1.0, SOURCE)}


def test_a_run_with_two_pairs_counts_half_on_each(life: Life) -> None:
    life.run(life.add("Pegasus 40"), life.add("Mach 6", "Hoka"))
    life.home.once()
    assert life.worn() == {"Nike Pegasus 40": (0.5, SOURCE), "Hoka Mach 6": (0.5, SOURCE)}
    assert life.reasons("Nike Pegasus 40") == {MEASURED: 5_000}
    life.rebuilt()


def test_a_pair_taken_off_a_run_in_garmin_lets_the_default_answer_again(life: Life) -> None:
    life.own("Mine")
    number = life.run(life.add("Pegasus 40"))
    life.home.once()
    life.garmin.account.reassign(number)
    life.pass_()
    assert life.worn() == {"Mine": (1.0, DEFAULT)}
    life.rebuilt()


def test_a_rename_does_not_move_a_run_to_the_default_of_today(life: Life) -> None:
    life.own("Mine")
    number = life.run()
    life.home.once()
    life.own("Newer")
    shoes.set_default(life.home.box, ME, "Newer", "running", None)
    life.garmin.account.rename(number, "Dawn")
    life.night()
    assert (life.newest().title, life.worn()) == ("Dawn", {"Mine": (1.0, DEFAULT)})


def test_a_rename_gives_no_pair_to_a_run_that_had_none(life: Life) -> None:
    number = life.run()
    life.home.once()
    life.own("Newer")
    life.garmin.account.rename(number, "Dawn")
    life.night()
    assert (life.newest().title, life.worn()) == ("Dawn", {})


def test_a_pair_deleted_in_garmin_keeps_its_shoe_and_its_history(life: Life) -> None:
    gear = life.add("Pegasus 40")
    life.run(gear, days_ago=1)
    number = life.run(gear)
    life.home.once()
    life.garmin.account.delete_gear(gear)
    life.night()
    assert life.worn() == {"Nike Pegasus 40": (1.0, SOURCE)}
    life.rebuilt()
    life.garmin.account.link(life.add("Mach 6", "Hoka"), number)
    life.night()
    assert life.worn(0) == {"Nike Pegasus 40": (1.0, SOURCE)}
    assert life.worn(1) == {"Hoka Mach 6": (1.0, SOURCE)}


def test_name_limit_and_retirement_follow_garmin_unless_the_runner_changed_them(life: Life) -> None:
    gear = life.add("Pegasus 40")
    life.run(gear)
    life.home.once()
    life.garmin.account.set_gear(gear, name="Reds", limit_m=900_000)
    life.garmin.account.retire(gear)
    life.pass_()
    assert (life.pair().name, life.pair().limit_m) == ("Reds", 900_000)
    assert life.pair().retired_on == RUN_AT.date()
    life.garmin.account.set_gear(gear, retired_on=None)
    life.pass_()
    assert life.pair().retired_on is None
    shoes.edit_shoe(life.home.box, ME, "Reds", name="Blues", limit_m=650_000)
    life.garmin.account.set_gear(gear, name="Greens", limit_m=700_000)
    life.pass_()
    assert (life.pair().name, life.pair().limit_m) == ("Blues", 650_000)


def test_a_retirement_here_is_not_undone_from_garmin(life: Life) -> None:
    gear = life.add("Pegasus 40")
    life.home.once()
    day = date(2026, 11, 17)
    shoes.retire(life.home.box, ME, "Nike Pegasus 40", day, "hole")
    life.night()
    assert life.pair().retired_on == day
    life.garmin.account.retire(gear)
    life.night()
    life.garmin.account.set_gear(gear, retired_on=None)
    life.night()
    assert (life.pair().retired_on, life.pair().retired_reason) == (day, "hole")


def test_runs_after_a_retirement_in_garmin_are_no_more_the_pairs_by_default(life: Life) -> None:
    gear = life.add("Pegasus 40")
    life.run(gear, days_ago=5)
    life.home.once()
    shoes.set_default(life.home.box, ME, "Nike Pegasus 40", "running", None)
    life.run(days_ago=1)
    life.pass_()
    assert life.worn() == {"Nike Pegasus 40": (1.0, DEFAULT)}
    life.garmin.account.retire(gear)
    life.pass_()
    assert (life.worn(), life.worn(0)) == ({}, {"Nike Pegasus 40": (1.0, SOURCE)})


def test_a_pair_retired_before_the_first_sync_was_in_use_until_its_last_run(life: Life) -> None:
    """Garmin tells no day then, only that of the first use."""
    gear = life.add("Pegasus 40", retired=True)
    life.run(gear, days_ago=90)
    life.home.once()
    pair = life.pair()
    assert pair.retired_on == RUN_AT.date() - timedelta(days=90)
    assigning.assign(life.home.box, ME, [life.newest().id], ["Nike Pegasus 40"])
    assert life.worn() == {"Nike Pegasus 40": (1.0, RUNNER)}


def test_a_start_by_hand_in_garmin_is_the_start_here_exactly_once(life: Life) -> None:
    gear = life.add("Pegasus 40", start_m=150_000)
    life.run(gear, days_ago=1)
    life.home.once()
    assert life.pair().start_m == 150_000
    life.run(gear)
    life.pass_()
    assert (life.pair().start_m, life.totals().ours_m, life.reasons()) == (150_000, 170_000, {})
    shoes.edit_shoe(life.home.box, ME, "Nike Pegasus 40", Start(known_m=80_000))
    life.run(gear, km=5)
    life.night()
    assert (life.pair().start_m, life.reasons()) == (80_000, {START: 70_000})


def test_while_garmin_counts_again_nothing_is_lowered_and_the_start_comes_after(life: Life) -> None:
    gear = life.add("Pegasus 40", start_m=150_000)
    life.run(gear, days_ago=1)
    life.garmin.account.recount(gear, 0.0)
    life.home.once()
    assert (life.pair().start_m, life.worn()) == (0, {"Nike Pegasus 40": (1.0, SOURCE)})
    life.garmin.account.recount(gear, None)
    life.pass_()
    assert (life.pair().start_m, life.totals().theirs_m) == (150_000, 160_000)
    life.run(gear)
    life.garmin.account.recount(gear, 12.0)
    life.night()
    assert (life.pair().start_m, life.totals().theirs_m, life.totals().ours_m) == (150_000, 160_000, 170_000)
    assert life.reasons() == {UNTOLD: -10_000}
    life.garmin.account.recount(gear, None)
    life.pass_()
    assert (life.totals().theirs_m, life.reasons()) == (170_000, {})


# worn out


def test_a_new_run_that_wears_a_pair_out_is_told_once_and_history_never(life: Life) -> None:
    old = life.add("Mach 6", "Hoka", limit_m=100_000, start_m=90_000)
    gear = life.add("Pegasus 40", limit_m=500_000, start_m=334_000)
    for day in range(1, 20):
        life.run(gear if day % 2 else old, days_ago=day, km=1.5)
    life.home.once()
    assert {d.kind for d in life.home.deliveries()} <= {"notice"}
    life.home.clock.on(hours=1)
    life.garmin.account.add_run(life.home.clock.at - timedelta(minutes=60), 2.0, 12.0, gear=[gear])
    life.pass_(hours=3)
    opened = [
        a for a in life.home.alerts("S1") if a.subject.startswith(f"{life.pairs()['Nike Pegasus 40'].id}")
    ]
    assert len(opened) == 1
    mails = [d for d in life.home.deliveries() if d.kind == "alert"]
    assert len(mails) == 1
    for _ in range(3):
        life.pass_()
    assert [d for d in life.home.deliveries() if d.kind == "alert"] == mails


# both totals


def test_every_reason_for_a_difference_is_named_and_all_add_up(life: Life) -> None:
    gear, other = life.add("Pegasus 40", start_m=30_000), life.add("Mach 6", "Hoka")
    life.run(gear, days_ago=9, km=9)
    life.run(gear, days_ago=8, km=8)
    life.run(gear, days_ago=7, km=7)
    life.run(gear, days_ago=6, km=6)
    life.run(other, days_ago=5, km=5)
    life.run(days_ago=4, km=4)
    life.home.once()
    runs = {round(a.counted_m / 1000): a.id for a in life.home.activities()}
    box = life.home.box
    activities.edit(box, ME, runs[8], excluded=True)
    assigning.assign(box, ME, [runs[7]], ["Hoka Mach 6"])
    activities.edit(box, ME, runs[6], distance_m=5_500)
    assigning.assign(box, ME, [runs[5], runs[4]], ["Nike Pegasus 40"])
    shoes.edit_shoe(box, ME, "Nike Pegasus 40", Start(known_m=10_000))
    assert life.reasons("Nike Pegasus 40") == {
        START: 20_000,
        THEIRS_EXCLUDED: 8_000,
        THEIRS_OTHER_PAIR: 7_000,
        MEASURED: 500,
        OURS_OTHER_PAIR: -5_000,
        OURS_UNKNOWN: -4_000,
    }
    assert life.reasons("Hoka Mach 6") == {THEIRS_OTHER_PAIR: 5_000, OURS_OTHER_PAIR: -7_000}
    life.night()
    assert life.reasons("Hoka Mach 6") == {THEIRS_OTHER_PAIR: 5_000, OURS_OTHER_PAIR: -7_000}


def test_a_run_deleted_in_garmin_and_confirmed_here_counts_only_here(life: Life) -> None:
    gear = life.add("Pegasus 40")
    life.run(gear, days_ago=2)
    number = life.run(gear, km=8)
    life.home.once()
    life.garmin.account.delete(number)
    life.night()
    assert life.reasons() == {}
    activities.edit(life.home.box, ME, life.newest().id, confirmed=True)
    assert (life.totals().ours_m, life.reasons()) == (18_000, {OURS_UNKNOWN: -8_000})


def test_a_run_that_only_garmin_knows_is_named(life: Life) -> None:
    gear = life.add("Pegasus 40")
    life.run(gear, days_ago=1)
    broken = life.run(gear, km=7, manual=True)
    life.garmin.faults.mutate(
        "search/activities", lambda rows: [r if r["activityId"] != broken else _odd(r) for r in rows]
    )
    life.home.once()
    assert life.reasons() == {THEIRS_NO_FILE: 7_000}
    assigning.unassign(life.home.box, ME, [life.newest().id])
    pairs.decline(life.home.box, ME, "Nike Pegasus 40")
    assert totals.compare_all(life.home.box, ME) == []


def _odd(row: dict[str, Any]) -> dict[str, Any]:
    """A line from which no run can be made."""
    return {**row, "startTimeGMT": None, "startTimeLocal": None, "beginTimestamp": None, "distance": None}


def test_totals_agree_where_the_official_interface_lists_the_activities(life: Life) -> None:
    gear = life.add("Pegasus 40", start_m=30_000)
    for day in range(5):
        life.run(gear, days_ago=day)
    connecting.take_key(life.home.box, ME, "fake-personal-key", None)
    life.home.once()
    life.pass_()
    assert [round(a.counted_m) for a in life.home.activities()] == [10_000] * 5
    assert (life.totals().ours_m, life.totals().theirs_m, life.reasons()) == (80_000, 80_000, {})
    life.run(gear, days_ago=-1)
    life.pass_()
    assert (life.totals().ours_m, life.reasons()) == (90_000, {})
    life.rebuilt()


def test_two_pairs_of_garmins_may_be_one_here_and_are_compared_each(life: Life) -> None:
    life.own("Reds")
    life.run(life.add("Pegasus 40"), days_ago=1)
    life.run(life.add("Pegasus forty"), km=7)
    life.home.once()
    pairs.link(life.home.box, ME, "Nike Pegasus 40", "Reds")
    pairs.link(life.home.box, ME, "Nike Pegasus forty", "Reds")
    assert (life.worn(0), life.worn(1)) == ({"Reds": (1.0, SOURCE)}, {"Reds": (1.0, SOURCE)})
    both = totals.compare_all(life.home.box, ME)
    assert [(c.shoe.name, c.pair.name, c.totals.theirs_m) for c in both] == [
        ("Reds", "Nike Pegasus 40", 10_000),
        ("Reds", "Nike Pegasus forty", 7_000),
    ]
    assert [r.metres for c in both for r in c.totals.reasons] == [-7_000, -10_000]


# written back


def writes(garmin: FakeGarmin) -> list[str]:
    return [f"{r.path.split('/')[3]} {r.status}" for r in garmin.requests() if r.method == "PUT"]


def test_nothing_is_written_to_garmin_without_leave(life: Life) -> None:
    number = life.run(life.add("Pegasus 40"))
    life.add("Mach 6", "Hoka")
    life.home.once()
    assigning.assign(life.home.box, ME, [life.newest().id], ["Hoka Mach 6"])
    life.night()
    assert writes(life.garmin) == []
    activity = life.garmin.account.activity(number)
    assert activity
    assert len(activity.gear) == 1


@pytest.fixture
def writing(life: Life) -> tuple[Life, int, str]:
    """A run on one pair there, which the runner put on another one here."""
    number = life.run(life.add("Pegasus 40"))
    other = life.add("Mach 6", "Hoka")
    life.home.once()
    connecting.set_option(life.home.box, ME, write_back=True)
    assigning.assign(life.home.box, ME, [life.newest().id], ["Hoka Mach 6"])
    return life, number, other


def test_the_runners_word_is_written_once_by_the_next_look(writing: tuple[Life, int, str]) -> None:
    life, number, other = writing
    life.pass_(hours=1)
    assert writes(life.garmin) == ["link 200", "unlink 200"]
    assert [a.gear for a in life.garmin.account.activities()] == [[other]]
    life.night()
    assert writes(life.garmin) == ["link 200", "unlink 200"]
    assert life.reasons("Hoka Mach 6") == life.reasons("Nike Pegasus 40") == {}
    assert number


def test_a_refusal_ends_the_writing_with_a_sentence(writing: tuple[Life, int, str]) -> None:
    life, _, _ = writing
    life.garmin.account.eu = True
    life.pass_(hours=1)
    connection = life.home.connection(1)
    assert (connection.state, writes(life.garmin)) == ("connected", ["link 412"])
    assert connection.notes["write_back"] is False
    assert str(connection.notes["write_back_refused"]).endswith(".")
    life.night()
    assert writes(life.garmin) == ["link 412"]
    life.garmin.account.eu = False
    connecting.set_option(life.home.box, ME, write_back=True)
    life.pass_()
    assert "write_back_refused" not in life.home.connection(1).notes
    assert writes(life.garmin) == ["link 412", "link 200", "unlink 200"]
    assert life.reasons("Nike Pegasus 40") == {UNTOLD: 10_000}
    life.pass_()
    assert life.reasons("Nike Pegasus 40") == {}


def test_a_write_broken_off_between_link_and_unlink_ends_right(writing: tuple[Life, int, str]) -> None:
    life, _, other = writing
    life.garmin.faults.add("/unlink/", status(500), times=None)
    life.pass_(hours=1)
    assert [len(a.gear) for a in life.garmin.account.activities()] == [2]
    life.garmin.faults.clear()
    life.night()
    assert [a.gear for a in life.garmin.account.activities()] == [[other]]
    assert life.worn() == {"Hoka Mach 6": (1.0, RUNNER)}


def test_one_write_that_garmin_does_not_take_stops_no_other(writing: tuple[Life, int, str]) -> None:
    life, number, other = writing
    second = life.run(days_ago=2)
    life.pass_(hours=1)
    life.garmin.account.reassign(number)
    assigning.assign(life.home.box, ME, [life.newest(0).id], ["Hoka Mach 6"])
    life.garmin.faults.add(f"activity/{number}", status(500), times=None)
    life.night()
    found = life.garmin.account.activity(second)
    assert found
    assert found.gear == [other]


def test_a_word_in_garmins_app_after_one_in_midsole_gives_way(writing: tuple[Life, int, str]) -> None:
    life, number, other = writing
    life.pass_(hours=1)
    pegasus = next(p.id for p in life.garmin.account.gear() if p.model == "Pegasus 40")
    life.garmin.account.reassign(number, pegasus)
    life.night()
    assert life.worn() == {"Hoka Mach 6": (1.0, RUNNER)}
    assert [a.gear for a in life.garmin.account.activities()] == [[other]]


def test_a_deleted_run_or_pair_is_not_written_to(writing: tuple[Life, int, str]) -> None:
    life, number, _ = writing
    pegasus = next(p.id for p in life.garmin.account.gear() if p.model == "Pegasus 40")
    life.garmin.account.delete_gear(pegasus)
    life.pass_(hours=1)
    assert writes(life.garmin) == ["link 200"]
    assigning.unassign(life.home.box, ME, [life.newest().id])
    assigning.assign(life.home.box, ME, [life.newest().id], ["Hoka Mach 6"])
    life.garmin.account.delete(number)
    life.night()
    life.night()
    assert writes(life.garmin) == ["link 200"]
