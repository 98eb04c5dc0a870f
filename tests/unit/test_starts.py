"""Where a recording began and which foot pod ran along: told by the file, or honestly unknown."""

import json
from datetime import UTC, datetime
from math import nan

import numpy as np
import pytest
from fit_writer import Leg, fit_file, fit_run, truncated
from hypothesis import given
from hypothesis import strategies as st

import fit_bytes as fb
from midsole.decode.bounds import bounded
from midsole.decode.fit import FitDecoder
from midsole.decode.fit.devices import foot_pod
from midsole.decode.registry import decode
from midsole.decode.where import NOWHERE, first_fix, where
from midsole.domain.activity import Recording
from midsole.domain.samples import Samples

AT = datetime(2026, 5, 3, 7, tzinfo=UTC)
HERE = (50.100001, -8.2)
UINT32Z = 0x8C


def recordings(raw: bytes | str) -> tuple[Recording, ...]:
    return decode(raw.encode() if isinstance(raw, str) else raw).recordings


def starts(raw: bytes | str) -> list[tuple[float | None, float | None]]:
    return [(each.start_lat, each.start_lon) for each in recordings(raw)]


def nearly(lat: float, lon: float) -> object:
    return pytest.approx((lat, lon), abs=2e-6)


def records(*rows: tuple[int, float, float]) -> bytes:
    """Rows of (second, latitude, longitude); NaN is left unset."""
    begin = int(AT.timestamp()) - 631_065_600
    form = fb.definition(20, [(253, 4, fb.UINT32), (0, 4, fb.SINT32), (1, 4, fb.SINT32)])
    return form + b"".join(
        fb.data("<Iii", begin + second, *map(semicircles, place)) for second, *place in rows
    )


def semicircles(degrees: float) -> int:
    return 0x7FFF_FFFF if degrees != degrees else round(degrees * 2**31 / 180)


# Places


def test_a_session_tells_where_it_began() -> None:
    assert starts(fit_run(AT, 10_000, 3_000, start=HERE)) == [nearly(*HERE)]


def test_each_leg_begins_at_its_own_place() -> None:
    legs = [
        Leg(started_at=AT, distance_m=5_000, timer_s=1_500, start=HERE),
        Leg(started_at=AT.replace(hour=9), distance_m=5_000, timer_s=1_500, start=(-33.5, 151.25)),
    ]
    assert starts(fit_file(legs)) == [nearly(*HERE), nearly(-33.5, 151.25)]


def test_a_recording_without_a_session_began_at_its_first_fix() -> None:
    raw = fb.file(
        fb.definition(0, [(0, 1, fb.ENUM)]) + fb.data("<B", 4), records((0, nan, nan), (1, *HERE), (2, 51, 8))
    )
    assert starts(raw) == [nearly(*HERE)]
    assert starts(raw[:-6]) == [nearly(*HERE)]


def test_a_session_that_begins_at_0_0_began_at_its_first_fix() -> None:
    whole = fit_run(AT, 10_000, 3_000, start=(0.0, 0.0))
    assert starts(whole) == [NOWHERE]
    begin = int(AT.timestamp()) - 631_065_600
    session = fb.definition(
        18, [(2, 4, fb.UINT32), (7, 4, fb.UINT32), (3, 4, fb.SINT32), (4, 4, fb.SINT32)], local=2
    )
    told = session + fb.data("<IIii", begin, 600_000, 0, 0, local=2)
    raw = fb.file(
        fb.definition(0, [(0, 1, fb.ENUM)]) + fb.data("<B", 4), records((0, 0, 0), (5, *HERE)), told
    )
    assert starts(raw) == [nearly(*HERE)]


def test_a_run_indoors_began_nowhere() -> None:
    assert starts(fit_run(AT, 10_000, 3_000, sub_sport="treadmill")) == [NOWHERE]


def test_a_virtual_run_began_nowhere_though_its_game_has_places() -> None:
    assert starts(fit_run(AT, 10_000, 3_000, sub_sport="virtual_activity", start=HERE)) == [NOWHERE]


def test_a_gpx_track_begins_at_its_first_point() -> None:
    track = (
        '<trk><trkseg><trkpt lat="{0}" lon="{1}"><time>2026-05-03T07:00:00Z</time></trkpt>'
        '<trkpt lat="{0}1" lon="{1}"><time>2026-05-03T07:05:00Z</time></trkpt></trkseg></trk>'
    )
    later = track.format(-33.5, 151.25).replace("T07", "T17")
    assert starts(f"<gpx>{track.format(*HERE)}{later}</gpx>") == [HERE, (-33.5, 151.25)]


def test_a_tcx_begins_at_the_first_point_that_has_a_place() -> None:
    point = "<Trackpoint><Time>2026-05-03T07:0{}:00Z</Time>{}</Trackpoint>"
    lat, lon = HERE
    place = f"<LatitudeDegrees>{lat}</LatitudeDegrees><LongitudeDegrees>{lon}</LongitudeDegrees>"
    text = (
        '<TrainingCenterDatabase><Activities><Activity Sport="Running"><Lap StartTime="2026-05-03T07:00:00Z">'
        "<TotalTimeSeconds>300</TotalTimeSeconds>"
        f"<Track>{point.format(0, '')}{point.format(1, f'<Position>{place}</Position>')}</Track>"
        "</Lap></Activity></Activities></TrainingCenterDatabase>"
    )
    assert starts(text) == [HERE]
    assert starts(text.replace(place, "")) == [NOWHERE]


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (19.25, -99.5, (19.25, -99.5)),
        (-33, 151, (-33, 151)),
        (0, 0, NOWHERE),
        (None, 8.5, NOWHERE),
        (91, 8.5, NOWHERE),
        (50, 10**400, NOWHERE),
        ("50", True, NOWHERE),
    ],
)
def test_garmins_json_tells_where_it_began(lat: object, lon: object, expected: object) -> None:
    told = {"activityId": 1, "activityName": "Run", "startTimeGMT": "2026-01-08 14:10:21", "distance": 4000.0}
    line = told | {"activityType": {"typeKey": "running"}, "startLatitude": lat, "startLongitude": lon}
    whole = told | {"summaryDTO": {"startLatitude": lat, "startLongitude": lon}}
    assert starts(json.dumps(line)) == [expected]
    assert starts(json.dumps(whole)) == [expected]


