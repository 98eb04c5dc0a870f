"""What runners say of their bodies: answers, episodes, comebacks, exercises, and what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, insert, select, update

from midsole.domain.activity import RUNNING
from midsole.domain.checkins import Body, CheckIn, Plan, RunWalk, SaidOver, Spot
from midsole.domain.when import local
from midsole.store import tables as t
from midsole.store.base import Tx, insert_id, insert_new
from midsole.store.runners import Runner


@dataclass(frozen=True, slots=True)
class KeptEpisode:
    """An episode's row: what was true at its onset, and whether the runner said that it is over."""

    id: int
    spot: Spot
    opened_on: date
    known: Mapping[str, Any]
    said_over_at: datetime | None


A_WEEK = timedelta(days=7)
OF_BODY = (t.check_in, t.episode, t.comeback_plan, t.run_walk, t.exercise_tick, t.exercise_choice)
_WHICH = select(*(exists().where(table.c.runner_id == bindparam("runner")) for table in OF_BODY))


def body(tx: Tx, runner: Runner, until: date) -> Body:
    """All that is known up to that local day; only the tables that hold anything of the runner are asked."""
    of = runner.id
    known: Any = tx.execute(_WHICH, {"runner": of}).one()
    answered, opened, planned, walked, ticked, chosen = known
    said = tuple(check_ins(tx, of, until=until)) if answered else ()
    return Body(
        check_ins=said,
        said_over=tuple(o for o in _said_over(tx, runner) if o.on_day <= until) if opened else (),
        plans=tuple(p for p in plans(tx, of) if p.opened_on <= until) if planned else (),
        run_walks=run_walks(tx, of) if walked else {},
        ticks=tuple(ticks(tx, of, until=until)) if ticked else (),
        wanted=choices(tx, of) if chosen else {},
        run_days=_run_days(tx, of, said[0].on_day - A_WEEK, until) if said else frozenset(),
        ask=runner.check_in_ask,
    )


def _run_days(tx: Tx, runner_id: int, since: date, until: date) -> frozenset[date]:
    a = t.activity.c
    runs = (a.runner_id == runner_id) & (a.sport == RUNNING) & a.excluded.is_(False) & (a.counted_m > 0)
    days = (a.local_date >= since) & (a.local_date <= until)
    return frozenset(tx.scalars(select(a.local_date).where(runs, days).distinct()))


def is_known(tx: Tx, runner_id: int) -> bool:
    """Whether anything was said of the body: what is mailed from then on may speak of it."""
    tables = (t.check_in, t.comeback_plan, t.exercise_tick, t.injury)
    return any(tx.scalar(select(1).where(table.c.runner_id == runner_id).limit(1)) for table in tables)


# ---- check-ins


def add_check_in(tx: Tx, runner_id: int, said: CheckIn, now: datetime) -> int:
    row = {
        "runner_id": runner_id,
        "said_at": now,
        "on_day": said.on_day,
        "moment": said.moment,
        "level": said.level,
        "place": said.place,
        "side": said.side,
        "kind": said.kind,
        "signs": list(said.signs),
        "note": said.note,
    }
    return insert_id(tx, t.check_in, row)


def check_ins(tx: Tx, runner_id: int, since: date | None = None, until: date | None = None) -> list[CheckIn]:
    """In the order of their days, then of their saying."""
    c = t.check_in.c
    said = (c.on_day, c.moment, c.level, c.place, c.side, c.kind, c.signs, c.note, c.said_at, c.id)
    query = select(*said).where(c.runner_id == runner_id).order_by(c.on_day, c.id)
    if since is not None:
        query = query.where(c.on_day >= since)
    if until is not None:
        query = query.where(c.on_day <= until)
    return [
        CheckIn(day, moment, level, place, side, kind, tuple(signs), note, said_at, number)
        for day, moment, level, place, side, kind, signs, note, said_at, number in tx.execute(query).all()
    ]


def remove_check_in(tx: Tx, runner_id: int, check_in_id: int) -> bool:
    """Whether there was one."""
    mine = (t.check_in.c.runner_id == runner_id) & (t.check_in.c.id == check_in_id)
    return bool(tx.execute(delete(t.check_in).where(mine)).rowcount)


# ---- episodes


def kept_episodes(tx: Tx, runner_id: int) -> list[KeptEpisode]:
    e = t.episode.c
    rows = tx.execute(select(t.episode).where(e.runner_id == runner_id).order_by(e.opened_on, e.id))
    return [KeptEpisode(r.id, Spot(r.place, r.side), r.opened_on, r.known, r.said_over_at) for r in rows]


def keep_episode(tx: Tx, runner_id: int, spot: Spot, opened_on: date, known: Mapping[str, Any]) -> None:
    row = {"place": spot.place, "side": spot.side, "opened_on": opened_on, "known": dict(known)}
    insert_new(tx, t.episode, {"runner_id": runner_id, **row})


def say_over(tx: Tx, runner_id: int, episode_id: int, now: datetime | None) -> None:
    """None takes the word back."""
    mine = (t.episode.c.runner_id == runner_id) & (t.episode.c.id == episode_id)
    tx.execute(update(t.episode).where(mine).values(said_over_at=now))


