"""What the runner says of themselves: pauses, injuries and planned races."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.domain import kept
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.facts import Pause
from midsole.store import runners
from midsole.store.base import Tx

REASONS = ("injured", "ill", "holiday", "break")


@dataclass(frozen=True, slots=True)
class Said:
    """All that was said; injuries and races with the runner's own word for them."""

    pauses: tuple[Pause, ...]
    injuries: list[tuple[date, str | None]]
    races: list[tuple[date, str | None]]


def said(box: Box, runner_id: int) -> Said:
    with box.store.read() as tx:
        return Said(
            runners.pauses(tx, runner_id),
            runners.noted_injuries(tx, runner_id),
            runners.races(tx, runner_id),
        )


def pause(box: Box, runner_id: int, since: date | None, until: date | None, reason: str) -> Pause:
    """Note a pause: from today unless said otherwise, open-ended where no end is known yet."""
    if reason not in REASONS:
        raise UsageError(f"There is no reason {reason!r}. Known: {', '.join(REASONS)}.")
    kept.check_days(since, until)
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        said = Pause(since or runner.today(box.now()), until, reason)
        _check(said, runners.pauses(tx, runner_id))
        runners.add_pause(tx, runner_id, said)
    evaluate(box, runner_id)
    return said


def _check(said: Pause, known: tuple[Pause, ...]) -> None:
    if said.until_date and said.until_date < said.from_date:
        raise UsageError(f"The pause would end on {said.until_date}, before it begins on {said.from_date}.")
    for other in known:
        if _overlap(said, other):
            raise UsageError(
                f"There is a pause from {other.from_date} to {other.until_date or 'an open end'} already. "
                "An open one is ended with `midsole pause --end DATE`."
            )


def _overlap(one: Pause, other: Pause) -> bool:
    return one.from_date <= (other.until_date or date.max) and other.from_date <= (one.until_date or date.max)


def end_pause(box: Box, runner_id: int, until: date) -> None:
    """`until` is the last day of the pause."""
    kept.check_days(until)
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        still = [p for p in runners.pauses(tx, runner_id) if p.until_date is None]
        if not still:
            raise UsageError("No pause is open. Note one with `midsole pause --from DATE --until DATE`.")
        if late := [p for p in still if p.from_date > until]:
            raise UsageError(f"The open pause begins on {late[0].from_date}; it can't end before.")
        runners.end_pause(tx, runner_id, until)
    evaluate(box, runner_id)


def injury(box: Box, runner_id: int, on: date, note: str | None) -> None:
    """A running injury, kept as the runner says it and shown on the page of the body; no rule reads it.

    The same day twice is one injury."""
    kept.check_days(on)
    word = kept.text_of("A note", note)
    with box.store.write() as tx:
        if on > runners.lock(tx, runner_id).today(box.now()):
            raise UsageError(f"{on} lies in the future; an injury is noted on the day it happened.")
        if on not in runners.injuries(tx, runner_id):
            runners.add_injury(tx, runner_id, on, word)
    evaluate(box, runner_id)


def race(box: Box, runner_id: int, on: date, name: str | None) -> None:
    """A planned race; the same day twice is refused."""
    kept.check_days(on)
    clean = kept.text_of("The name of a race", name)
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        if on in (day for day, _ in runners.races(tx, runner_id)):
            raise UsageError(f"There is a race on {on} already. See `midsole race list`.")
        runners.add_race(tx, runner_id, on, clean)
    evaluate(box, runner_id)


def races(box: Box, runner_id: int) -> list[tuple[date, str | None]]:
    with box.store.read() as tx:
        return runners.races(tx, runner_id)


def remove_pause(box: Box, runner_id: int, from_date: date) -> None:
    """Take back the pause that begins on that day: it was entered by mistake."""
    _remove(box, runner_id, f"a pause from {from_date}", runners.remove_pause, from_date)


def remove_injury(box: Box, runner_id: int, on: date) -> None:
    _remove(box, runner_id, f"an injury on {on}", runners.remove_injury, on)


def remove_race(box: Box, runner_id: int, on: date) -> None:
    _remove(box, runner_id, f"a race on {on}", runners.remove_race, on)


def _remove(box: Box, runner_id: int, what: str, gone: Callable[[Tx, int, date], bool], day: date) -> None:
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        if not gone(tx, runner_id, day):
            raise NotThere(f"Nothing is known of {what}.")
    evaluate(box, runner_id)
