"""Insoles, orthotics and pads: listed, added, fitted into a pair, taken out, retired."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import inserts as actions
from midsole.actions import shoes as pairs
from midsole.actions.inserts import Fitted, Into
from midsole.actions.one_pair import find
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.inserts import KINDS, LIMIT_M, PAD, PLACEMENT, Fitting
from midsole.domain.letter import full_day, plain
from midsole.domain.units import distance
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.shoe_form import far, short
from midsole.web.shoe_words import said_m, wear
from midsole.web.visit import Mine, Visit

router = APIRouter()

PLACE = "/inserts"


@router.get(PLACE)
def inserts(visit: Mine, request: Request) -> Response:
    rows = actions.views(visit.box, visit.me.id)
    shown: list[dict[str, Any]] = [{"row": row, "wear": wear(row, visit.me)} for row in rows]
    return page(
        visit,
        request,
        "inserts.html",
        used=[one for one in shown if not one["row"]["retired_on"]],
        retired=[one for one in shown if one["row"]["retired_on"]],
        placement=PLACEMENT if any(r["kind"] == PAD and not r["retired_on"] for r in rows) else "",
        pair_names={name: number for number, name in _pairs(visit, also_retired=True)},
    )


def _pairs(visit: Visit, *, also_retired: bool = False) -> list[tuple[int, str]]:
    known = pairs.known(visit.box, visit.me.id)
    return [(s.id, s.name) for s in known if also_retired or s.retired_on is None]


def _row(visit: Visit, insert_id: int) -> dict[str, Any]:
    rows = actions.views(visit.box, visit.me.id)
    found = next((row for row in rows if row["id"] == insert_id), None)
    if found is None:
        raise NotThere("There is no such insert.")
    return found


# Add and correct


@router.get(f"{PLACE}/new")
def new(visit: Mine, request: Request) -> Response:
    return _new(visit, request, {"kind": KINDS[0], "start": "0"})


def _new(
    visit: Visit, request: Request, form: dict[str, str], error: str = "", status: int = 200
) -> Response:
    return page(visit, request, "inserts_new.html", status=status, form=form, error=error, **_choices(visit))


def _choices(visit: Visit) -> dict[str, Any]:
    return {
        "kinds": [(kind, kind.capitalize()) for kind in KINDS],
        "default_limit": plain(distance(LIMIT_M, visit.me.units)),
        "pairs": [("", "In no pair yet"), *_pairs(visit)],
    }


@router.post(f"{PLACE}/new")
def add(visit: Mine, request: Request, form: Posted) -> Response:
    try:
        told = _read(form, visit.me.units)
        name, kind = told.pop("name"), told.pop("kind")
        added, fitted = actions.add(visit.box, visit.me.id, name, kind, _into(visit, form), **told)
    except NotThere:
        raise
    except UsageError as error:
        return _new(visit, request, dict(form.plain()), str(error), 422)
    said = _fitted_words(fitted) if fitted else "Say which pair it lies in."
    return go_to(visit, f"{PLACE}/{added.id}", f"Added {added.name}. {said}")


def _read(form: Form, units: str) -> dict[str, Any]:
    kind = form["kind"]
    if kind not in KINDS:
        raise UsageError(f"There is no kind {kind!r}. Known: {', '.join(KINDS)}.")
    price = form.number("price")
    return {
        "name": short(form.text("name"), "A name"),
        "kind": kind,
        "limit_m": far(form, "limit", units) or LIMIT_M,
        "start_m": far(form, "start", units) or 0.0,
        "price": _price(price),
    }


def _price(price: float | None) -> float | None:
    if price is not None and price < 0:
        raise UsageError("A price can't be below 0.")
    return price


def _into(visit: Visit, form: Form) -> Into | None:
    """The pair that was chosen, and the days."""
    ids = form.ids("shoe_id") if form["shoe_id"] else []
    if not ids:
        return None
    shoe = find(visit.box, visit.me.id, ids[0])
    return Into(shoe.name, form.day("from_date"), form.day("until_date"))


@router.get(f"{PLACE}/{{insert_id:int}}")
def insert(visit: Mine, request: Request, insert_id: int) -> Response:
    return _insert(visit, request, insert_id)


def _insert(
    visit: Visit,
    request: Request,
    insert_id: int,
    form: Form | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    row, units = _row(visit, insert_id), visit.me.units
    filled = {
        "name": row["name"],
        "kind": row["kind"],
        "limit": said_m(row["limit_m"], units),
        "start": said_m(row["start_m"], units),
        "price": "" if row["price"] is None else f"{row['price']:g}",
    }
    return page(
        visit,
        request,
        "insert.html",
        status=status,
        row=row,
        wear=wear(row, visit.me),
        form=filled | (dict(form.plain()) if form else {}),
        error=error,
        placement=PLACEMENT if row["kind"] == PAD else "",
        pair_names={name: number for number, name in _pairs(visit, also_retired=True)},
        **_choices(visit),
    )


@router.post(f"{PLACE}/{{insert_id:int}}/edit")
def edit(visit: Mine, request: Request, insert_id: int, form: Posted) -> Response:
    row, units = _row(visit, insert_id), visit.me.units

    def do() -> str:
        told = _read(form, units)
        for name, metres in (("limit", "limit_m"), ("start", "start_m")):
            if form[name] == said_m(row[metres], units):
                del told[metres]
        differs = {key: value for key, value in told.items() if value != row[key]}
        if not differs:
            return "Nothing was changed."
        return f"{actions.edit(visit.box, visit.me.id, row['name'], **differs).name} is changed."

    return _try(visit, request, insert_id, form, do)


# Into a pair, out of it, out of use


@router.post(f"{PLACE}/{{insert_id:int}}/fit")
def fit(visit: Mine, request: Request, insert_id: int, form: Posted) -> Response:
    row = _row(visit, insert_id)

    def do() -> str:
        into = _into(visit, form)
        if into is None:
            raise UsageError("Choose the pair that it lies in.")
        return _fitted_words(actions.fit(visit.box, visit.me.id, row["name"], into))

    return _try(visit, request, insert_id, form, do)


def _fitted_words(fitted: Fitted) -> str:
    """Where it lies now, and what became of where it lay."""
    names, what = fitted.names, fitted.refitted
    said = [f"{fitted.insert.name} lies in the {names[what.now.shoe_id]} {_days(what.now)}."]
    if what.ended and what.ended.until_date:
        said.append(f"It lay in the {names[what.ended.shoe_id]} until {full_day(what.ended.until_date)}.")
    if what.follows:
        said.append(f"Then it lies in the {names[what.follows.shoe_id]} {_days(what.follows)}.")
    said += [f"No longer in the {names[gone.shoe_id]} {_days(gone)}." for gone in what.gone]
    return " ".join(said)


def _days(fitting: Fitting) -> str:
    first = f"from {full_day(fitting.from_date)}"
    return f"{first} to {full_day(fitting.until_date)}" if fitting.until_date else f"{first} on"


@router.post(f"{PLACE}/{{insert_id:int}}/take-out")
def take_out(visit: Mine, request: Request, insert_id: int, form: Posted) -> Response:
    row = _row(visit, insert_id)

    def do() -> str:
        insert, last = actions.take_out(visit.box, visit.me.id, row["name"], form.day("on"))
        return f"{insert.name} lies in no pair after {full_day(last)}; what it wore stays."

    return _try(visit, request, insert_id, form, do)


@router.post(f"{PLACE}/{{insert_id:int}}/retire")
def retire(visit: Mine, request: Request, insert_id: int, form: Posted) -> Response:
    row = _row(visit, insert_id)

    def do() -> str:
        on = form.day("on")
        if on and on > visit.me.today(visit.box.now()):
            raise UsageError("That day lies in the future: retire it when it is worn no more.")
        retired = actions.retire(visit.box, visit.me.id, row["name"], on)
        return f"{retired.name} is retired: its last day was {full_day(retired.retired_on)}."

    return _try(visit, request, insert_id, form, do)


@router.post(f"{PLACE}/{{insert_id:int}}/unretire")
def unretire(visit: Mine, insert_id: int) -> Response:
    back = actions.unretire(visit.box, visit.me.id, _row(visit, insert_id)["name"])
    return go_to(visit, f"{PLACE}/{insert_id}", f"{back.name} is in use again. Say which pair it lies in.")


@router.post(f"{PLACE}/{{insert_id:int}}/remove")
def remove(visit: Mine, request: Request, insert_id: int) -> Response:
    row = _row(visit, insert_id)
    try:
        actions.remove(visit.box, visit.me.id, row["name"])
    except UsageError:
        told = f"{row['name']} was worn: retire it instead."
        return _insert(visit, request, insert_id, None, told, 422)
    return go_to(visit, PLACE, f"{row['name']} is removed; no run was on it.")


def _try(visit: Visit, request: Request, insert_id: int, form: Form, do: Callable[[], str]) -> Response:
    """Do it and say so on the insert's page; what can't be is said there with the form as it was."""
    try:
        said = do()
    except NotThere:
        raise
    except UsageError as error:
        return _insert(visit, request, insert_id, form, str(error), 422)
    return go_to(visit, f"{PLACE}/{insert_id}", said)
