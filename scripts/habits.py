"""Runners whose true pair is known for every run: many habits, each with slips, gaps and new pairs."""

import csv
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

YEARS = 2.5
ZONE = ZoneInfo("Europe/Berlin")
RUN_FIELDS = (
    "id", "date", "started_at", "hour", "sport", "surface", "distance_m", "moving_s", "ascent_m",
    "cadence_spm", "stance_time_ms", "vertical_oscillation_mm", "is_race", "pair",
)  # fmt: skip
PAIR_FIELDS = ("id", "name", "kind", "first_used", "retired_on", "limit_m")


@dataclass(frozen=True, slots=True)
class Run:
    """One outing; `plan` is what the runner set out to do: easy, long, tempo, race or walk."""

    id: int
    date: date
    hour: float
    sport: str
    surface: str
    plan: str
    distance_m: float
    moving_s: float
    ascent_m: float | None
    cadence_spm: float | None
    stance_time_ms: float | None
    vertical_oscillation_mm: float | None
    pair: int = 0

    @property
    def is_race(self) -> bool:
        return self.plan == "race"

    @property
    def started_at(self) -> datetime:
        local = datetime.combine(self.date, time(0), ZONE) + timedelta(seconds=round(self.hour * 3600))
        return local.astimezone(UTC)

    @property
    def km(self) -> float:
        return self.distance_m / 1000

    @property
    def minutes_a_km(self) -> float:
        return self.moving_s / 60 / self.km


@dataclass(slots=True)
class Pair:
    id: int
    role: str
    name: str
    kind: str
    first_used: date
    limit_m: float
    cadence_spm: float
    retired_on: date | None = None
    worn_m: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Habit:
    """`choose` names the role whose pair is worn; `roles` gives each its kind. Not `driven`: by lot."""

    name: str
    says: str
    roles: dict[str, str]
    choose: "Choose"
    driven: bool = True
    breaks_in: bool = False
    slips: tuple[float, float] = (0.05, 0.10)
    cadence_apart: float = 0.0


@dataclass(frozen=True, slots=True)
class Runner:
    """The runs in order, each with the id of the pair that was worn, and the pairs."""

    name: str
    habit: Habit
    runs: Sequence[Run]
    pairs: Sequence[Pair]


@dataclass(slots=True)
class Wardrobe:
    """The pairs of one runner while the years go by."""

    habit: Habit
    chance: random.Random
    pairs: list[Pair]
    worn: list[tuple[Run, str]]
    next_one: dict[str, Pair]
    last_day: dict[int, date]

    def in_use(self, role: str) -> Pair:
        return next(p for p in reversed(self.pairs) if p.role == role and p.retired_on is None
                    and self.next_one.get(role) is not p)  # fmt: skip

    def last_role(
        self, among: Sequence[str] = (), like: Callable[[Run], bool] = lambda _: True
    ) -> str | None:
        return next((r for run, r in reversed(self.worn) if (not among or r in among) and like(run)), None)

    def last_worn(self, pair: Pair) -> date:
        """On a day with two runs the old pair may end with the first of them."""
        return self.last_day.get(pair.id, pair.first_used)


type Choose = Callable[[Run, Wardrobe], str]


# What the runner does.


def outings(chance: random.Random, until: date) -> Iterator[Run]:
    """Two and a half years: a weekly plan of the runner's own, with weather, holidays and injuries."""
    own = _Own(chance)
    day, number = until - timedelta(days=round(YEARS * 365)), 0
    away_until, next_gap = day, day + timedelta(days=chance.randint(60, 150))
    while day < until:
        if day >= next_gap:
            away_until = day + timedelta(days=chance.choice((7, 10, 14, 14, 21, 42)))
            next_gap = away_until + timedelta(days=chance.randint(70, 200))
        if day >= away_until:
            for plan in own.plans(day):
                number += 1
                yield own.run(number, day, plan)
        day += timedelta(days=1)


