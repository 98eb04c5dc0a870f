"""`midsole inserts`: insoles, orthotics and pads, which pair they lie in, and how far they are worn."""

from datetime import date
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
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.actions.inserts import Fitted

app = typer.Typer(help="Insoles, orthotics and pads: which pair they lie in, and how far they are worn.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The insert, or a part of its name.")]
Limit = Annotated[str | None, typer.Option(metavar="DISTANCE", help="Worn out at; default 480km.")]
Start = Annotated[str | None, typer.Option(metavar="DISTANCE", help="Worn before Midsole, as 120km.")]
Price = Annotated[float | None, typer.Option(help="What it cost, in your money.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="The first day in the pair; default today.")
]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="The last day in the pair.")]


def register(main: typer.Typer) -> None:
    main.add_typer(app, name="inserts")


@app.callback(invoke_without_command=True)
def inserts(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """Insoles, orthotics and pads: which pair they lie in, and how far they are worn."""
    if runner:
        state(ctx).runner = runner
    if ctx.invoked_subcommand is None:
        _list(ctx, as_json, runner)


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """Every insert with its distance, limit, pair and forecast."""
    _list(ctx, as_json, runner)


def _list(ctx: typer.Context, as_json: bool, runner: str | None) -> None:
    from midsole.actions import inserts as actions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        rows = actions.views(opened, who.id)
    show(as_json, rows, lambda found: _print(found, who.units))


def _print(rows: list[dict[str, Any]], units: str) -> None:
    from midsole.domain.inserts import PAD, PLACEMENT

    if not rows:
        say('No insert yet. Add one with: midsole inserts add "Blue insole" --kind insole --in "Pegasus 41"')
        return
    head = ("id", "insert", "kind", "worn", "limit", "used", "lies in", "worn out about")
    table(head, [_row(row, units) for row in rows], right=("id", "worn", "limit", "used"))
    if any(row["kind"] == PAD and not row["retired_on"] for row in rows):
        say(PLACEMENT)


def _row(row: dict[str, Any], units: str) -> list[str | None]:
    from midsole.domain.units import distance, percent

    return [
        str(row["id"]),
        row["name"],
        row["kind"],
        distance(row["distance_m"], units),
        distance(row["limit_m"], units),
        percent(row["used_fraction"]),
        row["fitted_in"],
        worn_out_about(row),
    ]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call it.")],
    kind: Annotated[str, typer.Option(help="insole, orthotic or pad.")] = "insole",
    limit: Limit = None,
    start: Start = None,
    price: Price = None,
    pair: Annotated[str | None, typer.Option("--in", metavar="PAIR", help="Fit it into this pair.")] = None,
    since: From = None,
    runner: RunnerName = None,
) -> None:
    """Add an insole, an orthotic or a pad, and fit it into a pair with --in."""
    from midsole.actions import inserts as actions
    from midsole.domain.inserts import PAD, PLACEMENT
    from midsole.domain.units import distance

    if since and not pair:
        raise UsageError("Say with --in into which pair it was fitted on that day.")
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        into = actions.Into(pair, parse_day(since, who.today(opened.now()))) if pair else None
        details = {
            "limit_m": _metres(limit, who.units),
            "start_m": _start_m(start, who.units),
            "price": price,
        }
        added, fitted = actions.add(opened, who.id, name, kind, into, **details)
    worn, most = (distance(m, who.units) for m in (added.start_m, added.limit_m))
    say(f"Added {added.name} ({added.kind}): worn {worn} so far, limit {most}.")
    if fitted:
        _say_fitted(fitted)
    else:
        say(_where(added.name))
    if added.kind == PAD:
        say(PLACEMENT)


def _where(name: str) -> str:
    from midsole.domain.letter import quoted

    return f"Say which pair it lies in: midsole inserts fit {quoted(name)} PAIR"


def _metres(text: str | None, units: str) -> float | None:
    from midsole.domain.units import parse_distance

    return None if text is None else parse_distance(text, units)


