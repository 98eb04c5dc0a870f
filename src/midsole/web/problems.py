"""The one shape of errors in JSON: RFC 9457."""

from http import HTTPStatus

from fastapi.responses import JSONResponse

API = "/api/"
PROBLEM = "application/problem+json"
LONGEST = 2_000


def problem(status: int, detail: str) -> JSONResponse:
    """RFC 9457; what can't be written (half of a surrogate pair, as sent) is a question mark."""
    said = detail[:LONGEST].encode("utf-8", "replace").decode()
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": said}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers=headers, media_type=PROBLEM)
