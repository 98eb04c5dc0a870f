"""An import killed again and again, then finished: every run once, every original present."""

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fit_writer

FILES = 200
KILLS = 40 if os.environ.get("MIDSOLE_SOAK") == "long" else 6
DRIVER = """
import sys
from pathlib import Path
from midsole import app
from midsole.actions.importing import import_files, list_files
from midsole.actions.ingest import ingest_due
from midsole.config import Settings
from datetime import timedelta
from midsole.observe.clock import utc_now

hours = float(sys.argv[3])  # so far into the future that the leases of the killed have run out
settings = Settings(home=Path(sys.argv[1]), settle_s=0)
box = app.open_box(settings=settings, now=lambda: utc_now() + timedelta(hours=hours))
print("ready", flush=True)
import_files(box, 1, list_files(box, [Path(sys.argv[2])]), lambda: None)
ingest_due(box)
box.store.close()
"""


def start_import(home: Path, folder: Path, hours: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", DRIVER, str(home), str(folder), str(hours)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_an_import_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    folder, home, chance = tmp_path / "runs", tmp_path / "home", random.Random(7)
    folder.mkdir()
    begin = datetime(2026, 1, 1, 7, tzinfo=UTC)
    for n in range(FILES):
        raw = fit_writer.fit_run(begin + timedelta(days=n), 5_000 + n, 1_800, records_every_s=600)
        (folder / f"{n:03}.fit").write_bytes(raw)
    killed = 0
    for attempt in range(KILLS):
        process = start_import(home, folder, attempt)
        time.sleep(chance.uniform(0.02, 0.5))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assert process.stdout is not None
        process.stdout.close()
    with start_import(home, folder, KILLS + 1) as last:
        assert last.wait() == 0
    assert killed > 0

    with closing(sqlite3.connect(home / "midsole.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        states = db.execute("SELECT state, count(*) FROM raw_file GROUP BY state").fetchall()
        counted = sorted(round(metres) for (metres,) in db.execute("SELECT counted_m FROM activity"))
        kept = {sha256 for (sha256,) in db.execute("SELECT sha256 FROM raw_file")}
    assert states == [("done", FILES)]
    assert counted == [5_000 + n for n in range(FILES)]
    assert kept == {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    for sha256 in kept:
        assert hashlib.sha256((home / "originals" / sha256[:2] / sha256).read_bytes()).hexdigest() == sha256