def _start_m(text: str | None, units: str) -> float | None:
    """Nothing worn yet is a start, too."""
    nothing = text is not None and text.strip().lower().rstrip("kmi ").replace(",", ".") in ("0", "0.0")
    return 0.0 if nothing else _metres(text, units)


def _say_fitted(fitted: "Fitted") -> None:
    """Where it lies now, and what became of where it lay."""
    names, what = fitted.names, fitted.refitted
    days = _days(what.now.from_date, what.now.until_date)
    say(f"{fitted.insert.name} lies in the {names[what.now.shoe_id]} {days}.")
    if what.ended:
        say(f"It lay in the {names[what.ended.shoe_id]} until {what.ended.until_date}.")
    if what.follows:
        after = _days(what.follows.from_date, what.follows.until_date)
        say(f"Then it lies in the {names[what.follows.shoe_id]} {after}.")
    for gone in what.gone:
        say(f"No longer in the {names[gone.shoe_id]} {_days(gone.from_date, gone.until_date)}.")


def _days(first: date, last: date | None) -> str:
    return f"from {first} to {last}" if last else f"from {first} on"


@app.command()
def edit(
    ctx: typer.Context,
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help="A new name.")] = None,
    kind: Annotated[str | None, typer.Option(help="insole, orthotic or pad.")] = None,
    limit: Limit = None,
    start: Start = None,
    price: Price = None,
    runner: RunnerName = None,
) -> None:
    """Change what was given about an insert."""
    from midsole.actions import inserts as actions
    from midsole.domain.units import distance

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        said = {"name": new_name, "kind": kind, "price": price}
        said |= {"limit_m": _metres(limit, who.units), "start_m": _start_m(start, who.units)}
        changes = {key: value for key, value in said.items() if value is not None}
        if not changes:
            raise UsageError("Say what to change, for example --limit 600km.")
        changed = actions.edit(opened, who.id, name, **changes)
    say(f"{changed.name}: {changed.kind}, limit {distance(changed.limit_m, who.units)}.")


@app.command()
def fit(
    ctx: typer.Context,
    name: Name,
    pair: Annotated[str, typer.Argument(metavar="PAIR", help="The pair, or a part of its name.")],
    since: From = None,
    until: Until = None,
    runner: RunnerName = None,
) -> None:
    """Say that it lies in this pair from a day on; it is taken out of the pair before."""
    from midsole.actions import inserts as actions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        today = who.today(opened.now())
        into = actions.Into(pair, parse_day(since, today), parse_day(until, today))
        fitted = actions.fit(opened, who.id, name, into)
    _say_fitted(fitted)


@app.command("take-out")
def take_out(
    ctx: typer.Context,
    name: Name,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="Last day in it; default today.")] = None,
    runner: RunnerName = None,
) -> None:
    """Say that it lies in no pair after a day; what it wore stays."""
    from midsole.actions import inserts as actions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        insert, last = actions.take_out(opened, who.id, name, parse_day(on, who.today(opened.now())))
    say(f"{insert.name} lies in no pair after {last}.")


@app.command()
def retire(
    ctx: typer.Context,
    name: Name,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="Last day worn; default today.")] = None,
    runner: RunnerName = None,
) -> None:
    """Retire an insert: it lies in no pair after that day. Its history stays."""
    from midsole.actions import inserts as actions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        insert = actions.retire(opened, who.id, name, parse_day(on, who.today(opened.now())))
    say(f"{insert.name} is retired since {insert.retired_on}.")


@app.command()
def unretire(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Take an insert into use again."""
    from midsole.actions import inserts as actions

    with box(ctx) as opened:
        insert = actions.unretire(opened, runner_of(ctx, opened, runner).id, name)
    say(f"{insert.name} is in use again. {_where(insert.name)}")


@app.command()
def remove(ctx: typer.Context, name: Name, runner: RunnerName = None) -> None:
    """Remove an insert that nothing was worn with (entered by mistake)."""
    from midsole.actions import inserts as actions

    with box(ctx) as opened:
        insert = actions.remove(opened, runner_of(ctx, opened, runner).id, name)
    say(f"{insert.name} is removed; no run was on it.")
