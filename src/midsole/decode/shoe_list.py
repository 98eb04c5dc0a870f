"""A plain list of pairs as anybody keeps one in a spreadsheet: CSV with a heading over each column."""

from collections.abc import Mapping
from dataclasses import dataclass

from midsole.decode.listed import cell, clean, rows_of, text_of
from midsole.domain.errors import BadInput

HEADINGS = {
    "name": ("name", "shoe", "shoe_name", "pair"),
    "brand": ("brand", "make", "shoe_brand"),
    "model": ("model", "shoe_model"),
    "kind": ("kind", "type"),
    "limit": ("limit",),
    "limit_km": ("limit_km",),
    "limit_mi": ("limit_mi", "limit_miles"),
    "start": ("start",),
    "start_km": ("start_km",),
    "start_mi": ("start_mi", "start_miles"),
    "bought": ("bought", "bought_on", "purchased"),
    "first_used": ("first_used", "first_used_on", "first_use"),
    "retired": ("retired", "retired_on"),
    "reason": ("reason", "retired_reason"),
    "price": ("price", "cost"),
}
"""What a column may be called; in small letters, with _ for blanks and dashes."""
_COLUMN = {spelling: name for name, spellings in HEADINGS.items() for spelling in spellings}
LONGEST_CELL = 200


@dataclass(frozen=True, slots=True)
class ShoeRow:
    """One line with its number; what is empty is not in it. `unreadable` says why it can't be read."""

    line: int
    said: Mapping[str, str]
    unreadable: str | None = None


@dataclass(frozen=True, slots=True)
class ShoeList:
    """The lines, and the headings that nobody knows."""

    rows: tuple[ShoeRow, ...]
    unknown: tuple[str, ...]


def read_shoes(raw: bytes) -> ShoeList:
    """Raises BadInput where no column names a pair."""
    lines = rows_of(text_of(raw))
    head = next(lines, (0, []))[1]
    headings = [clean(heading) for heading in head] if isinstance(head, list) else []
    columns = [_COLUMN.get(_plain(heading)) for heading in headings]
    if not {"name", "model"} & set(columns):
        raise BadInput(
            f"The first line must name the columns, one of them name. Known: {', '.join(HEADINGS)}."
        )
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise BadInput(f"Two columns are called {twice[0]}: leave one out.")
    unknown = tuple(h for h, name in zip(headings, columns, strict=True) if h and name is None)
    rows = (_row(number, row, columns) for number, row in lines)
    return ShoeList(tuple(row for row in rows if row.said or row.unreadable), unknown)


def _plain(heading: str) -> str:
    """ "First used" and "limit (km)" as first_used and limit_km."""
    bare = heading.casefold().replace("(", " ").replace(")", " ").replace("-", " ").replace("_", " ")
    return "_".join(bare.split())


def _row(number: int, row: list[str] | str, columns: list[str | None]) -> ShoeRow:
    if isinstance(row, str):
        return ShoeRow(number, {}, row)
    cells = {name: clean(cell(row, place), LONGEST_CELL) for place, name in enumerate(columns) if name}
    return ShoeRow(number, {name: text for name, text in cells.items() if text})
