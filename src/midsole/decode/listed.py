"""What the list of an export says of one activity, whichever account the export is of."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from midsole.domain.activity import Told
from midsole.domain.errors import BadInput

MOST_LINES = 200_000
"""More than a hundred a week for a life."""
MOST_COLUMNS = 300
LONGEST_LINE = 1_000_000
"""Characters. A description goes over several lines, each far shorter."""
LONGEST_NAME = 100
TAG = re.compile(r"<[^<>]{0,500}>")


@dataclass(frozen=True, slots=True)
class NamedPair:
    """The shoes or bike of an activity as its list names them; the number is not in every export."""

    name: str
    number: str | None = None
    is_bike: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One activity of the list.

    `listed` is the document that stands for its recording where there is no file; `file` the name of the
    file that the list says it is in, without its folder and without .gz."""

    external_id: str
    listed: str
    told: Told
    sport: str
    started_at: datetime | None
    distance_m: float
    timer_s: float
    elapsed_s: float
    file: str | None = None
    pair: NamedPair | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """All of one list; `refused` holds the number of each line that says nothing of use, and why."""

    lines: tuple[Line, ...]
    refused: tuple[tuple[int, str], ...] = ()


def text_of(raw: bytes) -> str:
    """UTF-8, UTF-16 where it says so, else as old programs on Windows write; no database takes a NUL."""
    for encoding in ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1").replace("\0", "")


def rows_of(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each row of a CSV with the number of its last line; a text says why the row can't be read."""
    first = text[: text.find("\n") + 1][:LONGEST_LINE] or text[:LONGEST_LINE]
    separator = max(",;\t", key=first.count)
    rows = csv.reader(_lines(text), delimiter=separator)
    for _ in range(MOST_LINES + 1):
        try:
            row: list[str] | str = next(rows)[:MOST_COLUMNS]
        except StopIteration:
            return
        except csv.Error as error:
            row = f"it can't be read: {error}"
        yield rows.line_num, row
    raise BadInput(f"The list has more than {MOST_LINES:,} lines: that is no list of one person's.")


def _lines(text: str) -> Iterator[str]:
    """Line by line, without a copy of each before the first is read; one without an end is cut."""
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin, begin + LONGEST_LINE) + 1 or min(begin + LONGEST_LINE, len(text))
        yield text[begin:end]
        begin = end


def head_of(text: str, rows: int) -> tuple[list[str], list[list[str]]]:
    """The headings without tags, and the first rows below them."""
    found = [row for _, row in islice(rows_of(text), rows + 1) if isinstance(row, list)]
    headings = [clean(TAG.sub("", cell)) for cell in found[0]] if found else []
    return headings, found[1:]


def clean(text: str, longest: int = LONGEST_NAME) -> str:
    """Printable, in one line, not too long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * longest])
    return " ".join(shown.split())[:longest].rstrip()


def number_of(text: str, most: float) -> float | None:
    """With a point or a comma before the decimals; None where there is no number from 0 to `most`."""
    plain = "".join(text[:40].split()).replace("'", "")
    if "," in plain and "." in plain:
        thousands = "," if plain.rfind(",") < plain.rfind(".") else "."
        plain = plain.replace(thousands, "")
    if not re.fullmatch(r"\d{1,15}([.,]\d{0,20})?([eE][+-]?\d{1,2})?", plain, re.ASCII):
        return None
    value = float(plain.replace(",", "."))
    return value if value <= most else None


def cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and 0 <= place < len(row) else ""
