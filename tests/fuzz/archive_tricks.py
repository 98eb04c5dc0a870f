"""Zip, tar and gzip files written by hand, so that every size, name and flag in them may lie."""

import bz2
import lzma
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random

NAMES = (
    *(
        "run.fit",
        "activities/1.fit.gz",
        "a b/ü.tcx",
        "../../etc/passwd",
        "/abs.gpx",
        "C:\\x.fit",
        "..\\..\\y.gpx",
    ),
    *(
        "__MACOSX/._run.fit",
        "._run.fit",
        "folder/",
        "",
        ".",
        "..",
        "a\0b.fit",
        "a\nb\x1b[31m.fit",
        "x" * 300,
        "\u202e.fit",
    ),
    *(
        "activities.csv",
        "shoes.csv",
        "DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip",
        "media/1.jpg",
    ),
    *("con", "a" + "/b" * 200, "\ud800.fit", "y" * 60_000),
)
DOCUMENTS = (
    b"Activity ID,Activity Date,Activity Name\r\n1,2024-01-01,Morning Run\r\n",
    b'[{"gearPk": 1, "maximumMeters": 640000}]',
    b"\xff\xd8\xff\xe0 a picture",
    b"%PDF-1.4",
    b"",
    b"\0" * 1000,
)
STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
METHODS = (*(DEFLATED,) * 8, *(STORED,) * 4, BZIP2, LZMA, 9, 93, 95, 99, 0xFFFF)
LIES = (0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
LOCAL = {"method": (8, 2), "flags": (6, 2), "crc": (14, 4), "packed": (18, 4), "unpacked": (22, 4)}
LOCAL |= {"name": (26, 2), "extra": (28, 2), "mark": (0, 4)}
CENTRAL = {"method": (10, 2), "flags": (8, 2), "crc": (16, 4), "packed": (20, 4), "unpacked": (24, 4)}
CENTRAL |= {"name": (28, 2), "extra": (30, 2), "comment": (32, 2), "disk": (34, 2), "mode": (38, 4)}
CENTRAL |= {"place": (42, 4), "mark": (0, 4), "version": (6, 2), "time": (12, 4)}
END = {"disk": (4, 2), "disks": (6, 2), "here": (8, 2), "members": (10, 2), "size": (12, 4), "place": (16, 4)}
END |= {"comment": (20, 2)}


@dataclass(frozen=True, slots=True)
class Member:
    name: bytes
    content: bytes
    method: int = DEFLATED
    local: dict[str, int] = field(default_factory=dict)
    central: dict[str, int] = field(default_factory=dict)
    """What the headers claim in place of the truth, by the names in LOCAL and CENTRAL."""
    extra: bytes = b""


def zip_of(
    members: Sequence[Member], end: dict[str, int], *, before: bytes = b"", after: bytes = b""
) -> bytes:
    body, directory = bytearray(before), bytearray()
    for member in members:
        packed = _packed(member.content, member.method)
        crc, sizes = zlib.crc32(member.content), (len(packed), len(member.content))
        name, extra = member.name[:0xFFFF], member.extra[:0xFFFF]
        place = len(body)
        local = struct.pack(
            "<4sHHHIIIIHH",
            b"PK\3\4",
            20,
            0x800,
            member.method,
            0x5A215A21,
            crc,
            *sizes,
            len(name),
            len(extra),
        )
        central = struct.pack(
            "<4sHHHHIIIIHHHHHII",
            *(b"PK\1\2", 20, 20, 0x800, member.method, 0x5A215A21, crc, *sizes, len(name), len(extra)),
            *(0, 0, 0, 0o644 << 16, place),
        )
        body += _lying(local, LOCAL, member.local) + name + extra + packed
        directory += _lying(central, CENTRAL, member.central) + name + extra
    tail = struct.pack(
        "<4sHHHHIIH", b"PK\5\6", 0, 0, len(members), len(members), len(directory), len(body), len(after)
    )
    return bytes(body + directory) + _lying(tail, END, end) + after


def _packed(content: bytes, method: int) -> bytes:
    if method == DEFLATED:
        return deflated(content)
    if method == BZIP2:
        return bz2.compress(content, 1)
    if method == LZMA:
        return lzma_packed(content, dictionary_bytes=2**16)
    return content


def lzma_packed(content: bytes, *, dictionary_bytes: int) -> bytes:
    """As zip keeps LZMA: version, length, properties, stream; a reader sets aside the dictionary."""
    small = {"id": lzma.FILTER_LZMA1, "dict_size": 2**16, "preset": 0}
    stream = lzma.compress(content, lzma.FORMAT_RAW, filters=[small])
    return struct.pack("<BBHBI", 9, 4, 5, 0x5D, dictionary_bytes) + stream


def deflated(content: bytes, level: int = 1) -> bytes:
    squeeze = zlib.compressobj(level, wbits=-15)
    return squeeze.compress(content) + squeeze.flush()


def _lying(header: bytes, places: dict[str, tuple[int, int]], lies: dict[str, int]) -> bytes:
    changed = bytearray(header)
    for name, value in lies.items():
        place, size = places[name]
        changed[place : place + size] = (value % 256**size).to_bytes(size, "little")
    return bytes(changed)


@cache
def bomb(size_bytes: int) -> bytes:
    """A TCX of blanks in one deflate stream: a thousandth of its size."""
    head = b"<TrainingCenterDatabase><Activities>"
    return deflated(head + b" " * (size_bytes - len(head)), 9)


def zipped(chance: Random, contents: Sequence[bytes]) -> bytes:
    members = [_member(chance, contents) for _ in range(chance.choice((0, 1, 1, 2, 3, 8)))]
    if members and chance.random() < 0.2:
        members += [members[0]] * chance.choice((1, 3))
    end = {chance.choice(list(END)): _lie(chance)} if chance.random() < 0.15 else {}
    before = chance.choice((b"", b"", b"", b"MZ rubbish", b"\0" * 64))
    return zip_of(members, end, before=before, after=chance.choice((b"", b"", b"a comment", b"\0" * 30)))


def _member(chance: Random, contents: Sequence[bytes]) -> Member:
    content = _content(chance, contents)
    local = {chance.choice(list(LOCAL)): _lie(chance)} if chance.random() < 0.15 else {}
    central = {chance.choice(list(CENTRAL)): _lie(chance)} if chance.random() < 0.25 else {}
    if chance.random() < 0.05:
        local, central = {"flags": 1}, {"flags": 1}
    if chance.random() < 0.05:
        central = {"mode": 0o120777 << 16}
    extra = chance.choice((b"", b"", b"", b"\1\0\x08\0" + b"\xff" * 8, b"\1\0\xff\xff", chance.randbytes(9)))
    return Member(_name(chance), content, chance.choice(METHODS), local, central, extra)


def _content(chance: Random, contents: Sequence[bytes]) -> bytes:
    """A recording, a document, or an archive in the archive."""
    content = chance.choice((*contents, *contents, *DOCUMENTS))
    if chance.random() < 0.15:
        return zip_of([Member(_name(chance), content)], {})
    if chance.random() < 0.15:
        return gzipped(content)
    return content


def _name(chance: Random) -> bytes:
    return chance.choice(NAMES[:2] if chance.random() < 0.5 else NAMES).encode("utf-8", "surrogatepass")


def _lie(chance: Random) -> int:
    return chance.choice((*LIES, chance.randrange(2**16), chance.randrange(500)))


def dear_zip(chance: Random, contents: Sequence[bytes]) -> bytes:
    """A bomb, an overlapping one, one nested too deep, one of very many members."""
    kind = chance.randrange(5)
    if kind == 0:
        return bomb_zip(chance.choice((2**20, 2**23, 2**26 + 2**20)))
    if kind == 1:
        return overlapping(chance.choice(contents), chance.choice((50, 1_000)))
    if kind == 2:
        return _nested(chance.choice(contents), chance.choice((2, 3, 30)))
    if kind == 3:
        return zip_of([Member(b"%d.fit" % n, b"") for n in range(chance.choice((100, 2_500)))], {})
    claimed = chance.choice((2**16, 2**28, 2**32 - 1))
    packed = lzma_packed(chance.choice(contents), dictionary_bytes=claimed)
    told = {"method": LZMA, "packed": len(packed)}
    return zip_of([Member(b"run.fit", packed, STORED, told, told)], {})


def bomb_zip(size_bytes: int) -> bytes:
    packed = bomb(size_bytes)
    told = {"method": DEFLATED, "unpacked": size_bytes}
    return zip_of([Member(b"%d.tcx" % n, packed, STORED, told, told) for n in range(2)], {})


def overlapping(content: bytes, times: int) -> bytes:
    """All entries of the directory point at one and the same member."""
    one = zip_of([Member(b"run.fit", content)], {})
    begin = one.rindex(b"PK\1\2")
    entry = one[begin : one.rindex(b"PK\5\6")]
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, times, times, len(entry) * times, begin, 0)
    return one[:begin] + entry * times + tail


