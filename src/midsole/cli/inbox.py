"""`midsole shoes inbox`, `changes` and `undo`: what waits for a word, and taking a word back."""

from typing import Annotated, Any

import typer

from midsole.cli.assigning import DryRun, Ids, print_told
from midsole.cli.common import LARGEST_ID, Json, RunnerName, box, runner_of, say, show, state, table
from midsole.domain.errors import UsageError

MOST_SHOWN = 20

app = typer.Typer(help="Runs with no pair, or a doubtful one, the surest guess first.")


def register(shoes: typer.Typer) -> None:
    shoes.add_typer(app, name="inbox")
    shoes.command()(changes)
    shoes.command()(undo)


@app.callback(invoke_without_command=True)
def inbox(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="However many wait.")] = False,
    as_json: Json = False,
    runner: RunnerName = None,
) -> None:
    """Runs with no pair, or a doubtful one, the surest guess first."""
    from midsole.actions import waiting

    if runner:
        state(ctx).runner = runner
    if ctx.invoked_subcommand is not None:
        return
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        rows = waiting.inbox(opened, who.id)
    most = len(rows) if everything else MOST_SHOWN
    show(as_json, rows, lambda found: _print_inbox(found, who.units, most))


def _print_inbox(rows: list[dict[str, Any]], units: str, most: int) -> None:
    if not rows:
        say("Nothing waits: no run since your first pair is without one.")
        return
    table(
        ("id", "date", "what", "distance", "probably", "or"),
        [_row(r, units) for r in rows[:most]],
        right=("id",),
    )
    if len(rows) > most:
        say(f"The first {most} of {len(rows)}: midsole shoes inbox --all shows them all.")
    guessed = sum(bool(row["guesses"]) for row in rows)
    if guessed:
        right = "The guess is right" if guessed == 1 else f"All {guessed} guesses are right"
        say(f"{right}: midsole shoes inbox accept --all")
    say("One is not: midsole shoes assign NAME ID.  All on one pair: midsole shoes assign NAME --inbox")


def _row(row: dict[str, Any], units: str) -> list[str | None]:
    from midsole.domain.units import distance, percent

    guesses = [f"{g['shoe_name']} {percent(g['probability'])}" for g in row["guesses"]]
    return [
        str(row["id"]),
        row["local_date"],
        row["title"] or row["sport"] + ("" if row["surface"] == "unknown" else f", {row['surface']}"),
        distance(row["distance_m"], units),
        guesses[0] if guesses else None,
        ", ".join(guesses[1:3]) or None,
    ]


@app.command("accept")
def accept(
    ctx: typer.Context,
    ids: Ids = None,
    everything: Annotated[bool, typer.Option("--all", help="Every run that has a guess.")] = False,
    at_least: Annotated[
        float | None, typer.Option(metavar="PERCENT", min=0, max=100, help="Only guesses as sure as this.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    runner: RunnerName = None,
) -> None:
    """The likeliest pair was worn: of these runs, or of all that wait."""
    from midsole.actions import assigning, waiting

    if ids and at_least is not None:
        raise UsageError("--at-least chooses from all that waits: say it with --all.")
    if bool(ids) == (everything or at_least is not None):
        raise UsageError("Name the runs by number, or say --all or --at-least 70.")
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        chosen = ids or waiting.guessed(opened, who.id, (at_least or 0) / 100)
        if not chosen:
            raise UsageError("No run that waits has such a guess. See `midsole shoes inbox`.")
        effects = assigning.accept(opened, who.id, chosen, silent=not ids, preview=dry_run)
    print_told(effects, who, as_json, preview=dry_run)


def changes(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """Every change of who wore what, the newest first."""
    from midsole.actions import changes as log

    with box(ctx) as opened:
        rows = log.change_sets(opened, runner_of(ctx, opened, runner).id)
    show(as_json, rows, _print_changes)


def _print_changes(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say("Nobody changed yet which pair was worn.")
        return
    told = [
        [str(r["id"]), f"{r['made_at']:%Y-%m-%d %H:%M} UTC", r["what"], str(r["activities"]), _standing(r)]
        for r in rows
    ]
    table(("id", "when", "what", "activities", ""), told, right=("id", "activities"))


def _standing(row: dict[str, Any]) -> str:
    return "undone" if row["undone_at"] else ""


def undo(
    ctx: typer.Context,
    change: Annotated[
        int | None, typer.Argument(metavar="CHANGE", max=LARGEST_ID, help="Its number; else the last one.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    runner: RunnerName = None,
) -> None:
    """Take a change back, where nothing changed it since; the rest is named."""
    from midsole.actions import changes as log

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        effects = log.undo(opened, who.id, change, preview=dry_run)
    print_told(effects, who, as_json, preview=dry_run)
