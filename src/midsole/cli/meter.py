"""How far a long command is: bars on a terminal, a line now and then in a pipe."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from midsole.domain import units

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LINE_EVERY_S = 5.0

type Show = Callable[[str, int, int | None], None]
"""Called with a step's name, how many files of it are done, and of how many; None: nobody knows yet."""


@contextmanager
def meter() -> Iterator[Show]:
    if not sys.stderr.isatty():
        yield _Lines().show
        return
    with _bars() as bars:
        yield _Bars(bars).show


class _Lines:
    """One line every few seconds, on stderr."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}
        self.last = time.monotonic()

    def show(self, step: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        seconds = now - self.began.setdefault(step, now)
        if now - self.last < LINE_EVERY_S or not seconds or done == total:
            return
        self.last = now
        typer.echo(line(step, done, total, seconds), err=True)


def line(step: str, done: int, total: int | None, seconds: float) -> str:
    """ "Reading: 400 of 2,000 files, 160/s, 0:10 left"."""
    rate = done / seconds
    said = f"{step}: {done:,} files, {rate:.0f}/s"
    if total is None or not rate:
        return said
    left = units.duration((total - done) / rate)
    return f"{step}: {done:,} of {total:,} files, {rate:.0f}/s, {left} left"


class _Bars:
    """A bar for each step."""

    def __init__(self, bars: "Progress") -> None:
        self.bars = bars
        self.steps: dict[str, TaskID] = {}

    def show(self, step: str, done: int, total: int | None) -> None:
        if step not in self.steps:
            self.steps[step] = self.bars.add_task(step, total=total)
        self.bars.update(self.steps[step], completed=done, total=total)


def _bars() -> "Progress":
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    from midsole.cli.common import console

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.0f}/s" if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate())
    return Progress(*columns, TimeRemainingColumn(), console=console(stderr=True))
