"""Builders with defaults: say in a test only what it is about."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from midsole.domain.activity import Activity
from midsole.domain.facts import Facts, SourceHealth
from midsole.domain.shoes import LIMIT_M_BY_KIND, Shoe, Wear, Worn

TODAY = date(2026, 11, 20)
"""A Friday."""

_ids = count(1)


def day(on: str | date) -> date:
    return on if isinstance(on, date) else date.fromisoformat(on)


def at(on: str | date, clock: str = "07:00") -> datetime:
    """That clock time in UTC; `on` may also be a whole ISO timestamp."""
    if isinstance(on, str) and "T" in on:
        return datetime.fromisoformat(on).replace(tzinfo=UTC)
    hour, minute = clock.split(":")
    return datetime(*day(on).timetuple()[:3], int(hour), int(minute), tzinfo=UTC)


def run(
    on: str | date = "2026-11-02",
    km: float = 10,
    *,
    clock: str = "07:00",
    sport: str = "running",
    surface: str = "road",
    distance_m: float | None = None,
    counted_m: float | None = None,
    minutes: float | None = None,
    id: int | None = None,  # noqa: A002
    key: str | None = None,
    **more: Any,
) -> Activity:
    """An activity at 6 min/km unless told otherwise; a run unless `sport` says so."""
    number = next(_ids) if id is None else id
    metres = km * 1000 if distance_m is None else distance_m
    timer_s = metres * 0.36 if minutes is None else minutes * 60
    started_at = at(on, clock)
    values: dict[str, Any] = {
        "id": number,
        "key": key or f"{number:064x}.0",
        "sport": sport,
        "surface": surface,
        "started_at": started_at,
        "local_date": day(on),
        "distance_m": metres,
        "counted_m": metres if counted_m is None else counted_m,
        "distance_from": "session",
        "timer_s": timer_s,
        "moving_s": timer_s,
        "elapsed_s": timer_s,
        "received_at": started_at + timedelta(hours=2),
    }
    return Activity(**(values | more))


def walk(on: str | date = "2026-11-02", km: float = 5, **more: Any) -> Activity:
    return run(on, km, sport="walking", **more)


def runs_every(days: int, km: float, *, until: str | date = TODAY, for_days: int = 60) -> list[Activity]:
    """Equal runs every so many days, the last one on `until`."""
    last = day(until)
    return [run(last - timedelta(days=n), km) for n in reversed(range(0, for_days, days))]


def weekly(
    kms: Sequence[float], *, runs_a_week: int = 3, last_week_start: str | date = "2026-11-16"
) -> list[Activity]:
    """Weeks of so many km, oldest first, each in equal runs on every second day."""
    last = day(last_week_start)
    starts = [last - timedelta(weeks=n) for n in reversed(range(len(kms)))]
    return [
        run(start + timedelta(days=2 * n), km / runs_a_week)
        for start, km in zip(starts, kms, strict=True)
        for n in range(runs_a_week)
        if km > 0
    ]


def facts(
    activities: Iterable[Activity] = (),
    *,
    today: str | date = TODAY,
    known_since: str | date | None = "2026-01-01",
    **more: Any,
) -> Facts:
    """What a rule may look at, at 18:00; history reaches back to January unless told otherwise."""
    everything = tuple(sorted(activities, key=lambda a: (a.started_at, a.key)))
    values: dict[str, Any] = {
        "now": at(today, "18:00"),
        "today": day(today),
        "first_weekday": 0,
        "activities": everything,
        "history_from": None if known_since is None else day(known_since),
        "last_run_on": max((a.local_date for a in everything if a.is_run), default=None),
    }
    return Facts(**(values | more))


def shoe(name: str = "Pegasus", kind: str = "daily", *, id: int = 1, **more: Any) -> Shoe:  # noqa: A002
    return Shoe(**({"id": id, "name": name, "kind": kind, "limit_m": LIMIT_M_BY_KIND[kind]} | more))


def worn(
    pair: Shoe | None = None, activities: Iterable[Activity] = (), *, worn_m: float | None = None
) -> Worn:
    """A pair that wore these activities whole; `worn_m` adds what is older than the recent ones."""
    recent = tuple(
        Wear(a.id, a.local_date, a.counted_m) for a in sorted(activities, key=lambda a: a.started_at)
    )
    total_m = sum(w.distance_m for w in recent) if worn_m is None else worn_m
    days = [w.local_date for w in recent]
    return Worn(
        pair or shoe(),
        total_m,
        len(recent),
        0,
        min(days, default=None),
        max(days, default=None),
        recent,
    )


def source(connection_id: int = 1, *, name: str = "inbox", **more: Any) -> SourceHealth:
    """A healthy connection, looked at an hour ago."""
    looked = at(TODAY, "17:00")
    values: dict[str, Any] = {
        "connection_id": connection_id,
        "name": name,
        "created_at": at("2026-01-01"),
        "first_look_done": True,
        "last_look_at": looked,
        "last_success_at": looked,
    }
    return SourceHealth(**(values | more))
