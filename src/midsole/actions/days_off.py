"""The days on which a runner could not run, for what is shown of pairs without all the facts."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time

from midsole.domain import days_off
from midsole.store import body, runners
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.runners import Runner


def days_off_of(tx: Tx, runner: Runner, today: date) -> Collection[date]:
    """As domain/days_off says; without reading any run where nothing was ever said."""
    if not runners.pauses(tx, runner.id) and not body.is_known(tx, runner.id):
        return ()
    moment = datetime.combine(today, time(), UTC)
    since = today - facts_store.WINDOW
    return days_off.days_off(facts_store.of_load(tx, runner, moment, since, today, speeds=False))
