"""Logging in to Garmin Connect, by a person only: one attempt, a code if wanted, or tokens pasted."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from garminconnect.client import Client
from garminconnect.exceptions import (
    GarminConnectAuthenticationError,
    GarminConnectConnectionError,
    GarminConnectTooManyRequestsError,
)

from midsole.domain.errors import BadInput, MidsoleError, RateLimited, Unreachable
from midsole.sources.answers import is_token

SKIPPED = frozenset({"mobile+requests", "portal+cffi", "portal+requests"})
"""Ways to log in that are left out, so that a refused login makes few requests."""
LONGEST_TEXT = 100_000
NOT_KNOWN = "Garmin does not know this e-mail and password."
LOCKED = "Garmin has locked this account for now. Log in on connect.garmin.com to see why, then try again."
WRONG_CODE = "Garmin does not take this code. Enter the newest one; the login still waits for it."
START_AGAIN = "This login can't be continued. Start it again: midsole connect garmin."
TOO_MANY = (
    "Garmin refuses logins from here for now (429). More attempts make it worse, so wait before the next."
)
NOT_REACHED = (
    "Garmin's login can't be reached, or refuses this program or network. Nothing was changed. "
    "If it stays so, log in elsewhere and bring the tokens: midsole connect garmin --tokens FILE."
)
NOT_KEPT = "Garmin let you in, but gave no login that can be kept. Try again later, or paste tokens."
NO_TOKENS = (
    "This is not the text of a garmin_tokens.json: it has di_token, di_refresh_token and di_client_id in it."
)
OLD_TOKENS = (
    "These tokens are of the old format of garth (oauth1 and oauth2), which Garmin takes no more. "
    "Log in anew, or paste the garmin_tokens.json of a newer program."
)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """`secret` is the text that the account keeps."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """`state` continues the login in any process; it is as secret as a password."""

    state: str = field(repr=False)


class _Stopped(GarminConnectAuthenticationError):
    """What stops the package's chain of attempts, with our own error."""

    def __init__(self, why: MidsoleError) -> None:
        super().__init__("stopped")
        self.why = why


class _Watched:
    """A session that remembers how its posts were answered: the package takes an outage for a wrong code."""

    def __init__(self, session: Any, flow: str) -> None:
        self.session = session
        self.flow = flow
        self.answers: list[str] = []
        self.last: Any = None

    def post(self, url: str, **kwargs: Any) -> Any:
        """A code that was refused is not entered at the second place, too: that would count as two."""
        if "refused" not in self.answers:
            self.last = self.session.post(url, **kwargs)
            self.answers.append(self._kind_of(self.last))
        return self.last

    def _kind_of(self, answer: Any) -> str:
        if answer.status_code in (427, 429):
            return "too many"
        if answer.status_code >= 500 or answer.status_code == 403:
            return "outage"
        if self.flow == "widget":
            return "refused"
        return _kind_of_json(answer)


class _Login(Client):
    """The package's login, which ends with tokens that can be kept, or not at all."""

    def __init__(self, domain: str, base_url: str | None) -> None:
        super().__init__(domain)
        self.skip_strategies = set(SKIPPED)
        self.blocked = False
        if base_url is not None:
            self._sso = self._connectapi = base_url
            self._di_token_url = base_url + "/di-oauth2-service/oauth/token"

    def _login_with_impersonations(
        self, label: str, impersonations: tuple[str, ...], do_login: Any, email: str, password: str
    ) -> None:
        """Once: each further browser that is played would be an attempt that nobody confirmed."""
        super()._login_with_impersonations(label, impersonations[:1], do_login, email, password)

    def _mobile_login_cffi(self, email: str, password: str) -> None:
        try:
            super()._mobile_login_cffi(email, password)
        except GarminConnectTooManyRequestsError:
            self.blocked = True
            raise

    def _widget_web_login(self, email: str, password: str) -> None:
        try:
            super()._widget_web_login(email, password)
        except GarminConnectTooManyRequestsError:
            self.blocked = True
            raise

    def _establish_session(self, ticket: str, sess: Any = None, service_url: str | None = None) -> None:  # noqa: ARG002
        """Without the package's fallback, a cookie that ends with the process."""
        try:
            self._exchange_service_ticket(ticket, service_url=service_url)
        except GarminConnectTooManyRequestsError:
            raise _Stopped(RateLimited(TOO_MANY)) from None
        except (GarminConnectAuthenticationError, OSError, ValueError):
            raise _Stopped(Unreachable(NOT_KEPT)) from None

    def tokens(self) -> LoggedIn:
        if not all(is_token(part) for part in (self.di_token, self.di_refresh_token, self.di_client_id)):
            raise Unreachable(NOT_KEPT)
        return LoggedIn(self.dumps())


