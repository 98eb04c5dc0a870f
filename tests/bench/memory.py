"""How much memory a program and all that it starts take: the sum of PSS, shared pages counted once."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 0.05


@dataclass(slots=True)
class Peak:
    mb: float = 0.0
    processes: int = 0


@contextmanager
def watched(program: subprocess.Popen[bytes]) -> Iterator[Peak]:
    """Looks every 50 ms until the block ends."""
    peak, done = Peak(), threading.Event()

    def look() -> None:
        while not done.wait(EVERY_S):
            family = list(_family(program.pid))
            peak.processes = max(peak.processes, len(family))
            peak.mb = max(peak.mb, sum(map(_pss_kb, family)) / 1024)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield peak
    finally:
        done.set()
        looking.join()


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [child for t in threads for child in (t / "children").read_text().split()]
    except OSError:
        return  # it has ended
    for child in children:
        yield from _family(int(child))


def _pss_kb(pid: int) -> int:
    """0 for one that has ended in the meantime."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
