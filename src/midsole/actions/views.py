"""What there is to read, as plain dicts in the documented JSON shapes: SI units, None for not enough data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from midsole.actions import rotation
from midsole.actions.alert_view import alerts as alerts
from midsole.actions.box import Box
from midsole.actions.standing import explained, is_shown
from midsole.domain import caps, load, planned, rules
from midsole.domain.activity import Activity
from midsole.domain.beside_mail import SUBJECT, is_of_the_body
from midsole.domain.connection import ACCOUNTS, label
from midsole.domain.facts import Facts
from midsole.domain.forecast import Forecast, cost_per_km, forecast, share_of_rotation
from midsole.domain.shoes import Worn
from midsole.domain.wearing import BAREFOOT, holding
from midsole.domain.weeks import WEEK, week_start
from midsole.store import activities as activities_store
from midsole.store import facts as facts_store
from midsole.store import files as files_store
from midsole.store import messages, runners, sources
from midsole.store import shoes as shoes_store
from midsole.store.base import Tx
from midsole.store.runners import Runner
from midsole.store.shoes import Wearing

type View = dict[str, Any]

FEW = 500
"""Activities whose shoes and files are asked for by name; of more, all are read at once."""
WEEKS_BEFORE = 14
"""What a week is measured against: its 4 weeks, and the best 30 minutes of 90 days."""


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)


# Activities


def activities(
    box: Box,
    runner_id: int,
    *,
    since: date | None = None,
    until: date | None = None,
    sport: str | None = None,
    surface: str | None = None,
    limit: int | None = None,
    ids: Sequence[int] | None = None,
) -> list[View]:
    """The newest `limit` that fit, in order of start."""
    with box.store.read() as tx:
        found = activities_store.between(tx, runner_id, since, until, ids)
        few = [a.id for a in found] if len(found) <= FEW else None
        worn = shoes_store.wearings(tx, runner_id, few)
        files = activities_store.sources_of(tx, runner_id, few)
    fitting = [a for a in found if sport in (None, a.sport) and surface in (None, a.surface)]
    newest = fitting if limit is None else fitting[max(0, len(fitting) - limit) :]
    return [_activity(a, worn.get(a.id, []), files.get(a.id, [])) for a in newest]


def activities_before(
    box: Box, runner_id: int, before: tuple[datetime, int] | None, limit: int, **fitting: Any
) -> tuple[list[View], tuple[datetime, int] | None]:
    """The newest that fit from before that start and number on, and the last's own where more follow."""
    with box.store.read() as tx:
        keys = activities_store.keys_before(tx, runner_id, before, limit + 1, **fitting)
    shown = keys[:limit]
    found = activities(box, runner_id, ids=[number for _, number in shown])
    return found[::-1], shown[-1] if len(keys) > limit else None


def _activity(a: Activity, worn: Sequence[Wearing], files: Sequence[str]) -> View:
    return {
        "id": a.id,
        "started_at": a.started_at.isoformat(),
        "local_date": a.local_date.isoformat(),
        "sport": a.sport,
        "surface": a.surface,
        "title": a.title,
        "distance_m": _rounded(a.distance_m, 2),
        "counted_m": _rounded(a.counted_m, 2),
        "distance_from": a.distance_from,
        "timer_s": _rounded(a.timer_s),
        "moving_s": _rounded(a.moving_s),
        "elapsed_s": _rounded(a.elapsed_s),
        "ascent_m": _rounded(a.ascent_m),
        "descent_m": _rounded(a.descent_m),
        "steps": a.steps,
        "heart_rate_mean_bpm": a.heart_rate_mean_bpm,
        "heart_rate_max_bpm": a.heart_rate_max_bpm,
        "rpe": a.rpe,
        "feel": a.feel,
        "device": a.device,
        "is_race": a.is_race,
        "excluded": a.excluded,
        "confirmed": a.confirmed,
        "shoes": [_wearing(w) for w in worn],
        "sources": list(files),
        "flags": list(a.flags),
    }


def _wearing(w: Wearing) -> View:
    return {
        "shoe": w.shoe_id,
        "shoe_name": w.shoe_name or BAREFOOT,
        "distance_m": _rounded(w.distance_m, 2),
        "share": _rounded(w.share, 4),
        "set_by": w.set_by,
    }


# Shoes


