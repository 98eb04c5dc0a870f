"""The paths behind a bearer token: activities, originals, gear, steps, profile."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from . import payloads
from .access import CONNECT, PERSONAL, Access
from .account import Account, Activity, Pair
from .wire import Answer, Refusal, Request, json_answer, text_answer

type Handler = Callable[..., Any]

PERSONAL_HOST = "personal.connectapi.garmin.com"
TOKEN_PATH = "/personalapitoken-service/personal-api/personal-api-key/token"
LONGEST_LIST = 1000
LONGEST_PERSONAL_LIST = 45
"""Seen in October 2026: longer pages of the Personal API end in a 500."""
MOST_STEP_DAYS = 28
ZIP_TYPES = ("*/*", "application/*", "application/zip", "application/x-zip-compressed")


def answer(access: Access, account: Account, request: Request) -> Answer:
    """Raises Refusal for what is not allowed or not there."""
    if (request.method, request.path) == ("POST", TOKEN_PATH):
        return text_answer(access.exchange_key(request.headers.get("authorization", "")))
    kind = _kind(access, request)
    if kind == PERSONAL:
        _check_personal(request)
    for method, pattern, handle in _ROUTES:
        found = pattern.fullmatch(request.path) if method == request.method else None
        if found:
            return _sent(handle(account, request, *found.groups()))
    if request.path.startswith("/userprofile-service/"):
        return _profile(access, request)
    raise Refusal(404, "HTTP 404 Not Found", error="NotFoundException")


def _kind(access: Access, request: Request) -> str:
    """A token of one of the two services is nothing to the other; on loopback both are at one address."""
    kind = access.kind_of(request.headers.get("authorization", ""))
    if "garmin" in request.host and kind != (PERSONAL if request.host == PERSONAL_HOST else CONNECT):
        raise Refusal(401, "Token is not active", error="NotAuthorizedException")
    return kind


def _check_personal(request: Request) -> None:
    if request.method != "GET" or request.path.startswith("/gear-service/") or request.path.endswith("/gear"):
        raise Refusal(404, "HTTP 404 Not Found", error="NotFoundException")
    listing = request.path.startswith("/activitylist-service/")
    if listing and request.number("limit", LONGEST_LIST) > LONGEST_PERSONAL_LIST:
        raise Refusal(500, "Internal Server Error")
    accepted = request.headers.get("accept", "*/*")
    if request.path.startswith("/download-service/") and not any(kind in accepted for kind in ZIP_TYPES):
        raise Refusal(406, "HTTP 406 Not Acceptable")


def _sent(made: Any) -> Answer:
    return made if isinstance(made, Answer) else json_answer(made)


# -- activities ----------------------------------------------------------------------------------


def _search(account: Account, request: Request) -> list[dict[str, Any]]:
    first, last = (_day(request.param(name)) for name in ("startDate", "endDate"))
    kind = request.param("activityType")
    found = [
        a
        for a in account.activities()
        if (not first or a.local.date() >= first)
        and (not last or a.local.date() <= last)
        and kind in ("", a.type_key)
    ]
    if request.param("sortOrder") == "asc":
        found.reverse()
    return [payloads.listed(a) for a in _page(request, found, 20)]


def _detail(account: Account, request: Request, number: str) -> dict[str, Any]:
    return payloads.detail(_activity(account, number))


def _download(account: Account, request: Request, number: str) -> Answer:
    activity = _activity(account, number)
    if activity.original is None:
        raise Refusal(404, "HTTP 404 Not Found", error="NotFoundException")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(activity.member, activity.original())
    told = {"Content-Disposition": f'attachment; filename="{activity.id}.zip"'}
    return Answer(200, packed.getvalue(), "application/x-zip-compressed", told)


# -- gear ----------------------------------------------------------------------------------------


def _gear_list(account: Account, request: Request) -> list[dict[str, Any]]:
    states, kind = request.params("gearStatuses"), request.param("gearType")
    found = _v2(account, account.gear())
    found = [g for g in found if (not states or g["status"] in states) and kind in ("", g["gearType"])]
    return _page(request, found, 20)


def _gear_one(account: Account, request: Request, gear_id: str) -> dict[str, Any]:
    return _v2(account, [_pair(account, gear_id)])[0]


def _gear_filter(account: Account, request: Request) -> list[dict[str, Any]]:
    number = request.param("activityId")
    pairs = _gear_of(account, number) if number else account.gear()
    return [payloads.gear_legacy(pair) for pair in pairs]


def _gear_of_activity(account: Account, request: Request, number: str) -> list[dict[str, Any]]:
    return _v2(account, _gear_of(account, number))


def _gear_activities(account: Account, request: Request, gear_id: str) -> list[dict[str, Any]]:
    wearers = account.wearers(_pair(account, gear_id).id)
    return [payloads.listed(a) for a in _page(request, wearers, 20)]


def _gear_stats(account: Account, request: Request, gear_id: str) -> dict[str, Any]:
    pair = _pair(account, gear_id)
    return payloads.gear_stats(pair, account.totals()[pair.id])


def _gear_link(account: Account, request: Request, verb: str, gear_id: str, number: str) -> dict[str, Any]:
    if account.eu:
        raise Refusal(412, "User has not given upload consent", error="PreconditionFailedException")
    pair, activity = _pair(account, gear_id), _activity(account, number)
    (account.link if verb == "link" else account.unlink)(pair.id, activity.id)
    return payloads.gear_legacy(pair)


# -- the rest ------------------------------------------------------------------------------------


def _steps(account: Account, request: Request, first: str, last: str) -> list[dict[str, Any]]:
    begin, end = _day(first), _day(last)
    if not begin or not end or not timedelta() <= end - begin < timedelta(days=MOST_STEP_DAYS):
        raise Refusal(400, "the range may have 28 days")
    days = (begin + timedelta(days=n) for n in range((end - begin).days + 1))
    return [payloads.steps(day, account.steps[day]) for day in days if day in account.steps]


def _profile(access: Access, request: Request) -> Answer:
    if request.path == "/userprofile-service/socialProfile":
        return json_answer(payloads.social_profile(access.email))
    if request.path == "/userprofile-service/userprofile/user-settings":
        return json_answer(payloads.user_settings())
    raise Refusal(404, "HTTP 404 Not Found", error="NotFoundException")


def _v2(account: Account, pairs: list[Pair]) -> list[dict[str, Any]]:
    totals, used_s = account.totals(), account.used_s()
    return [payloads.gear_v2(pair, totals[pair.id], used_s[pair.id]) for pair in pairs]


def _activity(account: Account, number: str) -> Activity:
    found = account.activity(int(number))
    if not found:
        raise Refusal(404, "Activity not found", error="NotFoundException")
    return found


def _gear_of(account: Account, number: str) -> list[Pair]:
    """Nothing for an activity that is not there."""
    activity = account.activity(int(number))
    return [_pair(account, gear_id) for gear_id in (activity.gear if activity else ())]


def _pair(account: Account, gear_id: str) -> Pair:
    found = account.pair(gear_id)
    if not found:
        raise Refusal(404, "Gear not found", error="NotFoundException")
    return found


def _page(request: Request, found: list[Any], default: int) -> list[Any]:
    start, limit = request.number("start", 0), request.number("limit", default)
    if not 0 < limit <= LONGEST_LIST:
        raise Refusal(400, "limit out of range")
    return found[start : start + limit]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise Refusal(400, f"{text} is no date") from wrong


_HEX, _DASHED, _NUMBER = r"([0-9a-f]{32})", r"([0-9a-f-]{36})", r"(\d+)"
_ROUTES: list[tuple[str, re.Pattern[str], Handler]] = [
    (method, re.compile(pattern), handle)
    for method, pattern, handle in (
        ("GET", "/activitylist-service/activities/search/activities", _search),
        ("GET", f"/activity-service/activity/{_NUMBER}", _detail),
        ("GET", f"/download-service/files/activity/{_NUMBER}", _download),
        ("GET", "/gear-service/gear/v2/list", _gear_list),
        ("GET", f"/gear-service/gear/v2/{_DASHED}", _gear_one),
        ("GET", "/gear-service/gear/filterGear", _gear_filter),
        ("GET", f"/gear-service/activity/v2/{_NUMBER}", _gear_of_activity),
        ("GET", f"/activitylist-service/activities/{_HEX}/gear", _gear_activities),
        ("GET", f"/gear-service/gear/stats/{_HEX}", _gear_stats),
        ("PUT", rf"/gear-service/gear/(link|unlink)/([0-9a-f-]+)/activity/{_NUMBER}", _gear_link),
        ("GET", r"/usersummary-service/stats/steps/daily/([\d-]+)/([\d-]+)", _steps),
    )
]
