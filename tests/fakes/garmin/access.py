"""Who may come in: the password, MFA, tickets, rotating tokens, and the key of the Personal API."""

import base64
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .wire import Refusal

DAY_S = 86_400.0
CLIENT_ID = "GARMIN_CONNECT_MOBILE_ANDROID_DI_2025Q2"
CONNECT, PERSONAL = "connect", "personal"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    expires_at: float


@dataclass(slots=True)
class SignIn:
    """One browser at the sign-in page: its anti-forgery token, and whether a code is awaited."""

    csrf: str
    awaits_code: bool = False


class Access:
    """Thread-safe. Lifetimes are seconds on the fake's clock and may be changed at any time.

    `logins` counts passwords posted, right or wrong; `codes` MFA codes posted; `refreshes` tokens renewed;
    `exchanges` keys of the Personal API turned into tokens."""

    def __init__(
        self,
        now: Callable[[], float],
        *,
        email: str = "runner@example.org",
        password: str = "correct horse battery",
        mfa_code: str | None = None,
        lifetime_s: float = DAY_S,
        personal_key: str = "fake-personal-key",
        personal_lifetime_s: float = DAY_S,
    ) -> None:
        self._now, self._lock = now, threading.RLock()
        self.email, self.password, self.mfa_code = email, password, mfa_code
        self.lifetime_s, self.personal_lifetime_s = lifetime_s, personal_lifetime_s
        self.personal_key: str | None = personal_key
        self.logins = self.codes = self.refreshes = self.exchanges = self.codes_sent = 0
        self._tokens: dict[str, _Token] = {}
        self._refresh: dict[str, str] = {}  # refresh token -> client id
        self._tickets: set[str] = set()
        self._sign_ins: dict[str, SignIn] = {}

    # -- what tests do ----------------------------------------------------------------------------

    def accept_mfa(self, code: str) -> None:
        """From now on a login needs a code, and this is the right one."""
        self.mfa_code = code

    def token_text(self) -> str:
        """A login made elsewhere, as the garminconnect client keeps it; it is not counted."""
        given = self._grant(CLIENT_ID)
        return json.dumps({"di_token": given["access_token"], "di_refresh_token": given["refresh_token"],
                           "di_client_id": CLIENT_ID})  # fmt: skip

    def revoke(self) -> None:
        """Every access token is dead; a refresh still works."""
        with self._lock:
            self._tokens.clear()

    def log_out_everywhere(self) -> None:
        """Refresh tokens are dead too: only a login helps."""
        with self._lock:
            self._tokens.clear()
            self._refresh.clear()

    def expire_key(self) -> None:
        """The personal key is dead, and so are its tokens."""
        with self._lock:
            self.personal_key = None
            self._tokens = {t: it for t, it in self._tokens.items() if it.kind != PERSONAL}

    # -- the sign-in pages ------------------------------------------------------------------------

    def open_page(self, cookie: str) -> tuple[str, SignIn]:
        """The browser's session and its cookie; a new one where the cookie is not known."""
        with self._lock:
            if cookie not in self._sign_ins:
                cookie = secrets.token_hex(16)
                self._sign_ins[cookie] = SignIn(csrf=secrets.token_hex(16))
            return cookie, self._sign_ins[cookie]

    def sign_in(self, cookie: str) -> SignIn | None:
        with self._lock:
            return self._sign_ins.get(cookie)

    def password_fits(self, email: str, password: str) -> bool:
        with self._lock:
            self.logins += 1
            return (email.lower(), password) == (self.email.lower(), self.password)

    def code_fits(self, sign_in: SignIn | None, code: str) -> bool:
        """A wrong code leaves the sign-in waiting for another one."""
        with self._lock:
            self.codes += 1
            fits = sign_in is not None and sign_in.awaits_code and code == self.mfa_code
            if sign_in and fits:
                sign_in.awaits_code = False
            return fits

    def ticket(self) -> str:
        with self._lock:
            self._tickets.add(ticket := f"ST-{secrets.randbelow(10**6):06d}-{secrets.token_hex(10)}-sso")
            return ticket

    # -- tokens -----------------------------------------------------------------------------------

    def grant(self, form: dict[str, str]) -> dict[str, Any]:
        """New tokens for a ticket or a refresh token, each good once; 400 invalid_grant otherwise."""
        with self._lock:
            if form.get("grant_type") == "refresh_token":
                return self._renewed(form)
            if not form.get("grant_type", "").endswith("/service_ticket"):
                raise Refusal(400, "unknown grant", error="unsupported_grant_type")
            if form.get("service_ticket") not in self._tickets:
                raise Refusal(400, "ticket unknown or used", error="invalid_grant")
            self._tickets.discard(form["service_ticket"])
            return self._grant(form.get("client_id", CLIENT_ID))

    def exchange_key(self, authorization: str) -> str:
        with self._lock:
            self.exchanges += 1
            if not self.personal_key or authorization != f"ApiKey {self.personal_key}":
                raise Refusal(401, "key unknown or expired")
            return self._token(PERSONAL, "personal-api", self.personal_lifetime_s)

    def kind_of(self, authorization: str) -> str:
        """Whose token this is; 401 where it is expired, revoked or unknown."""
        with self._lock:
            found = self._tokens.get(authorization.removeprefix("Bearer "))
            if not found or self._now() >= found.expires_at:
                raise Refusal(401, "Token is not active", error="NotAuthorizedException")
            return found.kind

    def _renewed(self, form: dict[str, str]) -> dict[str, Any]:
        owner = self._refresh.pop(form.get("refresh_token", ""), None)
        if owner is None or owner != form.get("client_id"):
            raise Refusal(400, "Invalid refresh token", error="invalid_grant")
        self.refreshes += 1
        return self._grant(owner)

    def _grant(self, client_id: str) -> dict[str, Any]:
        with self._lock:
            refresh = secrets.token_urlsafe(40)
            self._refresh[refresh] = client_id
            access = self._token(CONNECT, client_id, self.lifetime_s)
        return {"scope": "CONNECT_READ CONNECT_WRITE", "jti": secrets.token_hex(8), "access_token": access,
                "token_type": "Bearer", "refresh_token": refresh, "expires_in": int(self.lifetime_s),
                "refresh_token_expires_in": int(30 * DAY_S)}  # fmt: skip

    def _token(self, kind: str, client_id: str, lifetime_s: float) -> str:
        issued = self._now()
        token = _jwt({"iss": "https://diauth.garmin.com", "client_id": client_id, "iat": int(issued),
                      "exp": int(issued + lifetime_s), "jti": secrets.token_hex(8)})  # fmt: skip
        self._tokens[token] = _Token(kind, issued + lifetime_s)
        return token


def _jwt(claims: dict[str, Any]) -> str:
    """A JWT with a signature that nobody can check, as nobody outside Garmin can."""
    head = {"alg": "RS256", "typ": "JWT", "kid": "fake"}
    parts = [json.dumps(head).encode(), json.dumps(claims).encode(), secrets.token_bytes(64)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
