"""Decoding in child processes: on every core at once, and out of reach of a file that ends its reader."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import batched
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from queue import Empty, SimpleQueue
from subprocess import DEVNULL, Popen
from traceback import extract_tb

from midsole.decode import registry
from midsole.decode.registry import Decoded
from midsole.domain.errors import MidsoleError
from midsole.store.originals import Originals

LONGEST_S = 60.0
"""No file takes a second; a child that is silent for so long hangs, and is ended."""
MOST_CHILDREN = 3
"""One process stores what they read, and is the slower part from there on."""
AT_A_TIME = 25
"""A child gets so many files at once, and need not wait for its next one while the parent stores."""
CHILD = "from midsole.actions.decoding import serve; serve()"


@dataclass(frozen=True, slots=True)
class Ended:
    """Reading the file ended the process that read it; `how` is its last word."""

    how: str


type Outcome = Decoded | MidsoleError | Ended


def read(originals: Originals, sha256: str) -> Decoded | MidsoleError:
    """What one original holds, or why it can't be read."""
    try:
        return registry.decode(originals.read(sha256))
    except MidsoleError as reason:
        return reason


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Readers:
    """Child processes, each started when it is first needed and replaced when a file ended it."""

    def __init__(self, originals: Originals, children: int) -> None:
        self.originals = originals
        self.threads = ThreadPoolExecutor(children, thread_name_prefix="reader")
        self.idle: SimpleQueue[_Child] = SimpleQueue()
        self.living: set[_Child] = set()
        self.closed = False

    def start(self, shas: Sequence[str]) -> Callable[[], list[Outcome]]:
        """Begin to read; what is returned waits for the outcomes, in the order of the files."""
        parts = [self.threads.submit(self._read, part) for part in batched(shas, AT_A_TIME)]
        return lambda: [outcome for part in parts for outcome in part.result()]

    def close(self) -> None:
        """End the children; what they have in hand is not waited for."""
        self.closed = True
        for child in list(self.living):
            child.process.kill()
        self.threads.shutdown(cancel_futures=True)
        for child in self.living:
            child.end()

    def _read(self, shas: Sequence[str]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        while len(outcomes) < len(shas) and not self.closed:
            child = self._child()
            outcomes += child.read(shas[len(outcomes) :])
            if child.ended is None:
                self.idle.put(child)
            else:
                self.living.discard(child)
                outcomes.append(child.ended)
        return outcomes

    def _child(self) -> "_Child":
        try:
            return self.idle.get_nowait()
        except Empty:
            child = _Child(self.originals.folder)
            self.living.add(child)
            return child


class _Child:
    """One process that reads originals. It ends by itself when its parent is gone: its pipe closes."""

    def __init__(self, folder: Path) -> None:
        self.ended: Ended | None = None
        self.runs = False
        self.pipe, theirs = Pipe()
        command = [sys.executable, "-c", CHILD, str(theirs.fileno()), os.fspath(folder)]
        self.process = Popen(  # noqa: S603 (this very program)
            command,
            env=_environment(),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()

    def read(self, shas: Sequence[str]) -> list[Outcome]:
        """The outcomes of the files up to the last, or up to the one that ended the process."""
        outcomes: list[Outcome] = []
        try:
            self._wait_until_it_runs()
            self.pipe.send(list(shas))
            for _ in shas:
                if not self.pipe.poll(LONGEST_S):
                    self.end(f"nothing came of it in {LONGEST_S:.0f} seconds")
                    break
                outcomes.append(self.pipe.recv())
        except (EOFError, OSError):
            self.end()
        return outcomes

    def _wait_until_it_runs(self) -> None:
        """A child that can't even start says nothing of the file that it was started for."""
        if not self.runs:
            try:
                self.runs = self.pipe.poll(LONGEST_S) and self.pipe.recv()
            except (EOFError, OSError):
                self.runs = False
            if not self.runs:
                self.end()
                raise MidsoleError("Midsole can't start a process that reads files. Is it half installed?")

    def end(self, how: str | None = None) -> None:
        self.pipe.close()
        self.process.kill()
        code = self.process.wait()
        self.ended = Ended(how or (f"signal {-code}" if code < 0 else f"exit code {code}"))


def _environment() -> dict[str, str]:
    """The child imports what we import, from where we do; numpy needs no threads of its own there."""
    path = os.pathsep.join(place for place in sys.path if place)
    return {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"}


def serve() -> None:
    """The child: reads the originals it is asked for until nobody asks any more.

    A service manager tells every process to stop; the parent finishes what is in hand and asks no more."""
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, signal.SIG_IGN)
    with suppress(
        OSError
    ):  # where memory runs out, Linux ends this process first, and not the one that stores
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    pipe, originals = Connection(int(sys.argv[1])), Originals(Path(sys.argv[2]))
    pipe.send(True)
    while True:
        try:
            wanted: list[str] = pipe.recv()
            for sha256 in wanted:
                pipe.send(_answer(originals, sha256))
        except (EOFError, OSError):
            return


def _answer(originals: Originals, sha256: str) -> Outcome:
    """The outermost loop of a process: an error that nobody foresaw is the last word on this file."""
    try:
        return read(originals, sha256)
    except Exception as error:
        at = extract_tb(error.__traceback__)[-1]
        return Ended(f"{type(error).__name__} in {Path(at.filename).name}, line {at.lineno}")
