"""Uploads from a real browser: how far they are is seen, other pages answer, what breaks off is gone."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from browser_home import PHONE, Look, Served, looking, served
from home import ME, Home
from many import runs, zipped
from midsole.actions import uploading
from midsole.actions.shoes import Start, add_shoe
from midsole.actions.uploaded import take_in_uploads
from told_home import BEFORE, a_told_home

BROKEN = {"broken.fit": b"\x0e\x10\xd9\x07\x00\x00\x00\x00.FITno more of it"}
PIECE_BYTES = 16_384
LARGE_BYTES = 24_000_000


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_told_home(tmp_path_factory.mktemp("sent")) as home, served(home) as found:
        yield found


def choose(page: Page, files: dict[str, bytes]) -> None:
    kind = "application/octet-stream"
    chosen: Any = [{"name": n, "mimeType": kind, "buffer": raw} for n, raw in files.items()]
    page.get_by_label("Files of your watch, or an export").set_input_files(chosen)


@contextmanager
def a_slow_line(url: str, bytes_per_s: float) -> Iterator[str]:
    """The same pages behind a line on which little is sent at once."""
    there = (urlsplit(url).hostname, urlsplit(url).port)
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serving() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = listening.accept()
                    threads.append(threading.Thread(target=connect, args=(caller, there, bytes_per_s)))
                    threads[-1].start()

        threads.append(threading.Thread(target=serving))
        threads[0].start()
        yield f"http://localhost:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(10)


def connect(caller: socket.socket, there: Any, bytes_per_s: float) -> None:
    with caller, socket.create_connection(there) as called:
        back = threading.Thread(target=pass_on, args=(called, caller, 1e9))
        back.start()
        pass_on(caller, called, bytes_per_s)
        back.join()


def pass_on(source: socket.socket, sink: socket.socket, bytes_per_s: float) -> None:
    """Until one of the two hangs up, of which the other is told."""
    with suppress(OSError):
        while said := source.recv(PIECE_BYTES):
            sink.sendall(said)
            time.sleep(len(said) / bytes_per_s)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def states(home: Home) -> list[str]:
    return [upload["state"] for upload in uploading.latest(home.box, ME)]


def until(so: Callable[[], bool]) -> None:
    """Wait for it, ten seconds at most."""
    over = time.monotonic() + 10
    while not so():
        assert time.monotonic() < over
        time.sleep(0.02)


def staged(home: Home) -> list[Path]:
    folder = home.box.home / "uploads"
    return list(folder.iterdir()) if folder.is_dir() else []


class Halting:
    """A worker in a thread that stops at its first word of progress until it is let go on."""

    def __init__(self, home: Home) -> None:
        self.seen = threading.Event()
        self.box = replace(home.box, stopping=self.stopping)
        self.thread = threading.Thread(target=take_in_uploads, args=(self.box,))

    def stopping(self) -> bool:
        if uploading.latest(self.box, ME)[0]["counts"]:
            self.seen.wait(20)
        return False


def test_three_hundred_files_are_seen_to_come_and_other_pages_answer_meanwhile(
    here: Served, browser: Browser
) -> None:
    known = len(here.home.activities())
    with (
        a_slow_line(here.url, 150_000) as line,
        looking(browser, line, PHONE) as look,
        looking(browser, here.url) as other,
    ):
        look.open("/uploads")
        choose(look.page, runs(300, 100) | BROKEN)
        look.page.get_by_role("button", name="Send").click()
        expect(look.page.get_by_label("Sent so far")).to_be_visible()
        until(lambda: states(here.home) == ["receiving"])
        assert [other.open(path) for path in ("/", "/runs", "/shoes")] == [200, 200, 200]
        assert not look.is_too_wide()
        expect(look.page.get_by_role("heading", name="Upload of")).to_be_visible()
        expect(look.page.get_by_text("Here, and waits to be read.")).to_be_visible()
        worker = Halting(here.home)
        worker.thread.start()
        expect(look.page.get_by_text("Taking in: ").or_(look.page.get_by_text("Reading: "))).to_be_visible()
        assert [other.open(path) for path in ("/", "/runs", "/shoes")] == [200, 200, 200]
        worker.seen.set()
        said = "300 new activities, 1 file that could not be read."
        expect(look.page.get_by_text(said)).to_be_visible(timeout=30_000)
        worker.thread.join()
        expect(look.page.get_by_role("row", name="broken.fit")).to_be_visible()
        assert look.complaints == []
    assert len(here.home.activities()) == known + 300
    assert staged(here.home) == []


def test_an_archive_is_sent_without_any_script(here: Served, browser: Browser) -> None:
    with looking(browser, here.url, PHONE, java_script_enabled=False) as look:
        look.open("/uploads")
        choose(look.page, {"export.zip": zipped(runs(3, 500))})
        look.page.get_by_role("button", name="Send").click()
        expect(look.page.get_by_text("1 file is here and will be read now.")).to_be_visible()
        take_in_uploads(here.home.box)
        expect(look.page.get_by_text("3 new activities.")).to_be_visible()
        look.page.get_by_role("link", name="See the runs").click()
        expect(look.page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_of_an_upload_whose_page_is_closed_nothing_is_left(
    here: Served, browser: Browser, tmp_path: Path
) -> None:
    large, before = tmp_path / "large.fit", states(here.home)
    large.write_bytes(bytes(LARGE_BYTES))
    with a_slow_line(here.url, 4e6) as line, looking(browser, line) as look:
        look.open("/uploads")
        look.page.locator("input[type=file]").set_input_files(large)
        look.page.get_by_role("button", name="Send").click()
        expect(look.page.get_by_text("Sending: ")).to_be_visible()
        until(lambda: states(here.home) == ["receiving", *before])
        look.page.close()
        until(lambda: states(here.home) == before)
    assert staged(here.home) == []


def test_a_pair_gets_its_photo_and_what_is_none_is_refused(here: Served, browser: Browser) -> None:
    shoe = add_shoe(here.home.box, ME, "Ghost", "daily", Start(), first_used_on=BEFORE)[0].id
    with looking(browser, here.url, PHONE, java_script_enabled=False) as look:
        send_photo(look, shoe, b"<svg onload=alert(1)>")
        expect(look.page.get_by_text("That file is no photo")).to_be_visible()
        send_photo(look, shoe, picture())
        look.open("/shoes")
        image = look.page.get_by_alt_text("The Ghost")
        expect(image).to_be_visible()
        assert image.evaluate("i => i.complete && i.naturalWidth") == 320
        assert not look.is_too_wide()


def send_photo(look: Look, shoe: int, raw: bytes) -> None:
    look.open(f"/shoes/{shoe}/edit")
    chosen: Any = {"name": "ghost.jpg", "mimeType": "image/jpeg", "buffer": raw}
    look.page.locator("input[type=file]").set_input_files(chosen)
    look.page.get_by_role("button", name="the photo").or_(
        look.page.get_by_role("button", name="this photo")
    ).click()


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (320, 200), "orange").save(made, "JPEG")
    return made.getvalue()
