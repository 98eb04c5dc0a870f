"""What the store makes of an account's word on activities, on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from home import ME, Home, a_home
from home import NOW as NOON
from midsole.actions.rebuild import rebuild
from midsole.domain.activity import Activity, Recording
from midsole.domain.identity import Link, recording_key
from midsole.store import accounts, activities, facts, grouping, remote, runners, sources, steps
from midsole.store import tables as t
from midsole.store.base import Store, Tx
from midsole.store.laying import lay
from midsole.store.runners import Runner
from midsole.store.sources import RawFile

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
START = NOW - timedelta(days=2)
_names = itertools.count(1)


@pytest.fixture
def tx(store: Store) -> Iterator[Tx]:
    with store.write() as tx:
        yield tx


@pytest.fixture
def me(tx: Tx) -> Runner:
    return add_runner(tx)


def relay(tx: Tx, runner: Runner, external_ids: Iterable[str]) -> list[int]:
    """The account told something new of these: lay their activities, and return them in order of id."""
    concerned = sorted(set(remote.activities_of(tx, runner.id, external_ids).values()))
    lay(tx, runner, concerned)
    return concerned


def add_runner(tx: Tx) -> Runner:
    return runners.get(tx, runners.add(tx, f"runner {next(_names)}", "UTC", NOW))


def recording(km: float = 10, *, after_s: float = 0, leg: int = 0, **more: Any) -> Recording:
    seconds = km * 360
    values: dict[str, Any] = {
        "sport": "running",
        "surface": "road",
        "distance_from": "session",
        "timer_s": seconds,
        "moving_s": seconds,
        "elapsed_s": seconds,
    }
    start = START + timedelta(seconds=after_s)
    return Recording(leg=leg, started_at=start, distance_m=km * 1_000, **(values | more))


def add_file(tx: Tx, runner: Runner, state: str = "done", *, came_by: int | None = None) -> RawFile:
    sha256 = f"{next(_names):016x}".ljust(64, "0")
    file_id = sources.take_in(tx, runner.id, came_by, sha256, f"{sha256[:16]}.fit", 10, NOW)
    assert file_id is not None
    if state != "new":
        sources.settle_files(tx, [sources.Settled(file_id, state, "fit")], 1)
    return sources.raw_file(tx, file_id)


def keep(tx: Tx, runner: Runner, *recordings: Recording, came_by: int | None = None) -> RawFile:
    """A file that holds these legs."""
    file = add_file(tx, runner, came_by=came_by)
    activities.add_recordings(tx, runner, [(file, leg) for leg in recordings])
    return file


def line(external_id: str, *, after_s: float = 0, **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "external_id": external_id,
        "listed": f'{{"activityId": {external_id}}}',
        "digest": "d" * 64,
        "started_at": START + timedelta(seconds=after_s),
        "told": {"sport": "running"},
        "has_file": True,
    }
    return values | more


def tell(tx: Tx, runner: Runner, external_id: str = "1", **more: Any) -> list[str]:
    return remote.tell(tx, runner.id, [line(external_id, **more)])


def with_original(tx: Tx, runner: Runner, recorded: Recording, external_id: str = "1", **told: Any) -> int:
    """An activity of the account with its original; our activity's id."""
    tell(tx, runner, external_id, told=told)
    file = add_file(tx, runner)
    remote.note_original(tx, runner.id, external_id, file.id)
    (activity_id,) = activities.add_recordings(tx, runner, [(file, recorded)])
    return activity_id


def activity(tx: Tx, runner: Runner, activity_id: int) -> Activity:
    return activities.between(tx, runner.id, ids=[activity_id])[0]


def row(tx: Tx, runner: Runner, external_id: str = "1") -> Any:
    c = t.remote_activity.c
    mine = select(t.remote_activity).where(c.runner_id == runner.id, c.external_id == external_id)
    return tx.execute(mine).one()


# what the account told


