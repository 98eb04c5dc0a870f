"""From an empty home to the first alert and its answer, by clicks alone, in every kind of window."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from browser_home import DESKTOP, PHONE, Look, Served, a_served_home, a_worker, looking
from home import NOW, fit

WINDOWS = ((PHONE, True, "dark"), (DESKTOP, True, "light"), (PHONE, False, "light"), (DESKTOP, False, "dark"))
"""Width, whether scripts run, and the colours."""
WAIT_MS = 20_000


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Served]:
    with a_served_home(tmp_path) as found, a_worker(found.home):
        yield found


def history() -> list[FilePayload]:
    """Six weeks of steady runs, none longer than 9 km, as a watch gives them."""
    days = [NOW - timedelta(days=n, hours=4) for n in range(44, 1, -1) if n % 3 == 0]
    return [
        {"name": f"{at:%Y-%m-%d}.fit", "mimeType": "application/octet-stream", "buffer": fit(at, 6 + n % 4)}
        for n, at in enumerate(days)
    ]


def answer_three_questions(look: Look) -> None:
    page = look.page
    page.get_by_label("Your name", exact=True).fill("Grace")
    page.get_by_label("Your time zone").fill("Europe/Berlin")
    page.get_by_label("The pair", exact=True).fill("Pegasus 41")
    page.get_by_label("It has gone so far (km)").fill("320")
    page.get_by_label("I upload files").check()
    look.must_be_well()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Welcome, Grace. Pegasus 41 is added")).to_be_visible()


def upload_history(look: Look) -> int:
    page, files = look.page, history()
    look.must_be_well()
    with page.expect_file_chooser() as chosen:
        page.get_by_label("Files of your watch, or an export").click()
    chosen.value.set_files(files)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text(f"{len(files)} new activities")).to_be_visible(timeout=WAIT_MS)
    look.must_be_for_all()
    return len(files)


@pytest.mark.parametrize(("width", "script", "colours"), WINDOWS)
def test_a_stranger_gets_from_the_first_page_to_the_first_alert_by_clicks(
    empty: Served, browser: Browser, width: int, script: bool, colours: str
) -> None:
    how = {"java_script_enabled": script, "color_scheme": colours}
    with looking(browser, empty.url, width, **how) as look:
        page = look.page
        look.open("/")
        look.must_be_well()
        page.get_by_role("link", name="Look around first").click()
        answer_three_questions(look)
        sent = upload_history(look)
        page.get_by_role("link", name="See the runs").click()
        expect(page.get_by_text(f"{sent} activities")).to_be_visible()
        look.must_be_well()
        page.get_by_role("link", name="Today", exact=True).click()
        expect(page.get_by_text("None is open.")).to_be_visible()

        empty.home.run(NOW - timedelta(hours=3), 16)
        while not empty.home.alerts("L1"):
            page.wait_for_timeout(50)
        page.get_by_role("link", name="Today", exact=True).click()
        look.must_be_well()
        alert = page.locator("article.alert").filter(has_text="16 km")
        expect(alert.get_by_text("Do this:")).to_be_visible()
        expect(alert.get_by_text("Evidence:")).to_be_visible()
        expect(alert.get_by_role("link", name="See the run")).to_be_visible()
        alert.get_by_text("The numbers").click()
        expect(alert.get_by_text("Longest of the 30 days before")).to_be_visible()
        look.must_be_for_all()
        alert.get_by_role("button", name="Acknowledge").click()
        expect(page.get_by_text("None is open.")).to_be_visible()
        look.must_be_well()
    (told,) = empty.home.alerts("L1")
    assert told.state == "acknowledged"
