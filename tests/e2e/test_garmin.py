"""The installed program and a Garmin of our own: only a proxy and its certificate lie between them."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.garmin import Account, FakeGarmin, running
from home import ME, Clock, Home, a_home
from midsole.actions.account import kept
from midsole.actions.totals import compare_all
from midsole.domain.activity import Activity
from midsole.domain.connection import GARMIN
from midsole.store import accounts, gear, remote, shoes
from midsole.store.sources import Connection

PROGRAM = Path(sys.executable).with_name("midsole")
EMAIL, PASSWORD, CODE = "runner@example.org", "correct horse battery", "Q7XK-2MZW"
"""A code that no file holds by chance, as one of six digits might be."""
LIFETIME_S = 8
ACTIVITIES = 250
START_M = 123_456
TOKENS, LIST, ORIGINALS = "/di-oauth2-service/oauth/token", "/activitylist-service/", "/download-service/"
SPORTS = {"running": "running", "trail_running": "running", "walking": "walking", "cycling": "cycling"}
ANY_TICKET = re.compile(rb"ST-\d{6}-[0-9a-f]{20}")
ANY_JWT = re.compile(rb"eyJ[\w-]{10,}\.eyJ")
RECORDS_WHERE_IT_CONNECTS = """
import os, sys

def heard(event, told):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        to = told[1] if event == "socket.connect" else told[:2]
        with open(os.environ["CONNECTIONS"], "a") as file:
            file.write(f"{event} {to}\\n")

