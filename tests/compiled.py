"""SQL compiled for one test's database serves the next one's: compiling it takes longer than asking it."""

from typing import Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

KEPT: LRUCache[Any, Any] = LRUCache(5_000)


def share() -> None:
    """Engines of SQLite have one cache; its keys hold the dialect, and all of them speak alike."""
    SQLiteDialect_pysqlite.__eq__ = _is_alike  # type: ignore[method-assign]
    SQLiteDialect_pysqlite.__hash__ = _hash  # type: ignore[method-assign]
    begin = Engine.__init__

    # create_engine looks up by name which of its arguments an engine takes.
    def begun(
        engine: Engine, pool: Any, dialect: Any, url: Any, hide_parameters: bool = False, **how: Any
    ) -> None:
        begin(engine, pool, dialect, url, hide_parameters=hide_parameters, **how)
        if isinstance(engine.dialect, SQLiteDialect_pysqlite):
            engine._compiled_cache = KEPT

    Engine.__init__ = begun  # type: ignore[method-assign]


def _is_alike(one: object, other: object) -> bool:
    return type(one) is type(other)


def _hash(dialect: object) -> int:
    return hash(type(dialect))