class _Own:
    """What is this runner's own: days, paces, and what the watch records."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        days = list(range(7))
        chance.shuffle(days)
        self.running_days = days[: chance.choice((3, 4, 4, 5, 6))]
        self.long_day = max(self.running_days, key=lambda d: (d >= 5, d))
        others = [d for d in self.running_days if d != self.long_day]
        self.tempo_day = chance.choice(others)
        self.easy_km = chance.uniform(6, 11)
        self.long_km = self.easy_km * chance.uniform(1.7, 2.4)
        self.pace = chance.uniform(4.9, 6.6)
        self.trail_share = chance.uniform(0.2, 0.4)
        self.has_treadmill = chance.random() < 0.5
        self.has_dynamics = chance.random() < 0.5
        self.misses = chance.choice((0.0, 0.1, 0.3))
        self.morning = chance.uniform(6, 8) if chance.random() < 0.5 else chance.uniform(17, 19)

    def plans(self, day: date) -> Iterator[str]:
        chance, weekday = self.chance, day.weekday()
        if weekday in self.running_days and chance.random() > 0.12:
            if weekday == self.long_day:
                yield "race" if chance.random() < 0.06 else "long" if chance.random() < 0.85 else "easy"
            elif weekday == self.tempo_day:
                yield "tempo" if chance.random() < 0.8 else "easy"
            else:
                yield "easy"
        elif chance.random() < 0.08:
            yield "easy"
        if chance.random() < 0.08:
            yield "walk"

    def run(self, number: int, day: date, plan: str) -> Run:
        chance = self.chance
        surface = self._surface(day, plan)
        km = {"easy": self.easy_km, "long": self.long_km, "tempo": self.easy_km, "walk": 4.0,
              "race": chance.choice((10.0, 10.0, 21.1))}[plan]  # fmt: skip
        km *= chance.uniform(0.99, 1.01) if plan == "race" else chance.lognormvariate(0, 0.16)
        faster = {"easy": 1.0, "long": 1.03, "tempo": 0.88, "race": 0.83, "walk": 1.9}[plan]
        ground = {"trail": 1.15, "treadmill": 1.03}.get(surface, 1.0)
        pace = self.pace * faster * ground * chance.lognormvariate(0, 0.035)
        hour = self.morning if day.weekday() < 5 else 9.5
        hour = min(22.0, max(5.0, hour + chance.gauss(0, 0.8) + (6 if chance.random() < 0.1 else 0)))
        run = Run(number, day, round(hour, 3), "walking" if plan == "walk" else "running", surface, plan,
                  round(km * 1000), round(km * pace * 60), None, None, None, None)  # fmt: skip
        return self._recorded(run)

    def _surface(self, day: date, plan: str) -> str:
        chance = self.chance
        if plan in ("race", "walk"):
            return "road"
        if self.has_treadmill and day.month in (12, 1, 2) and chance.random() < 0.4:
            return "treadmill"
        share = self.trail_share * (1.6 if plan == "long" else 0.3 if plan == "tempo" else 1.0)
        return "trail" if chance.random() < share else "road"

    def _recorded(self, run: Run) -> Run:
        """What the watch adds; some of it, sometimes all, is missing."""
        chance = self.chance
        speed = 1000 / 60 / run.minutes_a_km
        climb = run.km * (22 if run.surface == "trail" else 6) * chance.lognormvariate(0, 0.3)
        walks = run.plan == "walk"
        surface = "unknown" if chance.random() < 0.03 else run.surface
        return replace(
            run,
            surface=surface,
            ascent_m=None if run.surface == "treadmill" or chance.random() < self.misses else round(climb),
            cadence_spm=None if chance.random() < self.misses
            else round((115 if walks else 148 + 8 * speed) + chance.gauss(0, 1.5), 1),
            stance_time_ms=None if walks or not self.has_dynamics
            else round(330 - 30 * speed + chance.gauss(0, 5), 1),
            vertical_oscillation_mm=None if walks or not self.has_dynamics
            else round(84 + 3 * speed + chance.gauss(0, 2), 1),
        )  # fmt: skip


# Which pair is worn.


def _by_surface(run: Run, _: Wardrobe) -> str:
    return "trail" if run.surface == "trail" else "road"


def _by_distance(run: Run, _: Wardrobe) -> str:
    return "long" if run.km >= 15 else "daily"


def _by_pace(run: Run, _: Wardrobe) -> str:
    return "tempo" if run.plan in ("tempo", "race") else "daily"


def _by_weekday(run: Run, _: Wardrobe) -> str:
    return "a" if run.date.weekday() in (1, 3, 6) else "b"


def _by_hour(run: Run, _: Wardrobe) -> str:
    return "early" if run.hour < 12 else "late"


def _in_turn(*roles: str) -> Choose:
    def choose(_: Run, wardrobe: Wardrobe) -> str:
        last = wardrobe.last_role(roles)
        return roles[(roles.index(last) + 1) % len(roles)] if last else roles[0]

    return choose


def _only(_: Run, __: Wardrobe) -> str:
    return "daily"


def _mixture(run: Run, _: Wardrobe) -> str:
    if run.surface == "trail":
        return "trail"
    if run.plan in ("tempo", "race"):
        return "tempo"
    return "long" if run.km >= 15 else "daily"


def _in_turn_on_road(run: Run, wardrobe: Wardrobe) -> str:
    return "trail" if run.surface == "trail" else _in_turn("a", "b")(run, wardrobe)


def _indoors_and_races(run: Run, _: Wardrobe) -> str:
    return "race" if run.is_race else "old" if run.surface == "treadmill" else "daily"


def _by_season(run: Run, _: Wardrobe) -> str:
    return "winter" if run.date.month in (11, 12, 1, 2, 3) else "summer"


def _never_two_days_running(run: Run, wardrobe: Wardrobe) -> str:
    if not wardrobe.worn:
        return "a"
    before, role = wardrobe.worn[-1]
    if (run.date - before.date).days > 1:
        return "a"
    return "b" if role == "a" else "a"


def _walks_too(run: Run, _: Wardrobe) -> str:
    if run.sport == "walking":
        return "walk"
    return "trail" if run.surface == "trail" else "road"


def _by_shares(**shares: float) -> Choose:
    def choose(_: Run, wardrobe: Wardrobe) -> str:
        return wardrobe.chance.choices(list(shares), list(shares.values()))[0]

    return choose


def _sticking(run: Run, wardrobe: Wardrobe) -> str:
    last = wardrobe.last_role()
    return last if last and wardrobe.chance.random() < 0.8 else _by_shares(a=1, b=1, c=1)(run, wardrobe)


ROAD, FAST = "daily", "tempo"
HABITS = (
    Habit("surface", "a trail pair on trails", {"road": ROAD, "trail": "trail"}, _by_surface),
    Habit("long", "one pair for 15 km and more", {"daily": ROAD, "long": ROAD}, _by_distance),
    Habit("tempo", "a fast pair for tempo runs and races", {"daily": ROAD, "tempo": FAST}, _by_pace),
    Habit("weekday", "one pair on three weekdays", {"a": ROAD, "b": ROAD}, _by_weekday),
    Habit("two-in-turn", "never the pair worn last", {"a": ROAD, "b": ROAD}, _in_turn("a", "b")),
    Habit("three-in-turn", "three pairs in order",
          {"a": ROAD, "b": ROAD, "c": ROAD}, _in_turn("a", "b", "c")),
    Habit("one-then-next", "one pair until it is worn out", {"daily": ROAD}, _only),
    Habit("mixture", "by surface, pace and distance",
          {"daily": ROAD, "long": ROAD, "tempo": FAST, "trail": "trail"}, _mixture),
    Habit("turn-and-trail", "two road pairs in turn, a trail pair on trails",
          {"a": ROAD, "b": ROAD, "trail": "trail"}, _in_turn_on_road),
    Habit("hour", "one pair in the morning, one later", {"early": ROAD, "late": ROAD}, _by_hour),
    Habit("indoors-and-races", "an old pair on the treadmill, a racing pair in races",
          {"daily": ROAD, "old": ROAD, "race": "racing"}, _indoors_and_races),
    Habit("season", "a pair for winter", {"summer": ROAD, "winter": ROAD}, _by_season),
    Habit("rest", "the second pair only on the day after the first",
          {"a": ROAD, "b": ROAD}, _never_two_days_running),
    Habit("breaking-in", "a new pair shares six weeks with the old one", {"daily": ROAD}, _only,
          breaks_in=True),
    Habit("walks-too", "a walking pair, a trail pair, a road pair",
          {"road": ROAD, "trail": "trail", "walk": "walking"}, _walks_too),
    Habit("shares", "at random: 60, 30 and 10 in a hundred", {"a": ROAD, "b": ROAD, "c": ROAD},
          _by_shares(a=6, b=3, c=1), driven=False, slips=(0, 0)),
    Habit("coin", "at random: two pairs alike", {"a": ROAD, "b": ROAD}, _by_shares(a=1, b=1),
          driven=False, slips=(0, 0)),
    Habit("felt", "at random, but the pairs change the cadence", {"a": ROAD, "b": "minimal"},
          _by_shares(a=1, b=1), driven=False, slips=(0, 0), cadence_apart=6.0),
    Habit("sticking", "at random, but four times in five the pair worn last",
          {"a": ROAD, "b": ROAD, "c": ROAD}, _sticking, driven=False, slips=(0, 0)),
)  # fmt: skip


def runner(habit: Habit, seed: int, until: date = date(2026, 11, 1)) -> Runner:
    """The same for the same arguments."""
    chance = random.Random(f"{habit.name} {seed} {until}")
    runs = list(outings(chance, until))
    slips = chance.uniform(*habit.slips)
    wardrobe = Wardrobe(habit, chance, [], [], {}, {})
    for role in habit.roles:
        _buy(wardrobe, role, runs[0].date)
    worn = [_wear(run, wardrobe, slips) for run in runs]
    return Runner(f"{habit.name}-{seed}", habit, worn, wardrobe.pairs)


def _buy(wardrobe: Wardrobe, role: str, day: date) -> Pair:
    chance, number = wardrobe.chance, len(wardrobe.pairs) + 1
    place = list(wardrobe.habit.roles).index(role)
    limit_m = 1000.0 * round(chance.uniform(450, 800))
    pair = Pair(number, role, f"{role.capitalize()} {number}", wardrobe.habit.roles[role], day, limit_m,
                place * wardrobe.habit.cadence_apart)  # fmt: skip
    wardrobe.pairs.append(pair)
    return pair


def _wear(run: Run, wardrobe: Wardrobe, slips: float) -> Run:
    """The habit's pair, or now and then another; a pair that is worn out is retired and replaced."""
    chance = wardrobe.chance
    role = wardrobe.habit.choose(run, wardrobe)
    if chance.random() < slips:
        role = chance.choice([r for r in wardrobe.habit.roles if r != role] or [role])
    pair = _pair_of(role, run.date, wardrobe)
    wardrobe.worn.append((run, role))
    pair.worn_m += run.distance_m
    wardrobe.last_day[pair.id] = run.date
    cadence = None if run.cadence_spm is None else round(run.cadence_spm + pair.cadence_spm, 1)
    return replace(run, pair=pair.id, cadence_spm=cadence)


