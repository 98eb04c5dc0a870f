"""The commands about files: which are not counted and why, trying again, setting aside, looking inside."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from midsole.cli.common import (
    LARGEST_ID,
    Json,
    RunnerName,
    box,
    print_json,
    runner_of,
    say,
    show,
    state,
    table,
)
from midsole.domain.errors import UsageError

app = typer.Typer(
    no_args_is_help=False, help="List the files that are not counted and why; retry or ignore them."
)

LATEST = 20
LONGEST_NUMBER = 9
"""Digits of a file's number; what is longer can only be a file's name."""
SHOWN_GROUPS = 20
SHOWN_DIFFERENCES = 10

Ids = Annotated[
    list[int] | None, typer.Argument(metavar="[ID]...", max=LARGEST_ID, help="The files' numbers.")
]
NONE_LEFT_OUT = "Every file is counted. `midsole files --all` lists them."
TO_DO = {
    "failed": "Failed: `midsole files retry ID` reads it again, "
    "`midsole files inspect ID` shows what is in a FIT file, `midsole files ignore ID` lets it rest.",
    "waiting": "Waiting: `midsole run` reads them.",
    "doubted": "Doubted: look at the activity, then `midsole activities confirm`, `edit` or `exclude` it.",
    "unknown sport": "Unknown sport: `midsole activities edit ACTIVITY --sport running` says what it was.",
    "no distance": "No distance: `midsole activities edit ACTIVITY --distance 10km` says how far it was.",
    "deleted": "Deleted in Garmin: `midsole activities confirm ACTIVITY` counts it again.",
    "excluded": "Excluded: `midsole activities exclude ACTIVITY --undo` counts it again.",
    "ignored by you": "Ignored by you: `midsole files retry ID` brings it back.",
    "other kind": "Other kind: kept, and nothing to do.",
}
"""What to do by cause, in the order of need."""


def register(main: typer.Typer) -> None:
    main.add_typer(app, name="files")


@app.callback(invoke_without_command=True)
def files(
    ctx: typer.Context,
    bad: Annotated[bool, typer.Option("--bad", help="Only those that could not be read.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are counted.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="The newest so many, one by one.")
    ] = None,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """List the files that are not counted and why; retry or ignore them."""
    if runner:
        state(ctx).runner = runner
    if ctx.invoked_subcommand is not None:
        return
    from midsole.actions import files as actions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        found = actions.listing(opened, who.id, everything=everything, bad=bad, limit=limit)
        show(as_json, found, lambda rows: _list(rows, grouped=limit is None and not everything))
        if not found and not as_json:
            say("Every file could be read." if bad else "No files yet." if everything else NONE_LEFT_OUT)


def _list(rows: list[dict[str, Any]], *, grouped: bool) -> None:
    if not rows:
        return
    if grouped and len(rows) > LATEST:
        _groups(rows)
    else:
        table(["id", "file", "received", "state", "activity", "why"], [_cells(row) for row in rows], ["id"])
    say()
    for cause, words in TO_DO.items():
        if any(row["cause"] == cause for row in rows):
            say(words)


def _cells(row: dict[str, Any]) -> list[str | None]:
    activities = ", ".join(str(number) for number in row["activities"])
    received_on, why = row["received_at"][:10], row["reason"] or ""
    return [str(row["id"]), row["name"], received_on, row["cause"], activities, why]


def _groups(rows: list[dict[str, Any]]) -> None:
    """Many files: one line a reason, the commonest first; numbers within a reason make no other one."""
    by_reason: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        by_reason.setdefault((row["cause"], re.sub(r"\d+", "N", _reason(row))), []).append(row)
    ordered = sorted(by_reason.values(), key=len, reverse=True)
    cells = [
        [str(len(group)), group[-1]["cause"], _reason(group[-1]), f"{group[-1]['id']} {group[-1]['name']}"]
        for group in ordered[:SHOWN_GROUPS]
    ]
    table(["files", "state", "why", "the newest"], cells, ["files"])
    left = sum(len(group) for group in ordered[SHOWN_GROUPS:])
    more = f" {left} more have other reasons." if left else ""
    say(f"{len(rows)} files.{more} `midsole files --limit {len(rows)}` lists them one by one.")


def _reason(row: dict[str, Any]) -> str:
    """Without the activities' numbers, and what holds for several legs once."""
    parts = re.sub(r"activity \d+: ", "", row["reason"] or "").split("; ")
    return "; ".join(dict.fromkeys(parts))


