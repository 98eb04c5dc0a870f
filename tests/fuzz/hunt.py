"""Worker processes that try one input after the other, under limits of time and memory that name it."""

import gc
import multiprocessing
import re
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType
from typing import Any

import midsole
from fuzz import inputs, seeds
from fuzz.promises import Verdict, judge

LONGEST_S = 1.0
"""Of the processor, so that a busy machine blames no input."""
HUNG_S = 20.0
"""Of the wall: inside a call of C no signal is heard, so the parent ends the worker."""
MOST_MB = 200.0
AS_MB = 1_500
"""Above this an allocation fails and is a finding by itself; it protects the machine."""
BLOCK = len(inputs.SCHEDULE) * 5
SOURCES = str(Path(midsole.__file__).parent)
MOST_DEATHS = 20
TOO_LARGE = 3
"""The exit code of a worker that named its input already and makes room for another one."""


type Judge = Callable[[bytes], Verdict]


class TooSlow(BaseException):
    """Not an Exception: nothing on the way may catch it."""


@dataclass(frozen=True, slots=True)
class Finding:
    number: int
    what: str

    @property
    def family(self) -> str:
        """What is the same for inputs that break the same thing: the words before any value."""
        return re.split(r": | is |[{(]|(?<=of )\d", self.what)[0]


@dataclass(slots=True)
class Tally:
    tried: int = 0
    decoded: int = 0
    slowest_s: float = 0.0
    slowest: int = 0
    peak_mb: float = 0.0

    def add(self, other: "Tally") -> None:
        self.tried += other.tried
        self.decoded += other.decoded
        self.peak_mb = max(self.peak_mb, other.peak_mb)
        if other.slowest_s > self.slowest_s:
            self.slowest_s, self.slowest = other.slowest_s, other.slowest


@dataclass(frozen=True, slots=True)
class Plan:
    """`inputs` numbers from `first` on, as far as `seconds` reach; None of `only`: every kind."""

    first: int
    inputs: int
    seconds: float
    only: str | None
    workers: int = 2
    corpus: Path = seeds.CORPUS
    judge: Judge = judge
    hung_s: float = HUNG_S

    def numbers(self, block: int) -> Iterator[int]:
        begin = self.first + block * BLOCK
        yield from (n for n in range(begin, begin + BLOCK) if self.only in (None, inputs.kind_of(n)))


@dataclass(slots=True)
class Hunt:
    """The parent's side: hands out blocks of numbers, hears of findings, replaces workers that died."""

    plan: Plan
    tally: Tally = field(default_factory=Tally)
    findings: list[Finding] = field(default_factory=list)
    next_block: int = 0
    handed_out: int = 0
    deaths: int = 0


@dataclass(slots=True)
class Worker:
    process: SpawnProcess
    line: Connection
    doing: Any
    """Shared with the process: the number of its input, -1 between two."""
    since: float = 0.0
    number: int = -1

    def on_one_for_s(self, now: float) -> float:
        """How long it has been at the same input, as far as the parent looked."""
        if self.doing.value != self.number:
            self.number, self.since = self.doing.value, now
        return now - self.since if self.number >= 0 else 0.0


def hunt(plan: Plan) -> Hunt:
    running, end = Hunt(plan), time.monotonic() + plan.seconds
    workers = [_start(plan) for _ in range(plan.workers)]
    while workers:
        wait([worker.line for worker in workers], timeout=1.0)
        for worker in list(workers):
            if not _attend(running, worker, end):
                workers.remove(worker)
                running.deaths += bool(worker.process.exitcode)
                if worker.process.exitcode and running.deaths < MOST_DEATHS and time.monotonic() < end:
                    workers.append(_start(plan))
    return running


def _start(plan: Plan) -> Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    doing = context.Value("q", -1, lock=False)
    process = context.Process(target=_work, args=(plan, theirs, doing), daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours, doing)


