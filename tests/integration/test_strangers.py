"""Every page, form, link and endpoint, tried by those whom it is none of their business."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from midsole.actions import api_tokens, entering
from midsole.web.csrf import PURPOSE, SAFE
from midsole.web.visit import SESSION_COOKIE, VISIT_COOKIE
from two_runners import NAME, OTHER, OWNER, VICTIM, WORDS, TwoRunners, two_runners
from web_home import HERE, pages_of, text_of_page

PUBLIC = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("GET", "/setup"),
    ("POST", "/setup"),
    ("GET", "/join/{code}"),
    ("POST", "/join/{code}"),
    ("GET", "/recover/{code}"),
    ("POST", "/recover/{code}"),
    ("GET", "/t/{token}"),
    ("POST", "/t/{token}"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/static/{version}/{name}"),
    ("GET", "/favicon.ico"),
    ("GET", "/api/v1/openapi.json"),
}
"""What a visitor may open who has not logged in: it shows nothing of any runner."""
OPENED = {"/login", "/setup", "/healthz", "/readyz", "/favicon.ico", "/api/v1/openapi.json"}
"""Those of them that answer with 200; the others need to know a secret."""
HERE_ALONE = {"/metrics"}
"""What a program at this very machine may ask without a token: figures of the box."""
KEYLESS = {("POST", "/t/{token}")}
"""Forms whose key is the link itself: mail programs unsubscribe with one request."""
BOOKS = {
    "runs": "activity_id",
    "activities": "activity_id",
    "shoes": "shoe_id",
    "inserts": "insert_id",
    "alerts": "alert_id",
    "changes": "change_id",
    "uploads": "upload_id",
    "rules": "rule_id",
    "sources": "connection_id",
    "accounts": "connection_id",
    "folders": "connection_id",
    "push": "target_id",
    "webhooks": "target_id",
    "mail": "delivery_id",
}
"""What a number is of, by the part of the address before it."""
SAMPLES = {"name": "activities"}
"""What stands in an address where it is no number."""
DOORS = ("/login", "/setup")
NOBODYS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str

    @property
    def is_public(self) -> bool:
        return (self.method, self.path) in PUBLIC

    @property
    def has_number(self) -> bool:
        """Of something that is a runner's."""
        return bool(re.search(r"\{\w*(id|number)(:\w+)?\}", self.path)) and not self.is_public

    @property
    def takes_tokens(self) -> bool:
        return self.is_public or self.is_api or self.path == "/metrics"

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    def address(self, ids: Mapping[str, int]) -> str:
        """With the numbers of the victim's things in it."""
        parts = self.path.split("/")
        return "/".join(self._filled(part, parts[i - 1], ids) for i, part in enumerate(parts))

    def _filled(self, part: str, before: str, ids: Mapping[str, int]) -> str:
        def number(name: re.Match[str]) -> str:
            return str(ids.get(name[1]) or ids.get(BOOKS.get(before, "")) or SAMPLES.get(name[1], 1))

        return re.sub(r"\{(\w+)(?::\w+)?\}", number, part)


def routes_of(app: FastAPI) -> list[Route]:
    """Every one that is served; FastAPI keeps those of included routers folded."""
    found = []
    for route in app.routes:
        unfolded = getattr(route, "effective_route_contexts", lambda one=route: [one])
        for one in unfolded():
            found += [Route(m, one.path) for m in sorted(one.methods - {"HEAD"})]
    return found


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRunners]:
    with two_runners(tmp_path_factory.mktemp("strangers")) as found:
        yield found


