"""Comebacks: shown, and the runner's word on them: the gate, edits, leaving, going on."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from midsole.actions.box import Box
from midsole.actions.comeback_view import view
from midsole.actions.evaluate import judge
from midsole.domain import comeback as breaks
from midsole.domain.checkins import Plan
from midsole.domain.errors import UsageError
from midsole.domain.facts import ALARM, Facts
from midsole.domain.pain import standing
from midsole.domain.plan import progress
from midsole.domain.plan_course import DONE
from midsole.domain.plan_edits import Edits, edits_of, kept_form, with_days, with_gate, with_hold, with_step
from midsole.domain.plan_judge import red_answers
from midsole.domain.plan_words import GATE_OF_FOUR
from midsole.store import body, runners
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.runners import Runner

NO_PLAN = "No comeback plan is open."


def comeback(box: Box, runner_id: int) -> dict[str, Any] | None:
    """The plan and where it stands, as plain values; None: there is none."""
    with box.store.read() as tx:
        return of_facts(facts_store.load(tx, runners.get(tx, runner_id), box.now()))


def of_facts(facts: Facts) -> dict[str, Any] | None:
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
        judge(tx, box, runner)
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
        judge(tx, box, runner)


def again(box: Box, runner_id: int) -> None:
    """Take up the plan that was left."""
    with box.store.write() as tx:
        runner, facts = _facts(tx, box, runner_id)
        plan = breaks.plan_of(facts)
        if plan is None or plan.left_on is None:
            raise UsageError("There is no comeback plan that was left.")
        body.change_plan(tx, runner_id, plan.id, left_on=None)
        judge(tx, box, runner)


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
        judge(tx, box, runner)


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
