"""What the store makes of many recordings: one activity a run, in any order, on both databases."""

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from midsole.domain import identity
from midsole.domain.activity import Recording
from midsole.domain.identity import Link
from midsole.domain.wearing import whole
from midsole.store import activities, runners, shoes, sources
from midsole.store import tables as t
from midsole.store.base import Store, Tx
from midsole.store.grouping import trace_of
from midsole.store.runners import Runner
from midsole.store.sources import RawFile

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
START = NOW - timedelta(days=2)
_names = itertools.count(1)

type Found = list[tuple[RawFile, Recording]]

slow_on_purpose = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def recording(km: float = 10, *, after_s: float = 0, leg: int = 0, **more: Any) -> Recording:
    seconds = more.pop("seconds", km * 360)
    same = {"timer_s": seconds, "moving_s": seconds, "elapsed_s": seconds}
    start = START + timedelta(seconds=after_s)
    values = {"sport": "running", "surface": "road", "distance_from": "session", **same, **more}
    return Recording(leg=leg, started_at=start, distance_m=km * 1_000, **values)


def add_runner(tx: Tx) -> Runner:
    return runners.get(tx, runners.add(tx, f"runner {next(_names)}", "UTC", NOW))


def add_file(tx: Tx, runner: Runner, *, sha256: str | None = None, source: int | None = None) -> RawFile:
    sha256 = sha256 or f"{next(_names):016x}".ljust(64, "0")
    file_id = sources.take_in(tx, runner.id, source, sha256, f"{sha256[:16]}.fit", 10, NOW)
    assert file_id is not None
    sources.settle_files(tx, [sources.Settled(file_id, "done", "fit")], 1)
    return sources.raw_file(tx, file_id)


def add(tx: Tx, runner: Runner, *recordings: Recording) -> list[int]:
    """Each in a file of its own, one after the other; the activity of each at that time."""
    found = [activities.add_recordings(tx, runner, [(add_file(tx, runner), r)]) for r in recordings]
    return [activity_id for (activity_id,) in found]


def groups_of(tx: Tx, runner: Runner) -> dict[frozenset[str], tuple[str, float]]:
    """The keys of each activity's recordings -> its leader's key and what it counts."""
    r = t.recording.c
    keys: dict[int, set[str]] = {}
    for activity_id, key in tx.execute(select(r.activity_id, r.key).where(r.runner_id == runner.id)):
        keys.setdefault(activity_id, set()).add(key)
    led = select(t.activity.c.id, r.key, t.activity.c.counted_m)
    led = led.join_from(t.activity, t.recording, r.id == t.activity.c.leader_id)
    rows = tx.execute(led.where(t.activity.c.runner_id == runner.id)).all()
    assert len(rows) == len(keys)
    return {frozenset(keys[activity_id]): (leader, counted_m) for activity_id, leader, counted_m in rows}


def key_of(tx: Tx, activity_id: int) -> str:
    """The key of its only recording."""
    r = t.recording.c
    return tx.scalars(select(r.key).where(r.activity_id == activity_id)).one()


def link(tx: Tx, runner: Runner, one: str, other: str, *, together: bool) -> list[int]:
    first, second = sorted((one, other))
    return activities.say_links(tx, runner, [Link(first, second, together)], NOW)


def add_shoe(tx: Tx, runner: Runner, name: str) -> int:
    row = {"name": name, "kind": "daily", "limit_m": 640_000, "start_m": 0, "start_how": "known"}
    return shoes.add(tx, runner.id, NOW, **row)


# in any order


@st.composite
def many_recordings(draw: st.DrawFn) -> list[list[Recording]]:
    """The recordings of up to seven files: few starts and sizes, so that much is the same run."""
    pick = st.sampled_from
    files = []
    for _ in range(draw(st.integers(1, 7))):
        legs = [
            recording(
                draw(pick([0, 5, 10, 10.03, 10.4])),
                after_s=draw(pick([0, 4, 70, 119, 1_000, 1_800, 7_200, 7_203, 36_000])),
                seconds=draw(pick([1_800.0, 3_600.0, 3_610.0])),
                leg=leg,
                device=draw(pick([None, "watch", "phone"])),
                sport=draw(pick(["running", "running", "unknown", "walking"])),
                recovered=draw(pick([False, False, True])),
                steps=draw(pick([None, 9_000])),
            )
            for leg in range(draw(pick([1, 1, 1, 2])))
        ]
        files.append(legs)
    return files


def portions(found: Found, chance: random.Random) -> Iterable[Found]:
    rest = list(found)
    chance.shuffle(rest)
    while rest:
        size = chance.randint(1, len(rest))
        yield rest[:size]
        rest = rest[size:]


