"""What an account tells of activities: its lines, their files, and which of our activities they are.

Beside an account that is asked, also what the list of an export told once: each has its `origin`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from itertools import batched, islice
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Row,
    Select,
    case,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)

from midsole.domain.activity import ON_FEET, RUNNING, Told, is_edited
from midsole.domain.connection import FOLDER, FORMER_FOLDER, GARMIN
from midsole.store import tables as t
from midsole.store.base import MOST_NAMED, Tx, insert_or

GARMIN_EXPORT, STRAVA = "export", "strava"
"""What came with an export: of a Garmin account, and of a Strava account. GARMIN: what is asked of Garmin."""
TRUST = (GARMIN, GARMIN_EXPORT, STRAVA)
"""Whose word is newer, and so comes first where several tell of one activity."""
MOST_READ = 30
"""How many activities one look asks about again."""
TOLD = tuple(f.name for f in fields(Told) if f.name != "gone")
DISTANCE = "distance_m"
"""A correction is compared with the file of the same account, and with no other's."""
_A, _R = t.remote_activity.c, t.recording.c
_LINE = (_A.external_id, _A.origin, _A.owner, _A.listed, _A.digest, _A.started_at, _A.told, _A.has_file)
_OLDEST_FIRST = (_A.started_at.is_(None), _A.started_at, _A.external_id)
_NEWEST_FIRST = (_A.started_at.is_(None), _A.started_at.desc(), _A.external_id.desc())
_ASKED = _A.origin == GARMIN
"""Only what the account itself listed is ever asked of it; what an export told is not its business."""
_WANTS_ORIGINAL = _ASKED & _A.has_file & _A.original_id.is_(None) & _A.gone_at.is_(None)


# what the account told


def known(tx: Tx, runner_id: int) -> dict[str, tuple[str, datetime | None]]:
    """External id -> digest of its line and when it began, of the account's that are not gone."""
    query = select(_A.external_id, _A.digest, _A.started_at).where(_A.runner_id == runner_id, _ASKED)
    rows = tx.execute(query.where(_A.gone_at.is_(None)))
    return {row.external_id: (row.digest, row.started_at) for row in rows}


def owners(tx: Tx, runner_id: int) -> dict[str, str]:
    """External id -> whose it is at the account, of those of which that was told."""
    mine = (_A.runner_id == runner_id) & _ASKED
    query = select(_A.external_id, _A.owner).where(mine, _A.owner.is_not(None))
    return {row.external_id: row.owner for row in tx.execute(query)}


def listed(tx: Tx, runner_id: int, ids: Iterable[str]) -> dict[str, str]:
    """External id -> its line of the list, as it came."""
    rows = tx.execute(select(_A.external_id, _A.listed).where(_these(runner_id, ids)))
    return {row.external_id: row.listed for row in rows}


def started(tx: Tx, runner_id: int) -> dict[str, tuple[datetime | None, bool]]:
    """External id -> when it began, and whether its original is here."""
    query = select(_A.external_id, _A.started_at, _A.original_id).where(_A.runner_id == runner_id)
    return {row.external_id: (row.started_at, row.original_id is not None) for row in tx.execute(query)}


def origins(tx: Tx, runner_id: int) -> dict[str, str]:
    """External id -> who told of it."""
    rows = tx.execute(select(_A.external_id, _A.origin).where(_A.runner_id == runner_id))
    return {row.external_id: row.origin for row in rows}


def details(tx: Tx, runner_id: int, ids: Iterable[str]) -> dict[str, str]:
    """External id -> all about it, as it came, of those about which all was read."""
    rows = tx.execute(select(_A.external_id, _A.detail).where(_these(runner_id, ids), _A.detail.is_not(None)))
    return {row.external_id: row.detail for row in rows}


