"""Pairs from a list that the runner kept elsewhere: good lines come in, bad ones are named."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from midsole.actions.box import Box
from midsole.actions.shoes import Start, add_shoe, known
from midsole.decode.listed import LONGEST_NAME, number_of
from midsole.decode.shoe_list import ShoeRow, read_shoes
from midsole.domain.errors import BadInput, UsageError
from midsole.domain.gear import kind_of, split_name
from midsole.domain.units import parse_distance
from midsole.store import runners

EARLIEST_YEAR = 1950
LARGEST_FILE = 5 * 2**20
FARTHEST_M = 1e8
MOST_PRICE = 1e9
MONEY = "€$£¥ "
UNKNOWN = "unknown"
TWO_WAYS = re.compile(r"\d{1,3}(,\d{3}|\.000)$")
"""A thousand in one country, and one in another."""
DAYS = {"bought": "bought_on", "first_used": "first_used_on", "retired": "retired_on"}


@dataclass(slots=True)
class Brought:
    """Names of the pairs that came in and of those that were here; (line, why) of the bad ones.

    `default`: the one that became the default for running, being the first of all."""

    added: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()
    default: str | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    line: int
    name: str
    kind: str
    start: Start
    details: dict[str, Any]


def bring_shoes(box: Box, runner_id: int, place: Path) -> Brought:
    """Add the pairs of the file that are not here yet. Raises UsageError where it is no list of pairs."""
    try:
        listed = read_shoes(_read(place))
    except BadInput as error:
        raise UsageError(f"{place}: {error}") from None
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
    brought, wanted = Brought(unknown_columns=listed.unknown), []
    for row in listed.rows:
        try:
            wanted.append(_wanted(row, runner.units, runner.today(box.now())))
        except UsageError as error:
            brought.bad.append((row.line, str(error)))
    _add(box, runner_id, wanted, brought)
    brought.bad.sort()
    return brought


def _read(place: Path) -> bytes:
    try:
        with place.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"{place} can't be read: {error.strerror}.") from None
    if len(raw) > LARGEST_FILE:
        raise UsageError(f"{place} has more than 5 MB: that is no list of shoes.")
    return raw


def _add(box: Box, runner_id: int, wanted: list[_Wanted], brought: Brought) -> None:
    """Those still in use first: the first pair of all becomes the default for running."""
    here = {shoe.name.casefold() for shoe in known(box, runner_id)}
    lines: dict[str, int] = {}
    for one in sorted(wanted, key=lambda one: "retired_on" in one.details):
        name = one.name.casefold()
        if name in here:
            brought.known.append(one.name)
        elif name in lines:
            brought.bad.append((one.line, f"{one.name!r} is in line {lines[name]}, too."))
        else:
            lines[name] = one.line
            _add_one(box, runner_id, one, brought)


def _add_one(box: Box, runner_id: int, one: _Wanted, brought: Brought) -> None:
    try:
        added, is_first = add_shoe(box, runner_id, one.name, one.kind, one.start, **one.details)
    except UsageError as error:
        brought.bad.append((one.line, str(error)))
    else:
        brought.added.append(added.name)
        if is_first and added.retired_on is None:
            brought.default = added.name


def _wanted(row: ShoeRow, units: str, today: date) -> _Wanted:
    if row.unreadable:
        raise UsageError(f"The line can't be used: {row.unreadable}.")
    said = row.said
    made = " ".join(said[part] for part in ("brand", "model") if part in said)
    name = said.get("name") or made
    if not name:
        raise UsageError("A pair needs a name.")
    if len(name) > LONGEST_NAME:
        raise UsageError(f"The name is longer than {LONGEST_NAME} letters.")
    brand, model = split_name(made or name)
    days = {column: _day(said, heading, today) for heading, column in DAYS.items() if heading in said}
    _check_order(days)
    details = {"model": made[:LONGEST_NAME] or None, "limit_m": _metres(said, "limit", units), **days}
    if "retired" in said:
        details["retired_reason"] = said.get("reason")
    details["price"] = _price(said["price"]) if "price" in said else None
    kind = said.get("kind", "").casefold() or kind_of(brand, model)
    return _Wanted(row.line, name, kind, _start(said, units), details)


def _day(said: Mapping[str, str], heading: str, today: date) -> date:
    text = said[heading]
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-11-16") else None
    except ValueError:
        day = None
    if day is None or day.year < EARLIEST_YEAR:
        raise UsageError(f"{heading} is {text!r}, which is no date: write it as 2026-11-16.")
    if day > today:
        raise UsageError(f"{heading} is {day}, which lies in the future.")
    return day


def _check_order(days: dict[str, date]) -> None:
    retired_on = days.get("retired_on")
    begins = days.get("first_used_on") or days.get("bought_on")
    if retired_on and begins and retired_on < begins:
        raise UsageError(
            f"It can't be retired on {retired_on}, before it was first used or bought ({begins})."
        )


def _start(said: Mapping[str, str], units: str) -> Start:
    texts = [said.get(name, "").casefold() for name in ("start", "start_km", "start_mi")]
    return Start(unknown=True) if UNKNOWN in texts else Start(known_m=_metres(said, "start", units))


def _metres(said: Mapping[str, str], name: str, units: str) -> float | None:
    """Of `limit` with a unit or in the runner's own, or of limit_km and limit_mi."""
    columns = {name: units, f"{name}_km": "km", f"{name}_mi": "mi"}
    told = {column: unit for column, unit in columns.items() if column in said}
    if len(told) > 1:
        raise UsageError(f"Say {name} once: {' and '.join(told)} are both given.")
    for column, unit in told.items():
        return _distance(column, said[column], unit)
    return None


def _distance(column: str, text: str, unit: str) -> float:
    if TWO_WAYS.match(text):
        raise UsageError(
            f"{column} is {text!r}, which can be read in two ways: write it without {text[-4]!r}."
        )
    number = number_of(text, FARTHEST_M)
    if number == 0:
        if column.startswith("limit"):
            raise UsageError("A limit must be above 0.")
        return 0.0
    try:
        metres = parse_distance(text if number is None else f"{number:f}", unit)
    except UsageError:
        raise UsageError(f"{column} is {text!r}, which is no distance: write 700 or 700 km.") from None
    if metres > FARTHEST_M:
        raise UsageError(f"{column} is {text!r}, which is farther than anybody runs.")
    return metres


def _price(text: str) -> float:
    price = number_of(text.strip(MONEY), MOST_PRICE)
    if price is None:
        raise UsageError(f"price is {text!r}, which is no number: write 129.90.")
    return price
