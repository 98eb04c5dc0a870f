"""The demo: a made-up runner beside the real ones, to look around in; removed without a trace."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import BinaryIO

from midsole.actions import setup, shoe_rules, shoes
from midsole.actions.box import Box, Runner
from midsole.actions.evaluate import evaluate
from midsole.actions.ingest import ingest_due
from midsole.actions.taking import Taken, Taking, expect_silence, take_in
from midsole.domain import demo_runs
from midsole.domain.demo_runs import Outing
from midsole.domain.shoe_rules import Conditions
from midsole.sources.base import File
from midsole.store import runners
from midsole.store.base import Tx
from midsole.store.runners import DEMO_ADDRESS

NAME = "Demo"
OLD, NEW, TRAIL = "Pegasus 41", "Ghost 16", "Speedgoat 6"


def find(box: Box) -> Runner | None:
    return next((runner for runner in setup.everyone(box) if runner.is_demo), None)


def make(box: Box, zone: str, units: str = "km", days: int = demo_runs.DAYS) -> Runner:
    """The demo, made where there is none yet; one that was left half made is made anew."""
    found = find(box)
    if found is not None and _is_whole(box, found):
        return found
    if found is not None:
        remove(box)
    runner_id = _add(box, zone, units)
    with box.store.read() as tx:
        until = runners.get(tx, runner_id).today(box.now())
    story = demo_runs.outings(until, days)
    _add_pairs(box, runner_id, story)
    late = until - timedelta(days=demo_runs.LAST_DAYS)
    _take_in(box, runner_id, [o for o in story if o.day < late], zone, history=True)
    shoes.retire(box, runner_id, OLD, demo_runs.change_of_pairs(story), "worn")
    _take_in(box, runner_id, [o for o in story if o.day >= late], zone, history=False)
    with box.store.read() as tx:
        return runners.get(tx, runner_id)


def remove(box: Box) -> bool:
    """Whether there was one: the runner and all that is theirs go, originals too."""
    found = find(box)
    if found is None:
        return False
    setup.erase_runner(box, found.id)
    return True


def _is_whole(box: Box, runner: Runner) -> bool:
    """The old pair is retired when all of the history is there."""
    return any(pair.retired_on for pair in shoes.known(box, runner.id))


def _add(box: Box, zone: str, units: str) -> int:
    with box.store.write() as tx:
        taken = {runner.name.casefold() for runner in runners.everyone(tx)}
        names = [NAME, *(f"{NAME} {n}" for n in range(2, len(taken) + 3))]
        name = next(name for name in names if name.casefold() not in taken)
        silent = {"email": DEMO_ADDRESS, "weekly_mail": "off"}
        return runners.add(tx, name, zone, box.now(), units=units, **silent)


def _add_pairs(box: Box, runner_id: int, story: Sequence[Outing]) -> None:
    """Before the runs: each then goes on the pair that was in use on its day."""
    first, change = story[0].day, demo_runs.change_of_pairs(list(story))
    _pair(box, runner_id, OLD, "daily", first, 130)
    _pair(box, runner_id, NEW, "daily", change, 140)
    shoes.set_default(box, runner_id, NEW, "running", None, change)
    trail = [outing.day for outing in story if outing.is_trail]
    if trail:
        _pair(box, runner_id, TRAIL, "trail", trail[0], 150)
        asked = Conditions(sports=("running",), surfaces=("trail",))
        shoe_rules.add(box, runner_id, TRAIL, asked, trail[0])


def _pair(box: Box, runner_id: int, name: str, kind: str, since: date, price: float) -> None:
    start = shoes.Start(known_m=0.0)
    shoes.add_shoe(box, runner_id, name, kind, start, first_used_on=since, price=price)


def _take_in(box: Box, runner_id: int, story: Sequence[Outing], zone: str, *, history: bool) -> None:
    documents = {f"demo/{o.day}-{n}.tcx": o for n, o in enumerate(story)}
    to = Taking(box, runner_id, None, _silence(box, runner_id, len(documents), history=history))
    files = [File(path, 0, 0) for path in documents]

    def fetch(file: File) -> BinaryIO:
        return BytesIO(demo_runs.tcx(documents[file.path], zone))

    take_in(to, files, fetch, Taken())
    ingest_due(box)
    with box.store.write() as tx:
        runners.go_on_taking_in(tx, runner_id, None)
    evaluate(box, runner_id)


def _silence(box: Box, runner_id: int, files: int, *, history: bool) -> Callable[[Tx, int], bool]:
    def silence(tx: Tx, so_far: int) -> bool:
        return history and expect_silence(tx, box, runner_id, max(so_far, files), by_hand=True)

    return silence
