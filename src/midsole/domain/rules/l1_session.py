"""L1: one run much longer than any of the 30 days before it."""

from dataclasses import dataclass
from datetime import date, timedelta

from midsole.domain.cap_base import is_race, is_spike
from midsole.domain.comeback import find_comeback
from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.load import (
    WINDOW_DAYS,
    Log,
    Session,
    exceeds,
    history_days,
    is_paused,
    is_short,
    longest,
    read_log,
    usual_m,
)
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.units import distance, distance_down, percent, short_day
from midsole.domain.weeks import week_start

FIRST_WEEK_DAYS = 7
STRONG_RATIO = 1.30
EVIDENCE = (
    "In a study of 5,205 runners, runs more than 10 % longer were followed by overuse injury about 1.5 times "
    "as often. Most such runs still cause no injury."
)
STRONG_EVIDENCE = (
    "In a study of 5,205 runners, runs more than 10 % longer were followed by overuse injury about 1.5 times "
    "as often, and runs more than twice as long about 2.3 times. Most such runs still cause no injury."
)


@dataclass(frozen=True, slots=True)
class Longest:
    """What a session is measured against; `on` is None where the runner named it."""

    distance_m: float
    on: date | None


def check(facts: Facts) -> list[Finding]:
    log = read_log(facts)
    first = facts.today - timedelta(days=WINDOW_DAYS)
    recent = (s for s in log.sessions if first <= s.local_date <= facts.today)
    return [found for s in recent if (found := _judge(log, s)) is not None]


def _judge(log: Log, session: Session) -> Finding | None:
    before = _longest_before(log, session)
    level = _level(log.facts, session, before) if before else None
    if before is None or level is None or _inside_comeback(log, session):
        return None
    if level == NOTE and is_paused(log.facts, session.local_date):
        return None
    return _finding(log, session, before, level)


def _longest_before(log: Log, session: Session) -> Longest | None:
    """The longest earlier session in the window; what the runner named counts while history is short."""
    top = longest(log.sessions, session.local_date, session.started_at)
    found = Longest(top.distance_m, top.local_date) if top else None
    if not is_short(log.facts, session.local_date):
        return found
    said_m = log.facts.start.longest_m
    if said_m is None:
        return None
    return found if found and found.distance_m >= said_m else Longest(said_m, None)


def _level(facts: Facts, session: Session, before: Longest) -> str | None:
    limits, run_m, longest_m = facts.limits, session.distance_m, before.distance_m
    if is_spike(run_m, longest_m, limits.session_alarm, limits.session_alarm_more_m):
        # The first week rests on a number said from memory: loud enough to be heard, no alarm.
        return WARN if history_days(facts, session.local_date) < FIRST_WEEK_DAYS else ALARM
    if is_spike(run_m, longest_m, limits.session_warn, limits.session_warn_more_m):
        return WARN
    return NOTE if exceeds(run_m, 1.0, longest_m) or is_race(facts, session) else None


def _inside_comeback(log: Log, session: Session) -> bool:
    """While a comeback is open L1 speaks only above the comeback's own cap."""
    back = find_comeback(log, session.local_date)
    return (
        back is not None
        and not back.gate_waits
        and back.cap_run_m is not None
        and not exceeds(session.distance_m, 1, back.cap_run_m)
    )


def _finding(log: Log, session: Session, before: Longest, level: str) -> Finding:
    facts, ratio = log.facts, session.distance_m / before.distance_m
    usual = usual_m(log, week_start(session.local_date, facts.first_weekday))
    return Finding(
        rule=RULE.id,
        level=level,
        subject=session.key,
        happened_on=session.local_date,
        text=_text(facts, session, before, level),
        advice=_advice(level, usual, facts.units),
        numbers={
            "distance_m": session.distance_m,
            "longest_m": before.distance_m,
            "longest_on": before.on.isoformat() if before.on else None,
            "ratio": round(ratio - 1, 4),
            "usual_m": usual,
        },
        weekly_only=level == NOTE or (session.local_date in facts.races and level != ALARM),
    )


def _text(facts: Facts, session: Session, before: Longest, level: str) -> str:
    run, top = (distance(m, facts.units) for m in (session.distance_m, before.distance_m))
    what = "race" if is_race(facts, session) else "run"
    was = (
        f"the longest was {top} on {short_day(before.on)}"
        if before.on
        else f"the longest you named was {top}"
    )
    ratio = session.distance_m / before.distance_m
    if not exceeds(session.distance_m, 1.0, before.distance_m):
        return f"This {what} was no longer than others in the last 30 days ({run}; {was})."
    more = percent(ratio - 1) if ratio >= 1.005 else "a little"
    said = f"This {what} is {more} longer than any in the last 30 days ({run}; {was})."
    if level == NOTE:
        return said
    return f"{said} {STRONG_EVIDENCE if ratio > STRONG_RATIO else EVIDENCE}"


def _advice(level: str, usual: float | None, units: str) -> str:
    if level == NOTE:
        return "Nothing to do but to keep the next runs at most as long."
    week = (
        f"Keep the next 7 days at or below {distance_down(usual, units)}"
        if usual
        else "Keep the next 7 days easy and short"
    )
    rest = ", with a rest day or two first" if level == ALARM else ""
    return f"{week}{rest}; check the ball of the foot tomorrow morning."


RULE = Rule(
    id="L1",
    name="session spike",
    grade="B",
    source=(
        "Frandsen 2025 (British Journal of Sports Medicine), 5,205 runners and 588,071 runs: hazard ratio "
        "1.64 for runs 10-30 % longer than the longest of the last 30 days, 1.52 for 30-100 %, "
        "2.28 above 100 %."
    ),
    advice="Keep the next 7 days at or below your usual week and check the ball of the foot next morning.",
    news_days=3,
    goes_to=PUSH,
    check=check,
)