def log_in(
    email: str, password: str, domain: str = "garmin.com", base_url: str | None = None
) -> LoggedIn | CodeNeeded:
    """One attempt. BadInput: wrong password; RateLimited; Unreachable for all else."""
    client = _Login(domain, base_url)
    try:
        needed, state = client.login(email, password, return_on_mfa=True)
    # Without causes: they may hold what Garmin said.
    except _Stopped as stopped:
        raise stopped.why from None
    except GarminConnectAuthenticationError as error:
        raise BadInput(LOCKED if "locked" in str(error).lower() else NOT_KNOWN) from None
    except GarminConnectTooManyRequestsError:
        raise RateLimited(TOO_MANY) from None
    except GarminConnectConnectionError:
        raise (RateLimited(TOO_MANY) if client.blocked else Unreachable(NOT_REACHED)) from None
    return CodeNeeded(json.dumps(state)) if needed else client.tokens()


def enter_code(
    state_text: str, code: str, domain: str = "garmin.com", base_url: str | None = None
) -> LoggedIn:
    """The second half of a login. BadInput: wrong code; the login still waits for the right one."""
    client = _Login(domain, base_url)
    watched = _restored(client, state_text)
    try:
        client.resume_login(None, code)
    except _Stopped as stopped:
        raise stopped.why from None
    except GarminConnectAuthenticationError:
        raise _code_error(watched) from None
    except GarminConnectTooManyRequestsError:
        raise RateLimited(TOO_MANY) from None
    except (GarminConnectConnectionError, OSError, ValueError, AttributeError, LookupError, TypeError):
        raise Unreachable(NOT_REACHED) from None
    return client.tokens()


def tokens_from(text: str) -> str:
    """The secret in the text of a garmin_tokens.json that was made elsewhere."""
    found = _json_in(text)
    if _is_of_garth(found):
        raise BadInput(OLD_TOKENS)
    if not isinstance(found, dict) or not is_token(found.get("di_token")):
        raise BadInput(NO_TOKENS)
    client = _Login("garmin.com", None)
    client.di_token, client.di_refresh_token = found["di_token"], found.get("di_refresh_token")
    client.di_client_id = found.get("di_client_id") or client._extract_client_id_from_jwt(found["di_token"])
    try:
        return client.tokens().secret
    except Unreachable:
        raise BadInput(NO_TOKENS) from None


def _restored(client: _Login, state_text: str) -> _Watched:
    try:
        state = json.loads(state_text)
        client._restore_mfa_state(state)
        watched = _Watched(client._mfa_session, state["flow"])
    except (GarminConnectAuthenticationError, GarminConnectConnectionError, ValueError, RecursionError):
        raise BadInput(START_AGAIN) from None
    client._mfa_session = watched
    return watched


def _code_error(watched: _Watched) -> MidsoleError:
    if "refused" in watched.answers:
        return BadInput(WRONG_CODE)
    return RateLimited(TOO_MANY) if "too many" in watched.answers else Unreachable(NOT_REACHED)


def _kind_of_json(answer: Any) -> str:
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        return "outage"
    error = said.get("error") if isinstance(said, dict) else None
    if isinstance(error, dict) and error.get("status-code") == "429":
        return "too many"
    return "refused" if isinstance(said, dict) else "outage"


def _json_in(text: str) -> object:
    """None for what is no JSON; garth's own text is JSON in base64."""
    if len(text) > LONGEST_TEXT:
        return None
    text = text.strip("\ufeff \t\r\n")
    try:
        if not text.startswith(("{", "[")):
            text = base64.b64decode(text, validate=True).decode()
        found: object = json.loads(text)
    except (ValueError, RecursionError, binascii.Error):
        return None
    return found


def _is_of_garth(found: object) -> bool:
    """Both of its files, either alone, or what its `dumps` gave."""
    if isinstance(found, list):
        return any(_is_of_garth(part) for part in found if isinstance(part, dict))
    keys = set(found) if isinstance(found, dict) else set()
    return bool(keys & {"oauth_token", "oauth_token_secret", "oauth1_token", "oauth2_token"}) or (
        {"access_token", "refresh_token"} <= keys and "di_token" not in keys
    )
