"""When a pair will be worn out, how sure that is, and what a kilometre in it costs."""

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import fmean

from midsole.domain.shoes import Worn

WEEKS = 8
"""The pace is that of these weeks; the range is learnt from all that `Worn.recent` holds."""
MIN_WEEKS_WITH_RUNS = 3
LEARNT_WEEKS = 28
BLOCK_WEEKS = 4
"""Weeks scatter within a block; a habit changes from block to block."""
FAR_DAYS = 3650
"""Ten years: a date beyond says nothing."""

Z_90 = 1.2816
"""The normal distribution's 90 % point: the range is 10-90 %."""

# Chosen once, see docs/decisions/0015-the-forecast.md: with these numbers 70-90 % of the dates lay inside the
# range, on the eleven-year log and on synthetic runners of many kinds. `scripts/bench forecast` checks them.
SCATTER, SCATTER_SEEN_AS = 0.15, 0.3
"""The relative variance of a week where no block is whole yet, and for how many blocks it counts later."""
SCATTER_STAYS, DRIFT_STAYS, NEVER_SURER = 0.40, 1.56, 0.0003
DRIFT_OF_NEW, DRIFT_OF_SCATTER, DRIFT_SEEN_AS = 0.03, 0.20, 0.15
EARLIER, LATER = -0.5, 3.2
"""Breaks put a date off by more than good weeks bring it forward, most where weeks differ most."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days on which the pair reaches its limit; None, with why in `missing`, where nobody can say."""

    p10: date | None
    p50: date | None
    p90: date | None
    km_per_week: float | None
    remaining_m: float | None
    missing: tuple[str, ...] = ()


def forecast(worn: Worn, today: date, off: Collection[date] = ()) -> Forecast:
    """What is left over the pace of the last 8 weeks, of which 3 must have runs.

    The range is as wide as the pair's own weeks were uneven over the last 200 days, from week to week and
    from month to month. Days `off` (days_off.py: sick, injured, in red pain) are taken out of the calendar:
    the weeks are those before and after them. Holidays stay in, for they come again."""
    worn = _without(worn.in_all, today, off) if off else worn.in_all
    total_m, weeks = worn.distance_m, _weekly_m(worn, today, LEARNT_WEEKS)
    pace_m = _pace_m(worn, today, weeks)
    remaining_m = None if total_m is None else max(0.0, worn.shoe.limit_m - total_m)
    why = _why_not(worn, remaining_m, pace_m)
    rate = None if pace_m is None else pace_m / 1000
    if why is not None or remaining_m is None or pace_m is None:
        return Forecast(None, None, None, rate, remaining_m, (why,) if why else ())
    ahead = remaining_m / pace_m
    spread = _spread(_whole_weeks(worn, today, weeks), ahead, _known_days(worn, today) / 7)
    early, middle, late = (_after(today, 7 * ahead, sign, spread) for sign in (-1, 0, 1))
    return Forecast(
        early, middle, late, rate, remaining_m, () if late else ("p90: more than ten years away",)
    )


def _without(worn: Worn, today: date, off: Collection[date]) -> Worn:
    """The same distance, each wear as many days nearer to today as were off between; none of a day off."""
    days = sorted({day for day in off if day <= today})

    def nearer(day: date) -> date:
        return day + timedelta(days=len(days) - bisect_right(days, day))

    recent = [replace(w, local_date=nearer(w.local_date)) for w in worn.recent if w.local_date not in off]
    first = None if worn.first_worn_on is None else nearer(worn.first_worn_on)
    return replace(worn, recent=tuple(recent), first_worn_on=first)


def _why_not(worn: Worn, remaining_m: float | None, pace_m: float | None) -> str | None:
    if worn.shoe.retired_on is not None:
        return "retired"
    if remaining_m is None:
        return "the distance before Midsole is unknown"
    if remaining_m == 0:
        return "already at its limit"
    return None if pace_m else "worn in fewer than 3 of the last 8 weeks"


