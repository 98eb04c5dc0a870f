"""`midsole load` and `midsole cap`: the weeks behind, and how far the next run may go."""

from typing import Annotated, Any

import typer

from midsole.cli.common import Json, RunnerName, box, parse_day, runner_of, say, show, table
from midsole.domain.errors import UsageError

HEADS = ("week from", "{units}", "runs", "longest", "usual", "ramp", "ratio", "monotony")
BESIDE = {"walk_m": "walked", "cross_s": "cross"}
"""Columns that are left out where nothing is in them."""


def register(app: typer.Typer) -> None:
    for command in (load, cap):
        app.command()(command)


def load(
    ctx: typer.Context,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=2000, help="How many weeks.")] = 8,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="The last week holds this day.")
    ] = None,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """The last weeks against the usual, and how far the next run may go."""
    from midsole.actions import views

    with box(ctx) as opened:
        person = runner_of(ctx, opened, runner)
        day = parse_day(until, person.today(opened.now()))
        show(
            as_json, views.load_weeks(opened, person.id, weeks, day), lambda found: _load(found, person.units)
        )


def _load(found: dict[str, Any], units: str) -> None:
    weeks = found["weeks"]
    if not any(w["runs"] or w["walk_m"] or w["cross_s"] for w in weeks):
        say("No activities in these weeks. `midsole status` says where your watch's files are looked for.")
        return
    beside = [name for name in ("walk_m", "cross_s") if any(w[name] for w in weeks)]
    heads = [head.format(units=units) for head in HEADS] + [BESIDE[name] for name in beside]
    table(heads, [_week(w, beside, units) for w in weeks], heads[1:])
    say(f"Distances are in {units}; – means not enough data. Ramp is against the usual week. Ratio (7 days")
    say("against the 21 before) and monotony (how alike the days were) are shown, never alarmed.")
    if "cross_s" in beside:
        say("Cross is the time in other sports, in hours and minutes.")
    say()
    _cap(found["cap"], units)


def _week(w: dict[str, Any], beside: list[str], units: str) -> list[str | None]:
    cells = [
        w["week_start"],
        _far(w["distance_m"], units),
        str(w["runs"]),
        _far(w["longest_m"], units),
        _far(w["usual_m"], units),
        None if w["ramp"] is None else f"{round(w['ramp'] * 100) + 0:+d} %",
        _ratio(w["acwr"]),
        _ratio(w["monotony"]),
    ]
    words = {"walk_m": _far(w["walk_m"], units), "cross_s": _hours(w["cross_s"])}
    return [*cells, *(words[name] if w[name] else "" for name in beside)]


def _far(metres: float | None, units: str) -> str | None:
    """Without its unit: ten columns have to fit beside one another."""
    from midsole.domain.units import distance

    return None if metres is None else distance(metres, units).removesuffix(f" {units}")


def _hours(seconds: float | None) -> str:
    hours, minutes = divmod(round((seconds or 0) / 60), 60)
    return f"{hours}:{minutes:02d}"


def _ratio(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def cap(
    ctx: typer.Context,
    plan: Annotated[
        str | None, typer.Option("--plan", metavar="DISTANCE", help="Try a run, such as 21km.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day of the run (today).")
    ] = None,
    runner: RunnerName = None,
    as_json: Json = False,
) -> None:
    """How far the next run may go, what is left this week, and what a plan would trip."""
    from midsole.actions import views
    from midsole.domain.units import parse_distance

    with box(ctx) as opened:
        person = runner_of(ctx, opened, runner)
        today = person.today(opened.now())
        day = parse_day(on, today)
        if day is not None and day < today:
            raise UsageError(f"{day} is past; a cap is for today or later.")
        plan_m = None if plan is None else parse_distance(plan, person.units)
        show(
            as_json,
            views.cap(opened, person.id, plan_m=plan_m, on=day),
            lambda found: _cap(found, person.units),
        )


def _cap(found: dict[str, Any], units: str) -> None:
    from midsole.domain.units import distance, distance_down

    for words, metres in (
        ("Next run at most", found["next_run_m"]),
        ("Left this week", found["week_left_m"]),
    ):
        say(f"{words:17} {'not enough data' if metres is None else distance_down(metres, units)}")
    reasons = dict.fromkeys([found["because"], *(why.partition(": ")[2] for why in found["missing"])])
    say(f"Because {'; '.join(why for why in reasons if why)}.")
    if found.get("plan_m") is not None:
        said = f"{distance(found['plan_m'], units)} on {found['on']}"
        say(
            f"{said} would trip {_rule_names(found['tripped'])}."
            if found["tripped"]
            else f"{said} trips no rule."
        )


def _rule_names(ids: list[str]) -> str:
    from midsole.domain.rules import RULE_BY_ID

    return ", ".join(f"{i} ({RULE_BY_ID[i].name})" for i in ids)
