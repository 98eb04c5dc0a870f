"""The routine: today's exercises to tick, how often they were done, and all others to choose from."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import routine
from midsole.domain.errors import UsageError
from midsole.domain.exercises import REST, WORSE
from midsole.domain.letter import PAIN_FOOTER
from midsole.web.charts.exercises import drawing, strip
from midsole.web.forms import Posted
from midsole.web.page import go_to, page, safe_back
from midsole.web.visit import Mine

router = APIRouter()
PLACE = "/body/routine"
CHOICES = {"yes": True, "no": False, "rules": None}
SAID = {
    "yes": "It is in your routine.",
    "no": "It is left out of your routine.",
    "rules": "The rules choose again whether it is in your routine.",
}


@router.get(PLACE)
def show(visit: Mine, request: Request) -> Response:
    found = routine.routine(visit.box, visit.me.id)
    return page(
        visit,
        request,
        "routine.html",
        found=found,
        left=[e["exercise"] for e in found["today"] if not e["done"]],
        drawings={e["exercise"]: drawing(e["exercise"]) for e in (*found["today"], *found["more"])},
        strip=_strip(found) if any(day["done"] for day in found["days"]) else "",
        adherence=_adherence(found),
        rest=REST,
        worse=WORSE,
        pain=PAIN_FOOTER,
    )


def _strip(found: dict[str, Any]) -> Any:
    days = [(date.fromisoformat(day["on"]), int(day["done"])) for day in found["days"]]
    return strip(days, f"Exercises done a day, the last 28 days. {_adherence(found)}")


def _adherence(found: dict[str, Any]) -> str:
    """ "Done on 5 of the last 7 days, and on 17 of the last 28." """
    week, long = found["week"], found["four_weeks"]
    if long["of"] == 1:
        return "This is the first day." if not long["days"] else "Done today, on the first day."
    words = f"Done on {week['days']} of the last {week['of']} days"
    return (
        f"{words}."
        if long["of"] == week["of"]
        else f"{words}, and on {long['days']} of the last {long['of']}."
    )


@router.post(PLACE + "/tick")
def tick(visit: Mine, form: Posted) -> Response:
    routine.tick(visit.box, visit.me.id, form.text("exercise"), form.day("on_day"))
    return go_to(visit, safe_back(form, PLACE), "Ticked.")


@router.post(PLACE + "/untick")
def untick(visit: Mine, form: Posted) -> Response:
    routine.untick(visit.box, visit.me.id, form.text("exercise"), form.day("on_day"))
    return go_to(visit, safe_back(form, PLACE), "Taken back.")


@router.post(PLACE + "/choose")
def choose(visit: Mine, form: Posted) -> Response:
    wanted = form["wanted"]
    if wanted not in CHOICES:
        raise UsageError("Say whether you want it: yes, no, or as the rules choose.")
    routine.choose(visit.box, visit.me.id, form.text("exercise"), CHOICES[wanted])
    return go_to(visit, PLACE, SAID[wanted])
