"""Who may enter: passwords, sessions, set-up codes, invitations, recovery, tokens, the word of a proxy."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, update

from home import NOW, Home, a_home
from midsole.actions import api_tokens, attempts, entering, logging_in, pass_codes, passwords, setup
from midsole.actions.backup import backup, restore
from midsole.actions.passwords import fits, is_dated
from midsole.app import open_box
from midsole.cli.entering import open_the_door
from midsole.cli.main import run as run_cli
from midsole.config import Settings
from midsole.domain.errors import UsageError
from midsole.store import entered
from midsole.store import tables as t
from midsole.web.letting_in import UNKNOWN_DEVICE
from midsole.web.server import make_app
from midsole.web.visit import SESSION_COOKIE, VISIT_COOKIE
from web_home import HERE, OTHERWHERE, Pages, text_of_page

PASSWORD, OTHER_PASSWORD = "correct horse battery", "staple on a marathon"
FIREFOX = {"user-agent": "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"}
PUBLISHED = {"web_public_url": OTHERWHERE}
TRUSTING = {"web_proxy_header": "Remote-User", "web_proxy_from": "10.0.0.7", **PUBLISHED}
SECURITY = "/settings/security"
JOINING = {"name": "bob", "zone": "Europe/Paris", "units": "mi", "password": PASSWORD, "again": PASSWORD}


LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
KEPT = LIGHT.hash(PASSWORD)


@dataclass(frozen=True, slots=True)
class Place:
    """One home for all tests, and one application for each way it is served."""

    home: Home
    apps: dict[Settings, FastAPI]

    def app(self, settings: Settings) -> FastAPI:
        return self.apps.get(settings) or self.apps.setdefault(settings, make_app(self.home.box, settings))

    def tidy(self) -> None:
        """As on the first day."""
        self.home.clock.at = NOW
        with self.home.box.store.write() as tx:
            for table in (t.login, t.session, t.api_token, t.pass_code, t.attempt, t.race):
                tx.execute(delete(table))
            tx.execute(delete(t.runner).where(t.runner.c.id > 1))
            tx.execute(update(t.runner).values(name="me", email=None))


@dataclass(frozen=True, slots=True)
class Browser(Pages):
    """It has loaded some page, but not the first one for each form."""

    place: Place

    def another(
        self, base_url: str = HERE, client: tuple[str, int] = ("127.0.0.1", 50_000), **settings: Any
    ) -> "Browser":
        return a_browser(self.place, base_url, client, **settings)

    def post(self, path: str, form: Mapping[str, Any] | None = None, **how: Any) -> Any:
        if VISIT_COOKIE not in self.client.cookies:
            self.client.get("/nowhere")
        data = {"csrf": self.made_key(), **(form or {})}
        return self.client.post(path, data=data, follow_redirects=False, **how)


def a_browser(
    place: Place, base_url: str = HERE, client: tuple[str, int] = ("127.0.0.1", 50_000), **settings: Any
) -> Browser:
    app = place.app(replace(Settings(home=place.home.box.home), **settings))
    asking = TestClient(app, base_url=base_url, client=client, raise_server_exceptions=False)
    return Browser(place.home, asking, place)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Where passwords cost less than they do in earnest."""
    with a_home(tmp_path_factory.mktemp("entering")) as home, pytest.MonkeyPatch.context() as light:
        light.setattr(passwords, "_HASHER", LIGHT)
        light.setattr(passwords, "NOBODYS", KEPT)
        yield Place(home, {})


@pytest.fixture
def pages(place: Place) -> Browser:
    """An open house, and a browser at that machine."""
    place.tidy()
    return a_browser(place)


@pytest.fixture
def closed(place: Place) -> Browser:
    """The owner has a password, and is logged in with it."""
    place.tidy()
    owners = a_browser(place)
    with place.home.box.store.write() as tx:
        entered.set_password(tx, 1, KEPT, NOW)
        token = entering.start_session(tx, 1, UNKNOWN_DEVICE, NOW)
    owners.client.cookies.set(SESSION_COOKIE, token, domain="localhost.local", path="/")
    return owners


def log_in(pages: Browser, name: str = "me", password: str = PASSWORD, **how: Any) -> Any:
    return pages.post("/login", {"name": name, "password": password}, **how)


def is_in(pages: Browser) -> bool:
    return pages.get(SECURITY).status_code == 200


