"""Dots above and below one's own: how many per cent more or less each run had."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from midsole.domain.units import short_day
from midsole.web.charts.drawing import TOP, UNDER, figure, label, layer, polyline, tip

MOST, LINES = 0.12, (-0.10, -0.05, 0.0, 0.05, 0.10)
LABELS = 5


@dataclass(frozen=True, slots=True)
class Dot:
    """`share` 0.05 is 5 % more than one's own; a marked dot has another shape."""

    on: date
    share: float
    said: str
    marked: bool = False


def against(
    dots: Sequence[Dot], *, name: str, title: str, desc: str, keys: tuple[str, str, str], height: int = 150
) -> Markup:
    """Dots in order of their days; `keys`: the words of a dot, of one's own, of a marked dot."""
    first, days = dots[0].on, (dots[-1].on - dots[0].on).days + 1

    def across(day: date) -> float:
        return round(((day - first).days + 0.5) / days * 100, 2)

    down = _down(height - UNDER)
    inside = [
        _grid(down),
        layer(height, polyline("mean", [(0.0, down(0.0)), (100.0, down(0.0))])),
        *(_dot(dot, across(dot.on), down(dot.share)) for dot in dots),
        *(label(short_day(day), across(day), height - 6) for day in _some(sorted({d.on for d in dots}))),
    ]
    marked = keys[2] if any(d.marked for d in dots) else ""
    shown = (("dot", keys[0]), ("mean", keys[1]), ("above", marked))
    return figure(name, title, desc, height, inside, shown)


def _down(bottom: float) -> Callable[[float], float]:
    """From shares to pixels; what is further off is drawn at the edge."""
    middle, half = (TOP + bottom) / 2, (bottom - TOP) / 2
    return lambda share: round(middle - min(max(share, -MOST), MOST) / MOST * half, 1)


def _grid(down: Callable[[float], float]) -> str:
    lines = (
        f'<line class="grid" x1="0" x2="100%" y1="{down(at)}" y2="{down(at)}"/>'
        f'<text class="axis" x="-6" y="{down(at) + 4}" text-anchor="end">{_per_cent(at)}</text>'
        for at in LINES
    )
    return f'<g aria-hidden="true">{"".join(lines)}</g>'


def _per_cent(share: float) -> str:
    return f"{share * 100:+.0f} %" if share else "own"


def _dot(dot: Dot, x: float, y: float) -> str:
    if not dot.marked:
        return f'<circle class="dot" cx="{x}%" cy="{y}" r="3.5">{tip(dot.said)}</circle>'
    shape = f'<path class="above" d="M0 {y - 6}l5.5 10h-11z"/>'
    return f'<svg x="{x}%" overflow="visible"><g>{tip(dot.said)}{shape}</g></svg>'


def _some(days: Sequence[date]) -> list[date]:
    """The last one, and others far enough apart for their words."""
    apart = max(1, -(-(days[-1] - days[0]).days // (LABELS - 1)))
    found: list[date] = []
    for day in reversed(days):
        if not found or (found[-1] - day).days >= apart:
            found.append(day)
    return found
