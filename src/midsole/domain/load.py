"""What the feet took: sessions, weeks against the usual, longest runs, ratios; missing stays missing."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from math import sqrt
from operator import attrgetter

from midsole.domain.activity import ON_FEET, Activity
from midsole.domain.days_off import paused_days
from midsole.domain.facts import Facts, copied
from midsole.domain.pain import red_days
from midsole.domain.weeks import DAY, WEEK, iso_week, week_start

SESSION_GAP_S = 600
HAIR_M = 1e-6
WINDOW_DAYS = 30
BEST_DAYS = 90
MEAN_WEEKS = 4
MIN_WEEKS_WITH_RUNS = 3
CROSS = frozenset({"cycling", "swimming", "other"})


@dataclass(frozen=True, slots=True)
class Session:
    """Running activities with under ten minutes between them: one run to the foot."""

    key: str
    activity_ids: tuple[int, ...]
    started_at: datetime
    local_date: date
    distance_m: float
    is_race: bool


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the runner. Runs only, unless the name says otherwise; None is "not enough data".

    `ramp` is 0.18 for 18 % above usual; `monotony` is mean over deviation of the days' distance, `strain`
    kilometres times monotony; `missing` says why a None is one."""

    week_start: date
    iso_week: str | None
    distance_m: float
    usual_m: float | None
    runs: int
    longest_m: float | None
    ramp: float | None
    acwr: float | None
    monotony: float | None
    strain: float | None
    walk_m: float
    cross_s: float
    ascent_m: float
    descent_m: float
    steps: int | None
    fast_s: float | None
    missing: tuple[str, ...] = ()


def sessions(activities: Iterable[Activity]) -> list[Session]:
    """Runs joined where start minus (previous start plus its timer time) is under ten minutes."""
    return _joined(_runs(activities))


def _runs(activities: Iterable[Activity]) -> list[Activity]:
    return sorted((a for a in activities if a.is_run), key=attrgetter("started_at", "key"))


def _joined(runs: Iterable[Activity]) -> list[Session]:
    groups: list[list[Activity]] = []
    for run in runs:
        if groups and _gap_s(groups[-1][-1], run) < SESSION_GAP_S:
            groups[-1].append(run)
        else:
            groups.append([run])
    return [_session(group) for group in groups]


def _gap_s(earlier: Activity, later: Activity) -> float:
    return (later.started_at - earlier.started_at).total_seconds() - earlier.timer_s


def _session(group: list[Activity]) -> Session:
    first = group[0]
    if len(group) == 1:
        one = (first.id,)
        return Session(first.key, one, first.started_at, first.local_date, first.counted_m, first.is_race)
    return Session(
        first.key,
        tuple(a.id for a in group),
        first.started_at,
        first.local_date,
        sum(a.counted_m for a in group),
        any(a.is_race for a in group),
    )


def exceeds(value_m: float, factor: float, base_m: float) -> bool:
    """More than `factor` times the base, in whole metres: who runs exactly the shown cap does not.

    A steady ten per cent must not note for the last bit of a float, so the limit gets a hair more."""
    return round(value_m) > round(factor * base_m + HAIR_M)


