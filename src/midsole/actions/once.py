"""One pass over everything: find, ingest, evaluate, weekly if due, deliver."""

from collections.abc import Callable
from dataclasses import dataclass, field

from midsole.actions import connecting
from midsole.actions.asking import ask_all
from midsole.actions.box import Box
from midsole.actions.deliver import deliver_due
from midsole.actions.evaluate import evaluate_all
from midsole.actions.exports import hear_of
from midsole.actions.ingest import ingest_due
from midsole.actions.look import lists_last, look
from midsole.actions.plan import ALL, DUE, PASS
from midsole.actions.routine import remind_all
from midsole.actions.standing import explained
from midsole.actions.sync import Looked, sync
from midsole.actions.uploaded import take_in_uploads
from midsole.actions.weekly import weekly_all
from midsole.decode import registry
from midsole.domain import connection as standing
from midsole.store import accounts, activities, sources
from midsole.store.sources import Connection

type Show = Callable[[str, int, int | None], None]
"""Called with an account's name, how many files of it are read, and of how many; None: not known yet."""


def _show_nothing(name: str, done: int, total: int | None) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class Pass:
    """What a pass brought."""

    new_files: int = 0
    new_activities: int = 0
    """Of the runner who asked; an account's activity may come as a line of its list and as a file."""
    bad_files: int = 0
    mails: int = 0
    problems: list[str] = field(default_factory=list)
    failed: bool = False
    """An account could not be read to its end."""


def run_once(box: Box) -> Pass:
    """Every step in the order the data goes; each leaves its rows behind for the next."""
    done = take_in(box)
    take_in_uploads(box)
    take_in_accounts(box, done, PASS)
    evaluate_all(box)
    weekly_all(box)
    ask_all(box)
    remind_all(box)
    done.mails = deliver_due(box)
    return done


def sync_now(box: Box, runner_id: int, show: Show = _show_nothing) -> Pass:
    """Find and judge at once for a runner who waits; the mails leave with the worker, or the next pass."""
    before = _activities(box, runner_id)
    done = take_in(box)
    take_in_accounts(box, done, ALL, runner_id, show)
    evaluate_all(box)
    done.new_activities = max(0, _activities(box, runner_id) - before)
    return done


def _activities(box: Box, runner_id: int) -> int:
    with box.store.read() as tx:
        return activities.span(tx, runner_id)[2]


def take_in(box: Box) -> Pass:
    """Look at every folder and ingest what is due; and forget logins that nobody went on with."""
    done = Pass()
    connecting.settle(box)
    with box.store.write() as tx:
        sources.retry_refused(tx, registry.VERSION, box.now())
    with box.store.read() as tx:
        connected = [c for c in sources.connections(tx) if c.kind == standing.FOLDER]
    for connection in connected:
        looked = sync(box, connection)
        done.problems += looked.problems
    _ingest(box, done)
    return done


def take_in_accounts(
    box: Box, done: Pass, asked: str, runner_id: int | None = None, show: Show = _show_nothing
) -> None:
    """Read every account now, because somebody asked for it, until all of its originals are here."""
    with box.store.read() as tx:
        known = [c for c in sources.connections(tx, runner_id) if c.kind in standing.ACCOUNTS]
    for connection in sorted(known, key=lists_last):
        if connection.state != standing.DISCONNECTED:
            _read(box, connection, done, asked, show)


def _read(box: Box, connection: Connection, done: Pass, asked: str, show: Show) -> None:
    """What Garmin asked to wait for is waited for, and a log-in is the runner's: neither is tried here."""
    name, files = standing.label(connection.kind, connection.place), 0
    show(name, files, None)
    while True:
        stays = connection.state in standing.WITH_RUNNER or _asked_to_wait(connection, box)
        if stays:
            done.problems.append(explained(connection, box.now()))
            done.failed = True
            return
        looked = look(box, connection, asked)
        _ingest(box, done)
        files += looked.new
        show(name, files, files + looked.waiting)
        with box.store.read() as tx:
            now = accounts.get(tx, connection.id)
        done.problems += _told(looked, now, box)
        if now is None or not looked.waiting or now.state != standing.CONNECTED:
            done.failed |= now is not None and now.state != standing.CONNECTED
            return
        connection, asked = now, DUE


def _told(looked: Looked, now: Connection | None, box: Box) -> list[str]:
    """What ended the look is told with what follows from it."""
    if now is None or now.state == standing.CONNECTED or not looked.problems:
        return looked.problems
    return [*looked.problems[:-1], explained(now, box.now())]


def _asked_to_wait(connection: Connection, box: Box) -> bool:
    until = connection.next_at
    return connection.state == standing.RATE_LIMITED and until is not None and until > box.now()


def _ingest(box: Box, done: Pass) -> None:
    ingested = ingest_due(box)
    hear_of(box, ingested)
    done.new_files += len(ingested)
    done.bad_files += sum(file.state == "bad" for file in ingested)
