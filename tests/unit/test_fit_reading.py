"""FIT bytes as segments: every layout that devices write, and every damage that leaves something behind."""

import struct
from datetime import UTC, datetime
from math import nan

import numpy as np
import pytest
from fit_writer import Leg, crc16, fit_file, fit_run
from hypothesis import given
from hypothesis import strategies as st

import fit_bytes as fb
from midsole.decode.fit import walk as walking
from midsole.decode.fit.profile import FILE_ID, LAP, RECORD, SESSION, TIMESTAMP
from midsole.decode.fit.reading import MOST_SEGMENTS, looks_like_fit, read, read_sound
from midsole.decode.fit.segment import Segment
from midsole.domain.errors import BadInput

T = 1_000_000_000
DISTANCE, HEART_RATE, ALTITUDE = 5, 3, 2
UNKNOWN = 60_000
"""A message that the profile does not know."""
TIME_AND_DISTANCE = [(TIMESTAMP, 4, fb.UINT32), (DISTANCE, 4, fb.UINT32)]
RUN = fit_run(datetime(2026, 5, 3, 7, tzinfo=UTC), 10_000, 3600, records_every_s=10, altitude=120.0)


def only(raw: bytes) -> Segment:
    segments = read(raw)
    assert len(segments) == 1
    return segments[0]


def distances(segment: Segment) -> list[float]:
    return list(segment.columns(RECORD, [DISTANCE])[DISTANCE])


def points(count: int, form: str = "<II", local: int = 0) -> bytes:
    return b"".join(fb.data(form, T + n, 300 * n, local=local) for n in range(count))


def test_a_whole_file_is_sound() -> None:
    segment = only(RUN)
    assert (segment.crc_ok, segment.truncated, segment.error) == (True, False, None)
    assert read_sound(RUN)


def test_columns_have_units_and_equal_lengths() -> None:
    columns = only(RUN).columns(RECORD, [TIMESTAMP, DISTANCE, ALTITUDE, HEART_RATE, 7])
    assert {len(column) for column in columns.values()} == {361}
    assert (columns[DISTANCE][-1], columns[ALTITUDE][0], columns[HEART_RATE][5]) == (10_000, 120, 140)
    assert np.isnan(columns[7]).all(), "power is not in the file"


def test_messages_have_the_names_and_units_of_the_profile() -> None:
    (session,) = only(RUN).messages(SESSION)
    assert (session["total_distance"], session["total_timer_time"], session["sport"]) == (10_000, 3600, 1)


def test_a_header_crc_of_zero_is_legal() -> None:
    raw = fb.file(fb.definition(RECORD, TIME_AND_DISTANCE), points(3), crc=False)
    assert (only(raw).crc_ok, only(raw).error) == (True, None)


def test_interleaved_local_types_come_apart() -> None:
    beat = fb.definition(78, [(0, 2, fb.UINT16)], local=1)
    mixed = b"".join(fb.data("<II", T + n, n * 100) + fb.data("<H", 800, local=1) for n in range(5))
    segment = only(fb.file(fb.definition(RECORD, TIME_AND_DISTANCE), beat, mixed))
    assert distances(segment) == [0, 1, 2, 3, 4]
    assert [row[0] for row in segment.rows(78)] == [800] * 5


def test_a_local_type_redefined_in_mid_file_keeps_the_order_of_the_file() -> None:
    more = [*TIME_AND_DISTANCE, (HEART_RATE, 1, fb.UINT8)]
    segment = only(
        fb.file(
            *(fb.definition(RECORD, TIME_AND_DISTANCE), fb.data("<II", T, 100)),
            *(fb.definition(RECORD, more), fb.data("<IIB", T + 1, 200, 150)),
            *(fb.definition(RECORD, TIME_AND_DISTANCE), fb.data("<II", T + 2, 300)),
        )
    )
    assert distances(segment) == [1, 2, 3]
    np.testing.assert_array_equal(segment.column(RECORD, HEART_RATE), [nan, 150, nan])
    assert [row.get(HEART_RATE) for row in segment.rows(RECORD)] == [None, 150, None]


def test_a_definition_before_every_message_through_one_local_type() -> None:
    each = [
        part
        for n in range(50)
        for part in (
            fb.definition(RECORD, TIME_AND_DISTANCE),
            fb.data("<II", T + n, n * 100),
            fb.definition(78, [(0, 2, fb.UINT16)]),
            fb.data("<H", 700 + n),
        )
    ]
    segment = only(fb.file(*each))
    assert distances(segment) == list(range(50))
    assert len(segment.rows(78)) == 50


