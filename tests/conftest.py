"""Fixtures that more than one folder of tests needs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import compiled
import postgres
import schema
from midsole.store.base import Store

CLOSED_PORT = "http://127.0.0.1:1"
"""No test can reach a real host, also where a program below it forgets its fake: nobody listens there."""

for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
    os.environ[name] = CLOSED_PORT
for name in ("NO_PROXY", "no_proxy"):
    os.environ[name] = "127.0.0.1,localhost"

compiled.share()
if os.environ.get("MIDSOLE_SOAK") != "long":
    settings.register_profile("suite", max_examples=40)  # each run tries others; what failed is tried first
    settings.load_profile("suite")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


KINDS = ("sqlite", "postgresql")


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind that Midsole supports, without a schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'midsole.db'}"
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind, with the present schema and nothing in it."""
    if request.param == "sqlite":
        schema.put_sqlite(tmp_path / "midsole.db")
        yield f"sqlite:///{tmp_path / 'midsole.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    with postgres.fresh_database(server, schema.postgresql(server)) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()
