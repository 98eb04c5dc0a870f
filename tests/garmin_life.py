"""Some weeks of a runner with a watch: what happens at Garmin and in the inbox, seed by seed."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from fit_writer import fit_run

from fakes.garmin import FakeGarmin, Pair

ZONE, OFFSET = "Europe/Berlin", timedelta(hours=1)
"""As it is in November."""
OLD_RUNS = 12
TYPES = ("trail_running", "treadmill_running", "walking")


@dataclass(slots=True)
class Life:
    """Events in a queue; `until` lets those happen whose time has come."""

    garmin: FakeGarmin
    inbox: Path
    dice: random.Random
    ends_at: datetime
    in_folder: set[int] = field(default_factory=set)
    happened: Counter[str] = field(default_factory=Counter)
    _queue: list[tuple[datetime, int, str, Callable[[], object]]] = field(default_factory=list)
    _planned: int = 0

    def begin(self, at: datetime, days: int) -> None:
        """A history, two pairs of which one began elsewhere, and then so many days."""
        account = self.garmin.account
        account.add_gear("Asics", "Novablast 5", limit_m=700_000, first_use=date(2026, 6, 1), start_m=120_000)
        account.add_gear("Saucony", "Peregrine 14", name="Trail", first_use=date(2026, 7, 1))
        for n in range(OLD_RUNS):
            self._upload(at - timedelta(days=1 + 2 * n, hours=5), 7 + n % 4, "running", manual=False)
        for n in range(days):
            self._plan_day(at + timedelta(days=n))
        self._plan(at + timedelta(days=days * 0.5, hours=8), "new pair", self._buy)
        self._plan(at + timedelta(days=days * 0.7, hours=8), "retired pair", self._retire)
        self._plan(at + timedelta(days=days * 0.3, hours=9), "recount", self._recount)
        for n in range(days // 4 + 1):
            at_hour = timedelta(days=4 * n, hours=self.dice.uniform(0, 96))
            self._plan(at + at_hour, "revoked", self.garmin.access.revoke)

    def until(self, now: datetime) -> None:
        while self._queue and self._queue[0][0] <= now:
            _, _, what, happen = heapq.heappop(self._queue)
            happen()
            self.happened[what] += 1

    def _plan(self, at: datetime, what: str, happen: Callable[[], object]) -> None:
        self._planned += 1
        heapq.heappush(self._queue, (min(at, self.ends_at), self._planned, what, happen))

    # ---- a day

    def _plan_day(self, midnight: datetime) -> None:
        dice = self.dice
        self._plan_activity(midnight, dice.uniform(5, 6.5), dice.uniform(7, 13), "running")
        if dice.random() < 0.5:
            kind = dice.choice(("walking", "cycling"))
            self._plan_activity(midnight, dice.uniform(10.5, 11.5), dice.uniform(2, 5), kind)
        self._plan_activity(midnight, dice.uniform(15.5, 17), dice.uniform(5, 9), "running")
        if dice.random() < 0.3:
            self._plan_activity(midnight, dice.uniform(19, 20), dice.uniform(2, 4), "running", manual=True)
        day, steps = (midnight + OFFSET).date(), dice.randint(4_000, 20_000)
        tell = self.garmin.account.set_steps
        self._plan(midnight + timedelta(hours=11), "steps", lambda: tell(day, steps // 2))
        late = timedelta(days=4 if dice.random() < 0.15 else 0)
        self._plan(midnight + timedelta(hours=22.5) + late, "steps", lambda: tell(day, steps))

    def _plan_activity(
        self, midnight: datetime, hour: float, km: float, kind: str, *, manual: bool = False
    ) -> None:
        started_at = (midnight + timedelta(hours=hour)).replace(microsecond=0)
        ended_at = started_at + timedelta(minutes=6 * km)
        late = timedelta(days=4 if self.dice.random() < 0.06 else 0)
        here = ended_at + late + timedelta(minutes=self.dice.uniform(2, 40))
        self._plan(here, kind, lambda: self._upload(started_at, km, kind, manual=manual))

    def _upload(self, started_at: datetime, km: float, kind: str, *, manual: bool) -> None:
        on_foot = kind != "cycling" and self.dice.random() < 0.9
        gear = [self.dice.choice(self._in_use()).id] if on_foot else []
        is_late = self._now() - started_at > timedelta(days=1)
        rpe = self.dice.randint(2, 9) if is_late else None
        id_ = self.garmin.account.add_run(
            started_at, round(km, 2), round(6 * km, 1), gear=gear, type_key=kind, manual=manual,
            name=f"{kind.title()} of {started_at:%d %b %H:%M}", tz_offset=OFFSET,
            rpe=rpe, feel=rpe and 50,
        )  # fmt: skip
        if kind == "running" and not manual and self.dice.random() < 0.3:
            self.in_folder.add(id_)
            after = timedelta(minutes=self.dice.uniform(0, 90))
            self._plan(self._now() + after, "in the folder", lambda: self._drop(id_))
        self._plan_changes(id_, kind, is_late)

    def _plan_changes(self, id_: int, kind: str, is_late: bool) -> None:
        changes: list[tuple[str, float, float, Callable[[int], object]]] = [
            ("renamed", 0.25, 48, self._rename),
            ("another pair", 0.25, 30, self._reassign),
            ("hard", 0.0 if is_late else 0.4, 30, self._rate),
            ("race", 0.05, 48, lambda id_: self.garmin.account.set_event(id_, "race")),
            ("longer", 0.15, 48, self._correct),
        ]
        if kind == "running":
            changes.append(("re-typed", 0.1, 48, self._retype))
        if id_ not in self.in_folder:
            changes.append(("deleted", 0.08, 48, self.garmin.account.delete))
        for what, chance, within_h, change in changes:
            if self.dice.random() < chance:
                at = self._now() + timedelta(hours=self.dice.uniform(0.1, within_h))
                self._plan(at, what, lambda change=change: self._if_there(id_, change))

    def _if_there(self, id_: int, change: Callable[[int], object]) -> None:
        if self.garmin.account.activity(id_) is not None:
            change(id_)

    # ---- what is done in the app

    def _rename(self, id_: int) -> None:
        self.garmin.account.rename(id_, f"Renamed {self.dice.randint(100, 999)} Ü")

    def _retype(self, id_: int) -> None:
        self.garmin.account.retype(id_, self.dice.choice(TYPES))

    def _rate(self, id_: int) -> None:
        self.garmin.account.set_rpe(id_, self.dice.randint(2, 9), self.dice.choice((25, 50, 75)))

    def _correct(self, id_: int) -> None:
        activity = self.garmin.account.activity(id_)
        assert activity is not None
        self.garmin.account.set_distance(
            id_, round(activity.distance_m * self.dice.uniform(1.05, 1.12)) / 1000
        )

    def _reassign(self, id_: int) -> None:
        self.garmin.account.reassign(id_, self.dice.choice(self._in_use()).id)

    def _buy(self) -> None:
        self.garmin.account.add_gear("Hoka", "Clifton 10", limit_m=600_000, first_use=self._now().date())

    def _retire(self) -> None:
        self.garmin.account.retire(self.dice.choice(self._in_use()[1:]).id)

    def _recount(self) -> None:
        pair = self._in_use()[-1]
        self.garmin.account.recount(pair.id, 1_000.0)
        self._plan(self._now() + timedelta(hours=5), "recounted", lambda: self._recounted(pair.id))

    def _recounted(self, gear_id: str) -> None:
        self.garmin.account.recount(gear_id, None)

    # ---- the folder

    def _drop(self, id_: int) -> None:
        """The very file, or the same run as another program wrote it."""
        activity = self.garmin.account.activity(id_)
        assert activity is not None
        assert activity.original is not None
        raw = activity.original()
        if self.dice.random() < 0.5:
            recorded_km = self._recorded_m(id_)
            raw = fit_run(
                activity.started_at + timedelta(seconds=self.dice.randint(0, 5)),
                recorded_km,
                activity.duration_s,
                records_every_s=30,
                utc_offset_s=int(OFFSET.total_seconds()),
            )
            self.happened["twins"] += 1
        hidden = self.inbox / f".{id_}.part"
        hidden.write_bytes(raw)
        hidden.rename(self.inbox / f"{id_}.fit")

    def _recorded_m(self, id_: int) -> float:
        """What the watch measured: the distance may have been corrected since."""
        activity = self.garmin.account.activity(id_)
        assert activity is not None
        return activity.duration_s / 360 * 1000

    def _in_use(self) -> list[Pair]:
        """Oldest first."""
        return [pair for pair in reversed(self.garmin.account.gear()) if pair.retired_on is None]

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.garmin.now(), self.ends_at.tzinfo)
