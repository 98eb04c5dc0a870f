"""Which pairs were worn around a day: what one tap offers first."""

from datetime import date, timedelta

from sqlalchemy import func, select

from midsole.store import tables as t
from midsole.store.base import Tx

AROUND = timedelta(days=60)


def last_worn(tx: Tx, runner_id: int, day: date) -> dict[int, date]:
    """Pair -> the last day it was worn on, of those worn in the 60 days before and after."""
    w, a = t.wearing.c, t.activity.c
    near = (a.runner_id == runner_id) & a.local_date.between(day - AROUND, day + AROUND)
    query = select(w.shoe_id, func.max(a.local_date).label("last")).select_from(t.activity.join(t.wearing))
    rows = tx.execute(query.where(near, w.shoe_id.is_not(None)).group_by(w.shoe_id))
    return {row.shoe_id: row.last for row in rows}
