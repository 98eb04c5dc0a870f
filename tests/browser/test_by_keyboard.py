"""By keyboard alone: every stop is seen and none is a trap; runs, a pair and the log-in without a mouse."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser_home import DESKTOP, PHONE, Look, Served, a_season, a_served_home, looking
from home import ME, Home
from midsole.actions import logging_in

MOST_STOPS = 250
PASSWORD = "correct horse battery"
STOPS = """() => {
  const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const first = {};
  for (const e of document.querySelectorAll("[type=radio]"))
    if (!first[e.name] || e.checked) first[e.name] = e;
  window.all = [...document.querySelectorAll(usable)].filter(
    (e) => e.tabIndex >= 0 && e.checkVisibility() && (e.type !== "radio" || e === first[e.name]));
  return all.length;
}"""
"""How much of the page can be used; of a group of radio buttons one."""
HERE = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const box = e.getBoundingClientRect(), look = getComputedStyle(e);
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, 40) / 2, 1), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  return {
    name: e.outerHTML.slice(0, 120),
    index: all.indexOf(e),
    outlined: look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && !!top && (e.contains(top) || top.contains(e)),
  };
}"""


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_served_home(tmp_path_factory.mktemp("keys"), a_season) as found:
        yield found


def walk(look: Look) -> list[dict[str, object]]:
    """Press Tab from the top to the end of the page; each stop once (a date has three fields)."""
    stops: list[dict[str, object]] = []
    for _ in range(MOST_STOPS):
        look.page.keyboard.press("Tab")
        here = look.page.evaluate(HERE)
        if here is None:
            return stops
        if not stops or stops[-1]["index"] != here["index"]:
            stops.append(here)
    raise AssertionError(f"The Tab key does not leave the page: {stops[-3:]}")


@pytest.mark.parametrize(
    ("path", "width"),
    [("/", PHONE), ("/runs", DESKTOP), ("/runs/1", PHONE), ("/shoes/1/edit", DESKTOP), ("/settings", PHONE),
     ("/settings/limits", DESKTOP), ("/welcome", DESKTOP), ("/alerts", PHONE)],
)  # fmt: skip
def test_every_stop_of_the_tab_key_is_seen_and_in_order(
    ada: Served, browser: Browser, path: str, width: int
) -> None:
    with looking(browser, ada.url, width) as look:
        look.open(path)
        count = look.page.evaluate(STOPS)
        stops = walk(look)
        assert [s["index"] for s in stops] == list(range(count))
        assert [s["name"] for s in stops if not s["outlined"]] == []
        assert [s["name"] for s in stops if not s["seen"]] == []


def tab_to(look: Look, place: Locator) -> None:
    for _ in range(MOST_STOPS):
        look.page.keyboard.press("Tab")
        if place.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"The Tab key does not reach {place}")


def press(look: Look, key: str) -> None:
    look.page.keyboard.press(key)


def test_the_skip_link_leads_past_the_navigation(ada: Served, browser: Browser) -> None:
    with looking(browser, ada.url) as look:
        look.open("/load")
        press(look, "Tab")
        skip = look.page.get_by_role("link", name="To the content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        press(look, "Enter")
        expect(look.page.locator("main")).to_be_focused()
        press(look, "Tab")
        assert look.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_runs_go_onto_another_pair_and_back_by_keyboard(ada: Served, browser: Browser) -> None:
    with looking(browser, ada.url) as look:
        page = look.page
        look.open("/runs?sort=oldest")
        for row in (0, 1):
            tab_to(look, page.locator("input[name=run]").nth(row))
            press(look, "Space")
        tab_to(look, page.get_by_label("Put them on"))
        page.keyboard.type("Ghost")
        tab_to(look, page.get_by_role("button", name="Preview the ticked"))
        press(look, "Enter")
        do_it = page.get_by_role("button", name="Do it")
        expect(do_it).to_be_visible()
        tab_to(look, do_it)
        press(look, "Enter")
        undo = page.locator(".said").get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        tab_to(look, undo)
        press(look, "Enter")
        expect(page.get_by_text("as before")).to_be_visible()
        assert look.complaints == []


def test_a_pair_is_added_by_keyboard_with_the_day_typed_in(ada: Served, browser: Browser) -> None:
    with looking(browser, ada.url, locale="en-US") as look:
        page = look.page
        look.open("/shoes/new")
        tab_to(look, page.get_by_label("Name", exact=True))
        page.keyboard.type("Kayano 31")
        tab_to(look, page.get_by_label("Bought on"))
        page.keyboard.type("10052026")
        press(look, "Enter")
        expect(page.get_by_role("heading", name="Kayano 31")).to_be_visible()
        expect(page.get_by_text("5 Oct 2026").first).to_be_visible()


def with_a_password(home: Home) -> None:
    logging_in.set_first_password(home.box, ME, PASSWORD, "a browser")


def test_one_logs_in_by_keyboard_also_after_a_wrong_password(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    with (
        a_served_home(tmp_path_factory.mktemp("locked"), with_a_password) as house,
        looking(browser, house.url, PHONE) as look,
    ):
        page = look.page
        look.open("/shoes")
        for password in ("a wrong one", PASSWORD):
            tab_to(look, page.locator("input[name=name]"))
            press(look, "ControlOrMeta+A")
            page.keyboard.type("me")
            press(look, "Tab")
            page.keyboard.type(password)
            press(look, "Enter")
            if password != PASSWORD:
                expect(page.get_by_role("alert")).to_be_visible()
                look.must_be_for_all()
        expect(page.get_by_role("heading", name="Shoes")).to_be_visible()