@app.command()
def retry(
    ctx: typer.Context,
    ids: Ids = None,
    everything: Annotated[bool, typer.Option("--all", help="All that could not be read.")] = False,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """Read files again, or bring back what you ignored."""
    from midsole.actions import files as actions

    _either(ids, everything)
    with box(ctx) as opened:
        found = actions.retry(opened, runner_of(ctx, opened, runner).id, ids)
    show(as_json, found, _became)


def _became(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        activities = ", ".join(str(number) for number in row["activities"])
        read = f"read; activity {activities}" if activities else row["cause"]
        say(f"{row['id']}  {row['name']}: {read}{_because(row)}.")
    still = sum(row["cause"] == "failed" for row in rows)
    if not rows:
        say("No file failed.")
    elif still:
        say(f"{still} of {len(rows)} still can't be read: `midsole files --bad`.")


def _because(row: dict[str, Any]) -> str:
    return f" ({row['reason']})" if row["reason"] else ""


@app.command()
def ignore(
    ctx: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="ID...", max=LARGEST_ID, help="The files' numbers.")],
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """Say that files need not be counted; they are kept."""
    from midsole.actions import files as actions

    with box(ctx) as opened:
        found = actions.ignore(opened, runner_of(ctx, opened, runner).id, ids)
    show(as_json, found, _ignored)


def _ignored(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        say(f"{row['id']}  {row['name']}: {row['cause']}; `midsole files retry {row['id']}` brings it back.")


@app.command()
def export(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", max=LARGEST_ID, help="The file's number.")],
    place: Annotated[Path, typer.Argument(metavar="PATH", help="A folder, or the new file.")],
    runner: RunnerName = None,
) -> None:
    """Write an original out as it came."""
    from midsole.actions import files as actions

    with box(ctx) as opened:
        say(f"Written to {actions.export(opened, runner_of(ctx, opened, runner).id, number, place)}.")


@app.command()
def inspect(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="ID|PATH", help="A file's number, or a file.")],
    only: Annotated[
        str | None, typer.Option("--message", metavar="NAME", help="Only this kind, as session or record.")
    ] = None,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """Show all messages of a FIT file with their names.

    fitparse reads them, which shares no code with Midsole's own reading."""
    from midsole.actions import inspecting

    if what.isdecimal() and len(what) <= LONGEST_NUMBER:
        with box(ctx) as opened:
            found = inspecting.of_number(opened, runner_of(ctx, opened, runner).id, int(what))
    else:
        found = inspecting.of_path(Path(what))
    if as_json:
        _dump_json(row for row in found if _is(row, only))
    else:
        _tell_messages(found, only)


def _is(row: dict[str, Any], only: str | None) -> bool:
    return only in (None, row["message"], str(row["number"]))


def _tell_messages(found: Iterable[dict[str, Any]], only: str | None) -> None:
    kinds: dict[str, None] = {}
    for row in found:
        kinds[row["message"]] = None
        if _is(row, only):
            say(_message(row))
    if only and only not in kinds and not only.isdecimal():
        say(f"The file holds no message {only!r}, but: {', '.join(kinds)}.")


def _message(row: dict[str, Any]) -> str:
    told = [f"{f['name']}={_value(f)}" for f in row["fields"] if f["value"] is not None]
    return f"{row['message']}  {', '.join(told)}"


def _value(field: dict[str, Any]) -> str:
    return f"{field['value']} {field['units']}" if field["units"] else str(field["value"])


def _dump_json(rows: Iterable[dict[str, Any]]) -> None:
    """What was read is printed also where the rest is refused; the refusal is told after it."""
    read: list[dict[str, Any]] = []
    try:
        read.extend(rows)
    finally:
        print_json(read)


@app.command()
def verify(
    ctx: typer.Context,
    ids: Ids = None,
    everything: Annotated[bool, typer.Option("--all", help="Every FIT file.")] = False,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """Compare Midsole's reading with fitparse's.

    Value by value, on your own FIT files; it takes about a second a file."""
    from midsole.actions import inspecting

    _either(ids, everything)
    with box(ctx) as opened:
        compared: list[dict[str, Any]] = []
        for row in inspecting.verify(opened, runner_of(ctx, opened, runner).id, ids):
            compared.append(row)
            if not as_json:
                _verdict(row)
    show(as_json, compared, _summary)
    if not all(row["same"] for row in compared):
        raise typer.Exit(1)


def _either(ids: list[int] | None, everything: bool) -> None:
    if bool(ids) == everything:
        raise UsageError("Say which files, by their numbers in `midsole files`, or --all.")


def _verdict(row: dict[str, Any]) -> None:
    refused = f"; fitparse refuses the rest: {row['refused']}" if row["refused"] else ""
    if not row["values"] and row["refused"]:
        verdict, refused = f"not compared: {row['refused']}", ""
    elif row["same"]:
        verdict = f"same, {row['values']:,} values"
    else:
        verdict = f"different, {len(row['differences'])} fields"
    say(f"{row['id']}  {row['name']}: {verdict}{refused}")
    for difference in row["differences"][:SHOWN_DIFFERENCES]:
        say(f"      {difference}")


def _summary(rows: list[dict[str, Any]]) -> None:
    unlike = sum(not row["same"] for row in rows)
    unread = sum(row["same"] and not row["values"] and row["refused"] is not None for row in rows)
    say(f"FIT files: {len(rows) - unlike - unread} the same, {unlike} different, {unread} not compared.")
    if unlike:
        say("Please report it with the file: `midsole files export ID PATH` writes it out.")
