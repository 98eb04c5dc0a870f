"""Files of half a megabyte that cost far more than their size where a decoder is careless."""

import re
import struct
from collections.abc import Callable

from fuzz import archive_tricks, seeds
from fuzz.archive_tricks import Member, tar_member, zip_of
from fuzz.fit_shape import Definition, Piece, defined, whole

SIZE_BYTES = 500_000
RECORD = Definition(20, big=False, fields=((253, 4, 0x86), (5, 4, 0x86)))
NOTHING = Definition(20, big=False, fields=())
TRACK = (
    b"<trk><trkseg><trkpt lat='1' lon='1'><time>2026-01-01T00:00:00Z</time></trkpt>"
    b"<trkpt lat='1' lon='2'><time>2026-01-01T00:00:09Z</time></trkpt></trkseg></trk>"
)


def messages_of_no_size() -> bytes:
    return whole([defined(NOTHING, 0), Piece(bytes(SIZE_BYTES), NOTHING, is_data=True)])


def a_definition_before_each_message() -> bytes:
    one = defined(RECORD, 0).raw + b"\0" * 9
    return whole([Piece(one * (SIZE_BYTES // len(one)), RECORD, is_data=True)])


def ever_new_definitions() -> bytes:
    new = (defined(Definition(20, big=False, fields=((n % 251, 1 + n // 251, 2),)), 0) for n in range(50_000))
    return whole(new)


def empty_parts_in_a_chain() -> bytes:
    return whole([]) * (SIZE_BYTES // 16)


def runs_in_a_chain() -> bytes:
    run = seeds.generated()[0][1]
    return run * (SIZE_BYTES // len(run))


def headers_that_claim_the_rest() -> bytes:
    """Each checksum would run over all that follows."""
    places = range(0, SIZE_BYTES, 14)
    return (
        b"".join(struct.pack("<BBHI4sH", 14, 32, 0, SIZE_BYTES - n, b".FIT", 0) for n in places) + b"\0" * 99
    )


def many_tracks() -> bytes:
    return b"<gpx>" + TRACK * (SIZE_BYTES // len(TRACK)) + b"</gpx>"


def many_activities() -> bytes:
    tcx = seeds.tcx(points=2)
    begin, end = tcx.index(b"<Activity "), tcx.index(b"</Activities>")
    return tcx[:begin] + tcx[begin:end] * (SIZE_BYTES // (end - begin)) + tcx[end:]


def many_laps() -> bytes:
    tcx = seeds.tcx(points=1)
    begin, end = tcx.index(b"<Lap "), tcx.index(b"<Notes>")
    return tcx[:begin] + tcx[begin:end] * (SIZE_BYTES // (end - begin)) + tcx[end:]


def deep_elements() -> bytes:
    return b"<gpx>" + b"<a>" * (SIZE_BYTES // 3)


def deep_elements_in_a_point() -> bytes:
    return b"<gpx><trk><trkseg><trkpt lat='1' lon='1'>" + b"<a>" * (SIZE_BYTES // 3)


def many_prefixes() -> bytes:
    return b"<gpx><trk/>" + b"".join(b"<p%d:a/>" % n for n in range(SIZE_BYTES // 12)) + b"</gpx>"


def many_attributes() -> bytes:
    return b"<gpx" + b"".join(b' a%d="1"' % n for n in range(SIZE_BYTES // 11)) + b"/>"


def a_tag_without_end() -> bytes:
    return b"<gpx " + b"a" * SIZE_BYTES


def open_brackets() -> bytes:
    return b"<gpx>" + b"<" * SIZE_BYTES


def blanks() -> bytes:
    return b" " * SIZE_BYTES + b"<gpx/>"


def ampersands() -> bytes:
    return b"<gpx><trk><name>" + b"&" * SIZE_BYTES + b"</name></trk></gpx>"


def years_apart() -> bytes:
    """Each point a thousand years after the last: gaps must not be filled in."""
    times = iter(range(10**6))
    return re.sub(rb"2026-(?=\d\d-\d\dT)", lambda _: b"%04d-" % (1 + next(times) % 9_998), seeds.gpx(4_000))


def members_of_one_name() -> bytes:
    return zip_of([Member(b"run.fit", b"", 0)] * (SIZE_BYTES // 90), {})


def members_over_one_another() -> bytes:
    return archive_tricks.overlapping(seeds.generated()[0][1], SIZE_BYTES // 60)


def a_tar_of_one_name() -> bytes:
    return tar_member(b"run.fit", b"", b"0", {}) * (SIZE_BYTES * 4 // 512)


def gzips_of_nothing() -> bytes:
    return archive_tricks.gzipped(b"") * (SIZE_BYTES // 20)


def a_gzip_bomb() -> bytes:
    return archive_tricks.gzip_bomb(2**28)


def a_zip_bomb() -> bytes:
    return archive_tricks.bomb_zip(2**28)


def signs_of_a_zip() -> bytes:
    return b"PK\3\4" + b"PK\1\2PK\3\4" * (SIZE_BYTES // 8)


def open_lists() -> bytes:
    return b'{"midsole":' + b"[" * SIZE_BYTES


def digits() -> bytes:
    return b'{"midsole": "manual", "distance_m": ' + b"9" * SIZE_BYTES + b"}"


ALL: tuple[Callable[[], bytes], ...] = (
    messages_of_no_size,
    a_definition_before_each_message,
    ever_new_definitions,
    empty_parts_in_a_chain,
    headers_that_claim_the_rest,
    runs_in_a_chain,
    many_tracks,
    many_activities,
    many_laps,
    deep_elements,
    deep_elements_in_a_point,
    many_prefixes,
    many_attributes,
    a_tag_without_end,
    open_brackets,
    blanks,
    ampersands,
    years_apart,
    members_of_one_name,
    members_over_one_another,
    a_tar_of_one_name,
    gzips_of_nothing,
    a_gzip_bomb,
    a_zip_bomb,
    signs_of_a_zip,
    open_lists,
    digits,
)
