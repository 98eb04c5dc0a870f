"""Activities as they count: what the runner says of them, and every question about them."""

from collections.abc import Collection, Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from functools import cache
from itertools import batched
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, delete, func, insert, select

from midsole.domain.activity import Activity, Recording
from midsole.domain.matching import Trace
from midsole.store import tables as t
from midsole.store.base import MOST_NAMED, Tx
from midsole.store.grouping import add_recordings, name_after, replace_many, say_links
from midsole.store.laying import RECORDED, lay, recording_of, traces, unpacked
from midsole.store.runners import Runner

__all__ = ("add_recordings", "name_after", "replace_many", "say_links")


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
    lay(tx, runner, [activity_id])


COUNTS = ("id", "key", "sport", "surface", "started_at", "local_date", "distance_m", "counted_m", "steps")
SAYS = ("distance_from", "is_race", "title", "excluded", "confirmed", "flags")


FIELDS = tuple(f.name for f in fields(Activity))
OF_LOAD = tuple(
    f.name
    for f in fields(Activity)
    if (f.default is MISSING and f.default_factory is MISSING)
    or f.name in ("ascent_m", "descent_m", "steps", "is_race", "excluded")
)
SPEEDS = ("cadence_spm", "best_30min_m_per_s", "speed_s")


@cache
def _joined(names: tuple[str, ...] = FIELDS) -> Select[Any]:
    """One row an activity, its columns in the order of these fields: what counts, then the leader's."""
    columns: dict[str, ColumnElement[Any]] = {name: t.recording.c[name] for name in RECORDED if name != "leg"}
    columns |= {name: t.activity.c[name] for name in (*COUNTS, *SAYS)}
    columns["received_at"] = t.raw_file.c.received_at
    for name in ("timer_s", "moving_s", "elapsed_s"):
        columns[name] = func.coalesce(t.activity.c.timer_s, t.recording.c[name])
    for name in ("rpe", "feel"):
        columns[name] = func.coalesce(t.activity.c[name], t.recording.c[name])
    columns["utc_offset_s"] = offset_s()
    return (
        select(*(columns[name] for name in names))
        .join_from(t.activity, t.recording, t.recording.c.id == t.activity.c.leader_id)
        .join(t.raw_file, t.raw_file.c.id == t.recording.c.raw_file_id)
        .order_by(t.activity.c.started_at, t.activity.c.id)
    )


def offset_s() -> ColumnElement[Any]:
    """The leader's; a clock that the runner corrected told no offset either."""
    as_recorded = t.activity.c.started_at == t.recording.c.started_at
    return case((as_recorded, t.recording.c.utc_offset_s))


def _activity(row: Iterable[Any]) -> Activity:
    values: list[Any] = list(row)
    values[-3], values[-1] = tuple(values[-3]), unpacked(values[-1])  # flags and speed_s
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
    if ids is None:
        return [_activity(row) for row in tx.execute(query).all()]
    parts = (query.where(t.activity.c.id.in_(some)) for some in batched(ids, MOST_NAMED))
    found = [_activity(row) for part in parts for row in tx.execute(part).all()]
    return sorted(found, key=lambda a: (a.started_at, a.id)) if len(found) > MOST_NAMED else found


def of_load(tx: Tx, runner_id: int, since: date, until: date, *, speeds: bool) -> list[Activity]:
    """As `between`, with no more of each than a week's load is made of: far fewer columns, of many rows."""
    names = OF_LOAD + SPEEDS if speeds else OF_LOAD
    days = (t.activity.c.local_date >= since) & (t.activity.c.local_date <= until)
    rows = tx.execute(_joined(names).where(t.activity.c.runner_id == runner_id, days)).all()
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [Activity(**{**one, "speed_s": unpacked(one.get("speed_s", []))}) for one in found]


def keys_before(
    tx: Tx,
    runner_id: int,
    before: tuple[datetime, int] | None,
    limit: int,
    *,
    since: date | None = None,
    until: date | None = None,
    sport: str | None = None,
    surface: str | None = None,
) -> list[tuple[datetime, int]]:
    """Start and number of the newest activities that fit, from before that one on."""
    a = t.activity.c
    fits = [a.runner_id == runner_id]
    fits += [a.local_date >= since] if since else []
    fits += [a.local_date <= until] if until else []
    fits += [a.sport == sport] if sport else []
    fits += [a.surface == surface] if surface else []
    if before is not None:
        at, number = before
        fits.append((a.started_at < at) | ((a.started_at == at) & (a.id < number)))
    query = select(a.started_at, a.id).where(*fits).order_by(a.started_at.desc(), a.id.desc())
    return [(at, number) for at, number in tx.execute(query.limit(limit))]


