"""One slot of the clock, claimed by one worker."""

from datetime import datetime, timedelta

from midsole.actions.box import Box
from midsole.store.base import forget_slots, take_slot

KEPT = timedelta(days=1)


def claim_slot(box: Box, job: str, at: datetime) -> bool:
    """Whether this worker does the job's slot; the oldest slots are forgotten on the way."""
    with box.store.write() as tx:
        won = take_slot(tx, job, at)
        if won:
            forget_slots(tx, before=at - KEPT)
        return won
