"""How what goes wrong is told: a page in a sentence, or one shape of JSON (RFC 9457); never a stack trace."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from midsole.domain.errors import MidsoleError, NotThere, Retry, UsageError
from midsole.web.page import page
from midsole.web.problems import API, problem
from midsole.web.shield import TooLarge, TooSlow
from midsole.web.visit import Forbidden, LoginNeeded, visiting


def tell_troubles(app: FastAPI) -> None:
    app.add_exception_handler(LoginNeeded, _login_needed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(Forbidden, _known)
    app.add_exception_handler(MidsoleError, _known)


def status_of(error: Exception) -> int:
    match error:
        case Forbidden():
            return 403
        case NotThere():
            return 404
        case UsageError():
            return 422
        case Retry():
            return 503
        case _:
            return 409


def told(request: Request, status: int, detail: str) -> Response:
    """The trouble as the asker reads it."""
    title = HTTPStatus(status).phrase
    if request.url.path.startswith(API):
        return problem(status, detail)
    visit = visiting(request)
    return page(visit, request, "trouble.html", status=status, title=title, detail=detail)


def _login_needed(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith(API):
        return problem(401, "Log in, or send a token: Authorization: Bearer ...")
    back = f"?next={quote(request.url.path)}" if request.method == "GET" and request.url.path != "/" else ""
    return RedirectResponse(f"/login{back}", 303)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, TooLarge | TooSlow):
        raise error.__cause__  # FastAPI calls it a body that can't be read; the shield tells what it is
    words = {404: "There is no such page here.", 405: "This address takes no such request."}
    answer = told(request, error.status_code, words.get(error.status_code, str(error.detail)))
    answer.headers.update(error.headers or {})
    return answer


def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [f"{'.'.join(map(str, e['loc'][1:])) or e['loc'][0]}: {e['msg']}" for e in error.errors()]
    in_path = any(e["loc"][:1] == ("path",) for e in error.errors())
    return told(request, 404 if in_path else 422, "; ".join(found))


def _known(request: Request, error: Exception) -> Response:
    return told(request, status_of(error), str(error))
