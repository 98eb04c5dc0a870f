"""What a container promises: what can be read is yielded, what can't is named, and no trap springs."""

import gzip
import io
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from midsole.decode import unpack, zips
from midsole.decode.unpack import HEAD_BYTES, entries, is_container, label_of
from midsole.domain.errors import BadInput

GPX = b'<?xml version="1.0"?><gpx creator="Test app"><trk><trkseg></trkseg></trk></gpx>' + b" " * 500
TCX = b"<TrainingCenterDatabase><Activities></Activities></TrainingCenterDatabase>"
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20

Members = Iterable[tuple[str, bytes]]


def zipped(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return box.getvalue()


class Pipe(io.BytesIO):
    """Can't be rewound, so that zipfile writes sizes after the data, as web services do."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError


def streamed(members: Members) -> bytes:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return pipe.getvalue()


def tarred(members: Members, mode: str = "w", kind: int = tarfile.PAX_FORMAT) -> bytes:
    box = io.BytesIO()
    with tarfile.open(fileobj=box, mode=mode, format=kind) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return box.getvalue()


def found(raw: bytes) -> dict[str, bytes | str]:
    """What is in it by name; where that can't be read, the reason."""
    every = list(entries(io.BytesIO(raw), "x.zip"))
    told = {
        entry.name: str(entry.content) if isinstance(entry.content, BadInput) else entry.content
        for entry in every
    }
    assert len(told) == len(every), "no name comes twice"
    return told


PAIR = [("a.gpx", GPX), ("b.tcx", TCX)]
BOTH = {"x.zip/a.gpx": GPX, "x.zip/b.tcx": TCX}
ARCHIVES = {
    "zip": zipped(PAIR),
    "stored zip": zipped(PAIR, zipfile.ZIP_STORED),
    "streamed zip": streamed(PAIR),
    "tar": tarred(PAIR),
    "gnu tar": tarred(PAIR, kind=tarfile.GNU_FORMAT),
    "old tar": tarred(PAIR, kind=tarfile.USTAR_FORMAT),
    "tar.gz": tarred(PAIR, "w:gz"),
}
every_archive = pytest.mark.parametrize("kind", ARCHIVES)


@every_archive
def test_an_archive_gives_its_members_as_they_were(kind: str) -> None:
    assert is_container(ARCHIVES[kind][:HEAD_BYTES])
    assert found(ARCHIVES[kind]) == BOTH


def test_a_zip_in_a_gzip_is_an_archive() -> None:
    raw = gzip.compress(zipped(PAIR))
    assert is_container(raw[:HEAD_BYTES])
    assert list(found(raw).values()) == [GPX, TCX]


@pytest.mark.parametrize("raw", [b"", b"PK", b"\x1f\x8b\x08", GPX, gzip.compress(TCX, mtime=0), bytes(512)])
def test_what_holds_no_other_files_is_no_container(raw: bytes) -> None:
    assert not is_container(raw)


def test_a_single_gzip_stays_on() -> None:
    packed = gzip.compress(GPX)
    assert found(zipped([("activities/1.gpx.gz", packed)])) == {"x.zip/activities/1.gpx.gz": packed}


def test_only_what_midsole_reads_is_yielded() -> None:
    litter = [
        ("__MACOSX/._a.gpx", GPX),
        ("._b.gpx", GPX),
        ("folder/", b""),
        ("media/1.jpg", PHOTO),
        ("x.csv", b"1"),
    ]
    wanted = [("run without ending", GPX), ("shoes.csv", b"Shoe Name"), ("a/1_gear.json", b"{}")]
    assert list(found(zipped([*litter, *wanted]))) == [f"x.zip/{name}" for name, _ in wanted]


def test_an_activity_that_can_not_be_known_by_its_head_is_told_by_its_name() -> None:
    assert found(zipped([("a.FIT", b"rubbish"), ("b.bin", b"rubbish")])) == {"x.zip/a.FIT": b"rubbish"}


def test_archives_nest_once() -> None:
    inner = zipped(PAIR)
    once = zipped([("UploadedFiles_1.zip", inner)])
    assert list(found(once)) == ["x.zip/UploadedFiles_1.zip/a.gpx", "x.zip/UploadedFiles_1.zip/b.tcx"]
    twice = found(zipped([("outer.zip", once), ("c.gpx", GPX)]))
    assert "nested" in twice["x.zip/outer.zip/UploadedFiles_1.zip"]
    assert twice["x.zip/c.gpx"] == GPX


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd.gpx", "etc/passwd.gpx"),
        ("/root/a.gpx", "root/a.gpx"),
        ("C:\\runs\\a.gpx", "runs/a.gpx"),
        ("..\\a.gpx", "a.gpx"),
        ("a\0\x1b[31m\n.gpx", "a??[31m?.gpx"),
        ("\u202egpx.a", "?gpx.a"),
        ("läufe/ü b,c.gpx", "läufe/ü b,c.gpx"),
        ("./././", "unnamed"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_are_labels_without_tricks(name: str, label: str) -> None:
    assert label_of(name) == label


def test_two_members_of_one_name_are_both_read() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        raw = zipped([("a.gpx", GPX), ("a.gpx", GPX + b" ")])
    assert found(raw) == {"x.zip/a.gpx": GPX, "x.zip/a.gpx (2)": GPX + b" "}


def test_names_in_utf_8_without_the_flag_are_read() -> None:
    raw = zipped([("lauf_xx.gpx", GPX)]).replace(b"lauf_xx.gpx", "läufe_.gpx".encode())
    assert list(found(raw)) == ["x.zip/läufe_.gpx"]


# Damage


def test_bytes_before_and_after_a_zip_are_passed_over() -> None:
    raw = b"#!/bin/sh\n" * 20 + zipped(PAIR) + b"\r\n"
    assert is_container(raw[:HEAD_BYTES])
    assert found(raw) == BOTH


def test_a_comment_that_looks_like_the_end_is_no_silent_loss() -> None:
    box = io.BytesIO(zipped(PAIR))
    with zipfile.ZipFile(box, "a") as archive:
        archive.comment = b"PK\x05\x06" + bytes(18) + b"the end"
    assert "damaged" in found(box.getvalue())["x.zip"]


def test_one_wrong_checksum_costs_one_member() -> None:
    raw = bytearray(zipped([("a.gpx", GPX), ("b.tcx", TCX), ("c.gpx", GPX)], zipfile.ZIP_STORED))
    raw[raw.index(TCX) + 30] ^= 1
    told = found(bytes(raw))
    assert (told["x.zip/a.gpx"], told["x.zip/c.gpx"]) == (GPX, GPX)
    assert told["x.zip/b.tcx"] == "It is damaged or cut off."


def test_a_locked_member_is_named_with_the_way_out() -> None:
    raw = bytearray(zipped(PAIR))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    told = found(bytes(raw))
    assert "password" in told["x.zip/a.gpx"]
    assert told["x.zip/b.tcx"] == TCX


def test_a_method_that_is_not_read_is_named() -> None:
    told = found(zipped(PAIR, zipfile.ZIP_LZMA))
    assert "method (number 14)" in told["x.zip/a.gpx"]


NOISE = b"".join(zlib.crc32(bytes((n % 256, n // 256))).to_bytes(4, "big") for n in range(8000))
LONG = GPX + NOISE


@pytest.mark.parametrize("pack", [zipped, streamed])
def test_a_zip_cut_off_says_so_and_what_to_do(pack: "type[bytes]") -> None:
    raw = pack([("a.gpx", GPX), ("b.gpx", LONG)])
    assert found(raw[: len(raw) * 3 // 5]) == {
        "x.zip": "The zip is cut off or damaged, so nothing in it was read: download it again."
    }


@pytest.mark.parametrize("pack", [tarred, lambda members: gzip.compress(tarred(members))])
def test_of_a_tar_cut_off_what_came_before_is_read(pack: "type[bytes]") -> None:
    raw = pack([("a.gpx", GPX), ("b.gpx", LONG), ("c.gpx", LONG)])
    told = found(raw[: len(raw) * 3 // 5 + 2000])
    assert (told["x.zip/a.gpx"], told["x.zip/b.gpx"]) == (GPX, LONG)
    assert isinstance(told["x.zip/c.gpx"], str)
    assert "what came before was read" in told["x.zip"]


@pytest.mark.parametrize("sign", [b"PK\x01\x02", b"PK\x05\x06"])
def test_a_zip_whose_list_of_contents_is_broken_is_not_read(sign: bytes) -> None:
    raw = bytearray(zipped(PAIR))
    raw[raw.rindex(sign)] = 0
    assert list(found(bytes(raw))) == ["x.zip"]


def test_a_member_that_lies_nowhere_is_named(tmp_path: Path) -> None:
    """Files refuse to seek so far, buffers do not."""
    raw = bytearray(zipped([*PAIR, ("c.gpx", GPX)]))
    entry = raw.rindex(b"PK\x01\x02")
    raw[entry + 42 : entry + 46] = b"\xff\xff\xff\x7f"
    (tmp_path / "x.zip").write_bytes(raw)
    with (tmp_path / "x.zip").open("rb") as stream:
        *good, bad = entries(stream, "x.zip")
    assert {entry.name: entry.content for entry in good} == BOTH
    assert isinstance(bad.content, BadInput)


def test_a_broken_header_in_a_tar_is_not_taken_for_its_end() -> None:
    raw = bytearray(tarred(PAIR))
    raw[raw.index(b"b.tcx")] ^= 1
    told = found(bytes(raw))
    assert told["x.zip/a.gpx"] == GPX
    assert "damaged" in told["x.zip"]


@every_archive
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.floats(0, 0.999), noise=st.binary(min_size=1, max_size=40), cut=st.booleans())
def test_damage_anywhere_raises_nothing(kind: str, place: float, noise: bytes, cut: bool) -> None:
    raw = ARCHIVES[kind]
    start = int(len(raw) * place)
    damaged = raw[:start] + noise + (b"" if cut else raw[start + len(noise) :])
    for entry in entries(io.BytesIO(damaged), "x.zip"):
        assert entry.name.isprintable()
        assert str(entry.content)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08", b""]), st.binary(max_size=600))
def test_random_bytes_raise_nothing(head: bytes, noise: bytes) -> None:
    is_container(head + noise)
    assert len(list(entries(io.BytesIO(head + noise), ""))) <= 3


# Traps


def test_a_member_made_to_swell_is_refused_alone() -> None:
    told = found(zipped([("a.gpx", GPX + bytes(4 * 2**20)), ("b.tcx", TCX)]))
    assert "200 times" in told["x.zip/a.gpx"]
    assert told["x.zip/b.tcx"] == TCX


def test_an_archive_in_an_archive_made_to_swell_is_refused() -> None:
    inner = zipped([(f"{number}.gpx", bytes(50_000)) for number in range(200)], zipfile.ZIP_STORED)
    told = found(zipped([("inner.zip", inner), ("b.tcx", TCX)]))
    assert "200 times" in told["x.zip/inner.zip"]
    assert told["x.zip/b.tcx"] == TCX


def test_a_tar_gz_made_to_swell_is_refused() -> None:
    told = found(tarred([("a.gpx", GPX), ("b.bin", bytes(8 * 2**20))], "w:gz"))
    assert told["x.zip/a.gpx"] == GPX
    assert "200 times" in told["x.zip"]


def test_members_that_overlap_are_refused() -> None:
    """Fifield's bomb (2019): many names for the same packed bytes."""
    raw = zipped([("a.gpx", LONG)], zipfile.ZIP_STORED)
    start = raw.index(b"PK\x01\x02")
    directory, end = raw[start : raw.index(b"PK\x05\x06")], raw[raw.index(b"PK\x05\x06") :]
    names = b"".join(directory.replace(b"a.gpx", b"%05d" % number) for number in range(50))
    told = found(raw[:start] + names + end[:12] + struct.pack("<II", len(names), start) + end[20:])
    assert "overlap" in told["x.zip"]
    assert len(told) <= 3


def test_a_member_over_the_cap_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "LARGEST_MEMBER_BYTES", 10_000)
    told = found(zipped([("a.gpx", LONG), ("b.tcx", TCX)]))
    assert "64 MB" in told["x.zip/a.gpx"]
    assert told["x.zip/b.tcx"] == TCX


def test_too_many_members_end_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "MOST_MEMBERS", 2)
    told = found(zipped([(f"{number}.gpx", GPX) for number in range(4)]))
    assert list(told) == ["x.zip/0.gpx", "x.zip/1.gpx", "x.zip"]
    assert "more than 2 members" in told["x.zip"]


def test_more_than_the_total_ends_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "LARGEST_TOTAL_BYTES", len(GPX) + 10)
    told = found(zipped([("a.gpx", GPX), ("b.gpx", GPX), ("c.gpx", GPX)]))
    assert list(told) == ["x.zip/a.gpx", "x.zip"]
    assert "Split it" in told["x.zip"]


def test_a_list_of_contents_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "LARGEST_DIRECTORY_BYTES", 50)
    assert "list of contents is larger" in found(zipped(PAIR))["x.zip"]


def test_a_thousand_false_ends_take_no_time() -> None:
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, 4_000_000, 0, 0)
    raw = b"PK\x03\x04" + bytes(8_000_000) + end * 2900
    began_s = process_time()
    assert "cut off" in found(raw)["x.zip"]
    assert process_time() - began_s < 1


def test_more_members_than_the_limit_are_refused_before_they_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zips, "MOST_MEMBERS", 2)
    assert "more than 2 members" in found(zipped([(f"{number}.gpx", GPX) for number in range(3)]))["x.zip"]


def tar_block(kind: bytes, size: bytes, content: bytes = b"", name: bytes = b"a.gpx") -> bytes:
    """One member by hand, for its header may lie."""
    block = bytearray(name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size.ljust(12, b"\0"))
    block += b"00000000000\0" + b" " * 8 + kind + bytes(100) + b"ustar\00000" + bytes(247)
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + content + bytes(-len(content) % 512)


def pax_block(*lines: bytes) -> bytes:
    content = b"".join(b"%d %s\n" % (len(line) + 4, line) for line in lines)
    return tar_block(b"x", b"%o" % len(content), content)


SPARSE = pax_block(b"GNU.sparse.major=1", b"GNU.sparse.minor=0")
TAR_TRAPS = {
    "a thousand long names": tar_block(b"L", b"0") * 1000,
    "a name of gigabytes": tar_block(b"L", b"77777777777"),
    "a name of less than nothing": tar_block(b"L", b"\xff" * 11 + b"\0"),
    "a member of exabytes": tar_block(b"0", b"\x80\0\0\0\x7f" + b"\xff" * 7),
    "a member of less than nothing": tar_block(b"0", b"\xff" * 10 + b"\0\0"),
    "a size that turns back": pax_block(b"size=-9999") + tar_block(b"0", b"0"),
    "a map of holes without end": SPARSE + tar_block(b"0", b"%o" % 10**6, b"9999999\n" + b"0\n" * 499_996),
    "a map of holes of one number": SPARSE + tar_block(b"0", b"%o" % 6000, b"9" * 5999 + b"\n"),
}


@pytest.mark.parametrize("trap", TAR_TRAPS)
def test_a_trap_in_a_tar_costs_no_time_and_only_what_follows(trap: str) -> None:
    began_s = process_time()
    told = found(tarred([("first.gpx", GPX)])[:1536] + TAR_TRAPS[trap] + bytes(1024))
    assert told["x.zip/first.gpx"] == GPX
    assert isinstance(told["x.zip"], str)
    assert process_time() - began_s < 1


def test_a_member_with_a_map_of_holes_is_named_and_not_searched() -> None:
    holes = pax_block(b"GNU.sparse.map=5,1,2,3", b"GNU.sparse.size=99999") + tar_block(b"0", b"0")
    told = found(holes + tarred(PAIR))
    assert "holes" in told.pop("x.zip/a.gpx")
    assert list(told) == ["x.zip/a.gpx (2)", "x.zip/b.tcx"]


def test_links_and_devices_in_archives_are_passed_over() -> None:
    box = io.BytesIO()
    with tarfile.open(fileobj=box, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            link = tarfile.TarInfo(f"{kind.decode()}.gpx")
            link.type, link.linkname = kind, "/etc/passwd"
            archive.addfile(link)
    info = zipfile.ZipInfo("a.gpx")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    zipped_link = io.BytesIO()
    with zipfile.ZipFile(zipped_link, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert found(box.getvalue()) == found(zipped_link.getvalue()) == {}


def test_long_names_in_tars_are_read_whole() -> None:
    name = "/".join(["a folder"] * 15) + "/run.gpx"
    for kind in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        assert list(found(tarred([(name, GPX)], kind=kind))) == [f"x.zip/{name}"]


def test_sizes_in_64_bits_are_read() -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive, archive.open("a.gpx", "w", force_zip64=True) as member:
        member.write(GPX)
    assert found(box.getvalue()) == {"x.zip/a.gpx": GPX}


def test_more_members_than_16_bits_count_are_read() -> None:
    """The list names one empty member 66,000 times, which is written in no time."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("0", b"")
        archive.filelist *= 66_000
        for name, content in PAIR:
            archive.writestr(name, content)
    assert found(box.getvalue()) == BOTH


def test_a_large_archive_takes_the_memory_of_one_member() -> None:
    raw = zipped([(f"{number}.gpx", GPX + NOISE * 40) for number in range(40)], zipfile.ZIP_STORED)
    stream = io.BytesIO(raw)
    tracemalloc.start()
    try:
        assert sum(1 for _ in entries(stream, "x.zip")) == 40
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()
