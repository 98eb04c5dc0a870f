"""First run: three questions, each of which may be left open, then the first source or the demo."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import demo, logging_in, setup, shoes, sync
from midsole.domain.errors import UsageError
from midsole.domain.page_words import on_a_page
from midsole.domain.shoes import LIMIT_M_BY_KIND
from midsole.web.forms import Form, Posted
from midsole.web.letting_in import device_of, let_in
from midsole.web.page import go_to, page
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/welcome"
UNNAMED = "me"
"""What a new home calls its first runner."""
LEADS_TO = {"garmin": "/settings/sources", "upload": "/uploads"}


@router.get(PLACE)
def welcome(visit: Mine, request: Request) -> Response:
    if visit.me.is_demo:
        return go_to(visit, "/", "This is the demo. Set yourself up on your own pages.")
    return _page(visit, request)


def _page(
    visit: Visit, request: Request, form: Form | None = None, error: UsageError | None = None
) -> Response:
    values = _known(visit) | dict(form.plain() if form else {})
    return page(
        visit,
        request,
        "welcome.html",
        status=422 if error else 200,
        error=error,
        values=values,
        zones=setup.zones(),
        kinds=[(kind, kind.capitalize()) for kind in LIMIT_M_BY_KIND],
        pairs=[pair.name for pair in shoes.known(visit.box, visit.me.id) if not pair.retired_on],
        may_see_demo=visit.open_house,
        demo=demo.find(visit.box),
        inbox=visit.box.inbox if visit.is_owner else None,
    )


def _known(visit: Visit) -> dict[str, Any]:
    me = visit.me
    empty = dict.fromkeys(("folder", "shoe", "start", "since", "source", "longest", "usual"), "")
    return {
        **empty,
        "name": "" if me.name == UNNAMED else me.name,
        "zone": me.zone_on(me.today(visit.box.now())),
        "units": me.units,
        "kind": "daily",
    }


@router.post(PLACE)
def answer(visit: Mine, request: Request, form: Posted) -> Response:
    if visit.me.is_demo:
        raise UsageError("This is the demo. Set yourself up on your own pages.")
    try:
        said = _answer(visit, form)
    except UsageError as error:
        return _page(visit, request, form, UsageError(on_a_page(str(error))))
    if form["source"] == "demo":
        return _show_demo(visit, request)
    place = LEADS_TO.get(form["source"], "/")
    return go_to(visit, place, " ".join(said))


def _answer(visit: Visit, form: Form) -> list[str]:
    """What was left open stays as it is; everything is read before anything is written."""
    me, units = visit.me, form["units"] or visit.me.units
    zone = form.maybe("zone")
    start = _start(form, units)
    folder = form.maybe("folder") if form["source"] == "folder" else None
    if form["source"] == "folder" and folder is None:
        raise UsageError("Say which folder your files come to, or choose another way.")
    if folder and not visit.is_owner:
        raise UsageError("Only the owner of this Midsole can connect a folder of the computer.")
    changed: dict[str, Any] = {
        "name": form.maybe("name") or me.name,
        "units": units,
        **_begin(visit, form, units),
    }
    moved = zone is not None and zone != me.zone_on(me.today(visit.box.now()))
    setup.edit_runner(visit.box, me.id, zone=zone if moved else None, **changed)
    said = [*_add_shoe(visit, form, start), *_connect(visit, folder)]
    return [f"Welcome{'' if changed['name'] == UNNAMED else f', {changed["name"]}'}.", *said]


def _begin(visit: Visit, form: Form, units: str) -> dict[str, Any]:
    """What warnings and caps rest on while history is short."""
    told = {
        "start_longest_m": form.distance("longest", units),
        "start_usual_week_m": form.distance("usual", units),
    }
    given = {name: metres for name, metres in told.items() if metres}
    return given | ({"start_said_on": visit.me.today(visit.box.now())} if given else {})


def _start(form: Form, units: str) -> shoes.Start:
    metres, since = form.distance("start", units), form.day("since")
    if metres is not None and since is not None:
        raise UsageError("Say either how far the pair has gone, or since when you wear it.")
    return shoes.Start(known_m=metres, worn_since=since, unknown=metres is None and since is None)


def _add_shoe(visit: Visit, form: Form, start: shoes.Start) -> list[str]:
    name = form.maybe("shoe")
    known = {pair.name.casefold() for pair in shoes.known(visit.box, visit.me.id)}
    if name is None or name.strip().casefold() in known:
        return []
    pair, first = shoes.add_shoe(visit.box, visit.me.id, name, form["kind"] or "daily", start)
    return [f"{pair.name} is added{' and is what your runs wear from now on' if first else ''}."]


def _connect(visit: Visit, folder: str | None) -> list[str]:
    if folder is None:
        return []
    _, files = sync.connect_folder(visit.box, visit.me.id, Path(folder))
    found = "1 file" if files == 1 else f"{files} files"
    return [f"The folder is connected: {found} found, which come in with the next look."]


# The demo


@router.post(f"{PLACE}/demo")
def show_demo(visit: Mine, request: Request) -> Response:
    return _show_demo(visit, request)


def _show_demo(visit: Visit, request: Request) -> Response:
    """Made where there is none, and entered; only where anybody at this machine may be any runner."""
    if not visit.open_house:
        raise UsageError("The demo can be seen only at this machine, and while nobody has a password.")
    me = visit.me
    made = demo.make(visit.box, me.zone_on(me.today(visit.box.now())), me.units)
    token = logging_in.choose(visit.box, made.id, device_of(request))
    return let_in(visit, request, token, "/", "This is the demo: two made-up years of a made-up runner.")


@router.post(f"{PLACE}/demo/remove")
def remove_demo(visit: Mine) -> Response:
    """By the demo itself, or by the owner; whoever looked at it is back on their own pages."""
    if not (visit.me.is_demo or visit.is_owner):
        raise UsageError("Only the owner of this Midsole removes the demo.")
    gone = demo.remove(visit.box)
    return go_to(visit, "/", "The demo is removed." if gone else "There is no demo.")
