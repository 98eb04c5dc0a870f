"""One look at an account: what is due to be asked, what is found written down, and how the account stands."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import BinaryIO

from midsole.actions import gear_back
from midsole.actions.account import Keeper, held
from midsole.actions.box import Box
from midsole.actions.hearing import Heard, hear
from midsole.actions.plan import DUE, Plan, plan
from midsole.actions.sync import Looked
from midsole.actions.taking import Taken, Taking, expect_silence, take_in
from midsole.domain import connection as standing
from midsole.domain import polling
from midsole.domain.connection import ACCOUNTS, GARMIN, GARMIN_PERSONAL
from midsole.domain.errors import MidsoleError, NotAnActivity, Retry
from midsole.domain.when import local, next_try
from midsole.observe.logs import log
from midsole.sources.base import File, Found, Partly, Source, TakenOver
from midsole.store import accounts, activities, remote, runners, sources
from midsole.store.base import Tx
from midsole.store.sources import Connection

MOST_ORIGINALS = 50
"""A look ends after so many downloads, so that what came is judged and the next runner has a turn."""
SOON = timedelta(minutes=1)
AT_THE_EARLIEST = timedelta(minutes=5)
AT_ONCE = 100


def look_at_due(box: Box) -> None:
    """Every account whose time has come; one that fails never stops the others."""
    with box.store.read() as tx:
        due = accounts.due(tx, box.now(), ACCOUNTS)
    for connection in due:
        look(box, connection)


def look(box: Box, connection: Connection, asked: str = DUE) -> Looked:
    """Look once, now; `asked` is one of actions.plan: how much."""
    with held(box, connection) as keeper:
        if keeper is None:
            return Looked(problems=[] if asked == DUE else ["Another worker is reading this account now."])
        _put_off(box, connection)
        looked, done, heard = Looked(), plan(box, connection, asked), Heard()
        try:
            _read(box, connection, keeper, done, heard, looked)
        except TakenOver as error:
            looked.problems.append(str(error))
        except MidsoleError as error:
            looked.problems.append(str(error))
            _failed(box, connection, error)
        else:
            _succeeded(box, connection, done, heard, looked)
        return looked


def _put_off(box: Box, connection: Connection) -> None:
    """Whatever becomes of this look, the next account has its turn before this one comes again."""
    with box.store.write() as tx:
        accounts.change(tx, connection.id, next_at=box.now() + AT_THE_EARLIEST)


def open_account(connection: Connection, keeper: Keeper, box: Box) -> Source:
    """Its library is heavy: it is loaded where an account is read."""
    if connection.kind == GARMIN_PERSONAL:
        from midsole.sources.garmin_personal import GarminPersonal

        return GarminPersonal(keeper, now=box.now, sleep=box.sleep)
    from midsole.sources.garmin import Garmin

    return Garmin(keeper, connection.place, now=box.now, sleep=box.sleep)


def _read(box: Box, connection: Connection, keeper: Keeper, now: Plan, heard: Heard, looked: Looked) -> None:
    """The list first, as it alone gives the weeks; then the originals, newest first."""
    source = open_account(connection, keeper, box)
    broken = _listen(box, connection, source, now, heard)
    if broken or now.first or len(heard.files) > MOST_ORIGINALS:
        looked.new += _take_in_lines(box, connection, now, heard, also_waiting=True)
    if broken and not isinstance(broken, Partly):
        raise broken
    gear_back.write_back(box, connection, source)
    _take_in_originals(box, connection, source, now, heard, looked)
    looked.new += _take_in_lines(box, connection, now, heard, also_waiting=False)
    if broken:
        raise broken


def _listen(box: Box, connection: Connection, source: Source, now: Plan, heard: Heard) -> MidsoleError | None:
    """Write down what is told; returns what it broke off with."""
    try:
        for some in _some(source.find(now.cursor)):
            hear(box, connection, some, heard)
    except MidsoleError as error:
        return error
    return None


def _some(found: Iterator[Found]) -> Iterator[list[Found]]:
    """Not too many for one transaction; what came before the account broke off is not lost."""
    some: list[Found] = []
    try:
        for one in found:
            some.append(one)
            if len(some) >= AT_ONCE:
                yield some
                some = []
    except MidsoleError:
        yield some
        raise
    yield some


def _take_in_originals(
    box: Box, connection: Connection, source: Source, now: Plan, heard: Heard, looked: Looked
) -> None:
    def fetch(file: File) -> BinaryIO:
        try:
            return source.fetch(file)
        except NotAnActivity:
            with box.store.write() as tx:
                remote.no_original(tx, connection.runner_id, _id_of(file.path))
            raise

    def remember(tx: Tx, came: Iterable[tuple[int, str]]) -> None:
        for raw_file_id, found_at in came:
            remote.note_original(tx, connection.runner_id, _id_of(found_at), raw_file_id)

    files = heard.files[:MOST_ORIGINALS]
    looked.waiting = len(heard.files) - len(files)
    taken = Taken()
    try:
        take_in(_taking(box, connection, now, heard, remember), files, fetch, taken)
    finally:
        looked.new += len(taken.ids)
        looked.known += taken.known
        for shown, why in taken.problems:
            _not_had(box, connection, _id_of(shown), why)
            looked.problems.append(why)


def _not_had(box: Box, connection: Connection, external_id: str, why: str) -> None:
    """One bad activity is noted, and tried again later and later; it never stops the others."""
    with box.store.write() as tx:
        attempts = remote.attempts(tx, connection.runner_id, external_id) + 1
        next_at = next_try(Retry(why), attempts + 3, box.now(), box.jitter())
        remote.fail(tx, connection.runner_id, external_id, why, next_at)


def _take_in_lines(box: Box, connection: Connection, now: Plan, heard: Heard, *, also_waiting: bool) -> int:
    """What the list tells of an activity is its raw file where there is no original that is this one run."""
    with box.store.read() as tx:
        lines = dict(remote.without_recording(tx, connection.runner_id, also_waiting=also_waiting))

    def fetch(file: File) -> BinaryIO:
        return BytesIO(lines[_id_of(file.path)].encode())

    def remember(tx: Tx, came: Iterable[tuple[int, str]]) -> None:
        for raw_file_id, found_at in came:
            remote.note_listed_file(tx, connection.runner_id, _id_of(found_at), raw_file_id)

    files = [File(f"{GARMIN}/{external_id}/{external_id}.json") for external_id in lines]
    return len(take_in(_taking(box, connection, now, heard, remember), files, fetch).ids)


def _taking(
    box: Box,
    connection: Connection,
    now: Plan,
    heard: Heard,
    remember: Callable[[Tx, Iterable[tuple[int, str]]], None],
) -> Taking:
    """A first look or a back-fill is history; the originals of what was listed before are no news at all."""

    def silence(tx: Tx, _: int) -> bool:
        return expect_silence(tx, box, connection.runner_id, heard.fresh, first_look=now.first)

    return Taking(box, connection.runner_id, connection.id, silence, remember=remember)


def _id_of(path: str) -> str:
    return path.split("/")[1]


def _failed(box: Box, connection: Connection, error: MidsoleError) -> None:
    """Said once when it breaks; the row holds it for status, doctor and the mail."""
    now = box.now()
    stands = standing.failed(error, connection.failures, now, box.jitter())
    if stands.state != connection.state:
        log.warning("%s: %s", standing.label(connection.kind, connection.place), error)
    with box.store.write() as tx:
        sources.looked(tx, connection.id, now, str(error))
        accounts.change(
            tx, connection.id, state=stands.state, next_at=stands.next_at, failures=stands.failures
        )


def _succeeded(box: Box, connection: Connection, done: Plan, heard: Heard, looked: Looked) -> None:
    """A look without error is complete: the history that it brought may be judged."""
    now = box.now()
    if connection.error:
        log.info("%s is back.", standing.label(connection.kind, connection.place))
    with box.store.write() as tx:
        runner = runners.get(tx, connection.runner_id)
        pause = SOON if looked.waiting else _pause(box, tx, runner)
        stands = standing.succeeded(now, pause)
        sources.looked(tx, connection.id, now, None)
        accounts.change(tx, connection.id, state=stands.state, next_at=stands.next_at, failures=0)
        accounts.note(tx, connection.id, **done.notes(now))
        sources.finish_first_look(tx, connection.id, now)
        if heard.fresh or done.first:
            runners.go_on_taking_in(tx, runner.id, None)


def _pause(box: Box, tx: Tx, runner: runners.Runner) -> timedelta:
    now = box.now()
    since = runner.today(now) - timedelta(days=60)
    ends = [
        local(a.started_at + timedelta(seconds=a.elapsed_s), runner.zone_on)
        for a in activities.between(tx, runner.id, since)
        if a.is_run
    ]
    return polling.pause(local(now, runner.zone_on), polling.usual_hours(ends), box.jitter())
