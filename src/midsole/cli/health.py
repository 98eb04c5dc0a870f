"""Health data: what is kept, how the runner is asked, its export, its deletion."""

from pathlib import Path
from typing import Annotated, Any

import typer

from midsole.cli.common import Json, RunnerName, box, runner_of, say
from midsole.cli.common import show as shown
from midsole.domain.errors import UsageError

health_app = typer.Typer(no_args_is_help=False, help="What is kept of your body: show, export, delete it.")


def register(app: typer.Typer) -> None:
    app.add_typer(health_app, name="health")


@health_app.callback(invoke_without_command=True)
def health(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """Say what is kept of your body, and how you are asked."""
    from midsole.actions import forgetting

    if ctx.invoked_subcommand is not None:
        return
    with box(ctx) as opened:
        found = forgetting.health(opened, runner_of(ctx, opened, runner).id)
    shown(as_json, found, lambda value: _tell(value, forgetting.in_words(value["counts"])))


def _tell(found: dict[str, Any], kept: list[str]) -> None:
    from midsole.domain.asking import HOW

    say(f"Kept: {', '.join(kept) or 'nothing'}.")
    say(f"You are asked {HOW[found['ask']]}. Reminder of the exercises: {found['reminder_at'] or 'none'}.")
    say(f"Messages that may speak of it: {found['sent']} sent, {found['waiting']} not sent yet.")
    if found["deleting_unfinished"]:
        say("Deleting was begun and is not finished: midsole health delete --yes")


@health_app.command()
def ask(
    ctx: typer.Context,
    how: Annotated[str, typer.Argument(metavar="HOW", help="rules, every or none.")],
    runner: RunnerName = None,
) -> None:
    """Ask how it was when there is a reason (rules), after every run (every), or never (none)."""
    from midsole.actions import asking
    from midsole.domain.asking import HOW

    with box(ctx) as opened:
        asking.set_ask(opened, runner_of(ctx, opened, runner).id, how)
    say(f"You are asked {HOW[how]}.")


@health_app.command()
def export(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new .zip file.")],
    runner: RunnerName = None,
) -> None:
    """Write your health data into a zip: lists for a spreadsheet, and JSON."""
    from midsole.actions import forgetting
    from midsole.actions.export import export_health

    target = path.expanduser().absolute()
    with box(ctx) as opened:
        counts = export_health(opened, runner_of(ctx, opened, runner).id, target)
    say(f"Exported to {target}: {', '.join(forgetting.in_words(counts)) or 'nothing is kept'}.")


@health_app.command()
def delete(
    ctx: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Really delete it.")] = False,
    runner: RunnerName = None,
) -> None:
    """Delete all that is kept of your body, from the database, its copies and mails not sent yet."""
    from midsole.actions import forgetting

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        if not yes:
            kept = forgetting.in_words(forgetting.held(opened, who.id).counts)
            raise UsageError(f"Add --yes to delete this for good: {', '.join(kept) or 'nothing is kept'}.")
        done = forgetting.forget(opened, who.id)
    say(f"Deleted: {', '.join(forgetting.in_words(done.counts)) or 'nothing was left'}.")
    say(f"Emptied: {done.mails} messages, {done.withdrawn} of them not sent yet.")
    for one in done.sent:
        say(f"Already sent: {one.sent_at:%Y-%m-%d %H:%M} UTC, {one.kind}, {one.channel} to {one.to}")
    for words in done.elsewhere:
        say(f"Out of reach: {words}")
    for words in done.left:
        typer.echo(f"Left: {words}", err=True)
    if done.left:
        raise typer.Exit(1)
