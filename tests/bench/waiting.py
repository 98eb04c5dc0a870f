"""What a runner waits for: commands, judging, a mail, an idle look, and the worker at rest."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bench.report import Figure, Part, prose
from bench.ten_years import ACTIVITIES, Clock, open_home
from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.sync import sync
from midsole.deliver.render import weekly_mail
from midsole.domain import rules
from midsole.domain.digest import weekly
from midsole.domain.weeks import week_start
from midsole.store import facts as facts_store
from midsole.store import runners, sources

FILES, QUICK_FILES = 10_000, 500
MIDSOLE = [sys.executable, "-m", "midsole"]


def measure(*, quick: bool) -> Part:
    files = QUICK_FILES if quick else FILES
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        box = open_home(home, Clock())
        status = [*MIDSOLE, "--home", str(home), "status"]
        figures = [
            Figure("`midsole --help`, wall", seconds_of([*MIDSOLE, "--help"]), 0.3, "s"),
            Figure(f"`midsole status`, {ACTIVITIES:,} activities, wall", seconds_of(status), 0.5, "s"),
            Figure("evaluate, ten years", median(lambda: evaluate(box, 1)) * 1000, 20, "ms"),
            Figure("weekly mail, rendered", weekly_ms(box), 10, "ms"),
            Figure(f"idle look at {files:,} known files", idle_pass_s(box, files), 1, "s"),
            Figure("worker at rest, resident memory", resting_mb(home, "worker"), 120, "MB"),
            Figure("worker and pages at rest, resident memory", resting_mb(home, "run"), 200, "MB"),
        ]
    return Part("What a runner waits for", figures, [_how()])


def _how() -> str:
    return prose(
        f"""In a home with {ACTIVITIES:,} activities of ten years on three pairs. Commands are programs of
        their own, from start to end; everything is the median of several times after one that does not
        count. The weekly mail is timed from its digest to both of its parts. An idle look is the
        worker's look into a folder where nothing is new. The worker's memory is that of a worker eight
        seconds after its start."""
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


def idle_pass_s(box: Box, files: int) -> float:
    for n in range(files):
        path = box.inbox / f"{n % 100:02}" / f"{n}.fit"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    with box.store.write() as tx:
        inbox = sources.connections(tx)[0]
        for path in box.inbox.rglob("*.fit"):
            seen = path.stat()
            name = str(path.relative_to(box.inbox))
            sources.remember_all(tx, inbox.id, {name: (seen.st_size, seen.st_mtime_ns)})
    return median(lambda: sync(box, inbox), 5)


def weekly_ms(box: Box) -> float:
    """From the digest to both parts; loading and judging stand in a figure of their own."""
    with box.store.read() as tx:
        facts = facts_store.load(tx, runners.everyone(tx)[0], box.now())
    week = week_start(facts.today, 0) - timedelta(days=7)
    digest = weekly(facts, week, [], rules.evaluate(facts))
    return median(lambda: weekly_mail(digest)) * 1000


def resting_mb(home: Path, command: str) -> float:
    environment = {**os.environ, "MIDSOLE_LOOK_EVERY_S": "3600", "MIDSOLE_WEB_PORT": "0"}
    worker = subprocess.Popen(
        [*MIDSOLE, "--home", str(home), command],
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
