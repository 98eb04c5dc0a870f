"""What a rule of the runner may ask for, and how its conditions are kept as JSON."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date, time
from typing import Any

from midsole.domain.activity import SPORTS, SURFACES
from midsole.domain.errors import UsageError
from midsole.domain.shoe_rules import Circle, Conditions, plain

UNKNOWN = "unknown"
"""The sport or surface that no rule can ask for."""
WIDEST_M = 100_000.0
LONGEST_TEXT = 100
MOST = 1e9
"""As decode/bounds: what is more was never measured."""


def checked(conditions: Conditions) -> Conditions:
    """The same, unless it asks for nothing or for what nothing can be: then a UsageError says so."""
    if conditions == Conditions():
        raise UsageError(
            "A rule needs a condition, for example --surface trail. What a pair wears otherwise is its "
            "default: midsole shoes default."
        )
    _refuse_unknown("sport", conditions.sports, SPORTS)
    _refuse_unknown("surface", conditions.surfaces, SURFACES)
    _refuse_numbers(conditions)
    for name, least, most in _bounds(conditions):
        if least is not None and most is not None and least > most:
            raise UsageError(f"No activity fits: the smallest {name} is above the largest.")
    _refuse_times(conditions)
    _refuse_place(conditions.near)
    _refuse_texts(conditions)
    return conditions


def _refuse_unknown(what: str, said: tuple[str, ...], known: tuple[str, ...]) -> None:
    for word in said:
        if word not in known or word == UNKNOWN:
            names = ", ".join(name for name in known if name != UNKNOWN)
            raise UsageError(f"There is no {what} {word!r}. Known: {names}.")


def _refuse_numbers(conditions: Conditions) -> None:
    for field in fields(conditions):
        value = getattr(conditions, field.name)
        if isinstance(value, float) and not 0 <= value < MOST:
            raise UsageError(f"{value} is out of reach for {field.name.replace('_', ' ')}.")
    if any(day not in range(7) for day in conditions.weekdays):
        raise UsageError("A week has the days mon, tue, wed, thu, fri, sat and sun.")


def _bounds(c: Conditions) -> Iterable[tuple[str, float | None, float | None]]:
    yield "distance", c.min_distance_m, c.max_distance_m
    yield "time", c.min_moving_s, c.max_moving_s
    yield "cadence", c.min_cadence_spm, c.max_cadence_spm
    yield "climb", c.min_climb_m_per_km, c.max_climb_m_per_km


def _refuse_times(c: Conditions) -> None:
    slowest_s, fastest_s = c.faster_than_s_per_km, c.slower_than_s_per_km
    if slowest_s is not None and fastest_s is not None and fastest_s >= slowest_s:
        raise UsageError("No activity fits: it can't be faster than the one pace and slower than the other.")
    if slowest_s == 0:
        raise UsageError("No activity fits: nobody is faster than 0:00.")
    if c.since and c.until and c.since > c.until:
        raise UsageError(f"No activity fits: {c.until} lies before {c.since}.")
    if (c.time_from is None) is not (c.time_until is None):
        raise UsageError("A time of day needs its begin and its end, as 05:30-09:00.")
    if c.time_from is not None and c.time_from == c.time_until:
        raise UsageError("A time of day needs two different times, as 05:30-09:00.")


def _refuse_place(near: Circle | None) -> None:
    if near is None:
        return
    if not (-90 <= near.lat <= 90 and -180 <= near.lon <= 180):
        raise UsageError("A place is a latitude from -90 to 90 and a longitude from -180 to 180.")
    if not 0 < near.radius_m <= WIDEST_M:
        raise UsageError("The distance from the place must be more than nothing, and at most 100 km.")


def _refuse_texts(c: Conditions) -> None:
    for text in (c.device, c.foot_pod, *c.words):
        if text is not None and not plain(text.removeprefix("#")):
            raise UsageError("An empty word fits nothing: write it as --word tempo or --word '#tempo'.")
        if text is not None and (len(text) > LONGEST_TEXT or not text.isprintable()):
            raise UsageError(f"A word has at most {LONGEST_TEXT} letters, in one line.")


def as_json(conditions: Conditions) -> dict[str, Any]:
    """Only what is asked; times and dates in ISO form."""
    nothing = Conditions()
    asked = {f.name: getattr(conditions, f.name) for f in fields(conditions)}
    return {name: _told(value) for name, value in asked.items() if value != getattr(nothing, name)}


def _told(value: Any) -> Any:
    if isinstance(value, Circle):
        return asdict(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def from_json(told: Any) -> Conditions:
    """The conditions again; a UsageError where they are none (a condition left out would widen the rule)."""
    if not isinstance(told, Mapping):
        raise UsageError("A rule's conditions are kept by their names.")
    unknown = sorted(set(told) - set(_READERS))
    if unknown:
        raise UsageError(f"A rule knows no condition {', '.join(map(repr, unknown))}.")
    values: dict[str, Any] = {}
    for name, value in told.items():
        try:
            values[name] = _READERS[name](value)
        except (TypeError, ValueError, KeyError, OverflowError):
            raise UsageError(f"A rule's condition {name} can't be {value!r}.") from None
    return checked(Conditions(**values))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _each(reader: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise TypeError
        return tuple(reader(one) for one in value)

    return read


def _clock(value: Any) -> time:
    clock = time.fromisoformat(_text(value))
    if clock.tzinfo is not None:
        raise ValueError
    return clock


def _circle(value: Any) -> Circle:
    if set(value) != {"lat", "lon", "radius_m"}:
        raise ValueError
    return Circle(*(_number(value[name]) for name in ("lat", "lon", "radius_m")))


_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "sports": _each(_text),
    "surfaces": _each(_text),
    "weekdays": _each(_whole),
    "time_from": _clock,
    "time_until": _clock,
    "near": _circle,
    "device": _text,
    "foot_pod": _text,
    "words": _each(_text),
    "since": lambda value: date.fromisoformat(_text(value)),
    "until": lambda value: date.fromisoformat(_text(value)),
    "is_race": _flag,
}
_READERS: dict[str, Callable[[Any], Any]] = {
    f.name: _SPECIAL.get(f.name, _number) for f in fields(Conditions)
}
