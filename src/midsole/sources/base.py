"""The port of the sources: what is new, and its bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class File:
    """A file that is ready; `path` is its name at the source, size and mtime tell whether it is known.

    A path may hold bytes that are no text; the ledger, the log and mails take `printable(path)`."""

    path: str
    size: int
    mtime_ns: int


type Cursor = Mapping[str, tuple[int, int]]
"""What was taken in before: printable path -> (size, mtime_ns)."""


class Source(Protocol):
    """`find` yields what is new against the cursor and raises Retry while the place can't be reached.

    `fetch` opens it to be read and sought in, by whoever closes it: an account's export may have gigabytes,
    and is read where it lies. What comes over a network is a BytesIO."""

    def find(self, cursor: Cursor) -> Iterator[File]: ...

    def fetch(self, found: File) -> BinaryIO: ...


def printable(path: str) -> str:
    r"""The path as text that can be stored and shown: bytes that are no text become \xNN."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
