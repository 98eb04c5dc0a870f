"""All-day wear: how much of the daily steps a pair takes. Off until the runner says so."""

from dataclasses import dataclass, replace
from datetime import date

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.shoes import find_shoe
from midsole.domain.errors import UsageError
from midsole.domain.everyday import Step, refuse_too_much
from midsole.domain.shoes import Shoe, Worn
from midsole.store import everyday, runners, shoes
from midsole.store.base import Tx


@dataclass(frozen=True, slots=True)
class Everyday:
    """The pair with its all-day wear, and how long a step was taken to be."""

    worn: Worn
    step: Step


def take(box: Box, runner_id: int, name: str, share: float, since: date | None = None) -> Everyday:
    """From that day on the pair takes that share of the daily steps.

    Without a day: from the day that was said before, else from today on."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        shoe, today = find_shoe(tx, runner_id, name), runner.today(box.now())
        before = shoe.everyday_from if shoe.everyday_share else None
        wanted = replace(shoe, everyday_share=share, everyday_from=since or before or today)
        _refuse_unfit(wanted, today)
        refuse_too_much(wanted, shoes.pairs(tx, runner_id))
        shoes.change(tx, shoe.id, everyday_share=share, everyday_from=wanted.everyday_from)
        found = _everyday(tx, runner_id, shoe.id, today)
    evaluate(box, runner_id, silent=True)
    return found


def take_none(box: Box, runner_id: int, name: str) -> Everyday:
    """The pair takes no daily steps, and those it had go; returned is the pair as it was."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        shoe = find_shoe(tx, runner_id, name)
        if not shoe.everyday_share:
            raise UsageError(f"{shoe.name} takes no daily steps.")
        found = _everyday(tx, runner_id, shoe.id, runner.today(box.now()))
        shoes.change(tx, shoe.id, everyday_share=0.0, everyday_from=None)
    evaluate(box, runner_id, silent=True)
    return found


def _everyday(tx: Tx, runner_id: int, shoe_id: int, today: date) -> Everyday:
    worn = next(w for w in shoes.worn(tx, runner_id, today) if w.shoe.id == shoe_id)
    return Everyday(worn, everyday.step(tx, runner_id))


def _refuse_unfit(wanted: Shoe, today: date) -> None:
    begins, since = wanted.everyday_from, wanted.bought_on or wanted.first_used_on
    if not 0 < wanted.everyday_share <= 1:
        raise UsageError("A share lies between 1 % and 100 %. To take none: --off.")
    if begins is None or begins > today:
        raise UsageError("That day lies in the future: say it when the pair is worn every day.")
    if not wanted.can_be_worn_on(begins):
        when = f"was retired on {wanted.retired_on}" if wanted.retired_on else f"is in use since {since}"
        raise UsageError(f"{wanted.name} can't have been worn on {begins}: it {when}.")
