"""Logging in to a Garmin of our own with the unmodified client: password, code, pasted tokens, refusals."""

import base64
import json
import logging
from collections.abc import Iterator

import pytest
from garminconnect.client import sso

from fakes.garmin import CLIENT_ID, DROP, HTML, FakeGarmin, Fault, running, status
from midsole.domain.errors import BadInput, MidsoleError, RateLimited, Unreachable
from midsole.sources.garmin_login import CodeNeeded, LoggedIn, enter_code, log_in, tokens_from

EMAIL, PASSWORD, CODE = "runner@example.org", "correct horse battery", "246810"
SIGN_IN, TOKEN = "api/login", "oauth/token"
VERIFY = "mfa/verifyCode"


@pytest.fixture
def garmin(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGarmin]:
    """Without the package's pauses, which are for Garmin's guards."""
    for name in ("MOBILE_DELAY", "WIDGET_DELAY"):
        monkeypatch.setattr(sso, f"{name}_MIN_S", 0)
        monkeypatch.setattr(sso, f"{name}_MAX_S", 0)
    with running() as server:
        yield server


def attempt(garmin: FakeGarmin, password: str = PASSWORD) -> LoggedIn | CodeNeeded:
    return log_in(EMAIL, password, base_url=garmin.url)


def pending(garmin: FakeGarmin) -> str:
    """The state of a login that waits for its code."""
    garmin.access.accept_mfa(CODE)
    needed = attempt(garmin)
    assert isinstance(needed, CodeNeeded)
    return needed.state


def test_a_login_gives_a_secret_that_can_be_kept(garmin: FakeGarmin) -> None:
    logged_in = attempt(garmin)

    assert isinstance(logged_in, LoggedIn)
    assert set(json.loads(logged_in.secret)) == {"di_token", "di_refresh_token", "di_client_id"}
    assert garmin.access.logins == 1


def test_a_code_completes_a_login_that_another_process_began(garmin: FakeGarmin) -> None:
    state = pending(garmin)

    logged_in = enter_code(json.dumps(json.loads(state)), CODE, base_url=garmin.url)

    assert tokens_from(logged_in.secret) == logged_in.secret
    assert garmin.access.logins == 1


def test_a_wrong_code_leaves_the_login_waiting(garmin: FakeGarmin) -> None:
    state = pending(garmin)

    with pytest.raises(BadInput, match="code"):
        enter_code(state, "111111", base_url=garmin.url)
    assert garmin.access.codes == 1
    assert enter_code(state, CODE, base_url=garmin.url)


def test_the_forms_for_browsers_stand_in_where_the_app_is_refused(garmin: FakeGarmin) -> None:
    garmin.faults.add("/mobile/", status(403), None)
    state = pending(garmin)

    with pytest.raises(BadInput, match="code"):
        enter_code(state, "111111", base_url=garmin.url)
    assert enter_code(state, CODE, base_url=garmin.url)


@pytest.mark.parametrize("app_is_refused", [False, True])
def test_a_wrong_password_is_tried_once(garmin: FakeGarmin, app_is_refused: bool) -> None:
    if app_is_refused:
        garmin.faults.add("/mobile/", status(403), None)

    with pytest.raises(BadInput, match="does not know this e-mail and password"):
        attempt(garmin, "wrong")
    assert garmin.access.logins == 1


@pytest.mark.parametrize("code", [427, 429])
def test_a_refused_login_makes_two_requests_and_tells_to_wait(garmin: FakeGarmin, code: int) -> None:
    garmin.faults.sso_status = code

    with pytest.raises(RateLimited, match="wait"):
        attempt(garmin)
    assert garmin.count() == 2


def test_one_refusal_among_other_failures_is_enough_to_wait(garmin: FakeGarmin) -> None:
    garmin.faults.add("/mobile/", status(429), None)
    garmin.faults.add("/sso/", status(500), None)

    with pytest.raises(RateLimited):
        attempt(garmin)


@pytest.mark.parametrize("fault", [status(503), DROP, HTML, status(403)], ids=["503", "drop", "html", "403"])
def test_an_outage_of_the_login_is_no_wrong_password(garmin: FakeGarmin, fault: Fault) -> None:
    for place in ("/mobile/", "/sso/"):
        garmin.faults.add(place, fault, None)

    with pytest.raises(Unreachable, match="login can't be reached") as raised:
        attempt(garmin)
    assert not isinstance(raised.value, RateLimited)


@pytest.mark.parametrize("fault", [status(503), DROP, HTML, status(403)], ids=["503", "drop", "html", "403"])
def test_an_outage_at_the_code_is_no_wrong_code(garmin: FakeGarmin, fault: Fault) -> None:
    state = pending(garmin)
    garmin.faults.add(VERIFY, fault, None)

    with pytest.raises(Unreachable, match="can't be reached"):
        enter_code(state, CODE, base_url=garmin.url)
    garmin.faults.clear()
    assert enter_code(state, CODE, base_url=garmin.url)


