"""Which exercises are today's, until when, and how often they were done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from midsole.domain import pain
from midsole.domain.checkins import FOREFOOT, Body
from midsole.domain.exercise_table import (
    ALL,
    BY_SLUG,
    CALF_STRETCHES,
    COMING_BACK,
    FOREFOOT_PAIN,
    OF_PLACE,
    Exercise,
)
from midsole.domain.facts import ALARM, Facts
from midsole.domain.letter import Row, Section
from midsole.domain.units import short_day
from midsole.domain.weeks import DAY, WEEK

MOST_TODAY, FIRST_ALWAYS = 5, 2
GOES_ON_DAYS, OFFERED_DAYS = 28, 14
REST = "Exercises do not replace rest while red."
RESTING = f"{REST} The routine rests, too, until the pain is no longer red; what you chose yourself stays."
NOTHING_OPEN = "Nothing is open, so no exercise is asked of you. Take one from the list if you like."
WORSE = "An exercise that makes it worse, or hurts a lot, counts as a red flag."


@dataclass(frozen=True, slots=True)
class Routine:
    """`today` in the order to do them, `more` are all others; `until` is the last day where an end is known.

    `since` is the first day of what it is for."""

    today: tuple[Exercise, ...]
    more: tuple[Exercise, ...]
    why: str
    resting: bool = False
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Adherence:
    """On how many of the last days something was ticked; `of` is less than 7 or 28 while it is young."""

    days: int
    of: int

    @property
    def words(self) -> str:
        return f"{self.days} of the last {self.of} days" if self.of > 1 else _first_day(self.days)


@dataclass(frozen=True, slots=True)
class _Cause:
    """What the routine is for: pain of a place, or a way back; `ended_on` None while it is open."""

    since: date
    ended_on: date | None
    chosen: tuple[str, ...]
    words: str
    place: str | None = None


def _first_day(days: int) -> str:
    return "done today, on the first day" if days else "nothing ticked yet, on the first day"


def routine(facts: Facts) -> Routine:
    """What the rules choose, and the runner's own word over it."""
    causes, wanted = _causes(facts), facts.body.wanted
    own = [e.slug for e in ALL if wanted.get(e.slug)]
    resting = pain.standing(facts) == ALARM
    chosen = [] if resting else [s for s in _chosen(causes) if wanted.get(s, True)]
    by_rules = chosen[: max(FIRST_ALWAYS, MOST_TODAY - len([s for s in own if s not in chosen]))]
    today = tuple(BY_SLUG[s] for s in dict.fromkeys([*by_rules, *own]))
    ends = [c.ended_on for c in causes]
    return Routine(
        today=today,
        more=tuple(e for e in ALL if e not in today),
        why=RESTING if resting else _why(causes, own),
        resting=resting,
        since=min((c.since for c in causes), default=None),
        until=None if not causes or None in ends else _last_day(ends),
    )


def _last_day(ends: Iterable[date | None]) -> date:
    return max(end for end in ends if end) + GOES_ON_DAYS * DAY - DAY


def _causes(facts: Facts) -> list[_Cause]:
    """What is open or ended in the last four weeks; the open ones first, forefoot pain before the others."""
    found = [
        _Cause(e.opened_on, e.ended_on, _of_place(e.spot.place), _pain_words(e), e.spot.place)
        for e in pain.episodes(facts)
    ]
    for plan in facts.body.plans:
        ended = plan.left_on or plan.done_on
        words = "You are on your way back." if ended is None else f"The way back ended on {short_day(ended)}."
        found.append(_Cause(plan.opened_on, ended, COMING_BACK, words))
    lasting = [c for c in found if c.ended_on is None or (facts.today - c.ended_on).days < GOES_ON_DAYS]
    return sorted(lasting, key=lambda c: (c.ended_on is not None, c.place not in FOREFOOT, c.place is None))


def _of_place(place: str) -> tuple[str, ...]:
    return FOREFOOT_PAIN if place in FOREFOOT else OF_PLACE.get(place, COMING_BACK)


def _pain_words(episode: pain.Episode) -> str:
    if episode.ended_on is None:
        return f"For the pain that is open: {episode.spot.words}."
    return f"For the pain that ended on {short_day(episode.ended_on)}: {episode.spot.words}."


def _chosen(causes: list[_Cause]) -> list[str]:
    return list(dict.fromkeys(slug for cause in causes for slug in cause.chosen))


def _why(causes: list[_Cause], own: list[str]) -> str:
    if not causes:
        return "You chose these yourself." if own else NOTHING_OPEN
    top = causes[0]
    if top.ended_on is None:
        return top.words
    last = short_day(_last_day(c.ended_on for c in causes))
    return f"{top.words} The routine goes on until 4 weeks after: up to {last}."


# ---- how often


def days_since_calf_stretch(body: Body, day: date) -> int | None:
    """0: that very day. A stretch at the wall, a heel drop or a downward dog; None: never ticked before."""
    last = max((on for on, slug in body.ticks if slug in CALF_STRETCHES and on <= day), default=None)
    return None if last is None else (day - last).days


def done_on(body: Body, day: date) -> set[str]:
    return {slug for on, slug in body.ticks if on == day}


def adherence(facts: Facts, days: int) -> Adherence:
    """Of the last `days` days, today with them, but none before the routine began."""
    ticked = {on for on, _ in facts.body.ticks if on <= facts.today}
    begins = [d for d in (routine(facts).since, min(ticked, default=None)) if d]
    known = (facts.today - min(begins, default=facts.today)).days + 1
    of = max(1, min(days, known))
    return Adherence(len([on for on in ticked if (facts.today - on).days < of]), of)


def done_by_day(body: Body, today: date, days: int = 28) -> list[tuple[date, int]]:
    """Each of the last days with how many exercises were ticked, the oldest first."""
    counts: dict[date, int] = {}
    for on, _ in body.ticks:
        counts[on] = counts.get(on, 0) + 1
    return [(day, counts.get(day, 0)) for day in (today - n * DAY for n in reversed(range(days)))]


def routine_section(facts: Facts, week_start: date) -> Section:
    """One line: on how many days of the week something was done; nothing where there is no routine, or where
    it was offered for two weeks and nobody took it up."""
    title, now = "Exercises", routine(facts)
    is_new = now.since is not None and (week_start - now.since).days < OFFERED_DAYS
    if not now.today or not (
        is_new or any((facts.today - on).days < GOES_ON_DAYS for on, _ in facts.body.ticks)
    ):
        return Section(title, ())
    week = {week_start + n * DAY for n in range(7)}
    ticked = {on for on, _ in facts.body.ticks} & week
    first = max(week_start, min(now.since or week_start, min(ticked, default=week_start + WEEK)))
    known = max(1, (min(facts.today + DAY, week_start + WEEK) - first).days)
    names = " and ".join(e.name[0].lower() + e.name[1:] for e in now.today[:FIRST_ALWAYS])
    days = "day" if known == 1 else "days"
    return Section(
        title, (Row(f"Done on {len(ticked)} of {known} {days} of the week. First: {names}."),), True
    )
