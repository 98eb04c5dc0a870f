"""Outages, limits and log-outs that last: what is asked meanwhile, and what is mailed."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from fakes.garmin import REVOKED, FakeGarmin, Fault, slow, status
from garmin_home import (
    a_connected_runner,
    account,
    add_another,
    connected_home,
    kilometres,
    log_in_mails,
    news,
    settle,
    standing,
    subjects,
    tick,
    told,
    worker,
)
from home import ME, NOW, Home, text_of
from midsole.actions import connecting, look
from midsole.actions.look import look_at_due
from midsole.actions.once import Pass, take_in_accounts
from midsole.actions.plan import ALL
from midsole.domain.connection import CONNECTED, DEGRADED, LOGIN_NEEDED, RATE_LIMITED
from midsole.sources import garmin_client
from midsole.store import tables as t

LIST, ORIGINAL, TOKEN = "search/activities", "/download-service/", "oauth/token"


def runs(server: FakeGarmin, count: int) -> list[int]:
    return [server.account.add_run(NOW - timedelta(days=n + 1), 10, 55) for n in range(count)]


def remote_rows(home: Home) -> dict[str, tuple[int, bool]]:
    """External id -> failed downloads, and whether its original is here."""
    with home.box.store.read() as tx:
        rows = tx.execute(select(t.remote_activity)).all()
    return {row.external_id: (row.attempts, row.original_id is not None) for row in rows}


# one activity


def test_a_bad_activity_is_noted_the_others_come_and_it_is_tried_later_and_later(tmp_path: Path) -> None:
    with connected_home(tmp_path) as (home, server):
        bad = runs(server, 5)[2]
        server.faults.add(f"{ORIGINAL}files/activity/{bad}", status(500), None)
        look_at_due(home.box)
        settle(home)

        assert account(home).state == CONNECTED
        assert [here for _, here in remote_rows(home).values()].count(True) == 4
        assert remote_rows(home)[str(bad)] == (1, False)
        assert kilometres(home) == [10] * 5

        server.reset_log()
        worker(home, hours=48, every_min=30)
        tried = [it.at for it in server.requests() if ORIGINAL in it.path]
        pauses = [(b - a) / 3600 for a, b in pairwise(tried)]
        assert 8 <= len(tried) <= 14
        assert max(pauses) > 5 > 1 > pauses[0]
        assert account(home).state == CONNECTED

        server.faults.clear()
        worker(home, hours=9)
        assert remote_rows(home)[str(bad)] == (0, True)
        assert kilometres(home) == [10] * 5


def test_a_look_ends_at_the_first_429_and_the_next_one_asks_for_the_rest_only(tmp_path: Path) -> None:
    with connected_home(tmp_path) as (home, server):
        third = runs(server, 5)[2]
        server.faults.add(f"{ORIGINAL}files/activity/{third}", status(429, retry_after=1800), None)
        look_at_due(home.box)
        settle(home)

        assert account(home).state == RATE_LIMITED
        assert server.count(ORIGINAL) == 3
        assert server.requests()[-1].status == 429
        assert [here for _, here in remote_rows(home).values()].count(True) == 2
        assert kilometres(home) == [10] * 5

        server.faults.clear()
        server.reset_log()
        worker(home, hours=1)
        assert account(home).state == CONNECTED
        assert server.count(ORIGINAL) == 3
        assert [here for _, here in remote_rows(home).values()] == [True] * 5
        assert kilometres(home) == [10] * 5


def test_sync_now_does_not_ask_before_the_time_that_garmin_named(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        server.faults.add(LIST, status(429, retry_after=7200), None)
        look_at_due(home.box)
        done = Pass()
        take_in_accounts(home.box, done, ALL)

        assert server.count() == 1
        assert done.failed
        assert "wants fewer requests" in done.problems[0]
        home.clock.on(hours=2, minutes=31)
        server.faults.clear()
        take_in_accounts(home.box, Pass(), ALL)
        assert account(home).state == CONNECTED


@pytest.mark.parametrize("fault", [status(429), status(503)])
def test_a_first_look_that_breaks_off_ends_in_one_notice_when_all_is_there(
    fault: Fault, tmp_path: Path
) -> None:
    with connected_home(tmp_path) as (home, server):
        runs(server, 5)
        server.faults.add(ORIGINAL, status(404), 2)
        server.faults.add(ORIGINAL, fault, None)
        worker(home, hours=1)
        server.faults.clear()
        worker(home, hours=9)

        assert account(home).state == CONNECTED
        assert kilometres(home) == [10] * 5
        assert len([s for s in subjects(home) if s.startswith("Midsole has read")]) == 1
        assert home.deliveries("alert") == []


# the program


def test_a_program_that_breaks_over_an_account_says_so_and_asks_later_and_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_connected_runner(tmp_path) as (home, server), monkeypatch.context() as broken:
        broken.delattr(look, "hear")
        for _ in range(8 * 60):
            home.clock.on(minutes=1)
            try:
                look_at_due(home.box)
            except NameError:
                continue

        assert server.count(LIST) <= 10
        assert account(home).state == DEGRADED
        assert "Midsole itself broke" in told(home)
        broken.undo()
        worker(home, hours=7)
        assert account(home).state == CONNECTED


def test_a_key_file_that_is_none_fails_one_account_and_is_told(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        good = home.box.secrets.path.read_bytes()
        home.box.secrets.path.write_text("no key at all\n")
        look_at_due(home.box)

        assert server.count() == 0
        assert account(home).state == DEGRADED
        assert "holds no valid key" in told(home)
        home.box.secrets.path.write_bytes(good)
        worker(home, hours=1)
        assert account(home).state == CONNECTED


# slowness


@pytest.mark.parametrize("path", [LIST, ORIGINAL])
def test_an_answer_that_does_not_come_in_time_is_an_outage(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garmin_client, "TIMEOUT_S" if path == LIST else "DOWNLOAD_TIMEOUT_S", 0.3)
    with a_connected_runner(tmp_path) as (home, server):
        server.faults.add(path, slow(2), 1)
        look_at_due(home.box)
        settle(home)
        assert account(home).state == (DEGRADED if path == LIST else CONNECTED)
        assert remote_rows(home).get("21000000004", (1, False)) == (1, False)
        monkeypatch.undo()
        worker(home, hours=2)
        assert account(home).state == CONNECTED
        assert remote_rows(home)["21000000004"] == (0, True)
        assert kilometres(home) == [8, 10, 10, 10]


# days of it


def test_a_day_of_outage_costs_few_requests_and_w1_speaks_once_and_names_it(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        server.faults.add(LIST, status(503), None)
        worker(home, hours=22, every_min=20)
        assert news(home) == []
        assert server.count() <= 14

        worker(home, hours=72, every_min=30)
        (subject,) = news(home)
        mail = next(m for m in home.outbox() if m["Subject"] == subject)
        assert "Garmin Connect could not be looked at" in text_of(mail)
        assert "Garmin can't be reached (503)" in text_of(mail)
        assert "log in" not in text_of(mail).lower()
        assert server.count() <= 14 + 72 / 5
        assert server.count(TOKEN) == server.access.refreshes

        server.faults.clear()
        worker(home, hours=8)
        assert account(home).state == CONNECTED
        assert kilometres(home) == [8, 10, 10, 10]
        assert standing(home) == []


def test_runs_come_as_ever_while_the_gear_service_is_out(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        server.faults.add("/gear-service/", status(503), None)
        worker(home, hours=12, every_min=20)
        assert account(home).state == DEGRADED
        add_another(home, server)
        worker(home, hours=1, every_min=5)
        worker(home, hours=0.25, every_min=5)
        assert kilometres(home) == [5, 8, 10, 10, 10]

        server.faults.clear()
        worker(home, hours=2)
        assert account(home).state == CONNECTED
        assert kilometres(home) == [5, 8, 10, 10, 10]


def test_a_log_out_is_one_mail_with_the_one_thing_to_do_and_the_next_one_is_another(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        server.access.log_out_everywhere()
        look_at_due(home.box)
        settle(home)
        assert account(home).state == LOGIN_NEEDED
        (subject,) = log_in_mails(home)
        mail = next(m for m in home.outbox() if m["Subject"] == subject)
        assert text_of(mail).count("Log in again with midsole connect garmin.") == 1

        server.reset_log()
        for _ in range(10):
            home.clock.on(hours=24)
            take_in_accounts(home.box, Pass(), ALL)
            tick(home)
        assert log_in_mails(home) == [subject]
        assert standing(home) == ["W2"]
        assert server.count() == 0

        connecting.take_tokens(home.box, ME, server.access.token_text())
        worker(home, hours=2)
        assert account(home).state == CONNECTED
        assert standing(home) == []
        assert len(log_in_mails(home)) == 1

        server.access.log_out_everywhere()
        worker(home, hours=2)
        assert account(home).state == LOGIN_NEEDED
        assert len(log_in_mails(home)) == 2


def test_three_503_while_the_token_is_dead_make_no_login_attempt_and_no_mail(tmp_path: Path) -> None:
    with a_connected_runner(tmp_path) as (home, server):
        server.faults.add(LIST, REVOKED)
        server.faults.add(TOKEN, status(503), 3)
        worker(home, hours=1)

        assert account(home).state == CONNECTED
        assert [it.status for it in server.requests()][:9] == [401, 503] * 3 + [401, 200, 200]
        assert log_in_mails(home) == []
