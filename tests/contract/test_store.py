"""What the store promises, on SQLite and on PostgreSQL."""

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from midsole.domain.activity import Recording
from midsole.domain.facts import WARN, Finding
from midsole.domain.wearing import Answer, Default, holding, whole
from midsole.store import activities, facts, messages, runners, shoes, sources
from midsole.store.base import Store, Tx, claim, forget_slots, take_slot
from midsole.store.runners import Runner
from midsole.store.tables import delivery, raw_file

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
LEASE = timedelta(minutes=10)
_numbers = itertools.count(1)


def recording(started_at: datetime = NOW - timedelta(hours=3), km: float = 10, **more: Any) -> Recording:
    seconds = km * 360
    values: dict[str, Any] = {
        "leg": 0,
        "sport": "running",
        "surface": "road",
        "started_at": started_at,
        "distance_m": km * 1000,
        "distance_from": "session",
        "timer_s": seconds,
        "moving_s": seconds,
        "elapsed_s": seconds,
        "fastest_s": {1000: 330.0},
    }
    return Recording(**(values | more))


def add_runner(tx: Tx, name: str = "me", zone: str = "Europe/Berlin") -> Runner:
    return runners.get(tx, runners.add(tx, name, zone, NOW))


def add_file(tx: Tx, runner: Runner, sha256: str | None = None) -> sources.RawFile:
    sha256 = sha256 or f"{next(_numbers):064x}"
    file_id = sources.take_in(tx, runner.id, None, sha256, f"{sha256[-4:]}.fit", 10, NOW)
    assert file_id is not None
    return sources.raw_file(tx, file_id)


def add_run(tx: Tx, runner: Runner, sha256: str | None = None, **more: Any) -> int:
    (activity_id,) = activities.add_recordings(
        tx, runner, [(add_file(tx, runner, sha256), recording(**more))]
    )
    return activity_id


def add_shoe(tx: Tx, runner: Runner, name: str = "Pegasus", **more: Any) -> int:
    row = {"name": name, "kind": "daily", "limit_m": 640_000, "start_m": 0, "start_how": "known"}
    return shoes.add(tx, runner.id, NOW, **(row | more))


def finding(rule: str = "S1", subject: str = "shoe:1") -> Finding:
    return Finding(rule, WARN, subject, NOW.date(), "worn", "retire it", {"used_fraction": 1.0})


def post(tx: Tx, runner: Runner, *alert_ids: int, **more: Any) -> int:
    row = {"kind": "alert", "channel": "outbox", "address": "a@b.c", "subject": "s", "eml": b"mail"}
    row |= {
        "message_id": f"<{next(_numbers)}@x>",
        "created_at": NOW,
        "next_at": NOW,
        "counts_in_budget": True,
    }
    return messages.queue(tx, runner.id, alert_ids, **(row | more))


