"""What every decoder promises: broken bytes give BadInput alone, the same bytes the same answer."""

import gzip
import json
import struct
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from math import isfinite

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from midsole.decode import unpack
from midsole.decode.base import Decoder
from midsole.decode.manual import encode
from midsole.decode.registry import DECODERS, VERSION, Decoded, decode
from midsole.decode.strava import encoded
from midsole.domain.activity import SPORTS, SURFACES, Recording
from midsole.domain.errors import BadInput, NotAnActivity

FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
STARTED_AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
START = int((STARTED_AT - FIT_EPOCH).total_seconds())
SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

# What each message of the test files holds: global number, then (field number, struct code) per field.
FILE_ID = (0, [(0, "B"), (1, "H"), (4, "I")])
SESSION = (
    18,
    [
        (253, "I"),
        (2, "I"),
        (5, "B"),
        (6, "B"),
        (7, "I"),
        (8, "I"),
        (9, "I"),
        (10, "I"),
        (192, "B"),
        (193, "B"),
    ],
)
RECORD = (20, [(253, "I"), (5, "I")])
ACTIVITY = (34, [(253, "I"), (5, "I")])
BASE_TYPES = {"B": 0x02, "H": 0x84, "I": 0x86}


def fit_crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def fit_message(kind: tuple[int, list[tuple[int, str]]], *rows: tuple[int, ...]) -> bytes:
    number, fields = kind
    definition = struct.pack("<BBBHB", 0x40, 0, 0, number, len(fields))
    for place, code in fields:
        definition += struct.pack("<BBB", place, struct.calcsize(code), BASE_TYPES[code])
    layout = "<B" + "".join(code for _, code in fields)
    return definition + b"".join(struct.pack(layout, 0, *row) for row in rows)


def fit_file(*messages: bytes) -> bytes:
    data = b"".join(messages)
    header = struct.pack("<BBHI4sH", 14, 0x10, 2132, len(data), b".FIT", 0)
    return header + data + struct.pack("<H", fit_crc(header + data))


def session(start: int = START, sport: int = 1, sub_sport: int = 1, metres: int = 1800) -> bytes:
    row = (start + 600, start, sport, sub_sport, 600_000, 600_000, metres * 100, 850, 50, 40)
    return fit_message(SESSION, row)


def records(start: int = START, count: int = 601) -> bytes:
    return fit_message(RECORD, *((start + second, second * 300) for second in range(count)))


def file_id(kind: int = 4, start: int = START) -> bytes:
    return fit_message(FILE_ID, (kind, 1, start))


def local_time(offset_s: int) -> bytes:
    return fit_message(ACTIVITY, (START + 600, START + 600 + offset_s))


FIT = fit_file(file_id(), records(), session(), local_time(3600))


def tcx(laps: str = "<DistanceMeters>1800</DistanceMeters>", sport: str = "Running", head: str = "") -> bytes:
    points = "".join(
        f"<Trackpoint><Time>{(STARTED_AT + timedelta(seconds=s)).isoformat()}</Time>"
        f"<DistanceMeters>{s * 3}</DistanceMeters></Trackpoint>"
        for s in range(0, 601, 5)
    )
    return (
        f'{head}<?xml version="1.0"?>\n<TrainingCenterDatabase><Activities><Activity Sport="{sport}">'
        f'<Id>{STARTED_AT.isoformat()}</Id><Lap StartTime="{STARTED_AT.isoformat()}">'
        f"<TotalTimeSeconds>600</TotalTimeSeconds>{laps}<Track>{points}</Track></Lap>"
        "<Creator><Name>Test watch</Name></Creator></Activity></Activities></TrainingCenterDatabase>"
    ).encode()


