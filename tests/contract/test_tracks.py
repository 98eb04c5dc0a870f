"""What devices and apps write into TCX and GPX, and what a careful person reads there."""

import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from midsole.decode.registry import decode
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput

STARTED_AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
METRES_PER_S = 3.0
DEG_PER_S = METRES_PER_S / 111_194.93
"""3 m/s to the north."""


def at(second: float, form: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    return (STARTED_AT + timedelta(seconds=second)).strftime(form)


def trkpt(second: float, time: str | None = None, extra: str = "") -> str:
    time = at(second) if time is None else time
    told = f"<time>{time}</time>" if time else ""
    return f'<trkpt lat="{50 + second * DEG_PER_S:.9f}" lon="8.0"><ele>100</ele>{told}{extra}</trkpt>'


def points(*seconds: Iterable[int]) -> str:
    return "".join(f"<trkseg>{''.join(map(trkpt, part))}</trkseg>" for part in seconds)


TEN_MINUTES = points(range(601))


def gpx(
    inside: str = TEN_MINUTES, about: str = "<type>running</type>", rest: str = "", meta: str = ""
) -> str:
    track = f"<trk>{about}{inside}</trk>"
    return f'<?xml version="1.0"?><gpx creator="Test app">{meta}{track}{rest}</gpx>'


def tcx(lap: str, track: str = "", sport: str = "Running", rest: str = "") -> str:
    return (
        f'<?xml version="1.0"?><TrainingCenterDatabase><Activities><Activity Sport="{sport}">'
        f'<Id>{at(0)}</Id><Lap StartTime="{at(0)}">{lap}<Track>{track}</Track></Lap>{rest}'
        "</Activity></Activities></TrainingCenterDatabase>"
    )


def trackpoints(until_s: int, every_s: int = 5, extra: str = "") -> str:
    return "".join(
        f"<Trackpoint><Time>{at(s)}</Time><DistanceMeters>{s * 3}</DistanceMeters>{extra}</Trackpoint>"
        for s in range(0, until_s + 1, every_s)
    )


def runs(text: str | bytes) -> tuple[Recording, ...]:
    return decode(text if isinstance(text, bytes) else text.encode()).recordings


def run(text: str | bytes) -> Recording:
    (only,) = runs(text)
    return only


# Sport


def test_runkeepers_title_names_the_sport_it_writes_no_type_for() -> None:
    assert run(gpx(about="<name>Running 3/14/15 5:55 pm</name>")).sport == "running"


def test_a_title_of_the_runners_own_names_no_sport() -> None:
    assert run(gpx(about="<name>Run down the river</name>")).sport == "unknown"


def test_the_title_of_the_file_stands_for_its_only_track() -> None:
    meta = "<metadata><name>Morning Run</name><author><name>Ada</name></author></metadata>"
    found = run(gpx(about="", meta=meta))
    assert (found.title, found.sport) == ("Morning Run", "running")


def test_a_type_weighs_more_than_a_title() -> None:
    assert run(gpx(about="<name>Morning Run</name><type>hiking</type>")).sport == "hiking"


def test_the_type_of_a_link_is_no_sport() -> None:
    about = '<link href="x"><type>running</type></link>'
    assert run(gpx(about=about)).sport == "unknown"


def test_the_type_of_a_waypoint_is_no_sport() -> None:
    meta = '<wpt lat="50" lon="8"><name>Start</name><type>running</type></wpt>'
    assert run(gpx(about="", meta=meta)).sport == "unknown"


def test_a_title_in_a_character_block_is_read_as_it_stands() -> None:
    found = run(gpx(about="<name><![CDATA[Run & 3/14/15]]></name>"))
    assert (found.title, found.sport) == ("Run & 3/14/15", "running")


@pytest.mark.parametrize("ending", ["", "-track"])
def test_suuntos_app_names_the_sport_in_the_name_of_the_track(ending: str) -> None:
    name = f"<name>suuntoapp-TrailRunning-2026-03-01T07-30-00Z{ending}</name>"
    for text in (gpx(about=name), gpx(about="", meta=f"<metadata>{name}</metadata>")):
        found = run(text)
        assert (found.sport, found.surface, found.title) == ("running", "trail", None)


def test_fitotrack_names_the_sport_in_the_name_of_the_file() -> None:
    meta = "<metadata><name>Workout(id=1, comment=a, workoutTypeId=running, x=-1)</name></metadata>"
    assert run(gpx(about="", meta=meta)).sport == "running"


def test_an_extension_names_the_sport_where_the_type_does_not() -> None:
    extension = "<extensions><o:typeTranslated>Laufen</o:typeTranslated></extensions>"
    assert run(gpx(about=f"<type>x</type>{extension}")).sport == "running"


@pytest.mark.parametrize(
    ("word", "sport"), [("Run", "running"), ("Treadmill Running", "running"), ("Hiking", "hiking")]
)
def test_sports_that_the_schema_of_tcx_does_not_know_are_read(word: str, sport: str) -> None:
    assert run(tcx("<TotalTimeSeconds>600</TotalTimeSeconds>", sport=word)).sport == sport


# Numbers, times and places


def test_heart_rate_and_cadence_are_read_in_any_namespace() -> None:
    extra = "<extensions><g:TPX><g:hr>150</g:hr><g:cad>85</g:cad></g:TPX></extensions>"
    inside = f"<trkseg>{''.join(trkpt(s, extra=extra) for s in range(601))}</trkseg>"
    found = run(gpx(inside))
    assert (found.heart_rate_mean_bpm, found.steps) == (150, 1700)


def test_run_cadence_in_a_tcx_extension_is_read() -> None:
    extra = (
        "<HeartRateBpm><Value>150</Value></HeartRateBpm>"
        "<Extensions><n:TPX><n:RunCadence>85</n:RunCadence></n:TPX></Extensions>"
    )
    found = run(tcx("<TotalTimeSeconds>600</TotalTimeSeconds>", trackpoints(600, extra=extra)))
    assert (found.heart_rate_mean_bpm, found.steps) == (150, 1700)


def test_a_heart_rate_of_a_byte_never_set_is_none() -> None:
    inside = "".join(trkpt(s, extra=f"<hr>{(150, 0, 255)[s % 3]}</hr>") for s in range(601))
    found = run(gpx(f"<trkseg>{inside}</trkseg>"))
    assert (found.heart_rate_mean_bpm, found.heart_rate_max_bpm) == (150, 150)


def test_cadence_is_told_in_steps_of_both_feet() -> None:
    extra = "<Extensions><TPX><RunCadence>85</RunCadence></TPX></Extensions>"
    inside = "".join(trkpt(s, extra="<extensions><cad>85</cad></extensions>") for s in range(601))
    assert run(tcx(HALF, trackpoints(300, extra=extra))).cadence_spm == 170
    assert run(gpx(f"<trkseg>{inside}</trkseg>")).cadence_spm == 170
    assert run(tcx(HALF, trackpoints(300, extra=extra), sport="Biking")).cadence_spm is None


def test_decimal_commas_are_read() -> None:
    lap = "<TotalTimeSeconds>600,5</TotalTimeSeconds><DistanceMeters>1800,25</DistanceMeters>"
    found = run(tcx(lap))
    assert (found.timer_s, found.distance_m) == (600.5, 1800.25)


@pytest.mark.parametrize("nonsense", ["NaN", "-5", "inf", "1e300", "", "abc"])
def test_nonsense_in_a_lap_is_left_out(nonsense: str) -> None:
    lap = (
        f"<TotalTimeSeconds>{nonsense}</TotalTimeSeconds><DistanceMeters>{nonsense}</DistanceMeters>"
        f"<AverageHeartRateBpm><Value>{nonsense}</Value></AverageHeartRateBpm>"
    )
    found = run(tcx(lap, trackpoints(600)))
    assert (found.timer_s, found.distance_m, found.distance_from) == (600.0, 1800.0, "records")
    assert found.heart_rate_mean_bpm is None


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%dT%H:%M:%S.250Z",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S+0000",
        " %Y-%m-%dT%H:%M:%S.1234567Z\n",
    ],
)
def test_times_are_read_however_they_are_written(form: str) -> None:
    inside = "".join(trkpt(s, at(s, form)) for s in range(601))
    found = run(gpx(f"<trkseg>{inside}</trkseg>"))
    assert found.started_at.replace(microsecond=0) == STARTED_AT
    assert (found.elapsed_s, found.utc_offset_s) == (600.0, None)


