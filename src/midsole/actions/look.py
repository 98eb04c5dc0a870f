"""One look at an account: what is due to be asked, what is found written down, and how the account stands."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import BinaryIO

from midsole.actions import gear_back
from midsole.actions.account import Keeper, free_what_the_dead_hold, has_logged_in_again, held
from midsole.actions.box import Box
from midsole.actions.hearing import Heard, hear, met
from midsole.actions.plan import DUE, Plan, plan
from midsole.actions.standing import explained
from midsole.actions.sync import Looked
from midsole.actions.taking import TAKING_IN, Taken, Taking, expect_silence, take_in
from midsole.domain import connection as standing
from midsole.domain import polling
from midsole.domain.connection import ACCOUNTS, GARMIN, GARMIN_PERSONAL
from midsole.domain.errors import MidsoleError, NeedsRunner, NotAnActivity, RateLimited, Retry
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
"""The next look after one that ended the program: it may do so again."""
LONGEST_SILENCE = timedelta(hours=24)
AT_ONCE = 100
BUSY = "Another process is reading this account now; what it finds comes in by itself."
BROKE = "Midsole itself broke while it read the account; its log says where. It tries again."


def look_at_due(box: Box) -> None:
    """Every account whose time has come; one that can't be read never stops the others.

    One at which Midsole itself breaks ends the round: the next one begins with the others, as it is put off.
    """
    free_what_the_dead_hold(box)
    with box.store.read() as tx:
        due = accounts.due(tx, box.now(), ACCOUNTS)
    for connection in sorted(due, key=lists_last):
        if box.stopping():
            return
        with held(box, connection) as keeper:
            if keeper is not None and _is_due(keeper.connection, box.now()):
                _look(box, keeper, DUE)


def lists_last(connection: Connection) -> bool:
    """What was deleted is known before the pairs are read, where two connections share the work."""
    return connection.kind == GARMIN


def _is_due(connection: Connection, now: datetime) -> bool:
    """Still: another worker may have read it since the list was made."""
    return connection.next_at is None or connection.next_at <= now


def look(box: Box, connection: Connection, asked: str = DUE) -> Looked:
    """Look once, now; `asked` is one of actions.plan: how much."""
    with held(box, connection) as keeper:
        if keeper is None:
            return Looked(problems=[] if asked == DUE else [BUSY])
        return _look(box, keeper, asked)


def _look(box: Box, keeper: Keeper, asked: str) -> Looked:
    connection, looked, done = keeper.connection, Looked(), None
    if connection.state in standing.WITH_RUNNER:
        looked.problems.append(explained(connection, box.now()))
        return looked
    with box.store.write() as tx:
        accounts.change(tx, connection.id, next_at=box.now() + AT_THE_EARLIEST)
    try:
        done, heard = plan(box, connection, asked), Heard()
        _read(box, connection, keeper, done, heard, looked)
        _succeeded(box, keeper, done, heard, looked)
    except TakenOver as error:
        looked.problems.append(str(error))
        _give_back(box, keeper)
    except MidsoleError as error:
        looked.problems.append(str(error))
        _failed(box, keeper, error, done)
    except Exception:
        # Asked again at once, it would break again, and Garmin would count the requests.
        _failed(box, keeper, MidsoleError(BROKE))
        raise
    return looked


def _give_back(box: Box, keeper: Keeper) -> None:
    """A worker that ends leaves the account as it stood, to be read on at once by the next one."""
    with box.store.write() as tx:
        if connection := keeper.mine(tx):
            accounts.change(tx, connection.id, next_at=box.now())


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
    broken = _listen(box, keeper, source, now, heard)
    if isinstance(broken, TakenOver):
        raise broken
    if broken or now.first or len(heard.files) > MOST_ORIGINALS:
        looked.new += _take_in_lines(box, connection, now, heard, also_waiting=True)
    if broken and not isinstance(broken, Partly):
        raise broken
    if now.first and _is_listed(broken):
        now = _first_look_is_done(box, keeper, now, heard)
    try:
        _take_in_originals(box, connection, source, now, heard, looked)
    except TakenOver:
        raise
    except MidsoleError:
        looked.new += _take_in_lines(box, connection, now, heard, also_waiting=True)
        raise
    looked.new += _take_in_lines(box, connection, now, heard, also_waiting=False)
    if broken:
        raise broken
    _write_back(box, connection, source, looked)


def _is_listed(broken: MidsoleError | None) -> bool:
    """Whether every activity is known, whatever else could not be read."""
    return broken is None or (isinstance(broken, Partly) and broken.listed)


def _first_look_is_done(box: Box, keeper: Keeper, now: Plan, heard: Heard) -> Plan:
    """When all is listed, it may be judged: its originals are no history, also where they break off."""
    with box.store.write() as tx:
        if connection := keeper.mine(tx):
            sources.finish_first_look(tx, connection.id, box.now())
            runners.go_on_taking_in(tx, connection.runner_id, None)
    heard.fresh = 0
    return replace(now, first=False)


def _write_back(box: Box, connection: Connection, source: Source, looked: Looked) -> None:
    """Last: what can't be written now is no reason to read less, and is tried again with the next look."""
    try:
        gear_back.write_back(box, connection, source)
    except (RateLimited, NeedsRunner, TakenOver):
        raise
    except MidsoleError as error:
        log.warning("A pair was not written back: %s", error)
        looked.problems.append(str(error))


