"""Settings of the runner: who they are, where they live, how it began, and pauses, injuries and races."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import setup, telling
from midsole.domain.errors import UsageError
from midsole.domain.page_words import on_a_page
from midsole.domain.units import unit_m
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/settings"
REASONS = (
    ("break", "A break"),
    ("holiday", "Holiday"),
    ("ill", "Ill"),
    ("injured", "Injured"),
)


@router.get(PLACE)
def settings(visit: Mine, request: Request) -> Response:
    return _page(visit, request)


def _page(
    visit: Visit, request: Request, form: Form | None = None, error: UsageError | None = None, part: str = ""
) -> Response:
    values = _known(visit) | dict(form.plain() if form else {})
    if form and part == "start":
        values["pain"] = "pain" in form
    return page(
        visit,
        request,
        "settings.html",
        status=422 if error else 200,
        values=values,
        error=error,
        part=part,
        zones=setup.zones(),
        lived=visit.me.zones[1:],
        weekdays=[(day, day.capitalize()) for day in setup.WEEKDAYS],
        reasons=REASONS,
        told=telling.said(visit.box, visit.me.id),
    )


def _known(visit: Visit) -> dict[str, Any]:
    me, today = visit.me, visit.me.today(visit.box.now())
    return {
        "name": me.name,
        "email": "" if me.is_demo else me.email or "",
        "zone": me.zone_on(today),
        "zone_from": "",
        "first_weekday": setup.WEEKDAYS[me.first_weekday],
        "units": me.units,
        "longest": _typed(me.start.longest_m, me.units),
        "usual": _typed(me.start.usual_week_m, me.units),
        "pain": me.start.pain_now,
        **dict.fromkeys(("from", "until", "reason", "on", "note", "race_name"), ""),
    }


def _typed(metres: float | None, units: str) -> str:
    return "" if metres is None else f"{round(metres / unit_m(units), 1):g}"


@router.post(PLACE)
def save(visit: Mine, request: Request, form: Posted) -> Response:
    return _do(visit, request, form, "you", _save, "Saved.")


def _save(visit: Visit, form: Form) -> None:
    me, today = visit.me, visit.me.today(visit.box.now())
    said: dict[str, Any] = {
        "name": form.text("name"),
        "units": form.text("units"),
        "first_weekday": setup.parse_weekday(form.text("first_weekday", "The first day of the week")),
    }
    if not me.is_demo and form.maybe("email") != me.email:
        said["email"] = form.maybe("email")
    zone, since = form.text("zone", "The time zone"), form.day("zone_from")
    moved = zone != me.zone_on(since or today)
    setup.edit_runner(visit.box, me.id, zone=zone if moved else None, zone_from=since, **said)


@router.post("/settings/start")
def start(visit: Mine, request: Request, form: Posted) -> Response:
    return _do(visit, request, form, "start", _start, "Saved.")


def _start(visit: Visit, form: Form) -> None:
    """What was not touched keeps its exact metres and its day."""
    me = visit.me
    said: dict[str, Any] = {}
    for name, field, known in (
        ("longest", "start_longest_m", me.start.longest_m),
        ("usual", "start_usual_week_m", me.start.usual_week_m),
    ):
        if form[name] != _typed(known, me.units):
            said[field] = form.distance(name, me.units) or None
    if ("pain" in form) != me.start.pain_now:
        said["pain_now"] = "pain" in form
    if said:
        setup.edit_runner(visit.box, me.id, start_said_on=me.today(visit.box.now()), **said)


@router.post("/settings/pause")
def pause(visit: Mine, request: Request, form: Posted) -> Response:
    def work(visit: Visit, form: Form) -> None:
        reason = form["reason"] or "break"
        telling.pause(visit.box, visit.me.id, form.day("from"), form.day("until"), reason)

    return _do(visit, request, form, "pause", work, "The pause is noted. Midsole stays silent meanwhile.")


@router.post("/settings/pause/end")
def end_pause(visit: Mine, request: Request, form: Posted) -> Response:
    def work(visit: Visit, form: Form) -> None:
        telling.end_pause(visit.box, visit.me.id, form.day("until") or visit.me.today(visit.box.now()))

    return _do(visit, request, form, "pause", work, "The pause has an end now.")


@router.post("/settings/pause/remove")
def remove_pause(visit: Mine, request: Request, form: Posted) -> Response:
    return _take_back(visit, request, form, "pause", telling.remove_pause)


@router.post("/settings/injury")
def injury(visit: Mine, request: Request, form: Posted) -> Response:
    def work(visit: Visit, form: Form) -> None:
        on = form.day("on") or visit.me.today(visit.box.now())
        telling.injury(visit.box, visit.me.id, on, form.maybe("note"))

    return _do(visit, request, form, "injury", work, "The injury is noted.")


@router.post("/settings/injury/remove")
def remove_injury(visit: Mine, request: Request, form: Posted) -> Response:
    return _take_back(visit, request, form, "injury", telling.remove_injury)


@router.post("/settings/race")
def race(visit: Mine, request: Request, form: Posted) -> Response:
    def work(visit: Visit, form: Form) -> None:
        on = form.day("on")
        if on is None:
            raise UsageError("Say on which day the race is.")
        telling.race(visit.box, visit.me.id, on, _short(form.maybe("race_name")))

    return _do(visit, request, form, "race", work, "The race is noted.")


@router.post("/settings/race/remove")
def remove_race(visit: Mine, request: Request, form: Posted) -> Response:
    return _take_back(visit, request, form, "race", telling.remove_race)


def _short(name: str | None) -> str | None:
    if name and len(name) > 200:
        raise UsageError("A race's name has at most 200 letters.")
    return name


def _take_back(
    visit: Visit, request: Request, form: Form, part: str, remove: Callable[..., None]
) -> Response:
    def work(visit: Visit, form: Form) -> None:
        day = form.day("on")
        if day is None:
            raise UsageError("Say of which day.")
        remove(visit.box, visit.me.id, day)

    return _do(visit, request, form, part, work, "Removed.")


def _do(
    visit: Visit, request: Request, form: Form, part: str, work: Callable[[Visit, Form], None], done: str
) -> Response:
    """Do it and come back to that part of the page; what can't be is told there, with what was entered."""
    try:
        work(visit, form)
    except UsageError as error:
        return _page(visit, request, form, UsageError(on_a_page(str(error))), part)
    return go_to(visit, f"{PLACE}#{part}", done)
