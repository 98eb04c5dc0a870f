"""The pages of sources: Garmin by forms alone, folders for the owner, pairs and files that wait."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from garminconnect.client import sso

from fakes.garmin import FakeGarmin, running, slow
from garmin_home import reachable, settle
from home import ME, NOW, Clock, Home, a_home
from midsole.actions import pairs, setup, shoes
from midsole.actions.look import look_at_due
from midsole.actions.once import take_in
from midsole.domain.connection import GARMIN
from midsole.store import accounts
from web_home import Pages, pages_of, text_of_page

EMAIL, PASSWORD, CODE = "runner@example.org", "correct horse battery", "246810"
GARMIN_PAGE = "/settings/garmin"


@dataclass(frozen=True)
class Browser:
    """Somebody at the Garmin page, with nothing but what it shows."""

    home: Home
    garmin: FakeGarmin
    pages: Pages

    def mark(self) -> str:
        found = re.search(r'name="mark" value="(\w+)"', self.pages.see(f"{GARMIN_PAGE}?again=true"))
        assert found
        return found[1]

    def log_in(self, password: str = PASSWORD, mark: str | None = None, **more: str) -> tuple[int, str]:
        form = {"email": EMAIL, "password": password, "mark": mark or self.mark(), "pairs": "add", **more}
        return self._send("log-in", form)

    def code(self, code: str) -> tuple[int, str]:
        return self._send("code", {"code": code})

    def _send(self, what: str, form: dict[str, str]) -> tuple[int, str]:
        answer = self.pages.post(f"{GARMIN_PAGE}/{what}", form)
        where = answer.headers.get("location")
        return answer.status_code, text_of_page(self.pages.see(where) if where else answer.text)


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """Without the package's pauses, which are for Garmin's guards."""
    for name in ("MOBILE_DELAY", "WIDGET_DELAY"):
        monkeypatch.setattr(sso, f"{name}_MIN_S", 0)
        monkeypatch.setattr(sso, f"{name}_MAX_S", 0)
    clock = Clock()
    with (
        running(now=lambda: clock.at.timestamp()) as server,
        reachable(server),
        a_home(tmp_path, clock) as home,
        pages_of(home) as pages,
    ):
        yield Browser(home, server, pages)


def test_garmin_is_connected_with_a_code_by_forms_alone(browser: Browser) -> None:
    browser.garmin.access.accept_mfa(CODE)
    browser.garmin.account.add_run(NOW - timedelta(days=1), 10, 55)

    status, page = browser.log_in()
    assert status == 303
    assert "Garmin has sent you a code" in page
    html = browser.pages.see(GARMIN_PAGE)
    assert 'autocomplete="one-time-code"' in html
    assert 'type="password"' not in html  # the code is the one thing to enter

    status, page = browser.code("111111")
    assert status == 422
    assert "code" in page
    assert "Enter the code" in page  # it can be corrected

    status, page = browser.code(f" {CODE} ")
    assert status == 303
    assert "The first look begins within half a minute" in page

    look_at_due(browser.home.box)
    settle(browser.home)
    assert "Garmin Connect is connected; it was last read 0 min ago" in text_of_page(
        browser.pages.see("/settings/sources")
    )
    assert len(browser.home.activities()) == 1
    assert browser.garmin.access.logins == 1


def test_a_code_that_comes_too_late_begins_again_with_the_password(browser: Browser) -> None:
    browser.garmin.access.accept_mfa(CODE)
    browser.log_in()
    browser.home.clock.on(minutes=11)

    assert "got no code in time" in text_of_page(browser.pages.see(GARMIN_PAGE))
    status, page = browser.code(CODE)

    assert status == 422
    assert "waited for its code too long" in page
    assert "Log in to Garmin" in page
    assert "midsole connect" not in page


def test_a_wrong_password_is_said_and_never_shown_or_kept(browser: Browser) -> None:
    answer = browser.pages.post(
        f"{GARMIN_PAGE}/log-in", {"email": EMAIL, "password": "not this one ", "mark": browser.mark()}
    )

    assert answer.status_code == 422
    assert "does not know this e-mail and password" in text_of_page(answer.text)
    assert EMAIL in answer.text
    assert "not this one" not in answer.text
    assert browser.garmin.access.logins == 1


def test_too_many_attempts_are_said_with_the_time_from_which_one_may_try(browser: Browser) -> None:
    mark = browser.mark()
    browser.garmin.faults.sso_status = 429
    status, page = browser.log_in(mark=mark)

    assert status == 422
    assert "Garmin refuses logins for now" in page
    assert "The next one is possible from 18 Nov 2026 14:00 on" in page
    browser.garmin.faults.clear()
    assert 'name="password"' not in browser.pages.see(GARMIN_PAGE)  # nobody types one for nothing
    assert browser.log_in(mark=mark)[0] == 303  # the old form, sent again
    assert browser.garmin.access.logins == 0


def test_an_outage_of_garmin_is_no_wrong_password(browser: Browser) -> None:
    mark = browser.mark()
    browser.garmin.faults.unreachable = True

    status, page = browser.log_in(mark=mark)

    assert status == 503
    assert "can't be reached" in page


def test_a_form_that_is_sent_twice_logs_in_once(browser: Browser) -> None:
    mark = browser.mark()
    browser.log_in(mark=mark)

    status, page = browser.log_in(mark=mark)

    assert status == 303
    assert "was sent already" in page
    assert browser.garmin.access.logins == 1


def test_a_button_pressed_twice_while_garmin_answers_slowly_logs_in_once(browser: Browser) -> None:
    mark = browser.mark()
    browser.garmin.faults.add("/mobile/api/login", slow(0.6), 1)
    first = Thread(target=browser.log_in, kwargs={"mark": mark})
    first.start()
    while first.is_alive() and _is_free(browser.home):
        pass

    status, page = browser.log_in(mark=mark)
    first.join()

    assert status == 303
    assert "looks again every few seconds" in page
    assert browser.garmin.access.logins == 1
    assert "Garmin Connect is connected" in text_of_page(browser.pages.see(GARMIN_PAGE))


def _is_free(home: Home) -> bool:
    with home.box.store.read() as tx:
        found = accounts.of(tx, ME, GARMIN)
    return found is None or found.busy_by is None


def test_tokens_made_elsewhere_options_and_disconnecting(browser: Browser) -> None:
    pages = browser.pages
    pages.done(f"{GARMIN_PAGE}/tokens", {"tokens": browser.garmin.access.token_text()})
    said = text_of_page(pages.done(f"{GARMIN_PAGE}/options", {"pairs": "propose", "write_back": "on"}))
    assert "Garmin's pairs are only proposed. What you say of a run's pair is written to Garmin too." in said
    browser.garmin.account.add_gear("Nike", "Pegasus 41", first_use=NOW.date() - timedelta(days=90))
    browser.garmin.account.add_gear("Hoka", "Clifton 9", first_use=NOW.date() - timedelta(days=60))
    shoes.add_shoe(browser.home.box, ME, "My Clifton", "daily", shoes.Start(known_m=0))
    look_at_due(browser.home.box)

    waiting = {pair.name: pair.external_id for pair, _ in pairs.proposals(browser.home.box, ME)}
    assert "2 pairs of an account or export" in text_of_page(pages.see("/settings/sources"))
    assert set(waiting) == {"Nike Pegasus 41", "Hoka Clifton 9"}
    assert 'href="/shoes/accounts"' in pages.see("/settings/sources")

    said = text_of_page(pages.done(f"{GARMIN_PAGE}/disconnect"))
    assert "What came from Garmin stays" in said
    assert "Connect Garmin Connect" in said


def test_look_now_makes_the_account_due_and_waits_for_nobody(browser: Browser) -> None:
    pages, home = browser.pages, browser.home
    pages.done(f"{GARMIN_PAGE}/tokens", {"tokens": browser.garmin.access.token_text()})
    look_at_due(home.box)
    with home.box.store.read() as tx:
        account = accounts.of(tx, ME, GARMIN)
    assert account is not None
    assert account.next_at is not None
    assert account.next_at > home.clock.at
    browser.garmin.reset_log()

    said = text_of_page(pages.done(f"/settings/sources/{account.id}/look"))

    assert "Garmin Connect is read within half a minute" in said
    assert browser.garmin.count() == 0
    with home.box.store.read() as tx:
        again = accounts.get(tx, account.id)
    assert again is not None
    assert again.next_at == home.clock.at


def test_a_key_that_is_none_is_said_and_not_kept(browser: Browser) -> None:
    page = f"{GARMIN_PAGE}/key"
    answer = browser.pages.post(page, {"key": "no-such-key", "expires_on": "2027-02-01"})
    assert answer.status_code == 422
    assert "no-such-key" not in answer.text
    assert 'value="2027-02-01"' in answer.text

    said = text_of_page(browser.pages.done(page, {"key": "fake-personal-key", "expires_on": "2027-02-01"}))
    assert "is connected" in said
    assert "Its key ends on 2027-02-01" in said


# Without Garmin


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with a_home(tmp_path_factory.mktemp("quiet")) as home:
        setup.add_runner(home.box, "Ann", "UTC")
        yield home


def test_a_folder_is_watched_and_let_go_by_its_owner(quiet: Home, tmp_path: Path) -> None:
    folder = tmp_path / "watch"
    folder.mkdir()
    (folder / "a.fit").write_bytes(b"x")
    with pages_of(quiet) as pages:
        said = text_of_page(pages.done("/settings/sources/folder", {"folder": str(folder)}))
        assert f"{folder} is watched now; 1 file is in it" in said
        number = next(
            m[1]
            for m in re.finditer(r"/settings/sources/(\d+)/disconnect", pages.see("/settings/sources"))
            if int(m[1]) > 1
        )
        assert "looked at by itself" in pages.post(f"/settings/sources/{number}/look").text
        gone = text_of_page(pages.done(f"/settings/sources/{number}/disconnect"))
        assert "is not looked at any more" in gone
        assert pages.post(f"/settings/sources/{number}/disconnect").status_code == 404
        for wrong in ("watch", str(tmp_path / "nowhere"), str(quiet.box.home), ""):
            answer = pages.post("/settings/sources/folder", {"folder": wrong})
            assert answer.status_code == 422
            assert wrong in answer.text


def test_who_is_not_the_owner_reads_no_folder_of_the_disk(quiet: Home, tmp_path: Path) -> None:
    with pages_of(quiet) as pages:
        mine = re.search(r"/settings/sources/(\d+)/disconnect", pages.see("/settings/sources"))
        assert mine
        pages.done("/who", {"runner": "2", "runner_id": "2"})
        assert "only its owner may connect one" in text_of_page(pages.see("/settings/sources"))

        answer = pages.post("/settings/sources/folder", {"folder": str(tmp_path)})
        assert answer.status_code == 403
        assert pages.post(f"/settings/sources/{mine[1]}/disconnect").status_code == 404
        assert pages.post(f"/settings/sources/{mine[1]}/look").status_code == 404
        assert pages.post("/settings/sources/99999999999/look").status_code == 404


def test_files_that_could_not_be_read_are_tried_again_or_rest(tmp_path: Path) -> None:
    with a_home(tmp_path) as home, pages_of(home) as pages:
        home.drop("broken.fit", b"this is no FIT file")
        home.drop("other.fit", b"nor is this one")
        take_in(home.box)
        place = "/settings/sources/files"
        assert "2 files could not be read" in text_of_page(pages.see("/settings/sources"))
        first, second = re.findall(r'name="file" value="(\d+)"', pages.see(place))

        assert pages.post(place, {"do": "retry"}).status_code == 422
        said = text_of_page(pages.done(place, {"do": "retry", "file": first}))
        assert "1 file still can't be read" in said
        said = text_of_page(pages.done(place, {"do": "ignore", "file": [first, second]}))
        assert "2 files rest now and are named no more" in said
        assert "Every file could be read" in said
        assert pages.post(place, {"do": "ignore", "file": "999"}).status_code == 404