def gpx(*, times: bool = True, kind: str = "9", document_type: str = "") -> bytes:
    points = "".join(
        f'<trkpt lat="{50 + s * 0.00003}" lon="8.0">'
        + (f"<time>{(STARTED_AT + timedelta(seconds=s)).isoformat()}</time>" if times else "")
        + "</trkpt>"
        for s in range(601)
    )
    track = f"<trk><name>Morning</name><type>{kind}</type><trkseg>{points}</trkseg></trk>"
    return f'<?xml version="1.0"?>{document_type}<gpx creator="Test app">{track}</gpx>'.encode()


MANUAL = encode(
    sport="running",
    surface="road",
    started_at=STARTED_AT.astimezone(timezone(timedelta(hours=1))),
    distance_m=10_000,
    timer_s=3000,
    title="Sunday",
    is_race=True,
)

STRAVA = encoded(
    {
        "midsole": "strava",
        "id": "1",
        "started_at": STARTED_AT.isoformat(),
        "sport": "running",
        "surface": "road",
        "title": "Sunday",
        "distance_m": 10_000.0,
        "moving_s": 3_000.0,
        "elapsed_s": 3_000.0,
    }
).encode()

GARMIN = json.dumps(
    {
        "activityId": 1,
        "activityName": "Berlin Running",
        "startTimeLocal": "2026-03-01 08:30:00",
        "startTimeGMT": "2026-03-01 07:30:00",
        "activityType": {"typeId": 1, "typeKey": "running", "parentTypeId": 17},
        "distance": 10_000.0,
        "duration": 3000.0,
    }
).encode()


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    box = BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return box.getvalue()


GOOD = {
    "fit": FIT,
    "tcx": tcx(),
    "gpx": gpx(),
    "garmin": GARMIN,
    "strava": STRAVA,
    "manual": MANUAL,
    "fit in gzip": gzip.compress(FIT),
    "fit in zip": zipped([("a.fit", FIT)]),
}
every_good_file = pytest.mark.parametrize("kind", GOOD)
every_decoder = pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.name)


def numbers(recording: Recording) -> list[float]:
    return [
        recording.distance_m,
        recording.timer_s,
        recording.moving_s,
        recording.elapsed_s,
        recording.jump_m,
        recording.ascent_m or 0.0,
        recording.descent_m or 0.0,
        recording.best_30min_m_per_s or 0.0,
        *recording.fastest_s.values(),
        *recording.speed_s.values(),
    ]


def is_sound(decoded: Decoded) -> bool:
    legs = [recording.leg for recording in decoded.recordings]
    return legs == list(range(len(legs))) and all(
        recording.sport in SPORTS
        and recording.surface in SURFACES
        and recording.started_at.utcoffset() == timedelta(0)
        and all(isfinite(number) for number in numbers(recording))
        for recording in decoded.recordings
    )


def survives(raw: bytes) -> bool:
    try:
        return is_sound(decode(raw))
    except BadInput as error:
        return bool(str(error))


@every_good_file
def test_a_good_file_gives_one_sound_run(kind: str) -> None:
    decoded = decode(GOOD[kind])
    assert is_sound(decoded)
    assert [recording.sport for recording in decoded.recordings] == ["running"]
    assert decoded.recordings[0].started_at == STARTED_AT
    assert not decoded.recordings[0].recovered


@every_good_file
def test_the_same_bytes_give_the_same_answer(kind: str) -> None:
    assert decode(GOOD[kind]) == decode(GOOD[kind])


@every_good_file
@SLOW
@given(share=st.floats(0, 1))
def test_a_file_cut_off_anywhere_gives_bad_input_or_what_came_before(kind: str, share: float) -> None:
    raw = GOOD[kind]
    assert survives(raw[: int(len(raw) * share)])


@every_good_file
@SLOW
@given(place=st.floats(0, 0.999), noise=st.binary(min_size=1, max_size=40))
def test_damage_anywhere_gives_bad_input_or_what_can_be_read(kind: str, place: float, noise: bytes) -> None:
    raw = GOOD[kind]
    start = int(len(raw) * place)
    assert survives(raw[:start] + noise + raw[start + len(noise) :])


@SLOW
@given(st.binary(max_size=400))
def test_random_bytes_are_bad_input(raw: bytes) -> None:
    with pytest.raises(BadInput):
        decode(raw)


