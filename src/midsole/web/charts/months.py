"""Small bars, one a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from midsole.domain.units import MONTHS
from midsole.web.charts.bars import Bar, bars
from midsole.web.charts.scale import Axis

HEIGHT = 110


@dataclass(frozen=True, slots=True)
class Month:
    """`first` is its first day; `value` None is unknown."""

    first: date
    value: float | None
    said: str = ""
    unfinished: bool = False


def months(items: Sequence[Month], *, name: str, title: str, desc: str, axis: Axis) -> Markup:
    drawn = [Bar(_label(m.first), m.value, m.said, unfinished=m.unfinished) for m in items]
    return bars(drawn, name=name, title=title, desc=desc, axis=axis, height=HEIGHT)


def _label(first: date) -> str:
    """ "Nov 26"."""
    return f"{MONTHS[first.month - 1]} {first:%y}"
