"""A webhook added by hand in a real browser: tried with a button, then called with a signed alert."""

import hashlib
import hmac
import json
import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from browser_home import PHONE, looking, served
from hook_server import Call, hook_server
from told_home import a_told_home, spike


def is_signed(call: Call, secret: str) -> bool:
    at, mark = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", call.headers["Midsole-Signature"]).groups()
    made = hmac.new(secret.encode(), at.encode() + b"." + call.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made, mark)


def test_the_owner_adds_a_webhook_tries_it_and_gets_the_next_alert(tmp_path: Path, browser: Browser) -> None:
    with (
        hook_server() as hooks,
        a_told_home(tmp_path) as home,
        served(home) as here,
        looking(browser, here.url, PHONE) as look,
    ):
        look.open("/settings/push")
        form = look.page.get_by_role("region", name="Add a webhook")
        form.get_by_label("Name").fill("house")
        form.get_by_label("Address").fill(f"{hooks.url}/hook")
        form.get_by_role("button", name="Add the webhook").click()
        secret = look.page.locator("code.secret").inner_text()
        assert not look.is_too_wide()
        look.page.get_by_role("button", name="Send a test to house").click()
        expect(look.page.get_by_text("The test message was sent to house.")).to_be_visible()
        expect(look.page.get_by_text(secret)).to_have_count(0)
        spike(home)
        tried, told = hooks.calls
        assert [json.loads(call.body)["type"] for call in (tried, told)] == ["test", "alert"]
        assert is_signed(tried, secret)
        assert is_signed(told, secret)
        assert look.complaints == []
