"""`midsole routine`: today's exercises, ticks, what is chosen, and the reminder."""

from typing import Annotated, Any

import typer

from midsole.cli.common import Json, RunnerName, box, parse_day, runner_of, say, show, table
from midsole.domain.errors import UsageError

routine_app = typer.Typer(no_args_is_help=False, help="Today's exercises: list, tick, choose, be reminded.")

Exercise = Annotated[str, typer.Argument(metavar="EXERCISE", help="As `midsole routine` names it.")]
OnDay = Annotated[str | None, typer.Option("--day", metavar="DATE", help="Today, or of the last week.")]
WANTED = {"yes": True, "no": False, "rules": None}


def register(app: typer.Typer) -> None:
    app.add_typer(routine_app, name="routine")


@routine_app.callback(invoke_without_command=True)
def routine(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """What is to do today, and how often it was done."""
    if ctx.invoked_subcommand is None:
        _list(ctx, as_json, runner)


@routine_app.command("list")
def list_exercises(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """What is to do today, and how often it was done."""
    _list(ctx, as_json, runner)


def _list(ctx: typer.Context, as_json: bool, runner: str | None) -> None:
    from midsole.actions import routine as actions

    with box(ctx) as opened:
        found = actions.routine(opened, runner_of(ctx, opened, runner).id)
    show(as_json, found, _print)


def _print(found: dict[str, Any]) -> None:
    from midsole.domain.exercises import REST, WORSE

    say(found["why"])
    if found["today"]:
        table(("today", "what", "how much", "done"), [_row(e) for e in found["today"]])
        week, long = found["week"], found["four_weeks"]
        say(f"Done on {week['days']} of the last {week['of']} days, {long['days']} of {long['of']}.")
        say(f"{WORSE} {'' if found['resting'] else REST}".strip())
    say(f"Others to choose from: {', '.join(e['exercise'] for e in found['more'])}.")
    reminded = f"You are reminded at {found['remind_at']}." if found["remind_at"] else "No reminder is set."
    say(f"{reminded} This is not medical advice.")


def _row(exercise: dict[str, Any]) -> list[str | None]:
    return [exercise["exercise"], exercise["name"], exercise["dose"], "yes" if exercise["done"] else None]


@routine_app.command("tick")
def tick(ctx: typer.Context, exercise: Exercise, day: OnDay = None, runner: RunnerName = None) -> None:
    """Note that it is done."""
    from midsole.actions import routine as actions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        actions.tick(opened, who.id, exercise, parse_day(day, who.today(opened.now())))
    say("Ticked.")


@routine_app.command("untick")
def untick(ctx: typer.Context, exercise: Exercise, day: OnDay = None, runner: RunnerName = None) -> None:
    """Take a tick back."""
    from midsole.actions import routine as actions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        actions.untick(opened, who.id, exercise, parse_day(day, who.today(opened.now())))
    say("Taken back.")


@routine_app.command("choose")
def choose(
    ctx: typer.Context,
    exercise: Exercise,
    wanted: Annotated[str, typer.Argument(metavar="yes|no|rules", help="rules: as the rules choose.")],
    runner: RunnerName = None,
) -> None:
    """Say that you want an exercise, or not, whatever the rules choose."""
    from midsole.actions import routine as actions

    if wanted not in WANTED:
        raise UsageError(f"{wanted!r} is no choice. Known: {', '.join(WANTED)}.")
    with box(ctx) as opened:
        actions.choose(opened, runner_of(ctx, opened, runner).id, exercise, WANTED[wanted])
    say({"yes": "It is in your routine.", "no": "It is left out."}.get(wanted, "The rules choose again."))


@routine_app.command("remind")
def remind(
    ctx: typer.Context,
    at: Annotated[str, typer.Argument(metavar="HH:MM", help="On your clock, as 18:30.")],
    runner: RunnerName = None,
) -> None:
    """Be reminded each day at that time, while something of the day is left to do."""
    from datetime import time

    from midsole.actions import routine as actions

    try:
        clock = time.fromisoformat(at)
    except ValueError:
        raise UsageError(f"{at!r} is no time of day: write it as 18:30.") from None
    if clock.tzinfo is not None:
        raise UsageError("Leave out the offset: the time is on your own clock.")
    with box(ctx) as opened:
        actions.set_reminder(opened, runner_of(ctx, opened, runner).id, clock)
    say(f"You are reminded at {clock:%H:%M}. To end it: midsole routine off")


@routine_app.command("off")
def off(ctx: typer.Context, runner: RunnerName = None) -> None:
    """No more reminders; the routine stays."""
    from midsole.actions import routine as actions

    with box(ctx) as opened:
        actions.set_reminder(opened, runner_of(ctx, opened, runner).id, None)
    say("No reminder comes any more.")
