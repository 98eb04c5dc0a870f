"""What is known of a pair is corrected: its form, its all-day wear, its photo."""

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import assigning, everyday, photos
from midsole.actions import shoes as actions
from midsole.actions.one_pair import find
from midsole.domain.errors import UsageError
from midsole.domain.letter import full_day, plain
from midsole.domain.units import distance, percent
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.shoe_form import changes, filled, options, read_pair
from midsole.web.slowly import Slowly
from midsole.web.visit import Mine, Visit

router = APIRouter()

KEPT = "private, max-age=31536000, immutable"
ASKED_AGAIN = "private, no-cache"


@router.get("/shoes/{shoe_id:int}/edit")
def edit(visit: Mine, request: Request, shoe_id: int) -> Response:
    return _form(visit, request, shoe_id)


def _form(
    visit: Visit,
    request: Request,
    shoe_id: int,
    form: Form | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    """`form`: what was entered before the error, in whichever of the page's forms that was."""
    pair = find(visit.box, visit.me.id, shoe_id)
    entered = form.plain() if form else {}
    return page(
        visit,
        request,
        "shoe_edit.html",
        status=status,
        error=error,
        pair=pair,
        form=filled(pair, visit.me.units) | dict(entered),
        photo=photos.versions(visit.box, visit.me.id).get(shoe_id),
        **options(visit.me.units),
    )


@router.post("/shoes/{shoe_id:int}/edit")
def change(visit: Mine, request: Request, shoe_id: int, form: Posted) -> Response:
    box, me = visit.box, visit.me
    pair = find(box, me.id, shoe_id)
    try:
        told = read_pair(form, me.units)
        start, differs = changes(told, form, pair, me.units)
        if start is None and not differs:
            return go_to(visit, f"/shoes/{shoe_id}", "Nothing was changed.")
        changed = actions.edit_shoe(box, me.id, pair.name, start, **differs)
    except UsageError as error:
        return _form(visit, request, shoe_id, form, str(error), 422)
    if {"bought_on", "first_used_on"} & differs.keys() and assigning.claimable(box, me.id, changed.name):
        return go_to(visit, f"/shoes/{shoe_id}/claim", f"{changed.name} is changed.")
    return go_to(visit, f"/shoes/{shoe_id}", f"{changed.name} is changed.")


# All-day wear


@router.post("/shoes/{shoe_id:int}/everyday")
def wear_every_day(visit: Mine, request: Request, shoe_id: int, form: Posted) -> Response:
    pair = find(visit.box, visit.me.id, shoe_id)
    try:
        share = _share(form)
        found = everyday.take(visit.box, visit.me.id, pair.name, share, form.day("everyday_from"))
    except UsageError as error:
        return _form(visit, request, shoe_id, form, str(error), 422)
    since = full_day(found.worn.shoe.everyday_from)
    far = plain(distance(found.worn.everyday_m, visit.me.units))
    steps = f"{found.worn.everyday_steps:,} steps, about {far}" if found.worn.everyday_m else "none known yet"
    said = f"{pair.name} takes {percent(share)} of your daily steps from {since} on. So far: {steps}."
    return go_to(visit, f"/shoes/{shoe_id}", said)


def _share(form: Form) -> float:
    match = re.fullmatch(r"(\d{1,3})\s*%?", form["everyday_share"])
    if match is None or not 1 <= int(match[1]) <= 100:
        raise UsageError("Say in whole per cent how much of the daily steps it takes, from 1 to 100.")
    return int(match[1]) / 100


@router.post("/shoes/{shoe_id:int}/everyday/off")
def not_every_day(visit: Mine, request: Request, shoe_id: int) -> Response:
    pair = find(visit.box, visit.me.id, shoe_id)
    try:
        found = everyday.take_none(visit.box, visit.me.id, pair.name)
    except UsageError as error:
        return _form(visit, request, shoe_id, None, str(error), 422)
    said = f"{pair.name} takes no daily steps any more."
    if found.worn.everyday_m:
        far = plain(distance(found.worn.everyday_m, visit.me.units))
        said += f" About {far} all-day wear is off its distance; to keep it, add it to the start distance."
    return go_to(visit, f"/shoes/{shoe_id}/edit", said)


# Its photo


@router.get("/shoes/{shoe_id:int}/photo")
def photo(visit: Mine, request: Request, shoe_id: int) -> Response:
    """Always WebP, as it was made here; under its version it never changes."""
    find(visit.box, visit.me.id, shoe_id)
    found = photos.photo(visit.box, visit.me.id, shoe_id)
    named = request.query_params.get("v") == found.version
    headers = {
        "ETag": f'"{found.version}"',
        "Cache-Control": KEPT if named else ASKED_AGAIN,
        "Vary": "Cookie",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found.image, media_type=photos.WEBP, headers=headers)


@router.post("/shoes/{shoe_id:int}/photo", dependencies=[Slowly])
def put_photo(visit: Mine, request: Request, shoe_id: int, form: Posted) -> Response:
    find(visit.box, visit.me.id, shoe_id)
    chosen = form.file("photo")
    try:
        if chosen is None:
            raise UsageError("Choose a photo first.")
        photos.put(visit.box, visit.me.id, shoe_id, chosen.file.read(photos.MOST_BYTES + 1))
    except UsageError as error:
        return _form(visit, request, shoe_id, None, str(error), 422)
    return go_to(
        visit, f"/shoes/{shoe_id}", "The photo is there, made small, and without where it was taken."
    )


@router.post("/shoes/{shoe_id:int}/photo/remove")
def remove_photo(visit: Mine, shoe_id: int) -> Response:
    photos.remove(visit.box, visit.me.id, shoe_id)
    return go_to(visit, f"/shoes/{shoe_id}/edit", "The photo is removed.")
