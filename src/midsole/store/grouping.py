"""Which recordings make which activity: adding them, decoding them anew, and the runner's word on them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from midsole.domain import identity
from midsole.domain.activity import Recording
from midsole.domain.identity import Link, Settled
from midsole.domain.matching import Place, Trace
from midsole.store import tables as t
from midsole.store.base import Tx
from midsole.store.laying import lay, row_of, traces
from midsole.store.runners import Runner, lock
from midsole.store.sources import RawFile

SAYING = ("default", "guess", "rule", "source", "runner")
"""Who may say which shoe it was, by how much it weighs."""
WINDOWS_A_QUERY = 100
EARLIEST_S = datetime.min.replace(tzinfo=UTC).timestamp()
LATEST_S = datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp()
_R = t.recording.c


def add_recordings(tx: Tx, runner: Runner, found: Sequence[tuple[RawFile, Recording]]) -> list[int]:
    """Keep decoded legs and return the living activities they belong to, new or known, in order of id.

    Each `RawFile` must say the `format` it was decoded as: identity looks at it. A leg that was kept before,
    by a worker whose lease had run out, is left as it is. Two workers with two files of one run wait for each
    other at the runner's row.
    """
    runner = lock(tx, runner.id)
    at_hand = {(file.id, recording.leg): (file, recording) for file, recording in found}
    known = _kept(tx, {file.id for file, _ in found})
    new = [pair for place, pair in at_hand.items() if place not in known]
    touched = _regroup(tx, runner, [trace_of(*pair) for pair in new], new)
    return sorted(touched | _activities_of(tx, [known[place] for place in at_hand if place in known]))


def replace_many(tx: Tx, runner: Runner, decoded: Sequence[tuple[RawFile, Sequence[Recording]]]) -> list[int]:
    """The files were decoded anew: legs are changed in place, new ones come, gone ones go.

    What the runner said of an activity and which shoes it wore stay with it; an activity whose last recording
    is gone goes with it. Returns the living activities concerned, in order of id.
    """
    runner = lock(tx, runner.id)
    before = _kept(tx, {file.id for file, _ in decoded})
    concerned = _activities_of(tx, before.values())
    now = {(file.id, leg.leg): (file, leg) for file, recordings in decoded for leg in recordings}
    _change(tx, [(before[place], leg) for place, (_, leg) in now.items() if place in before])
    gone = [known for place, known in before.items() if place not in now]
    tx.execute(delete(t.recording).where(_R.id.in_(gone)))
    new = [pair for place, pair in now.items() if place not in before]
    seeds = traces(tx, runner.id, _R.activity_id.in_(concerned))
    touched = _regroup(tx, runner, [*seeds, *(trace_of(*pair) for pair in new)], new)
    _forget_empty(tx, concerned)
    return sorted(touched)


def say_links(tx: Tx, runner: Runner, links: Iterable[Link], now: datetime) -> list[int]:
    """The runner's newest word on pairs of recordings; returns the activities that it makes and changes."""
    runner = lock(tx, runner.id)
    said = {(link.one, link.other): link.together for link in links}
    c = t.link.c
    for one, other in said:
        tx.execute(delete(t.link).where(c.runner_id == runner.id, c.one == one, c.other == other))
    rows = [
        {"runner_id": runner.id, "one": one, "other": other, "together": together, "said_at": now}
        for (one, other), together in said.items()
    ]
    tx.execute(insert(t.link), rows)
    named = _R.key.in_({key for pair in said for key in pair})
    concerned = {trace.activity_id for trace in traces(tx, runner.id, named)}
    return sorted(_regroup(tx, runner, traces(tx, runner.id, _R.activity_id.in_(concerned)), []))


def name_after(tx: Tx, activity_id: int, key: str) -> None:
    """From now on the activity, with its number and all that was said of it, goes where this one goes."""
    tx.execute(update(t.activity).where(t.activity.c.id == activity_id).values(key=key))


def links_of(tx: Tx, runner_id: int) -> list[Link]:
    c = t.link.c
    rows = tx.execute(select(c.one, c.other, c.together).where(c.runner_id == runner_id))
    return [Link(*row) for row in rows]


