"""The measurements themselves: what they are made on, that all decoders do the same, what they say."""

import importlib.util
import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import fitparse
import numpy as np
import pytest

from bench import forecasting, guessing
from bench.__main__ import PARTS
from bench.garmin_db import NotInstallable
from bench.guess_walk import Told
from bench.report import Figure, Part, on_terminal, page
from bench.runs import OLDER_EVERY, SECONDS, one_run, write_runs
from midsole.decode import registry
from midsole.domain.guess import Guess

STARTED_AT = datetime(2026, 5, 6, 6, 0, tzinfo=UTC)
LAYOUTS = {"older": 0, "modern": 1}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_generated_run_is_the_run_that_fitparse_reads(layout: str) -> None:
    raw = one_run(STARTED_AT, LAYOUTS[layout])
    messages = list(fitparse.FitFile(io.BytesIO(raw)).get_messages())
    by_name = {m.name: m.get_values() for m in messages}
    (recording,) = registry.decode(raw).recordings
    assert sum(m.name == "record" for m in messages) == SECONDS
    assert recording.distance_m == pytest.approx(by_name["session"]["total_distance"])
    assert recording.started_at == STARTED_AT
    assert recording.timer_s == SECONDS
    assert (recording.sport, recording.recovered) == ("running", False)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_modern_run_interleaves_four_kinds_of_messages_and_has_a_lap_each_kilometre() -> None:
    messages = list(fitparse.FitFile(io.BytesIO(one_run(STARTED_AT, 1))).get_messages())
    names = [m.name for m in messages]
    laps = [m.get_values()["total_distance"] for m in messages if m.name == "lap"]
    begin = names.index("record")
    assert names[begin : begin + 5] == ["record", "hrv", "unknown_233", "gps_metadata", "record"]
    assert all(abs(metres - 1_000) < 5 for metres in laps[:-1])
    assert sum(laps) == pytest.approx(messages[-2].get_values()["total_distance"], abs=0.1)


def test_no_two_generated_runs_are_alike_or_on_one_day(tmp_path: Path) -> None:
    paths = write_runs(tmp_path / "runs", 2 * OLDER_EVERY, STARTED_AT)
    found = [registry.decode(path.read_bytes()).recordings[0] for path in paths]
    assert len({recording.distance_m for recording in found}) == len(paths)
    assert len({recording.started_at.date() for recording in found}) == len(paths)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_decoder_does_the_same_work(layout: str) -> None:
    pytest.importorskip("chiptime", reason="the extra `bench` is not installed")
    pytest.importorskip("fitfast", reason="the extra `bench` is not installed")
    from bench.decoders import DECODERS, read_with

    raw = one_run(STARTED_AT, LAYOUTS[layout])
    found = {name: read_with(name, raw) for name in DECODERS}
    for name, read in found.items():
        assert {kind: len(rows) for kind, rows in read.rows.items()} == {
            kind: len(rows) for kind, rows in found["fitparse"].rows.items()
        }, name
        for column in ("distance", "speed", "altitude", "heart_rate", "cadence", "power"):
            theirs = found["fitparse"].columns[column]
            np.testing.assert_allclose(read.columns[column], theirs, err_msg=f"{name} {column}")


def test_a_figure_says_whether_it_meets_its_bar() -> None:
    assert Figure("import", 151, 150, "files/s", at_least=True).verdict == "met"
    assert Figure("import", 149, 150, "files/s", at_least=True).verdict == "MISSED"
    assert Figure("again", 2.9, 3, "s").verdict == "met"
    assert Figure("again", 3.1, 3, "s").verdict == "MISSED"


def test_what_could_not_be_measured_is_never_passed_over() -> None:
    why = str(NotInstallable("no such version"))
    part = Part("Importing", [Figure("beside GarminDB", None, 60, "x GarminDB", True, why)], ["How."])
    for said in (on_terminal(part), page([part], STARTED_AT)):
        assert "NOT MEASURED: no such version" in said


def test_the_page_names_date_machine_and_command_and_no_place_on_the_disk() -> None:
    said = page([Part("Decoding", [Figure("decode", 300, 250, "x fitparse", True)], ["How."])], STARTED_AT)
    assert "2026-05-06" in said
    assert "cores" in said
    assert "scripts/bench --write" in said
    assert "| decode | 300 x fitparse | >= 250 x fitparse | met |" in said
    assert not any(place in said for place in (tempfile.gettempdir(), str(Path.home()), str(Path.cwd())))


def test_the_forecast_part_names_every_log_beside_its_bar() -> None:
    part = forecasting.measure(quick=True)
    assert part.table is not None
    assert set(forecasting.KINDS) <= {row[0] for row in part.table.rows}
    assert any(figure.what == "one forecast" and figure.verdict == "met" for figure in part.figures)


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_a_module_that_measures(name: str) -> None:
    """Found, not imported: some need packages that only scripts/bench installs."""
    found = importlib.util.find_spec(f"bench.{PARTS[name]}")
    assert found is not None
    assert "\ndef measure(*, quick: bool) -> Part:" in Path(found.origin or "").read_text(encoding="utf-8")


def test_the_guess_is_counted_by_the_probability_it_was_given() -> None:
    sure, unsure = (Guess(1, 0.85), Guess(2, 0.15)), (Guess(2, 0.55), Guess(1, 0.45))
    told = [Told(1, sure, 1, 1, 2), Told(1, sure, 2, 1, 2), Told(2, sure, 2, 2, 1), Told(2, unsure, 1, 2, 2)]
    said = guessing.reliability("all is confirmed", told)
    assert "0.5-0.6: 100.0 % of 1; 0.8-0.9: 66.7 % of 3" in said
    name, runs, wrong, default, *_, left, answered, right = guessing.line("habit", told)
    assert (name, runs, wrong, default) == ("habit", "4", "25.0 %", "50.0 %")
    assert (left, answered, right) == ("50 %", "75 %", "66.7 %")
