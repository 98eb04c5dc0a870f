"""Questions to the runner: how were the feet, after a run and the next morning."""

from datetime import UTC, date, datetime, time, timedelta

from midsole.actions.box import Box
from midsole.actions.nudging import nudge
from midsole.domain.alerts import BUDGET_DAYS, BUDGET_MAILS
from midsole.domain.asking import EVERY, HOW, NEVER, REST_DAYS, Question, may_take_both, questions, settled
from midsole.domain.asking_mail import question_mail
from midsole.domain.checkins import AFTER, MORNING
from midsole.domain.errors import UsageError
from midsole.domain.facts import Facts
from midsole.domain.taps import CHECK_IN
from midsole.domain.weeks import DAY
from midsole.domain.when import local, quiet_until
from midsole.store import asking as store
from midsole.store import body, messages, runners
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.runners import Runner

BUDGET = timedelta(days=BUDGET_DAYS)
BETWEEN_REST_MAILS = 2 * DAY
"""Of mornings without a run before, every third is mailed: five answers in 14 days."""


def open_questions(box: Box, runner_id: int) -> list[Question]:
    """What the page offers to answer now, the oldest first; also where no mail may ask."""
    with box.store.read() as tx:
        runner, now = runners.get(tx, runner_id), box.now()
        facts = facts_store.load(tx, runner, now)
    return list(questions(facts, local(now, runner.zone_on)))


def set_ask(box: Box, runner_id: int, how: str) -> None:
    """rules, every or none; whoever wants none gets not even what waits."""
    if how not in HOW:
        raise UsageError(f"There is no way of asking {how!r}. Known: {', '.join(HOW)}.")
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        runners.change(tx, runner_id, check_in_ask=how)
        if how == NEVER:
            mine = [row for row in store.waiting(tx, runner_id) if row.kind == CHECK_IN]
            store.withdraw(tx, mine, box.now())


def ask_all(box: Box) -> None:
    """One mail a question, when its time has come; what was answered before it went out is taken back."""
    now = box.now()
    with box.store.read() as tx:
        due = _due(tx, now)
        answered = {row.runner_id for row in store.waiting(tx) if row.kind == CHECK_IN}
    for runner_id in sorted(due | answered):
        _ask(box, runner_id)


def _due(tx: Tx, now: datetime) -> set[int]:
    """Runners of whom something may be asked just now: three small queries for all of them together."""
    first = now.date() - 2 * DAY
    ran, asked = store.run_days(tx, first), store.asked(tx, first)
    sore = store.sore_since(tx, now.date() - (REST_DAYS + 1) * DAY)
    return {
        r.id
        for r in runners.everyone(tx)
        if _may_be_asked(r, now)
        and _is_due(r, now, ran.get(r.id, set()), asked.get(r.id, set()), r.id in sore)
    }


def _may_be_asked(runner: Runner, now: datetime) -> bool:
    wanted = runner.check_in_ask != NEVER and not runner.is_demo and not runner.catching_up
    return wanted and quiet_until(now, runner.zone_on, runner.quiet_from, runner.quiet_until) is None


def _is_due(runner: Runner, now: datetime, ran: set[date], asked: set[tuple[date, str]], sore: bool) -> bool:
    today = runner.today(now)
    morning = (today - DAY in ran or sore) and (today, MORNING) not in asked
    return morning or (today in ran and (today, AFTER) not in asked)


def _ask(box: Box, runner_id: int) -> None:
    with box.store.write() as tx:
        runner, now = runners.lock(tx, runner_id), box.now()
        facts, clock = facts_store.load(tx, runner, now), local(now, runner.zone_on)
        _take_back(tx, facts, runner_id, now)
        if not _may_be_asked(runner, now):
            return
        asked = body.asked(tx, runner_id, facts.today - 3 * DAY)
        is_history = store.was_noticed(tx, runner_id, now - DAY)
        found = {} if is_history else {(q.on_day, q.moment): q for q in questions(facts, clock)}
        for key, question in found.items():
            if key not in asked and _is_time(question, facts, clock):
                _mail(tx, box, runner, facts, question, asked)
        for moment in settled(facts, clock):
            if (facts.today, moment) not in asked | found.keys():
                body.ask(tx, runner_id, facts.today, moment, now)


def _is_time(question: Question, facts: Facts, clock: datetime) -> bool:
    """An evening that was missed is asked about by the page alone: the next morning has its own question."""
    return question.mail_from <= clock and question.on_day == facts.today


def _mail(
    tx: Tx, box: Box, runner: Runner, facts: Facts, question: Question, asked: set[tuple[date, str]]
) -> None:
    """Where the budget has no room the question stands on the page alone."""
    wanted = runner.check_in_ask == EVERY and question.after_run
    lately = {on for on, moment in asked if moment == MORNING and question.on_day - on <= BETWEEN_REST_MAILS}
    is_soon = not question.after_run and bool(lately)
    delivery_id = None
    if not is_soon and (wanted or _has_room(tx, runner, facts, question)):
        letter, until = question_mail(question), question.until
        delivery_id = nudge(tx, box, runner, CHECK_IN, letter, until=until, counts_in_budget=not wanted)
    if delivery_id is not None or question.after_run:
        body.ask(tx, runner.id, question.on_day, question.moment, box.now(), delivery_id)


def _has_room(tx: Tx, runner: Runner, facts: Facts, question: Question) -> bool:
    """After the run only where the next morning has room, too: it is the better question.

    The days of the budget are the runner's own: a question of every Monday may come a minute earlier."""
    began = datetime.combine(facts.today - BUDGET + DAY, time(), question.since.tzinfo).astimezone(UTC)
    is_warned = messages.load_push_since(tx, runner.id, began)
    kept = 0 if is_warned or may_take_both(facts) else 1
    others = 1 if question.moment == AFTER else 0
    return messages.mails_since(tx, runner.id, began) + others + kept < BUDGET_MAILS


def morning_question(tx: Tx, runner: Runner, facts: Facts) -> Question | None:
    """What another mail of this moment may ask, so that none of its own is needed."""
    if runner.check_in_ask == NEVER or store.was_noticed(tx, runner.id, facts.now - DAY):
        return None
    clock, asked = local(facts.now, runner.zone_on), body.asked(tx, runner.id, facts.today)
    found = (q for q in questions(facts, clock) if q.moment == MORNING and (q.on_day, q.moment) not in asked)
    return next((q for q in found if _is_time(q, facts, clock)), None)


def _take_back(tx: Tx, facts: Facts, runner_id: int, now: datetime) -> None:
    said = {(a.on_day, a.moment) for a in facts.body.check_ins}
    rows = (row for row in store.waiting(tx, runner_id) if (row.on_day, row.about) in said)
    store.withdraw(tx, rows, now)