def shoes(box: Box, runner_id: int) -> list[View]:
    """Every pair in the order of adding, with what it has worn and when it will be worn out."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        today = runner.today(box.now())
        worn = shoes_store.worn(tx, runner_id, today - facts_store.WINDOW)
        return shoes_of(tx, runner, today, worn)


def shoes_of(tx: Tx, runner: Runner, today: date, worn: Sequence[Worn]) -> list[View]:
    """As `shoes`, of all pairs with what they have worn."""
    defaults = holding(shoes_store.defaults(tx, runner.id), today)
    off = facts_store.days_off(tx, runner, today)
    shares, others = share_of_rotation(worn, today), rotation.beside(worn, today, runner.units, off)
    return [{**_shoe(w, forecast(w, today, off), shares, defaults), **others[w.shoe.id]} for w in worn]


def _shoe(
    w: Worn,
    ahead: Forecast,
    shares: Mapping[int, float],
    defaults: Mapping[tuple[str, str | None], int | None],
) -> View:
    pair = w.shoe
    chosen = [key for key, shoe_id in defaults.items() if shoe_id == pair.id]
    missing = [f"forecast: {why}" for why in ahead.missing]
    if w.distance_m is None:
        missing.append("distance_m, used_fraction: the distance before Midsole is unknown")
    return {
        "id": pair.id,
        "name": pair.name,
        "model": pair.model,
        "kind": pair.kind,
        "distance_m": _rounded(w.distance_m),
        "limit_m": pair.limit_m,
        "used_fraction": _rounded(w.used_fraction, 4),
        "start_m": pair.start_m,
        "start_how": pair.start_how,
        "worn_m": _rounded(w.worn_m),
        "runs": w.runs,
        "steps": w.steps,
        "everyday_steps": w.everyday_steps,
        "everyday_m": _rounded(w.everyday_m),
        "bought_on": _day(pair.bought_on),
        "first_used_on": _day(pair.first_used_on),
        "first_worn_on": _day(w.first_worn_on),
        "last_worn_on": _day(w.last_worn_on),
        "retired_on": _day(pair.retired_on),
        "retired_reason": pair.retired_reason,
        "price": pair.price,
        "cost_per_km": _rounded(cost_per_km(w), 4),
        "share_of_rotation": _rounded(shares.get(pair.id), 4),
        "default_for": [{"sport": sport, "surface": surface} for sport, surface in sorted(chosen, key=str)],
        "forecast": {"p10": _day(ahead.p10), "p50": _day(ahead.p50), "p90": _day(ahead.p90)},
        "missing": missing,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


# Load and cap


def load_weeks(box: Box, runner_id: int, count: int = 8, until: date | None = None) -> View:
    """The last `count` weeks, the oldest first, up to the one that holds `until`; and today's cap."""
    with box.store.read() as tx:
        runner, now = runners.get(tx, runner_id), box.now()
        facts = _of_load(tx, runner, now)
        last = facts.today if until is None else min(until, facts.today)
        first = week_start(last, runner.first_weekday) - (count - 1 + WEEKS_BEFORE) * WEEK
        past = facts
        if until is not None or first < last - facts_store.WINDOW:
            past = facts_store.of_load(tx, runner, now, min(first, last - facts_store.WINDOW), until and last)
    return {"weeks": [_week(w) for w in load.weeks(past, count)], "cap": _cap(caps.cap(facts))}


def _of_load(tx: Tx, runner: Runner, now: datetime) -> Facts:
    """What the cap looks at."""
    return facts_store.of_load(tx, runner, now, runner.today(now) - facts_store.WINDOW)


def _week(week: load.Week) -> View:
    return {
        **asdict(week),
        "week_start": week.week_start.isoformat(),
        "distance_m": _rounded(week.distance_m, 2),
        "usual_m": _rounded(week.usual_m),
        "longest_m": _rounded(week.longest_m),
        "ramp": _rounded(week.ramp, 4),
        "acwr": _rounded(week.acwr, 4),
        "monotony": _rounded(week.monotony, 4),
        "strain": _rounded(week.strain, 2),
        "missing": list(week.missing),
    }


def _cap(found: caps.Cap) -> View:
    return {
        "next_run_m": _rounded(found.next_run_m),
        "week_left_m": _rounded(found.week_left_m),
        "because": found.because,
        "missing": list(found.missing),
        "held_by": found.held_by,
    }


def cap(box: Box, runner_id: int, *, plan_m: float | None = None, on: date | None = None) -> View:
    """How far the next run may go on that day, and which rules the plan would newly trip."""
    with box.store.read() as tx:
        runner, now = runners.get(tx, runner_id), box.now()
        facts = _of_load(tx, runner, now) if plan_m is None else facts_store.load(tx, runner, now)
    day = max(on or facts.today, facts.today)
    tripped = [] if plan_m is None else planned.tripped(facts, plan_m, day)
    return {"on": day.isoformat(), **_cap(caps.cap(facts, day)), "plan_m": plan_m, "tripped": tripped}


# Alerts and rules


LIMITS_OF = {
    "L0": ("session_warn",),
    "L1": ("session_warn", "session_warn_more_m", "session_alarm", "session_alarm_more_m"),
    "L2": ("week_note", "week_warn", "week_warn_more_m", "two_weeks_warn", "two_weeks_warn_more_m"),
    "L5": ("break_days",),
    "S1": ("shoe_note", "shoe_warn", "shoe_alarm"),
    "S2": ("one_pair_share",),
    "S3": ("new_pair_m", "new_racing_pair_m"),
    "S4": ("guess_sure",),
    "S5": ("shoe_note", "shoe_warn"),
    "W1": ("silent_look_h", "silent_runs_days"),
}
"""Which of the runner's limits a rule asks; the rest have none to set."""
GRADES = {
    "A": "strong evidence",
    "B": "some evidence",
    "C": "weak evidence",
    "D": "experts' opinion",
    "X": "evidence against using it as an alarm",
    "-": "bookkeeping",
}


