"""The routine of exercises: what is today's, ticks, and the runner's own choice."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from midsole.actions import routine
from midsole.web.api.answers import answer
from midsole.web.api.who import Healer
from midsole.web.api.words import Asked, Day, Said, Told
from midsole.web.visit import Visit

router = APIRouter(tags=["routine"])

type Slug = Annotated[str, Path(min_length=1, max_length=20, pattern="^[a-z-]+$")]


class Exercise(Told):
    """`says`: who recommends it; `wanted`: your own word over the rules', null where there is none."""

    exercise: str
    name: str
    dose: str
    how: str
    what_for: str
    says: list[str]
    wanted: bool | None
    done: bool


class Adherence(Told):
    """Days with a tick, of how many."""

    days: int
    of: int


class DayDone(Told):
    on: str
    done: int


class Routine(Told):
    """`resting`: pain is red, and the rules choose nothing; `until`: the last day where an end is known."""

    on: str
    why: str
    resting: bool
    until: str | None
    today: list[Exercise]
    more: list[Exercise]
    week: Adherence
    four_weeks: Adherence
    days: list[DayDone]
    days_since_calf_stretch: int | None
    remind_at: str | None


class Which(Asked):
    """Of today, or of one of the seven days before."""

    on_day: Day | None = None


class Choice(Said):
    """null: as the rules choose."""

    wanted: bool | None


@router.get("/routine", response_model=Routine)
def show_routine(request: Request, visit: Healer) -> Response:
    """Today's exercises with what is done, all others, and how often they were done."""
    return _shown(request, visit)


def _shown(request: Request, visit: Visit) -> Response:
    return answer(request, routine.routine(visit.box, visit.me.id))


@router.post("/routine/{exercise}/tick", response_model=Routine)
def tick_exercise(
    request: Request, visit: Healer, exercise: Slug, asked: Annotated[Which, Query()]
) -> Response:
    """Done; twice is once."""
    routine.tick(visit.box, visit.me.id, exercise, asked.on_day)
    return _shown(request, visit)


@router.delete("/routine/{exercise}/tick", response_model=Routine)
def untick_exercise(
    request: Request, visit: Healer, exercise: Slug, asked: Annotated[Which, Query()]
) -> Response:
    """Not done after all."""
    routine.untick(visit.box, visit.me.id, exercise, asked.on_day)
    return _shown(request, visit)


@router.patch("/routine/{exercise}", response_model=Routine)
def choose_exercise(request: Request, visit: Healer, exercise: Slug, said: Choice) -> Response:
    """Say that you want this exercise, or not, whatever the rules choose."""
    routine.choose(visit.box, visit.me.id, exercise, said.wanted)
    return _shown(request, visit)
