"""Webhooks out: signed JSON to an address of the runner's, with no redirect followed and a bound on time."""

import hmac
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from socket import SHUT_RDWR, create_connection, socket
from urllib.parse import SplitResult, urlsplit

from midsole.deliver.base import Receipt
from midsole.deliver.reach import addresses
from midsole.domain.errors import AddressRefused, MailRefused, MidsoleError, NeedsRunner, Retry, UsageError

PORTS = {"http": 80, "https": 443}
WAIT_AND_TRY = frozenset({408, 425, 429})
GONE = 410


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address. `timeout_s` is for one answer of the network, `total_s` for the whole call."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    message_id: str
    at: datetime
    anywhere: bool
    timeout_s: float = 10.0
    total_s: float = 25.0

    def send(self, eml: bytes, to: str) -> Receipt:  # noqa: ARG002 (the address is a secret of its own)
        """2xx is taken; the texts of errors hold nothing of the address."""
        try:
            parts = parse(self.url)
            with (
                self._connected(parts) as line,
                _asked(line, parts, eml, self._headers(eml)) as answer,
            ):
                _judge(answer)
        except (OSError, HTTPException) as error:
            raise _explained(error) from None
        return Receipt(f"webhook, {answer.status}")

    def _headers(self, body: bytes) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "User-Agent": "Midsole",
            "Midsole-Delivery": self.message_id,
            "Midsole-Signature": signature(self.secret, int(self.at.timestamp()), body),
            "Connection": "close",
        }

    def _connected(self, parts: SplitResult) -> "_Line":
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        numbers = addresses(host, port, anywhere=self.anywhere)
        # To a number that was looked at: asked again, the name could be another machine by now.
        plain = _first_that_answers(numbers, port, self.timeout_s)
        return _Line(plain, host if parts.scheme == "https" else None, self.total_s)


def signature(secret: str, at_s: int, body: bytes) -> str:
    """ "t=...,v1=...": HMAC-SHA256, in hex, of the time in seconds, a full stop and the body."""
    digest = hmac.digest(secret.encode(), f"{at_s}.".encode() + body, "sha256")
    return f"t={at_s},v1={digest.hex()}"


def check(url: str, *, anywhere: bool) -> None:
    """Whether it can be an address at all; a UsageError says what is wrong with it."""
    parts = parse(url)
    try:
        addresses(parts.hostname or "", parts.port or PORTS[parts.scheme], anywhere=anywhere)
    except AddressRefused as error:
        raise UsageError(str(error)) from None
    except Retry:
        if not anywhere:
            raise UsageError("The host of that webhook can't be found.") from None


def parse(url: str) -> SplitResult:
    wrong = UsageError("Write a webhook's address as https://host/path, without a user in it.")
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise wrong from None
    plain = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in PORTS or not parts.hostname or parts.username or not (plain and port_is_fine):
        raise wrong
    return parts


class _Line:
    """A connection that ends when its time is over, however slowly the other side drips."""

    def __init__(self, plain: socket, tls_host: str | None, total_s: float) -> None:
        self.socket, self.tls_host = plain, tls_host
        self.cut = threading.Timer(total_s, self._cut)
        self.cut.daemon = True

    def __enter__(self) -> socket:
        self.cut.start()
        if self.tls_host is not None:
            try:
                context = ssl.create_default_context()
                self.socket = context.wrap_socket(self.socket, server_hostname=self.tls_host)
            except OSError:
                self.__exit__()
                raise
        return self.socket

    def __exit__(self, *_: object) -> None:
        self.cut.cancel()
        self.socket.close()

    def _cut(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(SHUT_RDWR)


def _first_that_answers(numbers: list[str], port: int, timeout_s: float) -> socket:
    failed: OSError = OSError("nobody answers")
    for number in numbers[:4]:
        try:
            return create_connection((number, port), timeout_s)
        except OSError as error:
            failed = error
    raise failed


def _asked(line: socket, parts: SplitResult, body: bytes, headers: dict[str, str]) -> HTTPResponse:
    """The head of the answer; nobody reads its body."""
    asking = HTTPConnection(parts.hostname or "", parts.port or PORTS[parts.scheme])
    asking.default_port = PORTS[parts.scheme]
    asking.sock = line
    place = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    asking.request("POST", place, body, headers)
    return asking.getresponse()


def _judge(answer: HTTPResponse) -> None:
    said = f"the webhook answered {answer.status}"
    if 200 <= answer.status < 300:
        return
    if answer.status == GONE:
        raise AddressRefused(f"{said}: it wants no more.")
    if answer.status in WAIT_AND_TRY or answer.status >= 500:
        raise Retry(f"{said}.", _after(answer))
    if answer.status < 400:
        raise MailRefused(f"{said}; redirects are not followed, name the address itself.")
    raise MailRefused(f"{said}.")


def _after(answer: HTTPResponse) -> timedelta | None:
    said = answer.headers.get("Retry-After", "")
    return timedelta(seconds=min(int(said), 86_400)) if said.isdecimal() and len(said) < 9 else None


def _explained(error: Exception) -> MidsoleError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NeedsRunner(f"the certificate of the webhook is not trusted ({error.verify_message}).")
    if isinstance(error, TimeoutError):
        return Retry("the webhook did not answer in time.")
    why = error.strerror if isinstance(error, OSError) else None
    return Retry(f"the webhook could not be called ({why or type(error).__name__}).")
