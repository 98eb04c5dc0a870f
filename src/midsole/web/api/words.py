"""What a program may say: ids, days, distances and texts in their bounds, and nothing unknown."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from midsole.domain import kept
from midsole.domain.activity import SPORTS, SURFACES
from midsole.web.forms import LARGEST_ID

MOST_IDS = 20_000


def _day(said: Any) -> Any:
    if isinstance(said, date | None):
        return said
    if not isinstance(said, str) or len(said) != 10:
        raise ValueError("a day is written as 2026-11-16")
    found = date.fromisoformat(said)
    if not kept.FIRST_YEAR <= found.year <= kept.LAST_YEAR:
        raise ValueError(f"a year lies between {kept.FIRST_YEAR} and {kept.LAST_YEAR}")
    return found


def _moment(said: Any) -> Any:
    if isinstance(said, datetime | None):
        return said
    if not isinstance(said, str) or len(said) > 40:
        raise ValueError("a time is written as 2026-11-16T18:30:00+01:00")
    found = datetime.fromisoformat(said)
    if found.utcoffset() is None or not 1970 <= found.year < 2200:
        raise ValueError("a time needs its offset from UTC, and a year between 1970 and 2199")
    return found


def _plain(said: str) -> str:
    if not kept.is_line(said) or not said.strip():
        raise ValueError("a text is one line of letters that can be read")
    return said.strip()


def is_one_of(words: tuple[str, ...]) -> AfterValidator:
    def known(said: str) -> str:
        if said not in words:
            raise ValueError(f"known are {', '.join(words)}")
        return said

    return AfterValidator(known)


type Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
type PathId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
type Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST_IDS)]
type Day = Annotated[date, BeforeValidator(_day)]
type Moment = Annotated[datetime, BeforeValidator(_moment)]
type Metres = Annotated[float, Field(ge=0, le=kept.FARTHEST_M, allow_inf_nan=False)]
type Seconds = Annotated[float, Field(gt=0, le=30 * 86_400, allow_inf_nan=False)]
type Price = Annotated[float, Field(ge=0, le=kept.DEAREST, allow_inf_nan=False)]
type Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
type Text = Annotated[str, Field(min_length=1, max_length=kept.LONGEST_TEXT), AfterValidator(_plain)]
type Name = Annotated[str, Field(min_length=1, max_length=kept.LONGEST_NAME), AfterValidator(_plain)]
type Sport = Annotated[str, is_one_of(SPORTS), Field(json_schema_extra={"enum": list(SPORTS)})]
type Surface = Annotated[str, is_one_of(SURFACES), Field(json_schema_extra={"enum": list(SURFACES)})]


class Said(BaseModel):
    """A body: its types are meant, and a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def given(self) -> dict[str, Any]:
        """Only what was said, also a null."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Asked(BaseModel):
    """What the address asks for; a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """An answer: all of these keys and no other."""

    model_config = ConfigDict(extra="forbid")


class Tried(Said):
    """Nothing but whether it is only looked at; the body may be left out."""

    preview: bool = False
