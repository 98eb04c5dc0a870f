"""The steps of whole days, as an account counts them."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from midsole.store import tables as t
from midsole.store.base import Tx, insert_or


def tell(tx: Tx, runner_id: int, days: Mapping[date, int]) -> None:
    """What is told later of a day holds: a watch brings the rest of its steps hours after."""
    rows = [{"runner_id": runner_id, "day": day, "steps": steps} for day, steps in sorted(days.items())]
    if rows:
        newest = insert_or(tx, t.daily_steps)
        as_told = {"steps": newest.excluded.steps}
        tx.execute(newest.on_conflict_do_update(index_elements=["runner_id", "day"], set_=as_told), rows)


def between(tx: Tx, runner_id: int, since: date, until: date) -> dict[date, int]:
    """day -> steps, of the days that are known; both days belong to the span."""
    c = t.daily_steps.c
    query = select(c.day, c.steps).where(c.runner_id == runner_id, c.day >= since, c.day <= until)
    return {day: int(steps) for day, steps in tx.execute(query.order_by(c.day))}
