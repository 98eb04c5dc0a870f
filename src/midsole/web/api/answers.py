"""How answers are written: JSON with a mark of their content, and long lists by the page."""

import binascii
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field

from midsole.domain.errors import UsageError
from midsole.domain.kept import FIRST_YEAR, LAST_YEAR
from midsole.web.api.words import Asked, Told
from midsole.web.forms import LARGEST_ID
from midsole.web.shield import PRIVATE

JSON = "application/json"
AGAIN = "private, no-cache"
"""May be kept by the asker alone, who asks each time whether it still holds."""
PAGE, LARGEST_PAGE = 50, 500


class Paged(Asked):
    """Where to go on, as the answer before said, and how many at most."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = PAGE
    cursor: Annotated[str | None, Field(min_length=1, max_length=200)] = None


class Page[T](Told):
    """Some of a list; `next` is the address of the rest, null at the end."""

    items: list[T]
    next: str | None


class All[T](Told):
    """All of a list."""

    items: list[T]


def answer(request: Request, value: Any, status: int = 200, media_type: str = JSON) -> Response:
    """The value as JSON (or bytes as they are); of a GET with its ETag, or 304 where the asker has it."""
    body = value if isinstance(value, bytes) else as_json(value)
    if request.method != "GET":
        return Response(body, status, media_type=media_type)
    # Weak: the middleware may send the same content compressed.
    headers = {"etag": f'W/"{hashlib.sha256(body).hexdigest()[:32]}"', "cache-control": _how_kept(request)}
    headers["vary"] = "Authorization, Cookie"
    if _has_it(request, headers["etag"]):
        return Response(None, 304, headers=headers)
    return Response(body, status, headers=headers, media_type=media_type)


def _how_kept(request: Request) -> str:
    return PRIVATE if getattr(request.state, "kept_nowhere", False) else AGAIN


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_iso).encode()


def _iso(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _has_it(request: Request, etag: str) -> bool:
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return etag.removeprefix("W/") in known or "*" in known


def items(request: Request, rows: Sequence[Any]) -> Response:
    """A list that is told at once."""
    return answer(request, {"items": rows})


def page(request: Request, rows: Sequence[Any], last: Sequence[Any] | None) -> Response:
    """Rows of a longer list; `last` is the key of the last one where more follow."""
    if last is None:
        return answer(request, {"items": rows, "next": None})
    address = request.url.include_query_params(cursor=cursor(*last))
    more = f"{address.path}?{address.query}"
    response = answer(request, {"items": rows, "next": more})
    response.headers["link"] = f'<{more}>; rel="next"'
    return response


def cut(rows: Sequence[Any], asked: Paged, key: str) -> tuple[Sequence[Any], tuple[int] | None]:
    """The page of rows that come by falling numbers in `key`, and the key of its last where more follow."""
    after = number_in(asked.cursor)
    left = [row for row in rows if after is None or row[key] < after]
    shown = left[: asked.limit]
    return shown, (shown[-1][key],) if len(left) > len(shown) else None


def cursor(*key: Any) -> str:
    told = "|".join(_iso(part) for part in key)
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def _parts(said: str) -> list[str]:
    try:
        raw = urlsafe_b64decode(said.encode("ascii") + b"=" * (-len(said) % 4))
        return raw.decode("ascii").split("|")
    except (binascii.Error, UnicodeError, ValueError):
        raise UsageError(NO_CURSOR) from None


NO_CURSOR = "This cursor is none of ours: take the address in `next` as it is."


def number_in(said: str | None) -> int | None:
    """The number that `cursor` was made of."""
    if said is None:
        return None
    (number,) = parts if len(parts := _parts(said)) == 1 else ("",)
    return _number(number)


def moment_in(said: str | None) -> tuple[datetime, int] | None:
    """The time and the number that `cursor` was made of."""
    if said is None:
        return None
    at, number = parts if len(parts := _parts(said)) == 2 else ("", "")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        raise UsageError(NO_CURSOR) from None
    if found.utcoffset() is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise UsageError(NO_CURSOR)
    return found, _number(number)


def _number(said: str) -> int:
    if not (said.isascii() and said.isdecimal() and len(said) <= 10 and int(said) <= LARGEST_ID):
        raise UsageError(NO_CURSOR)
    return int(said)
