"""The weekly mail: once per runner and week, written in the transaction that marks the week."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from midsole.actions.asking import morning_question
from midsole.actions.box import Box
from midsole.actions.evaluate import episode_numbers
from midsole.actions.post import addressed, post
from midsole.deliver import render
from midsole.deliver.base import Message
from midsole.domain import digest, rules
from midsole.domain.asking import Question
from midsole.domain.asking_mail import question_beside
from midsole.domain.connection import awaited
from midsole.domain.letter import WARNING, WATCH
from midsole.domain.sections import NOTHING
from midsole.domain.weeks import WEEK
from midsole.domain.weeks import week_start as week_start_of
from midsole.domain.when import WEEKLY_NEWS_FOR, weekly_due
from midsole.store import body, files, messages, runners, sources
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.runners import Runner


@dataclass(frozen=True, slots=True)
class Written:
    """A weekly mail as text and HTML, with its verdict."""

    week_start: date
    verdict: str
    message: Message
    asks: Question | None = None
    """Of this morning, asked by it in passing."""


def weekly_all(box: Box) -> None:
    with box.store.read() as tx:
        known = [r.id for r in runners.everyone(tx)]
    for runner_id in known:
        weekly_if_due(box, runner_id)


def weekly_if_due(box: Box, runner_id: int) -> date | None:
    """Write the mail of the week just ended if it is due and not written; returns its first day."""
    with box.store.write() as tx:
        runner, now = runners.lock(tx, runner_id), box.now()
        due = weekly_due(now, runner.zone_on, runner.first_weekday, is_stale(tx, runner, now))
        if due is None or runner.catching_up or messages.week_written(tx, runner_id, due):
            return None
        if runner.today(runner.created_at) >= due + WEEK:
            return None
        written = write(tx, box, runner, due, now, asking=True)
        wanted = runner.weekly_mail == "every" or (
            runner.weekly_mail == "warnings" and written.verdict in (WARNING, WATCH)
        )
        delivery_id = _post(tx, box, runner, written) if wanted else None
        messages.write_week(tx, runner_id, due, written.verdict, delivery_id, now)
        if delivery_id is not None and (asked := written.asks):
            body.ask(tx, runner_id, asked.on_day, asked.moment, now)
        return due


def is_stale(tx: Tx, runner: Runner, now: datetime) -> bool:
    """A source that could not be looked at for longer than the runner's limit."""
    oldest = now - timedelta(hours=runner.limits.silent_look_h)
    return any((s.last_success_at or s.created_at) < oldest for s in awaited(sources.health(tx, runner.id)))


def write(
    tx: Tx, box: Box, runner: Runner, week_start: date, now: datetime, *, asking: bool = False
) -> Written:
    """The mail about that week, as it stands now; `asking`: with the question of this morning."""
    last_day = week_start + WEEK - timedelta(days=1)
    long_ago = last_day < runner.today(now) - WEEK
    facts = facts_store.load(tx, runner, now, until=last_day if long_ago else None)
    alerts = messages.alerts(tx, runner.id, resolved_since=now - 2 * WEEK)
    held = messages.held_back(tx, runner.id, now - WEEK)
    question = morning_question(tx, runner, facts) if asking else None
    found = digest.weekly(
        facts,
        week_start,
        alerts,
        rules.evaluate(facts),
        late=[text for text, why in held if why == "late"],
        unread_files=files.unread(tx, runner.id),
        unread_news=files.unread(tx, runner.id, messages.mailed_before(tx, runner.id, week_start)),
        first_ever=not messages.any_week_written(tx, runner.id),
        stale=is_stale(tx, runner, now),
        episodes=episode_numbers(tx, runner),
        asked=question_beside(question) if question else NOTHING,
    )
    message = render.weekly_mail(addressed(tx, box, runner, found))
    return Written(week_start, found.verdict, message, question)


def _post(tx: Tx, box: Box, runner: Runner, written: Written, *, at_once: bool = False) -> int:
    news_until = box.now() + WEEKLY_NEWS_FOR
    return post(tx, box, runner, "weekly", written.message, news_until=news_until, at_once=at_once)


def preview(box: Box, runner_id: int, week_start: date | None = None) -> Written:
    """The mail of that week (none named: the week just ended) as it would read now."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        return write(tx, box, runner, week_start or _just_ended(runner, box.now()), box.now())


def send_now(box: Box, runner_id: int, week_start: date | None = None) -> Written:
    """Write and queue it because the runner asked; the week then counts as written."""
    with box.store.write() as tx:
        runner, now = runners.lock(tx, runner_id), box.now()
        written = write(tx, box, runner, week_start or _just_ended(runner, now), now)
        delivery_id = _post(tx, box, runner, written, at_once=True)
        if not messages.week_written(tx, runner_id, written.week_start):
            messages.write_week(tx, runner_id, written.week_start, written.verdict, delivery_id, now)
        return written


def _just_ended(runner: Runner, now: datetime) -> date:
    return week_start_of(runner.today(now), runner.first_weekday) - WEEK
