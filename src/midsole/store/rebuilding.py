"""Which raw files are to be read anew."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import bindparam, select, update

from midsole.store import tables as t
from midsole.store.base import Tx
from midsole.store.sources import Settled, due_again


def begin_rebuild(tx: Tx, runner_id: int, now: datetime) -> None:
    """What was refused is new again, but for what the runner set aside; what was read gets a mark.

    The mark is the version that read it, made negative until it was read anew."""
    c = t.raw_file.c
    mine = update(t.raw_file).where(c.runner_id == runner_id, c.decoder_version > 0)
    tx.execute(mine.where(c.state.in_(("bad", "ignored"))).values(**due_again(now)))
    tx.execute(mine.where(c.state == "done").values(decoder_version=-c.decoder_version))


def to_rebuild(tx: Tx, runner_id: int) -> list[int]:
    """The files that are marked so, in the order they came."""
    c = t.raw_file.c
    marked = (c.runner_id == runner_id) & (c.state == "done") & (c.decoder_version < 0)
    return list(tx.scalars(select(c.id).where(marked).order_by(c.id)))


def settle_rebuilt(tx: Tx, settled: Iterable[Settled], version: int) -> None:
    rows = [{"file": f.id, "to": f.state, "read_as": f.format, "why": f.reason} for f in settled]
    this = update(t.raw_file).where(t.raw_file.c.id == bindparam("file")).values(decoder_version=version)
    told = this.values(state=bindparam("to"), format=bindparam("read_as"), reason=bindparam("why"))
    if rows:
        tx.execute(told, rows)


def leave_as_read(tx: Tx, ids: Collection[int]) -> None:
    """These were not read anew: what was read before stands, by the version that read it."""
    c = t.raw_file.c
    marked = c.id.in_(ids) & (c.decoder_version < 0)
    tx.execute(update(t.raw_file).where(marked).values(decoder_version=-c.decoder_version))