HEADS = [
    b"\x0e\x10\x54\x08\xff\x00\x00\x00.FIT\0\0",
    b"<gpx>",
    b"<TrainingCenterDatabase>",
    b'{"midsole":"manual",',
    b'{"midsole":"strava","started_at":"2026-03-01T07:30:00+00:00",',
    b'{"activityId":1,"startTimeGMT":',
]


@every_decoder
@SLOW
@given(head=st.sampled_from([b"", *HEADS]), noise=st.binary(max_size=400))
def test_a_decoder_meets_random_bytes_with_bad_input_alone(
    decoder: Decoder, head: bytes, noise: bytes
) -> None:
    with suppress(BadInput):
        assert isinstance(decoder.decode(head + noise), list)


@every_decoder
def test_a_decoder_knows_only_its_own_files(decoder: Decoder) -> None:
    own = [other.name for other in DECODERS if decoder.sniff(GOOD[other.name][:4096])]
    assert own == [decoder.name]


def test_the_version_counts_every_decoder() -> None:
    assert sum(decoder.version for decoder in DECODERS) < VERSION


@pytest.mark.parametrize("raw", [b"", b"hello", b"%PDF-1.7", b'{"activities": []}'])
def test_what_nobody_knows_is_bad_input_with_a_reason(raw: bytes) -> None:
    with pytest.raises(BadInput, match=r"empty|neither") as caught:
        decode(raw)
    assert not isinstance(caught.value, NotAnActivity)


# FIT


def test_a_session_tells_all_it_knows() -> None:
    run = decode(FIT).recordings[0]
    assert (run.distance_m, run.distance_from) == (1800.0, "session")
    assert (run.surface, run.steps, run.rpe, run.feel) == ("treadmill", 1700, 4.0, 50)
    assert (run.timer_s, run.elapsed_s, run.utc_offset_s) == (600.0, 600.0, 3600)
    assert run.device == "garmin"
    assert run.fastest_s[1000] == pytest.approx(333.3, abs=0.1)


def test_a_session_without_distance_falls_back_on_the_records() -> None:
    run = decode(fit_file(file_id(), records(), session(metres=0))).recordings[0]
    assert (run.distance_m, run.distance_from) == (1800.0, "records")


def test_timed_records_without_a_session_are_a_recording() -> None:
    run = decode(fit_file(file_id(), records())).recordings[0]
    assert (run.distance_m, run.elapsed_s, run.sport) == (1800.0, 600.0, "unknown")


def test_each_session_is_a_recording_and_a_transition_is_none() -> None:
    later = START + 600
    messages = session(), session(later, sport=3), session(later + 600, sport=2)
    decoded = decode(fit_file(file_id(), records(count=1801), *messages))
    assert [recording.sport for recording in decoded.recordings] == ["running", "cycling"]


def test_a_session_sees_its_own_records_only() -> None:
    later = START + 600
    decoded = decode(fit_file(file_id(), records(count=1201), session(metres=0), session(later, metres=0)))
    assert [recording.distance_m for recording in decoded.recordings] == pytest.approx([1800, 1800], abs=7)


def test_two_activities_in_a_chained_file_both_arrive() -> None:
    later = START + 86_400
    decoded = decode(FIT + fit_file(file_id(start=later), records(later), session(later)))
    assert [recording.leg for recording in decoded.recordings] == [0, 1]


def test_the_same_activity_twice_in_a_chained_file_is_one() -> None:
    assert len(decode(FIT + FIT).recordings) == 1


def test_rubbish_after_the_recording_leaves_it_whole() -> None:
    run = decode(FIT + b"rubbish that is no header").recordings[0]
    assert (run.distance_m, run.recovered) == (1800.0, False)


def test_a_wrong_checksum_keeps_the_run_and_marks_it() -> None:
    run = decode(FIT[:-2] + b"\x12\x34").recordings[0]
    assert (run.distance_m, run.recovered) == (1800.0, True)


