"""The fuzzer names what breaks a promise, and what it found once stays mended."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fuzz import found, inputs, large, seeds
from fuzz.hunt import Plan, hunt
from fuzz.promises import Verdict, judge, recording_breaks
from home import a_home
from midsole.decode.registry import decode

REPO = Path(__file__).parents[2]
NOWHERE = Path("no such folder")
SMALL = Plan(first=0, inputs=100, seconds=60, only=None, workers=1, corpus=NOWHERE)


@pytest.fixture(scope="module")
def made_up() -> seeds.Seeds:
    return seeds.load(NOWHERE)


def fuzz(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fuzz", *arguments]
    paths = os.pathsep.join([str(REPO / "tests"), str(REPO / "scripts")])
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths, **env}, check=False
    )


def test_two_thousand_inputs_break_no_promise(tmp_path: Path) -> None:
    done = fuzz("--inputs", "2000", "--findings", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing found" in done.stdout


def test_without_real_files_it_says_so_loudly_and_goes_on(tmp_path: Path) -> None:
    done = fuzz("--inputs", "100", "--findings", str(tmp_path), MIDSOLE_CORPUS=str(tmp_path / "missing"))
    assert "NO REAL FILES" in done.stdout
    assert "100 inputs" in done.stdout


def test_a_number_gives_the_same_input_every_time(made_up: seeds.Seeds) -> None:
    again = seeds.load(NOWHERE)
    assert [inputs.make(made_up, n) for n in range(200)] == [inputs.make(again, n) for n in range(200)]


def test_every_kind_of_seed_is_sound_before_it_is_broken(made_up: seeds.Seeds) -> None:
    for kind in ("fit", "tcx", "gpx", "json"):
        assert any(decode(seed.raw).recordings for seed in made_up[kind] if "course" not in seed.name)


def test_a_good_part_of_the_inputs_still_decodes(made_up: seeds.Seeds) -> None:
    """Else only the sniffing is tried."""
    found = [judge(inputs.make(made_up, n).raw).recordings for n in range(300)]
    assert sum(bool(recordings) for recordings in found) > 60


def hangs(raw: bytes) -> Verdict:
    while len(raw) >= 0:
        pass
    return Verdict((), ())


def sleeps(_raw: bytes) -> Verdict:
    time.sleep(60)
    return Verdict((), ())


def dies(_raw: bytes) -> Verdict:
    os.kill(os.getpid(), signal.SIGSEGV)
    return Verdict((), ())


def hoards(_raw: bytes) -> Verdict:
    return Verdict((), ()) if len(b"\1" * 250_000_000) else Verdict(("empty",), ())


def fails(raw: bytes) -> Verdict:
    raise KeyError(len(raw))


@pytest.mark.parametrize(
    ("judged_by", "said"),
    [
        (hangs, "above 1 s at test_fuzz.py"),
        (sleeps, "no end"),
        (dies, "ended by itself: -11"),
        (hoards, "MB"),
        (fails, "KeyError at test_fuzz.py"),
    ],
)
def test_what_hangs_dies_hoards_or_raises_is_named(judged_by: Any, said: str) -> None:
    hung_s = 2.0 if judged_by is sleeps else 60.0
    seconds = (
        10 if judged_by is hangs else 60
    )  # inputs are handed out in blocks, and each takes its two seconds
    findings = hunt(replace(SMALL, judge=judged_by, inputs=2, seconds=seconds, hung_s=hung_s)).findings
    assert findings[0].number == 0
    assert said in findings[0].what


@pytest.mark.parametrize(
    "wrong",
    [
        {"distance_m": float("nan")},
        {"distance_m": -1.0},
        {"timer_s": float("inf")},
        {"steps": 2**31},
        {"title": "a\0b"},
        {"device": "\ud800"},
        {"title": "x" * 200_000},
        {"speed_s": {5: float("nan")}},
        {"utc_offset_s": 90_000},
        {"moving_s": 1e6},
    ],
)
def test_a_recording_that_can_not_be_stored_is_seen(made_up: seeds.Seeds, wrong: dict[str, Any]) -> None:
    sound = decode(made_up["fit"][0].raw).recordings[0]
    assert not list(recording_breaks(sound))
    assert list(recording_breaks(replace(sound, **wrong)))


@pytest.mark.parametrize("raw", found.ALL.values(), ids=found.ALL.keys())
def test_what_was_found_once_stays_mended(raw: bytes) -> None:
    assert judge(raw).breaks == ()


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
def test_what_was_found_once_passes_the_whole_way(tmp_path: Path, database_url: str, zone: str) -> None:
    with a_home(tmp_path, zone=zone, database_url=database_url) as home:
        for name, raw in found.ALL.items():
            home.drop(re.sub(r"\W+", " ", name), raw)
        home.once()
        states = {file.name: (file.state, file.reason) for file in home.files()}
        assert len(states) == len(found.ALL)
        assert "new" not in {state for state, _ in states.values()}
        assert not [told for told in states.items() if "can't be stored" in str(told)]


def test_the_files_that_findings_are_made_of_are_sound() -> None:
    assert decode(found.a_session()).recordings[0].distance_m == 5_000
    assert decode(seeds.tcx()).recordings
    assert decode(seeds.gpx()).recordings


@pytest.mark.parametrize("made", large.ALL, ids=lambda made: made.__name__)
def test_half_a_megabyte_takes_a_second_at_most(made: Callable[[], bytes]) -> None:
    raw = made()
    begin = time.process_time()
    assert judge(raw).breaks == ()
    assert time.process_time() - begin < 1.0