@dataclass(slots=True)
class Log:
    """A runner's days, counted once and asked often. `known_until` ends the week of the last activity.

    `left_out` are days in no mean: paused, or red. `base_m_by_day` is what counts in the usual week: all that
    was run, but for the caps, which leave out what was run in pain."""

    facts: Facts
    runs: list[Activity]
    sessions: list[Session]
    run_m_by_day: dict[date, float]
    base_m_by_day: dict[date, float]
    last_activity_on: date | None
    left_out: set[date] = field(default_factory=set)
    fast_s_by_week: dict[date, float | None] = field(default_factory=dict)
    mean_m_by_week: dict[tuple[date, date | None], float | None] = field(default_factory=dict)
    best_before: dict[tuple[datetime, str], float | None] = field(default_factory=dict)

    @property
    def known_until(self) -> date | None:
        """Whole weeks: the tail of the last active week counts as rest, an empty week after it is unknown."""
        if self.last_activity_on is None:
            return None
        return week_start(self.last_activity_on, self.facts.first_weekday) + WEEK - DAY

    def run_m(self, first: date, days: int) -> float:
        by_day = self.run_m_by_day
        return sum([by_day.get(day, 0.0) for day in _days(first, days)])

    def base_m(self, first: date, days: int) -> float:
        """Of these days what counts in the usual week."""
        by_day = self.base_m_by_day
        return sum([by_day.get(day, 0.0) for day in _days(first, days)])

    def unpaused(self, first: date, days: int) -> list[date]:
        """The days that may enter a mean: since the first known day, in no pause, and not red."""
        begins, left_out = self.facts.history_from, self.left_out
        if begins is None:
            return []
        return [day for day in _days(first, days) if day >= begins and day not in left_out]


def _days(first: date, count: int) -> list[date]:
    """Asked for a hundred times a page."""
    begin = first.toordinal()
    return [date.fromordinal(number) for number in range(begin, begin + count)]


def read_log(facts: Facts) -> Log:
    """The same one for the same facts: every rule asks for it."""
    found = facts.counted.get("log")
    if not isinstance(found, Log):
        found = facts.counted["log"] = _read_log(facts)
    return found


def _read_log(facts: Facts) -> Log:
    runs = _runs(facts.activities)
    by_day: dict[date, float] = {}
    for run in runs:
        by_day[run.local_date] = by_day.get(run.local_date, 0.0) + run.counted_m
    last = max((a.local_date for a in facts.activities if not a.excluded), default=None)
    # A copy of the facts: a circle of them and their log would stay in memory until the collector comes.
    left_out = paused_days(facts).keys() | (red_days(facts) if facts.body.check_ins else set())
    return Log(copied(facts), runs, _joined(runs), by_day, by_day, last, left_out)


def is_paused(facts: Facts, day: date) -> bool:
    return any(p.from_date <= day and (p.until_date is None or day <= p.until_date) for p in facts.pauses)


def history_days(facts: Facts, day: date) -> int:
    """How many days are known before `day`; 0 with no history."""
    return 0 if facts.history_from is None else max(0, (day - facts.history_from).days)


def is_short(facts: Facts, day: date) -> bool:
    """Fewer than 30 known days: start values count, and without them L1 and L2 are silent."""
    return history_days(facts, day) < WINDOW_DAYS


def mean_week_m(log: Log, before: date) -> float | None:
    """Mean of the 4 weeks before `before`, a first day of a week, per seven known unpaused days.

    None unless 3 of them have runs (RULES.md L2)."""
    asked = (before, log.known_until)
    if asked not in log.mean_m_by_week:
        log.mean_m_by_week[asked] = _mean_week_m(log, *asked)
    return log.mean_m_by_week[asked]


