"""The conditions of a shoe rule as fields of a form: filled, and read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from midsole.domain import rule_words
from midsole.domain.activity import SPORTS, SURFACES
from midsole.domain.errors import UsageError
from midsole.domain.rule_checks import UNKNOWN
from midsole.domain.shoe_rules import Circle, Conditions
from midsole.domain.units import M_PER_KM, parse_distance, unit_m
from midsole.web.forms import Form

type Point = Callable[[int], tuple[float, float]]
"""Where an activity began, by its number."""

SPORT_CHOICES = tuple(sport for sport in SPORTS if sport != UNKNOWN)
SURFACE_CHOICES = tuple(surface for surface in SURFACES if surface != UNKNOWN)
RACE = {"": None, "yes": True, "no": False}
TICKS = ("sports", "surfaces", "weekdays")


@dataclass(frozen=True, slots=True)
class Filled:
    """What the fields hold: texts, and the values that are ticked of each row of boxes."""

    texts: Mapping[str, str]
    ticked: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")

    def has(self, name: str, value: object) -> bool:
        return str(value) in self.ticked.get(name, frozenset())


def as_entered(form: Form) -> Filled:
    ticked = {name: frozenset(v for v in form.data.getlist(name) if isinstance(v, str)) for name in TICKS}
    return Filled(form.plain(), ticked)


def new() -> Filled:
    return Filled({}, {"sports": frozenset({"running"})})


def filled(conditions: Conditions, units: str) -> Filled:
    """The fields of a rule that there is."""
    c = conditions
    texts = {
        **_pair("distance", c.min_distance_m, c.max_distance_m, lambda m: f"{round(m / unit_m(units), 3):g}"),
        **_pair("time", c.min_moving_s, c.max_moving_s, _clocked),
        **_pair("cadence", c.min_cadence_spm, c.max_cadence_spm, "{:g}".format),
        **_pair("climb", c.min_climb_m_per_km, c.max_climb_m_per_km, "{:g}".format),
        "faster_than": _pace(c.faster_than_s_per_km, units),
        "slower_than": _pace(c.slower_than_s_per_km, units),
        "time_from": _minutes(c.time_from),
        "time_until": _minutes(c.time_until),
        "near": f"{c.near.lat:g}, {c.near.lon:g}" if c.near else "",
        "within": f"{c.near.radius_m:g} m" if c.near else "",
        "device": c.device or "",
        "foot_pod": c.foot_pod or "",
        "words": ", ".join(c.words),
        "since": c.since.isoformat() if c.since else "",
        "until": c.until.isoformat() if c.until else "",
        "race": next(word for word, is_race in RACE.items() if is_race is c.is_race),
    }
    ticked = {"sports": c.sports, "surfaces": c.surfaces, "weekdays": c.weekdays}
    return Filled(texts, {name: frozenset(map(str, values)) for name, values in ticked.items()})


def _pair(
    name: str, least: float | None, most: float | None, shown: Callable[[float], str]
) -> dict[str, str]:
    both = {f"min_{name}": least, f"max_{name}": most}
    return {key: "" if value is None else shown(value) for key, value in both.items()}


def _clocked(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _pace(s_per_km: float | None, units: str) -> str:
    if s_per_km is None:
        return ""
    whole = round(s_per_km * unit_m(units) / M_PER_KM)
    return f"{whole // 60}:{whole % 60:02d}"


def _minutes(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def read(form: Form, units: str, start_of: Point, before: Conditions | None = None) -> Conditions:
    """What the form asks; a field that still shows what stood there keeps its exact number."""
    said = _said(form, units, start_of)
    if before is not None:
        shown = filled(before, units)
        kept = {name: getattr(before, name) for field, name in EXACT.items() if form[field] == shown[field]}
        said |= kept | _kept_place(form, shown, before)
    return Conditions(**said)


EXACT = {
    "min_distance": "min_distance_m",
    "max_distance": "max_distance_m",
    "min_time": "min_moving_s",
    "max_time": "max_moving_s",
    "faster_than": "faster_than_s_per_km",
    "slower_than": "slower_than_s_per_km",
    "min_cadence": "min_cadence_spm",
    "max_cadence": "max_cadence_spm",
    "min_climb": "min_climb_m_per_km",
    "max_climb": "max_climb_m_per_km",
}


def _kept_place(form: Form, shown: Filled, before: Conditions) -> dict[str, Any]:
    same = form["near"] == shown["near"] and form["within"] == shown["within"]
    return {"near": before.near} if same else {}


def _said(form: Form, units: str, start_of: Point) -> dict[str, Any]:
    entered = as_entered(form)
    return {
        "sports": tuple(sport for sport in SPORTS if entered.has("sports", sport)),
        "surfaces": tuple(surface for surface in SURFACES if entered.has("surfaces", surface)),
        "min_distance_m": _maybe(form, "min_distance", lambda text: parse_distance(text, units)),
        "max_distance_m": _maybe(form, "max_distance", lambda text: parse_distance(text, units)),
        "min_moving_s": _maybe(form, "min_time", rule_words.parse_duration),
        "max_moving_s": _maybe(form, "max_time", rule_words.parse_duration),
        "faster_than_s_per_km": _maybe(form, "faster_than", lambda t: rule_words.parse_pace(t, units)),
        "slower_than_s_per_km": _maybe(form, "slower_than", lambda t: rule_words.parse_pace(t, units)),
        "min_cadence_spm": form.number("min_cadence"),
        "max_cadence_spm": form.number("max_cadence"),
        "min_climb_m_per_km": form.number("min_climb"),
        "max_climb_m_per_km": form.number("max_climb"),
        "weekdays": tuple(day for day in range(7) if entered.has("weekdays", day)),
        "time_from": _maybe(form, "time_from", _clock),
        "time_until": _maybe(form, "time_until", _clock),
        "near": _near(form, units, start_of),
        "device": form.maybe("device"),
        "foot_pod": form.maybe("foot_pod"),
        "words": rule_words.split([form["words"]]),
        "since": form.day("since"),
        "until": form.day("until"),
        "is_race": RACE.get(form["race"]),
    }


def _maybe[T](form: Form, name: str, reader: Callable[[str], T]) -> T | None:
    text = form.maybe(name)
    return None if text is None else reader(text)


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise UsageError(f"{text!r} is no time of day: write it as 17:30.") from None


def _near(form: Form, units: str, start_of: Point) -> Circle | None:
    near, within = form.maybe("near"), form.maybe("within")
    if near is None:
        if within:
            raise UsageError("Say also near what: a latitude and a longitude, or the number of a run.")
        return None
    if near.isdecimal() and len(near) < 10:
        lat, lon = start_of(int(near))
        near = f"{lat:.5f},{lon:.5f}"
    return rule_words.parse_circle(near, within, units)


def first_day(form: Form) -> date | None:
    return form.day("from_date")
