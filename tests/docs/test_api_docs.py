"""The table of the API can't rot: what is written is compared with what is there, and with the commands."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from home import ME, Home, a_home
from midsole.actions import api_tokens
from midsole.actions.entering import SCOPES
from midsole.cli.main import app as commands
from midsole.web.server import make_app
from web_home import OTHERWHERE, Pages, pages_of

DOC = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (GET|POST|PATCH|DELETE) \| `([^`]+)` \| (\w+) \| (.+) \|$", DOC, re.M)
AT_THE_ROOT = ("/healthz", "/readyz", "/metrics")
EVERYBODY = "none"

BY_COMMAND = {
    "status": "GET /status",
    "rules": "GET /rules",
    "weekly": "GET /weekly",
    "load": "GET /load",
    "cap": "GET /cap",
    "activities": "GET /activities",
    "activities list": "GET /activities",
    "activities show": "GET /activities/{activity_id}",
    "alerts": "GET /alerts",
    "alerts list": "GET /alerts",
    "files": "GET /files",
    "files retry": "POST /files/retry",
    "files ignore": "POST /files/ignore",
    "shoes": "GET /shoes",
    "shoes list": "GET /shoes",
    "shoes assign": "POST /wearings",
    "shoes unassign": "DELETE /activities/{activity_id}/wearings",
    "shoes claim": "POST /shoes/{shoe_id}/claim",
    "shoes apply": "POST /wearings/ask-anew",
    "shoes changes": "GET /changes",
    "shoes undo": "POST /changes/{change_id}/undo",
    "shoes rotation": "GET /rotation",
    "shoes life": "GET /lives",
    "shoes proposals": "GET /proposals",
    "shoes compare": "GET /comparisons",
    "shoes inbox": "GET /waiting",
    "shoes inbox accept": "POST /wearings/accept",
    "shoes rule": "GET /shoe-rules",
    "shoes rule list": "GET /shoe-rules",
    "shoes rule test": "POST /shoe-rules/apply",
    "shoes rule apply": "POST /shoe-rules/apply",
    "inserts": "GET /inserts",
    "inserts list": "GET /inserts",
    "race list": "GET /races",
    "runners list": "GET /runners/me",
    "webhook list": "GET /webhooks",
    "checkin say": "POST /checkins",
    "checkin list": "GET /checkins",
    "comeback show": "GET /comeback",
    "comeback gate": "POST /comeback/gate",
    "comeback leave": "POST /comeback/leave",
    "comeback again": "POST /comeback/again",
    "comeback edit": "POST /comeback/edit",
    "routine": "GET /routine",
    "routine list": "GET /routine",
    "health": "GET /health-data",
    "pain": "GET /pain",
    "pain show": "GET /pain/{episode_id}",
}
LEFT_OUT = {
    "config": "settings of the machine: who may read them has a shell there",
    "doctor": "it looks at every original on the disk; /readyz and /metrics answer machines",
    "files inspect": "a witness for looking into a file by hand; a FIT file can be a million values",
    "files verify": "it takes a second a file",
    "push list": "push addresses are set up where they are tried: on their page",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with a_home(tmp_path_factory.mktemp("docs")) as home, pages_of(home, OTHERWHERE) as pages:
        yield pages


def described(home: Home) -> dict[tuple[str, str], dict[str, Any]]:
    from midsole.config import Settings

    paths = make_app(home.box, Settings(home=home.box.home)).openapi()["paths"]
    return {
        (method.upper(), path.removeprefix("/api/v1")): operation
        for path, item in paths.items()
        for method, operation in item.items()
    }


def test_the_table_has_every_endpoint_and_no_other_in_the_words_of_its_description(pages: Pages) -> None:
    there = described(pages.home)
    assert {(method, path) for method, path, _, _ in ROWS} == set(there)
    for method, path, _, what in ROWS:
        assert there[method, path]["description"].split("\n")[0].rstrip(".") == what, path


def test_every_endpoint_of_the_api_names_its_troubles_and_who_may_ask(pages: Pages) -> None:
    for (_, path), operation in described(pages.home).items():
        if path not in AT_THE_ROOT:
            assert {"401", "403", "404", "409", "422", "503"} <= set(operation["responses"]), path
            assert {"token": []} in operation["security"], path
            assert {"session": []} in operation["security"], path
        assert ({"400", "413", "415"} <= set(operation["responses"])) is ("requestBody" in operation), path


def address(path: str) -> str:
    return re.sub(r"\{\w+\}", "1", path if path in AT_THE_ROOT else f"/api/v1{path}")


@pytest.mark.parametrize(("method", "path", "scope"), [row[:3] for row in ROWS])
def test_a_stranger_is_refused_and_so_is_a_token_of_every_other_scope(
    pages: Pages, tokens: dict[str, str], method: str, path: str, scope: str
) -> None:
    answer = pages.client.request(method, address(path))
    if scope == EVERYBODY:
        assert answer.status_code == 200
        return
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    refused = pages.client.request(method, address(path), headers=bearer(tokens[scope]))
    assert refused.status_code == (401 if path == "/metrics" else 403)


@pytest.fixture(scope="module")
def tokens(pages: Pages) -> dict[str, str]:
    """For each scope a token that has all the others."""
    return {
        scope: api_tokens.make_token(pages.home.box, ME, f"not {scope}", [s for s in SCOPES if s != scope])
        for scope in SCOPES
    }


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def commands_with_json(command: Any, name: str = "") -> Iterator[str]:
    for part, inner in getattr(command, "commands", {}).items():
        yield from commands_with_json(inner, f"{name} {part}".strip())
    if any(parameter.name == "as_json" for parameter in command.params):
        yield name


def test_every_command_that_prints_json_has_its_endpoint_or_a_reason_why_not() -> None:
    known = set(commands_with_json(typer.main.get_command(commands)))
    assert known - set(BY_COMMAND) - set(LEFT_OUT) == set()
    assert set(BY_COMMAND.values()) <= {f"{method} {path}" for method, path, _, _ in ROWS}