def _attend(running: Hunt, worker: Worker, end: float) -> bool:
    """Hear what the worker has to say; False once it is gone."""
    try:
        while worker.line.poll():
            said = worker.line.recv()
            if isinstance(said, Finding):
                running.findings.append(said)
            elif isinstance(said, Tally):
                running.tally.add(said)
            else:
                worker.line.send((_next_block(running, end), end))
    except (EOFError, OSError):
        worker.process.join()
        if worker.process.exitcode not in (0, TOO_LARGE):
            running.findings.append(Finding(worker.doing.value, _end_of(worker.process.exitcode)))
        return False
    if worker.on_one_for_s(time.monotonic()) > running.plan.hung_s:
        worker.process.kill()
    return True


def _end_of(exitcode: int | None) -> str:
    if exitcode == -signal.SIGKILL:
        return "no end, or no memory left: the process was killed"
    return f"the process ended by itself: {exitcode}"


def _next_block(running: Hunt, end: float) -> int | None:
    if running.handed_out >= running.plan.inputs or time.monotonic() >= end:
        return None
    block, running.next_block = running.next_block, running.next_block + 1
    running.handed_out += sum(1 for _ in running.plan.numbers(block))
    return block


def _work(plan: Plan, line: Connection, doing: Any) -> None:
    """The worker's side: from asking for the first block until there is none."""
    found = seeds.load(plan.corpus)
    with limits() as used_mb:
        for numbers in _asked(plan, line):
            tally = Tally()
            for number in numbers:
                raw = inputs.make(found, number).raw
                doing.value = number
                for what in tried(number, raw, tally, plan.judge):
                    line.send(Finding(number, what))
                tally.peak_mb = used_mb()
                if tally.peak_mb > MOST_MB:
                    line.send(Finding(number, f"took {tally.peak_mb:.0f} MB"))
                    line.send(tally)
                    sys.exit(TOO_LARGE)
                doing.value = -1
            line.send(tally)


def _asked(plan: Plan, line: Connection) -> Iterator[Iterator[int]]:
    """Yield blocks of numbers; each ends when the time does: both sides have the machine's clock."""
    while True:
        line.send("more")
        block, end = line.recv()
        if block is None:
            return
        yield _until(end, plan.numbers(block))


def _until(end: float, numbers: Iterator[int]) -> Iterator[int]:
    return takewhile(lambda _: time.monotonic() < end, numbers)


def tried(number: int, raw: bytes, tally: Tally, judge: Judge = judge) -> list[str]:
    """Try one input, a second time if it was slow: the machine may have been busy with something else."""
    begin = time.process_time()
    breaks, recordings = _timed(raw, judge)
    seconds = time.process_time() - begin
    if seconds > LONGEST_S:
        breaks, recordings = _timed(raw, judge)
    if seconds > tally.slowest_s:
        tally.slowest_s, tally.slowest = seconds, number
    tally.tried += 1
    tally.decoded += recordings > 0
    return breaks


def _timed(raw: bytes, judge: Judge) -> tuple[list[str], int]:
    try:
        signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
        verdict = judge(raw)
        signal.setitimer(signal.ITIMER_PROF, 0)
    except TooSlow as slow:
        return [f"above {LONGEST_S:g} s {_place(slow)}"], 0
    except Exception as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        return [f"{type(error).__name__} {_place(error)}: {error!s:.200}"], 0
    return list(verdict.breaks), len(verdict.recordings)


def _place(error: BaseException) -> str:
    """Name the last line of ours that it went through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.name != _too_slow.__name__]
    last = [f for f in frames if f.filename.startswith(SOURCES)][-1:] or frames[-1:]
    return "".join(f"at {Path(f.filename).name}:{f.lineno} in {f.name}" for f in last)


@contextmanager
def limits() -> Iterator[Any]:
    """Yield how many MB the process grew at its highest; arithmetic that warns is an error in here."""
    signal.signal(signal.SIGPROF, _too_slow)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("error", RuntimeWarning)
    gc.freeze()
    at_rest_mb = _peak_mb()
    statm = Path("/proc/self/statm")
    if statm.exists():
        now = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + AS_MB * 2**20, resource.RLIM_INFINITY))
    yield lambda: _peak_mb() - at_rest_mb


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlow


def _peak_mb() -> float:
    """Of this program alone: ru_maxrss, which counts bytes on macOS, hands a parent's peak down on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text(encoding="ascii").splitlines() if "VmHWM" in line)
        return int(peak.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
