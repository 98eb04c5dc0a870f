"""What the lists of exports tell: titles, kinds and pairs of runs that are here, and runs without a file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import batched
from typing import Any, BinaryIO

from midsole.actions import export_gear, export_lists
from midsole.actions.box import Box
from midsole.actions.export_gear import Settled
from midsole.actions.export_lists import Account
from midsole.actions.hearing import as_json, lay_again
from midsole.actions.ingest import ingest_due, join
from midsole.actions.taking import Taken, Taking, expect_silence, take_in
from midsole.decode.listed import Line
from midsole.domain import listing
from midsole.domain.activity import ON_FEET
from midsole.domain.listing import Wanted
from midsole.domain.matching import Trace
from midsole.sources.answers import digest_of
from midsole.sources.base import File
from midsole.store import exports, remote, runners
from midsole.store.base import Tx
from midsole.store.exports import Held, Home
from midsole.store.remote import GARMIN_EXPORT, STRAVA
from midsole.store.runners import Runner
from midsole.store.sources import RawFile

AT_ONCE = 1_000
UNKNOWN = "unknown"
NAMES = {STRAVA: "Strava's list", GARMIN_EXPORT: "Garmin's list"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What the lists of one account told, and what it came to.

    `matched` have a file here, of which `by_start` were found by start and size; `added` stand here without
    one, `waiting` for a file that is being read. `news`: how many tell something new. `refused`: the list,
    the number of its line (None: the list as a whole), and why it says nothing."""

    account: str
    lines: int
    matched: int
    by_start: int
    added: int
    waiting: int
    told_by_account: int
    not_on_feet: int
    news: int
    pairs: Settled
    refused: tuple[tuple[str, int | None, str], ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the lines of one account are: external id -> raw file; `elsewhere` need no line of their own."""

    files: Mapping[str, int]
    by_start: frozenset[str]
    elsewhere: frozenset[str]
    waiting: frozenset[str]


def hear_exports(box: Box, runner_id: int) -> list[Heard]:
    """Lay what every kept list tells over the runs that are here, and add the runs that have no file.

    It asks nothing of the order in which lists and files came, and the second time changes nothing."""
    return [_hear(box, runner_id, account) for account in export_lists.read(box, runner_id)]


def hear_of(box: Box, ingested: Iterable[RawFile]) -> None:
    """As hear_exports, for every runner of whom a list is among these files."""
    came = {
        file.runner_id for file in ingested if file.state in exports.REFUSED and exports.may_be_list(file)
    }
    for runner_id in sorted(came):
        try:
            hear_exports(box, runner_id)
        finally:
            with box.store.write() as tx:
                runners.go_on_taking_in(tx, runner_id, None)


def _hear(box: Box, runner_id: int, account: Account) -> Heard:
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        expect_silence(tx, box, runner_id, len(account.lines), by_hand=True)
        origins = remote.origins(tx, runner_id)
        lines = {n: x for n, x in account.lines.items() if origins.get(n, account.origin) == account.origin}
        found = _find(tx, runner, account.origin, lines.values())
        fresh = _tell(tx, runner, account.origin, lines, found, box)
        changed, pairs = export_gear.settle(tx, box, runner, account)
        for some in batched(sorted(fresh | changed), AT_ONCE):
            lay_again(tx, runner, some, box)
        homeless = _homeless(tx, runner, account.origin, lines, found)
    _add(box, runner_id, account.origin, [lines[external_id] for external_id in homeless])
    with box.store.read() as tx:
        homes = exports.homes(tx, runner_id, account.origin)
    return _heard(account, lines, found, homes, len(fresh | changed | set(homeless)), pairs)


# matching


def _find(tx: Tx, runner: Runner, origin: str, lines: Iterable[Line]) -> _Found:
    """What was found before stays so; a file's name says more than a start."""
    files, traces = exports.held(tx, runner.id), exports.traces(tx, runner.id)
    homes = exports.homes(tx, runner.id, origin)
    known = {n: home.original_id for n, home in homes.items() if home.original_id is not None}
    own = {home.listed_file_id for home in homes.values()} | set(known.values())
    free = [file for file in files if file.id not in own]
    wanted = [_wanted(line) for line in lines if line.external_id not in known]
    named = listing.by_name(wanted, _by_name(free, traces))
    left = [line for line in wanted if line.id not in named]
    single = {file.sha256 for file in free if file.legs == 1} - {trace.file for trace in named.values()}
    timed = listing.by_start(left, [trace for trace in traces if trace.file in single])
    of_sha = {file.sha256: file for file in files}
    found = {n: of_sha[trace.file] for n, trace in (named | timed).items()}
    return _Found(
        known | {n: file.id for n, file in found.items() if file.legs == 1},
        frozenset(timed),
        frozenset(n for n, file in found.items() if file.legs > 1),
        _waiting(files, left, timed),
    )


def _wanted(line: Line) -> Wanted:
    totals = (line.distance_m, line.timer_s, line.elapsed_s)
    return Wanted(line.external_id, line.sport, line.started_at, *totals, line.file)


def _by_name(files: Sequence[Held], traces: Iterable[Trace]) -> dict[str, list[Trace]]:
    """Of a file with several legs the first."""
    of_file = {trace.file: trace for trace in sorted(traces, key=lambda trace: -trace.leg)}
    found: dict[str, list[Trace]] = defaultdict(list)
    for file in files:
        if file.sha256 in of_file:
            found[file.name].append(of_file[file.sha256])
    return found


def _waiting(files: Iterable[Held], left: Iterable[Wanted], timed: Mapping[str, Trace]) -> frozenset[str]:
    """Their files are here and not read yet, as another Midsole has them in hand."""
    unread = {file.name for file in files if file.state == "new"}
    return frozenset(line.id for line in left if line.id not in timed and line.file in unread)


# telling


def _tell(
    tx: Tx, runner: Runner, origin: str, lines: Mapping[str, Line], found: _Found, box: Box
) -> set[str]:
    """Write down the lines and where they are; returns those that tell something new."""
    before = exports.homes(tx, runner.id, origin)
    news = set(remote.tell(tx, runner.id, [_row(x, origin, n in found.files) for n, x in lines.items()]))
    met = {n: file for n, file in found.files.items() if n not in before or before[n].original_id != file}
    for external_id, raw_file_id in met.items():
        remote.note_original(tx, runner.id, external_id, raw_file_id)
    join(tx, runner, met.values(), box.now())
    return news | met.keys()


def _row(line: Line, origin: str, has_file: bool) -> dict[str, Any]:
    """An account counts in its own way: its distance of a run that has a file is no correction of it."""
    told = replace(line.told, distance_m=None, timer_s=None) if has_file else line.told
    return {
        "external_id": line.external_id,
        "origin": origin,
        "listed": line.listed,
        "digest": digest_of(line.listed),
        "started_at": line.started_at,
        "told": as_json(told),
        "has_file": False,
    }


# adding


def _homeless(tx: Tx, runner: Runner, origin: str, lines: Mapping[str, Line], found: _Found) -> list[str]:
    homes = exports.homes(tx, runner.id, origin)
    settled = found.files.keys() | found.elsewhere | found.waiting
    return [n for n, line in lines.items() if n not in settled and _says_enough(line) and _is_new(homes[n])]


def _says_enough(line: Line) -> bool:
    return line.started_at is not None and (line.distance_m > 0 or line.timer_s > 0)


def _is_new(home: Home) -> bool:
    return home.listed_file_id is None or home.listed_is_bad


def _add(box: Box, runner_id: int, origin: str, lines: Sequence[Line]) -> None:
    """What the list tells of an activity becomes a raw file, as with an account that has no original."""
    documents = {line.external_id: line.listed for line in lines}

    def fetch(file: File) -> BinaryIO:
        return BytesIO(documents[_id_of(file.path)].encode())

    def remember(tx: Tx, came: Sequence[tuple[int, str]]) -> None:
        for raw_file_id, found_at in came:
            remote.note_listed_file(tx, runner_id, _id_of(found_at), raw_file_id)

    def silence(tx: Tx, so_far: int) -> bool:
        return expect_silence(tx, box, runner_id, max(so_far, len(lines)), by_hand=True)

    files = [File(f"{origin}/{n}/{n.rpartition(':')[2]}.json", 0, 0) for n in documents]
    take_in(Taking(box, runner_id, None, silence, remember=remember), files, fetch, Taken())
    if files:
        ingest_due(box)


def _id_of(path: str) -> str:
    return path.split("/")[1]


# telling of it


def _heard(
    account: Account,
    lines: Mapping[str, Line],
    found: _Found,
    homes: Mapping[str, Home],
    news: int,
    pairs: Settled,
) -> Heard:
    matched = found.files.keys() | found.elsewhere
    return Heard(
        account=NAMES[account.origin],
        lines=len(account.lines),
        matched=len(matched),
        by_start=len(found.by_start),
        added=sum(n not in matched and homes[n].listed_file_id is not None for n in lines),
        waiting=len(found.waiting),
        told_by_account=len(account.lines) - len(lines),
        not_on_feet=sum(line.sport not in (*ON_FEET, UNKNOWN) for line in account.lines.values()),
        news=news,
        pairs=pairs,
        refused=tuple(account.refused),
    )
