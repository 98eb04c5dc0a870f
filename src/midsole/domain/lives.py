"""How long the runner's own pairs lasted: past pairs of one model, and the limit that follows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import fmean, median

from midsole.domain.forecast import cost_per_km
from midsole.domain.gear import split_name
from midsole.domain.shoes import Shoe, Worn

WORN_OUT = frozenset({"", "worn", "worn out", "retired in garmin"})
"""Reasons that say no other thing than wear; Garmin knows none. A lost pair tells nothing of its life."""
LEAST_FRACTION = 0.10
"""Of its limit: a pair retired before was no fit, or entered by mistake."""
PAIRS_NEEDED = 2
"""RULES.md section 2: after the first two retired pairs of a model."""
PAIRS_LOOKED_AT = 3

_ONE_OF_SEVERAL = re.compile(r"\s*(?:\([^()]*\)|#\s*\d+|no\.?\s*\d+)\s*$", re.IGNORECASE)
"""What a runner adds to a model's name to tell two pairs apart: (blue), #2, No. 3."""


@dataclass(frozen=True, slots=True)
class Life:
    """A pair that was worn to its end, with what it wore in all."""

    shoe: Shoe
    distance_m: float
    retired_on: date
    cost_per_km: float | None


def life(worn: Worn) -> Life | None:
    """None where the pair is in use, was not retired for its wear, or nobody knows how far it went."""
    pair, metres = worn.shoe, worn.distance_m
    reason = (pair.retired_reason or "").strip().rstrip(".").casefold()
    if pair.retired_on is None or reason not in WORN_OUT or metres is None:
        return None
    if metres < LEAST_FRACTION * pair.limit_m:
        return None
    return Life(pair, metres, pair.retired_on, cost_per_km(worn))


def same_model(one: Shoe, other: Shoe) -> bool:
    """By the letters of the model, or of the name where no model is given; kinds must agree as well."""
    if one.kind != other.kind:
        return False
    (brand, letters), (other_brand, other_letters) = (_model(s.model or s.name) for s in (one, other))
    return letters == other_letters and (brand == other_brand or None in (brand, other_brand))


@lru_cache(maxsize=1024)
def _model(text: str) -> tuple[str | None, str]:
    """The brand, where the text names one, and the letters and digits of the model."""
    short = _ONE_OF_SEVERAL.sub("", text).strip() or text
    brand, model = split_name(short)
    letters = "".join(c for c in (model or "").casefold() if c.isalnum())
    return brand, letters or short.casefold()


def lives_of_model(shoe: Shoe, worns: Iterable[Worn]) -> list[Life]:
    """The last three past pairs of its model and kind, the newest first; empty below two."""
    found = [past for w in worns if (past := life(w)) and same_model(shoe, w.shoe)]
    newest = sorted(found, key=lambda past: (past.retired_on, past.shoe.id), reverse=True)
    return newest[:PAIRS_LOOKED_AT] if len(newest) >= PAIRS_NEEDED else []


def lives_of_kind(kind: str, worns: Iterable[Worn]) -> list[Life]:
    """All past pairs of a kind, of any model."""
    return [past for w in worns if w.shoe.kind == kind and (past := life(w))]


def own_limit_m(lives: Sequence[Life], unit_m: float) -> float | None:
    """The median of these lives in whole kilometres or miles; None where there are none."""
    if not lives:
        return None
    return round(median(past.distance_m for past in lives) / unit_m) * unit_m


def mean_cost_per_km(lives: Iterable[Life]) -> float | None:
    known = [past.cost_per_km for past in lives if past.cost_per_km is not None]
    return fmean(known) if known else None
