"""Weeks of polling with faults, killed at random and started again: at the end all is as Garmin has it."""

import os
import random
import re
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import select as rows_of

from fakes.garmin import TRANSIENT, Activity, FakeGarmin, environment, running, status
from garmin_life import OLD_RUNS, ZONE, Life
from home import ME, Clock, Home, a_home
from midsole.actions import activities as saying
from midsole.actions import assigning, connecting
from midsole.actions.account import kept
from midsole.actions.totals import compare_all
from midsole.domain.connection import GARMIN, LOGIN_NEEDED
from midsole.domain.errors import UsageError
from midsole.domain.wearing import GUESS
from midsole.store import accounts, gear, remote, shoes, steps
from midsole.store import tables as t

LONG = os.environ.get("MIDSOLE_SOAK") == "long"
BEGIN = datetime(2026, 11, 1, 23, tzinfo=UTC)
"""Midnight in the runner's zone."""
DAYS, KILL_EVERY_H, STEP = (14, 9, timedelta(minutes=5)) if LONG else (4, 16, timedelta(minutes=15))
SEEDS = tuple(range(1, 7)) if LONG else (1,)
QUIET = timedelta(hours=30)
LIFETIME_S = 3_600
TOKENS, LIST, ORIGINAL = "/di-oauth2-service/", "search/activities", "/download-service/"
DETAIL, STEPS_PATH = re.compile(r"/activity-service/activity/"), "/usersummary-service/"
PROFILE = "/userprofile-service/"
GEAR = re.compile(r"/gear-service/|/activities/[0-9a-f]{32}/gear")
LOOKS_A_DAY, GEAR_LISTS_A_DAY, PAIRS, NIGHTS_ASKED = 66, 8, 3, 3
"""Every 10 min in six usual hours, 30 by day, 60 at night. RPE may be told for three days."""
KINDS = (*TRANSIENT, status(429, retry_after=900))
SPORT_OF = {"running": "running", "trail_running": "running", "treadmill_running": "running"} | {
    "walking": "walking",
    "cycling": "cycling",
}
DRIVER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from midsole import app
from midsole.config import Settings
from midsole.domain.connection import ACCOUNTS
from midsole.store import accounts
from midsole.worker.schedule import jobs

now = datetime.fromisoformat(sys.argv[2])
settings = Settings(home=Path(sys.argv[1]), settle_s=0)
box = app.open_box(settings=settings, now=lambda: now, sleep=lambda _: None)
threads = ThreadPoolExecutor(3)
for line in sys.stdin:
    now = datetime.fromisoformat(line.strip())
    with box.store.read() as tx:
        due = len(accounts.due(tx, now, ACCOUNTS))
    list(threads.map(lambda job: job.run(box), jobs(60)))  # at once, as the worker's own clock does
    print(due, flush=True)
