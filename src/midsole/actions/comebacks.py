"""Comebacks: opened, followed run by run, edited, left."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from midsole.actions import evaluate as judging
from midsole.actions.box import Box
from midsole.actions.comeback_view import view
from midsole.decode.course import timed
from midsole.domain import comeback as breaks
from midsole.domain.activity import Activity
from midsole.domain.checkins import Plan, RunWalk
from midsole.domain.errors import MidsoleError, UsageError
from midsole.domain.facts import ALARM, Facts
from midsole.domain.pain import standing
from midsole.domain.plan import DONE, progress
from midsole.domain.plan_edits import Edits, edits_of, kept_form, with_days, with_gate, with_hold, with_step
from midsole.domain.plan_judge import ran_days, red_answers
from midsole.domain.plan_words import GATE_OF_FOUR
from midsole.domain.run_walk import by_mean_speed, recognise
from midsole.store import activities, body, runners
from midsole.store import facts as facts_store
from midsole.store.activities import Kept
from midsole.store.base import Tx
from midsole.store.runners import Runner

MOST_READ = 20
"""Files read in one pass; the next one goes on."""
NO_PLAN = "No comeback plan is open."


# ---- in the evaluation


def keep_up(tx: Tx, box: Box, runner: Runner, facts: Facts) -> Facts:
    """Open what is due, close what is done, and see how the new runs were run."""
    due = breaks.to_open(facts)
    if due is not None and body.open_plan(tx, runner.id, due):
        facts = _with_plans(tx, runner, facts)
    changed = [_keep_closing_day(tx, runner, facts, plan) for plan in facts.body.plans]
    if any(changed):
        facts = _with_plans(tx, runner, facts)
    plan = breaks.plan_of(facts)
    return facts if plan is None else _with_run_walks(tx, box, runner, facts, plan)


def _with_plans(tx: Tx, runner: Runner, facts: Facts) -> Facts:
    plans = tuple(p for p in body.plans(tx, runner.id) if p.opened_on <= facts.today)
    return replace(facts, body=replace(facts.body, plans=plans))


def _keep_closing_day(tx: Tx, runner: Runner, facts: Facts, plan: Plan) -> bool:
    """Whether it changed; a plan that was left stays as it was left."""
    day = plan.done_on if plan.left_on else breaks.closing_day(facts, plan)
    if day == plan.done_on:
        return False
    body.change_plan(tx, runner.id, plan.id, done_on=day)
    return True


def _with_run_walks(tx: Tx, box: Box, runner: Runner, facts: Facts, plan: Plan) -> Facts:
    runs = [a for ran in ran_days(facts, plan, facts.today) for a in ran.activities]
    unread = [a for a in runs if a.id not in facts.body.run_walks][-MOST_READ:]
    if not unread:
        return facts
    recordings = activities.kept_recordings(tx, runner.id, [a.id for a in unread])
    found = {a.id: _how(box, a, _of(a, recordings)) for a in unread}
    for activity_id, how in found.items():
        body.keep_run_walk(tx, runner.id, activity_id, how)
    return replace(facts, body=replace(facts.body, run_walks={**facts.body.run_walks, **found}))


def _of(run: Activity, recordings: Sequence[Kept]) -> list[Kept]:
    """Those of the run, the leading one first."""
    mine = [kept for kept in recordings if kept.trace.activity_id == run.id]
    return sorted(mine, key=lambda kept: not kept.leads)


def _how(box: Box, run: Activity, recordings: Sequence[Kept]) -> RunWalk:
    """By the first file that tells it, else by time and distance."""
    for kept in recordings:
        try:
            found = recognise(timed(box.originals.read(kept.trace.file), kept.trace.leg))
        except MidsoleError:  # no samples and no laps, or the original is gone: the next one may tell
            continue
        if found is not None:
            return found
    return by_mean_speed(run.timer_s, run.distance_m)


# ---- what the runner sees and does


def comeback(box: Box, runner_id: int) -> dict[str, Any] | None:
    """The plan and where it stands, as plain values; None: there is none."""
    with box.store.read() as tx:
        facts = facts_store.load(tx, runners.get(tx, runner_id), box.now())
    plan = breaks.plan_of(facts)
    return None if plan is None else view(facts, progress(facts, plan))


def pass_gate(box: Box, runner_id: int, painless: Collection[str]) -> bool:
    """Whether the gate is passed: all four without pain. Fewer: try again tomorrow."""
    unknown = sorted(set(painless) - set(GATE_OF_FOUR))
    if unknown:
        raise UsageError(f"There is no {unknown[0]!r} in the gate. Known: {', '.join(GATE_OF_FOUR)}.")
    with box.store.write() as tx:
        runner, facts, plan = _open_plan(tx, box, runner_id)
        if set(painless) != set(GATE_OF_FOUR):
            return False
        _may_pass(facts, plan)
        edits = with_gate(edits_of(plan), facts.today)
        body.change_plan(tx, runner_id, plan.id, gate_on=facts.today, edits=kept_form(edits))
        judging.judge(tx, box, runner)
    return True


def _may_pass(facts: Facts, plan: Plan) -> None:
    if standing(facts) == ALARM:
        raise UsageError(
            "The gate waits: red pain is open. It ends after 14 painless days, or when you say it is over."
        )
    if facts.today in red_answers(facts, plan.began_on):
        raise UsageError("Today you told of red pain. Wait, and try the gate again tomorrow.")


def leave(box: Box, runner_id: int) -> None:
    with box.store.write() as tx:
        runner, facts, plan = _open_plan(tx, box, runner_id)
        body.change_plan(tx, runner_id, plan.id, left_on=facts.today)
        judging.judge(tx, box, runner)


def again(box: Box, runner_id: int) -> None:
    """Take up the plan that was left."""
    with box.store.write() as tx:
        runner, facts = _facts(tx, box, runner_id)
        plan = breaks.plan_of(facts)
        if plan is None or plan.left_on is None:
            raise UsageError("There is no comeback plan that was left.")
        body.change_plan(tx, runner_id, plan.id, left_on=None)
        judging.judge(tx, box, runner)


def edit(
    box: Box,
    runner_id: int,
    *,
    step: int | None = None,
    days: Collection[int] | None = None,
    hold: bool = False,
) -> None:
    """Set the step, choose the weekdays that suit (0 is Monday; none: any), hold the next seven days.

    Today's run, where there was one, is judged as it was asked for."""
    with box.store.write() as tx:
        runner, facts, plan = _open_plan(tx, box, runner_id)
        last = progress(facts, plan).last
        ran_today = last is not None and last.on_day == facts.today
        from_day = facts.today + timedelta(days=int(ran_today))
        changed = _edited(edits_of(plan), from_day, step, days, hold=hold)
        body.change_plan(tx, runner_id, plan.id, edits=kept_form(changed))
        judging.judge(tx, box, runner)


def _edited(
    edits: Edits, from_day: date, step: int | None, days: Collection[int] | None, *, hold: bool
) -> Edits:
    if step is None and days is None and not hold:
        raise UsageError("Say what to change: the step, the days that suit, or a week to hold.")
    if step is not None:
        edits = with_step(edits, step, from_day)
    if days is not None:
        edits = with_days(edits, days)
    return with_hold(edits, from_day) if hold else edits


def _open_plan(tx: Tx, box: Box, runner_id: int) -> tuple[Runner, Facts, Plan]:
    runner, facts = _facts(tx, box, runner_id)
    plan = breaks.plan_of(facts)
    if plan is None or not plan.is_open or progress(facts, plan).phase == DONE:
        raise UsageError(NO_PLAN)
    return runner, facts, plan


def _facts(tx: Tx, box: Box, runner_id: int) -> tuple[Runner, Facts]:
    runner = runners.lock(tx, runner_id)
    return runner, facts_store.load(tx, runner, box.now())
