"""Settings, Security: the password, where one is logged in, API tokens, and who else may come in."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from midsole.actions import api_tokens, logging_in, pass_codes
from midsole.actions.attempts import TooManyTries
from midsole.actions.passwords import SHORTEST
from midsole.domain.errors import NotThere, UsageError
from midsole.web.forms import LARGEST_ID, Form, Posted
from midsole.web.letting_in import device_of, let_in, new_password
from midsole.web.page import go_to, page
from midsole.web.slowly import Slowly
from midsole.web.visit import Mine, Visit

router = APIRouter()
type Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]

HERE = "/settings/security"
SCOPES = (
    ("read", "Read what the pages show"),
    ("write", "Change things: pairs, runs, alerts"),
    ("upload", "Send in activities"),
    ("calendar", "Read the calendar feed"),
    ("metrics", "Read /metrics, for monitoring"),
    ("health", "Read and write health data: check-ins, pain, comeback, exercises"),
)


@router.get(HERE)
def security(visit: Mine, request: Request) -> Response:
    return _page(visit, request)


def _page(visit: Visit, request: Request, *, status: int = 200, **said: Any) -> Response:
    """`said`: an error beside the form it belongs to, or a secret that is shown this once."""
    box, me = visit.box, visit.me
    values: dict[str, Any] = {
        "has_password": logging_in.has_password(box, me.id),
        "sessions": logging_in.sessions(box, me.id),
        "tokens": api_tokens.tokens(box, me.id),
        "scopes": SCOPES,
        "owner": visit.is_owner,
        "invitations": pass_codes.invitations(box, me.id) if visit.is_owner else [],
        "waiting": pass_codes.without_passwords(box, me.id) if visit.is_owner else [],
        "shortest": SHORTEST,
        "form": None,
        "wrong_password": None,
        "wrong_token": None,
        "wrong_people": None,
        "new_token": None,
        "new_link": None,
        "link_for": None,
    }
    return page(visit, request, "security.html", status=status, **values | said)


def _trouble(visit: Visit, request: Request, place: str, error: UsageError, form: Form | None) -> Response:
    status = 429 if isinstance(error, TooManyTries) else 422
    return _page(visit, request, status=status, form=form, **{place: error})


@router.post(f"{HERE}/password", dependencies=[Slowly])
def set_password(visit: Mine, request: Request, form: Posted) -> Response:
    """Also the first one, which closes an open house."""
    box, me, device = visit.box, visit.me, device_of(request)
    try:
        password = new_password(form)
        if logging_in.has_password(box, me.id):
            now = form.text("now", "Your present password")
            token = logging_in.change_password(box, me.id, now, password, device)
        else:
            token = logging_in.set_first_password(box, me.id, password, device)
    except UsageError as error:
        return _trouble(visit, request, "wrong_password", error, form)
    return let_in(visit, request, token, HERE, "The password is set; every other browser is logged out.")


@router.post(f"{HERE}/sessions/others/end")
def end_others(visit: Mine) -> Response:
    ended = logging_in.end_other_sessions(visit.box, visit.me.id, visit.session_id)
    said = {0: "Nobody else was logged in.", 1: "One other browser is logged out."}
    return go_to(visit, HERE, said.get(ended, f"{ended} other browsers are logged out."))


@router.post(f"{HERE}/sessions/{{session_id}}/end")
def end_session(session_id: Number, visit: Mine) -> Response:
    logging_in.end_session(visit.box, visit.me.id, session_id)
    return go_to(visit, HERE, "That browser is logged out.")


@router.post(f"{HERE}/tokens")
def make_token(visit: Mine, request: Request, form: Posted) -> Response:
    """The answer itself shows the token: it is kept nowhere, a cookie included."""
    try:
        scopes = [value for value in form.data.getlist("scope") if isinstance(value, str)]
        token = api_tokens.make_token(visit.box, visit.me.id, form.text("name", "A name"), scopes)
    except UsageError as error:
        return _trouble(visit, request, "wrong_token", error, form)
    return _page(visit, request, new_token=token)


@router.post(f"{HERE}/tokens/{{token_id}}/revoke")
def revoke_token(token_id: Number, visit: Mine) -> Response:
    name = api_tokens.revoke(visit.box, visit.me.id, token_id)
    return go_to(visit, HERE, f"The token {name} is revoked: it opens nothing any more.")


@router.post(f"{HERE}/invite")
def invite(visit: Mine, request: Request) -> Response:
    try:
        code = pass_codes.invite(visit.box, visit.me.id)
    except NotThere:
        raise
    except UsageError as error:
        return _trouble(visit, request, "wrong_people", error, None)
    return _page(visit, request, new_link=_link(visit, request, f"/join/{code}"))


@router.post(f"{HERE}/invitations/{{code_id}}/take-back")
def take_back(code_id: Number, visit: Mine) -> Response:
    pass_codes.take_back(visit.box, visit.me.id, code_id)
    return go_to(visit, HERE, "The invitation is taken back.")


@router.post(f"{HERE}/runners/{{runner_id}}/let-in")
def let_runner_in(runner_id: Number, visit: Mine, request: Request) -> Response:
    try:
        code = pass_codes.let_in(visit.box, visit.me.id, runner_id)
    except NotThere:
        raise
    except UsageError as error:
        return _trouble(visit, request, "wrong_people", error, None)
    name = next(r.name for r in pass_codes.without_passwords(visit.box, visit.me.id) if r.id == runner_id)
    return _page(visit, request, new_link=_link(visit, request, f"/recover/{code}"), link_for=name)


def _link(visit: Visit, request: Request, path: str) -> str:
    """As the others reach it; without a public address as the owner does."""
    return (visit.box.public_url or str(request.base_url).rstrip("/")) + path
