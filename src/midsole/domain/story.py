"""An episode told day by day: its pain beside the runs, the pairs, the exercises and the plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from midsole.domain.activity import Activity
from midsole.domain.check_in_words import in_words
from midsole.domain.checkins import MOMENTS, Body, Plan
from midsole.domain.exercise_table import BY_SLUG
from midsole.domain.facts import Pause
from midsole.domain.letter import plain
from midsole.domain.pain import PAINLESS, Episode, grade, in_order
from midsole.domain.plan import Progress
from midsole.domain.plan_course import PHASES
from midsole.domain.plan_judge import VERDICTS
from midsole.domain.rules.p3_red_flags import DAYS, FLAGS
from midsole.domain.units import distance

BEFORE = timedelta(days=28)
RUN, PAIN, PAINLESS_ANSWER, ELSEWHERE, FLAG = "run", "pain", "painless", "elsewhere", "flag"
EXERCISE, PLAN, OFF, EPISODE = "exercise", "plan", "off", "episode"
ORDER = (EPISODE, FLAG, PAIN, PAINLESS_ANSWER, ELSEWHERE, RUN, EXERCISE, PLAN, OFF)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing of one day. `value` is metres of a run, or the level of pain; `pairs` those of a run.

    `until` is the last day of what lasts; `level` is that of pain (note, warn, alarm)."""

    on: date
    kind: str
    words: str
    value: float | None = None
    level: str | None = None
    pairs: tuple[str, ...] = ()
    until: date | None = None
    activity_id: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """From 28 days before the onset to the end or now; events in order."""

    first: date
    last: date
    events: tuple[Event, ...]

    def of(self, *kinds: str) -> list[Event]:
        return [event for event in self.events if event.kind in kinds]

    def by_day(self) -> list[tuple[date, list[Event]]]:
        """The newest day first; what lasts stands on its first day."""
        days: dict[date, list[Event]] = {}
        for event in self.events:
            days.setdefault(event.on, []).append(event)
        return sorted(days.items(), reverse=True)


def span(episode: Episode, today: date) -> tuple[date, date]:
    return episode.onset_on - BEFORE, min(episode.ended_on or today, today)


def story(
    episode: Episode,
    body: Body,
    runs: Iterable[Activity],
    pairs: Mapping[int, Sequence[str]],
    pauses: Iterable[Pause],
    *,
    today: date,
    units: str,
    steps: Iterable[Event] = (),
) -> Story:
    """`pairs` names those of a run by its id; `runs` reach back to the first day at least."""
    first, last = span(episode, today)
    told = (
        *_of_episode(episode),
        *_answers(episode, body),
        *_runs(runs, pairs, units),
        *_exercises(body),
        *_plans(body.plans),
        *steps,
        *_pauses(pauses, first, last),
    )
    inside = [event for event in told if first <= event.on <= last]
    return Story(first, last, tuple(sorted(inside, key=lambda e: (e.on, ORDER.index(e.kind)))))


def _of_episode(episode: Episode) -> Iterator[Event]:
    yield Event(episode.onset_on, EPISODE, "The first report of it.")
    if episode.opened_on != episode.onset_on:
        yield Event(episode.opened_on, EPISODE, "From here on it counts as an episode.")
    if episode.ended_on:
        how = "14 painless days" if episode.ended_how == PAINLESS else "you said that it is over"
        yield Event(episode.ended_on, EPISODE, f"It is over: {how}.")
    for day, flag in episode.flags:
        yield Event(day, FLAG, f"Red flag: {FLAGS[flag]}.")


def _answers(episode: Episode, body: Body) -> Iterator[Event]:
    for answer in in_order(body.check_ins):
        words = f"{MOMENTS[answer.moment].capitalize()}: {in_words(answer)}."
        if answer.note:
            words = f"{words} “{answer.note}”"
        if answer.is_painless and answer.spot in (None, episode.spot):
            yield Event(answer.on_day, PAINLESS_ANSWER, words, 0)
        elif answer.spot == episode.spot:
            yield Event(answer.on_day, PAIN, words, answer.level, grade(answer))
        elif not answer.is_painless:
            yield Event(answer.on_day, ELSEWHERE, words, answer.level, grade(answer))


def _runs(runs: Iterable[Activity], pairs: Mapping[int, Sequence[str]], units: str) -> Iterator[Event]:
    for run in (a for a in runs if a.is_run):
        names = tuple(pairs.get(run.id, ()))
        words = f"Ran {plain(distance(run.counted_m, units))}"
        words += f" in the {' and the '.join(names)}" if names else ""
        words += f", {run.surface}" if run.surface not in ("unknown", "road") else ""
        yield Event(run.local_date, RUN, f"{words}.", run.counted_m, pairs=names, activity_id=run.id)


def _exercises(body: Body) -> Iterator[Event]:
    days: dict[date, list[str]] = {}
    for day, exercise in body.ticks:
        days.setdefault(day, []).append(BY_SLUG[exercise].name if exercise in BY_SLUG else exercise)
    for day, done in days.items():
        yield Event(day, EXERCISE, f"Exercises: {', '.join(done)}.", len(done))


def _plans(plans: Iterable[Plan]) -> Iterator[Event]:
    for plan in plans:
        why = "after red pain" if plan.why == "pain" else "after a break"
        yield Event(plan.opened_on, PLAN, f"A comeback plan began, {why}.")
        if plan.gate_on:
            yield Event(plan.gate_on, PLAN, "The gate of four was passed.")
        if plan.done_on:
            yield Event(plan.done_on, PLAN, "The comeback plan was done.")
        if plan.left_on:
            yield Event(plan.left_on, PLAN, "The comeback plan was left.")


def steps_of(found: Progress) -> Iterator[Event]:
    """What the plan made of each run."""
    for run in found.judged:
        step = f"step {run.asked.number}, {run.asked.words}" if run.asked else PHASES[run.phase]
        yield Event(run.on_day, PLAN, f"Plan, {step}: {VERDICTS[run.verdict]}, {run.why}.")


def _pauses(pauses: Iterable[Pause], first: date, last: date) -> Iterator[Event]:
    for pause in pauses:
        until = min(pause.until_date or last, last)
        if until >= first and pause.from_date <= last:
            yield Event(max(pause.from_date, first), OFF, f"Paused: {pause.reason}.", until=until)


def clinician_days(episode: Episode) -> list[tuple[int, date]]:
    """Days 7, 10 and 14 of it, as P3 counts them."""
    return [(number, episode.opened_on + timedelta(days=number)) for number in DAYS]
