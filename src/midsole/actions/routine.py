"""The exercises: which, how often done, and the reminder at the hour that the runner chose."""

from datetime import date, datetime, time, timedelta
from typing import Any

from midsole.actions.box import Box
from midsole.actions.nudging import nudge
from midsole.domain import exercises
from midsole.domain.asking_mail import routine_mail
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.exercise_table import BY_SLUG, Exercise
from midsole.domain.exercises import Routine
from midsole.domain.facts import Facts
from midsole.domain.taps import ROUTINE
from midsole.domain.weeks import DAY
from midsole.domain.when import local, quiet_until
from midsole.store import asking as asking_store
from midsole.store import body, runners
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.runners import Runner

BACK_DAYS = 7
"""So long after the day a forgotten tick can be made good."""
WINDOW = timedelta(days=200)

type View = dict[str, Any]


def routine(box: Box, runner_id: int) -> View:
    """Today's exercises with what is done, all others, and how often they were done."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        facts = _facts(tx, runner, box.now())
    return of_facts(facts, runner)


def _facts(tx: Tx, runner: Runner, now: datetime) -> Facts:
    return facts_store.of_load(tx, runner, now, runner.today(now) - WINDOW, speeds=False)


def of_facts(facts: Facts, runner: Runner) -> View:
    now = exercises.routine(facts)
    seven, four_weeks = (exercises.adherence(facts, days) for days in (7, 28))
    return {
        "on": facts.today.isoformat(),
        "why": now.why,
        "resting": now.resting,
        "until": now.until.isoformat() if now.until else None,
        "today": [_exercise(e, facts) for e in now.today],
        "more": [_exercise(e, facts) for e in now.more],
        "week": {"days": seven.days, "of": seven.of},
        "four_weeks": {"days": four_weeks.days, "of": four_weeks.of},
        "days": [
            {"on": day.isoformat(), "done": done}
            for day, done in exercises.done_by_day(facts.body, facts.today)
        ],
        "days_since_calf_stretch": exercises.days_since_calf_stretch(facts.body, facts.today),
        "remind_at": f"{runner.routine_at:%H:%M}" if runner.routine_at else None,
    }


def _exercise(exercise: Exercise, facts: Facts) -> View:
    return {
        "exercise": exercise.slug,
        "name": exercise.name,
        "dose": exercise.dose,
        "how": exercise.how,
        "what_for": exercise.what_for,
        "says": list(exercise.says),
        "wanted": facts.body.wanted.get(exercise.slug),
        "done": exercise.slug in exercises.done_on(facts.body, facts.today),
    }


def tick(box: Box, runner_id: int, exercise: str, on_day: date | None = None) -> None:
    """Done, today unless told otherwise; twice is once."""
    _known(exercise)
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        body.tick(tx, runner_id, _day(runner, on_day, box.now()), exercise, box.now())


def untick(box: Box, runner_id: int, exercise: str, on_day: date | None = None) -> None:
    """Not done after all; what was not ticked stays so."""
    _known(exercise)
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        body.untick(tx, runner_id, _day(runner, on_day, box.now()), exercise)


def choose(box: Box, runner_id: int, exercise: str, wanted: bool | None) -> None:
    """Wanted or not, whatever is open; None: as the rules choose."""
    _known(exercise)
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        body.choose(tx, runner_id, exercise, wanted)


def set_reminder(box: Box, runner_id: int, at: time | None) -> None:
    """At that time on the runner's clock; None: never, nor what waits to go out."""
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        body.set_reminder(tx, runner_id, at.replace(second=0, microsecond=0) if at else None)
        if at is None:
            mine = [row for row in asking_store.waiting(tx, runner_id) if row.kind == ROUTINE]
            asking_store.withdraw(tx, mine, box.now())


def _known(exercise: str) -> None:
    if exercise not in BY_SLUG:
        raise NotThere(f"There is no exercise {exercise!r}. Known: {', '.join(BY_SLUG)}.")


def _day(runner: Runner, on_day: date | None, now: datetime) -> date:
    today = runner.today(now)
    day = on_day or today
    if not today - BACK_DAYS * DAY <= day <= today:
        raise UsageError(f"An exercise is ticked for today or one of the {BACK_DAYS} days before.")
    return day


# ---- all of a day, by one tap of a mail


def names_of(box: Box, runner_id: int) -> tuple[str, ...]:
    """The exercises of today."""
    return tuple(e["exercise"] for e in routine(box, runner_id)["today"])


def ticked_on(box: Box, runner_id: int, on_day: date) -> tuple[str, ...]:
    with box.store.read() as tx:
        return tuple(slug for _, slug in body.ticks(tx, runner_id, since=on_day, until=on_day))


def tick_all(box: Box, runner_id: int, on_day: date) -> int:
    """Today's whole routine, for that day; returns how many exercises that is."""
    names = names_of(box, runner_id)
    for name in names:
        tick(box, runner_id, name, on_day)
    return len(names)


# ---- reminders


def remind_all(box: Box) -> None:
    """Once a day, from the chosen hour on, where something of today's routine is not done."""
    now = box.now()
    with box.store.read() as tx:
        asked = asking_store.asked(tx, now.date() - DAY)
        known = [r for r in runners.everyone(tx) if _is_due(r, now)]
    for runner in known:
        if (runner.today(now), ROUTINE) not in asked.get(runner.id, set()):
            _remind(box, runner.id)


def _is_due(runner: Runner, now: datetime) -> bool:
    if runner.routine_at is None or runner.is_demo or runner.catching_up:
        return False
    is_quiet = quiet_until(now, runner.zone_on, runner.quiet_from, runner.quiet_until) is not None
    return not is_quiet and local(now, runner.zone_on).time() >= runner.routine_at


def _remind(box: Box, runner_id: int) -> None:
    """Also a day on which nothing is left is settled: it is not looked at again."""
    with box.store.write() as tx:
        runner, now = runners.lock(tx, runner_id), box.now()
        facts = _facts(tx, runner, now)
        found = exercises.routine(facts)
        left = tuple(e for e in found.today if e.slug not in exercises.done_on(facts.body, facts.today))
        if (facts.today, ROUTINE) in body.asked(tx, runner_id, facts.today) or not _is_due(runner, now):
            return
        delivery_id = _mail(tx, box, runner, facts, found, left) if left else None
        body.ask(tx, runner_id, facts.today, ROUTINE, now, delivery_id)


def _mail(tx: Tx, box: Box, runner: Runner, facts: Facts, found: Routine, left: tuple[Exercise, ...]) -> int:
    """The runner asked for it: it counts in no budget."""
    clock = local(facts.now, runner.zone_on)
    until = datetime.combine(facts.today + DAY, time(), clock.tzinfo)
    return nudge(tx, box, runner, ROUTINE, routine_mail(facts.today, left, found.why), until=until)
