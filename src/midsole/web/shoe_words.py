"""Pairs and inserts in words: how far worn, when at the limit, what a kilometre costs; and wear bars."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from midsole.actions.box import Runner
from midsole.domain.letter import full_day, plain
from midsole.domain.shoes import LIMIT_M_BY_KIND, START_ESTIMATED
from midsole.domain.units import M_PER_KM, distance, percent, unit_m
from midsole.web.charts.wear import wear_bar

type View = Mapping[str, Any]

KIND_WORDS = {
    "daily": "Daily trainer",
    "trail": "Trail",
    "tempo": "Tempo",
    "racing": "Racing",
    "minimal": "Minimal",
    "walking": "Walking",
}


@dataclass(frozen=True, slots=True)
class Wear:
    """How worn it is. `level` and `state` are empty while there is nothing to say; no bar where unknown."""

    worn: str
    ahead: str
    cost: str | None
    level: str
    state: str
    bar: Markup | None


def wear(row: View, runner: Runner, in_8_weeks_m: float = 0.0) -> Wear:
    """Of a row of views.shoes or inserts.views; `in_8_weeks_m`: what it wore in the last eight."""
    used, units, limits = row["used_fraction"], runner.units, runner.limits
    worn = worn_words(row, units)
    level, state = _state(row, limits.shoe_note, limits.shoe_warn, limits.shoe_alarm)
    bar = None
    if used is not None:
        ahead = used + in_8_weeks_m / row["limit_m"] if in_8_weeks_m and not row["retired_on"] else None
        bar = wear_bar(used, label=f"{row['name']}: {worn}", ahead=ahead, low=limits.shoe_note)
    return Wear(worn, ahead_words(row), cost_words(row["cost_per_km"], units), level, state, bar)


def worn_words(row: View, units: str) -> str:
    """ "412 km of 640 km, 64 %"."""
    limit = plain(distance(row["limit_m"], units))
    if row["distance_m"] is None:
        return f"mileage unknown; {plain(distance(row['worn_m'], units))} since it is here, limit {limit}"
    about = "about " if row.get("start_how") == START_ESTIMATED else ""
    done = plain(distance(row["distance_m"], units))
    all_day = row.get("everyday_m")
    beside = f", of it about {plain(distance(all_day, units))} all-day wear" if all_day else ""
    return f"{about}{done} of {limit}, {percent(row['used_fraction'])}{beside}"


def ahead_words(row: View) -> str:
    """When it reaches its limit, or why nobody can say."""
    if row["retired_on"]:
        return ""
    if (row["used_fraction"] or 0.0) >= 1:
        return "Past its limit now."
    first, last = (_day(row["forecast"][name]) for name in ("p10", "p90"))
    if first is None:
        why = next((w.removeprefix("forecast: ") for w in row["missing"] if w.startswith("forecast")), "")
        return _no_forecast(why)
    if last is None:
        return f"At its limit after {full_day(first)}, at the pace of the last 8 weeks."
    return f"At its limit between {full_day(first)} and {full_day(last)}, at the pace of the last 8 weeks."


def _no_forecast(why: str) -> str:
    if why.startswith("p90"):
        return "At its limit in more than ten years, at the pace of the last 8 weeks."
    return f"No forecast: {why}." if why else "No forecast yet."


def _day(said: date | str | None) -> date | None:
    return date.fromisoformat(said) if isinstance(said, str) else said


def cost_words(cost_per_km: float | None, units: str) -> str | None:
    """ "0.25 per km", in the runner's money."""
    return None if cost_per_km is None else f"{cost_per_km * unit_m(units) / M_PER_KM:.2f} per {units}"


def _state(row: View, note: float, warn: float, alarm: float) -> tuple[str, str]:
    used = row["used_fraction"]
    if used is None or row["retired_on"] or used < note:
        return "", ""
    if used < warn:
        return "note", f"Past {percent(note)} of its limit"
    return ("warn", "Worn: at its limit") if used < alarm else ("alarm", f"Worn: past {percent(alarm)}")


def default_words(default_for: list[View]) -> str:
    """ "running on trail, walking"."""
    return ", ".join(f"{d['sport']}{f' on {d["surface"]}' if d['surface'] else ''}" for d in default_for)


def said_m(metres: float | None, units: str) -> str:
    """A distance as a field of a form holds it: in the runner's units, without them."""
    return "" if metres is None else f"{metres / unit_m(units):.3f}".rstrip("0").rstrip(".")


def kind_options(units: str) -> list[tuple[str, str]]:
    """Each kind with its default limit."""
    return [
        (kind, f"{KIND_WORDS[kind]} (limit {plain(distance(limit, units))})")
        for kind, limit in LIMIT_M_BY_KIND.items()
    ]
