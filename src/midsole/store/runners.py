"""Runners: the person, the zones they lived in, their limits, pauses, injuries and races."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import delete, insert, select, update

from midsole.domain.facts import Limits, Pause, StartValues
from midsole.domain.when import local
from midsole.store import tables as t
from midsole.store.base import Tx, insert_id

DEMO_ADDRESS = "demo@midsole.invalid"
"""The mark of the made-up runner: nobody lives at such an address, and nobody else may give it."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A person with their settings; `zones` holds (from_date, zone) in order of date."""

    id: int
    name: str
    email: str | None
    email_refused: str | None
    units: str
    first_weekday: int
    weekly_mail: str
    alert_mail: bool
    quiet_from: time | None
    quiet_until: time | None
    limits: Limits
    start: StartValues
    zones: tuple[tuple[date, str], ...]
    created_at: datetime
    catching_up: str | None
    """first or silent while history comes in and nothing may be sent; None otherwise."""
    taking_in_until: datetime | None
    """A lease, extended with each file of a look or import: history is not judged before its end."""
    check_in_ask: str = "rules"
    routine_at: time | None = None
    """When to be reminded of the exercises."""

    @property
    def is_demo(self) -> bool:
        """Made up, to look around in: gets no mail, owns nothing, and is removed with one click."""
        return self.email == DEMO_ADDRESS

    def zone_on(self, day: date) -> str:
        """The zone the runner had on that date; the first one also for the time before it."""
        before = [zone for since, zone in self.zones if since <= day]
        return before[-1] if before else self.zones[0][1]

    def today(self, now: datetime) -> date:
        return local(now, self.zone_on).date()


def add(tx: Tx, name: str, zone: str, now: datetime, **settings: Any) -> int:
    values = {"limits": {}, "created_at": now, **settings}
    runner_id = insert_id(tx, t.runner, {"name": name, **values})
    tx.execute(insert(t.runner_zone).values(runner_id=runner_id, from_date=date(1970, 1, 1), zone=zone))
    return runner_id


def several(tx: Tx) -> bool:
    """Not counting the demo."""
    real = t.runner.c.email.is_distinct_from(DEMO_ADDRESS)
    return len(tx.scalars(select(t.runner.c.id).where(real).limit(2)).all()) > 1


def everyone(tx: Tx) -> list[Runner]:
    zones: dict[int, list[tuple[date, str]]] = {}
    for row in tx.execute(select(t.runner_zone).order_by(t.runner_zone.c.from_date)):
        zones.setdefault(row.runner_id, []).append((row.from_date, row.zone))
    rows = tx.execute(select(t.runner).order_by(t.runner.c.id))
    return [_runner(row, zones.get(row.id, [(date(1970, 1, 1), "UTC")])) for row in rows]


def _runner(row: Any, zones: Sequence[tuple[date, str]]) -> Runner:
    known = {f.name for f in fields(Limits)}
    return Runner(
        id=row.id,
        name=row.name,
        email=row.email,
        email_refused=row.email_refused,
        units=row.units,
        first_weekday=row.first_weekday,
        weekly_mail=row.weekly_mail,
        alert_mail=row.alert_mail,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        limits=Limits(**{k: v for k, v in row.limits.items() if k in known}),
        start=StartValues(row.start_said_on, row.start_longest_m, row.start_usual_week_m, row.pain_now),
        zones=tuple(zones),
        created_at=row.created_at,
        catching_up=row.catching_up,
        taking_in_until=row.taking_in_until,
        check_in_ask=row.check_in_ask,
        routine_at=row.routine_at,
    )


def get(tx: Tx, runner_id: int) -> Runner:
    return next(r for r in everyone(tx) if r.id == runner_id)


def lock(tx: Tx, runner_id: int) -> Runner:
    """The runner, with nobody else writing about them until this transaction ends."""
    tx.execute(select(t.runner.c.id).where(t.runner.c.id == runner_id).with_for_update(key_share=True)).one()
    return get(tx, runner_id)


def change(tx: Tx, runner_id: int, **settings: Any) -> None:
    tx.execute(update(t.runner).where(t.runner.c.id == runner_id).values(**settings))


def start_catching_up(tx: Tx, runner_id: int, how: str) -> None:
    """History comes in: until it is judged, findings are recorded as seen. A first import stays one."""
    still = (t.runner.c.id == runner_id) & (t.runner.c.catching_up.is_distinct_from("first"))
    tx.execute(update(t.runner).where(still).values(catching_up=how))


