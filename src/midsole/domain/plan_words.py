"""The comeback plan in words for mails, pages, the calendar and the command line."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from midsole.domain.caps import cap
from midsole.domain.comeback import plan_of
from midsole.domain.connection import awaited
from midsole.domain.facts import ALARM, Facts
from midsole.domain.letter import Link, Row, Section, plain
from midsole.domain.load import CROSS
from midsole.domain.pain import standing
from midsole.domain.plan import OPEN_DAYS, Progress, is_engaged, progress
from midsole.domain.plan_course import DONE, FOUR_ONE, GATE, IN_A_ROW, LEFT, PHASE_DAYS, RUNS_OF, THREE_TWO
from midsole.domain.plan_pace import step_m
from midsole.domain.units import distance, distance_down, short_day, shown_m
from midsole.domain.weeks import DAY, WEEKDAYS

GATE_OF_FOUR: Mapping[str, str] = MappingProxyType(
    {
        "walk": "Walk barefoot for a few minutes",
        "stairs": "Stairs, up and down",
        "hops": "Light hops, ten on each foot",
        "raise": "Calf raises, ten on each foot",
    }
)
TRY_AGAIN = "Not all four without pain: wait, and try again tomorrow."
PASSED = "The gate is passed. The first run may be step 1."
CROSS_OF = {THREE_TWO: 2, FOUR_ONE: 1}
TITLE = "The way back"
STALE_DAYS = 2
SOON = 5
"""Days of the feed's steps: later dates are guesses of guesses."""


def comeback_section(facts: Facts, _week_start: date) -> Section:
    plan = plan_of(facts)
    if plan is None or plan.left_on is not None:
        return Section(TITLE, ())
    at = progress(facts, plan)
    if not is_engaged(plan) and not at.judged and (facts.today - plan.opened_on).days >= OPEN_DAYS:
        return Section(TITLE, ())  # it was offered often enough
    link = (Link("The comeback plan", place="/body/comeback"),)
    says = [Row(where(facts, at)), Row(what_next(facts, at), links=link, command="midsole comeback")]
    ask = [Row(asks(at))] if at.unanswered else []
    return Section(TITLE, (*says, *ask))


def where(facts: Facts, at: Progress) -> str:
    """Where the plan stands and why, or the kind offer of one that nobody took up."""
    if at.phase == GATE and not at.gate_waits and not at.judged:
        return offer(facts)
    return at.why


def offer(facts: Facts) -> str:
    last = facts.last_run_on
    since = f"No run since {short_day(last)}{as_of(facts)}" if last else f"No run is known{as_of(facts)}"
    return f"{since}. When you are ready, the comeback plan leads back in small steps; it is an offer."


def as_of(facts: Facts) -> str:
    """ ", as of the last sync on 3 Nov" where the sources are behind; else nothing."""
    looks = [s.last_success_at for s in awaited(facts.sources)]
    known = [look for look in looks if look is not None]
    if not looks or (len(known) == len(looks) and (facts.now - min(known)).days < STALE_DAYS):
        return ""
    return (
        f", as of the last sync on {short_day(min(known).date())}"
        if known
        else ", but nothing was synced yet"
    )


def what_next(facts: Facts, at: Progress) -> str:
    """ "Next: step 3, 5 x (3 min jog, 1 min walk), at most 2.6 km, on Friday, 14 Nov at the earliest."."""
    if at.phase == LEFT:
        return f"{_left_holds(facts)} You may take the plan up again."
    if at.phase == DONE:
        return (
            f"Your ordinary caps hold again. Go on with the exercises until {short_day(routine_until(at))}."
        )
    if at.gate_waits:
        rest = "Red pain is open: no running. " if standing(facts) == ALARM else ""
        return f"{rest}Nothing may be run before the gate of four is passed: all four without pain."
    if standing(facts) == ALARM:
        return "Red pain is open: no running. The gate of four comes after it."
    when = f", {day_words(at.next_on)} at the earliest" if at.next_on else ""
    most_m = at_most_m(facts, at)
    far = f", at most {distance_down(most_m, facts.units)}" if most_m is not None else ""
    if most_m is not None and at.step and is_engaged(at.plan):
        step_far_m = step_m(facts, at.plan, at.step)
        is_less = shown_m(most_m, facts.units) < shown_m(step_far_m, facts.units)
        far += ", even where that is less than the step" if is_less else ""
    first = "First the gate of four, then" if at.phase == GATE else "Next:"
    return f"{first} {what(at)}{far}{when}."


