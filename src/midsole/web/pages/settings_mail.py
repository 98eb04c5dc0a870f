"""Settings of mail: the weekly mail, quiet hours, a preview, the test mail, and what became of each."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import deliveries, mailtest, setup, weekly
from midsole.actions.slots import claim_slot
from midsole.domain.errors import MidsoleError, UsageError
from midsole.web.forms import LARGEST_ID, Form, Posted
from midsole.web.message_words import KINDS
from midsole.web.page import go_to, page
from midsole.web.slowly import Slowly
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/settings/mail"
TESTS = "mail-test"
WEEKLY = (
    ("every", "Every week"),
    ("warnings", "Only when there is something to warn of"),
    ("off", "No weekly mail"),
)
STATES = {
    "due": "waits",
    "sent": "sent",
    "failed": "failed",
    "given_up": "given up",
    "withdrawn": "withdrawn",
}


@router.get(PLACE)
def mail(visit: Mine, request: Request) -> Response:
    return _page(visit, request)


def _page(
    visit: Visit,
    request: Request,
    form: Form | None = None,
    error: MidsoleError | None = None,
    part: str = "",
) -> Response:
    values = _known(visit) | dict(form.plain() if form else {})
    if form and part == "choice":
        values["alert_mail"] = "alert_mail" in form
    return page(
        visit,
        request,
        "settings_mail.html",
        status=422 if error else 200,
        values=values,
        error=error,
        part=part,
        post=deliveries.posted(visit.box, visit.me.id),
        states=STATES,
        kinds=KINDS,
        weekly=WEEKLY,
        server=visit.house.settings.smtp_host if visit.is_owner else "",
        has_server=visit.box.mail is not None,
        outbox=visit.box.outbox_folder if visit.is_owner else None,
        settings_file=visit.box.home / "midsole.toml" if visit.is_owner else None,
    )


def _known(visit: Visit) -> dict[str, Any]:
    me = visit.me

    def clock(at: Any) -> str:
        return f"{at:%H:%M}" if at else ""

    return {
        "weekly_mail": me.weekly_mail,
        "alert_mail": me.alert_mail,
        "quiet_from": clock(me.quiet_from),
        "quiet_until": clock(me.quiet_until),
    }


@router.post(PLACE)
def save(visit: Mine, request: Request, form: Posted) -> Response:
    begin, end = form.maybe("quiet_from"), form.maybe("quiet_until")
    try:
        if (begin is None) is not (end is None):
            raise UsageError("Quiet hours need their begin and their end; leave both empty for none.")
        setup.edit_runner(
            visit.box,
            visit.me.id,
            weekly_mail=form.text("weekly_mail"),
            alert_mail="alert_mail" in form,
            quiet_from=setup.parse_clock(begin) if begin else None,
            quiet_until=setup.parse_clock(end) if end else None,
        )
    except UsageError as error:
        return _page(visit, request, form, error, "choice")
    return go_to(visit, PLACE, "Saved.")


@router.post(f"{PLACE}/test", dependencies=[Slowly])
def test(visit: Mine, request: Request) -> Response:
    """What the server answered is told, also where it refused; one a minute, for it is somebody's server."""
    try:
        minute = visit.box.now().replace(second=0, microsecond=0)
        if visit.box.mail and not claim_slot(visit.box, f"{TESTS}-{visit.me.id}", minute):
            raise UsageError("A test mail went out within this minute; look for it first.")
        told = mailtest.send_test(visit.box, visit.me.id)
    except MidsoleError as error:
        return _page(visit, request, None, error, "test")
    return go_to(visit, f"{PLACE}#test", told)


@router.get(f"{PLACE}/preview")
def preview(visit: Mine, request: Request) -> Response:
    written = weekly.preview(visit.box, visit.me.id)
    return page(visit, request, "settings_mail_preview.html", written=written)


@router.post(f"{PLACE}/weekly")
def send_weekly(visit: Mine, request: Request) -> Response:
    if visit.me.is_demo:
        return _page(
            visit, request, None, UsageError("The demo gets no mail: its runs are made up."), "weekly"
        )
    weekly.send_now(visit.box, visit.me.id)
    where = (
        "goes out in a moment" if visit.box.mail and visit.me.email else "is being written into the outbox"
    )
    return go_to(visit, f"{PLACE}#posted", f"The weekly mail {where}.")


@router.post(PLACE + "/{delivery_id}/retry")
def retry(visit: Mine, delivery_id: int) -> Response:
    deliveries.retry(visit.box, visit.me.id, min(delivery_id, LARGEST_ID))
    return go_to(visit, f"{PLACE}#posted", "It is tried again.")
