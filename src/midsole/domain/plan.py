"""The comeback plan: where it stands, worked out of the runs and the answers alone.

RULES.md section 3 (seed, coach: D); docs/decisions/0029-comeback.md says where it had to be made exact."""

from dataclasses import dataclass
from datetime import date

from midsole.domain.checkins import Plan
from midsole.domain.facts import Facts
from midsole.domain.pain import is_painless_run
from midsole.domain.plan_course import (
    DONE,
    GATE,
    IN_A_ROW,
    IN_STEPS,
    LEFT,
    PHASE_DAYS,
    PHASES,
    Course,
)
from midsole.domain.plan_edits import LAST_STEP, Edits, edits_of
from midsole.domain.plan_judge import (
    ASK,
    BACK,
    HOLD,
    ON,
    WAIT,
    Judged,
    Ran,
    is_locked,
    judge,
    ran_days,
    red_answers,
)
from midsole.domain.plan_pace import step_m
from midsole.domain.plan_steps import STEPS, Step, did, is_more
from midsole.domain.plan_surroundings import FIRST_RUNS, cautions_of, is_hard
from midsole.domain.units import short_day
from midsole.domain.weeks import DAY

OPEN_DAYS = 28
"""How long a comeback lasts whose plan nobody touched."""
FIRST_FRACTION, GROWTH = 0.50, 1.10
MOST_FRACTION = 1.0
"""A comeback leads back to the usual week; beyond it is not its business."""
EVERY_DAYS, AFTER_BACK_DAYS = 2, 3
ASKED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a plan stands. `step` is the one that comes next (None outside of the steps), `in_a_row` counts
    painless runs of 30 minutes; `next_on` is the earliest day for the next run (None: not yet known), `dates`
    are suggestions for it and what follows. `unanswered` are days of runs whose answers are missing."""

    plan: Plan
    phase: str
    step: Step | None
    in_a_row: int
    why: str
    judged: tuple[Judged, ...]
    gate_waits: bool
    """A red answer came since the gate was last passed: nothing may be run before it is."""
    first_run_on: date | None
    week: int
    fraction: float
    cap_week_m: float | None
    cap_run_m: float | None
    next_on: date | None
    dates: tuple[tuple[Step, date], ...]
    unanswered: tuple[date, ...]
    ended_on: date | None = None
    phase_from: date | None = None

    @property
    def is_engaged(self) -> bool:
        return is_engaged(self.plan)

    @property
    def last(self) -> Judged | None:
        return self.judged[-1] if self.judged else None


def is_engaged(plan: Plan) -> bool:
    """The runner passed the gate or changed something: from then on it is followed to its end."""
    return plan.gate_on is not None or bool(plan.edits)


def progress(facts: Facts, plan: Plan, on: date | None = None) -> Progress:
    """Where the plan stands on that day, today unless told; the same for the same runs and answers."""
    day = on or facts.today
    kept = facts.counted.setdefault("progress", {})
    asked = (day, repr(plan))
    if asked not in kept:
        kept[asked] = _progress(facts, plan, day)
    found: Progress = kept[asked]
    return found


def _progress(facts: Facts, plan: Plan, day: date) -> Progress:
    edits, days = edits_of(plan), ran_days(facts, plan, day)
    at = Course(edits)
    for number, ran in enumerate(days):
        at.begin(ran.on_day)
        later = days[number + 1].on_day if number + 1 < len(days) else None
        before = days[number - 1].on_day if number else None
        verdict = judge(facts, plan, ran.on_day, later, day)
        cautions = cautions_of(facts, ran, days[:FIRST_RUNS])
        judged = _judged(facts, plan, at, ran, before, verdict, cautions)
        at.take(judged, is_painless_run(facts.body, ran.on_day))
    at.begin(day)
    at.set_until(day + DAY)
    return _stood(facts, plan, at, day)


def _judged(
    facts: Facts,
    plan: Plan,
    at: Course,
    ran: Ran,
    before: date | None,
    answers: tuple[str, str],
    cautions: tuple[str, ...],
) -> Judged:
    verdict, why = answers
    is_well = verdict == ON
    if verdict in (ON, HOLD) and is_locked(facts, plan, ran.on_day, ran.on_day - DAY):
        verdict, why = HOLD, f"the run of {short_day(ran.on_day)} came before the gate of four"
    elif is_well and (held := _held(facts, plan, at, ran, before)):
        verdict, why = HOLD, held
    more = at.step is not None and is_more(at.step, ran.how)
    return Judged(
        on_day=ran.on_day,
        activity_ids=tuple(a.id for a in ran.activities),
        distance_m=ran.distance_m,
        how=ran.how,
        phase=at.phase,
        asked=at.step,
        verdict=verdict,
        why=why,
        is_well=is_well,
        is_more=more,
        cautions=cautions,
    )


def _held(facts: Facts, plan: Plan, at: Course, ran: Ran, before: date | None) -> str | None:
    """Why a run that went well moves nothing on."""
    on = short_day(ran.on_day)
    if at.edits.holds_on(ran.on_day):
        return f"you hold the week of {on}"
    if is_hard(facts, plan, ran):
        return f"the run of {on} was not easy"
    if before is not None and (ran.on_day - before).days < EVERY_DAYS and at.phase == IN_STEPS:
        return f"the run of {on} came the day after another; every other day is the most"
    if at.step is not None and not did(at.step, ran.how):
        return f"the run of {on} was less than the step asks"
    return None


# ---- what follows from it


def _stood(facts: Facts, plan: Plan, at: Course, day: date) -> Progress:
    first = at.judged[0].on_day if at.judged else None
    week = 1 if first is None else (day - first).days // 7 + 1
    fraction = _fraction(at, first, week) if is_engaged(plan) else _by_calendar(week)
    locked = is_locked(facts, plan, day, day)
    phase = _phase(plan, at, locked, day)
    step = at.step if phase in (GATE, IN_STEPS) else None
    cap_week_m = None if plan.usual_m is None else fraction * plan.usual_m
    week_from = day if first is None else first + (week - 1) * PHASE_DAYS * DAY
    done_m = sum(j.distance_m for j in at.judged if j.on_day >= week_from)
    is_full = cap_week_m is not None and done_m >= cap_week_m
    from_day = week_from + PHASE_DAYS * DAY if is_full else day
    next_on = None if locked or phase in (DONE, LEFT) else _next_on(at, from_day)
    ended_on = at.ended_on or _untouched_end(plan, first, day, locked=locked)
    return Progress(
        plan=plan,
        phase=DONE if ended_on and phase != LEFT else phase,
        step=step,
        in_a_row=at.in_a_row,
        why=_why(facts, plan, at, phase, day),
        judged=tuple(at.judged),
        gate_waits=locked,
        first_run_on=first,
        week=week,
        fraction=fraction,
        cap_week_m=cap_week_m,
        cap_run_m=_cap_run_m(facts, plan, at, fraction),
        next_on=next_on,
        dates=_dates(at, next_on) if phase in (GATE, IN_STEPS) else (),
        unanswered=_unanswered(at, day),
        ended_on=ended_on,
        phase_from=at.since,
    )


def _phase(plan: Plan, at: Course, locked: bool, day: date) -> str:
    if plan.left_on is not None and plan.left_on <= day:
        return LEFT
    if at.phase == DONE:
        return DONE
    waits_for_gate = plan.gate_on is None and not at.judged and not plan.edits
    return GATE if locked or waits_for_gate else at.phase


def _untouched_end(plan: Plan, first: date | None, day: date, *, locked: bool) -> date | None:
    """Nobody engaged, nothing red: it ends four weeks after the first run, as L5 does."""
    if first is None or locked or is_engaged(plan) or (day - first).days < OPEN_DAYS:
        return None
    return first + OPEN_DAYS * DAY


def _fraction(at: Course, first: date | None, week: int) -> float:
    """Of the usual week: half of it, and a tenth more after each week that went well and never back."""
    found = FIRST_FRACTION
    for number in range(week - 1):
        assert first is not None
        begin = first + number * PHASE_DAYS * DAY
        of_week = [j for j in at.judged if begin <= j.on_day < begin + PHASE_DAYS * DAY]
        held = any(at.edits.holds_on(begin + n * DAY) for n in range(PHASE_DAYS))
        if any(j.is_well for j in of_week) and not held and all(j.verdict != BACK for j in of_week):
            found *= GROWTH
    return min(found, MOST_FRACTION)


def _unanswered(at: Course, day: date) -> tuple[date, ...]:
    """Of the last week, and the last run's: older answers would change little."""
    asked = [j.on_day for j in at.judged if j.verdict == ASK]
    return tuple(d for d in asked if d == at.judged[-1].on_day or (day - d).days <= ASKED_DAYS)


