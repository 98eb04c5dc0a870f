"""The share of a run at which a lap ended or a time had passed, and what real files tell of both."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fit_writer import truncated

from home import ME, Clock, Home, a_home, fit
from midsole.actions import activities
from midsole.actions.course import laps, share_at
from midsole.decode.base import Leg
from midsole.decode.course import course
from midsole.decode.registry import decode, unpacked
from midsole.decode.tcx import TcxDecoder
from midsole.domain.errors import UsageError
from midsole.store import activities as store

CORPUS = Path(os.environ.get("MIDSOLE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
START = datetime(2026, 11, 10, 7, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path, Clock()) as opened:
        yield opened


def only(home: Home) -> int:
    home.once()
    (activity,) = home.activities()
    return activity.id


def at(home: Home, activity_id: int, *, lap: int | None = None, time_s: float | None = None) -> float:
    with home.box.store.read() as tx:
        return share_at(home.box, tx, ME, activity_id, lap=lap, time_s=time_s)


def by_hand(home: Home, km: float, started_at: datetime = START) -> int:
    entry = {"sport": "running", "surface": "road", "started_at": started_at}
    return activities.add(home.box, ME, **entry, distance_m=km * 1_000, timer_s=km * 360).id


def gpx(started_at: datetime, km: float) -> bytes:
    """At 6 min/km to the north, a point every 10 s."""
    points = "".join(
        f'<trkpt lat="{50 + s / 360 * 1_000 / 111_194.93:.9f}" lon="8">'
        f"<time>{(started_at + timedelta(seconds=s)).isoformat()}</time></trkpt>"
        for s in range(0, round(km * 360) + 1, 10)
    )
    return f"<gpx><trk><type>running</type><trkseg>{points}</trkseg></trk></gpx>".encode()


def test_a_lap_and_a_time_are_a_share_of_the_run(home: Home) -> None:
    home.run(START, 10, lap_every_m=4_000)
    run = only(home)
    assert at(home, run, lap=1) == pytest.approx(0.4)
    assert at(home, run, lap=2) == pytest.approx(0.8)
    assert at(home, run, time_s=900) == pytest.approx(0.25)
    assert laps(home.box, ME, run) == pytest.approx([4_000, 8_000, 10_000])


def test_a_corrected_distance_keeps_its_shares(home: Home) -> None:
    home.run(START, 10, lap_every_m=4_000)
    run = only(home)
    with home.box.store.write() as tx:
        store.say(tx, home.runner(), run, home.clock.now(), distance_m=12_000)
    assert at(home, run, lap=1) == pytest.approx(0.4)
    assert laps(home.box, ME, run) == pytest.approx([4_800, 9_600, 12_000])


def test_an_entry_by_hand_asks_for_the_distance_instead(home: Home) -> None:
    run = by_hand(home, 10)
    for asked in ({"lap": 1}, {"time_s": 900.0}):
        with pytest.raises(UsageError, match=r"without laps .* Name the place by its distance instead"):
            at(home, run, **asked)
    with pytest.raises(UsageError, match="by its distance instead"):
        laps(home.box, ME, run)


def test_where_the_leader_tells_nothing_another_recording_does(home: Home) -> None:
    home.run(START, 10, "watch.fit", lap_every_m=4_000)
    home.once()
    run = by_hand(home, 10.1)
    assert [each.id for each in home.activities()] == [run]
    with home.box.store.write() as tx:
        kept = store.kept_recordings(tx, ME, [run])
        (entry,) = (one for one in kept if one.trace.format == "manual")
        store.say(tx, home.runner(), run, home.clock.now(), leader=entry.key)
    assert home.activities()[0].distance_m == pytest.approx(10_100)
    assert at(home, run, lap=1) == pytest.approx(0.4)
    assert laps(home.box, ME, run) == pytest.approx([4_040, 8_080, 10_100])


def test_a_file_without_laps_leaves_them_to_one_that_has_them(home: Home) -> None:
    home.drop("app.gpx", gpx(START, 10))
    home.run(START, 10, "watch.fit", lap_every_m=4_000, records_every_s=None)
    run = only(home)
    assert at(home, run, lap=1) == pytest.approx(0.4)
    assert at(home, run, time_s=900) == pytest.approx(0.25, abs=1e-3)


def test_a_part_that_was_cut_off_tells_nothing_of_the_whole(home: Home) -> None:
    home.drop("cut.fit", truncated(fit(START, 10, records_every_s=10), 0.7))
    run = only(home)
    assert 0 < at(home, run, time_s=900) < 1
    assert by_hand(home, 10) == run
    with home.box.store.write() as tx:
        (entry,) = (k for k in store.kept_recordings(tx, ME, [run]) if k.trace.format == "manual")
        store.say(tx, home.runner(), run, home.clock.now(), leader=entry.key)
    with pytest.raises(UsageError, match="by its distance instead"):
        at(home, run, time_s=900)


@pytest.mark.parametrize(
    ("lap", "time_s", "why"),
    [
        (3, None, "Lap 3: that is the end"),
        (4, None, "no lap 4, only 1 to 3"),
        (None, 0, "0:00: by then nothing"),
        (None, 3_600, "1:00:00: that is the end"),
        (None, None, "Name a lap or a time"),
    ],
)
def test_a_place_that_parts_nothing_is_refused(
    home: Home, lap: int | None, time_s: float | None, why: str
) -> None:
    home.run(START, 10, lap_every_m=4_000)
    run = only(home)
    with pytest.raises(UsageError, match=why):
        at(home, run, lap=lap, time_s=time_s)


def test_an_activity_that_is_not_there_is_refused(home: Home) -> None:
    with pytest.raises(UsageError, match="There is no activity 7"):
        at(home, 7, lap=1)


def test_the_start_and_the_foot_pod_are_kept(home: Home) -> None:
    home.run(START, 10, start=(50.1, -8.2), foot_pod=3_442_746)
    only(home)
    (run,) = home.activities()
    assert (run.start_lat, run.start_lon) == pytest.approx((50.1, -8.2), abs=1e-6)
    assert run.foot_pod == "3442746"


# Real files


def only_leg(content: bytes) -> Leg:
    (leg,) = TcxDecoder().legs(unpacked(content))
    return leg


def raw(file: str) -> bytes:
    if not (CORPUS / file).is_file():
        pytest.skip(f"the corpus of real files is missing: {CORPUS}")
    return (CORPUS / file).read_bytes()


@pytest.mark.parametrize(
    ("file", "pods"),
    [
        ("fit/gc__Fr955v19.28andStryd.fit", ["2574285375"]),
        ("fit/fitparse__compressed-speed-distance.fit", ["3442746"]),
        ("fit/tormoder__mornindew-broken.fit", ["15389"]),
        ("fit/sportslib__6788312639-1.fit", [None, None, "357"]),
        ("fit/muktihari__HrmPluginTestActivity.fit", [None]),
    ],
    ids=["Stryd", "an old pod", "a pod as power meter", "a triathlon", "a chest strap"],
)
def test_real_files_tell_their_foot_pod(file: str, pods: list[str | None]) -> None:
    assert [leg.foot_pod for leg in decode(raw(file)).recordings] == pods


def test_the_legs_of_a_real_triathlon_begin_near_one_another() -> None:
    legs = decode(raw("fit/sportslib__6788312639-1.fit")).recordings
    assert [(round(leg.start_lat or 0, 2), round(leg.start_lon or 0, 2)) for leg in legs] == [
        (38.11, -77.83)
    ] * 3


def test_a_real_run_in_a_game_began_nowhere() -> None:
    (run,) = decode(raw("fit/p2g__Runn_Incline.fit")).recordings
    assert (run.surface, run.start_lat, run.start_lon) == ("virtual", None, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fit/sportslib__6782987395.fit", "gpx/sportslib__6782987395.gpx"),
        ("fit/sportslib__2067489619.fit", "gpx/sportslib__2067489619.gpx"),
        ("fit/sportslib__6860622783.fit", "tcx/sportslib__6860622783.tcx"),
        ("fit/gc__10kUNLP2014-Garmin15.fit", "tcx/gc__10kUNLP2014-Garmin15.tcx"),
    ],
)
def test_two_files_of_one_real_run_tell_the_same_shares_by_time(one: str, other: str) -> None:
    both = [course(raw(file), 0) for file in (one, other)]
    for tenth in range(1, 10):
        asked_s = tenth / 10 * both[0].lasts_s
        share, again = (found.at_s(asked_s) / found.total_m for found in both)
        assert share == pytest.approx(again, abs=0.01)


def test_two_files_of_one_real_run_tell_the_same_laps() -> None:
    names = ("fit/gc__10kUNLP2014-Garmin15.fit", "tcx/gc__10kUNLP2014-Garmin15.tcx")
    one, other = (course(raw(name), 0).lap_ends_m for name in names)
    assert len(one) == 11
    assert one == pytest.approx(other, abs=1)


KILOMETRES = ("trackeR__2013-06-01-183220", "trackeR__2013-06-16-124414", "trackeR__2013-06-30-070511")


@pytest.mark.parametrize("name", KILOMETRES)
def test_laps_of_a_real_run_end_where_it_was_at_that_time(name: str) -> None:
    content = raw(f"tcx/{name}.TCX.gz")
    found, leg = course(content, 0), only_leg(content)
    starts = [lap.ended_s - leg.recording.started_at.timestamp() for lap in leg.laps[:-1] if lap.ended_s]
    assert len(starts) == len(found.lap_ends_m) - 1 > 10
    assert [found.at_s(start) for start in starts] == pytest.approx(list(found.lap_ends_m[:-1]), abs=60)


def test_a_real_lap_that_claims_more_than_was_run_ends_by_its_time() -> None:
    found = course(raw("fit/sportslib__6910052863.fit"), 0)
    assert found.lap_ends_m[-1] == found.total_m == 8_225
    assert found.lap_ends_m[1] == pytest.approx(2_000, abs=20)
    assert found.lap_ends_m[2] < 3_000
