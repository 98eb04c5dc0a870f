"""The conditions of a shoe rule as options of a command, declared once."""

import inspect
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli.common import parse_day
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.domain.shoe_rules import Circle

type Point = Callable[[int], tuple[float, float]]
"""Where an activity began, by its number."""


def _texts(help_: str, name: str) -> Any:
    return Annotated[list[str] | None, typer.Option(f"--{name}", metavar="TEXT", help=help_)]


def _text(help_: str, name: str, metavar: str) -> Any:
    return Annotated[str | None, typer.Option(f"--{name}", metavar=metavar, help=help_)]


def _number(help_: str, name: str) -> Any:
    return Annotated[float | None, typer.Option(f"--{name}", metavar="N", min=0, help=help_)]


OPTIONS: dict[str, Any] = {
    "sport": _texts("running (without this option), walking, hiking, ...; several with commas.", "sport"),
    "surface": _texts("road, trail, treadmill, track or virtual.", "surface"),
    "min_distance": _text("This far or more, as 18km.", "min-distance", "DISTANCE"),
    "max_distance": _text("This far at most.", "max-distance", "DISTANCE"),
    "min_time": _text("This long or longer, moving, as 90min or 1:30:00.", "min-time", "TIME"),
    "max_time": _text("This long at most.", "max-time", "TIME"),
    "faster_than": _text("Mean pace, as 4:45/km or 7:39/mi.", "faster-than", "PACE"),
    "slower_than": _text("Mean pace.", "slower-than", "PACE"),
    "min_cadence": _number("Steps a minute, both feet.", "min-cadence"),
    "max_cadence": _number("Steps a minute, both feet.", "max-cadence"),
    "min_climb": _number("Metres of ascent per km.", "min-climb"),
    "max_climb": _number("Metres of ascent per km.", "max-climb"),
    "weekday": _texts("sat,sun or mon-fri.", "weekday"),
    "time_of_day": _text(
        "When it starts, as 05:30-09:00; 22:00-02:00 goes over midnight.", "time-of-day", "SPAN"
    ),
    "near": _text("Where it starts: 48.137,11.575, or an activity's number for its start.", "near", "PLACE"),
    "within": _text("How near, as 500m; 300 m without this option.", "within", "DISTANCE"),
    "device": _text("A part of the watch's name, as fenix.", "device", "TEXT"),
    "foot_pod": _text("The foot pod's serial number.", "foot-pod", "SERIAL"),
    "word": _texts("A word or #hashtag of the title; one of several is enough.", "word"),
    "since": _text("On this day or later.", "since", "DATE"),
    "until": _text("On this day or earlier.", "until", "DATE"),
    "race": Annotated[bool | None, typer.Option("--race/--no-race", help="Marked as a race, or not.")],
}
FIELDS: dict[str, tuple[str, ...]] = {
    "sport": ("sports",),
    "surface": ("surfaces",),
    "min-distance": ("min_distance_m",),
    "max-distance": ("max_distance_m",),
    "min-time": ("min_moving_s",),
    "max-time": ("max_moving_s",),
    "faster-than": ("faster_than_s_per_km",),
    "slower-than": ("slower_than_s_per_km",),
    "min-cadence": ("min_cadence_spm",),
    "max-cadence": ("max_cadence_spm",),
    "min-climb": ("min_climb_m_per_km",),
    "max-climb": ("max_climb_m_per_km",),
    "weekday": ("weekdays",),
    "time-of-day": ("time_from", "time_until"),
    "near": ("near",),
    "device": ("device",),
    "foot-pod": ("foot_pod",),
    "word": ("words",),
    "since": ("since",),
    "until": ("until",),
    "race": ("is_race",),
}
"""Option -> what it is called among the conditions."""


def with_conditions(command: Callable[..., None]) -> Callable[..., None]:
    """The command with every condition as an option; it gets those that were given as `asked`."""
    shown = inspect.signature(command)
    own = [p for name, p in shown.parameters.items() if name != "asked"]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in OPTIONS.items()
    ]

    @wraps(command)
    def called(**given: Any) -> None:
        asked = {name: given.pop(name) for name in OPTIONS}
        command(**given, asked={name: value for name, value in asked.items() if value not in (None, [])})

    merged = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    called.__dict__["__signature__"] = shown.replace(parameters=[*merged, *more])
    called.__annotations__ = {p.name: p.annotation for p in (*merged, *more)}
    return called


def read(asked: Mapping[str, Any], units: str, today: date, start_of: Point) -> dict[str, Any]:
    """The conditions that these options say, by the names of their fields."""
    from midsole.domain import rule_words as words
    from midsole.domain.units import parse_distance

    readers: dict[str, Callable[[Any], Any]] = {
        "sport": lambda texts: tuple(text.lower() for text in words.split(texts)),
        "surface": lambda texts: tuple(text.lower() for text in words.split(texts)),
        "min_distance": lambda text: parse_distance(text, units),
        "max_distance": lambda text: parse_distance(text, units),
        "min_time": words.parse_duration,
        "max_time": words.parse_duration,
        "faster_than": lambda text: words.parse_pace(text, units),
        "slower_than": lambda text: words.parse_pace(text, units),
        "weekday": words.parse_weekdays,
        "word": words.split,
        "since": lambda text: parse_day(text, today),
        "until": lambda text: parse_day(text, today),
    }
    found: dict[str, Any] = {}
    for name, said in asked.items():
        fields = FIELDS.get(name.replace("_", "-"), ())
        if name == "time_of_day":
            found |= dict(zip(fields, words.parse_span(said), strict=True))
        elif name == "near":
            found["near"] = _circle(said, asked.get("within"), units, start_of)
        elif fields:
            found[fields[0]] = readers.get(name, lambda value: value)(said)
    if "within" in asked and "near" not in asked:
        raise UsageError("Say also --near what: --near 48.137,11.575 --within 300m.")
    return found


def _circle(near: str, within: str | None, units: str, start_of: Point) -> "Circle":
    from midsole.domain.rule_words import parse_circle

    if near.strip().isdecimal():
        lat, lon = start_of(int(near))
        near = f"{lat:.5f},{lon:.5f}"
    return parse_circle(near, within, units)


def dropped(options: list[str] | None) -> dict[str, Any]:
    """The fields that are asked for no longer, with what stands for nothing."""
    from midsole.domain.rule_words import split
    from midsole.domain.shoe_rules import Conditions

    fields: list[str] = []
    for option in split(options or ()):
        known = FIELDS.get(option.removeprefix("--").replace("no-race", "race"))
        if known is None:
            raise UsageError(f"There is no condition {option!r}. Known: {', '.join(FIELDS)}.")
        fields += known
    return {field: getattr(Conditions(), field) for field in fields}
