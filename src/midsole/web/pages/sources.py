"""Sources: every way in and how it does, folders, and files that could not be read."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import files, sources
from midsole.domain.errors import MidsoleError, NotThere, UsageError
from midsole.web.forms import LARGEST_ID, Form, Posted
from midsole.web.page import go_to, page
from midsole.web.pages import garmin
from midsole.web.slowly import Slowly
from midsole.web.visit import Forbidden, Mine, Visit

router = APIRouter()
router.include_router(garmin.router)
PLACE = "/settings/sources"
FILES = f"{PLACE}/files"
PER_PAGE = 50
OWNER_ONLY = (
    "Only the owner of this Midsole may connect folders of its disk. "
    "Upload your files, or connect your account."
)


@router.get(PLACE)
def listed(visit: Mine, request: Request) -> Response:
    return _sources(visit, request)


def _sources(
    visit: Visit, request: Request, form: Form | None = None, error: MidsoleError | None = None
) -> Response:
    return page(
        visit,
        request,
        "sources.html",
        status=422 if error else 200,
        error=error,
        found=sources.overview(visit.box, visit.me.id),
        folder=form["folder"] if form else "",
        is_owner=visit.is_owner,
    )


@router.post(f"{PLACE}/folder", dependencies=[Slowly])
def connect_folder(visit: Mine, request: Request, form: Posted) -> Response:
    """Who may name any folder could read what lies in it: that is the owner's alone."""
    if not visit.is_owner:
        raise Forbidden(OWNER_ONLY)
    try:
        place, count = sources.connect_folder(visit.box, visit.me.id, form.text("folder"))
    except MidsoleError as error:
        return _sources(visit, request, form, error)
    found = "1 file is" if count == 1 else f"{count} files are"
    come = f"{found} in it and comes in with the next look" if count == 1 else f"{found} in it"
    return go_to(visit, PLACE, f"{place} is watched now; {come}.")


@router.post(PLACE + "/{connection_id}/look")
def look(visit: Mine, request: Request, connection_id: int) -> Response:
    try:
        name = sources.look_soon(visit.box, visit.me.id, _known(connection_id))
    except NotThere:
        raise
    except UsageError as error:
        return _sources(visit, request, None, error)
    return go_to(visit, PLACE, f"{name} is read within half a minute, where the worker runs.")


@router.post(PLACE + "/{connection_id}/disconnect")
def disconnect(visit: Mine, connection_id: int) -> Response:
    name = sources.disconnect(visit.box, visit.me.id, _known(connection_id))
    return go_to(visit, PLACE, f"{name} is not looked at any more. What came from it stays.")


def _known(number: int) -> int:
    if not 0 < number <= LARGEST_ID:
        raise NotThere("There is no such source.")
    return number


# Files that could not be read


@router.get(FILES)
def unread(visit: Mine, request: Request, before: int | None = None) -> Response:
    return _files(visit, request, before)


def _files(
    visit: Visit, request: Request, before: int | None = None, error: UsageError | None = None
) -> Response:
    last = None if before is None else max(0, min(before, LARGEST_ID))
    found, more = files.listing_before(visit.box, visit.me.id, last, PER_PAGE, bad=True)
    return page(
        visit,
        request,
        "sources_files.html",
        status=422 if error else 200,
        error=error,
        files=found,
        is_first=last is None,
        more=more[0] if more else None,
    )


@router.post(FILES, dependencies=[Slowly])
def settle_files(visit: Mine, request: Request, form: Posted) -> Response:
    box, me = visit.box, visit.me.id
    try:
        ids = form.ids("file")
        if not ids:
            raise UsageError("Tick the files first.")
        if form["do"] == "ignore":
            return go_to(
                visit, FILES, _counted(len(files.ignore(box, me, ids)), "rests now and is named no more")
            )
        became = files.retry(box, me, ids)
    except NotThere:
        raise
    except UsageError as error:
        return _files(visit, request, None, error)
    still = sum(one["cause"] == "failed" for one in became)
    said = _counted(len(became) - still, "could be read now") if still < len(became) else ""
    left = _counted(still, "still can't be read") if still else ""
    return go_to(visit, FILES, f"{said} {left}".strip())


def _counted(count: int, singular: str) -> str:
    if count == 1:
        return f"1 file {singular}."
    return f"{count} files {singular.replace('rests', 'rest').replace('is named', 'are named')}."