def test_a_run_cut_off_keeps_what_came_before() -> None:
    run = decode(FIT[: len(FIT) // 2]).recordings[0]
    assert 0 < run.distance_m < 1800
    assert run.recovered


def test_a_recording_never_closed_is_read_to_its_end() -> None:
    run = decode(FIT[:4] + b"\0\0\0\0" + FIT[8:]).recordings[0]
    assert (run.distance_m, run.recovered) == (1800.0, True)


@pytest.mark.parametrize("kind", [2, 5, 6, 9, 15])
def test_a_fit_file_of_another_kind_is_no_activity(kind: int) -> None:
    with pytest.raises(NotAnActivity):
        decode(fit_file(file_id(kind), records()))


def test_a_watch_whose_clock_was_never_set_keeps_its_date() -> None:
    assert decode(fit_file(file_id(), session(1000))).recordings[0].started_at.year == 1989


def test_a_local_time_a_day_off_is_no_offset() -> None:
    assert decode(fit_file(file_id(), session(), local_time(86_400))).recordings[0].utc_offset_s is None


# TCX and GPX


def test_laps_tell_the_distance_of_a_tcx() -> None:
    run = decode(tcx("<DistanceMeters>1750.5</DistanceMeters>")).recordings[0]
    assert (run.distance_m, run.distance_from, run.device) == (1750.5, "laps", "Test watch")


def test_track_points_tell_it_where_laps_do_not() -> None:
    run = decode(tcx("")).recordings[0]
    assert (run.distance_m, run.distance_from) == (1800.0, "records")


def test_nan_in_a_lap_is_no_distance() -> None:
    assert decode(tcx("<DistanceMeters>NaN</DistanceMeters>")).recordings[0].distance_from == "records"


def test_another_sport_in_a_tcx_is_unknown() -> None:
    assert decode(tcx(sport="Other")).recordings[0].sport == "unknown"


@pytest.mark.parametrize("head", ["\n\n  ", "\ufeff", "\ufeff\n "])
def test_blanks_before_the_declaration_are_forgiven(head: str) -> None:
    assert decode(tcx(head=head)).recordings[0].distance_m == 1800.0


def test_undeclared_prefixes_are_forgiven() -> None:
    raw = tcx("<DistanceMeters>1800</DistanceMeters><ns9:Pace xsi:type='x'>5</ns9:Pace>")
    assert decode(raw).recordings[0].distance_m == 1800.0


def test_xml_cut_off_keeps_what_came_before() -> None:
    raw = gpx()
    run = decode(raw[: len(raw) // 2]).recordings[0]
    assert run.recovered
    assert 500 < run.distance_m < 1500


def test_a_gpx_track_is_measured_from_fix_to_fix() -> None:
    run = decode(gpx()).recordings[0]
    assert (run.distance_m, run.distance_from) == (pytest.approx(2001.5, abs=1), "gps")
    assert (run.title, run.device, run.utc_offset_s) == ("Morning", "Test app", None)


@pytest.mark.parametrize(
    ("kind", "sport"), [("1", "cycling"), ("Hiking", "hiking"), ("", "unknown"), ("99", "unknown")]
)
def test_a_gpx_type_is_a_sport_only_where_it_is_known(kind: str, sport: str) -> None:
    assert decode(gpx(kind=kind)).recordings[0].sport == sport


def test_a_gpx_route_without_times_is_no_activity() -> None:
    with pytest.raises(NotAnActivity):
        decode(gpx(times=False))


def test_a_tcx_course_is_no_activity() -> None:
    with pytest.raises(NotAnActivity):
        decode(b"<TrainingCenterDatabase><Courses><Course/></Courses></TrainingCenterDatabase>")


def test_entities_are_forbidden() -> None:
    with pytest.raises(BadInput, match="refused"):
        decode(gpx(document_type='<!DOCTYPE gpx [<!ENTITY lol "lol">]>'))


# Entered by hand


def test_a_run_entered_by_hand_keeps_the_runners_words() -> None:
    run = decode(MANUAL).recordings[0]
    assert (run.distance_m, run.distance_from, run.timer_s) == (10_000.0, "edit", 3000.0)
    assert (run.utc_offset_s, run.title, run.is_race, run.surface) == (3600, "Sunday", True, "road")


@pytest.mark.parametrize(
    "text",
    [
        '{"midsole":"manual"}',
        '{"midsole":"else"}',
        '["midsole"]',
        '{"midsole":"manual","started_at":"2026-03-01"}',
    ],
)
def test_an_entry_that_says_too_little_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        decode(text.encode())


def test_an_endless_run_is_bad_input() -> None:
    with pytest.raises(BadInput, match="distance_m"):
        decode(MANUAL.replace(b"10000.0", b"Infinity"))


# Archives kept as one file (test_archives.py tries what can be wrong with them)


def test_a_zip_numbers_its_legs_across_its_members() -> None:
    members = [("b/", b""), ("__MACOSX/._a.fit", b"x"), ("._b.fit", FIT), ("a.fit", FIT), ("notes.doc", b"x")]
    decoded = decode(zipped([*members, ("c.gpx", gpx()), ("d.json.gz", gzip.compress(MANUAL))]))
    assert [recording.distance_from for recording in decoded.recordings] == ["session", "gps", "edit"]
    assert [recording.leg for recording in decoded.recordings] == [0, 1, 2]
    assert decoded.format == "zip"


def test_a_run_twice_in_a_zip_is_one() -> None:
    assert len(decode(zipped([("a.fit", FIT), ("b.fit", FIT)])).recordings) == 1


def test_a_broken_member_does_not_stop_the_others_and_is_named() -> None:
    decoded = decode(zipped([("a.fit", FIT), ("b.fit", FIT[:20])]))
    assert len(decoded.recordings) == 1
    assert decoded.bad_parts[0].startswith("b.fit: ")


def test_a_zip_of_documents_is_no_activity() -> None:
    with pytest.raises(NotAnActivity):
        decode(zipped([("readme.doc", b"hello"), ("folder/", b"")]))


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: zipped([("a.gpx", raw)])], ids=["gzip", "zip"])
def test_an_archive_made_to_swell_is_refused(pack: "type[bytes]") -> None:
    with pytest.raises(BadInput, match="200 times"):
        decode(pack(b"<gpx>" + bytes(4 * 2**20)))


def test_a_member_over_the_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "LARGEST_MEMBER_BYTES", 1000)
    with pytest.raises(BadInput, match="64 MB"):
        decode(gzip.compress(FIT))


def test_a_gzip_in_a_gzip_is_taken_off() -> None:
    assert decode(gzip.compress(gzip.compress(FIT))).recordings


@pytest.mark.parametrize("sign", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\0", b"BZh91AY", b"\xfd7zXZ\0"])
def test_another_kind_of_archive_is_named_with_the_way_out(sign: bytes) -> None:
    with pytest.raises(BadInput, match="Unpack it first"):
        decode(sign + bytes(100))


@pytest.mark.parametrize(
    "text",
    [
        "Activity ID,Activity Date,Activity Name\n",
        "Aktivitäts-ID," + ",".join(f"Spalte {number}" for number in range(40)) + "\n12345678,x",
        "Shoe Name,Shoe Brand,Shoe Model,Shoe Default Sport Types\n",
        '[{"gearPk": 1, "uuid": "x"}]',
        '[{"summarizedActivitiesExport": [{"activityId": 1}]}]',
    ],
)
def test_a_list_that_lies_beside_the_recordings_adds_nothing_and_is_named(text: str) -> None:
    with pytest.raises(NotAnActivity, match=r"list of .*: kept, and adds nothing"):
        decode(text.encode())


def test_a_gzip_cut_off_gives_what_came_before() -> None:
    packed = gzip.compress(gpx())
    assert decode(packed[: len(packed) // 2]).recordings[0].recovered