sys.addaudithook(heard)
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A home on which only processes of the installed program work; `said` is all that they wrote."""

    tmp: Path
    environment: dict[str, str]
    said: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.tmp / "home"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        command = [str(PROGRAM), "--verbose", *arguments]
        return subprocess.Popen(
            command, env=self.environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )

    def ended(self, child: subprocess.Popen[str], typed: str = "", timeout_s: float = 250) -> tuple[str, str]:
        try:
            out, err = child.communicate(typed, timeout_s)
        finally:
            child.kill()
            child.wait()
        self.said.extend((out, err))
        return out, err

    def do(self, *arguments: str, typed: str = "", code: int = 0) -> tuple[str, str]:
        child = self.start(*arguments)
        out, err = self.ended(child, typed)
        assert child.returncode == code, (arguments, out, err)
        return out, err

    @contextmanager
    def working(self) -> Iterator[subprocess.Popen[str]]:
        """A worker, which is told to end after the block and does so well."""
        worker = self.start("run")
        try:
            yield worker
        finally:
            worker.send_signal(signal.SIGTERM)
            _, err = self.ended(worker, timeout_s=60)
        assert worker.returncode == 0, err
        assert "Traceback" not in err
        assert "Stopping: finishing what is in flight." in err

    @contextmanager
    def opened(self) -> Iterator[Home]:
        """A look at what the processes wrote."""
        with a_home(self.tmp, Clock(datetime.now(UTC))) as home:
            yield home


def machine_at(server: FakeGarmin, tmp: Path) -> Machine:
    told = {"HTTPS_PROXY": server.url, "REQUESTS_CA_BUNDLE": str(server.ca_file)}
    return Machine(tmp, told | home_of(tmp))


def home_of(tmp: Path) -> dict[str, str]:
    """What any process has; with only this, nothing else that is set here reaches a child."""
    return {"MIDSOLE_HOME": str(tmp / "home"), "HOME": str(tmp), "PATH": os.environ["PATH"]}


@dataclass(slots=True)
class Granted:
    """Every token that was ever handed out, newest last."""

    all: list[dict[str, Any]] = field(default_factory=list)

    def watch(self, server: FakeGarmin) -> "Granted":
        def remember(answer: dict[str, Any]) -> dict[str, Any]:
            self.all.append(answer)
            return answer

        server.faults.mutate(TOKENS, remember)
        return self

    @property
    def secrets(self) -> set[str]:
        return {answer[name] for answer in self.all for name in ("access_token", "refresh_token")}


# -- what the runner did ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """The ids of what the account has: three pairs in use, two retired, and a bike."""

    used: tuple[str, str, str]
    retired: tuple[str, str]
    bike: str

    @property
    def shoes(self) -> tuple[str, ...]:
        return (*self.used, *self.retired)


def fill_wardrobe(account: Account, today: date) -> Wardrobe:
    long_ago = today - timedelta(days=800)

    def pair(model: str, name: str, **more: Any) -> str:
        return account.add_gear("Brooks", model, name, first_use=long_ago, **more)

    return Wardrobe(
        (
            pair("Ghost 16", "Blue Ghost", limit_m=700_000),
            pair("Hyperion", "Red Hyperion"),
            pair("Cascadia", "Trail", start_m=START_M),
        ),
        (
            pair("Ghost 14", "Old Ghost", retired=today - timedelta(days=200)),
            pair("Launch", "Old Launch", retired=today - timedelta(days=300)),
        ),
        account.add_gear("Canyon", "Endurace", "Bike", first_use=long_ago, type="BIKE"),
    )


def live_two_years(account: Account, worn: Wardrobe, now: datetime) -> None:
    """250 activities: runs, walks by hand, a run by hand, a ride, and three legs in one container."""
    first = now.replace(hour=6, minute=0, second=0, microsecond=0) - timedelta(days=1)
    account.add_run(first, 8.0, 44, gear=[worn.used[0]], manual=True, name="By hand")
    ride = account.add_run(first - timedelta(days=1), 40.0, 90, type_key="cycling", name="Ride")
    account.link(worn.bike, ride)
    _, legs = account.add_multisport(
        first - timedelta(days=3), [("running", 5.0, 25), ("cycling", 20.0, 40), ("running", 2.5, 14)]
    )
    account.link(worn.used[1], legs[0])
    account.link(worn.used[1], legs[2])
    for number in range(ACTIVITIES - 5):
        at = first - timedelta(days=4 + 3 * number)
        km = 6 + number % 9 + 0.01 * (number % 83)
        if number % 10 == 9:
            walk = f"Walk {number}"
            account.add_run(at, km / 2, km * 6, type_key="walking", name=walk, manual=True)
        else:
            kind = "trail_running" if number % 7 == 3 else "running"
            account.add_run(
                at, km, km * 5.5, type_key=kind, gear=_pair_of(number, worn), name=f"Run {number}"
            )


def _pair_of(number: int, worn: Wardrobe) -> list[str]:
    """The old pairs long ago, the others since, and now and then none."""
    if number % 11 == 5:
        return []
    return [worn.retired[number % 2] if number > 170 else worn.used[number % 3]]


def told_by(account: Account) -> Counter[tuple[datetime, float, str]]:
    """Each activity as it should be here; a container is none."""
    told = [a for a in account.activities() if not a.child_ids]
    return Counter((a.started_at, round(a.distance_m, 1), SPORTS[a.type_key]) for a in told)


def known_to(home: Home) -> Counter[tuple[datetime, float, str]]:
    return Counter((a.started_at, round(a.distance_m, 1), a.sport) for a in home.activities())


def worn_there(account: Account, worn: Wardrobe) -> dict[datetime, set[str]]:
    named = {pair.id: str(pair.name) for pair in account.gear() if pair.id in worn.shoes}
    told = {a.started_at: {named[g] for g in a.gear if g in named} for a in account.activities()}
    return {at: names for at, names in told.items() if names}


def worn_here(home: Home) -> dict[datetime, set[str]]:
    started = {a.id: a.started_at for a in home.activities()}
    with home.box.store.read() as tx:
        wearings = shoes.wearings(tx, ME)
    named = {id_: all_of for id_, all_of in wearings.items() if {w.set_by for w in all_of} != {"guess"}}
    assert {w.set_by for all_of in named.values() for w in all_of} == {"source"}
    return {started[id_]: {w.shoe_name for w in all_of} for id_, all_of in named.items()}


def guessed_here(home: Home) -> Counter[str]:
    """The metres of runs for which the account names no pair, by the pair that was guessed."""
    with home.box.store.read() as tx:
        parts = [w for all_of in shoes.wearings(tx, ME).values() for w in all_of]
    guessed: Counter[str] = Counter()
    for part in parts:
        if part.set_by == "guess":
            guessed[str(part.shoe_name)] += part.distance_m
    return guessed


def totals_there(account: Account, worn: Wardrobe) -> dict[str, float]:
    totals = account.totals()
    return {str(p.name): totals[p.id].metres for p in account.gear() if p.id in worn.shoes}


def totals_here(home: Home) -> dict[str, float]:
    guessed = guessed_here(home)
    return {one.shoe.name: one.totals.ours_m - guessed[one.shoe.name] for one in compare_all(home.box, ME)}


def assert_same(home: Home, account: Account, worn: Wardrobe) -> None:
    """Activities, wearings and totals are those of the account, and nothing else."""
    assert known_to(home) == told_by(account)
    assert worn_here(home) == worn_there(account, worn)
    assert totals_here(home) == pytest.approx(totals_there(account, worn), abs=1)


def activity_at(home: Home, server: FakeGarmin, activity_id: int) -> Activity:
    """The activity here that this one of the account is."""
    with home.box.store.read() as tx:
        (found,) = remote.activities_of(tx, ME, [str(activity_id)]).values()
    return next(a for a in home.activities() if a.id == found)


def connection_of(home: Home) -> Connection:
    with home.box.store.read() as tx:
        found = accounts.of(tx, ME, GARMIN)
    assert found is not None
    return found


def login_of(home: Home) -> dict[str, str]:
    """The tokens that are kept."""
    return dict(json.loads(kept(home.box, connection_of(home))["login"]))


# -- the long way -------------------------------------------------------------------------------------


def test_a_login_with_a_code_a_sync_of_250_activities_and_all_that_changes_afterwards(tmp_path: Path) -> None:
    with running(email=EMAIL, password=PASSWORD, mfa_code=CODE, lifetime_s=LIFETIME_S) as server:
        granted, machine, account = Granted().watch(server), machine_at(server, tmp_path), server.account
        now = datetime.now(UTC)
        worn = fill_wardrobe(account, now.date())
        live_two_years(account, worn, now)

        connect_with_a_code(server, machine)
        sync_all(server, machine, worn)
        assert_tokens_are_the_newest(machine, granted)
        reassign_a_run(server, machine, worn)
        change_three(server, machine, worn)

        assert_tokens_are_the_newest(machine, granted)
        assert len(granted.all) == 1 + server.access.refreshes
        assert server.access.logins == 1
        assert {it.host.split(".", 1)[1] for it in server.requests()} == {"garmin.com"}
        assert_no_secret_lies_around(server, machine, granted)


def connect_with_a_code(server: FakeGarmin, machine: Machine) -> None:
    out, _ = machine.do("connect", "garmin", "--email", EMAIL, typed=PASSWORD + "\n")
    assert "midsole connect garmin --code CODE" in out
    with machine.opened() as home:
        assert connection_of(home).state == "mfa_pending"
    _, err = machine.do("connect", "garmin", "--code", "Q7XK-WRNG", code=1)
    assert "the login still waits for it" in err
    machine.do("connect", "garmin", "--code", CODE)
    with machine.opened() as home:
        assert connection_of(home).state == "connected"
        remembered = kept(home.box, connection_of(home))
    assert remembered.keys() == {"login"}, "what waited for the code is forgotten"


def sync_all(server: FakeGarmin, machine: Machine, worn: Wardrobe) -> None:
    before = len(server.requests())
    out, err = machine.do("sync")
    assert "(0 bad)" in out, err
    pages = {it.query for it in server.requests(before) if it.path.startswith(LIST) and it.status == 200}
    assert {f"start={start}&limit=100" for start in (0, 100, 200)} <= pages
    assert server.count(TOKENS, method="POST", status=200, since=before) > 3, "several within the sync"
    assert server.count(TOKENS, since=before) == server.count(TOKENS, status=200, since=before)
    fetched = Counter(
        it.path for it in server.requests(before) if it.path.startswith(ORIGINALS) and it.status == 200
    )
    recorded = [a for a in server.account.activities() if not a.manual and not a.child_ids]
    assert fetched.keys() == {f"/download-service/files/activity/{a.id}" for a in recorded}
    assert set(fetched.values()) == {1}
    with machine.opened() as home:
        assert len(home.activities()) == ACTIVITIES
        assert_same(home, server.account, worn)
        with home.box.store.read() as tx:
            assert {p.external_id for p in gear.pairs(tx, ME)} == set(worn.shoes), "the bike is no pair"
        starts = {one.shoe.name: one.shoe.start_m for one in compare_all(home.box, ME)}
        assert starts["Trail"] == START_M
        assert {name for name, start_m in starts.items() if start_m} == {"Trail"}


def reassign_a_run(server: FakeGarmin, machine: Machine, worn: Wardrobe) -> None:
    """The next pass takes few requests: tokens, the list, the pairs, those two whose totals changed.

    And what a run wore that is on no pair is asked once."""
    run = server.account.wearers(worn.used[0])[5]
    server.account.reassign(run.id, worn.used[1])
    before = len(server.requests())
    machine.do("run", "--once")
    with machine.opened() as home:
        assert worn_here(home)[run.started_at] == {"Red Hyperion"}
        assert_same(home, server.account, worn)
    asked = [it.path for it in server.requests(before)]
    assert len(asked) <= 6, asked


def change_three(server: FakeGarmin, machine: Machine, worn: Wardrobe) -> None:
    """A new name, another type, and a deletion; the deleted run counts no more, and is still shown."""
    account = server.account
    renamed, retyped, deleted = [a for a in account.activities() if a.name.startswith("Run ")][:3]
    account.rename(renamed.id, "Around the lake")
    account.retype(retyped.id, "walking")
    account.delete(deleted.id)
    machine.do("sync")
    with machine.opened() as home:
        assert activity_at(home, server, renamed.id).title == "Around the lake"
        assert activity_at(home, server, retyped.id).sport == "walking"
        gone = activity_at(home, server, deleted.id)
        assert gone.counted_m == 0
        assert "gone" in gone.flags
        assert known_to(home) - told_by(account) == Counter(
            {(gone.started_at, gone.distance_m, gone.sport): 1}
        )
        assert told_by(account) <= known_to(home)
        assert totals_here(home) == pytest.approx(totals_there(account, worn), abs=1)


def assert_tokens_are_the_newest(machine: Machine, granted: Granted) -> None:
    with machine.opened() as home:
        login, newest = login_of(home), granted.all[-1]
    assert (login["di_token"], login["di_refresh_token"]) == (newest["access_token"], newest["refresh_token"])


def assert_no_secret_lies_around(server: FakeGarmin, machine: Machine, granted: Granted) -> None:
    key = machine.home / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secrets = [text.encode() for text in (EMAIL, PASSWORD, CODE, *granted.secrets)]
    assert len(secrets) > 20
    places = {str(path): path.read_bytes() for path in machine.home.rglob("*") if path.is_file()}
    assert len(places) > ACTIVITIES
    places["what was said"] = "".join(machine.said).encode()
    assert b"socialProfile" in places["what was said"], "the libraries' own lines are among it"
    found = {place for place, raw in places.items() if any(secret in raw for secret in secrets)}
    found |= {place for place, raw in places.items() if ANY_TICKET.search(raw) or ANY_JWT.search(raw)}
    assert not found
    assert any(b"Around the lake" in raw for raw in places.values()), "what is not encrypted would be seen"
    others = {place for place, raw in places.items() if key.read_bytes().strip() in raw}
    assert others == {str(key)}


# -- the worker ---------------------------------------------------------------------------------------


def test_a_worker_reads_the_account_by_itself_and_a_sigterm_in_the_middle_ends_it_cleanly(
    tmp_path: Path,
) -> None:
    """The second worker asks for no original again: it judges what the first one brought in."""
    with running(email=EMAIL, lifetime_s=LIFETIME_S) as server:
        granted, machine = Granted().watch(server), machine_at(server, tmp_path)
        machine.environment["MIDSOLE_LOOK_EVERY_S"] = "1"
        add_six_runs(server)
        machine.do("connect", "garmin", "--tokens", "-", typed=server.access.token_text())

        with machine.working() as worker:
            wait_for(lambda: server.count(ORIGINALS, status=200) >= 2, worker)
        with machine.opened() as home:
            connection = connection_of(home)
            assert (connection.state, connection.error) == ("connected", None)
            assert (connection.busy_by, connection.busy_until) == (None, None)
            assert connection.first_look_done_at is not None
            with machine.working() as worker:
                wait_for(lambda: server.count(ORIGINALS, status=200) == 6, worker)
                wait_for(lambda: known_to(home) == told_by(server.account), worker)
                wait_for(lambda: not home.runner().catching_up, worker)
            assert totals_here(home) == pytest.approx({"Blue Ghost": 60_000}, abs=1)
        assert server.count(ORIGINALS, status=200) == 6
        assert_tokens_are_the_newest(machine, granted)


def add_six_runs(server: FakeGarmin) -> None:
    pair = server.account.add_gear("Brooks", "Ghost 16", "Blue Ghost")
    now = datetime.now(UTC).replace(microsecond=0)
    for days in range(1, 19, 3):
        server.account.add_run(now - timedelta(days=days), 10.0, 55, gear=[pair])


def wait_for(true: Callable[[], object], child: subprocess.Popen[str], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert child.poll() is None, "it ended too early"
        assert time.monotonic() < until, f"not within {seconds:.0f} s"
        time.sleep(0.05)


# -- no way out ---------------------------------------------------------------------------------------


def test_a_child_with_the_environment_of_these_tests_reaches_nobody_and_calls_it_no_log_out(
    tmp_path: Path,
) -> None:
    """Its own sockets are listened to: a proxy at a closed port is all that it ever tried."""
    (tmp_path / "sitecustomize.py").write_text(RECORDS_WHERE_IT_CONNECTS)
    heard = tmp_path / "connections"
    listening = {"PYTHONPATH": str(tmp_path), "CONNECTIONS": str(heard)}
    machine = Machine(tmp_path, {**os.environ, **home_of(tmp_path), **listening})
    with running(email=EMAIL) as server:
        machine.do("connect", "garmin", "--tokens", "-", typed=server.access.token_text())
        _, err = machine.do("sync", code=1)
        assert "Garmin can't be reached (no answer)" in err
        assert "log" not in err.split("can't be reached")[1].split("the login is kept")[0].lower()
        assert server.requests() == []
    tried = heard.read_text().splitlines()
    assert tried
    assert {line.split(" ", 1)[1] for line in tried} <= {"('127.0.0.1', 1)"}, "nobody was even looked up"
    with machine.opened() as home:
        connection = connection_of(home)
        assert connection.state == "degraded"
        assert connection.next_at is not None
        assert login_of(home), "the login is kept"
    out, _ = machine.do("status")
    assert "Garmin Connect can't be read now" in out
    assert "there is nothing for you to do" in out


def test_a_login_with_the_environment_of_these_tests_says_that_garmin_cannot_be_reached(
    tmp_path: Path,
) -> None:
    machine = Machine(tmp_path, {**os.environ, **home_of(tmp_path)})
    _, err = machine.do("connect", "garmin", "--email", EMAIL, typed=PASSWORD + "\n", code=1)
    assert "Garmin's login can't be reached" in err
    assert "password" not in err
    assert PASSWORD not in "".join(machine.said)
    with machine.opened() as home, home.box.store.read() as tx:
        found = accounts.of(tx, ME, GARMIN)
    assert found is None or (found.state, found.secret) == ("disconnected", None)
