"""The Personal API's source against a Garmin on loopback: what is read, and what each fault means."""

import base64
import json
import logging
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fakes.garmin import (
    DROP,
    EMPTY,
    HTML,
    NO_CONTENT,
    REVOKED,
    TRUNCATED,
    FakeGarmin,
    Fault,
    body,
    running,
    says,
    slow,
    status,
)
from midsole.domain.errors import (
    BadInput,
    MidsoleError,
    NeedsRunner,
    NotAnActivity,
    RateLimited,
    Retry,
    Unreachable,
)
from midsole.sources.answers import Interrupted, OddAnswer, digest_of
from midsole.sources.base import Cursor, Details, File, Found, Known, Partly, Steps
from midsole.sources.connect_api import PAUSE_S
from midsole.sources.garmin_personal import GarminPersonal, check_key

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = "fake-personal-key"
TOKEN, LIST = "personal-api-key/token", "/activitylist-service/"
DETAIL, DOWNLOAD = "/activity-service/activity/", "/download-service/"
STEPS = "/usersummary-service/"
PAGE_401 = Fault(status=401, body=b"<html>Just a moment</html>", content_type="text/html")
PAGE_403 = Fault(status=403, body=b"<html>Blocked</html>", content_type="text/html")


class Box:
    """The owner of an account: remembers what was saved and how often it was asked."""

    def __init__(self, secret: str) -> None:
        self.secret, self.saved, self.held = secret, list[str](), 0
        self.notes: dict[str, object] = {}
        self.before_save: Callable[[], None] = lambda: None
        self.taken_over_at: int | None = None

    def save(self, secret: str) -> None:
        self.before_save()
        self.saved.append(secret)
        self.secret = secret

    def hold(self) -> None:
        self.held += 1
        if self.held == self.taken_over_at:
            raise Retry("Another worker has taken over this account.")

    def note(self, **said: object) -> None:
        self.notes |= said


class Connected:
    """One runner's account at the fake, and the source that reads it. The clock stands still until told."""

    def __init__(self, server: FakeGarmin, clock: list[float]) -> None:
        self.server, self.clock = server, clock
        self.box = Box(json.dumps({"key": KEY}))
        self.slept: list[float] = []
        self.source = self.another()

    def another(self, **more: Any) -> GarminPersonal:
        """A source as a later look makes it."""
        return GarminPersonal(self.box, self.server.url, self.now, self.slept.append, **more)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock[0], UTC)

    def pass_time(self, by: timedelta) -> None:
        self.clock[0] += by.total_seconds()

    def find(self, **cursor: Any) -> list[Found]:
        return list(self.source.find(Cursor(**cursor)))

    def asked(self) -> list[str]:
        """The paths of all requests, in short."""
        return [it.path.split("/")[1] for it in self.server.requests()]


@pytest.fixture
def garmin() -> Iterator[Connected]:
    clock = [NOW.timestamp()]
    with running(now=lambda: clock[0], personal_key=KEY) as server:
        yield Connected(server, clock)


def add_runs(garmin: Connected, count: int) -> list[str]:
    """One a day, the last one today; the ids, newest first."""
    days = [NOW - timedelta(days=n, hours=4) for n in range(count)]
    return [str(garmin.server.account.add_run(day, 10, 60)) for day in days]


def listed(found: list[Found]) -> dict[str, Known]:
    """As the next look knows them."""
    lines = [f for f in found if isinstance(f, Details) and f.listed]
    days = {line.external_id: json.loads(line.listed or "")["startTimeGMT"][:10] for line in lines}
    return {
        f.external_id: Known(digest_of(f.listed or ""), date.fromisoformat(days[f.external_id]))
        for f in lines
    }


# what is read


