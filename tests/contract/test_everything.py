"""All of one runner leaves one database and comes into another one, whichever kind each is."""

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, func, insert, select, update

from integration.test_migrations import fill
from midsole.domain.activity import Edit
from midsole.domain.errors import BadInput
from midsole.domain.rules import RULES
from midsole.store import change_log, everything, incoming, portable, references, runners, sources
from midsole.store import tables as t
from midsole.store.base import Store
from midsole.store.everything import Tables
from midsole.store.references import Numbers, renumbered

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
NAMES_NO_ROW = {"C1", "D1", "L0", "L1", "L2", "L3", "L4", "L5", "L6", "P1", "P2", "P3", "P4", "Q1", "S4"}
"""Rules whose subject is a date, the key of a run, or a dash."""
STAYS = {
    "connection": {"place", "state", "secret", "busy_by", "next_at"},
    "delivery": {"state", "claimed_by", "target_id"},
    "change_set": {"alerts"},
    "runner": {"catching_up", "taking_in_until"},
}
"""What an export does not tell as it is: it is the box's own."""


def dump(store: Store, runner_id: int = 1, inbox: str = "/inbox") -> dict[str, list[dict[str, Any]]]:
    """What an export of the runner holds, by way of JSON."""
    with store.read() as tx:
        numbers = everything.numbers_from_one(tx, runner_id)
        found = {
            table.name: list(everything.rows(tx, table, runner_id, numbers, inbox))
            for table in everything.tables()
        }
    return json.loads(json.dumps(found))


def read(told: dict[str, list[dict[str, Any]]]) -> Tables:
    known = {table.name: table for table in everything.tables()}
    return {name: [incoming.from_json(known[name], row) for row in rows] for name, rows in told.items()}


def put(store: Store, told: dict[str, list[dict[str, Any]]], inbox: str | None = "/inbox") -> int:
    """Put it into a new runner, as one transaction; returns whom."""
    with store.write() as tx:
        runner_id = runners.add(tx, f"new {len(runners.everyone(tx))}", "UTC", NOW)
        everything.put(tx, runner_id, read(told), inbox)
    return runner_id


def alter(store: Store, table: Any, **values: Any) -> None:
    with store.write() as tx:
        tx.execute(update(table).values(**values))


