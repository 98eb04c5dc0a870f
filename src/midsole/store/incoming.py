"""Rows that come from outside: read from JSON, and refused in words where they can't be true."""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DefaultClause,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Time,
)

from midsole.domain import checkins, kept
from midsole.domain.activity import Told
from midsole.domain.errors import BadInput, MidsoleError
from midsole.domain.plan_edits import LAST_STEP, edits_of
from midsole.domain.rule_checks import from_json as conditions_from_json
from midsole.store import tables as t
from midsole.store.references import Row
from midsole.store.tables import Utc

EARLIEST_YEAR, LATEST_YEAR = 1899, 2200
LARGEST, LARGEST_BIG = 2**31 - 1, 2**63 - 1
DEEPEST = 12
SHA256 = re.compile(r"[0-9a-f]{64}")
EXERCISE = re.compile(r"[a-z][a-z0-9-]*")
"""Also one that an older version had, and this one has no more."""
ASKED = ("rules", "every", "none")
SHAPES: Mapping[str, type] = {
    "activity.flags": list,
    "alert.numbers": dict,
    "change.after": dict,
    "change.before": dict,
    "change_set.alerts": dict,
    "check_in.signs": list,
    "comeback_plan.edits": dict,
    "connection.notes": dict,
    "edit.value": object,
    "episode.known": dict,
    "recording.fastest_s": dict,
    "recording.speed_s": list,
    "remote_activity.told": dict,
    "runner.limits": dict,
    "shoe_rule.conditions": dict,
}
"""What each column of JSON holds; a column that is not named here can't come in."""


def from_json(table: Table, told: Any) -> Row:
    """The row of the table; raises BadInput, in words, at what no export of Midsole holds."""
    if not isinstance(told, dict):
        raise BadInput(f"a row of {table.name} is no object")
    if unknown := told.keys() - table.c.keys():
        raise BadInput(f"{table.name} has no {sorted(unknown)[0]!r} in this version")
    row = {c.name: _value(c, told[c.name]) if c.name in told else _default(c) for c in table.c}
    _CHECKS.get(table.name, _fine)(row)
    return row


def _default(column: Column[Any]) -> Any:
    """What an older version did not know is as the database has it by itself."""
    default = column.server_default
    if isinstance(default, DefaultClause):
        said = str(default.arg).strip("'")
        plain = isinstance(column.type, String)
        return said if plain else json.loads(said)
    if not column.nullable:
        raise BadInput(f"{column} is missing")
    return None


def _value(column: Column[Any], told: Any) -> Any:
    if isinstance(column.type, JSON):
        return _json(column, told)
    if told is None:
        if not column.nullable:
            raise BadInput(f"{column} is empty")
        return None
    try:
        return _read(column.type, told)
    except (ValueError, TypeError, OverflowError, binascii.Error) as error:
        raise BadInput(f"{column} can't be {_short(told)}") from error


def _read(kind: Any, told: Any) -> Any:
    """The value of a column of this type; ValueError and the like where it is none."""
    match kind:
        case Utc():
            return _within(_aware(datetime.fromisoformat(told)))
        case Date():
            return _within(date.fromisoformat(told))
        case Time():
            return time.fromisoformat(told)
        case LargeBinary():
            return base64.b64decode(told, validate=True)
        case Boolean():
            return _being(told, bool)
        case BigInteger():
            return _whole(told, LARGEST_BIG)
        case Integer():
            return _whole(told, LARGEST)
        case Float():
            return _finite(told)
        case String():
            return _text(told, kind.length)
    raise TypeError(kind)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(at)
    return at


def _within[D: (date, datetime)](day: D) -> D:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError(day)
    return day


def _being[V](told: Any, kind: type[V]) -> V:
    if type(told) is not kind:
        raise TypeError(told)
    return told


def _whole(told: Any, most: int) -> int:
    if abs(_being(told, int)) > most:
        raise ValueError(told)
    return int(told)


def _finite(told: Any) -> float:
    if type(told) not in (int, float) or not math.isfinite(told):
        raise ValueError(told)
    return float(told)


