"""An activity as Garmin Connect tells it in JSON: a line of its list, or the document with all about it."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain

from midsole.decode.bounds import EARLIEST_S, LATEST_S, MOST_M, MOST_S, bounded, moment
from midsole.decode.where import where
from midsole.decode.words import sport_and_surface
from midsole.domain.activity import Recording, Told
from midsole.domain.errors import BadInput

type Document = Mapping[str, object]

MARKS = frozenset({"activityId", "activityName", "activityType", "activityTypeDTO", "summaryDTO"}) | {
    "startTimeGMT",
    "startTimeLocal",
    "beginTimestamp",
}
"""Two of these at the top make an activity; splits and details beside it have its id alone."""
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"(?:\s*+(:))?|[{}\[\]]')
LAYERS = ("summaryDTO", "metadataDTO", "deviceMetaDataDTO")
"""Where the document with all about an activity keeps what a line of the list has at the top."""
NAME_IN_LIST = {
    "activityTypeDTO": "activityType",
    "eventTypeDTO": "eventType",
    "averageRunCadence": "averageRunningCadenceInStepsPerMinute",
    "verticalOscillation": "avgVerticalOscillation",
    "groundContactTime": "avgGroundContactTime",
}
SPORT_OF_TYPE = {1: "running", 2: "cycling", 3: "hiking", 9: "walking", 26: "swimming"}
"""Type and parent type, for keys whose words say nothing; 17 is the parent of all."""
SPORT_OF_KEY = {"uncategorized": "unknown", "rucking": "hiking", "multi_sport": "other"}
FIRST_START, LAST_START = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""No watch that sends to Garmin Connect is older."""
LONGEST_KEY = 60
OFFSET_STEP_S = 900
LARGEST_OFFSET_S = 15 * 3600
MOST_BPM = 255
MOST_SPM = 400
MOST_STANCE_MS = 5_000
MOST_OSCILLATION_CM = 100
MOST_CLIMB_M = 100_000
MOST_STEPS = 1_000_000
MOST_TOLD_M = 1e6


class GarminDecoder:
    """The distance of an activity that the runner typed in at Garmin's counts as an edit."""

    name = "garmin"
    version = 2

    def sniff(self, head: bytes) -> bool:
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not text.startswith(b"{"):
            return False
        return len(_top_names(text.decode("utf-8", "replace")) & MARKS) >= 2

    def decode(self, raw: bytes) -> list[Recording]:
        try:
            document = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"Garmin's JSON can't be read: {error}.") from None
        if not isinstance(document, dict):
            raise BadInput("The JSON document is not an activity of Garmin's.")
        told = _flat(document)
        started_at = _started_at(told)
        if started_at is None:
            raise BadInput("Garmin tells no start of this activity.")
        return [_recording(told, started_at)]


def told_of(listed: str | None, detail: str | None) -> Told:
    """What Garmin says beside the file: the list before the document, which is read less often."""
    told = _flat(_parsed(listed), _parsed(detail))
    # The start is not told; bounded cleans the rest.
    said = bounded(_recording(told, datetime.fromtimestamp(0, UTC)))
    return Told(
        title=said.title,
        sport=_known(said.sport),
        surface=_known(said.surface),
        is_race=said.is_race or None,
        distance_m=said.distance_m if 0 < said.distance_m < MOST_TOLD_M else None,
        timer_s=said.timer_s or None,
        rpe=said.rpe,
        feel=said.feel,
    )


def started_at_of(listed: str) -> datetime | None:
    started_at = _started_at(_flat(_parsed(listed)))
    return None if started_at is None else moment(started_at.timestamp())


def _top_names(head: str) -> set[str]:
    """The names in the outermost object, as far as the first bytes of a file show it."""
    names, depth = set(), 0
    for token in TOKEN.finditer(head):
        text = token[0]
        if text in "{[":
            depth += 1
        elif text in "}]":
            depth -= 1
        elif depth == 1 and token[1]:
            names.add(text.rstrip(": \t\r\n").strip('"'))
    return names


def _parsed(text: str | None) -> Document:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _flat(*documents: Document) -> Document:
    """All that the documents tell on one level, by the list's names; the first that tells something wins."""
    flat: dict[str, object] = {}
    for layer in chain.from_iterable(_layers(document) for document in documents):
        for name, value in layer.items():
            name = NAME_IN_LIST.get(name, name)
            if flat.get(name) is None:
                flat[name] = value
    return flat


def _layers(document: Document) -> list[Document]:
    found = [document]
    for name in LAYERS:
        inner = next((layer[name] for layer in found if isinstance(layer.get(name), dict)), None)
        if isinstance(inner, dict):
            found.append(inner)
    return found


