"""What other limits would have said: past days judged one after another, as the worker would have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from midsole.domain.alerts import (
    LOAD_PUSHES,
    RESOLVED,
    SEEN,
    AlertState,
    Change,
    Open,
    Raise,
    Refresh,
    Resolve,
    decide,
)
from midsole.domain.facts import ALARM, Facts, Finding, Limits
from midsole.domain.pain import episodes
from midsole.domain.past import as_of
from midsole.domain.rules import RULE_BY_ID
from midsole.domain.weeks import DAY, week_start

RULES = ("L1", "L2", "L3", "L5", "D1", "S1", "S2", "S3", "S5")
"""Of the others nothing is kept by which a past day could be judged: when a source could not be read,
which run had no pair yet, which one was not yet confirmed. Pain has no limits that could be tried."""
OF_RUNS = ("L1", "L2", "L3", "L5")
"""Rules that change on a day with a run, a week's first day, or at an edge of a pause or of known history;
they take nearly all of the time."""
ASKS = {
    "L1": ("session_warn", "session_warn_more_m", "session_alarm", "session_alarm_more_m", "break_days"),
    "L2": (
        "week_note",
        "week_warn",
        "week_warn_more_m",
        "two_weeks_warn",
        "two_weeks_warn_more_m",
        "break_days",
    ),
    "L3": ("week_note", "new_pair_m"),
    "L5": ("break_days",),
    "D1": (),
    "S1": ("shoe_note", "shoe_warn", "shoe_alarm"),
    "S2": ("one_pair_share",),
    "S3": ("new_pair_m", "new_racing_pair_m", "session_warn", "session_warn_more_m", "break_days"),
    "S5": ("shoe_note", "shoe_warn"),
}
"""The limits that a rule asks, also by way of another one: with the same limits it finds the same."""
HISTORY_EDGES = (7, 30)
NEAR, BACK = timedelta(days=75), timedelta(days=60)
"""A run of 30 days ago is held against the four weeks before its own; and against a way back that was open
for four weeks before it."""
LOOK_BACK, BUDGET = timedelta(days=60), timedelta(days=7)

type Findings = Mapping[str, list[list[Finding]]]
"""Rule -> what it found on each day of the span."""


@dataclass(frozen=True, slots=True)
class Told:
    """One alert that would have come up on that day; text, level and advice are those it ended with.

    `by` is mail, weekly or seen; `held_back` says why it got no mail of its own (budget, 7-days, late)."""

    rule: str
    subject: str
    day: date
    level: str
    text: str
    advice: str
    by: str
    held_back: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What a span of days would have brought: its alerts in order, and the days with a mail of their own."""

    alerts: tuple[Told, ...]
    mails_on: tuple[date, ...]


def days_of(facts: Facts, first: date) -> list[date]:
    """Every day of the span, and before it the one on which what is old already is only noted as seen."""
    return [first + n * DAY for n in range(-1, (facts.today - first).days + 1)]


def find(
    facts: Facts, first: date, limits: Limits, known: Findings | None = None, than: Limits | None = None
) -> dict[str, list[list[Finding]]]:
    """What each rule finds on each day; `known` is what it found with the limits `than`."""
    same = [r for r in RULES if known and than and all(_same(than, limits, name) for name in ASKS[r])]
    kept: dict[str, list[list[Finding]]] = {rule: known[rule] for rule in same} if known else {}
    asked = [rule for rule in RULES if rule not in kept]
    return kept | (_look(facts, days_of(facts, first), limits, asked) if asked else {})


def _same(one: Limits, other: Limits, name: str) -> bool:
    return bool(getattr(one, name) == getattr(other, name))


def _look(
    facts: Facts, days: Sequence[date], limits: Limits, asked: Sequence[str]
) -> dict[str, list[list[Finding]]]:
    found: dict[str, list[list[Finding]]] = {rule: [] for rule in asked}
    edges, backs = _edges(facts), _backs(facts, limits)
    for day in days:
        then, quiet = as_of(facts, day, limits), day not in edges and day != days[0]
        steady = not any(begin <= day <= end for begin, end in backs)
        near = _nearby(then) if steady else then
        for rule in asked:
            if rule in OF_RUNS and quiet and steady:
                found[rule].append(found[rule][-1])
            elif rule == "L5" and steady:
                found[rule].append([])
            else:
                found[rule].append(RULE_BY_ID[rule].check(near if rule in ("L1", "L2") else then))
    return found


def _nearby(then: Facts) -> Facts:
    """All that L1 and L2 look at where no comeback is open; they ask it of every run, and often."""
    since = then.today - NEAR
    return replace(then, activities=tuple(a for a in then.activities if a.local_date >= since))


def _backs(facts: Facts, limits: Limits) -> list[tuple[date, date]]:
    """The days around each way back from a break or pause: there every day is judged, with all it knows."""
    ran = sorted({a.local_date for a in facts.activities if a.is_run})
    firsts = [later for earlier, later in pairwise(ran) if (later - earlier).days > limits.break_days]
    after = [(p.from_date, _first_after(ran, p.until_date or facts.today, facts.today)) for p in facts.pauses]
    plans = [(p.opened_on, p.left_on or p.done_on or facts.today) for p in facts.body.plans]
    return [(begin, end + BACK) for begin, end in [*((d, d) for d in [*ran[:1], *firsts]), *after, *plans]]