@slow_on_purpose
@given(
    many_recordings(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans())), st.randoms()
)
def test_any_order_and_portions_give_the_same_activities(
    store: Store,
    files: list[list[Recording]],
    said: list[tuple[int, int, bool]],
    chance: random.Random,
) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        kept = [(add_file(tx, runner), legs) for legs in files]
        found = [(file, leg) for file, legs in kept for leg in legs]
        traces = [trace_of(*pair) for pair in found]
        links = _links([trace.key for trace in traces], said)
        if links:
            activities.say_links(tx, runner, links, NOW)
        for portion in portions(found, chance):
            activities.add_recordings(tx, runner, portion)
        told = identity.components(traces, links)
        groups = groups_of(tx, runner)
        assert {keys: leader for keys, (leader, _) in groups.items()} == {
            frozenset(trace.key for trace in group): identity.leader(group).key for group in told
        }
        assert activities.totals(tx, runner.id).run_m == pytest.approx(_run_m(tx, groups))
        assert _orphans(tx, runner) == 0
        activities.add_recordings(tx, runner, found)
        assert groups_of(tx, runner) == groups
        for file, legs in kept:
            activities.replace_many(tx, runner, [(file, legs)])
        assert groups_of(tx, runner) == groups
        activities.replace_many(tx, runner, [(file, legs[::-1]) for file, legs in kept])
        assert groups_of(tx, runner) == groups
        assert _orphans(tx, runner) == 0


