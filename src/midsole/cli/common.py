"""What every command shares: the chosen home and runner, opening the box, and printing."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from midsole.actions.box import Box, Runner

type Cell = str | None

activities_app = typer.Typer(no_args_is_help=False, help="List the activities, enter one, or say what is so.")
alerts_app = typer.Typer(no_args_is_help=False, help="List the alerts, acknowledge or snooze one.")

RunnerName = Annotated[
    str | None,
    typer.Option("--runner", metavar="NAME", help="Which runner; can be left out while there is one."),
]
"""The type of the parameter `runner` of every command that works for one runner (default None)."""
LARGEST_ID = 2**31 - 1
"""PostgreSQL's INTEGER holds no larger one."""
ActivityId = Annotated[
    int, typer.Argument(metavar="ID", max=LARGEST_ID, help="The number in `midsole activities`.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON: SI units, ISO dates.")]
Since = Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day on.")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Up to this day.")]


@dataclass(slots=True)
class State:
    """The global options, as the commands find them in `ctx.obj`."""

    home: Path | None = None
    runner: str | None = None
    verbose: bool = False


def state(ctx: typer.Context) -> State:
    return ctx.ensure_object(State)


@contextmanager
def box(ctx: typer.Context) -> "Iterator[Box]":
    """The opened home; its database is closed at the end."""
    from midsole.app import open_box

    opened = open_box(state(ctx).home)
    try:
        yield opened
    finally:
        opened.store.close()


def runner_of(ctx: typer.Context, opened: "Box", named: str | None = None) -> "Runner":
    """The command's --runner, else the global one, else the only one there is."""
    from midsole.actions.box import find_runner

    with opened.store.read() as tx:
        return find_runner(tx, named or state(ctx).runner)


def print_json(value: Any) -> None:
    """JSON on stdout and nothing else, indented, dates in ISO form."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def console(*, stderr: bool = False) -> "Console":
    """A terminal as wide as it is; in a pipe no colour, and lines are not cut."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else 160
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]], right: Sequence[str] = ()) -> None:
    """Print rows under their headings; `right` names the columns of numbers. None prints as a dash."""
    from rich import box as lines
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=lines.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for name in columns:
        drawn.add_column(name, justify="right" if name in right else "left", no_wrap=name in right)
    for row in rows:
        drawn.add_row(*(Text("–" if cell is None else cell) for cell in row))
    console().print(drawn)


def worn_out_about(row: Mapping[str, Any]) -> Cell:
    """When a pair or an insert will be worn out; a dash where nobody can say."""
    if row["retired_on"]:
        return f"retired {row['retired_on']}"
    if (row["used_fraction"] or 0.0) >= 1:
        return "now"
    first, last = row["forecast"]["p10"], row["forecast"]["p90"]
    if not first:
        return None
    return f"{first} to {last}" if last else f"{first} or later"


def say(text: str = "") -> None:
    """One line for the reader, as it is."""
    typer.echo(text)


def parse_day(text: str | None, today: date | None = None) -> date | None:
    """2026-11-16, or "today" and "yesterday" where the runner's today is given."""
    if text is None:
        return None
    words = {} if today is None else {"today": today, "yesterday": date.fromordinal(today.toordinal() - 1)}
    known = words.get(text.strip().lower())
    if known:
        return known
    try:
        said = date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text!r} is no date: write it as 2026-11-16.") from None
    if not 1900 <= said.year < 2200:
        raise UsageError(f"{text!r} is out of reach: a year lies between 1900 and 2199.")
    return said


def show(as_json: bool, value: Any, human: Callable[[Any], None]) -> None:
    """The value as JSON, or in words for people."""
    if as_json:
        print_json(value)
    else:
        human(value)


def counted(counts: Mapping[str, int]) -> str:
    """ "3 new, 12 done"; the zeros are left out, and all zeros are "none"."""
    return ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items() if n) or "none"


def parse_time(text: str) -> float:
    """ "52:10" is minutes and seconds, "1:02:05" has hours."""
    match = re.fullmatch(r"(?:(\d+):)?(\d{1,3}):([0-5]\d)", text.strip())
    if match is None:
        raise UsageError(f"{text!r} is no duration: write it as 52:10 or 1:02:05.")
    return 3600.0 * int(match[1] or 0) + 60 * int(match[2]) + int(match[3])