def _left_holds(facts: Facts) -> str:
    """Who leaves the plan does not leave what pain itself asks for."""
    level = standing(facts)
    if level == ALARM:
        return "Pain is red: no running until it is over."
    return "Your ordinary caps hold." if level is None else "Your ordinary caps hold, or less: pain is open."


def at_most_m(facts: Facts, at: Progress) -> float | None:
    """How far the next run may go: what all rules together allow, so that one number is said everywhere."""
    if at.gate_waits:
        return 0.0
    known = [m for m in (at.cap_run_m, cap(facts).next_run_m) if m is not None]
    return min(known, default=None)


def what(at: Progress) -> str:
    if at.step is not None:
        more = ""
        if at.step.walk_min == 0:
            more = f", painless run {at.in_a_row + 1} of {IN_A_ROW}"
        return f"step {at.step.number}, {at.step.words}{more}"
    return f"an easy run, one of {RUNS_OF[at.phase]} this week"


def day_words(day: date) -> str:
    """ "Friday, 14 Nov"."""
    return f"{WEEKDAYS[day.weekday()]}, {short_day(day)}"


def asks(at: Progress) -> str:
    *others, last = (short_day(day) for day in at.unanswered[-3:])
    runs = f"runs of {', '.join(others)} and {last}" if others else f"run of {last}"
    return f"How was it after the {runs}? Without an answer the plan waits."


def week_words(facts: Facts, at: Progress, done_m: float) -> str:
    """How much this week of the comeback may hold; empty where the usual week is unknown, or where the
    plan has no say: before the gate after red pain, and once it was left."""
    if at.cap_week_m is None or at.plan.usual_m is None or at.gate_waits or at.phase == LEFT:
        return ""
    cap = distance_down(at.cap_week_m, facts.units)
    usual, done = (plain(distance(m, facts.units)) for m in (at.plan.usual_m, done_m))
    quarter = ""
    if at.week == 1:
        enough = distance_down(at.cap_week_m / 2, facts.units)
        quarter = f"; a quarter of that, {enough}, is enough to begin with"
    return f"Week {at.week}: at most {cap} in 7 days, {done} so far. Usual before: {usual}{quarter}."


def cross_words(facts: Facts, at: Progress) -> str:
    """How much cross-training this week of the last two had; it is shown, not asked for."""
    if at.phase not in CROSS_OF or at.phase_from is None:
        return ""
    end = at.phase_from + PHASE_DAYS * DAY
    mine = [a for a in facts.activities if a.sport in CROSS and at.phase_from <= a.local_date < end]
    runs = [j for j in at.judged if at.phase_from <= j.on_day < end]
    return (
        f"Since {short_day(at.phase_from)}: {len(runs)} of {RUNS_OF[at.phase]} runs, "
        f"{len(mine)} of {CROSS_OF[at.phase]} cross-trainings (swim, bike, elliptical, row)."
    )


ROUTINE_WEEKS = 4


def routine_until(at: Progress) -> date:
    """The routine goes on until four weeks after the end."""
    end = at.ended_on or at.plan.opened_on
    return end + 7 * ROUTINE_WEEKS * DAY


def suggestions(facts: Facts) -> list[tuple[date, str, str]]:
    """For the calendar: day, title, words; without a plan that is followed, none."""
    plan = plan_of(facts)
    if plan is None or not plan.is_open or not is_engaged(plan) or standing(facts) == ALARM:
        return []
    at = progress(facts, plan)
    told = "A suggestion: the plan moves on only after painless answers, that evening and the next morning."
    if at.dates:
        return [(day, f"Comeback step {step.number}: {step.words}", told) for step, day in at.dates[:SOON]]
    if at.next_on and at.phase in RUNS_OF:
        return [(at.next_on, "Comeback: an easy run", told)]
    return []
