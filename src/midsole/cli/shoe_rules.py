"""`midsole shoes rule`: the runner's own rules for which pair a run wears."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from midsole.cli.assigning import DryRun, carry_out
from midsole.cli.common import (
    Json,
    RunnerName,
    Since,
    Until,
    box,
    parse_day,
    runner_of,
    say,
    show,
    state,
    table,
)
from midsole.cli.rule_options import dropped, read, with_conditions
from midsole.cli.shoes import Name, Yes
from midsole.domain.errors import UsageError

if TYPE_CHECKING:
    from midsole.actions.box import Box
    from midsole.actions.changes import Effects
    from midsole.actions.shoe_rules import Listed
    from midsole.domain.shoe_rules import ShoeRule

app = typer.Typer(help="List your rules for which pair a run wears, add one, try them out, apply them.")

Number = Annotated[int, typer.Argument(metavar="N", help="The rule's number in `midsole shoes rule list`.")]
Which = Annotated[int | None, typer.Argument(metavar="[N]", help="Only this rule; else all of them.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="Holds from this day on; else today.")
]


def register(shoes: typer.Typer) -> None:
    shoes.add_typer(app, name="rule")


@app.callback(invoke_without_command=True)
def rule(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """List your rules for which pair a run wears, add one, try them out, apply them."""
    if runner:
        state(ctx).runner = runner
    if ctx.invoked_subcommand is None:
        _list(ctx, as_json, runner)


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """Every rule in the order they are asked: the first that fits answers."""
    _list(ctx, as_json, runner)


def _list(ctx: typer.Context, as_json: bool, runner: str | None) -> None:
    from midsole.actions import shoe_rules

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        rows = [_as_dict(found, who.units) for found in shoe_rules.listed(opened, who.id)]
    show(as_json, rows, _print)


def _as_dict(found: "Listed", units: str) -> dict[str, Any]:
    from midsole.actions import shapes

    return shapes.shoe_rule(found, units)


def _print(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say('No rule yet. Add one with: midsole shoes rule add "Speedgoat" --surface trail')
        return
    shown = [
        [str(row["number"]), row["words"], row["shoe_name"], _holds(row), str(row["dressed"])] for row in rows
    ]
    table(("no", "what", "wears", "holds", "dressed"), shown, right=("no", "dressed"))


def _holds(row: dict[str, Any]) -> str:
    if row["rests"]:
        return f"rests: the pair is retired since {row['retired_on']}"
    return f"from {row['from_date']}"


@app.command()
@with_conditions
def add(
    ctx: typer.Context, name: Name, asked: dict[str, Any], from_: From = None, runner: RunnerName = None
) -> None:
    """Add a rule: what fits all its conditions wears the pair. It is asked after the rules there are."""
    from midsole.actions import shoe_rules
    from midsole.domain.shoe_rules import Conditions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        said = _read(opened, who, asked)
        conditions = Conditions(**({"sports": ("running",)} | said if said else {}))
        from_date = parse_day(from_, who.today(opened.now()))
        added = shoe_rules.add(opened, who.id, name, conditions, from_date)
        _tell(opened, who, added, f"Rule {added.place}")


def _read(opened: "Box", who: Any, asked: dict[str, Any]) -> dict[str, Any]:
    from midsole.actions.shoe_rules import start_of

    today = who.today(opened.now())
    return read(asked, who.units, today, lambda activity_id: start_of(opened, who.id, activity_id))


def _tell(opened: "Box", who: Any, rule: "ShoeRule", begin: str) -> None:
    """What the rule is, since when, and what it could change of the past."""
    from midsole.actions import shoe_rules
    from midsole.domain.rule_words import describe

    found = next(one for one in shoe_rules.listed(opened, who.id) if one.rule.id == rule.id)
    words = describe(rule.conditions, who.units)
    say(f"{begin}: {words} wear the {found.pair.name}, from {rule.from_date} on.")
    if found.rests:
        say(f"It rests: the {found.pair.name} is retired since {found.pair.retired_on}.")
    would = shoe_rules.reach(opened, who.id, shoe_rules.Past(number=rule.place))
    if not would:
        say("No past activity would change if you applied it.")
        return
    activities = "1 past activity" if would == 1 else f"{would:,} past activities"
    say(
        f"{activities} would change if you applied it: midsole shoes rule test {rule.place} shows them, "
        f"midsole shoes rule apply {rule.place} does it."
    )


@app.command()
@with_conditions
def edit(
    ctx: typer.Context,
    number: Number,
    asked: dict[str, Any],
    pair: Annotated[str | None, typer.Option(metavar="NAME", help="Another pair.")] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="CONDITION", help="Ask no longer for it, as --drop weekday.")
    ] = None,
    from_: From = None,
    runner: RunnerName = None,
) -> None:
    """Change a rule's conditions, its pair or its first day; what is not named stays."""
    from midsole.actions import shoe_rules

    if not (asked or pair or drop or from_):
        raise UsageError("Say what to change, for example --min-distance 18km or --drop weekday.")
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        said = dropped(drop) | _read(opened, who, asked)
        day = parse_day(from_, who.today(opened.now()))
        changed = shoe_rules.edit(opened, who.id, number, said, name=pair, from_date=day)
        _tell(opened, who, changed, f"Rule {number} is now")


@app.command()
def move(
    ctx: typer.Context,
    number: Number,
    place: Annotated[int, typer.Argument(metavar="PLACE", help="Its new number; 1 is asked first.")],
    runner: RunnerName = None,
) -> None:
    """Ask a rule sooner or later: the first that fits answers."""
    from midsole.actions import shoe_rules

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        shoe_rules.move(opened, who.id, number, place)
        rows = [_as_dict(found, who.units) for found in shoe_rules.listed(opened, who.id)]
    _print(rows)


@app.command()
def remove(ctx: typer.Context, number: Number, runner: RunnerName = None) -> None:
    """Take a rule away; what it dressed stays so until the rules are applied again."""
    from midsole.actions import shoe_rules
    from midsole.domain.rule_words import describe

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        gone = shoe_rules.remove(opened, who.id, number)
    say(f"The rule for {describe(gone.conditions, who.units)} is removed; past activities stay as they are.")


@app.command("test")
def try_out(
    ctx: typer.Context,
    number: Which = None,
    since: Since = None,
    until: Until = None,
    as_json: Json = False,
    runner: RunnerName = None,
) -> None:
    """Show which past activities the rules would change, from what to what, with totals and alerts."""
    _carry_out(ctx, number, since, until, True, True, as_json, runner)


@app.command()
def apply(
    ctx: typer.Context,
    number: Which = None,
    since: Since = None,
    until: Until = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
    runner: RunnerName = None,
) -> None:
    """Dress the past by the rules, whatever their first days; what you or the account said stays."""
    _carry_out(ctx, number, since, until, dry_run, yes, as_json, runner)


def _carry_out(
    ctx: typer.Context,
    number: int | None,
    since: str | None,
    until: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    runner: str | None,
) -> None:
    from midsole.actions import shoe_rules

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        today = who.today(opened.now())
        past = shoe_rules.Past(parse_day(since, today), parse_day(until, today), number)

        def do(*, preview: bool) -> "Effects":
            return shoe_rules.apply(opened, who.id, past, preview=preview)

        carry_out(do, who, dry_run, yes, as_json, "Let it be so?")
