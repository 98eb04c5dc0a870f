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
STEPS_LATE = timedelta(days=7)
"""So late a watch may bring the rest of a day's steps; up to 28 days cost one request."""
JUST_NOW = timedelta(days=1)
"""Whose pairs could not be read at once is asked about again with each look; later, with the pairs."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`first`: nothing of this connection was read to its end before."""

    cursor: Cursor
    first: bool
    today: date

    def notes(self, now: datetime) -> Mapping[str, object]:
        """What the connection remembers of it when it is done."""
        gear_read = {"gear_read_at": now.isoformat()} if self.cursor.gear else {}
        return {**self.notes_of_list(), **gear_read}

    def notes_of_list(self) -> Mapping[str, object]:
        """Also where something beside the list could not be read: the long look need not come again today."""
        if self.cursor.since is None:
            return {}
        listed = {"listed_on": self.today.isoformat()} if self.cursor.activities else {}
        return {"reconciled_on": self.today.isoformat(), **listed}


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
            listed=(listed := _listed(tx, runner.id)),
            since=_since(connection, today) if reconcile else None,
            go_on_at=_go_on_at(connection, listed) if first else 0,
            today=today,
            owner=_text(connection.notes.get("owner")),
            originals=tuple(remote.wanted_originals(tx, runner.id, now)) if lists else (),
            details=_details(tx, runner.id, now) if lists and reconcile and not first else (),
            details_from=today - DETAILS_BACK,
            steps_from=_steps_from(tx, runner.id, today) if lists and reconcile else None,
        )
        if connection.kind == GARMIN:
            cursor = _with_gear(tx, cursor, connection, now, due=reconcile or asked == PASS)
    return Plan(cursor, first, today)


def _since(connection: Connection, today: date) -> date:
    """Past the day on which the list was last read to its end: a look that broke off since left a gap."""
    if connection.first_look_done_at is None:
        return EVER
    listed_on = _day(connection.notes.get("listed_on"))
    return min(today - DAYS_BACK, (listed_on or today) - timedelta(days=1))


def _go_on_at(connection: Connection, listed: Mapping[str, Known]) -> int:
    """Else a limit on requests that is shorter than the list would never let it be read to its end."""
    owner = connection.notes.get("owner")
    return sum(owner is not None and known.owner == owner for known in listed.values())


def _listed(tx: Tx, runner_id: int) -> dict[str, Known]:
    owners, known = remote.owners(tx, runner_id), remote.known(tx, runner_id)
    return {
        id_: Known(digest, at.date() if at else None, owners.get(id_)) for id_, (digest, at) in known.items()
    }


def _personal_is_well(tx: Tx, runner_id: int) -> bool:
    """With both, the official interface lists the activities; while it fails, the other one does."""
    personal = accounts.of(tx, runner_id, GARMIN_PERSONAL)
    return personal is not None and personal.state == CONNECTED


def _details(tx: Tx, runner_id: int, now: datetime) -> tuple[str, ...]:
    """What broke off before all about a run was read is made good at night."""
    ids = remote.detail_wanted(
        tx, runner_id, now - DETAILS_BACK, again_since=now - EXERTION_BACK, before=now - timedelta(hours=12)
    )
    return tuple(ids)


def _steps_from(tx: Tx, runner_id: int, today: date) -> date:
    """From before the newest known day, and a week anyway; a first time reads all that D1 looks at."""
    known = steps_store.between(tx, runner_id, today - STEPS_BACK, today)
    return min(max(known) - timedelta(days=1), today - STEPS_LATE) if known else today - STEPS_BACK


def _with_gear(tx: Tx, cursor: Cursor, connection: Connection, now: datetime, *, due: bool) -> Cursor:
    """Pairs are read every three hours, in the nightly look, and when somebody asked for the look."""
    asks = due or polling.gear_due(_moment(connection.notes.get("gear_read_at")), now)
    since = datetime.combine(now - DAYS_BACK, time(), UTC) if asks else now - JUST_NOW
    known = gear.pairs(tx, connection.runner_id, GARMIN)
    return replace(
        cursor,
        gear=asks,
        pairs={pair.external_id: (pair.read_total_m, pair.read_runs) for pair in known},
        worn=tuple(remote.gear_unknown(tx, connection.runner_id, since)),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
