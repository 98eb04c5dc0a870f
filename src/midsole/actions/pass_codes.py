"""One-time codes: to set up a house that stands elsewhere, to invite a runner, to set a new password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import choice
from typing import Any

from midsole.actions import attempts
from midsole.actions.attempts import FREE_BY_ADDRESS
from midsole.actions.box import Box, Runner
from midsole.actions.entering import hashed, owner_in
from midsole.actions.logging_in import HAS_ONE, renew
from midsole.actions.passwords import hashed_password
from midsole.actions.setup import add_runner_in
from midsole.domain.errors import NotThere, UsageError
from midsole.store import entered, runners
from midsole.store.base import Tx

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that could be taken for another one."""
LASTS = {"setup": timedelta(hours=24), "invite": timedelta(days=7), "recover": timedelta(hours=1)}
WRONG_SETUP = "That is not the set-up code, or it is older than a day. Restart Midsole: it says a new one."
NO_INVITATION = "This invitation is not known, was used, or has run out. Ask for another one."
NO_RECOVERY = (
    "This link is not known, was used, or has run out. Ask whoever runs this Midsole for another one."
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """One that nobody has used yet."""

    id: int
    made_at: datetime
    expires_at: datetime


def _new_code() -> str:
    """99 random bits, in groups that can be read from a log and typed."""
    return "-".join("".join(choice(LETTERS) for _ in range(5)) for _ in range(4))


def _hashed(code: str) -> str:
    return hashed("".join(c for c in code.lower() if c.isalnum()))


def _make(box: Box, tx: Tx, purpose: str, runner_id: int, lasts: timedelta | None = None) -> str:
    code = _new_code()
    entered.add_code(tx, runner_id, purpose, _hashed(code), box.now(), lasts or LASTS[purpose])
    return code


def _use(box: Box, tx: Tx, purpose: str, code: str, refusal: str) -> Any:
    row = entered.code(tx, purpose, _hashed(code), box.now())
    if row is None or not entered.use_code(tx, row.id, box.now()):
        raise NotThere(refusal)
    return row


def _holder(box: Box, purpose: str, code: str, refusal: str) -> Runner:
    """Whose code it is; nothing is changed."""
    with box.store.read() as tx:
        row = entered.code(tx, purpose, _hashed(code), box.now())
        if row is None:
            raise NotThere(refusal)
        return runners.get(tx, row.runner_id)


def make_setup_code(box: Box) -> str | None:
    """A new one, and the ones before it are void; None where somebody has a password."""
    with box.store.write() as tx:
        if entered.has_password(tx):
            return None
        entered.void_codes(tx, "setup")
        return _make(box, tx, "setup", owner_in(tx).id)


def set_up(box: Box, code: str, password: str, address: str, device: str) -> str:
    """The owner's first password, by the code of the log; returns the token of a session."""
    attempts.begin(box, {attempts.key_of(box, "from", address): FREE_BY_ADDRESS})
    _holder(box, "setup", code, WRONG_SETUP)
    kept = hashed_password(password)
    with box.store.write() as tx:
        if entered.has_password(tx):
            raise UsageError(HAS_ONE)
        row = _use(box, tx, "setup", code, WRONG_SETUP)
        return renew(box, tx, row.runner_id, kept, device)


def invite(box: Box, owner_id: int) -> str:
    """The code of an invitation; whoever has it may become a runner of this box."""
    with box.store.write() as tx:
        _only_the_owner(tx, owner_id)
        return _make(box, tx, "invite", owner_id)


def invitations(box: Box, owner_id: int) -> list[Invitation]:
    with box.store.read() as tx:
        rows = entered.codes(tx, "invite", box.now(), owner_id)
    return [Invitation(row.id, row.made_at, row.expires_at) for row in rows]


def take_back(box: Box, owner_id: int, code_id: int) -> None:
    with box.store.write() as tx:
        if not entered.void_code(tx, "invite", owner_id, code_id):
            raise NotThere(f"There is no invitation {code_id}.")


def check_invitation(box: Box, code: str) -> None:
    """An invitation that doesn't hold is told so."""
    _holder(box, "invite", code, NO_INVITATION)


def join(box: Box, code: str, name: str, zone: str, password: str, device: str, **settings: Any) -> str:
    """A new runner, in one step with the end of the invitation; returns the token of a session."""
    check_invitation(box, code)
    kept = hashed_password(password)
    with box.store.write() as tx:
        _use(box, tx, "invite", code, NO_INVITATION)
        runner_id = add_runner_in(tx, box.now(), name, zone, **settings)
        return renew(box, tx, runner_id, kept, device)


def without_passwords(box: Box, owner_id: int) -> list[Runner]:
    """The others who can't log in yet."""
    with box.store.read() as tx:
        known = entered.with_passwords(tx)
        waiting = [r for r in runners.everyone(tx) if r.id != owner_id and r.id not in known]
        return [r for r in waiting if not r.is_demo]


def let_in(box: Box, owner_id: int, runner_id: int) -> str:
    """The code with which a runner who has no password sets one, within a week."""
    with box.store.write() as tx:
        _only_the_owner(tx, owner_id)
        waiting = {r.id for r in runners.everyone(tx)} - entered.with_passwords(tx) - {owner_id}
        if runner_id not in waiting:
            raise NotThere(f"There is no runner {runner_id} who waits for a password.")
        entered.void_codes(tx, "recover", runner_id)
        return _make(box, tx, "recover", runner_id, LASTS["invite"])


def make_recovery(box: Box, runner_id: int) -> str:
    """The code with which that runner sets a new password within the hour; earlier ones are void."""
    with box.store.write() as tx:
        entered.void_codes(tx, "recover", runner_id)
        return _make(box, tx, "recover", runner_id)


def recovering(box: Box, code: str) -> Runner:
    """Whose password the code may set."""
    return _holder(box, "recover", code, NO_RECOVERY)


def recover(box: Box, code: str, password: str, device: str) -> str:
    """The new password holds, all sessions of the runner end; returns the token of a new one."""
    recovering(box, code)
    kept = hashed_password(password)
    with box.store.write() as tx:
        row = _use(box, tx, "recover", code, NO_RECOVERY)
        return renew(box, tx, row.runner_id, kept, device)


def _only_the_owner(tx: Tx, runner_id: int) -> None:
    """With a password: the first one that others set would lock the owner out."""
    if owner_in(tx).id != runner_id:
        raise NotThere("Only the first runner of this box may do that.")
    if not entered.has_password(tx, runner_id):
        raise UsageError("Set a password of your own first: from then on everyone needs one.")
