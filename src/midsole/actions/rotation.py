"""How the pairs take turns, how long past ones lasted, and which limit that suggests."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from midsole.actions.box import Box
from midsole.domain import lives, rotation
from midsole.domain.days_off import days_off
from midsole.domain.errors import UsageError
from midsole.domain.facts import Facts
from midsole.domain.forecast import cost_per_km, forecast
from midsole.domain.letter import quoted
from midsole.domain.shoes import LIMIT_M_BY_KIND, Worn
from midsole.domain.units import unit_m
from midsole.store import facts as facts_store
from midsole.store import runners
from midsole.store import shoes as shoes_store

type View = dict[str, Any]

SAME_LIMIT = 0.02
"""A limit that differs by less is not offered."""
WHY_NO_TURNS = {
    "share": "no run in these weeks",
    "rest_days_median": "worn on fewer than two days of these weeks",
    "days_since_worn": "not worn yet",
    "last_worn_on": "not worn yet",
}
WHY_NO_LIFE = {
    "distance_m": "the distance before Midsole is unknown",
    "cost_per_km": "no price is known, or no distance",
    "kind_life_m": "fewer than two pairs of this kind were worn out",
    "own_life": "fewer than two pairs of this model were worn out",
    "own_life_m": "fewer than two pairs of this model were worn out",
}


def turns(box: Box, runner_id: int) -> View:
    """The last 8 weeks: each pair's share, rest and runs in a row, and pairs that run out together."""
    with box.store.read() as tx:
        facts = facts_store.load(tx, runners.get(tx, runner_id), box.now())
    found = rotation.rotation(facts.shoes, facts.activities, facts.today)
    total_m = found.total_m
    return {
        "from": found.from_date.isoformat(),
        "until": found.until_date.isoformat(),
        "total_m": round(total_m, 1),
        "without_pair_m": round(found.without_pair_m, 1),
        "without_pair_share": round(found.without_pair_m / total_m, 4) if total_m else None,
        "pairs": [_turns(t, facts) for t in found.pairs],
        "run_out_together": [
            {"names": [w.shoe.name for w in both.pairs], "days": [day.isoformat() for day in both.days]}
            for both in rotation.run_out_together(facts.shoes, facts.today, days_off(facts))
        ],
    }


def _turns(found: rotation.Turns, facts: Facts) -> View:
    pair, ahead = found.worn.shoe, forecast(found.worn, facts.today, days_off(facts))
    view = {
        "id": pair.id,
        "name": pair.name,
        "kind": pair.kind,
        "distance_m": round(found.distance_m, 1),
        "share": None if found.share is None else round(found.share, 4),
        "runs": found.runs,
        "rest_days_median": found.rest_days_median,
        "days_since_worn": found.days_since_worn,
        "last_worn_on": found.worn.last_worn_on.isoformat() if found.worn.last_worn_on else None,
        "runs_in_a_row": found.in_a_row,
        "longest_in_a_row": found.longest_in_a_row,
        "runs_out_on": ahead.p50.isoformat() if ahead.p50 else None,
        "retired_on": pair.retired_on.isoformat() if pair.retired_on else None,
    }
    why = WHY_NO_TURNS | {"runs_out_on": ", ".join(ahead.missing)}
    return view | {"missing": _missing(view, why)}


def _missing(view: View, why: Mapping[str, str]) -> list[str]:
    return [f"{key}: {reason}" for key, reason in why.items() if view[key] is None]


def life(box: Box, runner_id: int, name: str | None = None) -> list[View]:
    """Every pair, or those that the name fits: the lives of past pairs of its model beside its limits."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        worns = shoes_store.worn(tx, runner_id, runner.today(box.now()) - facts_store.WINDOW)
        chosen = worns if name is None else _fitting(worns, name)
    return [life_of(w, worns, runner.units) for w in chosen]


def _fitting(worns: Sequence[Worn], name: str) -> list[Worn]:
    """The pair of that name, else all that hold it in their name or model, for a model is asked for, too."""
    said = name.casefold()
    exact = [w for w in worns if w.shoe.name.casefold() == said]
    found = exact or [w for w in worns if said in f"{w.shoe.name}\n{w.shoe.model or ''}".casefold()]
    if not found:
        known = ", ".join(w.shoe.name for w in worns) or "none yet; add one with `midsole shoes add`"
        raise UsageError(f"There is no pair {name!r}. Known: {known}.")
    return found


def life_of(worn: Worn, worns: Sequence[Worn], units: str) -> View:
    """One pair, beside all of the runner's."""
    pair = worn.shoe
    past = lives.lives_of_model(pair, worns)
    of_kind = lives.lives_of_kind(pair.kind, worns)
    offered = offered_m(worn, past, units)
    view = {
        "id": pair.id,
        "name": pair.name,
        "model": pair.model,
        "kind": pair.kind,
        "retired_on": pair.retired_on.isoformat() if pair.retired_on else None,
        "retired_reason": pair.retired_reason,
        "distance_m": None if worn.distance_m is None else round(worn.distance_m, 1),
        "estimated": pair.start_how == "estimated",
        "cost_per_km": _cents(cost_per_km(worn)),
        "limit_m": pair.limit_m,
        "kind_limit_m": LIMIT_M_BY_KIND.get(pair.kind),
        "kind_life_m": _metres(lives.own_limit_m(of_kind, 1.0)) if len(of_kind) > 1 else None,
        "kind_pairs": len(of_kind),
        "own_life": [_past(p) for p in past] or None,
        "own_life_m": _metres(lives.own_limit_m(past, 1.0)),
        "own_life_cost_per_km": _cents(lives.mean_cost_per_km(past)),
        "own_life_limit_m": _metres(offered),
        "command": None if offered is None else edit_command(pair.name, offered, units),
    }
    return view | {"missing": _missing(view, WHY_NO_LIFE)}


def offered_m(worn: Worn, past: Sequence[lives.Life], units: str) -> float | None:
    """The limit that past pairs suggest for one in use; None where it is nearly its limit already."""
    metres, limit_m = lives.own_limit_m(past, unit_m(units)), worn.shoe.limit_m
    if metres is None or worn.shoe.retired_on is not None or abs(metres - limit_m) < SAME_LIMIT * limit_m:
        return None
    return metres


def edit_command(name: str, limit_m: float, units: str) -> str:
    return f"midsole shoes edit {quoted(name)} --limit {limit_m / unit_m(units):.0f}{units}"


def beside(worns: Sequence[Worn], today: date, units: str, off: Collection[date] = ()) -> dict[int, View]:
    """What `midsole shoes --json` says of each pair beside the others, by shoe id."""
    near = rotation.runs_out_with(worns, today, off)
    found = {}
    for worn in worns:
        past = lives.lives_of_model(worn.shoe, worns)
        found[worn.shoe.id] = {
            "rest_days_median": rotation.rest_days_median(worn, today),
            "own_life": [{"shoe": p.shoe.name, "distance_m": _metres(p.distance_m)} for p in past] or None,
            "own_life_limit_m": _metres(offered_m(worn, past, units)),
            "runs_out_with": near.get(worn.shoe.id, []),
        }
    return found


def _past(found: lives.Life) -> View:
    return {
        "shoe": found.shoe.name,
        "distance_m": _metres(found.distance_m),
        "estimated": found.shoe.start_how == "estimated",
        "retired_on": found.retired_on.isoformat(),
        "cost_per_km": _cents(found.cost_per_km),
    }


def _metres(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _cents(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
