"""Load: weeks against their mean and their cap, longest runs against the moving limit, and what is beside."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from midsole.actions.long_view import MOST_WITH_SPEEDS, Load, load_of
from midsole.domain.connection import ago
from midsole.domain.days_off import days_off
from midsole.domain.letter import evidence, plain
from midsole.domain.long_view import Shown
from midsole.domain.pain import standing
from midsole.domain.units import distance, distance_down, percent, short_day
from midsole.domain.weeks import WEEK, week_start
from midsole.web.charts.bars import Bar, bars
from midsole.web.charts.lines import Point, line
from midsole.web.charts.scale import Axis, distance_axis
from midsole.web.habit_words import drawn_habits
from midsole.web.page import page
from midsole.web.visit import Mine

router = APIRouter()

CHOICES = (26, 52, 104)
MINUTES = Axis("min", 60.0)
HOURS = Axis("h", 3_600.0)
METRES = Axis("m")
OFF_WORDS = {"ill": "ill", "injured": "injured", "pain": "red pain"}


@router.get("/load")
def load(visit: Mine, request: Request, weeks: str = "") -> Response:
    count = int(weeks) if weeks in map(str, CHOICES) else CHOICES[0]
    found = load_of(visit.box, visit.me.id, count)
    shown = _since_first_known(found)
    if not shown:
        return page(visit, request, "load.html", rows=[], count=count, choices=CHOICES)
    as_of, off = found.as_of, _weeks_off(found)
    return page(
        visit,
        request,
        "load.html",
        count=count,
        choices=CHOICES,
        cap=found.cap,
        synced=as_of,
        ago="" if as_of is None else ago(found.facts.now - as_of),
        rows=list(reversed(shown)),
        off=off,
        weeks_chart=_weeks_chart(found, shown, off),
        longest_chart=_longest_chart(found, shown),
        **_beside_the_weeks(shown),
        **drawn_habits(found.habits),
        evidence={rule: evidence(rule) for rule in ("L1", "L2", "L4")},
        limits=found.facts.limits,
        is_in_pain=standing(found.facts) is not None,
    )


def _since_first_known(found: Load) -> list[Shown]:
    """Without the weeks before all history; those within it that are not known stay, and say so."""
    first = found.facts.history_from
    return [] if first is None else [s for s in found.weeks if s.week.week_start + WEEK > first]


def _far(metres: float | None, units: str) -> str:
    return "not enough data" if metres is None else plain(distance(metres, units))


def _is_now(shown: Shown, today: date) -> bool:
    return shown.week.week_start <= today < shown.week.week_start + WEEK


# Weeks


def _weeks_off(found: Load) -> dict[date, str]:
    """First day of a week -> how many of its days were no days of running, and why; no mean holds them."""
    why: dict[date, list[str]] = {}
    for day, reason in days_off(found.facts).items():
        why.setdefault(week_start(day, found.facts.first_weekday), []).append(OFF_WORDS[reason])
    return {
        start: f"{len(reasons)} day{'s' * (len(reasons) > 1)}, {' and '.join(sorted(set(reasons)))}"
        for start, reasons in why.items()
    }


def _weeks_chart(found: Load, shown: Sequence[Shown], off: Mapping[date, str]) -> Markup:
    units, last = found.facts.units, shown[-1]
    known = [s.week.distance_m for s in shown if s.is_known]
    so_far = f"{_far(last.week.distance_m, units)} so far" if last.is_known else "nothing known of it so far"
    most = f"the longest was {_far(max(known), units)}" if known else "none is known"
    said = (
        f"{len(shown)} weeks: {most}. The last one is not over, {so_far}."
        f" The mean of the four weeks before this one is {_far(last.mean_m, units)},"
        f" the cap of this week {_far(last.cap_m, units)}."
    )
    return bars(
        [_week_bar(s, found, off.get(s.week.week_start)) for s in shown],
        name="weeks",
        title="Distance run in each week",
        desc=said,
        axis=distance_axis(units),
        value_words="run in the week",
        unfinished_words="not over yet",
        mean_words="mean of the four weeks before",
        cap_words="cap of the week",
        off_words="with days ill, injured or in red pain",
        height=230,
    )


def _week_bar(shown: Shown, found: Load, off: str | None) -> Bar:
    units, week, is_now = found.facts.units, shown.week, _is_now(shown, found.facts.today)
    done = f"{_far(week.distance_m, units)}{' so far' if is_now else ''}" if shown.is_known else "not known"
    cap = "" if shown.cap_m is None else f", cap {plain(distance_down(shown.cap_m, units))}"
    rested = f", {off}" if off else ""
    return Bar(
        short_day(week.week_start),
        week.distance_m if shown.is_known else None,
        f"Week from {short_day(week.week_start)} {week.week_start.year}: {done}{cap}{rested}",
        mean=shown.mean_m,
        cap=shown.cap_m,
        unfinished=is_now,
        off=off is not None,
    )


# Longest runs


def _longest_chart(found: Load, shown: Sequence[Shown]) -> Markup:
    units, today = found.facts.units, found.facts.today
    points = [_longest_point(s, units) for s in shown if s.longest is not None]
    if found.cap.next_run_m is not None:
        points.append(Point(today, None, high=found.cap.next_run_m))
    above, more = sum(p.above for p in points), percent(found.facts.limits.session_warn - 1)
    said = (
        f"The longest run of each week and the limit it had: {more} more than the longest run of the 30 days"
        f" before it. {above or 'None'} of {len(points)} went past it."
        f" Today's cap is {_far(found.cap.next_run_m, units)}."
    )
    return line(
        sorted(points, key=lambda p: p.on),
        name="longest",
        title="The longest run of each week against the moving limit",
        desc=said,
        axis=distance_axis(units),
        value_words="longest run of the week",
        band_words="up to the limit of that day",
        above_words="past the limit",
        joined=False,
        stepped=True,
        height=230,
    )


def _longest_point(shown: Shown, units: str) -> Point:
    assert shown.longest is not None
    run, limit_m = shown.longest.session, shown.longest.limit_m
    most = (
        "no run in the 30 days before" if limit_m is None else f"limit {plain(distance_down(limit_m, units))}"
    )
    words = f"{short_day(run.local_date)} {run.local_date.year}: {_far(run.distance_m, units)}, {most}"
    return Point(run.local_date, run.distance_m, words, high=limit_m, above=shown.longest.is_above)


# Beside them: cross-training, climbs, fast minutes, ratios


def _beside_the_weeks(shown: Sequence[Shown]) -> dict[str, Any]:
    """The small charts, while there is room in them for a week."""
    if len(shown) > MOST_WITH_SPEEDS:
        return {"has_small": False}
    return {
        "has_small": True,
        "ratio_charts": _ratio_charts(shown),
        "beside_chart": _beside_chart(shown),
        "climb_chart": _climb_chart(shown),
        "fast_chart": _fast_chart(shown),
    }


def _small(
    shown: Sequence[Shown], values: Sequence[float | None], name: str, title: str, axis: Axis, digits: int = 0
) -> Markup:
    known = [v for v in values if v is not None]
    items = [
        Bar(
            short_day(s.week.week_start),
            value,
            f"Week from {short_day(s.week.week_start)}: {_said(value, axis, digits)}",
            unfinished=s is shown[-1],
        )
        for s, value in zip(shown, values, strict=True)
    ]
    most = _said(max(known, default=None), axis, digits)
    desc = f"{len(known)} of {len(values)} weeks are known; the most was {most}."
    return bars(items, name=name, title=title, desc=desc, axis=axis, height=130)


def _said(value: float | None, axis: Axis, digits: int) -> str:
    return "not enough data" if value is None else f"{value / axis.per:,.{digits}f} {axis.unit}".strip()


def _beside_chart(shown: Sequence[Shown]) -> Markup | None:
    values = [sum(b.moving_s for b in s.beside) if s.is_known else None for s in shown]
    return _small(shown, values, "beside", "Time in other sports", HOURS, 1) if any(values) else None


def _climb_chart(shown: Sequence[Shown]) -> Markup | None:
    values = [s.week.descent_m if s.is_known else None for s in shown]
    return _small(shown, values, "descent", "Metres run downhill", METRES) if any(values) else None


def _fast_chart(shown: Sequence[Shown]) -> Markup | None:
    values = [s.week.fast_s for s in shown]
    return _small(shown, values, "fast", "Fast minutes", MINUTES) if any(values) else None


def _ratio_charts(shown: Sequence[Shown]) -> list[dict[str, Any]]:
    """Drawn as lines of one colour: no value of them is good or bad by itself."""
    weeks = [s.week for s in shown]
    kinds = (
        ("acwr", "Acute to chronic", [w.acwr for w in weeks], 2),
        ("monotony", "Monotony", [w.monotony for w in weeks], 2),
        ("strain", "Strain", [w.strain for w in weeks], 0),
    )
    return [_ratio(name, title, shown, values, digits) for name, title, values, digits in kinds]


def _ratio(
    name: str, title: str, shown: Sequence[Shown], values: Sequence[float | None], digits: int
) -> dict[str, Any]:
    points = [
        Point(
            s.week.week_start + timedelta(days=3),
            v,
            f"{short_day(s.week.week_start)}: {_said(v, Axis(), digits)}",
        )
        for s, v in zip(shown, values, strict=True)
    ]
    now = next((v for v in reversed(values) if v is not None), None)
    last = _said(now, Axis(), digits)
    desc = f"One value a week where it is known; the newest is {last}."
    if now is None:
        return {"name": name, "title": title, "chart": None, "last": last}
    drawn = line(points, name=name, title=f"{title}, week by week", desc=desc, axis=Axis(), height=130)
    return {"name": name, "title": title, "chart": drawn, "last": last}
