"""The worker: ticks until it is told to stop, then finishes what is in flight."""

import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

from midsole.actions.box import Box
from midsole.observe.logs import log
from midsole.worker.clock import start
from midsole.worker.schedule import jobs


def run_worker(box: Box, look_every_s: int, finish_beside: Callable[[], None] | None = None) -> None:
    """Runs until SIGTERM or SIGINT; a second signal ends it at once. What ran beside it is ended too."""
    told = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        if told.is_set():
            raise SystemExit(128 + number)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    finish = start(replace(box, stopping=told.is_set), jobs(look_every_s))
    told.wait()
    log.info("Stopping: finishing what is in flight.")
    if finish_beside:
        finish_beside()
    finish()
    box.store.close()
