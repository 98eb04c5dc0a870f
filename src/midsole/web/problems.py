"""The one shape of errors in JSON: RFC 9457."""

from http import HTTPStatus

from fastapi.responses import JSONResponse

API = "/api/"
PROBLEM = "application/problem+json"


def problem(status: int, detail: str) -> JSONResponse:
    """RFC 9457."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers=headers, media_type=PROBLEM)
