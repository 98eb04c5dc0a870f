"""Surfaces and cross-training of the last 4 weeks against the runner's own 12 weeks before them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from midsole.domain.activity import SURFACES, Activity
from midsole.domain.facts import Facts
from midsole.domain.letter import Row, Section
from midsole.domain.load import CROSS, read_log
from midsole.domain.units import percent
from midsole.domain.weeks import WEEK

LATELY_WEEKS, BEFORE_WEEKS, QUIET_WEEKS = 4, 12, 8
LATELY, BEFORE = LATELY_WEEKS * WEEK, BEFORE_WEEKS * WEEK
LEAST_RUNS = 5
"""On known surfaces, lately and before."""
MOVED_POINTS = 0.20
CROSS_FACTOR, CROSS_MORE_S = 2.0, 3_600
SOFT = frozenset({"trail"})
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """One surface's distance, or one other sport's time; lately and before."""

    name: str
    lately: float
    before: float


@dataclass(frozen=True, slots=True)
class Mix:
    """Parts with what they are part of, the largest of lately first; `runs` are those behind them. Before the
    first known day nothing is known: `is_enough` False says that nothing can be compared."""

    parts: tuple[Part, ...]
    lately: float
    before: float
    is_enough: bool
    lately_runs: int = 0
    unknown_runs: int = 0
    soft_runs: int = 0

    def shares(self, part: Part) -> tuple[float, float]:
        """Of lately and of before."""
        return _share(part.lately, self.lately), _share(part.before, self.before)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def surfaces(facts: Facts, last: date) -> Mix:
    """Metres by surface in the 4 weeks up to that day, and in the 12 before; unknown surfaces are no part."""
    lately, before = _in_both(last, (a for a in facts.activities if a.is_run))
    known, earlier = (_on_known_surfaces(runs) for runs in (lately, before))
    parts = _parts(SURFACES, _by_surface(known), _by_surface(earlier))
    return Mix(
        parts,
        sum(p.lately for p in parts),
        sum(p.before for p in parts),
        is_known(facts, last) and min(len(known), len(earlier)) >= LEAST_RUNS,
        len(lately),
        len(lately) - len(known),
        sum(a.surface in SOFT for a in lately),
    )


def cross_training(facts: Facts, last: date) -> Mix:
    """Seconds a week by sport in the 4 weeks up to that day, and in the 12 before."""
    lately, before = _in_both(last, (a for a in facts.activities if a.sport in CROSS and not a.excluded))
    parts = _parts(CROSS, _by_sport(lately, LATELY_WEEKS), _by_sport(before, BEFORE_WEEKS))
    return Mix(parts, sum(p.lately for p in parts), sum(p.before for p in parts), is_known(facts, last))


def is_known(facts: Facts, last: date) -> bool:
    """Whether all 16 weeks up to that day lie within the known history."""
    return facts.history_from is not None and facts.history_from <= last - LATELY - BEFORE + timedelta(days=1)


def _in_both(last: date, among: Iterable[Activity]) -> tuple[list[Activity], list[Activity]]:
    lately_from, before_from = last - LATELY, last - LATELY - BEFORE
    mine = [a for a in among if before_from < a.local_date <= last]
    return [a for a in mine if a.local_date > lately_from], [a for a in mine if a.local_date <= lately_from]


def _on_known_surfaces(runs: Iterable[Activity]) -> list[Activity]:
    return [a for a in runs if a.surface != UNKNOWN]


def _by_surface(runs: Iterable[Activity]) -> dict[str, float]:
    found: dict[str, float] = {}
    for run in runs:
        found[run.surface] = found.get(run.surface, 0.0) + run.counted_m
    return found


def _by_sport(activities: Iterable[Activity], weeks: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in activities:
        found[one.sport] = found.get(one.sport, 0.0) + one.moving_s / weeks
    return found


def _parts(
    names: Iterable[str], lately: Mapping[str, float], before: Mapping[str, float]
) -> tuple[Part, ...]:
    found = [Part(name, lately.get(name, 0.0), before.get(name, 0.0)) for name in names]
    present = [part for part in found if part.lately or part.before]
    return tuple(sorted(present, key=lambda p: (-p.lately, -p.before, p.name)))


# ---- what changed


def changed_surfaces(mix: Mix) -> dict[str, str]:
    """Surface -> words, where it is new or its share moved by 20 points; what one gains the others lose, so
    those that lost are said only where none gained as much."""
    if not mix.is_enough:
        return {}
    moved = [p for p in mix.parts if p.before == 0 or abs(_gained(mix, p)) >= MOVED_POINTS]
    gained = [p for p in moved if _gained(mix, p) > 0]
    return {p.name: _surface_words(mix, p) for p in gained or moved}


def _gained(mix: Mix, part: Part) -> float:
    now, then = mix.shares(part)
    return round(now - then, 6)


def _surface_words(mix: Mix, part: Part) -> str:
    now, then = mix.shares(part)
    return (
        f"{part.name} {percent(now)} of the distance, {'new' if part.before == 0 else percent(then)} before"
    )


def changed_cross_training(mix: Mix) -> dict[str, str]:
    """As of surfaces: where the time doubled or halved, by at least an hour a week."""
    more_s = abs(mix.lately - mix.before)
    times = max(mix.lately, mix.before) >= CROSS_FACTOR * min(mix.lately, mix.before)
    if not mix.is_enough or not times or more_s < CROSS_MORE_S:
        return {}
    return {"cross-training": f"cross-training {_hours(mix.lately)} a week, {_hours(mix.before)} before"}


def _hours(seconds: float) -> str:
    return f"{seconds / 3_600:.1f} h"


def changes(facts: Facts, last: date) -> dict[str, str]:
    """What changed -> words; as of that day."""
    return changed_surfaces(surfaces(facts, last)) | changed_cross_training(cross_training(facts, last))


def habits_section(facts: Facts, week_start: date) -> Section:
    """What became true with that week; what was true in one of the eight before it was said then.

    A change of cadence is a finding (C1), and said as one. Of a week with nothing in it, nothing is said."""
    last, known_until = week_start + WEEK - timedelta(days=1), read_log(facts).known_until
    found = changes(facts, last) if known_until is not None and last <= known_until else {}
    ago = range(1, QUIET_WEEKS + 1) if found else ()
    known = {what for n in ago for what in changes(facts, last - n * WEEK)}
    fresh = [words for what, words in found.items() if what not in known]
    if not fresh:
        return Section("What changed", ())
    said = "; ".join(fresh)
    words = f"{said[0].upper()}{said[1:]} (the last 4 weeks against your own 12 before)."
    return Section("What changed", (Row(words),), inline=True)
