"""Single values of Garmin's answers, read whatever stands there; and the errors of an answer."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from email.utils import parsedate_to_datetime

from midsole.domain.errors import MidsoleError, Retry, Unreachable

LONGEST_ID = 40
LONGEST_TOKEN = 16_384
LATEST_S = 1e11
LONGEST_PAUSE_S = 7 * 86_400
LONGEST_LINE = 1_000_000
"""Characters; the longest real line of the list has about 6,000."""
ODD = "Garmin answered with something else than {}. Midsole tries again."


class NotFound(MidsoleError):
    """Garmin knows nothing under this id."""


class OddAnswer(Retry):
    """Garmin answered, but not with what was asked for: a web page, half a JSON, another shape."""


class Interrupted(Unreachable):
    """This request failed at Garmin's end (5xx) or on the way; one for something else may pass."""


def rows_of(payload: object, wanted: str) -> list[object]:
    """What came where a list was asked for; `{}` is how a 204 arrives."""
    if payload is None or payload == {}:
        return []
    if not isinstance(payload, list):
        raise OddAnswer(ODD.format(wanted))
    return payload


def sound_id(value: object) -> str | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= LONGEST_ID:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**LONGEST_ID:
        return None
    return str(value)


def day_of(value: object) -> date | None:
    """The day that a text such as 2026-03-18, 2026-03-18T01:15:28.0 or 2026-03-18 01:15:28 begins with."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d(?!\d)", value, re.ASCII):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def as_text(value: object) -> str:
    """JSON as it came, without halves of characters, which no database takes.

    ValueError: too deep or too long to be kept."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if len(text) > LONGEST_LINE:
        raise ValueError("too long")
    return text.encode("utf-8", "replace").decode()


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def expiry_of(token: str) -> float | None:
    """Seconds since 1970 at which a JWT, which only Garmin can check, ends; None where it says none."""
    try:
        claims = token.split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        expires = told["exp"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    is_time = isinstance(expires, int | float) and 0 < expires < LATEST_S
    return float(expires) if is_time else None


def wished_pause(headers: Mapping[str, str]) -> timedelta | None:
    """What Retry-After says, in seconds or as a date, which is taken against the answer's own."""
    wish, sent = headers.get("Retry-After") or "", headers.get("Date") or ""
    if wish.isascii() and wish.isdigit():
        return timedelta(seconds=min(int(wish[:9]), LONGEST_PAUSE_S))
    try:
        seconds = (parsedate_to_datetime(wish) - parsedate_to_datetime(sent)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return timedelta(seconds=min(max(seconds, 0), LONGEST_PAUSE_S))


def is_token(value: object) -> bool:
    """Whether it can stand in a header: nothing but visible ASCII."""
    return isinstance(value, str) and re.fullmatch(rf"[!-~]{{1,{LONGEST_TOKEN}}}", value) is not None
