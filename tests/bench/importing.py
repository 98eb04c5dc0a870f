"""Taking in years of runs: how fast, in how much memory, again, one alone, and beside GarminDB."""

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import garmin_db
from bench.memory import Peak, watched
from bench.report import Figure, Part, number, prose
from bench.runs import one_run, write_runs
from bench.ten_years import ACTIVITIES, Clock, open_home
from midsole.actions.evaluate import evaluate
from midsole.actions.once import take_in

RUNS, QUICK_RUNS = 2_000, 60
SAMPLE, QUICK_SAMPLE = 30, 2
"""GarminDB needs seconds a run: half of the sample before Midsole's import, half after it."""
NEW_FILES, QUICK_NEW_FILES = 25, 3
SYNCING_S = 2.0


@dataclass(frozen=True, slots=True)
class Imported:
    seconds: float
    again_s: float
    peak: Peak


@dataclass(frozen=True, slots=True)
class Theirs:
    """GarminDB's part: runs a second, or why there is no such figure."""

    sample: int
    per_s: float | None
    why: str = ""


def measure(*, quick: bool) -> Part:
    runs, sample = (QUICK_RUNS, QUICK_SAMPLE) if quick else (RUNS, SAMPLE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_runs(folder / "runs", runs, datetime.now(UTC) - timedelta(days=1))
        picked = paths[:: runs // sample | 1][:sample]  # an odd step, so that both layouts are in it
        os.sync()  # what the preparations left to write is no part of what follows
        syncs = syncs_per_s(folder)
        before = _garmindb(folder / "before", picked[::2])
        imported = _import_twice(folder, runs)
        after = _garmindb(folder / "after", picked[1::2])
        alone_ms = one_file_ms(folder, QUICK_NEW_FILES if quick else NEW_FILES)
        megabytes = sum(path.stat().st_size for path in paths) / 1e6
    return _part(runs, megabytes, imported, _together(before, after), alone_ms, syncs)


def syncs_per_s(folder: Path) -> float:
    """What the disk can do: 4 kB written and synced, over and over, in one file of the same folder."""
    count, page = 0, os.urandom(4096)
    with (folder / "syncs").open("wb", buffering=0) as file:
        begin = time.perf_counter()
        while time.perf_counter() - begin < SYNCING_S:
            file.seek(0)
            file.write(page)
            os.fsync(file.fileno())
            count += 1
        return count / (time.perf_counter() - begin)


def _import_twice(folder: Path, runs: int) -> Imported:
    home = folder / "home"
    seconds, peak = _import(home, folder / "runs")
    _check(home, runs)
    again_s, _ = _import(home, folder / "runs")
    _check(home, runs)
    return Imported(seconds, again_s, peak)


def _import(home: Path, runs: Path) -> tuple[float, Peak]:
    """The command as a runner gives it, from its start to its end."""
    command = [sys.executable, "-m", "midsole", "--home", str(home), "import", str(runs)]
    with tempfile.TemporaryFile() as said:
        begin = time.perf_counter()
        program = subprocess.Popen(command, stdout=said, stderr=said)
        with watched(program) as peak:
            ended_with = program.wait()
            seconds = time.perf_counter() - begin
        said.seek(0)
        if ended_with:
            raise RuntimeError(f"midsole import ended with {ended_with}: {said.read().decode()}")
    return seconds, peak


def _check(home: Path, runs: int) -> None:
    """A rate over files that were not taken in would be none."""
    with closing(sqlite3.connect(home / "midsole.db")) as database:
        found, metres = database.execute("SELECT count(*), sum(counted_m) FROM activity").fetchone()
    if found != runs or metres < runs * 5_000:
        raise RuntimeError(f"{found} activities with {metres} m came out of {runs} runs.")


def _garmindb(workplace: Path, runs: list[Path]) -> Theirs:
    try:
        there = garmin_db.environment()
    except garmin_db.NotInstallable as reason:
        return Theirs(0, None, f"GarminDB could not be installed: {reason}")
    return Theirs(len(runs), len(runs) / garmin_db.import_s(there, workplace, runs))


def _together(before: Theirs, after: Theirs) -> Theirs:
    if before.per_s is None or after.per_s is None:
        return before
    seconds = before.sample / before.per_s + after.sample / after.per_s
    return Theirs(before.sample + after.sample, (before.sample + after.sample) / seconds)


def one_file_ms(folder: Path, files: int) -> float:
    """From the look into the folder to the decision about alerts, the settling wait left out."""
    clock = Clock()
    box = open_home(folder / "ten-years", clock)
    os.sync()
    taken = []
    for n in range(files + 1):
        clock.at += timedelta(days=1)
        run = one_run(clock.at - timedelta(hours=2), n)
        (box.inbox / f"{n}.fit").write_bytes(run)
        begin = time.perf_counter()
        found = take_in(box)
        evaluate(box, 1)
        taken.append(time.perf_counter() - begin)
        if (found.new_files, found.bad_files) != (1, 0):
            raise RuntimeError(f"One new file in the inbox came out as {found}.")
    return statistics.median(taken[1:]) * 1000  # the first one loads the decoder


def _part(
    runs: int, megabytes: float, imported: Imported, theirs: Theirs, alone_ms: float, syncs: float
) -> Part:
    per_s = runs / imported.seconds
    ratio = None if theirs.per_s is None else per_s / theirs.per_s
    return Part(
        title="Importing",
        figures=[
            Figure(f"import of {runs:,} one-hour runs", per_s, 150, "files/s", True),
            Figure("import, beside GarminDB", ratio, 60, "x GarminDB", True, theirs.why),
            Figure("import, peak memory of all its processes (PSS)", imported.peak.mb, 300, "MB"),
            Figure(f"import of the same {runs:,} files again", imported.again_s, 3, "s"),
            Figure("one new file, from the look to the decision", alone_ms, 50, "ms"),
        ],
        how=[_how(runs, megabytes)],
        facts=[
            f"Midsole: {imported.seconds:.1f} s, {imported.peak.processes} processes at most.",
            _of_theirs(theirs),
            f"The disk made {syncs:,.0f} syncs a second (4 kB written and synced, in the same folder).",
        ],
    )


def _how(runs: int, megabytes: float) -> str:
    return prose(
        f"""{runs:,} generated runs ({megabytes:.0f} MB), one a day, no two alike: 3,600 records of one
        second with position, distance, speed, altitude, heart rate and cadence, laps each kilometre, a
        session, events, device infos. Three of four are laid out as a modern Garmin does (each second
        four kinds of messages), one of four as older watches did (nearly only records). `midsole import
        FOLDER` into a home that does not exist yet, on SQLite, as a program of its own from its start
        to its end, each batch's originals synced before its commit, all recognised, worn, summed up,
        and judged once at the end; then the same command again. Memory is the largest sum of PSS over
        the program and all that it started, looked at every 50 ms. One new file: a generated run
        dropped into the inbox of a home with {ACTIVITIES:,} activities of ten years, in a running
        worker's process; the median, without the wait for the file to settle. GarminDB reads runs of
        the same folder by `garmindb_cli.py --activities --import` into SQLite, its start taken off,
        half of them before Midsole's import and half after it; it keeps every record as a row, which
        Midsole does not: Midsole keeps the file."""
    )


def _of_theirs(theirs: Theirs) -> str:
    if theirs.per_s is None:
        return f"**There is no figure for GarminDB.** {theirs.why}"
    return (
        f"GarminDB ({garmin_db.WANTED}): {theirs.sample} of the runs, {number(theirs.per_s)} files/s "
        f"({1 / theirs.per_s:.1f} s a file)."
    )
