"""L2: a week well above the usual one, or two in a row that are."""

from dataclasses import dataclass
from datetime import date, timedelta

from midsole.domain.caps import are_steep_weeks, is_steep_week
from midsole.domain.comeback import find_comeback, week_done_m
from midsole.domain.facts import NOTE, WARN, Facts, Finding
from midsole.domain.load import Log, exceeds, is_paused, read_log, two_weeks_base_m, usual_m
from midsole.domain.rules.base import PUSH, Rule
from midsole.domain.units import distance, distance_down, percent
from midsole.domain.weeks import DAY, WEEK, week_start


@dataclass(frozen=True, slots=True)
class TwoWeeks:
    """This and last week together, and the larger of the week and the mean of four before them."""

    run_m: float
    base_m: float


def check(facts: Facts) -> list[Finding]:
    log = read_log(facts)
    this = week_start(facts.today, facts.first_weekday)
    return [found for start in (this - WEEK, this) if (found := _judge(log, start)) is not None]


def _judge(log: Log, start: date) -> Finding | None:
    week_m, usual = log.run_m(start, 7), usual_m(log, start)
    level = _level(log, start, week_m, usual) if usual and week_m else None
    if not usual or level is None or _inside_comeback(log, start):
        return None
    if level == NOTE and is_paused(log.facts, min(start + WEEK - DAY, log.facts.today)):
        return None
    return _finding(log, start, week_m, usual, _two_weeks(log, start, week_m), level)


def _two_weeks(log: Log, start: date, week_m: float) -> TwoWeeks | None:
    base_m = two_weeks_base_m(log, start)
    return None if base_m is None else TwoWeeks(week_m + log.run_m(start - WEEK, 7), base_m)


def _level(log: Log, start: date, week_m: float, usual: float) -> str | None:
    if is_steep_week(log, start):
        return WARN
    return NOTE if exceeds(week_m, log.facts.limits.week_note, usual) else None


def _inside_comeback(log: Log, start: date) -> bool:
    """A week inside the comeback's own plan may be far above the empty weeks before it."""
    last = min(start + WEEK - DAY, log.facts.today)
    back = find_comeback(log, last)
    if back is None or back.gate_waits or back.first_run_on is None or back.cap_week_m is None:
        return False
    return not exceeds(week_done_m(log, back.first_run_on, back.week), 1, back.cap_week_m)


def _finding(log: Log, start: date, week_m: float, usual: float, two: TwoWeeks | None, level: str) -> Finding:
    facts = log.facts
    return Finding(
        rule=RULE.id,
        level=level,
        subject=start.isoformat(),
        happened_on=start,
        text=_text(log, start, week_m, usual, two, level),
        advice=_advice(facts, start, usual, level),
        numbers={
            "distance_m": week_m,
            "usual_m": usual,
            "ratio": round(week_m / usual - 1, 4),
            "two_weeks_m": two.run_m if two else None,
            "two_weeks_usual_m": 2 * two.base_m if two else None,
            "week_start": start.isoformat(),
        },
        weekly_only=level == NOTE,
    )


def _text(log: Log, start: date, week_m: float, usual: float, two: TwoWeeks | None, level: str) -> str:
    facts = log.facts
    running = start + WEEK > facts.today
    name = "This week so far" if running else "Last week"
    week, base = distance(week_m, facts.units), distance(usual, facts.units)
    said = f"{name}: {week}, {percent(week_m / usual - 1)} above your usual {base}."
    if two is not None and level == WARN and are_steep_weeks(log, start):
        both, twice = distance(two.run_m, facts.units), distance(2 * two.base_m, facts.units)
        said += f" With the week before it is {both} in two weeks, where {twice} were usual."
    return said


def _advice(facts: Facts, start: date, usual: float, level: str) -> str:
    week = distance_down(usual, facts.units)
    if start + WEEK <= facts.today:
        return f"Keep this week at most at {week}."
    if level == NOTE:
        return "Keep the rest of the week easy, or leave it at this."
    return f"Easy or off until {_last_day(start)}, and at most {week} next week."


def _last_day(start: date) -> str:
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return names[(start + timedelta(days=6)).weekday()]


RULE = Rule(
    id="L2",
    name="week ramp",
    grade="D",
    source=(
        "Coaches' pacing advice (grade D): the 10 % rule did not lower injuries in a trial of 532 runners, "
        "20.8 against 20.3 % (Buist 2008, grade X as protection). 30 % in two weeks: Nielsen 2014, "
        "hazard ratio 1.59, 0.96-2.66 (grade C)."
    ),
    advice="Take it easy until the week is over and keep the next week at or below the usual one.",
    news_days=8,
    goes_to=PUSH,
    check=check,
)
