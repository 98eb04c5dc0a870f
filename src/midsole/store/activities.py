"""Recordings and the activities they belong to, with the runner's edits laid over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Column, RowMapping, Select, delete, func, insert, select, update

from midsole.domain import identity
from midsole.domain.activity import Activity, Edit, Recording
from midsole.domain.plausible import counted_m, doubts
from midsole.store import tables as t
from midsole.store.base import Tx, insert_id
from midsole.store.runners import Runner, lock
from midsole.store.sources import RawFile

RECORDED = tuple(f.name for f in fields(Recording))
SAYING = ("default", "guess", "rule", "source", "runner")
"""Who may say which shoe it was, by how much it weighs."""


def add_recording(tx: Tx, runner: Runner, file: RawFile, recording: Recording) -> int:
    """Keep one decoded leg and return the activity it belongs to, new or known.

    Two workers with two files of one run wait for each other at the runner's row."""
    runner = lock(tx, runner.id)
    if (known := _activity_of_leg(tx, file.id, recording.leg)) is not None:
        return known
    trace = identity.Trace(
        0,
        file.sha256,
        recording.leg,
        None,
        recording.sport,
        recording.started_at,
        recording.timer_s,
        recording.distance_m,
        recording.distance_from,
        recording.recovered,
    )
    ids = sorted(
        {cast(int, c.activity_id) for c in _near(tx, runner.id, trace) if identity.matches(trace, c)}
    )
    activity_id = ids[0] if ids else _new_activity(tx, runner, file, recording)
    for other in ids[1:]:
        _merge(tx, activity_id, other)
    values = {name: getattr(recording, name) for name in RECORDED}
    values["fastest_s"] = {str(k): v for k, v in recording.fastest_s.items()}
    values["speed_s"] = _packed(recording.speed_s)
    row = {
        "runner_id": runner.id,
        "raw_file_id": file.id,
        "activity_id": activity_id,
        "key": _key(file, recording),
    }
    tx.execute(insert(t.recording).values(**row, **values))
    lay(tx, runner, activity_id)
    return activity_id


def _activity_of_leg(tx: Tx, raw_file_id: int, leg: int) -> int | None:
    """Where it was kept already, by a worker whose lease had run out."""
    c = t.recording.c
    return tx.scalar(select(c.activity_id).where(c.raw_file_id == raw_file_id, c.leg == leg))


def _key(file: RawFile, recording: Recording) -> str:
    return f"{file.sha256[:16]}:{recording.leg}"


def _near(tx: Tx, runner_id: int, trace: identity.Trace) -> list[identity.Trace]:
    around = (trace.started_at - identity.NEAR_START, trace.started_at + identity.NEAR_START)
    c = t.recording.c
    return _traces(tx, (c.runner_id == runner_id) & c.started_at.between(*around))


def _traces(tx: Tx, where: Any) -> list[identity.Trace]:
    c = t.recording.c
    columns = (
        c.id,
        t.raw_file.c.sha256,
        c.leg,
        c.activity_id,
        c.sport,
        c.started_at,
        c.timer_s,
        c.distance_m,
    )
    rows = tx.execute(select(*columns, c.distance_from, c.recovered).join(t.raw_file).where(where))
    return [identity.Trace(*tuple[Any, ...](row)) for row in rows]


def _new_activity(tx: Tx, runner: Runner, file: RawFile, recording: Recording) -> int:
    """A place for the recording; `lay` fills in what counts."""
    blank = {"counted_m": 0.0, "excluded": False, "confirmed": False, "flags": [], "distance_from": "none"}
    row = {
        "runner_id": runner.id,
        "key": _key(file, recording),
        "local_date": recording.started_at.date(),
        "started_at": recording.started_at,
        "sport": recording.sport,
        "surface": recording.surface,
        "distance_m": 0.0,
        "is_race": False,
    }
    return insert_id(tx, t.activity, row | blank)


