"""Reading the lists of exports that are kept: of each account what the newest list says of each activity."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from midsole.actions.box import Box
from midsole.decode import garmin_export, strava
from midsole.decode.formats import (
    GARMIN_ACTIVITIES,
    GARMIN_GEAR,
    STRAVA_ACTIVITIES,
    STRAVA_SHOES,
    TELLING,
    list_of,
)
from midsole.decode.garmin_export import ListedGear
from midsole.decode.listed import Line, Listed, NamedPair
from midsole.decode.registry import unpacked
from midsole.decode.strava import StravaPair
from midsole.domain.errors import BadInput, MidsoleError
from midsole.store import exports
from midsole.store.remote import GARMIN_EXPORT, STRAVA
from midsole.store.sources import RawFile

READERS: dict[str, tuple[str, Callable[[bytes], Listed]]] = {
    STRAVA_ACTIVITIES: (STRAVA, strava.read_activities),
    GARMIN_ACTIVITIES: (GARMIN_EXPORT, garmin_export.read_activities),
}


@dataclass(slots=True)
class Account:
    """All that the lists of one account say, the newest word of each activity.

    `named`: of each list, the oldest first, activity -> the pair that it names.
    `refused`: of a list the number of a line (None: the whole list), and why it says nothing."""

    origin: str
    lines: dict[str, Line] = field(default_factory=dict)
    named: list[dict[str, NamedPair | None]] = field(default_factory=list)
    shoes: list[StravaPair] = field(default_factory=list)
    bikes: list[StravaPair] = field(default_factory=list)
    gear: dict[str, ListedGear] = field(default_factory=dict)
    refused: list[tuple[str, int | None, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    origin: str
    listed: Listed

    @property
    def reaches_to(self) -> float:
        """The newest activity in it tells how old an export is, whenever it was imported."""
        return max(
            (line.started_at.timestamp() for line in self.listed.lines if line.started_at), default=0.0
        )


def read(box: Box, runner_id: int) -> list[Account]:
    """Every account of which there are lists."""
    with box.store.read() as tx:
        files = exports.lists(tx, runner_id)
    accounts = {origin: Account(origin) for origin in (STRAVA, GARMIN_EXPORT)}
    parts: list[_Part] = []
    gear: list[list[ListedGear]] = []
    for file in files:
        kind, raw = _opened(box, file)
        try:
            if kind in READERS:
                origin, reader = READERS[kind]
                parts.append(_Part(file.name, origin, reader(raw)))
            elif kind == GARMIN_GEAR:
                gear.append(garmin_export.read_gear(raw))
            elif kind:
                _read_pairs(accounts[STRAVA], kind, raw)
        except BadInput as error:
            origin = GARMIN_EXPORT if kind in (GARMIN_GEAR, GARMIN_ACTIVITIES) else STRAVA
            accounts[origin].refused.append((file.name, None, str(error)))
    _lay_together(accounts, parts)
    accounts[GARMIN_EXPORT].gear = _newest_gear(gear)
    return [account for account in accounts.values() if account.lines or account.refused]


def _opened(box: Box, file: RawFile) -> tuple[str | None, bytes]:
    """What kind of list it is, by its content, and all of it; None where it tells nothing."""
    try:
        raw = unpacked(box.originals.read(file.sha256))
    except MidsoleError:
        return None, b""
    kind = list_of(raw)
    return (kind, raw) if kind in TELLING else (None, b"")


def _read_pairs(account: Account, kind: str, raw: bytes) -> None:
    pairs = account.shoes if kind == STRAVA_SHOES else account.bikes
    pairs += strava.read_pairs(raw)


def _newest_gear(lists: Iterable[list[ListedGear]]) -> dict[str, ListedGear]:
    """Number -> the pair by the newest list that has it; an activity is its who has it in the newest list."""
    gear: dict[str, ListedGear] = {}
    for listed in sorted(lists, key=_newest_activity):
        newer = {str(one.row["gearPk"]): one for one in listed}
        told = {(one.kind, activity) for one in listed for activity in one.activities}
        gear = {number: _without(one, told) for number, one in gear.items()} | newer
    return gear


def _newest_activity(listed: Iterable[ListedGear]) -> int:
    """Garmin's numbers rise, so they tell which list reaches further."""
    return max((int(activity) for one in listed for activity in one.activities), default=0)


def _without(one: ListedGear, told: Collection[tuple[object, str]]) -> ListedGear:
    left = tuple(activity for activity in one.activities if (one.kind, activity) not in told)
    return replace(one, activities=left)


def _lay_together(accounts: dict[str, Account], parts: Iterable[_Part]) -> None:
    for part in sorted(parts, key=lambda part: part.reaches_to):
        lines = part.listed.lines
        accounts[part.origin].lines |= {line.external_id: line for line in lines}
        accounts[part.origin].named.append({line.external_id: line.pair for line in lines})
        accounts[part.origin].refused += [(part.name, n, why) for n, why in part.listed.refused]
