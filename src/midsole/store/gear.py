"""The pairs that an account knows, the shoes they are here, and the activities they were used in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import Any

from sqlalchemy import bindparam, case, delete, func, select, update

from midsole.domain.connection import GARMIN
from midsole.store import tables as t
from midsole.store.base import MOST_NAMED, Tx, insert_or
from midsole.store.remote import TRUST

TOLD = (
    "external_id",
    "origin",
    "name",
    "brand",
    "model",
    "limit_m",
    "first_used_on",
    "retired_on",
    "total_m",
    "runs",
    "told",
)
LONGEST = {"name": 100, "brand": 100, "model": 100}
"""Characters of text that have a column; all of it is in `told`."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of the account: proposed to the runner, linked to a shoe here, declined, or gone there.

    `told` is its JSON as it came. A linked pair that is gone keeps its shoe. `total_m` and `runs` are the
    account's; `read_total_m` and `read_runs` are what they were when its activities were last read.
    `added`: the shoe was made for it, so that nobody here has said with how many metres it began.
    `origin`: who told of it, as of activities (store/remote.py)."""

    runner_id: int
    external_id: str
    origin: str
    shoe_id: int | None
    added: bool
    state: str
    name: str
    brand: str | None
    model: str | None
    limit_m: float | None
    first_used_on: date | None
    retired_on: date | None
    total_m: float | None
    runs: int | None
    told: str
    told_at: datetime
    read_total_m: float | None
    read_runs: int | None
    read_at: datetime | None


def pairs(tx: Tx, runner_id: int, origin: str | None = None) -> list[Pair]:
    """In order of first use; those of which it isn't known come last. None: whoever told of them."""
    c = t.gear.c
    query = select(t.gear).where(c.runner_id == runner_id)
    if origin is not None:
        query = query.where(c.origin == origin)
    rows = tx.execute(query.order_by(c.first_used_on.nulls_last(), c.name, c.external_id))
    return [Pair(**row._mapping) for row in rows]


