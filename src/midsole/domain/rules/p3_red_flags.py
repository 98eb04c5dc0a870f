"""P3: red flags."""

from datetime import date, timedelta

from midsole.domain.checkins import (
    NIGHT,
    NUMB_STAYS,
    REST,
    SUDDEN,
    SWELLING,
    TOE,
    WORSE_EXERCISE,
    WORSE_RESTING,
    CheckIn,
)
from midsole.domain.facts import ALARM, WARN, Facts, Finding
from midsole.domain.pain import Episode, flags_of, open_episodes, standing
from midsole.domain.pain_advice import DAY_7, SEE, SEE_NOW
from midsole.domain.rules import sore
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.units import short_day

FLAGS = {
    REST: "pain at rest",
    NIGHT: "pain at night",
    SWELLING: "swelling, heat or redness",
    NUMB_STAYS: "numbness that stays",
    TOE: "a toe that drifts or changes its shape",
    SUDDEN: "one step with sudden sharp pain",
    WORSE_RESTING: "worse although you rest",
    WORSE_EXERCISE: "the exercises make it worse",
}
FROM_ANSWER, FROM_DAYS = "answer", "days"
"""Said as a sign, or worked out of the days between two answers."""
DAYS = {7: WARN, 10: ALARM, 14: ALARM}
"""Still there so many days after the episode began."""


def check(facts: Facts) -> list[Finding]:
    return [f for e in open_episodes(facts) for f in (*_flags(e), *_days(facts, e))]


# ---- flags


def _flags(episode: Episode) -> list[Finding]:
    """Each flag by its newest day: on another day it is told again."""
    return [_flag(episode, flag, on) for flag, on in {flag: on for on, flag in episode.flags}.items()]


def _flag(episode: Episode, flag: str, on: date) -> Finding:
    that_day = [a for a in episode.reports if a.on_day == on]
    told = [a for a in that_day if flag in flags_of(a)]
    answer = (told or that_day)[-1]
    spot = episode.spot
    level = f" ({answer.level} of 10)" if answer.level else ""
    text = f"Red flag: {FLAGS[flag]}, {sore.where(spot)}, on {short_day(on)}{level}."
    return Finding(
        rule=RULE.id,
        level=ALARM,
        subject=f"{spot.key}:{flag}:{on}",
        happened_on=on,
        text=text if told else f"{text} {_rested(episode, answer)}",
        advice=SEE_NOW,
        numbers={
            **sore.numbers(answer, spot),
            **sore.of_episode(episode),
            "flag": flag,
            "flag_from": FROM_ANSWER if told else FROM_DAYS,
        },
    )


def _rested(episode: Episode, answer: CheckIn) -> str:
    """How "worse although you rest" was seen, where nobody said it."""
    before = [a for a in episode.reports if a.on_day < answer.on_day][-1]
    return f"It was {before.level} of 10 on {short_day(before.on_day)}, and no run between them has come in."


# ---- days 7, 10 and 14


def _days(facts: Facts, episode: Episode) -> list[Finding]:
    """The last of the three days that it reached; it stands until the episode is over."""
    reached = [n for n in DAYS if _is_there_on(facts, episode, episode.opened_on + timedelta(days=n))]
    return [_still_there(facts, episode, reached[-1])] if reached else []


def _is_there_on(facts: Facts, episode: Episode, day: date) -> bool:
    """When that day began the last thing known was pain; or there was pain again on it or later.

    A painless answer of that day itself takes back nothing: day 10 was told already, and day 7, which would
    stand in its place, would be told a second time."""
    if day > facts.today:
        return False
    if any(a.on_day >= day for a in episode.reports):
        return True
    known = [a for a in sore.known_of(facts, episode) if a.on_day < day]
    return not known[-1].is_painless


def _still_there(facts: Facts, episode: Episode, n: int) -> Finding:
    pain, level = episode.reports[-1], DAYS[n]
    holds = standing(facts) or episode.level
    advice = sore.red_advice(facts, DAY_7[holds]) if n == min(DAYS) else SEE[holds]
    number = (facts.today - episode.opened_on).days
    return Finding(
        rule=RULE.id,
        level=level,
        subject=f"{episode.key}:day-{n}",
        happened_on=episode.opened_on + timedelta(days=n),
        text=(
            f"Day {number} of the pain in {sore.where(episode.spot)}, which began on "
            f"{short_day(episode.opened_on)}. {_last_known(facts, episode, pain)}"
        ),
        advice=advice,
        numbers={**sore.numbers(pain, episode.spot), **sore.of_episode(episode), "days": n},
    )


def _last_known(facts: Facts, episode: Episode, pain: CheckIn) -> str:
    """Honest where nothing newer was answered."""
    newest = sore.known_of(facts, episode)[-1]
    said = f"{pain.level} of 10 on {short_day(pain.on_day)}"
    if newest.is_painless:
        return f"Your newest answer, of {short_day(newest.on_day)}, was painless."
    if pain.on_day >= facts.today - timedelta(days=1):
        return f"Your newest answer is {said}."
    return f"You said {said} and have not said that it is gone."


RULE = Rule(
    id="P3",
    name="red flags",
    grade="D",
    source="Clinicians' red flags; days 7, 10 and 14 are taken from coaches who differ.",
    advice="Do not run, and see a clinician.",
    news_days=None,
    goes_to=PUSH,
    check=check,
)
