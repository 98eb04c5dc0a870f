"""Alerts: what stands, all that ever were and what was sent of each, why, and what other limits would say."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from midsole.actions import alerts as acting
from midsole.actions import sent, views
from midsole.domain.alerts import ACKNOWLEDGED, NEWS, OPEN, RESOLVED, SEEN, SNOOZED
from midsole.domain.errors import UsageError
from midsole.domain.facts import LEVELS
from midsole.domain.letter import EVIDENCE_NOTE, GRADES
from midsole.domain.limit_words import LIMITS, typed, unit_of
from midsole.domain.rules import RULE_BY_ID
from midsole.domain.watches import WATCHES, WHAT_WE_KNOW
from midsole.web.forms import Posted
from midsole.web.page import go_to, page, query, safe_back
from midsole.web.pages import replays
from midsole.web.visit import Mine, Visit

router = APIRouter()
router.include_router(replays.router)
SNOOZES = (1, 7, 30)
STATES = {
    OPEN: "Open",
    SNOOZED: "Snoozed",
    ACKNOWLEDGED: "Acknowledged",
    SEEN: "Only seen",
    RESOLVED: "Over",
}
LEVEL_WORDS = {"note": "Notes", "warn": "Warnings", "alarm": "Alarms"}
GOES_TO = {
    "weekly": "The weekly mail",
    "shown": "Pages only; never a message",
}

type Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]


@router.get("/alerts")
def alerts(
    visit: Mine, request: Request, number: Number = 1, rule: str = "", level: str = "", state: str = ""
) -> Response:
    chosen = _chosen(rule, level, state)
    return page(
        visit,
        request,
        "alerts.html",
        standing=[] if chosen or number > 1 else sent.standing(visit.box, visit.me.id),
        history=sent.history(visit.box, visit.me.id, chosen, number),
        chosen=chosen,
        names={name: r.name for name, r in RULE_BY_ID.items()},
        states=STATES,
        level_words=LEVEL_WORDS,
        snoozes=SNOOZES,
        back=f"/alerts{query({**chosen, 'page': number})}" if chosen or number > 1 else "/alerts",
    )


def _chosen(rule: str, level: str, state: str) -> dict[str, str]:
    """What is no known value is no filter."""
    known = (("rule", rule, NEWS), ("level", level, LEVELS), ("state", state, STATES))
    return {name: value for name, value, values in known if value in values}


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(visit: Mine, form: Posted, alert_id: int) -> Response:
    acting.acknowledge(visit.box, visit.me.id, alert_id)
    return go_to(visit, safe_back(form, "/alerts"), "Noted. It is not said again unless it gets worse.")


@router.post("/alerts/{alert_id}/snooze")
def snooze(visit: Mine, form: Posted, alert_id: int) -> Response:
    days = form.whole("days")
    if days is None:
        raise UsageError("Say for how many days.")
    acting.snooze(visit.box, visit.me.id, alert_id, days)
    in_days = "a day" if days == 1 else f"{days} days"
    said = f"You are reminded in {in_days}, if it is still true then."
    return go_to(visit, safe_back(form, "/alerts"), said)


@router.get("/alerts/rules")
def why(visit: Mine, request: Request) -> Response:
    return page(
        visit,
        request,
        "rules.html",
        rules=[_rule(visit, rule) for rule in views.rule_list(visit.box, visit.me.id)],
        what_we_know=WHAT_WE_KNOW,
        evidence_note=EVIDENCE_NOTE,
    )


def _rule(visit: Visit, rule: dict[str, Any]) -> dict[str, Any]:
    news, grades = NEWS.get(rule["id"]), rule["grade"].replace("+", "").split("/")
    return {
        **rule,
        "watches": WATCHES[rule["id"]],
        "grade_words": "; ".join(GRADES[grade] for grade in grades if grade in GRADES),
        "where": _pushed(rule["id"]) if rule["goes_to"] == "push" else GOES_TO[rule["goes_to"]],
        "resolves": news.resolves if news else None,
        "again": news.again if news else None,
        "limits": [_limit(visit, name, value) for name, value in rule["limits"].items()],
    }


def _pushed(rule: str) -> str:
    news = NEWS[rule]
    levels = {"note": "Notes, warnings and alarms", "warn": "Warnings and alarms", "alarm": "Alarms"}
    rest = "" if news.push_from == "note" else "; the others go into the weekly mail"
    return f"{levels[news.push_from or 'alarm']}: a message of their own{rest}"


def _limit(visit: Visit, name: str, value: float) -> dict[str, str]:
    words = LIMITS[name]
    shown = f"{typed(value, words.kind, visit.me.units)} {unit_of(words.kind, visit.me.units)}"
    return {"label": words.label, "value": shown}
