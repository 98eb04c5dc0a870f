"""Two workers on one database do everything once, and what a dead one held is taken up again."""

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fit_writer
import pytest

from midsole import app
from midsole.actions import claims, ingest, sync
from midsole.actions.box import Box
from midsole.actions.deliver import LEASE, deliver_due
from midsole.actions.once import take_in
from midsole.actions.post import post
from midsole.config import Settings
from midsole.deliver.base import Message
from midsole.store import activities, claiming, messages, runners, sources
from midsole.store.base import claim
from midsole.store.tables import delivery
from midsole.worker.clock import tick
from midsole.worker.schedule import Job

NOW = datetime(2026, 11, 20, 18, 0, 7, tzinfo=UTC)


@contextmanager
def box(home: Path, url: str, now: datetime = NOW) -> Iterator[Box]:
    opened = app.open_box(settings=Settings(home=home, database_url=url, settle_s=0), now=lambda: now)
    yield opened
    opened.store.close()


def drop_runs(inbox: Path, count: int) -> None:
    for n in range(count):
        started = NOW - timedelta(days=n + 1)
        raw = fit_writer.fit_run(started, 10_000, 3_600, records_every_s=600)
        (inbox / f"{n}.fit").write_bytes(raw)


def test_two_clocks_a_moment_apart_do_each_slot_once(tmp_path: Path, database_url: str) -> None:
    with box(tmp_path, database_url):
        pass
    done: list[datetime] = []

    def clock(late_s: float) -> None:
        for n in range(20):
            at = NOW + timedelta(seconds=10 * n + late_s)
            with box(tmp_path, database_url, at) as mine:
                tick(mine, Job("look", 10, lambda _b, at=at: done.append(at)))

    clocks = [threading.Thread(target=clock, args=(late_s,)) for late_s in (0, 1.5)]
    for thread in clocks:
        thread.start()
    for thread in clocks:
        thread.join()
    assert len(done) == 20


def test_what_a_killed_worker_was_reading_is_taken_up_when_its_lease_runs_out(
    tmp_path: Path, database_url: str
) -> None:
    with box(tmp_path, database_url) as dead:
        drop_runs(dead.inbox, 1)
        with dead.store.read() as tx:
            (connection,) = sources.connections(tx)
        sync.sync(dead, connection)
        with dead.store.write() as tx:
            assert claiming.claim_fresh(tx, NOW, claims.LEASE, "another machine", 10)
    with box(tmp_path, database_url, NOW + claims.LEASE / 2) as early:
        assert ingest.ingest_due(early) == []
    with box(tmp_path, database_url, NOW + claims.LEASE) as other:
        assert [f.state for f in ingest.ingest_due(other)] == ["done"]
        with other.store.read() as tx:
            assert len(activities.between(tx, connection.runner_id)) == 1


def test_a_worker_whose_lease_ran_out_adds_nothing_to_what_another_settled(
    tmp_path: Path, database_url: str
) -> None:
    with box(tmp_path, database_url) as late:
        drop_runs(late.inbox, 1)
        with late.store.read() as tx:
            (connection,) = sources.connections(tx)
        sync.sync(late, connection)
        with claims.Claims(late) as held:
            (read,) = held.batches()
            with late.store.write() as tx:
                sources.settle_files(tx, [sources.Settled(read[0][0].id, "bad", reason="too slow")], 1)
            assert [file.state for file in ingest.ingest_batch(late, read)] == ["bad"]
        with late.store.read() as tx:
            assert activities.between(tx, connection.runner_id) == []


def test_what_a_killed_worker_was_sending_is_sent_when_its_lease_runs_out(
    tmp_path: Path, database_url: str
) -> None:
    with box(tmp_path, database_url) as dead, dead.store.write() as tx:
        (runner,) = runners.everyone(tx)
        mail = post(tx, dead, runner, "test", Message("s", "text", "<p>text</p>"))
        assert claim(tx, delivery, mail, "due", NOW, LEASE, "dead")
    with box(tmp_path, database_url, NOW + LEASE / 2) as early:
        assert deliver_due(early) == 0
    with box(tmp_path, database_url, NOW + LEASE) as other:
        assert deliver_due(other) == 1
        with other.store.read() as tx:
            assert messages.delivery(tx, mail).attempts == 2
        assert len(list(other.outbox_folder.glob("*.eml"))) == 1


def _take_in(home: Path, url: str) -> None:
    with box(home, url) as mine:
        take_in(mine)


@pytest.mark.parametrize("workers", [3])
def test_processes_that_take_in_the_same_files_keep_every_run_once(
    tmp_path: Path, database_url: str, workers: int
) -> None:
    with box(tmp_path, database_url) as first:
        drop_runs(first.inbox, 25)
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_take_in, args=(tmp_path, database_url)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * workers
    with box(tmp_path, database_url) as last, last.store.read() as tx:
        (runner,) = runners.everyone(tx)
        assert sources.file_counts(tx)["done"] == 25
        assert [round(a.counted_m) for a in activities.between(tx, runner.id)] == [10_000] * 25
