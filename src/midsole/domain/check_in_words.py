"""What an answer about the body is in words, and what follows from it at once, red flags first."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from midsole.domain import rules
from midsole.domain.alerts import severity
from midsole.domain.caps import Cap
from midsole.domain.checkins import (
    AFTER,
    KINDS,
    LIMP,
    MOMENTS,
    MORNING,
    SHARP,
    SIGNS,
    WORST,
    CheckIn,
)
from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.letter import PAIN_FOOTER, plain
from midsole.domain.pain import RED_ABOVE, flags_of, grade, open_episodes, standing
from midsole.domain.pain_advice import RESTRICTIONS, SEE_NOW, restrictions
from midsole.domain.rules.p3_red_flags import FLAGS
from midsole.domain.units import distance_down, short_day
from midsole.domain.weeks import DAY

RED_FLAGS = "P3"
PAIN_RULES = ("P1", "P2", RED_FLAGS)
SMALL_HOURS = 4
"""Until then a night still belongs to the day before: the run of that evening is what is spoken of."""
LEVEL_WORDS = {0: "none", 3: "mild", 6: "strong", WORST: "worst"}
"""At some of the numbers, so that the others mean the same to everybody."""
FINE = "Noted: all fine."
NOT_ADVICE = f"Not medical advice. {PAIN_FOOTER}"
HIDDEN = "A painkiller can hide pain, so this day does not count as painless."


def in_words(answer: CheckIn) -> str:
    """ "left heel, 4 of 10, an ache; limping, or it hurts to walk"; "all fine"."""
    if answer.spot is None and answer.is_painless:
        said = ["all fine"]
    else:
        where = answer.spot.words if answer.spot else "everywhere"
        said = [where, f"{answer.level} of {WORST}"]
    said += [KINDS[answer.kind]] if answer.kind else []
    signs = [SIGNS[sign] for sign in answer.signs]
    return "; ".join([", ".join(said), *signs])


def when(answer: CheckIn) -> str:
    """ "21 Nov, in the morning"."""
    return f"{short_day(answer.on_day)}, {MOMENTS[answer.moment]}"


def fine_words(on_day: date, moment: str, today: date) -> str:
    """ "All fine this morning"; what the button of one tap says."""
    if moment == MORNING:
        felt = "this morning" if on_day == today else f"on the morning of {short_day(on_day)}"
    else:
        felt = "after today's run" if on_day == today else f"after the run of {short_day(on_day)}"
    return f"All fine {felt}"


def of_this_answer(answer: CheckIn) -> tuple[str, ...]:
    """What it means by itself: it tells nothing of other answers."""
    level = grade(answer)
    if level is None:
        fine = FINE if answer.spot is None else f"Noted: no pain, {answer.spot.words}."
        return (fine, HIDDEN) if answer.has_painkiller else (fine,)
    return (*_red(answer), f"Noted: {in_words(answer)}.", *(() if level == ALARM else (restrictions(level),)))


def what_follows(facts: Facts, answer: CheckIn) -> tuple[str, ...]:
    """And what the rules say of that place by now, in place of our own words: red flags first."""
    of_place = (f for f in rules.evaluate(facts) if f.rule in PAIN_RULES and _is_of(f.subject, answer))
    findings = sorted(of_place, key=lambda f: (f.rule != RED_FLAGS, severity(f)))
    red, own = _red(answer), of_this_answer(answer)[len(_red(answer)) :]
    if any(_says_why(f, answer) for f in findings):
        red = ()
    if standing(facts) == ALARM or any(f.level != NOTE for f in findings):
        own = tuple(said for said in own if said not in RESTRICTIONS.values())
    advised = {f.advice for f in findings}
    return (*red, *_told(findings), *(said for said in own if said not in advised))


def _says_why(finding: Finding, answer: CheckIn) -> bool:
    """Whether it is this very answer that the rule calls red, a red flag only as one."""
    is_flag = finding.rule == RED_FLAGS or not flags_of(answer)
    return is_flag and finding.level == ALARM and finding.happened_on == answer.on_day


def _told(findings: Sequence[Finding]) -> Iterator[str]:
    """Each with what to do, which is said once."""
    done: set[str] = set()
    for f in findings:
        yield f.text if f.advice in done else f"{f.text} {f.advice}"
        done.add(f.advice)


def cap_words(cap: Cap, units: str) -> str:
    """ "Next run: at most 8 km, because ..."."""
    if cap.next_run_m is None:
        return f"Next run: no cap is known yet, {cap.because}."
    far = f"at most {plain(distance_down(cap.next_run_m, units))}" if cap.next_run_m else "none for now"
    return f"Next run: {far}, because {cap.because}."


def level_now(facts: Facts, answer: CheckIn) -> str | None:
    """Of that place: red stays red after a milder answer, until its episode ends."""
    told = grade(answer)
    found = [e for e in open_episodes(facts) if e.spot == answer.spot]
    if told == ALARM or any(e.is_red_on(facts.today) for e in found):
        return ALARM
    return WARN if found else told


def asked_about(now: datetime, run_days: set[date]) -> tuple[date, str]:
    """The day and the moment that an answer most likely speaks of. `now` is local.

    Never at rest or at night: pain then is a red flag, and is to be said on purpose."""
    today = now.date()
    if now.hour < SMALL_HOURS and today - DAY in run_days and today not in run_days:
        return today - DAY, AFTER
    return today, AFTER if today in run_days else MORNING


def _is_of(subject: str, answer: CheckIn) -> bool:
    return answer.spot is not None and subject.startswith(f"{answer.spot.key}:")


def _red(answer: CheckIn) -> tuple[str, ...]:
    """Why it is red, and what to do now."""
    if grade(answer) != ALARM:
        return ()
    why = [FLAGS[flag] for flag in flags_of(answer)]
    if why:
        return (f"{capital(', '.join(why))}: a red flag. {SEE_NOW}",)
    why = [f"{answer.level} of {WORST} is more than {RED_ABOVE}"] if answer.level > RED_ABOVE else []
    why += ["sharp pain"] if answer.kind == SHARP else []
    why += [SIGNS[LIMP]] if LIMP in answer.signs else []
    return (f"{capital(', '.join(why))}. {restrictions(ALARM)}",)


def capital(words: str) -> str:
    """Only the first letter: the others stay as they are."""
    return words[:1].upper() + words[1:]