def test_a_first_look_lists_every_run_and_its_original(garmin: Connected) -> None:
    ids = add_runs(garmin, 45)
    found = garmin.find()
    assert [f.external_id for f in found if isinstance(f, Details)] == ids
    assert [f.path for f in found if isinstance(f, File)] == [f"garmin/{n}/original" for n in ids]
    lists = [it.query for it in garmin.server.requests() if it.path.startswith(LIST)]
    assert lists == ["start=0&limit=20", "start=20&limit=20", "start=40&limit=20"]


def test_a_look_when_nothing_is_new_costs_one_request(garmin: Connected) -> None:
    add_runs(garmin, 45)
    known = listed(garmin.find())
    garmin.server.reset_log()
    garmin.source = garmin.another()
    assert garmin.find(listed=known) == []
    assert garmin.asked() == ["activitylist-service"]


def test_an_original_is_a_zip_with_the_file_of_the_watch(garmin: Connected) -> None:
    (run,) = add_runs(garmin, 1)
    with garmin.source.fetch(File(f"garmin/{run}/original")) as stream, zipfile.ZipFile(stream) as box:
        assert box.namelist() == [f"{run}_ACTIVITY.fit"]
        assert box.read(box.namelist()[0])[8:12] == b".FIT"


def test_a_run_typed_in_has_no_file(garmin: Connected) -> None:
    run = garmin.server.account.add_run(NOW, 10, 60, manual=True)
    assert not any(isinstance(f, File) for f in garmin.find())
    with pytest.raises(NotAnActivity):
        garmin.source.fetch(File(f"garmin/{run}/original"))


def test_a_new_run_is_asked_how_hard_it_was(garmin: Connected) -> None:
    run = garmin.server.account.add_run(NOW, 10, 60, rpe=8, feel=75)
    details = [f for f in garmin.find(details_from=NOW.date()) if isinstance(f, Details) and f.detail]
    assert [f.external_id for f in details] == [str(run)]
    assert json.loads(details[0].detail or "")["summaryDTO"]["directWorkoutRpe"] == 80


def test_steps_come_in_portions_of_28_days(garmin: Connected) -> None:
    days = {NOW.date() - timedelta(days=n): 5_000 + n for n in range(40)}
    garmin.server.account.steps.update(days)
    found = garmin.find(activities=False, steps_from=min(days), today=NOW.date())
    assert {f.day: f.steps for f in found if isinstance(f, Steps)} == days
    assert garmin.asked() == ["personalapitoken-service", "usersummary-service", "usersummary-service"]


def test_an_account_that_has_nothing_to_ask_asks_nothing(garmin: Connected) -> None:
    assert garmin.find(activities=False) == []
    assert garmin.asked() == []


def test_it_never_asks_for_gear(garmin: Connected) -> None:
    pair = garmin.server.account.add_gear("Brooks", "Ghost")
    garmin.server.account.add_run(NOW, 10, 60, gear=[pair])
    garmin.find(gear=True, worn=("1",))
    assert "gear-service" not in garmin.asked()


# key and token


def test_the_key_is_exchanged_once_and_the_token_kept(garmin: Connected) -> None:
    garmin.find()
    garmin.source = garmin.another()
    garmin.find()
    kept = json.loads(garmin.box.secret)
    assert garmin.server.access.exchanges == len(garmin.box.saved) == 1
    assert (kept["key"], kept["expires"]) == (KEY, NOW.timestamp() + 86_400)
    assert kept["token"].count(".") == 2


def test_a_new_token_is_saved_before_anything_else_is_asked(garmin: Connected) -> None:
    asked_before_save: list[str] = []
    garmin.box.before_save = lambda: asked_before_save.extend(garmin.asked())
    garmin.find()
    assert asked_before_save == ["personalapitoken-service"]


@pytest.mark.parametrize(("hours", "exchanges"), [(22, 1), (23.5, 2), (30, 2)])
def test_a_token_in_its_last_hour_is_exchanged_first(garmin: Connected, hours: float, exchanges: int) -> None:
    garmin.find()
    garmin.pass_time(timedelta(hours=hours))
    garmin.source = garmin.another()
    garmin.find()
    assert garmin.server.access.exchanges == exchanges
    assert garmin.server.count(LIST, status=401) == 0