def _first_after(ran: Sequence[date], day: date, today: date) -> date:
    return next((run_on for run_on in ran if run_on > day), today)


def _edges(facts: Facts) -> set[date]:
    """Days on which a rule about runs may find something else than the day before."""
    edges = {a.local_date for a in facts.activities}
    edges |= {week_start(day, facts.first_weekday) + 7 * n * DAY for day in edges for n in (0, 1)}
    for pause in facts.pauses:
        edges |= {pause.from_date, *([pause.until_date + DAY] if pause.until_date else [])}
    edges |= {a.on_day for a in facts.body.check_ins} | {o.on_day for o in facts.body.said_over}
    edges |= {e.ended_on for e in episodes(facts) if e.ended_on}
    if facts.history_from:
        edges |= {facts.history_from + timedelta(days=n) for n in HISTORY_EDGES}
    return edges


@dataclass(slots=True)
class _Standing:
    """The alerts and mails so far."""

    alerts: dict[int, AlertState] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)
    mails_on: list[date] = field(default_factory=list)
    counted_at: list[datetime] = field(default_factory=list)


def judge(
    facts: Facts,
    first: date,
    findings: Findings,
    limits: Limits,
    is_outside_budget: Callable[[Finding], bool],
) -> Course:
    """The days in order: what opens, what gets a mail under the budget, what ends."""
    so_far = _Standing()
    for number, day in enumerate(days_of(facts, first)):
        then = as_of(_empty(facts), day, limits)
        seen = [f for rule in RULES for f in findings[rule][number]]
        changes = _decide(so_far, seen, then, silent=day < first)
        pushed = [f for change in changes if (f := _apply(so_far, change, then, counts=day >= first))]
        if pushed:
            so_far.mails_on.append(day)
        if pushed and not all(f.level == ALARM or is_outside_budget(f) for f in pushed):
            so_far.counted_at.append(then.now)
    return Course(tuple(so_far.told.values()), tuple(so_far.mails_on))


def _empty(facts: Facts) -> Facts:
    """Deciding asks for the day and the sources only."""
    return replace(facts, activities=(), shoes=(), inserts=(), sources=())


def _decide(so_far: _Standing, seen: Sequence[Finding], then: Facts, *, silent: bool) -> list[Change]:
    now, week_ago = then.now, then.now - BUDGET
    pushed = (a.pushed_at for a in so_far.alerts.values() if a.rule in LOAD_PUSHES)
    return decide(
        seen,
        [a for a in so_far.alerts.values() if a.resolved_at is None or a.resolved_at >= now - LOOK_BACK],
        facts=then,
        silent=silent,
        mails_in_7_days=sum(at > week_ago for at in so_far.counted_at),
        load_push_in_7_days=any(at is not None and at > week_ago for at in pushed),
    )


def _apply(so_far: _Standing, change: Change, then: Facts, *, counts: bool) -> Finding | None:
    """Write the change down; returns the finding that goes into the day's mail, if it does."""
    match change:
        case Open():
            alert_id = len(so_far.alerts) + 1
            so_far.alerts[alert_id] = _opened(alert_id, change, then)
            if counts:
                so_far.told[alert_id] = _told(change.finding, then.today, change)
        case Raise():
            alert_id = change.alert_id
            _refresh(so_far, alert_id, change.finding, then.today)
            so_far.alerts[alert_id] = replace(so_far.alerts[alert_id], state=change.state)
            if counts:
                before = so_far.told.get(alert_id)
                so_far.told[alert_id] = _told(change.finding, before.day if before else then.today, change)
        case Refresh():
            _refresh(so_far, change.alert_id, change.finding, then.today)
            return None
        case Resolve():
            ended = replace(so_far.alerts[change.alert_id], state=RESOLVED, resolved_at=then.now)
            so_far.alerts[change.alert_id] = ended
            return None
    if not change.push:
        return None
    so_far.alerts[alert_id] = replace(so_far.alerts[alert_id], pushed_at=then.now)
    return change.finding


def _opened(alert_id: int, change: Open, then: Facts) -> AlertState:
    f = change.finding
    new = AlertState(alert_id, f.rule, f.subject, f.level, change.state, then.now)
    return _saying(new, f, then.today)


def _saying(alert: AlertState, f: Finding, today: date) -> AlertState:
    return replace(alert, level=f.level, text=f.text, numbers=dict(f.numbers), last_seen_on=today)


def _refresh(so_far: _Standing, alert_id: int, f: Finding, today: date) -> None:
    so_far.alerts[alert_id] = _saying(so_far.alerts[alert_id], f, today)
    if (told := so_far.told.get(alert_id)) is not None:
        so_far.told[alert_id] = replace(told, level=f.level, text=f.text, advice=f.advice)


def _told(f: Finding, day: date, change: Open | Raise) -> Told:
    by = "mail" if change.push else ("weekly" if change.weekly or change.state != SEEN else "seen")
    return Told(f.rule, f.subject, day, f.level, f.text, f.advice, by, change.held_back)
