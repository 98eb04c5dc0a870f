"""Chooses the decoder by content and looks into gzip, zip and tar."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from midsole.decode.bounds import bounded
from midsole.decode.formats import DECODERS, decoder_of, list_of
from midsole.decode.inflate import is_gzip
from midsole.decode.unpack import HEAD_BYTES, LARGEST_MEMBER_BYTES, entries, gunzip, is_container
from midsole.domain.activity import Recording
from midsole.domain.errors import BadInput, NotAnActivity

VERSION = 2 + sum(decoder.version for decoder in DECODERS)
"""Rises when any decoder or the unpacking changes, so that what was bad is tried again."""
MOST_GZIPS = 2
"""A download is packed once more by some servers."""
OTHER_ARCHIVES = {
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one raw file holds; `bad_parts` says which members of an archive could not be read, and why."""

    format: str
    recordings: tuple[Recording, ...]
    bad_parts: tuple[str, ...] = ()


def decode(raw: bytes) -> Decoded:
    """Decode one raw file. Raises BadInput when broken, NotAnActivity when sound but of another kind."""
    if not raw:
        raise BadInput("The file is empty.")
    if is_container(raw[:HEAD_BYTES]):
        return _decode_members(raw)
    return _decode_file(raw)


def _decode_file(raw: bytes) -> Decoded:
    raw = unpacked(raw)
    head = raw[:HEAD_BYTES]
    if len(raw) > LARGEST_MEMBER_BYTES:
        raise BadInput("The file is larger than 64 MB: no recording is.")
    decoder = decoder_of(head)
    if decoder is not None:
        return Decoded(decoder.name, _once([bounded(recording) for recording in decoder.decode(raw)]))
    listed = list_of(raw)
    if listed is not None:
        raise NotAnActivity(f"The file is {listed}: kept, and adds nothing by itself.")
    other = next((name for sign, name in OTHER_ARCHIVES.items() if head.startswith(sign)), None)
    if other is not None:
        raise BadInput(f"The file is packed as {other}, which Midsole does not read. Unpack it first.")
    raise BadInput("The file is neither FIT, TCX nor GPX, nor an archive of them.")


def unpacked(raw: bytes) -> bytes:
    """Return what is in a gzip, or the file as it is."""
    for _ in range(MOST_GZIPS):
        raw = gunzip(raw) if is_gzip(raw) else raw
    return raw


def _decode_members(raw: bytes) -> Decoded:
    """Decode an archive kept as one file, as Midsole did before it kept each member by itself."""
    recordings: list[Recording] = []
    formats: set[str] = set()
    bad: list[str] = []
    for entry in entries(BytesIO(raw), ""):
        name = entry.name.removeprefix("unnamed").lstrip("/")
        try:
            decoded = _decode_entry(entry.content)
        except NotAnActivity:
            continue
        except BadInput as error:
            bad.append(f"{name}: {error}" if name else str(error))
            continue
        recordings += decoded.recordings
        formats.add(decoded.format)
    if recordings:
        return Decoded(formats.pop() if len(formats) == 1 else "zip", _once(recordings), tuple(bad))
    if bad:
        raise BadInput(f"Nothing in the archive can be read. {bad[0]}")
    raise NotAnActivity("The archive holds no activity.")


def _decode_entry(content: bytes | BadInput) -> Decoded:
    if isinstance(content, BadInput):
        raise content
    return _decode_file(content)


def _once(recordings: list[Recording]) -> tuple[Recording, ...]:
    """Number the legs, and keep one of those that tell the same run: a file may hold a run twice."""
    return tuple(replace(recordings[place], leg=leg) for leg, place in enumerate(distinct(recordings)))


def distinct(recordings: Sequence[Recording]) -> list[int]:
    """Return the places of those that tell a run of their own, in order."""
    seen: dict[tuple[object, ...], int] = {}
    for place, recording in enumerate(recordings):
        key = (recording.started_at, recording.sport, recording.distance_m, recording.timer_s)
        if key not in seen or recordings[seen[key]].recovered:
            seen[key] = place
    return list(seen.values())