def test_what_is_new_or_changed_is_named_and_what_is_the_same_is_not(tx: Tx, me: Runner) -> None:
    assert remote.tell(tx, me.id, [line("2"), line("1")]) == ["1", "2"]
    assert remote.tell(tx, me.id, [line("2"), line("1"), line("3")]) == ["3"]
    assert remote.tell(tx, me.id, [line("2", digest="e" * 64), line("1")]) == ["2"]
    assert tell(tx, me, "1", told={"sport": "walking"}) == ["1"]
    assert remote.known(tx, me.id) == {
        "1": ("d" * 64, START),
        "2": ("e" * 64, START),
        "3": ("d" * 64, START),
    }


def test_nothing_told_is_no_news(tx: Tx, me: Runner) -> None:
    assert remote.tell(tx, me.id, []) == []


def test_a_changed_line_keeps_files_details_and_gear_that_were_read(tx: Tx, me: Runner) -> None:
    original, listed_file = add_file(tx, me), add_file(tx, me)
    tell(tx, me)
    remote.note_original(tx, me.id, "1", original.id)
    remote.note_listed_file(tx, me.id, "1", listed_file.id)
    remote.tell_detail(tx, me.id, "1", '{"rpe": 40}', {"sport": "running", "rpe": 4}, NOW)
    remote.note_gear_read(tx, me.id, ["1"], NOW)

    tell(tx, me, listed='{"activityId": 1, "new": true}', told={"sport": "running", "rpe": 4, "title": "New"})

    kept = row(tx, me)
    assert (kept.original_id, kept.listed_file_id) == (original.id, listed_file.id)
    assert (kept.detail, kept.detail_at, kept.gear_at) == ('{"rpe": 40}', NOW, NOW)
    assert kept.told == {"sport": "running", "rpe": 4, "title": "New"}
    assert remote.listed(tx, me.id, ["1", "2"]) == {"1": '{"activityId": 1, "new": true}'}
    assert remote.details(tx, me.id, ["1", "2"]) == {"1": '{"rpe": 40}'}


def test_details_are_known_only_where_they_were_read(tx: Tx, me: Runner) -> None:
    tell(tx, me)
    assert remote.details(tx, me.id, ["1"]) == {}


def test_a_deletion_is_news_once_and_a_line_that_comes_back_is_news_again(tx: Tx, me: Runner) -> None:
    tell(tx, me)
    assert remote.gone(tx, me.id, "1", NOW)
    assert not remote.gone(tx, me.id, "1", NOW + timedelta(days=1))
    assert not remote.gone(tx, me.id, "nobody's", NOW)
    assert remote.known(tx, me.id) == {}
    assert row(tx, me).gone_at == NOW

    assert tell(tx, me) == ["1"]
    assert list(remote.known(tx, me.id)) == ["1"]


def test_two_runners_with_one_activity_id_do_not_meet(tx: Tx, me: Runner) -> None:
    other = add_runner(tx)
    tell(tx, me)
    tell(tx, other, digest="f" * 64)
    mine = with_original(tx, me, recording(), "7", title="Mine")
    theirs = with_original(tx, other, recording(), "7", title="Theirs")
    remote.gone(tx, other.id, "1", NOW)
    assert remote.known(tx, me.id)["1"] == ("d" * 64, START)
    assert [activity(tx, r, a).title for r, a in ((me, mine), (other, theirs))] == ["Mine", "Theirs"]
    assert remote.activities_of(tx, me.id) == {"7": mine}
    assert remote.externals_of(tx, me.id, [mine, theirs]) == {mine: ["7"]}


# its files


def test_originals_are_wanted_newest_first_until_they_are_there(tx: Tx, me: Runner) -> None:
    lines = [line(str(n), after_s=-n) for n in range(1, 7)]
    remote.tell(tx, me.id, [*lines, line("7", started_at=None), line("8", has_file=False)])
    remote.note_original(tx, me.id, "2", add_file(tx, me).id)
    remote.no_original(tx, me.id, "3")
    remote.gone(tx, me.id, "4", NOW)
    remote.fail(tx, me.id, "5", "Garmin says 500.", NOW + timedelta(hours=1))
    remote.fail(tx, me.id, "6", "Garmin says 500.", NOW)

    assert remote.wanted_originals(tx, me.id, NOW) == ["1", "6", "7"]
    assert remote.wanted_originals(tx, me.id, NOW + timedelta(hours=1)) == ["1", "5", "6", "7"]