@dataclass(frozen=True, slots=True)
class Visitor:
    """One who tries everything; `runner_id` is who is logged in, if anybody is."""

    two: TwoRunners
    browser: TestClient
    runner_id: int | None = None
    headers: Mapping[str, str] | None = None
    tokens: list[str] = field(default_factory=list)

    def tries(self, route: Route, *, with_key: bool = True, ids: Mapping[str, int] | None = None) -> Response:
        ids = self.two.ids if ids is None else ids
        headers = dict(self.headers or {}) | {"cookie": self._cookies(), "accept-encoding": "identity"}
        if with_key:
            headers["x-csrf-token"] = self._key()
        how: dict[str, Any] = {}
        if route.method not in SAFE:
            said = {**ids, "runner": VICTIM, "runs": ids["activity_id"], "shoe": ids["shoe_id"], "back": "/"}
            how = {"json": said} if route.is_api else {"data": said}
        return self.browser.request(
            route.method, route.address(ids), headers=headers, follow_redirects=False, **how
        )

    def _cookies(self) -> str:
        """Logged in anew where the last request ended the session."""
        known = f"{VISIT_COOKIE}=v"
        if self.runner_id is None:
            return known
        if not self.tokens or entering.by_session(self.two.home.box, self.tokens[-1]) is None:
            self.tokens.append(self.two.session(self.runner_id))
        return f"{known}; {SESSION_COOKIE}={self.tokens[-1]}"

    def _key(self) -> str:
        return f"salt.{self.two.home.box.secrets.seal(PURPOSE, 'saltv')}"

    def faults(self, route: Route) -> list[str]:
        """What somebody who is known, but not the victim, should not be answered."""
        answer = self.tries(route)
        found = [f"leaks {word}" for word in leaks(answer) if not (word == NAME and self.runner_id == OWNER)]
        found += ["breaks"] if answer.status_code >= 500 else []
        found += ["knows it"] if route.has_number and self._tells_apart(route, answer) else []
        if self.runner_id is None and not route.takes_tokens and not is_turned_away(answer):
            found.append("takes a token")
        return [f"{route.method} {route.path} {fault} ({answer.status_code})" for fault in found]

    def _tells_apart(self, route: Route, answer: Response) -> bool:
        """Whether what is the victim's is answered otherwise than what is not there at all."""
        if is_turned_away(answer) and answer.status_code != 403:
            return False
        nobodys = self.tries(route, ids=dict.fromkeys(self.two.ids, NOBODYS))
        return answer.status_code < 400 or nobodys.status_code != answer.status_code


@contextmanager
def visiting(two: TwoRunners, **who: Any) -> Iterator[tuple[Visitor, list[Route]]]:
    base = {"base_url": who.pop("base_url", HERE)}
    with pages_of(two.home, **base) as pages:
        yield Visitor(two, pages.client, **who), routes_of(pages.client.app)  # type: ignore[arg-type]


def leaks(answer: Response) -> list[str]:
    """Words of the victim in the answer or its headers."""
    said = answer.content + str(answer.headers).encode()
    return [word for word in WORDS if word.encode() in said]


def faults_of_a_stranger(route: Route, answer: Response) -> list[str]:
    """What should not be so where nobody is logged in."""
    faults = [f"leaks {word}" for word in leaks(answer)]
    if answer.status_code >= 500:
        faults.append("breaks")
    if route.is_public:
        if answer.status_code == 200 and route.path not in OPENED:
            faults.append("opens")
    elif not is_turned_away(answer):
        faults.append("lets in")
    return faults


def is_turned_away(answer: Response) -> bool:
    place = answer.headers.get("location", "").partition("?")[0]
    return answer.status_code in (401, 403, 404) or (answer.status_code == 303 and place in DOORS)


def walk(visitor: Visitor, routes: list[Route]) -> list[str]:
    """Every fault that a stranger finds, with where it was."""
    found = []
    for route in routes:
        answer = visitor.tries(route)
        found += [
            f"{route.method} {route.path}: {fault} ({answer.status_code})"
            for fault in faults_of_a_stranger(route, answer)
        ]
    return found


def without_sessions(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: found for name, found in rows.items() if name not in ("session", "attempt")}


def test_every_route_is_walked(two: TwoRunners) -> None:
    with visiting(two) as (_, routes):
        paths = {route.path for route in routes}
        assert {"/", "/login", "/settings/security", "/api/v1/activities", "/healthz"} <= paths
        assert not {(r.method, r.path) for r in routes if r.path in OPENED} - PUBLIC


