"""An account's box, and what one look finds in a Garmin of our own."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fakes.garmin import FakeGarmin
from midsole.domain.errors import Retry
from midsole.sources.answers import digest_of
from midsole.sources.base import Cursor, Details, Found, GearList, Known
from midsole.sources.garmin import Garmin

MONDAY = datetime(2026, 11, 2, 6, 30, tzinfo=UTC)


@dataclass
class Box:
    """What an account keeps; `saved_at` are the numbers of requests that Garmin had seen at each save."""

    garmin: FakeGarmin
    secret: str
    notes: dict[str, object] = field(default_factory=dict)
    saved_at: list[int] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    held: int = 0
    lost: bool = False

    def save(self, secret: str) -> None:
        self.secret = secret
        self.saved_at.append(len(self.garmin.requests()))

    def hold(self) -> None:
        self.held += 1
        if self.lost:
            raise Retry("another worker has taken over")

    def note(self, **said: object) -> None:
        self.notes.update(said)

    def source(self) -> Garmin:
        return Garmin(self, sleep=self.slept.append, base_url=self.garmin.url)

    def look(self, cursor: Cursor | None = None) -> list[Found]:
        return list(self.source().find(cursor or Cursor()))


def add_runs(garmin: FakeGarmin, count: int, **more: Any) -> list[str]:
    """Runs on as many days, newest first."""
    days = [MONDAY - timedelta(days=n) for n in range(count)]
    return [str(garmin.account.add_run(day, 10.0, 55.0, **more)) for day in reversed(days)][::-1]


def of[T](found: list[Found], kind: type[T]) -> list[T]:
    return [one for one in found if isinstance(one, kind)]


def after(found: list[Found], cursor: Cursor | None = None) -> Cursor:
    """The cursor when all that was found is kept."""
    listed = {}
    for one in of(found, Details):
        if one.listed is not None:
            day = date.fromisoformat(json.loads(one.listed)["startTimeGMT"][:10])
            listed[one.external_id] = Known(digest_of(one.listed), day)
    pairs = {p.external_id: (p.total_m, p.runs) for gear in of(found, GearList) for p in gear.pairs}
    cursor = cursor or Cursor()
    return replace(cursor, listed={**cursor.listed, **listed}, pairs={**cursor.pairs, **pairs})
