"""Figures beside their bars, as lines for the terminal and as the page docs/benchmarks.md."""

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

INTRODUCTION = """\
Every figure here is measured by `scripts/bench`, on one machine, in one run; nothing is copied from
elsewhere. Repeat it:

```
scripts/bench --write
```

measures everything and writes this page anew. `scripts/bench decode` (or `import`, `waiting`, `pages`,
`guess`, `forecast`) measures one part and prints it; `--quick` does so on a few files, to see that it
works: its figures mean nothing. A bar is what Midsole promises itself; a figure that misses its bar stands
here all the same."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`at_least` False: less is better. A figure of None could not be measured; `why` says so."""

    what: str
    found: float | None
    bar: float
    unit: str
    at_least: bool = False
    why: str = ""

    @property
    def verdict(self) -> str:
        if self.found is None:
            return f"NOT MEASURED: {self.why}"
        met = self.found >= self.bar if self.at_least else self.found <= self.bar
        return "met" if met else "MISSED"

    def cells(self) -> tuple[str, str, str, str]:
        sign = ">=" if self.at_least else "<="
        found = "-" if self.found is None else f"{number(self.found)} {self.unit}"
        return self.what, found, f"{sign} {self.bar:g} {self.unit}", self.verdict


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of measurement: how it was done, what came out, and the bars it answers to."""

    title: str
    figures: Sequence[Figure]
    how: Sequence[str]
    table: Table | None = None
    facts: Sequence[str] = field(default=())


def prose(text: str) -> str:
    """One paragraph, written over several lines."""
    return " ".join(text.split())


def number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def on_terminal(part: Part) -> str:
    tables = [Table(("what", "found", "bar", "verdict"), [f.cells() for f in part.figures])]
    tables += [part.table] if part.table else []
    return "\n\n".join([part.title, *map(_aligned, tables), *part.facts])


def _aligned(table: Table) -> str:
    rows = [table.header, *table.rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(table.header))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def page(parts: Sequence[Part], now: datetime) -> str:
    figures = [f for part in parts for f in part.figures]
    bars = Table(("what", "found", "bar", "verdict"), [f.cells() for f in figures])
    sections = [_section(part) for part in parts]
    return (
        "\n\n".join(["# Benchmarks", INTRODUCTION, machine(now), "## Bars", _marked(bars), *sections]) + "\n"
    )


def _section(part: Part) -> str:
    table = [_marked(part.table)] if part.table else []
    return "\n\n".join([f"## {part.title}", *part.how, *table, *part.facts])


def _marked(table: Table) -> str:
    rows = [table.header, tuple("---" for _ in table.header), *table.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def machine(now: datetime) -> str:
    """The date and the size of the machine: no name, no place."""
    names = {line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")}
    total_kb = next((int(x.split()[1]) for x in _lines("/proc/meminfo") if x.startswith("MemTotal")), 0)
    cores = f"{os.cpu_count()} cores ({', '.join(sorted(names)) or platform.machine()})"
    python = f"Python {sys.version.split()[0]}, {platform.system()}"
    return prose(
        f"""Measured on {now:%Y-%m-%d}: {python}, {cores}, {total_kb / 2**20:.0f} GiB of memory,
        load of the last 5 minutes {os.getloadavg()[1]:.1f}."""
    )


def _lines(path: str) -> list[str]:
    there = Path(path)
    return there.read_text(encoding="utf-8").splitlines() if there.exists() else []


def today() -> datetime:
    return datetime.now(UTC)
