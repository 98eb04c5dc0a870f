"""Alerts to read, as plain dicts in the documented JSON shape."""

from collections.abc import Sequence
from typing import Any

from midsole.actions.box import Box
from midsole.domain import rules
from midsole.domain.alerts import AlertState
from midsole.domain.errors import NotThere
from midsole.domain.letter import evidence
from midsole.store import messages
from midsole.store.base import Tx
from midsole.store.told import naming, runs_named, told

OF_A_RUN = frozenset({"L1", "Q1"})
"""Rules whose alerts are about one activity: its key is their subject."""


def alerts(box: Box, runner_id: int, *, also_resolved: bool = False) -> list[dict[str, Any]]:
    """Alerts that stand, the newest last; with `also_resolved` all that ever were."""
    with box.store.read() as tx:
        return view(tx, runner_id, messages.alerts(tx, runner_id, None if also_resolved else box.now()))


def one_alert(box: Box, runner_id: int, alert_id: int) -> dict[str, Any]:
    """Also where it is resolved. Raises NotThere where it is not this runner's."""
    with box.store.read() as tx:
        found = view(tx, runner_id, messages.alerts(tx, runner_id, ids=[alert_id]))
    if not found:
        raise NotThere(f"There is no alert {alert_id}.")
    return found[0]


def about(tx: Tx, runner_id: int, name: str, number: int, subject: str | None = None) -> list[dict[str, Any]]:
    """All that ever were about one thing: that subject, or `number` as what their numbers call `name`."""
    ids = naming(tx, runner_id, name, number, subject)
    return view(tx, runner_id, messages.alerts(tx, runner_id, ids=ids) if ids else [])


def view(tx: Tx, runner_id: int, found: Sequence[AlertState]) -> list[dict[str, Any]]:
    said = told(tx, [a.id for a in found])
    runs = runs_named(tx, runner_id, (a.subject for a in found if a.rule in OF_A_RUN))
    return [
        {
            "id": a.id,
            "rule": a.rule,
            "name": rules.RULE_BY_ID[a.rule].name if a.rule in rules.RULE_BY_ID else a.rule,
            "level": a.level,
            "subject": a.subject,
            "activity": runs.get(a.subject),
            "state": a.state,
            "happened_on": said[a.id][0].isoformat(),
            "opened_at": a.opened_at.isoformat(),
            "snoozed_until": a.snoozed_until.isoformat() if a.snoozed_until else None,
            "resolved_at": a.resolved_at.isoformat() if a.resolved_at else None,
            "pushed_at": a.pushed_at.isoformat() if a.pushed_at else None,
            "text": a.text,
            "advice": said[a.id][1],
            "evidence": evidence(a.rule),
            "numbers": dict(a.numbers or {}),
        }
        for a in found
    ]
