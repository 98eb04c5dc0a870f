"""Several workers on one account, and workers that sleep or die amid it: no login lost, nothing twice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes.garmin import DROP_AFTER, FakeGarmin, environment, status
from fakes.garmin.wire import Answer, Request
from garmin_home import (
    a_connected_runner,
    account,
    connected_home,
    kilometres,
    log_in_mails,
    settle,
    told,
)
from home import ME, Clock, Home, reopened
from midsole.actions import connecting
from midsole.actions.look import look, look_at_due
from midsole.actions.once import Pass, take_in_accounts
from midsole.actions.plan import ALL, PASS
from midsole.domain.connection import CONNECTED, DEGRADED, LOGIN_NEEDED
from midsole.store import accounts, sources

LIST, DETAIL, ORIGINAL, TOKEN = "search/activities", "/activity-service/", "/download-service/", "oauth/token"
BUSY = "Another process is reading this account now; what it finds comes in by itself."
DRIVER = """
import sys, time
from pathlib import Path
from midsole import app
from midsole.actions.ingest import ingest_due
from midsole.actions.look import look
from midsole.actions.plan import PASS
from midsole.config import Settings
from midsole.domain.connection import GARMIN
from midsole.store import accounts

box = app.open_box(settings=Settings(home=Path(sys.argv[1]), settle_s=0))
print("ready", flush=True)
until, done = time.monotonic() + float(sys.argv[2]), 0
while True:
    with box.store.read() as tx:
        connection = accounts.of(tx, 1, GARMIN)
    done += look(box, connection, PASS).problems == []
    ingest_due(box)
    if time.monotonic() > until and done:
        break
    time.sleep(0.05)
print(done, flush=True)
"""


@contextmanager
def a_worker(home: Home, server: FakeGarmin, seconds: float) -> Iterator["subprocess.Popen[str]"]:
    """A process that looks again and again; at least once."""
    command = [sys.executable, "-c", DRIVER, str(home.box.home), str(seconds)]
    with subprocess.Popen(command, env=environment(server), stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def on_answer(server: FakeGarmin, then: Callable[[Request, Answer], object]) -> None:
    """Called when Garmin has done its work and has not answered yet."""
    respond = server.listener.respond

    def answer(request: Request) -> Answer:
        answered = respond(request)
        then(request, answered)
        return answered

    server.listener.respond = answer


class Gate:
    """Holds back the first answer to a path until it is opened."""

    def __init__(self, server: FakeGarmin, path: str) -> None:
        self.path, self.reached, self.opened = path, threading.Event(), threading.Event()
        on_answer(server, self.pass_through)

    def pass_through(self, request: Request, _: Answer) -> None:
        if self.path in request.path and not self.reached.is_set():
            self.reached.set()
            self.opened.wait(120)


def look_in_a_thread(home: Home) -> threading.Thread:
    thread = threading.Thread(target=look, args=(home.box, account(home), ALL))
    thread.start()
    return thread


@contextmanager
def a_home_of_now(
    tmp_path: Path, *, runs: int, lifetime_s: float = 86_400
) -> Iterator[tuple[Home, FakeGarmin]]:
    """Other processes have no clock but the machine's, and neither has their Garmin."""
    garmin = {"now": time.time, "lifetime_s": lifetime_s}
    clock = Clock(at=datetime.now(UTC))
    with connected_home(tmp_path, clock, garmin=garmin, before=lambda s: add_runs(s, runs)) as opened:
        yield opened


def add_runs(server: FakeGarmin, count: int, first: int = 1) -> None:
    today = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
    for n in range(first, first + count):
        server.account.add_run(today - timedelta(days=n), 5 + n / 10, 30)


# several at once