def test_times_with_one_digit_where_two_belong_are_read() -> None:
    inside = trkpt(0, "2026-3-1T7:30:0Z") + trkpt(60, "2026/3/1 7:31:0 +0000")
    assert run(gpx(f"<trkseg>{inside}</trkseg>")).elapsed_s == 60.0


def test_an_offset_tells_the_runners_zone() -> None:
    inside = trkpt(0, "2026-03-01T09:30:00+02:00") + trkpt(60, "2026-03-01T09:31:00+02:00")
    found = run(gpx(f"<trkseg>{inside}</trkseg>"))
    assert (found.started_at, found.utc_offset_s) == (STARTED_AT, 7200)


def test_points_without_a_time_tell_places_on_the_way() -> None:
    inside = "".join(trkpt(s, "" if s % 3 == 1 else None) for s in range(601))
    assert run(gpx(f"<trkseg>{inside}</trkseg>")).distance_m == pytest.approx(1800, abs=1)


def test_of_a_drawn_track_only_what_has_times_is_recorded() -> None:
    inside = "".join(trkpt(s, None if s <= 60 else "") for s in range(601))
    assert run(gpx(f"<trkseg>{inside}</trkseg>")).distance_m == pytest.approx(180, abs=1)


def test_places_at_nought_degrees_are_no_fixes() -> None:
    lost = f'<trkpt lat="0.0" lon="0.0"><time>{at(300)}</time></trkpt>'
    inside = "".join([*map(trkpt, range(300)), lost, *map(trkpt, range(301, 601))])
    assert run(gpx(f"<trkseg>{inside}</trkseg>")).distance_m == pytest.approx(1800, abs=1)


