"""The decoders side by side on real files: CPU time, all of them in turn on each file."""

import csv
import gc
import gzip
import os
import statistics
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.decoders import DECODERS, REFUSALS, read_with, versions
from bench.report import Figure, Part, Table, number, prose

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
KINDS = frozenset({"activity", "corrupt-salvageable"})
SMALLEST = 50_000
ROUNDS = 5
SLOW_ROUNDS = 2
"""For those that need more than a tenth of a second a file: they do not gain by repetition."""
SLOW = frozenset({"fitparse", "fitdecode", "chiptime"})
QUICK_FILES = 4


@dataclass(slots=True)
class Timed:
    """One file: how many records it has by each decoder, and its CPU milliseconds, one a round."""

    name: str
    raw: bytes
    records: dict[str, int] = field(default_factory=dict)
    ms: dict[str, list[float]] = field(default_factory=dict)

    def median_ms(self, decoder: str) -> float:
        return statistics.median(self.ms[decoder])


def measure(*, quick: bool) -> Part:
    folder = Path(os.environ.get("MIDSOLE_CORPUS", CORPUS))
    if not (folder / "MANIFEST.csv").exists():
        return _without_corpus(folder)
    files = list(_files(folder))
    files = files[:: max(1, len(files) // QUICK_FILES)] if quick else files
    _warm_up(files[0])
    for number_of_round in range(1 if quick else ROUNDS):
        _round(files, number_of_round)
    return _part(files)


def _without_corpus(folder: Path) -> Part:
    why = f"no corpus at {folder.name}; name its folder in MIDSOLE_CORPUS"
    return Part("Decoding", [Figure("decode", None, 250, "x fitparse", True, why)], [why])


def _files(folder: Path) -> Iterable[Timed]:
    """The corpus's activity FIT files above 50 kB, unpacked beforehand."""
    with (folder / "MANIFEST.csv").open(encoding="utf-8", newline="") as manifest:
        rows = [row for row in csv.DictReader(manifest) if row["kind"] in KINDS]
    for row in rows:
        if not row["file"].lower().endswith((".fit", ".fit.gz")):
            continue
        raw = (folder / row["file"]).read_bytes()
        raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        if len(raw) > SMALLEST:
            yield Timed(row["file"], raw)


def _warm_up(file: Timed) -> None:
    """What each decoder loads or builds at its first file is paid once a process, by none of the files."""
    for name in DECODERS:
        with suppress(*REFUSALS):
            read_with(name, file.raw)


def _round(files: Sequence[Timed], number_of_round: int) -> None:
    """Every decoder on a file before the next file, each round beginning with another one."""
    names = list(DECODERS)
    turned = names[number_of_round % len(names) :] + names[: number_of_round % len(names)]
    for file in files:
        for name in turned:
            if number_of_round == 0 or (name in file.ms and not _is_enough(name, number_of_round)):
                _time(file, name)


def _is_enough(name: str, number_of_round: int) -> bool:
    return name in SLOW and number_of_round >= SLOW_ROUNDS


def _time(file: Timed, name: str) -> None:
    gc.collect()
    begin = time.process_time()
    try:
        found = read_with(name, file.raw)
    except REFUSALS:
        return
    file.ms.setdefault(name, []).append((time.process_time() - begin) * 1000)
    file.records[name] = len(found.columns["timestamp"])


def _part(files: Sequence[Timed]) -> Part:
    header = ("decoder", "ms per 3,600 records", "of fitparse's time", "x fitparse", "by sums", "refuses")
    return Part(
        title="Decoding",
        figures=[_beside(files, "fitparse", 250), _beside(files, "fitfast", 5)],
        how=[_how(files)],
        table=Table(header, [_row(files, name) for name in DECODERS]),
        facts=[f"Versions: {versions()}.", *_disagreements(files)],
    )


def _beside(files: Sequence[Timed], peer: str, bar: float) -> Figure:
    return Figure(f"decoding, beside {peer}", ratio(files, "midsole", peer), bar, f"x {peer}", True)


def _how(files: Sequence[Timed]) -> str:
    records = sum(max(file.records.values(), default=0) for file in files)
    megabytes = sum(len(file.raw) for file in files) / 1e6
    return prose(
        f"""CPU time of {len(files)} real activity files above 50 kB ({megabytes:.1f} MB, {records:,}
        records), read from memory, unpacked beforehand. Each decoder does the same work, in the way that
        is fastest with it: the record columns timestamp, position, distance, speed and altitude (enhanced
        where there), heart rate, cadence, power, stance time, vertical oscillation; all sessions, laps,
        events, device infos and file ids as rows. All decoders in turn on each file, {ROUNDS} rounds
        ({SLOW_ROUNDS} for the slow three), the median of a file's rounds; what a decoder keeps from file
        to file is warm. The ratio is taken file by file; its median counts for the bar, the ratio of the
        sums stands beside it. A file that a decoder refuses, or where it finds no record, is left out of
        that decoder's figures alone. Garmin's own SDK is not measured: its licence forbids it."""
    )


def _row(files: Sequence[Timed], name: str) -> tuple[str, ...]:
    mine = [file for file in files if name in file.ms]
    an_hour = statistics.median(file.median_ms(name) / file.records[name] * 3600 for file in mine)
    quicker = ratio(files, name, "fitparse")
    share, by_sums = f"{1 / quicker:.4f}", number(_by_sums(files, name, "fitparse"))
    return name, f"{an_hour:.2f}", share, number(quicker), by_sums, str(len(files) - len(mine))


def ratio(files: Sequence[Timed], name: str, peer: str) -> float:
    """How many times as long the peer needs, the median over the files that both read."""
    return statistics.median(file.median_ms(peer) / file.median_ms(name) for file in _both(files, name, peer))


def _by_sums(files: Sequence[Timed], name: str, peer: str) -> float:
    both = _both(files, name, peer)
    return sum(file.median_ms(peer) for file in both) / sum(file.median_ms(name) for file in both)


def _both(files: Sequence[Timed], name: str, peer: str) -> list[Timed]:
    return [file for file in files if name in file.ms and peer in file.ms]


def _disagreements(files: Sequence[Timed]) -> list[str]:
    """Whoever reads fewer records does less work: the reader should know."""
    found = []
    for name in DECODERS:
        differing = [f for f in files if name in f.records and f.records[name] != f.records.get("midsole")]
        if name != "midsole" and differing:
            pairs = ", ".join(
                f"{Path(f.name).name} {f.records[name]:,} for {f.records.get('midsole', 0):,}"
                for f in differing
            )
            found.append(f"{name} finds another number of records in {len(differing)}: {pairs}.")
    return found
