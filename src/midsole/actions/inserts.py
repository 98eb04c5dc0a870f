"""Insoles, orthotics and pads: add, change, fit into a pair, take out, retire, remove, and what they wore."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import evaluate
from midsole.actions.shoes import find_shoe
from midsole.domain import inserts as domain
from midsole.domain import kept
from midsole.domain.errors import UsageError
from midsole.domain.forecast import cost_per_km, forecast
from midsole.domain.inserts import KINDS, LIMIT_M, Fitting, Insert, InsertWorn, Refitted
from midsole.domain.shoes import Shoe
from midsole.store import facts, inserts, runners, shoes
from midsole.store.base import Tx
from midsole.store.runners import Runner

type View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Into:
    """Into which pair, and on which days; from today on unless told otherwise."""

    shoe_name: str
    from_date: date | None = None
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """An insert in a pair, what that changed, and how the pairs are called."""

    insert: Insert
    refitted: Refitted
    names: dict[int, str]


def find_insert(tx: Tx, runner_id: int, name: str) -> Insert:
    """By name, or by a part of it that fits one insert only."""
    mine = inserts.inserts(tx, runner_id)
    exact = [i for i in mine if i.name.casefold() == name.casefold()]
    found = exact or [i for i in mine if name.casefold() in i.name.casefold()]
    if len(found) != 1:
        known = ", ".join(i.name for i in mine) or "none yet; add one with `midsole inserts add`"
        raise UsageError(
            f"{'Several inserts fit' if found else 'There is no insert'} {name!r}. Known: {known}."
        )
    return found[0]


@contextmanager
def _changing(box: Box, runner_id: int) -> Iterator[tuple[Tx, Runner]]:
    """Set-up, like that of pairs: what it makes true is shown, and is no news."""
    with box.store.write() as tx:
        yield tx, runners.lock(tx, runner_id)
    evaluate(box, runner_id, silent=True)


def add(
    box: Box, runner_id: int, name: str, kind: str, into: Into | None = None, **details: Any
) -> tuple[Insert, Fitted | None]:
    """The new insert, fitted at once where `into` is given. `details`: limit_m, start_m, price."""
    given = {key: value for key, value in details.items() if value is not None}
    with _changing(box, runner_id) as (tx, runner):
        clean = _checked_name(tx, runner_id, name)
        _check(kind, given)
        row = {"limit_m": LIMIT_M, **given}
        insert_id = inserts.add(tx, runner_id, box.now(), name=clean, kind=kind, **row)
        added = next(i for i in inserts.inserts(tx, runner_id) if i.id == insert_id)
        return added, _fit(tx, runner, added, into, box) if into else None


def edit(box: Box, runner_id: int, name: str, /, **changes: Any) -> Insert:
    """Change what was given: name, kind, limit_m, start_m, price."""
    with _changing(box, runner_id) as (tx, _):
        insert = find_insert(tx, runner_id, name)
        if "name" in changes:
            changes["name"] = _checked_name(tx, runner_id, changes["name"], insert.id)
        _check(changes.get("kind", insert.kind), changes)
        inserts.change(tx, insert.id, **changes)
        return _known(tx, runner_id, insert)


def _known(tx: Tx, runner_id: int, insert: Insert) -> Insert:
    return next(i for i in inserts.inserts(tx, runner_id) if i.id == insert.id)


def _checked_name(tx: Tx, runner_id: int, name: str, own_id: int | None = None) -> str:
    clean = kept.name_of("An insert", name)
    others = (i.name.casefold() for i in inserts.inserts(tx, runner_id) if i.id != own_id)
    if clean.casefold() in others:
        raise UsageError(
            f"There is an insert {clean!r} already. Give this one another name, say with its year."
        )
    return clean


def _check(kind: str, details: dict[str, Any]) -> None:
    if kind not in KINDS:
        raise UsageError(f"There is no kind {kind!r}. Known: {', '.join(KINDS)}.")
    kept.check_limit(details.get("limit_m"))
    kept.check_distance(details.get("start_m"))
    kept.check_price(details.get("price"))


def fit(box: Box, runner_id: int, name: str, into: Into) -> Fitted:
    """Those days it lies in that pair, and in no other."""
    with _changing(box, runner_id) as (tx, runner):
        return _fit(tx, runner, find_insert(tx, runner_id, name), into, box)


def _fit(tx: Tx, runner: Runner, insert: Insert, into: Into, box: Box) -> Fitted:
    today, shoe = runner.today(box.now()), find_shoe(tx, runner.id, into.shoe_name)
    new = Fitting(shoe.id, into.from_date or today, into.until_date)
    _refuse_days(new, today)
    _refuse_early(shoe, new)
    _refuse_late(shoe.name, shoe.retired_on, new)
    _refuse_late(insert.name, insert.retired_on, new)
    last = min((day for day in (shoe.retired_on, insert.retired_on) if day), default=None)
    before = inserts.fittings(tx, insert.id)
    after = domain.fit(before, new, last)
    inserts.fit(tx, runner.id, insert.id, after)
    names = {s.id: s.name for s in shoes.pairs(tx, runner.id)}
    return Fitted(insert, domain.compare(before, after, new), names)


def _refuse_days(new: Fitting, today: date) -> None:
    kept.check_days(new.from_date, new.until_date)
    if new.from_date > today:
        raise UsageError("That day lies in the future: say it when the insert is in the pair.")
    if new.until_date is not None and new.until_date < new.from_date:
        raise UsageError("The last day lies before the first.")


def _refuse_early(shoe: Shoe, new: Fitting) -> None:
    begins = min((day for day in (shoe.bought_on, shoe.first_used_on) if day), default=None)
    if begins and new.from_date < begins:
        raise UsageError(
            f"{shoe.name} is in use since {begins} only. Fit the insert from that day on, or correct it: "
            f'midsole shoes edit "{shoe.name}" --first-used DATE'
        )


def _refuse_late(name: str, retired_on: date | None, new: Fitting) -> None:
    """Of the pair and of the insert: after it was retired it is in no use."""
    if retired_on and new.from_date > retired_on:
        raise UsageError(f"{name} was retired on {retired_on}; the insert can't be fitted after that day.")
    if retired_on and new.until_date and new.until_date > retired_on:
        raise UsageError(f"{name} was retired on {retired_on}: say --until {retired_on}, or an earlier day.")


def take_out(box: Box, runner_id: int, name: str, last_day: date | None = None) -> tuple[Insert, date]:
    """After that day, by default today, it lies in no pair."""
    kept.check_days(last_day)
    with _changing(box, runner_id) as (tx, runner):
        insert, last = find_insert(tx, runner_id, name), last_day or runner.today(box.now())
        before = inserts.fittings(tx, insert.id)
        after = domain.take_out(before, last)
        if after == before:
            raise UsageError(f"{insert.name} lies in no pair after {last}. See `midsole inserts`.")
        inserts.fit(tx, runner_id, insert.id, after)
        return insert, last


def retire(box: Box, runner_id: int, name: str, on: date | None = None) -> Insert:
    """That day, by default today, is the last on which it lies in a pair."""
    kept.check_days(on)
    with _changing(box, runner_id) as (tx, runner):
        insert, last = find_insert(tx, runner_id, name), on or runner.today(box.now())
        inserts.change(tx, insert.id, retired_on=last)
        inserts.fit(tx, runner_id, insert.id, domain.take_out(inserts.fittings(tx, insert.id), last))
        return _known(tx, runner_id, insert)


def unretire(box: Box, runner_id: int, name: str) -> Insert:
    """In use again; it lies in no pair until it is fitted."""
    return edit(box, runner_id, name, retired_on=None)


def remove(box: Box, runner_id: int, name: str) -> Insert:
    """Only where nothing was worn; a worn insert is retired instead."""
    with _changing(box, runner_id) as (tx, runner):
        insert = find_insert(tx, runner_id, name)
        found = inserts.worn(tx, runner_id, runner.today(box.now()))
        if any(one.worn_m for one in found if one.insert.id == insert.id):
            raise UsageError(f"{insert.name} was worn: retire it instead (`midsole inserts retire`).")
        inserts.remove(tx, insert.id)
        return insert


def views(box: Box, runner_id: int) -> list[View]:
    """Every insert in the order of adding, with what it has worn and when it will be worn out."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        today = runner.today(box.now())
        off = facts.days_off(tx, runner, today)
        return [_view(one, today, off) for one in inserts.worn(tx, runner_id, today - facts.WINDOW)]