def test_times_scattered_by_seconds_make_neither_way_nor_climb() -> None:
    """Sports Tracker wrote 3078 steps back in 7785 points."""
    inside = "".join(trkpt(s, at(s - (s % 3) * 2)) for s in range(601))
    found = run(gpx(f"<trkseg>{inside}</trkseg>"))
    assert found.distance_m == pytest.approx(1800, abs=1)
    assert found.moving_s == pytest.approx(600, abs=5)


def test_an_indoor_gpx_without_a_way_has_the_apps_counter() -> None:
    inside = "".join(
        f'<trkpt lat="50" lon="8"><time>{at(s)}</time><distance>{s * 3}</distance></trkpt>'
        for s in range(601)
    )
    found = run(gpx(f"<trkseg>{inside}</trkseg>"))
    assert (found.distance_m, found.distance_from) == (1800.0, "records")


# Pauses and parts


def test_a_pause_between_segments_adds_neither_way_nor_time() -> None:
    found = run(gpx(points(range(301), range(900, 1201))))
    assert found.distance_m == pytest.approx(1800, abs=1)
    assert (found.timer_s, found.elapsed_s) == (600.0, 1200.0)


def test_a_long_gap_on_the_spot_is_a_pause() -> None:
    inside = "".join(
        trkpt(min(s, 300) if s < 900 else s - 600, at(s)) for s in [*range(301), *range(900, 1201)]
    )
    found = run(gpx(f"<trkseg>{inside}</trkseg>"))
    assert (found.timer_s, found.elapsed_s) == (600.0, 1200.0)
    assert found.distance_m == pytest.approx(1800, abs=1)


