"""All that the page of the body shows: how it stands, what is open, what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from midsole.actions import checking_in, comebacks, episodes, routine, telling
from midsole.actions.box import Box
from midsole.domain import caps, pain, pain_and_shoe
from midsole.domain.asking import Question, questions
from midsole.domain.checkins import CheckIn
from midsole.domain.facts import Facts
from midsole.domain.pain_and_shoe import Comparison
from midsole.domain.pain_words import what_holds
from midsole.domain.when import local
from midsole.store import body, runners
from midsole.store import facts as facts_store

type View = dict[str, Any]

STRIP_DAYS = 28


@dataclass(frozen=True, slots=True)
class FeltDay:
    """The worst that was answered of a day, with its grade (None: painless); `answers` 0: not answered."""

    on: date
    answers: int
    level: int
    grade: str | None
    painkiller: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """`standing` is alarm, warn or None; `newest` the newest answer, None where nothing was ever answered;
    `fine_asked` is the day and the moment of "all fine"."""

    standing: str | None
    newest: CheckIn | None
    fine_asked: tuple[date, str]
    cap: caps.Cap
    questions: Sequence[Question]
    open: Sequence[View]
    past: Sequence[View]
    strip: Sequence[FeltDay]
    comparisons: Sequence[Comparison]
    comeback: Any
    routine: Any
    said: telling.Said
    facts: Facts


def overview(box: Box, runner_id: int) -> Overview:
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        facts = facts_store.load(tx, runner, box.now())
        found = episodes.views(tx, runner_id, facts)
    return Overview(
        standing=pain.standing(facts),
        newest=next(reversed(pain.in_order(facts.body.check_ins)), None),
        fine_asked=checking_in.asked_now(box, runner_id),
        cap=caps.cap(facts),
        questions=list(questions(facts, local(facts.now, runner.zone_on))),
        open=sorted((e for e in found if e["is_open"]), key=lambda e: not e["is_red"]),
        past=[e for e in found if not e["is_open"]],
        strip=strip(facts),
        comparisons=pain_and_shoe.shown(pain_and_shoe.comparisons(facts)),
        comeback=comebacks.of_facts(facts),
        routine=routine.of_facts(facts, runner),
        said=telling.said(box, runner_id),
        facts=facts,
    )


def strip(facts: Facts, days: int = STRIP_DAYS) -> list[FeltDay]:
    """The last days, the oldest first."""
    by_day: dict[date, list[CheckIn]] = {}
    for answer in facts.body.check_ins:
        by_day.setdefault(answer.on_day, []).append(answer)
    first = facts.today - timedelta(days=days - 1)
    return [_felt(day, by_day.get(day, [])) for day in (first + timedelta(days=n) for n in range(days))]


def _felt(day: date, answers: Sequence[CheckIn]) -> FeltDay:
    grades = ("note", "warn", "alarm")
    worst = max((g for a in answers if (g := pain.grade(a))), key=grades.index, default=None)
    level = max((a.level for a in answers), default=0)
    return FeltDay(day, len(answers), level, worst, any(a.has_painkiller for a in answers))


# ---- in plain values


def stands(box: Box, runner_id: int) -> View:
    """How it stands, the open episodes with what was true at their onset, and the counts of P4; SI units."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        facts = facts_store.load(tx, runner, box.now())
        found = episodes.views(tx, runner_id, facts)
        known = {row.id: dict(row.known) for row in body.kept_episodes(tx, runner_id)}
    standing = pain.standing(facts)
    answers = facts.body.check_ins
    return {
        "standing": standing,
        "as_of": max((a.on_day for a in answers), default=None),
        "do_this": what_holds(pain.open_episodes(facts), standing) if standing else None,
        "open": [e | {"known": known[e["id"]]} for e in found if e["is_open"]],
        "past": [e for e in found if not e["is_open"]],
        "pain_and_shoe": counts(facts),
    }


def counts(facts: Facts) -> View:
    """P4: the groups that have enough runs, the others of the pairs as counts alone."""
    found = pain_and_shoe.comparisons(facts)
    shown = pain_and_shoe.shown(found)
    few = [c for c in found if c.about == pain_and_shoe.PAIR and not c.is_shown]
    return {
        "words": f"{pain_and_shoe.COUNTED} {pain_and_shoe.chance_words(len(shown))}",
        "comparisons": [_counted(c) for c in (*shown, *few)],
    }


def _counted(one: Comparison) -> View:
    return {
        "about": one.about,
        "subject": one.subject,
        "name": one.name,
        "sore": one.sore,
        "runs": one.runs,
        "other_sore": one.other_sore,
        "other_runs": one.other_runs,
        "p": None if one.p is None else round(one.p, 4),
        "is_pattern": one.is_pattern,
        "words": pain_and_shoe.said(one),
    }
