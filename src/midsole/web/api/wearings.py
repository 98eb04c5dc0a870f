"""Who wore what: many activities at once, what waits for a word, rules, and taking a change back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from midsole.actions import assigning, changes, shapes, shoe_rules, waiting
from midsole.domain.errors import UsageError
from midsole.web.api.answers import All, Page, Paged, answer, cut, items, page
from midsole.web.api.effects import Effects, Many, points_of, told_to
from midsole.web.api.named import names_of
from midsole.web.api.who import Reader, Writer
from midsole.web.api.words import Day, Id, Ids, PathId, Said, Share, Told, Tried

router = APIRouter(tags=["wearings"])


class Guess(Told):
    shoe: int
    shoe_name: str
    probability: float


class Waiting(Told):
    """An activity whose pair nobody knows, or not surely, and what was guessed, the likeliest first."""

    id: int
    local_date: str
    title: str | None
    sport: str
    surface: str
    distance_m: float
    guesses: list[Guess]


class ChangeSet(Told):
    id: int
    made_at: str
    what: str
    undoes: int | None
    undone_at: str | None
    activities: int


class Circle(Told):
    lat: float
    lon: float
    radius_m: float


type Condition = str | float | bool | list[str] | list[int] | Circle


class ShoeRule(Told):
    """The first that fits answers; `conditions` holds only what is asked."""

    number: int
    shoe_id: int
    shoe_name: str
    words: str
    conditions: dict[str, Condition]
    from_date: str
    retired_on: str | None
    rests: bool
    dressed: int


class Accepted(Said):
    """Either these activities, or all that wait with a guess as sure as `at_least`."""

    ids: Ids | None = None
    at_least: Share | None = None
    preview: bool = False


class Days(Said):
    """Both days belong to the span."""

    since: Day | None = None
    until: Day | None = None
    preview: bool = False


class Ruled(Days):
    """Only the rule of that number, else all."""

    number: Id | None = None


@router.post("/wearings", response_model=Effects)
def say_many(request: Request, visit: Writer, said: Many) -> Response:
    """Say which pair many activities wore; with `preview` only tell what that would do."""
    names, points = names_of(visit, said.shoe_ids), points_of(said)
    done = assigning.assign(
        visit.box, visit.me.id, said.ids, names, points, silent=len(said.ids) > 1, preview=said.preview
    )
    return answer(request, told_to(visit, done, preview=said.preview))


@router.post("/wearings/accept", response_model=Effects)
def accept_guesses(request: Request, visit: Writer, said: Accepted) -> Response:
    """The likeliest pair was worn: of these activities, or of all that wait."""
    if (said.ids is None) is (said.at_least is None):
        raise UsageError("Say either ids or at_least.")
    chosen = said.ids or waiting.guessed(visit.box, visit.me.id, said.at_least or 0.0)
    if not chosen:
        raise UsageError("No run that waits has such a guess.")
    silent = said.ids is None
    done = assigning.accept(visit.box, visit.me.id, chosen, silent=silent, preview=said.preview)
    return answer(request, told_to(visit, done, preview=said.preview))


@router.post("/wearings/ask-anew", response_model=Effects)
def ask_anew(request: Request, visit: Writer, said: Days) -> Response:
    """Ask rules, guess and defaults anew for past activities; what you or the account said stays."""
    done = assigning.ask_anew(visit.box, visit.me.id, said.since, said.until, preview=said.preview)
    return answer(request, told_to(visit, done, preview=said.preview))


@router.get("/waiting", response_model=All[Waiting])
def list_waiting(request: Request, visit: Reader) -> Response:
    """Activities that wait for a pair, the surest guess first."""
    return items(request, waiting.inbox(visit.box, visit.me.id))


@router.get("/changes", response_model=Page[ChangeSet])
def list_changes(request: Request, visit: Reader, asked: Annotated[Paged, Query()]) -> Response:
    """Every change of who wore what, the newest first."""
    return page(request, *cut(changes.change_sets(visit.box, visit.me.id), asked, "id"))


@router.post("/changes/{change_id}/undo", response_model=Effects)
def undo_change(request: Request, visit: Writer, change_id: PathId, said: Tried | None = None) -> Response:
    """Take a change back, where nothing changed it since; the rest is named in `left`."""
    preview = said is not None and said.preview
    done = changes.undo(visit.box, visit.me.id, change_id, preview=preview)
    return answer(request, told_to(visit, done, preview=preview))


@router.get("/shoe-rules", response_model=All[ShoeRule])
def list_shoe_rules(request: Request, visit: Reader) -> Response:
    """Your rules for which pair a run wears, in the order they are asked."""
    rows = shoe_rules.listed(visit.box, visit.me.id)
    return items(request, [shapes.shoe_rule(one, visit.me.units) for one in rows])


@router.post("/shoe-rules/apply", response_model=Effects)
def apply_shoe_rules(request: Request, visit: Writer, said: Ruled) -> Response:
    """Dress the past by the rules; with `preview` only tell what that would do."""
    past = shoe_rules.Past(said.since, said.until, said.number)
    done = shoe_rules.apply(visit.box, visit.me.id, past, preview=said.preview)
    return answer(request, told_to(visit, done, preview=said.preview))
