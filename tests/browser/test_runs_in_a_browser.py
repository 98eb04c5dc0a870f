"""Many runs onto another pair in a real browser: seen before it is done, done, and taken back."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from browser_home import DESKTOP, PHONE, Look, Served, looking, served
from home import ME
from midsole.actions import activities, setup
from midsole.actions.assigning import assign
from midsole.actions.shoes import Start, add_shoe
from told_home import BEFORE, a_told_home

OLD, NEW = "Pegasus", "Speedgoat"
WAYS = ((PHONE, False), (DESKTOP, True))
"""Widths, and whether the browser runs scripts."""


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """190 km on one pair, none on the other."""
    with a_told_home(tmp_path_factory.mktemp("pairs")) as home:
        add_shoe(home.box, ME, NEW, "daily", Start(), limit_m=2_000_000, first_used_on=BEFORE)
        with served(home) as found:
            yield found


def worn(look: Look) -> tuple[str, str]:
    """What the cards of both pairs say of their distance, in another tab."""
    with closing(look.page.context.new_page()) as tab:
        tab.goto(f"{look.url}/shoes")
        cards = [tab.locator("li.card.pair").filter(has_text=name) for name in (OLD, NEW)]
        old, new = (card.locator("p.worn").inner_text().partition(" of ")[0] for card in cards)
        return old, new


def preview(look: Look, runs: int) -> None:
    look.page.locator("#to").select_option(label=NEW)
    look.page.get_by_role("button", name="Preview the ticked").click()
    expect(look.page.get_by_text(f"{runs} activities would change. Nothing is changed yet.")).to_be_visible()
    assert not look.is_too_wide()


@pytest.mark.parametrize(("width", "script"), WAYS)
def test_many_runs_go_onto_another_pair_and_one_click_takes_them_back(
    pairs: Served, browser: Browser, width: int, script: bool
) -> None:
    with looking(browser, pairs.url, width, java_script_enabled=script) as look:
        assert worn(look) == ("190 km", "0 km")
        look.open("/runs")
        for row in range(3):
            look.page.locator("input[name=run]").nth(row).check()
        preview(look, 3)
        expect(look.page.get_by_role("row", name="Pegasus 190 km 160 km")).to_be_visible()
        expect(look.page.get_by_role("row", name="Speedgoat 0 km 30 km")).to_be_visible()
        assert worn(look) == ("190 km", "0 km"), "to look is to change nothing"
        look.page.get_by_role("button", name="Do it: 3 activities").click()
        expect(look.page.get_by_text(f"3 activities now on: {NEW}.")).to_be_visible()
        assert worn(look) == ("160 km", "30 km")
        take_back(look, from_the_log=width == DESKTOP)
        assert worn(look) == ("190 km", "0 km")
        assert look.complaints == []


def take_back(look: Look, *, from_the_log: bool) -> None:
    """On the page that says what was done, or in the list of all changes."""
    if from_the_log:
        look.open("/changes")
        look.page.get_by_role("button", name="Undo").first.click()
    else:
        look.page.locator(".said").get_by_role("button", name="Undo").click()
    expect(look.page.get_by_text("3 activities are as before.")).to_be_visible()


def test_the_longest_names_widen_no_page_of_a_phone(pairs: Served, browser: Browser) -> None:
    box, longest = pairs.home.box, "W" * 100
    setup.edit_runner(box, ME, name=longest)
    shoe, _ = add_shoe(box, ME, longest, "daily", Start(), first_used_on=BEFORE)
    run = pairs.home.activities()[-1].id
    activities.edit(box, ME, run, title=2 * longest)
    assign(box, ME, [run], [longest])
    with looking(browser, pairs.url, PHONE) as look:
        for path in ("/", "/runs", f"/runs/{run}", "/changes", "/shoes", f"/shoes/{shoe.id}"):
            look.open(path)
            assert not look.is_too_wide(), path
        look.open(f"/shoes/{shoe.id}/retire")
        assert not look.is_too_wide()
