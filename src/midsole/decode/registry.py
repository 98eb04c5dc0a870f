"""Chooses the decoder by content and looks into gzip and zip."""

from dataclasses import dataclass, replace

from midsole.decode.base import Decoder
from midsole.decode.fit import FitDecoder
from midsole.decode.gpx import GpxDecoder
from midsole.decode.manual import ManualDecoder
from midsole.decode.tcx import TcxDecoder
from midsole.decode.unpack import LARGEST_MEMBER_BYTES, Budget, gunzip, is_gzip, is_zip, members
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput, NotAnActivity

DECODERS: tuple[Decoder, ...] = (FitDecoder(), TcxDecoder(), GpxDecoder(), ManualDecoder())
VERSION = 1 + sum(decoder.version for decoder in DECODERS)
"""Rises when any decoder changes, so that what was bad is tried again."""
DEEPEST = 2
HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one raw file holds; `bad_parts` says which members of an archive could not be read, and why."""

    format: str
    recordings: tuple[Recording, ...]
    bad_parts: tuple[str, ...] = ()


def decode(raw: bytes) -> Decoded:
    """Decode one raw file. Raises BadInput when broken, NotAnActivity when sound but of another kind."""
    return _decode(raw, Budget(), depth=0)


def _decode(raw: bytes, budget: Budget, depth: int) -> Decoded:
    head = raw[:HEAD_BYTES]
    if not raw:
        raise BadInput("The file is empty.")
    if is_gzip(head) or is_zip(head):
        if depth >= DEEPEST:
            raise BadInput("Archives are nested more than twice. Unpack the file first.")
        if is_zip(head):
            return _decode_members(raw, budget, depth + 1)
        return _decode(gunzip(raw, budget), budget, depth + 1)
    if len(raw) > LARGEST_MEMBER_BYTES:
        raise BadInput("The file is larger than 64 MB: no recording is.")
    for decoder in DECODERS:
        if decoder.sniff(head):
            return Decoded(decoder.name, _once(decoder.decode(raw)))
    raise BadInput("The file is neither FIT, TCX nor GPX, nor an archive of them.")


def _decode_members(raw: bytes, budget: Budget, depth: int) -> Decoded:
    recordings: list[Recording] = []
    formats: set[str] = set()
    bad: list[str] = []
    for name, content in members(raw, budget):
        try:
            decoded = _decode_member(content, budget, depth)
        except NotAnActivity:
            continue
        except BadInput as error:
            bad.append(f"{name}: {error}")
            continue
        if decoded is not None:
            recordings += decoded.recordings
            formats.add(decoded.format)
            bad += (f"{name}: {part}" for part in decoded.bad_parts)
    if recordings:
        return Decoded(formats.pop() if len(formats) == 1 else "zip", _once(recordings), tuple(bad))
    if bad:
        raise BadInput(f"Nothing in the archive can be read. {bad[0]}")
    raise NotAnActivity("The archive holds no activity.")


def _decode_member(content: bytes | BadInput, budget: Budget, depth: int) -> Decoded | None:
    """Return None for a document that lies beside the recordings."""
    if isinstance(content, BadInput):
        raise content
    head = content[:HEAD_BYTES]
    known = is_gzip(head) or is_zip(head) or any(decoder.sniff(head) for decoder in DECODERS)
    return _decode(content, budget, depth) if known else None


def _once(recordings: list[Recording]) -> tuple[Recording, ...]:
    """Number the legs, and keep one of those that tell the same run: a file may hold a run twice."""
    seen: dict[tuple[object, ...], Recording] = {}
    for recording in recordings:
        key = (recording.started_at, recording.sport, recording.distance_m, recording.timer_s)
        if key not in seen or seen[key].recovered:
            seen[key] = recording
    return tuple(replace(recording, leg=leg) for leg, recording in enumerate(seen.values()))
