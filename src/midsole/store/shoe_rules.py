"""The runner's own rules for which pair a run wears, in their order."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from midsole.domain.rule_checks import as_json, from_json
from midsole.domain.shoe_rules import Conditions, ShoeRule
from midsole.domain.wearing import RULE
from midsole.store import tables as t
from midsole.store.base import Tx, insert_id

_R = t.shoe_rule.c


def rules(tx: Tx, runner_id: int) -> list[ShoeRule]:
    """In the order they are asked; places are 1 to n, also where a pair went and took its rules along."""
    query = select(_R.id, _R.shoe_id, _R.conditions, _R.from_date).where(_R.runner_id == runner_id)
    rows = tx.execute(query.order_by(_R.place, _R.id))
    return [
        ShoeRule(row.id, place, row.shoe_id, from_json(row.conditions), row.from_date)
        for place, row in enumerate(rows, 1)
    ]


def worn_by_rule(tx: Tx, runner_id: int) -> dict[int, int]:
    """Pair -> how many activities wear it because a rule said so."""
    w = t.wearing.c
    query = select(w.shoe_id, func.count(w.activity_id.distinct()).label("runs"))
    ruled = query.where(w.runner_id == runner_id, w.set_by == RULE, w.shoe_id.is_not(None))
    return {row.shoe_id: row.runs for row in tx.execute(ruled.group_by(w.shoe_id))}


def add(
    tx: Tx, runner_id: int, shoe_id: int, conditions: Conditions, from_date: date, now: datetime
) -> ShoeRule:
    """The new rule, asked after all others."""
    place = len(_ids(tx, runner_id)) + 1
    row = {"runner_id": runner_id, "place": place, "shoe_id": shoe_id, "from_date": from_date}
    row |= {"conditions": as_json(conditions), "created_at": now}
    rule_id = insert_id(tx, t.shoe_rule, row)
    _number(tx, _ids(tx, runner_id))
    return ShoeRule(rule_id, place, shoe_id, conditions, from_date)


def change(tx: Tx, rule: ShoeRule) -> None:
    """Keep its pair, conditions and first day; its place is changed by `move` only."""
    values: dict[str, Any] = {"shoe_id": rule.shoe_id, "from_date": rule.from_date}
    values["conditions"] = as_json(rule.conditions)
    tx.execute(update(t.shoe_rule).where(_R.id == rule.id).values(**values))


def remove(tx: Tx, runner_id: int, rule_id: int) -> None:
    """Those behind it move up."""
    tx.execute(delete(t.shoe_rule).where(_R.id == rule_id, _R.runner_id == runner_id))
    _number(tx, _ids(tx, runner_id))


def move(tx: Tx, runner_id: int, rule_id: int, place: int) -> None:
    """To this place; those between step aside."""
    others = [other for other in _ids(tx, runner_id) if other != rule_id]
    _number(tx, [*others[: place - 1], rule_id, *others[place - 1 :]])


def _ids(tx: Tx, runner_id: int) -> list[int]:
    return list(tx.scalars(select(_R.id).where(_R.runner_id == runner_id).order_by(_R.place, _R.id)))


def _number(tx: Tx, ids: list[int]) -> None:
    for place, rule_id in enumerate(ids, 1):
        tx.execute(update(t.shoe_rule).where(_R.id == rule_id).values(place=place))