def _mean_week_m(log: Log, before: date, until: date | None) -> float | None:
    first = before - MEAN_WEEKS * WEEK
    days = [d for d in log.unpaused(first, 28) if until is None or d <= until]
    weeks_with_runs = {(d - first).days // 7 for d in days if log.run_m_by_day.get(d)}
    if len(weeks_with_runs) < MIN_WEEKS_WITH_RUNS:
        return None
    return sum(log.base_m_by_day.get(d, 0.0) for d in days) / len(days) * 7


def usual_week_m(facts: Facts, week_start: date) -> float | None:
    """L2's usual: the larger of last week and the mean of the 4 weeks before this one.

    While fewer than 30 days are known, what the runner said stands in for the mean."""
    return usual_m(read_log(facts), week_start)


def usual_m(log: Log, week_start: date) -> float | None:
    last_week_m = log.base_m(week_start - WEEK, 7)
    as_of = min(week_start + WEEK - DAY, max(log.facts.today, week_start))
    said_m = log.facts.start.usual_week_m
    mean_m = said_m if is_short(log.facts, as_of) else mean_week_m(log, week_start)
    return None if mean_m is None else max(mean_m, last_week_m)


def two_weeks_base_m(log: Log, week_start: date) -> float | None:
    """What L2 measures two weeks against: the larger of the week and the mean of the four before them."""
    before = week_start - 2 * WEEK
    mean_m = None if is_short(log.facts, before) else mean_week_m(log, before)
    return None if mean_m is None else max(mean_m, log.base_m(before, 7))


def longest(among: Sequence[Session], day: date, before: datetime | None = None) -> Session | None:
    """The longest of sessions in order of start, of local dates day-30 to day, begun before the instant."""
    window = [s for s in since(day - timedelta(days=WINDOW_DAYS), among, before) if s.local_date <= day]
    return max(reversed(window), key=_distance_m, default=None)  # of two of one length the later


def since[T: (Session, Activity)](
    first: date, in_order: Sequence[T], before: datetime | None = None
) -> list[T]:
    """Those of that local day and later that started before the instant; older history is not looked at."""
    # The order is that of the instants, and no zone's day begins a day before that of UTC.
    earliest = datetime.combine(first - DAY, time(), UTC)
    begin = bisect_left(in_order, earliest, key=_started_at)
    end = len(in_order) if before is None else bisect_left(in_order, before, key=_started_at)
    return [one for one in in_order[begin:end] if one.local_date >= first]


def of_week[T: (Session, Activity)](start: date, in_order: Sequence[T]) -> list[T]:
    """Those of the seven local days from `start` on."""
    end = datetime.combine(start + WEEK + DAY, time(), UTC)  # nor does any zone's day end a day after UTC's
    return [one for one in since(start, in_order, end) if one.local_date < start + WEEK]


_started_at, _distance_m = attrgetter("started_at"), attrgetter("distance_m")


def weeks(facts: Facts, count: int = 8) -> list[Week]:
    """The last `count` weeks, oldest first, the running one last."""
    return weeks_of(read_log(facts), count)


def weeks_of(log: Log, count: int) -> list[Week]:
    this = week_start(log.facts.today, log.facts.first_weekday)
    return [_week(log, this - n * WEEK) for n in reversed(range(count))]


def _week(log: Log, start: date) -> Week:
    facts, missing = log.facts, list[str]()
    mine = [a for a in of_week(start, facts.activities) if not a.excluded]
    runs = [a for a in mine if a.is_run]
    distance_m = sum(a.counted_m for a in runs)
    usual = usual_m(log, start)
    if usual is None:
        missing.append(f"usual_m, ramp: {_why_no_usual(log, start)}")
    acwr = _acwr(log, start, missing)
    monotony = _monotony(log, start, missing)
    fast_s = week_fast_s(log, start)
    if fast_s is None:
        missing.append("fast_s: no best 30 minutes in the 90 days before, or no speeds")
    steps = [a.steps for a in mine if a.sport in ON_FEET and a.steps is not None]
    return Week(
        week_start=start,
        iso_week=iso_week(start, facts.first_weekday),
        distance_m=distance_m,
        usual_m=usual,
        runs=len(runs),
        longest_m=max((s.distance_m for s in of_week(start, log.sessions)), default=None),
        ramp=distance_m / usual - 1 if usual else None,
        acwr=acwr,
        monotony=monotony,
        strain=None if monotony is None else distance_m / 1000 * monotony,
        walk_m=sum(a.counted_m for a in mine if a.sport in ON_FEET and not a.is_run),
        cross_s=sum(a.moving_s for a in mine if a.sport in CROSS),
        ascent_m=sum(a.ascent_m or 0.0 for a in runs),
        descent_m=sum(a.descent_m or 0.0 for a in runs),
        steps=sum(steps) if steps else None,
        fast_s=fast_s,
        missing=tuple(missing),
    )


def _why_no_usual(log: Log, start: date) -> str:
    if is_short(log.facts, min(start + WEEK - DAY, log.facts.today)):
        return "fewer than 30 days of history and no usual week given"
    return "fewer than 3 of the 4 weeks before have runs"


def _as_of(log: Log, start: date) -> date | None:
    """The last day of the week that is known: a day with nothing after it may still be unsynced."""
    if log.last_activity_on is None or log.last_activity_on < start:
        return None
    return min(start + WEEK - DAY, log.last_activity_on)


def _acwr(log: Log, start: date, missing: list[str]) -> float | None:
    """Acute to chronic, uncoupled: the day's mean of 7 days over that of the 21 before them."""
    end = _as_of(log, start)
    begins = log.facts.history_from
    if end is None or begins is None or begins > end - 27 * DAY:
        missing.append("acwr: fewer than 28 known days")
        return None
    acute, chronic = log.unpaused(end - 6 * DAY, 7), log.unpaused(end - 27 * DAY, 21)
    acute_m = _mean_m(log, acute)
    chronic_m = _mean_m(log, chronic)
    if acute_m is None or not chronic_m:
        missing.append("acwr: no running in the three weeks before, or a pause")
        return None
    return acute_m / chronic_m


def _mean_m(log: Log, days: list[date]) -> float | None:
    return sum(log.run_m_by_day.get(d, 0.0) for d in days) / len(days) if days else None


def _monotony(log: Log, start: date, missing: list[str]) -> float | None:
    """Foster's monotony: mean over standard deviation of the seven days; needs all seven known."""
    days = log.unpaused(start, 7)
    end = _as_of(log, start)
    known = end is not None and (end == start + WEEK - DAY)
    metres = [log.run_m_by_day.get(d, 0.0) for d in days]
    if not known or len(days) < 7 or min(metres) == max(metres):
        missing.append("monotony, strain: not all seven days are known, or all are alike")
        return None
    mean_m = sum(metres) / 7
    return mean_m / sqrt(sum((m - mean_m) ** 2 for m in metres) / 7)


def week_fast_s(log: Log, start: date) -> float | None:
    """Seconds of the week at or above the best 30 minutes of the 90 days before each run."""
    if start not in log.fast_s_by_week:
        log.fast_s_by_week[start] = _count_fast_s(log, start)
    return log.fast_s_by_week[start]


def _count_fast_s(log: Log, start: date) -> float | None:
    runs = of_week(start, log.runs)
    known = [s for a in runs if (s := fast_s(log, a)) is not None]
    return sum(known) if known else None


def fast_s(log: Log, run: Activity) -> float | None:
    if not run.speed_s:
        return None
    if not log.best_before:
        log.best_before.update(_best_before(log.runs))
    best = log.best_before[run.started_at, run.key]
    if best is None:
        return None
    # The bin that holds the best speed counts whole: a run at exactly that speed falls into it.
    lowest = int(best * 10)
    return sum([s for speed_bin, s in run.speed_s.items() if speed_bin >= lowest])


def _best_before(runs: Sequence[Activity]) -> dict[tuple[datetime, str], float | None]:
    """Run by run the best 30 minutes of those that started before it, on one of the 90 days before its own.

    One pass: a run that a later and better one outdoes is never asked again. A change of zone puts local
    dates a day or two out of order, so what is too old is kept that much longer."""
    best: deque[tuple[date, float]] = deque()
    found: dict[tuple[datetime, str], float | None] = {}
    for _, together in groupby(runs, key=_started_at):
        same = list(together)
        for run in same:
            first = run.local_date - timedelta(days=BEST_DAYS)
            while best and best[0][0] < first - 2 * DAY:
                best.popleft()
            found[run.started_at, run.key] = max([speed for day, speed in best if day >= first], default=None)
        for run in same:
            speed = run.best_30min_m_per_s
            while speed and best and best[-1][1] <= speed and best[-1][0] <= run.local_date:
                best.pop()
            if speed:
                best.append((run.local_date, speed))
    return found
