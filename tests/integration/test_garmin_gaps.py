"""A look that broke off between two pages of the list leaves no gap for good."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from fakes.garmin import status
from garmin_home import connected_home
from home import ME, Clock
from midsole.actions import connecting
from midsole.actions.look import look
from midsole.domain.connection import GARMIN, GARMIN_PERSONAL
from midsole.store import accounts, remote


@pytest.mark.parametrize(
    ("kind", "runs", "page", "hours"), [(GARMIN, 130, 100, 16), (GARMIN_PERSONAL, 60, 40, 33)]
)
def test_runs_of_a_page_that_failed_come_with_a_later_look(
    tmp_path: Path, kind: str, runs: int, page: int, hours: int
) -> None:
    clock = Clock()
    with connected_home(tmp_path, clock) as (home, server):

        def look_now() -> None:
            with home.box.store.read() as tx:
                connection = accounts.of(tx, ME, kind)
            assert connection is not None
            look(home.box, connection)

        if kind == GARMIN_PERSONAL:
            connecting.take_key(home.box, ME, server.access.personal_key, None)
        server.account.add_run(clock.at - timedelta(days=1), 10, 60)
        look_now()
        clock.on(days=90)
        for number in range(runs):
            server.account.add_run(clock.at - timedelta(hours=2 + hours * number), 10, 60)
        server.faults.add(f"start={page}&", status(503))
        look_now()
        server.faults.clear()
        clock.on(days=1)
        look_now()

        with home.box.store.read() as tx:
            assert remote.counts(tx, ME)["listed"] == runs + 1


def test_a_first_look_that_a_limit_breaks_off_goes_on_where_it_was(tmp_path: Path) -> None:
    clock = Clock()
    with connected_home(tmp_path, clock) as (home, server):
        connecting.take_key(home.box, ME, server.access.personal_key, None)
        for number in range(130):
            server.account.add_run(clock.at - timedelta(hours=2 + 16 * number), 10, 60, manual=True)
        server.faults.add("start=80&", status(429, retry_after=60))
        for _ in range(2):
            with home.box.store.read() as tx:
                connection = accounts.of(tx, ME, GARMIN_PERSONAL)
            assert connection is not None
            server.reset_log()
            look(home.box, connection)
            clock.on(minutes=10)

        lists = [r.query for r in server.requests() if "search/activities" in r.path]
        pages = [parse_qs(query)["start"][0] for query in lists]
        assert pages == ["0", "60", "80", "100", "120"]
        with home.box.store.read() as tx:
            assert remote.counts(tx, ME)["listed"] == 130