def pair(tx: Tx, runner_id: int, external_id: str) -> Pair | None:
    c = t.gear.c
    query = select(t.gear).where(c.runner_id == runner_id, c.external_id == external_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else Pair(**row._mapping)


def tell(tx: Tx, runner_id: int, rows: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """Keep what the account tells of its pairs; returns the ids of those that are new, and so proposed.

    The state and the shoe of a known one stay, except that one that was gone is there again. A total that
    the account can't tell now (it is counting again) stays what it was."""
    values = {row["external_id"]: _columns(row, runner_id, now) for row in rows}
    if not values:
        return []
    c = t.gear.c
    known = set(tx.scalars(select(c.external_id).where(c.runner_id == runner_id)))
    newest = insert_or(tx, t.gear)
    laid_over = newest.on_conflict_do_update(
        index_elements=["runner_id", "external_id"], set_=_laid_over(newest.excluded)
    )
    tx.execute(laid_over, list(values.values()))
    return [external_id for external_id in values if external_id not in known]


def _columns(row: Mapping[str, Any], runner_id: int, now: datetime) -> dict[str, Any]:
    told = {name: row.get(name) for name in TOLD} | {"origin": row.get("origin", GARMIN)}
    short = {name: str(row[name])[:most] for name, most in LONGEST.items() if row.get(name) is not None}
    return {**told, **short, "runner_id": runner_id, "told_at": now, "state": "proposed"}


def _laid_over(newest: Any) -> dict[str, Any]:
    """A link whose shoe was removed here is a proposal again."""
    c = t.gear.c
    counted = {name: func.coalesce(newest[name], c[name]) for name in ("total_m", "runs")}
    linked = case((c.shoe_id.is_not(None), "linked"), else_="proposed")
    state = case((c.state == "declined", "declined"), else_=linked)
    as_told = {name: newest[name] for name in (*TOLD, "told_at") if name not in ("external_id", *counted)}
    return {**as_told, **counted, "state": state}


def missing(tx: Tx, runner_id: int, present: Collection[str]) -> list[Pair]:
    """Those that the account's complete list lacks are gone there; returns those that are linked here."""
    c = t.gear.c
    lacking = (c.runner_id == runner_id) & (c.origin == GARMIN) & c.state.in_(("proposed", "linked"))
    lost = update(t.gear).where(lacking, c.external_id.not_in(present)).values(state="gone")
    gone = [Pair(**row._mapping) for row in tx.execute(lost.returning(t.gear))]
    return sorted((pair for pair in gone if pair.shoe_id is not None), key=lambda pair: pair.external_id)


def link(tx: Tx, runner_id: int, external_id: str, shoe_id: int, *, added: bool = False) -> None:
    """This pair is that shoe; two pairs of the account may be one shoe."""
    _set(tx, runner_id, external_id, state="linked", shoe_id=shoe_id, added=added)


def unlink(tx: Tx, runner_id: int, external_id: str) -> None:
    """The pair is no shoe here any more; while the account has it, it is proposed."""
    state = case((t.gear.c.state == "gone", "gone"), else_="proposed")
    _set(tx, runner_id, external_id, state=state, shoe_id=None)


def decline(tx: Tx, runner_id: int, external_id: str) -> None:
    """The runner doesn't want this pair here: it is not proposed again."""
    _set(tx, runner_id, external_id, state="declined", shoe_id=None)


def read(
    tx: Tx, runner_id: int, gear_id: str, total_m: float | None, runs: int | None, now: datetime
) -> None:
    """The activities of the pair were read while the account said so."""
    _set(tx, runner_id, gear_id, read_total_m=total_m, read_runs=runs, read_at=now)


def read_again(tx: Tx, runner_id: int, gear_ids: Iterable[str]) -> None:
    """The activities of these are others now than when their totals were told."""
    for gear_id in gear_ids:
        _set(tx, runner_id, gear_id, read_runs=None)


def _set(tx: Tx, runner_id: int, external_id: str, **columns: Any) -> None:
    c = t.gear.c
    one = (c.runner_id == runner_id) & (c.external_id == external_id)
    tx.execute(update(t.gear).where(one).values(**columns))


def use_of_pair(
    tx: Tx, runner_id: int, gear_id: str, metres: Mapping[str, float | None], whole: bool
) -> set[str]:
    """Keep the pair's activities (external id -> metres, None: not told); `whole`: it has no others.

    What was deleted there stays on its pair: it may go on counting here. Returns the external ids of those
    whose pairs changed."""
    c = t.gear_use.c
    known = set(tx.scalars(select(c.activity_id).where(c.runner_id == runner_id, c.gear_id == gear_id)))
    lost = known - metres.keys() - _gone(tx, runner_id, known) if whole else set()
    _remove(tx, runner_id, [(gear_id, activity_id) for activity_id in lost])
    _add(tx, runner_id, {(gear_id, activity_id): m for activity_id, m in metres.items()})
    return (metres.keys() - known) | lost


def use_of_activity(tx: Tx, runner_id: int, activity_id: str, gear_ids: Collection[str]) -> bool:
    """These pairs and no others were used in the activity; whether that is news."""
    c = t.gear_use.c
    known = set(tx.scalars(select(c.gear_id).where(c.runner_id == runner_id, c.activity_id == activity_id)))
    _remove(tx, runner_id, [(gear_id, activity_id) for gear_id in known.difference(gear_ids)])
    _add(tx, runner_id, {(gear_id, activity_id): None for gear_id in gear_ids})
    return known != set(gear_ids)


def _gone(tx: Tx, runner_id: int, activity_ids: Iterable[str]) -> set[str]:
    """Those that the account knows no more."""
    c = t.remote_activity.c
    gone = select(c.external_id).where(c.runner_id == runner_id, c.gone_at.is_not(None))
    return set(tx.scalars(gone)).intersection(activity_ids)


def _remove(tx: Tx, runner_id: int, uses: Collection[tuple[str, str]]) -> None:
    c = t.gear_use.c
    one = (c.gear_id == bindparam("gear")) & (c.activity_id == bindparam("activity"))
    if uses:
        rows = [{"gear": gear_id, "activity": activity_id} for gear_id, activity_id in sorted(uses)]
        tx.execute(delete(t.gear_use).where(c.runner_id == runner_id, one), rows)


def _add(tx: Tx, runner_id: int, metres: Mapping[tuple[str, str], float | None]) -> None:
    """What was told of the metres before stays where nothing is told now."""
    rows = [
        {"runner_id": runner_id, "gear_id": gear_id, "activity_id": activity_id, "metres": m}
        for (gear_id, activity_id), m in sorted(metres.items(), key=lambda use: use[0])
    ]
    if not rows:
        return
    newest = insert_or(tx, t.gear_use)
    counted = {"metres": func.coalesce(newest.excluded.metres, t.gear_use.c.metres)}
    keys = ["runner_id", "gear_id", "activity_id"]
    tx.execute(newest.on_conflict_do_update(index_elements=keys, set_=counted), rows)


def worn_in(tx: Tx, runner_id: int, externals: Mapping[int, Iterable[str]]) -> dict[int, tuple[int, ...]]:
    """Activity -> the linked shoes, by id, that those of its external ids name whose word comes first.

    A pair that is gone there is worn where the account names no other since; one that an export named,
    where the account itself names none."""
    ranked = _ranked(tx, runner_id, [id_ for ids in externals.values() for id_ in ids])
    known = {n: [ranked[id_] for id_ in ids if id_ in ranked] for n, ids in externals.items()}
    return {n: _best(found) for n, found in known.items() if found}


type _Ranked = dict[tuple[bool, int], set[int]]


def _best(found: Iterable[_Ranked]) -> tuple[int, ...]:
    ranks = list(found)
    first = min(rank for ranked in ranks for rank in ranked)
    return tuple(sorted({shoe_id for ranked in ranks for shoe_id in ranked.get(first, ())}))


def _ranked(tx: Tx, runner_id: int, external_ids: Iterable[str]) -> dict[str, _Ranked]:
    use, c = t.gear_use.c, t.gear.c
    same = (c.runner_id == use.runner_id) & (c.external_id == use.gear_id)
    columns = (use.activity_id, c.shoe_id, c.state == "gone", c.origin)
    linked = select(*columns).select_from(t.gear_use.join(t.gear, same)).distinct()
    query = linked.where(use.runner_id == runner_id, c.shoe_id.is_not(None)).order_by(c.shoe_id)
    parts = [query.where(use.activity_id.in_(some)) for some in batched(set(external_ids), MOST_NAMED)]
    found: dict[str, _Ranked] = {}
    for activity_id, shoe_id, is_gone, origin in (row for part in parts for row in tx.execute(part)):
        found.setdefault(activity_id, {}).setdefault((is_gone, TRUST.index(origin)), set()).add(shoe_id)
    return found


def uses(tx: Tx, runner_id: int) -> dict[str, set[str]]:
    """Pair -> the external ids of its activities."""
    c = t.gear_use.c
    found: dict[str, set[str]] = {}
    for gear_id, activity_id in tx.execute(select(c.gear_id, c.activity_id).where(c.runner_id == runner_id)):
        found.setdefault(gear_id, set()).add(activity_id)
    return found


def metres_of_pair(tx: Tx, runner_id: int, gear_id: str) -> dict[str, float | None]:
    """External activity id -> the metres that the account counts for it, None where it didn't say.

    It counts none of what was deleted there."""
    c = t.gear_use.c
    query = select(c.activity_id, c.metres).where(c.runner_id == runner_id, c.gear_id == gear_id)
    found = {row.activity_id: row.metres for row in tx.execute(query)}
    return {id_: found[id_] for id_ in found.keys() - _gone(tx, runner_id, found)}


def last_used_at(tx: Tx, runner_id: int, gear_id: str) -> datetime | None:
    """The start of the newest activity of the pair that is known."""
    use, a = t.gear_use.c, t.remote_activity.c
    same = (a.runner_id == use.runner_id) & (a.external_id == use.activity_id)
    query = select(a.started_at).select_from(t.gear_use.join(t.remote_activity, same))
    mine = query.where(use.runner_id == runner_id, use.gear_id == gear_id, a.started_at.is_not(None))
    return tx.scalars(mine.order_by(a.started_at.desc()).limit(1)).one_or_none()


def forget_proposed(tx: Tx, runner_id: int) -> None:
    """Remove the account's pairs about which nothing was decided here, and their activities."""
    c, use = t.gear.c, t.gear_use.c
    asked = (c.runner_id == runner_id) & (c.origin == GARMIN)
    undecided = asked & c.state.in_(("proposed", "gone")) & c.shoe_id.is_(None)
    theirs = use.gear_id.in_(select(c.external_id).where(undecided))
    tx.execute(delete(t.gear_use).where(use.runner_id == runner_id, theirs))
    tx.execute(delete(t.gear).where(undecided))