def _merge(tx: Tx, keep: int, other: int) -> None:
    """The oldest id lives on; edits move where it has none, wearings where it has none that weigh as much."""
    tx.execute(update(t.recording).where(t.recording.c.activity_id == other).values(activity_id=keep))
    has = set(tx.scalars(select(t.edit.c.field).where(t.edit.c.activity_id == keep)))
    theirs = (t.edit.c.activity_id == other) & t.edit.c.field.not_in(has)
    tx.execute(update(t.edit).where(theirs).values(activity_id=keep))
    if _weight(tx, other) > _weight(tx, keep):
        tx.execute(delete(t.wearing).where(t.wearing.c.activity_id == keep))
        tx.execute(update(t.wearing).where(t.wearing.c.activity_id == other).values(activity_id=keep))
    tx.execute(delete(t.activity).where(t.activity.c.id == other))


def _weight(tx: Tx, activity_id: int) -> int:
    """What the runner said weighs most; -1 where nobody said which shoe it was."""
    said = tx.scalar(select(t.wearing.c.set_by).where(t.wearing.c.activity_id == activity_id).limit(1))
    return -1 if said is None else SAYING.index(said)


def lay(tx: Tx, runner: Runner, activity_id: int) -> None:
    """Work out anew what counts: the leading recording, then the runner's edits over it."""
    leader_id = identity.leader(_traces(tx, t.recording.c.activity_id == activity_id)).id
    row = tx.execute(select(t.recording).where(t.recording.c.id == leader_id)).one()._mapping
    recording, edit = _recording(row), edits(tx, activity_id)
    flags = doubts(recording, _received_at(tx, cast(int, row["raw_file_id"])))
    values: dict[str, Any] = {
        "leader_id": leader_id,
        "local_date": local_date(runner, recording),
        "started_at": recording.started_at,
        "sport": edit.sport or recording.sport,
        "surface": edit.surface or recording.surface,
        "distance_m": recording.distance_m if edit.distance_m is None else edit.distance_m,
        "counted_m": counted_m(recording, edit, flags),
        "distance_from": recording.distance_from if edit.distance_m is None else "edit",
        "steps": recording.steps,
        "is_race": recording.is_race if edit.is_race is None else edit.is_race,
        "title": edit.title or recording.title,
        "excluded": bool(edit.excluded),
        "confirmed": bool(edit.confirmed),
        "flags": list(flags),
    }
    tx.execute(update(t.activity).where(t.activity.c.id == activity_id).values(**values))


def _received_at(tx: Tx, raw_file_id: int) -> datetime:
    query = select(t.raw_file.c.received_at).where(t.raw_file.c.id == raw_file_id)
    return cast(datetime, tx.scalar(query))


def local_date(runner: Runner, recording: Recording) -> date:
    """By the file's own offset, else by the zone the runner had on that day."""
    started = recording.started_at
    if recording.utc_offset_s is not None:
        return (started + timedelta(seconds=recording.utc_offset_s)).date()
    return started.astimezone(ZoneInfo(runner.zone_on(started.date()))).date()


def _recording(row: RowMapping) -> Recording:
    values = {name: row[name] for name in RECORDED}
    values["fastest_s"] = _numbered(row["fastest_s"])
    values["speed_s"] = _unpacked(row["speed_s"])
    return Recording(**values)


def _packed(speed_s: Mapping[int, float]) -> list[float]:
    """The first bin's number, then the seconds of every bin from there on: half the size of a mapping."""
    if not speed_s:
        return []
    first, last = min(speed_s), max(speed_s)
    return [first, *(round(speed_s.get(n, 0.0), 1) for n in range(first, last + 1))]


def _unpacked(packed: list[float]) -> dict[int, float]:
    return dict(enumerate(packed[1:], int(packed[0]))) if packed else {}


def _numbered(found: dict[str, float]) -> dict[int, float]:
    return {int(k): v for k, v in found.items()}


def edits(tx: Tx, activity_id: int) -> Edit:
    rows = tx.execute(select(t.edit.c.field, t.edit.c.value).where(t.edit.c.activity_id == activity_id))
    return Edit(**{row.field: row.value for row in rows})


def say(tx: Tx, runner: Runner, activity_id: int, now: datetime, **said: Any) -> None:
    """Lay what the runner said over the activity; what was said before of the same field is replaced."""
    for field, value in said.items():
        tx.execute(delete(t.edit).where(t.edit.c.activity_id == activity_id, t.edit.c.field == field))
        row = {
            "activity_id": activity_id,
            "runner_id": runner.id,
            "field": field,
            "value": value,
            "said_at": now,
        }
        tx.execute(insert(t.edit).values(**row))
    lay(tx, runner, activity_id)


