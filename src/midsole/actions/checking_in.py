"""Check-ins: what the runner says of their body is kept, and what follows from it is told at once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import judge
from midsole.domain import caps
from midsole.domain.check_in_words import asked_about, in_words, level_now, what_follows
from midsole.domain.checkins import CheckIn, checked
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.facts import ALARM
from midsole.domain.pain import in_order, open_episodes, standing
from midsole.domain.when import local
from midsole.store import activities, body, runners
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.runners import Runner

FARTHEST_BACK = timedelta(days=400)
DOUBLE_CLICK = timedelta(minutes=1)
FELT_LATELY = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with what follows from it: `said` are the sentences to show at once, red flags first.

    `level` is of its place (note, warn, alarm; None: painless), `standing` of the whole body."""

    check_in: CheckIn
    level: str | None
    standing: str | None
    said: tuple[str, ...]
    cap: caps.Cap
    episode_id: int | None = None

    @property
    def holds(self) -> str | None:
        """The level whose restrictions hold: who must not run for one place must not run at all."""
        return ALARM if self.level and self.standing == ALARM else self.level


def check_in(box: Box, runner_id: int, said: CheckIn) -> Answered:
    """Keep it and judge; the same answer twice is one."""
    now, answer = box.now(), _fit(said)
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        _check_day(answer.on_day, runner.today(now))
        known = _said_already(tx, runner_id, answer, now)
        if known is None:
            known = body.add_check_in(tx, runner_id, answer, now)
            judge(tx, box, runner)
        return _answered(tx, box, runner, known)


def check_ins(box: Box, runner_id: int) -> list[CheckIn]:
    """All of them, the newest first."""
    with box.store.read() as tx:
        return in_order(body.check_ins(tx, runner_id))[::-1]


def one(box: Box, runner_id: int, check_in_id: int) -> Answered:
    """An answer that is kept, with what follows from it by now."""
    with box.store.read() as tx:
        return _answered(tx, box, runners.get(tx, runner_id), check_in_id)


def remove(box: Box, runner_id: int, check_in_id: int) -> None:
    """It was wrong: what followed from it follows no more."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        if not body.remove_check_in(tx, runner_id, check_in_id):
            raise NotThere(_no_such(check_in_id))
        judge(tx, box, runner)


def asked_now(box: Box, runner_id: int) -> tuple[date, str]:
    """The day and the moment that a form starts with."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        now = local(box.now(), runner.zone_on)
        since, until = now.date() - FELT_LATELY, now.date() + timedelta(days=1)
        ran = {a.local_date for a in activities.between(tx, runner_id, since, until) if a.is_run}
    return asked_about(now, ran)


def shown(answer: CheckIn) -> dict[str, Any]:
    """As JSON has it, and every other list."""
    return {
        "id": answer.id,
        "on_day": answer.on_day,
        "moment": answer.moment,
        "level": answer.level,
        "place": answer.place,
        "side": answer.side,
        "kind": answer.kind,
        "signs": list(answer.signs),
        "note": answer.note,
        "said_at": answer.said_at,
        "words": in_words(answer),
    }


def shown_with_what_follows(found: Answered) -> dict[str, Any]:
    return shown(found.check_in) | {
        "standing": found.standing,
        "said": list(found.said),
        "next_run_m": found.cap.next_run_m,
        "because": found.cap.because,
        "episode_id": found.episode_id,
    }


def _fit(said: CheckIn) -> CheckIn:
    return checked(
        said.on_day,
        said.moment,
        said.level,
        place=said.place,
        side=said.side,
        kind=said.kind,
        signs=said.signs,
        note=said.note,
    )


def _check_day(on_day: date, today: date) -> None:
    if on_day > today:
        raise UsageError(f"{on_day} lies in the future: say how it was, not how it may be.")
    if on_day < today - FARTHEST_BACK:
        raise UsageError(f"{on_day} is too long ago: an answer goes back {FARTHEST_BACK.days} days at most.")


def _said_already(tx: Tx, runner_id: int, answer: CheckIn, now: datetime) -> int | None:
    """Pressed twice, or "all fine" tapped again in an old mail while nothing else was said since."""
    that_day = body.check_ins(tx, runner_id, since=answer.on_day, until=answer.on_day)
    then = [known for known in that_day if known.moment == answer.moment]
    for known in reversed(then):
        pressed_twice = known.said_at is not None and now - known.said_at < DOUBLE_CLICK
        fine_again = known is then[-1] and answer.place is None
        if _words(known) == _words(answer) and (pressed_twice or fine_again):
            return known.id
    return None


def _words(answer: CheckIn) -> tuple[object, ...]:
    return (answer.level, answer.place, answer.side, answer.kind, answer.signs, answer.note)


def _answered(tx: Tx, box: Box, runner: Runner, check_in_id: int) -> Answered:
    answer = next((a for a in body.check_ins(tx, runner.id) if a.id == check_in_id), None)
    if answer is None:
        raise NotThere(_no_such(check_in_id))
    facts = facts_store.load(tx, runner, box.now())
    episode = next((e for e in open_episodes(facts) if e.spot == answer.spot), None)
    kept = {(e.spot, e.opened_on): e.id for e in body.kept_episodes(tx, runner.id)}
    return Answered(
        answer,
        level_now(facts, answer),
        standing(facts),
        what_follows(facts, answer),
        caps.cap(facts),
        kept.get((episode.spot, episode.opened_on)) if episode else None,
    )


def _no_such(check_in_id: int) -> str:
    return f"There is no check-in {check_in_id}."
