"""Two readings that share no code agree on every value that we use, in every real FIT file."""

import gzip
import os
import threading
from pathlib import Path

import pytest
from fit_writer import fit_run

import build
from midsole.decode.fit import oracle
from midsole.domain.errors import BadInput

CORPUS = Path(os.environ.get("MIDSOLE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))

REFUSED = {
    "fitparse__activity-settings-nodata.fit": "the file is cut off",
    "fitparse__activity-unexpected-eof.fit": "the file is cut off",
    "fitparse__coros-pace-2-cycling-misaligned-fields.fit": "Invalid field size 1 for type 'uint32'",
    "fitparse__nick.fit": "Tried to read 2 bytes",
    "fitparse__strava-android-app-201.10-b1218918.fit": "the file is cut off",
    "sportslib__empty-activities.fit": "its header says that nothing follows",
}
"""What fitparse does not read to the end, and why; up to there the two agree."""
RUN = fit_run(build.at("2026-11-17"), 10_000, 3_600)


def content(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def fit_files() -> list[Path]:
    named = (p for p in sorted(CORPUS.rglob("*")) if p.name.lower().endswith((".fit", ".fit.gz")))
    return [path for path in named if content(path)[8:12] == b".FIT"]


FILES = fit_files()


@pytest.mark.skipif(not FILES, reason=f"the corpus of real files is missing: {CORPUS}")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_readings_tell_the_same(path: Path) -> None:
    found = oracle.compare_both(content(path))
    assert found.differences == ()
    assert (found.refused or "").startswith(REFUSED.get(path.name, "")), found.refused
    assert (found.refused is None) == (path.name not in REFUSED)


def test_a_wrong_value_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert oracle.compare(RUN) == []
    other = fit_run(build.at("2026-11-17"), 10_000, 3_600, heart_rate=141)
    told = oracle.reading.read
    monkeypatch.setattr(oracle.reading, "read", lambda _: told(other))
    assert oracle.compare(RUN) == [
        "session.avg_heart_rate: 1 of 1 differ, first in message 0: fitparse 140, Midsole 141",
        "record.heart_rate: 61 of 61 differ, first in message 0: fitparse 140, Midsole 141",
    ]


def test_a_missing_message_and_a_missing_part_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    told = oracle.reading.read
    shorter = fit_run(build.at("2026-11-17"), 10_000, 3_600, records_every_s=120)
    monkeypatch.setattr(oracle.reading, "read", lambda _: told(shorter))
    assert "record: fitparse has 61 of them, Midsole 31" in oracle.compare(RUN)
    monkeypatch.setattr(oracle.reading, "read", lambda _: told(RUN))
    assert oracle.compare(RUN * 2) == ["fitparse finds 2 parts, Midsole 1"]


def test_what_is_no_fit_file_is_refused() -> None:
    with pytest.raises(BadInput, match="the header is damaged"):
        list(oracle.messages(b"no activity at all"))
    found = oracle.compare_both(b"no activity at all")
    assert (found.values, found.differences, found.refused is None) == (0, (), False)


@pytest.mark.parametrize("cut", range(len(RUN) - 40, len(RUN), 3))
def test_of_a_file_cut_anywhere_only_whole_messages_are_shown(cut: int) -> None:
    whole, shown = list(oracle.messages(RUN)), []
    with pytest.raises(BadInput, match="the file is cut off"):
        shown.extend(oracle.messages(RUN[:cut]))
    assert len(shown) > 60
    assert shown == whole[: len(shown)]
    assert oracle.compare(RUN[:cut]) == []


def test_threads_do_not_read_each_others_developer_fields() -> None:
    wanted = list(oracle.messages(RUN))
    read: list[list[oracle.Message]] = [[], [], []]

    def read_into(place: int) -> None:
        read[place] = list(oracle.messages(RUN))

    threads = [threading.Thread(target=read_into, args=[place]) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [wanted] * 3


def test_times_are_told_in_utc_and_local_times_without_a_zone() -> None:
    raw = fit_run(build.at("2026-11-17"), 10_000, 3_600, utc_offset_s=3_600)
    (activity,) = (message for message in oracle.messages(raw) if message.name == "activity")
    told = {name: value for name, value, _ in activity.fields}
    assert told["timestamp"].utcoffset().total_seconds() == 0
    assert told["local_timestamp"].tzinfo is None
    assert (told["local_timestamp"] - told["timestamp"].replace(tzinfo=None)).total_seconds() == 3_600
