"""What other limits would have said: the form, and the year judged again beside it; nothing is changed."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from math import isfinite
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions.replay import Replayed, replayed
from midsole.domain import replay
from midsole.domain.errors import UsageError
from midsole.domain.facts import LEVELS, Limits
from midsole.domain.limit_words import GROUPS, LIMITS, WHOLE, read, typed, unit_of
from midsole.domain.replay import Course
from midsole.domain.rules import RULE_BY_ID
from midsole.domain.units import MONTHS
from midsole.web.page import page
from midsole.web.slowly import Slowly
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/alerts/replay"
SPANS = (13, 26, 52)
ASKED = frozenset(name for names in replay.ASKS.values() for name in names)
TYPED = "say_"
"""Fields of the form here hold what was typed; without it a limit is as it is kept: factors, metres, days."""
MOST_SHOWN = 200


@router.get(PLACE, dependencies=[Slowly])
def limits_tried(visit: Mine, request: Request) -> Response:
    """Without a choice only the form: a year takes a second to be judged again."""
    said = dict(request.query_params)
    try:
        tried = _tried(visit, said)
        found = None if tried is None else replayed(visit.box, visit.me.id, tried, _span(said))
    except UsageError as error:
        return _page(visit, request, said, None, error)
    return _page(visit, request, said, found)


def _span(said: Mapping[str, str]) -> int:
    try:
        weeks = int(said.get("weeks", "52"))
    except ValueError:
        raise UsageError("The number of weeks is no number.") from None
    if weeks not in SPANS:
        raise UsageError(f"Choose {SPANS[0]}, {SPANS[1]} or {SPANS[2]} weeks.")
    return weeks


def _tried(visit: Visit, said: Mapping[str, str]) -> dict[str, float] | None:
    """The limits to try; None: nothing was asked. Where some are named as kept the others are defaults."""
    kept = {name: _kept(name, text) for name, text in said.items() if name in LIMITS}
    if kept or "defaults" in said:
        defaults = Limits()
        return {name: kept.get(name, getattr(defaults, name)) for name in ASKED}
    entered = {name: text for name in ASKED if (text := said.get(TYPED + name, "").strip())}
    if not entered and "weeks" not in said:
        return None
    units, present = visit.me.units, visit.me.limits
    shown = {name: typed(getattr(present, name), LIMITS[name].kind, units) for name in ASKED}
    new = {n: read(text, LIMITS[n], units) for n, text in entered.items() if text != shown[n]}
    return {name: getattr(present, name) for name in ASKED} | new


def _kept(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (isfinite(value) and 0 < value < 1e6) or (LIMITS[name].kind in WHOLE and value != int(value)):
        raise UsageError(f"{LIMITS[name].label}: {text[:40]!r} can't be a limit.")
    return value


def _page(
    visit: Visit,
    request: Request,
    said: Mapping[str, str],
    found: Replayed | None,
    error: UsageError | None = None,
) -> Response:
    limits = found.limits if found else visit.me.limits
    return page(
        visit,
        request,
        "replay.html",
        status=422 if error else 200,
        error=error,
        groups=[_group(visit, group, limits, {} if found else said) for group in GROUPS],
        weeks=said.get("weeks", "52"),
        spans=SPANS,
        found=found,
        names={name: rule.name for name, rule in RULE_BY_ID.items()},
        courses=_courses(found) if found else [],
        rows=_by_rule(found) if found else [],
        months=_by_month(found.entered) if found else [],
        shown=found.entered.alerts[::-1][:MOST_SHOWN] if found else [],
        words=_words,
    )


def _group(visit: Visit, group: Any, limits: Limits, said: Mapping[str, str]) -> dict[str, Any]:
    units = visit.me.units
    fields = [
        {
            "name": TYPED + one.name,
            "label": one.label,
            "unit": unit_of(one.kind, units),
            "value": said.get(TYPED + one.name, typed(getattr(limits, one.name), one.kind, units)),
            "present": typed(getattr(visit.me.limits, one.name), one.kind, units),
        }
        for one in group.limits
        if one.name in ASKED
    ]
    return {"title": group.title, "fields": fields}


def _courses(found: Replayed) -> list[tuple[str, Course, Counter[str]]]:
    """With the entered limits, and with the present ones where those are others."""
    both = [("With your present limits", found.as_now)]
    if found.changed:
        both.insert(0, ("With these limits", found.entered))
    return [(title, course, Counter(a.level for a in course.alerts)) for title, course in both]


def _by_rule(found: Replayed) -> list[tuple[str, Counter[str], Counter[str]]]:
    def of(course: Course, rule: str) -> Counter[str]:
        return Counter(a.level for a in course.alerts if a.rule == rule)

    both = [(rule, of(found.entered, rule), of(found.as_now, rule)) for rule in replay.RULES]
    return [(rule, entered, now) for rule, entered, now in both if entered or now]


def _by_month(course: Course) -> list[tuple[str, dict[str, Counter[str]], int]]:
    """The newest month first: its rules' levels, and its mails."""
    months = sorted(
        {_month(day) for day in [*(a.day for a in course.alerts), *course.mails_on]}, reverse=True
    )
    return [
        (
            f"{MONTHS[month - 1]} {year}",
            {
                rule: Counter(
                    a.level for a in course.alerts if a.rule == rule and _month(a.day) == (year, month)
                )
                for rule in replay.RULES
            },
            sum(_month(day) == (year, month) for day in course.mails_on),
        )
        for year, month in months
    ]


def _month(day: date) -> tuple[int, int]:
    return (day.year, day.month)


def _words(levels: Mapping[str, int]) -> str:
    """ "2 notes, 1 warning"; a dash for none."""
    names = {"note": ("note", "notes"), "warn": ("warning", "warnings"), "alarm": ("alarm", "alarms")}
    counts = [(levels.get(level, 0), names[level]) for level in LEVELS]
    return ", ".join(f"{n} {one if n == 1 else many}" for n, (one, many) in counts if n) or "–"