def test_big_endian_messages_beside_little_endian_ones() -> None:
    segment = only(
        fb.file(
            *(fb.definition(RECORD, TIME_AND_DISTANCE, big_endian=True), fb.data(">II", T, 12_345)),
            *(fb.definition(RECORD, TIME_AND_DISTANCE, local=1), fb.data("<II", T + 1, 23_456, local=1)),
        )
    )
    assert distances(segment) == [123.45, 234.56]
    assert segment.rows(RECORD)[0] == {TIMESTAMP: T, DISTANCE: 12_345}


@pytest.mark.parametrize(
    ("base", "size", "form", "valid", "invalid"),
    [
        (fb.ENUM, 1, "B", 7, 0xFF),
        (fb.SINT8, 1, "b", -7, 0x7F),
        (fb.UINT8, 1, "B", 200, 0xFF),
        (fb.SINT16, 2, "h", -300, 0x7FFF),
        (fb.UINT16, 2, "H", 60_000, 0xFFFF),
        (fb.SINT32, 4, "i", -70_000, 0x7FFF_FFFF),
        (fb.UINT32, 4, "I", 4_000_000_000, 0xFFFF_FFFF),
        (fb.FLOAT32, 4, "f", 1.5, nan),
        (fb.FLOAT64, 8, "d", -2.25, nan),
        (0x0A, 1, "B", 9, 0),
        (0x8B, 2, "H", 9, 0),
        (0x8C, 4, "I", 9, 0),
        (0x8E, 8, "q", -9, 0x7FFF_FFFF_FFFF_FFFF),
        (0x8F, 8, "Q", 9, 0xFFFF_FFFF_FFFF_FFFF),
        (0x90, 8, "Q", 9, 0),
    ],
)
def test_every_base_type_has_its_own_invalid_value(
    base: int, size: int, form: str, valid: float, invalid: float
) -> None:
    raw = fb.file(
        fb.definition(RECORD, [(DISTANCE, size, base)]),
        *(fb.data(f"<{form}", value) for value in (valid, invalid)),
    )
    np.testing.assert_array_equal(only(raw).column(RECORD, DISTANCE), [valid, nan])
    assert only(raw).rows(RECORD) == [{DISTANCE: valid}, {}]


def test_infinity_is_no_measurement() -> None:
    raw = fb.file(fb.definition(RECORD, [(DISTANCE, 4, fb.FLOAT32)]), fb.data("<f", float("inf")))
    assert np.isnan(distances(only(raw))).all()
    assert only(raw).rows(RECORD) == [{}]


def test_of_an_array_the_valid_elements_are_told() -> None:
    raw = fb.file(fb.definition(78, [(0, 6, fb.UINT16)]), fb.data("<HHH", 800, 0xFFFF, 812))
    assert only(raw).rows(78) == [{0: (800, 812)}]


def test_a_size_that_is_no_multiple_of_its_type_leaves_the_message_readable() -> None:
    fields = [(TIMESTAMP, 4, fb.UINT32), (6, 1, fb.UINT32), (DISTANCE, 4, fb.UINT32)]  # 6: speed
    segment = only(fb.file(fb.definition(RECORD, fields), fb.data("<IBI", T, 1, 500)))
    assert (distances(segment), segment.rows(RECORD)[0][6]) == ([5], b"\x01")
    assert np.isnan(segment.column(RECORD, 6)).all()


def test_an_unknown_base_type_and_a_field_without_size_are_passed_over() -> None:
    fields = [(200, 3, 0x1E), (201, 0, fb.UINT16), (DISTANCE, 4, fb.UINT32)]
    segment = only(fb.file(fb.definition(UNKNOWN, fields), fb.data("<3sI", b"abc", 500)))
    assert segment.rows(UNKNOWN) == [{200: b"abc", DISTANCE: 500}]


def test_of_a_message_of_the_profile_only_the_fields_of_the_profile_are_told() -> None:
    fields = [(200, 2, fb.UINT16), (DISTANCE, 4, fb.UINT32)]
    segment = only(fb.file(fb.definition(RECORD, fields), fb.data("<HI", 7, 500)))
    assert segment.rows(RECORD) == [{DISTANCE: 500}]


@pytest.mark.parametrize(
    ("text", "told"),
    [(b"fr945\0\0\0", "fr945"), (b"no end!!", "no end!!"), (b"caf\xe9\0xyz", "caf\ufffd"), (b"\0" * 8, None)],
)
def test_texts_end_at_their_nul_or_not_at_all(text: bytes, told: str | None) -> None:
    raw = fb.file(fb.definition(FILE_ID, [(8, 8, fb.STRING)]), fb.data("<8s", text))
    assert only(raw).rows(FILE_ID)[0].get(8) == told


