"""Finding -> alert: identity, what is news, when it is sent, when it ends and when it may come again.

The table "What is news" of RULES.md is NEWS; `decide` is the only place that reads it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from midsole.domain.connection import MFA_PENDING
from midsole.domain.facts import ALARM, LEVELS, NOTE, WARN, Facts, Finding

OPEN, SNOOZED, ACKNOWLEDGED, RESOLVED, SEEN = "open", "snoozed", "acknowledged", "resolved", "seen"
LIVE = frozenset({OPEN, SNOOZED, ACKNOWLEDGED, SEEN})
LATE_DAYS = 14
BUDGET_MAILS, BUDGET_DAYS = 2, 7
AGAIN_BY_FRACTION = 0.02
LOAD_PUSHES = frozenset({"L1", "L2"})

PAIN = frozenset({"P1", "P2", "P3"})
FRESH_PAIN = timedelta(days=2)
PAIN_FIRST = ("P3", "P1", "P2")
"""Beside the level the first thing said."""

NEVER, NEXT_WEEK, FURTHER, EIGHT_WEEKS, AT_ONCE = "never", "next week", "2 % further", "8 weeks", "at once"
LEVEL_RISES, NEXT_FLAG = "level rises", "next flag or day"
"""Both are part of the identity; what was taken back and is said again speaks again."""


@dataclass(frozen=True, slots=True)
class News:
    """How long a rule's finding is news, from which level it is pushed, when it ends and comes again.

    `days` None: always news. `push_from` None: never a mail of its own. `quiet_days`: how long the cause
    must be gone before it resolves. `lasts`: resolves also where it was only recorded as seen."""

    days: int | None
    push_from: str | None
    goes_to: str
    again: str
    resolves: str
    quiet_days: int = 0
    lasts: bool = True


_WORN = News(14, NOTE, "push", FURTHER, "retired, limit raised, or moved below")
_HABIT = News(14, None, "weekly", EIGHT_WEEKS, "no longer true for 7 days", quiet_days=7)
_PAIN = News(2, ALARM, "push (amber: weekly)", LEVEL_RISES, "runner says so, or 14 painless days")
_SOURCE = News(None, NOTE, "push", AT_ONCE, "first success")

NEWS: Mapping[str, News] = MappingProxyType(
    {
        "L1": News(3, WARN, "push (note: weekly)", NEVER, "excluded, or no longer a spike", lasts=False),
        "L2": News(8, WARN, "mid-week push, weekly", NEXT_WEEK, "next week begins", lasts=False),
        "L3": News(8, None, "weekly", NEXT_WEEK, "next week begins", lasts=False),
        "L5": News(7, ALARM, "weekly (alarm: push)", NEVER, "plan or 4 weeks end"),
        "S1": _WORN,
        "S5": _WORN,
        "S2": _HABIT,
        "S3": _HABIT,
        "C1": _HABIT,
        "D1": _HABIT,
        "S4": News(28, None, "weekly", AT_ONCE, "assigned"),
        "Q1": News(3, None, "weekly", NEVER, "confirmed, edited, excluded", lasts=False),
        "P1": _PAIN,
        "P2": _PAIN,
        "P3": News(None, NOTE, "push at once", NEXT_FLAG, "runner says so, or 14 painless days"),
        "W1": _SOURCE,
        "W2": _SOURCE,
        "W3": News(None, NOTE, "push", NEVER, "the next threshold, or a new key"),
    }
)
"""Rules that are not named here (L0, L4, L6, P4) are shown, and are never an alert."""

_WEEKLY_RULES = frozenset(rule for rule, news in NEWS.items() if news.again == NEXT_WEEK)


@dataclass(frozen=True, slots=True)
class AlertState:
    """An alert as it stands in the store."""

    id: int
    rule: str
    subject: str
    level: str
    state: str
    opened_at: datetime
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    pushed_at: datetime | None = None
    text: str = ""
    numbers: Mapping[str, float | int | str | None] | None = None
    last_seen_on: date | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A new alert. `held_back` says why it is not pushed though its rule pushes: budget, 7-days or late."""

    finding: Finding
    state: str
    push: bool
    weekly: bool
    held_back: str | None = None


@dataclass(frozen=True, slots=True)
class Raise:
    """The level of a known alert rose, or its snooze ran out; `state` is what it becomes."""

    alert_id: int
    finding: Finding
    push: bool
    weekly: bool = False
    held_back: str | None = None
    state: str = OPEN


@dataclass(frozen=True, slots=True)
class Refresh:
    """Still true, with numbers, text or day that changed; no news."""

    alert_id: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class Resolve:
    alert_id: int
    why: str


type Change = Open | Raise | Refresh | Resolve


