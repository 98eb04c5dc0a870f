"""What the runner says: pauses, injuries, races, what is so about an activity, what to do with an alert."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli.common import (
    LARGEST_ID,
    ActivityId,
    Json,
    RunnerName,
    activities_app,
    alerts_app,
    box,
    parse_day,
    parse_time,
    print_json,
    runner_of,
    say,
)
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.domain.activity import Activity

injury_app = typer.Typer(no_args_is_help=True, help="Note a running injury.")
race_app = typer.Typer(no_args_is_help=True, help="Plan a race, or list the planned ones.")

Day = Annotated[str, typer.Argument(metavar="DATE", help="As 2026-11-16, or today.")]
Sport = Annotated[str | None, typer.Option(help="running, walking, hiking, cycling, swimming, other.")]
Surface = Annotated[str | None, typer.Option(help="road, trail, treadmill, track, virtual.")]
AlertId = Annotated[int, typer.Argument(metavar="ID", max=LARGEST_ID, help="The number in `midsole alerts`.")]


def register(app: typer.Typer) -> None:
    app.command()(pause)
    app.add_typer(injury_app, name="injury")
    app.add_typer(race_app, name="race")


def pause(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day; default today.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Last day, if known.")] = None,
    reason: Annotated[str, typer.Option(help="injured, ill, holiday or break.")] = "break",
    end: Annotated[
        str | None, typer.Option("--end", metavar="DATE", help="Last day of the open pause.")
    ] = None,
    runner: RunnerName = None,
) -> None:
    """Note a pause, or end the open one: Midsole stays silent and plans the way back."""
    from midsole.actions import telling

    if end and (since or until):
        raise UsageError("Say either --end, or --from and --until.")
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        today = who.today(opened.now())
        if last := parse_day(end, today):
            telling.end_pause(opened, who.id, last)
            say(f"The pause ends on {last}.")
            return
        said = telling.pause(opened, who.id, parse_day(since, today), parse_day(until, today), reason)
    ending = f"until {said.until_date}" if said.until_date else "until you say `midsole pause --end DATE`"
    say(f"Paused ({said.reason}) from {said.from_date} {ending}.")


@injury_app.command("add")
def injury_add(
    ctx: typer.Context,
    on: Day,
    note: Annotated[str | None, typer.Option(help="A word for yourself.")] = None,
    runner: RunnerName = None,
) -> None:
    """Note the day of a running injury: kept and shown, no rule reads it. Pain is said with checkin."""
    from midsole.actions import telling

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        day = parse_day(on, who.today(opened.now()))
        assert day is not None
        telling.injury(opened, who.id, day, note)
    say(f"Noted: a running injury on {day}.")


@race_app.command("add")
def race_add(
    ctx: typer.Context,
    on: Day,
    name: Annotated[str | None, typer.Option(help="Which race.")] = None,
    runner: RunnerName = None,
) -> None:
    """Plan a race: its distance is said in the weekly mail, not pushed as a warning."""
    from midsole.actions import telling

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        day = parse_day(on, who.today(opened.now()))
        assert day is not None
        telling.race(opened, who.id, day, name)
    say(f"Noted: {name or 'a race'} on {day}.")


@race_app.command("list")
def race_list(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """The races, past and planned."""
    from midsole.actions import telling

    with box(ctx) as opened:
        found = telling.races(opened, runner_of(ctx, opened, runner).id)
    if as_json:
        print_json([{"on": day, "name": name} for day, name in found])
        return
    for day, name in found:
        say(f"{day}  {name or 'race'}")
    if not found:
        say("No race is planned. Plan one with `midsole race add DATE`.")


@activities_app.command("add")
def activity_add(
    ctx: typer.Context,
    on: Annotated[str, typer.Option("--on", metavar="WHEN", help='As "2026-11-20 07:30", your local time.')],
    distance: Annotated[str, typer.Option(help="As 10km or 6.2mi.")],
    time: Annotated[str, typer.Option("--time", metavar="H:MM:SS", help="As 52:10 or 1:02:05.")],
    sport: Annotated[str, typer.Option(help="running, walking, hiking, cycling, ...")] = "running",
    surface: Annotated[str, typer.Option(help="road, trail, treadmill, track, virtual.")] = "unknown",
    title: Annotated[str | None, typer.Option(help="Its name.")] = None,
    race: Annotated[bool, typer.Option("--race", help="It was a race.")] = False,
    shoe: Annotated[str | None, typer.Option(help="The pair that was worn.")] = None,
    runner: RunnerName = None,
) -> None:
    """Enter a run without a file."""
    from midsole.actions import activities, assigning, shoes
    from midsole.domain.units import parse_distance

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        if shoe:
            with opened.store.read() as tx:
                shoes.find_shoe(tx, who.id, shoe)
        added = activities.add(
            opened,
            who.id,
            sport=sport,
            surface=surface,
            started_at=_moment(on, who, opened.now()),
            distance_m=parse_distance(distance, who.units),
            timer_s=parse_time(time),
            title=title,
            is_race=race,
        )
        say(f"Entered: {_described(added, who.units)}.")
        if shoe:
            assigning.assign(opened, who.id, [added.id], [shoe])
            say(f"It is on {shoe}.")


def _moment(text: str, who: Any, now: datetime) -> datetime:
    """A local time of the runner, in the zone they had on that day; a stated offset is kept."""
    from zoneinfo import ZoneInfo

    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f'{text!r} is no time: write it as "2026-11-20 07:30".') from None
    if said.year < 1970:
        raise UsageError(f"{text} is too long ago: a run is entered from 1970 on.")
    moment = said if said.tzinfo else said.replace(tzinfo=ZoneInfo(who.zone_on(said.date())))
    if moment > now:
        raise UsageError(f"{text} lies in the future.")
    return moment


def _described(activity: "Activity", units: str) -> str:
    from midsole.domain.units import distance

    return (
        f"activity {activity.id}, {activity.sport} on {activity.local_date}, "
        f"{distance(activity.distance_m, units)}"
    )


@activities_app.command("edit")
def activity_edit(
    ctx: typer.Context,
    activity_id: ActivityId,
    sport: Sport = None,
    surface: Surface = None,
    title: Annotated[str | None, typer.Option(help="Its name.")] = None,
    race: Annotated[bool | None, typer.Option("--race/--no-race", help="Whether it was a race.")] = None,
    distance: Annotated[str | None, typer.Option(help="As 10.2km.")] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="WHEN", help='When it began, as "2026-11-20 07:30".')
    ] = None,
    time: Annotated[str | None, typer.Option("--time", metavar="H:MM:SS", help="How long it took.")] = None,
    lead: Annotated[
        int | None,
        typer.Option(
            metavar="RECORDING", max=LARGEST_ID, help="Which recording leads, of `activities show`."
        ),
    ] = None,
    runner: RunnerName = None,
) -> None:
    """Say what is so about an activity; no later sync overwrites it."""
    said = {"sport": sport, "surface": surface, "title": title, "is_race": race, "lead": lead}
    _edit(ctx, runner, activity_id, "Now", distance=distance, on=on, time=time, **said)


@activities_app.command("exclude")
def activity_exclude(
    ctx: typer.Context,
    activity_id: ActivityId,
    undo: Annotated[bool, typer.Option("--undo", help="Count it again.")] = False,
    runner: RunnerName = None,
) -> None:
    """Leave an activity out of everything (it is kept), or take that back."""
    _edit(ctx, runner, activity_id, "Counted again" if undo else "Excluded", excluded=not undo)


@activities_app.command("confirm")
def activity_confirm(ctx: typer.Context, activity_id: ActivityId, runner: RunnerName = None) -> None:
    """Say that a doubted activity is right; it then counts in full."""
    _edit(ctx, runner, activity_id, "Confirmed", confirmed=True)


def _edit(
    ctx: typer.Context,
    runner: str | None,
    activity_id: int,
    what: str,
    distance: str | None = None,
    on: str | None = None,
    time: str | None = None,
    **said: Any,
) -> None:
    from midsole.actions import activities
    from midsole.domain.units import parse_distance

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        said["distance_m"] = parse_distance(distance, who.units) if distance else None
        said["started_at"] = _moment(on, who, opened.now()) if on else None
        said["timer_s"] = parse_time(time) if time else None
        changed = activities.edit(opened, who.id, activity_id, **said)
    say(f"{what}: {_described(changed, who.units)}.")


@alerts_app.command("ack")
def alert_ack(ctx: typer.Context, alert_id: AlertId, runner: RunnerName = None) -> None:
    """Seen: it is not said again unless it gets worse."""
    from midsole.actions import alerts

    with box(ctx) as opened:
        alerts.acknowledge(opened, runner_of(ctx, opened, runner).id, alert_id)
    say(f"Alert {alert_id} is acknowledged: it is not said again unless it gets worse.")


@alerts_app.command("snooze")
def alert_snooze(
    ctx: typer.Context,
    alert_id: AlertId,
    days: Annotated[int, typer.Option(help="For how many days.")] = 7,
    runner: RunnerName = None,
) -> None:
    """Not now: the alert is silent for some days."""
    from midsole.actions import alerts

    with box(ctx) as opened:
        alerts.snooze(opened, runner_of(ctx, opened, runner).id, alert_id, days)
    say(f"Alert {alert_id} is silent for {days} {'day' if days == 1 else 'days'}.")
