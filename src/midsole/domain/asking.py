"""When to ask how the feet are: after which runs, at which moment, and for how long a question stands.

RULES.md section 3, and ours where that does not say which run of a week is its longest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from types import MappingProxyType

from midsole.domain import pain
from midsole.domain.activity import Activity
from midsole.domain.checkins import AFTER, MORNING, Body
from midsole.domain.comeback import comeback
from midsole.domain.facts import NOTE, Facts
from midsole.domain.load import MEAN_WEEKS, Session, read_log, since
from midsole.domain.plan import is_engaged
from midsole.domain.rules import l1_session, s3_new_pair
from midsole.domain.weeks import DAY, WEEK, week_start

RULES, EVERY, NEVER = "rules", "every", "none"
HOW: Mapping[str, str] = MappingProxyType(
    {
        RULES: "when there is a reason",
        EVERY: "after every run and the next morning",
        NEVER: "never",
    }
)
MORNING_FROM, MORNING_MAIL_FROM, AFTER_UNTIL = time(4), time(7), time(12)
AFTER_MAIL_WAITS = timedelta(hours=1)
"""Feet are asked when they have cooled down."""
PAINLESS_MORNINGS = 3
LONG_SHARE = 0.9
"""Of the longest run of a usual week: from here on a run may well be this week's longest."""
LAST_DAYS = 2
START_DAYS, REST_DAYS = 28, 28
"""So long pain told at the start asks after every run; and so long after the last report of pain mornings
without a run before are asked about."""
ASKED = {MORNING: "How are your feet this morning?", AFTER: "How are your feet after the run?"}


@dataclass(frozen=True, slots=True)
class Question:
    """`on_day` is the day it asks about; it is open from `since` to `until`, and mailed from `mail_from`."""

    on_day: date
    moment: str
    words: str
    why: str
    since: datetime
    until: datetime
    mail_from: datetime
    after_run: bool = True
    """False: a morning after a day of rest."""

    def is_open_at(self, clock: datetime) -> bool:
        return self.since <= clock < self.until


def questions(facts: Facts, clock: datetime) -> tuple[Question, ...]:
    """All that are open and not answered, the oldest first; `clock` is now on the runner's clock."""
    today = facts.today
    found = [_after(facts, today - DAY, clock), _after(facts, today, clock), _morning(facts, clock)]
    return tuple(q for q in found if q and q.is_open_at(clock) and not is_answered(facts.body, q))


def settled(facts: Facts, clock: datetime) -> list[str]:
    """Moments of today of which it is known by now whether they are asked about: what is not, stays so.

    By noon the runs of the day before have come in."""
    runs = _runs(facts, facts.today)
    is_after = bool(runs) and max(_ends(runs)) + AFTER_MAIL_WAITS <= clock
    begin = MORNING_MAIL_FROM if _runs(facts, facts.today - DAY) else AFTER_UNTIL
    return [*([MORNING] if clock.time() >= begin else []), *([AFTER] if is_after else [])]


def is_answered(body: Body, asked: Question) -> bool:
    return any(a.on_day == asked.on_day and a.moment == asked.moment for a in body.check_ins)


def _after(facts: Facts, run_on: date, clock: datetime) -> Question | None:
    """Open from the end of the first run of that day until noon of the next, mailed after the last one."""
    runs = _runs(facts, run_on)
    why = _why(facts, run_on) if runs else None
    if why is None:
        return None
    ends, until = _ends(runs), _at(run_on + DAY, AFTER_UNTIL, clock)
    mails = max(ends) + AFTER_MAIL_WAITS
    return Question(run_on, AFTER, ASKED[AFTER], why, min(ends), until, mails)


def _ends(runs: Iterable[Activity]) -> list[datetime]:
    return [r.started_at + timedelta(seconds=max(r.timer_s, r.elapsed_s)) for r in runs]


def _morning(facts: Facts, clock: datetime) -> Question | None:
    """Of today: about the runs of yesterday, or about pain that is open."""
    ran = bool(_runs(facts, facts.today - DAY))
    why = _why_morning(facts) if ran else _why_resting(facts)
    if why is None:
        return None
    opens, mails = (_at(facts.today, begin, clock) for begin in (MORNING_FROM, MORNING_MAIL_FROM))
    end = _at(facts.today + DAY, time(), clock)
    return Question(facts.today, MORNING, ASKED[MORNING], why, opens, end, mails, after_run=ran)


def _at(day: date, clock_time: time, clock: datetime) -> datetime:
    return datetime.combine(day, clock_time, clock.tzinfo)


def _runs(facts: Facts, day: date) -> list[Activity]:
    return [a for a in facts.activities if a.is_run and a.local_date == day]


# ---- why


