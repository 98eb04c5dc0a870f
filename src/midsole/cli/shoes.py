"""`midsole shoes`: list, add, edit, retire, and who wore what."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli.common import (
    Json,
    RunnerName,
    box,
    parse_day,
    runner_of,
    say,
    show,
    state,
    table,
    worn_out_about,
)
from midsole.cli.everyday import say_all_day
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.actions.box import Box
    from midsole.actions.shoes import Start
    from midsole.domain.activity import Activity
    from midsole.domain.shoes import Shoe

app = typer.Typer(help="List the pairs, add or retire one, and say which pair a run wore.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The pair, or a part of its name.")]
Kind = Annotated[str | None, typer.Option(help="daily, trail, tempo, racing, minimal or walking.")]
Limit = Annotated[str | None, typer.Option(metavar="DISTANCE", help="Worn out at, as 700km.")]
StartText = Annotated[
    str | None, typer.Option(metavar="DISTANCE", help="Worn before Midsole: 320km or unknown.")
]
WornSince = Annotated[str | None, typer.Option("--since", metavar="DATE", help="Worn since about this day.")]
Model = Annotated[str | None, typer.Option(help="Brand and model.")]
Bought = Annotated[str | None, typer.Option(metavar="DATE", help="The day it was bought.")]
FirstUsed = Annotated[str | None, typer.Option(metavar="DATE", help="The day it was first worn.")]
Price = Annotated[float | None, typer.Option(help="What it cost, in your money.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
Sport = Annotated[str | None, typer.Option(help="Only this sport, as running.")]
Surface = Annotated[str | None, typer.Option(help="Only this surface, as trail.")]


def register(main: typer.Typer) -> None:
    from midsole.cli import assigning, bring, everyday, inbox, rotation, shoe_rules

    assigning.register(app)
    inbox.register(app)
    shoe_rules.register(app)
    rotation.register(app)
    everyday.register(app)
    bring.register(app)
    main.add_typer(app, name="shoes")


@app.callback(invoke_without_command=True)
def shoes(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """List the pairs, add or retire one, and say which pair a run wore."""
    if runner:
        state(ctx).runner = runner
    if ctx.invoked_subcommand is None:
        _list(ctx, as_json, runner)


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """Every pair with its distance, limit and forecast."""
    _list(ctx, as_json, runner)


def _list(ctx: typer.Context, as_json: bool, runner: str | None) -> None:
    from midsole.actions import views

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        rows = views.shoes(opened, who.id)
    show(as_json, rows, lambda found: _print(found, who.units))


def _print(rows: list[dict[str, Any]], units: str) -> None:
    if not rows:
        say('No pair yet. Add one with: midsole shoes add "Pegasus 41" --start 320km')
        return
    head = ("id", "pair", "kind", "worn", "limit", "used", "worn out about")
    table(head, [_row(row, units) for row in rows], right=("id", "worn", "limit", "used"))
    say_all_day(rows, units)
    _say_defaults(rows)


def _say_defaults(rows: list[dict[str, Any]]) -> None:
    told = [
        f"{row['name']} ({for_['sport']}{f' on {for_["surface"]}' if for_['surface'] else ''})"
        for row in rows
        for for_ in row["default_for"]
    ]
    if told:
        say(f"Default: {', '.join(told)}.")


def _row(row: dict[str, Any], units: str) -> list[str | None]:
    from midsole.domain.units import distance, percent

    metres, used = row["distance_m"], row["used_fraction"]
    return [
        str(row["id"]),
        row["name"],
        row["kind"],
        None if metres is None else distance(metres, units),
        distance(row["limit_m"], units),
        None if used is None else percent(used),
        worn_out_about(row),
    ]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call the pair.")],
    kind: Annotated[str, typer.Option(help="daily, trail, tempo, racing, minimal or walking.")] = "daily",
    limit: Limit = None,
    start: StartText = None,
    since: WornSince = None,
    model: Model = None,
    bought: Bought = None,
    first_used: FirstUsed = None,
    price: Price = None,
    runner: RunnerName = None,
) -> None:
    """Add a pair; the first one becomes the default for running."""
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        dates = {"bought_on": parse_day(bought), "first_used_on": parse_day(first_used)}
        details = {"limit_m": metres(limit, who.units), "model": model, "price": price, **dates}
        add_pair(opened, who, name, kind, start_of(start, since, who.units), details)


def add_pair(
    opened: "Box", who: Any, name: str, kind: str, start: "Start | None", details: dict[str, Any]
) -> None:
    """Add it and say what is so now."""
    from midsole.actions import shoes as pairs
    from midsole.domain.units import distance

    pair, first = pairs.add_shoe(opened, who.id, name, kind, start or pairs.Start(), **details)
    worn = "an unknown distance" if pair.start_m is None else distance(pair.start_m, who.units)
    about = "about " if pair.start_how == "estimated" else ""
    say(
        f"Added {pair.name} ({pair.kind}): worn {about}{worn} so far, "
        f"limit {distance(pair.limit_m, who.units)}."
    )
    if first:
        say(
            f"This is your first pair: it is now the default for running.{_may_claim(opened, who, pair.name)}"
        )


def _may_claim(opened: "Box", who: Any, name: str) -> str:
    from midsole.actions import assigning
    from midsole.domain.letter import quoted

    found = assigning.claimable(opened, who.id, name)
    return (
        f" It may claim {summed(found, who.units)}: midsole shoes claim {quoted(name)} --yes" if found else ""
    )


def summed(found: "list[Activity]", units: str) -> str:
    from midsole.domain.units import distance

    runs = f"{len(found)} past {'run' if len(found) == 1 else 'runs'}"
    return f"{runs} ({distance(sum(a.counted_m for a in found), units)})"


def metres(text: str | None, units: str) -> float | None:
    from midsole.domain.units import parse_distance

    return None if text is None else parse_distance(text, units)


def start_of(start: str | None, since: str | None, units: str) -> "Start | None":
    """What --start and --since say; None where neither was given."""
    from midsole.actions.shoes import Start

    if start and since:
        raise UsageError("Say either --start, or since when the pair is worn.")
    if since:
        return Start(worn_since=parse_day(since))
    if start is None:
        return None
    if start.strip().lower() == "unknown":
        return Start(unknown=True)
    return Start(known_m=0.0 if _is_nothing(start) else metres(start, units))


def _is_nothing(text: str) -> bool:
    return text.strip().lower().removesuffix("km").removesuffix("mi").removesuffix("m").strip() in (
        "0",
        "0.0",
    )


@app.command()
def edit(
    ctx: typer.Context,
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help="A new name.")] = None,
    kind: Kind = None,
    limit: Limit = None,
    start: StartText = None,
    since: WornSince = None,
    model: Model = None,
    bought: Bought = None,
    first_used: FirstUsed = None,
    price: Price = None,
    runner: RunnerName = None,
) -> None:
    """Change what was given about a pair."""
    from midsole.actions import shoes as pairs
    from midsole.domain.units import distance

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        dates = {"bought_on": parse_day(bought), "first_used_on": parse_day(first_used)}
        said = {"name": new_name, "kind": kind, "model": model, "price": price, **dates}
        said["limit_m"] = metres(limit, who.units)
        changes = {key: value for key, value in said.items() if value is not None}
        begin = start_of(start, since, who.units)
        if not changes and begin is None:
            raise UsageError("Say what to change, for example --limit 700km.")
        pair = pairs.edit_shoe(opened, who.id, name, begin, **changes)
        claim = _may_claim(opened, who, pair.name) if bought or first_used else ""
    told = [pair.kind, f"limit {distance(pair.limit_m, who.units)}", *_details(pair, who.units)]
    say(f"{pair.name}: {', '.join(told)}.{claim}")


def _details(pair: "Shoe", units: str) -> list[str]:
    from midsole.domain.units import distance

    start = "an unknown distance" if pair.start_m is None else distance(pair.start_m, units)
    told = (
        (f"worn {start} before Midsole", pair.start_m != 0),
        (f"bought on {pair.bought_on}", pair.bought_on),
        (f"first used on {pair.first_used_on}", pair.first_used_on),
        (f"price {pair.price or 0:.2f}", pair.price),
    )
    return [words for words, known in told if known]


@app.command()
def retire(
    ctx: typer.Context,
    name: Name,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="Last day worn; default today.")] = None,
    reason: Annotated[str | None, typer.Option(help="worn, lost, given away, ...")] = None,
    runner: RunnerName = None,
) -> None:
    """Retire a pair: nobody wears it after that day. Its history stays."""
    from midsole.actions import shoes as pairs

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        pair = pairs.retire(opened, who.id, name, parse_day(on, who.today(opened.now())), reason)
    say(f"{pair.name} is retired since {pair.retired_on}.")


@app.command()
def unretire(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Take a pair into use again."""
    from midsole.actions import shoes as pairs

    with box(ctx) as opened:
        pair = pairs.unretire(opened, runner_of(ctx, opened, runner).id, name)
    say(f"{pair.name} is in use again.")


