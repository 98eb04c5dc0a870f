"""The way back on a phone: the gate, the step, the days, leaving; also where no script runs."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from browser_home import PHONE, Served, a_served_home, looking
from home import NOW, Home

GATE = ("Walk barefoot", "Stairs", "Light hops", "Calf raises")


def off_for_three_weeks(home: Home) -> None:
    for n in range(12):
        home.run(NOW - timedelta(days=21 + 3 * n, hours=4), 8, records_every_s=None)
    home.once()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_served_home(tmp_path_factory.mktemp("back"), off_for_three_weeks) as found:
        yield found


def test_the_way_back_without_a_script_on_a_phone(house: Served, browser: Browser) -> None:
    with looking(browser, house.url, PHONE, java_script_enabled=False) as look:
        look.open("/body/comeback")
        look.must_be_well()
        page = look.page
        page.get_by_label(GATE[0]).check()
        page.get_by_role("button", name="This is how it was").click()
        expect(page.get_by_role("status")).to_contain_text("try again tomorrow")
        for words in GATE:
            page.get_by_label(words).check()
        page.get_by_role("button", name="This is how it was").click()
        expect(page.get_by_role("status")).to_contain_text("The gate is passed")
        page.get_by_label("Monday").uncheck()
        page.get_by_role("button", name="Set the days").click()
        page.get_by_label("Go on with").select_option("2")
        page.get_by_role("button", name="Set the step").click()
        expect(page.locator("[aria-current=step]")).to_contain_text("5 x (2 min jog, 1 min walk)")
        page.get_by_role("button", name="Leave the plan").click()
        page.get_by_role("button", name="Take up the plan again").click()
        expect(page.get_by_label("Monday")).not_to_be_checked()
        look.must_be_well()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nobody_is_kept_from_the_plan(house: Served, browser: Browser, colours: str) -> None:
    with looking(browser, house.url, PHONE) as look:
        look.be(PHONE, colours)
        look.open("/body/comeback")
        look.must_be_for_all()
        targets = "button, .comeback-gate label, .comeback-days label, .comeback-asks a, select"
        heights = look.page.locator(targets).evaluate_all(
            "all => all.map(e => e.getBoundingClientRect().height)"
        )
        assert min(heights) >= 40
