"""GarminDB in an environment of its own: installed once, then run as its users run it.

`garmindb_cli.py --activities --import` reads every FIT file of a folder into SQLite; that needs no account.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

WANTED = "garmindb==3.9.0"
"""The newest that installs from the package index: 4.0.0 asks for a fitfile 2 that is not there."""


class NotInstallable(Exception):
    """Says why."""


@dataclass(frozen=True, slots=True)
class Environment:
    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def program(self) -> Path:
        return self.folder / "bin" / "garmindb_cli.py"


def environment() -> Environment:
    """The one in the user's cache, made at the first time. Raises NotInstallable."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    place = f"{WANTED.replace('==', '-')}-python{sys.version_info[0]}.{sys.version_info[1]}"
    found = Environment(cache / "midsole-bench" / place)
    if not found.program.exists():
        _run([sys.executable, "-m", "venv", "--clear", str(found.folder)])
        _run([str(found.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", WANTED])
    return found


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NotInstallable(" ".join(said[-1:]) or f"{command[1:4]} ended with {done.returncode}")


def import_s(there: Environment, workplace: Path, runs: Sequence[Path]) -> float:
    """Seconds for these runs into a fresh database; what it takes with none is taken off."""
    empty_s = _import(there, workplace / "empty", [])
    return _import(there, workplace / "filled", runs) - empty_s


def _import(there: Environment, home: Path, runs: Sequence[Path]) -> float:
    activities = home / "data" / "FitFiles" / "Activities"
    activities.mkdir(parents=True)
    for run in runs:
        (activities / run.name).symlink_to(run)
    _configure(there, home)
    command = [str(there.python), str(there.program), "--config", str(home), "--activities", "--import"]
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home)}
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=home, env=environment)
    seconds = time.perf_counter() - begin
    _check(home, len(runs))
    return seconds


def _configure(there: Environment, home: Path) -> None:
    example = next(there.folder.glob("lib/python*/site-packages/garmindb/GarminConnectConfig.json.example"))
    config = json.loads(example.read_text(encoding="utf-8"))
    config["directories"] |= {"relative_to_home": False, "base_dir": str(home / "data")}
    (home / "GarminConnectConfig.json").write_text(json.dumps(config), encoding="utf-8")


def _check(home: Path, runs: int) -> None:
    """It logs what it can't read and goes on: a rate over nothing would flatter it."""
    with closing(sqlite3.connect(home / "data" / "DBs" / "garmin_activities.db")) as database:
        (found,) = database.execute("SELECT count(*) FROM activities").fetchone()
    if found != runs:
        raise RuntimeError(f"GarminDB took in {found} of {runs} runs; see {home / 'garmindb.log'}.")
