"""One activity with all that is known of it: its facts, files, pairs, guesses, edits and alerts."""

from dataclasses import asdict
from typing import Any

from midsole.actions import alert_view, recordings
from midsole.actions.box import Box
from midsole.actions.course import course_of
from midsole.actions.listing_runs import row
from midsole.decode.course import Course
from midsole.domain.errors import MidsoleError, UsageError
from midsole.domain.when import local_at
from midsole.store import activities, guesses, runners, searching, shoes, sources


def one_run(box: Box, runner_id: int, activity_id: int) -> dict[str, Any]:
    """Raises NotThere where it is not this runner's."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        activity = recordings.find(tx, runner_id, activity_id)
        worn = shoes.wearings(tx, runner_id, [activity_id]).get(activity_id, [])
        made = guesses.of(tx, [activity_id]).get(activity_id, [])
        before, after = searching.neighbours(tx, runner_id, activity_id)
        said = searching.edits(tx, activity_id)
        kept = activities.kept_recordings(tx, runner_id, [activity_id])
        alerts = alert_view.about(tx, runner_id, "activity", activity_id, activity.key)
    facts = {name: value for name, value in asdict(activity).items() if name not in ("speed_s", "flags")}
    return {
        **facts,
        **row(activity, worn),
        "flags": list(activity.flags),
        "local_time": local_at(activity.started_at, activity.utc_offset_s, runner.zone_on),
        "guesses": [{"shoe": g.shoe_id, "name": g.shoe_name, "probability": g.probability} for g in made],
        "before": before,
        "after": after,
        "said": {name: {"value": value, "on": on} for name, (value, on) in said.items()},
        "recordings": [recordings.view(one) for one in kept],
        "alerts": [a for a in alerts if activity_id in (a["activity"], a["numbers"].get("activity"))],
    }


def laps(box: Box, runner_id: int, activity_id: int) -> list[dict[str, float | None]]:
    """Each lap's end and length in metres, and its seconds where the file times them.

    Raises UsageError where no file of the activity can be read for its laps; the text says why."""
    with box.store.read() as tx:
        activity = recordings.find(tx, runner_id, activity_id)
        try:
            found = course_of(box, tx, runner_id, activity_id)
        except UsageError:
            raise
        except MidsoleError as lost:
            raise UsageError(f"The laps can't be read: {lost}") from lost
    fits = activity.distance_m / found.total_m
    bounds_m = [0.0, *found.lap_ends_m]
    times_s = [_at_m(found, metres) for metres in bounds_m]
    return [
        {
            "end_m": bounds_m[n] * fits,
            "distance_m": (bounds_m[n] - bounds_m[n - 1]) * fits,
            "seconds": _between(times_s[n - 1], times_s[n]),
        }
        for n in range(1, len(bounds_m))
    ]


def _between(early: float | None, late: float | None) -> float | None:
    return None if early is None or late is None else late - early


def _at_m(found: Course, metres: float) -> float | None:
    """When it had come so far; None where the file does not time its distance."""
    if not found.points:
        return None
    last_s, last_m = found.points[0]
    for time_s, along_m in found.points:
        if along_m >= metres:
            share = (metres - last_m) / (along_m - last_m) if along_m > last_m else 1.0
            return last_s + share * (time_s - last_s)
        last_s, last_m = time_s, along_m
    return found.lasts_s


def beside(box: Box, runner_id: int, activity_id: int) -> list[dict[str, Any]]:
    """The other activities of that day: one of them may be another recording of the same run."""
    with box.store.read() as tx:
        activity = recordings.find(tx, runner_id, activity_id)
        others = activities.between(tx, runner_id, activity.local_date, activity.local_date)
    return [
        {"id": a.id, "sport": a.sport, "title": a.title, "distance_m": a.distance_m}
        for a in others
        if a.id != activity_id
    ]


def leader_bytes(box: Box, found: dict[str, Any]) -> int | None:
    """How large the leading recording's original is; None where it is not there."""
    with box.store.read() as tx:
        files = sources.raw_files_by_id(tx, [r["file_id"] for r in found["recordings"] if r["leads"]])
        paths = [box.originals.path(file.sha256) for file in files]
    sizes = [path.stat().st_size for path in paths if path.exists()]
    return sizes[0] if sizes else None


def without_advice(why: str) -> str:
    """A refusal of `laps` without its number and the advice for assigning by a place."""
    return why.partition(": ")[2].removesuffix(" Name the place by its distance instead.") or why