def test_failures_are_counted_until_the_original_is_there(tx: Tx, me: Runner) -> None:
    tell(tx, me)
    for n in range(3):
        assert remote.attempts(tx, me.id, "1") == n
        remote.fail(tx, me.id, "1", "Garmin says 500.", NOW + timedelta(hours=n))
    failed = row(tx, me)
    assert (failed.attempts, failed.error, failed.next_at) == (
        3,
        "Garmin says 500.",
        NOW + timedelta(hours=2),
    )

    remote.note_original(tx, me.id, "1", add_file(tx, me).id)

    settled = row(tx, me)
    assert (settled.attempts, settled.error, settled.next_at) == (0, None, None)


def test_counts_say_how_far_the_originals_are(tx: Tx, me: Runner) -> None:
    assert set(remote.counts(tx, me.id).values()) == {0}
    remote.tell(tx, me.id, [line(str(n)) for n in range(1, 7)])
    remote.note_original(tx, me.id, "1", add_file(tx, me).id)
    remote.fail(tx, me.id, "2", "Garmin says 500.", NOW)
    remote.no_original(tx, me.id, "3")
    remote.gone(tx, me.id, "4", NOW)
    assert remote.counts(tx, me.id) == {"listed": 5, "with_original": 1, "waiting": 2, "failed": 1}


def ids_without(tx: Tx, runner: Runner, *, also_waiting: bool = False) -> list[str]:
    return [id_ for id_, _ in remote.without_recording(tx, runner.id, also_waiting=also_waiting)]


def test_the_line_is_needed_where_there_is_no_original_and_on_a_first_look_of_all(tx: Tx, me: Runner) -> None:
    tell(tx, me, "waits", after_s=3)
    tell(tx, me, "by hand", after_s=2, has_file=False)
    tell(tx, me, "failed", after_s=1)
    tell(tx, me, "gone", has_file=False)
    tell(tx, me, "has its line", has_file=False)
    remote.fail(tx, me.id, "failed", "Garmin says 500.", NOW)
    remote.gone(tx, me.id, "gone", NOW)
    remote.note_listed_file(tx, me.id, "has its line", add_file(tx, me).id)

    assert ids_without(tx, me) == ["failed", "by hand"]
    assert ids_without(tx, me, also_waiting=True) == ["failed", "by hand", "waits"]
    found = dict(remote.without_recording(tx, me.id, also_waiting=False))
    assert found["by hand"] == line("by hand")["listed"]


def test_the_line_is_needed_where_the_original_is_no_single_leg_and_settled(tx: Tx, me: Runner) -> None:
    originals = {
        "waits": add_file(tx, me, "new"),
        "bad": add_file(tx, me, "bad"),
        "one leg": keep(tx, me, recording()),
        "two legs": keep(tx, me, recording(after_s=9_000), recording(after_s=19_000, leg=1)),
    }
    for n, (external_id, file) in enumerate(originals.items()):
        tell(tx, me, external_id, after_s=n)
        remote.note_original(tx, me.id, external_id, file.id)
    for also_waiting in (False, True):
        assert ids_without(tx, me, also_waiting=also_waiting) == ["bad", "two legs"]


# which of our activities it is


def test_an_activity_is_found_by_its_line_else_by_an_original_of_one_leg(tx: Tx, me: Runner) -> None:
    both, only_line, only_original, two_legs, nothing = "1", "2", "3", "4", "5"
    remote.tell(tx, me.id, [line(n) for n in (both, only_line, only_original, two_legs, nothing)])
    lines = {n: keep(tx, me, recording(after_s=int(n) * 20_000)) for n in (both, only_line)}
    originals = {
        both: keep(tx, me, recording(20)),
        only_original: keep(tx, me, recording(after_s=90_000)),
        two_legs: keep(tx, me, recording(after_s=-20_000), recording(after_s=-40_000, leg=1)),
    }
    for n, file in lines.items():
        remote.note_listed_file(tx, me.id, n, file.id)
    for n, file in originals.items():
        remote.note_original(tx, me.id, n, file.id)
    home_of = {n: activities.of_file(tx, me.id, f.id)[0].id for n, f in (originals | lines).items()}

    found = remote.activities_of(tx, me.id)

    assert found == {n: home_of[n] for n in (both, only_line, only_original)}
    assert remote.activities_of(tx, me.id, [both, two_legs, nothing]) == {both: home_of[both]}
    assert remote.activities_of(tx, me.id, []) == {}
    assert remote.externals_of(tx, me.id, found.values()) == {a: [n] for n, a in found.items()}


