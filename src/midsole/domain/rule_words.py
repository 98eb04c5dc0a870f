"""The conditions of a rule in plain words, and read from what the runner types."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import time
from functools import partial

from midsole.domain.activity import RUNNING
from midsole.domain.errors import UsageError
from midsole.domain.shoe_rules import Circle, Conditions
from midsole.domain.units import M_PER_KM, distance, duration, pace, parse_distance, unit_m
from midsole.domain.weeks import WEEKDAYS

NOUNS = {
    RUNNING: "runs",
    "walking": "walks",
    "hiking": "hikes",
    "cycling": "rides",
    "swimming": "swims",
    "other": "activities of another sport",
}
NEAR_M = 300.0
"""Where nobody said how near: a watch that looks for satellites on the way may begin a street further on."""

_PACE = re.compile(r"(\d{1,2}):([0-5]\d)\s*(?:min)?\s*(?:/\s*(km|mi))?")
_CLOCKED = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)")
_TIMED = re.compile(r"(?:(\d{1,2})\s*h)?\s*(?:(\d{1,4})\s*(?:min|m)?)?")
_SPAN = re.compile(r"(\d{1,2})(?::([0-5]\d))?\s*(?:-|–|to)\s*(\d{1,2})(?::([0-5]\d))?")
_POINT = re.compile(r"([+-]?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*([+-]?\d{1,3}(?:\.\d+)?)")


# ---- in words


def describe(conditions: Conditions, units: str) -> str:
    """ "trail runs of 18.0 km or more on Saturdays or Sundays"."""
    parts = [part for part in (*_how(conditions, units), *_when_and_where(conditions, units)) if part]
    return " ".join([_what(conditions), (" " if len(parts) < 3 else ", ").join(parts)]).strip()


def _what(c: Conditions) -> str:
    nouns = [NOUNS[sport] for sport in c.sports] or ["activities"]
    return " ".join([*([_either(c.surfaces)] if c.surfaces else []), _either(nouns)])


def _how(c: Conditions, units: str) -> Iterable[str]:
    far = partial(distance, units=units)
    yield _range("of ", far, c.min_distance_m, c.max_distance_m)
    yield _range("lasting ", duration, c.min_moving_s, c.max_moving_s)
    yield _at_pace(c, units)
    yield _range("with a cadence of ", "{:.0f}".format, c.min_cadence_spm, c.max_cadence_spm)
    yield _range("climbing ", "{:.0f} m per km".format, c.min_climb_m_per_km, c.max_climb_m_per_km)
    yield f'recorded by "{c.device}"' if c.device else ""
    yield f"with foot pod {c.foot_pod}" if c.foot_pod else ""
    if c.is_race is not None:
        yield "marked as a race" if c.is_race else "not marked as a race"


def _range(before: str, shown: Callable[[float], str], least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f"{before}{shown(least)} to {shown(most)}"
    if least is not None:
        return f"{before}{shown(least)} or more"
    return "" if most is None else f"{before}{shown(most)} at most"


def _at_pace(c: Conditions, units: str) -> str:
    said = (("faster", c.faster_than_s_per_km), ("slower", c.slower_than_s_per_km))
    return " and ".join(
        f"{word} than {_pace(limit_s, units)}" for word, limit_s in said if limit_s is not None
    )


def _pace(seconds_per_km: float, units: str) -> str:
    return pace(M_PER_KM / seconds_per_km, units) if seconds_per_km else f"0:00 /{units}"


def _when_and_where(c: Conditions, units: str) -> Iterable[str]:
    yield f"on {_days(c.weekdays)}" if c.weekdays else ""
    if c.time_from is not None and c.time_until is not None:
        yield f"starting between {c.time_from:%H:%M} and {c.time_until:%H:%M}"
    if c.near is not None:
        radius = distance(c.near.radius_m, units) if c.near.radius_m >= 1000 else f"{c.near.radius_m:.0f} m"
        yield f"starting within {radius} of {round(c.near.lat, 5)}, {round(c.near.lon, 5)}"
    if c.words:
        quoted = [f'"{word}"' for word in c.words]
        yield f"with {_either(quoted)} in the title"
    yield f"since {c.since}" if c.since else ""
    yield f"until {c.until}" if c.until else ""


def _days(weekdays: Sequence[int]) -> str:
    first, last = min(weekdays), max(weekdays)
    if len(weekdays) > 2 and last - first == len(weekdays) - 1:
        return f"{WEEKDAYS[first]}s to {WEEKDAYS[last]}s"
    return _either([f"{WEEKDAYS[day]}s" for day in weekdays])


def _either(words: Sequence[str]) -> str:
    return " or ".join([*([", ".join(words[:-1])] if words[1:] else []), words[-1]])


# ---- as typed


def parse_pace(text: str, units: str) -> float:
    """Seconds per km of "4:45", "4:45/km" or "7:39/mi"."""
    match = _PACE.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(f"{text!r} is no pace: write it as 4:45/km or 7:39/mi.")
    return (60 * int(match[1]) + int(match[2])) / (unit_m(match[3] or units) / M_PER_KM)


def parse_duration(text: str) -> float:
    """Seconds of "1:30:00", "52:10" (minutes first), "1h30", "90min" or "90" (minutes)."""
    said = text.strip().lower()
    if match := _CLOCKED.fullmatch(said):
        return 3600.0 * int(match[1] or 0) + 60 * int(match[2]) + int(match[3])
    match = _TIMED.fullmatch(said)
    if match is None or not (match[1] or match[2]):
        raise UsageError(f"{text!r} is no time: write it as 90min, 1h30 or 1:30:00.")
    return 3600.0 * int(match[1] or 0) + 60 * int(match[2] or 0)


def parse_weekdays(texts: Iterable[str]) -> tuple[int, ...]:
    """From Monday 0, each once, of "sat,sun", "monday" or "mon-fri"; "fri-mon" goes over the weekend."""
    days: set[int] = set()
    for text in split(texts):
        begin, dash, end = text.partition("-")
        first = _weekday(begin)
        last = _weekday(end) if dash else first
        days |= {(first + n) % 7 for n in range((last - first) % 7 + 1)}
    return tuple(sorted(days))


def _weekday(text: str) -> int:
    said = text.strip().lower()
    for number, name in enumerate(WEEKDAYS):
        if len(said) >= 2 and name.lower().startswith(said):
            return number
    raise UsageError(f"{text!r} is no weekday: write sat, or mon-fri, or tue,thu.")


def split(texts: Iterable[str]) -> tuple[str, ...]:
    """What was said one by one or with commas between, each once, in order."""
    parts = (part.strip() for text in texts for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def parse_span(text: str) -> tuple[time, time]:
    """The begin, and the first minute after, of "05:30-09:00", "22-2" or "17:00-24:00"."""
    match = _SPAN.fullmatch(text.strip().lower())
    hours = (int(match[1]), int(match[3])) if match else (99, 99)
    if match is None or hours[0] > 23 or hours[1] > 24 or (hours[1] == 24 and int(match[4] or 0)):
        raise UsageError(f"{text!r} is no time of day: write it as 05:30-09:00.")
    return time(hours[0], int(match[2] or 0)), time(hours[1] % 24, int(match[4] or 0))


def parse_circle(near: str, within: str | None, units: str) -> Circle:
    """Within a distance of "48.137,11.575" (latitude, longitude, as a map shows them)."""
    point, _, said = near.strip().lower().partition("within")
    match = _POINT.fullmatch(point.strip())
    if match is None or (said and within):
        raise UsageError(
            f"{near!r} is no place: write latitude and longitude, as 48.137,11.575, "
            "and how near with --within 300m."
        )
    radius = said or within
    return Circle(float(match[1]), float(match[2]), parse_distance(radius, units) if radius else NEAR_M)
