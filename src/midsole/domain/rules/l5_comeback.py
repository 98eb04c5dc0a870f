"""L5: the first weeks after a break of 14 days or a pause."""

from datetime import date

from midsole.domain.comeback import Comeback, find_comeback, plan_of
from midsole.domain.facts import ALARM, NOTE, WARN, Facts, Finding
from midsole.domain.load import Log, exceeds, is_paused, read_log
from midsole.domain.plan import FIRST_FRACTION, OPEN_DAYS, is_engaged
from midsole.domain.rules.base import WEEKLY, Rule
from midsole.domain.units import distance, distance_down, percent, short_day

PAIN = "pain"


def check(facts: Facts) -> list[Finding]:
    """A comeback waits for its first run: until that has come, the watch may just not have synced."""
    log = read_log(facts)
    back = find_comeback(log, facts.today)
    if back is None or back.first_run_on is None or _is_only_locked(facts, back.first_run_on):
        return []
    week_m, first_m = log.run_m(back.first_run_on, 7), _first_run_m(log, back.first_run_on)
    level = _level(back, week_m, first_m)
    if level == NOTE and is_paused(facts, facts.today):
        return []
    return [_finding(facts, back, week_m, first_m, level)]


def _is_only_locked(facts: Facts, first_run_on: date) -> bool:
    """Nobody took the plan up, and its four weeks are over: what is left of it is the gate, which the cap
    says as long as it waits."""
    plan = plan_of(facts)
    is_over = (facts.today - first_run_on).days >= OPEN_DAYS
    return is_over and plan is not None and not is_engaged(plan)


def _first_run_m(log: Log, first_run_on: date) -> float:
    return next(s.distance_m for s in log.sessions if s.local_date >= first_run_on)


def _level(back: Comeback, week_m: float, first_m: float) -> str:
    if back.usual_m and exceeds(week_m, 1.0, back.usual_m):
        return ALARM
    if back.usual_m and exceeds(week_m, FIRST_FRACTION, back.usual_m):
        return WARN
    if back.longest_before_m and exceeds(first_m, FIRST_FRACTION, back.longest_before_m):
        return WARN
    return NOTE


def _finding(facts: Facts, back: Comeback, week_m: float, first_m: float, level: str) -> Finding:
    assert back.first_run_on is not None
    return Finding(
        rule=RULE.id,
        level=level,
        subject=back.began_on.isoformat(),
        happened_on=back.first_run_on,
        text=_text(facts, back, week_m, first_m, level),
        advice=_advice(facts, back, level),
        numbers={
            "first_run_m": first_m,
            "first_week_m": week_m,
            "usual_m": back.usual_m,
            "longest_before_m": back.longest_before_m,
            "cap_week_m": back.cap_week_m,
            "cap_run_m": back.cap_run_m,
            "week": back.week,
        },
        weekly_only=level == NOTE,
    )


def _text(facts: Facts, back: Comeback, week_m: float, first_m: float, level: str) -> str:
    assert back.first_run_on is not None
    units = facts.units
    since = "red pain on" if back.why == PAIN else "a break since"
    said = f"You ran again on {short_day(back.first_run_on)} after {since} {short_day(back.began_on)}"
    if back.usual_m and exceeds(week_m, FIRST_FRACTION, back.usual_m):
        share = percent(week_m / back.usual_m)
        usual = distance(back.usual_m, units)
        week = distance(week_m, units)
        return f"{said}: {week} in the first 7 days, {share} of the {usual} that were usual before."
    if level == WARN and back.longest_before_m:
        former = distance(back.longest_before_m, units)
        share = percent(first_m / back.longest_before_m)
        first = distance(first_m, units)
        return f"{said}: the first run was {first}, {share} of the longest before it ({former})."
    return f"{said}; the comeback plan has the steps, and the weeks until its end have caps of their own."


def _advice(facts: Facts, back: Comeback, level: str) -> str:
    if back.gate_waits:
        return (
            "Run nothing before the gate of four is passed without pain: it is on the page of the comeback."
        )
    if back.cap_week_m is None:
        return "Begin with short easy runs on soft and flat ground, and judge each one the next morning."
    cap = distance_down(back.cap_week_m, facts.units)
    if level == NOTE:
        return f"Keep these 7 days at most at {cap}, on soft and flat ground."
    return f"Take two days off, then keep 7 days at most at {cap} and judge each run the next morning."


RULE = Rule(
    id="L5",
    name="comeback",
    grade="D",
    source="Coaches' advice: begin again with 25-50 % of the usual week, then add 10 % a week at most.",
    advice="Begin with at most half of your usual week and add at most 10 % a week.",
    news_days=7,
    goes_to=WEEKLY,
    check=check,
)
