"""When two recordings are one run, which activities a set of them makes, and which of them leads."""

import random
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midsole.domain.identity import Link, Trace, apart, components, leader, matches, matching, settle, windows
from midsole.domain.matching import FARTHEST_S

START_S = 1_790_000_000.0
HOUR = 3_600.0


def trace(name: str = "a", km: float = 10, *, after_s: float = 0, **more: Any) -> Trace:
    """A run of 6 min/km by a watch without a name; `name` becomes the file's SHA-256."""
    seconds = more.pop("seconds", km * 360)
    values: dict[str, Any] = {
        "id": None,
        "activity_id": None,
        "file": (name * 64)[:64],
        "leg": 0,
        "source": 1,
        "format": "fit",
        "device": None,
        "sport": "running",
        "start_s": START_S + after_s,
        "timer_s": seconds,
        "elapsed_s": seconds,
        "distance_m": km * 1_000,
        "distance_from": "session",
        "recovered": False,
        "measures": 0,
    }
    return Trace(**(values | more))


def names(groups: list[list[Trace]]) -> set[str]:
    return {"".join(sorted(t.file[0] for t in group)) for group in groups}


def link(one: str, other: str, *, together: bool) -> Link:
    first, second = sorted((one, other))
    return Link(f"{first * 16}:0", f"{second * 16}:0", together)


# the same start


def test_two_files_of_one_run_match() -> None:
    assert matches(trace("a"), trace("b", 10.4, after_s=110))


@pytest.mark.parametrize("other", [trace("b", after_s=121), trace("b", 10.6), trace("b", 10, seconds=3_900)])
def test_what_lies_outside_the_bounds_is_another_run(other: Trace) -> None:
    assert not matches(trace("a"), other)


def test_a_duration_may_be_near_by_the_clock_where_a_pause_was_not_taken_off() -> None:
    watch = trace("a", elapsed_s=5_000)
    assert matches(watch, trace("b", format="gpx", timer_s=5_000, elapsed_s=5_000))


def test_a_second_more_or_less_is_no_other_run_however_short() -> None:
    assert matches(trace("a", 0.006, seconds=13.7), trace("b", 0.006, seconds=13.0))


def test_a_walk_and_a_run_78_seconds_apart_are_two() -> None:
    """fitparse's garmin-fenix-5-walk and -run."""
    walk = trace("a", 0.0678, seconds=45, sport="walking", device="garmin fenix5")
    assert not matches(walk, trace("b", 0.1576, seconds=57, after_s=78, device="garmin fenix5"))
    assert not matches(trace("a", 1, sport="walking"), trace("b", 1, after_s=78))


def test_two_short_efforts_one_after_the_other_are_two() -> None:
    assert not matches(trace("a", 0.2, seconds=40), trace("b", 0.2, seconds=40, after_s=60))


def test_a_run_that_another_app_took_for_a_walk_is_one() -> None:
    assert matches(trace("a"), trace("b", 10.2, sport="walking", after_s=20))


def test_a_ride_is_no_run_and_an_unknown_sport_may_be_either() -> None:
    assert not matches(trace("a"), trace("b", sport="cycling"))
    assert matches(trace("a"), trace("b", sport="unknown"))


def test_a_missing_distance_says_nothing_but_then_the_times_must_agree() -> None:
    assert matches(trace("a"), trace("b", 0, seconds=3_650))
    assert not matches(trace("a"), trace("b", 0, seconds=3_600, after_s=119, elapsed_s=3_700, timer_s=3_400))


def test_an_hour_of_yoga_in_two_files_is_one_and_on_two_evenings_two() -> None:
    yoga = trace("a", 0, seconds=3_600, sport="other")
    assert matches(yoga, trace("b", 0, seconds=3_601, sport="other", after_s=1))
    assert not matches(yoga, trace("b", 0, seconds=3_600, sport="other", source=2, after_s=10 * HOUR))


# a saved part


def test_a_cut_copy_gives_way_to_the_whole_one() -> None:
    whole, cut = trace("a"), trace("b", 4, recovered=True)
    assert matches(whole, cut)
    assert names(components([cut, whole])) == {"ab"}
    assert leader([cut, whole]) is whole


def test_a_part_from_the_middle_lies_inside() -> None:
    assert matches(trace("a"), trace("b", 2, after_s=1_500, recovered=True))


@pytest.mark.parametrize(
    "part",
    [
        trace("b", 4, after_s=3_000, recovered=True),
        trace("b", 12, seconds=1_800, recovered=True),
        trace("b", 4),
        trace("b", 4, recovered=True, sport="cycling"),
        trace("b", 0.1, seconds=60, after_s=-78, recovered=True),
    ],
    ids=["sticks out", "claims more", "is complete", "another sport", "before it"],
)
def test_what_is_no_part_of_it_stays_by_itself(part: Trace) -> None:
    assert not matches(trace("a"), part)


