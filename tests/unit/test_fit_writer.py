"""The encoder the other tests lean on: what is put in is what an independent reader takes out."""

import io
import struct
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import fitparse
import pytest
from fit_writer import Leg, crc16, fit_file, fit_run, truncated

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


class Plain(fitparse.FitFileDataProcessor):
    """Leaves dates as numbers: the reader's own conversion warns on Python 3.12."""

    def process_type_date_time(self, field: Any) -> None: ...

    def process_type_local_date_time(self, field: Any) -> None: ...


def messages(raw: bytes, name: str) -> list[dict[str, Any]]:
    reader = fitparse.FitFile(io.BytesIO(raw), check_crc=True, data_processor=Plain())
    return [message.get_values() for message in reader.get_messages(name)]


def test_a_run_reads_back_as_written():
    raw = fit_run(START, 10_000, 3000, sub_sport="trail", rpe=6, feel=75, altitude=lambda m: 100 + m / 100)
    (session,) = messages(raw, "session")
    assert session["sport"] == "running"
    assert session["sub_sport"] == "trail"
    assert session["total_distance"] == 10_000
    assert session["total_timer_time"] == session["total_elapsed_time"] == 3000
    assert (session["total_ascent"], session["total_descent"]) == (100, 0)
    assert session["total_strides"] == 84 * 50
    assert (session["unknown_193"], session["unknown_192"]) == (60, 75)
    assert session["start_time"] == START.timestamp() - 631_065_600


def test_records_end_at_the_whole_distance():
    records = messages(fit_run(START, 5000, 1501, records_every_s=60), "record")
    assert len(records) == 27
    assert records[-1]["distance"] == 5000
    assert records[-1]["timestamp"] - records[0]["timestamp"] == 1501


@pytest.mark.parametrize("metres", [0, 0.01, 999.99, 1000, 3000, 42_195])
def test_laps_sum_to_the_session(metres):
    raw = fit_run(START, metres, 1234.567, lap_every_m=1000, elapsed_s=1300)
    (session,) = messages(raw, "session")
    laps = messages(raw, "lap")
    assert session["num_laps"] == len(laps) == max(1, -(-int(metres * 100) // 100_000))
    for field in ("total_distance", "total_timer_time", "total_elapsed_time", "total_strides"):
        assert sum(lap[field] for lap in laps) == pytest.approx(session[field])


def test_a_pause_is_two_timer_events_and_a_gap_between_records():
    raw = fit_run(START, 6000, 1800, elapsed_s=2400)
    assert [event["event_type"] for event in messages(raw, "event")] == [
        "start",
        "stop_all",
        "start",
        "stop_all",
    ]
    times = [record["timestamp"] for record in messages(raw, "record")]
    assert max(b - a for a, b in pairwise(times)) == 660


def test_the_offset_is_in_the_activity_message_or_nowhere():
    (activity,) = messages(fit_run(START, 5000, 1500, utc_offset_s=7200), "activity")
    assert activity["local_timestamp"] - activity["timestamp"] == 7200
    (activity,) = messages(fit_run(START, 5000, 1500, utc_offset_s=None), "activity")
    assert "local_timestamp" not in activity


def test_what_is_left_out_is_not_there():
    raw = fit_run(
        START, 5000, 1500, session_distance=False, heart_rate=None, cadence=None, records_every_s=None
    )
    (session,) = messages(raw, "session")
    assert not {"total_distance", "avg_heart_rate", "total_strides", "total_ascent"} & session.keys()
    assert messages(raw, "record") == []
    assert messages(fit_run(START, 5000, 1500, session=False), "session") == []


def test_several_sessions_share_a_file():
    legs = [
        Leg(
            started_at=START, distance_m=20_000, timer_s=2400, sport="cycling", sub_sport="road", cadence=None
        ),
        Leg(started_at=START.replace(hour=2), distance_m=5000, timer_s=1500, is_race=True, lap_every_m=1000),
    ]
    raw = fit_file(legs)
    assert [session["sport"] for session in messages(raw, "session")] == ["cycling", "running"]
    assert [session["first_lap_index"] for session in messages(raw, "session")] == [0, 1]
    assert messages(raw, "activity")[0]["num_sessions"] == 2


def test_checksums_are_right_and_a_cut_file_is_refused():
    raw = fit_run(START, 5000, 1500)
    assert crc16(b"123456789") == 0xBB3D
    assert crc16(raw) == 0
    assert struct.unpack_from("<I", raw, 4)[0] == len(raw) - 16
    with pytest.raises(fitparse.FitParseError):
        messages(truncated(raw), "session")
