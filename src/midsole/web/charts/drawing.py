"""What all charts share: the figure around one, its grid, its labels, its key.

Across, a place is a percentage, so that a chart fits any width while its letters keep their size; down it is
pixels. What can't be said in percentages (lines, areas) lies in a layer that is stretched."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from midsole.web.charts.scale import Scale

TOP, UNDER = 18, 22
"""Pixels kept free for the unit above the grid, and for the labels below it."""
WIDE_LABELS = 10
"""At most so many labels across; on a phone every other one."""
KEYS = {
    "value": '<rect class="value" x="3" y="2" width="12" height="12"/>',
    "unfinished": '<path class="unfinished" d="M3.5 2.5h11v11h-11zm0 7l7-7m-5.5 11l9.5-9.5m-4 9.5l4-4"/>',
    "unknown": '<rect class="unknown" x="3.5" y="2.5" width="11" height="11"/>',
    "mean": '<path class="mean" d="M0 8h18"/>',
    "cap": '<path class="cap" d="M1 8h16"/>',
    "limit": '<path class="limit" d="M0 8h18"/>',
    "band": '<rect class="band" x="1" y="2" width="16" height="12"/>',
    "line": '<path class="line" d="M0 8h18"/><circle class="dot" cx="9" cy="8" r="3"/>',
    "dot": '<circle class="dot" cx="9" cy="8" r="3.5"/>',
    "above": '<path class="above" d="M9 3l5 9h-10z"/>',
    "off": '<path class="off" d="M6 5l6 6m0 -6l-6 6"/>',
}


def figure(
    name: str,
    title: str,
    desc: str,
    height: float,
    inside: Iterable[str],
    keys: Sequence[tuple[str, str]] = (),
) -> Markup:
    """`inside` are elements; everything said in them is escaped already. `keys`: (what is drawn, words)."""
    drawn = Markup("".join(inside))  # noqa: S704  what is said in it is escaped where it is drawn
    svg = Markup(
        '<svg class="chart" width="100%" height="{h}" role="img" aria-labelledby="{n}-title {n}-desc">'
        '<title id="{n}-title">{title}</title><desc id="{n}-desc">{desc}</desc>{drawn}</svg>'
    ).format(n=name, h=round(height), title=title, desc=desc, drawn=drawn)
    return Markup('<figure class="figure">{}{}</figure>').format(svg, _key(keys))


def _key(keys: Sequence[tuple[str, str]]) -> Markup:
    shown = [(kind, words) for kind, words in keys if words]
    if not shown:
        return Markup("")
    parts = [
        Markup('<span><svg class="key" width="18" height="16" aria-hidden="true">{}</svg> {}</span>').format(
            Markup(KEYS[kind]),  # noqa: S704  one of ours
            words,
        )
        for kind, words in shown
    ]
    return Markup("<figcaption>{}</figcaption>").format(Markup("").join(parts))


def grid(scale: Scale) -> str:
    """Lines with their numbers to the left of the chart, and the unit above."""
    lines = [f'<line class="base" x1="0" x2="100%" y1="{scale.bottom}" y2="{scale.bottom}"/>']
    for value in (0.0, *scale.lines):
        y = scale.y(value * scale.axis.per)
        if value:
            lines.append(f'<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>')
        lines.append(f'<text class="axis" x="-6" y="{round(y + 4, 1)}" text-anchor="end">{value:g}</text>')
    unit = f'<text class="axis" x="-6" y="{TOP - 13}" text-anchor="end">{escape(scale.axis.unit)}</text>'
    return f'<g aria-hidden="true">{"".join(lines)}{unit}</g>'


def label(words: str, percent: float, y: float, *, wide: bool = False) -> str:
    """Under a chart; `wide` ones are shown where there is room."""
    kind = "axis wide" if wide else "axis"
    return (
        f'<text class="{kind}" x="{round(percent, 2)}%" y="{y}" text-anchor="middle">{escape(words)}</text>'
    )


def layer(height: float, inside: str) -> str:
    """Where x runs from 0 to 100 whatever the width; strokes keep theirs."""
    return (
        f'<svg x="0" y="0" width="100%" height="{round(height)}" viewBox="0 0 100 {round(height)}"'
        f' preserveAspectRatio="none" overflow="visible">{inside}</svg>'
    )


def stretches(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The runs of known points between the unknown ones."""
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [stretch for stretch in found if stretch]


def polyline(kind: str, points: Sequence[tuple[float, float] | None]) -> str:
    """A line with gaps where nothing is known; one lone point is a short dash."""
    drawn = []
    for stretch in stretches(points):
        ends = (
            stretch
            if len(stretch) > 1
            else [(stretch[0][0] - 0.5, stretch[0][1]), (stretch[0][0] + 0.5, stretch[0][1])]
        )
        said = " ".join(f"{x:.2f},{y:.1f}" for x, y in ends)
        drawn.append(f'<polyline class="{kind}" vector-effect="non-scaling-stroke" points="{said}"/>')
    return "".join(drawn)


def tip(said: str) -> str:
    """What a pointer that rests on it is told."""
    return f"<title>{escape(said)}</title>" if said else ""
