"""The comeback plan: where it stands, the gate, leaving and editing; for the scope `health` alone."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from midsole.actions import comebacks
from midsole.domain.plan_edits import LAST_STEP
from midsole.domain.plan_words import GATE_OF_FOUR, PASSED, TRY_AGAIN
from midsole.web.api.answers import answer
from midsole.web.api.who import Healer
from midsole.web.api.words import Said, Told, is_one_of
from midsole.web.visit import Visit

router = APIRouter(tags=["body"])

type Part = Annotated[
    str, is_one_of(tuple(GATE_OF_FOUR)), Field(json_schema_extra={"enum": list(GATE_OF_FOUR)})
]


class Step(Told):
    """`done_on` of steps behind, `date` (the earliest, a suggestion) of those ahead."""

    number: int
    words: str
    is_next: bool
    done_on: str | None
    date: str | None


class Question(Told):
    """An answer that the plan waits for: what to send to /api/v1/checkins."""

    on_day: str
    moment: str
    words: str


class JudgedRun(Told):
    """A day's running: how it was run, and what the plan made of it: on, hold, back, ask or wait."""

    on_day: str
    activity_ids: list[int]
    distance_m: float
    running_s: float
    walking_s: float
    bouts: int
    longest_s: float
    how: str
    step: int | None
    verdict: str
    verdict_in_words: str
    why: str
    is_more: bool
    cautions: list[str]


class Plan(Told):
    """`phase` is gate, steps, three-two, four-one, done or left; `cap_run_m` is 0 while the gate waits."""

    began_on: str
    opened_on: str
    why_opened: str
    phase: str
    phase_in_words: str
    is_open: bool
    is_red: bool
    gate_on: str | None
    gate_waits: bool
    gate_is_next: bool
    step: int | None
    painless_in_a_row: int
    painless_wanted: int
    where: str
    why: str
    next: str
    next_on: str | None
    week: int
    usual_m: float | None
    longest_before_m: float | None
    cap_week_m: float | None
    cap_run_m: float | None
    week_done_m: float
    week_in_words: str
    cross_in_words: str
    asks: str | None
    unanswered: list[str]
    questions: list[Question]
    steps: list[Step]
    runs: list[JudgedRun]
    days: list[int]
    held_until: str | None
    ended_on: str | None
    routine_until: str | None


class Comeback(Told):
    """The plan; null: none is open."""

    plan: Plan | None


class Gate(Said):
    """Which of the four were without pain today."""

    painless: Annotated[list[Part], Field(max_length=len(GATE_OF_FOUR))]


class Tried(Comeback):
    passed: bool
    said: str


class Change(Said):
    """`days` are weekdays that suit, 0 is Monday, none is any; `hold`: the next seven days."""

    step: Annotated[int, Field(ge=1, le=LAST_STEP)] | None = None
    days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] | None = None
    hold: bool = False


@router.get("/comeback", response_model=Comeback)
def read_comeback(request: Request, visit: Healer) -> Response:
    """Where the comeback plan stands, and why."""
    return answer(request, _plan(visit))


@router.post("/comeback/gate", response_model=Tried)
def try_gate(request: Request, visit: Healer, said: Gate) -> Response:
    """Say which of the gate of four were without pain; all four pass it."""
    passed = comebacks.pass_gate(visit.box, visit.me.id, said.painless)
    told = PASSED if passed else TRY_AGAIN
    return answer(request, _plan(visit) | {"passed": passed, "said": told})


@router.post("/comeback/leave", response_model=Comeback)
def leave_comeback(request: Request, visit: Healer) -> Response:
    """Leave the plan: the ordinary caps hold."""
    comebacks.leave(visit.box, visit.me.id)
    return answer(request, _plan(visit))


@router.post("/comeback/again", response_model=Comeback)
def take_up_again(request: Request, visit: Healer) -> Response:
    """Take up the plan that was left."""
    comebacks.again(visit.box, visit.me.id)
    return answer(request, _plan(visit))


@router.post("/comeback/edit", response_model=Comeback)
def edit_comeback(request: Request, visit: Healer, said: Change) -> Response:
    """Set the step, choose the weekdays that suit, or hold a week."""
    comebacks.edit(visit.box, visit.me.id, step=said.step, days=said.days, hold=said.hold)
    return answer(request, _plan(visit))


def _plan(visit: Visit) -> dict[str, Any]:
    return {"plan": comebacks.comeback(visit.box, visit.me.id)}
