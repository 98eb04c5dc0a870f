"""Numbers of rows on their way to another home: also those that stand inside JSON and text."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table

from midsole.store import tables as t

type Row = dict[str, Any]

BY_RULE = {
    **dict.fromkeys(("S1", "S2", "S3"), "shoe"),
    "S5": "shoe_insert",
    **dict.fromkeys(("W1", "W2", "W3"), "connection"),
}
"""Whose number an alert's subject holds; those of all other rules are dates, keys of runs or a dash."""
BY_KEY = {"shoe": "shoe", "connection": "connection", "activity": "activity", "insert": "shoe_insert"}
"""What an alert's numbers call the rows they name."""
BY_COMMAND = {"activities": "activity", "alerts": "alert", "files": "raw_file"}
COMMAND = re.compile(rf"(midsole ({'|'.join(BY_COMMAND)}) [a-z]+ )(-?\d+)")
UNDOING = re.compile(r"(Undo of )(-?\d+)(?=: )")
CHANGED = re.compile(r"^((?:Your word on a|The guess on a|A|a)ctivit(?:y|ies) )(-?\d+(?:, -?\d+)*)")
"""How changes call activities in their own words (actions/assigning.py, actions/changes.py)."""
NUMBER = re.compile(r"-?\d+")


class Numbers:
    """Old number -> new one, per table. A row that is not there gets a negative number, which no row has."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, int]] = {}
        self._lost: dict[str, dict[int, int]] = {}

    def know(self, table: str, old: int, new: int) -> None:
        self._known.setdefault(table, {})[old] = new

    def knows(self, table: str, old: int) -> bool:
        return old in self._known.get(table, {})

    def of(self, table: str, old: int) -> int:
        known = self._known.get(table, {}).get(old)
        if known is not None:
            return known
        lost = self._lost.setdefault(table, {})
        return lost.setdefault(old, -1 - len(lost))


def named_rows(table: Table) -> dict[str, Table]:
    """Column -> the table whose rows it names, as the database itself knows it."""
    return {c.name: key.column.table for c in table.c for key in c.foreign_keys}


def renumbered(table: Table, row: Mapping[str, Any], numbers: Numbers) -> Row:
    """The row with every number that names a row changed."""
    found = {**row, **{name: numbers.of(table.name, row[name]) for name in ("id",) if name in row}}
    for name, other in named_rows(table).items():
        if found.get(name) is not None:
            found[name] = numbers.of(other.name, found[name])
    return _HIDDEN[table.name](found, numbers) if table.name in _HIDDEN else found


def _activity(row: Row, numbers: Numbers) -> Row:
    """The leader has no foreign key: recordings come after their activity."""
    leader = row["leader_id"]
    return row | {"leader_id": None if leader is None else numbers.of("recording", leader)}


def _alert(row: Row, numbers: Numbers) -> Row:
    """Works on rows, and on the images of rows in the change log."""
    told = {
        name: numbers.of(BY_KEY[name], value)
        for name, value in row["numbers"].items()
        if name in BY_KEY and type(value) is int
    }
    return row | {
        "subject": _subject(row["rule"], row["subject"], numbers),
        "numbers": row["numbers"] | told,
        "text": _commands(row["text"], numbers),
        "advice": _commands(row["advice"], numbers),
    }


def _subject(rule: str, subject: str, numbers: Numbers) -> str:
    if rule not in BY_RULE:
        return subject
    return NUMBER.sub(lambda found: str(numbers.of(BY_RULE[rule], int(found[0]))), subject, count=1)


def _commands(text: str, numbers: Numbers) -> str:
    """ "midsole activities confirm 17" names the run by its number."""
    return COMMAND.sub(lambda m: f"{m[1]}{numbers.of(BY_COMMAND[m[2]], int(m[3]))}", text)


def _change(row: Row, numbers: Numbers) -> Row:
    return row | {name: _image(row[name], numbers) for name in ("before", "after")}


def _image(image: Row, numbers: Numbers) -> Row:
    """What hung on an activity: lists of its wearings and its guesses."""
    return {
        name: [
            one | {"shoe_id": numbers.of("shoe", one["shoe_id"])} if one["shoe_id"] is not None else one
            for one in rows
        ]
        for name, rows in image.items()
    }


def _change_set(row: Row, numbers: Numbers) -> Row:
    """What a change made of alerts: [number, row before or None, row after] of each."""
    alerts = [
        [numbers.of("alert", id_), before and _alert_image(before, numbers), _alert_image(after, numbers)]
        for id_, before, after in row["alerts"].get("alerts", [])
    ]
    kept = row["alerts"] | ({"alerts": alerts} if alerts else {})
    return row | {"alerts": kept, "what": _what(row["what"], numbers)}


def _what(text: str, numbers: Numbers) -> str:
    """ "Undo of 3: activities 17, 18 on Pegasus"."""
    begins = 0
    while undo := UNDOING.match(text, begins):
        new = f"{undo[1]}{numbers.of('change_set', int(undo[2]))}"
        text = text[:begins] + new + text[undo.end() :]
        begins += len(new) + len(": ")
    activities = CHANGED.sub(
        lambda m: m[1] + NUMBER.sub(lambda n: str(numbers.of("activity", int(n[0]))), m[2]), text[begins:]
    )
    return text[:begins] + activities


def _alert_image(image: Row, numbers: Numbers) -> Row:
    return _alert(image, numbers) | {"id": numbers.of("alert", image["id"])}


def _episode(row: Row, numbers: Numbers) -> Row:
    """What was true at its onset names the pairs that were worn then (domain/onset.py)."""
    pairs = row["known"].get("pairs", [])
    moved = [pair | {"shoe": numbers.of("shoe", pair["shoe"])} if "shoe" in pair else pair for pair in pairs]
    return row | {"known": row["known"] | ({"pairs": moved} if pairs else {})}


_HIDDEN = {
    t.activity.name: _activity,
    t.alert.name: _alert,
    t.change.name: _change,
    t.change_set.name: _change_set,
    t.episode.name: _episode,
}
