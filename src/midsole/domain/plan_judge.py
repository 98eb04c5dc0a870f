"""What the answers of the evening and of the next morning say of a run in a comeback."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from midsole.domain.activity import Activity
from midsole.domain.checkins import AFTER, MORNING, CheckIn, Plan, RunWalk, Spot
from midsole.domain.facts import Facts
from midsole.domain.load import is_paused
from midsole.domain.pain import (
    AMBER_FROM,
    SORE_MORNINGS,
    Episode,
    days_of_runs,
    episodes,
    in_order,
    is_red,
    last_runs,
    open_episodes,
    sore_runs,
)
from midsole.domain.plan_edits import edits_of
from midsole.domain.plan_steps import Step
from midsole.domain.run_walk import by_mean_speed, together
from midsole.domain.units import short_day
from midsole.domain.weeks import DAY

ON, HOLD, BACK, ASK, WAIT = "on", "hold", "back", "ask", "wait"
VERDICTS = {
    ON: "moves on",
    HOLD: "holds",
    BACK: "steps back",
    ASK: "waits for your answer",
    WAIT: "waits for the next morning",
}
"""What the plan does."""
FADING_TO = 2
"""Soreness up to here that is no worse in the morning than in the evening goes on: it fades."""
KNOWN_DAYS = 28
"""A place that hurt in so many days before is no new one."""


@dataclass(frozen=True, slots=True)
class Ran:
    """All running of one day."""

    on_day: date
    activities: tuple[Activity, ...]
    how: RunWalk

    @property
    def distance_m(self) -> float:
        return sum(a.counted_m for a in self.activities)


@dataclass(frozen=True, slots=True)
class Judged:
    """One day's running, and what the plan made of it. `asked` None: a run of the weeks after the steps.

    `verdict` is on, hold, back, ask (unanswered) or wait (the next morning is yet to come); `is_well`: the
    answers alone would have let it move on; `is_more`: it was more than the step."""

    on_day: date
    activity_ids: tuple[int, ...]
    distance_m: float
    how: RunWalk
    phase: str
    asked: Step | None
    verdict: str
    why: str
    is_well: bool
    is_more: bool = False
    cautions: tuple[str, ...] = ()


def ran_days(facts: Facts, plan: Plan, until: date) -> list[Ran]:
    """The days with runs since the break began; a pause's own runs are part of the break.

    The run that ended in red pain is of the day on which the plan began: it is before it."""
    found: dict[date, list[Activity]] = {}
    for a in facts.activities:
        if a.is_run and _is_of(facts, plan, a.local_date) and a.local_date <= until:
            found.setdefault(a.local_date, []).append(a)
    return [
        Ran(day, tuple(runs), together([_how(facts, a) for a in runs])) for day, runs in sorted(found.items())
    ]


def _is_of(facts: Facts, plan: Plan, day: date) -> bool:
    begun = day > plan.began_on if plan.why == "pain" else day >= plan.began_on
    return begun and not is_paused(facts, day)


def _how(facts: Facts, run: Activity) -> RunWalk:
    return facts.body.run_walks.get(run.id) or by_mean_speed(run.timer_s, run.distance_m)


# ---- red, and the gate


def red_answers(facts: Facts, since: date) -> list[date]:
    """The days of red answers and red flags, in order."""
    if "red_answers" not in facts.counted:
        found = {a.on_day for a in facts.body.check_ins if is_red(a)}
        found |= {day for e in episodes(facts) for day, _ in e.flags}
        facts.counted["red_answers"] = sorted(found)
    return [day for day in facts.counted["red_answers"] if day >= since]


def is_locked(facts: Facts, plan: Plan, day: date, red_until: date) -> bool:
    """Whether on `day` the gate of four had yet to be passed after the last red answer up to `red_until`.

    It counts from the day after a red answer on: of one day nobody knows which came first."""
    red = [d for d in red_answers(facts, plan.began_on) if d <= red_until]
    return bool(red) and not any(red[-1] < gate <= day for gate in edits_of(plan).gates)


# ---- one run


def judge(facts: Facts, plan: Plan, run_on: date, later: date | None, day: date) -> tuple[str, str]:
    """What the answers make of the run of that day, seen on `day`, and why; `later` is the next run's day."""
    said = in_order(_window(facts.body.between(run_on, min(day, later or day)), run_on, later))
    evening = [a for a in said if a.on_day == run_on and a.moment == AFTER]
    morning = [a for a in said if a.on_day == run_on + DAY and a.moment == MORNING]
    on = short_day(run_on)
    pained = _pained(said, evening, morning, run_on, on)
    if pained is not None:
        return pained
    if not evening or not morning:
        return _unanswered(evening, morning, run_on, day, on)
    if any(a.has_painkiller for a in said if a.on_day <= run_on + DAY):
        return (
            HOLD,
            f"a painkiller was taken on the day of the run of {on} or after it, and hides what it did",
        )
    if held := _held(facts, plan, said, run_on, on):
        return HOLD, held
    if any(not a.is_painless for a in said):
        return ON, f"the soreness after the run of {on} faded"
    return ON, f"the run of {on} was painless that evening and the next morning"


