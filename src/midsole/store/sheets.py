"""What a runner opens in a spreadsheet: a sheet a subject, units in its heading, no numbers of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import Select, literal, select

from midsole.store import tables as t
from midsole.store.base import Tx
from midsole.store.references import COMMAND

FORMULAS = tuple("=+-@\t\r\n＝＋－＠")
"""A cell that begins so may be run as a formula; behind an apostrophe it is text."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A heading and rows of cells, all of them text."""

    name: str
    heading: tuple[str, ...]
    rows: Iterator[list[str]]


def sheets(tx: Tx, runner_id: int) -> Iterator[Sheet]:
    """All of one runner; dates and times in ISO form, times of the day of runs in UTC."""
    for name, query in _queries(runner_id).items():
        found = tx.execute(query)
        yield Sheet(name, tuple(found.keys()), ([cell(_unnumbered(name, v)) for v in row] for row in found))
    yield Sheet("settings.csv", ("setting", "value"), _settings(tx, runner_id))


def _unnumbered(sheet: str, value: Any) -> Any:
    """An alert's advice may name a command with the number that a run has in one home only."""
    return COMMAND.sub(r"\1N", value) if sheet == "alerts.csv" and isinstance(value, str) else value


def cell(value: Any) -> str:
    """None is empty; text can't become a formula."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case date() | time():
            return value.isoformat()
        case float():
            return repr(round(value, 6))
        case list() | dict():
            return " ".join(map(str, value))
        case str():
            return f"'{value}" if value.lstrip(" ").startswith(FORMULAS) else value
    return str(value)


def _queries(runner_id: int) -> dict[str, Select[Any]]:
    return {
        "activities.csv": _activities(runner_id),
        "wearings.csv": _wearings(runner_id),
        "shoes.csv": _shoes(runner_id),
        "inserts.csv": _inserts(runner_id),
        "fittings.csv": _fittings(runner_id),
        "alerts.csv": _alerts(runner_id),
        "calendar.csv": _calendar(runner_id),
        "daily_steps.csv": _daily_steps(runner_id),
        "checkins.csv": _check_ins(runner_id),
        "exercises.csv": _exercises(runner_id),
        "comebacks.csv": _comebacks(runner_id),
    }


def _activities(runner_id: int) -> Select[Any]:
    """`activity` is the key that a run keeps in every home."""
    a, r = t.activity.c, t.recording.c
    columns = (
        a.key.label("activity"),
        *(
            a.started_at,
            a.local_date,
            a.sport,
            a.surface,
            a.title,
            a.distance_m,
            a.counted_m,
            a.distance_from,
        ),
        *(r.timer_s, r.moving_s, r.elapsed_s, r.ascent_m, r.descent_m, a.steps, r.heart_rate_mean_bpm),
        *(r.heart_rate_max_bpm, r.cadence_spm, r.stance_time_ms, r.vertical_oscillation_mm, a.rpe, a.feel),
        *(r.device, r.start_lat.label("start_latitude_deg"), r.start_lon.label("start_longitude_deg")),
        *(a.is_race, a.excluded, a.confirmed, a.flags),
    )
    joined = t.activity.outerjoin(t.recording, r.id == a.leader_id)
    query = select(*columns).select_from(joined).where(a.runner_id == runner_id)
    return query.order_by(a.started_at, a.id)


def _wearings(runner_id: int) -> Select[Any]:
    """No pair: barefoot, or one that is not kept here."""
    a, w = t.activity.c, t.wearing.c
    columns = (
        *(a.key.label("activity"), a.started_at, a.local_date, (w.part + 1).label("part")),
        *(t.shoe.c.name.label("shoe"), w.share, (w.share * a.counted_m).label("distance_m")),
        *(w.set_by, w.set_at, w.probability),
    )
    joined = t.wearing.join(t.activity).outerjoin(t.shoe, t.shoe.c.id == w.shoe_id)
    query = select(*columns).select_from(joined).where(w.runner_id == runner_id)
    return query.order_by(a.started_at, a.id, w.part)


def _shoes(runner_id: int) -> Select[Any]:
    s = t.shoe.c
    columns = (
        *(s.name, s.model, s.kind, s.limit_m, s.start_m, s.start_how, s.bought_on, s.first_used_on, s.price),
        *(s.retired_on, s.retired_reason, s.everyday_share, s.everyday_from, s.created_at),
    )
    return select(*columns).where(s.runner_id == runner_id).order_by(s.id)


def _inserts(runner_id: int) -> Select[Any]:
    i = t.shoe_insert.c
    columns = (i.name, i.kind, i.limit_m, i.start_m, i.price, i.retired_on, i.created_at)
    return select(*columns).where(i.runner_id == runner_id).order_by(i.id)


def _fittings(runner_id: int) -> Select[Any]:
    f = t.fitting.c
    columns = (t.shoe_insert.c.name.label("insert"), t.shoe.c.name.label("shoe"), f.from_date, f.until_date)
    joined = t.fitting.join(t.shoe_insert).join(t.shoe)
    query = select(*columns).select_from(joined).where(f.runner_id == runner_id)
    return query.order_by(f.insert_id, f.from_date)


def _alerts(runner_id: int) -> Select[Any]:
    a = t.alert.c
    columns = (a.rule, a.level, a.state, a.happened_on, a.opened_at, a.snoozed_until, a.resolved_at)
    return select(*columns, a.text, a.advice).where(a.runner_id == runner_id).order_by(a.opened_at, a.id)


def _calendar(runner_id: int) -> Select[Any]:
    """Pauses, injuries and races."""
    p, i, r = t.pause.c, t.injury.c, t.race.c
    no_day = literal(None, p.until_date.type)
    kinds = (
        (literal("pause"), p.from_date, p.until_date, p.reason, p.runner_id),
        (literal("injury"), i.happened_on, no_day, i.note, i.runner_id),
        (literal("race"), r.on_date, no_day, r.name, r.runner_id),
    )
    first, *others = (
        select(
            kind.label("what"), begins.label("from_date"), ends.label("until_date"), said.label("text")
        ).where(whose == runner_id)
        for kind, begins, ends, said, whose in kinds
    )
    return select(first.union_all(*others).order_by("from_date", "what", "text").subquery())


def _daily_steps(runner_id: int) -> Select[Any]:
    d = t.daily_steps.c
    return select(d.day, d.steps).where(d.runner_id == runner_id).order_by(d.day)


def _check_ins(runner_id: int) -> Select[Any]:
    """What was said of the body, in the words of the form's own keys."""
    c = t.check_in.c
    columns = (c.on_day, c.moment, c.level, c.place, c.side, c.kind, c.signs, c.note, c.said_at)
    return select(*columns).where(c.runner_id == runner_id).order_by(c.on_day, c.id)


