"""What P1, P2 and P3 share: how an answer is said, which numbers go with it, and what it is held against."""

from datetime import date

from midsole.domain.checkins import (
    AFTER,
    DURING,
    LIMP,
    MORNING,
    NIGHT,
    REST,
    SHARP,
    CheckIn,
    Spot,
)
from midsole.domain.facts import ALARM, NOTE, Facts, Finding
from midsole.domain.pain import (
    Episode,
    answers_of,
    days_of_runs,
    episodes,
    in_order,
    key,
    open_episodes,
    standing,
)
from midsole.domain.pain_advice import BESIDE_RED, HOLD, SEE_NOW, restrictions
from midsole.domain.units import short_day

WHEN = {
    MORNING: "on the morning of",
    DURING: "during running on",
    AFTER: "after running on",
    REST: "at rest on",
    NIGHT: "at night on",
}
type Numbers = dict[str, float | int | str | None]


def where(spot: Spot) -> str:
    """ "your left heel"; "your knee, both sides"."""
    return f"your {spot.words}" if spot.place != "other" else spot.words


def said(answer: CheckIn, spot: Spot) -> str:
    """ "Your left heel hurt 4 of 10 on the morning of 3 Nov"; how it hurt is part of it, a note never is."""
    felt = f"hurt {answer.level} of 10" if answer.level else "made itself felt"
    how = ", sharp" * (answer.kind == SHARP) + ", with a limp" * limps(answer)
    return sentence(f"{where(spot)} {felt} {when(answer)}{how}")


def limps(answer: CheckIn) -> bool:
    return LIMP in answer.signs


def when(answer: CheckIn) -> str:
    return f"{WHEN[answer.moment]} {short_day(answer.on_day)}"


def sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def numbers(answer: CheckIn, spot: Spot) -> Numbers:
    """All that a reader of the finding needs of the answer; its note is not among it."""
    return {
        "place": spot.place,
        "side": spot.side,
        "level": answer.level,
        "day": answer.on_day.isoformat(),
        "moment": answer.moment,
        "kind": answer.kind,
    }


def of_episode(episode: Episode) -> Numbers:
    return {"opened_on": episode.opened_on.isoformat(), "onset_on": episode.onset_on.isoformat()}


def pains_of(facts: Facts, spot: Spot) -> list[CheckIn]:
    return [a for a in answers_of(facts, spot) if not a.is_painless]


def known_of(facts: Facts, episode: Episode) -> list[CheckIn]:
    """What was answered of it; a painless answer on a painkiller says nothing."""
    said, reports = answers_of(facts, episode.spot), set(episode.reports)
    return [a for a in said if a in reports or (a.on_day >= episode.opened_on and a.is_well)]


def run_days(facts: Facts) -> list[date]:
    return sorted(days_of_runs(facts))


def mild(facts: Facts, days: int) -> list[tuple[CheckIn, Spot]]:
    """Pain of 1-2 in the last days that belongs to no episode: the worst of each spot and day."""
    told = {a for e in episodes(facts) for a in e.reports}
    worst: dict[tuple[Spot, date], CheckIn] = {}
    recent = (a for a in facts.body.check_ins if 0 <= (facts.today - a.on_day).days < days)
    for answer in in_order(recent):
        spot = answer.spot
        if spot is None or answer.is_painless or answer in told:
            continue
        known = worst.get((spot, answer.on_day))
        if known is None or answer.level >= known.level:
            worst[spot, answer.on_day] = answer
    return [(answer, spot) for (spot, _), answer in worst.items()]


def is_new_beside(facts: Facts, spot: Spot, opened_on: date) -> bool:
    """New pain in another place during an episode or a comeback."""
    others = (e for e in open_episodes(facts) if e.spot != spot)
    return any(e.opened_on < opened_on for e in others) or any(
        p.is_open and p.opened_on < opened_on for p in facts.body.plans
    )


def advice(facts: Facts, level: str, spot: Spot, opened_on: date) -> str:
    """The restrictions of the level; new pain in another place asks to hold first, and red pain holds all."""
    if level == ALARM:
        return red_advice(facts, restrictions(ALARM))
    if standing(facts) == ALARM:
        is_red = any(e.spot == spot and e.is_red_on(facts.today) for e in open_episodes(facts))
        return red_advice(facts, restrictions(ALARM)) if is_red else BESIDE_RED
    if level in HOLD and is_new_beside(facts, spot, opened_on):
        return HOLD[level]
    return restrictions(level)


def red_advice(facts: Facts, otherwise: str) -> str:
    """Beside a red flag no milder word of the clinician is said."""
    return SEE_NOW if any(e.flags for e in open_episodes(facts)) else otherwise


def note(rule: str, facts: Facts, answer: CheckIn, spot: Spot, ending: str) -> Finding:
    """Of mild pain that opened nothing; `ending` is what the rule adds to how it was said."""
    return Finding(
        rule=rule,
        level=NOTE,
        subject=key(spot, answer.on_day),
        happened_on=answer.on_day,
        text=f"{said(answer, spot)}{ending}.",
        advice=advice(facts, NOTE, spot, answer.on_day),
        numbers=numbers(answer, spot),
        weekly_only=True,
    )
