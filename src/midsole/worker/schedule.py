"""The table of jobs: what a tick does, and how often."""

from collections.abc import Callable
from dataclasses import dataclass

from midsole.actions.asking import ask_all
from midsole.actions.box import Box
from midsole.actions.deliver import deliver_due
from midsole.actions.evaluate import evaluate_all
from midsole.actions.look import look_at_due
from midsole.actions.once import take_in
from midsole.actions.routine import remind_all
from midsole.actions.uploaded import take_in_uploads
from midsole.actions.weekly import weekly_all

DELIVER_EVERY_S = 30
ACCOUNTS_EVERY_S = 30
"""Which account is due says its row; this is how late it may be."""
UPLOADS_EVERY_S = 5
"""Somebody waits before the page."""


@dataclass(frozen=True, slots=True)
class Job:
    """A nudge: the rows say what is due. `slotted`: of several workers one does it; without, its rows alone
    say who, and a tick that finds nothing writes nothing."""

    name: str
    period_s: int
    run: Callable[[Box], object]
    slotted: bool = True


def look(box: Box) -> None:
    """From the folders to the alert, then out."""
    take_in(box)
    evaluate_all(box)
    weekly_all(box)
    ask_all(box)
    remind_all(box)
    deliver_due(box)


def jobs(look_every_s: int) -> tuple[Job, ...]:
    """Accounts have a job of their own: one that answers slowly holds up no folder, and no mail."""
    return (
        Job("look", look_every_s, look),
        Job("accounts", ACCOUNTS_EVERY_S, look_at_due),
        Job("deliver", DELIVER_EVERY_S, deliver_due),
        Job("uploads", UPLOADS_EVERY_S, take_in_uploads, slotted=False),
    )
