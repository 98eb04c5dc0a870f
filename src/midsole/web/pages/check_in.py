"""The check-in: all fine in one tap, or where and how much it hurts; what follows; and what was said."""

from contextlib import suppress
from math import ceil

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from midsole.actions import checking_in
from midsole.domain.check_in_words import NOT_ADVICE, cap_words, capital, fine_words, in_words, when
from midsole.domain.checkins import MOMENTS
from midsole.domain.errors import UsageError
from midsole.domain.pain import grade
from midsole.domain.pain_advice import details, first_aid, is_forefoot, pads
from midsole.web import check_in_form
from midsole.web.check_in_form import PART, Filled, begun, fine_on, offered, said_in
from midsole.web.choosing import Number, asked, page_of
from midsole.web.forms import Posted
from midsole.web.page import go_to, page
from midsole.web.visit import Mine, Visit

router = APIRouter()
PAGE = 50
FINE = "fine"


@router.get("/body/check-in")
def check_in(visit: Mine, request: Request, place: str = "", side: str = "", moment: str = "") -> Response:
    """An address may say what the form begins with; what it can't be is as it is asked now."""
    day, when_asked = checking_in.asked_now(visit.box, visit.me.id)
    with suppress(UsageError):
        day = asked(request).day("on") or day
    known = moment if moment in MOMENTS else when_asked
    return _form(visit, request, begun(day, known, f"{place}{PART}{side}"))


@router.post("/body/check-in")
def answer(visit: Mine, request: Request, form: Posted) -> Response:
    """What was said goes into no cookie and no address: the next page reads it where it is kept."""
    now = checking_in.asked_now(visit.box, visit.me.id)
    try:
        said = (fine_on if form["do"] == FINE else said_in)(form, *now)
        found = checking_in.check_in(visit.box, visit.me.id, said)
    except UsageError as error:
        return _form(visit, request, check_in_form.filled(form), error)
    return RedirectResponse(f"/body/check-in/{found.check_in.id}", 303)


@router.get("/body/check-in/{check_in_id}")
def what_follows(visit: Mine, request: Request, check_in_id: Number) -> Response:
    found = checking_in.one(visit.box, visit.me.id, check_in_id)
    spot = found.check_in.spot
    return page(
        visit,
        request,
        "check_in_said.html",
        found=found,
        when=when(found.check_in),
        cap=cap_words(found.cap, visit.me.units),
        details=details(found.holds) if found.holds else (),
        first_aid=first_aid(),
        pads=pads() if spot and is_forefoot(spot) else "",
        clinician=NOT_ADVICE,
    )


@router.get("/body/check-ins")
def check_ins(visit: Mine, request: Request) -> Response:
    every = checking_in.check_ins(visit.box, visit.me.id)
    pages = max(1, ceil(len(every) / PAGE))
    number = min(page_of(asked(request)), pages)
    shown = every[(number - 1) * PAGE : number * PAGE]
    return page(
        visit,
        request,
        "check_ins.html",
        rows=[(one, MOMENTS[one.moment], capital(in_words(one)), grade(one)) for one in shown],
        number=number,
        pages=pages,
    )


@router.post("/body/check-ins/{check_in_id}/remove")
def remove(visit: Mine, check_in_id: Number) -> Response:
    checking_in.remove(visit.box, visit.me.id, check_in_id)
    return go_to(visit, "/body/check-ins", "That answer is removed.")


def _form(visit: Visit, request: Request, now: Filled, error: UsageError | None = None) -> Response:
    day, moment = checking_in.asked_now(visit.box, visit.me.id)
    today = visit.me.today(visit.box.now())
    return page(
        visit,
        request,
        "check_in.html",
        status=422 if error else 200,
        error=error,
        offer=offered(now),
        clinician=NOT_ADVICE,
        fine={"on_day": day, "moment": moment, "words": fine_words(day, moment, today)},
    )
