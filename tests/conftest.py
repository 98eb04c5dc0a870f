"""Fixtures that more than one folder of tests needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import postgres
from midsole.store.base import Store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind that Midsole supports."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'midsole.db'}"
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    opened.upgrade()
    yield opened
    opened.close()
