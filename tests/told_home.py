"""A home with eight steady weeks and one pair, whose next long run is an alert; and what its tables hold."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from home import ME, NOW, Home, a_home
from midsole.actions.assigning import assign
from midsole.actions.shoes import Start, add_shoe
from midsole.store.tables import connection, metadata

ADDRESS = "me@example.org"
BEFORE = date(2026, 1, 1)
MORNING = NOW.replace(hour=6)


def mail_to(port: int) -> dict[str, Any]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "plain",
        "mail_from": "m@example.org",
    }


@contextmanager
def a_told_home(tmp: Path, **settings: Any) -> Iterator[Home]:
    """The first import is over and its notice written; nothing is due."""
    shutil.copytree(_template(), tmp / "home")
    with a_home(tmp, **settings) as home:
        with home.box.store.write() as tx:
            tx.execute(update(connection).values(place=str(home.inbox)))
        yield home


@cache
def _template() -> Path:
    """Made once a process: reading the runs in takes longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="midsole-told-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with a_home(folder, email=ADDRESS) as home:
        add_shoe(home.box, ME, "Pegasus", "daily", Start(), limit_m=2_000_000, first_used_on=BEFORE)
        for days in range(2, 58, 3):
            home.run(MORNING - timedelta(days=days), 10)
        home.once()
        assign(home.box, ME, [a.id for a in home.activities()], ["Pegasus"], silent=True)
        home.once()
    return folder / "home"


def spike(home: Home, km: float = 13) -> None:
    """A run far longer than any of the last 30 days: one alert, judged and told."""
    home.run(home.clock.now() - timedelta(hours=6), km)
    home.once()


def every_row(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    with home.box.store.read() as tx:
        return {
            table.name: sorted((tuple(row) for row in tx.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