box.store.close()
"""


@dataclass(slots=True)
class Kill:
    """The end of the worker: so many ms after it was seen that this many requests like that were made."""

    pattern: str
    at: int
    after_ms: float


@dataclass(slots=True)
class Worker:
    """A child process that lives from tick to tick; the parent has the clock, and a rifle."""

    home: Home
    server: FakeGarmin
    errors: IO[bytes]
    process: "subprocess.Popen[str] | None" = None

    def tick(self, kill: Kill | None) -> int | None:
        """One tick of all jobs: the number of looks that were due; None: it was killed meanwhile."""
        process = self.process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{self.home.clock.at.isoformat()}\n")
        process.stdin.flush()
        while not select.select([process.stdout], [], [], 0.002 if kill else 120)[0]:
            assert kill is not None, "the worker hangs"
            if self.server.count(kill.pattern) >= kill.at:
                time.sleep(kill.after_ms / 1000)
                self.kill()
                return None
        told = process.stdout.readline()
        assert told, "the worker broke"
        return int(told)

    def _start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", DRIVER, str(self.home.box.home), self.home.clock.at.isoformat()]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=environment(self.server),
        )
        return self.process

    def kill(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        self.process = None


@dataclass(slots=True)
class Soak:
    """One seed's weeks; `said` is what the runner told Midsole of an activity: title, distance_m or pair.

    `kills_before` are those before the last log-in."""

    home: Home
    server: FakeGarmin
    worker: Worker
    life: Life
    dice: random.Random
    looks: int = 0
    kills: int = 0
    burnt: int = 0
    kills_before: int = 0
    log_in_at: datetime | None = None
    kill: Kill | None = None
    kill_next_at: datetime = BEGIN
    said: dict[int, dict[str, str | float]] = field(default_factory=dict)

    def live(self, until: datetime, *, kills: bool = True) -> None:
        while self.home.clock.at < until:
            if kills and self.kill is None and self.home.clock.at >= self.kill_next_at:
                self.kill = self._aim()
            self.life.until(self.home.clock.at)
            looks = self.worker.tick(self.kill if kills else None)
            if looks is None:
                self._killed()
                continue
            self.looks += looks
            self._mind_the_login()
            if kills and self.dice.random() < 0.25 * STEP / timedelta(hours=1):
                self._say_something()
            self.home.clock.at += STEP

    def _aim(self) -> Kill:
        """Soon after a refresh, a download, a question about gear, or whatever is asked next."""
        pattern = self.dice.choice((TOKENS, "", "", ORIGINAL, "/gear-service/"))
        ahead = self.dice.randint(1, 1 if pattern else 12)
        after_ms = self.dice.choice((self.dice.uniform(0, 8), self.dice.uniform(0, 150)))
        return Kill(pattern, self.server.count(pattern) + ahead, after_ms)

    def _killed(self) -> None:
        self.kills += 1
        self.kill = None
        self.kill_next_at = self.home.clock.at + timedelta(hours=self.dice.expovariate(1 / KILL_EVERY_H))

    def _login_is_lost(self) -> bool:
        """Garmin rotated the tokens, and the worker died before it could keep the new ones."""
        with self.home.box.store.read() as tx:
            connection = accounts.of(tx, ME, GARMIN)
        assert connection is not None
        saved = kept(self.home.box, connection)["login"]
        return not any(token in saved for token in self.server.access._refresh)

    def _mind_the_login(self) -> None:
        """Who reads the mail logs in again some hours later."""
        now = self.home.clock.at
        if self.log_in_at is None and self._state() == LOGIN_NEEDED:
            self.burnt += 1
            assert self._login_is_lost(), "asks for a log-in that it does not need"
            assert self.kills > self.kills_before, (
                "logged out though nothing was killed since the last log-in"
            )
            self.log_in_at = now + timedelta(hours=self.dice.uniform(0.5, 6))
        if self.log_in_at is not None and now >= self.log_in_at:
            connecting.take_tokens(self.home.box, ME, self.server.access.token_text())
            self.log_in_at, self.kills_before = None, self.kills

    def _state(self) -> str:
        with self.home.box.store.read() as tx:
            connection = accounts.of(tx, ME, GARMIN)
        assert connection is not None
        return connection.state

    def _say_something(self) -> None:
        """The runner's own word on an activity of the last days, while the worker lives."""
        with self.home.box.store.read() as tx:
            known = remote.activities_of(tx, ME)
            free = sorted(set(map(int, remote.known(tx, ME))) - self.said.keys())
            pairs = [p.name for p in shoes.pairs(tx, ME) if p.retired_on is None]
        here = [id_ for id_ in free if str(id_) in known][-8:]
        if not here or not pairs:
            return
        id_, what = self.dice.choice(here), self.dice.choice(("title", "distance_m", "pair"))
        activity_id = known[str(id_)]
        value: str | float = {
            "title": f"Mine {self.dice.randint(100, 999)}",
            "distance_m": round(self.dice.uniform(4_000, 9_000)),
            "pair": self.dice.choice(pairs),
        }[what]
        if what == "pair":
            try:
                assigning.assign(self.home.box, ME, [activity_id], [str(value)])
            except UsageError:
                return
        else:
            saying.edit(self.home.box, ME, activity_id, **{what: value})
        self.said[id_] = {what: value}

    # ---- the numbers

    @property
    def faults(self) -> int:
        return sum(it.fault for it in self.server.requests())

    def budget(self) -> dict[str, int]:
        """What so many days, runs, faults and kills may cost at most, by what is asked.

        A look is one request for the list; faults and kills make looks begin again."""
        days, done, again = (self.home.clock.at - BEGIN) / timedelta(days=1), self.life.happened, self.again
        runs = OLD_RUNS + sum(done[kind] for kind in ("running", "walking", "cycling"))
        moved = sum(done[what] for what in ("another pair", "longer", "deleted", "recounted"))
        return {
            "looks": round(days * LOOKS_A_DAY) + 2 * again,
            "list": self.looks + self.kills + done["revoked"],
            "tokens": round(days * 86_400 / (LIFETIME_S - 900)) + done["revoked"] + self.burnt + again,
            "original": runs + again,
            "detail": (1 + NIGHTS_ASKED) * runs + done["deleted"] + again,
            "gear": round(days * (GEAR_LISTS_A_DAY + PAIRS)) + 2 * (runs + moved) + 2 * again,
            "steps": round(days) + 2 + again,
            "profile": 1 + again // 20,
        }

    @property
    def again(self) -> int:
        return self.faults + self.kills

    def asked(self) -> dict[str, int]:
        count = self.server.count
        return {"looks": self.looks, "list": count(LIST), "tokens": count(TOKENS),
                "original": count(ORIGINAL), "detail": count(DETAIL), "gear": count(GEAR),
                "steps": count(STEPS_PATH), "profile": count(PROFILE)}  # fmt: skip


