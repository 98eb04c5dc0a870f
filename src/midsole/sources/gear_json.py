"""Garmin's gear, in both spellings of its interface, as pairs of shoes; any field may be odd or missing."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date

from midsole.observe.logs import log
from midsole.sources.answers import as_text, day_of, sound_id
from midsole.sources.base import Gear

LONGEST_NAME = 100
NO_NAMES = frozenset({"", "other", "unknown", "unknown shoes"})
"""What the older interface says where the runner typed the name by hand."""
UNNAMED = "Unnamed pair"
MAKES = ("brand", "model", "gearMakeName", "gearModelName", "customMakeModel")
LIMITS = ("maxUsageDistanceMeters", "maximumMeters")
ENDS = ("dateEnd", "updatedDate", "updateDate", "firstUseDate", "dateBegin")
ACTIVE, RETIRED = "active", "retired"
SHORTEST_LIMIT_M = 1_000
LONGEST_LIMIT_M = 20_000_000
MOST_M = 1e9
MOST_RUNS = 1_000_000
LONGEST_RUN_M = 5e6

type Row = Mapping[str, object]


def pairs_of(
    rows: Iterable[object],
    known: Collection[str] = (),
    stats_of: Callable[[object], object] = lambda _: None,
) -> list[Gear]:
    """The shoes among a list of gear, each once; its totals may be told elsewhere."""
    found = (gear_of(row, stats_of(row)) for row in rows if is_shoes(row, known))
    return list({pair.external_id: pair for pair in found if pair}.values())


def is_shoes(row: object, known: Collection[str] = ()) -> bool:
    """A pair, or one of the `known` pairs, whatever is said of its kind today."""
    return uuid_of(row) in known or any(kind.lower() == "shoes" for kind in _kinds(row))


def is_gear(row: object, known: Collection[str] = ()) -> bool:
    """Whether it can be read which piece of gear this is, and of what kind."""
    return uuid_of(row) is not None and (uuid_of(row) in known or any(_kinds(row)))


def _kinds(row: object) -> list[str]:
    told = (row.get("gearType"), row.get("gearTypeName")) if isinstance(row, dict) else ()
    return [kind.strip() for kind in told if isinstance(kind, str)]


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
        unsure=_unsure(row),
    )


def uuid_of(row: object) -> str | None:
    """Without dashes, in small letters; the two interfaces spell it differently."""
    uuid = row.get("uuid") if isinstance(row, dict) else None
    plain = uuid.replace("-", "").lower() if isinstance(uuid, str) else ""
    return plain if re.fullmatch(r"[0-9a-f]{32}", plain) else None


def shoe_ids(rows: Iterable[object], known: Collection[str] = ()) -> tuple[str, ...]:
    """The pairs of shoes among the gear of an activity."""
    return tuple(dict.fromkeys(uuid for row in rows if is_shoes(row, known) and (uuid := uuid_of(row))))


def activity_of(row: object) -> str | None:
    return sound_id(row.get("activityId")) if isinstance(row, dict) else None


def metres_of(rows: Iterable[object]) -> dict[str, float | None]:
    """The activities of a pair, each with its distance; without one it counts nothing.

    None: something stands in the place of the distance that is none."""
    found: dict[str, float | None] = {}
    for row in rows:
        external_id = activity_of(row)
        if isinstance(row, dict) and external_id:
            told = row.get("distance") is not None
            found[external_id] = _number(row, LONGEST_RUN_M, "distance") if told else 0.0
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
    return (named or built or _text(row, "customMakeModel") or UNNAMED)[:LONGEST_NAME]


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
    limit_m = _number(row, LONGEST_LIMIT_M, *LIMITS)
    return limit_m if limit_m is not None and limit_m >= SHORTEST_LIMIT_M else None


def _number(row: Row, most: float, *keys: str) -> float | None:
    """The first that is a number from 0 to `most`."""
    for key in keys:
        value = row.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
            return float(value)
    return None


def _day(row: Row, *keys: str) -> date | None:
    """The first that can be true: no pair is older than Garmin's accounts, nor of the next century."""
    days = (day for key in keys if (day := day_of(row.get(key))))
    return next((day for day in days if 1990 <= day.year < 2100), None)


def _retired_on(row: Row) -> date | None:
    """A retired pair whose day is not told takes the day of its last change, or of its first use."""
    if _state(row) == RETIRED:
        return _day(row, *ENDS)
    return None if _state(row) == ACTIVE else _day(row, "dateEnd")


def _state(row: Row) -> str | None:
    """None for what nobody knows; of two that are told, the one that ends the pair."""
    states = [state.lower() for key in ("status", "gearStatusName") if isinstance(state := row.get(key), str)]
    return next((state for state in (RETIRED, ACTIVE) if state in states), None)


def _unsure(row: Row) -> frozenset[str]:
    """What is said so oddly that it says nothing; what is simply not there was taken away in the account."""
    named = _text(row, "displayName") or _text(row, "name")
    doubts = {
        "name": _name(row) == UNNAMED or (not named and _is_odd(row, "displayName", "name", *MAKES)),
        "brand": _is_odd(row, "brand", "gearMakeName"),
        "model": _is_odd(row, "model", "gearModelName"),
        "limit_m": _limit_m(row) is None and any(row.get(key) not in (None, 0) for key in LIMITS),
        "first_used_on": _day(row, "firstUseDate", "dateBegin") is None,
        "retired_on": _is_unsure_whether_retired(row),
    }
    return frozenset(name for name, holds in doubts.items() if holds)


def _is_unsure_whether_retired(row: Row) -> bool:
    if _state(row) is None:
        return _day(row, "dateEnd") is None
    odd = any(row.get(key) is not None and not _day(row, key) for key in ENDS)
    return _state(row) == RETIRED and (odd or _day(row, *ENDS) is None)


def _is_odd(row: Row, *keys: str) -> bool:
    """Whether something else than a text stands there."""
    return any(row.get(key) is not None and not isinstance(row.get(key), str) for key in keys)