def decide(
    findings: Sequence[Finding],
    alerts: Sequence[AlertState],
    *,
    facts: Facts,
    silent: bool,
    mails_in_7_days: int,
    load_push_in_7_days: bool,
) -> list[Change]:
    """What changes: `alerts` are all live ones and those resolved in the last 60 days.

    `silent`: nothing is news but pain that was felt or said in the last two days.
    All pushes of one pass are one mail, so one free place of the budget lets all of them through."""
    current = _by_identity(findings)
    live = {(a.rule, a.subject): a for a in alerts if a.state in LIVE}
    past = _newest([a for a in alerts if a.state == RESOLVED])
    changes: list[Change] = [r for a in live.values() if (r := _resolve(a, current, facts))]
    resolved = {change.alert_id for change in changes if isinstance(change, Resolve)}
    for identity, finding in current.items():
        known = live.get(identity)
        if known and known.id not in resolved:
            changes += _known(known, finding, facts, silent and not is_fresh_pain(finding, facts))
        elif not known and _may_open(finding, past.get(identity), facts):
            changes.append(_open(finding, facts, silent and not is_fresh_pain(finding, facts)))
    return _within_limits(changes, mails_in_7_days, load_push_in_7_days)


def is_exempt(finding: Finding) -> bool:
    """Alarms, red flags, "log in again" and a key's end are outside the mail budget."""
    return finding.level == ALARM or finding.rule in ("P3", "W3") or _asks_for_log_in(finding)


def is_fresh_pain(finding: Finding, facts: Facts) -> bool:
    """Of the last two days, or said in them: no import and no edit of something else may silence it."""
    if finding.rule not in PAIN:
        return False
    answers = (a for a in facts.body.check_ins if a.on_day == finding.happened_on and a.said_at)
    said_now = any(a.said_at and a.said_at > facts.now - FRESH_PAIN for a in answers)
    return said_now or finding.happened_on > facts.today - FRESH_PAIN


def severity(finding: Finding) -> tuple[int, int, float, str]:
    """Sorts the most severe first: level, the rule's place in the table (pain before the rest), the larger
    ratio (or a flag before a day), the subject."""
    rules = [*PAIN_FIRST, *(rule for rule in NEWS if rule not in PAIN_FIRST)]
    place = rules.index(finding.rule) if finding.rule in rules else len(rules)
    ratio = finding.numbers.get("ratio")
    more = -float(ratio) if isinstance(ratio, int | float) else -float("flag" in finding.numbers)
    return (-LEVELS.index(finding.level), place, more, finding.subject)


def _asks_for_log_in(finding: Finding) -> bool:
    kind = f"{finding.subject} {finding.numbers.get('kind', '')}".lower()
    return finding.rule.startswith("W") and ("log-in" in kind or "login" in kind)


def _by_identity(findings: Iterable[Finding]) -> dict[tuple[str, str], Finding]:
    known = [f for f in sorted(findings, key=severity, reverse=True) if f.rule in NEWS]
    return {(f.rule, f.subject): f for f in known}


def _newest(alerts: Iterable[AlertState]) -> dict[tuple[str, str], AlertState]:
    in_order = sorted(alerts, key=lambda a: (a.resolved_at or a.opened_at, a.id))
    return {(a.rule, a.subject): a for a in in_order}


def _resolve(alert: AlertState, current: Mapping[tuple[str, str], Finding], facts: Facts) -> Resolve | None:
    """Its week is over, or its cause is gone for as many days as the rule asks."""
    news = NEWS.get(alert.rule)
    if news is None:
        return Resolve(alert.id, "the rule is gone")
    if alert.state == SEEN and not news.lasts:
        return None
    if alert.rule in _WEEKLY_RULES and _week_is_over(alert.subject, facts.today):
        return Resolve(alert.id, news.resolves)
    if (alert.rule, alert.subject) in current or (alert.rule == "W2" and _awaits_code(alert, facts)):
        return None
    last = alert.last_seen_on or alert.opened_at.date()
    gone_long_enough = facts.today - last >= timedelta(days=news.quiet_days)
    return Resolve(alert.id, news.resolves) if gone_long_enough else None


def _awaits_code(alert: AlertState, facts: Facts) -> bool:
    """Logging in has begun, not ended: given up, it is the same outage and no second mail."""
    return any(f"{s.connection_id}:log-in" == alert.subject and s.state == MFA_PENDING for s in facts.sources)