def span(tx: Tx, runner_id: int) -> tuple[date | None, date | None, int]:
    """First known day, last run's day, and how many activities count."""
    a = t.activity.c
    counting = (a.runner_id == runner_id) & (a.excluded.is_(False)) & (a.counted_m > 0)
    first, count = tx.execute(select(func.min(a.local_date), func.count()).where(counting)).one()
    last_run = tx.scalar(select(func.max(a.local_date)).where(counting, a.sport == "running"))
    return first, last_run, int(count)


def ends(tx: Tx, runner_id: int) -> tuple[date | None, date | None]:
    """First known day and last run's day, as of `span`: each found from its end, however many lie between."""
    a = t.activity.c
    counting = (a.runner_id == runner_id) & (a.excluded.is_(False)) & (a.counted_m > 0)
    first = tx.scalar(select(a.local_date).where(counting).order_by(a.local_date).limit(1))
    runs = select(a.local_date).where(counting, a.sport == "running")
    return first, tx.scalar(runs.order_by(a.local_date.desc()).limit(1))


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


def without_count(tx: Tx, runner_id: int) -> int:
    """How many activities count for nothing: doubted, excluded, or without a distance."""
    a = t.activity.c
    nothing = select(func.count()).select_from(t.activity).where(a.runner_id == runner_id, a.counted_m <= 0)
    return tx.scalar(nothing) or 0


def sources_of(tx: Tx, runner_id: int, ids: Collection[int] | None = None) -> dict[int, list[str]]:
    """activity id -> the names of the files it was recorded in; of all, or of a few activities."""
    query = select(t.recording.c.activity_id, t.raw_file.c.name).join(t.raw_file)
    if ids is not None:
        query = query.where(t.recording.c.activity_id.in_(ids))
    found: dict[int, list[str]] = {}
    for activity_id, name in tx.execute(query.where(t.recording.c.runner_id == runner_id)):
        found.setdefault(activity_id, []).append(name)
    return found


def of_file(tx: Tx, runner_id: int, raw_file_id: int) -> list[Activity]:
    ids = tx.scalars(select(t.recording.c.activity_id).where(t.recording.c.raw_file_id == raw_file_id))
    return between(tx, runner_id, ids=list(ids))


@dataclass(frozen=True, slots=True)
class Kept:
    """One recording of an activity, and the file it came in; `trace` is what identity looks at."""

    id: int
    key: str
    file_name: str
    raw_file_id: int
    came_by: str
    leads: bool
    received_at: datetime
    recording: Recording
    trace: Trace


def kept_recordings(tx: Tx, runner_id: int, activity_ids: Iterable[int]) -> list[Kept]:
    """The recordings that these activities are made of, in order of start."""
    mine = t.recording.c.activity_id.in_(list(activity_ids))
    traced = {trace.id: trace for trace in traces(tx, runner_id, mine)}
    f, c = t.raw_file.c, t.connection.c
    query = (
        select(t.recording, f.name, f.received_at, c.kind, c.place, t.activity.c.leader_id)
        .join_from(t.recording, t.raw_file)
        .join(t.activity, t.activity.c.id == t.recording.c.activity_id)
        .join(t.connection, c.id == f.connection_id, isouter=True)
        .where(t.recording.c.runner_id == runner_id, mine)
        .order_by(t.recording.c.started_at, t.recording.c.id)
    )
    return [_kept(row, traced[row.id]) for row in tx.execute(query)]


def _kept(row: Row[Any], trace: Trace) -> Kept:
    return Kept(
        id=row.id,
        key=row.key,
        file_name=row.name,
        raw_file_id=row.raw_file_id,
        came_by=f"{row.kind} {row.place}" if row.kind else "by hand",
        leads=row.id == row.leader_id,
        received_at=row.received_at,
        recording=recording_of(row._mapping),
        trace=trace,
    )


def newest(tx: Tx, ids: Iterable[int], limit: int) -> list[int]:
    """Of these, the last that started; the newest first."""
    a = t.activity.c
    found = [
        (row.started_at, row.id)
        for some in batched(ids, MOST_NAMED)
        for row in tx.execute(
            select(a.started_at, a.id).where(a.id.in_(some)).order_by(a.started_at.desc()).limit(limit)
        )
    ]
    return [activity_id for _, activity_id in sorted(found, reverse=True)[:limit]]
