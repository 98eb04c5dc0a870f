"""The list of runs: filter, sort, choose many, and put them on a pair with a preview; and the inbox."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from midsole.actions import assigning, listing_runs, shoes, waiting
from midsole.actions.changes import Differs, Effects
from midsole.actions.listing_runs import BAREFOOT, NO_PAIR, Search
from midsole.domain.activity import ON_FEET, SPORTS, SURFACES
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.shoes import Shoe
from midsole.web import choosing
from midsole.web.forms import Form, Posted
from midsole.web.page import go_to, page, query
from midsole.web.visit import Mine, Visit

router = APIRouter()

ASK = "ask"
WAITING_PAGE = 50
SURE = (90, 75, 60, 50)


# The list


@router.get("/runs")
def runs(visit: Mine, request: Request) -> Response:
    form = choosing.asked(request)
    try:
        return _list(visit, request, form, choosing.search_of(form), choosing.order_of(form))
    except UsageError as error:
        return _list(visit, request, Form(FormData([])), Search(), "newest", error)


def _list(
    visit: Visit, request: Request, form: Form, search: Search, order: str, error: UsageError | None = None
) -> Response:
    found = listing_runs.listed(visit.box, visit.me.id, search, order, choosing.page_of(form))
    pairs = shoes.known(visit.box, visit.me.id)
    return page(
        visit,
        request,
        "runs.html",
        status=422 if error else 200,
        error=error,
        found=found,
        form=form,
        now=choosing.chosen(form),
        order=order,
        asked=choosing.in_words(search, names_of(pairs), str),
        on_foot=ON_FEET,
        waits=len(assigning.waiting_ids(visit.box, visit.me.id)),
        **choices(pairs),
    )


def choices(pairs: Sequence[Shoe]) -> dict[str, Any]:
    """What selects offer: pairs in use first, the newest on top."""
    ordered = sorted(pairs, key=lambda s: (s.retired_on is not None, -s.id))
    named = [(s.id, s.name if s.retired_on is None else f"{s.name} (retired)") for s in ordered]
    return {
        "pairs": named,
        "pair_filter": [("", "Any pair"), (NO_PAIR, "No pair known"), *named, (BAREFOOT, "None of mine")],
        "sports": [("", "Any sport"), *((s, s.capitalize()) for s in SPORTS)],
        "surfaces": [("", "Any surface"), *((s, s.capitalize()) for s in SURFACES)],
        "orders": list(choosing.ORDER_WORDS.items()),
        "onlys": [("", "All"), *choosing.ONLY.items()],
    }


def names_of(pairs: Sequence[Shoe]) -> dict[int | str | None, str]:
    return {NO_PAIR: "not known", BAREFOOT: "none of mine", **{s.id: s.name for s in pairs}}


def name_of(visit: Visit, said: str) -> str:
    """The pair's name as `assigning` wants it. Raises NotThere for a pair of somebody else."""
    if said == BAREFOOT:
        return BAREFOOT
    found = [s.name for s in shoes.known(visit.box, visit.me.id) if str(s.id) == said]
    if not found:
        raise (
            NotThere("There is no such pair. Choose one of the list.")
            if said
            else UsageError("Choose a pair first.")
        )
    return found[0]


# Many at once


@router.post("/runs/assign")
def assign(visit: Mine, request: Request, form: Posted) -> Response:
    """First what it would do, with one button to do it."""
    back = f"/runs{query(choosing.chosen(form))}".rstrip("?")
    try:
        ids, by_filter = _chosen(visit, form)
        words = ASK if form["to"] == ASK else name_of(visit, form["to"])
        preview, differs = form["do"] != "yes", None
        try:
            effects = _assigned(visit, ids, words, form, silent=by_filter, preview=preview)
        except Differs as meanwhile:
            preview, differs = True, meanwhile
            effects = _assigned(visit, ids, words, form, silent=by_filter, preview=True)
    except NotThere:
        raise
    except UsageError as error:
        return page(visit, request, "runs_assign.html", status=422, error=error, back=back, effects=None)
    if not preview:
        return go_to(visit, back, _done(effects, words), undo=effects.set_id)
    return page(
        visit,
        request,
        "runs_assign.html",
        error=differs,
        effects=effects,
        ids=ids,
        by_filter=by_filter,
        form=form,
        now=choosing.chosen(form),
        words=words,
        back=back,
    )


