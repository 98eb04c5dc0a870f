"""Odd values for the fields of a JSON answer, and what a home has kept of an account."""

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import select

from home import ME, Home
from midsole.store import gear, runners, shoes
from midsole.store import steps as steps_store
from midsole.store import tables as t

MISSING = object()
DEEP: list[Any] = []
for _ in range(150):
    DEEP = [DEEP]
ODD: dict[str, Any] = {
    "missing": MISSING,
    "null": None,
    "text": "garbage",
    "number": 7,
    "float": 0.5,
    "true": True,
    "false": False,
    "list": [],
    "full list": [1, None, {"uuid": []}],
    "object": {},
    "full object": {"typeKey": {"typeKey": 1}, "value": None},
    "empty": "",
    "blank": " \n\t ",
    "huge": 1e308,
    "below zero": -1,
    "past 2**31": 2**31,
    "past 2**63": 2**63,
    "past all": 10**30,
    "long": "x" * 100_000,
    "NUL": "a\0b",
    "half a letter": "\ud800",
    "deep": DEEP,
    "not a number": math.nan,
    "endless": math.inf,
    "endless below": -math.inf,
    "1989": "1989-12-31T00:00:00.0",
    "2190": "2190-01-01 00:00:00",
    "24:61": "2026-10-01T24:61:00",
    "day 0": "0000-00-00",
    "milliseconds": 1_760_000_000_000,
    "milliseconds as text": "1760000000000",
    "unknown word": "SOMETHING_NEW_2027",
}
"""What may stand in the place of a value, by its name."""


def put(row: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the row with another value at `a.b`; MISSING takes it away."""
    changed = copy.deepcopy(row)
    *way, last = path.split(".")
    inner = changed
    for name in way:
        inner[name] = inner[name] if isinstance(inner.get(name), dict) else {}
        inner = inner[name]
    if value is MISSING:
        inner.pop(last, None)
    else:
        inner[last] = value
    return changed


def oddities(paths: Sequence[str], names: Sequence[str] = tuple(ODD)) -> Iterator[tuple[str, str]]:
    """Each field with each odd value."""
    return ((path, name) for path in paths for name in names)


def by_id(change_of: dict[Any, tuple[str, str]], id_of: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A change for the fake's answers: each row named in `change_of` gets its odd value."""

    def change(payload: Any) -> Any:
        if not isinstance(payload, list):
            return payload
        return [
            put(row, found[0], ODD[found[1]]) if (found := change_of.get(id_of(row))) else row
            for row in payload
        ]

    return change


# ---- what is kept


def kept(home: Home) -> dict[str, Any]:
    """All that the runner could miss, without our own numbers and moments."""
    return {
        "activities": _activities(home),
        "lines": _lines(home),
        "pairs": _pairs(home),
        "shoes": _shoes(home),
        "steps": _steps(home),
    }


def _activities(home: Home) -> list[tuple[Any, ...]]:
    with home.box.store.read() as tx:
        wearings = shoes.wearings(tx, ME)
    return [
        (
            a.started_at,
            a.sport,
            a.surface,
            round(a.distance_m),
            round(a.counted_m),
            round(a.timer_s),
            a.title,
            a.is_race,
            a.rpe,
            a.feel,
            a.flags,
            sorted((w.shoe_name, round(w.share, 6), w.set_by) for w in wearings.get(a.id, [])),
        )
        for a in home.activities()
    ]


def lines(home: Home) -> dict[str, Any]:
    """External id -> the row of remote_activity."""
    with home.box.store.read() as tx:
        return {row.external_id: row for row in tx.execute(select(t.remote_activity))}


def _lines(home: Home) -> dict[str, tuple[Any, ...]]:
    return {
        id_: (row.listed, row.told, row.has_file, row.started_at, row.gone_at is not None)
        for id_, row in lines(home).items()
        if not id_.startswith("?")
    }


def _pairs(home: Home) -> dict[str, tuple[Any, ...]]:
    with home.box.store.read() as tx:
        pairs, uses = gear.pairs(tx, ME), gear.uses(tx, ME)
        names = {s.id: s.name for s in shoes.pairs(tx, ME)}
        return {
            p.external_id: (
                p.state,
                names.get(p.shoe_id or 0),
                p.name,
                p.brand,
                p.model,
                p.limit_m,
                p.first_used_on,
                p.retired_on,
                p.total_m,
                p.runs,
                sorted(uses.get(p.external_id, ())),
                gear.metres_of_pair(tx, ME, p.external_id),
            )
            for p in pairs
        }


def _shoes(home: Home) -> list[tuple[Any, ...]]:
    with home.box.store.read() as tx:
        today = runners.get(tx, ME).today(home.box.now())
        worn = {w.shoe.id: (round(w.worn_m), w.runs) for w in shoes.worn(tx, ME, today)}
        return sorted(
            (s.name, s.model, s.kind, s.limit_m, s.start_m, s.first_used_on, s.retired_on, worn.get(s.id))
            for s in shoes.pairs(tx, ME)
        )


def _steps(home: Home) -> dict[Any, int]:
    with home.box.store.read() as tx:
        today = runners.get(tx, ME).today(home.box.now())
        return steps_store.between(tx, ME, today.replace(year=1990), today.replace(year=2100))
