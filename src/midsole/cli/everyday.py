"""`midsole shoes everyday`: a share of the daily steps on the pair that is worn all day."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli.common import RunnerName, box, parse_day, runner_of, say
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.actions.everyday import Everyday


def register(shoes: typer.Typer) -> None:
    shoes.command()(everyday)


def everyday(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The pair, or a part of its name.")],
    share: Annotated[
        str | None, typer.Option(metavar="PERCENT", help="How much of the steps, as 50%.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first day; default today.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="No daily steps on this pair.")] = False,
    runner: RunnerName = None,
) -> None:
    """Let a pair that is worn all day take a share of the daily steps; off unless you say so."""
    from midsole.actions import everyday as actions

    if off is (share is not None) or (off and since):
        raise UsageError("Say how much of the daily steps it takes (--share 50%), or --off.")
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        if share is None:
            _say_off(actions.take_none(opened, who.id, name), who.units)
            return
        day = parse_day(since, who.today(opened.now()))
        _say_on(actions.take(opened, who.id, name, _fraction(share), day), who.units)


def _fraction(text: str) -> float:
    match = re.fullmatch(r"(\d{1,3})\s*%?", text.strip())
    if match is None:
        raise UsageError(f"{text!r} is no share: write it in whole per cent, as 50%.")
    return int(match[1]) / 100


def _say_on(found: "Everyday", units: str) -> None:
    from midsole.domain.units import distance, percent

    worn, pair = found.worn, found.worn.shoe
    say(f"{pair.name} takes {percent(pair.everyday_share)} of your daily steps from {pair.everyday_from} on.")
    said = f"about {distance(worn.everyday_m, units)} all-day wear" if worn.everyday_m else "none known yet"
    say(f"So far: {worn.everyday_steps:,} steps, {said}. They come in from a connected Garmin account.")
    whose = "as in your own walks" if found.step.is_own else "estimated: no walk of yours has steps"
    say(f"A step counts as {found.step.metres:.2f} m ({whose}).")
    say("Steps of runs and walks are left out: those are on their pairs already.")


def _say_off(found: "Everyday", units: str) -> None:
    from midsole.domain.letter import quoted
    from midsole.domain.units import distance

    worn, pair = found.worn, found.worn.shoe
    say(f"{pair.name} takes no daily steps any more.")
    if worn.everyday_m:
        say(f"About {distance(worn.everyday_m, units)} all-day wear is off its distance now.")
    if worn.everyday_m and pair.start_m is not None:
        kept = distance(pair.start_m + worn.everyday_m, units).replace(" ", "")
        say(f"To keep it there, count it as its start: midsole shoes edit {quoted(pair.name)} --start {kept}")


def say_all_day(rows: list[dict[str, Any]], units: str) -> None:
    """Under the table of pairs: how much of their distance is all-day wear."""
    from midsole.domain.units import distance

    for row in rows:
        if row["everyday_m"]:
            all_day = distance(row["everyday_m"], units)
            say(f"{row['name']}: of it about {all_day} all-day wear, estimated.")