def rows_in(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return {n: tx.scalar(select(func.count()).select_from(x)) for n, x in t.metadata.tables.items()}


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled database and an empty one, to copy: making them takes longer than most tests."""
    folder = tmp_path_factory.mktemp("templates")
    for name in ("filled", "empty"):
        made = Store(f"sqlite:///{folder / name}.db")
        made.upgrade()
        if name == "filled":
            fill(made)
        made.copy_to(folder / f"{name}.copy")
        made.close()
    return folder


@pytest.fixture
def here(templates: Path, tmp_path: Path) -> Iterator[Store]:
    """A filled SQLite home."""
    yield from opened(shutil.copy(templates / "filled.copy", tmp_path / "here.db"))


@pytest.fixture
def there(templates: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty one."""
    yield from opened(shutil.copy(templates / "empty.copy", tmp_path / "there.db"))


def opened(path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{path}")
    yield store
    store.close()


def fill_others(store: Store) -> None:
    """Somebody else's rows come first, so that no number is what it was."""
    fill(store)
    with store.write() as tx:
        tx.execute(update(t.delivery).values(message_id="<other@x>"))
        tx.execute(update(t.runner).values(name="other"))
        for day in range(3):
            row = {"runner_id": 1, "name": f"of the other {day}", "kind": "daily", "limit_m": 1}
            tx.execute(insert(t.shoe).values(**row, start_how="known", created_at=NOW))


def test_every_row_survives_the_way_through_another_database(here: Store, store: Store, there: Store) -> None:
    told = dump(here)
    fill_others(store)
    assert dump(store, put(store, told)) == told
    assert dump(there, put(there, dump(store, 2))) == told


def test_every_table_is_covered_or_is_no_runners(here: Store) -> None:
    """A new table fails here until `fill` has a row of it."""
    told = dump(here)
    assert told.keys() | everything.OF_THE_BOX == set(t.metadata.tables)
    assert [name for name, rows in told.items() if not rows] == []
    counted = rows_in(here)
    assert {name: len(rows) for name, rows in told.items()} == {name: counted[name] for name in told}


def test_every_column_is_told_as_it_is_but_for_the_boxs_own(here: Store) -> None:
    told = dump(here)
    with here.read() as tx:
        for table in everything.tables():
            keys = [c.name for c in table.primary_key]
            rows = [
                portable.as_json(row._mapping)
                for row in tx.execute(select(table).order_by(*table.primary_key))
            ]
            for row, as_told in zip(json.loads(json.dumps(rows)), told[table.name], strict=True):
                assert as_told.keys() == set(table.c.keys())
                differ = {name for name in row if row[name] != as_told[name]}
                numbers = {"id", "runner_id", *references.named_rows(table), *keys}
                assert differ <= STAYS.get(table.name, set()) | numbers


def test_every_column_of_json_has_its_shape() -> None:
    kept = {str(c) for table in everything.tables() for c in table.c if isinstance(c.type, JSON)}
    assert kept == incoming.SHAPES.keys()
    assert incoming.EDITS.keys() == {f.name for f in fields(Edit)}


def test_of_every_rule_it_is_known_whether_its_subject_names_a_row() -> None:
    assert {rule.id for rule in RULES} <= references.BY_RULE.keys() | NAMES_NO_ROW
    assert not references.BY_RULE.keys() & NAMES_NO_ROW


def test_no_secret_and_no_lease_leaves_the_box(here: Store) -> None:
    lease = {"busy_until": NOW, "busy_by": "worker 1", "next_at": NOW}
    alter(here, t.connection, kind="garmin", place="garmin.com", secret="token", secret_until=NOW, **lease)
    alter(here, t.raw_file, claimed_by="worker 1")
    alter(here, t.runner, taking_in_until=NOW, catching_up="first")
    told = dump(here)
    assert "token" not in json.dumps(told)
    assert "worker 1" not in json.dumps(told)
    (account,) = told["connection"]
    assert (account["state"], account["next_at"], account["secret_until"]) == ("login_needed", None, None)
    (runner,) = told["runner"]
    assert (runner["taking_in_until"], runner["catching_up"]) == (None, None)


def test_an_account_that_was_disconnected_stays_so(here: Store) -> None:
    alter(here, t.connection, kind="garmin", place="garmin.com", state="disconnected")
    assert dump(here)["connection"][0]["state"] == "disconnected"


def test_nothing_that_waits_is_mailed_again(here: Store, there: Store) -> None:
    """Also where somebody wrote the file by hand, and where a change is undone there."""
    told = dump(here)
    assert [mail["state"] for mail in told["delivery"]] == ["withdrawn"]
    told["delivery"][0] |= {"state": "due", "news_until": NOW.isoformat()}
    told["change_set"][0]["alerts"] = {"deliveries": [[1, {"state": "due"}, {"state": "withdrawn"}]]}
    put(there, told)
    with there.read() as tx:
        assert tx.execute(select(t.delivery.c.state, t.delivery.c.news_until)).all() == [("withdrawn", None)]
        assert tx.scalars(select(t.change_set.c.alerts)).all() == [{}]


def test_folders_of_another_machine_are_not_looked_at(here: Store, there: Store) -> None:
    told = dump(here, inbox="/elsewhere")
    (folder,) = told["connection"]
    assert (folder["kind"], folder["place"], folder["state"]) == ("former_folder", "/inbox", "disconnected")
    told["connection"].append(folder | {"id": 2, "kind": "folder"})
    told["seen_file"].append(told["seen_file"][0] | {"connection_id": 2})
    runner_id = put(there, told)
    again = dump(there, runner_id)
    assert (len(again["connection"]), len(again["seen_file"]), len(again["raw_file"])) == (1, 1, 2)
    assert again["connection"] == dump(here, inbox="/elsewhere")["connection"]


def test_the_inbox_is_the_new_homes_unless_it_is_another_runners(here: Store, there: Store) -> None:
    told = dump(here)
    first, second = put(there, told, inbox="/new/inbox"), put(there, told, inbox=None)
    with there.read() as tx:
        c = t.connection.c
        places = {
            row.runner_id: (row.kind, row.place) for row in tx.execute(select(t.connection).order_by(c.id))
        }
    assert places == {first: ("folder", "/new/inbox"), second: ("former_folder", "inbox")}


@pytest.mark.parametrize("inbox", ["/new/inbox", None])
def test_what_is_connected_already_stays_and_an_empty_export_comes_twice(
    there: Store, inbox: str | None
) -> None:
    with there.write() as tx:
        empty = runners.add(tx, "empty", "UTC", NOW)
        for kind, place in (("folder", "/inbox"), ("garmin", "garmin.com")):
            sources.connect(tx, empty, kind, place, NOW)
    told = dump(there, empty)
    with there.write() as tx:
        mine = runners.add(tx, "mine", "UTC", NOW)
        for kind, place in (("folder", "/watched"), ("garmin", "garmin.com")):
            sources.connect(tx, mine, kind, place, NOW)
        tx.execute(update(t.connection).where(t.connection.c.runner_id == mine).values(secret="token"))
        for _ in range(2):
            everything.put(tx, mine, read(told), inbox)
        found = {(c.kind, c.place): c.secret for c in sources.connections(tx, mine)}
    came = ("folder", inbox) if inbox else ("former_folder", "inbox")
    assert found == {("folder", "/watched"): "token", ("garmin", "garmin.com"): "token", came: None}


def test_a_second_copy_in_one_home_has_mails_of_its_own(here: Store, there: Store) -> None:
    told = dump(here)
    first, second = put(there, told), put(there, told)
    with there.read() as tx:
        names = {row.runner_id: row.message_id for row in tx.execute(select(t.delivery))}
        who = {row.id: row.name for row in tx.execute(select(t.runner))}
    assert names == {first: "<1@x>", second: f"<{second}.1@x>"}
    assert who == {first: "me", second: "new 1"}


def test_numbers_inside_text_and_json_follow_their_rows(here: Store, store: Store) -> None:
    alert_id, shoe_id = 1, 1
    named = {"shoe": shoe_id, "activity": 1, "connection": 1, "insert": 1, "runs": 1}
    said = {"rule": "S1", "subject": "1:70", "numbers": named, "text": "Run midsole alerts ack 1."}
    alter(here, t.alert, **said, advice="Look: midsole activities confirm 1.")
    worn = {"name": "Pegasus", "shoe": shoe_id}
    alter(here, t.episode, known={"pairs": [worn, {"name": "lost", "shoe": 77}], "week_m": 9.0})
    with here.read() as tx:
        image = change_log.picture(tx, 1).alerts[alert_id]
    alter(here, t.change_set, what="Undo of 1: activities 1, 1 on 1", alerts={"alerts": [[1, None, image]]})
    told = dump(here)
    fill_others(store)
    runner_id = put(store, told)
    assert dump(store, runner_id) == told
    with store.read() as tx:
        ids = {
            table.name: tx.scalar(select(table.c.id).where(table.c.runner_id == runner_id))
            for table in (t.shoe, t.activity, t.connection, t.shoe_insert, t.alert, t.change_set)
        }
        found = change_log.picture(tx, runner_id).alerts
        kept = tx.execute(select(t.change_set).where(t.change_set.c.runner_id == runner_id)).one()
        change = tx.execute(select(t.change).where(t.change.c.change_set_id == kept.id)).one()
        (known,) = tx.scalars(select(t.episode.c.known).where(t.episode.c.runner_id == runner_id))
    assert known == {"pairs": [worn | {"shoe": ids["shoe"]}, {"name": "lost", "shoe": -1}], "week_m": 9.0}
    (row,) = found.values()
    assert ids["shoe"] not in (1, ids["activity"])
    assert row["subject"] == f"{ids['shoe']}:70"
    assert row["numbers"] == {"shoe": ids["shoe"], "activity": ids["activity"], "runs": 1} | {
        "connection": ids["connection"],
        "insert": ids["shoe_insert"],
    }
    assert row["text"] == f"Run midsole alerts ack {ids['alert']}."
    assert row["advice"] == f"Look: midsole activities confirm {ids['activity']}."
    assert kept.what == f"Undo of {ids['change_set']}: activities {ids['activity']}, {ids['activity']} on 1"
    assert kept.alerts == {"alerts": [[ids["alert"], None, row]]}
    assert {one["shoe_id"] for one in change.before["worn"]} == {ids["shoe"]}


def test_what_was_removed_since_is_never_mistaken_for_another_row(here: Store, there: Store) -> None:
    alter(here, t.alert, rule="S2", subject="77", numbers={"shoe": 77})
    told = dump(here)
    assert (told["alert"][0]["subject"], told["alert"][0]["numbers"]) == ("-1", {"shoe": -1})
    assert dump(there, put(there, told)) == told
    told["alert"][0]["subject"] = "5"
    assert int(dump(there, put(there, told))["alert"][0]["subject"]) < 0


@given(st.lists(st.integers(1, 50), unique=True, min_size=1), st.lists(st.integers(-5, 90)))
def test_numbers_never_collide(known: list[int], asked: list[int]) -> None:
    numbers = Numbers()
    for new, old in enumerate(known, 1):
        numbers.know("shoe", old, new)
    found = {old: numbers.of("shoe", old) for old in (*known, *asked)}
    assert len(set(found.values())) == len(found)
    assert all((new > 0) == (old in known) for old, new in found.items())


def test_an_export_of_an_older_version_gets_what_that_did_not_know_yet(here: Store, there: Store) -> None:
    told, whole = dump(here), dump(here)
    for name, table in t.metadata.tables.items():
        if name == "check_in":
            continue  # its columns came together, and who hurts says where
        for column in table.c:
            if column.server_default is not None or (column.nullable and not column.foreign_keys):
                for row in told.get(name, []):
                    row.pop(column.name)
    again = dump(there, put(there, told))
    assert [row["everyday_share"] for row in again["shoe"]] == [0.0]
    assert again["connection"][0]["notes"] == {}
    assert again["wearing"] == whole["wearing"]


type Told = dict[str, list[dict[str, Any]]]

FORGED: dict[str, Callable[[Told], Any]] = {
    "a text as a number": lambda d: d["shoe"][0].update(limit_m="640"),
    "a yes as a number": lambda d: d["daily_steps"][0].update(steps=True),
    "a number no database holds": lambda d: d["daily_steps"][0].update(steps=2**40),
    "a day of nonsense": lambda d: d["race"][0].update(on_date="2026-13-01"),
    "a year out of reach": lambda d: d["race"][0].update(on_date="0001-01-01"),
    "a time without zone": lambda d: d["shoe"][0].update(created_at="2026-11-20T18:00:00"),
    "no base64": lambda d: d["delivery"][0].update(eml="%%%"),
    "a text too long": lambda d: d["shoe"][0].update(name="x" * 101),
    "a zero in a text": lambda d: d["shoe"][0].update(name="a\x00b"),
    "half a letter": lambda d: d["shoe"][0].update(name="\ud800"),
    "nothing where something must be": lambda d: d["shoe"][0].update(name=None),
    "a limit below zero": lambda d: d["shoe"][0].update(limit_m=-1.0),
    "a state that is none": lambda d: d["alert"][0].update(state="loud"),
    "a pair that is not there": lambda d: d["wearing"][0].update(shoe_id=99),
    "a run that is not there": lambda d: d["guess"][0].update(activity_id=99),
    "another runner's row": lambda d: d["shoe"][0].update(runner_id=2),
    "two rows of one number": lambda d: d["shoe"].append(d["shoe"][0] | {"name": "other"}),
    "two rows of one key": lambda d: d["daily_steps"].append(d["daily_steps"][0]),
    "a column that is none": lambda d: d["shoe"][0].update(colour="red"),
    "a column that is missing": lambda d: d["shoe"][0].pop("kind"),
    "a row that is none": lambda d: d["shoe"].append([1, 2]),
    "a path for a checksum": lambda d: d["raw_file"][0].update(sha256="../" * 21 + "x"),
    "limits that are no numbers": lambda d: d["runner"][0].update(limits={"shoe_note": "0.7"}),
    "a mail address with a line break": lambda d: d["runner"][0].update(email="a@b.c\nBcc: x@y.z"),
    "a weekday that is none": lambda d: d["runner"][0].update(first_weekday=9),
    "a zone that is none": lambda d: d["runner_zone"][0].update(zone="Mars/Phobos"),
    "a list for a mapping": lambda d: d["alert"][0].update(numbers=[1]),
    "an edit of nothing": lambda d: d["edit"][0].update(field="colour"),
    "an edit of another kind": lambda d: d["edit"][0].update(field="distance_m"),
    "a rule that asks nonsense": lambda d: d["shoe_rule"][0].update(conditions={"moon": "full"}),
    "an account that tells nonsense": lambda d: d["remote_activity"][0].update(told={"mood": 1}),
    "notes of no moment": lambda d: d["connection"][0].update(notes={"connected_at": "soon"}),
    "an image of another runner": lambda d: d["change"][0]["before"]["worn"][0].update(runner_id=2),
    "an image without its pair": lambda d: d["change"][0]["before"]["worn"][0].pop("shoe_id"),
    "an image that is none": lambda d: d["change"][0].update(before={"worn": 1, "guesses": []}),
    "an alert's image that is none": lambda d: d["change_set"][0].update(alerts={"alerts": [[1, None, {}]]}),
    "a level that is none": lambda d: d["check_in"][0].update(level=11),
    "a place that is none": lambda d: d["check_in"][0].update(place="soul"),
    "a side without a place": lambda d: d["check_in"][0].update(level=0, signs=[], place=None),
    "a moment that is none": lambda d: d["check_in"][0].update(moment="noon"),
    "a kind of pain that is none": lambda d: d["check_in"][0].update(kind="blue"),
    "a sign that is none": lambda d: d["check_in"][0].update(signs=["omen"]),
    "signs that are no words": lambda d: d["check_in"][0].update(signs=[1]),
    "a note too long": lambda d: d["check_in"][0].update(note="x" * 501),
    "an episode of no place": lambda d: d["episode"][0].update(side="middle"),
    "an onset without pairs": lambda d: d["episode"][0].update(known={"pairs": [7]}),
    "an onset with a pair of no number": lambda d: d["episode"][0].update(known={"pairs": [{"shoe": "7"}]}),
    "a comeback from nothing": lambda d: d["comeback_plan"][0].update(why="boredom"),
    "a comeback below zero": lambda d: d["comeback_plan"][0].update(usual_m=-1.0),
    "a comeback with a step too many": lambda d: d["comeback_plan"][0].update(
        edits={"steps": [["2026-11-20", 99]]}
    ),
    "a comeback held on no day": lambda d: d["comeback_plan"][0].update(edits={"holds": [7]}),
    "a walk back in time": lambda d: d["run_walk"][0].update(walking_s=-1.0),
    "an exercise that is none": lambda d: d["exercise_tick"][0].update(exercise="Heel <b>"),
    "asked in no known way": lambda d: d["runner"][0].update(check_in_ask="loudly"),
    "no runner": lambda d: d.update(runner=[]),
    "two runners": lambda d: d["runner"].append(d["runner"][0] | {"id": 2}),
}


def is_refused(store: Store, told: Told) -> bool:
    try:
        put(store, told)
    except BadInput:
        return True
    return False


def test_what_no_export_holds_is_refused_and_leaves_nothing(here: Store, store: Store) -> None:
    told = dump(here)
    fill(store)
    before = rows_in(store)
    for what, forge in FORGED.items():
        forged = copy.deepcopy(told)
        forge(forged)
        assert is_refused(store, forged), what
        assert rows_in(store) == before, what


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just(NOW.isoformat()),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=9), inside, max_size=3),
    max_leaves=5,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=40,
)
@given(data=st.data())
def test_whatever_a_column_holds_it_comes_in_or_is_refused_in_words(
    here: Store, there: Store, data: st.DataObject
) -> None:
    told = dump(here)
    name = data.draw(st.sampled_from(sorted(told)))
    column = data.draw(st.sampled_from(sorted(told[name][0])))
    told[name][0][column] = data.draw(ANY)
    try:
        runner_id = put(there, told)
    except BadInput:
        return
    with there.write() as tx:
        runners.erase(tx, runner_id)


def test_every_number_of_a_row_is_changed_by_the_same_means_both_ways(here: Store) -> None:
    told = dump(here)
    numbers = Numbers()
    for table in everything.tables():
        for row in told[table.name]:
            if "id" in row:
                numbers.know(table.name, row["id"], row["id"] + 1000)
    back = Numbers()
    for table in everything.tables():
        for row in told[table.name]:
            if "id" in row:
                back.know(table.name, row["id"] + 1000, row["id"])
    for table in everything.tables():
        for row in told[table.name]:
            moved = renumbered(table, row, numbers)
            assert ("id" not in row and not references.named_rows(table)) or moved != row
            assert renumbered(table, moved, back) == row
