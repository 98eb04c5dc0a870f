"""Pages out of templates: what each of them is given, and where a form leads when it is done."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from midsole.domain import units
from midsole.domain.letter import PAIN_FOOTER, past_day, plain
from midsole.domain.wearing import WHO
from midsole.web.assets import assets
from midsole.web.csrf import form_token
from midsole.web.forms import Form
from midsole.web.visit import VISIT_COOKIE, Visit

SAID_COOKIE = "midsole_said"
YEAR_S = 365 * 86_400
MOST_SAID = 1_000
PLACES = (
    ("/", "Today"),
    ("/runs", "Runs"),
    ("/shoes", "Shoes"),
    ("/load", "Load"),
    ("/body", "Body"),
    ("/alerts", "Alerts"),
    ("/settings", "Settings"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the page before did, said once on the next one; `undo` is the change set that it made."""

    text: str
    undo: int | None = None


def page(visit: Visit, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The template with its values; every template also gets visit, me, units, today, said and csrf()."""
    said = _read_said(request)
    context = _context(visit) | {"said": said, "found_at": _found_at(request)} | values
    response = HTMLResponse(_templates().get_template(template).render(context), status)
    if visit.fresh:
        give_cookie(response, visit, VISIT_COOKIE, visit.visit_id, YEAR_S)
    if said:
        response.delete_cookie(SAID_COOKIE, path="/")
    return response


def _found_at(request: Request) -> str:
    """Where this page is found again; where a form was sent to, there is none."""
    url = request.url
    return "/" if request.method != "GET" else f"{url.path}?{url.query}" if url.query else url.path


def _context(visit: Visit) -> dict[str, Any]:
    me = visit.runner
    return {
        "visit": visit,
        "me": me,
        "units": me.units if me else "km",
        "today": me.today(visit.box.now()) if me else visit.box.now().date(),
        "zone": me.zone_on(me.today(visit.box.now())) if me else "UTC",
        "csrf": cache(lambda: form_token(visit)),  # one for all forms of a page: each one reads the key file
        "assets": assets(),
        "places": PLACES if me else (),
        "path": visit.path,
    }


def go_to(visit: Visit, place: str, said: str = "", *, undo: int | None = None) -> Response:
    """After a form: load that page, and say there once what was done. `place` is a path of ours."""
    response = RedirectResponse(place, 303)
    if said:
        told = json.dumps({"text": said[:MOST_SAID], "undo": undo}).encode()
        give_cookie(response, visit, SAID_COOKIE, urlsafe_b64encode(told).decode(), 60)
    return response


def safe_back(form: Form, default: str = "/") -> str:
    """Where the form came from, if that is a path of ours."""
    back = form["back"]
    return back if re.fullmatch(r"/(?![/\\])[^\s\\]{0,300}", back) else default


def give_cookie(response: Response, visit: Visit, name: str, value: str, seconds: int) -> None:
    """A cookie that no script reads, no other site sends, and no plain line carries where there is TLS."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=visit.house.is_https, httponly=True, samesite="lax"
    )


def _read_said(request: Request) -> Said | None:
    cookie = request.cookies.get(SAID_COOKIE)
    if not cookie:
        return None
    try:
        found = json.loads(urlsafe_b64decode(cookie))
        return Said(str(found["text"])[:MOST_SAID], found["undo"] if type(found["undo"]) is int else None)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("midsole.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "distance": _distance,
        "distance_down": units.distance_down,
        "duration": units.duration,
        "percent": units.percent,
        "pace": units.pace,
        "day": _day,
        "past_day": lambda day, today: past_day(_as_date(day), today),
        "time": _time,
        "number": _number,
        "size": _size,
        "who": lambda by: WHO.get(by, by),
    }
    made.globals |= {"query": query, "pain_footer": f"This is not medical advice. {PAIN_FOOTER}"}
    return made


def query(now: Mapping[str, Any], **changed: Any) -> str:
    """ "?sport=running&page=2": the present choice with some of it changed; None takes one out."""
    kept = {name: value for name, value in {**now, **changed}.items() if value not in (None, "")}
    return f"?{urlencode(kept, doseq=True)}" if kept else "?"


def _distance(metres: float | None, unit: str) -> str:
    return "–" if metres is None else plain(units.distance(metres, unit))


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _size(count: int) -> str:
    """ "8 kB", "2.4 MB"."""
    return f"{max(1, round(count / 1e3))} kB" if count < 1e6 else f"{count / 1e6:,.1f} MB"


def _as_date(day: date | str) -> date:
    return date.fromisoformat(day[:10]) if isinstance(day, str) else day


def _day(day: date | str | None) -> str:
    """ "2 Nov 2026"; a dash where there is none."""
    if not day:
        return "–"
    found = _as_date(day)
    return f"{units.short_day(found)} {found.year}"


def _time(at: datetime | str | None, zone: str) -> str:
    """ "2 Nov 2026 18:04" where the runner lives."""
    if not at:
        return "–"
    local = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(ZoneInfo(zone))
    return f"{units.short_day(local.date())} {local.year} {local:%H:%M}"
