"""When a pair will be worn out, what it costs a kilometre, and its share of the rotation."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, pvariance

from midsole.domain.shoes import Worn

WEEKS = 8
MIN_WEEKS_WITH_RUNS = 3
Z_90 = 1.2816
"""The normal distribution's 90 % point: the range is 10-90 %."""
FAR_WEEKS = 520
"""Ten years: a date beyond says nothing."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days on which the pair reaches its limit; None, with why in `missing`, where nobody can say."""

    p10: date | None
    p50: date | None
    p90: date | None
    km_per_week: float | None
    remaining_m: float | None
    missing: tuple[str, ...] = ()


def forecast(worn: Worn, today: date) -> Forecast:
    """From the weekly distance on this pair over the last 8 weeks, of which 3 must have runs."""
    total_m, weeks = worn.distance_m, _weekly_m(worn, today)
    rate = fmean(weeks) / 1000 if sum(w > 0 for w in weeks) >= MIN_WEEKS_WITH_RUNS else None
    remaining_m = None if total_m is None else max(0.0, worn.shoe.limit_m - total_m)
    why = _why_not(worn, remaining_m, rate)
    if why is not None or remaining_m is None:
        return Forecast(None, None, None, rate, remaining_m, (why,) if why else ())
    early, middle, late = (_reaches(today, remaining_m, weeks, z) for z in (Z_90, 0.0, -Z_90))
    return Forecast(
        early, middle, late, rate, remaining_m, () if late else ("p90: more than ten years away",)
    )


def _why_not(worn: Worn, remaining_m: float | None, rate: float | None) -> str | None:
    if worn.shoe.retired_on is not None:
        return "retired"
    if remaining_m is None:
        return "the distance before Midsole is unknown"
    if remaining_m == 0:
        return "already at its limit"
    return None if rate else "worn in fewer than 3 of the last 8 weeks"


def _weekly_m(worn: Worn, today: date) -> list[float]:
    """Metres in each of the last 8 times 7 days; weeks before the pair was first worn are left out."""
    metres = [0.0] * WEEKS
    for wear in worn.recent:
        ago = (today - wear.local_date).days // 7
        if 0 <= ago < WEEKS:
            metres[ago] += wear.distance_m
    first = worn.first_worn_on
    return metres if first is None else metres[: max(1, (today - first).days // 7 + 1)]


def _reaches(today: date, remaining_m: float, weeks: list[float], z: float) -> date | None:
    """The day by which the limit is reached with the probability of `z`.

    After n weeks the sum has mean n*mu and variance n*s2 + n*n*s2/k: the weeks' own scatter and that of
    a mean taken from k weeks."""
    mu, s2, k = fmean(weeks), pvariance(weeks), len(weeks)
    for day in range(1, FAR_WEEKS * 7):
        n = day / 7
        if n * mu + z * math.sqrt(n * s2 + n * n * s2 / k) >= remaining_m:
            return today + timedelta(days=day)
    return None


def cost_per_km(worn: Worn) -> float | None:
    """The price over all kilometres on the pair; None without a price or a known distance."""
    if worn.shoe.price is None or not worn.distance_m:
        return None
    return worn.shoe.price / (worn.distance_m / 1000)


def share_of_rotation(worns: Iterable[Worn], today: date) -> dict[int, float]:
    """Each pair's share of the distance worn in the last 8 weeks, by shoe id; empty where nothing was."""
    metres = {worn.shoe.id: sum(_weekly_m(worn, today)) for worn in worns}
    total_m = sum(metres.values())
    return {shoe: m / total_m for shoe, m in metres.items()} if total_m else {}
