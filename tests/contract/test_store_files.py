"""What the store promises of files that are not counted, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from midsole.domain.activity import Recording
from midsole.store import activities, claiming, files, messages, rebuilding, runners, sources
from midsole.store.base import Store, Tx
from midsole.store.runners import Runner

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
BAD, GOOD = "a" * 64, "b" * 64


def add_runner(tx: Tx, name: str = "me") -> Runner:
    return runners.get(tx, runners.add(tx, name, "Europe/Berlin", NOW))


def add_file(tx: Tx, runner: Runner, sha256: str, at: datetime = NOW) -> sources.RawFile:
    file_id = sources.take_in(tx, runner.id, None, sha256, f"{sha256[:4]}.fit", 10, at)
    assert file_id is not None
    return sources.raw_file(tx, file_id)


def add_bad(tx: Tx, runner: Runner, sha256: str = BAD, at: datetime = NOW) -> int:
    file = add_file(tx, runner, sha256, at)
    sources.settle_files(tx, [sources.Settled(file.id, "bad", None, "It is cut off.")], 1)
    return file.id


def run(**more: object) -> Recording:
    values = {
        "leg": 0,
        "sport": "running",
        "surface": "road",
        "started_at": NOW - timedelta(hours=3),
        "distance_m": 10_000.0,
        "distance_from": "session",
        "timer_s": 3_600.0,
        "moving_s": 3_600.0,
        "elapsed_s": 3_600.0,
    }
    return Recording(**(values | more))  # type: ignore[arg-type]


def test_what_the_runner_set_aside_is_not_tried_by_a_newer_decoder(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        number = add_bad(tx, runner)
        files.set_aside(tx, number)
        assert sources.retry_refused(tx, 99, NOW) == 0
        file = sources.raw_file(tx, number)
    assert (file.state, file.set_aside, file.reason) == ("ignored", True, "It is cut off.")


def test_what_a_decoder_ignored_is_not_what_the_runner_set_aside(store: Store) -> None:
    with store.write() as tx:
        file = add_file(tx, add_runner(tx), BAD)
        sources.settle_files(tx, [sources.Settled(file.id, "ignored", None, "A course.")], 1)
        assert sources.raw_file(tx, file.id).set_aside is False
        assert sources.retry_refused(tx, 2, NOW) == 1


def test_what_was_set_aside_is_due_again_when_the_runner_says_so(store: Store) -> None:
    with store.write() as tx:
        number = add_bad(tx, add_runner(tx))
        files.set_aside(tx, number)
        files.try_again(tx, number, NOW)
        assert sources.due_files(tx, NOW) == [number]
        file = sources.raw_file(tx, number)
    assert (file.state, file.attempts, file.reason) == ("new", 0, None)


def again_by_the_runner(tx: Tx, runner: Runner, number: int) -> None:
    files.try_again(tx, number, NOW)


def again_by_a_newer_version(tx: Tx, runner: Runner, number: int) -> None:
    assert sources.retry_refused(tx, 2, NOW) == 1


def again_by_a_rebuild(tx: Tx, runner: Runner, number: int) -> None:
    rebuilding.begin_rebuild(tx, runner.id, NOW)


@pytest.mark.parametrize("again", [again_by_the_runner, again_by_a_newer_version, again_by_a_rebuild])
def test_what_took_several_tries_is_read_alone_again_whoever_asks(
    store: Store, again: Callable[[Tx, Runner, int], None]
) -> None:
    """It may end the program: among many it would take them with it."""
    lease = timedelta(minutes=10)
    with store.write() as tx:
        runner = add_runner(tx)
        hard, easy = add_file(tx, runner, BAD), add_file(tx, runner, GOOD)
        for _ in range(5):
            claiming.claim_one(tx, hard.id, NOW, lease, "here/1")
            claiming.try_alone(tx, [hard.id], "here/1", NOW, "signal 9")
        sources.settle_files(tx, [sources.Settled(hard.id, "bad", None, "It ends the reader.")], 1)

        again(tx, runner, hard.id)

        assert [f.id for f in claiming.claim_fresh(tx, NOW, lease, "here/1", 500)] == [easy.id]
        (tried,) = claiming.claim_tried(tx, NOW, lease, "here/1")
    assert (tried.id, tried.attempts, tried.reason) == (hard.id, 2, None)


def test_a_file_that_was_read_is_neither_set_aside_nor_tried_again(store: Store) -> None:
    with store.write() as tx:
        file = add_file(tx, add_runner(tx), GOOD)
        sources.settle_files(tx, [sources.Settled(file.id, "done", "fit")], 1)
        files.set_aside(tx, file.id)
        files.try_again(tx, file.id, NOW)
        assert sources.raw_file(tx, file.id).state == "done"


def test_only_bad_files_of_this_runner_are_unread(store: Store) -> None:
    with store.write() as tx:
        me, other = add_runner(tx), add_runner(tx, "other")
        add_bad(tx, me, "1" * 64, NOW - timedelta(days=8))
        add_bad(tx, me, "2" * 64)
        files.set_aside(tx, add_bad(tx, me, "3" * 64))
        add_bad(tx, other, "4" * 64)
        add_file(tx, me, "5" * 64)
        assert files.unread(tx, me.id) == 2
        assert files.unread(tx, me.id, NOW - timedelta(days=7)) == 1
        assert files.unread(tx, me.id, NOW) == 0


def test_files_are_found_only_by_their_own_runner(store: Store) -> None:
    with store.write() as tx:
        me, other = add_runner(tx), add_runner(tx, "other")
        number = add_bad(tx, me)
        assert [file.id for file in files.of_runner(tx, me.id, [number, 999])] == [number]
        assert files.of_runner(tx, other.id, [number]) == []
        assert files.of_runner(tx, other.id) == []


def test_the_outcomes_of_a_file_are_its_activities_each_once(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        file = add_file(tx, runner, GOOD)
        legs = [run(), run(leg=1, sport="cycling", started_at=NOW, distance_m=0.0)]
        ids = activities.add_recordings(tx, runner, [(file, leg) for leg in legs])
        found = files.outcomes(tx, runner.id)[file.id]
    assert [outcome.activity_id for outcome in found] == ids
    assert [(outcome.sport, outcome.counted_m) for outcome in found] == [
        ("running", 10_000.0),
        ("cycling", 0.0),
    ]


@pytest.mark.parametrize("mailed", [True, False])
def test_the_last_weekly_mail_before_a_week_is_known(store: Store, mailed: bool) -> None:
    week = NOW.date()
    with store.write() as tx:
        runner = add_runner(tx)
        row = {"kind": "weekly", "channel": "outbox", "address": "a@b.c", "subject": "s", "eml": b"mail"}
        row |= {"message_id": "<1@x>", "created_at": NOW, "next_at": NOW, "counts_in_budget": False}
        delivery_id = messages.queue(tx, runner.id, [], **row) if mailed else None
        messages.write_week(tx, runner.id, week, "steady", delivery_id, NOW)
        after = messages.mailed_before(tx, runner.id, week + timedelta(days=7))
        assert after == (NOW if mailed else None)
        assert messages.mailed_before(tx, runner.id, week) is None
