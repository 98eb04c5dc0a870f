"""What a page is on paper, at a phone's width, and where a link leads into it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser_home import PHONE, Served, a_season, a_served_home, looking


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_served_home(tmp_path_factory.mktemp("house"), a_season) as found:
        yield found


def test_the_list_of_runs_is_printed_without_its_controls(house: Served, browser: Browser) -> None:
    with looking(browser, house.url, color_scheme="dark") as look:
        look.open("/runs")
        look.page.emulate_media(media="print")
        assert look.page.get_by_role("row").count() > 10
        assert look.page.get_by_role("row").last.is_visible()
        assert not look.page.locator("button:visible, input:visible, select:visible").count()
        assert look.page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == (
            "rgb(255, 255, 255)"
        )


def test_the_names_of_all_pages_fit_one_line_of_a_phone(house: Served, browser: Browser) -> None:
    with looking(browser, house.url, PHONE) as look:
        look.open("/alerts")
        found = look.page.locator(".top nav a").evaluate_all(
            "all => all.map(a => [a.offsetTop, a.offsetHeight])"
        )
        assert len(found) == 7
        assert len({top for top, _ in found}) == 1
        assert min(height for _, height in found) >= 40


def test_another_limit_is_open_where_the_alert_links_to_it(house: Served, browser: Browser) -> None:
    with looking(browser, house.url, java_script_enabled=False) as look:
        look.open("/shoes/1#limit")
        assert look.page.locator("input#limit").is_visible()
        assert look.page.locator("input#limit").bounding_box()["y"] < 900
