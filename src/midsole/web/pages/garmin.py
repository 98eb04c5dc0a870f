"""Garmin: log in by e-mail, password and code, or by a key; how it stands, and what it may do."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import connecting, sources
from midsole.domain.connection import GARMIN, GARMIN_PERSONAL, LOGIN_NEEDED
from midsole.domain.errors import MidsoleError, Retry, UsageError
from midsole.domain.page_words import on_a_page
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.slowly import Slowly
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE, KEY = "/settings/garmin", "/settings/garmin/key"
READING = "Garmin Connect is connected. The first look begins within half a minute, where the worker runs."
CODE_SENT = "Garmin has sent you a code. Enter it within ten minutes."
SENT_ALREADY = "That form was sent already, so nothing was sent again. This is how it stands now."


@router.get(PLACE)
def garmin(visit: Mine, request: Request, again: bool = False) -> Response:
    return _page(visit, request, again=again)


def _page(
    visit: Visit, request: Request, error: MidsoleError | None = None, *, again: bool = False
) -> Response:
    stand = sources.stand(visit.box, visit.me.id, GARMIN)
    needed = not stand.code_until and (not stand.is_connected or stand.state == LOGIN_NEEDED)
    return _shown(visit, request, "garmin.html", error, stand=stand, again=again or needed)


def _shown(
    visit: Visit, request: Request, template: str, error: MidsoleError | None, **values: Any
) -> Response:
    """What was typed is not shown again but the address: never a password, a code or a key."""
    status = 200 if error is None else 503 if isinstance(error, Retry) else 422
    email = values.pop("email", "")
    said = on_a_page(str(error)) if error else ""
    return page(visit, request, template, status=status, error=said, email=email, path=PATH_OF_TAB, **values)


PATH_OF_TAB = "/settings/sources"
"""These pages belong to that part of the settings."""


@router.post(f"{PLACE}/log-in")
def log_in(visit: Mine, request: Request, form: Posted) -> Response:
    """One attempt, however often the button is pressed; Garmin may take up to a minute."""
    before = sources.stand(visit.box, visit.me.id, GARMIN)
    if before.is_busy or form["mark"] != before.mark:
        return go_to(visit, PLACE, SENT_ALREADY)
    email, adopt = form["email"], form["pairs"] != "propose"
    try:
        asked = sources.log_in(
            visit.box, visit.me.id, email, _as_typed(form, "password"), china="china" in form, adopt=adopt
        )
    except MidsoleError as error:
        now = sources.stand(visit.box, visit.me.id, GARMIN)
        if isinstance(error, UsageError) and now.is_busy:
            return go_to(visit, PLACE, SENT_ALREADY)
        return _shown(visit, request, "garmin.html", error, stand=now, again=True, email=email)
    return go_to(visit, PLACE, READING if asked.state == connecting.CONNECTED else CODE_SENT)


def _as_typed(form: Form, name: str) -> str:
    """A password may begin or end with a space."""
    said = form.data.get(name)
    if not isinstance(said, str) or len(said) > 1_000:
        raise UsageError("Enter the e-mail address and the password of your Garmin account.")
    return said


@router.post(f"{PLACE}/code")
def enter_code(visit: Mine, request: Request, form: Posted) -> Response:
    """A wrong one leaves the log-in waiting."""
    try:
        connecting.enter_code(visit.box, visit.me.id, form.text("code", "The code"))
    except MidsoleError as error:
        now = sources.stand(visit.box, visit.me.id, GARMIN)
        if now.is_busy or (isinstance(error, UsageError) and now.is_connected and not now.code_until):
            return go_to(visit, PLACE, SENT_ALREADY)
        return _page(visit, request, error)
    return go_to(visit, PLACE, READING)


@router.post(f"{PLACE}/tokens", dependencies=[Slowly])
def take_tokens(visit: Mine, request: Request, form: Posted) -> Response:
    try:
        connecting.take_tokens(
            visit.box, visit.me.id, form.text("tokens", "The text of the tokens"), china="china" in form
        )
    except MidsoleError as error:
        return _page(visit, request, error, again=True)
    return go_to(visit, PLACE, f"The tokens are kept, encrypted. {READING}")


@router.post(f"{PLACE}/options")
def options(visit: Mine, request: Request, form: Posted) -> Response:
    adopt, write_back = form["pairs"] != "propose", "write_back" in form
    try:
        connecting.set_option(visit.box, visit.me.id, adopt=adopt, write_back=write_back)
    except UsageError as error:
        return _page(visit, request, error)
    added = "are added by themselves" if adopt else "are only proposed"
    written = "is written to Garmin too" if write_back else "stays in Midsole"
    return go_to(visit, PLACE, f"Garmin's pairs {added}. What you say of a run's pair {written}.")


@router.post(f"{PLACE}/disconnect", dependencies=[Slowly])
def disconnect(visit: Mine, request: Request) -> Response:
    try:
        connecting.disconnect(visit.box, visit.me.id, GARMIN)
    except UsageError as error:
        return _page(visit, request, error)
    said = "The log-in is forgotten, and all that was kept for it. What came from Garmin stays."
    return go_to(visit, PATH_OF_TAB, said)


@router.get(KEY)
def personal(visit: Mine, request: Request) -> Response:
    return _personal(visit, request)


def _personal(visit: Visit, request: Request, error: MidsoleError | None = None, day: str = "") -> Response:
    stand = sources.stand(visit.box, visit.me.id, GARMIN_PERSONAL)
    return _shown(visit, request, "garmin_key.html", error, stand=stand, day=day)


@router.post(KEY, dependencies=[Slowly])
def take_key(visit: Mine, request: Request, form: Posted) -> Response:
    """The key is tried once before it is kept."""
    try:
        connecting.refuse_too_early(visit.box, visit.me.id, GARMIN_PERSONAL)
        connecting.take_key(visit.box, visit.me.id, form.text("key", "The key"), form.day("expires_on"))
    except MidsoleError as error:
        return _personal(visit, request, error, form["expires_on"])
    return go_to(visit, KEY, "Garmin's Personal API is connected and is read within half a minute.")
