"""What a form says, read field by field; what can't be read is a UsageError that names the field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from midsole.domain.errors import UsageError
from midsole.domain.units import parse_distance
from midsole.web.shield import keep_short

MOST_CHARACTERS = 10_000
LARGEST_ID = 2**31 - 1
KNOWN = "known"
"""Where a request's state says that its sender is logged in; who sends a signed link is nobody."""
MOST_FIELDS, FEW_FIELDS = 20_000, 200


def is_id(said: str) -> bool:
    """Whether it can be the number of a row; Python refuses to read thousands of digits at all."""
    return said.isdecimal() and len(said) <= len(str(LARGEST_ID)) and int(said) <= LARGEST_ID


@dataclass(frozen=True, slots=True)
class Form:
    """Also the values with which a page fills its fields again after an error: `form["name"]`."""

    data: FormData

    def __getitem__(self, name: str) -> str:
        said = self.data.get(name)
        return said.strip() if isinstance(said, str) else ""

    def __contains__(self, name: str) -> bool:
        return name in self.data

    def text(self, name: str, label: str = "") -> str:
        """The field's text; empty is an error."""
        said = self.maybe(name)
        if said is None:
            raise UsageError(f"{label or name.replace('_', ' ').capitalize()} is missing.")
        return said

    def maybe(self, name: str) -> str | None:
        said = self[name]
        if len(said) > MOST_CHARACTERS or "\0" in said:
            raise UsageError(f"{name.replace('_', ' ').capitalize()} is too long, or no text.")
        return said or None

    def day(self, name: str) -> date | None:
        said = self.maybe(name)
        if said is None:
            return None
        try:
            found = date.fromisoformat(said)
        except ValueError:
            raise UsageError(f"{said!r} is no date: write it as 2026-11-16.") from None
        if not 1900 <= found.year < 2200:
            raise UsageError(f"{said!r} is out of reach: a year lies between 1900 and 2199.")
        return found

    def distance(self, name: str, units: str) -> float | None:
        """Metres; a number alone is in the runner's units, and 0 is nothing."""
        said = self.maybe(name)
        if said is None:
            return None
        return 0.0 if said.strip(" 0.,kmi") == "" and "0" in said else parse_distance(said, units)

    def number(self, name: str) -> float | None:
        said = self.maybe(name)
        if said is None:
            return None
        try:
            found = float(said.replace(",", "."))
        except ValueError:
            raise UsageError(f"{said!r} is no number.") from None
        if not -1e12 < found < 1e12:
            raise UsageError(f"{said!r} is no number of use here.")
        return found

    def whole(self, name: str) -> int | None:
        found = self.number(name)
        if found is not None and found != int(found):
            raise UsageError(f"{self[name]!r} is no whole number.")
        return None if found is None else int(found)

    def ids(self, name: str) -> list[int]:
        """The numbers of all ticked rows."""
        said = [value for value in self.data.getlist(name) if isinstance(value, str)]
        if not all(map(is_id, said)):
            raise UsageError("A row of the form has no number that is known.")
        return list(dict.fromkeys(map(int, said)))

    def file(self, name: str) -> UploadFile | None:
        """The file chosen in that field, if any was."""
        found = self.data.get(name)
        return found if isinstance(found, UploadFile) and found.filename else None

    def plain(self) -> Mapping[str, str]:
        """Every text of it, the last of a name."""
        return {name: value for name, value in self.data.multi_items() if isinstance(value, str)}


async def form_of(request: Request) -> FormData:
    """The form, read once. Many fields are the many rows that a runner ticked: of strangers few are read."""
    known = getattr(request.state, KNOWN, False)
    if not known:
        keep_short(request)
    in_parts = request.headers.get("content-type", "").lower().startswith("multipart/")
    most = MOST_FIELDS if known and not in_parts else FEW_FIELDS
    return await request.form(max_files=20, max_fields=most)


async def posted(request: Request) -> Form:
    return Form(await form_of(request))


type Posted = Annotated[Form, Depends(posted)]
"""The parameter of a page that takes a form."""
