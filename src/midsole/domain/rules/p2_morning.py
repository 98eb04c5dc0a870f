"""P2: next-morning pattern."""

from datetime import date

from midsole.domain.checkins import MORNING, CheckIn, Spot
from midsole.domain.facts import WARN, Facts, Finding
from midsole.domain.pain import Episode, is_sore_pattern, last_runs, open_episodes, sore_runs
from midsole.domain.rules import sore
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.units import short_day
from midsole.domain.weeks import DAY

NOTE_DAYS = 14


def check(facts: Facts) -> list[Finding]:
    ran = sore.run_days(facts)
    opened = (_of_episode(facts, e, ran) for e in open_episodes(facts))
    return [*(f for f in opened if f is not None), *_notes(facts, ran)]


def _of_episode(facts: Facts, episode: Episode, ran: list[date]) -> Finding | None:
    """Told by the newest morning that makes the pattern."""
    pains = sore.pains_of(facts, episode.spot)
    made = [a for a in episode.reports if is_sore_pattern(a, pains, ran)]
    return _finding(facts, episode, made[-1], pains, ran) if made else None


def _finding(
    facts: Facts, episode: Episode, answer: CheckIn, pains: list[CheckIn], ran: list[date]
) -> Finding:
    last = last_runs(ran, answer.on_day)
    sore_days = sore_runs((a for a in pains if a.on_day <= answer.on_day), last)
    mornings = " and ".join(short_day(day + DAY) for day in sore_days)
    return Finding(
        rule=RULE.id,
        level=WARN,
        subject=f"{episode.key}:{WARN}",
        happened_on=answer.on_day,
        text=(
            f"{sore.sentence(sore.where(episode.spot))} was sore the morning after {len(sore_days)} of your "
            f"last {len(last)} days with a run: {mornings}, {answer.level} of 10 on the last."
        ),
        advice=sore.advice(facts, WARN, episode.spot, episode.opened_on),
        numbers={
            **sore.numbers(answer, episode.spot),
            **sore.of_episode(episode),
            "sore_mornings": len(sore_days),
            "runs": len(last),
        },
    )


def _notes(facts: Facts, ran: list[date]) -> list[Finding]:
    """One sore morning after a run, with no episode."""
    return [
        _note(facts, answer, spot)
        for answer, spot in sore.mild(facts, NOTE_DAYS)
        if answer.moment == MORNING and answer.on_day - DAY in ran
    ]


def _note(facts: Facts, answer: CheckIn, spot: Spot) -> Finding:
    return sore.note(RULE.id, facts, answer, spot, ", the morning after a run")


RULE = Rule(
    id="P2",
    name="next-morning pattern",
    grade="D",
    source="Coaches' advice, and a runner's story: the next morning is the real test.",
    advice="Keep runs short, easy, soft and flat until the mornings are painless.",
    news_days=2,
    goes_to=WEEKLY,
    check=check,
)
