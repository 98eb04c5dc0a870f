"""Today: the verdict, what is open, how far the next run may go, and what waits for an answer."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions.box import Runner
from midsole.actions.today import Day, Pair
from midsole.actions.today import today as all_of_today
from midsole.domain import caps, planned
from midsole.domain.asking import Question, questions
from midsole.domain.connection import ago
from midsole.domain.errors import UsageError
from midsole.domain.facts import Facts
from midsole.domain.letter import PAIN_FOOTER, pair_row, plain
from midsole.domain.load import Week
from midsole.domain.long_view import is_known
from midsole.domain.rules import RULE_BY_ID
from midsole.domain.units import distance, parse_distance, short_day
from midsole.domain.weeks import WEEK
from midsole.domain.when import local
from midsole.web.charts.bars import Bar, bars
from midsole.web.charts.scale import distance_axis
from midsole.web.charts.wear import wear_bar
from midsole.web.check_in_form import asked
from midsole.web.page import page
from midsole.web.visit import Mine

router = APIRouter()

TONES = {"warning": "warn", "watch": "note", "steady": "ok", "no-verdict": "unknown"}
"""Which level's look a verdict has."""


@router.get("/")
def today(visit: Mine, request: Request, distance: str = "", on: str = "") -> Response:
    found = all_of_today(visit.box, visit.me.id)
    if not found.facts.activities and found.facts.history_from is None:
        return page(visit, request, "today.html", day=None, reading=found.is_reading, ways=found.ways_in)
    plan, error = _plan(distance, on, found)
    return page(
        visit,
        request,
        "today.html",
        status=422 if error else 200,
        day=found,
        reading=found.is_reading,
        ways=found.ways_in,
        as_of=_as_of(found),
        tone=TONES[found.verdict.tone],
        chart=_chart(found),
        pairs=[_pair(p, found.facts) for p in found.pairs],
        missing=_missing(found.cap),
        plan=plan,
        asked={"distance": distance, "on": on},
        plan_error=error,
        pain=PAIN_FOOTER if found.speaks_of_pain else "",
        questions=asked(_open_questions(found.facts, visit.me), found.facts.today),
    )


def _open_questions(facts: Facts, me: Runner) -> Sequence[Question]:
    return questions(facts, local(facts.now, me.zone_on))


def _as_of(found: Day) -> str:
    """ "3 h": how long ago the last sync worked."""
    at = found.verdict.as_of
    return "" if at is None else ago(found.facts.now - at)


def _missing(cap: caps.Cap) -> str:
    """Why a cap is not known, where the reason does not say so already."""
    why = dict.fromkeys(m.partition(": ")[2] for m in cap.missing)
    return " ".join(f"Not known: {w}." for w in why if w and w not in cap.because)


def _plan(said: str, on: str, found: Day) -> tuple[dict[str, Any] | None, str]:
    """What the rules would say of that run; or why the form can't be read."""
    if not said.strip():
        return None, ""
    try:
        metres, day = parse_distance(said, found.facts.units), _day(on, found.facts.today)
    except UsageError as error:
        return None, str(error)
    tripped = [(rule, RULE_BY_ID[rule].name) for rule in planned.tripped(found.facts, metres, day)]
    return {"plan_m": metres, "on": day, "tripped": tripped, "cap": caps.cap(found.facts, day)}, ""


def _day(said: str, today: date) -> date:
    try:
        day = date.fromisoformat(said) if said else today
    except ValueError:
        raise UsageError(f"{said!r} is no date: write it as 2026-11-16.") from None
    if not today <= day <= today + 8 * WEEK:
        raise UsageError("A run is checked for today or one of the next eight weeks.")
    return day


def _chart(found: Day) -> Any:
    units, first_known = found.facts.units, found.facts.history_from
    shown = [w for w in found.weeks if first_known is None or w.week_start + WEEK > first_known]
    this = shown[-1]
    usual = "not known yet" if this.usual_m is None else plain(distance(this.usual_m, units))
    return bars(
        [_bar(w, found, units) for w in shown],
        name="this-week",
        title="This week against the usual",
        desc=f"{plain(distance(this.distance_m, units))} so far this week; the usual week is {usual}.",
        axis=distance_axis(units),
        value_words="run in the week",
        unfinished_words="this week so far",
        mean_words="usual week",
        cap_words="at most this week",
        height=150,
    )


def _bar(week: Week, found: Day, units: str) -> Bar:
    is_now = week is found.weeks[-1]
    left = found.cap.week_left_m
    is_there = is_known(found.facts, week.week_start)
    far = plain(distance(week.distance_m, units)) if is_there else "nothing known"
    return Bar(
        short_day(week.week_start),
        week.distance_m if is_there else None,
        f"Week from {short_day(week.week_start)}: {far}{' so far' if is_now else ''}",
        mean=week.usual_m,
        cap=week.distance_m + left if is_now and left is not None else None,
        unfinished=is_now,
    )


def _pair(pair: Pair, facts: Facts) -> dict[str, Any]:
    row, used = pair_row(pair.worn, facts), pair.worn.used_fraction
    drawn = None if used is None else wear_bar(used, label=f"{row.label}: {row.text}", ahead=pair.ahead)
    return {"id": pair.worn.shoe.id, "name": row.label, "said": row.text, "bar": drawn, "level": row.level}
