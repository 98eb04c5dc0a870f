"""The lists in a Strava export (activities, shoes, bikes), and the document of an activity without a file."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from midsole.decode.bounds import bounded
from midsole.decode.dates import begins_with_month, moment_of
from midsole.decode.listed import (
    Line,
    Listed,
    NamedPair,
    cell,
    clean,
    head_of,
    number_of,
    rows_of,
    text_of,
)
from midsole.decode.words import sport_and_surface
from midsole.domain.activity import SPORTS, SURFACES, Recording, Told
from midsole.domain.errors import BadInput

PREFIX = "strava:"
"""Before every number of Strava's: another account may have the same one."""
BEGINS = b'{"midsole":"strava"'
ID, DATE, TITLE, TYPE, ELAPSED, SHOWN_DISTANCE = 0, 1, 2, 3, 5, 6
"""The first columns of every export since 2018, in every language; then come some that were added later,
the gear, and the name of the file."""
FIRST_FILE, LAST_FILE = 9, 14
AFTER_FILE = {"elapsed": 3, "moving": 4, "metres": 5, "rpe": 31, "bike": 56, "shoes": 57, "race": 83}
"""Columns after the name of the file: the order is the same in every language, new ones come at the end. The
first two headings of these are those of 5 and 6 again, in seconds and metres."""
ACTIVITY_FILE = re.compile(r"\.(fit|tcx|gpx)(\.gz)?$", re.IGNORECASE)
SAMPLE = 500
MOST_M, MOST_S = 1e7, 1e8
LONGEST_TITLE = 200


