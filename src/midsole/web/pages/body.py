"""The body: how it stands, the story of each pain, and what to do at the moment of need."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.actions import body, episodes
from midsole.actions.body import FeltDay, Overview
from midsole.actions.episodes import Told
from midsole.domain import onset, pain_and_shoe, rules
from midsole.domain.check_in_words import PAIN_RULES, RED_FLAGS, capital, fine_words, in_words
from midsole.domain.errors import UsageError
from midsole.domain.facts import ALARM, WARN, Facts
from midsole.domain.letter import PAIN_FOOTER, full_day
from midsole.domain.pain import grade, open_episodes
from midsole.domain.pain_advice import clinician, details, first_aid, is_forefoot, pads
from midsole.domain.pain_and_shoe import Comparison
from midsole.domain.pain_words import what_holds
from midsole.domain.story import clinician_days
from midsole.domain.units import short_day
from midsole.web import check_in_form
from midsole.web.charts.timeline import LEVELS, Lane, Mark, timeline
from midsole.web.choosing import Number
from midsole.web.forms import Posted
from midsole.web.page import go_to, page
from midsole.web.story_chart import drawn
from midsole.web.visit import Mine, Visit

router = APIRouter()


@router.get("/body")
def overview(visit: Mine, request: Request) -> Response:
    found = body.overview(visit.box, visit.me.id)
    return page(
        visit,
        request,
        "body.html",
        found=found,
        state=_state(found),
        details=details(found.standing) if found.standing else (),
        asked=_asked(found),
        strip=_strip(found) if found.newest else None,
        strip_rows=[(day, _felt_words(day)) for day in reversed(found.strip) if day.answers],
        counts=count_rows(found.comparisons),
        chance=pain_and_shoe.chance_words(len(found.comparisons)),
        clinician=PAIN_FOOTER,
    )


def _state(found: Overview) -> tuple[str | None, str]:
    """The level of the mark, and the sentence beside it."""
    if found.standing:
        return found.standing, what_holds(open_episodes(found.facts), found.standing)
    newest = found.newest
    if newest is None:
        return None, "No answer yet: nothing is known of your feet."
    on = full_day(newest.on_day)
    if newest.is_painless:
        return "ok", f"Fine as of {on}, your newest answer."
    return grade(newest), f"Nothing is open. Your newest answer, {on}: {in_words(newest)}."


def _asked(found: Overview) -> list[dict[str, Any]]:
    """The open questions, each with its button of one tap; where there is none, the one that fits now."""
    today, (on_day, moment) = found.facts.today, found.fine_asked
    fine = fine_words(on_day, moment, today)
    fitting = {"on_day": on_day, "moment": moment, "words": "", "why": "", "fine": fine}
    return check_in_form.asked(found.questions, today) or [fitting]


def _felt_words(day: FeltDay) -> str:
    said = "painless" if day.grade is None else f"{day.level} of 10"
    return f"{said}, with a painkiller" if day.painkiller else said


def _strip(found: Overview) -> Any:
    """The worst of each answered day; days without an answer stay empty."""
    days = found.strip
    marks = [
        Mark(day.on, f"{short_day(day.on)}: {_felt_words(day)}", day.grade or "painless", day.level)
        for day in days
        if day.answers
    ]
    sore = [day for day in days if day.grade]
    worst = max((day.level for day in sore), default=0)
    desc = f"{len(marks)} of {len(days)} days were answered; {len(sore)} of them with pain, at most {worst}."
    return timeline(
        [Lane("The worst of each day, 0 to 10", LEVELS, tuple(marks))],
        name="strip",
        title="Pain in the last 28 days",
        desc=desc,
        first=days[0].on,
        last=days[-1].on,
    )


def count_rows(found: Any) -> list[tuple[Comparison, str]]:
    """Each comparison with its p in words."""
    return [(one, pain_and_shoe.p_words(one.p)) for one in found if one.p is not None]


# ---- one episode


@router.get("/body/episodes/{episode_id}")
def episode(visit: Mine, request: Request, episode_id: Number) -> Response:
    return _episode(visit, request, episode_id)


def _episode(visit: Visit, request: Request, episode_id: int, error: str = "") -> Response:
    told = episodes.told(visit.box, visit.me.id, episode_id)
    facts, one = told.facts, told.episode
    level = (ALARM if told.view["is_red"] else WARN) if told.view["is_open"] else None
    shown = pain_and_shoe.shown(pain_and_shoe.comparisons(facts))
    return page(
        visit,
        request,
        "episode.html",
        status=422 if error else 200,
        error=error,
        told=told,
        one=told.view,
        title=capital(one.spot.words),
        level=level,
        restriction=what_holds([one], level) if level else "",
        details=details(level) if level else (),
        findings=_findings(facts, told) if level else (),
        onset=onset.sentences(told.known, facts.units, facts.today),
        not_causes=onset.NOT_CAUSES,
        chart=drawn(told),
        days=told.story.by_day(),
        clinician_days=[(n, day, day <= facts.today) for n, day in clinician_days(one)],
        first_aid=first_aid(),
        pads=pads() if is_forefoot(one.spot) else "",
        counts=count_rows(shown),
        chance=pain_and_shoe.chance_words(len(shown)),
        clinician=PAIN_FOOTER,
    )


def _findings(facts: Facts, told: Told) -> list[str]:
    """What the rules say of this place now, red flags and their days first and with what to do."""
    mine = f"{told.episode.spot.key}:"
    in_turn = sorted(PAIN_RULES, key=lambda rule: rule != RED_FLAGS)
    found = (f for rule in in_turn for f in rules.RULE_BY_ID[rule].check(facts))
    return [
        f"{f.text} {f.advice}" if f.rule == RED_FLAGS else f.text for f in found if f.subject.startswith(mine)
    ]


@router.post("/body/episodes/{episode_id}/over")
def over(visit: Mine, episode_id: Number, _form: Posted) -> Response:
    episodes.say_over(visit.box, visit.me.id, episode_id)
    return go_to(visit, f"/body/episodes/{episode_id}", "Noted: it is over.")


@router.post("/body/episodes/{episode_id}/not-over")
def not_over(visit: Mine, request: Request, episode_id: Number, _form: Posted) -> Response:
    try:
        episodes.not_over(visit.box, visit.me.id, episode_id)
    except UsageError as error:
        return _episode(visit, request, episode_id, str(error))
    return go_to(visit, f"/body/episodes/{episode_id}", "Noted: it is not over.")


# ---- help


@router.get("/body/help")
def advice(visit: Mine, request: Request) -> Response:
    return page(
        visit,
        request,
        "body_help.html",
        first_aid=first_aid(),
        pads=pads(),
        clinician=clinician(),
        amber=details(WARN),
        red=details(ALARM),
        footer=PAIN_FOOTER,
    )
