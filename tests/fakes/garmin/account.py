"""What the account holds, activities, gear and steps, and what its owner does to it in Garmin's app."""

import functools
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, cast

from fit_writer import Leg, fit_file

from .sports import leg_of

PROFILE_ID = 90_000_001
FIRST_ACTIVITY_ID = 21_000_000_001
FIRST_GEAR_PK = 40_000_001


@dataclass(slots=True, kw_only=True)
class Activity:
    """`original` makes the bytes of its file when they are asked for; None: there is no file."""

    id: int
    started_at: datetime
    distance_m: float
    duration_s: float
    name: str
    type_key: str
    added_at: datetime
    changed_at: datetime
    elapsed_s: float | None = None
    event_key: str = "uncategorized"
    tz_offset: timedelta = timedelta()
    manual: bool = False
    rpe: int | None = None  # 1-10
    feel: int | None = None  # 0, 25, 50, 75, 100
    parent_id: int | None = None
    child_ids: tuple[int, ...] = ()
    gear: list[str] = field(default_factory=list)
    original: Callable[[], bytes] | None = field(default=None, repr=False, compare=False)
    member: str = ""  # the file's name inside its zip

    @property
    def local(self) -> datetime:
        return self.started_at + self.tz_offset

    @property
    def whole_s(self) -> float:
        return self.duration_s if self.elapsed_s is None else self.elapsed_s


@dataclass(slots=True, kw_only=True)
class Pair:
    """A piece of gear. `shown_m`: the total that is shown while Garmin is recounting."""

    id: str  # 32 hex digits, no dashes
    pk: int
    brand: str
    model: str
    name: str | None
    limit_m: float | None
    first_use: date
    start_m: float = 0.0
    retired_on: date | None = None
    type: str = "SHOES"
    shown_m: float | None = None


class Total(NamedTuple):
    metres: float
    runs: int


def _locked[F: Callable[..., Any]](method: F) -> F:
    @functools.wraps(method)
    def holding(self: "Account", *args: Any, **named: Any) -> Any:
        with self.lock:
            return method(self, *args, **named)

    return cast(F, holding)