# the list of activities


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the columns are that differ from export to export. `long`: with those in metres and seconds."""

    file: int
    long: bool
    shown_unit_m: float
    month_first: bool

    def after(self, name: str) -> int | None:
        return self.file + AFTER_FILE[name] if self.long else None


def read_activities(raw: bytes) -> Listed:
    """Every activity of the list. Raises BadInput where nobody can tell what its columns are."""
    text = text_of(raw)
    layout = _layout(text)
    lines: dict[str, Line] = {}
    refused: list[tuple[int, str]] = []
    for number, row in rows_of(text):
        if number == 1 or not row:
            continue
        line = row if isinstance(row, str) else _line(row, layout)
        if isinstance(line, str):
            refused.append((number, line))
        else:
            lines[line.external_id] = line
    return Listed(tuple(lines.values()), tuple(refused))


def _layout(text: str) -> _Layout:
    headings, rows = head_of(text, SAMPLE)
    if len(headings) <= FIRST_FILE:
        raise BadInput("The list has fewer columns than any of Strava's.")
    file = _file_column(headings, rows)
    if file is None:
        raise BadInput("The list is none of Strava's that Midsole knows: no column names the files.")
    long = len(headings) > file + AFTER_FILE["metres"]
    # Before July 2019 the only distance was in metres, and the headings were names in small letters.
    unit_m = 1.0 if headings[ID] == "id" else 1_000.0
    dates = (cell(row, DATE) for _, row in rows_of(text) if isinstance(row, list))
    return _Layout(file, long, unit_m, begins_with_month(dates))


def _file_column(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    """By the headings that come again, as no activity may have a file; else where most files are named, as
    a note may name one, too."""
    places = range(FIRST_FILE, min(LAST_FILE, len(headings)))
    again = (place for place in places if _come_again(headings, place))
    named = Counter(place for row in rows for place in places if ACTIVITY_FILE.search(cell(row, place)))
    called = (place for place in places if headings[place].casefold() == "filename")
    return next(chain(again, (place for place, _ in named.most_common(1)), called), None)


def _come_again(headings: Sequence[str], file: int) -> bool:
    """Elapsed time and distance, in seconds and metres."""
    elapsed, metres = (headings[file + AFTER_FILE[name] :][:1] for name in ("elapsed", "metres"))
    first = [headings[ELAPSED]], [headings[SHOWN_DISTANCE]]
    return (elapsed, metres) == first and elapsed != metres


def _line(row: Sequence[str], layout: _Layout) -> Line | str:
    """What the row says, or why it says nothing of use."""
    number = cell(row, ID)
    if not re.fullmatch(r"[1-9]\d{0,18}", number, re.ASCII):
        return "it does not begin with the number of an activity"
    if len(row) <= layout.file:
        return "it ends too early"
    started_at = moment_of(cell(row, DATE), month_first=layout.month_first)
    file = _file_name(cell(row, layout.file))
    if started_at is None and file is None:
        return "its date can't be read"
    document = _document(row, layout, started_at)
    recording = bounded(_recording(document))
    return Line(
        external_id=f"{PREFIX}{number}",
        listed=encoded(document),
        told=_told(recording),
        sport=recording.sport,
        started_at=started_at,
        distance_m=recording.distance_m,
        timer_s=recording.timer_s,
        elapsed_s=recording.elapsed_s,
        file=file,
        pair=_pair(row, layout, recording.sport),
    )


def _file_name(told: str) -> str | None:
    """Without folder and .gz: unpacked by hand, files lie elsewhere and are no gzip any more."""
    name = clean(told.replace("\\", "/").rpartition("/")[2]).casefold()
    return name.removesuffix(".gz") or None


def _document(row: Sequence[str], layout: _Layout, started_at: datetime | None) -> dict[str, object]:
    elapsed_s = _seconds(row, layout.after("elapsed")) or _seconds(row, ELAPSED)
    sport, surface = sport_and_surface(clean(cell(row, TYPE)))
    rpe = number_of(cell(row, layout.after("rpe")), 10)
    return {
        "midsole": "strava",
        "id": cell(row, ID),
        "started_at": (started_at or datetime.fromtimestamp(0, UTC)).isoformat(),
        "title": clean(cell(row, TITLE), LONGEST_TITLE) or None,
        "sport": sport,
        "surface": surface,
        "distance_m": _metres(row, layout),
        "moving_s": _seconds(row, layout.after("moving")) or elapsed_s,
        "elapsed_s": elapsed_s,
        "rpe": rpe or None,
        "is_race": cell(row, layout.after("race")) in ("1.0", "1", "true"),
        "typed_in": not cell(row, layout.file),
    }


def _metres(row: Sequence[str], layout: _Layout) -> float:
    metres = number_of(cell(row, layout.after("metres")), MOST_M)
    if metres is not None:
        return metres
    return (number_of(cell(row, SHOWN_DISTANCE), MOST_M) or 0.0) * layout.shown_unit_m


def _seconds(row: Sequence[str], place: int | None) -> float:
    return number_of(cell(row, place), MOST_S) or 0.0


def _pair(row: Sequence[str], layout: _Layout, sport: str) -> NamedPair | None:
    name = clean(cell(row, layout.file - 1))
    if not name:
        return None
    bike, shoes = (_whole(cell(row, layout.after(kind))) for kind in ("bike", "shoes"))
    return NamedPair(name, shoes or bike, is_bike=not shoes and (bike is not None or sport == "cycling"))


def _whole(text: str) -> str | None:
    """Strava writes its numbers of gear as 5858926.0."""
    plain = text.removesuffix(".0")
    return plain if re.fullmatch(r"[1-9]\d{0,18}", plain, re.ASCII) else None


def _told(recording: Recording) -> Told:
    return Told(
        title=recording.title,
        sport=_known(recording.sport),
        surface=_known(recording.surface),
        is_race=recording.is_race or None,
        distance_m=recording.distance_m or None,
        timer_s=recording.timer_s or None,
        rpe=recording.rpe,
    )


def _known(word: str) -> str | None:
    return None if word == "unknown" else word


# the lists of shoes and bikes


@dataclass(frozen=True, slots=True)
class StravaPair:
    """A pair of shoes, or a bike, of its own list. The name may be missing where brand and model are not."""

    name: str
    brand: str | None
    model: str | None


def read_pairs(raw: bytes) -> list[StravaPair]:
    """Name, brand and model are the first three columns in every language."""
    text = text_of(raw)
    found = []
    for number, row in rows_of(text):
        if number == 1 or isinstance(row, str):
            continue
        name, brand, model = (clean(cell(row, place)) for place in range(3))
        if name or brand or model:
            found.append(StravaPair(name or f"{brand} {model}".strip(), brand or None, model or None))
    return found


# the document of one activity


def encoded(document: dict[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class StravaDecoder:
    """Reads an activity of the list for which there is no file; what was typed in there counts as an edit."""

    name = "strava"
    version = 1

    def sniff(self, head: bytes) -> bool:
        return head.startswith(BEGINS)

    def decode(self, raw: bytes) -> list[Recording]:
        try:
            document = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"The line of Strava's list can't be read: {error}.") from None
        if not isinstance(document, dict) or _instant(document.get("started_at")) is None:
            raise BadInput("The line of Strava's list has no start.")
        return [_recording(document)]


def _recording(document: dict[str, object]) -> Recording:
    distance_m, moving_s = _amount(document, "distance_m"), _amount(document, "moving_s")
    title, rpe = document.get("title"), _amount(document, "rpe")
    how = "edit" if document.get("typed_in") is True else "session"
    return Recording(
        leg=0,
        sport=_word(document, "sport", SPORTS),
        surface=_word(document, "surface", SURFACES),
        started_at=_instant(document.get("started_at")) or datetime.fromtimestamp(0, UTC),
        distance_m=distance_m,
        distance_from=how if distance_m else "none",
        timer_s=moving_s,
        moving_s=moving_s,
        elapsed_s=max(_amount(document, "elapsed_s"), moving_s),
        rpe=rpe if 0 < rpe <= 10 else None,
        is_race=document.get("is_race") is True,
        title=title if isinstance(title, str) else None,
    )


def _instant(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _amount(document: dict[str, object], name: str) -> float:
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_S:
        return 0.0
    return float(value)


def _word(document: dict[str, object], name: str, words: Sequence[str]) -> str:
    value = document.get(name)
    return value if isinstance(value, str) and value in words else "unknown"
