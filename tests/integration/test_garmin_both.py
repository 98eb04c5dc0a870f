"""Both of Garmin's connections: one that fails never stops the other, and nothing is doubled meanwhile."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from fakes.garmin import FakeGarmin, Fault, status
from garmin_home import a_connected_runner, account, add_another, kilometres, news, settle, told, worker
from home import ME, NOW, Home
from midsole.actions import connecting
from midsole.actions.once import Pass, take_in_accounts
from midsole.actions.plan import ALL, DUE
from midsole.domain.connection import CONNECTED, DEGRADED, GARMIN, GARMIN_PERSONAL, LOGIN_NEEDED, RATE_LIMITED
from midsole.store import tables as t

EXCHANGE, PERSONAL = "personal-api-key/token", "personal.connectapi.garmin.com/activitylist-service"
UNOFFICIAL = re.compile(r"^connectapi\.garmin\.com/activitylist-service/activities/search")


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Home, FakeGarmin]]:
    """Garmin Connect and the Personal API, both well; three runs are here, and a fourth waits."""
    with a_connected_runner(tmp_path) as (home, server):
        connecting.take_key(home.box, ME, "fake-personal-key", date(2027, 11, 1))
        worker(home, hours=1)
        assert [account(home, kind).state for kind in (GARMIN, GARMIN_PERSONAL)] == [CONNECTED] * 2
        assert kilometres(home) == [8, 10, 10, 10]
        server.reset_log()
        yield home, server


PERSONAL_FAULTS = {
    "key refused": (EXCHANGE, status(401), LOGIN_NEEDED, "Make a new key"),
    "exchange down": (EXCHANGE, status(503), DEGRADED, "the API key is kept"),
    "exchange limited": (EXCHANGE, status(429, retry_after=14), RATE_LIMITED, "wants fewer requests"),
    "list down": (PERSONAL, status(500), DEGRADED, "the API key is kept"),
    "list limited": (PERSONAL, status(429, retry_after=14), RATE_LIMITED, "wants fewer requests"),
    "token refused": (PERSONAL, status(401), LOGIN_NEEDED, "Make a new key"),
}


@pytest.mark.parametrize("name", PERSONAL_FAULTS)
def test_a_personal_api_that_fails_leaves_the_list_to_garmin_connect(
    both: tuple[Home, FakeGarmin], name: str
) -> None:
    home, server = both
    place, fault, state, words = PERSONAL_FAULTS[name]
    server.access.revoke()
    server.faults.add(place, fault, None)
    add_another(home, server)
    worker(home, hours=3)

    stands = account(home, GARMIN_PERSONAL)
    assert (stands.state, account(home).state) == (state, CONNECTED)
    assert words in told(home, GARMIN_PERSONAL)
    assert kilometres(home) == [5, 8, 10, 10, 10]
    assert server.count(UNOFFICIAL) > 0
    asked = [it for it in server.requests() if it.fault]
    assert 1 <= len(asked) <= 2 if state == LOGIN_NEEDED else 1 < len(asked) < 20
    assert len(news(home)) == (state == LOGIN_NEEDED)

    server.faults.clear()
    if state == LOGIN_NEEDED:
        connecting.take_key(home.box, ME, "fake-personal-key", date(2027, 11, 1))
    worker(home, hours=7, every_min=20)
    add_another(home, server)
    server.reset_log()
    worker(home, hours=2)
    assert account(home, GARMIN_PERSONAL).state == CONNECTED
    assert kilometres(home) == [5, 5, 8, 10, 10, 10]
    assert server.count(PERSONAL) > 0
    assert server.count(UNOFFICIAL) == 0


@pytest.mark.parametrize(
    ("place", "fault", "state"),
    [
        ("connectapi.garmin.com/gear-service", status(503), DEGRADED),
        ("connectapi.garmin.com/gear-service", status(429), RATE_LIMITED),
        ("connectapi.garmin.com/gear-service", status(401), LOGIN_NEEDED),
    ],
)
def test_garmin_connect_that_fails_leaves_the_personal_api_alone(
    both: tuple[Home, FakeGarmin], place: str, fault: Fault, state: str
) -> None:
    home, server = both
    server.faults.add(place, fault, None)
    add_another(home, server)
    worker(home, hours=4, every_min=20)

    assert (account(home).state, account(home, GARMIN_PERSONAL).state) == (state, CONNECTED)
    assert kilometres(home) == [5, 8, 10, 10, 10]
    server.faults.clear()
    if state == LOGIN_NEEDED:
        connecting.take_tokens(home.box, ME, server.access.token_text())
    worker(home, hours=7, every_min=20)
    assert account(home).state == CONNECTED
    assert kilometres(home) == [5, 8, 10, 10, 10]
    with home.box.store.read() as tx:
        worn = tx.execute(select(t.wearing.c.activity_id)).scalars().all()
    assert len(worn) == len(set(worn)) == 5


def test_a_personal_key_that_ended_is_one_mail_and_a_new_key_heals_it(both: tuple[Home, FakeGarmin]) -> None:
    home, server = both
    server.access.expire_key()
    worker(home, hours=24 * 3, every_min=60)
    assert account(home, GARMIN_PERSONAL).state == LOGIN_NEEDED
    assert len(news(home)) == 1
    assert server.access.exchanges <= 3

    server.access.personal_key = "another-key"
    connecting.take_key(home.box, ME, "another-key", date(2027, 11, 1))
    worker(home, hours=2)
    assert account(home, GARMIN_PERSONAL).state == CONNECTED
    assert kilometres(home) == [8, 10, 10, 10]


def test_a_wish_of_14_seconds_is_kept_and_a_minute_is_the_least(both: tuple[Home, FakeGarmin]) -> None:
    home, server = both
    server.faults.add(PERSONAL, status(429, retry_after=14), None)
    take_in_accounts(home.box, Pass(), DUE)
    stands = account(home, GARMIN_PERSONAL)
    assert stands.state == RATE_LIMITED
    assert stands.next_at is not None
    assert timedelta(seconds=14) <= stands.next_at - home.clock.at <= timedelta(seconds=75)
    assert server.count(PERSONAL) == 1


def test_a_personal_token_of_a_day_is_exchanged_once_a_day(both: tuple[Home, FakeGarmin]) -> None:
    home, server = both
    before = server.access.exchanges
    worker(home, hours=24 * 3, every_min=60)
    assert server.access.exchanges - before == 3
    assert account(home, GARMIN_PERSONAL).state == CONNECTED


def test_personal_pages_are_never_too_large(both: tuple[Home, FakeGarmin]) -> None:
    home, server = both
    for n in range(60):
        server.account.add_run(NOW - timedelta(days=10 + n), 4, 25)
    take_in_accounts(home.box, Pass(), ALL)
    settle(home)
    assert server.count(PERSONAL, status=500) == 0
    assert server.count(PERSONAL) >= 4
    assert len(kilometres(home)) == 64
