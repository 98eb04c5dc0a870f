"""The list of runs: what fits what is asked, a page at a time, each with its pairs and who said so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from midsole.actions.box import Box
from midsole.domain.activity import Activity
from midsole.domain.errors import UsageError
from midsole.domain.plausible import DOUBTS
from midsole.domain.wearing import BAREFOOT
from midsole.store import activities, searching, shoes
from midsole.store.base import Tx
from midsole.store.searching import NO_PAIR, ORDERS, Search
from midsole.store.shoes import Wearing

__all__ = ["BAREFOOT", "NO_PAIR", "ORDERS", "PAGE", "Listed", "Search", "fitting", "listed", "part"]

PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of what fits; `found` and `counted_m` are of all that fits."""

    rows: list[dict[str, Any]]
    found: int
    counted_m: float
    page: int
    pages: int


def listed(box: Box, runner_id: int, search: Search, order: str = "newest", page: int = 1) -> Listed:
    """Pages count from 1; one beyond the last is the last."""
    with box.store.read() as tx:
        _check(tx, runner_id, search)
        found, counted_m = searching.count(tx, runner_id, search)
        pages = max(1, -(-found // PAGE))
        shown = min(max(1, page), pages)
        ids = searching.ids(tx, runner_id, search, order, PAGE, (shown - 1) * PAGE)
        rows = _rows(tx, runner_id, ids)
    return Listed(rows, found, counted_m, shown, pages)


def fitting(box: Box, runner_id: int, search: Search) -> list[int]:
    """The numbers of all that fit."""
    with box.store.read() as tx:
        _check(tx, runner_id, search)
        return searching.ids(tx, runner_id, search)


def _check(tx: Tx, runner_id: int, search: Search) -> None:
    """A pair of somebody else is no pair."""
    if isinstance(search.shoe, int) and search.shoe not in {s.id for s in shoes.pairs(tx, runner_id)}:
        raise UsageError("There is no such pair.")


def _rows(tx: Tx, runner_id: int, ids: Sequence[int]) -> list[dict[str, Any]]:
    found = {a.id: a for a in activities.between(tx, runner_id, ids=ids)}
    worn = shoes.wearings(tx, runner_id, ids)
    return [row(found[n], worn.get(n, [])) for n in ids]


def row(a: Activity, worn: Sequence[Wearing]) -> dict[str, Any]:
    return {
        "id": a.id,
        "local_date": a.local_date,
        "title": a.title,
        "sport": a.sport,
        "surface": a.surface,
        "distance_m": a.distance_m,
        "counted_m": a.counted_m,
        "moving_s": a.moving_s,
        "speed_m_per_s": a.counted_m / a.moving_s if a.moving_s else 0.0,
        "is_race": a.is_race,
        "excluded": a.excluded,
        "confirmed": a.confirmed,
        "doubts": [] if _is_settled(a) else [flag for flag in a.flags if flag in DOUBTS],
        "worn": [part(w) for w in worn],
    }


def _is_settled(a: Activity) -> bool:
    return a.confirmed or a.excluded or a.distance_from == "edit"


def part(w: Wearing) -> dict[str, Any]:
    """One pair of an activity."""
    return {
        "shoe": w.shoe_id,
        "name": w.shoe_name or BAREFOOT,
        "distance_m": w.distance_m,
        "share": w.share,
        "set_by": w.set_by,
        "probability": w.probability,
    }