def rule_list(box: Box, runner_id: int) -> list[View]:
    """Every rule with its evidence and the limits that hold for this runner."""
    with box.store.read() as tx:
        limits = asdict(runners.get(tx, runner_id).limits)
    return [
        {
            "id": rule.id,
            "name": rule.name,
            "grade": rule.grade,
            "grade_in_words": "; ".join(GRADES[g] for g in rule.grade.replace("+", "").split("/")),
            "goes_to": rule.goes_to,
            "news_days": rule.news_days,
            "advice": rule.advice,
            "source": rule.source,
            "limits": {name: limits[name] for name in LIMITS_OF.get(rule.id, ())},
        }
        for rule in rules.RULES
    ]


# Status


def status(box: Box, runner_id: int | None = None) -> View:
    """How the box does: sources, files and mails; of one runner, or of all."""
    with box.store.read() as tx:
        people = [r for r in runners.everyone(tx) if runner_id in (None, r.id)]
        names = {r.id: r.name for r in people}
        now, known = box.now(), sources.connections(tx, runner_id)
        connected = [c for c in known if c.runner_id in names and is_shown(c, now)]
        troubled = [_troubled(row, r.name) for r in people for row in messages.failed_deliveries(tx, r.id)]
        return {
            "home": str(box.home),
            "inbox": str(box.inbox),
            "outbox": str(box.outbox_folder),
            "database": _without_password(box.store.database_url),
            "smtp": box.mail is not None,
            "outbox_waiting": outbox_waiting(box),
            "runners": [_runner(tx, r, box) for r in people],
            "sources": [_source(c, names[c.runner_id], now) for c in connected],
            "raw_files": sources.file_counts(tx, runner_id),
            "unread_files": sum(files_store.unread(tx, r.id) for r in people),
            "bad_files": [_bad(f, r.name) for r in people for f in sources.raw_files(tx, r.id, ["bad"])],
            "deliveries": messages.delivery_counts(tx, runner_id),
            "retrying": [row for row in troubled if row["state"] == "due"],
            "given_up": [row for row in troubled if row["state"] != "due"],
        }


def outbox_waiting(box: Box) -> int:
    """Mails that nobody was sent, because no mail server is set."""
    return 0 if box.mail else sum(1 for _ in box.outbox_folder.glob("*.eml"))


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    scheme, _, user = head.partition("://")
    return f"{scheme}://{user.partition(':')[0]}@{tail}" if at else url


def _runner(tx: Tx, r: Runner, box: Box) -> View:
    known = activities_store.totals(tx, r.id)
    today = r.today(box.now())
    return {
        "id": r.id,
        "name": r.name,
        "email": r.email,
        "email_refused": r.email_refused,
        "zone": r.zone_on(today),
        "units": r.units,
        "first_weekday": r.first_weekday,
        "weekly_mail": r.weekly_mail,
        "catching_up": r.catching_up,
        "activities": known.activities,
        "runs": known.runs,
        "run_m": _rounded(known.run_m),
        "first_run_on": _day(known.first_run_on),
        "last_run_on": _day(known.last_run_on),
        "shoes": sum(s.retired_on is None for s in shoes_store.pairs(tx, r.id)),
        "alerts": sum(a.state == "open" for a in messages.alerts(tx, r.id, box.now())),
    }


def _source(c: sources.Connection, runner: str, now: datetime) -> View:
    def when(at: Any) -> str | None:
        return at.isoformat() if at else None

    return {
        "id": c.id,
        "runner": runner,
        "kind": c.kind,
        "place": c.place,
        "name": label(c.kind, c.place),
        "state": c.state,
        "explained": explained(c, now) if c.kind in ACCOUNTS else None,
        "next_look_at": when(c.next_at),
        "next_login_at": when(c.login_after if c.login_after and c.login_after > now else None),
        "code_wanted_until": when(c.secret_until),
        "key_expires_on": _day(c.expires_on),
        "created_at": when(c.created_at),
        "last_look_at": when(c.last_look_at),
        "last_success_at": when(c.last_success_at),
        "error": c.error,
        "first_look_done": c.first_look_done_at is not None,
    }


def _bad(file: sources.RawFile, runner: str) -> View:
    return {"id": file.id, "runner": runner, "name": file.name, "reason": file.reason}


def _troubled(row: Any, runner: str) -> View:
    """A status is shown to whoever helps: a subject that says where it hurts is not part of it."""
    of_the_body = is_of_the_body("", (row.subject,), {})
    return {
        "id": row.id,
        "runner": runner,
        "subject": SUBJECT if of_the_body else row.subject,
        "address": row.address,
        "state": row.state,
        "error": row.error,
        "attempts": row.attempts,
        "next_at": row.next_at.isoformat() if row.next_at else None,
    }