@pytest.mark.soak
@pytest.mark.timeout(1_800 if LONG else 300)
@pytest.mark.parametrize("seed", SEEDS)
def test_after_weeks_of_faults_and_kills_all_is_as_garmin_has_it(tmp_path: Path, seed: int) -> None:
    clock = Clock(BEGIN)
    with (
        running(now=lambda: clock.at.timestamp(), lifetime_s=LIFETIME_S) as server,
        a_home(tmp_path, clock, email="runner@example.org", zone=ZONE) as home,
        (tmp_path / "worker.log").open("ab") as errors,
    ):
        worker = Worker(home, server, errors)
        life = Life(server, home.inbox, random.Random(seed), BEGIN + timedelta(days=DAYS))
        soak = Soak(home, server, worker, life, random.Random(f"kills {seed}"))
        try:
            life.begin(BEGIN, DAYS)
            connecting.take_tokens(home.box, ME, server.access.token_text())
            server.faults.at_random(0.05, seed, KINDS)
            soak.live(BEGIN + timedelta(days=DAYS))
            server.faults.clear()
            soak.live(clock.at + QUIET, kills=False)
        finally:
            worker.kill()
            print((tmp_path / "worker.log").read_text()[-2_000:])
        _tell(soak, seed)
        _expect_all_as_at_garmin(soak)


def _tell(soak: Soak, seed: int) -> None:
    print(f"seed {seed}: {len(soak.server.requests())} requests, {soak.looks} looks, {soak.faults} faults, "
          f"{soak.kills} kills, {soak.burnt} burnt logins, {len(soak.said)} words of the runner")  # fmt: skip
    print(f"  life: {dict(soak.life.happened)}")
    print(f"  asked {soak.asked()}\n  of    {soak.budget()}")


def _expect_all_as_at_garmin(soak: Soak) -> None:
    _expect_no_loose_ends(soak)
    _expect_the_activities(soak)
    _expect_the_pairs(soak)
    _expect_the_mails(soak)
    asked, budget = soak.asked(), soak.budget()
    assert sum(asked.values()) - asked["looks"] == len(soak.server.requests())
    assert {what: n for what, n in asked.items() if n > budget[what]} == {}


