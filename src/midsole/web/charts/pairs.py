"""Two bars a name: what it is lately, and thinner below it what it was before."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from midsole.web.charts.drawing import figure, tip

ROW, LETTERS, THICK, THIN = 42, 13, 11, 5
"""Pixels down: of a name with its bars, of its words, and of the two bars."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`said` stands above the bars, with both numbers."""

    said: str
    lately: float
    before: float


def pairs(items: Sequence[Pair], *, name: str, title: str, desc: str, most: float = 0.0) -> Markup:
    """The bars as parts of `most`, else of the largest value."""
    whole = most or max((v for p in items for v in (p.lately, p.before)), default=0.0) or 1.0
    inside = [_drawn(pair, n * ROW, whole) for n, pair in enumerate(items)]
    return figure(name, title, desc, ROW * len(items), inside)


def _drawn(pair: Pair, top: float, whole: float) -> str:
    first = top + LETTERS + 4
    return (
        f'<g>{tip(pair.said)}<text class="axis" x="0" y="{top + LETTERS}">{escape(pair.said)}</text>'
        f"{_bar('value', pair.lately / whole, first, THICK)}"
        f"{_bar('past', pair.before / whole, first + THICK + 1, THIN)}</g>"
    )


def _bar(kind: str, share: float, y: float, height: float) -> str:
    return f'<rect class="{kind}" x="0" y="{y}" width="{min(share, 1.0) * 100:.2f}%" height="{height}"/>'
