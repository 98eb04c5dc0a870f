"""Surfaces, cross-training and cadence against the runner's own past: their charts and words."""

from typing import Any

from markupsafe import Markup

from midsole.actions.long_view import Habits
from midsole.domain.cadence import LAST_RUNS, Cadence, are_enough
from midsole.domain.habits import Mix, Part
from midsole.domain.letter import evidence
from midsole.domain.units import percent, short_day
from midsole.web.charts.against import Dot, against
from midsole.web.charts.pairs import Pair, pairs


def drawn_habits(habits: Habits | None) -> dict[str, Any]:
    """What the page of the load shows of them."""
    if habits is None:
        return {"habits": None}
    compared = [c for c in habits.cadences if c.own_spm is not None]
    return {
        "habits": habits,
        "surface_rows": [_share_row(habits.surfaces, part) for part in habits.surfaces.parts],
        "surface_chart": _surface_chart(habits.surfaces),
        "cross_rows": [(p.name, _hours(p.lately), _hours(p.before)) for p in habits.cross_training.parts],
        "cross_chart": _cross_chart(habits.cross_training),
        "cadence_chart": _cadence_chart(compared),
        "cadence_rows": list(reversed(habits.cadences)),
        "cadence_is_enough": are_enough(habits.cadences),
        "cadence_evidence": evidence("C1"),
    }


def _share_row(mix: Mix, part: Part) -> tuple[str, str, str, float, float]:
    """Name, both shares and both distances."""
    now, then = mix.shares(part)
    return part.name, percent(now), percent(then) if mix.is_enough else "–", part.lately, part.before


def _surface_chart(mix: Mix) -> Markup | None:
    if not mix.parts:
        return None
    items = []
    for part in mix.parts:
        now, then = mix.shares(part)
        before = f", {percent(then)} before" if mix.is_enough else ""
        items.append(Pair(f"{part.name}: {percent(now)}{before}", now, then if mix.is_enough else 0.0))
    said = "; ".join(p.said for p in items)
    return pairs(items, name="surfaces", title="Shares of the distance by surface", desc=said, most=1.0)


def _cross_chart(mix: Mix) -> Markup | None:
    if not mix.parts:
        return None
    items = [
        Pair(
            f"{p.name}: {_hours(p.lately)} a week{f', {_hours(p.before)} before' if mix.is_enough else ''}",
            p.lately,
            p.before if mix.is_enough else 0.0,
        )
        for p in mix.parts
    ]
    said = "; ".join(p.said for p in items)
    return pairs(items, name="cross", title="Hours a week in other sports", desc=said)


def _hours(seconds: float) -> str:
    return f"{seconds / 3_600:.1f} h"


def _cadence_chart(compared: list[Cadence]) -> Markup | None:
    if not compared:
        return None
    low = sum(c.is_low for c in compared[-LAST_RUNS:])
    desc = (
        f"{len(compared)} runs of 28 days, each against the median of your runs at like pace before it. "
        f"{low or 'None'} of the last {min(LAST_RUNS, len(compared))} had at least 5 % fewer steps a minute."
    )
    return against(
        [_dot(c) for c in compared],
        name="cadence",
        title="Cadence of each run against your own at like pace",
        desc=desc,
        keys=("a run", "your own at like pace", "at least 5 % fewer steps"),
    )


def _dot(c: Cadence) -> Dot:
    share = c.spm / c.own_spm - 1 if c.own_spm else 0.0
    return Dot(
        c.on,
        share,
        f"{short_day(c.on)}: {c.spm:.0f} a minute, your own {c.own_spm or 0:.0f} ({share * 100:+.0f} %)",
        c.is_low,
    )