def _nested(content: bytes, depth: int) -> bytes:
    for _ in range(depth):
        content = zip_of([Member(b"inner.zip", content)], {})
    return content


def gzipped(content: bytes) -> bytes:
    squeeze = zlib.compressobj(1, wbits=31)
    return squeeze.compress(content) + squeeze.flush()


def odd_gzip(chance: Random, contents: Sequence[bytes]) -> bytes:
    """Header fields, several members, a trailer that lies, rubbish behind it."""
    raw = gzipped(chance.choice((*contents, *DOCUMENTS)))
    kind = chance.randrange(8)
    if kind == 0:
        named = (
            b"\x1f\x8b\x08\x08"
            + raw[4:10]
            + chance.choice((b"run.fit\0", b"no end", b"\xff" * 70_000 + b"\0"))
        )
        return named + raw[10:]
    if kind == 1:
        return raw[:3] + bytes([chance.randrange(256)]) + raw[4:]
    if kind == 2:
        return raw[:-8] + chance.randbytes(8)
    if kind == 3:
        return raw + chance.choice((b"\0" * 20, b"rubbish", raw, gzipped(b""), raw[:-4]))
    if kind == 4:
        return gzipped(raw) if chance.random() < 0.7 else gzipped(gzipped(gzipped(raw)))
    if kind == 5:
        return raw[: chance.randrange(len(raw) + 1)]
    if kind == 6 and chance.random() < 0.02:
        return gzipped(b"") * 3_000 + raw
    if kind == 6 and chance.random() < 0.02:
        return gzip_bomb(chance.choice((2**22, 2**26 + 2**20)))
    return raw


