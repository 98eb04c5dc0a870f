"""Garmin's gear, in both spellings of its interface, as pairs of shoes; any field may be odd or missing."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from midsole.observe.logs import log
from midsole.sources.base import Gear
from midsole.sources.connect_api import as_text, day_of, sound_id

LONGEST_NAME = 100
NO_NAMES = frozenset({"", "other", "unknown", "unknown shoes"})
"""What the older interface says where the runner typed the name by hand."""
SHORTEST_LIMIT_M = 1_000
LONGEST_LIMIT_M = 20_000_000
MOST_M = 1e9
MOST_RUNS = 1_000_000
LONGEST_RUN_M = 5e6

type Row = Mapping[str, object]


def pairs_of(rows: Iterable[object]) -> list[Gear]:
    """The shoes among a list of gear, each once."""
    found = (gear_of(row) for row in rows if is_shoes(row))
    return list({pair.external_id: pair for pair in found if pair}.values())


def is_shoes(row: object) -> bool:
    if not isinstance(row, dict):
        return False
    kinds = (row.get("gearType"), row.get("gearTypeName"))
    return any(isinstance(kind, str) and kind.lower() == "shoes" for kind in kinds)


def gear_of(row: object, stats: object = None) -> Gear | None:
    """A pair, its totals from `stats` if there are; None, with a line in the log, for an unusable one."""
    external_id = uuid_of(row)
    if not isinstance(row, dict) or external_id is None:
        log.warning("A pair of Garmin's list has no usable id and was skipped.")
        return None
    try:
        told = as_text(row)
    except ValueError as error:
        log.warning("A pair of Garmin's list was skipped: %s.", error)
        return None
    total_m, runs = _totals(_with(row, stats))
    return Gear(
        external_id=external_id,
        name=_name(row),
        told=told,
        brand=_label(row, "brand", "gearMakeName"),
        model=_label(row, "model", "gearModelName"),
        limit_m=_limit_m(row),
        first_used_on=_day(row, "firstUseDate", "dateBegin"),
        retired_on=_retired_on(row),
        total_m=total_m,
        runs=runs,
    )


def uuid_of(row: object) -> str | None:
    """Without dashes, in small letters; the two interfaces spell it differently."""
    uuid = row.get("uuid") if isinstance(row, dict) else None
    plain = uuid.replace("-", "").lower() if isinstance(uuid, str) else ""
    return plain if re.fullmatch(r"[0-9a-f]{32}", plain) else None


def shoe_ids(rows: Iterable[object]) -> tuple[str, ...]:
    """The pairs of shoes among the gear of an activity."""
    return tuple(dict.fromkeys(uuid for row in rows if is_shoes(row) and (uuid := uuid_of(row))))


def metres_of(rows: Iterable[object]) -> dict[str, float]:
    """The activities of a pair, each with its distance; without one it counts nothing."""
    found: dict[str, float] = {}
    for row in rows:
        external_id = sound_id(row.get("activityId")) if isinstance(row, dict) else None
        if isinstance(row, dict) and external_id:
            found[external_id] = _number(row, LONGEST_RUN_M, "distance") or 0.0
    return found


def _with(row: Row, stats: object) -> Row:
    if not isinstance(stats, dict):
        return row
    totals = {
        "distanceUsedMeters": stats.get("totalDistance"),
        "numActivitiesLinked": stats.get("totalActivities"),
        "processing": stats.get("processing"),
    }
    return {**row, **totals}


def _totals(row: Row) -> tuple[float | None, int | None]:
    """Neither is known while Garmin counts them again: what it tells meanwhile may be too low."""
    if row.get("processing") not in (None, False):
        return None, None
    runs = _number(row, MOST_RUNS, "numActivitiesLinked")
    return _number(row, MOST_M, "distanceUsedMeters"), None if runs is None else int(runs)


def _name(row: Row) -> str:
    named = _text(row, "displayName") or _text(row, "name")
    built = " ".join(
        filter(None, (_label(row, "brand", "gearMakeName"), _label(row, "model", "gearModelName")))
    )
    return (named or built or _text(row, "customMakeModel") or "Unnamed pair")[:LONGEST_NAME]


def _label(row: Row, *keys: str) -> str | None:
    labels = (_text(row, key) for key in keys)
    return next((label for label in labels if label.lower() not in NO_NAMES), None)


def _text(row: Row, key: str) -> str:
    """Printable, in one line, not too long; empty where there is none."""
    text = row.get(key)
    if not isinstance(text, str):
        return ""
    shown = "".join(char if char.isprintable() else " " for char in text[: 4 * LONGEST_NAME])
    return " ".join(shown.split())[:LONGEST_NAME].rstrip()


def _limit_m(row: Row) -> float | None:
    limit_m = _number(row, LONGEST_LIMIT_M, "maxUsageDistanceMeters", "maximumMeters")
    return limit_m if limit_m is not None and limit_m >= SHORTEST_LIMIT_M else None


def _number(row: Row, most: float, *keys: str) -> float | None:
    """The first that is a number from 0 to `most`."""
    for key in keys:
        value = row.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
            return float(value)
    return None


def _day(row: Row, *keys: str) -> date | None:
    return next((day for key in keys if (day := day_of(row.get(key)))), None)


def _retired_on(row: Row) -> date | None:
    """A retired pair whose day is not told takes the day of its last change, or of its first use."""
    states = [state.lower() for key in ("status", "gearStatusName") if isinstance(state := row.get(key), str)]
    if "retired" in states:
        return _day(row, "dateEnd", "updatedDate", "updateDate", "firstUseDate", "dateBegin")
    return None if states else _day(row, "dateEnd")
