"""One tap from a mail: a page with one button, or one choice, that acts only when it is sent."""

from collections.abc import Callable
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from midsole.actions import feeling, tapping
from midsole.actions.box import Box
from midsole.actions.links import LinkIsOver, Opened, open_link
from midsole.domain.errors import MidsoleError, NotThere
from midsole.domain.taps import ACKNOWLEDGE, FEEL, SHOE, SNOOZE, STOP, TICKS, WRONG
from midsole.web import tap_feel
from midsole.web.forms import Form, Posted, is_id
from midsole.web.page import page
from midsole.web.tap_feel import Felt
from midsole.web.troubles import status_of
from midsole.web.visit import Anyone, Visit

router = APIRouter(include_in_schema=False)
ONE_CLICK = "List-Unsubscribe"
"""The field that a mail program sends in the reader's name (RFC 8058)."""


type Doing = Callable[[Box, Opened, Form], str | Felt]

DOINGS: dict[tuple[str, str], Doing] = {
    (SHOE, ""): lambda box, opened, form: tapping.wear(box, opened, _number(form["shoe"])),
    (SNOOZE, ""): lambda box, opened, _: tapping.snooze(box, opened),
    (SNOOZE, "undo"): lambda box, opened, _: tapping.open_again(box, opened),
    (ACKNOWLEDGE, ""): lambda box, opened, _: tapping.acknowledge(box, opened),
    (ACKNOWLEDGE, "undo"): lambda box, opened, _: tapping.open_again(box, opened),
    (WRONG, "exclude"): lambda box, opened, _: tapping.leave_out(box, opened),
    (WRONG, "undo"): lambda box, opened, _: tapping.count_again(box, opened),
    (WRONG, "confirm"): lambda box, opened, _: tapping.confirm(box, opened),
    (WRONG, "distance"): lambda box, opened, form: tapping.correct(
        box, opened, form.distance("distance", opened.runner.units)
    ),
    (FEEL, "fine"): lambda box, opened, _: tap_feel.fine(box, opened),
    (FEEL, "said"): tap_feel.said,
    (FEEL, "undo"): lambda box, opened, form: feeling.take_back(box, opened, form["answer"]),
    (STOP, ""): lambda box, opened, _: tapping.stop(box, opened),
    (STOP, "undo"): lambda box, opened, form: tapping.send_again(box, opened, form["before"]),
    (TICKS, ""): lambda box, opened, _: tapping.tick_all(box, opened),
    (TICKS, "undo"): lambda box, opened, form: tapping.untick_all(box, opened, form["before"]),
}
"""What may be sent to which kind of link, by the form's field `do`."""


@router.get("/t/{token}")
@router.head("/t/{token}")
def look(visit: Anyone, request: Request, token: str) -> Response:
    """Mail scanners follow links: to look changes nothing."""
    try:
        opened = open_link(visit.box, token)
    except (NotThere, LinkIsOver) as error:
        return _too_late(visit, request, error)
    return _shown(visit, request, opened)


@router.post("/t/{token}")
def act(visit: Anyone, request: Request, token: str, form: Posted) -> Response:
    """The link itself is the key: no cookie, no log-in, no token of a form."""
    try:
        opened = open_link(visit.box, token)
        before = tapping.before(visit.box, opened)
        told = _do(visit.box, opened, form)
        now = open_link(visit.box, token)
    except (NotThere, LinkIsOver) as error:
        return _too_late(visit, request, error)
    except MidsoleError as error:
        return _shown(visit, request, opened, error=error, form=form)
    if isinstance(told, Felt):
        return tap_feel.felt_page(_as_of_link(visit, now), request, told)
    if form[ONE_CLICK] == "One-Click":
        return PlainTextResponse(told)
    return _shown(visit, request, now, told=told, before=before)


def _do(box: Box, opened: Opened, form: Form) -> str | Felt:
    doing = DOINGS.get((opened.purpose, form["do"]))
    if doing is None:
        raise NotThere("This link can't do that.")
    return doing(box, opened, form)


def _number(said: str) -> int:
    return int(said) if is_id(said) else -1


def _shown(
    visit: Visit,
    request: Request,
    opened: Opened,
    *,
    told: str = "",
    error: MidsoleError | None = None,
    form: Form | None = None,
    before: str = "every",
) -> Response:
    about_run = opened.activity is not None
    return page(
        _as_of_link(visit, opened),
        request,
        "tap.html",
        status=422 if error else 200,
        said=None,
        opened=opened,
        run=tapping.run_words(opened) if about_run else "",
        choices=tapping.choices(visit.box, opened) if opened.purpose == SHOE else (),
        off=opened.purpose == STOP and tapping.is_off(opened),
        told=told,
        error=error,
        entered=form["distance"] if form else "",
        before=before,
        **tap_feel.questions(visit.box, opened, form),
    )


def _too_late(visit: Visit, request: Request, error: MidsoleError) -> Response:
    gone = isinstance(error, LinkIsOver)
    title = "This link is over" if gone else "This link is not known"
    return page(
        _stranger(visit),
        request,
        "tap_over.html",
        status=410 if gone else status_of(error),
        said=None,
        title=title,
        detail=str(error),
    )


def _as_of_link(visit: Visit, opened: Opened) -> Visit:
    """Whoever is logged in here: a link shows nothing of another runner than its own."""
    return visit if visit.runner and visit.runner.id == opened.runner.id else _stranger(visit)


def _stranger(visit: Visit) -> Visit:
    return replace(visit, how="nobody", runner=None, session_id=None, open_house=False)
