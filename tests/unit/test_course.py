"""How far a run had come when a lap ended or a time had passed, by the file that recorded it."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from fit_writer import Leg, fit_file, fit_run
from hypothesis import given, settings
from hypothesis import strategies as st

import fit_bytes as fb
from midsole.decode.course import course
from midsole.decode.manual import encode
from midsole.domain.errors import BadInput

AT = datetime(2026, 5, 3, 7, tzinfo=UTC)
BEGIN = int(AT.timestamp()) - 631_065_600


def fit(
    session: tuple[int, int],
    laps: Sequence[tuple[int, int, int]] = (),
    points: Sequence[tuple[int, int]] = (),
) -> bytes:
    """The session's (seconds, metres), the laps' (start, seconds, metres), the records' (second, metres)."""
    times = [(2, 4, fb.UINT32), (7, 4, fb.UINT32), (9, 4, fb.UINT32)]
    body = fb.definition(0, [(0, 1, fb.ENUM)]) + fb.data("<B", 4)
    body += fb.definition(20, [(253, 4, fb.UINT32), (5, 4, fb.UINT32)], local=1)
    body += b"".join(fb.data("<II", BEGIN + second, 100 * metres, local=1) for second, metres in points)
    body += fb.definition(19, times, local=2)
    for start, seconds, metres in laps:
        body += fb.data("<III", BEGIN + start, 1_000 * seconds, 100 * metres, local=2)
    body += fb.definition(18, [*times, (5, 1, fb.ENUM)], local=3)
    return fb.file(body + fb.data("<IIIB", BEGIN, 1_000 * session[0], 100 * session[1], 1, local=3))


STEADY = [(second, 3 * second) for second in range(0, 1_001, 10)]


def moment(second: float) -> str:
    return (AT + timedelta(seconds=second)).isoformat()


def tcx(*laps: tuple[int, int, str]) -> bytes:
    """Laps of (start, metres, points)."""
    told = "".join(
        f'<Lap StartTime="{moment(start)}"><TotalTimeSeconds>300</TotalTimeSeconds>'
        f"<DistanceMeters>{metres}</DistanceMeters><Track>{points}</Track></Lap>"
        for start, metres, points in laps
    )
    kind = '<Activity Sport="Running">'
    text = (
        f"<TrainingCenterDatabase><Activities>{kind}{told}</Activity></Activities></TrainingCenterDatabase>"
    )
    return text.encode()


def trackpoints(*seconds: int) -> str:
    return "".join(
        f"<Trackpoint><Time>{moment(s)}</Time><DistanceMeters>{3 * s}</DistanceMeters></Trackpoint>"
        for s in seconds
    )


def gpx(*points: tuple[float, float]) -> bytes:
    """Points of (second, metres to the north of the first one)."""
    told = "".join(
        f'<trkpt lat="{50 + metres / 111_194.93:.9f}" lon="8"><time>{moment(second)}</time></trkpt>'
        for second, metres in points
    )
    return f"<gpx><trk><type>running</type><trkseg>{told}</trkseg></trk></gpx>".encode()


# Laps


def test_laps_end_where_their_metres_end() -> None:
    found = course(fit_run(AT, 10_500, 3_150, lap_every_m=3_000), 0)
    assert found.total_m == 10_500
    assert found.lap_ends_m == pytest.approx((3_000, 6_000, 9_000, 10_500))
    assert (found.at_lap(1), found.at_lap(4)) == pytest.approx((3_000, 10_500))


def test_laps_that_are_rounded_end_with_the_run() -> None:
    laps = [(0, 300, 1_010), (300, 300, 1_010)]
    assert course(fit((600, 2_000), laps), 0).lap_ends_m == pytest.approx((1_000, 2_000))


def test_a_run_goes_on_after_its_last_lap_where_laps_are_missing() -> None:
    laps = [(0, 300, 1_000), (300, 300, 1_000)]
    assert course(fit((1_000, 3_000), laps, STEADY), 0).lap_ends_m == pytest.approx((1_000, 2_000))


@pytest.mark.parametrize("metres", [0, 4_000], ids=["none", "more than the run"])
def test_laps_without_metres_that_can_be_end_where_the_run_was_then(metres: int) -> None:
    laps = [(0, 300, metres), (300, 300, 0), (600, 400, 0)]
    assert course(fit((1_000, 3_000), laps, STEADY), 0).lap_ends_m == pytest.approx((900, 1_800, 3_000))


def test_laps_that_end_out_of_order_and_tell_no_metres_are_none() -> None:
    found = course(fit((1_000, 3_000), [(300, 300, 0), (0, 300, 0), (600, 400, 0)], STEADY), 0)
    with pytest.raises(BadInput, match="tells no laps"):
        found.at_lap(1)


def test_each_leg_has_its_own_laps() -> None:
    legs = [
        Leg(started_at=AT, distance_m=20_000, timer_s=2_400, sport="cycling", lap_every_m=8_000),
        Leg(started_at=AT.replace(hour=8), distance_m=5_000, timer_s=1_500, lap_every_m=2_000),
    ]
    raw = fit_file(legs)
    assert course(raw, 0).lap_ends_m == pytest.approx((8_000, 16_000, 20_000))
    assert course(raw, 1).lap_ends_m == pytest.approx((2_000, 4_000, 5_000))
    assert course(raw, 1).at_s(750) == pytest.approx(2_500, abs=1)


def test_a_tcx_tells_laps_by_its_metres() -> None:
    raw = tcx((0, 900, trackpoints(0, 300)), (300, 600, trackpoints(310, 500)))
    assert course(raw, 0).lap_ends_m == pytest.approx((900, 1_500))