def _by_calendar(week: int) -> float:
    """L5's, for a plan that nobody took up."""
    return FIRST_FRACTION * GROWTH ** (week - 1)


def _next_on(at: Course, day: date) -> date:
    """Every other day at the earliest, a day more after a step back, on a weekday that suits."""
    last = at.judged[-1] if at.judged else None
    if last is None:
        return _suiting(at.edits, day)
    wait = AFTER_BACK_DAYS if last.verdict == BACK else EVERY_DAYS
    return _suiting(at.edits, max(day, last.on_day + wait * DAY))


def _suiting(edits: Edits, day: date) -> date:
    while not edits.suits(day):
        day += DAY
    return day


def _dates(at: Course, next_on: date | None) -> tuple[tuple[Step, date], ...]:
    """Each step as early as it could come, the last one as often as is still asked for."""
    if next_on is None:
        return ()
    again = [STEPS[-1]] * (IN_A_ROW - (at.in_a_row if at.number == LAST_STEP else 0))
    found = list[tuple[Step, date]]()
    for step in [*STEPS[at.number - 1 : LAST_STEP - 1], *again]:
        found.append((step, next_on))
        next_on = _suiting(at.edits, next_on + EVERY_DAYS * DAY)
    return tuple(found)


def _cap_run_m(facts: Facts, plan: Plan, at: Course, fraction: float) -> float | None:
    """L5's share of the former longest, and while there are steps no more than the step at one's own pace.

    After the first run that went well, who never ran 30 minutes before has them for the longest: else no
    week would ever hold the plan's own end."""
    by_share = None if plan.longest_m is None else fraction * plan.longest_m
    if not is_engaged(plan):
        return by_share
    if by_share is not None and any(j.is_well for j in at.judged):
        by_share = max(by_share, fraction * step_m(facts, plan, STEPS[-1]))
    if at.step is None:
        longest = max((j.distance_m for j in at.judged if j.is_well), default=None)
        return by_share if by_share is not None or longest is None else longest * GROWTH
    by_step = step_m(facts, plan, at.step)
    return by_step if by_share is None else min(by_share, by_step)


def _why(facts: Facts, plan: Plan, at: Course, phase: str, day: date) -> str:
    """One sentence: where it stands, and because of which run."""
    last = at.judged[-1] if at.judged else None
    if phase == LEFT:
        return "You left the plan."
    if phase == DONE:
        return "Three painless runs of 30 minutes, then two painless weeks: the plan is done."
    if phase == GATE:
        red = [d for d in red_answers(facts, plan.began_on) if d <= day]
        after = f" after the red answer of {short_day(red[-1])}" if red else ""
        return f"First the gate of four{after}: all four without pain."
    if at.was_set:
        return f"Step {at.number}, as you set it."
    if last is None:
        return f"{_where(at)}: no run since {short_day(plan.began_on)} is known."
    return f"{_where(at, last)}: {last.why}."


def _where(at: Course, last: Judged | None = None) -> str:
    if at.phase != IN_STEPS:
        return PHASES[at.phase]
    again = last is not None and last.verdict in (HOLD, ASK, WAIT) and last.asked == at.step
    asked = last.asked.number if last is not None and last.asked else LAST_STEP + 1
    back = last is not None and last.verdict == BACK and at.number < asked
    return f"{'Back to step' if back else 'Step'} {at.number}{' again' if again else ''}"
