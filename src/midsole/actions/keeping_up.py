"""What each evaluation keeps up with the facts: rows of episodes, comeback plans, how runs were run."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from midsole.actions.box import Box
from midsole.decode.course import timed
from midsole.domain import comeback as breaks
from midsole.domain import onset, pain
from midsole.domain.activity import Activity
from midsole.domain.checkins import Plan, RunWalk
from midsole.domain.errors import MidsoleError
from midsole.domain.facts import Facts
from midsole.domain.plan_judge import ran_days
from midsole.domain.run_walk import by_mean_speed, recognise
from midsole.store import activities, body
from midsole.store import facts as facts_store
from midsole.store.activities import Kept
from midsole.store.base import Tx
from midsole.store.body import KeptEpisode
from midsole.store.runners import Runner

IN_SIGHT = facts_store.WINDOW - timedelta(days=10)
"""Older runs are not among the facts, so that what they opened can't be worked out any more."""
MOST_READ = 5
"""Files read in one pass, which holds the write lock (a long GPX takes 50 ms); the next one goes on."""


def keep_up(tx: Tx, box: Box, runner: Runner, facts: Facts) -> Facts:
    """Returns the facts with what was written."""
    _keep_episodes(tx, runner, facts)
    return _keep_plans(tx, box, runner, facts)


# ---- episodes


def _keep_episodes(tx: Tx, runner: Runner, facts: Facts) -> None:
    """Rows of new episodes are written once and never again; those without their check-in are removed."""
    kept = {(row.spot, row.opened_on): row for row in body.kept_episodes(tx, runner.id)}
    found = pain.episodes(facts)
    for episode in found:
        if (episode.spot, episode.opened_on) not in kept:
            body.keep_episode(tx, runner.id, episode.spot, episode.opened_on, onset.known(facts, episode))
    there = {(episode.spot, episode.opened_on) for episode in found}
    gone = [row.id for key, row in kept.items() if key not in there and _is_gone(facts, row)]
    if gone:
        body.remove_episodes(tx, runner.id, gone)


def _is_gone(facts: Facts, row: KeptEpisode) -> bool:
    """Long ago only the answer itself tells: the runs that made an episode of it are out of sight."""
    if row.opened_on > facts.today - IN_SIGHT:
        return True
    answers = (a for a in facts.body.check_ins if a.on_day == row.opened_on and a.spot == row.spot)
    return all(answer.is_painless for answer in answers)


# ---- comebacks


def _keep_plans(tx: Tx, box: Box, runner: Runner, facts: Facts) -> Facts:
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
