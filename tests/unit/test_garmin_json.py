"""Garmin's JSON of an activity becomes a recording, or what is told beside the file; never anything worse."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import pytest
from fit_writer import fit_run
from hypothesis import given, settings
from hypothesis import strategies as st

from midsole.decode.formats import decoder_of
from midsole.decode.garmin import GarminDecoder, started_at_of, told_of
from midsole.decode.manual import encode
from midsole.decode.registry import decode
from midsole.domain.activity import SPORTS, SURFACES, Recording, Told
from midsole.domain.errors import BadInput, NotAnActivity
from midsole.domain.matching import Trace, apart, matches, measures

STARTED_AT = datetime(2026, 1, 8, 14, 10, 21, tzinfo=UTC)
LISTED: dict[str, Any] = {
    "activityId": 21482825013,
    "activityName": "Cuajimalpa de Morelos - Base",
    "startTimeLocal": "2026-01-08 08:10:21",
    "startTimeGMT": "2026-01-08 14:10:21",
    "activityType": {"typeId": 6, "typeKey": "trail_running", "parentTypeId": 1, "isHidden": False},
    "eventType": {"typeId": 9, "typeKey": "uncategorized", "sortOrder": 10},
    "distance": 4261.18994140625,
    "duration": 2223.326904296875,
    "elapsedDuration": 2225.44091796875,
    "movingDuration": 2216.0,
    "elevationGain": 151.0,
    "elevationLoss": 147.0,
    "averageHR": 142.0,
    "maxHR": 162.0,
    "averageRunningCadenceInStepsPerMinute": 111.734375,
    "steps": 5310,
    "beginTimestamp": 1767881421000,
    "avgVerticalOscillation": 7.95,
    "avgGroundContactTime": 338.29998779296875,
    "deviceId": 3900867160,
    "manufacturer": "GARMIN",
    "splitSummaries": [{"noOfSplits": 28, "duration": 660.1, "splitType": "RWD_WALK"}],
    "manualActivity": False,
    "parent": False,
}
"""As the list told it (garth, test_activity_list); what Midsole does not read is left out."""
DETAIL: dict[str, Any] = {
    "activityId": 21482825013,
    "activityUUID": {"uuid": "44fa794a-5bd9-4fbc-927e-7677ab38b5fe"},
    "activityName": "Cuajimalpa de Morelos - Base",
    "isMultiSportParent": False,
    "activityTypeDTO": {"typeId": 6, "typeKey": "trail_running", "parentTypeId": 1},
    "eventTypeDTO": {"typeId": 9, "typeKey": "uncategorized", "sortOrder": 10},
    "timeZoneUnitDTO": {"unitKey": "America/Costa_Rica", "factor": 0.0},
    "metadataDTO": {
        "manufacturer": "GARMIN",
        "deviceMetaDataDTO": {"deviceId": 3900867160, "deviceTypePk": 37229},
        "manualActivity": False,
    },
    "summaryDTO": {
        "startTimeLocal": "2026-01-08T08:10:21.0",
        "startTimeGMT": "2026-01-08T14:10:21.0",
        "distance": 4261.19,
        "duration": 2223.327,
        "movingDuration": 2216.0,
        "elapsedDuration": 2225.441,
        "elevationGain": 151.0,
        "elevationLoss": 147.0,
        "averageHR": 142.0,
        "maxHR": 162.0,
        "averageRunCadence": 111.734375,
        "groundContactTime": 338.29998779296875,
        "verticalOscillation": 7.95,
        "directWorkoutFeel": 25,
        "directWorkoutRpe": 30,
        "steps": 5310,
    },
}
"""All about the same activity (garth, test_activity_get)."""
MISSING = object()


def listed(**changes: Any) -> bytes:
    line = {name: value for name, value in (LISTED | changes).items() if value is not MISSING}
    return json.dumps(line).encode()


def detail(**changes: Any) -> bytes:
    """`changes` are those of summaryDTO."""
    return json.dumps(DETAIL | {"summaryDTO": DETAIL["summaryDTO"] | changes}).encode()


def of_type(key: object, type_id: object = None, parent: object = None) -> dict[str, Any]:
    return {"activityType": {"typeId": type_id, "typeKey": key, "parentTypeId": parent}}


def read(raw: bytes) -> Recording:
    decoded = decode(raw)
    assert decoded.format == "garmin"
    (recording,) = decoded.recordings
    return recording


def trace(recording: Recording, file: str, form: str = "garmin", source: int = 1) -> Trace:
    return Trace(
        id=None,
        activity_id=None,
        file=file * 64,
        leg=recording.leg,
        source=source,
        format=form,
        device=recording.device,
        sport=recording.sport,
        start_s=recording.started_at.timestamp(),
        timer_s=recording.timer_s,
        elapsed_s=recording.elapsed_s,
        distance_m=recording.distance_m,
        distance_from=recording.distance_from,
        recovered=recording.recovered,
        measures=measures(recording),
    )


# the recording


def test_a_line_of_the_list_tells_a_whole_run() -> None:
    assert read(listed()) == Recording(
        leg=0,
        sport="running",
        surface="trail",
        started_at=STARTED_AT,
        distance_m=4261.18994140625,
        distance_from="session",
        timer_s=2223.326904296875,
        moving_s=2216.0,
        elapsed_s=2225.44091796875,
        utc_offset_s=-6 * 3600,
        ascent_m=151.0,
        descent_m=147.0,
        steps=5310,
        heart_rate_mean_bpm=142,
        heart_rate_max_bpm=162,
        cadence_spm=111.734375,
        stance_time_ms=338.29998779296875,
        vertical_oscillation_mm=79.5,
        title="Cuajimalpa de Morelos - Base",
        device="garmin 3900867160",
    )


def test_the_document_tells_the_same_run_and_how_hard_it_was() -> None:
    run, line = read(detail()), read(listed())
    assert (run.rpe, run.feel) == (3.0, 25)
    assert (line.rpe, line.feel) == (None, None)
    assert (run.started_at, run.utc_offset_s, run.device) == (STARTED_AT, -6 * 3600, line.device)
    assert (run.sport, run.surface, run.title) == (line.sport, line.surface, line.title)
    assert (run.cadence_spm, run.stance_time_ms) == (line.cadence_spm, line.stance_time_ms)
    assert (run.vertical_oscillation_mm, run.distance_m) == (79.5, 4261.19)


def test_a_run_typed_in_at_garmin_has_its_distance_from_there() -> None:
    run = read(listed(manualActivity=True, deviceId=0, movingDuration=None, elapsedDuration=None))
    assert (run.distance_from, run.device) == ("edit", None)
    assert run.timer_s == run.moving_s == run.elapsed_s


def test_an_hour_of_yoga_has_no_distance() -> None:
    assert (read(listed(distance=MISSING, **of_type("yoga", 163, 29))).distance_from) == "none"


@pytest.mark.parametrize("nothing", [0, 0.0, None, MISSING])
def test_an_effort_of_zero_was_never_set_but_a_feeling_of_zero_was(nothing: object) -> None:
    changes = {} if nothing is MISSING else {"directWorkoutRpe": nothing}
    summary = {name: v for name, v in DETAIL["summaryDTO"].items() if name != "directWorkoutRpe"} | changes
    run = read(json.dumps(DETAIL | {"summaryDTO": summary | {"directWorkoutFeel": 0}}).encode())
    assert (run.rpe, run.feel) == (None, 0)


@pytest.mark.parametrize(("event", "is_race"), [("race", True), ("training", False), (None, False)])
def test_a_race_is_one_by_its_event(event: str | None, is_race: bool) -> None:
    assert read(listed(eventType={"typeKey": event})).is_race is is_race


@pytest.mark.parametrize(
    ("key", "sport", "surface"),
    [
        ("running", "running", "unknown"),
        ("trail_running", "running", "trail"),
        ("treadmill_running", "running", "treadmill"),
        ("indoor_running", "running", "treadmill"),
        ("track_running", "running", "track"),
        ("street_running", "running", "road"),
        ("virtual_run", "running", "virtual"),
        ("ultra_run", "running", "unknown"),
        ("obstacle_run", "running", "unknown"),
        ("walking", "walking", "unknown"),
        ("casual_walking", "walking", "unknown"),
        ("speed_walking", "walking", "unknown"),
        ("indoor_walking", "walking", "unknown"),
        ("hiking", "hiking", "unknown"),
        ("rucking", "hiking", "unknown"),
        ("cycling", "cycling", "unknown"),
        ("road_biking", "cycling", "unknown"),
        ("mountain_biking", "cycling", "unknown"),
        ("gravel_cycling", "cycling", "unknown"),
        ("indoor_cycling", "cycling", "unknown"),
        ("track_cycling", "cycling", "unknown"),
        ("virtual_ride", "cycling", "unknown"),
        ("e_bike_fitness", "cycling", "unknown"),
        ("e_bike_mountain", "cycling", "unknown"),
        ("lap_swimming", "swimming", "unknown"),
        ("open_water_swimming", "swimming", "unknown"),
        ("multi_sport", "other", "unknown"),
        ("bikeToRunTransition_v2", "other", "unknown"),
        ("transition_v2", "other", "unknown"),
        ("wheelchair_push_run", "other", "unknown"),
        ("strength_training", "other", "unknown"),
        ("breathwork", "other", "unknown"),
        ("other", "other", "unknown"),
        ("uncategorized", "unknown", "unknown"),
        (None, "unknown", "unknown"),
    ],
)
def test_garmins_types_are_our_sports(key: str | None, sport: str, surface: str) -> None:
    run = read(listed(**of_type(key)))
    assert (run.sport, run.surface) == (sport, surface)


@pytest.mark.parametrize(
    ("type_id", "parent", "sport"),
    [
        (1, 17, "running"),
        (999, 1, "running"),
        (999, 2, "cycling"),
        (3, 17, "hiking"),
        (999, 9, "walking"),
        (999, 26, "swimming"),
        (999, 17, "other"),
        ("1", [1], "other"),
    ],
)
def test_a_type_that_no_word_explains_goes_by_its_numbers(type_id: Any, parent: Any, sport: str) -> None:
    assert read(listed(**of_type("something_new", type_id, parent))).sport == sport


# when


@pytest.mark.parametrize(
    "start",
    [
        {"startTimeGMT": "2026-01-08T14:10:21.0"},
        {"startTimeGMT": "2026-01-08T14:10:21Z"},
        {"startTimeGMT": "2026-01-08T15:10:21+01:00"},
        {"startTimeGMT": 1767881421000},
        {"startTimeGMT": None},
        {"startTimeGMT": "yesterday"},
        {"startTimeGMT": "", "startTimeLocal": 1767859821000},
    ],
)
def test_the_start_is_read_in_every_form_that_garmin_writes(start: dict[str, Any]) -> None:
    run = read(listed(**start))
    assert (run.started_at, run.utc_offset_s) == (STARTED_AT, -6 * 3600)
    assert started_at_of(listed(**start).decode()) == STARTED_AT


def test_a_local_time_alone_gives_a_start_and_no_offset() -> None:
    run = read(listed(startTimeGMT=None, beginTimestamp=None))
    assert (run.started_at, run.utc_offset_s) == (datetime(2026, 1, 8, 8, 10, 21, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("local", "offset_s"),
    [
        ("2026-01-08 19:55:21", 20_700),
        ("2026-01-08 14:10:25", 0),
        ("2026-01-09 06:10:21", None),
        ("2025-01-08 14:10:21", None),
        (None, None),
    ],
)
def test_an_offset_is_a_multiple_of_a_quarter_of_an_hour_or_none(local: str, offset_s: int | None) -> None:
    assert read(listed(startTimeLocal=local)).utc_offset_s == offset_s


def test_without_any_start_there_is_no_run() -> None:
    raw = listed(startTimeGMT=None, startTimeLocal="soon", beginTimestamp="x")
    with pytest.raises(BadInput, match="no start"):
        decode(raw)
    assert started_at_of(raw.decode()) is None


# which files


@pytest.mark.parametrize(
    "raw",
    [
        listed(),
        detail(),
        b"\xef\xbb\xbf" + listed(),
        b"\n " + json.dumps(LISTED, indent=1).encode(),
        listed(activityId=MISSING),
        listed(activityName='"midsole"'),
        listed(activityName="midsole"),
        listed(activityName='{"activityId": [}'),
        listed(activityName="é" * 5_000),
    ],
)
def test_an_activity_is_known_by_its_first_bytes(raw: bytes) -> None:
    found = decoder_of(raw[:4096])
    assert found is not None
    assert found.name == "garmin"


@pytest.mark.parametrize("name", [*LISTED, "activityId"])
def test_an_activity_is_known_whatever_one_thing_is_missing(name: str) -> None:
    assert GarminDecoder().sniff(listed(**{name: MISSING})[:4096])


MANUAL = encode(sport="running", started_at=STARTED_AT, distance_m=5, timer_s=5, title="activityId")


@pytest.mark.parametrize(
    "raw",
    [
        MANUAL,
        b"[" + listed() + b"]",
        b'{"summarizedActivitiesExport":[' + listed() + b"]}",
        b'{"activityId":1,"lapDTOs":[{"startTimeGMT":"2025-10-22T13:44:08.0","duration":4194.0}]}',
        b'{"activityId":1,"metricDescriptors":[]}',
        b'{"gearDTOS":[{"gearPk":1}]}',
        b"activityId,startTimeGMT,activityType",
        b'{"activityName',
        b"",
    ],
)
def test_what_is_no_single_activity_is_left_to_others(raw: bytes) -> None:
    assert not GarminDecoder().sniff(raw[:4096])


def test_the_splits_of_an_activity_add_nothing() -> None:
    with pytest.raises(NotAnActivity):
        decode(b'{"activityId":1,"lapDTOs":[{"startTimeGMT":"2025-10-22T13:44:08.0"}]}')


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"1", b'"x"', b"\xff{", b"[" * 100_000, listed()[:-9]])
def test_what_is_no_document_is_bad_input(raw: bytes) -> None:
    with pytest.raises(BadInput):
        GarminDecoder().decode(raw)


# identity


def original(**more: Any) -> Recording:
    at, metres, seconds = more.pop("at", STARTED_AT), more.pop("metres", 4261), more.pop("seconds", 2223)
    raw = fit_run(at, metres, seconds, **({"utc_offset_s": -21_600} | more))
    return decode(raw).recordings[0]


@pytest.mark.parametrize("source", [1, 2])
def test_the_list_and_the_original_tell_one_run(source: int) -> None:
    fit = trace(original(elapsed_s=2225.0), "a", "fit", source)
    assert matches(trace(read(listed()), "b"), fit)
    assert matches(trace(read(detail()), "c"), fit)
    assert matches(trace(read(listed()), "b"), trace(read(detail()), "c"))


def test_a_walk_that_garmin_calls_a_hike_is_one_with_its_original() -> None:
    fit = trace(original(sport="walking"), "a", "fit")
    assert matches(trace(read(listed(**of_type("hiking", 3, 17))), "b"), fit)


def test_the_same_treadmill_run_twice_a_day_is_two_in_the_list() -> None:
    later = {"startTimeGMT": "2026-01-08 23:10:21", "startTimeLocal": "2026-01-08 17:10:21"}
    morning, evening = trace(read(listed()), "a"), trace(read(listed(**later)), "b")
    assert not matches(morning, evening)
    assert apart(morning, evening)


# what is told beside the file


def test_the_account_tells_title_sport_distance_and_effort() -> None:
    assert told_of(listed().decode(), detail().decode()) == Told(
        title="Cuajimalpa de Morelos - Base",
        sport="running",
        surface="trail",
        distance_m=4261.18994140625,
        timer_s=2223.326904296875,
        rpe=3.0,
        feel=25,
    )


def test_the_list_wins_over_the_document_that_was_read_before() -> None:
    line = listed(activityName="Finish", distance=5000.0, eventType={"typeKey": "race"}, **of_type("walking"))
    told = told_of(line.decode(), detail().decode())
    assert (told.title, told.sport, told.surface) == ("Finish", "walking", None)
    assert (told.distance_m, told.is_race, told.rpe) == (5000.0, True, 3.0)


def test_the_document_fills_what_the_list_leaves_out() -> None:
    told = told_of('{"activityName":null}', detail().decode())
    assert (told.title, told.surface, told.distance_m) == ("Cuajimalpa de Morelos - Base", "trail", 4261.19)
    assert told_of(None, detail().decode()) == told


def test_the_list_alone_tells_no_effort() -> None:
    told = told_of(listed().decode(), None)
    assert (told.rpe, told.feel, told.timer_s) == (None, None, 2223.326904296875)


@pytest.mark.parametrize("distance", [0, -1, 1e6, 1e30, 10**400, float("inf"), float("nan"), "5", True, None])
def test_a_distance_that_can_not_be_is_not_told(distance: Any) -> None:
    assert told_of(listed(distance=distance).decode(), None).distance_m is None


@pytest.mark.parametrize("text", [None, "", "{", "[]", "null", "1", '"x"', "{}", "[" * 100_000, "\ud800"])
def test_rubbish_tells_nothing(text: str | None) -> None:
    assert told_of(text, text) == Told()
    assert text is None or started_at_of(text) is None


def test_a_title_no_database_takes_is_mended() -> None:
    assert told_of(listed(activityName="a\0b\ud800 \n").decode(), None).title == "ab"


# anything else


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**12, 10**18, 10**400, -(10**400), -1, 0]),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["0001-01-01 00:00:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+14:00", "x" * 999]
    ),
    st.just([]),
    st.just({}),
    st.just([[{"typeKey": 1}]]),
    st.dictionaries(
        st.sampled_from(["typeKey", "typeId", "parentTypeId"]), st.integers() | st.text(max_size=5)
    ),
    st.just(MISSING),
)
LINE_NAMES = st.sampled_from(sorted(LISTED))
SUMMARY_NAMES = st.sampled_from(sorted(DETAIL["summaryDTO"]))
TOP_NAMES = st.sampled_from(sorted(DETAIL))


def is_sound(run: Recording) -> bool:
    amounts = [
        run.distance_m,
        run.timer_s,
        run.moving_s,
        run.elapsed_s,
        run.ascent_m,
        run.descent_m,
        run.steps,
    ]
    amounts += [run.cadence_spm, run.stance_time_ms, run.vertical_oscillation_mm, run.rpe, run.feel]
    amounts += [run.heart_rate_mean_bpm, run.heart_rate_max_bpm]
    return (
        run.sport in SPORTS
        and run.surface in SURFACES
        and run.started_at.utcoffset() == timedelta(0)
        and all(n is None or (isfinite(n) and 0 <= n <= 1e9) for n in amounts)
        and run.moving_s <= run.timer_s <= run.elapsed_s
        and (run.utc_offset_s is None or abs(run.utc_offset_s) <= 15 * 3600)
        and (run.title is None or run.title.encode() != b"")
    )


def survives(raw: bytes) -> bool:
    """Through the decoder itself, through the bounds, and told beside a file."""
    text = raw.decode()
    told_of(text, text)
    started_at_of(text)
    with suppress(BadInput):
        assert GarminDecoder().decode(raw)
        return is_sound(read(raw))
    return started_at_of(text) is None


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(LINE_NAMES, ODD, min_size=1, max_size=3))
def test_a_line_with_odd_values_is_a_sound_run_or_bad_input(odd: dict[str, Any]) -> None:
    assert survives(listed(**odd))


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(TOP_NAMES, ODD, max_size=2), st.dictionaries(SUMMARY_NAMES, ODD, max_size=2))
def test_a_document_with_odd_values_is_a_sound_run_or_bad_input(
    top: dict[str, Any], summary: dict[str, Any]
) -> None:
    inner = {name: v for name, v in (DETAIL["summaryDTO"] | summary).items() if v is not MISSING}
    outer = DETAIL | {"summaryDTO": inner} | top
    assert survives(json.dumps({name: v for name, v in outer.items() if v is not MISSING}).encode())


@pytest.mark.parametrize(
    "odd", [None, True, -1, 0, 10**400, 1e308, float("nan"), "", "x", [], {}, [1], MISSING]
)
@pytest.mark.parametrize("name", sorted(LISTED))
def test_any_one_thing_of_a_line_may_be_odd(name: str, odd: object) -> None:
    assert survives(listed(**{name: odd}))
