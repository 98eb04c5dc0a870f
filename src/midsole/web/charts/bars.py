"""Bars, one a week, with the line of a mean and a mark for the cap of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from midsole.web.charts.drawing import TOP, UNDER, WIDE_LABELS, figure, grid, label, layer, polyline, tip
from midsole.web.charts.scale import Axis, Scale, scale

FILLED = 0.74
"""Of a bar's place."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` None is unknown. `said` is the tooltip, `cap` what the value should stay below."""

    label: str
    value: float | None
    said: str = ""
    mean: float | None = None
    cap: float | None = None
    unfinished: bool = False
    off: bool = False
    """Marked with a cross at the top."""


def bars(
    items: Sequence[Bar],
    *,
    name: str,
    title: str,
    desc: str,
    axis: Axis,
    value_words: str = "",
    mean_words: str = "",
    cap_words: str = "",
    unfinished_words: str = "",
    off_words: str = "",
    height: int = 190,
) -> Markup:
    largest = max((v for b in items for v in (b.value, b.mean, b.cap) if v is not None), default=0.0)
    measure = scale(largest, axis, top=TOP, bottom=height - UNDER)
    slot = 100 / max(len(items), 1)
    inside = [
        hatch(name),
        grid(measure),
        *(_bar(b, n * slot, slot, measure, name) for n, b in enumerate(items)),
        layer(height, _lines(items, slot, measure)),
        *_labels(items, slot, height),
    ]
    keys = (
        ("value", value_words),
        ("unfinished", unfinished_words if any(b.unfinished for b in items) else ""),
        ("unknown", "not known" if any(b.value is None for b in items) else ""),
        ("mean", mean_words if any(b.mean is not None for b in items) else ""),
        ("cap", cap_words if any(b.cap is not None for b in items) else ""),
        ("off", off_words if any(b.off for b in items) else ""),
    )
    return figure(name, title, desc, height, inside, keys if value_words else ())


def hatch(name: str) -> str:
    """What is not finished, or only foreseen, is hatched."""
    return (
        f'<defs><pattern id="{name}-hatch" width="5" height="5" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect class="hatch-back" width="5" height="5"/>'
        '<rect class="hatch" width="2" height="5"/></pattern></defs>'
    )


def _bar(bar: Bar, left: float, slot: float, measure: Scale, name: str) -> str:
    x, width = round(left + slot * (1 - FILLED) / 2, 3), round(slot * FILLED, 3)
    whole = (
        f'<rect class="place" x="{left:.3f}%" width="{slot:.3f}%" y="{measure.top}"'
        f' height="{measure.bottom - measure.top}"/>'
    )
    if bar.value is None:
        drawn = f'<rect class="unknown" x="{x}%" width="{width}%" y="{measure.bottom - 9}" height="9"/>'
    else:
        y = min(measure.y(bar.value), measure.bottom - 1.5)
        kind = f'class="unfinished" fill="url(#{name}-hatch)"' if bar.unfinished else 'class="value"'
        drawn = f'<rect {kind} x="{x}%" width="{width}%" y="{y}" height="{round(measure.bottom - y, 1)}"/>'
    off = _cross(left + slot / 2) if bar.off else ""
    return f"<g>{tip(bar.said)}{whole}{drawn}{_cap(bar, left, slot, measure)}{off}</g>"


def _cross(middle: float) -> str:
    shape = f'<path class="off" d="M-3 {TOP - 11}l6 6m0 -6l-6 6"/>'
    return f'<svg x="{middle:.3f}%" overflow="visible">{shape}</svg>'


def _cap(bar: Bar, left: float, slot: float, measure: Scale) -> str:
    if bar.cap is None:
        return ""
    y, first, last = measure.y(bar.cap), round(left + slot * 0.06, 3), round(left + slot * 0.94, 3)
    return f'<line class="cap" x1="{first}%" x2="{last}%" y1="{y}" y2="{y}"/>'


def _lines(items: Sequence[Bar], slot: float, measure: Scale) -> str:
    at = [None if b.mean is None else ((n + 0.5) * slot, measure.y(b.mean)) for n, b in enumerate(items)]
    return polyline("halo", at) + polyline("mean", at)


def _labels(items: Sequence[Bar], slot: float, height: int) -> list[str]:
    """Counted from the last one, which is now."""
    every = ceil(len(items) / WIDE_LABELS)
    return [
        label(b.label, (len(items) - 0.5 - n) * slot, height - 6, wide=(n // every) % 2 == 1)
        for n, b in enumerate(reversed(items))
        if n % every == 0
    ]
