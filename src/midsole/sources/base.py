"""The port of the sources: what is new, and its bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class File:
    """A file that is ready; `path` is its name at the source, size and mtime tell whether it is known."""

    path: str
    size: int
    mtime_ns: int


type Cursor = Mapping[str, tuple[int, int]]
"""What was taken in before: path -> (size, mtime_ns)."""


class Source(Protocol):
    """`find` yields what is new against the cursor and raises Retry while the place can't be reached."""

    def find(self, cursor: Cursor) -> Iterator[File]: ...

    def fetch(self, found: File) -> bytes: ...
