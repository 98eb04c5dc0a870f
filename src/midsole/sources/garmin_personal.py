"""Garmin's official Personal API: activities, originals and steps, by a key that the runner made there."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from midsole.domain.errors import BadInput, MidsoleError, NeedsRunner, RateLimited, Unreachable
from midsole.observe.clock import utc_now
from midsole.sources import connect_api
from midsole.sources.answers import ODD, Interrupted, NotFound, OddAnswer, expiry_of, is_token, wished_pause
from midsole.sources.base import Account, Cursor, File, Found
from midsole.sources.connect_api import Misses, Nonsense, Pace, ReadNow

BASE_URL = "https://personal.connectapi.garmin.com"
TOKEN_PATH = "/personalapitoken-service/personal-api/personal-api-key/token"  # noqa: S105
JSON = "application/json"
A_FILE = "application/x-zip-compressed, application/zip, application/octet-stream, */*"
"""Octet-stream alone is answered with 406."""
TIMEOUT_S = 30.0
RENEW_BEFORE = timedelta(hours=1)
"""Tokens live a day."""
LARGEST_ANSWER = 64 * 2**20
HOW_TO_MAKE_ONE = (
    "make a new one in Garmin Connect's settings (Personal API key), and give it to Midsole: "
    "midsole connect garmin-personal."
)
KEY_ENDED = f"Garmin does not accept the API key any more: {HOW_TO_MAKE_ONE}"
KEY_REFUSED = f"Garmin does not accept this API key. Copy the whole of it, or {HOW_TO_MAKE_ONE}"
NO_KEY = "This is no API key of Garmin's: it is one word of letters, digits and signs. Copy it again."
KEY_LOST = f"Midsole can't read the API key that it kept: {HOW_TO_MAKE_ONE}"
TOKEN_REFUSED = (
    f"Garmin gives a token for the API key, but refuses it at once. If that goes on, {HOW_TO_MAKE_ONE}"
)
UNREACHABLE = "Garmin can't be reached ({}). Midsole tries again by itself; the API key is kept."
TOO_MANY = "Garmin wants fewer requests (429). Midsole waits and tries again by itself."


class GarminPersonal:
    """One account; it is both the source and the requests that the source is made of."""

    page_size = 20
    """Pages above some 45 lines, as the server's own default is, are answered with 500 (October 2026)."""

    def __init__(
        self,
        account: Account,
        base_url: str = BASE_URL,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.account = account
        self.now = now
        self.line = _Line(base_url, timeout_s)
        self.secret: _Secret | None = None
        self.pace = Pace(account, sleep)
        self.misses = Misses()

    def find(self, cursor: Cursor) -> Iterator[Found]:
        self.misses = Misses()
        odd = Nonsense()
        if cursor.activities:
            yield from connect_api.activities(self, cursor, ReadNow(), odd)
        with connect_api.beside_activities(odd):
            yield from connect_api.steps(self, cursor)
        odd.tell()

    def fetch(self, found: File) -> BytesIO:
        return connect_api.fetch(self, found, self.misses)

    def page(self, start: int, since: date | None) -> object:  # noqa: ARG002 - older ones may be new to us
        path = "/activitylist-service/activities/search/activities"
        return _json(self._ask(path, start=start, limit=self.page_size))

    def detail(self, external_id: str) -> object:
        return _json(self._ask(f"/activity-service/activity/{external_id}"))

    def original(self, external_id: str) -> bytes:
        return self._ask(f"/download-service/files/activity/{external_id}", A_FILE).body

    def steps(self, first: date, last: date) -> object:
        return _json(self._ask(f"/usersummary-service/stats/steps/daily/{first}/{last}"))

    def _ask(self, path: str, accept: str = JSON, **params: int) -> "_Answer":
        """With the token kept, or a new one where that ends soon; after a 401 once more, with a new one."""
        secret = self.secret or self._begun()
        answer = self._get(path, secret, accept, params)
        if answer.status == 401:
            answer = self._get(path, self._exchanged(secret.key), accept, params)
        if answer.status == 401 and not answer.is_page:
            raise NeedsRunner(TOKEN_REFUSED)
        return _sound(answer)

    def _get(self, path: str, secret: "_Secret", accept: str, params: Mapping[str, int]) -> "_Answer":
        self.pace.wait()
        return self.line.send("GET", path, f"Bearer {secret.token}", accept, params)

    def _begun(self) -> "_Secret":
        kept = _secret_of(self.account.secret)
        if not kept.token or kept.expires - self.now().timestamp() < RENEW_BEFORE.total_seconds():
            return self._exchanged(kept.key)
        self.secret = kept
        return kept

    def _exchanged(self, key: str) -> "_Secret":
        """A new token, which is saved before anything else is asked."""
        self.pace.wait()
        try:
            secret = self.line.exchange(key)
        except _KeyRefused:
            raise NeedsRunner(KEY_ENDED) from None
        self.account.save(secret.text)
        self.secret = secret
        return secret


def check_key(key: str, base_url: str = BASE_URL) -> str:
    """Try the key once; returns an account's secret. BadInput: it is no key, or Garmin refuses it."""
    if not is_token(key):
        raise BadInput(NO_KEY)
    try:
        return _Line(base_url, TIMEOUT_S).exchange(key).text
    except _KeyRefused:
        raise BadInput(KEY_REFUSED) from None


class _KeyRefused(Exception):
    """Garmin does not know the key, or it has ended."""


@dataclass(frozen=True, slots=True)
class _Secret:
    """The key, and the token that it was last exchanged for; `expires` in seconds since 1970."""

    key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    expires: float = 0.0

    @property
    def text(self) -> str:
        return json.dumps({"key": self.key, "token": self.token, "expires": self.expires})


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_page(self) -> bool:
        """A web page comes from what stands before Garmin's servers, and says nothing about the key."""
        return "html" in self.headers.get("Content-Type", "").lower() or self.body.lstrip()[:1] == b"<"


@dataclass(frozen=True, slots=True)
class _Words(AuthBase):
    """As `auth`, since requests puts an entry of ~/.netrc in the place of a plain header."""

    words: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self.words
        return request


class _Line:
    """Requests to one host. No error holds a key, a token or Garmin's own words."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout_s = timeout_s
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "midsole"

    def exchange(self, key: str) -> _Secret:
        """The key for a token, without which nothing else can be asked: so what fails here is Unreachable."""
        try:
            answer = self.send("POST", TOKEN_PATH, f"ApiKey {key}", "*/*", {})
        except (Interrupted, OddAnswer) as error:
            raise Unreachable(str(error)) from None
        if answer.status in (401, 403) and not answer.is_page:
            raise _KeyRefused
        if answer.status == 429:
            raise RateLimited(TOO_MANY, wished_pause(answer.headers))
        if answer.status != 200:
            raise Unreachable(UNREACHABLE.format(answer.status), wished_pause(answer.headers))
        token = answer.body.decode("ascii", "replace").strip()
        expires = expiry_of(token) if is_token(token) else None
        if expires is None:
            raise Unreachable(UNREACHABLE.format("an odd answer"))
        return _Secret(key, token, expires)

    def send(self, method: str, path: str, words: str, accept: str, params: Mapping[str, int]) -> _Answer:
        """Whatever the status is. A redirect is not followed: it could lead the key elsewhere."""
        try:
            with self.session.request(
                method,
                self.base_url + path,
                params=params,
                headers={"Accept": accept},
                auth=_Words(words),
                timeout=self.timeout_s,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return _Answer(answer.status_code, answer.headers, _body(answer))
        # Without its cause, as that may hold what was sent. All errors of requests' own are an OSError.
        except (OSError, HTTPError):
            raise Interrupted(UNREACHABLE.format("no answer")) from None


def _body(answer: requests.Response) -> bytes:
    body = bytearray()
    for part in answer.iter_content(2**16):
        body += part
        if len(body) > LARGEST_ANSWER:
            raise OddAnswer("Garmin sent more than 64 MB at once. Midsole tries again.")
    return bytes(body)


def _sound(answer: _Answer) -> _Answer:
    if 200 <= answer.status < 300:
        return answer
    raise _error_of(answer.status, wished_pause(answer.headers))


def _error_of(status: int, after: timedelta | None) -> MidsoleError:
    if status in (404, 410):
        return NotFound("Garmin knows nothing under this id.")
    if status == 429:
        return RateLimited(TOO_MANY, after)
    if status >= 500 or status in (401, 403) or 300 <= status < 400:
        return Interrupted(UNREACHABLE.format(status), after)
    return OddAnswer(f"Garmin does not take this question ({status}). Midsole tries again.")


def _json(answer: _Answer) -> object:
    """A 204 is `{}`."""
    if answer.status == 204:
        return {}
    try:
        found: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise OddAnswer(ODD.format("what was asked for")) from None
    return found


def _secret_of(text: str) -> _Secret:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    key = told.get("key") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(key, str) or not is_token(key):
        raise NeedsRunner(KEY_LOST)
    token, expires = told.get("token"), told.get("expires")
    if isinstance(token, str) and is_token(token) and isinstance(expires, int | float):
        return _Secret(key, token, expires)
    return _Secret(key)
