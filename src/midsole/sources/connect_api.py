"""What both of Garmin's interfaces read alike: the list of activities, all about one, its original, steps."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Protocol

from midsole.domain.errors import MidsoleError, NotAnActivity, RateLimited, Retry, Unreachable
from midsole.observe.logs import log
from midsole.sources.answers import (
    ODD,
    Interrupted,
    NotFound,
    OddAnswer,
    as_text,
    day_of,
    digest_of,
    rows_of,
    sound_id,
)
from midsole.sources.base import Account, Cursor, Details, File, Found, Gone, Partly, Steps, TakenOver

PAUSE_S = 0.25
"""Between two requests."""
MOST_SUSPECTS = 20
"""So many missing activities are asked for in one look; a list that came short marks none as deleted."""
MISSES_IN_A_ROW = 3
MOST_BARREN_PAGES = 3
"""So many pages of lines that are all no activities: the server does not even look at where they begin."""
STEP_DAYS = 28
MOST_STEPS = 1_000_000
LIST = "a list of activities"


class Pace:
    """Before each request: still the owner, and not too fast."""

    def __init__(self, account: Account, sleep: Callable[[float], None]) -> None:
        self.account = account
        self.sleep = sleep
        self.asked_before = False

    def wait(self) -> None:
        if self.asked_before:
            self.sleep(PAUSE_S)
        self.account.hold()
        self.asked_before = True


class Calls(Protocol):
    """One method is one request.

    Raises NotFound, OddAnswer, Interrupted; Unreachable, RateLimited, NeedsRunner where the whole account
    is concerned; and the owner's own Retry where another worker has taken over."""

    page_size: int

    def page(self, start: int, since: date | None) -> object:
        """The list from `start` on, newest first, as JSON; `since` may spare the server what is older."""

    def detail(self, external_id: str) -> object: ...

    def original(self, external_id: str) -> bytes: ...

    def steps(self, first: date, last: date) -> object:
        """At most 28 days, both included."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list."""

    external_id: str
    text: str
    digest: str
    day: date | None
    kind: str
    has_file: bool
    owner: str | None

    @property
    def is_run(self) -> bool:
        return "run" in self.kind

    @property
    def on_foot(self) -> bool:
        return any(part in self.kind for part in ("run", "walk", "hik"))


@dataclass(slots=True)
class ReadNow:
    """What one look has read of the list: `activities` fills it, what is read after it looks into it."""

    seen: set[str] = field(default_factory=set)
    new: list[Item] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Misses:
    """Requests that were interrupted one after the other; one object for all of a look's downloads."""

    in_a_row: int = 0

    def count(self, error: Interrupted) -> None:
        """Raise Unreachable where it is no more the fault of a single one."""
        self.in_a_row += 1
        if self.in_a_row >= MISSES_IN_A_ROW:
            raise Unreachable(str(error), error.after) from error

    def over(self) -> None:
        self.in_a_row = 0


@dataclass(slots=True)
class Nonsense:
    """What was answered with nonsense first; the rest of the look is done before it is told."""

    first: MidsoleError | None = None
    listed: bool = True

    @contextmanager
    def passed_over(self, *, is_list: bool = False) -> Iterator[None]:
        try:
            yield
        except (OddAnswer, NotFound) as error:
            self.first = self.first or error
            self.listed = self.listed and not is_list

    def tell(self) -> None:
        if self.first is not None:
            raise Partly(str(self.first), listed=self.listed) from None


def activities(calls: Calls, cursor: Cursor, read: ReadNow, odd: Nonsense) -> Iterator[Found]:
    """The list, what is gone from it, all about the new runs, and their originals, in this order."""
    with odd.passed_over(is_list=True):
        for item in _items(calls, cursor, read):
            known = cursor.listed.get(item.external_id)
            if known is None:
                read.new.append(item)
            if known is None or known.digest != item.digest:
                yield Details(item.external_id, item.text, has_file=item.has_file, owner=item.owner)
        yield from _gone(calls, _suspects(cursor, read)[:MOST_SUSPECTS], read)
    yield from _details(calls, _ids_for_details(cursor, read))
    yield from (File(path_of(id_)) for id_ in _ids_for_files(cursor, read))


