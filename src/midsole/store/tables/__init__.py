"""Every table of Midsole; times are aware UTC, distances metres, durations seconds."""

from midsole.store.tables.base import Utc, metadata
from midsole.store.tables.entered import (
    api_token,
    attempt,
    login,
    pass_code,
    session,
    shoe_photo,
    target,
    upload,
)
from midsole.store.tables.recorded import activity, connection, edit, link, raw_file, recording, seen_file
from midsole.store.tables.runners import injury, pause, race, runner, runner_zone
from midsole.store.tables.sent import alert, delivery, delivery_alert, slot, weekly
from midsole.store.tables.told import daily_steps, gear, gear_use, remote_activity
from midsole.store.tables.worn import (
    change,
    change_set,
    fitting,
    guess,
    shoe,
    shoe_default,
    shoe_insert,
    shoe_rule,
    wearing,
)

__all__ = [
    "Utc",
    "activity",
    "alert",
    "api_token",
    "attempt",
    "change",
    "change_set",
    "connection",
    "daily_steps",
    "delivery",
    "delivery_alert",
    "edit",
    "fitting",
    "gear",
    "gear_use",
    "guess",
    "injury",
    "link",
    "login",
    "metadata",
    "pass_code",
    "pause",
    "race",
    "raw_file",
    "recording",
    "remote_activity",
    "runner",
    "runner_zone",
    "seen_file",
    "session",
    "shoe",
    "shoe_default",
    "shoe_insert",
    "shoe_photo",
    "shoe_rule",
    "slot",
    "target",
    "upload",
    "wearing",
    "weekly",
]
