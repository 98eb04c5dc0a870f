"""Bringing an export back: everything verified first, then all of it in one transaction or nothing."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, NoReturn, cast

from midsole.actions.box import Box
from midsole.actions.export import FORMAT, ORIGINALS, TABLES
from midsole.decode.inflate import Reader
from midsole.decode.unpack import label_of
from midsole.decode.zips import is_zip, zip_members
from midsole.domain.connection import FOLDER
from midsole.domain.errors import BadInput, MidsoleError, UsageError
from midsole.store import everything, incoming, runners, sources
from midsole.store.base import Tx
from midsole.store.everything import Tables
from midsole.store.runners import Runner

IS_EXPORT = re.compile(rb'\s*\{\s*"midsole"\s*:\s*"export"')
HEAD_BYTES, PIECE_BYTES = 4096, 2**20
LARGEST_TABLES_BYTES = 512 * 2**20
MOST_VALUES = 20_000_000
"""Ten years of two runs a day with all that an account tells are some 4 million values in 150 MB."""
LARGEST_ORIGINAL_BYTES = 4 * 2**30
SMALL_BYTES, MOST_AT_ONCE, MOST_BYTES_AT_ONCE = 2**20, 200, 32 * 2**20
NAMED = {
    "activity": ("activity", "activities"),
    "shoe": ("pair", "pairs"),
    "shoe_insert": ("insert", "inserts"),
    "raw_file": ("file", "files"),
    "check_in": ("check-in", "check-ins"),
}
"""What people know of the tables that a runner may have rows in."""
VOLATILE = frozenset(
    {
        *("connection", "seen_file", "alert", "delivery", "delivery_alert", "weekly", "change_set", "change"),
        *("episode", "comeback_plan", "run_walk", "question"),
    }
)
"""What goes on by itself: who brings an export back twice has all of it already all the same."""
VOLATILE_COLUMNS = {
    "runner": {"name", "email_refused"},
    "gear": {"told_at", "read_at"},
    "raw_file": {"connection_id", "attempts", "next_at"},
    "remote_activity": {"attempts", "next_at", "error"},
}


@dataclass(slots=True)
class BroughtBack:
    """How many rows came in by table, how many originals; none: the runner has all of it already."""

    rows: dict[str, int] = field(default_factory=dict)
    originals: int = 0
    missing: list[str] = field(default_factory=list)
    runner: str = ""


@dataclass(frozen=True, slots=True)
class _Export:
    """The tables as rows of this version, and which originals the old home had lost."""

    tables: Tables
    missing: tuple[str, ...]


def is_export(place: Path) -> bool:
    """Whether this is what `midsole export` wrote, be it damaged; a zip that can't be opened is none."""
    try:
        if place.is_dir():
            with (place / TABLES).open("rb") as file:
                return IS_EXPORT.match(file.read(HEAD_BYTES)) is not None
        with place.open("rb") as stream:
            if not is_zip(stream.read(HEAD_BYTES)):
                return False
            stream.seek(0)
            told = next((m.content for m in zip_members(stream) if m.name == TABLES), None)
            return told is not None and _begins_well(told)
    except (OSError, BadInput):
        return False


def _begins_well(told: Reader | BadInput) -> bool:
    try:
        return isinstance(told, BadInput) or IS_EXPORT.match(told.read(HEAD_BYTES)) is not None
    except BadInput:
        return True


def bring_back(box: Box, runner_id: int, place: Path) -> BroughtBack:
    """Put the export into a runner who has nothing yet; raises before anything is changed."""
    with _told_of(place):
        export = _read(box, place)
        with box.store.read() as tx:
            if _is_refused(tx, box, runner_id, export.tables):
                return BroughtBack(runner=runners.get(tx, runner_id).name)
        fresh = _keep_originals(box, place, export)
        try:
            return _put(box, runner_id, export)
        except BaseException:
            _remove(box, fresh)
            raise


@contextmanager
def _told_of(place: Path) -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        said = str(error).rstrip(".")
        raise MidsoleError(f"{place} is no whole export of Midsole: {said}. Nothing was changed.") from error


# ---- the tables


def _read(box: Box, place: Path) -> _Export:
    told = _tables_file(place)
    _refuse_newer(box, told)
    tables, missing = told.get("tables"), told.get("missing_originals", [])
    if not isinstance(tables, dict) or not isinstance(missing, list):
        raise BadInput(f"{TABLES} holds no tables")
    known = {table.name: table for table in everything.tables()}
    if unknown := tables.keys() - known.keys():
        raise BadInput(f"it has a table {sorted(unknown)[0]!r} that this version does not know")
    if not all(isinstance(rows, list) for rows in tables.values()):
        raise BadInput(f"a table in {TABLES} is no list")
    read = {name: [incoming.from_json(known[name], row) for row in rows] for name, rows in tables.items()}
    return _Export(read, tuple(s for s in missing if isinstance(s, str)))


def _refuse_newer(box: Box, told: Mapping[str, Any]) -> None:
    revision, own = told.get("schema_revision"), box.store.revision() or ""
    if not isinstance(revision, str) or not re.fullmatch(r"\d{4}", revision):
        raise BadInput("it does not say of which version it is")
    if told.get("format") != FORMAT or revision > own:
        raise MidsoleError(
            f"The export is of a newer Midsole (revision {revision}; this one knows {own}). "
            "Install that version, and import it then."
        )


