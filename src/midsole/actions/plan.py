"""What a look at an account is to ask, so that an idle one costs about one request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from midsole.actions.box import Box
from midsole.domain import polling
from midsole.domain.connection import CONNECTED, GARMIN, GARMIN_PERSONAL
from midsole.domain.when import local
from midsole.sources.base import Cursor, Known
from midsole.store import accounts, gear, remote, runners
from midsole.store import steps as steps_store
from midsole.store.base import Tx
from midsole.store.sources import Connection

DAYS_BACK = timedelta(days=30)
"""What is changed or deleted at the account is followed so far."""
EVER = date(1970, 1, 1)
DETAILS_BACK = timedelta(days=28)
EXERTION_BACK = timedelta(days=3)
"""So long a runner may still enter how hard a run was."""
DUE, PASS, ALL = "due", "pass", "all"
"""How much is asked: what its time has come for; the pairs too; and all that the nightly look asks."""
STEPS_BACK = timedelta(days=40)
"""Rule D1 looks at 7 days and the 28 before."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`first`: nothing of this connection was read to its end before."""

    cursor: Cursor
    first: bool
    today: date

    def notes(self, now: datetime) -> Mapping[str, object]:
        """What the connection remembers of it when it is done."""
        said: dict[str, object] = {}
        if self.cursor.since is not None:
            said["reconciled_on"] = self.today.isoformat()
        if self.cursor.gear:
            said["gear_read_at"] = now.isoformat()
        return said


def plan(box: Box, connection: Connection, asked: str) -> Plan:
    now = box.now()
    with box.store.read() as tx:
        runner = runners.get(tx, connection.runner_id)
        today, first = runner.today(now), connection.first_look_done_at is None
        reconciled_on = _day(connection.notes.get("reconciled_on"))
        nightly = polling.reconcile_due(reconciled_on, local(now, runner.zone_on))
        reconcile = first or nightly or asked == ALL
        lists = connection.kind == GARMIN_PERSONAL or not _personal_is_well(tx, runner.id)
        cursor = Cursor(
            activities=lists,
            listed=_listed(tx, runner.id),
            since=(EVER if first else today - DAYS_BACK) if reconcile else None,
            today=today,
            originals=tuple(remote.wanted_originals(tx, runner.id, now)) if lists else (),
            details=_details(tx, runner.id, now) if lists and reconcile and not first else (),
            details_from=today - DETAILS_BACK,
            steps_from=_steps_from(tx, runner.id, today) if lists and reconcile else None,
        )
        if connection.kind == GARMIN:
            cursor = _with_gear(tx, cursor, connection, now, due=reconcile or asked == PASS)
    return Plan(cursor, first, today)


def _listed(tx: Tx, runner_id: int) -> dict[str, Known]:
    known = remote.known(tx, runner_id)
    return {id_: Known(digest, at.date() if at else None) for id_, (digest, at) in known.items()}


def _personal_is_well(tx: Tx, runner_id: int) -> bool:
    """With both, the official interface lists the activities; while it fails, the other one does."""
    personal = accounts.of(tx, runner_id, GARMIN_PERSONAL)
    return personal is not None and personal.state == CONNECTED


def _details(tx: Tx, runner_id: int, now: datetime) -> tuple[str, ...]:
    return tuple(remote.detail_wanted(tx, runner_id, now - EXERTION_BACK, now - timedelta(hours=12)))


def _steps_from(tx: Tx, runner_id: int, today: date) -> date:
    """Yesterday's number was not yet whole when it was read; a first time reads all that D1 looks at."""
    known = steps_store.between(tx, runner_id, today - STEPS_BACK, today)
    return max(known) - timedelta(days=1) if known else today - STEPS_BACK


def _with_gear(tx: Tx, cursor: Cursor, connection: Connection, now: datetime, *, due: bool) -> Cursor:
    """Pairs are read every three hours, in the nightly look, and when somebody asked for the look."""
    since = datetime.combine(now - DAYS_BACK, time(), UTC)
    known = gear.pairs(tx, connection.runner_id)
    return replace(
        cursor,
        gear=due or polling.gear_due(_moment(connection.notes.get("gear_read_at")), now),
        pairs={pair.external_id: (pair.read_total_m, pair.read_runs) for pair in known},
        worn=tuple(remote.gear_unknown(tx, connection.runner_id, since)),
    )


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
