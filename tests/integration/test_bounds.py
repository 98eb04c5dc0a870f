"""What one visitor may take of the server: bytes before it is known who asks, and threads of the others."""

import shutil
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from home import ME
from midsole.actions import uploading
from midsole.actions.uploading import LOOK_BYTES, NoRoom
from midsole.web.page import SAID_COOKIE
from midsole.web.slowly import BUSY, MOST, MOST_OF_ONE, MOST_OF_STRANGERS, STRANGERS
from web_home import HERE, OTHERWHERE, Pages, a_web_home, pages_of

ZIP = "/settings/export/everything.zip"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with a_web_home(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture(scope="module")
def stranger(pages: Pages) -> Iterator[Pages]:
    with pages_of(pages.home, OTHERWHERE) as found:
        yield found


@pytest.mark.parametrize("path", ["/login", "/setup", "/t/x", "/shoes/1/photo"])
def test_of_a_strangers_form_little_is_read(stranger: Pages, path: str) -> None:
    answer = stranger.client.post(path, content=b"name=" + b"a" * 70_000, headers=FORM)
    assert (answer.status_code, "64 kB" in answer.text) == (413, True)


def test_of_a_strangers_form_few_fields_are_read(stranger: Pages) -> None:
    assert stranger.client.post("/login", content=b"a=b&" * 300, headers=FORM).status_code == 400


def test_a_runner_ticks_thousands_of_rows(pages: Pages) -> None:
    ticked = {"run": [str(n) for n in range(1, 10_001)], "do": "assign"}
    assert pages.post("/runs/assign", ticked).status_code not in (400, 403, 413)


def test_the_api_reads_no_large_body_before_it_knows_who_asks(stranger: Pages) -> None:
    answer = stranger.client.post("/api/v1/plan-check", content=b"[" * (2**20 + 1))
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


def test_what_takes_long_leaves_threads_to_the_others(pages: Pages) -> None:
    slow = pages.client.app.state.slow  # type: ignore[attr-defined]
    for others in ({ME: MOST_OF_ONE}, {ME + 1: MOST}):
        slow.update(others)
        answer = pages.get(ZIP)
        assert (answer.status_code, BUSY in answer.text) == (503, True)
        assert pages.get("/").status_code == 200
        slow.clear()
    assert pages.get(ZIP).status_code == 200
    assert slow.total() == 0


def test_tries_to_get_in_leave_threads_to_who_is_in(stranger: Pages) -> None:
    slow = stranger.client.app.state.slow  # type: ignore[attr-defined]
    slow[STRANGERS] = MOST_OF_STRANGERS
    assert stranger.post("/login", {"name": "me", "password": "x"}).status_code == 503
    slow.clear()
    assert stranger.post("/login", {"name": "me", "password": "x"}).status_code == 422


def test_a_cookie_of_nonsense_spoils_no_page(pages: Pages) -> None:
    deep = urlsafe_b64encode(b"[" * 30_000).decode()
    assert pages.get("/", headers={"cookie": f"{SAID_COOKIE}={deep}"}).status_code == 200


def test_the_api_takes_nothing_of_a_page_at_another_port(pages: Pages) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.fit"\r\n\r\nx\r\n--b--\r\n'
    kind = {"content-type": "multipart/form-data; boundary=b"}
    for said in (
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
    ):
        answer = pages.client.post("/api/v1/uploads", content=part, headers=kind | said)
        assert answer.status_code == 403, said
    fine = pages.client.post("/api/v1/uploads", content=part, headers=kind | {"origin": HERE})
    assert fine.status_code == 202


def test_an_upload_that_did_not_say_its_length_leaves_room_on_the_disk(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiving = uploading.begin(pages.home.box, ME)
    receiving.begin_file("many.zip")
    receiving.write(b"PK\3\4")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(NoRoom, match="no room"):
        receiving.write(bytes(LOOK_BYTES))
    receiving.drop()
    assert not receiving.folder.exists()
