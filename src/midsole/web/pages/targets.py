"""Settings of what goes beside mail: push addresses, webhooks, and whether alerts are mailed at all."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import targets
from midsole.domain.errors import MidsoleError
from midsole.web.forms import LARGEST_ID, Form, Posted
from midsole.web.page import go_to, page
from midsole.web.slowly import Slowly
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/settings/push"


@router.get(PLACE)
def listed(visit: Mine, request: Request) -> Response:
    return _page(visit, request)


def _page(
    visit: Visit,
    request: Request,
    form: Form | None = None,
    error: MidsoleError | None = None,
    part: str = "",
    added: str = "",
    secret: str = "",
) -> Response:
    return page(
        visit,
        request,
        "targets.html",
        status=422 if error else 200,
        targets=targets.listed(visit.box, visit.me.id),
        form=form,
        error=error,
        part=part,
        added=added,
        secret=secret,
    )


@router.post(PLACE, dependencies=[Slowly])
def add(visit: Mine, request: Request, form: Posted) -> Response:
    """The secret of a webhook is shown on this answer alone."""
    try:
        kind, name = form["kind"], form.text("name")
        added = targets.add(visit.box, visit.me.id, kind, name, form.text("url", "The address"))
    except MidsoleError as error:
        return _page(visit, request, form, error, form["kind"])
    if added.secret:
        return _page(visit, request, added=name, secret=added.secret)
    return go_to(visit, PLACE, f"Alerts go to {name} too. Send a test message to see that it arrives.")


@router.post(PLACE + "/{target_id}/test", dependencies=[Slowly])
def try_it(visit: Mine, request: Request, target_id: int) -> Response:
    try:
        told = targets.send_test(visit.box, visit.me.id, _id(target_id))
    except MidsoleError as error:
        targets.shown(visit.box, visit.me.id, _id(target_id))  # a stranger's number is a page of its own
        return _page(visit, request, error=error, part="list")
    return go_to(visit, PLACE, told)


@router.post(PLACE + "/{target_id}/pause")
def pause(visit: Mine, target_id: int) -> Response:
    targets.pause(visit.box, visit.me.id, _id(target_id))
    return go_to(visit, PLACE, "It is paused: nothing is sent there.")


@router.post(PLACE + "/{target_id}/resume")
def resume(visit: Mine, target_id: int) -> Response:
    targets.resume(visit.box, visit.me.id, _id(target_id))
    return go_to(visit, PLACE, "It gets the next alert.")


@router.post(PLACE + "/{target_id}/remove")
def remove(visit: Mine, target_id: int) -> Response:
    targets.remove(visit.box, visit.me.id, _id(target_id))
    return go_to(visit, PLACE, "It is removed, with what still waited for it.")


def _id(target_id: int) -> int:
    return max(0, min(target_id, LARGEST_ID))