def test_of_two_cut_copies_the_shorter_is_part_of_the_longer() -> None:
    assert matches(trace("a", 4, recovered=True), trace("b", 7, recovered=True))


# a wrong clock


@pytest.mark.parametrize("hours", [1, -2, 5.75, 14])
def test_a_wrong_zone_on_another_road_is_the_same_run(hours: float) -> None:
    assert matches(trace("a"), trace("b", 10.04, after_s=hours * HOUR + 4, source=None))


def test_roads_differ_by_source_by_format_or_by_who_wrote_the_file() -> None:
    late = {"after_s": 2 * HOUR}
    assert not matches(trace("a"), trace("b", **late))
    assert matches(trace("a"), trace("b", **late, source=2))
    assert matches(trace("a"), trace("b", **late, format="gpx"))
    assert matches(trace("a", device="garmin fr955"), trace("b", **late))


@pytest.mark.parametrize(
    "other",
    [
        trace("b", source=2, after_s=2 * HOUR + 6),
        trace("b", source=2, after_s=14.25 * HOUR),
        trace("b", 10.06, source=2, after_s=2 * HOUR),
        trace("b", source=2, after_s=2 * HOUR, sport="walking"),
        trace("b", source=2, after_s=2 * HOUR, distance_from="edit"),
    ],
    ids=["seconds off", "too far", "another size", "another sport", "by hand"],
)
def test_not_every_later_run_is_a_wrong_zone(other: Trace) -> None:
    assert not matches(trace("a"), other)


def test_a_copy_that_lost_the_minutes_at_the_start_is_the_same_run() -> None:
    """A walk that GoldenCheetah saved 224 s late with all its metres."""
    walk = trace("a", 0.7328, seconds=588, sport="walking", device="garmin fr55")
    copy = trace("b", 0.7328, seconds=588, sport="unknown", after_s=224)
    assert matches(walk, copy)
    assert not matches(walk, trace("b", 0.7328, seconds=588, device="garmin fr55", after_s=400))


# never


def test_two_legs_of_one_file_are_never_one() -> None:
    assert apart(trace("a"), trace("a", leg=1))
    assert not matches(trace("a"), trace("a", leg=1))


def test_thirty_minutes_on_the_treadmill_twice_a_day_are_two_runs() -> None:
    morning = trace("a", 5, seconds=1_800, device="garmin fr965")
    evening = trace("b", 5, seconds=1_800, device="garmin fr965", after_s=10 * HOUR, source=2, format="tcx")
    assert not matches(morning, evening)
    assert apart(morning, evening)


def test_starts_too_far_apart_never_match() -> None:
    long = trace("a", 400, seconds=80 * HOUR)
    assert not matches(long, trace("b", 1, after_s=FARTHEST_S + 1, recovered=True))


def test_a_third_recording_does_not_join_what_is_never_one() -> None:
    """The copy lies between two runs of one watch: it goes with the nearer."""
    first = trace("a", 0.1, seconds=200, device="watch")
    second = trace("b", 0.1, seconds=200, device="watch", after_s=201)
    copy = trace("c", 0.1, seconds=200, after_s=98)
    assert matches(first, copy)
    for order in permutations((first, second, copy)):
        assert names(components(order)) == {"ac", "b"}


def test_a_file_without_a_sport_does_not_join_a_run_and_a_ride() -> None:
    found = components([trace("a"), trace("b", sport="unknown"), trace("c", 10.1, sport="cycling")])
    assert names(found) == {"ab", "c"}


# the runner's word


def test_the_runner_may_part_what_matches() -> None:
    pair = [trace("a"), trace("b")]
    assert names(components(pair, [link("a", "b", together=False)])) == {"a", "b"}


def test_the_runner_may_join_what_does_not_match() -> None:
    pair = [trace("a"), trace("b", 3, after_s=5_000)]
    assert names(components(pair, [link("a", "b", together=True)])) == {"ab"}


def test_the_runner_may_join_two_recordings_of_one_device_and_their_copies_follow() -> None:
    first, second = trace("a", device="watch"), trace("b", device="watch", after_s=2 * HOUR)
    copy = trace("c", device="watch", after_s=2 * HOUR + 10)
    found = components([first, second, copy], [link("a", "b", together=True)])
    assert names(found) == {"abc"}


def test_what_was_parted_is_not_joined_through_a_third() -> None:
    three = [trace("a"), trace("b", after_s=5), trace("c", after_s=2)]
    groups = components(three, [link("a", "b", together=False)])
    assert names(groups) == {"ac", "b"}


def test_a_link_to_a_file_that_is_gone_is_kept_in_mind_and_does_nothing() -> None:
    assert names(components([trace("a")], [link("a", "z", together=True)])) == {"a"}


