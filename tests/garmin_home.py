"""A home whose account is connected to a Garmin of our own, through nothing but the environment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.garmin import FakeGarmin, running
from home import ME, NOW, Clock, Home, a_home
from midsole.actions import connecting
from midsole.actions.deliver import deliver_due
from midsole.actions.doctor import doctor
from midsole.actions.evaluate import evaluate_all
from midsole.actions.ingest import ingest_due
from midsole.actions.look import look_at_due
from midsole.actions.once import take_in
from midsole.domain.connection import ACCOUNTS, GARMIN
from midsole.store import accounts
from midsole.store.sources import Connection

TRUSTED_OTHERWISE = (
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GARMINTOKENS",
    "HTTPS_PROXY",
    "https_proxy",
)


@contextmanager
def reachable(server: FakeGarmin) -> Iterator[None]:
    """In this process garmin.com is this server, for as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in TRUSTED_OTHERWISE:
            patch.delenv(name, raising=False)
        patch.setenv("HTTPS_PROXY", server.url)
        patch.setenv("REQUESTS_CA_BUNDLE", str(server.ca_file))
        yield


@contextmanager
def connected_home(
    tmp: Path,
    clock: Clock | None = None,
    *,
    garmin: dict[str, Any] | None = None,
    before: Callable[[FakeGarmin], object] = lambda _: None,
    **settings: Any,
) -> Iterator[tuple[Home, FakeGarmin]]:
    """A home and its Garmin on one clock, logged in by tokens; `garmin`: settings of the fake.

    `before` fills the fake before anybody logs in."""
    ticking = clock or Clock()
    chosen = {"now": lambda: ticking.at.timestamp(), **(garmin or {})}
    with running(**chosen) as server, reachable(server), a_home(tmp, ticking, **settings) as home:
        before(server)
        connecting.take_tokens(home.box, ME, server.access.token_text())
        yield home, server


@contextmanager
def a_connected_runner(tmp_path: Path, *, expired: bool = False) -> Iterator[tuple[Home, FakeGarmin]]:
    """Three runs on one pair are here, a fourth waits; `expired`: the access token has just ended."""
    settings = {"lifetime_s": 3600.0} if expired else {}
    with connected_home(tmp_path, garmin=settings, before=_three_runs) as (home, server):
        look_at_due(home.box)
        settle(home)
        home.clock.on(minutes=61)
        server.account.add_run(NOW + timedelta(minutes=2), 8, 45, gear=(server.account.gear()[0].id,))
        server.access.lifetime_s = 86_400
        server.reset_log()
        server.access.refreshes = 0
        yield home, server
        assert server.access.logins == 0


def _three_runs(server: FakeGarmin) -> None:
    nimbus = server.account.add_gear("Asics", "Nimbus")
    for days in (1, 2, 3):
        server.account.add_run(NOW - timedelta(days=days), 10, 55, gear=(nimbus,))
        server.account.set_steps((NOW - timedelta(days=days)).date(), 9_000)


def settle(home: Home) -> None:
    ingest_due(home.box)
    evaluate_all(home.box)
    deliver_due(home.box)


def account(home: Home, kind: str = GARMIN) -> Connection:
    with home.box.store.read() as tx:
        found = accounts.of(tx, ME, kind)
    assert found is not None
    return found


def told(home: Home, kind: str = GARMIN) -> str:
    """What doctor says of the account."""
    checks = [c.text for c in doctor(home.box) if c.name == "source"]
    (said,) = [text for text in checks if text.startswith(ACCOUNTS[kind])]
    return said


def kilometres(home: Home) -> list[float]:
    return sorted(round(a.counted_m / 1000, 1) for a in home.activities())


def log_in_mails(home: Home) -> list[str]:
    return [subject for subject in subjects(home) if "log in" in subject]


def subjects(home: Home) -> list[str]:
    return [str(mail["Subject"]) for mail in home.outbox()]


def worker(home: Home, *, hours: float, every_min: float = 10) -> None:
    """What the worker does while this time goes by."""
    end = home.clock.at + timedelta(hours=hours)
    while home.clock.at < end:
        home.clock.on(minutes=every_min)
        tick(home)


def tick(home: Home) -> None:
    take_in(home.box)
    look_at_due(home.box)
    settle(home)


def news(home: Home) -> list[str]:
    """Subjects of what was mailed beside the notice of the first import and the weekly mails."""
    return [s for s in subjects(home) if not s.startswith(("Midsole has read", "Your week"))]


def standing(home: Home) -> list[str]:
    """Rules about the connections that speak now."""
    return [a.rule for a in home.alerts() if a.rule.startswith("W") and a.state != "resolved"]


def add_another(home: Home, server: FakeGarmin) -> None:
    nimbus = server.account.gear()[-1].id
    server.account.add_run(home.clock.at - timedelta(hours=1), 5, 30, gear=(nimbus,))
