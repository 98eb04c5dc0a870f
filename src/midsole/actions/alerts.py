"""What the runner does about an alert."""

from datetime import timedelta

from midsole.actions.box import Box
from midsole.domain.alerts import AlertState
from midsole.domain.errors import NotThere, UsageError
from midsole.store import messages


def standing(box: Box, runner_id: int, *, also_resolved: bool = False) -> list[AlertState]:
    """Alerts that stand, newest last; with `also_resolved` all that ever were."""
    with box.store.read() as tx:
        return messages.alerts(tx, runner_id, resolved_since=None if also_resolved else box.now())


def acknowledge(box: Box, runner_id: int, alert_id: int) -> None:
    """Seen, thank you: it is not said again unless it gets worse."""
    _change(box, runner_id, alert_id, state="acknowledged", snoozed_until=None)


def snooze(box: Box, runner_id: int, alert_id: int, days: int) -> None:
    if not 1 <= days <= 366:
        raise UsageError("Snooze for at least one day and at most a year.")
    _change(box, runner_id, alert_id, state="snoozed", snoozed_until=box.now() + timedelta(days=days))


def open_again(box: Box, runner_id: int, alert_id: int) -> None:
    """Takes back a snooze or an acknowledgement; that alone is no news, so no mail tells of it."""
    _change(box, runner_id, alert_id, state="open", snoozed_until=None)


def _change(box: Box, runner_id: int, alert_id: int, **values: object) -> None:
    with box.store.write() as tx:
        if alert_id not in {a.id for a in messages.alerts(tx, runner_id, resolved_since=box.now())}:
            raise NotThere(f"No alert {alert_id} stands. See `midsole alerts`.")
        messages.change_alert(tx, alert_id, **values)
