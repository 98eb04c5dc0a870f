"""A home whose API is asked by a program with a token, from somewhere else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from home import ME, NOW, Home
from midsole.actions import api_tokens, assigning, shoes, telling
from midsole.actions.entering import SCOPES
from web_home import OTHERWHERE, pages_of

PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Api:
    """Paths are below /api/v1."""

    home: Home
    client: TestClient
    token: str

    def ask(self, method: str, path: str, **how: Any) -> Response:
        headers = {"Authorization": f"Bearer {self.token}", **how.pop("headers", {})}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **how)

    def get(self, path: str, **asked: Any) -> Any:
        answer = self.ask("GET", path, params=asked or None)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def send(self, path: str, said: Any = None, *, method: str = "POST", status: int = 200) -> Any:
        answer = self.ask(method, path, json=said)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, status: int, **how: Any) -> str:
        """The sentence of the problem."""
        answer = self.ask(method, path, **how)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        assert answer.headers["content-type"] == PROBLEM
        told = answer.json()
        assert set(told) == {"type", "title", "status", "detail"}
        assert told["status"] == status
        return str(told["detail"])


@contextmanager
def api_of(home: Home, runner_id: int = ME, scopes: Sequence[str] = SCOPES, **settings: Any) -> Iterator[Api]:
    token = api_tokens.make_token(home.box, runner_id, "a program", scopes)
    with pages_of(home, OTHERWHERE, ("192.0.2.7", 50_000), **settings) as pages:
        yield Api(home, pages.client, token)


def fill(home: Home) -> None:
    """A little of all that there is to read."""
    shoes.add_shoe(home.box, ME, "Pegasus", "daily", shoes.Start(), limit_m=30_000)
    shoes.add_shoe(home.box, ME, "Speedgoat", "trail", shoes.Start(known_m=5_000))
    for days, km in ((40, 8), (30, 8), (20, 9), (12, 8), (5, 8), (2, 15)):
        home.run(NOW - timedelta(days=days), km)
    home.once()
    assigning.assign(home.box, ME, [1], ["Speedgoat"])
    telling.race(home.box, ME, date(2027, 4, 4), "Spring half")
    telling.pause(home.box, ME, date(2026, 1, 4), date(2026, 1, 14), "ill")
