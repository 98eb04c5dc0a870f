"""How the feet felt, and what to do about it, in words for mails and pages."""

from collections.abc import Sequence
from datetime import date, timedelta

from midsole.domain.checkins import CheckIn, Spot
from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.letter import Link, Row, Section, is_of_pain
from midsole.domain.pain import Episode, open_episodes, standing
from midsole.domain.pain_advice import SEE_NOW, details, first_aid, is_forefoot, pads, restrictions
from midsole.domain.rules import sore
from midsole.domain.units import short_day
from midsole.domain.weeks import WEEK

SPOTS_SHOWN = 3
WHEN_OVER = "When it is over, say so: your word counts."
SAY_OVER = Link("Say that it is over", place="/body")
FIRST_AID_DAYS = 14
"""First aid is advice for the first 1-2 weeks."""
COLOURS = {WARN: "amber", ALARM: "red"}


def what_holds(opened: Sequence[Episode], level: str) -> str:
    """What to do while these are open; beside a red flag no milder word of the clinician is said."""
    is_flagged = level == ALARM and any(e.flags for e in opened)
    return SEE_NOW if is_flagged else restrictions(level)


# ---- the week


def feet_section(facts: Facts, week_start: date) -> Section:
    """What was answered in the week, the worst place first, and what is open; nothing of a silent week."""
    answers = [a for a in facts.body.check_ins if week_start <= a.on_day < week_start + WEEK]
    opened = {e.spot: e for e in open_episodes(facts)}
    hurt = _by_spot(answers)
    spots = sorted({*hurt, *opened}, key=lambda spot: (-_worst(hurt.get(spot, [])), spot))
    rows = [Row(_counted(answers))] if answers else []
    rows += [Row(_of_spot(facts, spot, hurt.get(spot, []), opened.get(spot))) for spot in spots[:SPOTS_SHOWN]]
    if len(spots) > SPOTS_SHOWN:
        rows.append(Row(f"And {len(spots) - SPOTS_SHOWN} more: midsole pain."))
    rows += (
        [
            Row(
                WHEN_OVER,
                links=(SAY_OVER,),
                command="midsole pain over NUMBER (midsole pain shows the number)",
            )
        ]
        if opened
        else []
    )
    new = [e for e in opened.values() if e.opened_on >= week_start]
    return Section("How the feet felt", (*rows, *_care_rows(facts, new)))


def _by_spot(answers: Sequence[CheckIn]) -> dict[Spot, list[CheckIn]]:
    found: dict[Spot, list[CheckIn]] = {}
    for answer in answers:
        if answer.spot and not answer.is_painless:
            found.setdefault(answer.spot, []).append(answer)
    return found


def _worst(pains: Sequence[CheckIn]) -> int:
    return max((a.level for a in pains), default=-1)


def _counted(answers: Sequence[CheckIn]) -> str:
    """ "5 answers on 4 days, 3 of them painless."""
    days, well = len({a.on_day for a in answers}), sum(a.is_painless for a in answers)
    said = f"{_many(len(answers), 'answer')} on {_many(days, 'day')}"
    if well == len(answers):
        return f"{said}, painless." if well == 1 else f"{said}, all of them painless."
    return f"{said}, {well or 'none'} of them painless."


def _many(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _of_spot(facts: Facts, spot: Spot, pains: Sequence[CheckIn], episode: Episode | None) -> str:
    said = sore.sentence(sore.where(spot))
    if pains:
        worst = max(pains, key=lambda a: a.level)
        often = "" if len(pains) == 1 else f", the worst of {len(pains)} such answers"
        said = f"{sore.said(worst, spot)}{often}"
    if episode is None:
        return f"{said}."
    since = short_day(episode.red_on or episode.opened_on)
    return f"{said}: {COLOURS[episode.level]} since {since}. {last_known(facts, episode)}"


def last_known(facts: Facts, episode: Episode) -> str:
    """The newest thing said of it; no answer since is said as just that, never as painless."""
    newest = sore.known_of(facts, episode)[-1]
    if newest.is_painless:
        return f"The newest answer, of {short_day(newest.on_day)}, was painless."
    said = f"{newest.level} of 10 on {short_day(newest.on_day)}"
    if newest.on_day >= facts.today - timedelta(days=1):
        return f"The newest answer was {said}."
    return f"You said {said} and have not said that it is gone."


# ---- at the moment of need


def care_sections(findings: Sequence[Finding], facts: Facts) -> tuple[Section, ...]:
    """What holds until it is painless, first aid and pads: beside the alarm of pain itself."""
    told = {_key(f) for f in findings if is_of_pain(f) and f.level != NOTE}
    opened = [e for e in open_episodes(facts) if e.key in told]
    if not opened:
        return ()
    holds = tuple(Row(line) for line in details(standing(facts) or WARN))
    care = _care_rows(facts, opened)
    return (Section("Until it is painless", holds), *([Section("At first", care)] if care else []))


def _key(finding: Finding) -> str:
    told = finding.numbers
    return f"{told.get('place')}:{told.get('side')}:{told.get('opened_on')}"


def _care_rows(facts: Facts, opened: Sequence[Episode]) -> tuple[Row, ...]:
    """While an episode is young; a pad only for the forefoot."""
    young = [e for e in opened if (facts.today - e.opened_on).days <= FIRST_AID_DAYS]
    aid = [Row(f"First aid: {first_aid()}")] if young else []
    return (*aid, *([Row(f"Pads: {pads()}")] if any(is_forefoot(e.spot) for e in young) else []))
