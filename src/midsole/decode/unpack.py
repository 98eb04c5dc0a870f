"""Takes off what recordings are wrapped in: gzip around one, zip and tar around many."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO

from midsole.decode.formats import decoder_of, names_activity, names_list, sounds_wanted
from midsole.decode.inflate import PIECE_BYTES, Gunzipped, Reader, gunzip_head, is_gzip
from midsole.decode.members import Member
from midsole.decode.tars import is_tar, tar_members
from midsole.decode.zips import MOST_MEMBERS, has_zip_within, is_zip, zip_members
from midsole.domain.errors import BadInput

HEAD_BYTES = 4096
"""How much of a file its kind is told from."""
LARGEST_MEMBER_BYTES = 64 * 2**20
LARGEST_TOTAL_BYTES = 16 * 2**30
DEEPEST = 2
"""An archive in an archive, as Garmin's account export has them; no deeper."""
LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One file out of an archive: where it stood ("export.zip/activities/1.fit.gz"), and what it holds or why
    that can't be read. The name is a label to show: printable, relative, and never used as a path.
    """

    name: str
    content: bytes | BadInput


class _TooMuch(BadInput):
    """The whole archive is more than its limits allow, so nothing more of it is read."""


class _Budget:
    """How much may still be unpacked from one file, whatever is nested in it."""

    def __init__(self) -> None:
        self.bytes_left = LARGEST_TOTAL_BYTES
        self.members_left = MOST_MEMBERS

    def spend(self, size_bytes: int) -> None:
        self.bytes_left -= size_bytes
        if self.bytes_left < 0:
            raise _TooMuch(f"The archive unpacks to more than {LARGEST_TOTAL_BYTES / 2**30:g} GB. Split it.")

    def count(self) -> None:
        self.members_left -= 1
        if self.members_left < 0:
            raise _TooMuch(f"The archive holds more than {MOST_MEMBERS:,} members. Split it.")


def is_container(head: bytes) -> bool:
    """Tell by a file's first HEAD_BYTES whether it holds other files: a zip or a tar, also inside a gzip."""
    inside = gunzip_head(head, HEAD_BYTES) if is_gzip(head) else head
    if is_zip(inside) or is_tar(inside):
        return True
    return has_zip_within(inside) and decoder_of(inside) is None


def entries(stream: BinaryIO, name: str) -> Iterator[Entry]:
    """Yield the files worth keeping in an archive called `name`, one at a time, from an open seekable file.

    Kept are activities (by content, or by the ending of their name when the content is damaged), also inside
    a gzip, and an export's lists; photos and the like are passed over. What can't be read is yielded with the
    reason and never stops the rest; damage to the archive itself comes last, under the archive's own name.
    Raises nothing but what the stream raises.
    """
    yield from _entries(stream, label_of(name), _Budget(), depth=1)


def gunzip(raw: bytes) -> bytes:
    """Return what is inside; of a file cut off what can be read, so that its decoder may salvage it."""
    packed = Gunzipped(BytesIO(raw))
    unpacked = _collected(packed, b"", "The gzip file")
    if packed.damage and not unpacked:
        raise BadInput(f"The gzip file {packed.damage}.")
    return unpacked


def label_of(name: str) -> str:
    """Return a name that is safe to show: no way out of its folder, no drive, nothing unprintable."""
    printable = "".join(char if char.isprintable() else "?" for char in name.replace("\\", "/"))
    parts = re.sub(r"^[A-Za-z]:", "", printable).split("/")
    label = "/".join(part for part in parts if part.strip(" .") != "")
    return label[-LONGEST_LABEL:] or "unnamed"


def _entries(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Entry]:
    seen = Counter[str]()
    try:
        for member in _members(stream):
            budget.count()
            label = label_of(member.name)
            if not _is_litter(label):
                yield from _kept(member, f"{name}/{_told_apart(label, seen)}", budget, depth)
    except BadInput as error:
        yield Entry(name, error)


def _members(stream: BinaryIO) -> Iterator[Member]:
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if is_gzip(head):
        yield from _members_of_gzip(Gunzipped(stream), is_tar(gunzip_head(head, HEAD_BYTES)))
    elif is_tar(head):
        yield from tar_members(stream)
    else:
        yield from zip_members(stream)


def _members_of_gzip(packed: Gunzipped, holds_tar: bool) -> Iterator[Member]:
    if not holds_tar:
        yield Member("inside.zip", packed)
        return
    yield from tar_members(packed)
    if packed.damage:
        raise BadInput(f"The archive {packed.damage}: what came before was read.")


def _kept(member: Member, label: str, budget: _Budget, depth: int) -> Iterator[Entry]:
    try:
        if isinstance(member.content, BadInput):
            raise member.content
        head = _head(member.content)
        if is_container(head):
            yield from _nested(head, member.content, label, budget, depth + 1)
        elif is_wanted(head, label):
            content = _collected(member.content, head, "It")
            budget.spend(len(content))
            yield Entry(label, content)
    except _TooMuch:
        raise
    except BadInput as error:
        if sounds_wanted(label):
            yield Entry(label, error)


def is_wanted(head: bytes, label: str) -> bool:
    """Whether a file that begins so, or is called so, is an activity or an export's list."""
    inside = gunzip_head(head, HEAD_BYTES) if is_gzip(head) else head
    return decoder_of(inside) is not None or names_activity(label) or names_list(label)


def _nested(head: bytes, content: Reader, label: str, budget: _Budget, depth: int) -> Iterator[Entry]:
    """Unpack an archive in an archive to a temporary file: its list of contents stands at its end."""
    if depth > DEEPEST:
        raise BadInput("Archives are nested more than twice. Unpack the file first.")
    damage: BadInput | None = None
    with TemporaryFile() as unpacked:
        piece = head
        while piece:
            budget.spend(len(piece))
            unpacked.write(piece)
            try:
                piece = content.read(PIECE_BYTES)
            except BadInput as error:
                damage, piece = error, b""
        for entry in _entries(unpacked, label, budget, depth):
            if damage is None or entry.name != label:
                yield entry
    if damage is not None:
        raise damage


def _head(content: Reader) -> bytes:
    head = b""
    while len(head) < HEAD_BYTES and (piece := content.read(HEAD_BYTES - len(head))):
        head += piece
    return head


def _collected(content: Reader, head: bytes, what: str) -> bytes:
    unpacked = BytesIO()
    size_bytes = unpacked.write(head)
    while piece := content.read(PIECE_BYTES):
        size_bytes += unpacked.write(piece)
        if size_bytes > LARGEST_MEMBER_BYTES:
            raise BadInput(f"{what} unpacks to more than 64 MB: no recording is that large.")
    return unpacked.getvalue()


def _is_litter(label: str) -> bool:
    parts = label.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._")


def _told_apart(label: str, seen: Counter[str]) -> str:
    """Number names that come again: an archive may hold two files under one."""
    seen[label] += 1
    return label if seen[label] == 1 else f"{label} ({seen[label]})"