def _recording(told: Document, started_at: datetime) -> Recording:
    sport, surface = _sport_and_surface(_inner(told, "activityType"))
    distance_m = _above_0(told, "distance", MOST_M)
    moving_s, elapsed_s = _above_0(told, "movingDuration", MOST_S), _above_0(told, "elapsedDuration", MOST_S)
    timer_s = _above_0(told, "duration", MOST_S) or moving_s or elapsed_s or 0.0
    oscillation_cm = _above_0(told, "avgVerticalOscillation", MOST_OSCILLATION_CM)
    rpe, feel = _number(told, "directWorkoutRpe", 100), _number(told, "directWorkoutFeel", 100)
    start_lat, start_lon = where(_degrees(told, "startLatitude"), _degrees(told, "startLongitude"))
    return Recording(
        leg=0,
        sport=sport,
        surface=surface,
        started_at=started_at,
        distance_m=distance_m or 0.0,
        distance_from=_distance_from(told, distance_m),
        timer_s=timer_s,
        moving_s=min(moving_s or timer_s, timer_s),
        elapsed_s=max(elapsed_s or timer_s, timer_s),
        utc_offset_s=_utc_offset_s(told),
        ascent_m=_number(told, "elevationGain", MOST_CLIMB_M),
        descent_m=_number(told, "elevationLoss", MOST_CLIMB_M),
        steps=_whole(_above_0(told, "steps", MOST_STEPS)),
        heart_rate_mean_bpm=_whole(_above_0(told, "averageHR", MOST_BPM)),
        heart_rate_max_bpm=_whole(_above_0(told, "maxHR", MOST_BPM)),
        cadence_spm=_above_0(told, "averageRunningCadenceInStepsPerMinute", MOST_SPM),
        stance_time_ms=_above_0(told, "avgGroundContactTime", MOST_STANCE_MS),
        vertical_oscillation_mm=None if oscillation_cm is None else round(oscillation_cm * 10, 3),
        start_lat=start_lat,
        start_lon=start_lon,
        rpe=rpe / 10 if rpe else None,
        feel=_whole(feel),
        is_race=_inner(told, "eventType").get("typeKey") == "race",
        title=_text(told, "activityName"),
        device=_device(told),
    )


def _distance_from(told: Document, distance_m: float | None) -> str:
    if distance_m is None:
        return "none"
    return "edit" if told.get("manualActivity") is True else "session"


def _sport_and_surface(kind: Document) -> tuple[str, str]:
    """By the key and its words, then by the numbers of type and parent; a key of none of them is another
    sport, as in a FIT file."""
    key = (_text(kind, "typeKey") or "")[:LONGEST_KEY]
    if key in SPORT_OF_KEY:
        return SPORT_OF_KEY[key], "unknown"
    # The words of a change in a triathlon name two sports, and nobody did either.
    sport, surface = ("other", "unknown") if "transition" in key.casefold() else sport_and_surface(key)
    if sport != "unknown":
        return sport, surface
    numbers = (_number(kind, name, 1_000) for name in ("typeId", "parentTypeId"))
    by_number = next((SPORT_OF_TYPE[int(n)] for n in numbers if n in SPORT_OF_TYPE), None)
    return by_number or ("other" if key else "unknown"), "unknown"


def _started_at(told: Document) -> datetime | None:
    """Where only the local time is told it is taken as UTC: a day is better than none."""
    return _global_start(told) or _instant(told.get("startTimeLocal"))


def _global_start(told: Document) -> datetime | None:
    """The first that can be true, else the first that is a time at all."""
    instants = [_instant(told.get(name)) for name in ("startTimeGMT", "beginTimestamp")]
    found = [instant for instant in instants if instant]
    return next(
        (instant for instant in found if FIRST_START <= instant < LAST_START), next(iter(found), None)
    )


def _utc_offset_s(told: Document) -> int | None:
    """Local time minus UTC, to the quarter of an hour; beyond 15 h one of the two is wrong."""
    started_at, local = _global_start(told), _instant(told.get("startTimeLocal"))
    if started_at is None or local is None:
        return None
    offset_s = (local - started_at).total_seconds()
    if abs(offset_s) > LARGEST_OFFSET_S:
        return None
    return round(offset_s / OFFSET_STEP_S) * OFFSET_STEP_S


def _instant(value: object) -> datetime | None:
    """Of a text, mostly without a zone (2026-01-08 14:10:21, 2026-01-08T14:10:21.0), or of milliseconds."""
    if isinstance(value, str):
        try:
            moment_told = datetime.fromisoformat(value)
            return moment_told.replace(tzinfo=moment_told.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    told_ms = _in_bounds(value, 1_000 * LATEST_S)
    return moment(max(told_ms / 1_000, EARLIEST_S)) if told_ms else None


def _device(told: Document) -> str | None:
    """Maker and unit: enough to tell that two runs of one watch, one after the other, are two."""
    maker, unit = _text(told, "manufacturer"), _whole(_above_0(told, "deviceId", 1e15))
    return f"{maker or 'garmin'} {unit}".casefold() if unit else None


def _inner(told: Document, name: str) -> Document:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _text(told: Document, name: str) -> str | None:
    value = told.get(name)
    return value.strip() or None if isinstance(value, str) else None


def _number(told: Document, name: str, most: float) -> float | None:
    """From 0 to `most`, which belongs to it; what can't be true is not told."""
    return _in_bounds(told.get(name), most)


def _above_0(told: Document, name: str, most: float) -> float | None:
    """As _number, where Garmin's 0 means that nothing was measured."""
    return _number(told, name, most) or None


def _degrees(told: Document, name: str) -> float | None:
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -180 <= value <= 180:
        return None
    return float(value)


def _in_bounds(value: object, most: float) -> float | None:
    # Compared before it is made a float: a JSON integer may be larger than any.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        return None
    return float(value)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _known(word: str) -> str | None:
    return None if word == "unknown" else word
