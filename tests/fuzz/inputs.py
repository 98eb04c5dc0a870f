"""From one integer to one input: always the same for the same seeds, whichever kinds are asked for."""

from dataclasses import dataclass
from random import Random

from fuzz import archive_tricks, damage, fit_tricks, json_tricks, xml_tricks
from fuzz.seeds import Seed, Seeds

SCHEDULE = (
    *("fit", "tcx", "fit", "gpx", "fit", "zip", "fit", "tcx", "fit", "gzip"),
    *("fit", "gpx", "fit", "tar", "fit", "tcx", "fit", "zip", "gpx", "json"),
)
"""The kind of an input by its number, modulo the length: what watches write comes most often."""
KINDS = tuple(sorted(set(SCHEDULE)))


@dataclass(frozen=True, slots=True)
class Input:
    number: int
    kind: str
    seed: str
    raw: bytes


def make(seeds: Seeds, number: int) -> Input:
    kind = kind_of(number)
    chance = Random(number)
    if kind in ("tcx", "gpx", "fit"):
        seed = chance.choice(seeds[kind])
        return Input(number, kind, seed.name, _recording(chance, seeds, seed))
    if kind == "json":
        raw = json_tricks.tricked(chance)
        return Input(number, kind, "made/run.json", _maybe_damaged(chance, raw, [raw], 0.3))
    contents = [_content(chance, seeds) for _ in range(3)]
    raw = _container(chance, kind, contents)
    return Input(number, kind, "made", _maybe_damaged(chance, raw, contents, 0.35))


def kind_of(number: int) -> str:
    return SCHEDULE[number % len(SCHEDULE)]


def _recording(chance: Random, seeds: Seeds, seed: Seed) -> bytes:
    if chance.random() < 0.002:
        return damage.damaged(chance, seed.whole, [seed.raw], 1)
    others = [s.raw for s in chance.choices(seeds[seed.kind], k=3)]
    if seed.kind != "fit":
        raw = xml_tricks.tricked(chance, seed.raw)
        return _maybe_damaged(chance, raw, others, 0.25)
    raw = fit_tricks.tricked(chance, seed.pieces) if seed.pieces and chance.random() < 0.8 else seed.raw
    if chance.random() < 0.05 and len(raw) > 14:
        raw = fit_tricks.lie_in_header(chance, raw)
    return _maybe_damaged(chance, raw, others, 0.3)


def _maybe_damaged(chance: Random, raw: bytes, others: list[bytes], probability: float) -> bytes:
    if raw and chance.random() < probability:
        return damage.damaged(chance, raw, others, chance.choice((1, 1, 1, 2, 3)))
    return raw


def _content(chance: Random, seeds: Seeds) -> bytes:
    """Mostly sound recordings: this is about what they lie in."""
    seed = chance.choice(seeds[chance.choice(("fit", "tcx", "gpx", "json", "other"))] or seeds["fit"])
    return seed.raw if chance.random() < 0.8 else damage.damaged(chance, seed.raw, [seed.raw], 1)


def _container(chance: Random, kind: str, contents: list[bytes]) -> bytes:
    if kind == "gzip":
        return archive_tricks.odd_gzip(chance, contents)
    if kind == "tar":
        return archive_tricks.tarred(chance, contents)
    if chance.random() < 0.004:
        return archive_tricks.dear_zip(chance, contents)
    return archive_tricks.zipped(chance, contents)
