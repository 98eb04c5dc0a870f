"""What the runner changed of a comeback plan, as it is kept: days that suit, steps set, weeks held, gates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from midsole.domain.checkins import Plan
from midsole.domain.errors import UsageError

HELD_DAYS = 7
LAST_STEP = 7


@dataclass(frozen=True, slots=True)
class Edits:
    """`steps` are (day, step): from that day on it is asked for. `holds` are the first days of held weeks.

    `gates` are all days on which the gate of four was passed: after each red answer it must be anew."""

    days: tuple[int, ...] = ()
    steps: tuple[tuple[date, int], ...] = ()
    holds: tuple[date, ...] = ()
    gates: tuple[date, ...] = ()

    def holds_on(self, day: date) -> bool:
        return any(first <= day < first + timedelta(days=HELD_DAYS) for first in self.holds)

    def suits(self, day: date) -> bool:
        return not self.days or day.weekday() in self.days


def edits_of(plan: Plan) -> Edits:
    kept: Mapping[str, Any] = plan.edits
    gates = {*(date.fromisoformat(day) for day in kept.get("gates", ()))}
    return Edits(
        days=tuple(kept.get("days", ())),
        steps=tuple((date.fromisoformat(day), number) for day, number in kept.get("steps", ())),
        holds=tuple(date.fromisoformat(day) for day in kept.get("holds", ())),
        gates=tuple(sorted(gates | ({plan.gate_on} if plan.gate_on else set()))),
    )


def kept_form(edits: Edits) -> dict[str, Any]:
    """As it is kept: without what was not said, so that an untouched plan stays one."""
    said: dict[str, Any] = {
        "days": list(edits.days),
        "steps": [[day.isoformat(), number] for day, number in edits.steps],
        "holds": [day.isoformat() for day in edits.holds],
        "gates": [day.isoformat() for day in edits.gates],
    }
    return {name: value for name, value in said.items() if value}


def with_days(edits: Edits, days: Iterable[int]) -> Edits:
    """0 is Monday; none: any day suits."""
    chosen = sorted(set(days))
    if any(not 0 <= day <= 6 for day in chosen):
        raise UsageError("A day of the week is one of Monday to Sunday.")
    return replace(edits, days=tuple(chosen) if len(chosen) < 7 else ())


def with_step(edits: Edits, number: int, on: date) -> Edits:
    if not 1 <= number <= LAST_STEP:
        raise UsageError(f"The steps are 1 to {LAST_STEP}.")
    return replace(edits, steps=(*(s for s in edits.steps if s[0] != on), (on, number)))


def with_hold(edits: Edits, on: date) -> Edits:
    if any(edits.holds_on(on + timedelta(days=ahead)) for ahead in (0, 1)):
        raise UsageError("This week is held already.")
    return replace(edits, holds=(*edits.holds, on))


def with_gate(edits: Edits, on: date) -> Edits:
    return replace(edits, gates=tuple(sorted({*edits.gates, on})))
