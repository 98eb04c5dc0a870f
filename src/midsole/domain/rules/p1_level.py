"""P1: pain level."""

from midsole.domain.checkins import MORNING, CheckIn, Spot
from midsole.domain.facts import ALARM, WARN, Facts, Finding
from midsole.domain.pain import (
    Episode,
    answers_of,
    grade,
    hurts_red,
    is_worse_than_before,
    open_episodes,
)
from midsole.domain.rules import sore
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.units import short_day
from midsole.domain.weeks import DAY

NOTE_DAYS = 14


def check(facts: Facts) -> list[Finding]:
    opened = (_of_episode(facts, e) for e in open_episodes(facts))
    return [*(f for f in opened if f is not None), *_notes(facts)]


def _of_episode(facts: Facts, episode: Episode) -> Finding | None:
    """Its worst level, told by the newest answer of that level; the red flags are P3's."""
    if red := [a for a in episode.reports if hurts_red(a)]:
        return _finding(facts, episode, ALARM, red[-1])
    mine, ran = answers_of(facts, episode.spot), sore.run_days(facts)
    newest_first = reversed(episode.reports)
    amber = (a for a in newest_first if grade(a) == WARN or is_worse_than_before(a, mine, ran))
    answer = next(amber, None)
    return None if answer is None else _finding(facts, episode, WARN, answer)


def _finding(facts: Facts, episode: Episode, level: str, answer: CheckIn) -> Finding:
    return Finding(
        rule=RULE.id,
        level=level,
        subject=f"{episode.key}:{level}",
        happened_on=answer.on_day,
        text=_text(episode, level, answer),
        advice=sore.advice(facts, level, episode.spot, episode.opened_on),
        numbers={**sore.numbers(answer, episode.spot), **sore.of_episode(episode)},
    )


def _text(episode: Episode, level: str, answer: CheckIn) -> str:
    said = sore.said(answer, episode.spot)
    if level == WARN and grade(answer) != WARN:
        said += f", more than at its best in the week before the run of {short_day(answer.on_day - DAY)}"
    parts = [f"{said}."]
    if episode.opened_on < answer.on_day:
        parts.append(f"The episode began on {short_day(episode.opened_on)}.")
    worst = max(episode.reports, key=lambda a: a.level)
    if worst.level > answer.level:
        parts.append(f"Its worst was {worst.level} of 10 on {short_day(worst.on_day)}.")
    return " ".join(parts)


def _notes(facts: Facts) -> list[Finding]:
    """Mild pain that opens nothing; the morning after a run is P2's."""
    ran = set(sore.run_days(facts))
    return [
        _note(facts, answer, spot)
        for answer, spot in sore.mild(facts, NOTE_DAYS)
        if not (answer.moment == MORNING and answer.on_day - DAY in ran)
    ]


def _note(facts: Facts, answer: CheckIn, spot: Spot) -> Finding:
    return sore.note(RULE.id, facts, answer, spot, _next_morning(facts, answer, spot))


def _next_morning(facts: Facts, answer: CheckIn, spot: Spot) -> str:
    """Gone by morning only where that was answered."""
    if answer.moment == MORNING:
        return ""
    next_day = answer.on_day + DAY
    mornings = [a for a in answers_of(facts, spot) if a.on_day == next_day and a.moment == MORNING]
    if mornings and all(a.is_well for a in mornings):
        return " and was gone the next morning"
    return "" if mornings or next_day > facts.today else "; how it was the next morning is not known"


RULE = Rule(
    id="P1",
    name="pain level",
    grade="C",
    source="Small and indirect studies, and clinicians' use of a 0-10 scale.",
    advice="Above 5, sharp or limping: do not run; from 3 to 5 keep runs short, easy, soft and flat.",
    news_days=2,
    goes_to=WEEKLY,
    check=check,
)
