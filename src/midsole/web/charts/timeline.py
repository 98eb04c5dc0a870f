"""A time line: lanes of marks over the same days, one above the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from midsole.domain.units import short_day
from midsole.web.charts.drawing import label, tip

HEAD, GAP, FOOT = 18, 8, 22
"""Pixels for the words above a lane, between two lanes, and for the days below all."""
FILLED, NARROWEST, WIDEST = 70, 0.35, 2.6
"""Per cent of the width: of all bars together, and of one."""
LOWEST, HALF = 2.0, 6
"""Pixels: of the lowest bar, and of half a mark."""
PLACES = 6
WORST = 10

BARS, LEVELS, MARKS, SPANS = "bars", "levels", "marks", "spans"
HEIGHTS = {BARS: 46, LEVELS: 76, MARKS: 16, SPANS: 14}


@dataclass(frozen=True, slots=True)
class Mark:
    """`shape` is how it is drawn: bar, painless, note, warn, alarm, flag, tick, step, dot or span.

    `value` is the height of a bar, or a level from 0 to 10; `until` the last day of a span."""

    on: date
    said: str
    shape: str
    value: float = 0.0
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """`kind` is bars, levels, marks or spans; `words` stand above it."""

    words: str
    kind: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Days:
    """From the first to the last day, both whole; places across are percentages."""

    first: date
    last: date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def bar(self) -> float:
        """How wide a day's bar is."""
        return min(max(FILLED / self.count, NARROWEST), WIDEST)

    def middle(self, day: date) -> float:
        return round(((day - self.first).days + 0.5) / self.count * 100, 3)

    def hold(self, mark: Mark) -> bool:
        return mark.on <= self.last and (mark.until or mark.on) >= self.first


def timeline(
    lanes: Sequence[Lane],
    *,
    name: str,
    title: str,
    desc: str,
    first: date,
    last: date,
    onset: date | None = None,
    ended: date | None = None,
) -> Markup:
    """From `first` to `last`; `onset` and `ended` are lines through all lanes."""
    days = _Days(first, last)
    drawn, top = [], 0
    bottom = sum(HEAD + HEIGHTS[lane.kind] + GAP for lane in lanes)
    for day, kind in ((onset, "onset"), (ended, "ended")):
        if day is not None and first <= day <= last:
            drawn.append(_upright(days.middle(day), bottom, kind))
    for lane in lanes:
        drawn.append(_lane(lane, top, days))
        top += HEAD + HEIGHTS[lane.kind] + GAP
    drawn += _labels(days, bottom + FOOT - 6)
    return _figure(name, title, desc, bottom + FOOT, "".join(drawn))


def _figure(name: str, title: str, desc: str, height: int, drawn: str) -> Markup:
    return Markup(
        '<figure class="figure">'
        '<svg class="timeline" width="100%" height="{h}" role="img" aria-labelledby="{n}-title {n}-desc">'
        '<title id="{n}-title">{title}</title><desc id="{n}-desc">{desc}</desc>{drawn}</svg></figure>'
    ).format(
        n=name,
        h=height,
        title=title,
        desc=desc,
        drawn=Markup(drawn),  # noqa: S704  what is said in it is escaped where it is drawn
    )


def _upright(x: float, bottom: int, kind: str) -> str:
    return f'<line class="{kind}" x1="{x}%" x2="{x}%" y1="{HEAD - 4}" y2="{bottom - GAP + 2}"/>'


def _lane(lane: Lane, top: int, days: _Days) -> str:
    floor = top + HEAD + HEIGHTS[lane.kind]
    most = max((mark.value for mark in lane.marks), default=0.0) or 1.0
    marks = "".join(_mark(mark, lane.kind, floor, most, days) for mark in lane.marks if days.hold(mark))
    return (
        f'<g><text class="lane" x="0" y="{top + HEAD - 6}">{escape(lane.words)}</text>'
        f'<line class="floor" x1="0" x2="100%" y1="{floor}" y2="{floor}"/>{marks}</g>'
    )


def _mark(mark: Mark, kind: str, floor: int, most: float, days: _Days) -> str:
    if kind == SPANS:
        return _span(mark, floor, days)
    if kind == BARS:
        return _bar(mark, floor, most, days)
    y = _level_y(mark.value, floor) if kind == LEVELS else floor - HEIGHTS[kind] / 2
    inside = f"<g>{tip(mark.said)}{SHAPES[mark.shape]}</g>"
    return f'<svg x="{days.middle(mark.on)}%" y="{y}" overflow="visible">{inside}</svg>'


def _span(mark: Mark, floor: int, days: _Days) -> str:
    left = days.middle(max(mark.on, days.first)) - days.bar / 2
    right = days.middle(min(mark.until or mark.on, days.last)) + days.bar / 2
    across = f'x="{left:.3f}%" width="{right - left:.3f}%"'
    tall = HEIGHTS[SPANS]
    return f'<rect class="span" {across} y="{floor - tall}" height="{tall}">{tip(mark.said)}</rect>'


def _bar(mark: Mark, floor: int, most: float, days: _Days) -> str:
    tall = max(LOWEST, round(mark.value / most * HEIGHTS[BARS], 1))
    across = f'x="{days.middle(mark.on) - days.bar / 2:.3f}%" width="{days.bar:.3f}%"'
    return f'<rect class="bar" {across} y="{round(floor - tall, 1)}" height="{tall}">{tip(mark.said)}</rect>'


def _level_y(value: float, floor: int) -> float:
    """Room for half a mark at both ends."""
    share = min(max(value, 0.0), WORST) / WORST
    return round(floor - HALF - share * (HEIGHTS[LEVELS] - 2 * HALF), 1)


SHAPES = {
    "painless": '<circle class="painless" r="3.5"/>',
    "note": '<circle class="note" r="4.5"/>',
    "warn": '<path class="warn" d="M0 -6l5.8 10.5h-11.6z"/>',
    "alarm": '<rect class="alarm" x="-4.8" y="-4.8" width="9.6" height="9.6"/>',
    "flag": '<path class="flag" d="M-3 7v-14h9l-2.5 3.5l2.5 3.5h-9"/>',
    "tick": '<path class="tick" d="M0 -6v12"/>',
    "step": '<path class="step" d="M-5 0l5 -5l5 5l-5 5z"/>',
    "dot": '<circle class="dot" r="3.5"/>',
}


def _labels(days: _Days, y: int) -> list[str]:
    """Some days named below, the last one among them."""
    step = max(1, -(-(days.count - 1) // (PLACES - 1)))
    named = [date.fromordinal(n) for n in range(days.last.toordinal(), days.first.toordinal() - 1, -step)]
    return [label(short_day(d), _inside(days.middle(d)), y, wide=n % 2 == 1) for n, d in enumerate(named)]


def _inside(percent: float) -> float:
    """No label runs out at the edges of a phone."""
    return min(max(percent, 6.0), 94.0)