def both_at_once(do: Callable[[int], Any]) -> list[Any]:
    """The results of two threads that start together; an error of one is raised here."""
    results: list[Any] = [None, None]
    together = threading.Barrier(2)

    def act(n: int) -> None:
        together.wait()
        try:
            results[n] = do(n)
        except BaseException as error:
            results[n] = error

    threads = [threading.Thread(target=act, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


# transactions


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def write_and_fail() -> None:
        with store.write() as tx:
            add_runner(tx)
            raise KeyError

    with pytest.raises(KeyError):
        write_and_fail()
    with store.read() as tx:
        assert runners.everyone(tx) == []


def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    with store.read() as reading:
        assert runners.everyone(reading) == []
        with store.write() as tx:
            add_runner(tx)
        assert runners.everyone(reading) == []
    with store.read() as tx:
        assert len(runners.everyone(tx)) == 1


def test_writers_that_read_first_wait_for_each_other(store: Store) -> None:
    def write(n: int) -> None:
        for k in range(10):
            with store.write() as tx:
                runners.everyone(tx)
                runners.add(tx, f"{n}.{k}", "UTC", NOW)

    both_at_once(write)
    with store.read() as tx:
        assert len(runners.everyone(tx)) == 20


# runners


def test_a_runner_comes_back_as_added(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
    assert (runner.name, runner.units, runner.first_weekday, runner.weekly_mail) == ("me", "km", 0, "every")
    assert runner.created_at == NOW
    assert not runner.start.pain_now


def test_a_zone_holds_from_its_date_on(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        runners.set_zone(tx, runner.id, "Asia/Tokyo", date(2026, 5, 1))
        runners.set_zone(tx, runner.id, "America/New_York", date(2026, 4, 1))
        runner = runners.get(tx, runner.id)
    assert runner.zone_on(date(2026, 3, 31)) == "Europe/Berlin"
    assert runner.zone_on(date(2026, 6, 1)) == "America/New_York"
    assert len(runner.zones) == 2


def test_erasing_a_runner_keeps_what_another_has_too(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        both = "ab" * 32
        add_run(tx, you, both)
        activity_id = add_run(tx, me, both)
        own = add_file(tx, me)
        shoes.wear_all(tx, me.id, {activity_id: whole(add_shoe(tx, me), "runner")}, NOW)
        activities.say(tx, me, activity_id, NOW, title="mine")
        alert_id = messages.open_alert(tx, me.id, finding(), "open", NOW, NOW.date())
        messages.write_week(tx, me.id, date(2026, 11, 9), "fine", post(tx, me, alert_id), NOW)
        assert runners.erase(tx, me.id) == [own.sha256]
        assert [r.name for r in runners.everyone(tx)] == ["you"]
        assert len(activities.between(tx, you.id)) == 1


# sources and raw files


def test_a_folder_is_connected_once(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        first = sources.connect(tx, runner.id, "folder", "/inbox", NOW)
        assert sources.connect(tx, runner.id, "folder", "/inbox", NOW) == first
        sources.looked(tx, first, NOW, None)
        sources.looked(tx, first, NOW + LEASE, "gone")
        (connection,) = sources.connections(tx, runner.id)
    assert (connection.last_success_at, connection.last_look_at) == (NOW, NOW + LEASE)
    assert connection.error == "gone"


def test_the_ledger_holds_the_newest_look_of_a_file(store: Store) -> None:
    with store.write() as tx:
        connection = sources.connect(tx, add_runner(tx).id, "folder", "/inbox", NOW)
        sources.remember_all(tx, connection, {"a.fit": (10, 1)})
        sources.remember_all(tx, connection, {"a.fit": (11, 1_800_000_000_000_000_000)})
        assert sources.ledger(tx, connection) == {"a.fit": (11, 1_800_000_000_000_000_000)}


def test_the_same_bytes_are_one_file_for_a_runner_and_two_for_two(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx, "you")
        assert sources.take_in(tx, me.id, None, "a" * 64, "a", 1, NOW) is not None
        assert sources.take_in(tx, me.id, None, "a" * 64, "b", 1, NOW) is None
        assert sources.take_in(tx, you.id, None, "a" * 64, "a", 1, NOW) is not None
        assert sources.file_counts(tx, me.id) == {"new": 1, "done": 0, "ignored": 0, "bad": 0}


def test_two_workers_take_in_the_same_file_once(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        connection = sources.connect(tx, runner.id, "folder", "/inbox", NOW)

    def take(_n: int) -> int:
        new = 0
        for k in range(10):
            with store.write() as tx:
                taken = sources.take_in(tx, runner.id, connection, f"{k:064x}", "a", 1, NOW)
                sources.remember_all(tx, connection, {f"{k}.fit": (1, 1)})
                new += taken is not None
        return new

    assert sum(both_at_once(take)) == 10


def test_a_settled_file_stays_settled(store: Store) -> None:
    with store.write() as tx:
        file = add_file(tx, add_runner(tx))
        sources.settle_files(tx, [sources.Settled(file.id, "done", "fit")], 1)
        sources.settle_files(tx, [sources.Settled(file.id, "bad", None, "late")], 1)
        assert sources.raw_file(tx, file.id).state == "done"


def test_a_newer_decoder_tries_refused_files_again(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        sources.settle_files(tx, [sources.Settled(add_file(tx, runner).id, "bad", None, "broken")], 1)
        assert sources.retry_refused(tx, 1, NOW) == 0
        assert sources.retry_refused(tx, 2, NOW) == 1
        assert sources.waiting(tx, runner.id)


# claims and slots


def test_of_two_claimants_one_wins(store: Store) -> None:
    with store.write() as tx:
        file = add_file(tx, add_runner(tx))

    def take(n: int) -> bool:
        with store.write() as tx:
            return claim(tx, raw_file, file.id, "new", NOW, LEASE, f"worker {n}")

    assert sorted(both_at_once(take)) == [False, True]


def test_a_lease_that_ran_out_is_taken_by_another(store: Store) -> None:
    with store.write() as tx:
        file = add_file(tx, add_runner(tx))
        assert claim(tx, raw_file, file.id, "new", NOW, LEASE, "dead")
        assert not claim(tx, raw_file, file.id, "new", NOW + LEASE / 2, LEASE, "other")
        assert sources.due_files(tx, NOW + LEASE / 2) == []
        assert sources.due_files(tx, NOW + LEASE) == [file.id]
        assert claim(tx, raw_file, file.id, "new", NOW + LEASE, LEASE, "other")
        taken = sources.raw_file(tx, file.id)
    assert (taken.attempts, taken.claimed_by) == (2, "other")


def test_a_slot_is_taken_once(store: Store) -> None:
    def take(_n: int) -> bool:
        with store.write() as tx:
            return take_slot(tx, "look", NOW)

    assert sorted(both_at_once(take)) == [False, True]
    with store.write() as tx:
        assert not take_slot(tx, "look", NOW)
        assert take_slot(tx, "look", NOW + LEASE)
        assert take_slot(tx, "deliver", NOW)
        forget_slots(tx, NOW + LEASE)
        assert take_slot(tx, "look", NOW)


# activities


def test_a_run_in_two_files_is_one_activity(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        one = add_run(tx, runner)
        two = add_run(tx, runner, started_at=NOW - timedelta(hours=3, seconds=-40), km=10.2)
        assert one == two
        assert len(activities.between(tx, runner.id)) == 1
        assert len(activities.sources_of(tx, runner.id)[one]) == 2


def test_two_runs_are_two_activities(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        assert add_run(tx, runner) != add_run(tx, runner, started_at=NOW - timedelta(hours=1))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_arrival_does_not_matter(store: Store, order: tuple[int, ...]) -> None:
    """The middle one of three chains the outer two together."""
    start = NOW - timedelta(hours=3)
    with store.write() as tx:
        runner = add_runner(tx)
        for n in order:
            trusted = "session" if n == 1 else "gps"
            begin = start + timedelta(seconds=100 * n)
            add_run(tx, runner, f"{n:064x}", started_at=begin, km=10 + n / 5, distance_from=trusted)
        (activity,) = activities.between(tx, runner.id)
    assert (activity.started_at, activity.counted_m) == (start + timedelta(seconds=100), 10_200)


def test_an_edit_survives_a_better_recording(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        activity_id = add_run(tx, runner, distance_from="gps")
        activities.say(tx, runner, activity_id, NOW, distance_m=9_000.0, title="hills")
        add_run(tx, runner, km=10.1)
        (activity,) = activities.between(tx, runner.id)
    assert (activity.distance_m, activity.counted_m, activity.title) == (9_000, 9_000, "hills")
    assert activity.distance_from == "edit"


def test_a_merge_keeps_the_edits_and_the_runners_shoe(store: Store) -> None:
    start = NOW - timedelta(hours=3)
    with store.write() as tx:
        runner = add_runner(tx)
        old, said = add_shoe(tx, runner), add_shoe(tx, runner, "Endorphin")
        first = add_run(tx, runner, started_at=start)
        second = add_run(tx, runner, started_at=start + timedelta(seconds=200))
        shoes.wear_all(tx, runner.id, {first: whole(old, "default")}, NOW)
        shoes.wear_all(tx, runner.id, {second: whole(said, "runner")}, NOW)
        activities.say(tx, runner, second, NOW, title="said")
        add_run(tx, runner, started_at=start + timedelta(seconds=100))
        (activity,) = activities.between(tx, runner.id)
        (wearing,) = shoes.wearings(tx, runner.id)[first]
    assert (activity.id, activity.title) == (first, "said")
    assert (wearing.shoe_id, wearing.set_by) == (said, "runner")


def test_an_excluded_run_counts_nothing(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        activity_id = add_run(tx, runner)
        shoes.wear_all(tx, runner.id, {activity_id: whole(add_shoe(tx, runner), "default")}, NOW)
        activities.say(tx, runner, activity_id, NOW, excluded=True)
        assert activities.totals(tx, runner.id).run_m == 0
        assert [w.worn_m for w in shoes.worn(tx, runner.id, date(2026, 1, 1))] == [0]
        activities.say(tx, runner, activity_id, NOW, excluded=False)
        assert activities.totals(tx, runner.id).run_m == 10_000


def test_a_leg_kept_twice_is_one_recording(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        file = add_file(tx, runner)
        one = activities.add_recordings(tx, runner, [(file, recording()), (file, recording())])
        assert activities.add_recordings(tx, runner, [(file, recording())]) == one
        assert activities.sources_of(tx, runner.id) == {one[0]: [file.name]}


def test_two_workers_with_two_files_of_one_run_make_one_activity(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        files = [[add_file(tx, runner) for _ in range(10)] for _ in range(2)]

    def ingest(n: int) -> None:
        for k, file in enumerate(files[n]):
            with store.write() as tx:
                run = recording(NOW - timedelta(days=k, seconds=20 * n))
                activities.add_recordings(tx, runner, [(file, run)])

    both_at_once(ingest)
    with store.read() as tx:
        assert len(activities.between(tx, runner.id)) == 10


def test_a_run_belongs_to_the_day_of_its_own_offset_else_of_the_zone(store: Store) -> None:
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    with store.write() as tx:
        runner = add_runner(tx)
        add_run(tx, runner, started_at=late)
        add_run(tx, runner, started_at=late + timedelta(days=1), utc_offset_s=-18_000)
        days = [a.local_date for a in activities.between(tx, runner.id)]
    assert days == [date(2026, 11, 19), date(2026, 11, 19)]


# shoes


def test_what_shoes_wore_is_what_their_runs_count(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        one, two = add_shoe(tx, runner), add_shoe(tx, runner, "Endorphin")
        all_of_it = add_run(tx, runner, km=12.3, steps=11_000)
        split = add_run(tx, runner, started_at=NOW - timedelta(days=1), km=21.1, steps=20_000)
        shoes.wear_all(tx, runner.id, {all_of_it: whole(one, "runner")}, NOW)
        shoes.wear_all(tx, runner.id, {split: Answer(((one, 0.3), (two, 0.7)), "runner")}, NOW)
        pairs = {w.shoe.id: w for w in shoes.worn(tx, runner.id, date(2026, 1, 1))}
        counted = sum(a.counted_m for a in activities.between(tx, runner.id))
    assert pairs[one].worn_m + pairs[two].worn_m == pytest.approx(counted)
    assert pairs[one].worn_m == pytest.approx(12_300 + 0.3 * 21_100)
    assert (pairs[one].runs, pairs[one].steps) == (2, 17_000)
    assert [w.activity_id for w in pairs[one].recent] == [split, all_of_it]


def test_a_default_is_replaced_and_taken_away(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        one, two = add_shoe(tx, runner), add_shoe(tx, runner, "Endorphin")
        first, later = date(2026, 3, 1), date(2026, 6, 1)
        for surface, day, shoe in ((None, first, one), (None, later, two), ("trail", first, one)):
            shoes.set_default(tx, runner.id, Default("running", surface, day, shoe))
        shoes.set_default(tx, runner.id, Default("running", "trail", later, None))
        before = holding(shoes.defaults(tx, runner.id), date(2026, 5, 31))
        assert before == {("running", None): one, ("running", "trail"): one}
        after = holding(shoes.defaults(tx, runner.id), later)
        assert after == {("running", None): two, ("running", "trail"): None}


def test_a_default_told_anew_takes_the_place_of_later_ones(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        one, two = add_shoe(tx, runner), add_shoe(tx, runner, "Endorphin")
        shoes.set_default(tx, runner.id, Default("running", None, date(2026, 6, 1), two))
        shoes.set_default(tx, runner.id, Default("running", None, date(2026, 3, 1), one))
        assert shoes.defaults(tx, runner.id) == [Default("running", None, date(2026, 3, 1), one)]


def test_a_worn_pair_cannot_be_removed(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        shoe = add_shoe(tx, runner)
        worn = add_run(tx, runner)
        shoes.wear_all(tx, runner.id, {worn: whole(shoe, "default")}, NOW)
        assert list(shoes.worked_out(tx, shoe)) == [worn]
    with pytest.raises(IntegrityError), store.write() as tx:
        shoes.remove(tx, shoe)


def test_unworn_are_runs_without_a_sure_shoe(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        sure, unsure = add_run(tx, runner), add_run(tx, runner, started_at=NOW - timedelta(days=1))
        shoe = add_shoe(tx, runner)
        shoes.wear_all(tx, runner.id, {sure: whole(shoe, "guess", 0.9)}, NOW)
        shoes.wear_all(tx, runner.id, {unsure: whole(shoe, "guess", 0.5)}, NOW)
        assert shoes.unworn(tx, runner.id, date(2026, 1, 1), 0.8) == (unsure,)


# alerts and deliveries


def test_one_alert_stands_for_one_subject(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        alert_id = messages.open_alert(tx, runner.id, finding(), "open", NOW, NOW.date())
    with pytest.raises(IntegrityError), store.write() as tx:
        messages.open_alert(tx, runner.id, finding(), "open", NOW, NOW.date())
    with store.write() as tx:
        messages.resolve_alert(tx, alert_id, NOW)
        messages.open_alert(tx, runner.id, finding(), "open", NOW, NOW.date())
        assert [a.state for a in messages.alerts(tx, runner.id)] == ["resolved", "open"]


def test_a_resolved_alert_takes_back_only_mail_that_carries_nothing_else(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        one = messages.open_alert(tx, runner.id, finding(), "open", NOW, NOW.date())
        two = messages.open_alert(tx, runner.id, finding(subject="shoe:2"), "open", NOW, NOW.date())
        mail = post(tx, runner, one, two)
        messages.resolve_alert(tx, one, NOW)
        assert messages.delivery(tx, mail).state == "due"
        assert messages.mails_since(tx, runner.id, NOW - LEASE) == 1
        messages.resolve_alert(tx, two, NOW)
        assert messages.delivery(tx, mail).state == "withdrawn"
        assert messages.mails_since(tx, runner.id, NOW - LEASE) == 0


def test_a_leased_delivery_is_not_withdrawn(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        alert_id = messages.open_alert(tx, runner.id, finding(), "open", NOW, NOW.date())
        mail = post(tx, runner, alert_id)
        assert claim(tx, delivery, mail, "due", NOW, LEASE, "sender")
        messages.resolve_alert(tx, alert_id, NOW)
        assert messages.delivery(tx, mail).state == "due"
        assert messages.finish_delivery(tx, mail, "sender", state="sent", sent_at=NOW)
        assert messages.delivery_counts(tx, runner.id)["sent"] == 1


def test_who_lost_the_lease_cannot_write_the_result(store: Store) -> None:
    with store.write() as tx:
        mail = post(tx, add_runner(tx))
        assert messages.due_deliveries(tx, NOW) == [mail]
        assert claim(tx, delivery, mail, "due", NOW, LEASE, "slow")
        assert claim(tx, delivery, mail, "due", NOW + LEASE, LEASE, "other")
        assert not messages.finish_delivery(tx, mail, "slow", state="failed")
        assert messages.finish_delivery(tx, mail, "other", state="sent")


def test_a_week_is_written_about_once(store: Store) -> None:
    week = date(2026, 11, 9)
    with store.write() as tx:
        runner = add_runner(tx)
        assert not messages.any_week_written(tx, runner.id)
        messages.write_week(tx, runner.id, week, "fine", None, NOW)
        assert messages.week_written(tx, runner.id, week)
    with pytest.raises(IntegrityError), store.write() as tx:
        messages.write_week(tx, runner.id, week, "fine", None, NOW)


def test_mail_in_the_outbox_is_reopened_only_while_it_is_news(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        runners.change(tx, runner.id, email="me@example.org")
        fresh = post(tx, runner, news_until=NOW + LEASE)
        stale = post(tx, runner, news_until=NOW - LEASE)
        for mail in (fresh, stale):
            messages.change_delivery(tx, mail, state="sent")
        assert [(row.id, row.email) for row in messages.reopen_outbox(tx, NOW)] == [(fresh, "me@example.org")]


# facts


def test_facts_are_all_that_the_rules_may_look_at(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        old = add_run(tx, runner, started_at=NOW - timedelta(days=400))
        new = add_run(tx, runner)
        shoe = add_shoe(tx, runner, first_used_on=date(2025, 1, 1))
        shoes.wear_all(tx, runner.id, {old: whole(shoe, "runner")}, NOW)
        runners.add_injury(tx, runner.id, date(2026, 3, 1), None)
        sources.connect(tx, runner.id, "folder", "/inbox", NOW)
    with store.read() as tx:
        found = facts.load(tx, runner, NOW)
    assert [a.id for a in found.activities] == [new]
    assert found.history_from == (NOW - timedelta(days=400)).date()
    assert found.last_run_on == NOW.date()
    assert found.unworn == (new,)
    assert [w.worn_m for w in found.shoes] == [10_000]
    assert found.injuries == (date(2026, 3, 1),)
    assert [s.name for s in found.sources] == ["folder /inbox"]