def test_two_lines_of_one_activity_are_both_in_it(tx: Tx, me: Runner) -> None:
    first = with_original(tx, me, recording(), "9", title="Nine")
    second = with_original(tx, me, recording(after_s=4), "10", title="Ten")
    assert first == second
    assert remote.externals_of(tx, me.id, [first]) == {first: ["9", "10"]}
    assert activity(tx, me, first).title == "Nine"


def line_and_original_apart(tx: Tx, me: Runner) -> tuple[RawFile, RawFile]:
    """The distance was corrected there from 10 to 20 km, so that its line is no match."""
    tell(tx, me)
    listed_file, original = keep(tx, me, recording(20)), keep(tx, me, recording(10))
    remote.note_listed_file(tx, me.id, "1", listed_file.id)
    remote.note_original(tx, me.id, "1", original.id)
    return listed_file, original


def test_a_line_and_its_original_in_two_activities_are_told_until_something_was_said(
    tx: Tx, me: Runner
) -> None:
    listed_file, original = line_and_original_apart(tx, me)
    keys = (recording_key(listed_file.sha256, 0), recording_key(original.sha256, 0))
    for files in ([listed_file.id], [original.id], [listed_file.id, original.id]):
        assert remote.apart(tx, me.id, files) == [keys]
    assert remote.apart(tx, me.id, [add_file(tx, me).id]) == []
    assert remote.apart(tx, me.id, []) == []

    activities.say_links(tx, me, [Link(min(keys), max(keys), together=False)], NOW)

    assert remote.apart(tx, me.id, [original.id]) == []


def test_a_line_and_its_original_in_one_activity_are_not_apart(tx: Tx, me: Runner) -> None:
    listed_file, original = line_and_original_apart(tx, me)
    (keys,) = remote.apart(tx, me.id, [original.id])
    activities.say_links(tx, me, [Link(min(keys), max(keys), together=True)], NOW)
    assert remote.apart(tx, me.id, [listed_file.id, original.id]) == []
    assert len(activities.between(tx, me.id)) == 1


def test_an_original_of_two_legs_is_apart_from_nothing(tx: Tx, me: Runner) -> None:
    tell(tx, me)
    original = keep(tx, me, recording(10), recording(5, after_s=9_000, leg=1))
    remote.note_original(tx, me.id, "1", original.id)
    remote.note_listed_file(tx, me.id, "1", keep(tx, me, recording(30)).id)
    assert remote.apart(tx, me.id, [original.id]) == []


# laying


def test_what_is_told_counts_and_the_runner_may_say_otherwise(tx: Tx, me: Runner) -> None:
    said = {
        "title": "Mill",
        "sport": "walking",
        "surface": "treadmill",
        "is_race": True,
        "rpe": 7,
        "feel": 75,
    }
    known = with_original(tx, me, recording(title="Run", rpe=2), **said, distance_m=11_000, timer_s=5)

    laid = activity(tx, me, known)
    assert (laid.title, laid.sport, laid.surface, laid.is_race) == ("Mill", "walking", "treadmill", True)
    assert (laid.rpe, laid.feel, laid.timer_s) == (7, 75, 3_600)
    assert (laid.distance_m, laid.counted_m, laid.distance_from) == (11_000, 11_000, "source")
    assert laid.flags == ("treadmill",)

    activities.say(tx, me, known, NOW, title="My", sport="hiking", surface="trail", distance_m=12_000)

    laid = activity(tx, me, known)
    assert (laid.title, laid.sport, laid.surface) == ("My", "hiking", "trail")
    assert (laid.distance_m, laid.distance_from, laid.is_race) == (12_000, "edit", True)


