"""What counts of an activity: the leading recording, what its account tells, the runner's edits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, bindparam, case, literal, select, update

from midsole.domain import identity
from midsole.domain.activity import Edit, Recording, Told, as_said, as_told
from midsole.domain.matching import MEASURES, Trace
from midsole.domain.plausible import GONE, counted_m, doubts
from midsole.store import remote
from midsole.store import tables as t
from midsole.store.base import Tx
from midsole.store.runners import Runner

UNTOLD = Told()
RECORDED = tuple(f.name for f in fields(Recording))


def row_of(recording: Recording) -> dict[str, Any]:
    """The columns of `recording` that hold what was decoded."""
    values = {name: getattr(recording, name) for name in RECORDED}
    values["fastest_s"] = {str(k): v for k, v in recording.fastest_s.items()}
    values["speed_s"] = _packed(recording.speed_s)
    return values


def recording_of(row: RowMapping) -> Recording:
    values = {name: row[name] for name in RECORDED}
    values["fastest_s"] = {int(k): v for k, v in row["fastest_s"].items()}
    values["speed_s"] = unpacked(row["speed_s"])
    return Recording(**values)


def _packed(speed_s: Mapping[int, float]) -> list[float]:
    """The first bin's number, then the seconds of every bin from there on: half the size of a mapping."""
    if not speed_s:
        return []
    first, last = min(speed_s), max(speed_s)
    return [first, *(round(speed_s.get(n, 0.0), 1) for n in range(first, last + 1))]


def unpacked(packed: list[float]) -> dict[int, float]:
    return dict(enumerate(packed[1:], int(packed[0]))) if packed else {}


STARTED_AT = [f.name for f in fields(Trace)].index("start_s")
_R, _F = t.recording.c, t.raw_file.c
_TRACED = select(
    _R.id,
    _R.activity_id,
    _F.sha256,
    _R.leg,
    _F.connection_id,
    _F.format,
    _R.device,
    _R.sport,
    _R.started_at,
    _R.timer_s,
    _R.elapsed_s,
    _R.distance_m,
    _R.distance_from,
    _R.recovered,
    sum((case((_R[name].is_not(None), 1), else_=0) for name in MEASURES), literal(0)),
).join_from(t.recording, t.raw_file)


def traces(tx: Tx, runner_id: int, where: Any) -> list[Trace]:
    rows = tx.execute(_TRACED.where(_R.runner_id == runner_id, where))
    return [_trace(list(row)) for row in rows]


def _trace(columns: list[Any]) -> Trace:
    columns[STARTED_AT] = columns[STARTED_AT].timestamp()
    return Trace(*columns)


def lay(tx: Tx, runner: Runner, activity_ids: Iterable[int]) -> None:
    """Work out anew what counts: the leading recording, what its account tells, the runner's edits."""
    said = edits(tx, wanted := list(activity_ids))
    told = remote.told_of(tx, wanted)
    groups: dict[int, list[Trace]] = defaultdict(list)
    for trace in traces(tx, runner.id, _R.activity_id.in_(wanted)):
        groups[trace.activity_id or 0].append(trace)
    leaders = [identity.leader(group, said[n].leader).id for n, group in groups.items()]
    query = select(t.recording, _F.received_at).join(t.raw_file).where(_R.id.in_(leaders))
    rows = [
        _laid(runner, row._mapping, told.get(row.activity_id, UNTOLD), said[row.activity_id])
        for row in tx.execute(query)
    ]
    if rows:
        tx.execute(update(t.activity).where(t.activity.c.id == bindparam("laid")), rows)


def _laid(runner: Runner, row: RowMapping, told: Told, edit: Edit) -> dict[str, Any]:
    return {"laid": row["activity_id"], "leader_id": row["id"]} | what_counts(
        runner, recording_of(row), row["received_at"], told, edit
    )


def what_counts(
    runner: Runner, recorded: Recording, received_at: datetime, told: Told, edit: Edit
) -> dict[str, Any]:
    """The columns of `activity` for its leading recording, what its account tells, and the runner said."""
    heard = as_told(recorded, told)
    recording = as_said(heard, edit)
    flags = (*([GONE] if told.gone else []), *doubts(recording, received_at))
    told_timer_s = None if heard.timer_s == recorded.timer_s else heard.timer_s
    return {
        "timer_s": told_timer_s if edit.timer_s is None else edit.timer_s,
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
        "rpe": told.rpe,
        "feel": told.feel,
        "excluded": bool(edit.excluded),
        "confirmed": bool(edit.confirmed),
        "flags": list(flags),
    }


def local_date(runner: Runner, recording: Recording) -> date:
    """By the file's own offset, else by the zone the runner had on that day."""
    started = recording.started_at
    if recording.utc_offset_s is not None:
        return (started + timedelta(seconds=recording.utc_offset_s)).date()
    return started.astimezone(ZoneInfo(runner.zone_on(started.date()))).date()


def edits(tx: Tx, activity_ids: Sequence[int]) -> dict[int, Edit]:
    """What the runner said of each; an empty edit where nothing was said."""
    e = t.edit.c
    said: dict[int, dict[str, Any]] = {activity_id: {} for activity_id in activity_ids}
    for row in tx.execute(select(e.activity_id, e.field, e.value).where(e.activity_id.in_(activity_ids))):
        said[row.activity_id][row.field] = row.value
    return {activity_id: Edit(**values) for activity_id, values in said.items()}
