"""One run's page: what is known of it, where that came from, and everything that can be said of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import activities, assigning, one_run, recordings, shoes
from midsole.actions.assigning import Point
from midsole.actions.changes import Effects
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.rule_words import parse_duration
from midsole.domain.units import duration, parse_distance, unit_m
from midsole.domain.wearing import BAREFOOT
from midsole.web.choosing import Number, asked
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page, safe_back
from midsole.web.pages.runs import ASK, choices, name_of
from midsole.web.visit import Mine, Visit

router = APIRouter()

SMALL_BYTES = 200_000
"""The laps of a file so small are read at once; of a larger one when they are asked for."""
DISTANCE_FROM = {
    "session": "the total of the recording",
    "laps": "the sum of its laps",
    "records": "the last point of the recording",
    "gps": "the path by satellite, as the recording holds no distance",
    "source": "corrected in the account",
    "edit": "what you said",
    "none": "nobody: the recording holds none",
}
PLACES = (
    ("distance", "at a distance"),
    ("lap", "after a lap, by number"),
    ("time", "after a time, as 52:10"),
)
CHANGES = (1, 2)
"""How often pairs are changed in one run, as far as the page asks; the command line knows more."""


@router.get("/runs/{run_id:int}")
def run(visit: Mine, request: Request, run_id: Number) -> Response:
    return _page(visit, request, run_id, laps=asked(request)["laps"] == "yes")


def _page(
    visit: Visit,
    request: Request,
    run_id: int,
    *,
    error: UsageError | None = None,
    form: Form | None = None,
    effects: Effects | None = None,
    laps: bool = False,
) -> Response:
    found = one_run.one_run(visit.box, visit.me.id, run_id)
    return page(
        visit,
        request,
        "run.html",
        status=422 if error else 200,
        error=error,
        run=found,
        form=form,
        effects=effects,
        edit=_edit_values(found, visit.me.units),
        others=one_run.beside(visit.box, visit.me.id, run_id),
        came_from=DISTANCE_FROM,
        places_of_change=PLACES,
        changes=CHANGES,
        **_laps(visit, found, wanted=laps),
        **choices(shoes.known(visit.box, visit.me.id)),
    )


def _laps(visit: Visit, found: dict[str, Any], *, wanted: bool) -> dict[str, Any]:
    """None: not asked for yet. What can't be read is said in words."""
    size = one_run.leader_bytes(visit.box, found)
    if size is None or (size > SMALL_BYTES and not wanted):
        return {"laps": None, "no_laps": "The file is not in Midsole's home." if size is None else ""}
    try:
        return {"laps": one_run.laps(visit.box, visit.me.id, found["id"]), "no_laps": ""}
    except UsageError as why:
        return {"laps": None, "no_laps": one_run.without_advice(str(why))}


def _edit_values(found: dict[str, Any], units: str) -> dict[str, str]:
    """As the form of edits shows them, and as it is compared with."""
    return {
        "title": found["title"] or "",
        "sport": found["sport"],
        "surface": found["surface"],
        "distance": f"{found['distance_m'] / unit_m(units):.2f}",
        "started": found["local_time"].strftime("%Y-%m-%dT%H:%M"),
        "time": duration(found["timer_s"]),
        "race": "on" if found["is_race"] else "",
    }


def _said(visit: Visit, request: Request, run_id: int, form: Form, do: Callable[[], str]) -> Response:
    """Do it and say so on the run's page; a refusal shows that page with its reason."""
    try:
        told = do()
    except NotThere:
        raise
    except UsageError as error:
        return _page(visit, request, run_id, error=error, form=form)
    return go_to(visit, safe_back(form, f"/runs/{run_id}"), told)


# Which pair


@router.post("/runs/{run_id:int}/shoe")
def shoe(visit: Mine, request: Request, run_id: Number, form: Posted) -> Response:
    """The one-tap answer: this pair, barefoot, or ask anew."""
    try:
        if form["shoe_id"] == ASK:
            effects = assigning.unassign(visit.box, visit.me.id, [run_id])
            told = "Asked anew."
        else:
            name = name_of(visit, form["shoe_id"])
            effects = assigning.assign(visit.box, visit.me.id, [run_id], [name])
            told = "None of your pairs." if name == BAREFOOT else f"Now on: {name}."
    except NotThere:
        raise
    except UsageError as error:
        return _page(visit, request, run_id, error=error, form=form)
    back = safe_back(form, f"/runs/{run_id}")
    return go_to(visit, back, told if effects.changed else "It stood so already.", undo=effects.set_id)


@router.post("/runs/{run_id:int}/parts")
def parts(visit: Mine, request: Request, run_id: Number, form: Posted) -> Response:
    """Pairs that were changed on the way: first what it would do."""
    try:
        names, points = _worn_in_parts(visit, form)
        preview, seen = form["do"] != "yes", form["seen"] or None
        effects = assigning.assign(
            visit.box, visit.me.id, [run_id], names, points, preview=preview, seen=None if preview else seen
        )
    except NotThere:
        raise
    except UsageError as error:
        return _page(visit, request, run_id, error=error, form=form)
    if preview:
        return _page(visit, request, run_id, form=form, effects=effects)
    return go_to(visit, f"/runs/{run_id}", f"Now on: {', then '.join(names)}.", undo=effects.set_id)


