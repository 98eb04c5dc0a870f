"""Every page in a real browser: readable, whole, quiet, and asking no other host."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from browser_home import DESKTOP, PHONE, Look, Served, a_season, a_served_home, looking
from home import ME, NOW, Home
from midsole.actions import links, logging_in, pass_codes, setup
from midsole.actions.checking_in import check_in
from midsole.actions.shoes import Start, add_shoe
from midsole.domain.checkins import checked

PAGES = (
    *("/", "/?distance=30&on=2026-11-20", "/runs", "/runs/1", "/runs/waiting", "/changes", "/uploads"),
    *("/shoes", "/shoes/new", "/shoes/1", "/shoes/1/edit", "/shoes/1/retire", "/shoes/accounts"),
    *("/inserts", "/inserts/new", "/load", "/alerts", "/alerts/rules", "/alerts/replay"),
    *("/settings", "/settings/mail", "/settings/mail/preview", "/settings/limits", "/settings/sources"),
    *("/settings/garmin", "/settings/garmin/key", "/settings/sources/files"),
    *("/settings/rules", "/settings/rules/new", "/settings/push", "/settings/export", "/settings/security"),
    *("/body", "/body/check-in", "/body/check-ins", "/body/episodes/1", "/body/comeback", "/body/routine"),
    *("/body/help", "/settings/health"),
    *("/welcome", "/who"),
)
MOST_ASSETS = 3
WRONG = (
    ("/", "#distance", "far"),
    ("/shoes/new", "#limit", "far"),
    ("/settings", "#zone", "Atlantis"),
    ("/settings/limits", ".one-limit input", "much"),
    ("/settings/sources", "#folder", "/nowhere"),
    ("/settings/push", "#push-url", "nowhere"),
    ("/welcome", "#start", "far"),
    ("/runs", "input[name=run]", ""),
)
"""A page, a field of it, and what can't be read there; with no run ticked there is nothing to preview."""
PASSWORD = "correct horse battery"
LONG = "Pegasus" * 13


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_served_home(tmp_path_factory.mktemp("ada"), a_sore_season) as found:
        yield found


def a_sore_season(home: Home) -> None:
    """And the morning after the long run the foot hurts."""
    a_season(home)
    felt = {"place": "ball-inner", "side": "left", "kind": "bruised", "note": "after the long one"}
    check_in(home.box, 1, checked(NOW.date(), "morning", 4, **felt))


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_served_home(tmp_path_factory.mktemp("newcomer")) as found:
        yield found


def must_be_readable(look: Look) -> None:
    """On a phone in the dark and on a desk in the light, with all that is folded in."""
    look.unfold()
    for width, colours in ((PHONE, "dark"), (DESKTOP, "light")):
        look.be(width, colours)
        look.must_be_for_all()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_readable_by_everybody(ada: Served, browser: Browser, path: str) -> None:
    with looking(browser, ada.url, PHONE, color_scheme="dark") as look:
        assert look.open(path) == 200
        assert len(look.requests) <= 1 + MOST_ASSETS
        must_be_readable(look)


@pytest.mark.parametrize(("path", "field", "said"), WRONG)
def test_a_page_that_was_answered_wrongly_says_so_to_everybody(
    ada: Served, browser: Browser, path: str, field: str, said: str
) -> None:
    with looking(browser, ada.url, PHONE, color_scheme="dark") as look:
        look.open(path)
        look.unfold()
        place = look.page.locator(field).first
        if said:
            place.fill(said)
            for needed in look.page.locator(f"form:has({field}) input[required]").all():
                needed.fill(needed.input_value() or said)
        place.press("Enter")
        assert look.page.get_by_role("alert").first.inner_text()
        assert not said or place.input_value() == said, "what was typed is kept"
        must_be_readable(look)


def test_what_would_change_is_readable_by_everybody(ada: Served, browser: Browser) -> None:
    with looking(browser, ada.url, PHONE, color_scheme="dark") as look:
        look.open("/runs")
        look.page.locator("#to").select_option("Ghost 16")
        look.page.get_by_role("button", name="Preview all").click()
        look.page.get_by_role("button", name="Do it").wait_for()
        must_be_readable(look)


def locked(home: Home) -> None:
    a_season(home)
    logging_in.set_first_password(home.box, ME, PASSWORD, "a browser")


def test_what_a_stranger_may_see_is_readable_by_everybody(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    tmp = tmp_path_factory.mktemp("locked")
    with a_served_home(tmp, locked, web_public_url="http://localhost:8321") as house:
        box = house.home.box
        run, alert = house.home.activities()[-1].id, house.home.alerts("L1")[0].id
        about = {"shoe": run, "wrong": run, "snooze": alert, "ack": alert, "stop": "weekly"}
        taps = [links.link(box, ME, purpose, what) or "" for purpose, what in about.items()]
        paths = [
            "/login",
            f"/join/{pass_codes.invite(box, ME)}",
            f"/recover/{pass_codes.make_recovery(box, ME)}",
        ]
        for path in (*paths, *(tap.removeprefix(box.public_url) for tap in taps)):
            with looking(browser, house.url, PHONE, color_scheme="dark") as look:
                assert look.open(path) == 200, path
                must_be_readable(look)


def test_who_comes_from_elsewhere_finds_a_readable_door(newcomer: Served, browser: Browser) -> None:
    how = {"extra_http_headers": {"X-Forwarded-For": "203.0.113.7"}, "color_scheme": "dark"}
    with looking(browser, newcomer.url, PHONE, **how) as look:
        assert look.open("/") == 200
        assert look.page.url.endswith("/setup")
        must_be_readable(look)


def named_at_length(home: Home) -> None:
    setup.edit_runner(home.box, ME, name=LONG)
    add_shoe(home.box, ME, LONG, "daily", Start(known_m=690_000))
    for days in (40, 30, 20, 10, 1):
        home.run(NOW - timedelta(days=days), 8 if days > 1 else 14, f"{LONG}-{days}.fit")
    home.once()


def test_a_name_of_ninety_letters_widens_no_page(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    with (
        a_served_home(tmp_path_factory.mktemp("long"), named_at_length) as house,
        looking(browser, house.url, PHONE, java_script_enabled=False) as look,
    ):
        wide = [path for path in PAGES if look.open(path) == 200 and look.is_too_wide()]
        assert wide == []


@pytest.mark.parametrize("path", [p for p in PAGES if "/1" not in p])
def test_a_page_of_a_new_home_says_what_to_do(newcomer: Served, browser: Browser, path: str) -> None:
    with looking(browser, newcomer.url, PHONE, java_script_enabled=False) as look:
        assert look.open(path) == 200
        assert look.page.locator("main").inner_text().strip()
        assert not look.page.locator("main").get_by_text("None", exact=True).count()
        assert not look.is_too_wide()
