"""The only rounding: metres, speeds and seconds as a runner reads them, and back."""

import math
import re
from datetime import date

from midsole.domain.errors import UsageError

M_PER_KM = 1_000.0
M_PER_MILE = 1_609.344
METRES_BY_UNIT = {"km": M_PER_KM, "mi": M_PER_MILE, "m": 1.0}
METRES_BY_NAME = {"half": 21_097.5, "half marathon": 21_097.5, "marathon": 42_195.0}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_DISTANCE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(kilometres?|kilometers?|km|k|miles?|mi|metres?|meters?|m)?")
# Floats such as 1.1 * 13_000 land a hair beside the whole number; a runner's cap must not lose 100 m to it.
_HAIR = 1e-7


def unit_m(units: str) -> float:
    """Metres in one of the runner's units, km or mi."""
    return M_PER_MILE if units == "mi" else M_PER_KM


def distance(metres: float, units: str) -> str:
    """ "14.3 km": one decimal below 100, none from there on."""
    value = metres / unit_m(units)
    return f"{value:.1f} {units}" if round(value, 1) < 100 else f"{value:.0f} {units}"


def distance_down(metres: float, units: str) -> str:
    """A cap as shown: rounded down to one decimal, so that who runs it stays below."""
    return f"{_tenths_down(metres, units) / 10:.1f} {units}"


def shown_m(metres: float, units: str) -> float:
    """The metres of what `distance_down` shows."""
    return _tenths_down(metres, units) / 10 * unit_m(units)


def _tenths_down(metres: float, units: str) -> int:
    return math.floor(metres / unit_m(units) * 10 + _HAIR)


def percent(fraction: float) -> str:
    return f"{fraction * 100:.0f} %"


def pace(m_per_s: float, units: str) -> str:
    """ "5:12 /km"; a dash where nobody moved."""
    if m_per_s <= 0:
        return "-"
    minutes, seconds = divmod(round(unit_m(units) / m_per_s), 60)
    return f"{minutes}:{seconds:02d} /{units}"


def duration(seconds: float) -> str:
    """ "42:10" or "1:02:05"."""
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02d}:{s:02d}" if hours else f"{m}:{s:02d}"


def short_day(day: date) -> str:
    """ "2 Nov", in English whatever the box's locale is."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def parse_distance(text: str, default_unit: str) -> float:
    """Metres of "21km", "13.1 mi", "21,1", "500 m", "half" or "marathon"."""
    said = text.strip().lower()
    if said in METRES_BY_NAME:
        return METRES_BY_NAME[said]
    match = _DISTANCE.fullmatch(said)
    if match is None:
        raise UsageError(f"{text!r} is no distance: write 21km, 13.1mi, 500 m, half or marathon.")
    metres = float(match[1].replace(",", ".")) * METRES_BY_UNIT[_unit(match[2], default_unit)]
    if metres <= 0:
        raise UsageError(f"{text!r} is no distance: it must be more than nothing.")
    return metres


def _unit(said: str | None, default_unit: str) -> str:
    if said is None:
        return default_unit
    if said.startswith("k"):
        return "km"
    return "mi" if said.startswith("mi") else "m"