def test_tokens_that_live_for_seconds_do_not_stop_a_look(garmin: Connected) -> None:
    garmin.server.access.personal_lifetime_s = 5
    ids = add_runs(garmin, 45)
    source = garmin.source.find(Cursor())
    found = [next(source)]
    garmin.pass_time(timedelta(seconds=6))
    found += list(source)
    assert sum(isinstance(f, Details) for f in found) == len(ids)
    assert garmin.server.access.exchanges == 2


def test_a_revoked_token_is_exchanged_once_and_the_question_repeated(garmin: Connected) -> None:
    add_runs(garmin, 1)
    garmin.find()
    garmin.server.reset_log()
    garmin.server.faults.add(LIST, REVOKED)
    garmin.source = garmin.another()
    assert len(garmin.find()) == 2
    assert garmin.asked() == ["activitylist-service", "personalapitoken-service", "activitylist-service"]
    assert len(garmin.box.saved) == 2


def test_a_token_refused_again_and_again_needs_the_runner(garmin: Connected) -> None:
    garmin.server.faults.add(LIST, status(401), times=None)
    with pytest.raises(NeedsRunner, match="Personal API key"):
        garmin.find()
    assert garmin.asked() == ["personalapitoken-service", "activitylist-service"] * 2


@pytest.mark.parametrize("refused", [status(401), status(403), Fault(status=401, body=b"")])
def test_a_refused_key_needs_the_runner_and_ends_the_look(garmin: Connected, refused: Fault) -> None:
    garmin.server.faults.add(TOKEN, refused)
    with pytest.raises(NeedsRunner, match="does not accept the API key any more: make a new one"):
        garmin.find()
    assert garmin.asked() == ["personalapitoken-service"]
    assert garmin.box.saved == []


def test_a_key_that_ended_meanwhile_needs_the_runner(garmin: Connected) -> None:
    garmin.find()
    garmin.server.access.expire_key()
    with pytest.raises(NeedsRunner, match="make a new one"):
        garmin.find()


@pytest.mark.parametrize(
    "fault",
    [
        *(status(code) for code in (400, 404, 418, 500, 502, 503, 504, 301, 204)),
        *(DROP, HTML, EMPTY, TRUNCATED, PAGE_401, PAGE_403),
        *(
            body(raw, "text/plain")
            for raw in (b"no token", b"a.b.c", b"a.e30.c", b"\xff.\xff.\xff", b"a.bnVsbA.c")
        ),
        says({"token": "x"}),
    ],
)
def test_an_outage_of_the_exchange_is_no_refused_key(garmin: Connected, fault: Fault) -> None:
    add_runs(garmin, 1)
    garmin.server.faults.add(TOKEN, fault)
    with pytest.raises(Unreachable) as caught:
        garmin.find()
    assert type(caught.value) is Unreachable
    assert garmin.box.saved == []
    assert len(garmin.find()) == 2


@pytest.mark.parametrize("expires", [0, -1, None, "soon", 1e300, float("nan")])
def test_a_token_without_a_sound_end_is_no_token(garmin: Connected, expires: object) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires}).encode()).rstrip(b"=")
    garmin.server.faults.add(TOKEN, body(b"a." + claims + b".c", "text/plain"))
    with pytest.raises(Unreachable):
        garmin.find()


@pytest.mark.parametrize(
    "secret", ["", "{", "[]", "{}", '{"key":1}', '{"key":"a b"}', '{"key":""}', '{"key":"é"}', "[" * 100_000]
)
def test_a_kept_secret_that_is_broken_needs_the_runner(garmin: Connected, secret: str) -> None:
    garmin.box.secret = secret
    with pytest.raises(NeedsRunner, match="can't read the API key"):
        garmin.find()
    assert garmin.asked() == []


