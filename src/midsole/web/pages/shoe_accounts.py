"""Pairs that an account or an export knows: added here, linked or left out, and their totals beside ours."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import pairs, totals
from midsole.actions import shoes as actions
from midsole.actions.one_pair import find
from midsole.domain.errors import NotThere
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.visit import Mine, Visit

router = APIRouter()

PLACE = "/shoes/accounts"


@router.get(PLACE)
def accounts(visit: Mine, request: Request) -> Response:
    compared = totals.compare_all(visit.box, visit.me.id)
    return page(
        visit,
        request,
        "shoes_accounts.html",
        proposals=pairs.proposals(visit.box, visit.me.id),
        compared=[_compared(one, visit.me.units) for one in compared],
        mine=[(s.id, s.name) for s in actions.known(visit.box, visit.me.id)],
    )


def _compared(one: totals.Compared, units: str) -> dict[str, Any]:
    return {"shoe": one.shoe, "pair": one.pair, "totals": one.totals, "why": one.totals.sentences(units)}


@router.post(f"{PLACE}/accept")
def accept(visit: Mine, form: Posted) -> Response:
    """That pair, or all that wait, as pairs of one's own."""
    external_id = None if form["all"] else _waiting(visit, form)
    added = pairs.accept(visit.box, visit.me.id, external_id)
    return go_to(visit, PLACE, f"Added {', '.join(s.name for s in added) or 'nothing: no pair waits'}.")


@router.post(f"{PLACE}/link")
def link(visit: Mine, form: Posted) -> Response:
    external_id, ids = _waiting(visit, form), form.ids("shoe_id")
    mine = find(visit.box, visit.me.id, ids[0] if ids else 0)
    pair, shoe = pairs.link(visit.box, visit.me.id, external_id, mine.name)
    return go_to(visit, PLACE, f"{pair.name} there is {shoe.name} here.")


@router.post(f"{PLACE}/decline")
def decline(visit: Mine, form: Posted) -> Response:
    pair = pairs.decline(visit.box, visit.me.id, _waiting(visit, form))
    return go_to(visit, PLACE, f"{pair.name} is left out.")


def _waiting(visit: Visit, form: Form) -> str:
    known = {pair.external_id for pair, _ in pairs.proposals(visit.box, visit.me.id)}
    if form["external_id"] not in known:
        raise NotThere("No such pair waits for a word.")
    return form["external_id"]
