"""`midsole shoes import`: the pairs that were kept in a spreadsheet."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midsole.cli.common import RunnerName, box, runner_of, say

if TYPE_CHECKING:
    from midsole.actions.bring import Brought

MOST_NAMED = 20


def register(shoes: typer.Typer) -> None:
    shoes.command("import")(import_)


def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A list of pairs, with headings.")],
    runner: RunnerName = None,
) -> None:
    """Add the pairs of a CSV. Headings: name, brand, model, kind, limit_km, start_km, bought, first_used,
    retired, reason, price; in any order, only the name is needed."""
    from midsole.actions.bring import bring_shoes

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        brought = bring_shoes(opened, who.id, file)
    _print(brought)
    if brought.bad:
        raise typer.Exit(1)


def _print(brought: "Brought") -> None:
    if brought.unknown_columns:
        say(f"Left out, as nobody knows what they mean: the columns {', '.join(brought.unknown_columns)}.")
    if brought.added:
        n = len(brought.added)
        say(f"Added {n} {'pair' if n == 1 else 'pairs'}: {', '.join(brought.added)}.")
    if brought.default:
        say(f"{brought.default} is now the default for running. Another one: midsole shoes default NAME")
    if brought.known:
        n = len(brought.known)
        say(
            "1 pair is here already, and left as it is."
            if n == 1
            else f"{n} pairs are here already, and left as they are."
        )
    for line, why in brought.bad[:MOST_NAMED]:
        say(f"Line {line}: {why}")
    if len(brought.bad) > MOST_NAMED:
        say(f"{len(brought.bad) - MOST_NAMED} more lines can't be used.")
    if not brought.added and not brought.bad:
        say("Nothing new.")