@slow_on_purpose
@given(many_recordings(), many_recordings())
def test_files_that_say_something_else_when_decoded_anew_give_what_they_would_have_given_at_once(
    store: Store, before: list[list[Recording]], after: list[list[Recording]]
) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        kept = [add_file(tx, runner) for _ in range(max(len(before), len(after)))]
        first = [(file, leg) for file, legs in zip(kept, before, strict=False) for leg in legs]
        activities.add_recordings(tx, runner, first)
        anew = list(itertools.zip_longest(kept, after, fillvalue=[]))
        for file, legs in anew[: len(anew) // 2]:
            activities.replace_many(tx, runner, [(file, legs)])
        touched = activities.replace_many(tx, runner, anew[len(anew) // 2 :])
        told = identity.components(trace_of(file, leg) for file, legs in anew for leg in legs)
        assert {keys: leader for keys, (leader, _) in groups_of(tx, runner).items()} == {
            frozenset(trace.key for trace in group): identity.leader(group).key for group in told
        }
        assert _orphans(tx, runner) == 0
        assert set(touched) <= {a.id for a in activities.between(tx, runner.id)}


def _links(keys: Sequence[str], said: Iterable[tuple[int, int, bool]]) -> list[Link]:
    pairs = {
        tuple(sorted((keys[one], keys[other]))): together
        for one, other, together in said
        if max(one, other) < len(keys) and one != other
    }
    return [Link(*pair, together) for pair, together in pairs.items()]


def _run_m(tx: Tx, groups: dict[frozenset[str], tuple[str, float]]) -> float:
    r = t.recording.c
    runs = set(tx.scalars(select(r.key).where(r.sport == "running")))
    return sum(counted_m for leader, counted_m in groups.values() if leader in runs)


def _orphans(tx: Tx, runner: Runner) -> int:
    kept = select(t.recording.c.id).where(t.recording.c.activity_id == t.activity.c.id)
    lost = select(func.count()).select_from(t.activity).where(t.activity.c.runner_id == runner.id)
    return tx.scalar(lost.where(~kept.exists())) or 0


def test_files_of_one_batch_may_be_the_same_run_and_belong_to_one_known(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        (known,) = add(tx, runner, recording())
        batch = [(add_file(tx, runner), recording(after_s=n)) for n in (10, 20)]
        other = [(add_file(tx, runner), recording(after_s=90_000 + n)) for n in (10, 20)]
        touched = activities.add_recordings(tx, runner, batch + other)
        assert touched == sorted({known, *touched})
        assert len(touched) == len(activities.between(tx, runner.id)) == 2


def test_a_run_is_found_however_many_lie_around_it(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        many = [(add_file(tx, runner), recording(after_s=-n * 70_000)) for n in range(250)]
        activities.add_recordings(tx, runner, many)
        again = [(add_file(tx, runner), replace(one, distance_m=10_050.0)) for _, one in many]
        activities.add_recordings(tx, runner, again)
        assert activities.totals(tx, runner.id).runs == 250


def test_another_runners_same_run_is_theirs(store: Store) -> None:
    with store.write() as tx:
        me, you = add_runner(tx), add_runner(tx)
        assert add(tx, me, recording()) != add(tx, you, recording())
        assert activities.totals(tx, me.id).runs == activities.totals(tx, you.id).runs == 1


def test_a_start_at_the_end_of_time_is_kept(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        for year in (1, 9999):
            far = replace(recording(), started_at=datetime(year, 1, 1, tzinfo=UTC), utc_offset_s=0)
            activities.add_recordings(tx, runner, [(add_file(tx, runner), far)])
        assert len(activities.between(tx, runner.id)) == 2


# the runner's word


def test_parted_runs_count_both_and_come_together_again_under_the_old_number(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        (one,) = add(tx, runner, recording())
        first = key_of(tx, one)
        add(tx, runner, recording(10.2, after_s=20))
        (second,) = {key for keys in groups_of(tx, runner) for key in keys} - {first}
        touched = link(tx, runner, first, second, together=False)
        assert touched == [one, max(touched)]
        assert activities.totals(tx, runner.id).run_m == 20_200
        assert link(tx, runner, first, second, together=True) == [one]
        assert activities.totals(tx, runner.id).runs == 1


def test_what_the_runner_said_stays_with_the_first_recording_when_a_run_is_parted(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        (one,) = add(tx, runner, recording())
        first = key_of(tx, one)
        add(tx, runner, recording(10.2, after_s=20, steps=9_000))
        second = next(leader for leader, _ in groups_of(tx, runner).values())
        activities.say(tx, runner, one, NOW, title="hills")
        shoes.wear_all(tx, runner.id, {one: whole(add_shoe(tx, runner, "Pegasus"), "runner")}, NOW)
        link(tx, runner, first, second, together=False)
        titles = {a.id: a.title for a in activities.between(tx, runner.id)}
        assert titles == {one: "hills", max(titles): None}
        assert list(shoes.wearings(tx, runner.id)) == [one]


def test_a_joined_pair_counts_its_leader_and_keeps_what_was_said_of_both(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        one, other = add(tx, runner, recording(), recording(5, after_s=7_000))
        activities.say(tx, runner, other, NOW, title="second")
        link(tx, runner, key_of(tx, one), key_of(tx, other), together=True)
        (activity,) = activities.between(tx, runner.id)
        assert (activity.id, activity.title) == (one, "second")


def test_the_runner_chooses_who_leads_and_it_holds_when_a_better_one_comes(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        (one,) = add(tx, runner, recording(distance_from="gps"))
        key = key_of(tx, one)
        add(tx, runner, recording(10.3))
        assert activities.totals(tx, runner.id).run_m == 10_300
        activities.say(tx, runner, one, NOW, leader=key)
        add(tx, runner, recording(10.4, steps=9_000))
        (activity,) = activities.between(tx, runner.id)
        assert (activity.distance_m, activity.distance_from) == (10_000, "gps")


# decoded anew


def test_a_file_decoded_anew_keeps_its_activity_and_what_was_said_of_it(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        file = add_file(tx, runner)
        (one,) = activities.add_recordings(tx, runner, [(file, recording())])
        activities.say(tx, runner, one, NOW, title="hills")
        shoes.wear_all(tx, runner.id, {one: whole(add_shoe(tx, runner, "Pegasus"), "runner")}, NOW)
        assert activities.replace_many(tx, runner, [(file, [recording(10.1, cadence_spm=172.0)])]) == [one]
        (activity,) = activities.between(tx, runner.id)
        assert (activity.id, activity.counted_m, activity.title) == (one, 10_100, "hills")
        assert tx.scalars(select(t.recording.c.cadence_spm)).all() == [172.0]
        assert list(shoes.wearings(tx, runner.id)) == [one]


def test_a_leg_that_is_new_comes_and_one_that_is_gone_goes(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        file = add_file(tx, runner)
        legs = [recording(), recording(5, after_s=9_000, leg=1)]
        one, other = activities.add_recordings(tx, runner, [(file, leg) for leg in legs])
        third = recording(7, after_s=20_000, leg=2)
        assert activities.replace_many(tx, runner, [(file, [legs[0], third])]) == [one, other + 1]
        assert {a.id: a.counted_m for a in activities.between(tx, runner.id)} == {
            one: 10_000,
            other + 1: 7_000,
        }
        assert _orphans(tx, runner) == 0


def test_a_file_that_gives_nothing_any_more_leaves_its_copys_activity(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        file = add_file(tx, runner)
        (one,) = activities.add_recordings(tx, runner, [(file, recording(steps=9_000))])
        add(tx, runner, recording(10.2))
        assert activities.replace_many(tx, runner, [(file, [])]) == [one]
        assert activities.totals(tx, runner.id).run_m == 10_200


def test_a_run_that_is_no_longer_the_same_parts_from_its_copy(store: Store) -> None:
    with store.write() as tx:
        runner = add_runner(tx)
        file = add_file(tx, runner)
        (one,) = activities.add_recordings(tx, runner, [(file, recording())])
        add(tx, runner, recording(10.2))
        touched = activities.replace_many(tx, runner, [(file, [recording(5)])])
        assert touched == [one, max(touched)]
        assert activities.totals(tx, runner.id).run_m == 15_200
