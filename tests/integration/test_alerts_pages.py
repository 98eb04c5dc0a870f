"""The page of alerts: what stands, what was, what was sent of it and why not; and why one is told."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from home import ME, NOW, Home, a_home
from midsole.actions import setup
from midsole.domain.rules import RULES
from midsole.store import messages
from midsole.store import tables as t
from web_home import Pages, a_web_home, pages_of, text_of_page

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with a_home(tmp_path_factory.mktemp("alerts"), email="me@example.org") as opened:
        setup.add_runner(opened.box, "Ann", "UTC")
        _fill(opened)
        yield opened


@pytest.fixture
def pages(home: Home) -> Iterator[Pages]:
    with pages_of(home) as opened:
        yield opened


def _fill(home: Home) -> None:
    """One alert for each way in which it may have been told, and enough old ones for a second page."""
    _alert(home, 1, "L1", "warn", state="open", pushed_at=NOW, text="A long run.")
    _carry(home, 1, "email", "sent", sent_at=NOW)
    _alert(home, 2, "L2", "warn", state="open", held_back="budget", in_weekly=True, text="A steep week.")
    _alert(home, 3, "S1", "warn", state="resolved", resolved_at=NOW, text="A worn pair.", pushed_at=NOW)
    _carry(home, 3, "outbox", "sent", sent_at=NOW - DAY)
    _alert(home, 4, "L3", "note", state="resolved", resolved_at=NOW, in_weekly=True, text="Two things.")
    _alert(home, 5, "S2", "note", state="seen", text="One pair only.", opened_at=NOW - 9 * DAY)
    _alert(home, 6, "S5", "note", state="resolved", resolved_at=NOW, pushed_at=NOW, text="A worn insole.")
    _carry(home, 6, "email", "given_up", error="The server is away.")
    _alert(home, 7, "L1", "note", state="seen", text="Long ago.", held_back="late", in_weekly=True)
    _weekly(home, NOW - DAY)
    _many_old(home)
    _alert(home, 99, "L1", "alarm", state="open", text="Ann's own long run.", runner_id=2)


def _many_old(home: Home) -> None:
    rows = []
    for number in range(8, 60):
        when = NOW - number * 7 * DAY
        old = {"state": "resolved", "resolved_at": when + DAY, "opened_at": when}
        rows.append(_row(number, "L2", "note", **old))
    with home.box.store.write() as tx:
        tx.execute(insert(t.alert), rows)


def _alert(home: Home, number: int, rule: str, level: str, **row: Any) -> None:
    with home.box.store.write() as tx:
        tx.execute(insert(t.alert).values(**_row(number, rule, level, **row)))


def _row(number: int, rule: str, level: str, **row: Any) -> dict[str, Any]:
    opened_at = row.get("opened_at", NOW - 3 * DAY)
    return {
        "id": number,
        "rule": rule,
        "level": level,
        "runner_id": ME,
        "subject": f"{rule}:{number}",
        "opened_at": opened_at,
        "happened_on": opened_at.date(),
        "last_seen_on": opened_at.date(),
        "in_weekly": False,
        "text": f"Alert {number}.",
        "advice": "Keep it easy.",
        "numbers": {"distance_m": 21_097.5},
        **row,
    }


def _carry(home: Home, alert_id: int, channel: str, state: str, **row: Any) -> None:
    with home.box.store.write() as tx:
        how = {"kind": "alert", "address": "me@example.org", "message_id": f"<{alert_id}@x>", "eml": b""}
        made = {"subject": "x", "created_at": NOW, "next_at": NOW, "counts_in_budget": True}
        delivery_id = messages.queue(tx, ME, [alert_id], channel=channel, **how, **made)
        messages.change_delivery(tx, delivery_id, state=state, **row)


def _weekly(home: Home, at: Any) -> None:
    with home.box.store.write() as tx:
        row = {"kind": "weekly", "channel": "email", "address": "me@example.org", "message_id": "<w@x>"}
        made = {"subject": "x", "eml": b"", "created_at": at, "next_at": at, "counts_in_budget": False}
        messages.change_delivery(tx, messages.queue(tx, ME, **row, **made), state="sent", sent_at=at)


def _of(page: str, words: str) -> str:
    """What stands after these words, up to the next alert."""
    return page.split("All that ever were")[1].split(words)[1][:320]


def test_what_stands_comes_first_and_what_was_sent_stands_beside_it(pages: Pages) -> None:
    page = text_of_page(pages.see("/alerts"))

    standing, history = page.split("All that ever were")
    assert "A long run." in standing
    assert "Mail to me@example.org: sent 18 Nov 2026 12:00." in standing
    assert "Held back: at most 2 unasked mails in 7 days" in standing
    assert "One pair only." in standing  # seen, and still so
    assert "A worn pair." not in standing
    assert "A worn pair." in history


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("A worn pair.", "Written to the outbox folder 17 Nov 2026 12:00, as no mail server is set."),
        ("Two things.", "Only in the weekly mail of 17 Nov 2026 12:00."),
        ("A steep week.", "Held back: at most 2 unasked mails in 7 days."),
        ("A worn insole.", "Mail to me@example.org: could not be sent (The server is away.)."),
        ("One pair only.", "Seen, and sent to nobody: it was older than its news window"),
        ("Long ago.", "It came in late"),
    ],
)
def test_the_history_says_what_was_sent_or_why_nothing_was(pages: Pages, words: str, told: str) -> None:
    assert told in _of(text_of_page(pages.see("/alerts")), words)


def test_the_history_is_paged_and_filtered(pages: Pages) -> None:
    assert "59 alerts" in text_of_page(pages.see("/alerts"))
    second = text_of_page(pages.see("/alerts?page=2"))
    assert "Alert 59." in second
    assert "What is true now" not in second

    chosen = text_of_page(pages.see("/alerts?rule=L1&level=warn&state=open"))
    assert "1 alert of this choice" in chosen
    assert "A long run." in chosen
    assert "A steep week." not in chosen.split("All that ever were")[1]
    assert "No alert fits this choice" in text_of_page(pages.see("/alerts?level=alarm"))
    assert "59 alerts" in text_of_page(pages.see("/alerts?rule=nonsense&page=1"))
    assert "rule=L2" in pages.see("/alerts?rule=L2")  # the next page is of the same choice


def test_an_alert_is_put_off_or_seen_and_leads_back_where_it_was_said(home: Home, pages: Pages) -> None:
    answer = pages.post("/alerts/1/snooze", {"days": "7", "back": "/alerts?rule=L1"})
    assert answer.headers["location"] == "/alerts?rule=L1"
    assert "snoozed until 25 Nov 2026" in text_of_page(pages.see("/alerts"))

    page = text_of_page(pages.done("/alerts/1/acknowledge", {"back": "//evil.example"}))
    assert "Noted. It is not said again unless it gets worse." in page
    assert "acknowledged" in page
    with home.box.store.write() as tx:
        tx.execute(update(t.alert).where(t.alert.c.id == 1).values(state="open"))


@pytest.mark.parametrize("days", ["", "0", "400", "soon", "1.5"])
def test_a_snooze_without_a_number_of_days_is_refused(home: Home, pages: Pages, days: str) -> None:
    assert pages.post("/alerts/1/snooze", {"days": days}).status_code == 422
    assert [a.state for a in home.alerts() if a.id == 1] == ["open"]


def test_another_runners_alert_is_not_there(home: Home, pages: Pages) -> None:
    assert "Ann's own" not in pages.see("/alerts")
    for what, form in (("acknowledge", {}), ("snooze", {"days": "7"})):
        theirs, nobodys = (pages.post(f"/alerts/{n}/{what}", form) for n in (99, 12345))
        assert theirs.status_code == nobodys.status_code == 404
        assert text_of_page(theirs.text).replace("99", "12345") == text_of_page(nobodys.text)
    assert home.alerts(runner_id=2)[0].state == "open"


def test_every_rule_says_why_it_speaks(pages: Pages) -> None:
    html = pages.see("/alerts/rules")
    page = text_of_page(html)

    for rule in RULES:
        assert f'id="{rule.id}"' in html
        assert " ".join(rule.source.split()) in page
    assert "nine of ten overuse injuries come with no spike at all" in page
    assert "You asked to be warned of steep weeks" in page
    assert "Warn when it is longer by 10 %" in page
    assert 'href="/settings/limits"' in html


def test_a_new_home_says_what_will_be_here(tmp_path: Any) -> None:
    with a_web_home(tmp_path) as pages:
        page = text_of_page(pages.see("/alerts"))

    assert "There was no alert so far." in page
    assert "See what is watched" in page