def _exercises(runner_id: int) -> Select[Any]:
    e = t.exercise_tick.c
    columns = (e.on_day, e.exercise, e.said_at)
    return select(*columns).where(e.runner_id == runner_id).order_by(e.on_day, e.exercise)


def _comebacks(runner_id: int) -> Select[Any]:
    p = t.comeback_plan.c
    columns = (p.why, p.began_on, p.opened_on, p.gate_on, p.done_on, p.left_on, p.usual_m, p.longest_m)
    return select(*columns).where(p.runner_id == runner_id).order_by(p.began_on, p.id)


SETTINGS = (
    *("name", "email", "units", "first_weekday"),
    *("weekly_mail", "alert_mail", "quiet_from", "quiet_until"),
    *("check_in_ask", "routine_at"),
)
STARTS = ("start_said_on", "start_longest_m", "start_usual_week_m", "pain_now")


def _settings(tx: Tx, runner_id: int) -> Iterator[list[str]]:
    """The runner's own, the limits that were changed, the zones, the defaults and the rules."""
    who = tx.execute(select(t.runner).where(t.runner.c.id == runner_id)).one()
    yield from ([name, cell(getattr(who, name))] for name in (*SETTINGS, *STARTS))
    yield from ([f"limit {name}", cell(value)] for name, value in sorted(who.limits.items()))
    z, d, r = t.runner_zone.c, t.shoe_default.c, t.shoe_rule.c
    zones = select(z.from_date, z.zone).where(z.runner_id == runner_id).order_by(z.from_date)
    yield from ([f"zone from {day}", cell(zone)] for day, zone in tx.execute(zones))
    chosen = select(d.sport, d.surface, d.from_date, t.shoe.c.name).select_from(
        t.shoe_default.outerjoin(t.shoe)
    )
    for sport, surface, day, name in tx.execute(
        chosen.where(d.runner_id == runner_id).order_by(d.from_date, d.sport, d.surface)
    ):
        yield [f"default pair for {f'{sport} {surface}'.strip()} from {day}", cell(name)]
    rules = select(r.place, r.conditions, t.shoe.c.name).select_from(t.shoe_rule.join(t.shoe))
    for place, asked, name in tx.execute(rules.where(r.runner_id == runner_id).order_by(r.place)):
        yield [f"rule {place}", cell(f"{name}: {', '.join(f'{k} {v}' for k, v in sorted(asked.items()))}")]