@contextmanager
def beside_activities(odd: Nonsense) -> Iterator[None]:
    """What fails in here leaves the activities that were read before, and their originals can be had."""
    try:
        yield
    except (RateLimited, TakenOver):
        raise
    except Retry as error:
        raise Partly(str(error), error.after, listed=odd.listed) from None


def steps(calls: Calls, cursor: Cursor) -> Iterator[Steps]:
    """The days from `steps_from` to `today`; a day without a number is left out."""
    if cursor.steps_from is None or cursor.today is None:
        return
    first = cursor.steps_from
    while first <= cursor.today:
        last = min(first + timedelta(days=STEP_DAYS - 1), cursor.today)
        try:
            yield from _steps_in(calls.steps(first, last), first, last)
        except (NotFound, OddAnswer) as error:
            log.warning("Steps from %s to %s were not read: %s", first, last, error)
        first = last + timedelta(days=1)


def fetch(calls: Calls, file: File, misses: Misses) -> BytesIO:
    """An original as it came: a zip in all cases known."""
    try:
        data = calls.original(id_of(file))
    except NotFound as error:
        misses.over()
        raise NotAnActivity("Garmin has no file of this activity.") from error
    except Interrupted as error:
        misses.count(error)
        raise Retry(str(error), error.after) from error
    misses.over()
    if not _is_a_file(data):
        raise OddAnswer(ODD.format("the file of an activity"))
    return BytesIO(data)


def path_of(external_id: str) -> str:
    return f"garmin/{external_id}/original"


def id_of(file: File) -> str:
    return file.path.split("/")[1]


def _items(calls: Calls, cursor: Cursor, read: ReadNow) -> Iterator[Item]:
    """The newest page, and further ones while they may hold something new or `since` is not reached."""
    start, barren = 0, 0
    while True:
        page = _page(calls, start, cursor.since)
        items = [item for row in page if (item := item_of(row))]
        barren = 0 if items else barren + 1
        # Pages shift while a run is uploaded, so the same line may come twice.
        fresh = {item.external_id: item for item in items if item.external_id not in read.seen}
        read.seen.update(fresh)
        read.owners |= {item.owner for item in items if item.owner}
        yield from fresh.values()
        if len(page) < calls.page_size or (items and not fresh) or not _goes_on(items, cursor):
            return
        if barren == MOST_BARREN_PAGES:
            raise OddAnswer(ODD.format(LIST))
        start = max(start + len(page), cursor.go_on_at - calls.page_size)


def _page(calls: Calls, start: int, since: date | None) -> list[object]:
    """Nothing at all (204) is a list that is empty, but not where a list goes on: its end is `[]`."""
    try:
        payload = calls.page(start, since)
    except NotFound as error:
        raise OddAnswer(ODD.format(LIST)) from error
    if start and not isinstance(payload, list):
        raise OddAnswer(ODD.format(LIST))
    return rows_of(payload, LIST)


def _goes_on(items: list[Item], cursor: Cursor) -> bool:
    if any(item.external_id not in cursor.listed for item in items):
        return True
    days = [item.day for item in items if item.day]
    return cursor.since is not None and not (days and days[-1] < cursor.since)


def item_of(row: object) -> Item | None:
    """None, with a line in the log, for what is no activity; and for the container of a multisport event,
    whose legs are listed by themselves."""
    if not isinstance(row, dict):
        log.warning("A line of Garmin's list is no activity and was skipped.")
        return None
    if row.get("parent") is True:
        return None
    try:
        text = as_text(row)
    except ValueError as error:
        log.warning("A line of Garmin's list was skipped: %s.", error)
        return None
    digest = digest_of(text)
    external_id = sound_id(row.get("activityId"))
    has_file = external_id is not None and row.get("manualActivity") is not True
    return Item(
        external_id or "?" + digest[:16],
        text,
        digest,
        _began_on(row),
        _kind_of(row),
        has_file,
        sound_id(row.get("ownerId")),
    )


def _began_on(row: Mapping[str, object]) -> date | None:
    began_ms = row.get("beginTimestamp")
    if day := day_of(row.get("startTimeGMT")):
        return day
    if isinstance(began_ms, int | float) and not isinstance(began_ms, bool) and 0 < began_ms < 4e12:
        return datetime.fromtimestamp(began_ms / 1000, UTC).date()
    return day_of(row.get("startTimeLocal"))