def gzip_bomb(size_bytes: int) -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\3" + bomb(size_bytes) + struct.pack("<II", 0, size_bytes)


TAR_FIELDS = {"name": (0, 100), "mode": (100, 8), "uid": (108, 8), "size": (124, 12), "time": (136, 12)}
TAR_FIELDS |= {"sum": (148, 8), "type": (156, 1), "link": (157, 100), "magic": (257, 8), "prefix": (345, 155)}
TAR_LIES = (
    b"\0",
    b"\xff" * 12,
    b"\x80" + b"\0" * 10 + b"\5",
    b"77777777777\0",
    b"-1\0",
    b"99999999\0",
    b" ",
    b"..",
)
TAR_TYPES = (
    *(b"0",) * 6,
    b"\0",
    b"1",
    b"2",
    b"3",
    b"5",
    b"6",
    b"7",
    b"L",
    b"K",
    b"x",
    b"g",
    b"S",
    b"N",
    b"Z",
)
PAX = (
    *(
        b"path=../../x.fit",
        b"size=99999999999",
        b"size=-1",
        b"size=nan",
        b"mtime=inf",
        b"path=\xff\xfe",
        b"hdrcharset=x",
    ),
    *(
        b"GNU.sparse.major=1",
        b"GNU.sparse.map=0,1,2",
        b"GNU.sparse.size=999999999999",
        b"path=" + b"p" * 5000,
        b"=",
    ),
)


def tarred(chance: Random, contents: Sequence[bytes]) -> bytes:
    parts = [_tar_member(chance, contents) for _ in range(chance.choice((0, 1, 2, 5)))]
    raw = b"".join(parts) + b"\0" * chance.choice((0, 512, 1024, 10_240))
    return gzipped(raw) if chance.random() < 0.3 else raw


def _tar_member(chance: Random, contents: Sequence[bytes]) -> bytes:
    kind = chance.choice(TAR_TYPES)
    content = _content(chance, contents)
    if kind in (b"x", b"g"):
        content = b"".join(_pax(chance) for _ in range(chance.choice((1, 2, 5))))
    if kind in (b"L", b"K"):
        content = _name(chance) + b"\0"
    lies = {chance.choice(list(TAR_FIELDS)): chance.choice(TAR_LIES)} if chance.random() < 0.25 else {}
    return tar_member(_name(chance), content, kind, lies)


def _pax(chance: Random) -> bytes:
    said = chance.choice(PAX)
    size = chance.choice((len(said) + 4, len(said) + 5, 0, -1, 10**9, len(said)))
    return b"%d %s\n" % (size, said)


def tar_member(name: bytes, content: bytes, kind: bytes, lies: dict[str, bytes]) -> bytes:
    header = bytearray(512)
    told = {"name": name, "mode": b"0000644\0", "uid": b"0000000\0", "size": b"%011o\0" % len(content)}
    told |= {"time": b"00000000000\0", "type": kind, "magic": b"ustar\00000", "sum": b" " * 8} | lies
    for key, value in told.items():
        place, size = TAR_FIELDS[key]
        header[place : place + size] = value[:size].ljust(size, b"\0")
    if "sum" not in lies:
        header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + content + b"\0" * (-len(content) % 512)