def _known(alert: AlertState, finding: Finding, facts: Facts, silent: bool) -> list[Change]:
    if LEVELS.index(finding.level) > LEVELS.index(alert.level):
        return [_raise(alert, finding, facts, silent)]
    if not silent and _was_never_said(alert, finding, facts):
        return [_raise(alert, finding, facts, silent)]
    if not silent and _snooze_is_over(alert, facts.now) and _pushes(finding):
        return [Raise(alert.id, finding, push=True)]
    said = (alert.text, dict(alert.numbers or {}), alert.last_seen_on)
    if said == (finding.text, dict(finding.numbers), facts.today):
        return []
    return [Refresh(alert.id, finding)]


def _was_never_said(alert: AlertState, finding: Finding, facts: Facts) -> bool:
    """Pain that came in with history, and was reported anew since."""
    is_seen = alert.state == SEEN and alert.pushed_at is None
    is_said = _pushes(finding) and _is_news(finding, facts.today)
    return is_seen and is_said and is_fresh_pain(finding, facts)


def _raise(alert: AlertState, finding: Finding, facts: Facts, silent: bool) -> Raise:
    as_new = _open(finding, facts, silent)
    state = alert.state if silent else as_new.state
    return Raise(alert.id, finding, as_new.push, as_new.weekly, as_new.held_back, state)


def _snooze_is_over(alert: AlertState, now: datetime) -> bool:
    """Over, and not spoken of since."""
    until = alert.snoozed_until
    return (
        alert.state == SNOOZED
        and until is not None
        and until <= now
        and (alert.pushed_at is None or alert.pushed_at < until)
    )


def _open(finding: Finding, facts: Facts, silent: bool) -> Open:
    if silent:
        return Open(finding, SEEN, push=False, weekly=False)
    news, age = NEWS[finding.rule], (facts.today - finding.happened_on).days
    if _is_news(finding, facts.today):
        push = _pushes(finding)
        return Open(finding, OPEN, push=push, weekly="weekly" in news.goes_to or not push)
    late = age <= LATE_DAYS
    return Open(finding, SEEN, push=False, weekly=late, held_back="late" if late else None)


def _is_news(finding: Finding, today: date) -> bool:
    """A week's finding is news while that week runs; "easy until Sunday" is no news on Monday."""
    news = NEWS[finding.rule]
    if finding.rule in _WEEKLY_RULES and _week_is_over(finding.subject, today):
        return False
    return news.days is None or (today - finding.happened_on).days <= news.days


def _pushes(finding: Finding) -> bool:
    threshold = NEWS[finding.rule].push_from
    return (
        threshold is not None
        and not finding.weekly_only
        and LEVELS.index(finding.level) >= LEVELS.index(threshold)
    )


def _may_open(finding: Finding, past: AlertState | None, facts: Facts) -> bool:
    """Whether what was resolved may speak again, by the column "again when".

    A pair that crossed its limit only while its runs were being assigned has not been spoken of yet."""
    if past is None:
        return True
    again = NEWS[finding.rule].again
    if again == FURTHER:
        return past.pushed_at is None or _passed_again(finding)
    if again == EIGHT_WEEKS:
        since = past.resolved_at or past.opened_at
        return facts.now - since >= timedelta(weeks=8)
    if again == NEXT_WEEK:
        return LEVELS.index(finding.level) > LEVELS.index(past.level)
    return again in (AT_ONCE, LEVEL_RISES, NEXT_FLAG)


def _passed_again(finding: Finding) -> bool:
    used, threshold = finding.numbers.get("used_fraction"), finding.numbers.get("threshold")
    if not isinstance(used, int | float) or not isinstance(threshold, int | float):
        return False
    return used >= threshold + AGAIN_BY_FRACTION


def _week_is_over(subject: str, today: date) -> bool:
    return today >= date.fromisoformat(subject[-10:]) + timedelta(days=7)


def _within_limits(changes: list[Change], mails: int, load_pushed: bool) -> list[Change]:
    """Takes pushes back, the least severe first, until one load push a week and the mail budget hold."""
    pushes = [c for c in changes if isinstance(c, Open | Raise) and c.push]
    # An exempt mail goes out in any case, so what rides along in it costs no mail more.
    free = mails < BUDGET_MAILS or any(is_exempt(c.finding) for c in pushes)
    held: dict[int, str] = {}
    for change in sorted(pushes, key=lambda c: severity(c.finding)):
        if change.finding.rule in LOAD_PUSHES and load_pushed and change.finding.level != ALARM:
            held[id(change)] = "7-days"
        elif not free and not is_exempt(change.finding):
            held[id(change)] = "budget"
        load_pushed = load_pushed or change.finding.rule in LOAD_PUSHES
    return [_hold(c, held[id(c)]) if id(c) in held else c for c in changes]


def _hold(change: Change, why: str) -> Change:
    if isinstance(change, Open):
        return replace(change, push=False, weekly=True, held_back=why)
    if isinstance(change, Raise):
        return replace(change, push=False, weekly=True, held_back=why)
    return change