def test_a_long_gap_on_the_move_is_running_time() -> None:
    assert run(gpx(points([0, 100, 200, 300]))).timer_s == 300.0


def test_empty_segments_are_passed_over() -> None:
    assert run(gpx("<trkseg/>" + TEN_MINUTES + "<trkseg></trkseg>")).elapsed_s == 600.0


def test_tracks_of_one_sport_in_a_row_are_one_run_in_parts() -> None:
    second = f"<trk><name>Lap 2</name><type>running</type>{points(range(660, 961))}</trk>"
    found = run(gpx(points(range(601)), "<name>Lap 1</name><type>running</type>", second))
    assert found.distance_m == pytest.approx(2700, abs=1)
    assert (found.timer_s, found.elapsed_s) == (900.0, 960.0)


@pytest.mark.parametrize(
    ("about", "seconds"),
    [
        ("<type>running</type>", range(3000, 3601)),
        ("<type>cycling</type>", range(660, 961)),
        ("<name>Home</name><type>running</type>", range(660, 961)),
        ("<type>running</type>", range(300, 901)),
    ],
    ids=["an hour later", "another sport", "another title", "at the same time"],
)
def test_tracks_that_do_not_go_on_are_activities_of_their_own(about: str, seconds: range) -> None:
    found = runs(gpx(rest=f"<trk>{about}{points(seconds)}</trk>"))
    assert [recording.leg for recording in found] == [0, 1]


# TCX totals


def test_laps_that_end_before_their_track_give_way_to_the_records() -> None:
    lap = "<TotalTimeSeconds>400</TotalTimeSeconds><DistanceMeters>1200</DistanceMeters>"
    found = run(tcx(lap, trackpoints(600)))
    assert (found.distance_m, found.distance_from, found.timer_s) == (1800.0, "records", 600.0)


def test_laps_stand_where_only_the_counter_went_on() -> None:
    lap = "<TotalTimeSeconds>600</TotalTimeSeconds><DistanceMeters>1500</DistanceMeters>"
    found = run(tcx(lap, trackpoints(600)))
    assert (found.distance_m, found.distance_from, found.timer_s) == (1500.0, "laps", 600.0)


def two_laps(first: str, second: str) -> str:
    """One track of ten minutes, its second half in the second lap."""
    later = "".join(
        f"<Trackpoint><Time>{at(s)}</Time><DistanceMeters>{s * 3}</DistanceMeters></Trackpoint>"
        for s in range(305, 601, 5)
    )
    rest = f'<Lap StartTime="{at(300)}">{second}<Track>{later}</Track></Lap>'
    return tcx(first, trackpoints(300), rest=rest)


HALF = "<TotalTimeSeconds>300</TotalTimeSeconds><DistanceMeters>900</DistanceMeters>"


@pytest.mark.parametrize(
    "unsaid",
    ["<TotalTimeSeconds>300</TotalTimeSeconds>", HALF.replace("900", "0"), HALF.replace("300", "0")],
)
def test_what_one_lap_does_not_tell_the_records_do(unsaid: str) -> None:
    found = run(two_laps(HALF, unsaid))
    assert (found.distance_m, found.timer_s) == (1800, 600)


def test_a_lap_of_a_clock_never_set_gives_way_to_the_points() -> None:
    lap = f'<Lap StartTime="{at(0)}">'
    found = run(tcx(HALF, trackpoints(300)).replace(lap, '<Lap StartTime="1989-12-31T00:00:00Z">'))
    assert found.started_at == STARTED_AT


def test_a_lap_without_a_track_is_a_run() -> None:
    lap = (
        "<TotalTimeSeconds>600</TotalTimeSeconds><DistanceMeters>1800</DistanceMeters>"
        "<AverageHeartRateBpm><Value>150</Value></AverageHeartRateBpm>"
        "<MaximumHeartRateBpm><Value>170</Value></MaximumHeartRateBpm>"
    )
    found = run(tcx(lap))
    assert (found.distance_m, found.timer_s, found.started_at) == (1800.0, 600.0, STARTED_AT)
    assert (found.heart_rate_mean_bpm, found.heart_rate_max_bpm) == (150, 170)