def test_a_tcx_whose_laps_tell_no_metres_has_them_by_time() -> None:
    raw = tcx((0, 0, trackpoints(0, 300)), (300, 0, trackpoints(310, 500)))
    assert course(raw, 0).lap_ends_m == pytest.approx((900, 1_500))


def test_a_file_without_laps_says_so() -> None:
    found = course(gpx((0, 0), (300, 900)), 0)
    with pytest.raises(BadInput, match="tells no laps"):
        found.at_lap(1)


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_lap_that_was_not_run_is_named_with_those_that_were(number: int) -> None:
    found = course(fit((1_000, 3_000), [(0, 300, 1_000), (300, 300, 2_000)]), 0)
    with pytest.raises(BadInput, match=rf"no lap {number}, only 1 to 2"):
        found.at_lap(number)


# Time


def test_a_time_lies_between_two_points() -> None:
    found = course(gpx((0, 0), (100, 400), (300, 1_000)), 0)
    assert found.total_m == pytest.approx(1_000, abs=0.1)
    assert [found.at_s(s) for s in (0, 50, 200, 300)] == pytest.approx([0, 200, 700, 1_000], abs=0.1)
    assert (found.at_s(-5), found.at_s(999)) == (0, pytest.approx(found.total_m))
    assert found.lasts_s == 300


def test_pauses_belong_to_the_time() -> None:
    found = course(fit_run(AT, 6_000, 1_800, elapsed_s=2_400, records_every_s=10), 0)
    assert found.at_s(900) == pytest.approx(3_000, abs=40)
    assert found.at_s(1_500) == pytest.approx(3_000, abs=40)
    assert found.at_s(2_400) == pytest.approx(6_000)


def test_a_treadmill_corrected_at_the_end_keeps_its_shares() -> None:
    found = course(fit((1_000, 3_600), points=STEADY), 0)
    assert (found.at_s(500), found.at_s(1_000)) == pytest.approx((1_800, 3_600))


def test_a_run_of_which_a_part_was_not_timed_has_no_course_by_time() -> None:
    found = course(fit((1_000, 3_000), points=STEADY[:40]), 0)
    with pytest.raises(BadInput, match="how far it was at which time"):
        found.at_s(300)


def test_a_counter_that_begins_anew_goes_on() -> None:
    points = [(s, 3 * s if s <= 500 else 3 * (s - 500)) for s in range(0, 1_001, 10)]
    assert course(fit((1_000, 3_000), points=points), 0).at_s(750) == pytest.approx(2_250, abs=10)


def test_a_later_leg_counts_from_its_own_start() -> None:
    points = [(s, 5_000 + 3 * s) for s in range(0, 1_001, 10)]
    assert course(fit((1_000, 3_000), points=points), 0).at_s(500) == pytest.approx(1_500)


def test_a_run_without_records_has_laps_alone() -> None:
    found = course(fit((1_000, 3_000), [(0, 500, 1_000), (500, 500, 2_000)]), 0)
    assert found.at_lap(1) == 1_000
    assert found.lasts_s == 0
    with pytest.raises(BadInput, match="how far it was at which time"):
        found.at_s(300)


@given(
    st.lists(st.tuples(st.integers(1, 120), st.integers(0, 1_000)), min_size=2, max_size=30),
    st.lists(st.floats(0, 4_000), min_size=2, max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_who_goes_on_never_comes_back(steps: list[tuple[int, int]], asked_s: list[float]) -> None:
    second, metres, points = 0, 0, [(0, 0)]
    for seconds, gained in steps:
        second, metres = second + seconds, metres + min(gained, 5 * seconds)
        points.append((second, metres))
    found = course(fit((second, metres + 10), points=points), 0)
    if found.points:
        ways_m = [found.at_s(asked) for asked in sorted(asked_s)]
        assert ways_m == sorted(ways_m)
        assert 0 <= ways_m[0] <= ways_m[-1] <= found.total_m + 1e-6
        assert found.at_s(second) == pytest.approx(found.total_m)


# What has no course


def test_a_gzip_is_looked_into() -> None:
    raw = fit_run(AT, 10_000, 3_000, lap_every_m=4_000)
    assert course(gzip.compress(gzip.compress(raw)), 0) == course(raw, 0)


def test_a_jump_tells_no_places() -> None:
    with pytest.raises(BadInput, match="jumps"):
        course(fit((1_000, 53_000), points=[*STEADY[:50], *((s, m + 50_000) for s, m in STEADY[50:])]), 0)


def test_a_run_without_a_distance_has_no_course() -> None:
    with pytest.raises(BadInput, match="tells no distance"):
        course(fit((1_000, 0)), 0)


def test_an_entry_by_hand_has_no_course() -> None:
    raw = encode(sport="running", started_at=AT, distance_m=10_000, timer_s=3_000)
    with pytest.raises(BadInput, match="without laps and without a track"):
        course(raw, 0)


def test_a_leg_that_is_not_there_is_bad_input() -> None:
    with pytest.raises(BadInput, match="no leg 1"):
        course(fit_run(AT, 10_000, 3_000), 1)


def test_a_leg_has_the_number_that_it_was_kept_by_though_the_file_tells_it_twice() -> None:
    one, other = (fit_run(AT.replace(hour=h), 10_000, 3_000, lap_every_m=4_000) for h in (7, 9))
    raw = one + one + other
    assert course(raw, 1).lap_ends_m == pytest.approx((4_000, 8_000, 10_000))
    with pytest.raises(BadInput, match="no leg 2"):
        course(raw, 2)
