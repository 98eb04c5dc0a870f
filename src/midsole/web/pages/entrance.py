"""The entrance: log in and out, say who one is, set up, join by invitation, recover."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from midsole.actions import entering, logging_in, pass_codes, setup
from midsole.actions.attempts import TooManyTries
from midsole.actions.passwords import SHORTEST
from midsole.domain.errors import UsageError
from midsole.web.door import address_of
from midsole.web.forms import Form, Posted
from midsole.web.letting_in import device_of, let_in, new_password, shut_out
from midsole.web.page import go_to, page, safe_back
from midsole.web.slowly import Slowly
from midsole.web.visit import SESSION_COOKIE, Anyone, LoginNeeded, Visit

router = APIRouter()


@router.get("/login")
def login_form(visit: Anyone, request: Request, next: str = "/") -> Response:  # noqa: A002
    """Where nobody has a password yet, no name would do."""
    back = safe_back(Form(FormData([("back", next)])))
    if visit.runner is not None:
        return go_to(visit, back)
    if entering.is_open(visit.box):
        return RedirectResponse("/setup", 303)
    return page(visit, request, "login.html", back=back, form=None, error=None)


@router.post("/login", dependencies=[Slowly])
def login(visit: Anyone, request: Request, form: Posted) -> Response:
    back = safe_back(form)
    try:
        name, password = form.text("name", "The name"), form.text("password", "The password")
        address = address_of(visit.house, request)
        token = logging_in.log_in(visit.box, name, password, address, device_of(request))
    except UsageError as error:
        return _again(visit, request, "login.html", error, back=back, form=form)
    return let_in(visit, request, token, back)


def _again(visit: Visit, request: Request, template: str, error: UsageError, **values: Any) -> Response:
    """The form once more, with what was wrong."""
    waits = error.wait_s if isinstance(error, TooManyTries) else 0
    response = page(visit, request, template, status=429 if waits else 422, error=error, **values)
    if waits:
        response.headers["Retry-After"] = str(waits)
    return response


@router.post("/logout")
def logout(visit: Anyone, request: Request) -> Response:
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        logging_in.log_out(visit.box, token)
    return shut_out(go_to(visit, "/login", "You are logged out."))


@router.get("/who")
def who(visit: Anyone, request: Request) -> Response:
    """In an open house one may choose; elsewhere it says who is logged in."""
    if visit.how == "token":
        raise LoginNeeded
    known = setup.everyone(visit.box) if visit.open_house else [visit.me]
    return page(visit, request, "who.html", known=known)


@router.post("/who")
def choose(visit: Anyone, request: Request, form: Posted) -> Response:
    if not visit.open_house:
        raise LoginNeeded
    chosen = form.whole("runner")
    token = logging_in.choose(visit.box, -1 if chosen is None else chosen, device_of(request))
    return let_in(visit, request, token, "/")


@router.get("/setup")
def setup_form(visit: Anyone, request: Request) -> Response:
    if not entering.is_open(visit.box):
        return RedirectResponse("/login", 303)
    if visit.open_house:
        return RedirectResponse("/settings/security", 303)
    return page(visit, request, "setup.html", error=None, form=None, shortest=SHORTEST)


@router.post("/setup", dependencies=[Slowly])
def set_up(visit: Anyone, request: Request, form: Posted) -> Response:
    try:
        code, password = form.text("code", "The set-up code"), new_password(form)
        address = address_of(visit.house, request)
        token = pass_codes.set_up(visit.box, code, password, address, device_of(request))
    except UsageError as error:
        return _again(visit, request, "setup.html", error, form=form, shortest=SHORTEST)
    return let_in(visit, request, token, "/", "Your password is set. Welcome.")


@router.get("/join/{code}")
def join_form(code: str, visit: Anyone, request: Request) -> Response:
    pass_codes.check_invitation(visit.box, code)
    return _join_page(visit, request, None, None)


def _join_page(visit: Visit, request: Request, form: Form | None, error: UsageError | None) -> Response:
    said = form.plain() if form else {"zone": setup.system_zone(), "units": "km"}
    values = {"form": said, "shortest": SHORTEST, "error": error}
    return page(visit, request, "join.html", status=422 if error else 200, **values)


@router.post("/join/{code}", dependencies=[Slowly])
def join(code: str, visit: Anyone, request: Request, form: Posted) -> Response:
    pass_codes.check_invitation(visit.box, code)
    try:
        name, zone = form.text("name", "Your name"), form.text("zone", "The time zone")
        said = {"units": form["units"], "email": form.maybe("email")}
        token = pass_codes.join(visit.box, code, name, zone, new_password(form), device_of(request), **said)
    except UsageError as error:
        return _join_page(visit, request, form, error)
    return let_in(visit, request, token, "/", "Welcome. Your runs come in from Settings, Sources.")


@router.get("/recover/{code}")
def recover_form(code: str, visit: Anyone, request: Request) -> Response:
    runner = pass_codes.recovering(visit.box, code)
    return page(visit, request, "recover.html", whose=runner.name, error=None, shortest=SHORTEST)


@router.post("/recover/{code}", dependencies=[Slowly])
def recover(code: str, visit: Anyone, request: Request, form: Posted) -> Response:
    runner = pass_codes.recovering(visit.box, code)
    try:
        token = pass_codes.recover(visit.box, code, new_password(form), device_of(request))
    except UsageError as error:
        return _again(visit, request, "recover.html", error, whose=runner.name, shortest=SHORTEST)
    return let_in(visit, request, token, "/", "Your new password is set; every other browser is logged out.")
