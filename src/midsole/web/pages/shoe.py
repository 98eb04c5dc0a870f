"""One pair: its wear, months, runs, inserts and history; retired, brought back, given another limit."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import assigning, one_pair, photos
from midsole.actions import shoes as actions
from midsole.actions.one_pair import OnePair, find
from midsole.domain.errors import UsageError
from midsole.domain.letter import full_day, plain
from midsole.domain.pain_and_shoe import p_words
from midsole.domain.shoes import LIMIT_M_BY_KIND
from midsole.domain.units import MONTHS, distance
from midsole.web.charts.months import Month, months
from midsole.web.charts.scale import distance_axis
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page
from midsole.web.shoe_form import default_of, far, options
from midsole.web.shoe_words import cost_words, default_words, said_m, wear
from midsole.web.visit import Mine, Visit

router = APIRouter()
LONGEST_REASON = 200
REASONS = ("worn", "lost", "given away", "no good fit")


@router.get("/shoes/{shoe_id:int}")
def shoe(visit: Mine, request: Request, shoe_id: int) -> Response:
    return _shoe(visit, request, shoe_id)


def _shoe(visit: Visit, request: Request, shoe_id: int, error: str = "", status: int = 200) -> Response:
    said = request.query_params.get("page", "1")
    number = int(said) if said.isdecimal() and len(said) < 7 else 1
    found = one_pair.look(visit.box, visit.me.id, shoe_id, number)
    units = visit.me.units
    return page(
        visit,
        request,
        "shoe.html",
        status=status,
        error=error,
        pair=found.shoe,
        row=found.view,
        wear=wear(found.view, visit.me, found.last_8_weeks_m),
        life=found.life,
        life_cost=cost_words(found.life["own_life_cost_per_km"], units),
        found=found,
        chart=_chart(found, units) if found.months else None,
        defaults=default_words(found.view["default_for"]),
        photo=photos.versions(visit.box, visit.me.id).get(shoe_id),
        later=plain(distance(one_pair.LATER_M, units)),
        limit=said_m(found.shoe.limit_m, units),
        kind_limit_m=LIMIT_M_BY_KIND[found.shoe.kind],
        soreness_p=_soreness_p(found),
        **options(units),
    )


def _soreness_p(found: OnePair) -> str:
    """P4's exact test in words; nothing where there are too few mornings."""
    p = found.soreness.p if found.soreness else None
    return "" if p is None else p_words(p)


def _chart(found: OnePair, units: str) -> Any:
    months_worn = found.months
    most = max(months_worn, key=lambda month: month.distance_m)
    items = [
        Month(
            m.first, m.distance_m, f"{MONTHS[m.first.month - 1]} {m.first.year}: {_far(m.distance_m, units)}"
        )
        for m in months_worn
    ]
    total = _far(sum(m.distance_m for m in months_worn), units)
    when = f"{MONTHS[most.first.month - 1]} {most.first.year}"
    return months(
        items,
        name="months",
        title=f"Distance in the {found.shoe.name} by month",
        desc=f"{total} in {len(items)} months; most in {when}: {_far(most.distance_m, units)}.",
        axis=distance_axis(units),
    )


def _far(metres: float, units: str) -> str:
    return plain(distance(metres, units))


# Retire it, or bring it back


@router.get("/shoes/{shoe_id:int}/retire")
def ask_retire(visit: Mine, request: Request, shoe_id: int) -> Response:
    return _ask_retire(visit, request, shoe_id, None)


def _ask_retire(
    visit: Visit, request: Request, shoe_id: int, form: Form | None, error: str = "", status: int = 200
) -> Response:
    found = one_pair.look(visit.box, visit.me.id, shoe_id)
    today = visit.me.today(visit.box.now())
    idle = one_pair.idle(visit.box, visit.me.id, [found.view], today)
    offered = found.view["last_worn_on"] if idle else today.isoformat()
    return page(
        visit,
        request,
        "shoe_retire.html",
        status=status,
        error=error,
        pair=found.shoe,
        row=found.view,
        wear=wear(found.view, visit.me),
        defaults=default_words(found.view["default_for"]),
        lain=[one for one in found.inserts if one.until_date is None],
        idle=bool(idle),
        on=form["on"] if form else offered,
        reason=form["reason"] if form else "worn",
        reasons=REASONS,
    )


@router.post("/shoes/{shoe_id:int}/retire")
def retire(visit: Mine, request: Request, shoe_id: int, form: Posted) -> Response:
    pair = find(visit.box, visit.me.id, shoe_id)
    try:
        on, reason = form.day("on"), form.maybe("reason")
        if on and on > visit.me.today(visit.box.now()):
            raise UsageError("That day lies in the future: retire it when it is worn no more.")
        if reason and len(reason) > LONGEST_REASON:
            raise UsageError(f"A reason has at most {LONGEST_REASON} characters.")
        retired = actions.retire(visit.box, visit.me.id, pair.name, on, reason)
    except UsageError as error:
        return _ask_retire(visit, request, shoe_id, form, str(error), 422)
    said = f"{retired.name} is retired: its last day was {full_day(retired.retired_on)}."
    held = default_words(one_pair.row_of(visit.box, visit.me.id, shoe_id)["default_for"])
    then = f" It was the default for {held}: make another pair the default." if held else ""
    return go_to(visit, f"/shoes/{shoe_id}", f"{said}{then} To take that back, bring it back here.")