def _why_morning(facts: Facts) -> str | None:
    run_on = facts.today - DAY
    why = _why(facts, run_on)
    if why is None and weekly_pick(facts, week_start(run_on, facts.first_weekday)) == run_on:
        return "Once a week you are asked on the morning after the longest run."
    return why


def _why_resting(facts: Facts) -> str | None:
    """14 painless days need answers on five of them, also while nobody runs."""
    found = pain.open_episodes(facts)
    if any((facts.today - e.reports[-1].on_day).days <= REST_DAYS for e in found):
        return "Your pain is not over yet, and only painless answers end it."
    return None


def _why(facts: Facts, run_on: date) -> str | None:
    """Why that day's runs are asked about, the weightiest reason first; None: they are not."""
    if pain.open_episodes(facts):
        return "Your pain is not over yet, and only painless answers end it."
    if is_sore_lately(facts.body):
        return "A morning was sore: you are asked after every run until three mornings were painless."
    if _is_coming_back(facts, run_on):
        return "You are on your way back, where the next morning is the real test."
    if run_on in _spike_days(facts):
        return "That run was much longer than any of the 30 days before it."
    if pair := _new_pair_worn(facts, run_on):
        return f"That run was in the {pair}, which is new."
    return "You wanted to be asked after every run." if facts.body.ask == EVERY else None


def is_sore_lately(body: Body) -> bool:
    """A morning hurt, and since then fewer than three mornings were answered as painless."""
    mornings = [a for a in body.check_ins if a.moment == MORNING]
    sore = {a.on_day for a in mornings if not a.is_painless}
    if not sore:
        return False
    painless = {a.on_day for a in mornings if a.is_painless and a.on_day > max(sore)}
    return len(painless) < PAINLESS_MORNINGS


def may_take_both(facts: Facts) -> bool:
    """Of the two mails of seven days questions take one, so that a warning finds room; both only where
    something hurts or a plan is followed, and the runner answers."""
    answers = any((facts.today - a.on_day).days <= REST_DAYS for a in facts.body.check_ins)
    followed = any(plan.is_open and is_engaged(plan) for plan in facts.body.plans)
    return answers and (followed or is_sore_lately(facts.body) or bool(pain.open_episodes(facts)))


def _is_coming_back(facts: Facts, run_on: date) -> bool:
    said_on = facts.start.said_on
    began_sore = facts.start.pain_now and said_on is not None and 0 <= (run_on - said_on).days < START_DAYS
    planned = any(plan.is_open for plan in facts.body.plans)
    return began_sore or planned or comeback(facts, run_on) is not None


def _spike_days(facts: Facts) -> set[date]:
    return {f.happened_on for f in l1_session.check(facts) if f.level != NOTE}


def _new_pair_worn(facts: Facts, run_on: date) -> str | None:
    return next(
        (
            pair.shoe.name
            for pair in facts.shoes
            if s3_new_pair.is_new(facts, pair) and any(w.local_date == run_on for w in pair.recent)
        ),
        None,
    )


# ---- once a week


def weekly_pick(facts: Facts, week: date) -> date | None:
    """The day of this week's run whose next morning is asked about; None: none so far.

    Nobody knows while a week runs which run will be its longest, and on Monday it is too late to ask. So it
    is the first nearly as long as the longest of a usual week, or at the week's end the longest so far."""
    far = {day: top for day, top in _longest_by_day(facts).items() if week <= day < week + WEEK}
    usual = _usual_longest_m(facts, week)
    longest_m = 0.0
    for day in sorted(far):
        is_long = usual is None or far[day] >= LONG_SHARE * usual
        is_late = day >= week + WEEK - LAST_DAYS * DAY and far[day] >= longest_m
        if is_long or is_late:
            return day
        longest_m = max(longest_m, far[day])
    return None


def _longest_by_day(facts: Facts) -> dict[date, float]:
    found: dict[date, float] = {}
    for session in _sessions(facts):
        found[session.local_date] = max(found.get(session.local_date, 0.0), session.distance_m)
    return found


def _sessions(facts: Facts) -> list[Session]:
    first = week_start(facts.today, facts.first_weekday) - (MEAN_WEEKS + 1) * WEEK
    return list(since(first, read_log(facts).sessions))


def _usual_longest_m(facts: Facts, week: date) -> float | None:
    """The middle one of the longest runs of the four weeks before, of those that had one."""
    tops: dict[date, float] = {}
    for day, far_m in _longest_by_day(facts).items():
        of_week = week_start(day, facts.first_weekday)
        if week - MEAN_WEEKS * WEEK <= of_week < week:
            tops[of_week] = max(tops.get(of_week, 0.0), far_m)
    return median(tops.values()) if tops else None
