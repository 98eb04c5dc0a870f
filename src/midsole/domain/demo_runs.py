"""A made-up runner's two years: when, how far and how fast, and each run as a TCX document."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from math import pi, sin
from zlib import crc32
from zoneinfo import ZoneInfo

DAYS = 728
BREAK = range(190, 211)
"""Days before the end: three weeks without a run."""
TRAIL_FROM = 610
LAST_DAYS = 3
"""What is younger comes in as news, the rest as history."""
PAIR_M = 640_000.0
"""The last run takes the newer daily pair over this."""
LONG_RUN, EASY_RUNS, SHORT_RUN = 6, (1, 3), 4
"""Days of a week that is counted back from the last run."""
POINT_S = 60
TREADMILL_MONTHS = (12, 1, 2)


@dataclass(frozen=True, slots=True)
class Outing:
    """One run, walk or ride; `hour` is local."""

    day: date
    hour: float
    distance_m: float
    timer_s: float
    sport: str = "Running"
    heart_rate: int = 142

    @property
    def is_run(self) -> bool:
        return "Running" in self.sport

    @property
    def is_trail(self) -> bool:
        return self.sport == "Trail Running"

    def started_at(self, zone: str) -> datetime:
        local = datetime.combine(self.day, time(), ZoneInfo(zone)) + timedelta(minutes=round(self.hour * 60))
        return local.astimezone(UTC)


def outings(until: date, days: int = DAYS) -> list[Outing]:
    """Up to the day before `until`, in order; the last one is a quarter longer than any of 30 days."""
    found = [outing for ago in range(days, 0, -1) for outing in _day(until, ago)]
    return [*found[:-1], _spike(found)]


def _day(until: date, ago: int) -> Iterator[Outing]:
    day, week = until - timedelta(days=ago), (ago - 1) // 7
    weekday = (7 - ago) % 7
    chance = partial(_chance, ago)
    usual_m = 1000 * _usual_km(week) * (0.92 + 0.16 * chance("week"))
    if ago in BREAK:
        if ago % 5 == 0:
            yield _other(day, "Walking", 3000 + 2000 * chance("walk"), 0.70)
    elif weekday == LONG_RUN:
        trail = week % 2 == 1 and ago <= TRAIL_FROM
        yield _run(day, 9.2, usual_m * 0.40, chance("pace"), "Trail Running" if trail else "Running")
    elif weekday in EASY_RUNS:
        indoors = day.month in TREADMILL_MONTHS and chance("indoors") < 0.8
        sport = "Treadmill Running" if indoors else "Running"
        yield _run(day, 18.1, usual_m * 0.28, chance("pace"), sport)
    elif weekday == SHORT_RUN and week % 2 == 0 and ago > 30:
        yield _run(day, 6.8, usual_m * 0.15, chance("pace"), "Running")
    if weekday == 2 and 4 <= day.month <= 10 and chance("ride") < 0.5:
        yield _other(day, "Biking", 18_000 + 27_000 * chance("far"), 0.16)


def _chance(ago: int, what: str) -> float:
    """From 0 to 1, the same each time: the demo is the same story on every box."""
    return crc32(f"{what} {ago}".encode()) / 2**32


def _usual_km(week: int) -> float:
    """By weeks before the end: a ramp, the break, the way back; every fourth week is lighter."""
    back = BREAK.start // 7
    km = min(19.5, 7 + 0.75 * (back - week)) if week <= back else 12 + 8 * (103 - week) / 73
    return km * (0.8 if week % 4 == 3 else 1.0)


def _run(day: date, hour: float, distance_m: float, chance: float, sport: str) -> Outing:
    metres = round(max(2000.0, distance_m))
    s_per_m = {"Trail Running": 0.414, "Treadmill Running": 0.354}.get(sport, 0.345) * (0.96 + 0.09 * chance)
    return Outing(day, hour + chance - 0.5, metres, round(metres * s_per_m), sport, 136 + round(14 * chance))


def _other(day: date, sport: str, distance_m: float, s_per_m: float) -> Outing:
    return Outing(day, 15.0, round(distance_m), round(distance_m * s_per_m), sport, 112)


def _spike(found: list[Outing]) -> Outing:
    last = found[-1]
    before = [o for o in found[:-1] if o.is_run and o.day >= last.day - timedelta(days=30)]
    metres = round(1.25 * max(o.distance_m for o in before)) if before else last.distance_m
    return Outing(last.day, 9.0, metres, round(metres * 0.357), heart_rate=151)


def change_of_pairs(found: list[Outing]) -> date:
    """The day from which the road runs add up to what a pair lasts; the first day where they never do."""
    so_far_m = 0.0
    for run in reversed(found):
        so_far_m += run.distance_m if run.is_run and not run.is_trail else 0.0
        if so_far_m >= PAIR_M:
            return run.day
    return found[0].day


def tcx(outing: Outing, zone: str) -> bytes:
    """With a point a minute and a lap a kilometre."""
    start = outing.started_at(zone)
    laps = "".join(_laps(outing, start))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
        f'<Activities><Activity Sport="{outing.sport}"><Id>{_stamp(start)}</Id>{laps}'
        "</Activity></Activities></TrainingCenterDatabase>"
    ).encode()


def _laps(outing: Outing, start: datetime) -> Iterator[str]:
    lap_m = 1000.0 if outing.sport != "Biking" else 5000.0
    begin_m = 0.0
    while begin_m < outing.distance_m:
        end_m = min(begin_m + lap_m, outing.distance_m)
        yield _lap(outing, start, begin_m, end_m)
        begin_m = end_m


def _lap(outing: Outing, start: datetime, begin_m: float, end_m: float) -> str:
    s_per_m = outing.timer_s / outing.distance_m
    begin_s, end_s = begin_m * s_per_m, end_m * s_per_m
    between = range(int(begin_s // POINT_S + 1) * POINT_S, int(end_s), POINT_S)
    points = "".join(_point(outing, start, s) for s in (begin_s, *between, end_s))
    return (
        f'<Lap StartTime="{_stamp(start + timedelta(seconds=begin_s))}">'
        f"<TotalTimeSeconds>{end_s - begin_s:.1f}</TotalTimeSeconds>"
        f"<DistanceMeters>{end_m - begin_m:.1f}</DistanceMeters><Track>{points}</Track></Lap>"
    )


def _point(outing: Outing, start: datetime, second: float) -> str:
    metres = second / outing.timer_s * outing.distance_m
    beats = outing.heart_rate - 12 + min(12, second / 60) + 4 * sin(second / 300)
    cadence = "<Cadence>84</Cadence>" if outing.is_run else ""
    height = 112 + (45.0 if outing.is_trail else 9.0) * sin(metres / 2300 * 2 * pi)
    altitude = "" if outing.sport == "Treadmill Running" else f"<AltitudeMeters>{height:.1f}</AltitudeMeters>"
    return (
        f"<Trackpoint><Time>{_stamp(start + timedelta(seconds=second))}</Time>{altitude}"
        f"<DistanceMeters>{metres:.1f}</DistanceMeters>"
        f"<HeartRateBpm><Value>{beats:.0f}</Value></HeartRateBpm>{cadence}</Trackpoint>"
    )


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
