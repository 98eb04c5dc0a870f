"""Looking for activities: those that fit what is asked, a page at a time, and their neighbours."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Text, cast, func, select

from midsole.domain.plausible import DOUBTS
from midsole.store import tables as t
from midsole.store.base import Tx

NO_PAIR, BAREFOOT = "none", "barefoot"
"""Nobody knows what was worn; and: no pair that is kept here."""
_A = t.activity.c
ORDERS: dict[str, tuple[Any, ...]] = {
    "newest": (_A.started_at.desc(), _A.id.desc()),
    "oldest": (_A.started_at, _A.id),
    "longest": (_A.distance_m.desc(), _A.id.desc()),
    "shortest": (_A.distance_m, _A.id),
}


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of activities; None or False: not asked. `shoe`: a pair's number, or one of the words."""

    since: date | None = None
    until: date | None = None
    sport: str | None = None
    surface: str | None = None
    shoe: int | str | None = None
    words: str | None = None
    flagged: bool = False
    excluded: bool = False


def count(tx: Tx, runner_id: int, search: Search) -> tuple[int, float]:
    """How many fit, and the metres of theirs that count."""
    sums = select(func.count(), func.coalesce(func.sum(_A.counted_m), 0.0)).select_from(t.activity)
    found, metres = tx.execute(sums.where(*_fitting(runner_id, search))).one()
    return int(found), float(metres)


def ids(
    tx: Tx, runner_id: int, search: Search, order: str = "newest", limit: int | None = None, skip: int = 0
) -> list[int]:
    """The numbers of those that fit, in that order."""
    query = select(_A.id).where(*_fitting(runner_id, search)).order_by(*ORDERS[order])
    return list(tx.scalars(query.limit(limit).offset(skip)))


def _fitting(runner_id: int, search: Search) -> list[Any]:
    said: list[Any] = []
    if search.since is not None:
        said.append(_A.local_date >= search.since)
    if search.until is not None:
        said.append(_A.local_date <= search.until)
    said += [_A[name] == value for name in ("sport", "surface") if (value := getattr(search, name))]
    if search.words:
        said.append(func.lower(_A.title).contains(search.words.lower(), autoescape=True))
    said += [_wearing(runner_id, search.shoe)] if search.shoe is not None else []
    said += [_doubted()] if search.flagged else []
    said += [_A.excluded.is_(True)] if search.excluded else []
    return [_A.runner_id == runner_id, *said]


def _wearing(runner_id: int, shoe: int | str) -> Any:
    """Asked once, not of every activity: SQLite would go through a pair's whole life for each."""
    w = t.wearing.c
    worn = select(w.activity_id).where(w.runner_id == runner_id)
    if shoe == NO_PAIR:
        return _A.id.not_in(worn)
    return _A.id.in_(worn.where(w.shoe_id.is_(None) if shoe == BAREFOOT else w.shoe_id == shoe))


def _doubted() -> Any:
    """Something of it looks wrong, and the runner said nothing of that yet."""
    flags = cast(_A.flags, Text)
    some = [flags.contains(f'"{flag}"') for flag in sorted(DOUBTS)]
    return _A.confirmed.is_(False) & _A.excluded.is_(False) & (_A.distance_from != "edit") & _any(some)


def _any(conditions: list[Any]) -> Any:
    first, *others = conditions
    for other in others:
        first = first | other
    return first


def neighbours(tx: Tx, runner_id: int, activity_id: int) -> tuple[int | None, int | None]:
    """The activities just before and after this one."""
    mine = _A.runner_id == runner_id
    this = select(_A.started_at).where(mine, _A.id == activity_id).scalar_subquery()
    early = (_A.started_at < this) | ((_A.started_at == this) & (_A.id < activity_id))
    late = (_A.started_at > this) | ((_A.started_at == this) & (_A.id > activity_id))
    before = tx.scalar(select(_A.id).where(mine, early).order_by(*ORDERS["newest"]).limit(1))
    after = tx.scalar(select(_A.id).where(mine, late).order_by(*ORDERS["oldest"]).limit(1))
    return before, after


def edits(tx: Tx, activity_id: int) -> dict[str, tuple[Any, date]]:
    """What the runner said of it, and on which day (in UTC)."""
    e = t.edit.c
    rows = tx.execute(select(e.field, e.value, e.said_at).where(e.activity_id == activity_id))
    return {row.field: (row.value, row.said_at.date()) for row in rows}
