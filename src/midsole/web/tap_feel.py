"""The page behind a mail's question how the body felt: it shows nothing that was said before."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from midsole.actions import feeling
from midsole.actions.box import Box
from midsole.actions.links import Opened
from midsole.domain import pain_advice
from midsole.domain.check_in_words import NOT_ADVICE, fine_words, of_this_answer, when
from midsole.domain.checkins import CheckIn
from midsole.domain.pain import grade
from midsole.domain.taps import FEEL, felt
from midsole.web import check_in_form
from midsole.web.forms import Form
from midsole.web.page import page
from midsole.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Felt:
    """What was said through the link just now, and the mark that takes it back."""

    answer: CheckIn
    mark: str

    @property
    def level(self) -> str | None:
        return grade(self.answer)


def fine(box: Box, opened: Opened) -> Felt:
    return _felt(box, opened, feeling.fine(box, opened))


def said(box: Box, opened: Opened, form: Form) -> Felt:
    answer = check_in_form.said_in(form, *felt(opened.about))
    return _felt(box, opened, feeling.feel(box, opened, answer))


def _felt(box: Box, opened: Opened, answer: CheckIn) -> Felt:
    return Felt(answer, feeling.mark_of(box, opened, answer))


def questions(box: Box, opened: Opened, form: Form | None) -> dict[str, Any]:
    """The form begins empty whatever was answered before: a mail may be passed on."""
    if opened.purpose != FEEL:
        return {}
    day, moment = felt(opened.about)
    today = opened.runner.today(box.now())
    now = check_in_form.filled(form) if form else check_in_form.begun(day, moment)
    return {
        "offer": check_in_form.offered(now),
        "fine": fine_words(day, moment, today),
        "latest": today,
        "clinician": NOT_ADVICE,
    }


def felt_page(visit: Visit, request: Request, told: Felt) -> Response:
    """What follows from this answer alone."""
    spot, level = told.answer.spot, told.level
    return page(
        visit,
        request,
        "tap_felt.html",
        said=None,
        told=told,
        when=when(told.answer),
        sentences=of_this_answer(told.answer),
        details=pain_advice.details(level) if level else (),
        first_aid=pain_advice.first_aid(),
        pads=pain_advice.pads() if spot and pain_advice.is_forefoot(spot) else "",
        clinician=NOT_ADVICE,
    )
