"""One Chromium for all tests in a browser; where there is none they are left out, which scripts/test says.

It ends before other tests go on in the same process: Playwright's event loop would stand in their way."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser_home import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("NOT RUN: there is no Chromium here (apt-get install chromium, or set CHROMIUM)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()
