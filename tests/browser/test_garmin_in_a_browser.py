"""Garmin connected by clicks, with a code that was mistyped first, until its runs are on the page."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from garminconnect.client import sso
from playwright.sync_api import Browser, expect

from browser_home import DESKTOP, PHONE, Look, a_served_home, a_worker, looking
from fakes.garmin import FakeGarmin, running
from garmin_home import reachable
from home import NOW, Home

EMAIL, PASSWORD, CODE = "runner@example.org", "correct horse battery", "246810"
WINDOWS = ((PHONE, True, "light"), (DESKTOP, True, "dark"), (PHONE, False, "dark"), (DESKTOP, False, "light"))
"""Width, whether scripts run, and the colours."""


@pytest.fixture(scope="module")
def garmin() -> Iterator[FakeGarmin]:
    """Three runs on one pair, and an account that asks for a code; without pauses for Garmin's guards."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in ("MOBILE_DELAY", "WIDGET_DELAY"):
            patch.setattr(sso, f"{name}_MIN_S", 0)
            patch.setattr(sso, f"{name}_MAX_S", 0)
        server = stack.enter_context(running(now=lambda: NOW.timestamp(), mfa_code=CODE))
        stack.enter_context(reachable(server))
        nimbus = server.account.add_gear("Asics", "Nimbus 26")
        for days in (1, 3, 5):
            server.account.add_run(NOW - timedelta(days=days), 10, 55, gear=(nimbus,))
        yield server


@pytest.fixture
def home(garmin: FakeGarmin, tmp_path: Path) -> Iterator[tuple[Home, str]]:
    with a_served_home(tmp_path) as found, a_worker(found.home):
        yield found.home, found.url


def log_in(look: Look, password: str) -> None:
    page = look.page
    page.get_by_label("E-mail of your Garmin account").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Only propose them; I say which is which").check()
    page.get_by_role("button", name="Log in to Garmin").click()


def enter(look: Look, code: str) -> None:
    look.page.get_by_label("Code", exact=True).fill(code)
    look.page.get_by_role("button", name="Send the code").click()


@pytest.mark.parametrize(("width", "script", "colours"), WINDOWS)
def test_garmin_is_connected_with_a_code_by_clicks(
    home: tuple[Home, str], browser: Browser, width: int, script: bool, colours: str
) -> None:
    how = {"java_script_enabled": script, "color_scheme": colours}
    with looking(browser, home[1], width, **how) as look:
        page = look.page
        look.open("/")
        page.get_by_role("link", name="Connect Garmin or a folder").click()
        look.must_be_well()
        page.get_by_role("link", name="Connect Garmin Connect").click()
        look.must_be_well()

        log_in(look, "a wrong one")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("E-mail of your Garmin account")).to_have_value(EMAIL)
        expect(page.get_by_label("Password", exact=True)).to_have_value("")
        look.must_be_for_all()
        log_in(look, PASSWORD)
        expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
        look.must_be_well()
        enter(look, "111111")
        expect(page.get_by_role("alert")).to_be_visible()
        look.must_be_for_all()
        enter(look, CODE)
        expect(page.get_by_text("Garmin Connect is connected").first).to_be_visible()
        look.must_be_well()

        while len(home[0].activities()) < 3:
            page.wait_for_timeout(50)
        page.get_by_role("link", name="All sources").click()
        expect(page.get_by_text("it was last read 0 min ago")).to_be_visible()
        look.must_be_well()
        page.get_by_role("link", name="1 pair of an account or export").click()
        look.must_be_for_all()
        page.get_by_role("button", name="Add").first.click()
        expect(page.locator(".said")).to_contain_text("Asics Nimbus 26")
        look.must_be_well()
        page.get_by_role("link", name="Today", exact=True).click()
        expect(page.get_by_text("Garmin Connect", exact=True)).to_be_visible()
        look.must_be_well()