@pytest.mark.parametrize(
    "kept", [{"token": 1}, {"token": "a b", "expires": 9e9}, {"token": "x", "expires": "x"}]
)
def test_a_kept_token_that_is_broken_is_exchanged(garmin: Connected, kept: dict[str, object]) -> None:
    garmin.box.secret = json.dumps({"key": KEY} | kept)
    garmin.find()
    assert garmin.asked() == ["personalapitoken-service", "activitylist-service"]


# faults of the questions


@pytest.mark.parametrize(
    ("retry_after", "after"),
    [("30", timedelta(seconds=30)), (None, None), ("soon", None), ("9" * 30, timedelta(days=7))],
)
@pytest.mark.parametrize("where", [TOKEN, LIST, DETAIL, STEPS])
def test_too_many_requests_end_the_look_and_say_until_when(
    garmin: Connected, where: str, retry_after: str | None, after: timedelta | None
) -> None:
    add_runs(garmin, 1)
    garmin.server.faults.add(where, status(429, retry_after), times=None)
    with pytest.raises(RateLimited) as caught:
        garmin.find(details_from=date(2026, 1, 1), steps_from=NOW.date(), today=NOW.date())
    assert caught.value.after == after
    assert garmin.server.count(where) == 1


@pytest.mark.parametrize(
    "fault", [status(500), status(503), status(403), status(302), DROP, TRUNCATED, PAGE_403]
)
def test_a_list_that_can_not_be_had_ends_the_look(garmin: Connected, fault: Fault) -> None:
    add_runs(garmin, 1)
    garmin.server.faults.add(LIST, fault)
    with pytest.raises(Unreachable):
        garmin.find()
    assert garmin.server.count(LIST) == 1
    assert len(garmin.find()) == 2


def test_a_web_page_with_401_is_no_refused_token(garmin: Connected) -> None:
    garmin.server.faults.add(LIST, PAGE_401, times=None)
    with pytest.raises(Unreachable):
        garmin.find()


@pytest.mark.parametrize(
    "fault", [HTML, EMPTY, says({"activities": 1}), says("x"), body(b"[" * 100_000), status(400)]
)
def test_a_list_that_is_none_is_tried_again_later(garmin: Connected, fault: Fault) -> None:
    garmin.server.faults.add(LIST, fault)
    with pytest.raises(Partly):
        garmin.find()


def test_a_list_without_content_is_an_empty_one(garmin: Connected) -> None:
    garmin.server.faults.add(LIST, NO_CONTENT)
    assert garmin.find() == []


def test_details_that_fail_leave_the_rest_of_the_look(garmin: Connected) -> None:
    ids = add_runs(garmin, 3)
    garmin.server.faults.add(DETAIL + ids[0], status(404))
    garmin.server.faults.add(DETAIL + ids[1], HTML)
    found = garmin.find(details_from=date(2026, 1, 1))
    assert [f.external_id for f in found if isinstance(f, Details) and f.detail] == [ids[2]]
    assert sum(isinstance(f, File) for f in found) == 3


@pytest.mark.parametrize(
    "fault", [status(500), status(403), DROP, HTML, EMPTY, says([]), NO_CONTENT, TRUNCATED]
)
def test_an_original_that_can_not_be_had_now_is_one_for_later(garmin: Connected, fault: Fault) -> None:
    (run,) = add_runs(garmin, 1)
    garmin.server.faults.add(DOWNLOAD, fault)
    with pytest.raises(Retry) as caught:
        garmin.source.fetch(File(f"garmin/{run}/original"))
    assert not isinstance(caught.value, Unreachable)
    assert garmin.source.fetch(File(f"garmin/{run}/original")).read(2) == b"PK"


