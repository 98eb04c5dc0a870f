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
    run = f" It is about the run of {what}." if asked.after_run else ""
    when = f"--when {asked.moment} --on {asked.on_day}"
    return Letter(
        subject=ASKED[asked.moment],
        tone=STEADY,
        headline=f"{full_day(asked.on_day)}: {ASKED[asked.moment]}",
        why=asked.why,
        do_this=f"Answer, also when all is fine: a day without an answer never counts as painless.{run}",
        sections=(
            Section(
                "To answer, type",
                (
                    Row("All fine:", command=f"midsole checkin --fine {when}"),
                    Row(
                        "It hurts, say 4 of 10 at the left heel:",
                        command=f"midsole checkin heel left 4 {when}",
                    ),
                ),
                tapped=(Row("", links=(taps.feel(asked.on_day, asked.moment),)),),
            ),
        ),
        footer=(FOOTER, PAIN_FOOTER),
        links=(taps.OPEN, CHOOSE, Link("Stop these questions", taps.STOP, taps.CHECK_IN)),
    )


def question_beside(asked: Question) -> Section:
    """The same within another mail, in a line."""
    when = f"--when {asked.moment} --on {asked.on_day}"
    typed = Row("if all is fine, type", command=f"midsole checkin --fine {when}")
    tap = Row("", links=(taps.feel(asked.on_day, asked.moment),))
    return Section("Your feet this morning", (typed,), inline=True, tapped=(tap,))


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
