"""A look that broke off between two pages of the list leaves no gap for good."""

from datetime import timedelta
from pathlib import Path

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