def test_downloads_that_fail_one_after_the_other_mean_that_garmin_is_down(garmin: Connected) -> None:
    ids = add_runs(garmin, 3)
    garmin.server.faults.add(DOWNLOAD, status(503, 20), times=3)
    for run in ids[:2]:
        with suppress(Retry):
            garmin.source.fetch(File(f"garmin/{run}/original"))
    with pytest.raises(Unreachable) as caught:
        garmin.source.fetch(File(f"garmin/{ids[2]}/original"))
    assert caught.value.after == timedelta(seconds=20)


def test_an_exchange_that_fails_on_the_way_to_an_original_concerns_the_account(garmin: Connected) -> None:
    (run,) = add_runs(garmin, 1)
    garmin.server.faults.add(TOKEN, status(503))
    with pytest.raises(Unreachable):
        garmin.source.fetch(File(f"garmin/{run}/original"))


def test_a_server_that_is_too_slow_is_unreachable(garmin: Connected) -> None:
    garmin.server.faults.add(LIST, slow(5))
    garmin.source = garmin.another(timeout_s=0.3)
    with pytest.raises(Interrupted):
        garmin.find()


def test_a_server_that_is_not_there_is_unreachable(garmin: Connected) -> None:
    garmin.server.faults.unreachable = True
    with pytest.raises(Unreachable):
        garmin.find()


# the owner


def test_every_request_asks_whether_the_account_is_still_ours(garmin: Connected) -> None:
    add_runs(garmin, 25)
    garmin.find()
    assert garmin.box.held == len(garmin.server.requests()) == 3
    assert garmin.slept == [PAUSE_S] * 2


@pytest.mark.parametrize("at", [1, 2, 3])
def test_who_was_overtaken_asks_no_more(garmin: Connected, at: int) -> None:
    add_runs(garmin, 25)
    garmin.box.taken_over_at = at
    with pytest.raises(Retry, match="taken over"):
        garmin.find()
    assert len(garmin.server.requests()) == at - 1


# connecting


def test_a_good_key_gives_the_secret_of_an_account(garmin: Connected) -> None:
    garmin.box.secret = check_key(KEY, garmin.server.url + "/")
    garmin.find()
    assert garmin.asked() == ["personalapitoken-service", "activitylist-service"]
    assert garmin.box.saved == []


def test_a_wrong_key_is_refused(garmin: Connected) -> None:
    with pytest.raises(BadInput, match="does not accept this API key"):
        check_key("another-key", garmin.server.url)


@pytest.mark.parametrize("key", ["", " ", "a b", "a\nb", "a\r\nX: y", "schlüssel", "\0", "x" * 20_000])
def test_what_can_be_no_key_is_not_sent(garmin: Connected, key: str) -> None:
    with pytest.raises(BadInput, match="no API key"):
        check_key(key, garmin.server.url)
    assert garmin.asked() == []


def test_a_key_that_can_not_be_tried_is_not_called_wrong(garmin: Connected) -> None:
    garmin.server.faults.add(TOKEN, status(503))
    with pytest.raises(Unreachable):
        check_key(KEY, garmin.server.url)
    garmin.server.faults.add(TOKEN, status(429, 14))
    with pytest.raises(RateLimited):
        check_key(KEY, garmin.server.url)


# what is sent, and what is told


