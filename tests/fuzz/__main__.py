"""The command line of scripts/fuzz."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from fuzz import inputs, seeds
from fuzz.hunt import Finding, Hunt, Plan, Tally, hunt, limits, tried

NUMBERS_A_SEED = 10_000_000
SAVED_A_FAMILY = 3


def main() -> int:
    asked = _arguments()
    if not asked.corpus.is_dir():
        print(f"fuzz: NO REAL FILES: {asked.corpus} is missing. Only made-up files are tried.", flush=True)
    if asked.reproduce is not None:
        return _reproduce(asked)
    plan = Plan(
        asked.seed * NUMBERS_A_SEED, asked.inputs, asked.seconds, asked.only, asked.workers, asked.corpus
    )
    begin = time.monotonic()
    done = hunt(plan)
    _say(done.tally, time.monotonic() - begin)
    _tell(done, asked.findings)
    return 1 if done.findings or not done.tally.tried else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Tries the decoders with broken files.")
    parser.add_argument("--inputs", type=int, default=200_000, help="how many (default: 200000)")
    parser.add_argument("--seconds", type=float, default=120.0, help="at most so long (default: 120)")
    parser.add_argument("--seed", type=int, default=0, help="another one, other inputs (default: 0)")
    parser.add_argument("--only", choices=inputs.KINDS, help="inputs of this kind alone")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--reproduce", type=int, metavar="N", help="save and try input N alone")
    parser.add_argument("--findings", type=Path, default=Path(tempfile.gettempdir()) / "midsole-fuzz")
    parser.add_argument("--corpus", type=Path, default=seeds.CORPUS, help="the folder of real files")
    return parser.parse_args()


def _reproduce(asked: argparse.Namespace) -> int:
    made = inputs.make(seeds.load(asked.corpus), asked.reproduce)
    path = _save(made, asked.findings)
    print(f"input {made.number}: {made.kind} from {made.seed}, {len(made.raw)} bytes in {path}")
    tally = Tally()
    with limits() as used_mb:
        breaks = tried(made.number, made.raw, tally)
        print(f"{tally.slowest_s:.3f} s, {used_mb():.0f} MB, decoded: {bool(tally.decoded)}")
    for what in breaks:
        print(what)
    return 1 if breaks else 0


def _say(tally: Tally, seconds: float) -> None:
    print(
        f"{tally.tried} inputs in {seconds:.0f} s ({tally.tried / seconds:.0f} a second), "
        f"{tally.decoded} gave recordings; slowest {tally.slowest_s:.3f} s (input {tally.slowest}); "
        f"memory at most {tally.peak_mb:.0f} MB above rest"
    )


def _tell(done: Hunt, folder: Path) -> None:
    """Print each kind of finding once, with the files of its first inputs."""
    families: dict[str, list[Finding]] = {}
    for finding in sorted(done.findings, key=lambda f: f.number):
        families.setdefault(finding.family, []).append(finding)
    found = seeds.load(done.plan.corpus) if families else {}
    for alike in families.values():
        print(f"FOUND ({len(alike)} x): {alike[0].what}")
        for finding in alike[:SAVED_A_FAMILY]:
            print(f"    {_told(finding, found, folder)}")
    print(f"{len(families)} kinds of findings" if families else "nothing found")


def _told(finding: Finding, found: seeds.Seeds, folder: Path) -> str:
    if finding.number < 0:
        return "between two inputs"
    made = inputs.make(found, finding.number)
    return f"input {made.number} ({made.kind} from {made.seed}): {_save(made, folder)}"


def _save(made: inputs.Input, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made.number}.{made.kind}"
    path.write_bytes(made.raw)
    return path


if __name__ == "__main__":
    sys.exit(main())