def go_on_taking_in(tx: Tx, runner_id: int, until: datetime | None) -> None:
    """Extend the lease of the look or import that is under way; None: it is complete."""
    change(tx, runner_id, taking_in_until=until)


def set_zone(tx: Tx, runner_id: int, zone: str, from_date: date) -> None:
    """From that date on the runner lives there; what was said of later dates goes."""
    later = (t.runner_zone.c.runner_id == runner_id) & (t.runner_zone.c.from_date >= from_date)
    tx.execute(delete(t.runner_zone).where(later))
    tx.execute(insert(t.runner_zone).values(runner_id=runner_id, from_date=from_date, zone=zone))


def erase(tx: Tx, runner_id: int) -> list[str]:
    """Remove the person and all that is theirs; returns the originals that nobody owns any more."""
    mine = select(t.raw_file.c.sha256).where(t.raw_file.c.runner_id == runner_id)
    others = select(t.raw_file.c.sha256).where(t.raw_file.c.runner_id != runner_id)
    orphans = list(tx.scalars(mine.where(t.raw_file.c.sha256.not_in(others))))
    tx.execute(delete(t.wearing).where(t.wearing.c.runner_id == runner_id))
    tx.execute(delete(t.runner).where(t.runner.c.id == runner_id))
    return orphans


def add_pause(tx: Tx, runner_id: int, pause: Pause) -> None:
    tx.execute(
        insert(t.pause).values(
            runner_id=runner_id, from_date=pause.from_date, until_date=pause.until_date, reason=pause.reason
        )
    )


def end_pause(tx: Tx, runner_id: int, until: date) -> int:
    """Close the pauses that are still open; returns how many."""
    open_ones = (t.pause.c.runner_id == runner_id) & (t.pause.c.until_date.is_(None))
    return int(tx.execute(update(t.pause).where(open_ones).values(until_date=until)).rowcount)


def remove_pause(tx: Tx, runner_id: int, from_date: date) -> bool:
    """Whether there was one that begins on that day."""
    mine = (t.pause.c.runner_id == runner_id) & (t.pause.c.from_date == from_date)
    return bool(tx.execute(delete(t.pause).where(mine)).rowcount)


def pauses(tx: Tx, runner_id: int) -> tuple[Pause, ...]:
    mine = select(t.pause).where(t.pause.c.runner_id == runner_id).order_by(t.pause.c.from_date)
    return tuple(Pause(r.from_date, r.until_date, r.reason) for r in tx.execute(mine))


def add_injury(tx: Tx, runner_id: int, on: date, note: str | None) -> None:
    tx.execute(insert(t.injury).values(runner_id=runner_id, happened_on=on, note=note))


def injuries(tx: Tx, runner_id: int) -> tuple[date, ...]:
    mine = select(t.injury.c.happened_on).where(t.injury.c.runner_id == runner_id)
    return tuple(tx.scalars(mine.order_by(t.injury.c.happened_on)))


def noted_injuries(tx: Tx, runner_id: int) -> list[tuple[date, str | None]]:
    """With the runner's own words, the newest first."""
    mine = select(t.injury).where(t.injury.c.runner_id == runner_id)
    return [(r.happened_on, r.note) for r in tx.execute(mine.order_by(t.injury.c.happened_on.desc()))]


def remove_injury(tx: Tx, runner_id: int, on: date) -> bool:
    """Whether there was one on that day."""
    mine = (t.injury.c.runner_id == runner_id) & (t.injury.c.happened_on == on)
    return bool(tx.execute(delete(t.injury).where(mine)).rowcount)


def add_race(tx: Tx, runner_id: int, on: date, name: str | None) -> None:
    tx.execute(insert(t.race).values(runner_id=runner_id, on_date=on, name=name))


def races(tx: Tx, runner_id: int) -> list[tuple[date, str | None]]:
    mine = select(t.race).where(t.race.c.runner_id == runner_id).order_by(t.race.c.on_date)
    return [(r.on_date, r.name) for r in tx.execute(mine)]


def remove_race(tx: Tx, runner_id: int, on: date) -> bool:
    """Whether there was one on that day."""
    mine = (t.race.c.runner_id == runner_id) & (t.race.c.on_date == on)
    return bool(tx.execute(delete(t.race).where(mine)).rowcount)