def _view(one: InsertWorn, today: date, off: Collection[date]) -> View:
    insert, worn, fitted = one.insert, one.as_pair, one.fitted_on(today)
    ahead, cost = forecast(worn, today, off), cost_per_km(worn)
    return {
        "id": insert.id,
        "name": insert.name,
        "kind": insert.kind,
        "distance_m": None if worn.distance_m is None else round(worn.distance_m, 1),
        "limit_m": insert.limit_m,
        "used_fraction": None if worn.used_fraction is None else round(worn.used_fraction, 4),
        "start_m": insert.start_m,
        "worn_m": round(one.worn_m, 1),
        "runs": one.runs,
        "fitted_in": fitted.shoe_name if fitted else None,
        "fittings": [
            {
                "shoe": f.shoe_name,
                "from": f.fitting.from_date,
                "until": f.fitting.until_date,
                "distance_m": round(f.distance_m, 1),
            }
            for f in one.fittings
        ],
        "first_worn_on": one.first_worn_on,
        "last_worn_on": one.last_worn_on,
        "retired_on": insert.retired_on,
        "price": insert.price,
        "cost_per_km": None if cost is None else round(cost, 4),
        "forecast": {"p10": ahead.p10, "p50": ahead.p50, "p90": ahead.p90},
        "missing": [f"forecast: {why}" for why in ahead.missing],
    }
