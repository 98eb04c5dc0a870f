"""FIT bytes as segments: lenient about every damage, strict on demand.

`read` never raises on bad content: each segment says whether its checksum holds, whether it was cut, what is
wrong with it, and holds everything that came before the damage. `read_sound` is the strict view.
"""

from fastcrc import crc16

from midsole.decode.fit.segment import Segment
from midsole.decode.fit.walk import walk
from midsole.domain.errors import BadInput

SIGNATURE = b".FIT"
SHORTEST_HEADER, LONGEST_HEADER = 12, 64
CRC_BYTES = 2
MOST_SEGMENTS = 100
"""A file that claims more was made to hurt; the longest chain in the corpus has seven."""
PROTOCOLS = (1, 2)
"""Major versions, the high half of the header's second byte."""


def read(raw: bytes) -> list[Segment]:
    """Read every segment of a FIT file; an empty list where not even the first header can be made out."""
    segments: list[Segment] = []
    place: int | None = 0
    while place is not None and len(segments) < MOST_SEGMENTS:
        segment, place = _segment(raw, place)
        if segment is not None:
            segments.append(segment)
    return segments


def read_sound(raw: bytes) -> list[Segment]:
    """Read a FIT file that is whole. Raises BadInput at the first damage."""
    segments = read(raw)
    damage = next((segment.error for segment in segments if segment.error), None)
    if not segments or damage:
        raise BadInput(f"The FIT file is not sound: {damage or 'it has no header'}.")
    return segments


def looks_like_fit(head: bytes) -> bool:
    """By its signature, or, where that is damaged, by a header with the definition of message 0 after it."""
    return head[8:12] == SIGNATURE or (
        head[:1] in (b"\x0c", b"\x0e")
        and head[head[0] : head[0] + 2] == b"\x40\x00"
        and head[1] >> 4 in PROTOCOLS
    )


def _segment(raw: bytes, place: int) -> tuple[Segment | None, int | None]:
    """Return the segment that begins at `place` and where the next one does."""
    header = raw[place : place + SHORTEST_HEADER]
    if len(header) < SHORTEST_HEADER or header[0] < SHORTEST_HEADER:
        return None, None
    start = place + header[0]
    size = int.from_bytes(header[4:8], "little") if header[8:12] == SIGNATURE else 0
    end = start + size
    if size and end + CRC_BYTES <= len(raw) and _crc_holds(raw, place, end + CRC_BYTES):
        return _walked(raw[start:end], None, crc_ok=True), _next_header(raw, end + CRC_BYTES)
    following = _next_header(raw, start)
    until = len(raw) if following is None else following
    return _damaged(raw, place, start, end if size else None, until), following


def _damaged(raw: bytes, place: int, start: int, end: int | None, until: int) -> Segment:
    """Read a segment whose checksum does not hold; `end` is where its header says that its data ends."""
    if end is None:
        sound = until - start > CRC_BYTES and _crc_holds(raw, place, until)
        stop = until - CRC_BYTES if sound else until
        return _walked(raw[start:stop], "the recording was never closed", crc_ok=sound)
    if end + CRC_BYTES > until:
        stop = min(end, until)
        return _walked(raw[start:stop], "the file was cut off", crc_ok=False, truncated=True)
    declared = _walked(raw[start:end], "the checksum is wrong", crc_ok=False)
    if not raw[end + CRC_BYTES : until].strip(b"\0"):
        return declared
    longer = _walked(raw[start:until], "its length in the header is wrong", crc_ok=False)
    reaches_end = longer.stopped_at >= until - start - CRC_BYTES
    return longer if reaches_end else declared


def _walked(data: bytes, damage: str | None, *, crc_ok: bool, truncated: bool = False) -> Segment:
    found = walk(data)
    return Segment(
        data, found.groups, crc_ok, truncated or found.truncated, damage or found.error, found.stopped_at
    )


def _crc_holds(raw: bytes, begin: int, end: int) -> bool:
    """CRC-16/ARC over a part and its own CRC is zero."""
    return crc16.arc(memoryview(raw)[begin:end]) == 0


def _next_header(raw: bytes, since: int) -> int | None:
    """Find where the next chained part begins, also behind rubbish."""
    found = raw.find(SIGNATURE, since + 8)
    while found >= 0:
        place = found - 8
        if SHORTEST_HEADER <= raw[place] <= LONGEST_HEADER and raw[place + 1] >> 4 in PROTOCOLS:
            return place
        found = raw.find(SIGNATURE, found + 1)
    return None
