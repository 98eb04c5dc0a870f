"""Forms of ours alone: a token in each, bound to the browser, checked before anything is changed."""

from secrets import token_hex
from typing import Annotated

from fastapi import Depends, Request

from midsole.web.door import is_own_origin
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


async def guarded(request: Request, visit: Annotated[Visit, Depends(visiting)]) -> None:
    """The dependency of every router of pages: what is not a read must come from a form of ours.

    The token comes in the header, for large uploads in the address, else in the form."""
    if request.method in SAFE:
        return
    if not is_own_origin(visit.house, request):
        raise Forbidden(STALE)
    token = request.headers.get("x-csrf-token") or request.query_params.get("csrf")
    if token is None:
        said = (await request.form(max_files=20, max_fields=20_000)).get("csrf")
        token = said if isinstance(said, str) else ""
    if not is_form_token(visit, token):
        raise Forbidden(STALE)
