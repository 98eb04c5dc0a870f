"""The lists in the export of a Garmin account, whole and odd."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midsole.decode import garmin_export, registry
from midsole.decode.formats import GARMIN_ACTIVITIES, GARMIN_GEAR, list_of
from midsole.domain.errors import BadInput

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
SUMMARY: dict[str, Any] = {
    "activityId": 111,
    "name": "Berlin Running",
    "activityType": "trail_running",
    "sportType": "RUNNING",
    "beginTimestamp": 1_700_000_000_000,
    "startTimeGmt": 1_700_000_000_000.0,
    "startTimeLocal": 1_700_003_600_000,
    "duration": 1_800_000.0,
    "movingDuration": 1_790_000.0,
    "elapsedDuration": 1_900_000.0,
    "distance": 500_000.0,
    "elevationGain": 4_200.0,
    "avgHr": 140.0,
    "workoutRpe": 60,
    "eventTypeId": 1,
    "avgSpeed": 0.277,
}


def activities(*rows: Any) -> bytes:
    return json.dumps([{"summarizedActivitiesExport": list(rows)}]).encode()


def test_centimetres_and_milliseconds_become_metres_and_seconds() -> None:
    (line,) = garmin_export.read_activities(activities(SUMMARY)).lines

    assert (line.external_id, line.started_at, line.sport) == ("111", AT, "running")
    assert (line.distance_m, line.timer_s, line.elapsed_s) == (5_000, 1_800, 1_900)
    assert (line.told.title, line.told.rpe, line.told.is_race) == ("Berlin Running", 6.0, True)
    assert line.told.surface == "trail"


def test_a_line_is_told_as_the_live_account_tells_it() -> None:
    (line,) = garmin_export.read_activities(activities(SUMMARY)).lines

    decoded = registry.decode(line.listed.encode())

    (recording,) = decoded.recordings
    assert decoded.format == "garmin"
    assert (recording.started_at, recording.distance_m, recording.utc_offset_s) == (AT, 5_000, 3_600)
    assert (recording.ascent_m, recording.heart_rate_mean_bpm) == (42, 140)


def test_a_container_of_legs_is_no_activity_and_odd_rows_are_named() -> None:
    rows = [{**SUMMARY, "parent": True}, "x", {"activityId": 5}, {**SUMMARY, "activityId": 6}]

    found = garmin_export.read_activities(activities(*rows))

    assert [line.external_id for line in found.lines] == ["6"]
    assert found.refused == ((2, "it has no number"), (3, "it has no start"))


def test_gear_has_its_activities_and_dates_as_texts() -> None:
    gear = {"gearPk": 7, "dateBegin": 1_700_000_000_000, "dateEnd": None, "gearTypeName": "Shoes"}
    uses = {"7": [{"activityId": 111}, {"activityId": "112"}, {}, 5], "8": 3}
    raw = json.dumps([{"gearDTOS": [gear, 3, {}], "gearActivityDTOs": uses}]).encode()

    (found,) = garmin_export.read_gear(raw)

    assert found.activities == ("111", "112")
    assert (found.row["dateBegin"], found.row["dateEnd"]) == ("2023-11-14 22:13:20", None)


def test_the_lists_are_known_by_their_content() -> None:
    assert list_of(activities(SUMMARY)) == GARMIN_ACTIVITIES
    assert list_of(b'[{"gearDTOS": []}]') == GARMIN_GEAR
    assert list_of(b'{\n "gearDTOS": [{"gearPk": 1}]}') == GARMIN_GEAR


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'"\\ud800"'[:-1]])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        garmin_export.read_activities(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*SUMMARY, "parent", "manufacturer", "deviceId"]), JSON))
def test_any_row_is_read_or_named(changes: dict[str, Any]) -> None:
    found = garmin_export.read_activities(activities({**SUMMARY, **changes}))

    for line in found.lines:
        assert registry.decode(line.listed.encode()).recordings


@given(JSON, JSON)
def test_any_gear_is_read_or_left_out(gear: Any, uses: Any) -> None:
    rows = [gear, {"gearPk": 7, "dateBegin": gear}]
    raw = json.dumps({"gearDTOS": rows, "gearActivityDTOs": uses}).encode()

    assert garmin_export.read_gear(raw)[-1].row["gearPk"] == 7
    assert garmin_export.read_gear(json.dumps(gear).encode()) is not None
