"""The load: weeks, the cap, a planned run, the rules, and the weekly mail as it would read now."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from midsole.actions import shapes, views, weekly
from midsole.domain.errors import UsageError
from midsole.domain.weeks import week_start
from midsole.web.api.answers import All, answer, items
from midsole.web.api.who import Reader
from midsole.web.api.words import Asked, Day, Metres, Said, Told
from midsole.web.visit import Visit

router = APIRouter(tags=["load"])
MOST_WEEKS = 2_000


class Week(Told):
    """A runner's own week; null is not enough data, and `missing` says why."""

    week_start: str
    iso_week: str | None
    distance_m: float
    usual_m: float | None
    runs: int
    longest_m: float | None
    ramp: float | None
    acwr: float | None
    monotony: float | None
    strain: float | None
    walk_m: float
    cross_s: float
    ascent_m: float | None
    descent_m: float | None
    steps: int | None
    fast_s: float | None
    missing: list[str]


class Cap(Told):
    """The longest next run and the most distance left this week that stay inside the rules."""

    next_run_m: float | None
    week_left_m: float | None
    because: str
    missing: list[str]


class Load(Told):
    weeks: list[Week]
    cap: Cap


class Plan(Cap):
    """The cap of that day, and the rules that a planned run would newly trip."""

    on: str
    plan_m: float | None
    tripped: list[str]


class Rule(Told):
    id: str
    name: str
    grade: str
    grade_in_words: str
    goes_to: str
    news_days: int | None
    advice: str
    source: str
    limits: dict[str, float]


class WeeklyMail(Told):
    week_start: str
    verdict: str
    subject: str
    text: str
    html: str


class Weeks(Asked):
    """How many weeks, the last of which holds `until`."""

    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 8
    until: Day | None = None


class Trying(Asked):
    """A planned run of that distance, on that day or today."""

    plan_m: Annotated[Metres, Field(gt=0, le=1e6)] | None = None
    on: Day | None = None


class PlannedRun(Said):
    distance_m: Annotated[Metres, Field(gt=0, le=1e6)]
    date: Day


@router.get("/load", response_model=Load)
def show_load(request: Request, visit: Reader, asked: Annotated[Weeks, Query()]) -> Response:
    """The last weeks against the usual, the oldest first; and today's cap."""
    return answer(request, views.load_weeks(visit.box, visit.me.id, asked.weeks, asked.until))


@router.get("/cap", response_model=Plan)
def show_cap(request: Request, visit: Reader, asked: Annotated[Trying, Query()]) -> Response:
    """How far the next run may go, and what is left this week."""
    return answer(request, _cap(visit, asked.plan_m, asked.on))


@router.post("/plan-check", response_model=Plan)
def check_plan(request: Request, visit: Reader, said: PlannedRun) -> Response:
    """Which rules a planned run would newly trip, and the cap of that day. Nothing is kept of it."""
    return answer(request, _cap(visit, said.distance_m, said.date))


def _cap(visit: Visit, plan_m: float | None, on: Any) -> dict[str, Any]:
    if on is not None and on < visit.me.today(visit.box.now()):
        raise UsageError(f"{on} is past; a cap is for today or later.")
    return views.cap(visit.box, visit.me.id, plan_m=plan_m, on=on)


@router.get("/rules", response_model=All[Rule])
def list_rules(request: Request, visit: Reader) -> Response:
    """Every rule with its evidence and the limits that hold for you."""
    return items(request, views.rule_list(visit.box, visit.me.id))


class OfWeek(Asked):
    """A day in the week; without it, the week just ended."""

    week: Day | None = None


@router.get("/weekly", response_model=WeeklyMail)
def preview_weekly(request: Request, visit: Reader, asked: Annotated[OfWeek, Query()]) -> Response:
    """The weekly mail as it would read now; nothing is sent."""
    return answer(request, shapes.weekly_mail(_written(visit, asked.week)))


def _written(visit: Visit, day: Any) -> weekly.Written:
    me = visit.me
    start = None if day is None else week_start(day, me.first_weekday)
    if start is not None and start > me.today(visit.box.now()):
        raise UsageError(f"The week from {start} has not begun yet.")
    return weekly.preview(visit.box, me.id, start)
