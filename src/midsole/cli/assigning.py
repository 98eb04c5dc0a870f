"""`midsole shoes` assign, unassign, claim, apply: who wore what, previewed and recorded."""

import sys
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli.common import (
    LARGEST_ID,
    Json,
    RunnerName,
    Since,
    Until,
    box,
    parse_day,
    parse_time,
    print_json,
    runner_of,
    say,
)
from midsole.cli.effects import as_dict, print_effects
from midsole.cli.shoes import Name, Sport, Surface, Yes, check_words, metres, summed
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.actions.assigning import Point, Which
    from midsole.actions.box import Box
    from midsole.actions.changes import Effects

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]
Ids = Annotated[
    list[int] | None, typer.Argument(metavar="ID...", max=LARGEST_ID, help="Activities by number.")
]


def register(shoes: typer.Typer) -> None:
    for command in (assign, unassign, claim, apply):
        shoes.command()(command)


def assign(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The pair, or barefoot: none of yours.")],
    ids: Ids = None,
    sport: Sport = None,
    surface: Surface = None,
    since: Since = None,
    until: Until = None,
    worn: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what is on this pair now, or barefoot.")
    ] = None,
    inbox: Annotated[bool, typer.Option("--inbox", help="Only what waits in the inbox.")] = False,
    then: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="The pair changed into on the way; again for more."),
    ] = None,
    until_distance: Annotated[
        list[str] | None, typer.Option(metavar="DISTANCE", help="Where pairs were changed.")
    ] = None,
    until_lap: Annotated[
        list[int] | None, typer.Option(metavar="N", min=1, help="The lap after which they were changed.")
    ] = None,
    until_time: Annotated[
        list[str] | None, typer.Option(metavar="H:MM:SS", help="The time after which they were changed.")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
    runner: RunnerName = None,
) -> None:
    """Say which pair was worn: by numbers, or all that fit the filters; whole, or in parts."""
    from midsole.actions import assigning

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        which = _which(opened, who, sport, surface, since, until, worn, inbox)
        points = _points(who.units, until_distance, until_lap, until_time)
        names, chosen = [name, *(then or [])], ids or _fitting(opened, who, which, as_json)
        if ids and which is not None:
            raise UsageError("Say either which numbers, or which filters.")

        def do(*, preview: bool) -> "Effects":
            silent = ids is None
            return assigning.assign(opened, who.id, chosen, names, points, silent=silent, preview=preview)

        carry_out(do, who, dry_run, yes or bool(ids), as_json, "Put them on this pair?")


def _which(
    opened: "Box",
    who: Any,
    sport: str | None,
    surface: str | None,
    since: str | None,
    until: str | None,
    worn: str | None,
    inbox: bool,
) -> "Which | None":
    """None where no filter was named. Without --sport and --inbox: running."""
    from midsole.actions.assigning import Which

    if not (sport or surface or since or until or worn or inbox):
        return None
    check_words(sport, surface)
    today = who.today(opened.now())
    days = (parse_day(since, today), parse_day(until, today))
    return Which(sport or (None if inbox else "running"), surface, *days, worn, inbox)


def _fitting(opened: "Box", who: Any, which: "Which | None", as_json: bool) -> list[int]:
    from midsole.actions import assigning

    if which is None:
        raise UsageError(
            "Say which activities: numbers or filters, as --since. See `midsole shoes assign --help`."
        )
    found = assigning.choose(opened, who.id, which)
    if not found:
        raise UsageError("No activity fits. See `midsole activities`.")
    if not as_json:
        say(f"{summed(found, who.units)}, from {found[0].local_date} to {found[-1].local_date}.")
    return [a.id for a in found]


def _points(
    units: str, distances: list[str] | None, laps: list[int] | None, times: list[str] | None
) -> "list[Point]":
    from midsole.actions.assigning import Point

    if sum(map(bool, (distances, laps, times))) > 1:
        raise UsageError("Say where pairs were changed in one way: distances, laps or times.")
    by_distance = (Point(distance_m=metres(text, units)) for text in distances or ())
    by_lap = (Point(lap=lap) for lap in laps or ())
    by_time = (Point(time_s=parse_time(text)) for text in times or ())
    return list(chain(by_distance, by_lap, by_time))


def carry_out(
    do: "Callable[..., Effects]", who: Any, dry_run: bool, sure: bool, as_json: bool, question: str
) -> None:
    """Do it; first show it where somebody can be asked."""
    asks = not (dry_run or sure or as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    if dry_run or asks:
        effects = do(preview=True)
        print_told(effects, who, as_json, preview=True)
        if dry_run or not effects.changed:
            return
        typer.confirm(question, abort=True)
    print_told(do(preview=False), who, as_json, preview=False)


def print_told(effects: "Effects", who: Any, as_json: bool, *, preview: bool) -> None:
    if as_json:
        print_json(as_dict(effects, preview=preview))
    else:
        print_effects(effects, who.units, preview=preview)


def unassign(
    ctx: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="ID...", max=LARGEST_ID, help="Activities by number.")],
    dry_run: DryRun = False,
    as_json: Json = False,
    runner: RunnerName = None,
) -> None:
    """Take back what was said of these activities; account, rules, guess or default answer again."""
    from midsole.actions import assigning

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        effects = assigning.unassign(opened, who.id, ids, preview=dry_run)
    print_told(effects, who, as_json, preview=dry_run)


def claim(
    ctx: typer.Context, name: Name, yes: Yes = False, as_json: Json = False, runner: RunnerName = None
) -> None:
    """Show which past runs without a shoe a pair may claim; with --yes, put them on it."""
    from midsole.actions import assigning
    from midsole.domain.letter import quoted

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        found = assigning.claimable(opened, who.id, name)
        if as_json:
            print_told(assigning.claim(opened, who.id, name, preview=not yes), who, True, preview=not yes)
        elif not found:
            say(f"{name} has nothing to claim: no run without a shoe since it was first used or bought.")
            say(f"Its first day is told by: midsole shoes edit {quoted(name)} --first-used DATE")
        elif yes:
            print_told(assigning.claim(opened, who.id, name), who, as_json, preview=False)
        else:
            say(
                f"{name} may claim {summed(found, who.units)}, from {found[0].local_date} to "
                f"{found[-1].local_date}: midsole shoes claim {quoted(name)} --yes"
            )


def apply(
    ctx: typer.Context,
    since: Since = None,
    until: Until = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
    runner: RunnerName = None,
) -> None:
    """Ask rules, guess and defaults anew for past activities; what you or the account said stays."""
    from midsole.actions import assigning

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        today = who.today(opened.now())
        days = (parse_day(since, today), parse_day(until, today))

        def do(*, preview: bool) -> "Effects":
            return assigning.ask_anew(opened, who.id, *days, preview=preview)

        carry_out(do, who, dry_run, yes, as_json, "Let it be so?")
