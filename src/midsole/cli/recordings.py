"""The commands about what an activity is made of: show, split and merge."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli.common import (
    LARGEST_ID,
    ActivityId,
    Json,
    RunnerName,
    activities_app,
    box,
    runner_of,
    say,
    show,
    table,
)

if TYPE_CHECKING:
    from midsole.domain.activity import Activity


def register(_: typer.Typer) -> None:
    activities_app.command("show")(activity_show)
    activities_app.command("split")(activity_split)
    activities_app.command("merge")(activity_merge)


def activity_show(
    ctx: typer.Context, activity_id: ActivityId, runner: RunnerName = None, as_json: Json = False
) -> None:
    """What an activity is made of: its recordings, and which of them leads."""
    from midsole.actions import recordings

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        show(as_json, recordings.show(opened, who.id, activity_id), lambda found: _shown(found, who.units))


def _shown(found: dict[str, Any], units: str) -> None:
    from midsole.domain.units import distance

    counted = distance(found["counted_m"], units)
    say(f"Activity {found['id']}, {found['sport']} on {found['local_date']}: {counted} counted.")
    say()
    right = ["recording", "distance", "time"]
    columns = ["recording", "leads", "file", "format", "device", "start (UTC)", "distance", "time", "flags"]
    table(columns, [_cells(one, units) for one in found["recordings"]], right)
    if len(found["recordings"]) > 1:
        say(f"Not one run? `midsole activities split {found['id']} RECORDING` takes a recording out.")


def _cells(one: dict[str, Any], units: str) -> list[str | None]:
    from midsole.domain.units import distance, duration

    return [
        str(one["id"]),
        "leads" if one["leads"] else "",
        one["file"],
        one["format"],
        one["device"],
        one["started_at"][:19].replace("T", " "),
        distance(one["distance_m"], units),
        duration(one["timer_s"]),
        ", ".join(one["flags"]),
    ]


def activity_split(
    ctx: typer.Context,
    activity_id: ActivityId,
    recording_ids: Annotated[
        list[int] | None,
        typer.Argument(
            metavar="[RECORDING]...",
            max=LARGEST_ID,
            help="Numbers in `activities show`; else all but the leader.",
        ),
    ] = None,
    runner: RunnerName = None,
) -> None:
    """Take recordings out of an activity: they are another run. It holds until you merge them."""
    from midsole.actions import recordings

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        became = recordings.split(opened, who.id, activity_id, recording_ids or ())
    say(f"Activity {activity_id} is {len(became)} activities now:")
    for activity in became:
        say(f"  {_described(activity, who.units)}")


def activity_merge(
    ctx: typer.Context,
    activity_ids: Annotated[
        list[int], typer.Argument(metavar="ID ID...", max=LARGEST_ID, help="Two numbers or more.")
    ],
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also two legs of one file; only the leading one counts then.")
    ] = False,
    runner: RunnerName = None,
) -> None:
    """Say that activities are one run, recorded more than once. It holds until you split it."""
    from midsole.actions import recordings

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        activity, came = recordings.merge(opened, who.id, activity_ids, anyway=anyway)
    say(f"They are one run now, counted once: {_described(activity, who.units)}.")
    say(f"`midsole activities split {activity.id} {' '.join(map(str, came))}` takes that back.")


def _described(activity: "Activity", units: str) -> str:
    from midsole.domain.units import distance

    far = distance(activity.counted_m, units)
    return f"activity {activity.id}, {activity.sport} on {activity.local_date}, {far}"
