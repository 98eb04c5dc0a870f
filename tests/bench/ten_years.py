"""A home with ten years of runs, most days one, on three pairs."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import batched
from pathlib import Path

from midsole.actions.box import Box
from midsole.app import open_box
from midsole.config import Settings
from midsole.domain.activity import Recording
from midsole.domain.wearing import whole
from midsole.store import activities, runners, shoes, sources
from midsole.store.base import Tx
from midsole.store.sources import RawFile

ACTIVITIES = 5_000


class Clock:
    """Stands still, unless it is put forward: a new run is always the newest."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at


def open_home(home: Path, clock: Clock) -> Box:
    box = open_box(settings=Settings(home=home, settle_s=0.0), now=clock.now)
    _fill(box)
    return box


def _fill(box: Box) -> None:
    now = box.now()
    with box.store.write() as tx:
        runner = runners.everyone(tx)[0]
        pairs = [_pair(tx, runner.id, n, now) for n in range(3)]
        for batch in batched(range(ACTIVITIES), 500):
            found = [(_file(tx, runner.id, n, now), _recording(now, n)) for n in batch]
            ids = activities.add_recordings(tx, runner, found)
            worn = {n: whole(pairs[n % 3], "default") for n in ids}
            shoes.wear_all(tx, runner.id, worn, now)


def _file(tx: Tx, runner_id: int, n: int, now: datetime) -> RawFile:
    file_id = sources.take_in(
        tx, runner_id, None, hashlib.sha256(str(n).encode()).hexdigest(), f"{n}.fit", 1, now
    )
    assert file_id is not None
    sources.settle_files(tx, [sources.Settled(file_id, "done", "fit")], 1)
    return sources.raw_file(tx, file_id)


def _pair(tx: Tx, runner_id: int, n: int, now: datetime) -> int:
    values = {"kind": "daily", "limit_m": 6e7, "start_m": 0.0, "start_how": "known"}
    return shoes.add(tx, runner_id, now, name=f"Pair {n}", **values)


def _recording(now: datetime, n: int) -> Recording:
    started_at = now - timedelta(hours=17.5 * (ACTIVITIES - n))
    distance_m = 8_000.0 + 500 * (n % 5)
    seconds = distance_m / 2.9
    bins = dict.fromkeys(range(15, 45), seconds / 30)
    same = {"timer_s": seconds, "moving_s": seconds, "elapsed_s": seconds}
    return Recording(
        0, "running", "road", started_at, distance_m, "session", **same, speed_s=bins, best_30min_m_per_s=3.2
    )