@router.post("/shoes/{shoe_id:int}/unretire")
def unretire(visit: Mine, shoe_id: int) -> Response:
    pair = find(visit.box, visit.me.id, shoe_id)
    actions.unretire(visit.box, visit.me.id, pair.name)
    return go_to(visit, f"/shoes/{shoe_id}", f"{pair.name} is in use again.")


@router.post("/shoes/{shoe_id:int}/remove")
def remove(visit: Mine, request: Request, shoe_id: int) -> Response:
    pair = find(visit.box, visit.me.id, shoe_id)
    try:
        actions.remove(visit.box, visit.me.id, pair.name)
    except UsageError:
        return _shoe(visit, request, shoe_id, f"{pair.name} was worn: retire it instead.", 422)
    return go_to(visit, "/shoes", f"{pair.name} is removed; no run was in it.")


# Its limit


@router.post("/shoes/{shoe_id:int}/limit")
def limit(visit: Mine, request: Request, shoe_id: int, form: Posted) -> Response:
    pair, units = find(visit.box, visit.me.id, shoe_id), visit.me.units
    try:
        limit_m = far(form, "limit", units)
        if not limit_m:
            raise UsageError("Say the new limit, as 700.")
        changed = actions.edit_shoe(visit.box, visit.me.id, pair.name, None, limit_m=limit_m)
    except UsageError as error:
        return _shoe(visit, request, shoe_id, str(error), 422)
    said = (
        f"The limit of {pair.name} is {_far(changed.limit_m, units)} now; it was {_far(pair.limit_m, units)}."
    )
    return go_to(visit, f"/shoes/{shoe_id}", said)


@router.post("/shoes/{shoe_id:int}/remind")
def remind(visit: Mine, request: Request, shoe_id: int) -> Response:
    find(visit.box, visit.me.id, shoe_id)
    try:
        changed = one_pair.remind_later(visit.box, visit.me.id, shoe_id)
    except UsageError as error:
        return _shoe(visit, request, shoe_id, str(error), 422)
    units = visit.me.units
    later = _far(one_pair.LATER_M, units)
    said = (
        f"You hear of {changed.name} again in about {later}: its limit is {_far(changed.limit_m, units)} now."
    )
    return go_to(visit, f"/shoes/{shoe_id}", said)


# What it is the default for, and which past runs it may claim


@router.post("/shoes/{shoe_id:int}/default")
def make_default(visit: Mine, request: Request, shoe_id: int, form: Posted) -> Response:
    pair = find(visit.box, visit.me.id, shoe_id)
    try:
        wanted = default_of(form)
        if wanted is None:
            raise UsageError("Choose a sport.")
        made = actions.set_default(visit.box, visit.me.id, pair.name, *wanted)
    except UsageError as error:
        return _shoe(visit, request, shoe_id, str(error), 422)
    said = f"{pair.name} is the default for {wanted.words} from {full_day(made.from_date)} on."
    return go_to(visit, f"/shoes/{shoe_id}", f"{said} What is worn already stays.")


@router.post("/shoes/{shoe_id:int}/default/none")
def no_default(visit: Mine, request: Request, shoe_id: int, form: Posted) -> Response:
    find(visit.box, visit.me.id, shoe_id)
    try:
        wanted = default_of(form)
        if wanted is None:
            raise UsageError("Choose a sport.")
        actions.set_default(visit.box, visit.me.id, None, *wanted)
    except UsageError as error:
        return _shoe(visit, request, shoe_id, str(error), 422)
    return go_to(visit, f"/shoes/{shoe_id}", f"There is no default for {wanted.words} any more.")


@router.get("/shoes/{shoe_id:int}/claim")
def ask_claim(visit: Mine, request: Request, shoe_id: int) -> Response:
    """Which past runs without a pair it may have worn; nothing is changed yet."""
    pair = find(visit.box, visit.me.id, shoe_id)
    runs = assigning.claimable(visit.box, visit.me.id, pair.name)
    total_m = sum(run.counted_m for run in runs)
    return page(
        visit,
        request,
        "shoe_claim.html",
        pair=pair,
        runs=runs[::-1][: one_pair.RUNS_A_PAGE],
        count=len(runs),
        total_m=total_m,
        first=runs[0].local_date if runs else None,
        last=runs[-1].local_date if runs else None,
        dated=bool(pair.first_used_on or pair.bought_on),
    )


@router.post("/shoes/{shoe_id:int}/claim")
def claim(visit: Mine, shoe_id: int) -> Response:
    pair, units = find(visit.box, visit.me.id, shoe_id), visit.me.units
    effects = assigning.claim(visit.box, visit.me.id, pair.name)
    count = len(effects.changed)
    runs = "1 past run is" if count == 1 else f"{count:,} past runs are"
    totals = (f"{name}: {_far(a, units)} became {_far(b, units)}." for name, a, b in effects.totals)
    said = " ".join((f"{runs} on {pair.name} now.", *totals))
    return go_to(visit, f"/shoes/{shoe_id}", said, undo=effects.set_id)
