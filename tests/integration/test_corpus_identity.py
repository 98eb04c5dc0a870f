"""Real files of real devices: what is the same run in two of them is one activity, look-alikes are not."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select
from test_corpus import CORPUS, ROWS

from midsole.decode.registry import Decoded, decode
from midsole.domain import identity
from midsole.domain.activity import RUNNING, Edit
from midsole.domain.errors import BadInput
from midsole.domain.matching import Trace
from midsole.domain.plausible import counted_m, doubts
from midsole.store import activities, runners, sources
from midsole.store import tables as t
from midsole.store.base import Store
from midsole.store.grouping import trace_of
from midsole.store.sources import RawFile

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
SAME = [
    ("fit/sportslib__2067489619.fit", "gpx/sportslib__2067489619.gpx"),
    ("fit/sportslib__6782987395.fit", "gpx/sportslib__6782987395.gpx"),
    ("fit/sportslib__6860622783.fit", "tcx/sportslib__6860622783.tcx"),
    ("fit/sportslib__6909950168.fit", "fit/sportslib__6909950168-no-pause-records.fit"),
    ("fit/gc__10kUNLP2014-Garmin15.fit", "tcx/gc__10kUNLP2014-Garmin15.tcx"),
    (
        "fit/gc__3386684871.fit",
        "fit/gc__3386684871-saved.fit",
        "zip/gc__StrydPower-mutiple-float-values.zip",
    ),
    ("fit/gc__Fr955v19.28andStryd.fit", "fit/gc__Fr955v19.28andStryd-saved.fit"),
    ("fit/gc__FR55-CoreTemp-Walk.fit", "fit/gc__FR55-loaded-and-saved-via-GC.fit"),
    (
        "fit/geoplay__2022-05-29-15-53-35_Laufen_Landal_Park.fit",
        "strava_export/activities/12866632127.fit.gz",
    ),
    ("tcx/runpandas__run.tcx", "gpx/runpandas__run.gpx"),
    ("tcx/runpandas__stopped_example.tcx", "gpx/runpandas__stopped_example.gpx"),
    ("gpx/sportslib__sports-tracker.gpx", "gpx/sportslib__movescount.gpx"),
    (
        "fit/fitparse__Activity.fit",
        "fit/fitparse__activity-filecrc.fit",
        "fit/fitparse__activity-unexpected-eof.fit",
        "fit/fitparse__activity-settings.fit",
        "fit/fitparse__activity-settings-nodata.fit",
        "fit/fitparse__activity-settings-corruptheader.fit",
        "fit/fitparse__activity-activity-filecrc.fit",
        "fit/muktihari__activity_truncated.fit",
    ),
]
"""By the manifest's notes, by their names, or by one start and one size."""
TRIATHLON = ("fit/muktihari__triathlon_summary_first.fit", "fit/muktihari__triathlon_summary_last.fit")
SWIM_OF_A_TRIATHLON = ("fit/sportslib__4623204522.fit", "gpx/sportslib__4623204522-1.gpx")
LOOK_ALIKES = [
    ("fit/fitparse__garmin-fenix-5-walk.fit", "fit/fitparse__garmin-fenix-5-run.fit"),
    ("tcx/trackeR__2013-06-19-174449.TCX.gz", "tcx/trackeR__2013-06-19-175630.TCX.gz"),
    ("tcx/trackeR__2013-06-14-095723.TCX.gz", "tcx/trackeR__2013-06-14-105252.TCX.gz"),
    ("gpx/dreeve__activity-fitotrack.gpx", "gpx/dreeve__activity-workout-summary-implausible.gpx"),
]


@cache
def read(file: str) -> tuple[str, Decoded]:
    raw = (CORPUS / file).read_bytes()
    return hashlib.sha256(raw).hexdigest(), decode(raw)


def readable() -> list[str]:
    found = []
    for file in ROWS:
        try:
            read(file)
        except BadInput:
            continue
        found.append(file)
    return found


def raw_file(file: str) -> RawFile:
    sha256, decoded = read(file)
    return RawFile(
        id=0,
        runner_id=1,
        connection_id=None,
        sha256=sha256,
        name=file,
        size=1,
        received_at=NOW,
        state="new",
        reason=None,
        format=decoded.format,
        decoder_version=None,
        attempts=1,
        next_at=NOW,
        claimed_by=None,
    )


def traces(*files: str) -> list[Trace]:
    return [trace_of(raw_file(file), r) for file in files for r in read(file)[1].recordings]


@cache
def whole_corpus() -> dict[tuple[str, int], int]:
    """(SHA-256, leg) -> the number of its activity when all files are one runner's, imported by hand."""
    groups = identity.components(traces(*readable()))
    return {trace.place: n for n, group in enumerate(groups) for trace in group}