def _expect_no_loose_ends(soak: Soak) -> None:
    with soak.home.box.store.read() as tx:
        connection = accounts.of(tx, ME, GARMIN)
        claimed = tx.scalars(rows_of(t.raw_file.c.id).where(t.raw_file.c.claimed_by.is_not(None))).all()
        counts = remote.counts(tx, ME)
        first, last = BEGIN.date(), soak.home.clock.at.date() + timedelta(days=1)
        known_steps = steps.between(tx, ME, first, last)
    assert connection is not None
    assert (connection.state, connection.error, connection.failures) == ("connected", None, 0)
    assert connection.busy_by is None
    assert claimed == []
    assert Counter(file.state for file in soak.home.files()).keys() == {"done"}
    assert (counts["waiting"], counts["failed"]) == (0, 0)
    assert known_steps == soak.server.account.steps


def _expect_the_activities(soak: Soak) -> None:
    theirs = {a.id: a for a in soak.server.account.activities()}
    with soak.home.box.store.read() as tx:
        listed = {int(id_) for id_ in remote.known(tx, ME)}
        home_of = {int(id_): n for id_, n in remote.activities_of(tx, ME).items()}
    ours = {a.id: a for a in soak.home.activities()}
    assert listed == set(theirs)
    assert len({home_of[id_] for id_ in theirs}) == len(theirs)
    counted = {a.id for a in ours.values() if a.counted_m > 0}
    assert counted == {home_of[id_] for id_ in theirs}
    for id_, there in theirs.items():
        here, said = ours[home_of[id_]], soak.said.get(id_, {})
        assert here.title == said.get("title", there.name), there
        assert here.sport == SPORT_OF[there.type_key], there
        assert here.counted_m == pytest.approx(said.get("distance_m", there.distance_m), abs=12), there
        assert here.is_race == (there.event_key == "race"), there
        if "running" in there.type_key:
            assert (here.rpe, here.feel) == (there.rpe, there.feel), there


def _expect_the_pairs(soak: Soak) -> None:
    theirs, totals = soak.server.account.activities(), soak.server.account.totals()
    with soak.home.box.store.read() as tx:
        pairs = {p.external_id: p for p in gear.pairs(tx, ME)}
        home_of = remote.activities_of(tx, ME)
        worn = shoes.wearings(tx, ME)
        name_of = {s.id: s.name for s in shoes.pairs(tx, ME)}
    guessed: dict[int, str | None] = {}
    assert pairs.keys() == totals.keys()
    assert {id_: (p.total_m, p.runs) for id_, p in pairs.items()} == totals
    for there in theirs:
        pair_names = {name_of[pairs[id_].shoe_id or 0] for id_ in there.gear}
        parts = worn.get(home_of[str(there.id)], [])
        if not there.gear and not _said_pair(soak, there):
            assert {w.set_by for w in parts} <= {GUESS}, there
            guessed[there.id] = parts[0].shoe_name if parts else None
            continue
        here = {w.shoe_name for w in parts}
        assert here == ({soak.said[there.id]["pair"]} if _said_pair(soak, there) else pair_names), there
    for one in compare_all(soak.home.box, ME):
        start_m = next(p.start_m for p in soak.server.account.gear() if p.id == one.pair.external_id)
        wanted = start_m + sum(
            _metres(soak, a)
            for a in theirs
            if guessed.get(a.id) == one.shoe.name or _on(soak, a, one.pair.external_id, one.shoe.name)
        )
        assert one.totals.ours_m == pytest.approx(wanted, abs=30), one


def _said_pair(soak: Soak, there: Activity) -> bool:
    return "pair" in soak.said.get(there.id, {})


def _on(soak: Soak, there: Activity, gear_id: str, name: str) -> bool:
    return soak.said[there.id]["pair"] == name if _said_pair(soak, there) else gear_id in there.gear


def _metres(soak: Soak, there: Activity) -> float:
    return float(soak.said.get(there.id, {}).get("distance_m", there.distance_m))


def _expect_the_mails(soak: Soak) -> None:
    """One for each log-in that a kill burnt, one notice, and none of what mends itself."""
    kinds = Counter(row.kind for row in soak.home.deliveries())
    log_in = [mail for mail in soak.home.outbox() if "log in again" in str(mail["Subject"])]
    assert len(log_in) == soak.burnt
    assert kinds["notice"] == 1
    assert [a for rule in ("W1", "W3") for a in soak.home.alerts(rule)] == []
