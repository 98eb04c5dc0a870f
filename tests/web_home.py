"""A home with its pages, asked without a network: what a browser, a stranger or a program would send."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from home import Clock, Home, a_home
from midsole.config import Settings
from midsole.web.csrf import PURPOSE
from midsole.web.server import make_app
from midsole.web.visit import VISIT_COOKIE

HERE = "http://localhost:8321"
"""As from a browser at the machine itself."""
OTHERWHERE = "https://run.example.org"
ROUTES: list[Any] = []
"""Those of the first app: each is made ready when it is first asked for, which takes longer than a page."""


@dataclass(frozen=True, slots=True)
class Pages:
    """A browser that fills in forms: `post` takes the page's own token first."""

    home: Home
    client: TestClient

    def get(self, path: str, **how: Any) -> Response:
        return self.client.get(path, follow_redirects=False, **how)

    def see(self, path: str) -> str:
        """The page as text, redirects followed; anything but 200 is a failure."""
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.text

    def key(self, path: str = "/") -> str:
        """A form token of that page, else of any."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get(path).text)
        return found[1] if found else self.made_key()

    def made_key(self) -> str:
        visit = self.client.cookies.get(VISIT_COOKIE) or ""
        return f"salt.{self.home.box.secrets.seal(PURPOSE, 'salt' + visit)}"

    def post(self, path: str, form: Mapping[str, Any] | None = None, **how: Any) -> Response:
        """As the page's own form sends it; the answer is not followed."""
        if not self.client.cookies.get(VISIT_COOKIE):
            self.client.get("/")  # whoever sends a form has loaded a page
        data = {"csrf": self.made_key(), **(form or {})}
        return self.client.post(path, data=data, follow_redirects=False, **how)

    def done(self, path: str, form: Mapping[str, Any] | None = None, **how: Any) -> str:
        """Send the form, follow where it leads, and return that page; a refusal is a failure."""
        answer = self.post(path, form, **how)
        assert answer.status_code == 303, (path, answer.status_code, text_of_page(answer.text)[:500])
        return self.see(answer.headers["location"])


@contextmanager
def pages_of(
    home: Home, base_url: str = HERE, client: tuple[str, int] = ("127.0.0.1", 50_000), **settings: Any
) -> Iterator[Pages]:
    """The pages of that home for one more browser."""
    chosen = replace(Settings(home=home.box.home), **settings)
    app = make_app(home.box, chosen)
    ROUTES.extend(() if ROUTES else app.router.routes)
    app.router.routes = ROUTES
    with TestClient(app, base_url=base_url, client=client, raise_server_exceptions=False) as browser:
        yield Pages(home, browser)


@contextmanager
def a_web_home(tmp: Path, clock: Clock | None = None, **settings: Any) -> Iterator[Pages]:
    """A home whose runner has no password, and a browser at that machine."""
    with a_home(tmp, clock, **settings) as home, pages_of(home) as pages:
        yield pages


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._skipped += tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("style", "script", "title")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.words.append(data)


def text_of_page(html: str) -> str:
    """What a reader sees, with single spaces."""
    parser = _Words()
    parser.feed(html)
    return " ".join(" ".join(parser.words).split())
