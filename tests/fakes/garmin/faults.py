"""What the fake does wrong on demand: queued faults, faults at random, payloads changed on the way."""

import json
import random
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .wire import Answer, Request

type Pattern = str | re.Pattern[str]  # text: somewhere in host, path and query; regex: found in it
type Change = Callable[[Any], Any]

SIGN_IN_PATHS = ("/sso/", "/mobile/", "/portal/")
TOKEN_PATHS = ("/di-oauth2-service/", "/personalapitoken-service/")


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong answer. With only `slow_s` the answer is late but true.

    `after`: the work is done first, then its answer is lost (a token was rotated, and nobody heard).
    `revokes`: every access token is dead from now on."""

    status: int | None = None
    body: bytes | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    slow_s: float = 0.0
    drop: bool = False
    truncate: bool = False
    after: bool = False
    revokes: bool = False

    def answer(self, truth: Callable[[], Answer]) -> Answer:
        """The wrong answer; `truth` does the work and is called only where this fault lets it happen."""
        if self.truncate:
            whole = truth()
            return replace(whole, sent=len(whole.body) // 2)
        if not (self.drop or self.status):
            return truth()
        if self.after:
            truth()
        return Answer(dropped=True) if self.drop else self._wrong()

    def _wrong(self) -> Answer:
        assert self.status is not None
        body = b"" if self.status == 204 else _words(self.status) if self.body is None else self.body
        return Answer(self.status, body, self.content_type, self.headers)

    @property
    def does_the_work(self) -> bool:
        return self.after or self.truncate


def status(code: int, retry_after: str | int | None = None, **more: Any) -> Fault:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(status=code, headers=headers, **more)


def slow(seconds: float) -> Fault:
    return Fault(slow_s=seconds)


def says(value: Any) -> Fault:
    """200 with this JSON, whatever was asked."""
    return Fault(status=200, body=json.dumps(value).encode())


def body(raw: bytes, content_type: str = "application/json") -> Fault:
    """200 with these bytes, whatever was asked."""
    return Fault(status=200, body=raw, content_type=content_type)


DROP = Fault(drop=True)
DROP_AFTER = Fault(drop=True, after=True)
"""The work is done, the answer lost."""
HTML = body(b"<!DOCTYPE html><html><title>Just a moment...</title></html>", "text/html;charset=UTF-8")
NO_CONTENT = status(204)
TRUNCATED = Fault(truncate=True)
EMPTY = body(b"")
REVOKED = status(401, revokes=True)
"""401, and every other access token is refused from now on; a refresh mends it."""
TRANSIENT = (status(500), status(502), status(503), status(504), DROP, HTML, TRUNCATED)


@dataclass(slots=True)
class _Queued:
    pattern: Pattern
    fault: Fault
    left: float


@dataclass(slots=True)
class _Chance:
    """Faults at random; `left` counts those still to come."""

    probability: float
    dice: random.Random
    kinds: Sequence[Fault]
    left: float


class Faults:
    """Thread-safe. The first queued fault whose pattern matches is used, then chance has its turn.

    `unreachable`: every connection is dropped, tunnels too. `sso_status`: what the whole sign-in answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[_Queued] = []
        self._changes: list[tuple[Pattern, Change]] = []
        self._chance: _Chance | None = None
        self.unreachable = False
        self.sso_status: int | None = None

    def add(self, pattern: Pattern, fault: Fault, times: int | None = 1) -> None:
        """The next `times` matching requests get this fault; None: all, until cleared."""
        with self._lock:
            self._queue.append(_Queued(pattern, fault, float("inf") if times is None else times))

    def at_random(
        self,
        probability: float,
        seed: int = 0,
        kinds: Sequence[Fault] = TRANSIENT,
        most: int | None = None,
    ) -> None:
        """Every request but those of the sign-in fails with this probability.

        Tokens are handed out or not, but never handed out and lost: for that, queue DROP_AFTER."""
        left = float("inf") if most is None else most
        with self._lock:
            self._chance = _Chance(probability, random.Random(seed), kinds, left)

    def mutate(self, pattern: Pattern, change: Change) -> None:
        """Change every JSON answered with 200: the payload is given, what is returned is sent."""
        with self._lock:
            self._changes.append((pattern, change))

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self._queue, self._changes, self._chance = [], [], None
        self.unreachable, self.sso_status = False, None

    @property
    def waiting(self) -> int:
        """Queued faults that have not been used yet; those without an end don't count."""
        with self._lock:
            return int(sum(q.left for q in self._queue if q.left != float("inf")))

    def next_for(self, request: Request) -> Fault | None:
        if self.unreachable:
            return DROP
        if self.sso_status and request.path.startswith(SIGN_IN_PATHS):
            return replace(HTML, status=self.sso_status)
        with self._lock:
            return self._queued(request) or self._by_chance(request)

    def changed(self, request: Request, answer: Answer) -> Answer:
        with self._lock:
            changes = [change for pattern, change in self._changes if matches(pattern, request.line)]
        if not changes or answer.status != 200 or answer.content_type != "application/json":
            return answer
        payload = json.loads(answer.body)
        for change in changes:
            payload = change(payload)
        return replace(answer, body=json.dumps(payload).encode())

    def _queued(self, request: Request) -> Fault | None:
        for queued in self._queue:
            if queued.left > 0 and matches(queued.pattern, request.line):
                queued.left -= 1
                return queued.fault
        return None

    def _by_chance(self, request: Request) -> Fault | None:
        chance = self._chance
        if not chance or chance.left <= 0 or request.path.startswith(SIGN_IN_PATHS):
            return None
        if chance.dice.random() >= chance.probability:
            return None
        tokens = request.path.startswith(TOKEN_PATHS)
        fitting = [kind for kind in chance.kinds if not (tokens and kind.does_the_work)]
        if not fitting:
            return None
        chance.left -= 1
        return chance.dice.choice(fitting)


def matches(pattern: Pattern, line: str) -> bool:
    return pattern in line if isinstance(pattern, str) else bool(pattern.search(line))


def _words(code: int) -> bytes:
    return json.dumps({"message": f"HTTP {code}", "error": "FakeFault"}).encode()