def _listen(box: Box, keeper: Keeper, source: Source, now: Plan, heard: Heard) -> MidsoleError | None:
    """Write down what is told; returns what it broke off with."""
    try:
        for some in _some(source.find(now.cursor)):
            hear(box, keeper, some, heard)
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
        met(tx, box, connection.runner_id, [(raw_file_id, _id_of(at)) for raw_file_id, at in came])

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
    """A first look or a back-fill is history; the originals of what was listed before are no news at all.

    A first look that goes on after it broke off, and was judged so far, does not end in a second notice."""

    def silence(tx: Tx, _: int) -> bool:
        goes_on = now.first and bool(remote.activities_of(tx, connection.runner_id))
        first_look = now.first and not goes_on
        return expect_silence(
            tx, box, connection.runner_id, heard.fresh, first_look=first_look, by_hand=goes_on
        )

    return Taking(box, connection.runner_id, connection.id, silence, remember=remember)


def _id_of(path: str) -> str:
    return path.split("/")[1]


def _failed(box: Box, keeper: Keeper, error: MidsoleError, done: Plan | None = None) -> None:
    """Said once when it breaks; the row holds it for status, doctor and the mail.

    Who has lost the account meanwhile, or read it with an old login, has no word on how it stands."""
    now = box.now()
    with box.store.write() as tx:
        connection = keeper.mine(tx)
        if connection is None or has_logged_in_again(connection, keeper.connection):
            return
        stands = standing.failed(error, connection.failures, now, box.jitter())
        sources.looked(tx, connection.id, now, str(error))
        next_at = stands.next_at
        if next_at and isinstance(error, Partly) and error.listed:
            # Only something beside the runs is out: those are known, and asked for as often as ever.
            accounts.change(tx, connection.id, last_success_at=now)
            if error.after is None:
                next_at = min(next_at, now + _pause(box, tx, runners.get(tx, connection.runner_id)))
            if done is not None:
                accounts.note(tx, connection.id, **done.notes_of_list())
        accounts.change(tx, connection.id, state=stands.state, next_at=next_at, failures=stands.failures)
        if next_at and connection.first_look_done_at is None:
            _wait_for_the_rest(tx, connection, next_at)
    if stands.state != connection.state:
        log.warning("%s: %s", standing.label(connection.kind, connection.place), error)


def _wait_for_the_rest(tx: Tx, connection: Connection, next_at: datetime) -> None:
    """Half a history is not judged, but after a day the runner is to hear that it does not come."""
    if runners.get(tx, connection.runner_id).catching_up:
        until = min(next_at + TAKING_IN, connection.created_at + LONGEST_SILENCE)
        runners.go_on_taking_in(tx, connection.runner_id, until)


def _succeeded(box: Box, keeper: Keeper, done: Plan, heard: Heard, looked: Looked) -> None:
    """A look without error is complete: the history that it brought may be judged."""
    now = box.now()
    with box.store.write() as tx:
        connection = keeper.mine(tx)
        if connection is None:
            return
        runner = runners.get(tx, connection.runner_id)
        pause = SOON if looked.waiting else _pause(box, tx, runner)
        stands = standing.succeeded(now, pause)
        sources.looked(tx, connection.id, now, None)
        accounts.change(tx, connection.id, state=stands.state, next_at=stands.next_at, failures=0)
        accounts.note(tx, connection.id, **done.notes(now))
        sources.finish_first_look(tx, connection.id, now)
        if heard.fresh or done.first:
            runners.go_on_taking_in(tx, runner.id, None)
    if connection.error:
        log.info("%s is back.", standing.label(connection.kind, connection.place))


def _pause(box: Box, tx: Tx, runner: runners.Runner) -> timedelta:
    now = box.now()
    since = runner.today(now) - timedelta(days=60)
    ends = [
        local(a.started_at + timedelta(seconds=a.elapsed_s), runner.zone_on)
        for a in activities.between(tx, runner.id, since)
        if a.is_run
    ]
    return polling.pause(local(now, runner.zone_on), polling.usual_hours(ends), box.jitter())
