"""Activities: what was run, and what the runner says of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from midsole.actions import activities, assigning, recordings, views
from midsole.domain.errors import NotThere, UsageError
from midsole.web.api.answers import Page, Paged, answer, moment_in, page
from midsole.web.api.effects import Effects, Parted, points_of, told_to
from midsole.web.api.named import names_of
from midsole.web.api.who import Reader, Writer
from midsole.web.api.words import (
    Day,
    Id,
    Metres,
    Moment,
    PathId,
    Said,
    Seconds,
    Sport,
    Surface,
    Text,
    Told,
)
from midsole.web.visit import Visit

router = APIRouter(tags=["activities"])


class WornThere(Told):
    """`shoe` is null for barefoot."""

    shoe: int | None
    shoe_name: str
    distance_m: float
    share: float
    set_by: str


class Activity(Told):
    id: int
    started_at: str
    local_date: str
    sport: str
    surface: str
    title: str | None
    distance_m: float
    counted_m: float
    distance_from: str
    timer_s: float
    moving_s: float
    elapsed_s: float
    ascent_m: float | None
    descent_m: float | None
    steps: int | None
    heart_rate_mean_bpm: int | None
    heart_rate_max_bpm: int | None
    rpe: float | None
    feel: int | None
    device: str | None
    is_race: bool
    excluded: bool
    confirmed: bool
    shoes: list[WornThere]
    sources: list[str]
    flags: list[str]


class Recording(Told):
    id: int
    key: str
    leads: bool
    file_id: int
    file: str
    came_by: str
    leg: int
    format: str | None
    device: str | None
    sport: str
    started_at: str
    distance_m: float
    distance_from: str
    timer_s: float
    elapsed_s: float
    flags: list[str]


class WholeActivity(Activity):
    """With the recordings that it is made of."""

    key: str
    recordings: list[Recording]


class Which(Paged):
    """Both days belong to the span."""

    since: Day | None = None
    until: Day | None = None
    sport: Sport | None = None
    surface: Surface | None = None


class Entry(Said):
    """A run without a file."""

    started_at: Moment
    distance_m: Annotated[Metres, Field(gt=0, le=1e6)]
    timer_s: Seconds
    sport: Sport = "running"
    surface: Surface = "unknown"
    title: Text | None = None
    is_race: bool = False
    shoe_id: Id | None = None


class Edit(Said):
    """What is so; what is not named stays. `lead` is the number of the recording that shall lead."""

    sport: Sport | None = None
    surface: Surface | None = None
    title: Text | None = None
    is_race: bool | None = None
    distance_m: Annotated[Metres, Field(le=1e6)] | None = None
    started_at: Moment | None = None
    timer_s: Seconds | None = None
    lead: Id | None = None
    excluded: bool | None = None
    confirmed: bool | None = None


@router.get("/activities", response_model=Page[Activity])
def list_activities(request: Request, visit: Reader, asked: Annotated[Which, Query()]) -> Response:
    """Activities, the newest first."""
    fitting = asked.model_dump(include={"since", "until", "sport", "surface"})
    before = moment_in(asked.cursor)
    rows, last = views.activities_before(visit.box, visit.me.id, before, asked.limit, **fitting)
    return page(request, rows, last)


@router.get("/activities/{activity_id}", response_model=WholeActivity)
def show_activity(request: Request, visit: Reader, activity_id: PathId) -> Response:
    """One activity with its recordings."""
    return answer(request, _whole(visit, activity_id))


def _whole(visit: Visit, activity_id: int) -> dict[str, Any]:
    shown = recordings.show(visit.box, visit.me.id, activity_id)
    (found,) = views.activities(visit.box, visit.me.id, ids=[activity_id])
    return found | {"key": shown["key"], "recordings": shown["recordings"]}


@router.post("/activities", response_model=WholeActivity, status_code=201)
def enter_activity(request: Request, visit: Writer, said: Entry) -> Response:
    """Enter a run without a file."""
    names = names_of(visit, [said.shoe_id]) if said.shoe_id else []
    _refuse_future(visit, said.started_at)
    told = said.model_dump(exclude={"shoe_id"})
    added = activities.add(visit.box, visit.me.id, **told)
    if names:
        assigning.assign(visit.box, visit.me.id, [added.id], names)
    response = answer(request, _whole(visit, added.id), 201)
    response.headers["location"] = f"/api/v1/activities/{added.id}"
    return response


def _refuse_future(visit: Visit, at: Any) -> None:
    if at is not None and at > visit.box.now():
        raise UsageError("started_at lies in the future.")


@router.patch("/activities/{activity_id}", response_model=WholeActivity)
def edit_activity(request: Request, visit: Writer, activity_id: PathId, said: Edit) -> Response:
    """Say what is so about an activity; no later sync overwrites it."""
    _refuse_future(visit, said.started_at)
    activities.edit(visit.box, visit.me.id, activity_id, **said.given())
    return answer(request, _whole(visit, activity_id))


@router.post("/activities/{activity_id}/wearings", response_model=Effects)
def say_wearings(request: Request, visit: Writer, activity_id: PathId, said: Parted) -> Response:
    """Say which pair an activity wore: one, barefoot (null), or several in parts."""
    names = names_of(visit, said.shoe_ids)
    points = points_of(said)
    done = assigning.assign(visit.box, visit.me.id, [activity_id], names, points, preview=said.preview)
    return answer(request, told_to(visit, done, preview=said.preview))


@router.delete("/activities/{activity_id}/wearings", response_model=Effects)
def take_back_wearings(request: Request, visit: Writer, activity_id: PathId) -> Response:
    """Take back what was said of its pair; account, rules, guess or default answer again."""
    if not views.activities(visit.box, visit.me.id, ids=[activity_id]):
        raise NotThere(f"There is no activity {activity_id}.")
    return answer(request, told_to(visit, assigning.unassign(visit.box, visit.me.id, [activity_id])))
