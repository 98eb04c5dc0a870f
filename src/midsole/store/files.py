"""The files of one runner as the runner sees them: what became of each, and which need not be counted."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from midsole.domain.uncounted import Outcome
from midsole.store import tables as t
from midsole.store.base import Tx
from midsole.store.sources import RawFile, due_again


def of_runner(tx: Tx, runner_id: int, ids: Iterable[int] | None = None) -> list[RawFile]:
    """In the order they came; with `ids` only those, where they are this runner's."""
    c = t.raw_file.c
    query = select(t.raw_file).where(c.runner_id == runner_id).order_by(c.id)
    if ids is not None:
        query = query.where(c.id.in_(list(ids)))
    return [RawFile(**row._mapping) for row in tx.execute(query)]


def before(
    tx: Tx, runner_id: int, file_id: int | None, limit: int, *, everything: bool, bad: bool
) -> list[RawFile]:
    """The newest from before that one on: all, only those that failed, or those that count for nothing."""
    c, a, r = t.raw_file.c, t.activity.c, t.recording.c
    # As `why_uncounted`: each of its causes is one of these three.
    nothing = a.excluded.is_(True) | (a.counted_m <= 0) | (a.sport == "unknown")
    of_nothing = select(r.raw_file_id).join_from(t.recording, t.activity, a.id == r.activity_id)
    of_nothing = of_nothing.where(a.runner_id == runner_id, nothing)
    query = select(t.raw_file).where(c.runner_id == runner_id).order_by(c.id.desc()).limit(limit)
    if bad:
        query = query.where(c.state == "bad")
    elif not everything:
        query = query.where((c.state != "done") | c.id.in_(of_nothing))
    if file_id is not None:
        query = query.where(c.id < file_id)
    return [RawFile(**row._mapping) for row in tx.execute(query)]


def outcomes(tx: Tx, runner_id: int, ids: Collection[int] | None = None) -> dict[int, list[Outcome]]:
    """raw file id -> its activities in the order of its legs, each once; of all, or of a few files."""
    r, a = t.recording.c, t.activity.c
    columns = (r.raw_file_id, a.id, a.sport, a.counted_m, a.excluded, a.confirmed, a.flags)
    query = select(*columns).join_from(t.recording, t.activity, a.id == r.activity_id)
    if ids is not None:
        query = query.where(r.raw_file_id.in_(ids))
    found: dict[int, dict[int, Outcome]] = {}
    for file_id, *told in tx.execute(query.where(r.runner_id == runner_id).order_by(r.id)):
        outcome = Outcome(*tuple[Any, ...](told))
        found.setdefault(file_id, {})[outcome.activity_id] = outcome
    return {file_id: list(by_activity.values()) for file_id, by_activity in found.items()}


def unread(tx: Tx, runner_id: int, since: datetime | None = None) -> int:
    """How many files could not be read and wait for a word; with `since` only those that came after it."""
    c = t.raw_file.c
    query = select(func.count()).where(c.runner_id == runner_id, c.state == "bad")
    if since is not None:
        query = query.where(c.received_at > since)
    return tx.scalar(query) or 0


def try_again(tx: Tx, raw_file_id: int, now: datetime) -> None:
    """Due at once, also where the runner had set it aside."""
    c = t.raw_file.c
    refused = (c.id == raw_file_id) & c.state.in_(("bad", "ignored"))
    tx.execute(update(t.raw_file).where(refused).values(**due_again(now)))


def set_aside(tx: Tx, raw_file_id: int) -> None:
    """The runner's word that it need not be counted: ignored, and by no version of the decoders.

    So a newer version does not try it again (`RawFile.set_aside`); why it failed is kept."""
    c = t.raw_file.c
    said = {"state": "ignored", "decoder_version": None}
    tx.execute(update(t.raw_file).where(c.id == raw_file_id, c.state == "bad").values(**said))
