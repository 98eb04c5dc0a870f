"""What the store promises of lists by the page and of figures, on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

from midsole.domain.activity import Recording
from midsole.store import activities, figures, files, readiness, runners, sources
from midsole.store.base import Store, Tx
from midsole.store.runners import Runner

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)


def add_runner(tx: Tx, name: str = "me") -> Runner:
    return runners.get(tx, runners.add(tx, name, "UTC", NOW))


def add_file(tx: Tx, runner: Runner, letter: str, state: str = "done") -> int:
    file_id = sources.take_in(tx, runner.id, None, letter * 64, f"{letter}.fit", 10, NOW)
    assert file_id is not None
    if state != "new":
        sources.settle_files(tx, [sources.Settled(file_id, state, None, None)], 1)
    return file_id


def add_run(tx: Tx, runner: Runner, letter: str, hours: int, **more: object) -> int:
    file = sources.raw_file(tx, add_file(tx, runner, letter))
    values = {
        "leg": 0,
        "sport": "running",
        "surface": "road",
        "started_at": NOW - timedelta(hours=hours),
        "distance_m": 10_000.0,
        "distance_from": "session",
        "timer_s": 3_600.0,
        "moving_s": 3_600.0,
        "elapsed_s": 3_600.0,
    }
    (number,) = activities.add_recordings(tx, runner, [(file, Recording(**(values | more)))])
    return number


def test_the_newest_come_first_and_those_of_one_moment_by_their_number(store: Store) -> None:
    with store.write() as tx:
        me, other = add_runner(tx), add_runner(tx, "other")
        old, one = add_run(tx, me, "a", 50), add_run(tx, me, "b", 3)
        two = add_run(tx, me, "c", 3, sport="cycling", distance_m=30_000.0)
        add_run(tx, other, "d", 2)
        first = activities.keys_before(tx, me.id, None, 1)
        rest = activities.keys_before(tx, me.id, first[0], 5)
        since = activities.keys_before(tx, me.id, None, 5, since=date(2026, 11, 20))
        runs = activities.keys_before(tx, me.id, None, 5, sport="running", until=date(2026, 11, 19))
    assert [number for _, number in [*first, *rest]] == [two, one, old]
    assert first[0][0] == NOW - timedelta(hours=3)
    assert [number for _, number in since] == [two, one]
    assert [number for _, number in runs] == [old]


def test_files_are_all_or_those_that_count_for_nothing_or_those_that_failed(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        counted = add_run(tx, me, "a", 3)
        add_run(tx, me, "b", 30, sport="unknown")
        add_file(tx, me, "c", "bad")
        add_file(tx, me, "d", "new")
        activities.say(tx, me, counted, NOW, excluded=True)
        add_run(tx, me, "e", 60)

        def names(before: int | None = None, *, everything: bool = False, bad: bool = False) -> str:
            found = files.before(tx, me.id, before, 10, everything=everything, bad=bad)
            return "".join(file.name[0] for file in found)

        assert names(everything=True) == "edcba"
        assert names() == "dcba"
        assert names(bad=True) == "c"
        found = files.before(tx, me.id, None, 2, everything=False, bad=False)
        assert names(found[-1].id) == "ba"


def test_a_queue_is_as_old_as_its_first(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        assert figures.oldest(tx, NOW) == {"raw_files": None, "deliveries": None, "uploads": None}
        add_file(tx, me, "a", "new")
        assert figures.oldest(tx, NOW)["raw_files"] == NOW
        assert figures.open_alerts(tx) == {"note": 0, "warn": 0, "alarm": 0}
        assert figures.runner_count(tx) == 1


def test_a_store_of_this_schema_is_ready(store: Store) -> None:
    assert readiness.why_not_ready(store) is None
