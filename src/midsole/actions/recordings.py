"""What an activity is made of, and the runner's word on which recordings are one run."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations, product
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.ingest import wear
from midsole.domain.activity import Activity
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.identity import Link, apart
from midsole.domain.matching import FARTHEST_S
from midsole.domain.plausible import doubts
from midsole.store import activities, runners
from midsole.store.activities import Kept
from midsole.store.base import Tx

FARTHEST_DAYS = FARTHEST_S / 86_400


def show(box: Box, runner_id: int, activity_id: int) -> dict[str, Any]:
    """The activity as it counts and every recording of it, as plain values."""
    with box.store.read() as tx:
        activity = find(tx, runner_id, activity_id)
        kept = activities.kept_recordings(tx, runner_id, [activity_id])
    return _activity(activity) | {"recordings": [view(one) for one in kept]}


def find(tx: Tx, runner_id: int, activity_id: int) -> Activity:
    found = activities.between(tx, runner_id, ids=[activity_id])
    if not found:
        raise NotThere(f"There is no activity {activity_id}. See `midsole activities`.")
    return found[0]


def key_of(tx: Tx, runner_id: int, activity_id: int, recording_id: int) -> str:
    """The name under which the runner's word about this recording of the activity is kept."""
    return _chosen(activities.kept_recordings(tx, runner_id, [activity_id]), activity_id, [recording_id])[
        0
    ].key


def split(box: Box, runner_id: int, activity_id: int, recording_ids: Sequence[int] = ()) -> list[Activity]:
    """Take these recordings out of the activity, or all but the leading one; returns what it became.

    What is taken out is a run of its own: it gets its pair like a new one. The number, and what the runner
    said, stay with what stays."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        activity = find(tx, runner_id, activity_id)
        kept = activities.kept_recordings(tx, runner_id, [activity_id])
        out = _chosen(kept, activity_id, recording_ids) if recording_ids else [k for k in kept if not k.leads]
        stay = [k for k in kept if k not in out]
        if not out:
            raise UsageError(f"Activity {activity_id} is one recording: there is nothing to take out.")
        if not stay:
            raise UsageError("One recording must stay. `midsole activities show` lists them.")
        if activity.key in {k.key for k in out}:
            activities.name_after(tx, activity_id, next((k for k in stay if k.leads), stay[0]).key)
        links = _links(product(out, stay), together=False)
        wear(tx, runner, touched := activities.say_links(tx, runner, links, box.now()), box)
    return _after(box, runner_id, touched)


def merge(
    box: Box, runner_id: int, activity_ids: Iterable[int], *, anyway: bool = False
) -> tuple[Activity, list[int]]:
    """Make these activities one, as several recordings of one run; the oldest number lives on.

    Returns it, and the recordings that came to it: splitting them off takes the word back."""
    wanted = sorted(set(activity_ids))
    if len(wanted) < 2:
        raise UsageError("Name two activities or more.")
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        for activity_id in wanted:
            find(tx, runner_id, activity_id)
        kept = activities.kept_recordings(tx, runner_id, wanted)
        if not anyway:
            _refuse_what_is_two(kept)
        links = _links(_across(kept), together=True)
        wear(tx, runner, touched := activities.say_links(tx, runner, links, box.now()), box)
    one = next(a for a in _after(box, runner_id, touched) if a.id == wanted[0])
    return one, [k.id for k in kept if k.trace.activity_id != wanted[0]]


def _across(kept: Sequence[Kept]) -> list[tuple[Kept, Kept]]:
    """Every two recordings that belong to different activities."""
    return [
        (one, other)
        for one, other in combinations(kept, 2)
        if one.trace.activity_id != other.trace.activity_id
    ]


def _after(box: Box, runner_id: int, touched: Sequence[int]) -> list[Activity]:
    evaluate(box, runner_id)
    with box.store.read() as tx:
        return activities.between(tx, runner_id, ids=touched)


def _chosen(kept: Sequence[Kept], activity_id: int, recording_ids: Sequence[int]) -> list[Kept]:
    known = {one.id: one for one in kept}
    for missing in set(recording_ids) - set(known):
        raise UsageError(
            f"Recording {missing} is not part of activity {activity_id}, "
            f"which is made of {', '.join(map(str, known))}."
        )
    return [known[recording_id] for recording_id in dict.fromkeys(recording_ids)]


def _links(pairs: Iterable[tuple[Kept, Kept]], *, together: bool) -> list[Link]:
    keys = [(one.key, other.key) for one, other in pairs]
    return [Link(min(pair), max(pair), together) for pair in keys]


def _refuse_what_is_two(kept: Sequence[Kept]) -> None:
    """Two parts of one outing are no two recordings of it: as one, only the leading part would count."""
    for one, other in _across(kept):
        if apart(one.trace, other.trace) or _days_apart(one, other) > FARTHEST_DAYS:
            raise UsageError(
                f"Recordings {one.id} and {other.id} are {_why_two(one, other)}. "
                "As one activity only the leading one would count, and the distance of the other would be "
                "gone. Add --anyway if that is what you want."
            )


def _days_apart(one: Kept, other: Kept) -> float:
    return abs(one.trace.start_s - other.trace.start_s) / 86_400


def _why_two(one: Kept, other: Kept) -> str:
    if one.raw_file_id == other.raw_file_id:
        return f"two legs of one file ({one.file_name})"
    if one.recording.device and one.recording.device == other.recording.device:
        return f"of one device ({one.recording.device}), one after the other"
    if _days_apart(one, other) > FARTHEST_DAYS:
        return f"{_days_apart(one, other):.0f} days apart"
    return f"of two sports ({one.recording.sport} and {other.recording.sport})"


def _activity(activity: Activity) -> dict[str, Any]:
    names = ("id", "key", "sport", "surface", "title", "distance_m", "counted_m", "distance_from")
    found: dict[str, Any] = {name: getattr(activity, name) for name in names}
    return found | {
        "started_at": activity.started_at.isoformat(),
        "local_date": activity.local_date.isoformat(),
        "excluded": activity.excluded,
        "confirmed": activity.confirmed,
        "flags": list(activity.flags),
    }


def view(kept: Kept) -> dict[str, Any]:
    recording, trace = kept.recording, kept.trace
    started_at: datetime = recording.started_at
    return {
        "id": kept.id,
        "key": kept.key,
        "leads": kept.leads,
        "file_id": kept.raw_file_id,
        "file": kept.file_name,
        "came_by": kept.came_by,
        "leg": trace.leg,
        "format": trace.format,
        "device": recording.device,
        "sport": recording.sport,
        "started_at": started_at.isoformat(),
        "distance_m": round(recording.distance_m, 2),
        "distance_from": recording.distance_from,
        "timer_s": round(recording.timer_s, 1),
        "elapsed_s": round(recording.elapsed_s, 1),
        "flags": list(doubts(recording, kept.received_at)),
    }
