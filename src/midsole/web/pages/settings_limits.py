"""Settings of limits: each with its default, what it rests on, and a way to try others on last year."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import setup
from midsole.domain import limit_words
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.facts import Limits
from midsole.domain.letter import GRADES
from midsole.domain.limit_words import GROUPS, LIMITS
from midsole.domain.rules import RULE_BY_ID
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/settings/limits"


@router.get(PLACE)
def limits(visit: Mine, request: Request) -> Response:
    return _page(visit, request)


def _page(
    visit: Visit, request: Request, form: Form | None = None, error: UsageError | None = None
) -> Response:
    return page(
        visit,
        request,
        "settings_limits.html",
        status=422 if error else 200,
        error=error,
        groups=[_group(visit, group, form.plain() if form else {}) for group in GROUPS],
    )


def _group(visit: Visit, group: limit_words.LimitGroup, entered: Mapping[str, str]) -> dict[str, Any]:
    rule = RULE_BY_ID[group.rule]
    grades = [GRADES[grade] for grade in rule.grade.replace("+", "").split("/") if grade in GRADES]
    return {
        "title": group.title,
        "rule": rule,
        "grade": "; ".join(grades),
        "limits": [_limit(visit, words, entered) for words in group.limits],
    }


def _limit(visit: Visit, words: limit_words.LimitWords, entered: Mapping[str, str]) -> dict[str, Any]:
    units, kind = visit.me.units, words.kind
    value, plain = getattr(visit.me.limits, words.name), getattr(Limits(), words.name)
    shown = limit_words.typed(value, kind, units)
    return {
        "name": words.name,
        "label": words.label,
        "unit": limit_words.unit_of(kind, units),
        "value": entered.get(words.name, shown),
        "default": limit_words.typed(plain, kind, units),
        "changed": value != plain,
        "rules": words.rules,
    }


@router.post(PLACE)
def change(visit: Mine, request: Request, form: Posted) -> Response:
    """Keep what was entered, put one back, or only look what it would have said."""
    try:
        if "reset" in form:
            return _reset(visit, form["reset"])
        said = _read(visit, form)
        if "try" in form:
            return go_to(visit, f"/alerts/replay?{_as_query(visit, said)}")
        if said:
            setup.set_limits(visit.box, visit.me.id, said)
    except NotThere:
        raise
    except UsageError as error:
        return _page(visit, request, form, error)
    return go_to(visit, PLACE, _told(len(said)))


def _as_query(visit: Visit, said: Mapping[str, float | None]) -> str:
    """All that differ from the defaults, as they are kept: factors, metres, hours, days."""
    plain = asdict(Limits())
    wanted = asdict(visit.me.limits) | {n: plain[n] if value is None else value for n, value in said.items()}
    differing = {name: value for name, value in wanted.items() if value != plain[name]}
    return urlencode({"defaults": "yes", **differing})


def _told(count: int) -> str:
    if not count:
        return "Nothing was changed."
    return (
        f"{count} {'limit is' if count == 1 else 'limits are'} changed. What that makes true is not mailed."
    )


def _read(visit: Visit, form: Form) -> dict[str, float | None]:
    """Those that differ from what stood there; an empty field is the default."""
    said: dict[str, float | None] = {}
    for name, words in LIMITS.items():
        before = limit_words.typed(getattr(visit.me.limits, name), words.kind, visit.me.units)
        text = form.maybe(name)
        if name in form and text != before:
            said[name] = None if text is None else limit_words.read(text, words, visit.me.units)
    return said


def _reset(visit: Visit, name: str) -> Response:
    if name != "all" and name not in LIMITS:
        raise NotThere("There is no such limit.")
    setup.set_limits(visit.box, visit.me.id, dict.fromkeys(LIMITS if name == "all" else [name]))
    said = "All limits are" if name == "all" else f"“{LIMITS[name].label}” is"
    return go_to(visit, PLACE, f"{said} back at the default.")
