"""Guesses that were made, and what they are learnt from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import Any

from sqlalchemy import Row, delete, insert, select

from midsole.domain.guess import Guess
from midsole.store import tables as t
from midsole.store.activities import offset_s
from midsole.store.base import MOST_NAMED, Tx


@dataclass(frozen=True, slots=True)
class Kept:
    """A pair that an activity may have worn."""

    activity_id: int
    shoe_id: int
    shoe_name: str
    probability: float


def keep(tx: Tx, runner_id: int, guesses: Mapping[int, Sequence[Guess]], now: datetime) -> None:
    """These in place of what was guessed of each before; none: nobody can say."""
    for some in batched(guesses, MOST_NAMED):
        tx.execute(delete(t.guess).where(t.guess.c.activity_id.in_(some)))
    rows = [
        {"activity_id": activity_id, "runner_id": runner_id, "made_at": now}
        | {"shoe_id": guess.shoe_id, "probability": guess.probability}
        for activity_id, made in guesses.items()
        for guess in made
    ]
    if rows:
        tx.execute(insert(t.guess), rows)


def of(tx: Tx, activity_ids: Iterable[int]) -> dict[int, list[Kept]]:
    """Activity id -> its pairs, the likeliest first."""
    g = t.guess.c
    found: dict[int, list[Kept]] = {}
    columns = (g.activity_id, g.shoe_id, t.shoe.c.name, g.probability)
    for some in batched(activity_ids, MOST_NAMED):
        query = select(*columns).join(t.shoe).where(g.activity_id.in_(some))
        for row in tx.execute(query.order_by(g.probability.desc(), g.shoe_id)):
            found.setdefault(row.activity_id, []).append(Kept(*row))
    return found


def naming(tx: Tx, shoe_id: int) -> dict[int, date]:
    """Activity id -> its day, of those of which the pair was guessed."""
    query = select(t.guess.c.activity_id, t.activity.c.local_date).join(t.activity)
    rows = tx.execute(query.where(t.guess.c.shoe_id == shoe_id))
    return {activity_id: day for activity_id, day in rows}  # noqa: C416


def forget(tx: Tx, shoe_id: int, activity_ids: Iterable[int]) -> None:
    """This pair is no longer among what was guessed of these."""
    g = t.guess.c
    for some in batched(activity_ids, MOST_NAMED):
        tx.execute(delete(t.guess).where(g.shoe_id == shoe_id, g.activity_id.in_(some)))


def own_word(tx: Tx, runner_id: int) -> bool:
    """Whether the runner, here or at an account, ever said which pair was worn."""
    w = t.wearing.c
    said = select(w.part).where(w.runner_id == runner_id, w.set_by.in_(("runner", "source")))
    return tx.scalar(said.where(w.shoe_id.is_not(None)).limit(1)) is not None


def day_back(tx: Tx, runner_id: int, day: date, activities: int) -> date | None:
    """The day that lies so many activities before that one; None where there are fewer."""
    a = t.activity.c
    earlier = select(a.local_date).where(a.runner_id == runner_id, a.local_date < day)
    return tx.scalar(earlier.order_by(a.local_date.desc()).offset(activities).limit(1))


def log(
    tx: Tx,
    runner_id: int,
    since: date | None = None,
    before: date | None = None,
    ids: Iterable[int] | None = None,
) -> Iterable[Row[Any]]:
    """What the guess looks at, in order of start: the activity, and each pair it wore with its share and who
    said so; shoe_id is None where nobody did, and for barefoot."""
    a, r, w = t.activity.c, t.recording.c, t.wearing.c
    measured = (offset_s().label("utc_offset_s"), r.moving_s, r.ascent_m, r.cadence_spm, r.stance_time_ms)
    counted = (a.id, a.local_date, a.started_at, a.sport, a.surface, a.counted_m, a.is_race)
    worn = (r.vertical_oscillation_mm, w.shoe_id, w.share, w.set_by)
    query = (
        select(*counted, *measured, *worn)
        .join_from(t.activity, t.recording, r.id == a.leader_id)
        .join(t.wearing, w.activity_id == a.id, isouter=True)
        .where(a.runner_id == runner_id, a.counted_m > 0)
        .order_by(a.started_at, a.id, w.part)
    )
    if since is not None:
        query = query.where(a.local_date >= since)
    if before is not None:
        query = query.where(a.local_date < before)
    if ids is not None:
        query = query.where(a.id.in_(list(ids)))
    return tx.execute(query)
