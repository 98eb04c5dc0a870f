"""Export of everything of one runner, and bringing such an export back."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from midsole.cli.common import RunnerName, box, runner_of, say
from midsole.domain.errors import UsageError

NAMED = {
    "activity": ("activity", "activities"),
    "shoe": ("pair", "pairs"),
    "alert": ("alert", "alerts"),
}


def register(app: typer.Typer) -> None:
    app.command()(export)


def export(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new .zip file, or a new folder.")],
    runner: RunnerName = None,
) -> None:
    """Write everything of one runner into a zip or folder: CSV to read, JSON and originals to bring back."""
    from midsole.actions.export import export as write_out

    target = path.expanduser().absolute()
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        done = write_out(opened, who.id, target)
    held = _held(done.rows, done.originals)
    say(f"Exported to {target}: {held} ({done.size_bytes / 1e6:.1f} MB). No password is in it.")
    _tell_missing(done.missing)
    if done.missing:
        raise typer.Exit(1)


def brought_back(ctx: typer.Context, paths: Sequence[Path], runner: str | None) -> bool:
    """Whether the paths are one export of Midsole; then it is brought back."""
    from midsole.actions.bring_back import bring_back, is_export

    exports = [path for path in paths if is_export(path)]
    if not exports:
        return False
    if len(paths) > 1:
        raise UsageError(f"{exports[0]} is an export of Midsole: import it alone.")
    with box(ctx) as opened:
        done = bring_back(opened, runner_of(ctx, opened, runner).id, exports[0])
    if not done.rows:
        say(f"Nothing new: {done.runner} has all of it already.")
        return True
    say(f"Brought back for {done.runner}: {_held(done.rows, done.originals)}.")
    say("Accounts must be logged in to again, other folders than the inbox be connected: midsole status.")
    _tell_missing(done.missing)
    return True


def _held(rows: Mapping[str, int], originals: int) -> str:
    counts = [(rows.get(table, 0), words) for table, words in NAMED.items()]
    counts.append((originals, ("original", "originals")))
    return ", ".join(f"{n:,} {one if n == 1 else many}" for n, (one, many) in counts)


def _tell_missing(missing: Sequence[str]) -> None:
    for sha256 in missing:
        typer.echo(f"Not in it: the original {sha256[:12]} is lost or damaged on the disk.", err=True)
