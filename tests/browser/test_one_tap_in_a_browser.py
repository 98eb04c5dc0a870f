"""From a mail that a real server took to the deed: its links clicked in a browser that is not logged in."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from html import unescape
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from browser_home import DESKTOP, PHONE, Look, looking
from home import ME, Home, read_mail
from midsole.actions import weekly
from midsole.actions.deliver import deliver_due
from midsole.actions.logging_in import set_first_password
from midsole.actions.shoes import Start, add_shoe
from midsole.config import Settings
from midsole.store import shoes
from midsole.web.server import address, listen, serve_beside
from smtp_server import smtp_server
from told_home import BEFORE, a_told_home, every_row, mail_to, spike

RAN_KM = 13


@dataclass(frozen=True, slots=True)
class Told:
    """The home, where its pages are, and the mails that came out of it."""

    home: Home
    url: str
    mails: dict[str, EmailMessage]

    def html(self, kind: str) -> str:
        part = self.mails[kind].get_body(("html",))
        assert part is not None
        return str(part.get_content())

    def link(self, kind: str, purpose: str) -> str:
        """The first of that purpose, as the HTML part has it."""
        return unescape(re.findall(rf'href="([^"]+-{purpose}-[^"]+)"', self.html(kind))[0])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """An alert and a weekly mail whose links lead to the served pages; a password is asked for there."""
    with ExitStack() as stack:
        mailbox = stack.enter_context(smtp_server())
        tmp = tmp_path_factory.mktemp("tapped")
        listening = stack.enter_context(listen(Settings(home=tmp / "home", web_port=0)))
        public = {"web_public_url": address(listening)}
        home = stack.enter_context(a_told_home(tmp, **public, **mail_to(mailbox.port)))
        set_first_password(home.box, ME, "a long enough password", "a phone")
        fill(home)
        stack.callback(serve_beside(home.box, replace(Settings(home=tmp / "home"), **public), listening))
        mails = [read_mail(raw) for _, raw in mailbox.handler.accepted]
        kinds = {kind: m for m in mails for kind in ("alert", "weekly") if f".{kind}@" in m["Message-ID"]}
        yield Told(home, address(listening), kinds)


def fill(home: Home) -> None:
    """A run that was too long, and one of which nobody knows the pair."""
    add_shoe(home.box, ME, "Ghost", "daily", Start(), first_used_on=BEFORE)
    spike(home, RAN_KM)
    with home.box.store.write() as tx:
        shoes.wear_all(tx, ME, {home.activities()[-2].id: None}, home.clock.now())
    weekly.send_now(home.box, ME)
    deliver_due(home.box)


@contextmanager
def reading(told: Told, browser: Browser, kind: str, **how: bool) -> Iterator[Look]:
    """The mail's HTML part, open in a window that has never seen the pages."""
    with looking(browser, told.url, PHONE, **how) as look:
        look.page.set_content(told.html(kind))
        yield look


def click(told: Told, look: Look, words: str) -> None:
    """Follow the mail's link: the page is there, and no row is another one."""
    before = every_row(told.home)
    look.page.get_by_role("link", name=words).first.click()
    expect(look.page.get_by_role("navigation", name="Pages")).to_have_count(0)
    assert every_row(told.home) == before
    assert not look.is_too_wide()


def press(look: Look, words: str, told: str) -> None:
    look.page.get_by_role("button", name=words).click()
    expect(look.page.get_by_role("status").get_by_text(told)).to_be_visible()


def alert(told: Told) -> str:
    return told.home.alerts("L1")[0].state


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(
    ("words", "button", "answer", "state"),
    [
        ("I have seen it", "I have seen it", "Noted.", "acknowledged"),
        ("Silent for a week", "Silent for a week", "It is silent for a week.", "snoozed"),
    ],
)
def test_an_alert_is_answered_out_of_its_mail(
    told: Told, browser: Browser, words: str, button: str, answer: str, state: str, script: bool
) -> None:
    with reading(told, browser, "alert", java_script_enabled=script) as look:
        click(told, look, words)
        assert not script or look.faults() == []
        assert alert(told) == "open"
        press(look, button, answer)
        assert alert(told) == state
        press(look, "Take that back", "Taken back")
        assert alert(told) == "open"
        assert look.complaints == []


def test_a_run_that_was_not_mine_is_left_out_and_its_distance_put_right(told: Told, browser: Browser) -> None:
    def run() -> tuple[float, bool]:
        found = told.home.activities()[-1]
        return found.counted_m, found.excluded

    with reading(told, browser, "alert") as look:
        click(told, look, "This was not me, or the distance is wrong")
        press(look, "Leave it out", "It is left out")
        assert run() == (0, True)
        press(look, "It was me: count it again", "It counts again.")
        look.page.get_by_label("The right distance, in km").fill("12,5")
        press(look, "This is right", "It has 12.5 km now; it had 13 km.")
        assert run() == (12_500, False)
        look.page.get_by_label("The right distance, in km").fill(f"{RAN_KM}")
        press(look, "This is right", "It has 13 km now")


def test_the_pair_is_chosen_out_of_the_weekly_mail_and_chosen_again(told: Told, browser: Browser) -> None:
    run = told.home.activities()[-2].id

    def pair() -> str | None:
        with told.home.box.store.read() as tx:
            return shoes.wearings(tx, ME)[run][0].shoe_name

    with reading(told, browser, "weekly", java_script_enabled=False) as look:
        click(told, look, "Say which pair")
        press(look, "Ghost", "It is on the Ghost.")
        assert pair() == "Ghost"
        press(look, "Pegasus", "It is on the Pegasus.")
        assert pair() == "Pegasus"


def test_mails_are_ended_by_a_button_and_by_one_click_of_the_mail_program(
    told: Told, browser: Browser
) -> None:
    with reading(told, browser, "alert") as look:
        click(told, look, "Stop mails of alerts")
        press(look, "Stop", "Alerts are not mailed any more.")
        assert not told.home.runner().alert_mail
        press(look, "Send them again", "Alerts are mailed again.")
        assert told.home.runner().alert_mail
    one_click = told.mails["weekly"]["List-Unsubscribe"].split(">")[0].removeprefix("<")
    with urlopen(one_click, urlencode({"List-Unsubscribe": "One-Click"}).encode()) as answer:
        assert answer.read() == b"The weekly mail comes no more."
    assert told.home.runner().weekly_mail == "off"


def test_a_link_that_was_changed_or_has_run_out_says_so_and_does_nothing(
    told: Told, browser: Browser
) -> None:
    link = told.link("alert", "ack")
    other = link.replace("-ack-", "-snooze-")
    before = every_row(told.home)
    with looking(browser, told.url, DESKTOP) as look:
        look.page.goto(other)
        expect(look.page.get_by_role("heading", name="This link is not known")).to_be_visible()
        then = told.home.clock.at
        told.home.clock.on(days=31)
        look.page.goto(link)
        expect(look.page.get_by_role("heading", name="This link is over")).to_be_visible()
        told.home.clock.at = then
        assert look.page.get_by_role("button").count() == 0
    assert every_row(told.home) == before