def tell(tx: Tx, runner_id: int, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Keep the account's newest word; returns the ids that are new, changed, or back again.

    A row has external_id, listed, digest, started_at, told and has_file; the owner where the line says it,
    and the origin where it is no account that is asked. An account takes over what an export told before.
    Files, details and gear read before stay: so `told` must be made of the line and of the kept `details`.
    """
    at_hand = {row["external_id"]: {"owner": None, "origin": GARMIN, **row} for row in rows}
    before = {
        id_: row for some in batched(at_hand, MOST_NAMED) for id_, row in _before(tx, runner_id, some).items()
    }
    news = [id_ for id_, row in sorted(at_hand.items()) if before.get(id_) != row]
    if news:
        newest = insert_or(tx, t.remote_activity)
        as_told = {c.name: newest.excluded[c.name] for c in _LINE} | {"gone_at": None}
        upsert = newest.on_conflict_do_update(index_elements=["runner_id", "external_id"], set_=as_told)
        tx.execute(upsert, [{"runner_id": runner_id, **at_hand[id_]} for id_ in news])
    return news


def _before(tx: Tx, runner_id: int, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What was told so far of those that are not gone, as `tell` takes it."""
    rows = tx.execute(select(*_LINE).where(_these(runner_id, ids), _A.gone_at.is_(None)))
    return {row.external_id: dict(row._mapping) for row in rows}


def tell_detail(
    tx: Tx, runner_id: int, external_id: str, detail: str, told: Mapping[str, Any], now: datetime
) -> None:
    """Keep all about it, and `told` made of its line and this."""
    _set(tx, runner_id, external_id, detail=detail, detail_at=now, told=dict(told))


def gone(tx: Tx, runner_id: int, external_id: str, now: datetime) -> bool:
    """The account knows it no more; False where that is no news."""
    here = _these(runner_id, [external_id]) & _A.gone_at.is_(None)
    return tx.execute(update(t.remote_activity).where(here).values(gone_at=now)).rowcount == 1


def _these(runner_id: int, ids: Iterable[str]) -> Any:
    return (_A.runner_id == runner_id) & _A.external_id.in_(list(ids))


def _set(tx: Tx, runner_id: int, external_id: str, **values: Any) -> None:
    tx.execute(update(t.remote_activity).where(_these(runner_id, [external_id])).values(**values))


# its files


def wanted_originals(tx: Tx, runner_id: int, now: datetime) -> list[str]:
    """Whose original is still to be had and may be asked for now, newest first."""
    due = or_(_A.next_at.is_(None), _A.next_at <= now)
    query = select(_A.external_id).where(_A.runner_id == runner_id, _WANTS_ORIGINAL, due)
    return list(tx.scalars(query.order_by(*_NEWEST_FIRST)))


def note_original(tx: Tx, runner_id: int, external_id: str, raw_file_id: int) -> None:
    settled = {"attempts": 0, "next_at": None, "error": None}
    _set(tx, runner_id, external_id, original_id=raw_file_id, **settled)


def no_original(tx: Tx, runner_id: int, external_id: str) -> None:
    """The account has no file of it, and never will."""
    _set(tx, runner_id, external_id, has_file=False, attempts=0, next_at=None, error=None)


def note_listed_file(tx: Tx, runner_id: int, external_id: str, raw_file_id: int) -> None:
    """Its line of the list became a raw file of its own."""
    _set(tx, runner_id, external_id, listed_file_id=raw_file_id)


def fail(tx: Tx, runner_id: int, external_id: str, why: str, next_at: datetime | None) -> None:
    """Its original could not be had this time."""
    _set(tx, runner_id, external_id, attempts=_A.attempts + 1, error=why, next_at=next_at)


def attempts(tx: Tx, runner_id: int, external_id: str) -> int:
    """How often its original could not be had."""
    return tx.scalar(select(_A.attempts).where(_these(runner_id, [external_id]))) or 0


def without_recording(tx: Tx, runner_id: int, *, also_waiting: bool) -> list[tuple[str, str]]:
    """External id and line of those whose line must be their raw file, in order of start.

    Their original is not to be had, or is no single leg. `also_waiting`: it was not asked for yet, too.
    A line that could not be read is taken in anew when it has changed."""
    late = true() if also_waiting else or_(~_A.has_file, _A.attempts > 0)
    f = t.raw_file.c
    outdated = select(f.id).where(f.id == _A.listed_file_id, f.state == "bad", f.sha256 != _A.digest).exists()
    settled = select(f.id).where(f.id == _A.original_id, f.state != "new").exists()
    query = select(_A.external_id, _A.listed).where(
        _A.runner_id == runner_id,
        _ASKED,
        or_(_A.listed_file_id.is_(None), outdated),
        _A.gone_at.is_(None),
        or_(_A.original_id.is_(None) & late, settled & (_legs() != 1)),
    )
    return [(row.external_id, row.listed) for row in tx.execute(query.order_by(*_OLDEST_FIRST))]


def _legs() -> Any:
    """How many recordings the original holds."""
    part = t.recording.alias("part")
    counted = select(func.count()).where(part.c.raw_file_id == _A.original_id)
    return counted.correlate(t.remote_activity).scalar_subquery()


# which of our activities it is


def activities_of(tx: Tx, runner_id: int, external_ids: Iterable[str] | None = None) -> dict[str, int]:
    """External id -> activity: where its line went, else where an original of one leg went.

    None: of all that the account lists."""
    if external_ids is None:
        parts = [(_A.runner_id == runner_id) & _ASKED]
    else:
        parts = [_these(runner_id, some) for some in batched(external_ids, MOST_NAMED)]
    return {row.external_id: row.activity_id for part in parts for row in tx.execute(_homes(part))}


def externals_of(tx: Tx, runner_id: int, activity_ids: Iterable[int]) -> dict[int, list[str]]:
    """Activity -> the external ids that are in it."""
    if _nothing_told(tx):
        return {}
    found: dict[int, list[str]] = defaultdict(list)
    where = (_R.runner_id == runner_id) & _R.activity_id.in_(list(activity_ids))
    for row in sorted(tx.execute(_homes(where)), key=_in_order):
        found[row.activity_id].append(row.external_id)
    return dict(found)


def _homes(where: Any) -> CompoundSelect[Any]:
    told = (_A.external_id, _A.origin, _A.told, _A.gone_at)
    columns = (*told, _A.listed_file_id, _A.original_id, _R.activity_id)
    line = t.recording.alias("line")
    has_line = select(line.c.id).where(line.c.raw_file_id == _A.listed_file_id)
    has_line = has_line.correlate(t.remote_activity)

    def by(file_id: Any) -> Select[Any]:
        return select(*columns).join_from(t.remote_activity, t.recording, _R.raw_file_id == file_id)

    of_original = by(_A.original_id).where(where, _legs() == 1, ~has_line.exists())
    return union_all(by(_A.listed_file_id).where(where, _R.leg == 0), of_original)


def _in_order(row: Row[Any]) -> tuple[bool, int, int, str]:
    """What is not gone first, then by trust, then the lowest id; ids are numbers as text."""
    return row.gone_at is not None, TRUST.index(row.origin), len(row.external_id), row.external_id


def told_of(tx: Tx, activity_ids: Iterable[int]) -> dict[int, Told]:
    """What the account tells of each activity that it knows; for laying.

    `distance_m` is None where it was not corrected there: another device's recording that leads an activity
    may well differ. Gone is an activity of which nothing came by another road."""
    if _nothing_told(tx):
        return {}
    remotes: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in sorted(tx.execute(_homes(_R.activity_id.in_(list(activity_ids)))), key=_in_order):
        remotes[row.activity_id].append(row)
    parts: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in _parts(tx, remotes):
        parts[row.activity_id].append(row)
    return {activity_id: _told(remotes[activity_id], parts[activity_id]) for activity_id in remotes}


def _nothing_told(tx: Tx) -> bool:
    """No account or list ever told of an activity here: most homes are spared the long queries."""
    return tx.scalar(select(literal(1)).select_from(t.remote_activity).limit(1)) is None


def _parts(tx: Tx, activity_ids: Iterable[int]) -> Iterable[Row[Any]]:
    """Their recordings: the file each came in, its distance, and by which kind of connection it came."""
    query = (
        select(_R.activity_id, _R.raw_file_id, _R.distance_m, t.connection.c.kind)
        .join_from(t.recording, t.raw_file)
        .join(t.connection, t.connection.c.id == t.raw_file.c.connection_id, isouter=True)
    )
    ids = list(activity_ids)
    return tx.execute(query.where(_R.activity_id.in_(ids))) if ids else ()


def _told(remotes: Sequence[Row[Any]], parts: Sequence[Row[Any]]) -> Told:
    said = remotes[0]
    told = Told(**_said(remotes), gone=_is_gone(remotes, parts))
    own_m = {part.raw_file_id: part.distance_m for part in parts}
    recorded_m = own_m.get(said.original_id, own_m.get(said.listed_file_id, 0.0))
    return told if is_edited(told.distance_m, recorded_m) else replace(told, distance_m=None)


def _said(remotes: Sequence[Row[Any]]) -> dict[str, Any]:
    """What the first one tells; what it is silent about is told by those of another origin."""
    of_origin = {row.origin: row.told for row in reversed(remotes)}
    others = {name: value for told in of_origin.values() for name, value in told.items() if name != DISTANCE}
    return {name: remotes[0].told.get(name, others.get(name)) for name in TOLD}


def _is_gone(remotes: Sequence[Row[Any]], parts: Sequence[Row[Any]]) -> bool:
    """Every word of it is gone, and none of its files lay in a folder of the runner's."""
    of_account = {file for row in remotes for file in (row.listed_file_id, row.original_id)}
    folders = (FOLDER, FORMER_FOLDER)
    elsewhere = any(part.raw_file_id not in of_account or part.kind in folders for part in parts)
    return all(row.gone_at is not None for row in remotes) and not elsewhere


def apart(tx: Tx, runner_id: int, raw_file_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Keys of line and original of one remote activity that became two of ours.

    Without those of which the runner's word, or ours, was said already."""
    if _nothing_told(tx):
        return []
    files, c = list(raw_file_ids), t.link.c
    line, part = t.recording.alias("line"), t.recording.alias("part_of_original")
    pair = or_(
        (c.one == line.c.key) & (c.other == part.c.key), (c.other == line.c.key) & (c.one == part.c.key)
    )
    said = select(c.one).where(c.runner_id == _A.runner_id, pair).exists()
    query = (
        select(line.c.key, part.c.key)
        .join_from(t.remote_activity, line, line.c.raw_file_id == _A.listed_file_id)
        .join(part, part.c.raw_file_id == _A.original_id)
        .where(_A.runner_id == runner_id, or_(_A.listed_file_id.in_(files), _A.original_id.in_(files)))
        .where(line.c.leg == 0, _legs() == 1, line.c.activity_id != part.c.activity_id, ~said)
        .order_by(_A.external_id)
    )
    return [(row[0], row[1]) for row in tx.execute(query)]


# what is to be read


def detail_wanted(
    tx: Tx, runner_id: int, since: datetime, *, again_since: datetime, before: datetime
) -> list[str]:
    """Runs since then about which all was never read; the newer ones, since `again_since`, again where that
    was before `before` and told no RPE."""
    again = (_A.detail_at < before) & (_A.started_at >= again_since)
    rows = _standing_since(tx, runner_id, since, or_(_A.detail_at.is_(None), again))
    due = (
        row.external_id
        for row in rows
        if row.told.get("sport") == RUNNING and (row.detail_at is None or row.told.get("rpe") is None)
    )
    return _first(due)


def gear_unknown(tx: Tx, runner_id: int, since: datetime) -> list[str]:
    """What was done on feet since then and whose pairs were never read, newest first."""
    rows = _standing_since(tx, runner_id, since, _A.gear_at.is_(None))
    return _first(row.external_id for row in rows if row.told.get("sport") in ON_FEET)


def _standing_since(tx: Tx, runner_id: int, since: datetime, where: Any) -> Iterable[Row[Any]]:
    query = select(_A.external_id, _A.told, _A.detail_at).where(
        _A.runner_id == runner_id, _ASKED, _A.gone_at.is_(None), _A.started_at >= since, where
    )
    return tx.execute(query.order_by(*_NEWEST_FIRST))


def _first(ids: Iterator[str]) -> list[str]:
    return list(islice(ids, MOST_READ))


def note_gear_read(tx: Tx, runner_id: int, external_ids: Iterable[str] | None, now: datetime) -> None:
    """The pairs of these are known; None: of all that the account lists."""
    these = (_A.runner_id == runner_id) & _ASKED if external_ids is None else _these(runner_id, external_ids)
    tx.execute(update(t.remote_activity).where(these).values(gear_at=now))


def counts(tx: Tx, runner_id: int) -> dict[str, int]:
    """How many are listed, have their original, wait for it, and could not have it so far."""
    sums = {
        "listed": true(),
        "with_original": _A.original_id.is_not(None),
        "waiting": _WANTS_ORIGINAL & (_A.attempts == 0),
        "failed": _WANTS_ORIGINAL & (_A.attempts > 0),
    }
    columns = [
        func.coalesce(func.sum(case((holds, 1), else_=0)), 0).label(name) for name, holds in sums.items()
    ]
    standing = (_A.runner_id == runner_id) & _ASKED & _A.gone_at.is_(None)
    row = tx.execute(select(*columns).where(standing)).one()
    return {name: int(count) for name, count in row._mapping.items()}
