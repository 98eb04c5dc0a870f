"""What a change of wearings is asked to do, and what it did: shared by all that change who wore what."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from midsole.actions import changes, shapes
from midsole.actions.assigning import Point
from midsole.domain.beside_mail import is_of_the_body
from midsole.domain.errors import UsageError
from midsole.web.api.words import Id, Ids, Metres, Said, Seconds, Told
from midsole.web.visit import Visit


def told_to(visit: Visit, done: changes.Effects, *, preview: bool = False) -> dict[str, Any]:
    """Of alerts that speak of somebody's body a token without the scope `health` is told nothing."""
    found = shapes.effects(done, preview=preview)
    if visit.may_read_health:
        return found
    alerts = ("alerts_opened", "alerts_resolved")
    return found | {
        name: [said for said in found[name] if not is_of_the_body("", (said,), {})] for name in alerts
    }


class Part(Said):
    """A pair (null: barefoot) and where it was changed; the last part goes on to the end."""

    shoe_id: Id | None
    until_m: Annotated[Metres, Field(gt=0)] | None = None
    until_lap: Annotated[int, Field(ge=1, le=10_000)] | None = None
    until_s: Seconds | None = None

    def point(self) -> Point | None:
        """None where the part names no end."""
        ends = sum(value is not None for value in (self.until_m, self.until_lap, self.until_s))
        if ends > 1:
            raise UsageError("A part ends in one way: until_m, until_lap or until_s.")
        return Point(self.until_m, self.until_lap, self.until_s) if ends else None


class Parted(Said):
    """Either `shoe_id` (null: barefoot) or `parts`."""

    shoe_id: Id | None = None
    parts: Annotated[list[Part], Field(min_length=1, max_length=20)] | None = None
    preview: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if ("shoe_id" in self.model_fields_set) is (self.parts is not None):
            raise ValueError("say either shoe_id or parts")
        return self

    @property
    def shoe_ids(self) -> list[int | None]:
        return [part.shoe_id for part in self.parts] if self.parts else [self.shoe_id]


class Many(Parted):
    """The same for several activities."""

    ids: Ids


def points_of(said: Parted) -> list[Point]:
    """Where pairs were changed: after every part but the last."""
    if said.parts is None:
        return []
    points = [part.point() for part in said.parts]
    if points[-1] is not None or None in points[:-1]:
        raise UsageError("Every part but the last says where it ends, and the last one does not.")
    return [point for point in points if point is not None]


class Metered(Told):
    shoe_name: str
    distance_m: float


class Changed(Told):
    """What one activity wore before and after, and who said so."""

    activity: int
    local_date: str
    before: list[Metered]
    before_by: str | None
    after: list[Metered]
    after_by: str | None


class Total(Told):
    shoe_name: str
    before_m: float
    after_m: float


class Left(Told):
    activity: int
    why: str


class Effects(Told):
    """All that a change does, or with `preview` would do; `change` is its number, to undo it."""

    preview: bool
    change: int | None
    changed: list[Changed]
    totals: list[Total]
    alerts_opened: list[str]
    alerts_resolved: list[str]
    mails_withdrawn: int
    left: list[Left]
