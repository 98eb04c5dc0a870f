"""Measures, prints every figure beside its bar, and on demand writes docs/benchmarks.md."""

import argparse
import importlib
from pathlib import Path

from bench.report import machine, on_terminal, page, today

PARTS = {
    "decode": "decoding",
    "import": "importing",
    "waiting": "waiting",
    "pages": "pages",
    "guess": "guessing",
    "forecast": "forecasting",
}
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main() -> None:
    asked = _arguments()
    print(machine(today()), flush=True)
    parts = []
    for name in asked.parts or PARTS:
        parts.append(importlib.import_module(f"bench.{PARTS[name]}").measure(quick=asked.quick))
        print(f"\n{on_terminal(parts[-1])}", flush=True)
    if asked.write:
        PAGE.write_text(page(parts, today()), encoding="utf-8")
        print(f"\nWritten to docs/{PAGE.name}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures Midsole beside its bars.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of: {', '.join(PARTS)}; none: all")
    parser.add_argument(
        "--quick", action="store_true", help="few files, one round: only to see that it works"
    )
    parser.add_argument(
        "--write", action="store_true", help="write docs/benchmarks.md; needs all parts, not --quick"
    )
    asked = parser.parse_args()
    if unknown := [name for name in asked.parts if name not in PARTS]:
        parser.error(f"there is no part {unknown[0]}; the parts are {', '.join(PARTS)}")
    if asked.write and (asked.quick or asked.parts):
        parser.error("--write goes with neither --quick nor single parts: the page holds one whole run")
    return asked


if __name__ == "__main__":
    main()
