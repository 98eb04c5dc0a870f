"""Who asks: a runner by session, token or trusted proxy, the person at this very machine, or a stranger."""

from dataclasses import dataclass, field, replace
from secrets import token_urlsafe
from typing import Annotated

from fastapi import Depends, Request

from midsole.actions import entering
from midsole.actions.box import Box, Runner
from midsole.web.door import House, is_at_this_machine, named_by_proxy

SESSION_COOKIE = "midsole"
VISIT_COOKIE = "midsole_visit"
BEARER = "bearer "


class LoginNeeded(Exception):
    """A stranger asked for what is a runner's: pages lead to the log-in, the API answers 401."""


class Forbidden(Exception):
    """Known, but not allowed to do this; the text says why."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. `how` is session, token, proxy, here (no password needed) or nobody."""

    box: Box
    house: House
    path: str
    how: str = "nobody"
    runner: Runner | None = None
    session_id: int | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)
    visit_id: str = ""
    """What tokens of forms are bound to: a random cookie of this browser."""
    fresh: bool = False
    """The cookie has yet to be given."""
    open_house: bool = False
    """At this machine, and nobody has a password: the visitor may be any runner."""

    unknown: str = ""
    """Whom the trusted proxy named, where nobody here is called so."""

    @property
    def me(self) -> Runner:
        """Whose visit it is; a stranger's ends here."""
        if self.unknown:
            raise Forbidden(f"No runner here has the name or mail address {self.unknown[:100]!r}.")
        if self.runner is None:
            raise LoginNeeded
        return self.runner

    @property
    def may_read_health(self) -> bool:
        """A runner on a page sees all that is theirs; a token only what its scopes name."""
        return self.how != "token" or "health" in self.scopes

    @property
    def is_owner(self) -> bool:
        return self.runner is not None and entering.is_owner(self.box, self.runner.id)


def visiting(request: Request) -> Visit:
    """The visit of this request, whoever it is."""
    house: House = request.app.state.house
    known = request.cookies.get(VISIT_COOKIE, "")
    visit = Visit(
        box=house.box,
        house=house,
        path=request.url.path,
        visit_id=known or token_urlsafe(16),
        fresh=not known,
    )
    return (
        _by_token(visit, request)
        or _by_proxy(visit, request)
        or _by_session(visit, request)
        or _by_place(visit, request)
    )


def _by_token(visit: Visit, request: Request) -> Visit | None:
    """A request that shows a token is nobody else's, even if it also has a cookie."""
    said = request.headers.get("authorization", "")
    if not said.lower().startswith(BEARER):
        return None
    known = entering.by_token(visit.box, said[len(BEARER) :].strip())
    if known is None:
        return visit
    return replace(visit, how="token", runner=known.runner, scopes=known.scopes)


def _by_proxy(visit: Visit, request: Request) -> Visit | None:
    """Whoever logged in there is that one here, also in a browser where another one logged in before."""
    name = named_by_proxy(visit.house, request)
    if name is None:
        return None
    runner = entering.named(visit.box, name)
    return replace(visit, how="proxy", runner=runner) if runner else replace(visit, unknown=name)


def _by_session(visit: Visit, request: Request) -> Visit | None:
    token = request.cookies.get(SESSION_COOKIE)
    known = entering.by_session(visit.box, token) if token else None
    if known is None:
        return None
    here = known.is_open and is_at_this_machine(visit.house, request)
    if known.without_password and not here:
        return None
    return replace(visit, how="session", runner=known.runner, session_id=known.id, open_house=here)


def _by_place(visit: Visit, request: Request) -> Visit:
    host = entering.host(visit.box) if is_at_this_machine(visit.house, request) else None
    return visit if host is None else replace(visit, how="here", runner=host, open_house=True)


def signed_in(visit: Annotated[Visit, Depends(visiting)]) -> Visit:
    """A runner's visit to a page; API tokens open the API alone."""
    if visit.how == "token":
        raise LoginNeeded
    return replace(visit, runner=visit.me)


type Anyone = Annotated[Visit, Depends(visiting)]
"""The parameter of a page that strangers may see."""
type Mine = Annotated[Visit, Depends(signed_in)]
"""The parameter of a page that is a runner's: `visit.me` is whose."""
