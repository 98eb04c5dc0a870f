"""A line, or dots, over days, with a band: what was run against what it should stay below, or a forecast."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from midsole.domain.units import MONTHS, short_day
from midsole.web.charts.drawing import TOP, UNDER, figure, grid, label, layer, polyline, stretches, tip
from midsole.web.charts.scale import Axis, Scale, scale

SHORT_DAYS = 70
"""Up to so many days a label says the day, beyond them the month."""
PLACES = 8
MOST_DOTS = 60
"""On a line; dots alone are always drawn."""
STEPS = (1, 2, 3, 6, 12)
"""Months between two labels: January is always among them."""


@dataclass(frozen=True, slots=True)
class Point:
    """`low` to `high` is the band on that day; `above` is drawn as another shape than the rest."""

    on: date
    value: float | None
    said: str = ""
    low: float | None = None
    high: float | None = None
    above: bool = False


def line(
    points: Sequence[Point],
    *,
    name: str,
    title: str,
    desc: str,
    axis: Axis,
    value_words: str = "",
    band_words: str = "",
    limit: float | None = None,
    limit_words: str = "",
    above_words: str = "",
    joined: bool = True,
    stepped: bool = False,
    today: date | None = None,
    height: int = 190,
) -> Markup:
    """Points in order of their days; `today` draws where the past ends."""
    known = [v for p in points for v in (p.value, p.high) if v is not None]
    measure = scale(max([*known, limit or 0.0]), axis, top=TOP, bottom=height - UNDER)
    across = _across(points)
    at = [None if p.value is None else (across(p.on), measure.y(p.value)) for p in points]
    drawn = [
        _band(points, across, measure, stepped=stepped),
        _limit(limit, measure),
        _now(today, across, measure),
        polyline("line", [p for p in at if p]) if joined else "",
    ]
    inside = [
        grid(measure),
        layer(height, "".join(drawn)),
        *(_dots(points, across, measure) if not joined or len(points) <= MOST_DOTS else ()),
        *_labels(points, across, height),
    ]
    keys = (
        ("line" if joined else "dot", value_words),
        ("above", above_words if any(p.above for p in points) else ""),
        ("band", band_words if any(p.high is not None for p in points) else ""),
        ("limit", limit_words if limit is not None else ""),
    )
    return figure(name, title, desc, height, inside, keys)


def _across(points: Sequence[Point]) -> Callable[[date], float]:
    """Days to percentages, half a day free at both ends."""
    first, last = (points[0].on, points[-1].on) if points else (date.min, date.min)
    days = (last - first).days + 1
    return lambda day: round(((day - first).days + 0.5) / days * 100, 3)


def _band(points: Sequence[Point], across: Callable[[date], float], measure: Scale, *, stepped: bool) -> str:
    edges = [
        None if p.high is None else (across(p.on), measure.y(p.high), measure.y(p.low or 0.0)) for p in points
    ]
    tops = stretches([None if e is None else (e[0], e[1]) for e in edges])
    bottoms = stretches([None if e is None else (e[0], e[2]) for e in edges])
    drawn = []
    for top, bottom in zip(tops, bottoms, strict=True):
        upper, lower = (_steps(top), _steps(bottom)) if stepped else (top, bottom)
        said = " ".join(f"{x:.2f},{y:.1f}" for x, y in [*upper, *reversed(lower)])
        drawn.append(f'<polygon class="band" points="{said}"/>{polyline("edge", upper)}')
    return "".join(drawn)


def _steps(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Each height holds until the next point."""
    made = list(points[:1])
    for x, y in points[1:]:
        made += [(x, made[-1][1]), (x, y)]
    return made


def _limit(limit: float | None, measure: Scale) -> str:
    return "" if limit is None else polyline("limit", [(0.0, measure.y(limit)), (100.0, measure.y(limit))])


def _now(today: date | None, across: Callable[[date], float], measure: Scale) -> str:
    return (
        ""
        if today is None
        else polyline("now", [(across(today), measure.top), (across(today), measure.bottom)])
    )


def _dots(points: Sequence[Point], across: Callable[[date], float], measure: Scale) -> list[str]:
    return [_dot(p, across(p.on), measure.y(p.value)) for p in points if p.value is not None]


def _dot(point: Point, x: float, y: float) -> str:
    if not point.above:
        return f'<circle class="dot" cx="{x}%" cy="{y}" r="3.5">{tip(point.said)}</circle>'
    shape = f'<path class="above" d="M0 {y - 6}l5.5 10h-11z"/>'
    return f'<svg x="{x}%" overflow="visible"><g>{tip(point.said)}{shape}</g></svg>'


def _labels(points: Sequence[Point], across: Callable[[date], float], height: int) -> list[str]:
    if not points:
        return []
    first, last = points[0].on, points[-1].on
    shown = _months(first, last) if (last - first).days > SHORT_DAYS else _days(first, last)
    return [label(words, across(day), height - 6, wide=n % 2 == 1) for n, (day, words) in enumerate(shown)]


def _days(first: date, last: date) -> list[tuple[date, str]]:
    step = max(1, -(-(last - first).days // (PLACES - 1)))
    found = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1, step)]
    return [(day, short_day(day)) for day in found]


def _months(first: date, last: date) -> list[tuple[date, str]]:
    """The first days of some months; January is named by its year."""
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    step = next((s for s in STEPS if len(months) / s <= PLACES), len(months) // PLACES // 12 * 12 + 12)
    starts = [date(n // 12, n % 12 + 1, 1) for n in months if n % step == 0]
    return [(day, str(day.year) if day.month == 1 else MONTHS[day.month - 1]) for day in starts]