def test_the_victim_sees_what_the_others_are_tried_with(two: TwoRunners) -> None:
    """Else the walks below would prove nothing."""
    seen: set[str] = set()
    with visiting(two, runner_id=VICTIM) as (victim, routes):
        broken = []
        for route in routes:
            if route.method == "GET" and not route.is_public:
                answer = victim.tries(route)
                seen |= set(leaks(answer))
                if "{" in route.path and answer.status_code not in (200, 303, 304):
                    broken.append(f"{route.path} {answer.status_code}")
    assert not broken, "\n".join(broken)
    assert set(WORDS) - seen <= UNSEEN


UNSEEN: set[str] = set()


def test_a_logged_out_visitor_meets_the_door_everywhere(two: TwoRunners) -> None:
    before = without_sessions(two.rows())
    with visiting(two) as (visitor, routes):
        found = walk(visitor, [route for route in routes if route.path not in HERE_ALONE])
        assert not found, "\n".join(found)
    assert without_sessions(two.rows()) == before


@pytest.mark.parametrize("sign", ["x-forwarded-for", "host"])
def test_nobody_from_elsewhere_enters_an_open_house(two: TwoRunners, sign: str) -> None:
    with opened(two), visiting(two, headers={sign: "stranger.example"}) as (visitor, routes):
        before = without_sessions(two.rows())
        found = walk(visitor, routes)
        assert not found, "\n".join(found)
        assert without_sessions(two.rows()) == before


@contextmanager
def opened(two: TwoRunners) -> Iterator[None]:
    kept = two.open_up()
    try:
        yield
    finally:
        two.close_again(kept)


@pytest.mark.parametrize("runner_id", [OWNER, OTHER])
def test_another_runner_finds_nothing_of_the_victim(two: TwoRunners, runner_id: int) -> None:
    """The first runner of the box knows the others' names, and nothing else of them."""
    before = two.rows(VICTIM)
    with visiting(two, runner_id=runner_id) as (visitor, routes):
        found = [fault for route in routes for fault in visitor.faults(route)]
        assert not found, "\n".join(found)
    assert two.rows(VICTIM) == before


def test_another_runners_token_opens_the_api_alone_and_nothing_of_the_victim(two: TwoRunners) -> None:
    token = api_tokens.make_token(two.home.box, OTHER, "all", entering.SCOPES)
    before = two.rows(VICTIM)
    with visiting(two, headers={"authorization": f"Bearer {token}"}) as (visitor, routes):
        found = [fault for route in routes for fault in visitor.faults(route)]
        assert not found, "\n".join(found)
    assert two.rows(VICTIM) == before


def test_a_number_beyond_all_bounds_is_not_there(two: TwoRunners) -> None:
    """No database holds it: asking for it is no fault of the server's."""
    beyond = dict.fromkeys(two.ids, 10**30)
    with visiting(two, runner_id=OTHER) as (visitor, routes):
        numbered = [route for route in routes if route.has_number]
        answers = {f"{r.method} {r.path}": visitor.tries(r, ids=beyond).status_code for r in numbered}
        broken = [f"{name} {status}" for name, status in answers.items() if not 400 <= status < 500]
        assert not broken, "\n".join(broken)


def test_a_form_without_its_key_changes_nothing(two: TwoRunners) -> None:
    with visiting(two, runner_id=VICTIM) as (victim, routes):
        before = without_sessions(two.rows())
        found = []
        for route in routes:
            if route.method not in SAFE and (route.method, route.path) not in KEYLESS:
                answer = victim.tries(route, with_key=False)
                if answer.status_code != 403:
                    found.append(f"{route.method} {route.path} {answer.status_code}")
        assert not found, "\n".join(found)
        assert without_sessions(two.rows()) == before


def test_an_unknown_address_tells_a_stranger_nothing(two: TwoRunners) -> None:
    with pages_of(two.home) as pages:
        answer = pages.get("/vesperina")
        assert answer.status_code == 404
        assert "Vesperina" not in text_of_page(answer.text)
