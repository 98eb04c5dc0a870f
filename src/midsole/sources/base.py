"""The port of the sources: what is new, and its bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import BinaryIO, Protocol

from midsole.domain.errors import Retry, Unreachable


@dataclass(frozen=True, slots=True)
class File:
    """A file that is ready; `path` is its name at the source, size and mtime tell whether it is known.

    A path may hold bytes that are no text; the ledger, the log and mails take `printable(path)`."""

    path: str
    size: int = 0
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class Details:
    """What an account tells of an activity, as its JSON came: its line of the list, or all about it.

    `listed` is None where only the rest was read; `has_file` is False for what was entered by hand there;
    `owner` is the account's own number of whose it is."""

    external_id: str
    listed: str | None = None
    detail: str | None = None
    has_file: bool = True
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The account knows this activity no more."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Gear:
    """A pair as the account knows it; `told` is its JSON as it came.

    `external_id` is its uuid without dashes. `total_m` and `runs` are None where they are not known now.
    `unsure`: fields that could not be read this time, so that what was told of them before holds."""

    external_id: str
    name: str
    told: str
    brand: str | None = None
    model: str | None = None
    limit_m: float | None = None
    first_used_on: date | None = None
    retired_on: date | None = None
    total_m: float | None = None
    runs: int | None = None
    unsure: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GearList:
    """Every pair that the account has now, in one word: those missing were deleted there.

    Not `whole`: some of it could not be read, and any pair may be among that."""

    pairs: tuple[Gear, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class GearUse:
    """The activities of one pair, and the metres that it counts for each, None where that can't be read.

    Not `whole`: there are more. Not `sound`: some of it could not be read, and is asked for again."""

    gear_id: str
    metres: Mapping[str, float | None]
    whole: bool = True
    sound: bool = True


@dataclass(frozen=True, slots=True)
class ActivityGear:
    """The pairs of one activity, all of them; only shoes."""

    external_id: str
    gear_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """All steps of one day."""

    day: date
    steps: int


type Found = File | Details | Gone | GearList | GearUse | ActivityGear | Steps


@dataclass(frozen=True, slots=True)
class Known:
    """An activity that was listed before: the digest of its line, the day it began on (UTC), whose it is."""

    digest: str
    day: date | None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is known already, and what this look shall read beside what is new.

    A folder looks at `seen` only (printable path -> size, mtime_ns), an account at the rest. `since`: read
    the list back to that day, tell what is gone and read the gear of every pair in use; None: what is newest.
    Of `pairs` (id -> total and runs when its activities were last read) only the changed ones are read."""

    seen: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    activities: bool = True
    """False: another connection of this runner lists the activities."""
    listed: Mapping[str, Known] = field(default_factory=dict)
    since: date | None = None
    today: date | None = None
    owner: str | None = None
    """Whose account it is, by the account's own number, where that was told before."""
    go_on_at: int = 0
    """A first look broke off after so many lines of the list: after the newest page it goes on there."""
    originals: tuple[str, ...] = ()
    """Ids whose original is still wanted, newest first."""
    details: tuple[str, ...] = ()
    """Ids about which all is to be read (again)."""
    details_from: date | None = None
    """Of what is new, only runs from that day on are asked all about."""
    gear: bool = False
    pairs: Mapping[str, tuple[float | None, int | None]] = field(default_factory=dict)
    worn: tuple[str, ...] = ()
    """Ids whose pairs are not known yet."""
    steps_from: date | None = None


class Partly(Retry):
    """Something could not be read, while the rest was; the originals of activities can be had.

    `listed`: the list of activities was read to its end, so that no run is missing."""

    def __init__(self, why: str, after: timedelta | None = None, *, listed: bool = True) -> None:
        super().__init__(why, after)
        self.listed = listed


class TakenOver(Unreachable):
    """The account is another worker's by now, or nobody's: how it stands is not ours to say."""


class Account(Protocol):
    """What an account's source needs of its owner: its secret, which only one at a time may use."""

    @property
    def secret(self) -> str: ...

    def save(self, secret: str) -> None:
        """Keep the new secret; it is committed when this returns."""

    def hold(self) -> None:
        """Raise TakenOver where it is not ours any more; called before each request."""

    @property
    def notes(self) -> Mapping[str, object]: ...

    def note(self, **said: object) -> None:
        """Remember what saves a request next time."""


class Source(Protocol):
    """`find` yields what is new against the cursor and raises Retry while the place can't be reached.

    `fetch` opens a file to be read and sought in, by whoever closes it: an account's export may have
    gigabytes, and is read where it lies. What comes over a network is a BytesIO. Retry: this one can't be had
    now; Unreachable: nor can any other. NotAnActivity: there is none, and never will be."""

    def find(self, cursor: Cursor) -> Iterator[Found]: ...

    def fetch(self, found: File) -> BinaryIO: ...


def printable(path: str) -> str:
    r"""The path as text that can be stored and shown: bytes that are no text become \xNN."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