def _tables_file(place: Path) -> dict[str, Any]:
    for name, content in _members(place):
        if name == TABLES:
            raw = _collected(content)
            try:
                told = json.loads(raw, parse_constant=_no_number)
            except (ValueError, RecursionError) as error:
                raise BadInput(f"{TABLES} can't be read ({str(error)[:100]})") from error
            if not isinstance(told, dict):
                raise BadInput(f"{TABLES} holds no tables")
            return told
    raise BadInput(f"{TABLES} is missing")


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _collected(content: Reader) -> bytearray:
    """What is small as a file may be large in memory: the values are counted, too."""
    raw, values = bytearray(), 0
    while piece := content.read(PIECE_BYTES):
        raw += piece
        values += piece.count(b",") + piece.count(b"[") + piece.count(b"{")
        if len(raw) > LARGEST_TABLES_BYTES or values > MOST_VALUES:
            raise BadInput(f"{TABLES} is larger than any runner's life")
    return raw


# ---- the files


def _members(place: Path) -> Iterator[tuple[str, Reader]]:
    """The names and contents of the zip or the folder; links lead nowhere."""
    if place.is_dir():
        for path in [place / TABLES, *sorted((place / ORIGINALS).glob("*"))]:
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    yield path.relative_to(place).as_posix(), file
        return
    with place.open("rb") as stream:
        for member in zip_members(stream):
            if isinstance(member.content, BadInput):
                raise BadInput(f"{label_of(member.name)}: {member.content}")
            yield member.name, member.content


def _keep_originals(box: Box, place: Path, export: _Export) -> list[str]:
    """Keep all that the tables name, each under its SHA-256; returns those that were not here before."""
    wanted = {row["sha256"] for row in export.tables.get("raw_file", ())}
    fresh = [named for named in wanted if not box.originals.path(named).exists()]
    try:
        found = _keep_all(box, place, wanted)
        if lost := sorted(wanted - found - set(export.missing)):
            raise BadInput(f"{len(lost)} of its {len(wanted)} originals are missing ({lost[0][:12]})")
    except BaseException:
        _remove(box, fresh)
        raise
    return fresh


def _keep_all(box: Box, place: Path, wanted: Collection[str]) -> set[str]:
    """Small ones many at a time, as that is faster; large ones without holding them in memory."""
    found, small = set[str](), dict[str, bytes]()
    for name, content in _members(place):
        folder, _, named = name.partition("/")
        if folder != ORIGINALS or named not in wanted or named in found:
            continue
        found.add(named)
        with SpooledTemporaryFile(SMALL_BYTES) as whole:
            if _copied(content, whole) != named:
                raise BadInput(f"the original {named[:12]} is damaged")
            if whole.tell() <= SMALL_BYTES:
                whole.seek(0)
                small[named] = whole.read()
            else:
                box.originals.keep_stream(cast(BinaryIO, whole))
        if len(small) >= MOST_AT_ONCE or sum(map(len, small.values())) >= MOST_BYTES_AT_ONCE:
            box.originals.keep_all(small)
            small.clear()
    box.originals.keep_all(small)
    return found


def _copied(content: Reader, to: IO[bytes]) -> str:
    digest, size_bytes = sha256(), 0
    while piece := content.read(PIECE_BYTES):
        digest.update(piece)
        size_bytes += to.write(piece)
        if size_bytes > LARGEST_ORIGINAL_BYTES:
            raise BadInput("an original is larger than 4 GB")
    return digest.hexdigest()


def _remove(box: Box, fresh: Sequence[str]) -> None:
    """Nothing is left of what could not come in, but for what somebody took in meanwhile."""
    with box.store.write() as tx:
        for sha in everything.unowned(tx, fresh):
            box.originals.remove(sha)


# ---- into the runner


def _is_refused(tx: Tx, box: Box, runner_id: int, told: Tables) -> bool:
    """True: the runner has all of it; UsageError: something else; False: the runner has nothing yet."""
    held = everything.held(tx, runner_id)
    if not held:
        return False
    if _plain(_own(tx, box, runner_id)) == _plain(told):
        return True
    has = ", ".join(_words(name, held[name]) for name in NAMED if name in held) or "something"
    raise UsageError(
        f"{runners.get(tx, runner_id).name} has {has} already; an export goes into a runner who has nothing. "
        "Make one: midsole runners add NAME, then midsole import PATH --runner NAME."
    )


def _words(table: str, count: int) -> str:
    """ "1 pair", "12 activities"."""
    one, many = NAMED[table]
    return f"{count:,} {one if count == 1 else many}"


def _own(tx: Tx, box: Box, runner_id: int) -> Tables:
    numbers = everything.numbers_from_one(tx, runner_id)
    return {
        table.name: [
            incoming.from_json(table, row)
            for row in everything.rows(tx, table, runner_id, numbers, str(box.inbox))
        ]
        for table in everything.tables()
        if table.name not in VOLATILE
    }


def _plain(tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """What makes two exports the same content."""
    return {
        name: [_without(row, VOLATILE_COLUMNS.get(name, ())) for row in rows]
        for name, rows in tables.items()
        if name not in VOLATILE and rows
    }


def _without(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _put(box: Box, runner_id: int, export: _Export) -> BroughtBack:
    """What came in is history: the next judgement records what it finds as seen."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        if everything.held(tx, runner_id):
            raise UsageError(
                f"Something else came in for {runner.name} in the meantime. Nothing was changed."
            )
        everything.put(tx, runner_id, export.tables, _inbox(tx, box, runner))
        runners.start_catching_up(tx, runner_id, "silent")
        name = runners.get(tx, runner_id).name
    rows = {name: len(rows) for name, rows in export.tables.items()}
    return BroughtBack(rows, rows.get("raw_file", 0) - len(export.missing), list(export.missing), name)


def _inbox(tx: Tx, box: Box, runner: Runner) -> str | None:
    """The box's inbox, unless it is another runner's."""
    place = str(box.inbox)
    others = [c for c in sources.connections(tx) if c.runner_id != runner.id]
    return None if any(c.kind == FOLDER and c.place == place for c in others) else place