def trace_of(file: RawFile, recording: Recording) -> Trace:
    return Trace(
        None,
        None,
        file.sha256,
        recording.leg,
        file.connection_id,
        file.format,
        recording.device,
        recording.sport,
        recording.started_at.timestamp(),
        recording.timer_s,
        recording.elapsed_s,
        recording.distance_m,
        recording.distance_from,
        recording.recovered,
        identity.measures(recording),
    )


def _kept(tx: Tx, raw_file_ids: Iterable[int]) -> dict[tuple[int, int], int]:
    """(raw file, leg) -> the recording's id."""
    rows = tx.execute(select(_R.raw_file_id, _R.leg, _R.id).where(_R.raw_file_id.in_(list(raw_file_ids))))
    return {(raw_file_id, leg): known for raw_file_id, leg, known in rows}


def _activities_of(tx: Tx, recording_ids: Iterable[int]) -> set[int]:
    wanted = list(recording_ids)
    return set(tx.scalars(select(_R.activity_id).where(_R.id.in_(wanted)))) if wanted else set()


def _change(tx: Tx, found: Sequence[tuple[int, Recording]]) -> None:
    rows = [{"kept": known, **row_of(recording)} for known, recording in found]
    if rows:
        tx.execute(update(t.recording).where(_R.id == bindparam("kept")), rows)


def _regroup(
    tx: Tx, runner: Runner, seeds: Sequence[Trace], new: Sequence[tuple[RawFile, Recording]]
) -> set[int]:
    """Settle all that hangs together with the seeds, write the new recordings, and lay what changed."""
    if not seeds:
        return set()
    links = links_of(tx, runner.id)
    groups = identity.components(_reached(tx, runner.id, seeds, links), links)
    settled = identity.settle(groups, _keys(tx, groups))
    moved = _changed(settled, {seed.place for seed in seeds})
    at_home = _with_ids(tx, runner, moved)
    _insert(tx, runner, new, {trace.place: home for home, s in at_home for trace in s.group})
    _move(tx, at_home)
    for home, s in at_home:
        for other in s.absorbs:
            _merge(tx, home, other)
    lay(tx, runner, touched := {home for home, _ in at_home})
    return touched


def _changed(settled: Sequence[Settled], seeds: set[Place]) -> list[Settled]:
    """Those that hold a seed or a recording of another activity, or whose activity lost one to another."""
    lost = {trace.activity_id for s in settled for trace in s.group if trace.activity_id != s.keeps}
    return [
        s
        for s in settled
        if s.keeps in lost or any(trace.place in seeds or trace.activity_id != s.keeps for trace in s.group)
    ]


def _reached(tx: Tx, runner_id: int, seeds: Sequence[Trace], links: Sequence[Link]) -> list[Trace]:
    """The seeds and all that hangs on them by matches, by the runner's word, or in one activity so far."""
    reached = {seed.place: seed for seed in seeds}
    frontier = list(seeds)
    while frontier:
        keys, ids = {trace.key for trace in frontier}, {trace.activity_id for trace in frontier}
        joined = {key for link in links if link.together for key in link.partners(keys)}
        near = [trace for trace in _candidates(tx, runner_id, frontier) if trace.place not in reached]
        bound = [_R.activity_id.in_(ids - {None})] if ids - {None} else []
        bound += [_R.key.in_(joined)] if joined else []
        found = traces(tx, runner_id, or_(*bound)) if bound else []
        found += identity.matching(near, frontier)
        frontier = list({trace.place: trace for trace in found if trace.place not in reached}.values())
        reached |= {trace.place: trace for trace in frontier}
    return list(reached.values())


def _candidates(tx: Tx, runner_id: int, around: Iterable[Trace]) -> list[Trace]:
    """All recordings that start near enough to one of these to match it."""
    windows = identity.windows(around)
    found: list[Trace] = []
    for first in range(0, len(windows), WINDOWS_A_QUERY):
        near = (
            _R.started_at.between(_moment(since_s), _moment(until_s))
            for since_s, until_s in windows[first : first + WINDOWS_A_QUERY]
        )
        found += traces(tx, runner_id, or_(*near))
    return found


def _moment(seconds: float) -> datetime:
    """As near to it as a datetime reaches."""
    return datetime.fromtimestamp(min(max(seconds, EARLIEST_S), LATEST_S), UTC)


