"""The way back: where the plan stands, what comes next and why, the gate, and how to edit or leave it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import comebacks
from midsole.domain.errors import UsageError
from midsole.domain.letter import PAIN_FOOTER
from midsole.domain.plan_steps import STEPS
from midsole.domain.plan_words import GATE_OF_FOUR, PASSED
from midsole.domain.weeks import WEEKDAYS
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/body/comeback"
NOT_YET = "Not all four yet: wait, and try again tomorrow."


@router.get(PLACE)
def see(visit: Mine, request: Request) -> Response:
    return _page(visit, request)


def _page(
    visit: Visit,
    request: Request,
    error: UsageError | None = None,
    ticked: frozenset[str] = frozenset(),
    part: str = "",
) -> Response:
    return page(
        visit,
        request,
        "comeback.html",
        status=422 if error else 200,
        plan=comebacks.comeback(visit.box, visit.me.id),
        gate=GATE_OF_FOUR,
        ticked=ticked,
        error=error,
        part=part,
        weekdays=WEEKDAYS,
        steps=[(step.number, f"Step {step.number}: {step.words}") for step in STEPS],
        clinician=PAIN_FOOTER,
    )


@router.post(PLACE + "/gate")
def gate(visit: Mine, request: Request, form: Posted) -> Response:
    ticked = frozenset(part for part in GATE_OF_FOUR if part in form)
    try:
        passed = comebacks.pass_gate(visit.box, visit.me.id, ticked)
    except UsageError as error:
        return _page(visit, request, error, ticked, "gate")
    # What hurt goes into no cookie: the page says below the form what all four are for.
    return go_to(visit, PLACE, PASSED if passed else NOT_YET)


@router.post(PLACE + "/leave")
def leave(visit: Mine, request: Request) -> Response:
    try:
        comebacks.leave(visit.box, visit.me.id)
    except UsageError as error:
        return _page(visit, request, error)
    return go_to(visit, PLACE, "You left the plan.")


@router.post(PLACE + "/again")
def again(visit: Mine, request: Request) -> Response:
    try:
        comebacks.again(visit.box, visit.me.id)
    except UsageError as error:
        return _page(visit, request, error)
    return go_to(visit, PLACE, "The plan goes on where it stood.")


@router.post(PLACE + "/edit")
def edit(visit: Mine, request: Request, form: Posted) -> Response:
    """One form for each kind of change: the step, the days, the week to hold."""
    try:
        said = _edit(visit, form)
    except UsageError as error:
        return _page(visit, request, error, part="edit")
    return go_to(visit, PLACE, said)


def _edit(visit: Visit, form: Form) -> str:
    what = form["what"]
    if what == "step":
        comebacks.edit(visit.box, visit.me.id, step=form.whole("step") or 0)
        return "The step is set."
    if what == "days":
        comebacks.edit(visit.box, visit.me.id, days=form.ids("day"))
        return "The dates follow the days that suit."
    comebacks.edit(visit.box, visit.me.id, hold=what == "hold")
    return "The next seven days are held: no step more, and no kilometre more."