def _kind_of(row: Mapping[str, object]) -> str:
    kind = row.get("activityType")
    key = kind.get("typeKey") if isinstance(kind, dict) else None
    return key.lower() if isinstance(key, str) else ""


def _suspects(cursor: Cursor, read: ReadNow) -> list[str]:
    """Known ids that should have been on a page and were not; only Garmin's own ids can be asked for.

    What the runner brought from another account before is not missed in this one."""
    if cursor.since is None or cursor.go_on_at:
        return []
    owners = read.owners or ({cursor.owner} if cursor.owner else set())
    # A day of margin: the list is in local time.
    first = cursor.since + timedelta(days=1)
    suspects = [
        id_
        for id_, known in cursor.listed.items()
        if known.day
        and known.day >= first
        and id_ not in read.seen
        and not id_.startswith("?")
        and (known.owner is None or known.owner in owners)
    ]
    # Others each night, where there are more than one look asks for.
    turn = cursor.today.toordinal() * MOST_SUSPECTS % max(len(suspects), 1) if cursor.today else 0
    return suspects[turn:] + suspects[:turn] if len(suspects) > MOST_SUSPECTS else suspects


def _gone(calls: Calls, suspects: list[str], read: ReadNow) -> Iterator[Gone]:
    misses = Misses()
    for external_id in suspects:
        try:
            calls.detail(external_id)
        except NotFound:
            read.gone.add(external_id)
            yield Gone(external_id)
        except Interrupted as error:
            misses.count(error)
            continue
        except OddAnswer:
            pass
        misses.over()


def _ids_for_details(cursor: Cursor, read: ReadNow) -> list[str]:
    since = cursor.details_from
    new = [i.external_id for i in read.new if i.is_run and since and i.day and i.day >= since]
    return [id_ for id_ in dict.fromkeys((*new, *cursor.details)) if _can_be_asked(id_, read)]


def _can_be_asked(external_id: str, read: ReadNow) -> bool:
    return external_id not in read.gone and not external_id.startswith("?")


def _details(calls: Calls, ids: list[str]) -> Iterator[Details]:
    misses = Misses()
    for external_id in ids:
        try:
            found = calls.detail(external_id)
        except Interrupted as error:
            misses.count(error)
            continue
        except (NotFound, OddAnswer):
            found = None
        misses.over()
        if isinstance(found, dict) and found:
            yield from _detail(external_id, found)


def _detail(external_id: str, found: dict[str, object]) -> Iterator[Details]:
    try:
        yield Details(external_id, detail=as_text(found))
    except ValueError as error:
        log.warning("What Garmin tells of activity %s was skipped: %s.", external_id, error)


def _ids_for_files(cursor: Cursor, read: ReadNow) -> list[str]:
    """Newest first, each once."""
    days = {id_: known.day for id_, known in cursor.listed.items()} | {i.external_id: i.day for i in read.new}
    new = [item.external_id for item in read.new if item.has_file]
    wanted = [id_ for id_ in dict.fromkeys((*new, *cursor.originals)) if _can_be_asked(id_, read)]
    return sorted(wanted, key=lambda id_: days.get(id_) or date.min, reverse=True)


def _steps_in(payload: object, first: date, last: date) -> Iterator[Steps]:
    found: dict[date, int] = {}
    for row in rows_of(payload, "a list of days"):
        day = day_of(row.get("calendarDate")) if isinstance(row, dict) else None
        count = row.get("totalSteps") if isinstance(row, dict) else None
        if day and first <= day <= last and type(count) is int and 0 <= count <= MOST_STEPS:
            found[day] = count
    yield from (Steps(day, count) for day, count in sorted(found.items()))


def _is_a_file(data: bytes) -> bool:
    """Not empty, nor JSON or a web page that came instead; XML of an import may be an original."""
    head = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(b"<"):
        return head.startswith((b"<?xml", b"<gpx", b"<trainingcenterdatabase"))
    return bool(head) and not head.startswith((b"{", b"["))
