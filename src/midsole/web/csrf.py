"""Forms of ours alone: a token in each, bound to the browser, checked before anything is changed."""

from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Annotated

from fastapi import Depends, Request

from midsole.web.door import UPLOADS, is_own_origin
from midsole.web.forms import KNOWN, form_of
from midsole.web.visit import Forbidden, Visit, visiting

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
STALE = "This form is too old, or was sent from another page. Go back, load the page again and send it again."
PURPOSE = "form"


def form_token(visit: Visit) -> str:
    """Another one each time, so that nothing is learnt from the size of compressed pages."""
    salt = token_hex(6)
    return f"{salt}.{visit.box.secrets.seal(PURPOSE, salt + visit.visit_id)}"


def is_form_token(visit: Visit, token: str) -> bool:
    salt, _, mark = token.partition(".")
    return not visit.fresh and visit.box.secrets.is_sealed(PURPOSE, salt + visit.visit_id, mark)


async def guarded(request: Request, visit: Annotated[Visit, Depends(visiting)]) -> AsyncIterator[None]:
    """The dependency of every router of pages: what is not a read must come from a form of ours.

    The token comes in the header, the address, else the form; an upload is refused before it is read."""
    try:
        if request.method not in SAFE:
            await _check(request, visit)
        yield
    finally:
        await request.close()  # files that came with a form


async def _check(request: Request, visit: Visit) -> None:
    setattr(request.state, KNOWN, visit.runner is not None)
    token = request.headers.get("x-csrf-token") or request.query_params.get("csrf")
    if token is None and not request.url.path.startswith(UPLOADS):
        said = (await form_of(request)).get("csrf")
        token = said if isinstance(said, str) else ""
    if not is_own_origin(visit.house, request) or not is_form_token(visit, token or ""):
        raise Forbidden(STALE)
