"""The photo of each pair, as small as it is shown."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from midsole.store import tables as t
from midsole.store.base import Tx


def put(tx: Tx, runner_id: int, shoe_id: int, image: bytes, media_type: str, now: datetime) -> None:
    """In place of the one that was there."""
    remove(tx, runner_id, shoe_id)
    row = {"image": image, "media_type": media_type, "made_at": now}
    tx.execute(insert(t.shoe_photo).values(shoe_id=shoe_id, runner_id=runner_id, **row))


def remove(tx: Tx, runner_id: int, shoe_id: int) -> None:
    p = t.shoe_photo
    tx.execute(delete(p).where(p.c.runner_id == runner_id, p.c.shoe_id == shoe_id))


def made(tx: Tx, runner_id: int) -> dict[int, datetime]:
    """shoe id -> when its photo was put there, of those that have one."""
    p = t.shoe_photo.c
    rows = tx.execute(select(p.shoe_id, p.made_at).where(p.runner_id == runner_id))
    return {shoe_id: at for shoe_id, at in rows}  # noqa: C416


def image(tx: Tx, runner_id: int, shoe_id: int) -> tuple[bytes, datetime] | None:
    p = t.shoe_photo.c
    query = select(p.image, p.made_at).where(p.runner_id == runner_id, p.shoe_id == shoe_id)
    row = tx.execute(query).one_or_none()
    return row and (row.image, row.made_at)
