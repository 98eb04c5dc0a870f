"""What the API's description says of every endpoint: who may ask, and which troubles it can answer."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.exceptions import HTTPException

from midsole.web.problems import API, PROBLEM
from midsole.web.visit import SESSION_COOKIE

by_token = HTTPBearer(
    scheme_name="token", description="Made at /settings/security, for some scopes.", auto_error=False
)
by_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    scheme_name="session",
    description="As a browser that is logged in; what changes something also needs the X-CSRF-Token.",
    auto_error=False,
)
OUTSIDE = ("/healthz", "/readyz", "/metrics")
ALWAYS = (401, 403, 404, 409, 422, 503)
WITH_BODY = (400, 413, 415)
NOT_CHANGED = {"description": "You have it already, as If-None-Match says."}
PROBLEM_SCHEMA = {
    "title": "Problem",
    "description": "RFC 9457: what went wrong, in a sentence.",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}


async def json_alone(request: Request) -> None:
    """A body that is read as JSON must be called so."""
    if getattr(request.scope.get("route"), "body_field", None) is None:
        return
    said = request.headers
    kind = said.get("content-type", "").partition(";")[0].strip().lower()
    empty = said.get("content-length", "0") == "0" and "transfer-encoding" not in said
    if kind != "application/json" and not kind.endswith("+json") and not (empty and not kind):
        raise HTTPException(415, "Send JSON, with the header Content-Type: application/json.")


def describe(app: FastAPI) -> None:
    """Let the app tell of the API alone, and all of it."""

    def told() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = told  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title="Midsole",
        version=app.version,
        description="SI units with the unit in the key, ISO dates, null for not enough data.",
        routes=app.routes,
    )
    found["paths"] = {
        path: item for path, item in found["paths"].items() if path.startswith(API) or path in OUTSIDE
    }
    found["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    for path, item in found["paths"].items():
        for method, operation in item.items():
            if path.startswith(API):
                _add_troubles(method, operation)
    return found


def _add_troubles(method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    body = WITH_BODY if "requestBody" in operation else ()
    answers |= {str(status): _problem(status) for status in (*ALWAYS, *body)}
    if method == "get":
        answers["304"] = NOT_CHANGED
        answers["200"]["headers"] = {"ETag": {"schema": {"type": "string"}, "required": True}}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM: {"schema": schema}}}