def test_what_only_the_recording_says_of_how_it_felt_stays(tx: Tx, me: Runner) -> None:
    known = with_original(tx, me, recording(rpe=2, feel=50), rpe=0)
    assert (activity(tx, me, known).rpe, activity(tx, me, known).feel) == (0, 50)


def test_a_time_told_is_shown_where_none_was_recorded(tx: Tx, me: Runner) -> None:
    timeless = recording(timer_s=0, moving_s=0, elapsed_s=0)
    known = with_original(tx, me, timeless, timer_s=1_800)
    assert (activity(tx, me, known).timer_s, activity(tx, me, known).moving_s) == (1_800, 1_800)
    activities.say(tx, me, known, NOW, timer_s=2_000)
    assert activity(tx, me, known).timer_s == 2_000


def test_a_rename_is_followed_when_it_is_heard_of(tx: Tx, me: Runner) -> None:
    known = with_original(tx, me, recording(), title="Before")
    tell(tx, me, told={"title": "After"})
    assert activity(tx, me, known).title == "Before"

    assert relay(tx, me, ["1", "nobody's"]) == [known]

    assert activity(tx, me, known).title == "After"
    assert relay(tx, me, ["nobody's"]) == []


def test_what_another_program_tells_is_left_alone(tx: Tx, me: Runner) -> None:
    known = with_original(tx, me, recording(), title="Mine", of_a_newer_version=[1])
    assert activity(tx, me, known).title == "Mine"


def test_a_device_of_its_own_that_leads_keeps_its_distance_unless_it_was_corrected_there(
    tx: Tx, me: Runner
) -> None:
    known = with_original(tx, me, recording(10), distance_m=10_000)
    keep(tx, me, recording(10.3, steps=9_000, heart_rate_mean_bpm=150, ascent_m=50))
    assert len(activities.between(tx, me.id)) == 1
    assert (activity(tx, me, known).distance_m, activity(tx, me, known).distance_from) == (10_300, "session")

    tell(tx, me, told={"distance_m": 9_800})
    relay(tx, me, ["1"])

    assert (activity(tx, me, known).distance_m, activity(tx, me, known).distance_from) == (9_800, "source")


def test_a_line_that_is_the_only_recording_follows_a_later_correction(tx: Tx, me: Runner) -> None:
    tell(tx, me, has_file=False, told={"distance_m": 10_000})
    file = add_file(tx, me)
    remote.note_listed_file(tx, me.id, "1", file.id)
    (known,) = activities.add_recordings(tx, me, [(file, recording())])
    assert activity(tx, me, known).distance_from == "session"
    tell(tx, me, has_file=False, told={"distance_m": 8_000})
    relay(tx, me, ["1"])
    assert activity(tx, me, known).counted_m == 8_000


def delete_there(tx: Tx, runner: Runner, *external_ids: str) -> None:
    for external_id in external_ids:
        remote.gone(tx, runner.id, external_id, NOW)
    relay(tx, runner, external_ids)


def test_what_was_deleted_there_counts_nothing_and_keeps_its_marks_until_the_runner_wants_it(
    tx: Tx, me: Runner
) -> None:
    known = with_original(tx, me, recording(recovered=True), title="Mine")
    delete_there(tx, me, "1")
    laid = activity(tx, me, known)
    assert (laid.flags, laid.counted_m, laid.distance_m) == (("gone", "recovered"), 0, 10_000)
    assert (laid.title, laid.is_run) == ("Mine", False)

    activities.say(tx, me, known, NOW, excluded=False)

    assert activity(tx, me, known).counted_m == 10_000


def test_what_comes_back_there_counts_again(tx: Tx, me: Runner) -> None:
    known = with_original(tx, me, recording(), title="Mine")
    delete_there(tx, me, "1")
    relay(tx, me, tell(tx, me, told={"title": "Mine"}))
    assert (activity(tx, me, known).flags, activity(tx, me, known).counted_m) == ((), 10_000)


def test_a_copy_from_elsewhere_keeps_what_was_deleted_there(tx: Tx, me: Runner) -> None:
    known = with_original(tx, me, recording())
    keep(tx, me, recording(10.1))
    delete_there(tx, me, "1")
    assert activity(tx, me, known).flags == ()


