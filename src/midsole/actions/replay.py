"""The past year judged again with other limits; nothing is written and nobody is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from midsole.actions.box import Box
from midsole.actions.evaluate import OUTSIDE_BUDGET
from midsole.domain import replay
from midsole.domain.errors import UsageError
from midsole.domain.facts import Facts, Finding, Limits
from midsole.domain.past import WINDOW
from midsole.domain.replay import Course
from midsole.domain.weeks import WEEK, week_start
from midsole.store import activities, inserts, runners, shoes, steps
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.runners import Runner

MOST_WEEKS = 52


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the entered limits would have said, beside what the present ones would have."""

    since: date
    until: date
    limits: Limits
    present: Limits
    entered: Course
    as_now: Course

    @property
    def changed(self) -> bool:
        return self.limits != self.present


def replayed(box: Box, runner_id: int, changed: Mapping[str, float], weeks: int = MOST_WEEKS) -> Replayed:
    """The last `weeks` weeks and the running one; `changed` are limits by name, the others stay."""
    if not 1 <= weeks <= MOST_WEEKS:
        raise UsageError(f"Choose between 1 and {MOST_WEEKS} weeks.")
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        today = runner.today(box.now())
        first = week_start(today, runner.first_weekday) - (weeks - 1) * WEEK
        facts = _facts(tx, box, runner, first)
    present, limits = runner.limits, _laid_over(runner.limits, changed)
    found = replay.find(facts, first, present)
    as_now = replay.judge(facts, first, found, present, _is_outside_budget)
    if limits == present:
        return Replayed(first, today, limits, present, as_now, as_now)
    other = replay.find(facts, first, limits, found, present)
    entered = replay.judge(facts, first, other, limits, _is_outside_budget)
    return Replayed(first, today, limits, present, entered, as_now)


def _facts(tx: Tx, box: Box, runner: Runner, first: date) -> Facts:
    """All that the rules see, reaching back far enough for the first day of the span."""
    now, since = box.now(), first - WINDOW - timedelta(days=1)
    whole = facts_store.load(tx, runner, now)
    return replace(
        whole,
        activities=tuple(activities.between(tx, runner.id, since, whole.today)),
        shoes=tuple(shoes.worn(tx, runner.id, since)),
        inserts=tuple(inserts.worn(tx, runner.id, since)),
        steps=steps.between(tx, runner.id, since, whole.today),
        sources=(),
        unworn=(),
        likely={},
    )


def _laid_over(limits: Limits, changed: Mapping[str, float]) -> Limits:
    whole = {name: int(v) if name == "break_days" else v for name, v in changed.items()}
    return replace(limits, **whole)  # type: ignore[arg-type]


def _is_outside_budget(finding: Finding) -> bool:
    return finding.rule in OUTSIDE_BUDGET