def test_compressed_times_count_from_the_last_full_one_and_roll_over() -> None:
    start = T - T % 32 + 20
    event = fb.definition(21, [(TIMESTAMP, 4, fb.UINT32)], local=1)
    raw = fb.file(
        fb.definition(RECORD, [(DISTANCE, 4, fb.UINT32)]),
        *(event, fb.data("<I", start, local=1)),
        *(fb.compressed(start + gone, "<I", gone * 100) for gone in (1, 11, 13, 44, 44, 70)),
    )
    times = only(raw).column(RECORD, TIMESTAMP)
    assert list(times - start) == [1, 11, 13, 44, 44, 70]


def test_compressed_times_before_any_full_one_are_unknown() -> None:
    raw = fb.file(fb.definition(RECORD, [(DISTANCE, 4, fb.UINT32)]), fb.compressed(5, "<I", 100))
    assert np.isnan(only(raw).column(RECORD, TIMESTAMP)).all()
    assert distances(only(raw)) == [1]


@given(st.lists(st.integers(0, 31), min_size=1, max_size=60), st.integers(0x1000_0000, 2**32 - 10_000))
def test_any_row_of_gaps_below_32_seconds_is_told_exactly(gaps: list[int], start: int) -> None:
    times = np.cumsum(gaps) + start
    raw = fb.file(
        fb.definition(RECORD, TIME_AND_DISTANCE, local=1),
        fb.data("<II", start, 0, local=1),
        fb.definition(RECORD, [(DISTANCE, 4, fb.UINT32)]),
        *(fb.compressed(int(time), "<I", 100) for time in times),
    )
    assert list(only(raw).column(RECORD, TIMESTAMP)) == [start, *times]


DESCRIPTION = [(0, 1, fb.UINT8), (1, 1, fb.UINT8), (2, 1, fb.UINT8), (3, 8, fb.STRING)]
DESCRIPTION += [(8, 4, fb.STRING), (14, 2, fb.UINT16), (15, 1, fb.UINT8)]


def described(message: int, native: int, unit: bytes = b"m") -> bytes:
    told = fb.data("<BBB8s4sHB", 0, 4, fb.FLOAT32, b"Distance", unit, message, native, local=2)
    return fb.definition(206, DESCRIPTION, local=2) + told


def developed(*metres: float) -> bytes:
    form = fb.definition(RECORD, [(TIMESTAMP, 4, fb.UINT32)], developer=[(4, 4, 0)])
    return form + b"".join(fb.data("<If", T + n, each) for n, each in enumerate(metres))


def test_a_developer_field_speaks_for_a_native_one_only_where_it_says_so() -> None:
    told = only(fb.file(described(RECORD, DISTANCE), developed(1.5, nan, 4.5)))
    np.testing.assert_array_equal(told.developer_column(RECORD, frozenset({DISTANCE}), "m"), [1.5, nan, 4.5])
    assert np.isnan(told.column(RECORD, DISTANCE)).all(), "it never stands among the native ones"
    for other in (
        described(SESSION, DISTANCE),
        described(RECORD, 6),
        described(RECORD, DISTANCE, b"km"),
        b"",
    ):
        silent = only(fb.file(other, developed(1.5, 3.0)))
        assert np.isnan(silent.developer_column(RECORD, frozenset({DISTANCE}), "m")).all()


def test_a_description_may_come_after_the_field_it_describes() -> None:
    late = only(fb.file(developed(1.5, 3.0), described(RECORD, DISTANCE)))
    assert list(late.developer_column(RECORD, frozenset({DISTANCE}), "m")) == [1.5, 3.0]


def test_text_where_a_description_needs_a_number_is_no_description() -> None:
    fields = [(0, 1, fb.UINT8), (1, 1, fb.STRING), (2, 1, fb.UINT8), (8, 1, fb.STRING)]
    odd = fb.definition(206, [*fields, (14, 2, fb.UINT16), (15, 1, fb.UINT8)], local=2)
    raw = fb.file(
        odd, fb.data("<BcBcHB", 0, b"x", fb.FLOAT32, b"m", RECORD, DISTANCE, local=2), developed(1.0)
    )
    assert np.isnan(only(raw).developer_column(RECORD, frozenset({DISTANCE}), "m")).all()


def test_chained_parts_are_segments_of_their_own() -> None:
    first, second = fb.file(fb.definition(RECORD, TIME_AND_DISTANCE), points(2)), RUN
    one, other = read(first + second)
    assert (distances(one), len(distances(other))) == ([0, 3], 361)
    assert (one.error, other.error) == (None, None)


def test_definitions_do_not_reach_into_the_next_part() -> None:
    first = fb.file(fb.definition(RECORD, TIME_AND_DISTANCE), points(2))
    _, other = read(first + fb.file(points(2)))
    assert (other.error, other.rows(RECORD)) == ("a message has no definition", [])


