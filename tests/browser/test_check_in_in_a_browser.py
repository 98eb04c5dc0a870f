"""The check-in on a phone: one tap when all is fine, else a finger on the foot; with a script and without."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import delete, select

from browser_home import PHONE, Look, Served, looking, served
from home import ME, NOW
from midsole.actions import asking, links
from midsole.domain.taps import feel
from midsole.store import tables as t
from told_home import a_told_home

SMALLEST_PX = 40
SMALL_PHONE_PX = 640
TODAY = NOW.date()
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A run this morning, after a run of eight weeks: the feet are asked about."""
    with (
        a_told_home(tmp_path_factory.mktemp("felt"), web_public_url="http://localhost:8321") as home,
        served(home) as found,
    ):
        home.run(NOW - timedelta(hours=5), 6)
        home.once()
        asking.set_ask(home.box, ME, "every")
        yield found


@pytest.fixture
def house(shared: Served) -> Served:
    """Nothing was said yet."""
    with shared.home.box.store.write() as tx:
        for table in (t.check_in, t.episode, t.comeback_plan):
            tx.execute(delete(table))
    return shared


def rows(house: Served) -> list[Any]:
    with house.home.box.store.read() as tx:
        return list(tx.execute(select(t.check_in).order_by(t.check_in.c.id)))


def tap(look: Look, place: str, side: str) -> None:
    """As a finger does it: in the middle of the region."""
    shape = look.page.locator(f'label[data-at="{place}-{side}"] path')
    box = shape.bounding_box()
    assert box is not None
    look.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def bottom(shown: Locator) -> float:
    box = shown.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def chosen(look: Look) -> str:
    return " ".join(look.page.locator(".chosen").inner_text().split())


def press(look: Look, words: str) -> None:
    look.page.get_by_role("button", name=words, exact=True).click()


@SCRIPT
def test_all_fine_is_one_tap_on_today(house: Served, browser: Browser, script: bool) -> None:
    with looking(browser, house.url, PHONE, java_script_enabled=script) as look:
        look.open("/")
        tapped = look.page.get_by_role("region", name="How do you feel?").get_by_role("button").first
        assert bottom(tapped) < SMALL_PHONE_PX, "no scrolling"
        tapped.click()
        expect(look.page.get_by_text("Noted: all fine.")).to_be_visible()
        look.must_be_for_all()
        assert [(row.level, row.place) for row in rows(house)] == [(0, None)]


@SCRIPT
def test_a_finger_on_the_foot_chooses_the_place_and_a_red_flag_is_answered_at_once(
    house: Served, browser: Browser, script: bool
) -> None:
    with looking(browser, house.url, PHONE, java_script_enabled=script) as look:
        look.open("/body/check-in")
        assert chosen(look) == "Chosen: nothing yet"
        tap(look, "heel", "right")
        assert chosen(look) == "Chosen: Heel, right"
        tap(look, "ball-inner", "left")
        assert chosen(look) == "Chosen: Inner ball of the foot, left"
        look.page.get_by_role("radio", name="4", exact=True).check()
        look.page.get_by_role("radio", name="At night").check()
        press(look, "That is how it is")
        expect(look.page.get_by_role("heading", name="Stop running for now")).to_be_visible()
        assert "see a clinician now" in look.page.get_by_role("status").inner_text()
        look.must_be_for_all()
        (row,) = rows(house)
        assert (row.place, row.side, row.level, row.moment) == ("ball-inner", "left", 4, "night")
        press(look, "Remove this answer")
        expect(look.page.get_by_text("That answer is removed.")).to_be_visible()
        assert rows(house) == []


def test_the_list_and_the_drawing_say_the_same_without_a_script(house: Served, browser: Browser) -> None:
    def inside(at: str) -> Any:
        path = look.page.locator(f'label[data-at="{at}"] path')
        return path.evaluate("e => getComputedStyle(e).fill")

    with looking(browser, house.url, PHONE, java_script_enabled=False) as look:
        look.open("/body/check-in")
        look.page.get_by_text("All places as a list").click()
        tap(look, "arch", "left")
        assert look.page.get_by_label("Arch, left").is_checked()
        empty = inside("heel-left")
        look.page.get_by_label("Heel, both sides").check()
        assert chosen(look) == "Chosen: Heel, both sides"
        assert inside("heel-left") == inside("heel-right") != empty
        assert inside("arch-left") == empty


def test_the_keyboard_alone_is_enough(house: Served, browser: Browser) -> None:
    with looking(browser, house.url, PHONE) as look:
        look.open("/body/check-in")
        look.page.get_by_text("All places as a list").press("Enter")
        look.page.get_by_label("Inner ball of the foot, left").press("Space")
        look.page.get_by_label("Inner ball of the foot, left").press("ArrowRight")
        assert chosen(look) == "Chosen: Inner ball of the foot, right"
        look.page.get_by_role("radio", name="2", exact=True).press("Space")
        look.page.get_by_label("A note for yourself").press("Enter")
        expect(look.page.get_by_role("heading", name="Noted")).to_be_visible()
        assert [(row.level, row.side) for row in rows(house)] == [(2, "right")]


SMALL = """(all, least) => all.map(e => [e.getBoundingClientRect(), e.outerHTML.slice(0, 90)])
  .filter(([box]) => box.width && Math.min(box.width, box.height) < least).map(([, said]) => said)"""


def test_whatever_is_tapped_is_as_large_as_a_finger(house: Served, browser: Browser) -> None:
    with looking(browser, house.url, PHONE) as look:
        for path in ("/", "/body/check-in"):
            look.open(path)
            look.unfold()
            touched = "main button, .region, .spot, .number-of, .pill, .sign, .feel-card a"
            assert look.page.locator(touched).evaluate_all(SMALL, SMALLEST_PX) == [], path
        look.must_be_for_all()


def test_out_of_a_mail_it_is_one_tap_as_well_and_can_be_taken_back(house: Served, browser: Browser) -> None:
    link = feel(TODAY, "after")
    made = links.link(house.home.box, ME, link.purpose, link.about) or ""
    with looking(browser, house.url, PHONE, java_script_enabled=False, color_scheme="dark") as look:
        look.open(made.removeprefix("http://localhost:8321"))
        press(look, "All fine after today's run")
        expect(look.page.get_by_text("Noted: all fine.")).to_be_visible()
        assert len(rows(house)) == 1
        press(look, "That was wrong: take it back")
        expect(look.page.get_by_text("It is taken back")).to_be_visible()
        assert rows(house) == []
        tap(look, "toes", "right")
        look.page.get_by_role("radio", name="3 mild").check()
        press(look, "That is how it is")
        expect(look.page.get_by_role("status")).to_contain_text("right toes, 3 of 10")
        assert not look.is_too_wide()