def _text(told: Any, longest: int | None) -> str:
    text = _being(told, str)
    text.encode()
    if "\x00" in text or (longest is not None and len(text) > longest):
        raise ValueError(text)
    return text


def _json(column: Column[Any], told: Any) -> Any:
    shape = SHAPES.get(str(column))
    if shape is None or not isinstance(told, shape) or not _is_plain(told, DEEPEST):
        raise BadInput(f"{column} can't be {_short(told)}")
    return told


def _is_plain(told: Any, depth: int) -> bool:
    """Whether databases, and those who read it, can hold it."""
    if isinstance(told, dict):
        return depth > 0 and all(_is_plain(k, 0) and _is_plain(v, depth - 1) for k, v in told.items())
    if isinstance(told, list):
        return depth > 0 and all(_is_plain(v, depth - 1) for v in told)
    if isinstance(told, str):
        return "\x00" not in told and not any("\ud800" <= c <= "\udfff" for c in told)
    return told is None or (isinstance(told, int | float) and math.isfinite(told))


def _short(told: Any) -> str:
    text = repr(told)
    return text if len(text) <= 40 else f"{text[:40]}..."


# What a column's type can't say


def _fine(_row: Row) -> None: ...


def _require(ok: object, what: str) -> None:
    if not ok:
        raise BadInput(f"{what} is none that this version knows")


def _check_runner(row: Row) -> None:
    limits = row["limits"].values()
    _require(all(type(v) in (int, float) and 0 < v < 1e6 for v in limits), "runner.limits")
    _require(0 <= row["first_weekday"] < 7, "runner.first_weekday")
    email = row["email"] or "a@b"
    _require("@" in email and email.isprintable() and " " not in email, "runner.email")
    _require(row["name"].strip() and kept.is_line(row["name"]), "runner.name")
    _require(row["check_in_ask"] in ASKED, "runner.check_in_ask")


def _check_zone(row: Row) -> None:
    try:
        ZoneInfo(row["zone"])
    except (OSError, ValueError, KeyError):
        _require(False, "runner_zone.zone")


def _check_raw_file(row: Row) -> None:
    _require(SHA256.fullmatch(row["sha256"]), "raw_file.sha256")


def _check_recording(row: Row) -> None:
    fast, speeds = row["fastest_s"], row["speed_s"]
    _require(all(k.isascii() and k.isdecimal() for k in fast), "recording.fastest_s")
    _require(all(type(v) in (int, float) for v in (*fast.values(), *speeds)), "recording.speed_s")
    _require(not speeds or abs(speeds[0]) < LARGEST, "recording.speed_s")


def _check_activity(row: Row) -> None:
    _require(all(isinstance(flag, str) for flag in row["flags"]), "activity.flags")


EDITS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("distance_m", "timer_s"), (int, float)),
    **dict.fromkeys(("sport", "surface", "title", "leader", "started_at"), (str,)),
    **dict.fromkeys(("is_race", "excluded", "confirmed"), (bool,)),
}


def _check_edit(row: Row) -> None:
    _require(row["field"] in EDITS and type(row["value"]) in EDITS[row["field"]], "edit.value")
    if row["field"] == "started_at":
        _require(_is_moment(row["value"]), "edit.value")


def _is_moment(text: str) -> bool:
    try:
        _within(_aware(datetime.fromisoformat(text)))
    except (ValueError, TypeError):
        return False
    return True


def _check_told(row: Row) -> None:
    _require(row["told"].keys() <= {f.name for f in fields(Told)}, "remote_activity.told")


def _check_notes(row: Row) -> None:
    """Those of a moment or a day are read as such without a further look."""
    for name, value in row["notes"].items():
        day = name.endswith("_on") and isinstance(value, str) and _is_moment(f"{value}T00:00+00:00")
        moment = name.endswith("_at") and isinstance(value, str) and _is_moment(value)
        _require(day or moment or not name.endswith(("_on", "_at")), "connection.notes")


def _check_rule(row: Row) -> None:
    try:
        conditions_from_json(row["conditions"])
    except MidsoleError as error:
        raise BadInput(f"shoe_rule.conditions: {error}") from error


