"""Around the pairs: inserts, how pairs take turns, how long they last, and what accounts tell of them."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from midsole.actions import inserts, pairs, rotation, shapes, totals
from midsole.web.api.answers import All, answer, items
from midsole.web.api.shoes import Forecast
from midsole.web.api.who import Reader
from midsole.web.api.words import Told

router = APIRouter(tags=["shoes"])


class Fitting(Told):
    """`from` and `until`: the days in that pair; null: still."""

    shoe: str
    from_: Annotated[str, Field(alias="from")]
    until: str | None
    distance_m: float


class Insert(Told):
    """An insole, an orthotic or a pad."""

    id: int
    name: str
    kind: str
    distance_m: float | None
    limit_m: float
    used_fraction: float | None
    start_m: float
    worn_m: float
    runs: int
    fitted_in: str | None
    fittings: list[Fitting]
    first_worn_on: str | None
    last_worn_on: str | None
    retired_on: str | None
    price: float | None
    cost_per_km: float | None
    forecast: Forecast
    missing: list[str]


class Turns(Told):
    id: int
    name: str
    kind: str
    distance_m: float
    share: float | None
    runs: int
    rest_days_median: float | None
    days_since_worn: int | None
    last_worn_on: str | None
    runs_in_a_row: int
    longest_in_a_row: int
    runs_out_on: str | None
    retired_on: str | None
    missing: list[str]


class Together(Told):
    names: list[str]
    days: list[str]


class Rotation(Told):
    """The last 8 weeks."""

    from_: Annotated[str, Field(alias="from")]
    until: str
    total_m: float
    without_pair_m: float
    without_pair_share: float | None
    pairs: list[Turns]
    run_out_together: list[Together]


class PastLife(Told):
    shoe: str
    distance_m: float
    estimated: bool
    retired_on: str
    cost_per_km: float | None


class Life(Told):
    """A pair beside the past pairs of its model and kind."""

    id: int
    name: str
    model: str | None
    kind: str
    retired_on: str | None
    retired_reason: str | None
    distance_m: float | None
    estimated: bool
    cost_per_km: float | None
    limit_m: float
    kind_limit_m: float | None
    kind_life_m: float | None
    kind_pairs: int
    own_life: list[PastLife] | None
    own_life_m: float | None
    own_life_cost_per_km: float | None
    own_life_limit_m: float | None
    command: str | None
    missing: list[str]


class Proposal(Told):
    """A pair of an account or export that waits for your word; `may_be`: the pair here that it may be."""

    external_id: str
    name: str
    brand: str | None
    model: str | None
    limit_m: float | None
    first_used_on: str | None
    retired_on: str | None
    total_m: float | None
    may_be: str | None


class Reason(Told):
    kind: str
    metres: float
    runs: int


class Comparison(Told):
    """The account's total of a pair beside Midsole's, and why they differ."""

    shoe_id: int
    name: str
    garmin_name: str
    garmin_state: str
    ours_m: float
    theirs_m: float | None
    start_m: float | None
    implied_start_m: float | None
    reasons: list[Reason]
    difference_m: float | None
    sentences: list[str]


@router.get("/inserts", response_model=All[Insert])
def list_inserts(request: Request, visit: Reader) -> Response:
    """Insoles, orthotics and pads, with the pair each lies in and what it has worn."""
    return items(request, inserts.views(visit.box, visit.me.id))


@router.get("/rotation", response_model=Rotation)
def show_rotation(request: Request, visit: Reader) -> Response:
    """How the pairs took turns in the last 8 weeks."""
    return answer(request, rotation.turns(visit.box, visit.me.id))


@router.get("/lives", response_model=All[Life])
def list_lives(request: Request, visit: Reader) -> Response:
    """How long past pairs of a model lasted, beside the limits."""
    return items(request, rotation.life(visit.box, visit.me.id))


@router.get("/proposals", response_model=All[Proposal])
def list_proposals(request: Request, visit: Reader) -> Response:
    """Pairs of an account or export that wait for your word."""
    rows = pairs.proposals(visit.box, visit.me.id)
    return items(request, [shapes.proposal(*one) for one in rows])


@router.get("/comparisons", response_model=All[Comparison])
def list_comparisons(request: Request, visit: Reader) -> Response:
    """The account's total of each linked pair beside Midsole's."""
    return items(request, [totals.as_view(one) for one in totals.compare_all(visit.box, visit.me.id)])
