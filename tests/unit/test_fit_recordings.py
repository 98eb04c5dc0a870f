"""What becomes of FIT segments: sport, time and distance by the best that the file has."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fit_writer import Leg, fit_file, fit_run

import fit_bytes as fb
from midsole.decode.fit import FitDecoder
from midsole.decode.fit.profile import FIT_EPOCH_S
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput

AT = datetime(2026, 5, 3, 7, tzinfo=UTC)
START = int(AT.timestamp()) - FIT_EPOCH_S
FILE_ID = [(0, 1, fb.ENUM), (1, 2, fb.UINT16), (2, 2, fb.UINT16)]
SESSION = {253: fb.UINT32, 2: fb.UINT32, 7: fb.UINT32, 8: fb.UINT32, 9: fb.UINT32, 5: fb.ENUM, 6: fb.ENUM}
SIZES = {fb.UINT32: (4, "I"), fb.ENUM: (1, "B")}


def file_id(maker: int = 1, product: int = 3113) -> bytes:
    return fb.definition(0, FILE_ID) + fb.data("<BHH", 4, maker, product)


def session(**told: int) -> bytes:
    """A session of ten minutes and 2 km; told by the names of the profile, -1 leaves a field out."""
    names = {"timestamp": 253, "start": 2, "elapsed": 7, "timer": 8, "distance": 9, "sport": 5, "sub": 6}
    usual = {"timestamp": START + 600, "start": START, "elapsed": 600_000, "timer": 600_000}
    values = usual | {"distance": 200_000, "sport": 1, "sub": 0} | told
    kept = {names[name]: value for name, value in values.items() if value >= 0}
    fields = [(number, SIZES[SESSION[number]][0], SESSION[number]) for number in kept]
    form = "<" + "".join(SIZES[SESSION[number]][1] for number in kept)
    return fb.definition(18, fields, local=2) + fb.data(form, *kept.values(), local=2)


def records(*rows: tuple[int, int]) -> bytes:
    """Rows of (seconds since the start, centimetres)."""
    form = fb.definition(20, [(253, 4, fb.UINT32), (5, 4, fb.UINT32)])
    return form + b"".join(fb.data("<II", START + second, metres) for second, metres in rows)


STEADY = records(*((n, n * 333) for n in range(601)))


def one(*messages: bytes) -> Recording:
    (recording,) = FitDecoder().decode(fb.file(*messages))
    return recording


@pytest.mark.parametrize(
    ("sport", "sub", "maker", "expected"),
    [
        (1, 0, 1, "running"),
        (0, 1, 1, "running"),
        (0, 45, 1, "running"),
        (4, 1, 1, "running"),
        (4, 45, 1, "running"),
        (4, 27, 1, "walking"),
        (4, 15, 1, "other"),
        (0, 7, 1, "cycling"),
        (0, 17, 1, "swimming"),
        (0, 0, 95, "running"),
        (-1, -1, 1, "unknown"),
        (0, 0, 1, "unknown"),
        (2, 3, 1, "cycling"),
        (15, 14, 1, "other"),
        (17, 3, 1, "hiking"),
    ],
)
def test_the_sport_is_told_by_the_session_its_sub_sport_or_the_maker(
    sport: int, sub: int, maker: int, expected: str
) -> None:
    assert one(file_id(maker), session(sport=sport, sub=sub)).sport == expected


def test_a_sport_message_speaks_where_the_session_is_generic() -> None:
    told = fb.definition(12, [(0, 1, fb.ENUM), (1, 1, fb.ENUM)], local=3) + fb.data("<BB", 1, 3, local=3)
    run = one(file_id(), told, session(sport=0, sub=-1))
    assert (run.sport, run.surface) == ("running", "trail")


@pytest.mark.parametrize(
    ("maker", "product", "name"),
    [(1, 3113, "garmin fr945"), (1, 60_001, "garmin 60001"), (23, 34, "suunto 34"), (999, 5, "maker 999 5")],
)
def test_the_device_is_named_as_far_as_it_is_known(maker: int, product: int, name: str) -> None:
    assert one(file_id(maker, product), session()).device == name


def test_the_distance_comes_from_the_session_then_laps_then_records() -> None:
    lap = fb.definition(19, [(9, 4, fb.UINT32)], local=3) + fb.data("<I", 199_000, local=3)
    assert one(file_id(), STEADY, lap, session()).distance_from == "session"
    by_laps = one(file_id(), STEADY, lap, session(distance=0))
    assert (by_laps.distance_from, by_laps.distance_m) == ("laps", 1990)
    by_records = one(file_id(), STEADY, session(distance=-1))
    assert (by_records.distance_from, by_records.distance_m) == ("records", 1998)


def test_laps_that_fall_short_of_the_records_are_incomplete() -> None:
    lap = fb.definition(19, [(9, 4, fb.UINT32)], local=3) + fb.data("<I", 100_000, local=3)
    assert one(file_id(), STEADY, lap, session(distance=-1)).distance_from == "records"


def test_a_jump_in_the_records_takes_nothing_from_a_total_that_does_not_hold_it() -> None:
    jumped = records(*((n, n * 333 + (95_200_000 if n > 300 else 0)) for n in range(601)))
    sound = one(file_id(), jumped, session())
    assert (sound.distance_m, sound.jump_m) == (2000, 0)
    wrong = one(file_id(), jumped, session(distance=95_399_800))
    assert wrong.distance_m - wrong.jump_m == pytest.approx(1995, abs=5)


def test_what_follows_a_leap_in_time_of_a_damaged_file_is_nonsense() -> None:
    nonsense = records((2_000_000_000, 95_200_000))
    raw = fb.file(file_id(), STEADY, nonsense)[:-1]
    (run,) = FitDecoder().decode(raw)
    assert (run.distance_m, run.elapsed_s, run.recovered) == (1998, 600, True)


def test_records_timed_by_uptime_before_the_clock_was_set_are_left_out() -> None:
    early = records(*((5 - START, n) for n in range(3)))
    run = one(file_id(), early, STEADY)
    assert (run.started_at, run.elapsed_s) == (AT, 600)


def test_a_start_that_is_days_from_every_record_falls_back_on_them() -> None:
    assert one(file_id(), STEADY, session(start=1000)).started_at == AT


def test_a_session_without_times_takes_those_of_its_records() -> None:
    run = one(file_id(), STEADY, session(start=-1, timestamp=-1, elapsed=-1, timer=-1))
    assert (run.started_at, run.timer_s, run.elapsed_s) == (AT, 600, 600)


def test_a_timer_above_the_elapsed_time_was_swapped_with_it() -> None:
    paused = records(*((n * 3, n * 333) for n in range(601)))
    run = one(file_id(), paused, session(elapsed=600_000, timer=1_800_000))
    assert (run.timer_s, run.elapsed_s) == (600, 1800)


def test_compressed_distances_roll_over_at_256_metres() -> None:
    form = fb.definition(20, [(253, 4, fb.UINT32), (8, 3, fb.BYTE)])
    rows = b""
    for n in range(401):
        sixteenths = n * 48 % 4096
        packed = bytes((0, (sixteenths & 0xF) << 4, sixteenths >> 4))
        rows += fb.data("<I3s", START + n, packed)
    run = one(file_id(), form, rows, session(distance=-1))
    assert (run.distance_m, run.distance_from) == (1200, "records")


def test_running_dynamics_and_cadence_are_told_for_both_feet() -> None:
    fields = [(253, 4, fb.UINT32), (5, 4, fb.UINT32), (4, 1, fb.UINT8), (41, 2, fb.UINT16)]
    form = fb.definition(20, [*fields, (39, 2, fb.UINT16)])
    rows = b"".join(fb.data("<IIBHH", START + n, n * 333, 84, 2_500, 912) for n in range(601))
    run = one(file_id(), form, rows, session())
    assert (run.cadence_spm, run.stance_time_ms, run.vertical_oscillation_mm) == (168, 250, 91.2)
    assert run.steps == 1680


def test_enhanced_altitude_wins_where_it_is_there() -> None:
    form = fb.definition(20, [(253, 4, fb.UINT32), (2, 2, fb.UINT16), (78, 4, fb.UINT32)])
    rows = b"".join(fb.data("<IHI", START + n, 2_500, 2_500 + 5 * n) for n in range(101))
    assert one(file_id(), form, rows, session()).ascent_m == pytest.approx(100, abs=3)


def test_the_local_time_gives_the_offset() -> None:
    (run,) = FitDecoder().decode(fit_run(AT, 5000, 1500, utc_offset_s=-7 * 3600))
    assert run.utc_offset_s == -7 * 3600


def test_each_session_is_a_leg_and_transitions_are_none() -> None:
    legs = [("swimming", 1500.0), ("transition", 100.0), ("cycling", 40_000.0), ("running", 10_000.0)]
    made: list[Any] = [
        Leg(started_at=AT + timedelta(hours=n), distance_m=metres, timer_s=3000, sport=sport)
        for n, (sport, metres) in enumerate(legs)
    ]
    found = FitDecoder().decode(fit_file(made))
    assert [(leg.leg, leg.sport, leg.distance_m) for leg in found] == [
        (0, "swimming", 1500),
        (1, "cycling", 40_000),
        (2, "running", 10_000),
    ]


@pytest.mark.parametrize("order", [2, 64, 0x80])
def test_a_byte_order_that_is_none_does_not_end_the_reading(order: int) -> None:
    odd = bytearray(session())
    odd[2] = order
    assert one(file_id(), STEADY, bytes(odd)).distance_m == 2000


def test_of_two_sessions_one_without_a_start_is_counted_back_from_its_end() -> None:
    first = session(timestamp=START + 300, elapsed=300_000, timer=300_000, distance=99_000)
    second = session(start=-1, elapsed=300_000, timer=300_000, distance=99_000)
    legs = FitDecoder().decode(fb.file(file_id(), STEADY, first, second))
    assert [leg.started_at for leg in legs] == [AT, AT + timedelta(minutes=5)]


@pytest.mark.parametrize("shift_s", [600, 7200, -90_000])
def test_the_records_tell_when_a_lone_session_began_where_it_contradicts_them(shift_s: int) -> None:
    assert one(file_id(), STEADY, session(start=START + shift_s)).started_at == AT


def test_records_that_begin_after_the_session_did_take_nothing_from_its_start() -> None:
    late = records(*((n, n * 333) for n in range(400, 601)))
    assert one(file_id(), late, session()).started_at == AT


def test_days_that_the_records_know_nothing_of_are_a_clock_gone_wrong() -> None:
    run = one(file_id(), STEADY, session(timer=4_000_000_000, elapsed=4_000_000_000))
    assert (run.timer_s, run.elapsed_s) == (600, 600)
    forgotten = one(file_id(), records((0, 0), (80_000, 200_000)), session(elapsed=86_000_000))
    assert forgotten.elapsed_s == 86_000


def test_without_a_session_one_stray_time_takes_no_part() -> None:
    stray = records((-300_000_000, 0), *((n, n * 333) for n in range(301)), (900_000_000, 0))
    run = one(file_id(), stray, records(*((n, n * 333) for n in range(301, 601))))
    assert (run.started_at, run.elapsed_s, run.distance_m) == (AT, 600, 1998)


def test_a_counter_that_goes_on_from_another_run_counts_what_it_gained() -> None:
    gone_on = records(*((n, 300_000 + n * 333) for n in range(601)))
    assert one(file_id(), gone_on).distance_m == 1998


LAP = [(2, 4, fb.UINT32), (8, 4, fb.UINT32), (9, 4, fb.UINT32), (25, 1, fb.ENUM), (39, 1, fb.ENUM)]


def laps(*starts_s: int) -> bytes:
    rows = (fb.data("<IIIBB", START + s, 300_000, 100_000, 1, 3, local=3) for s in starts_s)
    return fb.definition(19, LAP, local=3) + b"".join(rows)


def test_laps_alone_are_a_run_that_broke_off_before_its_session() -> None:
    run = one(file_id(), laps(0, 300))
    assert (run.started_at, run.timer_s, run.distance_m) == (AT, 600, 2000)
    assert (run.sport, run.surface, run.distance_from) == ("running", "trail", "laps")


def test_a_file_cut_off_before_its_session_knows_its_sport_from_its_laps() -> None:
    assert one(file_id(), STEADY, laps(0)).sport == "running"


def test_the_session_that_spans_a_multisport_is_none_of_its_legs() -> None:
    whole = session(sport=18, elapsed=1_200_000, timer=1_200_000, timestamp=START + 1200)
    second = session(sport=2, start=START + 600, timestamp=START + 1200)
    legs = FitDecoder().decode(fb.file(file_id(), whole, session(), second))
    assert [leg.sport for leg in legs] == ["running", "cycling"]


def test_times_that_nothing_can_be_are_no_times() -> None:
    """Found by fuzzing: a definition that makes the timestamp a float, and cadence for the steps."""
    fields = [(253, 8, fb.FLOAT64), (4, 1, fb.UINT8)]
    rows = b"".join(fb.data("<dB", 1e200 * n, 84) for n in range(1, 20))
    assert one(file_id(), fb.definition(20, fields), rows, laps(0)).timer_s == 300
    with pytest.raises(BadInput):
        FitDecoder().decode(fb.file(file_id(), fb.definition(20, fields), rows))