def test_too_many_codes_tell_to_wait(garmin: FakeGarmin) -> None:
    state = pending(garmin)
    garmin.faults.add(VERIFY, status(429), None)

    with pytest.raises(RateLimited, match="wait"):
        enter_code(state, CODE, base_url=garmin.url)


@pytest.mark.parametrize("fault", [status(500), status(400), HTML, DROP], ids=["500", "400", "html", "drop"])
def test_a_login_that_cannot_be_kept_is_told_and_not_made_again(garmin: FakeGarmin, fault: Fault) -> None:
    garmin.faults.add(TOKEN, fault, None)

    with pytest.raises(Unreachable, match="no login that can be kept"):
        attempt(garmin)
    assert garmin.access.logins == 1


def test_too_many_exchanges_of_tickets_tell_to_wait(garmin: FakeGarmin) -> None:
    garmin.faults.add(TOKEN, status(429), None)

    with pytest.raises(RateLimited):
        attempt(garmin)
    assert garmin.access.logins == 1


@pytest.mark.parametrize(
    "state", ["", "no JSON", "{}", "[]", "null", '{"domain": "garmin.com"}', "[" * 100_000]
)
def test_a_state_that_is_none_must_be_started_again(garmin: FakeGarmin, state: str) -> None:
    with pytest.raises(BadInput, match="Start it again"):
        enter_code(state, CODE, base_url=garmin.url)
    assert garmin.count() == 0


def test_a_state_cannot_be_used_in_another_part_of_the_world(garmin: FakeGarmin) -> None:
    with pytest.raises(BadInput, match="Start it again"):
        enter_code(pending(garmin), CODE, domain="garmin.cn", base_url=garmin.url)


def test_pasted_tokens_are_taken_over(garmin: FakeGarmin) -> None:
    text = garmin.access.token_text()

    assert json.loads(tokens_from("\ufeff  " + text + "\n")) == json.loads(text)


def test_the_client_is_read_from_the_token_where_it_is_not_told(garmin: FakeGarmin) -> None:
    tokens = json.loads(garmin.access.token_text())
    del tokens["di_client_id"]

    assert json.loads(tokens_from(json.dumps(tokens)))["di_client_id"] == CLIENT_ID


GARTH = {"oauth_token": "a", "oauth_token_secret": "b"}, {"access_token": "c", "refresh_token": "d"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(GARTH[0]),
        json.dumps(GARTH[1]),
        json.dumps(GARTH),
        base64.b64encode(json.dumps(GARTH).encode()).decode(),
        json.dumps({"oauth1_token": GARTH[0], "oauth2_token": GARTH[1]}),
    ],
    ids=["oauth1", "oauth2", "both", "dumped", "named"],
)
def test_tokens_of_the_old_format_are_told_apart(text: str) -> None:
    with pytest.raises(BadInput, match="old format of garth"):
        tokens_from(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "~/.garminconnect", "null", "7", "[]", "{}", "{", "[" * 100_000, "x" * 200_000, "ä" * 8),
        '{"di_token": 5}',
        '{"di_token": "a.b.c"}',
        '{"di_token": "a.b.c", "di_refresh_token": "x\\ny", "di_client_id": "C"}',
        '{"di_token": "a.b.c", "di_refresh_token": "x", "di_client_id": ["C"]}',
    ],
)
def test_any_other_text_is_no_token(text: str) -> None:
    with pytest.raises(BadInput, match=r"garmin_tokens\.json"):
        tokens_from(text)


def test_nothing_secret_gets_into_a_log_an_error_or_a_repr(
    garmin: FakeGarmin, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []
    with caplog.at_level(logging.DEBUG):
        state = pending(garmin)
        said.append(repr(CodeNeeded(state)))
        logged_in = enter_code(state, CODE, base_url=garmin.url)
        said.append(repr(logged_in))
        for place in (TOKEN, VERIFY, "/mobile/", "/sso/"):
            garmin.faults.add(place, status(500, body=f"{EMAIL} {PASSWORD}".encode()), None)
            said.append(str(failure_of(garmin, state)))

    tokens = json.loads(logged_in.secret)
    cookies = [cookie["value"] for cookie in json.loads(state)["cookies"]]
    secrets = [EMAIL, PASSWORD, CODE, "ST-", tokens["di_token"], tokens["di_refresh_token"], *cookies]
    for text in (caplog.text, *(str(vars(record)) for record in caplog.records), *said):
        assert not any(secret in text for secret in secrets)


def failure_of(garmin: FakeGarmin, state: str) -> MidsoleError:
    """Of the first half of a login, or of its second."""
    with pytest.raises(MidsoleError) as raised:
        enter_code(state, "135791", base_url=garmin.url)
    return raised.value