def test_eight_threads_make_one_refresh_and_one_of_them_reads(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path, expired=True) as (home, server):
        gate, connection, said = Gate(server, TOKEN), account(home), []
        seven = threading.Semaphore(0)

        def one() -> None:
            said.append(look(home.box, connection, PASS).problems)
            seven.release()

        threads = [threading.Thread(target=one) for _ in range(8)]
        for thread in threads:
            thread.start()
        assert all(seven.acquire(timeout=60) for _ in range(7))
        gate.opened.set()
        for thread in threads:
            thread.join()

        assert sorted(said) == [[], *[[BUSY]] * 7]
        assert (server.access.refreshes, server.count(TOKEN), server.count(LIST)) == (1, 1, 1)
        assert account(home).state == CONNECTED


def test_a_worker_that_comes_late_does_not_read_again_what_another_has_just_read(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        with home.box.store.read() as tx:
            late = accounts.due(tx, home.clock.at, ["garmin"])
        assert len(late) == 1
        look_at_due(home.box)
        asked = server.count()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(accounts, "due", lambda *_: late)
            look_at_due(home.box)
        assert server.count() == asked


def test_two_processes_never_lose_the_login_and_never_double_anything(tmp_path: Path) -> None:
    with a_home_of_now(tmp_path, runs=3, lifetime_s=2.0) as (
        home,
        server,
    ):
        with a_worker(home, server, 6) as one, a_worker(home, server, 6) as other:
            for n in range(4, 9):
                time.sleep(0.8)
                add_runs(server, 1, first=n)
            done = [child.communicate(timeout=120)[0] for child in (one, other)]
            assert [one.returncode, other.returncode] == [0, 0]
        home.clock.at = datetime.now(UTC)
        take_in_accounts(home.box, Pass(), PASS)
        settle(home)

        assert all(int(looks) > 0 for looks in done)
        assert account(home).state == CONNECTED
        assert server.access.refreshes >= 4
        assert server.count(TOKEN) == server.access.refreshes
        assert server.access.logins == 0
        assert kilometres(home) == [round(5 + n / 10, 1) for n in range(1, 9)]
        with home.box.store.read() as tx:
            files = sources.raw_files(tx, ME, ("new", "done", "ignored", "bad"))
        assert [f.state for f in files] == ["done"] * len(files)


# one that sleeps


@pytest.mark.parametrize("path", [LIST, ORIGINAL])
def test_a_worker_that_overslept_its_lease_stops_at_its_next_request(path: str, tmp_path: Path) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        server.account.add_run(home.clock.at - timedelta(hours=3), 6, 33)
        gate = Gate(server, path)
        sleeper = look_in_a_thread(home)
        assert gate.reached.wait(60)
        home.clock.on(minutes=11)
        other = reopened(home)
        assert look(other.box, account(home), ALL).problems == []
        stands, asked = account(home), server.count()
        gate.opened.set()
        sleeper.join()

        assert server.count() == asked
        assert account(home) == stands
        assert stands.state == CONNECTED
        settle(home)
        assert kilometres(home) == [6, 8, 10, 10, 10]
        other.box.store.close()


def test_the_token_of_a_worker_that_overslept_is_not_lost(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path, expired=True) as (home, server):
        gate = Gate(server, TOKEN)
        sleeper = look_in_a_thread(home)
        assert gate.reached.wait(60)
        home.clock.on(minutes=11)
        look(home.box, account(home), ALL)
        assert account(home).state == LOGIN_NEEDED
        gate.opened.set()
        sleeper.join()

        look_at_due(home.box)
        settle(home)
        assert account(home).state == CONNECTED
        assert kilometres(home) == [8, 10, 10, 10]
        assert server.access.refreshes == 1


# the runner acts meanwhile


@pytest.mark.parametrize("path", [LIST, DETAIL])
def test_an_account_that_is_disconnected_while_it_is_read_is_asked_nothing_more(
    path: str, tmp_path: Path
) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        server.account.add_run(home.clock.at - timedelta(hours=3), 6, 33)
        gate = Gate(server, path)
        reader = look_in_a_thread(home)
        assert gate.reached.wait(60)
        connecting.disconnect(home.box, ME, "garmin")
        asked = server.count()
        gate.opened.set()
        reader.join()
        settle(home)

        assert server.count() == asked
        with home.box.store.read() as tx:
            assert accounts.of(tx, ME, "garmin") is None


def test_a_login_made_while_an_old_one_is_refused_stays(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        server.faults.add(LIST, status(401), None)
        seen: list[str] = []

        def log_in_at_the_second(request: Request, _: Answer) -> None:
            if LIST in request.path:
                seen.append(request.path)
            if len(seen) == 2:
                home.clock.on(seconds=1)
                connecting.take_tokens(home.box, ME, server.access.token_text())

        on_answer(server, log_in_at_the_second)
        look_at_due(home.box)
        assert account(home).state == CONNECTED
        server.faults.clear()
        look_at_due(home.box)
        settle(home)
        assert kilometres(home) == [8, 10, 10, 10]
        assert log_in_mails(home) == []


# one that dies


@pytest.mark.parametrize("path", [LIST, DETAIL, ORIGINAL])
def test_what_a_killed_worker_began_is_gone_on_with_at_once(path: str, tmp_path: Path) -> None:
    with a_home_of_now(tmp_path, runs=3) as (
        home,
        server,
    ):
        gate = Gate(server, path)
        with a_worker(home, server, 0) as child:
            assert gate.reached.wait(60)
            child.send_signal(signal.SIGKILL)
            child.wait()
        gate.opened.set()
        assert account(home).busy_by is not None

        assert look(home.box, account(home), PASS).problems == []
        settle(home)
        stands = account(home)
        assert (stands.state, stands.busy_by) == (CONNECTED, None)
        assert kilometres(home) == [5.1, 5.2, 5.3]
        assert server.access.refreshes == server.access.logins == 0


def test_the_worker_goes_on_five_minutes_after_one_that_was_killed(tmp_path: Path) -> None:
    with a_home_of_now(tmp_path, runs=1) as (
        home,
        server,
    ):
        gate = Gate(server, LIST)
        with a_worker(home, server, 0) as child:
            assert gate.reached.wait(60)
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
        gate.opened.set()
        look_at_due(home.box)
        assert server.count(LIST) == 1
        home.clock.at = datetime.now(UTC) + timedelta(minutes=5)
        look_at_due(home.box)
        assert server.count(LIST) == 2
        assert account(home).state == CONNECTED


def heals_by_a_new_login(home: Home, server: FakeGarmin) -> None:
    """What only a login can mend: said once, and nothing is asked until then."""
    settle(home)
    assert account(home).state == LOGIN_NEEDED
    assert "Garmin takes the stored login no more" in told(home)
    assert told(home).endswith("Log in again with midsole connect garmin.")
    asked = server.count()
    for _ in range(3):
        home.clock.on(hours=20)
        look_at_due(home.box)
        settle(home)
    assert server.count() == asked
    assert len(log_in_mails(home)) == 1
    connecting.take_tokens(home.box, ME, server.access.token_text())
    look_at_due(home.box)
    settle(home)
    assert account(home).state == CONNECTED
    assert server.access.logins == 0


def test_a_rotation_whose_answer_is_lost_ends_in_one_mail_and_a_login_heals_it(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path, expired=True) as (home, server):
        server.faults.add(TOKEN, DROP_AFTER)
        look_at_due(home.box)
        assert account(home).state == DEGRADED
        home.clock.on(minutes=2)
        look_at_due(home.box)
        assert server.count(TOKEN) == server.count() == 2
        heals_by_a_new_login(home, server)
        assert kilometres(home) == [8, 10, 10, 10]


def test_a_kill_between_the_rotation_and_our_commit_ends_in_one_mail_and_a_login_heals_it(
    tmp_path: Path,
) -> None:
    with a_home_of_now(tmp_path, runs=2, lifetime_s=60.0) as (
        home,
        server,
    ):
        gate = Gate(server, TOKEN)
        with a_worker(home, server, 0) as child:
            assert gate.reached.wait(60)
            child.send_signal(signal.SIGKILL)
            child.wait()
        gate.opened.set()
        server.access.lifetime_s = 86_400
        look(home.box, account(home), PASS)
        assert server.access.refreshes == 1
        heals_by_a_new_login(home, server)
        assert kilometres(home) == [5.1, 5.2]