@given(st.floats() | st.none(), st.floats() | st.none())
def test_a_place_lies_on_the_globe_or_is_unknown(lat: float | None, lon: float | None) -> None:
    found = where(lat, lon)
    if found != NOWHERE:
        assert lat is not None
        assert lon is not None
        assert found == (round(lat, 6), round(lon, 6))
        assert abs(found[0] or 0) <= 90
        assert abs(found[1] or 0) <= 180
        assert any(found)


@given(
    st.lists(st.tuples(st.floats(-100, 100) | st.just(nan), st.floats(-200, 200) | st.just(nan)), max_size=8)
)
def test_the_first_fix_is_the_first_point_that_has_a_place(points: list[tuple[float, float]]) -> None:
    lat, lon = (np.array([point[n] for point in points], dtype=np.float64) for n in (0, 1))
    empty = np.full(len(points), nan)
    samples = Samples.of_columns(empty, empty, empty, lat, lon, empty, empty)
    known = [where(*point) for point in points if abs(point[0]) <= 90 and abs(point[1]) <= 180 and any(point)]
    assert first_fix(samples) == (known[0] if known else NOWHERE)


def test_what_lies_off_the_globe_does_not_get_past_the_last_look() -> None:
    (run,) = recordings(fit_run(AT, 10_000, 3_000, start=HERE))
    assert bounded(run) == run
    for place in ((91.0, 8.0), (50.0, 181.0), (nan, 8.0), (50.0, None), (0.0, 0.0)):
        lat, lon = place
        changed = {name: getattr(run, name) for name in run.__slots__} | {"start_lat": lat, "start_lon": lon}
        kept = bounded(Recording(**changed))
        assert (kept.start_lat, kept.start_lon) == NOWHERE


# Foot pods


def device(
    kind: int, serial: float | str | None, *, source: int | None = 1, maker: int = 1
) -> dict[str, float | str]:
    told = {"device_type": kind, "serial_number": serial, "source_type": source, "manufacturer": maker}
    return {name: value for name, value in told.items() if value is not None}


POD = device(124, 3_442_746)


@pytest.mark.parametrize(
    "told",
    [
        POD,
        device(124, 3_442_746, source=None),
        device(6, 3_442_746, source=3),
        device(11, 3_442_746, maker=95),
    ],
    ids=["ANT+", "an old watch", "Bluetooth", "Stryd as a power meter"],
)
def test_a_foot_pod_is_known_by_its_serial_number(told: dict[str, float | str]) -> None:
    assert foot_pod([device(255, 3_912_345_678), told]) == "3442746"


def test_a_chest_strap_that_counts_strides_is_no_foot_pod() -> None:
    strap = [device(120, 3_337_768_824), device(124, 3_337_768_824)]
    assert foot_pod(strap) is None
    assert foot_pod([*strap, POD]) == "3442746"


@pytest.mark.parametrize(
    "told",
    [
        device(124, None),
        device(124, 2**32 - 1),
        device(124, 1e300),
        device(124, "3442746"),
        device(6, 3_442_746),
        device(11, 3_442_746),
        device(120, 3_442_746),
    ],
)
def test_what_has_no_number_or_counts_no_strides_is_no_foot_pod(told: dict[str, float | str]) -> None:
    assert foot_pod([told]) is None


def test_the_first_of_two_foot_pods_counts() -> None:
    assert foot_pod([POD, device(124, 7)]) == "3442746"


def test_the_foot_pod_is_read_from_the_file_also_where_that_was_cut_off() -> None:
    raw = fit_run(AT, 10_000, 3_000, foot_pod=3_442_746)
    assert [run.foot_pod for run in recordings(raw)] == ["3442746"]
    (cut,) = recordings(truncated(raw))
    assert (cut.recovered, cut.foot_pod) == (True, "3442746")
    assert [run.foot_pod for run in recordings(fit_run(AT, 10_000, 3_000))] == [None]


def test_a_foot_pod_ran_along_on_foot_only() -> None:
    legs = [
        Leg(started_at=AT, distance_m=20_000, timer_s=2_400, sport="cycling"),
        Leg(started_at=AT.replace(hour=8), distance_m=5_000, timer_s=1_500),
    ]
    assert [leg.foot_pod for leg in recordings(fit_file(legs, foot_pod=12))] == [None, "12"]


def test_a_damaged_device_message_costs_only_the_foot_pod() -> None:
    text = fb.definition(23, [(3, 3, fb.STRING), (1, 1, fb.UINT8)]) + fb.data("<3sB", b"12\0", 124)
    whole = fit_run(AT, 1_000, 300)
    body = whole[14:-2] + text
    raw = fb.file(body)
    (run,) = FitDecoder().decode(raw)
    assert (run.distance_m, run.foot_pod) == (1_000, None)
