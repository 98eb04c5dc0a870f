"""Pairs: what each has worn, and adding, changing and retiring them."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Request, Response
from pydantic import Field, model_validator

from midsole.actions import assigning, shoes, views
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.shoes import LIMIT_M_BY_KIND
from midsole.web.api.answers import All, answer, items
from midsole.web.api.effects import Effects, told_to
from midsole.web.api.named import name_of
from midsole.web.api.who import Reader, Writer
from midsole.web.api.words import Day, Metres, Name, PathId, Price, Said, Text, Told, Tried
from midsole.web.visit import Visit

router = APIRouter(tags=["shoes"])


class DefaultFor(Told):
    sport: str
    surface: str | None


class Forecast(Told):
    """The days on which it will be worn out; one run in ten is outside p10 and one outside p90."""

    p10: str | None
    p50: str | None
    p90: str | None


class PastPair(Told):
    shoe: str
    distance_m: float


class Shoe(Told):
    id: int
    name: str
    model: str | None
    kind: str
    distance_m: float | None
    limit_m: float
    used_fraction: float | None
    start_m: float | None
    start_how: str
    worn_m: float
    runs: int
    steps: int | None
    everyday_steps: int | None
    everyday_m: float | None
    bought_on: str | None
    first_used_on: str | None
    first_worn_on: str | None
    last_worn_on: str | None
    retired_on: str | None
    retired_reason: str | None
    price: float | None
    cost_per_km: float | None
    share_of_rotation: float | None
    default_for: list[DefaultFor]
    forecast: Forecast
    missing: list[str]
    rest_days_median: float | None
    own_life: list[PastPair] | None
    own_life_limit_m: float | None
    runs_out_with: list[str]


type Kind = Annotated[str, Field(json_schema_extra={"enum": list(LIMIT_M_BY_KIND)}, max_length=20)]


class _Start(Said):
    """Of the worn distance before Midsole at most one is said: metres, since about when, or unknown."""

    start_m: Metres | None = None
    worn_since: Day | None = None
    start_unknown: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.start_m is not None) + (self.worn_since is not None) + self.start_unknown > 1:
            raise ValueError("say one of start_m, worn_since and start_unknown")
        return self

    def start(self) -> shoes.Start | None:
        if self.start_m is None and self.worn_since is None and not self.start_unknown:
            return None
        return shoes.Start(self.start_m, self.worn_since, self.start_unknown)

    def details(self) -> dict[str, Any]:
        """What was said beside the start."""
        told = self.given()
        return {name: value for name, value in told.items() if name not in _Start.model_fields}


class NewShoe(_Start):
    name: Name
    kind: Kind = "daily"
    model: Text | None = None
    limit_m: Metres | None = None
    bought_on: Day | None = None
    first_used_on: Day | None = None
    price: Price | None = None


class ShoeEdit(_Start):
    """What is not named stays."""

    name: Name | None = None
    kind: Kind | None = None
    model: Text | None = None
    limit_m: Metres | None = None
    bought_on: Day | None = None
    first_used_on: Day | None = None
    price: Price | None = None


class Retirement(Said):
    """The last day worn, else today; and why."""

    on: Day | None = None
    reason: Text | None = None


MUST_BE = ("name", "kind", "limit_m")


@router.get("/shoes", response_model=All[Shoe])
def list_shoes(request: Request, visit: Reader) -> Response:
    """Every pair in the order of adding, also the retired ones."""
    return items(request, views.shoes(visit.box, visit.me.id))


@router.get("/shoes/{shoe_id}", response_model=Shoe)
def show_shoe(request: Request, visit: Reader, shoe_id: PathId) -> Response:
    """One pair with its distance, limit and forecast."""
    return answer(request, _shown(visit, shoe_id))


def _shown(visit: Visit, shoe_id: int) -> dict[str, Any]:
    for row in views.shoes(visit.box, visit.me.id):
        if row["id"] == shoe_id:
            return row
    raise NotThere(f"There is no pair {shoe_id}. GET /api/v1/shoes lists them.")


@router.post("/shoes", response_model=Shoe, status_code=201)
def add_shoe(request: Request, visit: Writer, said: NewShoe) -> Response:
    """Add a pair; the first one becomes the default for running."""
    told = {key: value for key, value in said.details().items() if key not in ("name", "kind")}
    start = said.start() or shoes.Start()
    pair, _ = shoes.add_shoe(visit.box, visit.me.id, said.name, said.kind, start, **told)
    response = answer(request, _shown(visit, pair.id), 201)
    response.headers["location"] = f"/api/v1/shoes/{pair.id}"
    return response


@router.patch("/shoes/{shoe_id}", response_model=Shoe)
def edit_shoe(request: Request, visit: Writer, shoe_id: PathId, said: ShoeEdit) -> Response:
    """Change what was given about a pair; a null forgets a model, a day or a price."""
    name, changes, start = name_of(visit, shoe_id), said.details(), said.start()
    if not changes and start is None:
        raise UsageError('Say what to change, for example {"limit_m": 700000}.')
    empty = [key for key in MUST_BE if changes.get(key, ...) is None]
    if empty:
        raise UsageError(f"A pair can't be without {empty[0]}.")
    shoes.edit_shoe(visit.box, visit.me.id, name, start, **changes)
    return answer(request, _shown(visit, shoe_id))


@router.post("/shoes/{shoe_id}/retire", response_model=Shoe)
def retire_shoe(request: Request, visit: Writer, shoe_id: PathId, said: Retirement | None = None) -> Response:
    """Retire a pair: nobody wears it after that day. Its history stays."""
    told = said or Retirement()
    shoes.retire(visit.box, visit.me.id, name_of(visit, shoe_id), told.on, told.reason)
    return answer(request, _shown(visit, shoe_id))


@router.post("/shoes/{shoe_id}/unretire", response_model=Shoe)
def unretire_shoe(request: Request, visit: Writer, shoe_id: PathId) -> Response:
    """Take a pair into use again."""
    shoes.unretire(visit.box, visit.me.id, name_of(visit, shoe_id))
    return answer(request, _shown(visit, shoe_id))


@router.post("/shoes/{shoe_id}/claim", response_model=Effects)
def claim_runs(request: Request, visit: Writer, shoe_id: PathId, said: Tried | None = None) -> Response:
    """Put past runs without a pair on this one; with `preview` only tell which."""
    preview = said is not None and said.preview
    done = assigning.claim(visit.box, visit.me.id, name_of(visit, shoe_id), preview=preview)
    return answer(request, told_to(visit, done, preview=preview))


@router.delete("/shoes/{shoe_id}", status_code=204, response_class=Response)
def remove_shoe(visit: Writer, shoe_id: PathId) -> Response:
    """Remove a pair that nothing was worn in (entered by mistake)."""
    shoes.remove(visit.box, visit.me.id, name_of(visit, shoe_id))
    return Response(status_code=204)
