"""Every way in which Garmin fails: how the connection stands then, when it is tried again, what is said."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes.garmin import (
    DROP,
    EMPTY,
    HTML,
    NO_CONTENT,
    REVOKED,
    TRUNCATED,
    FakeGarmin,
    Fault,
    says,
    status,
)
from fakes.garmin.faults import Pattern
from garmin_home import a_connected_runner, account, kilometres, log_in_mails, settle, told
from home import ME, Home
from midsole.actions import assigning, connecting
from midsole.actions.look import look_at_due
from midsole.actions.once import Pass, take_in_accounts
from midsole.actions.plan import ALL, PASS
from midsole.domain.connection import CONNECTED, DEGRADED, LOGIN_NEEDED, RATE_LIMITED
from midsole.store import remote

LIST, DETAIL, ORIGINAL, TOKEN = "search/activities", "/activity-service/", "/download-service/", "oauth/token"
GEAR, STEPS, LINK = "/gear/v2/list", "/steps/daily/", "/gear/link/"
USE = re.compile("/activities/[0-9a-f]{32}/gear")
REFUSED = status(400, body=json.dumps({"error": "invalid_grant"}).encode())
ODD_ANSWERS = {"a web page": HTML, "nothing": EMPTY, "another shape": says({"a": 1})}


@dataclass(frozen=True, slots=True)
class Row:
    """What Garmin does, and what is to become of it.

    `wait`: least and most minutes until the next try. `reads`: the new run is known all the same."""

    name: str
    faults: tuple[tuple[Pattern, Fault, int | None], ...]
    state: str
    wait: tuple[float, float] | None
    says: str
    requests: int
    refreshes: int = 0
    reads: bool = False
    expired: bool = False
    writes: bool = False


def row(name: str, place: Pattern, fault: Fault, times: int | None, *outcome: object, **more: object) -> Row:
    """A fault at the refresh needs an expired token, one at a write something to be written."""
    needs = {"expired": place == TOKEN, "writes": place == LINK}
    return Row(name, ((place, fault, times),), *outcome, **needs, **more)  # type: ignore[arg-type]


SOON, USUAL, FIRST_LIMIT = (1, 1.25), (10, 75), (15, 18.75)
KEPT = "can't be read now .*the login is kept.* there is nothing for you to do"
ODD = "can't be read now .*something else than"
WELL = "is connected; it was last read 0 min ago"
FEWER = "wants fewer requests .*429.*there is nothing for you to do"
SHUT = "lets Midsole in no more .*Log in again with midsole connect garmin"
WITH_LEGACY_GEAR = 9
"""The list, all about the run, gear, the profile, the older list and its totals, uses, steps, the file."""

WITHOUT_LIST = 4
"""Garmin answers, only not with a list: the pairs, their runs and the steps are read all the same."""


def _outages() -> Iterator[Row]:
    """Of one request, once or for good: what can be read beside it is read."""
    for what, fault, times in (
        ("fails once", status(502), 1),
        ("fails for ever", status(503), None),
        ("drops for ever", DROP, None),
    ):
        yield row(f"list {what}", LIST, fault, times, DEGRADED, SOON, KEPT, 1)
        yield row(f"detail {what}", DETAIL, fault, times, CONNECTED, USUAL, WELL, 6, reads=True)
        yield row(f"download {what}", ORIGINAL, fault, times, CONNECTED, USUAL, WELL, 6, reads=True)
        yield row(f"gear {what}", GEAR, fault, times, DEGRADED, SOON, KEPT, 4, reads=True)
        yield row(f"gear's runs {what}", USE, fault, times, CONNECTED, USUAL, WELL, 6, reads=True)
        yield row(f"steps {what}", STEPS, fault, times, DEGRADED, SOON, KEPT, 6, reads=True)
        yield row(f"refresh {what}", TOKEN, fault, times, DEGRADED, SOON, KEPT, 1)
        yield row(f"link {what}", LINK, fault, times, CONNECTED, USUAL, WELL, 6, reads=True)


def _odd_answers() -> Iterator[Row]:
    """200 with something else; a broken line looks like an outage."""
    for how, fault in ODD_ANSWERS.items():
        yield row(f"list is {how}", LIST, fault, None, DEGRADED, SOON, ODD, WITHOUT_LIST)
        yield row(f"detail is {how}", DETAIL, fault, None, CONNECTED, USUAL, WELL, 6, reads=True)
        yield row(f"download is {how}", ORIGINAL, fault, None, CONNECTED, USUAL, WELL, 6, reads=True)
        yield row(f"gear is {how}", GEAR, fault, None, CONNECTED, USUAL, WELL, WITH_LEGACY_GEAR, reads=True)
        yield row(f"steps are {how}", STEPS, fault, None, CONNECTED, USUAL, WELL, 6, reads=True)
        yield row(f"refresh is {how}", TOKEN, fault, None, DEGRADED, SOON, KEPT, 1)
    for times in (1, None):
        yield row(f"half a list {times}", LIST, TRUNCATED, times, DEGRADED, SOON, KEPT, 1)
    yield row("half a detail", DETAIL, TRUNCATED, None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row("half a file", ORIGINAL, TRUNCATED, None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row("half a gear list", GEAR, TRUNCATED, None, DEGRADED, SOON, KEPT, 4, reads=True)
    # The three known runs, which are missing in an empty list, are asked for.
    yield row("list is 204", LIST, NO_CONTENT, None, CONNECTED, USUAL, WELL, 7)
    yield row("detail is 204", DETAIL, NO_CONTENT, None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row("download is 204", ORIGINAL, NO_CONTENT, None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row("gear is 204", GEAR, NO_CONTENT, None, CONNECTED, USUAL, WELL, WITH_LEGACY_GEAR, reads=True)
    yield row("steps are 204", STEPS, NO_CONTENT, None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row("refresh is 204", TOKEN, NO_CONTENT, None, DEGRADED, SOON, KEPT, 1)


def _limits() -> Iterator[Row]:
    """The first 429 ends the look, wherever it comes."""
    limited = status(429)
    yield row("429 at the list", LIST, limited, None, RATE_LIMITED, FIRST_LIMIT, FEWER, 1)
    yield row("429 at a detail", DETAIL, limited, None, RATE_LIMITED, FIRST_LIMIT, FEWER, 2, reads=True)
    yield row("429 at the gear", GEAR, limited, None, RATE_LIMITED, FIRST_LIMIT, FEWER, 3, reads=True)
    yield row("429 at gear's runs", USE, limited, None, RATE_LIMITED, FIRST_LIMIT, FEWER, 4, reads=True)
    yield row("429 at the steps", STEPS, limited, None, RATE_LIMITED, FIRST_LIMIT, FEWER, 5, reads=True)
    yield row("429 at a download", ORIGINAL, limited, None, RATE_LIMITED, FIRST_LIMIT, FEWER, 6, reads=True)
    yield row("429 at a refresh", TOKEN, limited, None, RATE_LIMITED, FIRST_LIMIT, FEWER, 1)
    yield row("429 at a write", LINK, limited, None, RATE_LIMITED, FIRST_LIMIT, FEWER, 6, reads=True)
    in_ten_hours = f"{datetime.now(UTC) + timedelta(hours=10):%a, %d %b %Y %H:%M:%S GMT}"
    wishes: list[tuple[str, str, tuple[float, float]]] = [
        ("an hour", "3600", (60, 75)),
        ("a date", in_ten_hours, (9 * 60, 12.5 * 60)),
        ("zero", "0", FIRST_LIMIT),
        ("less than nothing", "-5", FIRST_LIMIT),
        ("a past date", "Wed, 21 Oct 2015 07:28:00 GMT", FIRST_LIMIT),
        ("a year", "31536000", (3 * 24 * 60, 3.75 * 24 * 60)),
        ("nonsense", "soon, soon", FIRST_LIMIT),
    ]
    for how, wish, wait in wishes:
        fault = status(429, retry_after=wish)
        yield row(f"429 for {how} at the list", LIST, fault, None, RATE_LIMITED, wait, FEWER, 1)
        yield row(f"429 for {how} at a refresh", TOKEN, fault, None, RATE_LIMITED, wait, FEWER, 1)
        yield row(f"429 for {how} at a write", LINK, fault, None, RATE_LIMITED, wait, FEWER, 6, reads=True)
    yield row("503 for an hour", LIST, status(503, retry_after=3600), None, DEGRADED, (60, 75), KEPT, 1)


def _refusals() -> Iterator[Row]:
    """401, 403, 404: only what a refresh does not heal, or a refused refresh, is a log-out."""
    no = status(401)
    yield row("401 once", LIST, no, 1, CONNECTED, USUAL, WELL, 8, 1, reads=True)
    yield row("all tokens revoked", LIST, REVOKED, 1, CONNECTED, USUAL, WELL, 8, 1, reads=True)
    yield row("revoked at a download", ORIGINAL, REVOKED, 1, CONNECTED, USUAL, WELL, 8, 1, reads=True)
    yield row("revoked at a write", LINK, REVOKED, 1, CONNECTED, USUAL, WELL, 9, 1, reads=True)
    yield row("401 for ever at the list", LIST, no, None, LOGIN_NEEDED, None, SHUT, 3, 1)
    yield row("401 for ever at a detail", DETAIL, no, None, LOGIN_NEEDED, None, SHUT, 4, 1, reads=True)
    yield row("401 for ever at a download", ORIGINAL, no, None, LOGIN_NEEDED, None, SHUT, 8, 1, reads=True)
    yield row("401 for ever at a write", LINK, no, None, LOGIN_NEEDED, None, SHUT, 8, 1, reads=True)
    for how, fault, state, wait, words in (
        ("503", status(503), DEGRADED, SOON, KEPT),
        ("dropped", DROP, DEGRADED, SOON, KEPT),
        ("429", status(429, retry_after=3600), RATE_LIMITED, (60, 75), FEWER),
        ("a web page", HTML, DEGRADED, SOON, KEPT),
        ("a web page with 403", replace(HTML, status=403), DEGRADED, SOON, KEPT),
        ("a web page with 401", replace(HTML, status=401), DEGRADED, SOON, KEPT),
        ("refused", REFUSED, LOGIN_NEEDED, None, SHUT),
    ):
        both = ((LIST, REVOKED, 1), (TOKEN, fault, None))
        yield Row(f"401, and the refresh is {how}", both, state, wait, words, 2)
        yield row(f"the refresh is {how}", TOKEN, fault, None, state, wait, words, 1)
    yield row(
        "403 at the list",
        LIST,
        status(403),
        None,
        DEGRADED,
        SOON,
        "refuses requests from this.*" + KEPT[-15:],
        1,
    )
    yield row("403 at a detail", DETAIL, status(403), None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row("403 at a download", ORIGINAL, status(403), None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row(
        "403 at the gear", GEAR, status(403), None, CONNECTED, USUAL, WELL, WITH_LEGACY_GEAR, reads=True
    )
    yield row("403 at the steps", STEPS, status(403), None, DEGRADED, SOON, KEPT, 6, reads=True)
    yield row("404 at the list", LIST, status(404), None, DEGRADED, SOON, ODD, WITHOUT_LIST)
    yield row("404 at a detail", DETAIL, status(404), None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row("404 at a download", ORIGINAL, status(404), None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row(
        "404 at the gear", GEAR, status(404), None, CONNECTED, USUAL, WELL, WITH_LEGACY_GEAR, reads=True
    )
    yield row("404 at a write", LINK, status(404), None, CONNECTED, USUAL, WELL, 6, reads=True)
    yield row("412 at a write", LINK, status(412), None, CONNECTED, USUAL, WELL, 6, reads=True)
    profile = ((GEAR, status(404), None), ("/userprofile-service/", status(503), None))
    yield Row("503 at the profile is no reason to log in", profile, DEGRADED, SOON, KEPT, 5, reads=True)


ROWS = [*_outages(), *_odd_answers(), *_limits(), *_refusals()]


@pytest.mark.parametrize("case", ROWS, ids=[r.name for r in ROWS])
def test_a_fault_leads_to_its_state_its_next_try_and_its_words(case: Row, tmp_path: Path) -> None:
    with a_connected_runner(tmp_path, expired=case.expired) as (home, server):
        if case.writes:
            wears_another_pair(home, server)
        for place, fault, times in case.faults:
            server.faults.add(place, fault, times)
        take_in_accounts(home.box, Pass(), ALL)
        settle(home)

        stands = account(home)
        assert stands.state == case.state
        assert re.search(case.says, told(home)), told(home)
        assert (server.count(), server.access.refreshes) == (case.requests, case.refreshes)
        assert kilometres(home) == ([8, 10, 10, 10] if case.reads else [10, 10, 10])
        assert len(log_in_mails(home)) == (case.state == LOGIN_NEEDED)
        assert_waits(home, case.wait)

        server.faults.clear()
        all_is_well_again(home, server)


def assert_waits(home: Home, wait: tuple[float, float] | None) -> None:
    """Before its time the worker does not ask."""
    next_at = account(home).next_at
    if wait is None:
        assert next_at is None
        return
    assert next_at is not None
    assert wait[0] <= (next_at - home.clock.at) / timedelta(minutes=1) <= wait[1]


def all_is_well_again(home: Home, server: FakeGarmin) -> None:
    """The fault is over: what is kept is enough to go on, or a login is asked for, and nothing is doubled."""
    server.reset_log()
    stands = account(home)
    if stands.next_at is None:
        home.clock.on(hours=10)
        look_at_due(home.box)
        take_in_accounts(home.box, Pass(), ALL)
        assert server.count() == 0
        connecting.take_tokens(home.box, ME, server.access.token_text())
    else:
        home.clock.at = stands.next_at - timedelta(seconds=1)
        look_at_due(home.box)
        assert server.count() == 0
        home.clock.at = stands.next_at
    look_at_due(home.box)
    assert account(home).state == CONNECTED
    home.clock.on(hours=25)
    before = server.access.refreshes
    look_at_due(home.box)
    settle(home)
    assert server.access.refreshes == before + 1
    assert account(home).state == CONNECTED
    assert kilometres(home) == [8, 10, 10, 10]
    with home.box.store.read() as tx:
        assert not remote.wanted_originals(tx, ME, home.clock.at + timedelta(days=9))


def wears_another_pair(home: Home, server: FakeGarmin) -> None:
    """The runner put the first run on a pair that is new at Garmin, and wants it written there."""
    server.account.add_gear("Nike", "Pegasus")
    take_in_accounts(home.box, Pass(), PASS)
    connecting.set_option(home.box, ME, write_back=True)
    assigning.assign(home.box, ME, [home.activities()[0].id], ["Pegasus"])
    server.reset_log()
