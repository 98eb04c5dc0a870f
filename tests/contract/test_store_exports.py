"""What the store keeps of exports beside what an account tells, on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from midsole.domain.activity import Recording
from midsole.store import activities, exports, files, gear, remote, runners, shoes, sources
from midsole.store.base import Store, Tx
from midsole.store.exports import Held, Home
from midsole.store.remote import GARMIN_EXPORT, STRAVA
from midsole.store.runners import Runner
from midsole.store.sources import RawFile

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
_names = itertools.count(1)


@pytest.fixture
def tx(store: Store) -> Iterator[Tx]:
    with store.write() as tx:
        yield tx


@pytest.fixture
def me(tx: Tx) -> Runner:
    return runners.get(tx, runners.add(tx, f"runner {next(_names)}", "UTC", NOW))


def add_file(tx: Tx, runner: Runner, name: str, state: str = "done", version: int = 1) -> RawFile:
    sha256 = f"{next(_names):064x}"
    file_id = sources.take_in(tx, runner.id, None, sha256, name, 10, NOW)
    assert file_id is not None
    if state != "new":
        sources.settle_files(tx, [sources.Settled(file_id, state, "fit")], version)
    return sources.raw_file(tx, file_id)


def a_run(tx: Tx, runner: Runner, file: RawFile, leg: int = 0) -> None:
    totals = {"distance_m": 10_000, "distance_from": "session", "timer_s": 3_600, "moving_s": 3_600}
    run = Recording(leg, "running", "road", NOW.replace(hour=leg), elapsed_s=3_600, **totals)
    activities.add_recordings(tx, runner, [(file, run)])


def line(external_id: str, origin: str | None = None, **told: Any) -> dict[str, Any]:
    values = {"external_id": external_id, "listed": "{}", "digest": "d" * 64, "started_at": NOW}
    return values | {"told": told, "has_file": False} | ({"origin": origin} if origin else {})


def worn(tx: Tx, me: Runner, origin: str, activity: str) -> int:
    """A pair of its own, in which this account says the activity was run."""
    name = f"{origin} {next(_names)}"
    values = {"name": name, "kind": "daily", "limit_m": 1.0, "start_m": 0.0, "start_how": "known"}
    shoe_id = shoes.add(tx, me.id, NOW, **values)
    gear.tell(tx, me.id, [{"external_id": name, "origin": origin, "name": name, "told": "{}"}], NOW)
    gear.link(tx, me.id, name, shoe_id)
    gear.use_of_pair(tx, me.id, name, {activity: 1.0}, whole=True)
    return shoe_id


def test_lists_are_files_by_such_a_name_that_nobody_set_aside(tx: Tx, me: Runner) -> None:
    mine = [add_file(tx, me, name, "ignored") for name in ("a.zip/Activities.CSV", "x_gear.json")]
    mine.append(add_file(tx, me, "shoes.csv.gz", "bad"))
    add_file(tx, me, "run.fit", "bad")
    add_file(tx, me, "read.json", "done")
    add_file(tx, me, "waits.csv", "new")
    aside = add_file(tx, me, "aside.csv", "bad")

    files.set_aside(tx, aside.id)

    assert [file.id for file in exports.lists(tx, me.id)] == [file.id for file in mine]


def test_files_are_held_by_their_plain_names_with_their_legs(tx: Tx, me: Runner) -> None:
    two, none = add_file(tx, me, "a.zip/activities/7.FIT.gz (2)"), add_file(tx, me, "8.gpx", "bad")
    a_run(tx, me, two)
    a_run(tx, me, two, leg=1)

    held = exports.held(tx, me.id)

    assert held == [
        Held(two.id, two.sha256, "7.fit", "done", 2),
        Held(none.id, none.sha256, "8.gpx", "bad", 0),
    ]
    assert {trace.file for trace in exports.traces(tx, me.id)} == {two.sha256}


def test_homes_are_those_of_one_export(tx: Tx, me: Runner) -> None:
    original, bad = add_file(tx, me, "1.fit"), add_file(tx, me, "2.json", "bad")
    remote.tell(tx, me.id, [line("strava:1", STRAVA), line("strava:2", STRAVA), line("1", GARMIN_EXPORT)])
    remote.note_original(tx, me.id, "strava:1", original.id)
    remote.note_listed_file(tx, me.id, "strava:2", bad.id)

    assert exports.homes(tx, me.id, STRAVA) == {
        "strava:1": Home(original.id, None, False),
        "strava:2": Home(None, bad.id, True),
    }
    assert exports.homes(tx, me.id, GARMIN_EXPORT) == {"1": Home(None, None, False)}


def test_an_account_takes_over_what_its_export_told(tx: Tx, me: Runner) -> None:
    remote.tell(tx, me.id, [line("1", GARMIN_EXPORT)])
    assert remote.known(tx, me.id) == {}

    assert remote.tell(tx, me.id, [line("1")]) == ["1"]

    assert remote.origins(tx, me.id) == {"1": "garmin"}
    assert list(remote.known(tx, me.id)) == ["1"]


def test_the_account_tells_first_and_an_export_what_it_is_silent_about(tx: Tx, me: Runner) -> None:
    file = add_file(tx, me, "1.fit")
    a_run(tx, me, file)
    remote.tell(tx, me.id, [line("1", title="Live"), line("strava:1", STRAVA, title="Theirs", rpe=7.0)])
    remote.tell(tx, me.id, [line("2", GARMIN_EXPORT, is_race=True, rpe=3.0, distance_m=5_000.0)])
    for external_id in ("1", "2", "strava:1"):
        remote.note_original(tx, me.id, external_id, file.id)
    (activity_id,) = remote.activities_of(tx, me.id, ["1"]).values()

    told = remote.told_of(tx, [activity_id])[activity_id]

    assert (told.title, told.rpe, told.is_race, told.distance_m) == ("Live", 3.0, True, None)
    assert remote.externals_of(tx, me.id, [activity_id]) == {activity_id: ["1", "2", "strava:1"]}


def test_of_several_accounts_one_says_which_pair_it_was(tx: Tx, me: Runner) -> None:
    strava = worn(tx, me, STRAVA, "strava:1")
    other = worn(tx, me, STRAVA, "strava:2")
    exported = worn(tx, me, GARMIN_EXPORT, "1")
    externals = {5: ["1", "strava:1"], 6: ["strava:2"], 7: ["nothing"], 8: ["strava:1", "strava:2"]}

    assert gear.worn_in(tx, me.id, externals) == {5: (exported,), 6: (other,), 8: (strava, other)}
    live = worn(tx, me, "garmin", "1")
    assert gear.worn_in(tx, me.id, {5: ["1", "strava:1"]}) == {5: (live,)}
    gear.missing(tx, me.id, [])
    assert gear.worn_in(tx, me.id, {5: ["1", "strava:1"]}) == {5: (exported,)}, (
        "what is gone there comes last"
    )


def test_what_an_export_told_is_not_gone_nor_forgotten_with_the_account(tx: Tx, me: Runner) -> None:
    worn(tx, me, STRAVA, "strava:1")
    gear.tell(tx, me.id, [{"external_id": "new", "origin": STRAVA, "name": "new", "told": "{}"}], NOW)

    assert gear.missing(tx, me.id, []) == []
    gear.forget_proposed(tx, me.id)

    assert sorted(pair.state for pair in gear.pairs(tx, me.id)) == ["linked", "proposed"]
    assert gear.pairs(tx, me.id, "garmin") == []
