"""What actions return as values, as plain dicts in the documented JSON shapes: SI units, ISO dates."""

from dataclasses import asdict
from datetime import time
from typing import Any

from midsole.actions.changes import Changed, Effects, Metres
from midsole.actions.setup import WEEKDAYS
from midsole.actions.shoe_rules import Listed
from midsole.actions.weekly import Written
from midsole.domain.rule_checks import as_json
from midsole.domain.rule_words import describe
from midsole.domain.shoes import Shoe
from midsole.store.gear import Pair
from midsole.store.runners import Runner

type View = dict[str, Any]


def effects(found: Effects, *, preview: bool = False) -> View:
    """What a change of wearings does, or would do."""
    return {
        "preview": preview,
        "change": None if preview else found.set_id,
        "changed": [_changed(one) for one in found.changed],
        "totals": [
            {"shoe_name": name, "before_m": round(before, 1), "after_m": round(after, 1)}
            for name, before, after in found.totals
        ],
        "alerts_opened": list(found.opened),
        "alerts_resolved": list(found.resolved),
        "mails_withdrawn": found.withdrawn,
        "left": [{"activity": activity.id, "why": why} for activity, why in found.left],
    }


def _changed(one: Changed) -> View:
    return {
        "activity": one.activity.id,
        "local_date": one.activity.local_date,
        "before": _parts(one.before),
        "before_by": one.before_by,
        "after": _parts(one.after),
        "after_by": one.after_by,
    }


def _parts(metres: Metres) -> list[View]:
    return [{"shoe_name": name, "distance_m": round(m, 1)} for name, m in metres]


def shoe_rule(found: Listed, units: str) -> View:
    """A rule of the runner for which pair a run wears."""
    return {
        "number": found.rule.place,
        "shoe_id": found.pair.id,
        "shoe_name": found.pair.name,
        "words": describe(found.rule.conditions, units),
        "conditions": as_json(found.rule.conditions),
        "from_date": found.rule.from_date,
        "retired_on": found.pair.retired_on,
        "rests": found.rests,
        "dressed": found.dressed,
    }


def proposal(pair: Pair, maybe: Shoe | None) -> View:
    """A pair of an account or export that waits for a word, and the pair here that it may be."""
    told = ("external_id", "name", "brand", "model", "limit_m", "first_used_on", "retired_on", "total_m")
    return {name: getattr(pair, name) for name in told} | {"may_be": maybe.name if maybe else None}


def weekly_mail(written: Written) -> View:
    return {
        "week_start": written.week_start.isoformat(),
        "verdict": written.verdict,
        "subject": written.message.subject,
        "text": written.message.text,
        "html": written.message.html,
    }


def runner(who: Runner) -> View:
    """A runner with their settings and limits."""
    told = ("id", "name", "email", "email_refused", "units", "weekly_mail", "alert_mail")
    return {
        **{name: getattr(who, name) for name in told},
        "zone": who.zones[-1][1],
        "first_weekday": WEEKDAYS[who.first_weekday],
        "quiet_from": _clock(who.quiet_from),
        "quiet_until": _clock(who.quiet_until),
        "limits": asdict(who.limits),
    }


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"
