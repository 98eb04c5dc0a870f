"""Every page in a real browser: readable, whole, quiet, and asking no other host."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser_home import DESKTOP, PHONE, Served, a_season, a_served_home, looking

PAGES = (
    *("/", "/runs", "/runs/1", "/runs/waiting", "/changes", "/uploads"),
    *("/shoes", "/shoes/new", "/shoes/1", "/shoes/1/edit", "/inserts", "/load"),
    *("/alerts", "/alerts/rules", "/alerts/replay"),
    *("/settings", "/settings/mail", "/settings/limits", "/settings/sources", "/settings/rules"),
    *("/settings/push", "/settings/export", "/settings/security", "/welcome", "/who"),
)
MOST_ASSETS = 3


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_served_home(tmp_path_factory.mktemp("ada"), a_season) as found:
        yield found


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_served_home(tmp_path_factory.mktemp("newcomer")) as found:
        yield found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_readable_by_everybody(ada: Served, browser: Browser, path: str) -> None:
    for width, scheme in ((PHONE, "dark"), (DESKTOP, "light")):
        with looking(browser, ada.url, width, color_scheme=scheme) as look:
            assert look.open(path) == 200
            assert not look.is_too_wide()
            assert look.foreign() == []
            assert len(look.requests) <= 1 + MOST_ASSETS
            assert look.faults() == []
            assert look.complaints == []


@pytest.mark.parametrize("path", [p for p in PAGES if "/1" not in p])
def test_a_page_of_a_new_home_says_what_to_do(newcomer: Served, browser: Browser, path: str) -> None:
    with looking(browser, newcomer.url, PHONE, java_script_enabled=False) as look:
        assert look.open(path) == 200
        assert look.page.locator("main").inner_text().strip()
        assert not look.page.locator("main").get_by_text("None", exact=True).count()