def _keys(tx: Tx, groups: Iterable[Iterable[Trace]]) -> dict[int, str]:
    a = t.activity.c
    ids = {trace.activity_id for group in groups for trace in group} - {None}
    rows = tx.execute(select(a.id, a.key).where(a.id.in_(ids))) if ids else ()
    return {activity_id: key for activity_id, key in rows}  # noqa: C416


def _with_ids(tx: Tx, runner: Runner, settled: Sequence[Settled]) -> list[tuple[int, Settled]]:
    """Each with its activity's id; those without one get a new place, which `lay` fills in."""
    found = [(s.keeps, s) for s in settled if s.keeps is not None]
    if homeless := [s for s in settled if s.keeps is None]:
        made = insert(t.activity).returning(t.activity.c.id, sort_by_parameter_order=True)
        ids = tx.scalars(made, [_place(runner, identity.leader(s.group)) for s in homeless])
        found += zip(ids, homeless, strict=True)
    return found


def _place(runner: Runner, trace: Trace) -> dict[str, Any]:
    started_at = _moment(trace.start_s)
    return {
        "runner_id": runner.id,
        "key": trace.key,
        "local_date": started_at.date(),
        "started_at": started_at,
        "sport": trace.sport,
        "surface": "unknown",
        "distance_m": 0.0,
        "counted_m": 0.0,
        "distance_from": "none",
        "is_race": False,
        "excluded": False,
        "confirmed": False,
        "flags": [],
    }


def _insert(
    tx: Tx, runner: Runner, new: Sequence[tuple[RawFile, Recording]], home_of: Mapping[Place, int]
) -> None:
    rows = []
    for file, recording in new:
        place = {
            "runner_id": runner.id,
            "raw_file_id": file.id,
            "activity_id": home_of[file.sha256, recording.leg],
            "key": identity.recording_key(file.sha256, recording.leg),
        }
        rows.append(place | row_of(recording))
    if rows:
        tx.execute(insert(t.recording), rows)


def _move(tx: Tx, at_home: Iterable[tuple[int, Settled]]) -> None:
    rows = [
        {"moved": trace.id, "home": home}
        for home, s in at_home
        for trace in s.group
        if trace.id is not None and trace.activity_id != home
    ]
    if rows:
        place = update(t.recording).where(_R.id == bindparam("moved"))
        tx.execute(place.values(activity_id=bindparam("home")), rows)


def _merge(tx: Tx, keep: int, other: int) -> None:
    """Edits move where there is none, wearings where there is none that weigh as much."""
    e, w = t.edit.c, t.wearing.c
    _exclude_only_if_both(tx, keep, other)
    has = list(tx.scalars(select(e.field).where(e.activity_id == keep)))
    tx.execute(update(t.edit).where(e.activity_id == other, e.field.not_in(has)).values(activity_id=keep))
    if _weight(tx, other) > _weight(tx, keep):
        tx.execute(delete(t.wearing).where(w.activity_id == keep))
        tx.execute(update(t.wearing).where(w.activity_id == other).values(activity_id=keep))
    tx.execute(delete(t.activity).where(t.activity.c.id == other))


def _exclude_only_if_both(tx: Tx, keep: int, other: int) -> None:
    """Who left one copy of a run out and let the other count wants it counted: once, not never."""
    e = t.edit.c
    word = (e.field == "excluded") & e.activity_id.in_([keep, other])
    said = [value for value in tx.scalars(select(e.value).where(word)) if value]
    if len(said) < 2:
        tx.execute(delete(t.edit).where(word))


def _weight(tx: Tx, activity_id: int) -> int:
    """What the runner said weighs most; -1 where nobody said which shoe it was."""
    said = tx.scalar(select(t.wearing.c.set_by).where(t.wearing.c.activity_id == activity_id).limit(1))
    return -1 if said is None else SAYING.index(said)


def _forget_empty(tx: Tx, activity_ids: Iterable[int]) -> None:
    kept = select(_R.activity_id).where(_R.activity_id == t.activity.c.id)
    tx.execute(delete(t.activity).where(t.activity.c.id.in_(list(activity_ids)), ~kept.exists()))
