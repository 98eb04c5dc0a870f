"""Settings of shoe rules: listed in order, added, changed, moved, tried on the past, applied to it."""

from dataclasses import fields
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import shoe_rules, shoes
from midsole.actions.shoe_rules import Known, Past
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.page_words import on_a_page
from midsole.domain.rule_words import describe
from midsole.domain.shoe_rules import Conditions
from midsole.domain.weeks import WEEKDAYS
from midsole.web import rule_form
from midsole.web.forms import LARGEST_ID, Form, Posted
from midsole.web.page import go_to, page
from midsole.web.rule_form import Filled
from midsole.web.slowly import Slowly
from midsole.web.visit import Mine, Visit

router = APIRouter()
PLACE = "/settings/rules"
MOST_SHOWN = 50


@router.get(PLACE)
def rules(visit: Mine, request: Request) -> Response:
    return _list(visit, request)


def _list(visit: Visit, request: Request, error: UsageError | None = None) -> Response:
    return page(
        visit,
        request,
        "shoe_rules.html",
        status=422 if error else 200,
        error=error,
        rules=shoe_rules.known(visit.box, visit.me.id),
        has_pairs=bool(shoes.known(visit.box, visit.me.id)),
        describe=describe,
    )


@router.get(f"{PLACE}/new")
def new(visit: Mine, request: Request) -> Response:
    return _form(visit, request, rule_form.new())


def _form(
    visit: Visit,
    request: Request,
    filled: Filled,
    rule: Known | None = None,
    error: UsageError | None = None,
) -> Response:
    pairs = [pair for pair in shoes.known(visit.box, visit.me.id) if _may_be(pair, rule)]
    return page(
        visit,
        request,
        "shoe_rules_form.html",
        status=422 if error else 200,
        error=error,
        filled=filled,
        rule=rule,
        pairs=[(pair.id, pair.name) for pair in pairs],
        chosen=filled["pair"] or (rule.pair.id if rule else ""),
        from_date=filled["from_date"] or (rule.rule.from_date.isoformat() if rule else ""),
        sports=[(sport, sport) for sport in rule_form.SPORT_CHOICES],
        surfaces=[(surface, surface) for surface in rule_form.SURFACE_CHOICES],
        weekdays=list(enumerate(WEEKDAYS)),
    )


def _may_be(pair: Any, rule: Known | None) -> bool:
    return pair.retired_on is None or (rule is not None and pair.id == rule.pair.id)


@router.post(PLACE)
def add(visit: Mine, request: Request, form: Posted) -> Response:
    try:
        conditions = rule_form.read(form, visit.me.units, _starts(visit))
        name = _pair_name(visit, form)
        made = shoe_rules.add(visit.box, visit.me.id, name, conditions, rule_form.first_day(form))
    except UsageError as error:
        return _form(visit, request, rule_form.as_entered(form), error=_plain(error))
    return go_to(visit, PLACE, f"Rule {made.place} is added: {_sentence(visit, conditions)} wear the {name}.")


def _starts(visit: Visit) -> rule_form.Point:
    return lambda activity_id: shoe_rules.start_of(visit.box, visit.me.id, activity_id)


def _pair_name(visit: Visit, form: Form) -> str:
    chosen = form.text("pair", "The pair")
    found = [pair.name for pair in shoes.known(visit.box, visit.me.id) if str(pair.id) == chosen]
    if not found:
        raise UsageError("There is no such pair.")
    return found[0]


def _plain(error: UsageError) -> UsageError:
    """The same, where the action speaks of the command's options."""
    if "--surface" in str(error):
        return UsageError("A rule needs a condition: a surface, a distance, a weekday, ...")
    return UsageError(on_a_page(str(error).replace(", and how near with --within 300m", "")))


def _sentence(visit: Visit, conditions: Conditions) -> str:
    return describe(conditions, visit.me.units)


@router.get(PLACE + "/{number}")
def edit(visit: Mine, request: Request, number: int) -> Response:
    rule = _numbered(visit, number)
    return _form(visit, request, rule_form.filled(rule.rule.conditions, visit.me.units), rule)


def _numbered(visit: Visit, number: int) -> Known:
    found = [rule for rule in shoe_rules.known(visit.box, visit.me.id) if rule.rule.place == number]
    if not found:
        raise NotThere("There is no such rule.")
    return found[0]


@router.post(PLACE + "/try", dependencies=[Slowly])
def try_out(visit: Mine, request: Request, form: Posted) -> Response:
    """Nothing is kept: what would change is told, with a button that lets it be so."""
    try:
        past = _past(form)
        effects = shoe_rules.apply(visit.box, visit.me.id, past, preview=True)
    except NotThere:
        raise
    except UsageError as error:
        return _list(visit, request, error)
    rule = _numbered(visit, past.number) if past.number else None
    return page(
        visit,
        request,
        "shoe_rules_try.html",
        effects=effects,
        shown=effects.changed[:MOST_SHOWN],
        past=past,
        rule=rule,
        describe=describe,
    )


@router.post(PLACE + "/apply")
def apply(visit: Mine, request: Request, form: Posted) -> Response:
    try:
        effects = shoe_rules.apply(visit.box, visit.me.id, _past(form))
    except NotThere:
        raise
    except UsageError as error:
        return _list(visit, request, error)
    count = len(effects.changed)
    if not count:
        return go_to(visit, PLACE, "Nothing changed: what the rules say is so already.")
    runs = "1 activity" if count == 1 else f"{count:,} activities"
    return go_to(visit, PLACE, f"{runs} changed.", undo=effects.set_id)


def _past(form: Form) -> Past:
    since, until = form.day("since"), form.day("until")
    if since and until and since > until:
        raise UsageError("The last day lies before the first.")
    return Past(since, until, form.whole("number"))


@router.post(PLACE + "/{number}")
def change(visit: Mine, request: Request, form: Posted, number: int) -> Response:
    rule = _numbered(visit, number)
    try:
        conditions = rule_form.read(form, visit.me.units, _starts(visit), rule.rule.conditions)
        asked = {f.name: getattr(conditions, f.name) for f in fields(Conditions)}
        day: date | None = rule_form.first_day(form)
        name = _pair_name(visit, form)
        shoe_rules.edit(visit.box, visit.me.id, number, asked, name=name, from_date=day)
    except UsageError as error:
        return _form(visit, request, rule_form.as_entered(form), rule, _plain(error))
    return go_to(visit, PLACE, f"Rule {number} is now: {_sentence(visit, conditions)} wear the {name}.")


@router.post(PLACE + "/{number}/move")
def move(visit: Mine, form: Posted, number: int) -> Response:
    place = form.whole("to") or 0
    shoe_rules.move(visit.box, visit.me.id, min(number, LARGEST_ID), place)
    return go_to(visit, PLACE, f"It is rule {place} now.")


@router.post(PLACE + "/{number}/remove")
def remove(visit: Mine, number: int) -> Response:
    shoe_rules.remove(visit.box, visit.me.id, min(number, LARGEST_ID))
    return go_to(visit, PLACE, "The rule is removed. What it dressed stays so.")
