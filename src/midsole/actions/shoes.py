"""Pairs: add, change, retire, remove, and which one is the default."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.wearing import wear_other_days
from midsole.domain import kept
from midsole.domain.errors import UsageError
from midsole.domain.shoes import (
    DEFAULT_REACH,
    LIMIT_M_BY_KIND,
    START_ESTIMATED,
    START_KNOWN,
    START_UNKNOWN,
    Shoe,
)
from midsole.domain.wearing import NO_PAIR, Default
from midsole.store import activities, runners, shoes
from midsole.store.base import Tx
from midsole.store.runners import Runner

ALWAYS = date(1970, 1, 1)
"""The first pair is the default from the beginning, as far as its own dates allow."""
DAYS = ("bought_on", "first_used_on", "retired_on")


@dataclass(frozen=True, slots=True)
class Start:
    """The start distance as the runner tells it: known metres, "worn since about" a day, or unknown."""

    known_m: float | None = None
    worn_since: date | None = None
    unknown: bool = False


def find_shoe(tx: Tx, runner_id: int, name: str) -> Shoe:
    """By name, or by a part of it that fits one pair only."""
    pairs = shoes.pairs(tx, runner_id)
    exact = [s for s in pairs if s.name.casefold() == name.casefold()]
    found = exact or [s for s in pairs if name.casefold() in s.name.casefold()]
    if len(found) != 1:
        known = ", ".join(s.name for s in pairs) or "none yet; add one with `midsole shoes add`"
        raise UsageError(f"{'Several pairs fit' if found else 'There is no pair'} {name!r}. Known: {known}.")
    return found[0]


def known(box: Box, runner_id: int) -> list[Shoe]:
    """Every pair, also the retired ones, in the order they were added."""
    with box.store.read() as tx:
        return shoes.pairs(tx, runner_id)


def add_shoe(
    box: Box, runner_id: int, name: str, kind: str, start: Start, **details: Any
) -> tuple[Shoe, bool]:
    """The new pair, and whether it is the first and so became the default for running.

    `details`: model, limit_m, bought_on, first_used_on, price."""
    clean = _checked_name(name)
    details = _checked(kind, start, details)
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        before = shoes.pairs(tx, runner_id)
        if clean.casefold() in (s.name.casefold() for s in before):
            raise UsageError(
                f"There is a pair {clean!r} already. Give this one another name, say with its year."
            )
        start_m, start_how = _start(tx, runner, start, box)
        row = {"limit_m": LIMIT_M_BY_KIND[kind], **{k: v for k, v in details.items() if v is not None}}
        shoe_id = shoes.add(
            tx, runner_id, box.now(), name=clean, kind=kind, start_m=start_m, start_how=start_how, **row
        )
        if not before:
            shoes.set_default(tx, runner_id, Default("running", None, ALWAYS, shoe_id))
        added = next(s for s in shoes.pairs(tx, runner_id) if s.id == shoe_id)
    evaluate(box, runner_id, silent=True)
    return added, not before


def _start(tx: Tx, runner: Runner, start: Start, box: Box) -> tuple[float | None, str]:
    if start.unknown:
        return None, START_UNKNOWN
    if start.worn_since is None:
        return start.known_m or 0.0, START_KNOWN
    weeks = (runner.today(box.now()) - start.worn_since).days / 7
    week_m = _own_week_m(tx, runner, box)
    if weeks < 0:
        raise UsageError("The day since when it is worn lies in the future.")
    return (None, START_UNKNOWN) if week_m is None else (round(weeks * week_m, -3), START_ESTIMATED)


def _own_week_m(tx: Tx, runner: Runner, box: Box) -> float | None:
    """The runner's own kilometres a week: as told at the start, else as run so far."""
    if runner.start.usual_week_m:
        return runner.start.usual_week_m
    known = activities.totals(tx, runner.id)
    if known.first_run_on is None:
        return None
    weeks = max(4.0, (runner.today(box.now()) - known.first_run_on).days / 7)
    return known.run_m / weeks


def _checked_name(name: str) -> str:
    clean = kept.name_of("A pair", name)
    if clean.casefold() in NO_PAIR:
        word = clean.capitalize()
        raise UsageError(f"{word} is what runs without a pair are called; give this one another name.")
    return clean