def test_an_original_that_lay_in_a_folder_first_keeps_what_was_deleted_there(tx: Tx, me: Runner) -> None:
    folder = sources.connect(tx, me.id, "folder", "/runs", NOW)
    tell(tx, me)
    file = keep(tx, me, recording(), came_by=folder)
    remote.note_original(tx, me.id, "1", file.id)
    delete_there(tx, me, "1")
    assert activities.of_file(tx, me.id, file.id)[0].counted_m == 10_000


def test_one_of_two_lines_deleted_leaves_the_other_one_to_speak(tx: Tx, me: Runner) -> None:
    known = with_original(tx, me, recording(), "9", title="Nine")
    with_original(tx, me, recording(after_s=4), "10", title="Ten")
    delete_there(tx, me, "9")
    assert (activity(tx, me, known).title, activity(tx, me, known).flags) == ("Ten", ())
    delete_there(tx, me, "10")
    assert (activity(tx, me, known).title, activity(tx, me, known).flags) == ("Nine", ("gone",))


def test_a_line_and_original_that_are_both_deleted_are_gone(tx: Tx, me: Runner) -> None:
    known = with_original(tx, me, recording())
    remote.note_listed_file(tx, me.id, "1", keep(tx, me, recording(after_s=1)).id)
    delete_there(tx, me, "1")
    assert activity(tx, me, known).flags == ("gone",)