COUNTS = ("id", "key", "sport", "surface", "started_at", "local_date", "distance_m", "counted_m", "steps")
SAYS = ("distance_from", "is_race", "title", "excluded", "confirmed", "flags")


def _joined() -> Select[Any]:
    """One row an activity, its columns in the order of the value's fields: what counts, then the leader's."""
    columns: dict[str, Column[Any]] = {name: t.recording.c[name] for name in RECORDED if name != "leg"}
    columns |= {name: t.activity.c[name] for name in (*COUNTS, *SAYS)}
    columns["received_at"] = t.raw_file.c.received_at
    return (
        select(*(columns[f.name] for f in fields(Activity)))
        .join_from(t.activity, t.recording, t.recording.c.id == t.activity.c.leader_id)
        .join(t.raw_file, t.raw_file.c.id == t.recording.c.raw_file_id)
        .order_by(t.activity.c.started_at, t.activity.c.id)
    )


def _activity(row: Iterable[Any]) -> Activity:
    values: list[Any] = list(row)
    values[-3], values[-1] = tuple(values[-3]), _unpacked(values[-1])  # flags and speed_s
    return Activity(*values)


def between(
    tx: Tx,
    runner_id: int,
    since: date | None = None,
    until: date | None = None,
    ids: Iterable[int] | None = None,
) -> list[Activity]:
    """Activities in order of start; both days belong to the span."""
    query = _joined().where(t.activity.c.runner_id == runner_id)
    if since is not None:
        query = query.where(t.activity.c.local_date >= since)
    if until is not None:
        query = query.where(t.activity.c.local_date <= until)
    if ids is not None:
        query = query.where(t.activity.c.id.in_(list(ids)))
    return [_activity(row) for row in tx.execute(query)]


def span(tx: Tx, runner_id: int) -> tuple[date | None, date | None, int]:
    """First known day, last run's day, and how many activities count."""
    a = t.activity.c
    counting = (a.runner_id == runner_id) & (a.excluded.is_(False)) & (a.counted_m > 0)
    first, count = tx.execute(select(func.min(a.local_date), func.count()).where(counting)).one()
    last_run = tx.scalar(select(func.max(a.local_date)).where(counting, a.sport == "running"))
    return first, last_run, int(count)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a runner has in all; days and distance are of the runs."""

    activities: int
    runs: int
    run_m: float
    first_run_on: date | None
    last_run_on: date | None


def totals(tx: Tx, runner_id: int) -> Totals:
    a = t.activity.c
    counting = (a.runner_id == runner_id) & (a.counted_m > 0)
    count = tx.scalar(select(func.count()).select_from(t.activity).where(counting)) or 0
    sums = (
        func.count(),
        func.coalesce(func.sum(a.counted_m), 0.0),
        func.min(a.local_date),
        func.max(a.local_date),
    )
    return Totals(count, *tx.execute(select(*sums).where(counting, a.sport == "running")).one())


def sources_of(tx: Tx, runner_id: int) -> dict[int, list[str]]:
    """activity id -> the names of the files it was recorded in."""
    query = select(t.recording.c.activity_id, t.raw_file.c.name).join(t.raw_file)
    found: dict[int, list[str]] = {}
    for activity_id, name in tx.execute(query.where(t.recording.c.runner_id == runner_id)):
        found.setdefault(activity_id, []).append(name)
    return found


def drop_recordings(tx: Tx, raw_file_id: int) -> Sequence[int]:
    """Forget what was decoded from a file; returns the activities that have no recording left."""
    mine = select(t.recording.c.activity_id).where(t.recording.c.raw_file_id == raw_file_id)
    touched = set(tx.scalars(mine))
    tx.execute(delete(t.recording).where(t.recording.c.raw_file_id == raw_file_id))
    kept = set(tx.scalars(select(t.recording.c.activity_id).where(t.recording.c.activity_id.in_(touched))))
    return sorted(touched - kept)


def of_file(tx: Tx, runner_id: int, raw_file_id: int) -> list[Activity]:
    ids = tx.scalars(select(t.recording.c.activity_id).where(t.recording.c.raw_file_id == raw_file_id))
    return between(tx, runner_id, ids=list(ids))
