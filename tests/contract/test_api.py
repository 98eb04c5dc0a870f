"""The API keeps to its own description, whatever is sent to it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from api_home import fill
from home import ME, Home, a_home
from midsole.actions import api_tokens
from midsole.actions.entering import SCOPES
from midsole.config import Settings
from midsole.web.server import make_app

LONG = os.environ.get("MIDSOLE_SOAK") == "long"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with a_home(tmp_path_factory.mktemp("api")) as home:
        home.drop("broken.fit", b"\x0e\x10no fit at all")
        fill(home)
        yield home


def phases() -> dict[str, Any]:
    """In short only random data, sound and not; coverage alone sends 2,000 requests."""
    if LONG:
        return {}
    off = {"enabled": False}
    return {"coverage": off, "stateful": off, "examples": off}


def troubles(home: Home, seed: int) -> list[str]:
    token = api_tokens.make_token(home.box, ME, f"schemathesis {seed}", SCOPES)
    said = {
        "seed": seed,
        "headers": {"Authorization": f"Bearer {token}"},
        "checks": {"enabled": False} | {name: {"enabled": True} for name in CHECKS},
        "generation": {
            "mode": "all",
            "max-examples": 60 if LONG else 2,
            "no-shrink": not LONG,
            "database": "none",
        },
        "phases": phases(),
    }
    app = make_app(home.box, Settings(home=home.box.home))
    config = SchemathesisConfig.from_dict(said)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, config=config)
    return [trouble for event in from_schema(schema).execute() for trouble in told_by(event)]


def told_by(event: events.EngineEvent) -> list[str]:
    if isinstance(event, events.FatalError):
        raise event.exception
    if isinstance(event, events.NonFatalError):
        return [f"{event.label}: {event.info.format()}"]
    if not isinstance(event, events.ScenarioFinished):
        return []
    tried = [check for of_case in event.recorder.checks.values() for check in of_case]
    TRIED.extend(check.name for check in tried)
    return [f"{event.label}: {c.failure_info.failure}" for c in tried if c.failure_info]


TRIED: list[str] = []


def test_every_answer_is_one_that_the_description_names(home: Home) -> None:
    TRIED.clear()
    assert troubles(home, 1) == []
    assert set(TRIED) == set(CHECKS)
    assert len(TRIED) > 200
