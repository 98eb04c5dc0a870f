"""Tokens, refusals and outages: what ends a login and what never does."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fakes.garmin import DROP, EMPTY, HTML, REVOKED, FakeGarmin, Fault, says, status
from garmin_box import Box, add_runs, of
from midsole.domain.errors import MidsoleError, NeedsRunner, RateLimited, Retry, Unreachable
from midsole.sources.base import Cursor, Details, File

LIST, TOKEN, ORIGINAL, DETAIL = "search/activities", "oauth/token", "/download-service/", "/activity-service/"
WORN = "/gear-service/activity/v2/"


def test_every_rotated_token_is_saved_before_the_next_request(box: Box) -> None:
    garmin = box.garmin
    garmin.access.lifetime_s = 2
    box.secret = garmin.access.token_text()
    add_runs(garmin, 30, gear=(garmin.account.add_gear("Asics", "Nimbus"),))
    source = box.source()
    for number, found in enumerate(source.find(Cursor(gear=True, details_from=date(2026, 1, 1)))):
        if isinstance(found, File):
            source.fetch(found).close()
        if number % 20 == 0:
            garmin.access.revoke()

    rotations = [n + 1 for n, it in enumerate(garmin.requests()) if TOKEN in it.path]
    assert garmin.access.refreshes == len(rotations) > 3
    assert box.saved_at == rotations


def test_a_token_that_lasts_is_not_refreshed(garmin: FakeGarmin, box: Box) -> None:
    box.look()

    assert garmin.count(TOKEN) == 0
    assert box.saved_at == []


def test_a_token_near_its_end_is_refreshed_before_anything_is_asked(garmin: FakeGarmin, box: Box) -> None:
    garmin.access.lifetime_s = 14 * 60
    box.secret = garmin.access.token_text()

    box.look()

    assert [TOKEN in it.path for it in garmin.requests()] == [True, False]


def test_a_dead_token_costs_one_refresh_and_one_more_try(garmin: FakeGarmin, box: Box) -> None:
    garmin.faults.add(LIST, REVOKED)

    assert box.look() == []
    assert [it.status for it in garmin.requests()] == [401, 200, 200]
    assert box.held == 3


def test_a_token_that_is_refused_although_new_needs_the_runner(garmin: FakeGarmin, box: Box) -> None:
    garmin.faults.add(LIST, status(401), None)

    with pytest.raises(NeedsRunner, match="stored login no more"):
        box.look()
    assert [it.status for it in garmin.requests()] == [401, 200, 401]


def test_a_login_that_is_no_more_needs_the_runner(garmin: FakeGarmin, box: Box) -> None:
    garmin.access.log_out_everywhere()

    with pytest.raises(NeedsRunner, match="stored login no more"):
        box.look()
    assert garmin.count() == 2


def test_tokens_that_another_process_saved_meanwhile_are_used(garmin: FakeGarmin, box: Box) -> None:
    source = box.source()
    finding = source.find(Cursor(details_from=date(2026, 1, 1)))
    ids = add_runs(garmin, 1)
    first = next(finding)
    garmin.access.log_out_everywhere()
    box.secret = garmin.access.token_text()

    found = [first, *finding]

    assert [one.external_id for one in of(found, Details)] == [ids[0], ids[0]]
    assert garmin.access.refreshes == 0


def test_a_refusal_that_another_process_caused_is_no_log_out(garmin: FakeGarmin, box: Box) -> None:
    """The other one refreshes while our own refresh is on its way."""
    garmin.access.lifetime_s = 60
    box.secret = garmin.access.token_text()
    other = garmin.access.token_text()
    garmin.faults.add(TOKEN, status(400))
    held = box.hold

    def hold_and_lose() -> None:
        held()
        if not garmin.requests():
            box.secret = other

    box.hold = hold_and_lose  # type: ignore[method-assign]

    assert box.look() == []
    assert [it.status for it in garmin.requests()] == [400, 200, 200]


@pytest.mark.parametrize("secret", ["", "{}", "no JSON", "[1]", '{"di_token": 5}', '{"di_token": "a b"}'])
def test_a_secret_that_is_none_needs_the_runner_and_asks_nothing(
    garmin: FakeGarmin, box: Box, secret: str
) -> None:
    box.secret = secret

    with pytest.raises(NeedsRunner, match="stored login no more"):
        box.look()
    assert garmin.count() == 0


OUTAGES = {
    "500": status(500),
    "502": status(502),
    "503 with a wish": status(503, retry_after=60),
    "504": status(504),
    "dropped": DROP,
    "403": status(403),
    "refused by a web page": replace(HTML, status=403),
}


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES)
@pytest.mark.parametrize("place", [LIST, TOKEN])
def test_an_outage_never_looks_like_a_log_out(garmin: FakeGarmin, box: Box, fault: Fault, place: str) -> None:
    garmin.access.lifetime_s = 60
    before = box.secret = garmin.access.token_text()
    garmin.faults.add(place, fault, None)

    with pytest.raises(Unreachable, match="login is kept"):
        box.look()
    assert garmin.count(place) == 1
    garmin.faults.clear()
    assert box.look() == []
    assert box.secret != before


@pytest.mark.parametrize("fault", [HTML, EMPTY, says([]), says({}), says({"access_token": 5}),
                                   says({"access_token": "a\nb"}), replace(HTML, status=401)])  # fmt: skip
def test_an_odd_answer_to_a_refresh_keeps_the_login(garmin: FakeGarmin, box: Box, fault: Fault) -> None:
    garmin.access.lifetime_s = 60
    before = box.secret = garmin.access.token_text()
    garmin.faults.add(TOKEN, fault)

    with pytest.raises(Unreachable, match="login is kept"):
        box.look()
    assert box.secret == before
    assert box.look() == []


@pytest.mark.parametrize(
    ("code", "word"), [(400, "invalid_grant"), (401, "invalid_token"), (403, "invalid_grant")]
)
def test_a_refresh_that_is_refused_needs_the_runner(
    garmin: FakeGarmin, box: Box, code: int, word: str
) -> None:
    garmin.access.lifetime_s = 60
    box.secret = garmin.access.token_text()
    garmin.faults.add(TOKEN, status(code, body=json.dumps({"error": word}).encode()))

    with pytest.raises(NeedsRunner, match="stored login no more"):
        box.look()
    assert garmin.count() == 1


def in_minutes(minutes: int) -> Callable[[], str]:
    return lambda: f"{datetime.now(UTC) + timedelta(minutes=minutes):%a, %d %b %Y %H:%M:%S GMT}"


@pytest.mark.parametrize("place", [LIST, TOKEN, WORN, ORIGINAL, DETAIL])
@pytest.mark.parametrize(
    ("wish", "seconds"),
    [(None, None), ("90", 90), (in_minutes(2), 120), ("soon", None), ("9" * 30, 604_800), ("-5", None)],
)
def test_too_many_requests_end_the_look_and_the_wish_is_told(
    garmin: FakeGarmin, box: Box, place: str, wish: Any, seconds: float | None
) -> None:
    (run,) = add_runs(garmin, 1)
    if place == TOKEN:
        garmin.access.lifetime_s = 60
        box.secret = garmin.access.token_text()
    garmin.faults.add(place, status(429, retry_after=wish() if callable(wish) else wish), None)

    with pytest.raises(RateLimited) as raised:
        look_and_fetch(box, run)
    assert garmin.count(place) == 1
    told = raised.value.after
    assert (told is None) == (seconds is None)
    if told and seconds:
        assert abs(told.total_seconds() - seconds) <= 2


def look_and_fetch(box: Box, run: str) -> None:
    source = box.source()
    list(source.find(Cursor(details_from=date(2026, 1, 1))))
    source.fetch(File(f"garmin/{run}/original"))


@pytest.mark.parametrize("code", [400, 401, 403, 404, 412, 418, 427, 429, 500, 503])
@pytest.mark.parametrize("place", [LIST, TOKEN])
def test_no_words_of_garmins_nor_anything_secret_get_into_an_error(
    garmin: FakeGarmin, box: Box, caplog: pytest.LogCaptureFixture, code: int, place: str
) -> None:
    garmin.access.lifetime_s = 60
    box.secret = garmin.access.token_text()
    tokens = json.loads(box.secret)
    said = {"message": f"runner@example.org {tokens['di_refresh_token']}", "error": "secret word"}
    garmin.faults.add(place, status(code, body=json.dumps(said).encode()), None)

    with caplog.at_level(logging.DEBUG), pytest.raises(MidsoleError) as raised:
        box.look()

    error = raised.value
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    for text in (str(error), caplog.text):
        assert not any(word in text for word in ("runner@", "secret word", *tokens.values()))


def test_requests_keep_their_distance_and_ask_first_whether_they_may(garmin: FakeGarmin, box: Box) -> None:
    add_runs(garmin, 3)

    box.look(Cursor(details_from=date(2026, 1, 1)))

    assert box.slept == [0.25] * (garmin.count() - 1)
    assert box.held == garmin.count()


def test_a_worker_that_lost_its_account_asks_nothing_more(garmin: FakeGarmin, box: Box) -> None:
    add_runs(garmin, 3)
    finding = box.source().find(Cursor(details_from=date(2026, 1, 1)))
    next(finding)
    box.lost = True

    with pytest.raises(Retry, match="another worker"):
        list(finding)
    assert garmin.count() == 1
