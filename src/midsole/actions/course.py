"""Where in an activity a lap ended or a time had passed, by the files it was recorded in."""

from collections.abc import Callable, Sequence

from midsole.actions.box import Box
from midsole.actions.recordings import find
from midsole.decode.course import Course, course
from midsole.domain.errors import BadInput, UsageError
from midsole.domain.units import duration
from midsole.store import activities
from midsole.store.activities import Kept
from midsole.store.base import Tx

NEARLY = 1e-6


def share_at(
    box: Box,
    tx: Tx,
    runner_id: int,
    activity_id: int,
    *,
    lap: int | None = None,
    time_s: float | None = None,
) -> float:
    """The share of the distance, above 0 and below 1, where this lap ended or so much time had passed.

    Laps count from 1; time counts from the start, pauses included. It is a share, so it holds for a corrected
    distance, too. Raises UsageError where no file of the activity tells it."""
    if lap is not None:
        share, at = _told(box, tx, runner_id, activity_id, lambda c: _share_at_lap(c, lap)), f"Lap {lap}"
    elif time_s is not None:
        share = _told(box, tx, runner_id, activity_id, lambda c: _share_at_s(c, time_s))
        at = duration(time_s)
    else:
        raise UsageError("Name a lap or a time.")
    if share <= NEARLY:
        raise UsageError(f"{at}: by then nothing of activity {activity_id} was run.")
    if share >= 1 - NEARLY:
        raise UsageError(f"{at}: that is the end of activity {activity_id}, and nothing is left after it.")
    return share


def laps(box: Box, runner_id: int, activity_id: int) -> list[float]:
    """Metres from the start to the end of each lap, of the distance as it stands.

    Raises UsageError where no file of the activity tells its laps."""
    with box.store.read() as tx:
        distance_m = find(tx, runner_id, activity_id).distance_m
        ends = _told(box, tx, runner_id, activity_id, _shares_of_laps)
    return [share * distance_m for share in ends]


def course_of(box: Box, tx: Tx, runner_id: int, activity_id: int) -> Course:
    """The course of the first file that tells laps. Raises UsageError where none does."""

    def with_laps(found: Course) -> Course:
        found.at_lap(1)  # says so where there is none
        return found

    return _told(box, tx, runner_id, activity_id, with_laps)


def _share_at_lap(found: Course, lap: int) -> float:
    return found.at_lap(lap) / found.total_m


def _share_at_s(found: Course, time_s: float) -> float:
    return found.at_s(time_s) / found.total_m


def _shares_of_laps(found: Course) -> list[float]:
    found.at_lap(1)  # says so where there is none
    return [end_m / found.total_m for end_m in found.lap_ends_m]


def _told[T](box: Box, tx: Tx, runner_id: int, activity_id: int, ask: Callable[[Course], T]) -> T:
    """The first answer of the activity's files, the leading one asked first."""
    find(tx, runner_id, activity_id)
    refusals: list[str] = []
    for kept in _in_turn(activities.kept_recordings(tx, runner_id, [activity_id])):
        try:
            return ask(course(box.originals.read(kept.trace.file), kept.trace.leg))
        except BadInput as refusal:
            refusals.append(str(refusal))
    raise UsageError(f"Activity {activity_id}: {refusals[-1]} Name the place by its distance instead.")


def _in_turn(recordings: Sequence[Kept]) -> list[Kept]:
    """Of those that do not lead only whole ones: what was cut off holds an unknown part."""
    asked = [kept for kept in recordings if kept.leads or not kept.recording.recovered]
    return sorted(asked, key=lambda kept: not kept.leads)
