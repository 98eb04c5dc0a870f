"""From values to places: what an axis reads, round numbers for its lines, and pixels from the top."""

from dataclasses import dataclass
from math import ceil, floor, log10

from midsole.domain.units import unit_m

LINES = 5
"""Of a grid, beside its bottom: few enough to stay calm."""
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """`per` SI units are one of the `unit` that is shown."""

    unit: str = ""
    per: float = 1.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Upwards from 0 at `bottom` to `most` at `top`, both in pixels from the top."""

    axis: Axis
    step: float
    most: float
    top: float
    bottom: float

    def y(self, value: float) -> float:
        inside = min(max(value / self.axis.per, 0.0), self.most)
        return round(self.bottom - inside / self.most * (self.bottom - self.top), 1)

    @property
    def lines(self) -> list[float]:
        """The values of the grid, in the shown unit, without 0."""
        return [n * self.step for n in range(1, round(self.most / self.step) + 1)]


def distance_axis(units: str) -> Axis:
    return Axis(units, unit_m(units))


def scale(largest: float, axis: Axis, *, top: float, bottom: float) -> Scale:
    """One that holds the largest value and ends on a round number."""
    shown = largest / axis.per if largest > 0 else 1.0
    step = round_step(shown / LINES)
    return Scale(axis, step, step * max(1, ceil(shown / step - 1e-9)), top, bottom)


def round_step(at_least: float) -> float:
    """1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(at_least))
    return next(n * power for n in ROUND if n * power >= at_least * (1 - 1e-9))
