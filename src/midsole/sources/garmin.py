"""Garmin Connect as the watch's own app reads it: activities, originals, gear, steps; and gear back to it."""

import time
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from io import BytesIO

from midsole.observe.clock import utc_now
from midsole.observe.logs import log
from midsole.sources import connect_api
from midsole.sources.answers import ODD, Interrupted, NotFound, OddAnswer, sound_id
from midsole.sources.base import Account, ActivityGear, Cursor, File, Found, Gear, GearList, GearUse
from midsole.sources.connect_api import Misses, Nonsense, ReadNow
from midsole.sources.garmin_client import Connect, Forbidden
from midsole.sources.gear_json import activity_of, is_gear, metres_of, pairs_of, shoe_ids, uuid_of

GEAR_PAGE = 100
MOST_USES = 1000
"""What Garmin tells at most of the activities of one pair."""


class Garmin:
    """One account; it is both the source and the requests that the source is made of."""

    page_size = 100

    def __init__(
        self,
        account: Account,
        domain: str = "garmin.com",
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        base_url: str | None = None,
    ) -> None:
        """`base_url` is for a server on this machine that plays Garmin."""
        self.account = account
        self.connect = Connect(account, domain, now, sleep, base_url)
        self.misses = Misses()
        self.asks_legacy = False
        """Whether this account has been refused the newer questions about an activity's gear."""

    def find(self, cursor: Cursor) -> Iterator[Found]:
        self.connect.begin()
        self.misses = Misses()
        read, odd = ReadNow(), Nonsense()
        if cursor.activities:
            yield from connect_api.activities(self, cursor, read, odd)
        with connect_api.beside_activities(odd):
            yield from self._worn(cursor, read)
            if cursor.gear:
                with odd.passed_over():
                    yield from self._gear(cursor)
            yield from connect_api.steps(self, cursor)
        odd.tell()

    def fetch(self, found: File) -> BytesIO:
        return connect_api.fetch(self, found, self.misses)

    def link(self, gear_id: str, external_id: str) -> None:
        """Tell Garmin that this pair was worn. BadInput: the account does not let anything be written."""
        self.connect.write(f"/gear-service/gear/link/{gear_id}/activity/{external_id}")

    def unlink(self, gear_id: str, external_id: str) -> None:
        self.connect.write(f"/gear-service/gear/unlink/{gear_id}/activity/{external_id}")

    def page(self, start: int, since: date | None) -> object:  # noqa: ARG002 - a whole page costs the same
        path = "/activitylist-service/activities/search/activities"
        return self.connect.get_json(path, start=start, limit=self.page_size)

    def detail(self, external_id: str) -> object:
        return self.connect.get_json(f"/activity-service/activity/{external_id}")

    def original(self, external_id: str) -> bytes:
        return self.connect.get_bytes(f"/download-service/files/activity/{external_id}")

    def steps(self, first: date, last: date) -> object:
        return self.connect.get_json(f"/usersummary-service/stats/steps/daily/{first}/{last}")

    def _worn(self, cursor: Cursor, read: ReadNow) -> Iterator[ActivityGear]:
        """Where all pairs are asked for all their activities, what is new is among them."""
        told_by_pairs = cursor.gear and cursor.since is not None
        new = [] if told_by_pairs else [item.external_id for item in read.new if item.on_foot]
        misses = Misses()
        for external_id in dict.fromkeys((*new, *cursor.worn)):
            if external_id in read.gone or external_id.startswith("?"):
                continue
            try:
                rows = self._gear_of_activity(external_id, cursor.pairs)
                yield ActivityGear(external_id, shoe_ids(rows, cursor.pairs))
            except Interrupted as error:
                misses.count(error)
                continue
            except (NotFound, OddAnswer):
                log.warning("Garmin does not tell the gear of activity %s.", external_id)
            misses.over()

    def _gear_of_activity(self, external_id: str, known: Collection[str]) -> list[object]:
        if not self.asks_legacy:
            try:
                return _all_read(self.connect.get_json(f"/gear-service/activity/v2/{external_id}"), known)
            except Forbidden:
                self.asks_legacy = True
            except (NotFound, OddAnswer):
                pass
        path = "/gear-service/gear/filterGear"
        return _all_read(self.connect.get_json(path, activityId=external_id), known)

    def _gear(self, cursor: Cursor) -> Iterator[GearList | GearUse]:
        told = self._pairs(cursor.pairs)
        yield told
        misses = Misses()
        for pair in told.pairs:
            if _is_to_be_read(pair, cursor):
                yield from self._use(pair, misses)

    def _pairs(self, known: Collection[str]) -> GearList:
        try:
            rows = self._all_gear()
            # Whoever had pairs hardly deleted them all at once: the older service is asked, too.
            if rows or not known:
                return _told(rows, pairs_of(rows, known), known)
        except (Forbidden, NotFound, OddAnswer):
            pass
        return self._legacy_pairs(known)

    def _all_gear(self) -> list[object]:
        found: list[object] = []
        while True:
            path = "/gear-service/gear/v2/list"
            page = _list(self.connect.get_json(path, start=len(found), limit=GEAR_PAGE))
            again = all(row in found for row in page)
            found += page
            if len(page) < GEAR_PAGE or again:
                return found

    def _legacy_pairs(self, known: Collection[str]) -> GearList:
        path = "/gear-service/gear/filterGear"
        rows = _list(self.connect.get_json(path, userProfilePk=self._profile_id()))
        misses = Misses()
        return _told(rows, pairs_of(rows, known, lambda row: self._stats(row, misses)), known)

    def _stats(self, row: object, misses: Misses) -> object:
        """The totals of a pair; empty where they can't be had."""
        uuid, found = uuid_of(row), None
        try:
            found = self.connect.get_json(f"/gear-service/gear/stats/{uuid}") if uuid else None
        except Interrupted as error:
            misses.count(error)
            return {}
        except (NotFound, OddAnswer):
            log.warning("Garmin does not tell the totals of pair %s.", uuid)
        misses.over()
        return found

    def _profile_id(self) -> str:
        """Asked once in an account's life."""
        noted = sound_id(self.account.notes.get("profile_id"))
        if noted is None:
            profile = self.connect.get_json("/userprofile-service/socialProfile")
            noted = sound_id(profile.get("profileId") if isinstance(profile, dict) else None)
            if noted is None:
                raise OddAnswer(ODD.format("the profile"))
            self.account.note(profile_id=int(noted))
        return noted

    def _use(self, pair: Gear, misses: Misses) -> Iterator[GearUse]:
        path = f"/activitylist-service/activities/{pair.external_id}/gear"
        try:
            rows = _list(self.connect.get_json(path, start=0, limit=MOST_USES))
            if not rows and pair.runs:
                raise OddAnswer(ODD.format("the activities of a pair"))
        except Interrupted as error:
            misses.count(error)
            return
        except (NotFound, OddAnswer):
            log.warning("Garmin does not tell the activities of pair %s.", pair.external_id)
        else:
            # A line that can't be read may be any activity.
            metres, read = metres_of(rows), all(activity_of(row) for row in rows)
            sound = read and None not in metres.values()
            yield GearUse(pair.external_id, metres, whole=read and len(rows) < MOST_USES, sound=sound)
        misses.over()


def _is_to_be_read(pair: Gear, cursor: Cursor) -> bool:
    """In use and the look is a long one, or never read, or its totals are known and have changed."""
    if pair.external_id not in cursor.pairs or (cursor.since and pair.retired_on is None):
        return True
    told = (pair.total_m, pair.runs)
    return told != (None, None) and told != cursor.pairs[pair.external_id]


def _told(rows: list[object], pairs: list[Gear], known: Collection[str]) -> GearList:
    """A row that can't be read may be any pair."""
    all_read = all(is_gear(row, known) for row in rows) and len(pairs) == len(shoe_ids(rows, known))
    return GearList(tuple(pairs), whole=all_read)


def _all_read(payload: object, known: Collection[str]) -> list[object]:
    """The gear of an activity; one piece that can't be read may be any pair."""
    rows = _list(payload)
    if not all(is_gear(row, known) for row in rows):
        raise OddAnswer(ODD.format("the gear of an activity"))
    return rows


def _list(payload: object) -> list[object]:
    """An answer without content is no empty list here: it would take all pairs away."""
    if not isinstance(payload, list):
        raise OddAnswer(ODD.format("a list of gear"))
    return payload