def test_a_home_without_an_account_is_asked_one_more_question_only(store: Store) -> None:
    with store.write() as tx:
        me = add_runner(tx)
        known = [
            activities.of_file(tx, me.id, keep(tx, me, recording(after_s=n * 9_000)).id) for n in range(3)
        ]
        asked: list[str] = []
        event.listen(store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        grouping.lay(tx, me, [a.id for (a,) in known])
    assert sum("remote_activity" in question for question in asked) == 1


# what is to be read


def test_details_are_wanted_of_runs_that_were_not_asked_about_or_have_no_rpe_yet(tx: Tx, me: Runner) -> None:
    lines = {
        name: line(name, after_s=-n) for n, name in enumerate(("never", "long ago", "lately", "has rpe"))
    }
    lines["walk"] = line("walk", told={"sport": "walking"})
    lines["nameless"] = line("nameless", told={})
    lines["older, never"] = line("older, never", after_s=-7_200)
    lines["older, no rpe"] = line("older, no rpe", after_s=-7_300)
    lines["too old"] = line("too old", after_s=-90_000)
    lines["gone"] = line("gone")
    remote.tell(tx, me.id, lines.values())
    remote.gone(tx, me.id, "gone", NOW)
    run = {"sport": "running"}
    remote.tell_detail(tx, me.id, "older, no rpe", "{}", run, NOW - timedelta(hours=13))
    remote.tell_detail(tx, me.id, "long ago", "{}", run, NOW - timedelta(hours=13))
    remote.tell_detail(tx, me.id, "lately", "{}", run, NOW - timedelta(hours=11))
    remote.tell_detail(tx, me.id, "has rpe", "{}", run | {"rpe": 4}, NOW - timedelta(hours=13))

    wanted = remote.detail_wanted(
        tx,
        me.id,
        START - timedelta(hours=3),
        again_since=START - timedelta(hours=1),
        before=NOW - timedelta(hours=12),
    )

    assert wanted == ["never", "long ago", "older, never"]


def test_pairs_are_asked_for_of_what_was_done_on_feet_and_not_asked_before(tx: Tx, me: Runner) -> None:
    sports = ("running", "walking", "hiking", "cycling", "unknown")
    remote.tell(tx, me.id, [line(s, after_s=n, told={"sport": s}) for n, s in enumerate(sports)])
    tell(tx, me, "too old", after_s=-90_000)
    tell(tx, me, "gone")
    remote.gone(tx, me.id, "gone", NOW)
    since = START - timedelta(hours=1)
    assert remote.gear_unknown(tx, me.id, since) == ["hiking", "walking", "running"]

    remote.note_gear_read(tx, me.id, ["walking"], NOW)
    assert remote.gear_unknown(tx, me.id, since) == ["hiking", "running"]
    remote.note_gear_read(tx, me.id, None, NOW)
    assert remote.gear_unknown(tx, me.id, since) == []


def test_of_many_the_newest_thirty_are_asked_about(tx: Tx, me: Runner) -> None:
    remote.tell(tx, me.id, [line(str(n), after_s=n) for n in range(100, 140)])
    newest = [str(n) for n in range(139, 109, -1)]
    assert remote.gear_unknown(tx, me.id, START) == newest
    assert remote.detail_wanted(tx, me.id, START, again_since=START, before=NOW) == newest


# what the rules see


def test_the_rules_see_how_an_account_stands(tx: Tx, me: Runner) -> None:
    sources.connect(tx, me.id, "folder", "/runs", NOW)
    ends_on = NOW.date() + timedelta(days=30)
    account = accounts.make(tx, me.id, "garmin_personal", "garmin.com", NOW, "connected")
    accounts.change(tx, account, state="rate_limited", next_at=NOW + timedelta(hours=1), expires_on=ends_on)

    folder, personal = facts.load(tx, me, NOW).sources

    assert (folder.kind, folder.state, folder.next_at, folder.expires_on) == (
        "folder",
        "connected",
        None,
        None,
    )
    assert (personal.kind, personal.state) == ("garmin_personal", "rate_limited")
    assert (personal.next_at, personal.expires_on) == (NOW + timedelta(hours=1), ends_on)


def test_the_rules_see_the_steps_up_to_the_day_that_is_judged(tx: Tx, me: Runner) -> None:
    today = NOW.date()
    days = {today - timedelta(days=n): 9_000 + n for n in (-1, 0, 1, 35, 202)}
    steps.tell(tx, me.id, days)
    assert facts.load(tx, me, NOW).steps == {today - timedelta(days=n): 9_000 + n for n in (0, 1, 35)}
    assert facts.load(tx, me, NOW, until=today - timedelta(days=1)).steps == {
        today - timedelta(days=n): 9_000 + n for n in (1, 35)
    }


# reading anew


def test_decoding_anew_keeps_what_was_told(tx: Tx, me: Runner) -> None:
    known = with_original(tx, me, recording(), title="Mine", distance_m=12_000, rpe=6)
    gone = with_original(tx, me, recording(after_s=50_000), "2")
    delete_there(tx, me, "2")
    before = activities.between(tx, me.id)
    files = [sources.raw_file(tx, row(tx, me, n).original_id) for n in ("1", "2")]
    anew = [recording(), recording(after_s=50_000)]

    grouping.replace_many(tx, me, [(file, [leg]) for file, leg in zip(files, anew, strict=True)])

    assert activities.between(tx, me.id) == before
    assert [activity(tx, me, n).counted_m for n in (known, gone)] == [12_000, 0]


def test_a_new_reading_of_the_distance_keeps_the_corrected_one(tx: Tx, me: Runner) -> None:
    known = with_original(tx, me, recording(), distance_m=12_000)
    file = sources.raw_file(tx, row(tx, me).original_id)
    grouping.replace_many(tx, me, [(file, [recording(10.2)])])
    assert activity(tx, me, known).distance_m == 12_000


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path) as home:
        yield home


def test_a_rebuild_keeps_what_the_account_told(home: Home) -> None:
    for days in (2, 3):
        home.run(NOON - timedelta(days=days), 8)
    home.once()
    with home.box.store.write() as tx:
        runner = runners.get(tx, ME)
        for n, file in enumerate(home.files(), 1):
            told = {"title": f"Told {n}", "distance_m": 9_000, "rpe": 5}
            remote.tell(tx, ME, [line(str(n), told=told)])
            remote.note_original(tx, ME, str(n), file.id)
        sources.disconnect(tx, home.connection().id)
        remote.gone(tx, ME, "2", NOON)
        relay(tx, runner, ["1", "2"])
    before = home.activities()
    assert sorted((a.title, a.counted_m, a.rpe) for a in before) == [("Told 1", 9_000, 5), ("Told 2", 0, 5)]

    rebuild(home.box, ME)

    assert home.activities() == before