class Account:
    """Thread-safe. Gear ids are 32 hex digits without dashes here; dashed ones are understood too.

    `eu`: writes are answered with 412, as for accounts that never gave their consent."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self.lock = now, threading.RLock()
        self.eu = False
        self.steps: dict[date, int | None] = {}
        self._activities: dict[int, Activity] = {}
        self._gear: dict[str, Pair] = {}
        self._next_id, self._next_pk = FIRST_ACTIVITY_ID, FIRST_GEAR_PK

    # -- activities -------------------------------------------------------------------------------

    @_locked
    def add_run(
        self,
        started_at: datetime,
        km: float,
        minutes: float,
        *,
        name: str = "Morning Run",
        type_key: str = "running",
        gear: Sequence[str] = (),
        manual: bool = False,
        fit: bytes | None = None,
        member: str | None = None,
        **more: Any,
    ) -> int:
        """A new activity with its FIT file; returns its id. `more`: other fields of Activity.

        The file knows neither RPE nor feel: those were told to the app. `fit`: other bytes for the file."""
        made = self._new(started_at, km, minutes, name=name, type_key=type_key, manual=manual, **more)
        made.member = member or f"{made.id}_ACTIVITY.fit"
        made.original = None if manual else _file(fit, [made])
        for uuid_ in gear:
            self.link(uuid_, made.id)
        return made.id

    @_locked
    def add_multisport(
        self,
        started_at: datetime,
        legs: Sequence[tuple[str, float, float]],
        *,
        name: str = "Triathlon",
        child_files: bool = True,
        **more: Any,
    ) -> tuple[int, tuple[int, ...]]:
        """A container and one activity for each (type key, km, minutes); returns its id and theirs.

        The container's file holds all legs. A child's is that same file, or, without `child_files`, none."""
        children, start = [], started_at
        for type_key, km, minutes in legs:
            children.append(
                self._new(start, km, minutes, name=f"{name} {type_key}", type_key=type_key, **more)
            )
            start += timedelta(minutes=minutes)
        km, minutes = sum(leg[1] for leg in legs), sum(leg[2] for leg in legs)
        parent = self._new(started_at, km, minutes, name=name, type_key="multi_sport", **more)
        parent.child_ids = tuple(child.id for child in children)
        parent.original, parent.member = _file(None, children), f"{parent.id}_ACTIVITY.fit"
        for child in children:
            child.parent_id, child.member = parent.id, f"{child.id}_ACTIVITY.fit"
            child.original = parent.original if child_files else None
        return parent.id, parent.child_ids

    @_locked
    def rename(self, activity_id: int, name: str) -> None:
        self._change(activity_id).name = name

    @_locked
    def retype(self, activity_id: int, type_key: str) -> None:
        self._change(activity_id).type_key = type_key

    @_locked
    def set_event(self, activity_id: int, event_key: str) -> None:
        """`race`, `training`, `uncategorized`, ..."""
        self._change(activity_id).event_key = event_key

    @_locked
    def set_distance(self, activity_id: int, km: float) -> None:
        """As edited in the app: the file keeps what the watch measured."""
        self._change(activity_id).distance_m = km * 1000

    @_locked
    def set_rpe(self, activity_id: int, rpe: int | None, feel: int | None = None) -> None:
        changed = self._change(activity_id)
        changed.rpe, changed.feel = rpe, feel

    @_locked
    def set_file(self, activity_id: int, raw: bytes | None, member: str | None = None) -> None:
        """Other bytes for the original, perhaps under another name in the zip; None: no file any more."""
        changed = self._change(activity_id)
        changed.member = member or changed.member
        changed.original = None if raw is None else lambda: raw

    @_locked
    def delete(self, activity_id: int) -> None:
        """With its children, if it has any."""
        for child in self._activities.pop(activity_id).child_ids:
            self._activities.pop(child, None)

    @_locked
    def activities(self) -> list[Activity]:
        """Copies, newest first, as the list shows them: containers too."""
        newest = sorted(self._activities.values(), key=lambda a: (a.started_at, a.id), reverse=True)
        return [replace(a, gear=list(a.gear)) for a in newest]

    @_locked
    def activity(self, activity_id: int) -> Activity | None:
        return self._activities.get(activity_id)

    # -- gear -------------------------------------------------------------------------------------

    @_locked
    def add_gear(
        self,
        brand: str,
        model: str,
        name: str | None = None,
        limit_m: float | None = None,
        first_use: date = date(2026, 1, 1),
        start_m: float = 0.0,
        retired: bool | date = False,
        type: str = "SHOES",  # noqa: A002
    ) -> str:
        """A new pair (or type BIKE); returns its id without dashes. `start_m` was entered by hand."""
        retired_on = self._today() if retired is True else retired or None
        made = Pair(id=uuid.uuid4().hex, pk=self._next_pk, brand=brand, model=model, name=name,
                    limit_m=limit_m, first_use=first_use, start_m=start_m, retired_on=retired_on,
                    type=type)  # fmt: skip
        self._next_pk += 1
        self._gear[made.id] = made
        return made.id

    @_locked
    def set_gear(self, gear_id: str, **changes: Any) -> None:
        """Edit fields of a Pair: name, limit_m, start_m, retired_on, ..."""
        self._gear[plain(gear_id)] = replace(self._gear[plain(gear_id)], **changes)

    def retire(self, gear_id: str, on: date | None = None) -> None:
        self.set_gear(gear_id, retired_on=on or self._today())

    def recount(self, gear_id: str, shown_m: float | None) -> None:
        """Garmin is recounting and shows this total meanwhile; None: it is done."""
        self.set_gear(gear_id, shown_m=shown_m)

    @_locked
    def delete_gear(self, gear_id: str) -> None:
        del self._gear[plain(gear_id)]
        for activity in self._activities.values():
            activity.gear = [g for g in activity.gear if g != plain(gear_id)]

    @_locked
    def link(self, gear_id: str, activity_id: int) -> None:
        """Linking twice changes nothing."""
        linked = self._activities[activity_id].gear
        if self._gear[plain(gear_id)].id not in linked:
            linked.append(plain(gear_id))

    @_locked
    def unlink(self, gear_id: str, activity_id: int) -> None:
        activity = self._activities[activity_id]
        activity.gear = [g for g in activity.gear if g != plain(gear_id)]

    @_locked
    def reassign(self, activity_id: int, *gear_ids: str) -> None:
        """These pairs and no others were used."""
        self._activities[activity_id].gear = [self._gear[plain(g)].id for g in gear_ids]

    @_locked
    def gear(self) -> list[Pair]:
        """Copies, newest first."""
        return [replace(pair) for pair in reversed(self._gear.values())]

    @_locked
    def pair(self, gear_id: str) -> Pair | None:
        return self._gear.get(plain(gear_id))

    @_locked
    def wearers(self, gear_id: str) -> list[Activity]:
        return [a for a in self.activities() if plain(gear_id) in a.gear]

    @_locked
    def totals(self) -> dict[str, Total]:
        """Gear id -> metres (with those entered by hand) and runs, as Garmin counts them when it is done."""
        sums = {pair.id: Total(pair.start_m, 0) for pair in self._gear.values()}
        for activity in self._activities.values():
            for gear_id in activity.gear:
                metres, runs = sums[gear_id]
                sums[gear_id] = Total(metres + activity.distance_m, runs + 1)
        return {gear_id: Total(round(metres, 2), runs) for gear_id, (metres, runs) in sums.items()}

    @_locked
    def used_s(self) -> dict[str, float]:
        """Gear id -> seconds."""
        sums = dict.fromkeys(self._gear, 0.0)
        for activity in self._activities.values():
            for gear_id in activity.gear:
                sums[gear_id] += activity.duration_s
        return sums

    # -- steps ------------------------------------------------------------------------------------

    @_locked
    def set_steps(self, day: date, steps: int | None) -> None:
        """None: the day is there, its steps are not."""
        self.steps[day] = steps

    # -- inside -----------------------------------------------------------------------------------

    def _new(self, started_at: datetime, km: float, minutes: float, **fields: Any) -> Activity:
        at = self._at()
        made = Activity(id=self._next_id, started_at=started_at.astimezone(UTC), distance_m=km * 1000,
                        duration_s=minutes * 60, added_at=at, changed_at=at, **fields)  # fmt: skip
        self._next_id += 1
        self._activities[made.id] = made
        return made

    def _change(self, activity_id: int) -> Activity:
        changed = self._activities[activity_id]
        changed.changed_at = self._at()
        return changed

    def _at(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)

    def _today(self) -> date:
        return self._at().date()


def plain(gear_id: str) -> str:
    return gear_id.replace("-", "").lower()


def _file(raw: bytes | None, legs: Sequence[Activity]) -> Callable[[], bytes]:
    """What the watch wrote: nothing edited later in the app gets into it."""
    if raw is not None:
        return lambda: raw
    written: list[Leg] = [
        leg_of(a.type_key, a.started_at, a.distance_m, a.duration_s, a.elapsed_s) for a in legs
    ]
    offset_s = int(legs[0].tz_offset.total_seconds())
    return functools.cache(lambda: fit_file(written, utc_offset_s=offset_s))
