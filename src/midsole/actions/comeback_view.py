"""A comeback plan and where it stands as plain values, for pages, programs and the command line."""

from datetime import date, timedelta
from typing import Any

from midsole.domain import plan_words as words
from midsole.domain.checkins import AFTER, MORNING
from midsole.domain.comeback import week_done_m
from midsole.domain.facts import ALARM, Facts
from midsole.domain.load import read_log
from midsole.domain.pain import standing
from midsole.domain.plan import Progress
from midsole.domain.plan_course import DONE, GATE, IN_A_ROW, LEFT, PHASES
from midsole.domain.plan_edits import HELD_DAYS, edits_of
from midsole.domain.plan_judge import ON, VERDICTS, Judged
from midsole.domain.plan_steps import STEPS, words_of
from midsole.domain.units import short_day

LAST_ASKED = 3


def view(facts: Facts, at: Progress) -> dict[str, Any]:
    plan, edits = at.plan, edits_of(at.plan)
    done_m = week_done_m(read_log(facts), at.first_run_on, at.week)
    return {
        "began_on": plan.began_on.isoformat(),
        "opened_on": plan.opened_on.isoformat(),
        "why_opened": plan.why,
        "phase": at.phase,
        "phase_in_words": PHASES[at.phase],
        "is_open": at.phase not in (DONE, LEFT),
        "is_red": standing(facts) == ALARM,
        "gate_on": plan.gate_on.isoformat() if plan.gate_on else None,
        "gate_waits": at.gate_waits,
        "gate_is_next": at.phase == GATE,
        "step": at.step.number if at.step else None,
        "painless_in_a_row": at.in_a_row,
        "painless_wanted": IN_A_ROW,
        "where": words.where(facts, at),
        "why": at.why,
        "next": words.what_next(facts, at),
        "next_on": at.next_on.isoformat() if at.next_on else None,
        "week": at.week,
        "usual_m": plan.usual_m,
        "longest_before_m": plan.longest_m,
        "cap_week_m": at.cap_week_m,
        "cap_run_m": words.at_most_m(facts, at),
        "week_done_m": done_m,
        "week_in_words": words.week_words(facts, at, done_m),
        "cross_in_words": words.cross_words(facts, at),
        "asks": words.asks(at) if at.unanswered else None,
        "unanswered": [day.isoformat() for day in at.unanswered],
        "questions": [q for day in at.unanswered[-LAST_ASKED:] for q in _questions(facts, day)],
        "steps": _steps(at),
        "runs": [_run(judged) for judged in reversed(at.judged)],
        "days": list(edits.days),
        "held_until": _held_until(facts, at),
        "ended_on": at.ended_on.isoformat() if at.ended_on else None,
        "routine_until": words.routine_until(at).isoformat() if at.ended_on else None,
    }


def _questions(facts: Facts, run_on: date) -> list[dict[str, str]]:
    """Which answers are missing after that run: the day and the moment of each."""
    wanted = ((run_on, AFTER, "the evening of"), (run_on + timedelta(days=1), MORNING, "the morning after"))
    told = {(a.on_day, a.moment) for a in facts.body.check_ins}
    return [
        {"on_day": day.isoformat(), "moment": moment, "words": f"How was {when} {short_day(run_on)}?"}
        for day, moment, when in wanted
        if (day, moment) not in told
    ]


def _steps(at: Progress) -> list[dict[str, Any]]:
    """All seven: which is next, which was done on what day, and when the others could come."""
    dates = {step.number: day for step, day in reversed(at.dates)}
    done = {j.asked.number: j.on_day for j in at.judged if j.asked and j.verdict == ON}
    now = at.step.number if at.step else len(STEPS) + 1
    return [
        {
            "number": step.number,
            "words": step.words,
            "is_next": step.number == now,
            "done_on": done[step.number].isoformat() if step.number in done and step.number < now else None,
            "date": dates[step.number].isoformat() if step.number in dates else None,
        }
        for step in STEPS
    ]


def _run(judged: Judged) -> dict[str, Any]:
    return {
        "on_day": judged.on_day.isoformat(),
        "activity_ids": list(judged.activity_ids),
        "distance_m": judged.distance_m,
        "running_s": judged.how.running_s,
        "walking_s": judged.how.walking_s,
        "bouts": judged.how.bouts,
        "longest_s": judged.how.longest_s,
        "how": words_of(judged.how),
        "step": judged.asked.number if judged.asked else None,
        "verdict": judged.verdict,
        "verdict_in_words": VERDICTS[judged.verdict],
        "why": judged.why,
        "is_more": judged.is_more,
        "cautions": list(judged.cautions),
    }


def _held_until(facts: Facts, at: Progress) -> str | None:
    last = max(edits_of(at.plan).holds, default=None)
    until = last + timedelta(days=HELD_DAYS - 1) if last else None
    return until.isoformat() if until and until >= facts.today else None
