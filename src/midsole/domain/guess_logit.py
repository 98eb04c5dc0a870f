"""A choice among pairs from what speaks for each: weights by penalised Newton steps, and probabilities."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from midsole.domain.guess_traits import Floats, Whole

STEPS, STILL, HALVINGS = 30, 1e-3, 12
PIECE = 400
BOLDER = 1.1
"""Weights that are held near the expected ones come out a little small."""
SLIPS = 0.03
"""So often anybody takes any pair, whatever the habit says: no guess is surer than that allows."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What speaks for each possible pair (pairs, features), which one it was, and how much this counts."""

    speaks: Floats
    chosen: int
    counts: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What each feature counts for, and how unsure that is (the covariance of the weights)."""

    mean: Floats
    unsure: Floats


def fit(choices: Sequence[Choice], before: Floats, firmness: Floats, start: Floats | None = None) -> Weights:
    """The weights that make the choices likely, held near `before` with the given firmness."""
    mean = before.copy() if start is None else start.copy()
    if not choices:
        return Weights(mean, np.diag(1 / firmness))
    made = _Made(choices, before, firmness)
    for _ in range(STEPS):
        slope, curve = made.slope_and_curve(mean)
        step = made.shortened(np.linalg.solve(curve, slope), mean)
        mean = mean + step
        if float(np.abs(step).max()) < STILL:
            break
    return Weights(mean, np.linalg.inv(curve))


class _Made:
    """All choices as one table, and how well weights explain them."""

    def __init__(self, choices: Sequence[Choice], before: Floats, firmness: Floats) -> None:
        self._speaks = np.concatenate([c.speaks for c in choices])
        self._first = np.cumsum([0, *(len(c.speaks) for c in choices[:-1])])
        self._lengths = np.array([len(c.speaks) for c in choices])
        self._counts = np.array([c.counts for c in choices])
        self._chosen = self._first + np.array([c.chosen for c in choices])
        self._each = np.repeat(self._counts, self._lengths)
        self._target = (self._counts[:, None] * self._speaks[self._chosen]).sum(0)
        self._before, self._firmness = before, firmness

    def slope_and_curve(self, mean: Floats) -> tuple[Floats, Floats]:
        probability = _shares(self._speaks @ mean, self._first, self._lengths)
        expected = self._speaks.T @ (self._each * probability)
        slope: Floats = self._target - expected - self._firmness * (mean - self._before)
        curve = _curve(self._speaks, probability, self._each, self._counts, self._first)
        return slope, curve + np.diag(self._firmness)

    def shortened(self, step: Floats, mean: Floats) -> Floats:
        """Halved until it leads upwards: whole steps may jump to and fro across the top for ever."""
        here = self._worth(mean)
        for _ in range(HALVINGS):
            if self._worth(mean + step) >= here:
                break
            step = step / 2
        return step

    def _worth(self, mean: Floats) -> float:
        """The logarithm of how likely the choices are, less what it costs to leave `before`."""
        points = self._speaks @ mean
        top = np.maximum.reduceat(points, self._first)
        grown = np.exp(points - np.repeat(top, self._lengths))
        likely = points[self._chosen] - top - np.log(np.add.reduceat(grown, self._first))
        return float(self._counts @ likely - (self._firmness * (mean - self._before) ** 2).sum() / 2)


def _shares(points: Floats, first: Whole, lengths: Whole) -> Floats:
    top = np.repeat(np.maximum.reduceat(points, first), lengths)
    grown = np.exp(points - top)
    shares: Floats = grown / np.repeat(np.add.reduceat(grown, first), lengths)
    return shares


def _curve(speaks: Floats, probability: Floats, each: Floats, counts: Floats, first: Whole) -> Floats:
    weighted = speaks * probability[:, None]
    middle = np.add.reduceat(weighted, first)
    return _crossed(speaks, weighted * each[:, None]) - _crossed(middle, middle * counts[:, None])


def _crossed(one: Floats, other: Floats) -> Floats:
    """The sum of all rows' products, in pieces so small that the linear algebra starts no threads for them:
    on a busy machine these wait for each other a hundred times as long as they work."""
    crossed = np.zeros((one.shape[1], other.shape[1]))
    for begin in range(0, len(one), PIECE):
        crossed += one[begin : begin + PIECE].T @ other[begin : begin + PIECE]
    return crossed


def probabilities(speaks: Floats, weights: Weights) -> Floats:
    """One a pair, summing to 1; drawn together as far as the weights are unsure (MacKay 1992)."""
    mean, unsure = BOLDER * weights.mean, BOLDER**2 * weights.unsure
    points = speaks @ mean
    apart = speaks - speaks[int(points.argmax())]
    variance = np.einsum("ij,jk,ik->i", apart, unsure, apart)
    drawn = (points - points.max()) / np.sqrt(1 + math.pi * np.maximum(variance, 0) / 8)
    grown = np.exp(drawn)
    shares: Floats = (1 - SLIPS) * grown / grown.sum() + SLIPS / len(grown)
    return shares