def test_a_part_behind_a_broken_one_is_found_by_its_header() -> None:
    broken, sound = read(RUN[: len(RUN) // 2] + RUN)
    assert (broken.truncated, broken.crc_ok, sound.crc_ok) == (True, False, True)
    assert 100 < len(distances(broken)) < len(distances(sound)) == 361


def test_rubbish_behind_a_sound_part_takes_nothing_from_it() -> None:
    segment = only(RUN + b"rubbish" * 10)
    assert (segment.crc_ok, segment.error) == (True, None)


def with_size(raw: bytes, size: int) -> bytes:
    return raw[:4] + struct.pack("<I", size) + raw[8:]


@pytest.mark.parametrize("size", [0, 30, len(RUN) // 2, len(RUN) * 2, 0xFFFF_FFFF])
def test_a_wrong_length_in_the_header_is_mended_from_the_file(size: int) -> None:
    segment = only(with_size(RUN, size))
    assert segment.error
    assert len(distances(segment)) == 361
    assert segment.messages(SESSION)[0]["total_distance"] == 10_000


def test_a_damaged_signature_is_still_fit() -> None:
    raw = RUN[:8] + b"\0\0\0\0" + RUN[12:]
    assert looks_like_fit(raw[:64])
    assert len(distances(only(raw))) == 361


def test_a_file_without_a_crc_keeps_all_of_its_messages() -> None:
    segment = only(RUN[:-2])
    assert (segment.truncated, segment.crc_ok, len(segment.messages(SESSION))) == (True, False, 1)


@given(st.integers(0, len(RUN)))
def test_a_file_cut_anywhere_keeps_what_came_before_the_cut(length: int) -> None:
    whole = distances(only(RUN))
    segments = read(RUN[:length])
    kept = distances(segments[0]) if segments else []
    assert kept == whole[: len(kept)]
    if segments and length < len(RUN):
        assert segments[0].error
        assert len(kept) >= len(whole) * (length - 900) / len(RUN)


@given(st.binary(max_size=300))
def test_nothing_is_raised_whatever_the_bytes(noise: bytes) -> None:
    for segment in read(fb.header(len(noise)) + noise + b"\0\0"):
        segment.columns(RECORD, [TIMESTAMP, DISTANCE])
        for message in (FILE_ID, SESSION, LAP, RECORD):
            segment.messages(message)


@given(st.data())
def test_a_flipped_bit_raises_nothing_and_is_noticed(data: st.DataObject) -> None:
    place = data.draw(st.integers(14, len(RUN) - 1))
    raw = bytearray(RUN)
    raw[place] ^= 1 << data.draw(st.integers(0, 7))
    segments = read(bytes(raw))
    assert segments[0].error
    for message in (FILE_ID, SESSION, RECORD):
        segments[0].messages(message)
    with pytest.raises(BadInput, match="not sound"):
        read_sound(bytes(raw))


def test_a_message_of_size_zero_can_not_make_the_walk_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST_MESSAGES", 1_000)
    raw = fb.file(fb.definition(RECORD, []), b"\0" * 5_000)
    assert only(raw).error == "it has more messages than any recording"


def test_more_definitions_than_any_device_writes_end_the_walk() -> None:
    many = (
        fb.definition(n % 60_000, [(n % 250, 1, fb.UINT8)], local=n % 16)
        for n in range(walking.MOST_DEFINITIONS + 1)
    )
    assert only(fb.file(*many)).error == "it has more definitions than any recording"


def test_a_chain_has_an_end_however_many_headers_follow() -> None:
    assert len(read(fb.header(0) * 5_000)) == MOST_SEGMENTS


@pytest.mark.parametrize("raw", [b"", b"\x0e", b"\x0e\x10", fb.header(0)[:11], b"\x05" * 40])
def test_too_little_for_a_header_is_no_segment(raw: bytes) -> None:
    assert read(raw) == []
    with pytest.raises(BadInput, match="no header"):
        read_sound(raw)


def test_summary_messages_may_come_first() -> None:
    fields = [(9, 4, fb.UINT32)]
    session = fb.definition(SESSION, fields) + fb.data("<I", 1000)
    last = fb.file(fb.definition(RECORD, TIME_AND_DISTANCE), points(3), session)
    first = fb.file(session, fb.definition(RECORD, TIME_AND_DISTANCE), points(3))
    assert only(first).messages(SESSION) == only(last).messages(SESSION)
    assert distances(only(first)) == distances(only(last))


def test_several_sessions_come_in_the_order_of_the_file() -> None:
    at = datetime(2026, 5, 3, 7, tzinfo=UTC)
    raw = fit_file([Leg(started_at=at, distance_m=metres, timer_s=600) for metres in (1500.0, 2500.0)])
    assert [session["total_distance"] for session in only(raw).messages(SESSION)] == [1500, 2500]


def test_the_checksum_of_the_tests_is_that_of_the_reader() -> None:
    assert crc16(RUN) == 0
    assert only(RUN).crc_ok