# who leads


def test_the_leader_is_chosen_then_complete_then_rich() -> None:
    plain = trace("b")
    assert leader([plain, trace("a", recovered=True)]) is plain
    assert leader([plain, trace("a", sport="unknown")]) is plain
    assert leader([plain, trace("a", distance_from="gps")]) is plain
    assert leader([plain, rich := trace("c", measures=3)]) is rich
    assert leader([plain, first := trace("a")]) is first
    assert leader([plain, trace("a")], plain.key) is plain
    assert leader([plain, first], "gone:0") is first


# which activity lives on


def test_the_oldest_activity_lives_on_in_a_merge() -> None:
    one, two = trace("a", id=1, activity_id=7), trace("b", id=2, activity_id=3)
    (settled,) = settle([[one, two]], {7: one.key, 3: two.key})
    assert (settled.keeps, settled.absorbs) == (3, (7,))


def test_a_parted_activity_stays_with_the_recording_that_it_is_named_after() -> None:
    one, two = trace("a", id=1, activity_id=7), trace("b", id=2, activity_id=7, measures=9)
    first, second = settle([[one], [two]], {7: one.key})
    assert (first.keeps, second.keeps) == (7, None)


def test_an_activity_named_after_a_file_that_is_gone_stays_with_its_leader() -> None:
    one, two = trace("a", id=1, activity_id=7), trace("b", id=2, activity_id=7, measures=9)
    first, second = settle([[one], [two]], {7: "gone:0"})
    assert (first.keeps, second.keeps) == (None, 7)


# whatever the order


@st.composite
def sets_of_traces(draw: st.DrawFn) -> tuple[list[Trace], list[Link]]:
    """Few starts, sizes, devices and sports, so that much matches and much may not."""
    count = draw(st.integers(1, 9))
    pick = st.sampled_from
    found = [
        trace(
            "abcdefghi"[n] if draw(st.integers(0, 9)) else "a",
            draw(pick([0, 5, 5.1, 10, 10.03, 10.4])),
            leg=n,
            after_s=draw(pick([0, 4, 70, 100, 119, 1_000, 1_800, 7_200, 7_203, 36_000])),
            seconds=draw(pick([1_800.0, 1_806.0, 3_600.0, 3_610.0])),
            source=draw(pick([None, 1])),
            device=draw(pick([None, "watch", "phone"])),
            sport=draw(pick(["running", "walking", "unknown", "cycling"])),
            recovered=draw(st.booleans()),
            measures=draw(st.integers(0, 3)),
        )
        for n in range(count)
    ]
    pairs = draw(st.lists(st.tuples(pick(found), pick(found), st.booleans()), max_size=4))
    keys = {tuple(sorted((one.key, other.key))): so for one, other, so in pairs if one is not other}
    return found, [Link(*pair, so) for pair, so in keys.items()]


@given(sets_of_traces(), st.randoms())
def test_the_order_does_not_matter(found: tuple[list[Trace], list[Link]], chance: random.Random) -> None:
    traces, links = found
    told = components(traces, links)
    chance.shuffle(traces)
    chance.shuffle(links)
    assert components(traces, links) == told
    assert sorted(t.place for group in told for t in group) == sorted(t.place for t in traces)


@given(sets_of_traces())
def test_the_runners_no_is_never_overruled(found: tuple[list[Trace], list[Link]]) -> None:
    traces, links = found
    for group in components(traces, links):
        keys = {t.key for t in group}
        assert not [k for k in links if not k.together and {k.one, k.other} <= keys]


@given(sets_of_traces())
def test_without_a_word_of_the_runner_nothing_apart_is_one(found: tuple[list[Trace], list[Link]]) -> None:
    for group in components(found[0]):
        assert not [pair for pair in combinations(group, 2) if apart(*pair)]


@given(sets_of_traces())
def test_matching_is_symmetric_and_seen_in_the_window(found: tuple[list[Trace], list[Link]]) -> None:
    for one, other in combinations(found[0], 2):
        assert matches(one, other) == matches(other, one)
        assert bool(matching([one], [other])) == matches(one, other)
        if matches(one, other):
            assert any(since <= one.start_s <= until for since, until in windows([other]))


@settings(max_examples=30)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=1e12), min_size=8))
def test_no_number_breaks_it(numbers: list[float]) -> None:
    one = trace("a", start_s=numbers[0], timer_s=numbers[1], elapsed_s=numbers[2], distance_m=numbers[3])
    other = trace("b", start_s=numbers[4], timer_s=numbers[5], elapsed_s=numbers[6], distance_m=numbers[7])
    assert matches(one, other) == matches(other, one)
    assert len(components([one, other])) == 2 - matches(one, other)