def _checked(kind: str | None, start: Start | None, details: dict[str, Any]) -> dict[str, Any]:
    """The details as they can be kept."""
    if kind is not None and kind not in LIMIT_M_BY_KIND:
        raise UsageError(f"There is no kind {kind!r}. Known: {', '.join(LIMIT_M_BY_KIND)}.")
    kept.check_limit(details.get("limit_m"))
    kept.check_price(details.get("price"))
    kept.check_distance(start.known_m if start else None)
    kept.check_days(*(details.get(name) for name in DAYS), start.worn_since if start else None)
    if "model" in details:
        return details | {"model": kept.text_of("A model", details["model"], kept.LONGEST_NAME)}
    return details


def edit_shoe(box: Box, runner_id: int, name: str, start: Start | None = None, /, **changes: Any) -> Shoe:
    """Change what was given. New limits and starts are set-up: what they make true is not news."""
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        shoe = find_shoe(tx, runner_id, name)
        changes = _checked(changes.get("kind"), start, changes)
        if "name" in changes:
            changes["name"] = _checked_name(changes["name"])
        _refuse_taken(tx, runner_id, shoe, changes)
        if start is not None:
            changes["start_m"], changes["start_how"] = _start(tx, runner, start, box)
        if changes:
            shoes.change(tx, shoe.id, **changes)
        changed = next(s for s in shoes.pairs(tx, runner_id) if s.id == shoe.id)
        _refuse_against_own_word(tx, shoe, changed, "name other dates")
        wear_other_days(tx, runner, shoe.id, f"Other dates of {changed.name}", box)
    evaluate(box, runner_id, silent=True)
    return changed


def _refuse_taken(tx: Tx, runner_id: int, shoe: Shoe, changes: dict[str, Any]) -> None:
    wanted = changes.get("name", shoe.name).casefold()
    if wanted in (s.name.casefold() for s in shoes.pairs(tx, runner_id) if s.id != shoe.id):
        raise UsageError(f"There is a pair {changes['name']!r} already.")


def retire(box: Box, runner_id: int, name: str, on: date | None, reason: str | None) -> Shoe:
    """From the next day on nobody wears it; it is never the default again until un-retired."""
    kept.check_days(on)
    why = kept.text_of("A reason", reason)
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        shoe = find_shoe(tx, runner_id, name)
        day = on or runner.today(box.now())
        shoes.change(tx, shoe.id, retired_on=day, retired_reason=why)
        changed = next(s for s in shoes.pairs(tx, runner_id) if s.id == shoe.id)
        _refuse_against_own_word(tx, shoe, changed, "retire it later")
        wear_other_days(tx, runner, shoe.id, f"{shoe.name} was retired on {day}", box)
    evaluate(box, runner_id, silent=True)
    return changed


def _refuse_against_own_word(tx: Tx, before: Shoe, after: Shoe, way_out: str) -> None:
    """What the runner said wins: they must move the runs first that the new dates make impossible."""
    days = [day for day in shoes.said_days(tx, before.id) if before.can_be_worn_on(day)]
    against = [day for day in days if not after.can_be_worn_on(day)]
    if against:
        raise UsageError(
            f"{before.name} was worn on {against[-1]} by your own word. Re-assign that run, or {way_out}."
        )


def unretire(box: Box, runner_id: int, name: str) -> Shoe:
    return edit_shoe(box, runner_id, name, retired_on=None, retired_reason=None)


def remove(box: Box, runner_id: int, name: str) -> Shoe:
    """Only where nothing was worn; a worn pair is retired instead."""
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        shoe = find_shoe(tx, runner_id, name)
        if shoes.runs_in(tx, shoe.id):
            raise UsageError(f"{shoe.name} was worn: retire it instead (`midsole shoes retire`).")
        shoes.remove(tx, shoe.id)
        return shoe


def set_default(
    box: Box, runner_id: int, name: str | None, sport: str, surface: str | None, since: date | None = None
) -> Default:
    """From that day on runs of that sport (and surface) go on this pair; no name takes the default away.

    What is worn already stays. The first default of a sport also takes runs of the last days that are still
    to be synced; a later one begins today."""
    kept.check_days(since)
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        shoe = find_shoe(tx, runner_id, name) if name else None
        if shoe and shoe.retired_on:
            raise UsageError(f"{shoe.name} is retired since {shoe.retired_on}; un-retire it first.")
        known = any((d.sport, d.surface) == (sport, surface) for d in shoes.defaults(tx, runner_id))
        today = runner.today(box.now())
        begins = since or (today if known else today - DEFAULT_REACH)
        default = Default(sport, surface, begins, shoe.id if shoe else None)
        shoes.set_default(tx, runner_id, default)
        return default