@app.command()
def remove(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Remove a pair that nothing was worn in (entered by mistake)."""
    from midsole.actions import shoes as pairs

    with box(ctx) as opened:
        pair = pairs.remove(opened, runner_of(ctx, opened, runner).id, name)
    say(f"{pair.name} is removed; no run was in it.")


@app.command()
def default(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The pair.")] = None,
    sport: Annotated[str, typer.Option(help="For this sport.")] = "running",
    surface: Annotated[str | None, typer.Option(help="Only on this surface.")] = None,
    none: Annotated[bool, typer.Option("--none", help="No default any more.")] = False,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="From this day on; else today, a first one 14 days ago."),
    ] = None,
    runner: RunnerName = None,
) -> None:
    """Which pair later runs of a sport (and surface) go on; what is worn already stays."""
    from midsole.actions import shoes as pairs

    if (name is None) is not none:
        raise UsageError("Name the pair, or say --none to take the default away.")
    check_words(sport, surface)
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        day = parse_day(since, who.today(opened.now()))
        made = pairs.set_default(opened, who.id, name, sport, surface, day)
    what = f"{sport} on {surface}" if surface else sport
    said = f"{name} is the default for {what}" if name else f"There is no default for {what}"
    say(f"{said} from {made.from_date} on. What is worn stays.")
    say(f"To ask again for past days: midsole shoes apply --since {made.from_date}")


def check_words(sport: str | None, surface: str | None) -> None:
    from midsole.domain.activity import SPORTS, SURFACES

    if sport is not None and sport not in SPORTS:
        raise UsageError(f"There is no sport {sport!r}. Known: {', '.join(SPORTS)}.")
    if surface is not None and surface not in SURFACES:
        raise UsageError(f"There is no surface {surface!r}. Known: {', '.join(SURFACES)}.")