@contextmanager
def scripted(answer: bytes) -> Iterator[tuple[str, list[Mapping[str, str]]]]:
    """A server that says the same to everyone, byte by byte as given, and remembers the headers."""
    heard: list[Mapping[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(dict(self.headers))
            self.wfile.write(answer)
            self.close_connection = True

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked(url: str) -> GarminPersonal:
    secret = json.dumps({"key": KEY, "token": "the-token", "expires": 9e9})
    return GarminPersonal(Box(secret), url, lambda: NOW, time.sleep, 5)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"


def test_it_says_who_it_is_and_what_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with scripted(OK) as (url, heard):
        source = asked(url)
        source.page(0, None)
        assert source.original("1") == b"[]"
        with suppress(Unreachable):
            check_key(KEY, url)
    assert [h["User-Agent"] for h in heard] == ["midsole"] * 3
    assert [h["Authorization"] for h in heard] == ["Bearer the-token"] * 2 + [f"ApiKey {KEY}"]
    assert heard[0]["Accept"] == "application/json"
    assert heard[1]["Accept"].startswith("application/x-zip-compressed, application/zip")


def test_a_redirect_never_takes_the_token_elsewhere() -> None:
    with scripted(OK) as (elsewhere, heard_there):
        moved = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/x\r\nContent-Length: 0\r\n\r\n".encode()
        with scripted(moved) as (url, _):
            for question in (asked(url).detail, asked(url).original, lambda _: check_key(KEY, url)):
                with pytest.raises(Unreachable):
                    question("1")
    assert heard_there == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\xff\xfe",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 7\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n[]",
    ],
)
def test_an_answer_that_is_no_http_is_an_outage(answer: bytes) -> None:
    with scripted(answer) as (url, _), pytest.raises(Interrupted):
        asked(url).detail("1")


def test_a_pause_until_a_date_is_taken_by_the_servers_clock() -> None:
    dates = b"Date: Fri, 20 Nov 2026 12:00:00 GMT\r\nRetry-After: Fri, 20 Nov 2026 12:10:00 GMT\r\n"
    for status_line, kind in ((b"503 Busy", Unreachable), (b"429 Slowly", RateLimited)):
        answer = b"HTTP/1.1 " + status_line + b"\r\n" + dates + b"Content-Length: 0\r\n\r\n"
        with scripted(answer) as (url, _), pytest.raises(kind) as caught:
            asked(url).detail("1")
        assert caught.value.after == timedelta(minutes=10)


def test_nobody_at_the_address_is_an_outage() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Interrupted):
            asked(url).detail("1")


@pytest.mark.parametrize("url", ["x", "http://" + "a" * 300, "http://[::1", "ftp://127.0.0.1"])
def test_an_address_that_is_none_is_unreachable(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not left to the proxy. None of them gets as far as a look-up.
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(Unreachable):
        check_key(KEY, url)


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("midsole.sources.garmin_personal.LARGEST_ANSWER", 100_000)
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + bytes(300_000)
    with scripted(long) as (url, _), pytest.raises(OddAnswer, match="64 MB"):
        asked(url).original("1")


@pytest.mark.parametrize("where", [TOKEN, LIST, DETAIL, DOWNLOAD, STEPS])
def test_no_error_and_no_log_tells_key_token_or_garmins_words(
    garmin: Connected, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (run,) = add_runs(garmin, 1)
    said = [status(code, body=b"the runner's name") for code in (400, 401, 403, 404, 406, 429, 500)]
    said += [body(b"the runner's name"), Fault(status=403, body=b"<html>the runner's name"), DROP, TRUNCATED]
    texts: list[str] = []
    for fault in said:
        garmin.server.faults.clear()
        garmin.server.faults.add(where, fault, times=None)
        garmin.source = garmin.another()
        garmin.box.secret = json.dumps({"key": KEY})
        for ask in (
            lambda: garmin.find(details_from=date(2026, 1, 1), steps_from=NOW.date(), today=NOW.date()),
            lambda: garmin.source.fetch(File(f"garmin/{run}/original")),
        ):
            try:
                ask()
            except MidsoleError as error:
                texts += [str(error), repr(error), repr(error.__cause__)]
    tokens = [json.loads(secret)["token"] for secret in garmin.box.saved]
    shown = "\n".join([*texts, caplog.text])
    assert len(texts) >= 6
    assert not [word for word in (KEY, *tokens, "runner's name") if word in shown]


def test_the_objects_in_a_traceback_hide_key_and_token(garmin: Connected) -> None:
    garmin.find()
    shown = repr(vars(garmin.source))
    assert "secret" in shown
    assert KEY not in shown
    assert json.loads(garmin.box.secret)["token"] not in shown
