"""The lists in the export of a Garmin account: its activities, its gear, and which gear each one used."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC

from midsole.decode import garmin
from midsole.decode.bounds import bounded, moment
from midsole.decode.garmin import GarminDecoder
from midsole.decode.listed import Line, Listed
from midsole.domain.errors import BadInput

ACTIVITIES, GEAR, USES = "summarizedActivitiesExport", "gearDTOS", "gearActivityDTOs"
RACE = 1
"""Garmin's number of this kind of event; the export has no word for it."""
PER_METRE, PER_SECOND = 100.0, 1_000.0
"""The export counts centimetres and milliseconds."""
NUMBERS = {
    "distance": ("distance", PER_METRE),
    "duration": ("duration", PER_SECOND),
    "movingDuration": ("movingDuration", PER_SECOND),
    "elapsedDuration": ("elapsedDuration", PER_SECOND),
    "elevationGain": ("elevationGain", PER_METRE),
    "elevationLoss": ("elevationLoss", PER_METRE),
    "avgHr": ("averageHR", 1.0),
    "maxHr": ("maxHR", 1.0),
    "steps": ("steps", 1.0),
    "workoutRpe": ("directWorkoutRpe", 1.0),
    "workoutFeel": ("directWorkoutFeel", 1.0),
    "deviceId": ("deviceId", 1.0),
}
"""Names in the export, and the name and unit in the list that Garmin Connect answers with."""
TIMES = {"startTimeGmt": "startTimeGMT", "startTimeLocal": "startTimeLocal"}
MOST_NUMBER = 1e15
DATES_OF_GEAR = ("dateBegin", "dateEnd", "createDate", "updateDate")

type Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ListedGear:
    """One piece of gear as it came, its dates as texts, and the activities that it was used in."""

    row: Row
    activities: tuple[str, ...]

    @property
    def kind(self) -> object:
        return self.row.get("gearTypeName")


def read_activities(raw: bytes) -> Listed:
    """Every activity of the list, told as Garmin Connect tells it. Raises BadInput where it is no list."""
    lines: dict[str, Line] = {}
    refused: list[tuple[int, str]] = []
    for number, row in enumerate(_rows(_parts(raw), ACTIVITIES), 1):
        line = _line(row)
        if isinstance(line, str):
            refused.append((number, line))
        elif line is not None:
            lines[line.external_id] = line
    return Listed(tuple(lines.values()), tuple(refused))


def read_gear(raw: bytes) -> list[ListedGear]:
    """Every piece of gear, of which nobody needs to know more than its number."""
    parts = list(_parts(raw))
    uses = _uses(parts)
    found = []
    for row in _rows(parts, GEAR):
        number = _number_of(row.get("gearPk")) if isinstance(row, dict) else None
        if isinstance(row, dict) and number is not None:
            dated = {name: _day_text(row[name]) for name in DATES_OF_GEAR if name in row}
            found.append(ListedGear({**row, **dated}, tuple(uses.get(number, ()))))
    return found


def _parts(raw: bytes) -> Iterator[Row]:
    """The documents in it: one, or a list of them."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"Garmin's list can't be read: {error}.") from None
    parts = document if isinstance(document, list) else [document]
    return (part for part in parts if isinstance(part, dict))


def _rows(parts: Iterable[Row], name: str) -> Iterator[object]:
    for part in parts:
        rows = part.get(name)
        yield from rows if isinstance(rows, list) else ()


def _uses(parts: Iterable[Row]) -> dict[str, list[str]]:
    """Number of the gear -> ids of its activities."""
    found: dict[str, dict[str, None]] = {}
    for part in parts:
        uses = part.get(USES)
        for gear, rows in uses.items() if isinstance(uses, dict) else ():
            for row in rows if isinstance(rows, list) else ():
                activity = _number_of(row.get("activityId")) if isinstance(row, dict) else None
                if activity is not None:
                    found.setdefault(gear, {})[activity] = None
    return {gear: list(activities) for gear, activities in found.items()}


def _line(row: object) -> Line | str | None:
    """None: a container of others, which are listed themselves."""
    if not isinstance(row, dict) or (external_id := _number_of(row.get("activityId"))) is None:
        return "it has no number"
    if row.get("parent") is True:
        return None
    document = _document(row, external_id)
    listed = (
        json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
    )
    started_at = garmin.started_at_of(listed)
    if started_at is None:
        return "it has no start"
    (recording,) = map(bounded, GarminDecoder().decode(listed.encode()))
    return Line(
        external_id=external_id,
        listed=listed,
        told=garmin.told_of(listed, None),
        sport=recording.sport,
        started_at=started_at,
        distance_m=recording.distance_m,
        timer_s=recording.timer_s,
        elapsed_s=recording.elapsed_s,
    )


def _document(row: Row, external_id: str) -> dict[str, object]:
    """The line as Garmin Connect's list would have it."""
    name, kind, maker = row.get("name"), row.get("activityType"), row.get("manufacturer")
    document: dict[str, object] = {"activityId": int(external_id)}
    document["activityName"] = name[:400] if isinstance(name, str) else None
    document["activityType"] = {"typeKey": kind[:60] if isinstance(kind, str) else None}
    document["eventType"] = {"typeKey": "race" if row.get("eventTypeId") == RACE else None}
    document["manualActivity"] = row.get("manualActivity") is True
    document["manufacturer"] = maker[:60] if isinstance(maker, str) else None
    for ours, (theirs, unit) in NUMBERS.items():
        document[theirs] = _amount(row.get(ours), unit)
    for ours, theirs in TIMES.items():
        document[theirs] = _instant_text(row.get(ours))
    document["startTimeGMT"] = document["startTimeGMT"] or _instant_text(row.get("beginTimestamp"))
    return document


def _amount(value: object, unit: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_NUMBER:
        return None
    return value / unit


def _number_of(value: object) -> str | None:
    """A whole number above 0 as text, also where it is written as 123.0."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e18:
        return None
    return str(int(value))


def _instant_text(value: object) -> str | None:
    """Milliseconds since 1970, or a text, as the text that Garmin Connect writes."""
    if isinstance(value, str):
        return value[:40]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if not 0 < value < MOST_NUMBER:
        return None
    return f"{moment(value / 1_000).astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _day_text(value: object) -> object:
    """Dates of gear are texts in some exports, milliseconds in others."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return _instant_text(value) if is_number else value
