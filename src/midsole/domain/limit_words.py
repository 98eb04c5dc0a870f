"""The runner's limits in words: what each means, how it is shown and typed, and whose it is."""

from dataclasses import dataclass

from midsole.domain.errors import UsageError
from midsole.domain.units import unit_m

MORE, SHARE, DISTANCE, DAYS, HOURS = "more", "share", "distance", "days", "hours"
WHOLE = (DAYS,)


@dataclass(frozen=True, slots=True)
class LimitWords:
    """`kind` is more (a factor, shown in per cent above 1), share, distance, days or hours."""

    name: str
    label: str
    kind: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LimitGroup:
    """What belongs together on the page and in one rule's evidence."""

    title: str
    rule: str
    limits: tuple[LimitWords, ...]


GROUPS = (
    LimitGroup(
        "One run against the longest of the 30 days before",
        "L1",
        (
            LimitWords("session_warn", "Warn when it is longer by", MORE, ("L0", "L1")),
            LimitWords("session_warn_more_m", "Warn only when that is at least", DISTANCE, ("L1",)),
            LimitWords("session_alarm", "Alarm when it is longer by", MORE, ("L1",)),
            LimitWords("session_alarm_more_m", "Alarm only when that is at least", DISTANCE, ("L1",)),
        ),
    ),
    LimitGroup(
        "A week against your usual week",
        "L2",
        (
            LimitWords("week_note", "Note when it is above by", MORE, ("L2", "L3")),
            LimitWords("week_warn", "Warn when it is above by", MORE, ("L2",)),
            LimitWords("week_warn_more_m", "Warn only when that is at least", DISTANCE, ("L2",)),
            LimitWords("two_weeks_warn", "Two weeks together: warn when above by", MORE, ("L2",)),
            LimitWords(
                "two_weeks_warn_more_m", "Two weeks: warn only when that is at least", DISTANCE, ("L2",)
            ),
        ),
    ),
    LimitGroup(
        "Coming back after a break",
        "L5",
        (LimitWords("break_days", "A break is this long without a run", DAYS, ("L5",)),),
    ),
    LimitGroup(
        "How worn a pair or an insert is, of its own limit",
        "S1",
        (
            LimitWords("shoe_note", "Note at", SHARE, ("S1", "S5")),
            LimitWords("shoe_warn", "Warn at", SHARE, ("S1", "S5")),
            LimitWords("shoe_alarm", "Alarm at", SHARE, ("S1",)),
        ),
    ),
    LimitGroup(
        "One pair only",
        "S2",
        (LimitWords("one_pair_share", "Note when one pair has more of 8 weeks than", SHARE, ("S2",)),),
    ),
    LimitGroup(
        "A new pair",
        "S3",
        (
            LimitWords("new_pair_m", "A pair is new for", DISTANCE, ("S3", "L3")),
            LimitWords("new_racing_pair_m", "A racing or minimal pair is new for", DISTANCE, ("S3",)),
        ),
    ),
    LimitGroup(
        "Runs without a pair",
        "S4",
        (LimitWords("guess_sure", "A guess counts as sure from", SHARE, ("S4",)),),
    ),
    LimitGroup(
        "A source that went silent",
        "W1",
        (
            LimitWords("silent_look_h", "Warn when it could not be read for", HOURS, ("W1",)),
            LimitWords("silent_runs_days", "Ask when no run came for", DAYS, ("W1",)),
        ),
    ),
)
LIMITS = {limit.name: limit for group in GROUPS for limit in group.limits}


def unit_of(kind: str, units: str) -> str:
    return {MORE: "%", SHARE: "%", DISTANCE: units, DAYS: "days", HOURS: "hours"}[kind]


def typed(value: float, kind: str, units: str) -> str:
    """As it stands in its field, without the unit."""
    match kind:
        case "more":
            shown = (value - 1) * 100
        case "share":
            shown = value * 100
        case "distance":
            shown = value / unit_m(units)
        case _:
            shown = value
    return f"{round(shown, 2):g}"


def read(text: str, words: LimitWords, units: str) -> float:
    """The limit that was typed; a UsageError names the field."""
    try:
        number = float(text.strip().removesuffix(unit_of(words.kind, units)).strip().replace(",", "."))
    except ValueError:
        raise UsageError(f"{words.label}: {text!r} is no number.") from None
    if not 0 < number < 1e6 or (words.kind in WHOLE and number != int(number)):
        raise UsageError(f"{words.label}: {text} {unit_of(words.kind, units)} can't be a limit.")
    match words.kind:
        case "more":
            return round(1 + number / 100, 6)
        case "share":
            return round(number / 100, 6)
        case "distance":
            return round(number * unit_m(units), 3)
    return number