def _check_alert(row: Row) -> None:
    _require(row["subject"].strip(), "alert.subject")


def _check_change_set(row: Row) -> None:
    """Its images are put back by an undo as they are: none may hold more than an alert has."""
    _require(row["alerts"].keys() <= {"alerts", "deliveries"}, "change_set.alerts")
    for one in row["alerts"].get("alerts", []):
        _require(isinstance(one, list) and len(one) == 3 and type(one[0]) is int, "change_set.alerts")
        for image in one[1:] if one[1] is not None else one[2:]:
            _check_image(t.alert, image, {"runner_id"})
            _require(image["id"] == one[0], "change_set.alerts")


def _check_change(row: Row) -> None:
    for image in (row["before"], row["after"]):
        _require(image.keys() == {"worn", "guesses"}, "change.before")
        for name, table in (("worn", t.wearing), ("guesses", t.guess)):
            _require(isinstance(image[name], list), "change.before")
            for one in image[name]:
                _check_image(table, one, {"activity_id", "runner_id"})


def _check_check_in(row: Row) -> None:
    """Held to the same as what the runner says here."""
    values = {name: row[name] for name in ("place", "side", "kind", "signs", "note")}
    _require(all(isinstance(sign, str) for sign in row["signs"]), "check_in.signs")
    try:
        checkins.checked(row["on_day"], row["moment"], row["level"], **values)
    except MidsoleError as error:
        raise BadInput(f"check_in: {error}") from error


def _check_episode(row: Row) -> None:
    _require(row["place"] in checkins.PLACES and row["side"] in checkins.SIDES, "episode.place")
    pairs = row["known"].get("pairs", [])
    _require(isinstance(pairs, list) and all(isinstance(pair, dict) for pair in pairs), "episode.known")
    _require(all(type(pair.get("shoe", 0)) is int for pair in pairs), "episode.known")


def _check_plan(row: Row) -> None:
    metres = (row["usual_m"], row["longest_m"])
    _require(all(m is None or 0 <= m < 1e7 for m in metres), "comeback_plan.usual_m")
    plan = checkins.Plan(row["began_on"], row["opened_on"], row["why"], edits=row["edits"])
    try:
        edits = edits_of(plan)
        steps = {number for _, number in edits.steps}
        known = set(edits.days) <= set(range(7)) and steps <= set(range(1, LAST_STEP + 1))
    except (ValueError, TypeError) as error:
        raise BadInput("comeback_plan.edits is none that this version knows") from error
    _require(known, "comeback_plan.edits")


def _check_run_walk(row: Row) -> None:
    parts = (row["running_s"], row["walking_s"], row["bouts"], row["longest_s"])
    _require(all(0 <= part < 1e7 for part in parts), "run_walk.running_s")


def _check_exercise(row: Row) -> None:
    _require(EXERCISE.fullmatch(row["exercise"]), "exercise")


def _check_image(table: Table, image: Any, but: set[str]) -> None:
    """A row as the change log keeps it: all columns but these, each of its type."""
    _require(isinstance(image, dict) and image.keys() == set(table.c.keys()) - but, f"an image of {table}")
    for name, value in image.items():
        _value(table.c[name], value)


_CHECKS: Mapping[str, Callable[[Row], None]] = {
    t.runner.name: _check_runner,
    t.runner_zone.name: _check_zone,
    t.connection.name: _check_notes,
    t.raw_file.name: _check_raw_file,
    t.recording.name: _check_recording,
    t.activity.name: _check_activity,
    t.edit.name: _check_edit,
    t.shoe_rule.name: _check_rule,
    t.remote_activity.name: _check_told,
    t.alert.name: _check_alert,
    t.change_set.name: _check_change_set,
    t.change.name: _check_change,
    t.check_in.name: _check_check_in,
    t.episode.name: _check_episode,
    t.comeback_plan.name: _check_plan,
    t.run_walk.name: _check_run_walk,
    t.exercise_tick.name: _check_exercise,
    t.exercise_choice.name: _check_exercise,
}