def _weekly_m(worn: Worn, today: date, count: int) -> list[float]:
    """Metres in each of the last `count` times 7 days, the newest first."""
    metres = [0.0] * count
    for wear in worn.recent:
        ago = (today - wear.local_date).days // 7
        if 0 <= ago < count:
            metres[ago] += wear.distance_m
    return metres


def _days_since_first(worn: Worn, today: date) -> int | None:
    return None if worn.first_worn_on is None else max(1, (today - worn.first_worn_on).days + 1)


def _known_days(worn: Worn, today: date) -> int:
    """Of the last 8 weeks; days before the pair was first worn are left out."""
    return min(7 * WEEKS, _days_since_first(worn, today) or 7 * WEEKS)


def _pace_m(worn: Worn, today: date, weeks: list[float]) -> float | None:
    """Metres a week; None where too few of the last weeks have runs."""
    last = weeks[:WEEKS]
    if sum(m > 0 for m in last) < MIN_WEEKS_WITH_RUNS:
        return None
    return sum(last) * 7 / _known_days(worn, today)


def _whole_weeks(worn: Worn, today: date, weeks: list[float]) -> list[float]:
    days = _days_since_first(worn, today)
    return weeks if days is None else weeks[: days // 7]


def _spread(weeks: list[float], ahead_weeks: float, known_weeks: float) -> float:
    """The standard deviation of log(the time it takes / the time expected).

    Two parts: weeks that differ at random even out, over those the pace is taken from and those to come; a
    change of habit (a season, a break, a plan) does not."""
    scatter, drift = _unevenness(weeks)
    evened_out = scatter * (1 / known_weeks + 1 / max(ahead_weeks, 0.3))
    return math.sqrt(SCATTER_STAYS * evened_out + DRIFT_STAYS * drift + NEVER_SURER)


def _unevenness(weeks: list[float]) -> tuple[float, float]:
    """Relative variances: of the weeks within a block of 4, and of the blocks' means beyond that."""
    blocks = [weeks[n : n + BLOCK_WEEKS] for n in range(0, len(weeks) - BLOCK_WEEKS + 1, BLOCK_WEEKS)]
    mean_m = fmean(map(fmean, blocks)) if blocks else 0.0
    seen = fmean(map(_variance, blocks)) / mean_m**2 if mean_m else 0.0
    scatter = (len(blocks) * seen + SCATTER_SEEN_AS * SCATTER) / (len(blocks) + SCATTER_SEEN_AS)
    if len(blocks) < 2 or not mean_m:
        return scatter, DRIFT_OF_NEW + DRIFT_OF_SCATTER * scatter
    between = _variance([fmean(block) for block in blocks]) / mean_m**2
    moved = max(0.0, between - seen / BLOCK_WEEKS)
    return scatter, moved + DRIFT_SEEN_AS * scatter / (len(blocks) - 1)


def _variance(values: Sequence[float]) -> float:
    """Of a sample; `statistics.variance` is exact and takes ten times as long."""
    mean = fmean(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _after(today: date, expected_days: float, sign: int, spread: float) -> date | None:
    """The expected day (0), or the day with 10 % before it (-1) or after it (1)."""
    skew = 1 + (EARLIER if sign < 0 else LATER) * spread / (1 + spread)
    days = math.log(max(expected_days, 1e-6)) + sign * Z_90 * spread * skew
    if days > math.log(FAR_DAYS):
        return None
    return today + timedelta(days=max(1, math.ceil(math.exp(days) - 1e-6)))


def cost_per_km(worn: Worn) -> float | None:
    """The price over all kilometres on the pair; None without a price or a known distance."""
    if worn.shoe.price is None or not worn.distance_m:
        return None
    return worn.shoe.price / (worn.distance_m / 1000)


def share_of_rotation(worns: Iterable[Worn], today: date) -> dict[int, float]:
    """Each pair's share of the distance worn in the last 8 weeks, by shoe id; empty where nothing was."""
    metres = {worn.shoe.id: sum(_weekly_m(worn, today, WEEKS)) for worn in worns}
    total_m = sum(metres.values())
    return {shoe: m / total_m for shoe, m in metres.items()} if total_m else {}