def _worn_in_parts(visit: Visit, form: Form) -> tuple[list[str], list[Point]]:
    names, points = [name_of(visit, form["pair-0"])], []
    for n in CHANGES:
        if form[f"at-{n}"]:
            points.append(_point(form[f"at-{n}"], form["by"], visit.me.units))
            names.append(name_of(visit, form[f"pair-{n}"]))
    if not points:
        raise UsageError("Say where the pairs were changed.")
    return names, points


def _point(said: str, by: str, units: str) -> Point:
    if by == "lap":
        if not said.isdecimal() or len(said) > 4:
            raise UsageError(f"{said!r} is no lap: write its number.")
        return Point(lap=int(said))
    return (
        Point(time_s=parse_duration(said)) if by == "time" else Point(distance_m=parse_distance(said, units))
    )


# What the runner says of it


@router.post("/runs/{run_id:int}/edit")
def edit(visit: Mine, request: Request, run_id: Number, form: Posted) -> Response:
    """Only what differs from what the form showed is said: another tab may have changed the rest since."""

    def do() -> str:
        found = one_run.one_run(visit.box, visit.me.id, run_id)
        stood = _edit_values(found, visit.me.units)
        before = stood | {n: form[f"was-{n}"] for n in stood if f"was-{n}" in form}
        sent = {
            n for n in before if n in form or (n == "race" and "title" in form)
        }  # an empty tick is not sent
        said = _fields(visit, form, {n for n in sent if form[n] not in (before[n], stood[n])})
        if not said:
            return "Nothing changed: it stood so already."
        activities.edit(visit.box, visit.me.id, run_id, **said)
        return "Changed."

    return _said(visit, request, run_id, form, do)


def _fields(visit: Visit, form: Form, other: set[str]) -> dict[str, Any]:
    """The fields of an edit, of those that are other than before."""
    said: dict[str, Any] = {name: form[name] for name in ("sport", "surface") if name in other}
    if "title" in other:
        said["title"] = form["title"]
    if "race" in other:
        said["is_race"] = form["race"] == "on"
    if "distance" in other:
        said["distance_m"] = form.distance("distance", visit.me.units)
        if said["distance_m"] is None:
            raise UsageError("Say how far it was; to count none of it, exclude it.")
    if "time" in other:
        said["timer_s"] = parse_duration(form.text("time", "The time"))
    if "started" in other:
        said["started_at"] = _moment(visit, form.text("started", "The start"))
    return said


def _moment(visit: Visit, said: str) -> datetime:
    try:
        clock = datetime.fromisoformat(said).replace(tzinfo=None)
        started_at = clock.replace(tzinfo=ZoneInfo(visit.me.zone_on(clock.date())))
    except ValueError:
        raise UsageError(f"{said!r} is no time: write it as 2026-11-20 07:30.") from None
    if not started_at.year >= 1990 or started_at > visit.box.now():
        raise UsageError("The start must lie between 1990 and now.")
    return started_at


@router.post("/runs/{run_id:int}/exclude")
def exclude(visit: Mine, request: Request, run_id: Number, form: Posted) -> Response:
    out = form["excluded"] == "yes"

    def do() -> str:
        activities.edit(visit.box, visit.me.id, run_id, excluded=out)
        return "It counts nowhere now; it is kept." if out else "It counts again."

    return _said(visit, request, run_id, form, do)


@router.post("/runs/{run_id:int}/confirm")
def confirm(visit: Mine, request: Request, run_id: Number, form: Posted) -> Response:
    right = form["confirmed"] != "no"

    def do() -> str:
        activities.edit(visit.box, visit.me.id, run_id, confirmed=right)
        return "It is right as recorded, and counts in full." if right else "It is doubted again."

    return _said(visit, request, run_id, form, do)


# What it is made of


@router.post("/runs/{run_id:int}/lead")
def lead(visit: Mine, request: Request, run_id: Number, form: Posted) -> Response:
    def do() -> str:
        (recording,) = form.ids("recording") or [0]
        activities.edit(visit.box, visit.me.id, run_id, lead=recording)
        return "That recording leads now."

    return _said(visit, request, run_id, form, do)


@router.post("/runs/{run_id:int}/split")
def split(visit: Mine, request: Request, run_id: Number, form: Posted) -> Response:
    def do() -> str:
        became = recordings.split(visit.box, visit.me.id, run_id, form.ids("recording"))
        return f"These are {len(became)} runs now. To take that back, join them again."

    return _said(visit, request, run_id, form, do)


@router.post("/runs/{run_id:int}/merge")
def merge(visit: Mine, request: Request, run_id: Number, form: Posted) -> Response:
    """The oldest number lives on: the page that is shown next is its."""
    try:
        ids = [run_id, *form.ids("other")]
        if len(ids) < 2:
            raise UsageError("Choose the other recording of this run first.")
        one, _ = recordings.merge(visit.box, visit.me.id, ids, anyway=form["anyway"] == "on")
    except NotThere:
        raise
    except UsageError as error:
        return _page(visit, request, run_id, error=error, form=form)
    return go_to(visit, f"/runs/{one.id}", "They are one run now, counted once. Splitting takes that back.")
