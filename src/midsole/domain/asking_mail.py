"""The mails that ask: how are your feet, and have you done your exercises."""

from datetime import date

from midsole.domain import taps
from midsole.domain.asking import ASKED, Question
from midsole.domain.checkins import MORNING
from midsole.domain.exercise_table import Exercise
from midsole.domain.letter import FOOTER, PAIN_FOOTER, STEADY, Letter, Link, Row, Section, full_day

CHOOSE = Link("Choose when you are asked", place="/settings/health")


def question_mail(asked: Question) -> Letter:
    """Short: one question, one link, and how not to be asked."""
    what = "the day before" if asked.moment == MORNING and asked.after_run else "that day"
    run = f" It speaks of the run of {what}." if asked.after_run else ""
    return Letter(
        subject=ASKED[asked.moment],
        tone=STEADY,
        headline=f"{full_day(asked.on_day)}: {ASKED[asked.moment]}",
        why=asked.why,
        do_this=f"Answer, also when all is fine: no answer stays unknown, never painless.{run}",
        sections=(
            Section(
                "To answer, type",
                (
                    Row("", command=f"midsole checkin --fine --when {asked.moment} --on {asked.on_day}"),
                    Row("", command=f"midsole checkin heel left 4 --when {asked.moment} --on {asked.on_day}"),
                ),
                tapped=(Row("", links=(taps.feel(asked.on_day, asked.moment),)),),
            ),
        ),
        footer=(FOOTER, PAIN_FOOTER),
        links=(taps.OPEN, CHOOSE, Link("Stop these questions", taps.STOP, taps.CHECK_IN)),
    )


def routine_mail(on_day: date, left: tuple[Exercise, ...], why: str) -> Letter:
    """What is still to do today, each with its dose."""
    many = "1 exercise" if len(left) == 1 else f"{len(left)} exercises"
    typed = tuple(Row("", command=f"midsole routine tick {e.slug}") for e in left)
    tap = Row("", links=(taps.ticks(on_day),))
    return Letter(
        subject="Your routine for today",
        tone=STEADY,
        headline=f"{full_day(on_day)}: {many} left of your routine.",
        why=f"You asked to be reminded at this hour. {why}",
        do_this="Do them where they do not hurt; one that makes it worse is a red flag: stop, and say so.",
        sections=(
            Section("To do today", tuple(Row(f"{e.name}: {e.dose}") for e in left)),
            Section("When they are done, type", typed, tapped=(tap,)),
        ),
        footer=(FOOTER, PAIN_FOOTER),
        links=(
            Link("Open your routine", place="/body/routine"),
            Link("Stop these reminders", taps.STOP, taps.ROUTINE),
        ),
    )
