"""The pairs: those in use as cards, those that may be retired, how they take turns, and a new one."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import assigning, bring, one_pair, pairs, photos, rotation, views
from midsole.actions import shoes as actions
from midsole.domain.errors import UsageError
from midsole.domain.rotation import together_words
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.shoe_form import default_of, options, read_pair
from midsole.web.shoe_words import default_words, wear
from midsole.web.visit import Mine, Visit

router = APIRouter()


@router.get("/shoes")
def shoes(visit: Mine, request: Request) -> Response:
    rows = views.shoes(visit.box, visit.me.id)
    turns = rotation.turns(visit.box, visit.me.id)
    today = visit.me.today(visit.box.now())
    return page(
        visit,
        request,
        "shoes.html",
        cards=_cards(visit, [row for row in rows if not row["retired_on"]], turns),
        retired=_retired(visit, rows),
        idle=one_pair.idle(visit.box, visit.me.id, rows, today),
        turns=turns,
        together=[
            together_words(both["names"], [date.fromisoformat(day) for day in both["days"]])
            for both in turns["run_out_together"]
        ],
        proposals=len(pairs.proposals(visit.box, visit.me.id)),
    )


def _cards(visit: Visit, rows: list[dict[str, Any]], turns: dict[str, Any]) -> list[dict[str, Any]]:
    """The most worn first, as they are what something is to be done about."""
    lately = {turn["id"]: turn for turn in turns["pairs"]}
    versions = photos.versions(visit.box, visit.me.id)
    cards = [
        {
            "row": row,
            "wear": wear(row, visit.me, lately[row["id"]]["distance_m"] if row["id"] in lately else 0.0),
            "share": lately[row["id"]]["share"] if row["id"] in lately else None,
            "photo": versions.get(row["id"]),
            "defaults": default_words(row["default_for"]),
        }
        for row in rows
    ]
    return sorted(cards, key=lambda card: -(card["row"]["used_fraction"] or 0.0))


def _retired(visit: Visit, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest first."""
    found = [{"row": row, "wear": wear(row, visit.me)} for row in rows if row["retired_on"]]
    return sorted(found, key=lambda one: one["row"]["retired_on"], reverse=True)


@router.get("/shoes/new")
def new(visit: Mine, request: Request) -> Response:
    return _new(visit, request, {"kind": "daily", "start_how": "known", "start": "0"})


def _new(
    visit: Visit, request: Request, form: Form | dict[str, str], error: str = "", status: int = 200
) -> Response:
    filled = form.plain() if isinstance(form, Form) else form
    values = options(visit.me.units) | {"form": filled, "error": error}
    first = not actions.known(visit.box, visit.me.id)
    return page(visit, request, "shoes_new.html", status=status, first=first, **values)


@router.post("/shoes/new")
def add(visit: Mine, request: Request, form: Posted) -> Response:
    """The new pair; where it may claim past runs, that is shown next."""
    box, me = visit.box, visit.me
    try:
        told = read_pair(form, me.units)
        default = default_of(form)
        pair, first = actions.add_shoe(
            box, me.id, told.name, told.kind, told.start or actions.Start(), **told.details
        )
    except UsageError as error:
        return _new(visit, request, form, str(error), 422)
    said = f"Added {pair.name}."
    if first:
        said += " As your first pair it is the default for running."
    if default is not None:
        actions.set_default(box, me.id, pair.name, *default)
        said += f" It is the default for {default.words}."
    if assigning.claimable(box, me.id, pair.name):
        return go_to(visit, f"/shoes/{pair.id}/claim", said)
    return go_to(visit, f"/shoes/{pair.id}", said)


@router.post("/shoes/import")
def import_list(visit: Mine, request: Request, form: Posted) -> Response:
    """The pairs of a spreadsheet, as `midsole shoes import` adds them."""
    chosen = form.file("list")
    if chosen is None:
        return _new(visit, request, form, "Choose a CSV file with your pairs first.", 422)
    with TemporaryDirectory() as folder:
        place = Path(folder) / "pairs.csv"
        place.write_bytes(chosen.file.read(bring.LARGEST_FILE + 1))
        try:
            brought = bring.bring_shoes(visit.box, visit.me.id, place)
        except UsageError as error:
            told = str(error).replace(str(place), "The file")
            return _new(visit, request, form, told, 422)
    return go_to(visit, "/shoes", _brought_words(brought))


def _brought_words(brought: bring.Brought) -> str:
    count = len(brought.added)
    said = f"Added {count} {'pair' if count == 1 else 'pairs'}{_named(brought.added)}."
    if brought.default:
        said += f" {brought.default} is the default for running."
    if brought.known:
        said += f" Here already: {len(brought.known)}."
    return said + "".join(f" Line {line}: {why}" for line, why in brought.bad[:5])


def _named(names: list[str]) -> str:
    return f": {', '.join(names)}" if 0 < len(names) <= 5 else ""
