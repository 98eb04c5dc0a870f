"""Requests to Garmin Connect over the garminconnect package: tokens are saved before they are used."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import requests
from garminconnect.client import Client
from garminconnect.exceptions import GarminConnectAuthenticationError, GarminConnectConnectionError

from midsole.domain.errors import BadInput, MidsoleError, NeedsRunner, RateLimited, Unreachable
from midsole.sources.answers import ODD, Interrupted, NotFound, OddAnswer, expiry_of, is_token, wished_pause
from midsole.sources.base import Account
from midsole.sources.connect_api import Pace

RENEW_BEFORE = timedelta(minutes=15)
TIMEOUT_S = 15
DOWNLOAD_TIMEOUT_S = 60
LOG_IN_AGAIN = "Garmin takes the stored login no more."
UNREACHABLE = "Garmin can't be reached ({}). Midsole tries again by itself; the login is kept."
REFUSES = (
    "Garmin refuses requests from this program or network now (403). "
    "Midsole tries again by itself; the login is kept."
)
TOO_MANY = "Garmin wants fewer requests (429). Midsole waits and tries again by itself."
NO_CONSENT = (
    "Garmin refuses to have anything written for this account until you grant it the consent to uploads: "
    "in Garmin Connect, under your profile's privacy settings."
)

# The package's own lines may hold what Garmin answered, and so a name or a token.
logging.getLogger("garminconnect").setLevel(logging.CRITICAL + 1)
logging.getLogger("garminconnect").propagate = False


class Forbidden(Interrupted):
    """403: Garmin refuses this question, or all of them."""


class _Refused(Exception):
    """Garmin knows the refresh token no more."""


class Connect(Client):
    """The package's client without credentials, without files, and with no refresh but ours."""

    def __init__(
        self,
        account: Account,
        domain: str,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        base_url: str | None,
    ) -> None:
        super().__init__(domain)
        self.account = account
        self.now = now
        self.secret = ""
        self.begun = False
        self.pace = Pace(account, sleep)
        self.refresh_answer: Any = None
        if base_url is not None:
            self._connectapi = base_url
            self._di_token_url = base_url + "/di-oauth2-service/oauth/token"

    def begin(self) -> None:
        """Once before a look: the saved tokens, refreshed if they end within 15 minutes."""
        self._load(self.account.secret)
        self.begun = True
        if self._ends_soon():
            self.refresh()

    def get_json(self, path: str, **params: object) -> object:
        """A 204 is `{}`."""
        try:
            found: object = self._ask("GET", path, params=params, timeout=TIMEOUT_S).json()
        except (ValueError, RecursionError):
            raise OddAnswer(ODD.format("what was asked for")) from None
        return found

    def get_bytes(self, path: str) -> bytes:
        answer = self._ask("GET", path, timeout=DOWNLOAD_TIMEOUT_S, headers={"Accept": "*/*"})
        data: bytes = answer.content
        return data

    def write(self, path: str) -> None:
        self._ask("PUT", path, timeout=TIMEOUT_S)

    def refresh(self) -> None:
        """New tokens, saved before anything else is asked; or those that another process saved meanwhile."""
        if self._take_over() and not self._ends_soon():
            return
        try:
            self._rotate()
        except _Refused:
            if not self._take_over():
                raise NeedsRunner(LOG_IN_AGAIN) from None
            self._rotate_taken_over()

    def _ask(self, method: str, path: str, **kwargs: Any) -> Any:
        if not self.begun:
            self.begin()
        self.pace.wait()
        try:
            return self._run_request(method, path, **kwargs)
        # Without its cause, as that may hold Garmin's own words.
        except GarminConnectConnectionError as error:
            raise _error_of(error.response) from None
        except requests.RequestException:
            raise Interrupted(UNREACHABLE.format("no answer")) from None

    def _load(self, secret: str) -> None:
        try:
            self.loads(secret)
        except GarminConnectConnectionError:
            raise NeedsRunner(LOG_IN_AGAIN) from None
        if not self._are_sound():
            raise NeedsRunner(LOG_IN_AGAIN)
        self.secret = secret

    def _take_over(self) -> bool:
        """Whether another process saved other tokens meanwhile; then they are used."""
        saved = self.account.secret
        if saved == self.secret:
            return False
        self._load(saved)
        return True

    def _rotate_taken_over(self) -> None:
        if not self._ends_soon():
            return
        try:
            self._rotate()
        except _Refused:
            raise NeedsRunner(LOG_IN_AGAIN) from None

    def _rotate(self) -> None:
        self.pace.wait()
        before = self._tokens()
        self.refresh_answer = None
        try:
            self._refresh_di_token()
            failed = not self._are_sound()
        except (
            GarminConnectAuthenticationError,
            OSError,
            ValueError,
            LookupError,
            TypeError,
            RecursionError,
        ):
            failed = True
        if failed:
            self.di_token, self.di_refresh_token, self.di_client_id = before
            raise _refresh_error_of(self.refresh_answer)
        self.secret = self.dumps()
        self.account.save(self.secret)

    def _ends_soon(self) -> bool:
        """A token that does not say when it ends is used until it is refused."""
        expires = expiry_of(self.di_token or "")
        return expires is not None and expires - self.now().timestamp() < RENEW_BEFORE.total_seconds()

    def _tokens(self) -> tuple[str | None, str | None, str | None]:
        return self.di_token, self.di_refresh_token, self.di_client_id

    def _are_sound(self) -> bool:
        return all(is_token(token) for token in self._tokens())

    def _di_token_post(self, client_id: str, accept: str, data: dict[str, str]) -> Any:
        """The package's error tells no more than the status, so its answer is kept."""
        self.refresh_answer = super()._di_token_post(client_id, accept, data)
        return self.refresh_answer

    def _token_expires_soon(self) -> bool:
        """The package must not refresh by itself: its new tokens would be used before they are saved."""
        return False

    def _refresh_session(self) -> None:
        """After a 401, before the package asks once more."""
        self.refresh()
        self.pace.wait()


def _error_of(response: Any) -> MidsoleError:
    if response is None:
        return Interrupted(UNREACHABLE.format("no answer"))
    status, after = response.status_code, wished_pause(response.headers)
    if status >= 500:
        return Interrupted(UNREACHABLE.format(status), after)
    if status in (427, 429):
        return RateLimited(TOO_MANY, after)
    return {
        401: NeedsRunner(LOG_IN_AGAIN),
        403: Forbidden(REFUSES, after),
        404: NotFound("Garmin knows nothing under this id."),
        412: BadInput(NO_CONSENT),
    }.get(status) or OddAnswer(f"Garmin does not take this question ({status}). Midsole tries again.")


def _refresh_error_of(answer: Any) -> Exception:
    """Only a plain refusal in JSON, or without a word, ends the login; a web page comes from in between."""
    if answer is None:
        return Unreachable(UNREACHABLE.format("no answer"))
    status, after = answer.status_code, wished_pause(answer.headers)
    if status in (427, 429):
        return RateLimited(TOO_MANY, after)
    said = _said(answer)
    if status in (400, 401) and said is not None:
        return _Refused()
    if status == 403:
        return _Refused() if said and said.get("error") == "invalid_grant" else Unreachable(REFUSES, after)
    return Unreachable(UNREACHABLE.format(status if status != 200 else "an odd answer"), after)


def _said(answer: Any) -> dict[str, object] | None:
    """The JSON of a refusal; empty where it says nothing, None for what is no JSON object."""
    if not answer.content.strip():
        return {}
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
