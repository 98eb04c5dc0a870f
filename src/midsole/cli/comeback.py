"""The way back after a break or red pain: `midsole comeback`."""

from typing import Annotated, Any

import typer

from midsole.cli.common import Json, RunnerName, box, print_json, runner_of, say, table

comeback_app = typer.Typer(no_args_is_help=False, help="The comeback plan: where it stands, what is next.")

All = Annotated[bool, typer.Option("--all-painless", help="All four were without pain.")]
Walk = Annotated[bool, typer.Option("--walk", help="Walking barefoot was without pain.")]
Stairs = Annotated[bool, typer.Option("--stairs", help="Stairs were.")]
Hops = Annotated[bool, typer.Option("--hops", help="Light hops were.")]
Raise = Annotated[bool, typer.Option("--raise", help="Calf raises were.")]
StepNumber = Annotated[int | None, typer.Option("--step", min=1, max=7, help="The step to go on with.")]
Days = Annotated[
    str | None, typer.Option("--days", metavar="DAYS", help="Weekdays that suit, as mon,wed,fri; or any.")
]
Hold = Annotated[bool, typer.Option("--hold", help="Hold the next seven days: no step more.")]
SHORT = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def register(app: typer.Typer) -> None:
    app.add_typer(comeback_app, name="comeback")


@comeback_app.callback(invoke_without_command=True)
def main(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        _show(ctx, None, as_json=False)


@comeback_app.command("show")
def show(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """Where the plan stands, what comes next, and what it made of each run."""
    _show(ctx, runner, as_json=as_json)


def _show(ctx: typer.Context, runner: str | None, *, as_json: bool) -> None:
    from midsole.actions import comebacks

    with box(ctx) as opened:
        plan = comebacks.comeback(opened, runner_of(ctx, opened, runner).id)
    _tell(plan, as_json=as_json)


@comeback_app.command("gate")
def gate(
    ctx: typer.Context,
    everything: All = False,
    walk: Walk = False,
    stairs: Stairs = False,
    hops: Hops = False,
    calf_raise: Raise = False,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """Say what of the gate of four was without pain today."""
    from midsole.actions import comebacks
    from midsole.domain.plan_words import GATE_OF_FOUR, PASSED, TRY_AGAIN

    ticked = {"walk": walk, "stairs": stairs, "hops": hops, "raise": calf_raise}
    painless = [part for part in GATE_OF_FOUR if everything or ticked[part]]
    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner).id
        passed = comebacks.pass_gate(opened, who, painless)
        plan = comebacks.comeback(opened, who)
    if not as_json:
        say(PASSED if passed else TRY_AGAIN)
    _tell(plan, as_json=as_json)


@comeback_app.command("leave")
def leave(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """Leave the plan; it may be taken up again."""
    from midsole.actions import comebacks

    _do(ctx, runner, comebacks.leave, as_json=as_json)


@comeback_app.command("again")
def again(ctx: typer.Context, runner: RunnerName = None, as_json: Json = False) -> None:
    """Take up the plan that was left."""
    from midsole.actions import comebacks

    _do(ctx, runner, comebacks.again, as_json=as_json)


@comeback_app.command("edit")
def edit(
    ctx: typer.Context,
    step: StepNumber = None,
    days: Days = None,
    hold: Hold = False,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """Set the step, choose the days that suit, or hold a week."""
    from midsole.actions import comebacks

    chosen = None if days is None else _weekdays(days)

    def doing(opened: Any, runner_id: int) -> None:
        comebacks.edit(opened, runner_id, step=step, days=chosen, hold=hold)

    _do(ctx, runner, doing, as_json=as_json)


def _weekdays(said: str) -> list[int]:
    from midsole.domain.errors import UsageError

    if said.strip().lower() == "any":
        return []
    names = [name.strip().lower()[:3] for name in said.split(",")]
    unknown = [name for name in names if name not in SHORT]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no day of the week: write mon,wed,fri or any.")
    return [SHORT.index(name) for name in names]


def _do(ctx: typer.Context, runner: str | None, doing: Any, *, as_json: bool) -> None:
    from midsole.actions import comebacks

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner).id
        doing(opened, who)
        plan = comebacks.comeback(opened, who)
    _tell(plan, as_json=as_json)


def _tell(plan: dict[str, Any] | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"plan": plan})
        return
    if plan is None:
        say("No comeback plan is open: one opens by itself after 14 days without a run, or after red pain.")
        return
    for line in (plan["where"], plan["next"], plan["week_in_words"], plan["cross_in_words"], plan["asks"]):
        if line:
            say(line)
    if plan["runs"]:
        table(("day", "step", "how", "the plan", "why"), [_row(run) for run in plan["runs"]])
    if plan["gate_is_next"] and not plan["is_red"]:
        say("All four of the gate without pain? midsole comeback gate --all-painless")
    say("Not medical advice. Pain at rest, swelling, numbness that stays: see a clinician.")


def _row(run: dict[str, Any]) -> list[str | None]:
    step = str(run["step"]) if run["step"] else "-"
    return [
        run["on_day"],
        step,
        run["how"],
        run["verdict_in_words"],
        "; ".join([run["why"], *run["cautions"]]),
    ]