def test_the_creator_is_the_device() -> None:
    creator = "<Creator><Name>Watch 1</Name><UnitId>3815748186</UnitId></Creator>"
    assert run(tcx("<TotalTimeSeconds>9</TotalTimeSeconds>", rest=creator)).device == "Watch 1"


# Slips of those who write XML


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8", "latin-1"])
def test_any_encoding_is_told_by_its_bytes(code: str) -> None:
    assert run(gpx(about="<name>Läufe über Ä</name>").encode(code)).title == "Läufe über Ä"


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-16", "utf-8"),
        ("UTF-8", "latin-1"),
        ("iso-8859-2", "iso-8859-2"),
        ("windows-1251", "windows-1251"),
    ],
)
def test_a_wrong_declaration_does_no_harm(declared: str, written: str) -> None:
    title = "Беg" if written == "windows-1251" else "Lč" if written == "iso-8859-2" else "Lä"
    raw = gpx(about=f"<name>{title}</name>").replace('"1.0"', f'"1.0" encoding="{declared}"').encode(written)
    found = run(raw)
    assert (found.title, found.recovered) == (title, False)


@pytest.mark.parametrize("rest", ["\0\0\0", "rubbish <", "</gpx>", "\n\n<gpx>"])
def test_what_stands_after_the_end_is_not_looked_at(rest: str) -> None:
    found = run(gpx() + rest)
    assert (found.elapsed_s, found.recovered) == (600.0, False)


def test_a_lone_ampersand_and_control_characters_are_forgiven() -> None:
    found = run(gpx(about="<name>Run & Fun &amp; \x0b&nbsp;more</name>"))
    assert (found.title, found.recovered) == ("Run & Fun & &nbsp;more", False)


@pytest.mark.parametrize("share", [0.3, 0.7, 0.999])
def test_what_came_before_the_cut_is_kept_and_marked(share: float) -> None:
    text = gpx()
    found = run(text[: int(len(text) * share)])
    assert found.recovered
    assert found.elapsed_s == pytest.approx(600 * share, abs=10)


def test_a_document_type_without_declarations_is_read_over() -> None:
    assert (
        run(gpx().replace("<gpx", '<!DOCTYPE gpx SYSTEM "http://example.org/gpx.dtd"><gpx')).elapsed_s == 600
    )


# Traps


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "x">',
        '<!ENTITY a "xx"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "http://example.org/a.dtd"> %a;',
        '<!ATTLIST trkpt note CDATA "xxxxxxxxxxxxxxxxxxxxxxxxxxxx">',
    ],
    ids=["entity", "laughs", "file", "parameter", "default attribute"],
)
def test_whatever_a_document_declares_is_refused(declared: str) -> None:
    with pytest.raises(BadInput, match="refused"):
        runs(gpx().replace("<gpx", f"<!DOCTYPE gpx [{declared}]><gpx"))


@pytest.mark.parametrize(
    "text",
    [
        "<gpx>" + "<a>" * 200_000,
        "<gpx><trk><trkseg><trkpt>" + "<a>" * 600_000,
        "<gpx>" + "<trk><trkseg/></trk>" * 60_000,
        "<TrainingCenterDatabase><Activity>" + "<Lap/>" * 200_000,
        "<gpx " + " ".join(f'a{number}="x"' for number in range(50_000)),
    ],
    ids=["deep", "endless point", "tracks", "laps", "attributes"],
)
def test_a_tree_grown_wild_takes_little_time_and_memory(text: str) -> None:
    tracemalloc.start()
    began_s = process_time()
    try:
        with pytest.raises(BadInput):
            runs(text)
        assert tracemalloc.get_traced_memory()[1] < 60 * 2**20
    finally:
        tracemalloc.stop()
    assert process_time() - began_s < 5
