"""Judge: facts to findings to alerts to one mail, for one runner, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from midsole.actions.box import Box
from midsole.actions.keeping_up import keep_up
from midsole.actions.post import addressed, post, post_beside
from midsole.deliver import render
from midsole.domain import mails, pain, rules
from midsole.domain.alerts import NEWS, PAIN, Change, Open, Raise, Refresh, Resolve, decide
from midsole.domain.facts import ALARM, Facts, Finding
from midsole.domain.letter import EPISODE
from midsole.domain.urgent import any_urgent, by_calendar, is_urgent, of_answers
from midsole.domain.weeks import WEEK
from midsole.domain.when import weekly_due
from midsole.store import activities, body, messages, runners, sources
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.runners import Runner

LOOK_BACK = timedelta(days=60)
OUTSIDE_BUDGET = frozenset({"P3", "W1", "W2", "W3"})


@dataclass(frozen=True, slots=True)
class Judged:
    """What one evaluation changed."""

    opened: int = 0
    resolved: int = 0
    delivery_id: int | None = None


def evaluate_all(box: Box) -> None:
    with box.store.read() as tx:
        known = [r.id for r in runners.everyone(tx)]
    for runner_id in known:
        evaluate(box, runner_id)


def evaluate(box: Box, runner_id: int, *, silent: bool = False) -> Judged:
    """Open, refresh and resolve alerts, and queue the one mail of this pass."""
    with box.store.write() as tx:
        return judge(tx, box, runners.lock(tx, runner_id), silent=silent)


def judge(tx: Tx, box: Box, runner: Runner, *, silent: bool = False) -> Judged:
    """The same inside a transaction that changed something.

    While history comes in nothing is judged but pain; when all of it is there, findings are recorded as
    seen."""
    now = box.now()
    if runner.catching_up and (sources.waiting(tx, runner.id) or _is_taking_in(runner, now)):
        return _judge_pain(tx, box, runner)
    facts = keep_up(tx, box, runner, facts_store.load(tx, runner, now))
    changes = _decide(tx, runner, facts, silent=silent or runner.catching_up is not None)
    judged = _write(tx, box, runner, facts, changes)
    if runner.catching_up:
        _close_catching_up(tx, box, runner, facts)
    return judged


def _judge_pain(tx: Tx, box: Box, runner: Runner) -> Judged:
    """What the runner says of their body needs no history to alarm; nothing else opens, and nothing ends."""
    facts = facts_store.load(tx, runner, box.now())
    if not facts.body.check_ins:
        return Judged()
    changes = decide(
        of_answers(facts),
        [a for a in messages.alerts(tx, runner.id, resolved_since=facts.now - LOOK_BACK) if a.rule in PAIN],
        facts=facts,
        silent=True,
        mails_in_7_days=0,
        load_push_in_7_days=False,
    )
    told = [change for change in changes if isinstance(change, Open | Raise) and change.push]
    return _write(tx, box, runner, facts, told)


def _is_taking_in(runner: Runner, now: datetime) -> bool:
    """A look or import is under way, maybe in another process; after a kill its lease runs out."""
    return runner.taking_in_until is not None and runner.taking_in_until > now


def _decide(tx: Tx, runner: Runner, facts: Facts, *, silent: bool) -> list[Change]:
    now = facts.now
    return decide(
        rules.evaluate(facts),
        messages.alerts(tx, runner.id, resolved_since=now - LOOK_BACK),
        facts=facts,
        silent=silent,
        mails_in_7_days=messages.mails_since(tx, runner.id, now - WEEK),
        load_push_in_7_days=messages.load_push_since(tx, runner.id, now - WEEK),
    )


def _write(tx: Tx, box: Box, runner: Runner, facts: Facts, changes: Sequence[Change]) -> Judged:
    pushed: dict[int, Finding] = {}
    opened = resolved = 0
    for change in changes:
        match change:
            case Open():
                opened += 1
                held = {"in_weekly": change.weekly, "held_back": change.held_back}
                alert_id = messages.open_alert(
                    tx, runner.id, change.finding, change.state, facts.now, facts.today, **held
                )
            case Raise():
                alert_id = change.alert_id
                messages.refresh_alert(tx, alert_id, change.finding, facts.today)
                held = {"in_weekly": change.weekly, "held_back": change.held_back}
                messages.change_alert(tx, alert_id, state=change.state, snoozed_until=None, **held)
            case Refresh():
                messages.refresh_alert(tx, change.alert_id, change.finding, facts.today)
                continue
            case Resolve():
                resolved += 1
                messages.resolve_alert(tx, change.alert_id, facts.now)
                continue
        if change.push:
            pushed[alert_id] = change.finding
    delivery_id = _post_alerts(tx, box, runner, facts, pushed) if pushed else None
    return Judged(opened, resolved, delivery_id)


def _post_alerts(tx: Tx, box: Box, runner: Runner, facts: Facts, pushed: dict[int, Finding]) -> int | None:
    """All alerts of one pass are one mail, where the runner wants it; beside it go push and webhooks."""
    findings = list(pushed.values())
    ids = {(f.rule, f.subject): alert_id for alert_id, f in pushed.items()} | episode_numbers(tx, runner)
    letter = mails.alert_mail(findings, facts, ids=ids)
    message = render.alert_mail(addressed(tx, box, runner, letter))
    for alert_id in pushed:
        messages.change_alert(tx, alert_id, pushed_at=facts.now)
    exempt = all(f.level == ALARM or f.rule in OUTSIDE_BUDGET for f in findings)
    until = max(_news_until(f, runner, facts.now) for f in findings)
    counts, mailed = not exempt, runner.alert_mail
    delivery_id = None
    if mailed:
        delivery_id = post(
            tx,
            box,
            runner,
            "alert",
            message,
            alert_ids=pushed,
            news_until=until,
            counts_in_budget=counts,
            urgent=any_urgent(findings),
            by_day=by_calendar(findings),
        )
    post_beside(
        tx, box, runner, message.subject, pushed, news_until=until, counts_in_budget=counts and not mailed
    )
    return delivery_id


def episode_numbers(tx: Tx, runner: Runner) -> dict[tuple[str, str], int]:
    """Where a mail of pain leads to."""
    kept = body.kept_episodes(tx, runner.id)
    return {(EPISODE, pain.key(e.spot, e.opened_on)): e.id for e in kept}


def _news_until(finding: Finding, runner: Runner, now: datetime) -> datetime:
    """An alarm of pain outlasts its window: what was pushed for it is not withdrawn in a quiet night."""
    days = None if is_urgent(finding) else NEWS[finding.rule].days
    last = now.date() + WEEK if days is None else finding.happened_on + timedelta(days=days)
    return end_of(last, runner)


def end_of(day: date, runner: Runner) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(runner.zone_on(day)))


def _close_catching_up(tx: Tx, box: Box, runner: Runner, facts: Facts) -> None:
    """A first import ends in one notice: what came in, and what is true today."""
    runners.change(tx, runner.id, catching_up=None)
    came_in = activities.totals(tx, runner.id)
    if runner.catching_up != "first" or not came_in.activities:
        return
    files = sources.file_counts(tx, runner.id)
    counts = mails.Counts(
        came_in.runs,
        came_in.run_m,
        came_in.first_run_on,
        came_in.last_run_on,
        activities=came_in.activities,
        ignored=files["ignored"],
        bad=files["bad"],
    )
    message = render.notice_mail(addressed(tx, box, runner, mails.notice(facts, counts)))
    news_until = facts.now + timedelta(days=14)
    post(tx, box, runner, "notice", message, news_until=news_until)
    _leave_out_weekly(tx, runner, facts)


def _leave_out_weekly(tx: Tx, runner: Runner, facts: Facts) -> None:
    """The notice says what is true today: the weekly mail due at this moment would say it twice."""
    due = weekly_due(facts.now, runner.zone_on, runner.first_weekday, stale=False)
    if due and not messages.week_written(tx, runner.id, due):
        messages.write_week(tx, runner.id, due, "in-notice", None, facts.now)
