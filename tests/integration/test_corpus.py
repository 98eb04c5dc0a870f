"""Real files of real devices: what the manifest says of each is what the decoders say."""

import csv
import os
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from midsole.decode.registry import Decoded, decode
from midsole.domain.activity import RUNNING
from midsole.domain.errors import BadInput, NotAnActivity

CORPUS = Path(os.environ.get("MIDSOLE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))

ACTIVITY_KINDS = ("activity", "activity+settings", "corrupt-salvageable")
OTHER_KINDS = ("route", "course", "settings", "monitoring", "weight", "workout", "empty")
BAD_KINDS = ("corrupt", "activity-no-session")
LIST_KINDS = ("api-json", "export-csv")
"""Lists of activities, gear and days, as an export holds them beside the recordings."""

TIMED_WITHOUT_SESSION = {"fit/muktihari__activity_truncated.fit"}
"""No session, but records with times: one recording is made of them."""

EMPTY_ARCHIVES = {"zip/fittrackee__gpx_test_no_gpx.zip"}


def manifest() -> list[dict[str, str]]:
    if not (CORPUS / "MANIFEST.csv").is_file():
        return []
    with (CORPUS / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["split"] == "public"]


ROWS = {row["file"]: row for row in manifest()}


@pytest.fixture(autouse=True)
def _corpus() -> None:
    if not ROWS:
        pytest.skip(f"the corpus of real files is missing: {CORPUS}")


@cache
def decoded(file: str) -> Decoded:
    return decode((CORPUS / file).read_bytes())


def of_kinds(*kinds: str) -> pytest.MarkDecorator:
    """Name one made-up file where the corpus is missing, so that the test is skipped by name."""
    files = [file for file, row in ROWS.items() if row["kind"] in kinds]
    return pytest.mark.parametrize("file", files or ["corpus missing"])


def agreed_run_m(row: dict[str, str]) -> float | None:
    """Return the distance of a FIT file's only session when it is a run and three decoders agree on it."""
    told = [row["garmin_dist"], row["fitparse_dist"], row["fitdecode_dist"]]
    is_run = row["sessions"].startswith("running/") and row["n_sessions"] == "1"
    if not is_run or len(set(told)) != 1 or "|" in told[0] or not told[0]:
        return None
    return float(told[0]) if float(told[0]) > 0 else None


@of_kinds(*ACTIVITY_KINDS)
def test_an_activity_gives_its_recordings_and_a_run_its_distance(file: str) -> None:
    recordings = decoded(file).recordings
    assert recordings
    agreed_m = agreed_run_m(ROWS[file])
    if agreed_m is not None:
        assert [recording.sport for recording in recordings] == [RUNNING]
        assert recordings[0].distance_m == pytest.approx(agreed_m, abs=1)


@of_kinds(*OTHER_KINDS)
def test_a_sound_file_of_another_kind_is_no_activity(file: str) -> None:
    with pytest.raises(NotAnActivity):
        decoded(file)


@of_kinds(*LIST_KINDS)
def test_a_list_beside_the_recordings_is_known_and_adds_nothing(file: str) -> None:
    with pytest.raises(NotAnActivity, match=r"list of .* adds nothing"):
        decoded(file)


@of_kinds(*BAD_KINDS)
def test_a_file_without_an_activity_is_bad_input_with_a_reason(file: str) -> None:
    if file in TIMED_WITHOUT_SESSION:
        assert decoded(file).recordings
        return
    with pytest.raises(BadInput, match=r"\w+ \w+"):
        decoded(file)


@of_kinds("zip", "invalid")
def test_an_archive_gives_what_is_in_it(file: str) -> None:
    if file in EMPTY_ARCHIVES:
        with pytest.raises(NotAnActivity):
            decoded(file)
        return
    recordings = decoded(file).recordings
    assert recordings
    agreed_m = agreed_run_m(ROWS[file])
    if agreed_m is not None:
        assert recordings[0].distance_m == pytest.approx(agreed_m, abs=1)


def test_enough_runs_are_agreed_on_to_mean_something() -> None:
    assert sum(agreed_run_m(row) is not None for row in ROWS.values()) >= 40


def test_every_kind_in_the_manifest_is_tried() -> None:
    tried = {*ACTIVITY_KINDS, *OTHER_KINDS, *BAD_KINDS, *LIST_KINDS, "zip", "invalid"}
    assert {row["kind"] for row in ROWS.values()} <= tried


def test_june_2013_has_its_weeks_and_its_301_kilometres() -> None:
    weeks: dict[date, list[float]] = defaultdict(list)
    for file in (file for file in ROWS if file.startswith("tcx/trackeR__2013-06-")):
        for recording in decoded(file).recordings:
            assert (recording.sport, recording.distance_from) == (RUNNING, "laps")
            local_date = (recording.started_at.astimezone(UTC) + timedelta(hours=1)).date()
            weeks[local_date - timedelta(days=local_date.weekday())].append(recording.distance_m)
    told = {
        f"W{week.isocalendar().week}": (round(sum(runs) / 1000, 2), len(runs)) for week, runs in weeks.items()
    }
    assert told == {
        "W22": (23.59, 2),
        "W23": (77.61, 6),
        "W24": (62.68, 8),
        "W25": (59.5, 10),
        "W26": (77.69, 7),
    }
    assert round(sum(sum(runs) for runs in weeks.values()) / 1000, 2) == 301.06


def test_a_triathlon_in_one_file_gives_its_legs_without_the_transitions() -> None:
    legs = decoded("fit/fitparse__sample_mulitple_header.fit").recordings
    assert [leg.sport for leg in legs] == ["swimming", "cycling", "running"]
    assert [leg.leg for leg in legs] == [0, 1, 2]
    assert [leg.distance_m for leg in legs] == pytest.approx([1644.71, 40909.42, 9805.92], abs=0.01)


def test_seven_sessions_with_three_transitions_are_four_legs() -> None:
    legs = decoded("fit/fitparse__activity-large-fenxi2-multisport.fit").recordings
    assert [leg.sport for leg in legs] == ["unknown", "running", "running", "cycling"]
    assert [leg.distance_m for leg in legs] == pytest.approx(
        [25072.07, 2245.23, 12740.37, 28928.27], abs=0.01
    )


def test_a_multisport_tcx_gives_its_four_legs() -> None:
    legs = decoded("tcx/gc__activity_165850259_multi-session.tcx").recordings
    assert [leg.sport for leg in legs] == ["running", "cycling", "running", "cycling"]
    assert sum(leg.distance_m for leg in legs) == pytest.approx(17056.06, abs=1)


def test_one_run_told_twice_in_a_chained_file_counts_once() -> None:
    legs = decoded("fit/fitparse__activity-activity-filecrc.fit").recordings
    assert [leg.distance_m for leg in legs] == pytest.approx([5.73])


def test_of_an_activity_chained_with_settings_only_the_activity_counts() -> None:
    assert len(decoded("fit/fitparse__activity-settings.fit").recordings) == 1


@pytest.mark.parametrize(
    "file",
    [
        "fit/fitparse__activity-filecrc.fit",
        "fit/fitparse__activity-unexpected-eof.fit",
        "fit/fitparse__nick.fit",
        "fit/fitparse__strava-android-app-201.10-b1218918.fit",
        "fit/sportslib__empty-activities.fit",
    ],
)
def test_what_came_before_the_damage_is_kept_and_marked(file: str) -> None:
    assert all(recording.recovered for recording in decoded(file).recordings)


@pytest.mark.parametrize(
    ("in_archive", "alone"),
    [("zip/gc__StrydPower-mutiple-float-values.zip", "fit/gc__3386684871.fit")],
)
def test_a_run_in_an_archive_is_the_run_outside(in_archive: str, alone: str) -> None:
    assert decoded(in_archive).recordings == decoded(alone).recordings


def test_a_watch_whose_clock_was_never_set_keeps_its_date_for_the_quarantine() -> None:
    run = decoded("fit/fitparse__compressed-speed-distance.fit").recordings[0]
    assert run.started_at < datetime(2000, 1, 1, tzinfo=UTC)
    assert run.distance_m == pytest.approx(10248.67)


XML_TOTALS = [
    file
    for file, row in ROWS.items()
    if file.startswith("tcx/") and row["kind"] == "activity" and "multi-session" not in file
]
LAPS_FALL_SHORT = {"tcx/sportslib__movescount.tcx": 2919.0}
"""Its second lap names 312 s and 1002 m, its track 593 s and 1919 m at the same pace; the counter stands at
10 m when it is first seen."""


@pytest.mark.parametrize("file", XML_TOTALS or ["corpus missing"])
def test_a_tcx_gives_the_sum_of_its_laps(file: str) -> None:
    (recording,) = decoded(file).recordings
    told_m = LAPS_FALL_SHORT.get(file, float(ROWS[file]["total_distance_m"]))
    assert recording.distance_m == pytest.approx(told_m, abs=1)


TRACKS = [file for file, row in ROWS.items() if file.startswith("gpx/") and row["kind"] == "activity"]
MANY_TRACKS = {"gpx/dreeve__activity-multi-track.gpx", "gpx/gpxpy__cerknicko-without-times.gpx"}
"""Two sports, one track each; and eight tracks of which only the last has times."""


@pytest.mark.parametrize("file", sorted({*TRACKS} - MANY_TRACKS) or ["corpus missing"])
def test_a_gpx_gives_the_path_between_its_fixes(file: str) -> None:
    (recording,) = decoded(file).recordings
    assert recording.distance_m == pytest.approx(float(ROWS[file]["total_distance_m"]), rel=0.001, abs=1)


def test_the_titles_that_an_app_made_up_name_the_runs_of_a_gpx_without_a_type() -> None:
    titled = {recording.title: recording.sport for file in TRACKS for recording in decoded(file).recordings}
    assert titled["Domingo Corrida Matutina"] == titled["Afternoon Run"] == titled["Running"] == RUNNING
    assert (titled["Afternoon Ride"], titled["Move"], titled["Emparis 2"]) == (
        "cycling",
        "unknown",
        "unknown",
    )