def code_in(html: str, kind: str) -> str:
    found = re.search(rf"/{kind}/([a-z0-9-]+)", html)
    assert found, text_of_page(html)
    return found[1]


def rows(pages: Browser, table: Any) -> list[Any]:
    with pages.home.box.store.read() as tx:
        return list(tx.execute(select(table)))


class TestTries:
    @pytest.mark.parametrize(
        ("tries", "since_s", "wait_s"),
        [(4, 0, 0), (5, 0, 30), (5, 29, 1), (5, 30, 0), (6, 0, 60), (7, 0, 120), (50, 0, 900)],
    )
    def test_after_the_free_ones_each_waits_twice_as_long(
        self, tries: int, since_s: float, wait_s: float
    ) -> None:
        assert attempts.wait_s(tries, 5, since_s) == wait_s

    @pytest.mark.parametrize("name", ["me", "nobody"])
    def test_a_known_and_an_unknown_name_are_answered_alike(self, closed: Browser, name: str) -> None:
        stranger = closed.another()
        answers = [log_in(stranger, name, "wrong password") for _ in range(6)]
        assert [a.status_code for a in answers] == [422] * 5 + [429]
        assert "do not belong together" in answers[0].text
        assert "Too many tries. Wait a minute" in answers[-1].text
        assert answers[-1].headers["retry-after"] == "30"

    def test_during_the_wait_the_right_password_is_refused_too_and_after_it_taken(
        self, closed: Browser
    ) -> None:
        stranger = closed.another()
        for _ in range(5):
            log_in(stranger, password="wrong password")
        assert log_in(stranger).status_code == 429
        closed.home.clock.on(seconds=31)
        assert log_in(stranger).status_code == 303
        assert not [row for row in rows(closed, t.attempt) if row.key.startswith("name:")]

    def test_many_names_from_one_address_wait_as_well(
        self, closed: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(logging_in, "FREE_BY_ADDRESS", 2)
        stranger = closed.another()
        assert log_in(stranger, "one").status_code == log_in(stranger, "two").status_code == 422
        assert log_in(stranger, "three").status_code == 429
        elsewhere = closed.another(client=("192.168.1.9", 1))
        assert log_in(elsewhere, "three").status_code == 422

    def test_what_was_typed_is_not_kept_and_a_day_later_nothing_is(self, closed: Browser) -> None:
        stranger = closed.another()
        log_in(stranger, "my secret by mistake")
        kept = rows(closed, t.attempt)
        assert len(kept) == 2
        assert not [row for row in kept if "secret" in row.key or "127.0.0.1" in row.key]
        closed.home.clock.on(days=1, seconds=1)
        log_in(stranger)
        assert not {row.id for row in rows(closed, t.attempt)} & {row.id for row in kept}


class TestLoggingIn:
    def test_the_name_and_the_mail_address_both_do_in_any_case(self, closed: Browser) -> None:
        setup.edit_runner(closed.home.box, 1, email="Me@Example.org")
        for name in ("ME", " me@example.ORG "):
            other = closed.another()
            assert log_in(other, name).headers["location"] == "/"
            assert is_in(other)

    def test_nobody_is_called_what_another_runners_mail_address_is(self, closed: Browser) -> None:
        box = closed.home.box
        setup.edit_runner(box, 1, email="anna@example.org")
        bob = setup.add_runner(box, "bob@example.org", "UTC")
        with pytest.raises(UsageError, match="can't be a name"):
            setup.edit_runner(box, bob, name="Anna@Example.org")
        with pytest.raises(UsageError, match="can't be a name"):
            setup.add_runner(box, "ANNA@example.org", "UTC")
        with pytest.raises(UsageError, match="no mail address"):
            setup.edit_runner(box, 1, email="bob@example.org")
        assert setup.edit_runner(box, bob, email="bob@example.org").name == "bob@example.org"

    def test_a_mail_address_of_two_runners_is_nobodys_name(self, closed: Browser) -> None:
        setup.edit_runner(closed.home.box, 1, email="us@example.org")
        setup.add_runner(closed.home.box, "bob", "UTC", email="us@example.org")
        assert entering.named(closed.home.box, "us@example.org") is None

    def test_one_is_led_back_to_where_one_wanted_to_go(self, closed: Browser) -> None:
        other = closed.another()
        assert other.get("/shoes?x=1").headers["location"] == "/login?next=/shoes"
        assert 'name="back" value="/shoes"' in other.see("/login?next=/shoes")
        answer = other.post("/login", {"name": "me", "password": PASSWORD, "back": "/shoes"})
        assert answer.headers["location"] == "/shoes"

    @pytest.mark.parametrize(
        "back", ["//evil.example", "https://evil.example", "/\\evil", "evil", "/\t/evil"]
    )
    def test_nobody_is_led_to_another_site(self, closed: Browser, back: str) -> None:
        other = closed.another()
        assert "evil" not in other.client.get("/login", params={"next": back}).text
        answer = other.post("/login", {"name": "me", "password": PASSWORD, "back": back})
        assert answer.headers["location"] == "/"
        answer = other.client.get("/login", params={"next": back}, follow_redirects=False)
        assert answer.headers["location"] == "/"

    def test_a_name_stays_in_the_form_and_a_password_does_not(self, closed: Browser) -> None:
        other = closed.another()
        answer = log_in(other, "anna", "not her password")
        assert 'value="anna"' in answer.text
        assert "not her password" not in answer.text

    def test_the_cookie_is_for_no_script_no_other_site_and_no_plain_line(self, closed: Browser) -> None:
        other = closed.another(base_url=OTHERWHERE, **PUBLISHED)
        given = [c for c in log_in(other).headers.get_list("set-cookie") if c.startswith("midsole=")]
        assert len(given) == 1
        assert {"HttpOnly", "SameSite=lax", "Secure", "Path=/"} <= set(given[0].split("; "))

    def test_only_the_hash_of_a_token_is_kept(self, closed: Browser) -> None:
        token = closed.client.cookies[SESSION_COOKIE]
        assert [row.token_hash for row in rows(closed, t.session)] == [entering.hashed(token)]

    def test_a_token_that_was_planted_before_is_not_the_one_after(self, closed: Browser) -> None:
        other = closed.another()
        other.client.cookies.set(SESSION_COOKIE, "planted")
        log_in(other)
        assert entering.by_session(closed.home.box, "planted") is None

    def test_logging_in_again_ends_the_session_before(self, closed: Browser) -> None:
        other = closed.another()
        log_in(other)
        before = other.client.cookies[SESSION_COOKIE]
        log_in(other)
        assert entering.by_session(closed.home.box, before) is None
        assert is_in(other)

    def test_a_log_in_from_another_site_is_refused(self, closed: Browser) -> None:
        other = closed.another()
        answer = log_in(other, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403

    def test_an_old_hash_is_renewed_when_its_password_is_shown(self, closed: Browser) -> None:
        old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
        with closed.home.box.store.write() as tx:
            tx.execute(update(t.login).values(password_hash=old))
        other = closed.another()
        log_in(other)
        (row,) = rows(closed, t.login)
        assert not is_dated(row.password_hash)
        assert fits(row.password_hash, PASSWORD)

    def test_a_runner_without_a_password_can_not_log_in(self, closed: Browser) -> None:
        setup.add_runner(closed.home.box, "bob", "UTC")
        other = closed.another()
        assert log_in(other, "bob", "").status_code == 422
        assert log_in(other, "bob").status_code == 422


class TestSessions:
    def test_a_session_ends_thirty_days_after_its_last_use(self, closed: Browser) -> None:
        closed.home.clock.on(days=29)
        assert is_in(closed)
        closed.home.clock.on(days=29)
        assert is_in(closed)
        closed.home.clock.on(days=30, seconds=1)
        assert not is_in(closed)

    def test_a_session_ends_half_a_year_after_it_began_whatever_its_use(self, closed: Browser) -> None:
        for _ in range(8):
            closed.home.clock.on(days=20)
            assert is_in(closed)
        closed.home.clock.on(days=20)
        assert not is_in(closed)

    def test_its_use_is_written_once_an_hour_and_never_waits_for_another_write(self, closed: Browser) -> None:
        clock = closed.home.clock
        began = clock.at
        clock.on(minutes=59)
        assert is_in(closed)
        assert rows(closed, t.session)[0].seen_at == began
        clock.on(minutes=2)
        with closed.home.box.store.write():
            assert is_in(closed)
        assert rows(closed, t.session)[0].seen_at == began
        assert is_in(closed)
        assert rows(closed, t.session)[0].seen_at == clock.at

    def test_each_is_listed_with_its_device_and_can_be_ended(self, closed: Browser) -> None:
        phone = closed.another()
        log_in(phone, headers=FIREFOX)
        said = text_of_page(closed.see(SECURITY))
        assert "Firefox on Android" in said
        assert UNKNOWN_DEVICE in said
        number = rows(closed, t.session)[-1].id
        assert "That browser is logged out" in closed.done(f"{SECURITY}/sessions/{number}/end")
        assert not is_in(phone)
        assert is_in(closed)

    def test_log_out_everywhere_else_leaves_the_one_that_asked(self, closed: Browser) -> None:
        phone = closed.another()
        tablet = closed.another()
        log_in(phone)
        log_in(tablet)
        assert "2 other browsers" in closed.done(f"{SECURITY}/sessions/others/end")
        assert (is_in(closed), is_in(phone), is_in(tablet)) == (True, False, False)

    def test_logging_out_ends_the_session_itself(self, closed: Browser) -> None:
        token = closed.client.cookies[SESSION_COOKIE]
        assert closed.get("/logout").status_code == 405
        assert "You are logged out" in closed.done("/logout")
        assert entering.by_session(closed.home.box, token) is None
        assert SESSION_COOKIE not in closed.client.cookies

    def test_another_password_ends_all_other_sessions(self, closed: Browser) -> None:
        phone = closed.another()
        log_in(phone)
        before = closed.client.cookies[SESSION_COOKIE]
        said = {"now": PASSWORD, "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
        closed.done(f"{SECURITY}/password", said)
        assert closed.client.cookies[SESSION_COOKIE] != before
        assert (is_in(closed), is_in(phone)) == (True, False)
        assert log_in(phone).status_code == 422
        assert log_in(phone, password=OTHER_PASSWORD).status_code == 303

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"now": "wrong", "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}, "not your present"),
            ({"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}, "present password is missing"),
            ({"now": PASSWORD, "password": OTHER_PASSWORD, "again": "x"}, "passwords differ"),
            ({"now": PASSWORD, "password": "short", "again": "short"}, "at least 10 characters"),
        ],
    )
    def test_a_password_is_not_changed_by_halves(
        self, closed: Browser, said: dict[str, str], sentence: str
    ) -> None:
        before = rows(closed, t.login)
        answer = closed.post(f"{SECURITY}/password", said)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert rows(closed, t.login) == before

    def test_who_sits_at_an_open_browser_can_not_try_passwords_for_long(self, closed: Browser) -> None:
        said = {"now": "wrong password", "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
        answers = [closed.post(f"{SECURITY}/password", said).status_code for _ in range(6)]
        assert answers == [422] * 5 + [429]


class TestOpenHouse:
    def test_at_this_machine_one_is_the_owner_until_somebody_sets_a_password(self, pages: Browser) -> None:
        assert is_in(pages)
        assert "nobody has a password here" in text_of_page(pages.see("/who"))
        other = pages.another()
        assert is_in(other)
        other.done(f"{SECURITY}/password", {"password": PASSWORD, "again": PASSWORD})
        assert pages.get("/").headers["location"] == "/login"

    def test_of_several_one_chooses_who_one_is(self, pages: Browser) -> None:
        bob = setup.add_runner(pages.home.box, "bob", "UTC")
        assert "Go on as bob" in pages.see("/who")
        pages.done("/who", {"runner": bob})
        assert '<a href="/who">bob</a>' in pages.see("/who")
        assert pages.post("/who", {"runner": 99}).status_code == 404

    def test_such_a_choice_holds_at_this_machine_and_until_there_is_a_password(self, pages: Browser) -> None:
        bob = setup.add_runner(pages.home.box, "bob", "UTC")
        pages.done("/who", {"runner": bob})
        assert pages.get("/who", headers={"x-forwarded-for": "9.9.9.9"}).status_code == 303
        owner = pages.another()
        owner.done(f"{SECURITY}/password", {"password": PASSWORD, "again": PASSWORD})
        assert pages.get("/who").headers["location"].startswith("/login")

    def test_the_owner_sets_the_first_password_so_that_nobody_locks_the_owner_out(
        self, pages: Browser
    ) -> None:
        bob = setup.add_runner(pages.home.box, "bob", "UTC")
        pages.done("/who", {"runner": bob})
        answer = pages.post(f"{SECURITY}/password", {"password": PASSWORD, "again": PASSWORD})
        assert answer.status_code == 422
        assert "first runner of this box has to set a password" in answer.text

    def test_nobody_is_invited_into_an_open_house(self, pages: Browser) -> None:
        answer = pages.post(f"{SECURITY}/invite")
        assert answer.status_code == 422
        assert "Set a password of your own first" in answer.text

    def test_in_a_closed_house_nobody_chooses(self, closed: Browser) -> None:
        stranger = closed.another()
        assert stranger.post("/who", {"runner": 1}).headers["location"] == "/login"
        assert closed.post("/who", {"runner": 1}).headers["location"] == "/login"
        assert "Log out" in closed.see("/who")


class TestSetUp:
    @pytest.mark.parametrize(
        "how",
        [
            {"base_url": OTHERWHERE},
            {"client": ("192.168.1.9", 1)},
            {"web_host": "0.0.0.0"},
            PUBLISHED,
        ],
    )
    def test_from_elsewhere_every_page_leads_to_the_set_up(self, pages: Browser, how: dict[str, Any]) -> None:
        stranger = pages.another(**how)
        for path in ("/", "/shoes", "/settings/security", "/who"):
            assert stranger.client.get(path).url.path == "/setup"
        assert stranger.get("/api/v1/status").status_code == 401

    def test_the_code_of_the_log_sets_the_owners_password_once(self, pages: Browser) -> None:
        code = pass_codes.make_setup_code(pages.home.box)
        assert code
        said = {"code": f" {code.upper()} ", "password": PASSWORD, "again": PASSWORD}
        stranger = pages.another(base_url=OTHERWHERE)
        late = pages.another(base_url=OTHERWHERE)
        assert "Welcome" in stranger.done("/setup", said)
        assert is_in(stranger)
        assert late.post("/setup", said).status_code == 422
        assert late.get("/setup").headers["location"] == "/login"
        assert pass_codes.make_setup_code(pages.home.box) is None

    def test_a_newer_code_and_a_day_make_it_void(self, pages: Browser) -> None:
        box = pages.home.box
        old, new = pass_codes.make_setup_code(box), pass_codes.make_setup_code(box)
        assert old
        assert new
        stranger = pages.another(base_url=OTHERWHERE)
        for code in (old, "", "abcde-abcde-abcde-abcde"):
            said = {"code": code, "password": PASSWORD, "again": PASSWORD}
            assert stranger.post("/setup", said).status_code == 422
        pages.home.clock.on(hours=24)
        answer = stranger.post("/setup", {"code": new, "password": PASSWORD, "again": PASSWORD})
        assert "is not the set-up code" in answer.text
        assert not rows(pages, t.login)

    def test_guessing_the_code_has_to_wait(self, pages: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pass_codes, "FREE_BY_ADDRESS", 2)
        stranger = pages.another(base_url=OTHERWHERE)
        said = {"code": "abcde", "password": PASSWORD, "again": PASSWORD}
        assert [stranger.post("/setup", said).status_code for _ in range(3)] == [422, 422, 429]

    def test_a_bad_password_does_not_use_the_code_up(self, pages: Browser) -> None:
        code = pass_codes.make_setup_code(pages.home.box)
        stranger = pages.another(base_url=OTHERWHERE)
        answer = stranger.post("/setup", {"code": code, "password": "short", "again": "short"})
        assert answer.status_code == 422
        stranger.done("/setup", {"code": code, "password": PASSWORD, "again": PASSWORD})


class TestInvitations:
    def invite(self, closed: Browser) -> str:
        answer = closed.post(f"{SECURITY}/invite")
        assert answer.status_code == 200
        return code_in(answer.text, "join")

    def test_the_invited_becomes_a_runner_who_is_logged_in_and_sees_only_their_own(
        self, closed: Browser
    ) -> None:
        code = self.invite(closed)
        bobs = closed.another()
        assert "You are invited" in bobs.see(f"/join/{code}")
        assert "Welcome" in bobs.done(f"/join/{code}", JOINING | {"email": "bob@example.org"})
        assert "Invite a runner" not in bobs.see(SECURITY)
        bob = closed.home.runner(2)
        assert (bob.name, bob.email, bob.units) == ("bob", "bob@example.org", "mi")
        assert bob.zones[-1][1] == "Europe/Paris"
        assert bobs.post(f"{SECURITY}/invite").status_code == 404
        number = rows(closed, t.session)[0].id
        assert bobs.post(f"{SECURITY}/sessions/{number}/end").status_code == 404
        assert is_in(closed)

    def test_an_invitation_works_once_and_for_a_week(self, closed: Browser) -> None:
        used, late = self.invite(closed), self.invite(closed)
        bobs = closed.another()
        bobs.done(f"/join/{used}", JOINING)
        assert bobs.get(f"/join/{used}").status_code == 404
        assert bobs.post(f"/join/{used}", JOINING | {"name": "eve"}).status_code == 404
        closed.home.clock.on(days=7)
        answer = bobs.post(f"/join/{late}", JOINING | {"name": "eve"})
        assert "was used, or has run out" in answer.text
        assert [r.name for r in setup.everyone(closed.home.box)] == ["me", "bob"]

    @pytest.mark.parametrize(
        "said", [{"name": "me"}, {"zone": "Atlantis"}, {"email": "no address"}, {"password": "short"}]
    )
    def test_a_wrong_field_keeps_the_invitation_and_what_was_typed(
        self, closed: Browser, said: dict[str, str]
    ) -> None:
        code = self.invite(closed)
        bobs = closed.another()
        answer = bobs.post(f"/join/{code}", JOINING | said)
        assert answer.status_code == 422
        assert 'value="Europe/Paris"' in answer.text or "Atlantis" in answer.text
        assert PASSWORD not in answer.text
        assert bobs.get(f"/join/{code}").status_code == 200
        assert len(setup.everyone(closed.home.box)) == 1

    def test_an_invitation_is_listed_and_can_be_taken_back(self, closed: Browser) -> None:
        code = self.invite(closed)
        (invitation,) = pass_codes.invitations(closed.home.box, 1)
        assert "Take back" in closed.see(SECURITY)
        closed.done(f"{SECURITY}/invitations/{invitation.id}/take-back")
        assert closed.post(f"{SECURITY}/invitations/{invitation.id}/take-back").status_code == 404
        assert closed.get(f"/join/{code}").status_code == 404

    def test_the_owner_makes_a_link_for_a_runner_who_has_no_password(self, closed: Browser) -> None:
        bob = setup.add_runner(closed.home.box, "bob", "UTC")
        assert "Make a link for bob" in closed.see(SECURITY)
        answer = closed.post(f"{SECURITY}/runners/{bob}/let-in")
        bobs = closed.another()
        twice = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
        bobs.done(f"/recover/{code_in(answer.text, 'recover')}", twice)
        assert '<a href="/who">bob</a>' in bobs.see("/who")
        for known in (bob, 1, 99):
            assert closed.post(f"{SECURITY}/runners/{known}/let-in").status_code == 404


class TestRecovery:
    def test_the_link_sets_a_new_password_once_and_ends_all_sessions(self, closed: Browser) -> None:
        code = pass_codes.make_recovery(closed.home.box, 1)
        twice = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
        other = closed.another()
        before = rows(closed, t.pass_code)
        assert "A new password for me" in other.see(f"/recover/{code}")
        assert rows(closed, t.pass_code) == before
        assert other.post(f"/recover/{code}", {"password": "short", "again": "short"}).status_code == 422
        other.done(f"/recover/{code}", twice)
        assert (is_in(other), is_in(closed)) == (True, False)
        assert other.post(f"/recover/{code}", twice).status_code == 404

    def test_it_holds_for_an_hour_and_until_the_next_one(self, closed: Browser) -> None:
        first = pass_codes.make_recovery(closed.home.box, 1)
        second = pass_codes.make_recovery(closed.home.box, 1)
        assert closed.get(f"/recover/{first}").status_code == 404
        assert closed.get(f"/recover/{second}").status_code == 200
        assert closed.get(f"/join/{second}").status_code == 404
        closed.home.clock.on(hours=1)
        assert closed.get(f"/recover/{second}").status_code == 404


class TestTokens:
    def make(self, pages: Browser, *scopes: str) -> str:
        answer = pages.post(f"{SECURITY}/tokens", {"name": "phone", "scope": list(scopes)})
        assert answer.status_code == 200
        found = re.search(r"mid_[\w-]+", answer.text)
        assert found
        return found[0]

    def test_a_token_is_shown_once_and_only_its_hash_is_kept(self, pages: Browser) -> None:
        token = self.make(pages, "read")
        assert token not in pages.see(SECURITY)
        (row,) = rows(pages, t.api_token)
        assert (row.token_hash, row.scopes) == (entering.hashed(token), ["read"])

    def test_its_last_use_is_listed_once_an_hour_and_never_waits(self, pages: Browser) -> None:
        token, clock = self.make(pages, "read"), pages.home.clock
        assert "Never used" in text_of_page(pages.see(SECURITY))
        with pages.home.box.store.write():
            assert entering.by_token(pages.home.box, token)
        assert rows(pages, t.api_token)[0].used_at is None
        first = clock.at
        entering.by_token(pages.home.box, token)
        clock.on(minutes=59)
        entering.by_token(pages.home.box, token)
        assert rows(pages, t.api_token)[0].used_at == first

    def test_a_revoked_token_opens_nothing(self, closed: Browser) -> None:
        token = self.make(closed, "read")
        how = {"headers": {"authorization": f"Bearer {token}"}}
        program = closed.another()
        assert program.get("/api/v1/status", **how).status_code == 200
        number = rows(closed, t.api_token)[0].id
        assert "is revoked" in closed.done(f"{SECURITY}/tokens/{number}/revoke")
        assert program.get("/api/v1/status", **how).status_code == 401

    def test_a_token_does_what_its_scopes_name_and_opens_no_page(self, closed: Browser) -> None:
        how = {"headers": {"authorization": f"bearer {self.make(closed, 'read')}"}}
        program = closed.another()
        assert program.get("/api/v1/status", **how).status_code == 200
        refused = program.client.post("/api/v1/races", json={"on": "2027-01-01"}, **how)
        assert refused.status_code == 403
        assert "scope" in refused.json()["detail"]
        assert program.get("/shoes", **how).status_code == 303

    def test_a_wrong_token_is_nobodys_even_with_the_cookie_of_somebody(self, closed: Browser) -> None:
        answer = closed.get("/api/v1/status", headers={"authorization": "Bearer mid_wrong"})
        assert answer.status_code == 401

    def test_a_token_needs_a_name_and_something_to_do(self, pages: Browser) -> None:
        for said in ({"name": "", "scope": "read"}, {"name": "x"}, {"name": "x", "scope": "everything"}):
            assert pages.post(f"{SECURITY}/tokens", said).status_code == 422
        assert not rows(pages, t.api_token)

    def test_at_this_machine_a_program_needs_no_key_and_another_site_gets_nowhere(
        self, pages: Browser
    ) -> None:
        for headers, status in (({"origin": "https://evil.example"}, 403), ({}, 201)):
            answer = pages.client.post("/api/v1/races", json={"on": "2027-01-01"}, headers=headers)
            assert answer.status_code == status

    def test_a_browser_changes_something_through_the_api_only_from_a_page_of_ours(
        self, closed: Browser
    ) -> None:
        closed.client.get("/nowhere")
        race, key = {"on": "2027-01-01"}, {"x-csrf-token": closed.made_key()}

        def asked(**headers: str) -> int:
            return closed.client.post("/api/v1/races", json=race, headers=headers).status_code

        assert asked() == 403
        assert asked(**key | {"origin": "https://evil.example"}) == 403
        assert asked(**key | {"sec-fetch-site": "cross-site"}) == 403
        assert asked(**key) < 300


class TestProxy:
    def proxied(self, pages: Browser, client: str = "10.0.0.7") -> Browser:
        return pages.another(base_url=OTHERWHERE, client=(client, 1), **TRUSTING)

    def test_the_trusted_proxy_names_who_comes_in(self, pages: Browser) -> None:
        setup.add_runner(pages.home.box, "bob", "UTC", email="bob@example.org")
        inside = self.proxied(pages)
        for name in ("bob", "BOB@example.org"):
            said = inside.get("/who", headers={"remote-user": name})
            assert "You are bob: the proxy" in text_of_page(said.text)

    def test_an_unknown_name_is_a_stranger_and_nobody_is_made(self, pages: Browser) -> None:
        inside = self.proxied(pages)
        answer = inside.get("/shoes", headers={"remote-user": "eve"})
        assert answer.status_code == 403
        assert "No runner here has the name" in answer.text
        assert inside.get("/api/v1/status", headers={"remote-user": "eve"}).status_code == 403
        assert len(setup.everyone(pages.home.box)) == 1

    def test_from_elsewhere_the_header_is_not_believed(self, closed: Browser) -> None:
        outside = self.proxied(closed, "10.0.0.8")
        assert outside.get("/shoes", headers={"remote-user": "me"}).status_code == 303

    def test_the_proxys_word_goes_before_the_log_in_of_another(self, closed: Browser) -> None:
        setup.add_runner(closed.home.box, "bob", "UTC")
        inside = self.proxied(closed)
        log_in(inside)
        assert "You are bob" in text_of_page(inside.get("/who", headers={"remote-user": "bob"}).text)

    def test_a_form_needs_its_key_there_too(self, pages: Browser) -> None:
        inside = self.proxied(pages)
        answer = inside.client.post(f"{SECURITY}/sessions/others/end", headers={"remote-user": "me"})
        assert answer.status_code == 403


class TestCommands:
    @pytest.fixture
    def home(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("MIDSOLE_HOME", str(place.home.box.home))
        return place.home.box.home

    def test_recover_prints_a_link_that_opens(
        self, closed: Browser, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = closed.home.clock.now()
        monkeypatch.setattr("midsole.app.utc_now", lambda: clock)
        assert run_cli(["runners", "recover"]) == 0
        said = capsys.readouterr().out
        assert "http://localhost:8321/recover/" in said
        monkeypatch.setenv("MIDSOLE_WEB_PUBLIC_URL", f"{OTHERWHERE}/")
        assert run_cli(["runners", "recover", "--runner", "ME"]) == 0
        assert f"{OTHERWHERE}/recover/" in capsys.readouterr().out
        assert run_cli(["runners", "recover", "eve"]) == 2

    def started(self, pages: Browser, **settings: Any) -> None:
        chosen = replace(Settings(home=pages.home.box.home), **settings)
        open_the_door(chosen, pages.home.box, "http://localhost:8321")

    def test_a_start_for_others_says_a_code_until_there_is_a_password(
        self, pages: Browser, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.started(pages)
        assert capsys.readouterr().out == ""
        self.started(pages, **PUBLISHED)
        said = capsys.readouterr().out
        code = re.search(r"([a-z0-9]{5}-?){4}$", said.strip())
        assert code
        assert f"{OTHERWHERE}/setup" in said
        pass_codes.set_up(pages.home.box, code[0], PASSWORD, "1.2.3.4", "x")
        self.started(pages, web_host="0.0.0.0")
        assert capsys.readouterr().out == ""

    def test_the_owners_password_comes_from_a_file_unless_there_is_one(
        self, pages: Browser, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = pages.home.box.home / "password"
        for text in (PASSWORD, OTHER_PASSWORD):
            file.write_text(f"{text}\n")
            self.started(pages, web_owner_password_file="password", web_host="0.0.0.0")
        assert "code" not in capsys.readouterr().out
        other = pages.another()
        assert log_in(other).status_code == 303

    def test_a_file_of_no_use_is_told_in_a_sentence(self, pages: Browser) -> None:
        (pages.home.box.home / "short").write_text("short")
        for name, why in (("missing", "can't be read: No such file"), ("short", "at least 10 characters")):
            with pytest.raises(UsageError, match=why):
                self.started(pages, web_owner_password_file=name)


class TestTheRest:
    def test_erasing_a_runner_takes_what_lets_them_in(self, closed: Browser) -> None:
        box = closed.home.box
        bob = setup.add_runner(box, "bob", "UTC")
        code = pass_codes.make_recovery(box, bob)
        session = pass_codes.recover(box, code, PASSWORD, "phone")
        token = api_tokens.make_token(box, bob, "x", ["read"])
        pass_codes.make_recovery(box, bob)
        setup.erase_runner(box, bob)
        assert entering.by_session(box, session) is None
        assert entering.by_token(box, token) is None
        for table in (t.login, t.session, t.api_token, t.pass_code):
            assert bob not in [row.runner_id for row in rows(closed, table)]

    def test_a_password_holds_in_a_restored_home_and_sessions_and_codes_do_not(
        self, closed: Browser, tmp_path: Path
    ) -> None:
        box = closed.home.box
        before = logging_in.log_in(box, "me", PASSWORD, "1.2.3.4", "x")
        pass_codes.invite(box, 1)
        backup(box, tmp_path / "saved.tar")
        restore(tmp_path / "saved.tar", tmp_path / "new", box.now())
        back = open_box(settings=Settings(home=tmp_path / "new"), now=box.now)
        try:
            assert logging_in.log_in(back, "me", PASSWORD, "1.2.3.4", "x")
            assert entering.by_session(box, before)
            assert entering.by_session(back, before) is None
            assert pass_codes.invitations(back, 1) == []
        finally:
            back.store.close()