def _window(answers: Iterable[CheckIn], run_on: date, later: date | None) -> list[CheckIn]:
    """That day's but its morning, then all until the next run, whose day's morning belongs here."""
    return [
        a
        for a in answers
        if (a.on_day > run_on or a.moment != MORNING) and (a.on_day != later or a.moment == MORNING)
    ]


def _pained(
    said: Sequence[CheckIn], evening: Sequence[CheckIn], morning: Sequence[CheckIn], run_on: date, on: str
) -> tuple[str, str] | None:
    """Pain speaks also where an answer is missing."""
    if red := [a for a in said if is_red(a)]:
        return BACK, f"{short_day(red[0].on_day)}, after the run of {on}, brought red pain"
    if evening and _is_worse(morning, evening):
        return BACK, f"the morning after the run of {on} hurt more than the evening"
    if any(a.level > FADING_TO for a in morning):
        return BACK, f"the pain after the run of {on} was still {_worst(morning)} of 10 the next morning"
    if morning and _is_lingering(said, morning, run_on):
        return BACK, f"the soreness after the run of {on} lingered"
    if any(a.level >= AMBER_FROM for a in said):
        return HOLD, f"the run of {on} hurt, {_worst(said)} of 10"
    return None


def _is_worse(morning: Sequence[CheckIn], evening: Sequence[CheckIn]) -> bool:
    before = _levels(evening)
    return any(level > before.get(spot, 0) for spot, level in _levels(morning).items())


def _is_lingering(said: Sequence[CheckIn], morning: Sequence[CheckIn], run_on: date) -> bool:
    """Two days later or more it hurts no less than on the morning after."""
    first = _levels(morning)
    after = _levels([a for a in said if a.on_day > run_on + DAY])
    return any(level >= first.get(spot, 0) for spot, level in after.items())


def _levels(answers: Iterable[CheckIn]) -> dict[Spot | None, int]:
    found: dict[Spot | None, int] = {}
    for a in answers:
        if not a.is_painless:
            found[a.spot] = max(found.get(a.spot, 0), a.level)
    return found


def _worst(answers: Iterable[CheckIn]) -> int:
    return max(a.level for a in answers)


def _unanswered(
    evening: Sequence[CheckIn], morning: Sequence[CheckIn], run_on: date, day: date, on: str
) -> tuple[str, str]:
    if day <= run_on + DAY:
        return WAIT, f"the run of {on} is judged by the evening and the next morning"
    missing = " and ".join(([] if evening else ["that evening"]) + ([] if morning else ["the next morning"]))
    return ASK, f"nothing was said of the run of {on} for {missing}"


def _held(facts: Facts, plan: Plan, said: Sequence[CheckIn], run_on: date, on: str) -> str | None:
    sore = {a.spot for a in said if not a.is_painless and a.spot}
    known = _known_spots(facts, plan, run_on)
    if known and sore - known:
        new = min(s for s in sore - known if s)
        return f"the {new.words} is sore since the run of {on}, another place than before: look at it first"
    for episode in open_episodes(facts, run_on + DAY):
        if _is_amber(facts, episode, run_on):
            return f"the pain of the {episode.spot.words} is not over yet"
    return None


def _is_amber(facts: Facts, episode: Episode, run_on: date) -> bool:
    """A level of 3, or 2 of 3 sore mornings. One slight soreness more than before the run opens an episode
    too, and caps the distance; where it fades, it holds no plan (RULES.md: fading soreness goes on)."""
    reports = [a for a in episode.reports if a.on_day <= run_on + DAY]
    if any(a.level >= AMBER_FROM or is_red(a) for a in reports):
        return True
    return len(sore_runs(reports, last_runs(days_of_runs(facts), run_on + DAY))) >= SORE_MORNINGS


def _known_spots(facts: Facts, plan: Plan, run_on: date) -> set[Spot]:
    """What had hurt before that day's run, since four weeks before the plan began."""
    first = plan.began_on - KNOWN_DAYS * DAY
    kept = facts.counted.setdefault("first sore", {})
    if first not in kept:
        kept[first] = _first_sore(facts.body.between(first, date.max))
    found: dict[Spot, tuple[date, bool]] = kept[first]
    return {spot for spot, told in found.items() if told <= (run_on, False)}


def _first_sore(answers: Iterable[CheckIn]) -> dict[Spot, tuple[date, bool]]:
    """When each place first hurt: the day, and whether it was later than its morning."""
    found: dict[Spot, tuple[date, bool]] = {}
    for a in answers:
        if not a.is_painless and a.spot is not None:
            told = (a.on_day, a.moment != MORNING)
            found[a.spot] = min(told, found.get(a.spot, told))
    return found
