"""Takes off what a recording is wrapped in: gzip, zip, and the slips of those who write XML."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from lzma import LZMAError
from math import isfinite
from typing import Protocol
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from midsole.domain.errors import BadInput

LARGEST_MEMBER_BYTES = 64 * 2**20
LARGEST_TOTAL_BYTES = 256 * 2**20
MOST_MEMBERS = 2000
HIGHEST_RATIO = 200
"""Track XML shrinks to a thirtieth at best; what shrinks to a two-hundredth was made to hurt."""
RATIO_MATTERS_BYTES = 2**20

ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    RuntimeError,
    NotImplementedError,
)
"""What zipfile raises on broken members; RuntimeError is a password, NotImplementedError a method."""

XML_ERRORS = (ParseError, DefusedXmlException, ValueError, LookupError)
"""What defusedxml raises: malformed, forbidden, and encodings that expat does not know."""


class Budget:
    """How much may still be unpacked from one raw file, whatever is nested in it."""

    def __init__(self) -> None:
        self.bytes_left = LARGEST_TOTAL_BYTES
        self.members_left = MOST_MEMBERS

    def spend(self, size_bytes: int) -> None:
        self.bytes_left -= size_bytes
        if self.bytes_left < 0:
            raise BadInput("The archive unpacks to more than 256 MB. Split it.")

    def count(self, members: int) -> None:
        self.members_left -= members
        if self.members_left < 0:
            raise BadInput(f"The archive holds more than {MOST_MEMBERS} members. Split it.")


def is_gzip(head: bytes) -> bool:
    return head.startswith(b"\x1f\x8b\x08")


def is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def gunzip(raw: bytes, budget: Budget) -> bytes:
    """Return what is inside; of a file cut off what can be read, so that its decoder may salvage it."""
    unpacked, rest = b"", raw
    while is_gzip(rest):
        inflate = zlib.decompressobj(wbits=31)
        try:
            unpacked += inflate.decompress(rest, LARGEST_MEMBER_BYTES + 1 - len(unpacked))
        except zlib.error as error:
            unpacked += _before_damage(rest, LARGEST_MEMBER_BYTES - len(unpacked))
            if not unpacked:
                raise BadInput(f"The gzip file can't be unpacked: {error}.") from None
            break
        _refuse_large(len(unpacked), "The gzip file")
        rest = inflate.unused_data
    _refuse_bomb(len(raw), len(unpacked))
    budget.spend(len(unpacked))
    return unpacked


def members(raw: bytes, budget: Budget) -> Iterator[tuple[str, bytes | BadInput]]:
    """Yield each file in a zip, or why it can't be read; skips what an operating system leaves there."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            infos = [info for info in archive.infolist() if not _is_litter(info)]
            budget.count(len(infos))
            for info in infos:
                yield info.filename, _read(archive, info, budget)
    except ZIP_ERRORS as error:
        raise BadInput(f"The zip archive is broken: {error}.") from None


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> bytes | BadInput:
    if info.flag_bits & 0x1:
        return BadInput(f"{info.filename} is locked with a password. Unpack it first.")
    try:
        with archive.open(info) as member:
            unpacked = member.read(LARGEST_MEMBER_BYTES + 1)
    except ZIP_ERRORS as error:
        return BadInput(f"{info.filename} can't be unpacked: {error}.")
    _refuse_large(len(unpacked), info.filename)
    _refuse_bomb(info.compress_size, len(unpacked))
    budget.spend(len(unpacked))
    return unpacked


def _is_litter(info: zipfile.ZipInfo) -> bool:
    folders = info.filename.split("/")
    return info.is_dir() or "__MACOSX" in folders or folders[-1].startswith("._")


def _refuse_large(size_bytes: int, what: str) -> None:
    if size_bytes > LARGEST_MEMBER_BYTES:
        raise BadInput(f"{what} unpacks to more than 64 MB: no recording is that large.")


def _refuse_bomb(packed_bytes: int, unpacked_bytes: int) -> None:
    if unpacked_bytes > RATIO_MATTERS_BYTES and unpacked_bytes > HIGHEST_RATIO * max(packed_bytes, 1):
        raise BadInput("The archive unpacks to more than 200 times its size: refused as a trap.")


def _before_damage(packed: bytes, most_bytes: int) -> bytes:
    """Inflate in small pieces up to the damage; a whole call would throw away what came before it."""
    inflate, unpacked = zlib.decompressobj(wbits=31), bytearray()
    try:
        for place in range(0, len(packed), 256):
            unpacked += inflate.decompress(packed[place : place + 256])
            if len(unpacked) > most_bytes:
                break
    except zlib.error:
        pass
    return bytes(unpacked)


class Handler(Protocol):
    """Hears the elements of one document in their order, by local name; `parents` are those still open."""

    def opened(self, name: str, element: Element) -> None: ...

    def closed(self, name: str, element: Element, parents: list[str], /) -> None: ...


def read_xml(raw: bytes, handler: Handler, leaves: frozenset[str]) -> ParseError | None:
    """Tell the handler what is in the document; return the damage where it broke off, after what came before.

    Elements named in `leaves` are dropped once heard, so a long track takes no memory twice. Entities are
    forbidden; blanks before the declaration and undeclared prefixes, which apps do write, are mended.
    """
    text = _mended(raw)
    open_elements: list[Element] = []
    names: list[str] = []
    try:
        for event, element in iterparse(BytesIO(text), events=("start", "end")):
            if event == "start":
                names.append(local_name(element.tag))
                open_elements.append(element)
                handler.opened(names[-1], element)
                continue
            name = names.pop()
            open_elements.pop()
            handler.closed(name, element, names)
            if name in leaves and open_elements:
                open_elements[-1].remove(element)
    except ParseError as error:
        return error
    except XML_ERRORS as error:
        raise BadInput(f"The XML is refused: {str(error) or type(error).__name__}.") from None
    return None


def local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def child_text(element: Element, *path: str) -> str | None:
    """Return the text below a path of local names: apps disagree on namespaces, not on names."""
    found: Element | None = element
    for name in path:
        if found is None:
            return None
        found = next((child for child in found if local_name(child.tag) == name), None)
    return found.text.strip() if found is not None and found.text else None


def child_number(element: Element, *path: str) -> float | None:
    return number(child_text(element, *path))


def number(text: str | None) -> float | None:
    """Return a finite number or None: NaN and infinity are written, too."""
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and isfinite(value) else None


def instant(text: str | None) -> datetime | None:
    """Return an ISO time in UTC; without a zone it is taken for UTC, as TCX and GPX ask."""
    try:
        moment = datetime.fromisoformat(text.strip()) if text else None
        if moment is None:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)([^>]*)")
PREFIX_USED = re.compile(rb"[<\s/]([A-Za-z_][\w.-]*):[A-Za-z_]")
PREFIX_DECLARED = re.compile(rb"xmlns:([A-Za-z_][\w.-]*)\s*=")


def _mended(raw: bytes) -> bytes:
    text = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    root = ROOT.search(text)
    if root is None:
        return text
    declared = {*PREFIX_DECLARED.findall(root[2]), b"xmlns", b"xml"}
    missing = sorted({*PREFIX_USED.findall(text)} - declared)
    if not missing:
        return text
    added = b"".join(b' xmlns:%s="urn:undeclared:%s"' % (prefix, prefix) for prefix in missing)
    return text[: root.end(1)] + added + text[root.end(1) :]
