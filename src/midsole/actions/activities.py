"""Entering a run without a file, and saying what is so about one."""

from datetime import date, datetime
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.ingest import ingest
from midsole.actions.recordings import find, key_of
from midsole.actions.wearing import wear_again
from midsole.decode import manual
from midsole.domain import kept
from midsole.domain.activity import SPORTS, SURFACES, Activity
from midsole.domain.errors import MidsoleError, UsageError
from midsole.domain.wearing import RUNNER
from midsole.store import activities, runners, shoes, sources
from midsole.store.base import Tx

LONGEST_S = 30 * 86_400.0
FIRST_YEAR = 1970


def add(
    box: Box,
    runner_id: int,
    *,
    sport: str,
    surface: str,
    started_at: datetime,
    distance_m: float,
    timer_s: float,
    title: str | None = None,
    is_race: bool = False,
) -> Activity:
    """Enter an activity by hand; it is kept as a small original like any other."""
    _check(sport=sport, surface=surface, distance_m=distance_m, timer_s=timer_s, started_at=started_at)
    title = kept.text_of("A title", title)
    raw = manual.encode(
        sport=sport,
        surface=surface,
        started_at=started_at,
        distance_m=distance_m,
        timer_s=timer_s,
        title=title,
        is_race=is_race,
    )
    sha256, now = box.originals.keep(raw), box.now()
    with box.store.write() as tx:
        raw_file_id = sources.take_in(tx, runner_id, None, sha256, "entered by hand", len(raw), now)
    if raw_file_id is None:
        raise UsageError("The very same activity was entered before.")
    file = ingest(box, raw_file_id)
    if file is None or file.state != "done":
        why = (file.reason or "").rstrip(".") if file else "it is being worked on"
        raise MidsoleError(f"The entry could not be read: {why}.")
    evaluate(box, runner_id)
    with box.store.read() as tx:
        return activities.of_file(tx, runner_id, raw_file_id)[0]


def edit(box: Box, runner_id: int, activity_id: int, **said: Any) -> Activity:
    """Lay the runner's word over the activity; `said` are fields of `domain.activity.Edit`.

    `lead` is the number of the recording that shall lead."""
    given = {field: value for field, value in said.items() if value is not None}
    if not given:
        raise UsageError("Say what to change, for example --sport walking or --distance 10.2km.")
    _check(**given)
    if "title" in given:
        given["title"] = kept.text_of("A title", given["title"]) or ""
    if "started_at" in given:
        given["started_at"] = given["started_at"].isoformat()
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        find(tx, runner_id, activity_id)
        if "lead" in given:
            given["leader"] = key_of(tx, runner_id, activity_id, given.pop("lead"))
        activities.say(tx, runner, activity_id, box.now(), **given)
        if "started_at" in given:
            _refuse_day_of_other_pair(tx, runner_id, find(tx, runner_id, activity_id))
        if {"sport", "surface", "leader", "started_at"} & set(given):
            wear_again(tx, runner, [activity_id], f"Activity {activity_id} was edited", box)
    evaluate(box, runner_id)
    with box.store.read() as tx:
        return find(tx, runner_id, activity_id)


def _refuse_day_of_other_pair(tx: Tx, runner_id: int, activity: Activity) -> None:
    """The runner's own words must not be at odds: their pair, and a day on which it was not in use."""
    said = shoes.answers(tx, [activity.id]).get(activity.id)
    if said is None or said.set_by != RUNNER:
        return
    worn = {shoe_id for shoe_id, _ in said.parts}
    for shoe in shoes.pairs(tx, runner_id):
        if shoe.id in worn and not shoe.can_be_worn_on(activity.local_date):
            raise UsageError(
                f"The {shoe.name} was not in use on {activity.local_date}. "
                f"Say another pair first: midsole shoes assign NAME {activity.id}."
            )


def _check(**said: Any) -> None:
    if said.get("sport", SPORTS[0]) not in SPORTS:
        raise UsageError(f"There is no sport {said['sport']!r}. Known: {', '.join(SPORTS)}.")
    if said.get("surface", SURFACES[0]) not in SURFACES:
        raise UsageError(f"There is no surface {said['surface']!r}. Known: {', '.join(SURFACES)}.")
    if not 0 < said.get("timer_s", 1) <= LONGEST_S:
        raise UsageError("The time must be above 0 and at most 30 days.")
    if not 0 <= said.get("distance_m", 0) <= 1_000_000:
        raise UsageError("A distance lies between 0 and 1000 km.")
    if "started_at" in said and not FIRST_YEAR <= said["started_at"].year <= kept.LAST_YEAR:
        raise UsageError(f"A start lies between {FIRST_YEAR} and {kept.LAST_YEAR}.")


def choose(
    box: Box,
    runner_id: int,
    *,
    sport: str | None = None,
    surface: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[Activity]:
    """The activities that fit all of what was named, in order of start."""
    with box.store.read() as tx:
        found = activities.between(tx, runner_id, since, until)
    return [a for a in found if sport in (None, a.sport) and surface in (None, a.surface)]
