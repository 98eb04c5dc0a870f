"""`midsole shoes rotation` and `midsole shoes life`: how the pairs take turns, and how long they last."""

from typing import Annotated, Any

import typer

from midsole.cli.common import Json, RunnerName, box, runner_of, say, show, table

OptionalName = Annotated[
    str | None, typer.Argument(metavar="[NAME]", help="The pair, or a part of its name; none: all.")
]


def register(shoes_app: typer.Typer) -> None:
    shoes_app.command()(rotation)
    shoes_app.command()(life)


def rotation(ctx: typer.Context, as_json: Json = False, runner: RunnerName = None) -> None:
    """How the pairs took turns in the last 8 weeks: share, rest, runs in a row."""
    from midsole.actions import rotation as actions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        found = actions.turns(opened, who.id)
    show(as_json, found, lambda it: _print_turns(it, who.units))


def _print_turns(found: dict[str, Any], units: str) -> None:
    from midsole.domain.units import distance, percent

    if not found["pairs"]:
        say('No pair yet. Add one with: midsole shoes add "Pegasus 41" --start 320km')
        return
    head = ("pair", "share", "distance", "runs", "rest between", "last worn", "in a row")
    table(head, [_turns_row(row, units) for row in found["pairs"]], right=("share", "distance", "runs"))
    without = found["without_pair_share"]
    if without and found["without_pair_m"] >= 1:
        metres = distance(found["without_pair_m"], units)
        say(f"{percent(without)} ({metres}) was run barefoot, or nobody knows in which pair.")
    for both in found["run_out_together"]:
        say(_together(both))


def _turns_row(row: dict[str, Any], units: str) -> list[str | None]:
    from midsole.domain.units import distance, percent

    return [
        row["name"],
        None if row["share"] is None else percent(row["share"]),
        distance(row["distance_m"], units),
        str(row["runs"]),
        _days(row["rest_days_median"]),
        _ago(row["days_since_worn"]),
        _in_a_row(row["runs_in_a_row"], row["longest_in_a_row"]),
    ]


def _in_a_row(now: int, most: int) -> str:
    return str(now) if now == most else f"{now} (most {most})"


def _days(days: float | None) -> str | None:
    if days is None:
        return None
    return "none" if days == 0 else f"{days:g} {'day' if days == 1 else 'days'}"


def _ago(days: int | None) -> str | None:
    if days is None:
        return None
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def _together(both: dict[str, Any]) -> str:
    from datetime import date

    from midsole.domain.rotation import together_words

    return together_words(both["names"], [date.fromisoformat(day) for day in both["days"]])


def life(
    ctx: typer.Context, name: OptionalName = None, as_json: Json = False, runner: RunnerName = None
) -> None:
    """How long your past pairs of a model lasted, beside the limits and what a kilometre cost."""
    from midsole.actions import rotation as actions

    with box(ctx) as opened:
        who = runner_of(ctx, opened, runner)
        found = actions.life(opened, who.id, name)
    show(as_json, found, lambda rows: _print_lives(rows, who.units))


def _print_lives(rows: list[dict[str, Any]], units: str) -> None:
    if not rows:
        say('No pair yet. Add one with: midsole shoes add "Pegasus 41" --start 320km')
        return
    per = f"per {units}"
    head = ("pair", "kind, its limit", "worn", "limit", "past pairs", per)
    table(head, [_life_row(row, units) for row in rows], right=("worn", "limit", "past pairs", per))
    for row in _one_of_each_model(rows):
        say(_past_pairs(row, units))


def _one_of_each_model(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pair in use speaks for its model, for it has a limit to set."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(past["shoe"] for past in row["own_life"] or ())
        if key and (key not in found or not row["retired_on"]):
            found[key] = row
    return list(found.values())


def _life_row(row: dict[str, Any], units: str) -> list[str | None]:
    def of(metres: float | None) -> str | None:
        from midsole.domain.units import distance

        return None if metres is None else distance(metres, units)

    retired = f" (retired {row['retired_on']})" if row["retired_on"] else ""
    about = "about " if row["estimated"] and row["distance_m"] is not None else ""
    worn = of(row["distance_m"])
    return [
        f"{row['name']}{retired}",
        f"{row['kind']}, {of(row['kind_limit_m'])}",
        None if worn is None else f"{about}{worn}",
        of(row["limit_m"]),
        of(row["own_life_m"]),
        _cost(row["cost_per_km"], units),
    ]


def _cost(cost_per_km: float | None, units: str) -> str | None:
    from midsole.domain.units import M_PER_KM, unit_m

    return None if cost_per_km is None else f"{cost_per_km * unit_m(units) / M_PER_KM:.2f}"


def _past_pairs(row: dict[str, Any], units: str) -> str:
    """What the past pairs of its model did, and how to take that for the limit."""
    from midsole.domain.units import distance

    each = ", ".join(f"{p['shoe']} {distance(p['distance_m'], units)}" for p in row["own_life"])
    begin = "Your" if row["retired_on"] else f"{row['name']}: your"
    said = f"{begin} last {len(row['own_life'])} pairs of this model lasted {each}."
    return f"{said} To take the middle of them as its limit: {row['command']}" if row["command"] else said
