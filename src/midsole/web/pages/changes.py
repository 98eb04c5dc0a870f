"""The change log: every change of who wore what, and taking one back."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import changes as log
from midsole.actions.changes import Effects
from midsole.domain.errors import NotThere, UsageError
from midsole.web.choosing import Number, asked, page_of
from midsole.web.forms import Posted
from midsole.web.page import go_to, page, safe_back
from midsole.web.visit import Mine

router = APIRouter()

PAGE = 50


@router.get("/changes")
def changes(visit: Mine, request: Request) -> Response:
    form = asked(request)
    rows = log.change_sets(visit.box, visit.me.id)
    pages = max(1, -(-len(rows) // PAGE))
    shown = min(page_of(form), pages)
    part = rows[(shown - 1) * PAGE : shown * PAGE]
    return page(visit, request, "changes.html", rows=part, page=shown, pages=pages)


@router.post("/changes/{change_id}/undo")
def undo(visit: Mine, form: Posted, change_id: Number) -> Response:
    """What can't be taken back is named on the next page, as is why."""
    back = safe_back(form, "/changes")
    try:
        effects = log.undo(visit.box, visit.me.id, change_id)
    except NotThere:
        raise
    except UsageError as refusal:
        return go_to(visit, back, str(refusal).partition(" See `")[0])
    return go_to(visit, back, _taken_back(effects), undo=effects.set_id)


def _taken_back(effects: Effects) -> str:
    count, left = len(effects.changed), effects.left
    said = "1 activity is as before." if count == 1 else f"{count:,} activities are as before."
    if not count:
        said = "Nothing could be taken back." if left else "It is as before."
    named = [f"{a.local_date} {why}" for a, why in left[:3]]
    more = f" and {len(left) - 3} more" if len(left) > 3 else ""
    return f"{said} Left as they are: {'; '.join(named)}{more}." if left else said
