"""Real input through the whole chain: one runner's June 2013, 33 recordings of a Garmin watch."""

import os
import shutil
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from home import ME, Clock, Home, a_home
from midsole.actions.importing import import_files, list_files

CORPUS = Path(os.environ.get("MIDSOLE_CORPUS", Path(__file__).parents[2] / "../shared/corpus"))
JULY = datetime(2013, 7, 1, 12, tzinfo=UTC)
WEEKS_KM_AND_RUNS = {
    "2013-W22": (23.59, 2),
    "2013-W23": (77.61, 6),
    "2013-W24": (62.68, 8),
    "2013-W25": (59.50, 10),
    "2013-W26": (77.69, 7),
}


@pytest.fixture
def june() -> list[Path]:
    found = sorted((CORPUS / "tcx").glob("trackeR__2013-06*.TCX.gz"))
    if not found:
        pytest.skip(f"corpus/tcx/trackeR__2013-06*.TCX.gz is not in {CORPUS} (set MIDSOLE_CORPUS)")
    assert len(found) == 33
    return found


def assert_june(home: Home) -> None:
    runs = home.activities()
    metres: defaultdict[str, float] = defaultdict(float)
    for run in runs:
        metres[f"{run.local_date:%G-W%V}"] += run.counted_m
    counts = Counter(f"{run.local_date:%G-W%V}" for run in runs)
    found = {week: (round(metres[week] / 1000, 2), counts[week]) for week in sorted(metres)}

    assert {run.sport for run in runs} == {"running"}
    assert found == WEEKS_KM_AND_RUNS
    assert sum(metres.values()) == pytest.approx(301_060, abs=10)


def test_june_2013_from_the_inbox_gives_exactly_those_weeks(tmp_path: Path, june: list[Path]) -> None:
    with a_home(tmp_path, Clock(JULY), zone="Europe/London") as home:
        for path in june:
            shutil.copy(path, home.inbox)
        home.once()

        assert_june(home)
        assert [d.kind for d in home.deliveries() if d.kind != "weekly"] == ["notice"]


def test_june_2013_imported_from_its_folder_gives_exactly_those_weeks(
    tmp_path: Path, june: list[Path]
) -> None:
    with a_home(tmp_path, Clock(JULY), zone="Europe/London") as home:
        for _ in range(2):
            files = [p for p in list_files(home.box, [CORPUS / "tcx"]) if p in june]
            import_files(home.box, ME, files, lambda: None)

        assert_june(home)
        assert [d.kind for d in home.deliveries()] == ["notice"]
