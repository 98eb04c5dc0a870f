"""What a log-in leaves in the browser, and what the browser says of itself."""

import re
from secrets import token_urlsafe

from fastapi import Request
from fastapi.responses import Response

from midsole.actions import logging_in
from midsole.actions.entering import LONGEST
from midsole.domain.errors import UsageError
from midsole.web.forms import Form
from midsole.web.page import YEAR_S, give_cookie, go_to
from midsole.web.visit import SESSION_COOKIE, VISIT_COOKIE, Visit

BROWSERS = (
    ("Edge", "Edg"),
    ("Opera", "OPR/"),
    ("Samsung Internet", "SamsungBrowser"),
    ("Firefox", "Firefox|FxiOS"),
    ("Chrome", "Chrome|CriOS|Chromium"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("ChromeOS", "CrOS"),
    ("Mac", "Macintosh|Mac OS"),
    ("Linux", "Linux"),
)
UNKNOWN_DEVICE = "An unknown browser"


def let_in(visit: Visit, request: Request, token: str, place: str, said: str = "") -> Response:
    """Lead on with the new session. What the browser had before, no one else may know: it ends."""
    old = request.cookies.get(SESSION_COOKIE)
    if old:
        logging_in.log_out(visit.box, old)
    response = go_to(visit, place, said)
    give_cookie(response, visit, SESSION_COOKIE, token, int(LONGEST.total_seconds()))
    give_cookie(response, visit, VISIT_COOKIE, token_urlsafe(16), YEAR_S)
    return response


def shut_out(response: Response) -> Response:
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


def new_password(form: Form) -> str:
    """It is written twice, as nobody sees what is typed."""
    first = form.text("password", "The new password")
    if first != form["again"]:
        raise UsageError("The two passwords differ: write the same one twice.")
    return first


def device_of(request: Request) -> str:
    """ "Firefox on Android", as far as the browser says."""
    said = request.headers.get("user-agent", "")[:500]
    browser = next((name for name, sign in BROWSERS if re.search(sign, said)), None)
    system = next((name for name, sign in SYSTEMS if re.search(sign, said)), None)
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"A browser on {system}" if system else UNKNOWN_DEVICE)