def _pair_of(role: str, day: date, wardrobe: Wardrobe) -> Pair:
    pair, coming = wardrobe.in_use(role), wardrobe.next_one.get(role)
    if wardrobe.habit.breaks_in and coming is None and pair.worn_m > pair.limit_m - 150_000:
        coming = wardrobe.next_one[role] = _buy(wardrobe, role, day)
    if coming is not None and (day - coming.first_used).days > 42:
        del wardrobe.next_one[role]
        pair.retired_on = max(day - timedelta(days=1), wardrobe.last_worn(pair))
        return coming
    if coming is not None:
        return coming if wardrobe.chance.random() < 0.5 else pair
    if pair.worn_m >= pair.limit_m:
        if wardrobe.chance.random() < 0.8:  # a fifth of all pairs is never taken out of use
            pair.retired_on = max(day - timedelta(days=1), wardrobe.last_worn(pair))
        return _buy(wardrobe, role, day)
    return pair


# Files.


def write_all(out: Path, seed: int, until: date) -> list[Path]:
    """Two files a runner: NAME.csv with the runs, NAME-pairs.csv with the pairs."""
    out.mkdir(parents=True, exist_ok=True)
    return [path for habit in HABITS for path in _write(out, runner(habit, seed, until))]


def _write(out: Path, one: Runner) -> tuple[Path, Path]:
    runs, pairs = out / f"{one.name}.csv", out / f"{one.name}-pairs.csv"
    _rows(runs, RUN_FIELDS, one.runs)
    _rows(pairs, PAIR_FIELDS, one.pairs)
    return runs, pairs


def _rows(path: Path, fields: Sequence[str], values: Sequence[object]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(fields)
        table.writerows([_cell(getattr(value, field)) for field in fields] for value in values)


def _cell(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "" if value is None else value
