"""How the body felt, answered through the link of a mail: all fine with one tap, and taken back."""

from midsole.actions import checking_in
from midsole.actions.box import Box
from midsole.actions.links import Opened
from midsole.domain.checkins import CheckIn, checked
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.taps import felt
from midsole.domain.units import short_day

SEALED_FOR = "answer"
TAKEN_BACK = "It is taken back, and nothing follows from it. Say it again as it is."


def fine(box: Box, opened: Opened) -> CheckIn:
    """On the link's day; tapped twice it is said once."""
    return feel(box, opened, checked(*felt(opened.about), 0))


def feel(box: Box, opened: Opened, said: CheckIn) -> CheckIn:
    """An alert's link asks about the next morning, and may be tapped before it."""
    asked_on, _ = felt(opened.about)
    if said.on_day == asked_on > opened.runner.today(box.now()):
        raise UsageError(f"It is too early: this link asks about {short_day(asked_on)}. Open it again then.")
    return checking_in.check_in(box, opened.runner.id, said).check_in


def mark_of(box: Box, opened: Opened, answer: CheckIn) -> str:
    """What takes this very answer back: only who gave it through the link has it."""
    return f"{answer.id}.{box.secrets.seal(SEALED_FOR, _words(opened, answer))}"


def take_back(box: Box, opened: Opened, mark: str) -> str:
    """Twice is once."""
    number, _, seal = mark.partition(".")
    answer = next((a for a in checking_in.check_ins(box, opened.runner.id) if str(a.id) == number), None)
    if answer is not None:
        if not box.secrets.is_sealed(SEALED_FOR, _words(opened, answer), seal):
            raise NotThere("This answer is not known.")
        checking_in.remove(box, opened.runner.id, answer.id)
    return TAKEN_BACK


def _words(opened: Opened, answer: CheckIn) -> str:
    return f"{opened.runner.id} {answer.id} {answer.said_at}"