@pytest.fixture(autouse=True)
def _corpus() -> None:
    if not ROWS:
        pytest.skip(f"the corpus of real files is missing: {CORPUS}")


@pytest.mark.parametrize("files", SAME, ids=lambda files: Path(files[0]).stem)
def test_one_run_in_several_files_is_one_activity(files: tuple[str, ...]) -> None:
    assert len(identity.components(traces(*files))) == 1
    assert len({whole_corpus()[trace.place] for trace in traces(*files)}) == 1


def test_the_legs_of_one_triathlon_in_two_files_are_three_activities() -> None:
    groups = identity.components(traces(*TRIATHLON))
    assert [[trace.leg for trace in group] for group in groups] == [[0, 0], [1, 1], [2, 2]]


def test_one_leg_that_a_site_gave_out_by_itself_is_that_leg() -> None:
    groups = identity.components(traces(*SWIM_OF_A_TRIATHLON))
    assert [len(group) for group in groups] == [2, 1, 1]
    assert {trace.format for trace in groups[0]} == {"fit", "gpx"}


@pytest.mark.parametrize("files", LOOK_ALIKES, ids=lambda files: Path(files[0]).stem)
def test_a_look_alike_is_an_activity_of_its_own(files: tuple[str, ...]) -> None:
    assert len({whole_corpus()[trace.place] for trace in traces(*files)}) == len(traces(*files))


def test_the_33_runs_of_june_2013_stay_33() -> None:
    june = [file for file in ROWS if file.startswith("tcx/trackeR__2013-06-")]
    assert len({whole_corpus()[trace.place] for trace in traces(*june)}) == len(june) == 33


def test_nothing_else_in_the_corpus_is_taken_for_the_same() -> None:
    """Every activity of several files is named above, but for three small files with one hand-made start."""
    known = {file for files in (*SAME, TRIATHLON, SWIM_OF_A_TRIATHLON) for file in files}
    by_place = {trace.place: file for file in readable() for trace in traces(file)}
    sizes = Counter(whole_corpus().values())
    several = {by_place[place] for place, n in whole_corpus().items() if sizes[n] > 1}
    assert {file for file in several - known if not file.startswith("zip/fittrackee__")} == {
        "fit/fitkit__concept2.fit",
        "fit/fitkit__polar.fit",
        "fit/muktihari__activity_poolswim.fit",
        "fit/muktihari__chained_Activity_activity_poolswim.fit",
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path_factory.mktemp('corpus') / 'midsole.db'}")
    opened.upgrade()
    yield opened
    opened.close()


@pytest.mark.parametrize("seed", range(4))
def test_the_whole_corpus_in_any_order_gives_the_same_activities(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    files = readable()
    chance.shuffle(files)
    with store.write() as tx:
        runner = runners.get(tx, runners.add(tx, f"runner {seed}", "UTC", NOW))
        while files:
            portion, files = files[: (size := chance.randint(1, 60))], files[size:]
            found = []
            for file in portion:
                wanted = raw_file(file)
                file_id = sources.take_in(tx, runner.id, None, wanted.sha256, file, 1, NOW)
                assert file_id is not None
                sources.settle_files(tx, [sources.Settled(file_id, "done", wanted.format)], 1)
                kept = replace(wanted, id=file_id, runner_id=runner.id)
                found += [(kept, recording) for recording in read(file)[1].recordings]
            activities.add_recordings(tx, runner, found)
        rows = select(t.recording.c.key, t.recording.c.activity_id).where(
            t.recording.c.runner_id == runner.id
        )
        homes = {key: activity_id for key, activity_id in tx.execute(rows)}  # noqa: C416
        told = {identity.recording_key(*place): n for place, n in whole_corpus().items()}
        assert len({(homes[key], n) for key, n in told.items()}) == len(set(told.values()))
        assert len(set(homes.values())) == len(set(told.values()))
        total = activities.totals(tx, runner.id)
    assert (total.runs, round(total.run_m)) == expected_runs()


@cache
def expected_runs() -> tuple[int, int]:
    """From the parts to the whole, without a database: each group's leader, if it is a run that counts."""
    by_place = {(read(file)[0], r.leg): r for file in readable() for r in read(file)[1].recordings}
    leaders = [by_place[identity.leader(g).place] for g in identity.components(traces(*readable()))]
    runs = [counted_m(r, Edit(), doubts(r, NOW)) for r in leaders if r.sport == RUNNING]
    return sum(m > 0 for m in runs), round(sum(runs))
