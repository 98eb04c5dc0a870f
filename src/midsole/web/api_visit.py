"""Who asks the API, and whether that may be done: by a token with the scope, or as in a browser."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Annotated

from fastapi import Depends, Request

from midsole.actions.entering import SCOPES
from midsole.web.csrf import SAFE, STALE, is_form_token
from midsole.web.door import is_own_origin
from midsole.web.visit import Forbidden, Visit, visiting

HEADER = "x-csrf-token"
HEALTH = "health"


@cache
def wanting(scope: str) -> Callable[[Request, Visit], Visit]:
    """The dependency of an endpoint: the visit of a runner who may do what `scope` names.

    Only tokens are bound to scopes; what a browser sends by itself (a cookie, its place, the proxy's word)
    changes something only if one of our own pages sent it."""
    assert scope in SCOPES

    def wanted(request: Request, visit: Annotated[Visit, Depends(visiting)]) -> Visit:
        known = replace(visit, runner=visit.me)
        if known.how == "token":
            _check_scope(known, scope)
        elif request.method not in SAFE:
            _check_page(known, request)
        if scope == HEALTH:
            keep_nowhere(request)
        return known

    return wanted


def keep_nowhere(request: Request) -> None:
    """What is answered speaks of somebody's body: also who asked is to keep no copy that outlives it here."""
    request.state.kept_nowhere = True


def _check_scope(visit: Visit, scope: str) -> None:
    if scope not in visit.scopes:
        raise Forbidden(f"This token lacks the scope {scope!r}. Make another one at /settings/security.")


def _check_page(visit: Visit, request: Request) -> None:
    """At this machine without a password a program needs no form: it could read the files as well."""
    if not is_own_origin(visit.house, request):
        raise Forbidden(STALE)
    if visit.how != "here" and not is_form_token(visit, request.headers.get(HEADER, "")):
        raise Forbidden(STALE)
