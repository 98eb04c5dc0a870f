"""Measures what a runner waits for; every figure stands beside its goal. Run by scripts/bench."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.sync import sync
from midsole.app import open_box
from midsole.config import Settings
from midsole.deliver.render import weekly_mail
from midsole.domain import rules
from midsole.domain.activity import Recording
from midsole.domain.digest import weekly
from midsole.domain.weeks import week_start
from midsole.store import activities, runners, shoes, sources
from midsole.store import facts as facts_store
from midsole.store.base import Tx

ACTIVITIES = 5_000
FILES = 10_000
MIDSOLE = [sys.executable, "-m", "midsole"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        box = open_box(settings=Settings(home=home, settle_s=0.0))
        fill(box)
        say("midsole --help, wall", seconds_of([*MIDSOLE, "--help"]), 0.3, "s")
        status = [*MIDSOLE, "--home", str(home), "status"]
        say(f"midsole status, {ACTIVITIES} activities, wall", seconds_of(status), 0.5, "s")
        say("evaluate, ten years", median(lambda: evaluate(box, 1)) * 1000, 20, "ms")
        say("weekly mail, rendered", weekly_ms(box), 10, "ms")
        idle_s = idle_pass_s(box)
        say(f"idle look at {FILES} known files", idle_s, 1.0, "s")
        say("worker at rest, resident memory", worker_mb(home), 120, "MB")


def say(what: str, found: float, goal: float, unit: str) -> None:
    verdict = "ok" if found <= goal else "OVER"
    print(
        f"{what:48} {found:9.3f} {unit:2}  goal {goal:g} {unit}  {found / goal:5.2f} of goal  {verdict}",
        flush=True,
    )


def median(work: Callable[[], object], times: int = 15) -> float:
    work()
    return statistics.median(timed(work) for _ in range(times))


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def seconds_of(command: list[str], times: int = 7) -> float:
    return median(lambda: subprocess.run(command, check=True, capture_output=True), times)


def fill(box: Box) -> None:
    """Ten years of runs, most days one, on three pairs."""
    now = box.now()
    with box.store.write() as tx:
        runner = runners.everyone(tx)[0]
        pairs = [_pair(tx, runner.id, n, now) for n in range(3)]
        for n in range(ACTIVITIES):
            started_at = now - timedelta(hours=17.5 * (ACTIVITIES - n))
            file_id = sources.take_in(tx, runner.id, None, f"{n:064x}", f"{n}.fit", 1, now)
            assert file_id is not None
            file = sources.raw_file(tx, file_id)
            activity_id = activities.add_recording(tx, runner, file, recording(started_at, n))
            sources.settle_file(tx, file_id, "done", "fit", 1, None)
            shoes.wear(tx, runner.id, activity_id, {pairs[n % 3]: 1.0}, "default", now)


def _pair(tx: Tx, runner_id: int, n: int, now: datetime) -> int:
    values = {"kind": "daily", "limit_m": 6e7, "start_m": 0.0, "start_how": "known"}
    return shoes.add(tx, runner_id, now, name=f"Pair {n}", **values)


def recording(started_at: datetime, n: int) -> Recording:
    distance_m = 8_000.0 + 500 * (n % 5)
    seconds = distance_m / 2.9
    bins = dict.fromkeys(range(15, 45), seconds / 30)
    same = {"timer_s": seconds, "moving_s": seconds, "elapsed_s": seconds}
    return Recording(
        0, "running", "road", started_at, distance_m, "session", **same, speed_s=bins, best_30min_m_per_s=3.2
    )


def idle_pass_s(box: Box) -> float:
    for n in range(FILES):
        path = box.inbox / f"{n % 100:02}" / f"{n}.fit"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    with box.store.write() as tx:
        inbox = sources.connections(tx)[0]
        for path in box.inbox.rglob("*.fit"):
            seen = path.stat()
            name = str(path.relative_to(box.inbox))
            sources.remember(tx, inbox.id, name, seen.st_size, seen.st_mtime_ns)
    return median(lambda: sync(box, inbox), 5)


def weekly_ms(box: Box) -> float:
    """From the digest to both parts; loading and judging stand in the line above."""
    with box.store.read() as tx:
        facts = facts_store.load(tx, runners.everyone(tx)[0], box.now())
    week = week_start(facts.today, 0) - timedelta(days=7)
    digest = weekly(facts, week, [], rules.evaluate(facts))
    return median(lambda: weekly_mail(digest)) * 1000


def worker_mb(home: Path) -> float:
    environment = {**os.environ, "MIDSOLE_LOOK_EVERY_S": "3600"}
    worker = subprocess.Popen(
        [*MIDSOLE, "--home", str(home), "run"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(8)
        status = Path(f"/proc/{worker.pid}/status").read_text(encoding="utf-8")
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    main()