def remove_episodes(tx: Tx, runner_id: int, ids: Sequence[int]) -> None:
    """Those whose check-ins are gone."""
    mine = (t.episode.c.runner_id == runner_id) & t.episode.c.id.in_(ids)
    tx.execute(delete(t.episode).where(mine))


def _said_over(tx: Tx, runner: Runner) -> list[SaidOver]:
    return [
        SaidOver(e.spot, e.opened_on, local(e.said_over_at, runner.zone_on).date(), e.said_over_at)
        for e in kept_episodes(tx, runner.id)
        if e.said_over_at is not None
    ]


# ---- comebacks


def plans(tx: Tx, runner_id: int) -> list[Plan]:
    """The newest last."""
    p = t.comeback_plan.c
    rows = tx.execute(select(t.comeback_plan).where(p.runner_id == runner_id).order_by(p.opened_on, p.id))
    return [
        Plan(
            began_on=r.began_on,
            opened_on=r.opened_on,
            why=r.why,
            usual_m=r.usual_m,
            longest_m=r.longest_m,
            gate_on=r.gate_on,
            left_on=r.left_on,
            done_on=r.done_on,
            edits=r.edits,
            id=r.id,
        )
        for r in rows
    ]


def open_plan(tx: Tx, runner_id: int, plan: Plan) -> bool:
    """False where a plan for that break was opened before."""
    row = {
        "began_on": plan.began_on,
        "opened_on": plan.opened_on,
        "why": plan.why,
        "usual_m": plan.usual_m,
        "longest_m": plan.longest_m,
        "gate_on": plan.gate_on,
        "edits": dict(plan.edits),
    }
    return insert_new(tx, t.comeback_plan, {"runner_id": runner_id, **row})


def change_plan(tx: Tx, runner_id: int, plan_id: int, **values: Any) -> None:
    mine = (t.comeback_plan.c.runner_id == runner_id) & (t.comeback_plan.c.id == plan_id)
    tx.execute(update(t.comeback_plan).where(mine).values(**values))


def run_walks(tx: Tx, runner_id: int) -> dict[int, RunWalk]:
    rows = tx.execute(select(t.run_walk).where(t.run_walk.c.runner_id == runner_id))
    return {r.activity_id: RunWalk(r.running_s, r.walking_s, r.bouts, r.longest_s) for r in rows}


def keep_run_walk(tx: Tx, runner_id: int, activity_id: int, how: RunWalk) -> None:
    tx.execute(delete(t.run_walk).where(t.run_walk.c.activity_id == activity_id))
    row = {"running_s": how.running_s, "walking_s": how.walking_s, "bouts": how.bouts}
    tx.execute(
        insert(t.run_walk).values(
            runner_id=runner_id, activity_id=activity_id, longest_s=how.longest_s, **row
        )
    )


# ---- exercises


def tick(tx: Tx, runner_id: int, on_day: date, exercise: str, now: datetime) -> None:
    """Twice the same day is once."""
    row = {"runner_id": runner_id, "on_day": on_day, "exercise": exercise, "said_at": now}
    insert_new(tx, t.exercise_tick, row)


def untick(tx: Tx, runner_id: int, on_day: date, exercise: str) -> bool:
    c = t.exercise_tick.c
    mine = (c.runner_id == runner_id) & (c.on_day == on_day) & (c.exercise == exercise)
    return bool(tx.execute(delete(t.exercise_tick).where(mine)).rowcount)


def ticks(
    tx: Tx, runner_id: int, since: date | None = None, until: date | None = None
) -> list[tuple[date, str]]:
    c = t.exercise_tick.c
    query = select(c.on_day, c.exercise).where(c.runner_id == runner_id).order_by(c.on_day, c.exercise)
    if since is not None:
        query = query.where(c.on_day >= since)
    if until is not None:
        query = query.where(c.on_day <= until)
    return [(r.on_day, r.exercise) for r in tx.execute(query)]


def choices(tx: Tx, runner_id: int) -> dict[str, bool]:
    c = t.exercise_choice.c
    return {
        r.exercise: r.wanted for r in tx.execute(select(t.exercise_choice).where(c.runner_id == runner_id))
    }


def choose(tx: Tx, runner_id: int, exercise: str, wanted: bool | None) -> None:
    """None: as the rules choose."""
    c = t.exercise_choice.c
    tx.execute(delete(t.exercise_choice).where(c.runner_id == runner_id, c.exercise == exercise))
    if wanted is not None:
        row = {"runner_id": runner_id, "exercise": exercise, "wanted": wanted}
        tx.execute(insert(t.exercise_choice).values(**row))


def set_reminder(tx: Tx, runner_id: int, at: time | None) -> None:
    tx.execute(update(t.runner).where(t.runner.c.id == runner_id).values(routine_at=at))


# ---- questions


def ask(
    tx: Tx, runner_id: int, on_day: date, about: str, now: datetime, delivery_id: int | None = None
) -> bool:
    """False where it was asked before: each question is asked once."""
    row = {"runner_id": runner_id, "on_day": on_day, "about": about, "asked_at": now}
    return insert_new(tx, t.question, row | {"delivery_id": delivery_id})


def asked(tx: Tx, runner_id: int, since: date) -> set[tuple[date, str]]:
    q = t.question.c
    rows = tx.execute(select(q.on_day, q.about).where(q.runner_id == runner_id, q.on_day >= since))
    return {(r.on_day, r.about) for r in rows}
