"""A Garmin of our own on loopback: its state, its log, its life."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from ssl import SSLContext
from typing import Any

from . import api, certificates, sso
from .access import Access
from .account import Account
from .faults import Fault, Faults, Pattern, matches
from .listener import Listener
from .wire import Answer, Refusal, Request

FORGOTTEN = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
             "SSL_CERT_FILE", "SSL_CERT_DIR", "GARMINTOKENS")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logged:
    """A request that came in; status 0: nothing was answered. `fault`: not what Garmin would have said."""

    method: str
    host: str
    path: str
    query: str
    status: int
    fault: bool
    at: float

    @property
    def line(self) -> str:
        return f"{self.host}{self.path}?{self.query}" if self.query else self.host + self.path


class FakeGarmin:
    """Serves until `stop`: plain HTTP at `url`, and the same port is a proxy for TLS to *.garmin.com.

    `access` holds who may come in, `account` what is there, `faults` what goes wrong. The settings are those
    of Access: email, password, mfa_code, lifetime_s, personal_key, personal_lifetime_s."""

    def __init__(self, *, now: Callable[[], float] = time.time, eu: bool = False, **settings: Any) -> None:
        self.now = now
        self.access, self.account, self.faults = Access(now, **settings), Account(now), Faults()
        self.account.eu = eu
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._log: list[Logged] = []
        self._folder = tempfile.TemporaryDirectory(prefix="fake-garmin-")
        self._context: SSLContext | None = None
        self.listener = Listener(self.respond, self.tls, lambda: self.faults.unreachable)
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"

    def stop(self) -> None:
        """Ends all threads; a fault of the fake itself, if there was one, is raised here."""
        self._stopping.set()
        self.listener.stop()
        self._folder.cleanup()
        if self.listener.crashes:
            raise BaseExceptionGroup("the fake Garmin broke", self.listener.crashes)

    @property
    def ca_file(self) -> Path:
        """What callers through the proxy must trust."""
        self.tls()
        return Path(self._folder.name) / "ca.pem"

    def tls(self) -> SSLContext:
        """Made when it is first needed."""
        with self._lock:
            if self._context is None:
                self._context = certificates.serve_with(Path(self._folder.name))
            return self._context

    # -- the log ----------------------------------------------------------------------------------

    def requests(self, since: int = 0) -> list[Logged]:
        """All requests but the first `since`: remember a length, and ask for what came after."""
        with self._lock:
            return self._log[since:]

    def count(
        self, pattern: Pattern = "", *, method: str | None = None, status: int | None = None, since: int = 0
    ) -> int:
        """Requests whose host, path and query match."""
        return sum(
            matches(pattern, it.line) and method in (None, it.method) and status in (None, it.status)
            for it in self.requests(since)
        )

    def reset_log(self) -> None:
        with self._lock:
            self._log.clear()

    # -- answering --------------------------------------------------------------------------------

    def respond(self, request: Request) -> Answer:
        fault = self.faults.next_for(request)
        answer = self.faults.changed(request, self._answer(fault, request))
        status = 0 if answer.dropped else answer.status
        with self._lock:
            self._log.append(Logged(request.method, request.host, request.path, request.query, status,
                                    fault is not None, self.now()))  # fmt: skip
        return answer

    def _answer(self, fault: Fault | None, request: Request) -> Answer:
        if fault is None:
            return self._truth(request)
        if fault.slow_s:
            self._stopping.wait(fault.slow_s)
        if fault.revokes:
            self.access.revoke()
        return fault.answer(partial(self._truth, request))

    def _truth(self, request: Request) -> Answer:
        try:
            with self.account.lock:
                return sso.answer(self.access, request) or api.answer(self.access, self.account, request)
        except Refusal as refused:
            return refused.answer


@contextmanager
def running(**settings: Any) -> Iterator[FakeGarmin]:
    """A fake Garmin for as long as the block lasts."""
    server = FakeGarmin(**settings)
    try:
        yield server
    finally:
        server.stop()


def environment(server: FakeGarmin) -> dict[str, str]:
    """The whole environment of a child process that finds this fake at garmin.com, and nothing elsewhere."""
    kept = {name: value for name, value in os.environ.items() if name.upper() not in FORGOTTEN}
    return kept | {"HTTP_PROXY": server.url, "HTTPS_PROXY": server.url, "NO_PROXY": "127.0.0.1,localhost",
                   "REQUESTS_CA_BUNDLE": os.fspath(server.ca_file)}  # fmt: skip