def _chosen(visit: Visit, form: Form) -> tuple[list[int], bool]:
    """The numbers, and whether the filter chose them."""
    if form["which"] == "all":
        ids = listing_runs.fitting(visit.box, visit.me.id, choosing.search_of(form))
        if not ids:
            raise UsageError("Nothing fits any more.")
        return ids, True
    ids = form.ids("run")
    if not ids:
        raise UsageError("Tick one run or more first, or take all that fit.")
    return ids, False


def _assigned(
    visit: Visit, ids: list[int], words: str, form: Form, *, silent: bool, preview: bool
) -> Effects:
    """What was shown is what is done; raises Differs where that can't be."""
    box, me, seen = visit.box, visit.me.id, None if preview else form["seen"] or None
    if words == ASK:
        return assigning.unassign(box, me, ids, preview=preview, seen=seen)
    return assigning.assign(box, me, ids, [words], silent=silent, preview=preview, seen=seen)


def _done(effects: Effects, words: str) -> str:
    count = len(effects.changed)
    if not count:
        return "Nothing changed: it stood so already."
    runs = "1 activity" if count == 1 else f"{count:,} activities"
    how = (
        "asked anew"
        if words == ASK
        else f"now on: {words}"
        if words != BAREFOOT
        else "now on none of your pairs"
    )
    return f"{runs} {how}."


# The inbox


@router.get("/runs/waiting")
def inbox(visit: Mine, request: Request) -> Response:
    return _inbox(visit, request)


def _inbox(visit: Visit, request: Request, error: UsageError | None = None) -> Response:
    rows = waiting.inbox(visit.box, visit.me.id)
    pairs = shoes.known(visit.box, visit.me.id)
    counts = {
        sure: sum(bool(r["guesses"]) and r["guesses"][0]["probability"] >= sure / 100 for r in rows)
        for sure in SURE
    }
    return page(
        visit,
        request,
        "runs_waiting.html",
        status=422 if error else 200,
        error=error,
        rows=rows[:WAITING_PAGE],
        waits=len(rows),
        counts={sure: n for sure, n in counts.items() if n},
        **choices(pairs),
    )


@router.post("/runs/waiting")
def answer(visit: Mine, request: Request, form: Posted) -> Response:
    """All answers of the form at once: one change, so one undo takes it back."""
    try:
        asked = form.ids("only") or form.ids("run")
        answers = {n: name_of(visit, said) for n in asked if (said := form[f"shoe-{n}"])}
        if not answers:
            raise UsageError("Choose a pair for one run or more first.")
        effects = assigning.assign_each(visit.box, visit.me.id, answers)
    except NotThere:
        raise
    except UsageError as error:
        return _inbox(visit, request, error)
    return go_to(visit, "/runs/waiting", _answered(effects), undo=effects.set_id)


@router.post("/runs/waiting/accept")
def accept(visit: Mine, request: Request, form: Posted) -> Response:
    """The likeliest pair of all that wait with a guess as sure as that."""
    try:
        sure = form.whole("sure")
        if sure is None or not 0 <= sure <= 100:
            raise UsageError("Say how sure the guess must be: 0 to 100 %.")
        ids = waiting.guessed(visit.box, visit.me.id, sure / 100)
        if not ids:
            raise UsageError(f"No run that waits has a guess of {sure} % or more.")
        effects = assigning.accept(visit.box, visit.me.id, ids, silent=True)
    except UsageError as error:
        return _inbox(visit, request, error)
    return go_to(visit, "/runs/waiting", _answered(effects), undo=effects.set_id)


def _answered(effects: Effects) -> str:
    count = len(effects.changed)
    return "1 run has its pair now." if count == 1 else f"{count:,} runs have their pair now."
