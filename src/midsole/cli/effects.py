"""What a change of wearings does, or would do, in words and as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from midsole.cli.common import say, table
from midsole.domain.units import distance
from midsole.domain.wearing import WHO

if TYPE_CHECKING:
    from midsole.actions.changes import Changed, Effects, Metres

MOST_NAMED = 20


def as_dict(effects: "Effects", *, preview: bool = False) -> dict[str, Any]:
    from midsole.actions import shapes

    return shapes.effects(effects, preview=preview)


def print_effects(effects: "Effects", units: str, *, preview: bool = False) -> None:
    """The activities, the pairs' totals, the alerts; and how to take it back."""
    shown = effects.changed[:MOST_NAMED]
    if shown:
        rows = [_row(one, units) for one in shown]
        table(("id", "date", "distance", "from", "to"), rows, right=("id", "distance"))
        if len(effects.changed) > MOST_NAMED:
            say(f"and {len(effects.changed) - MOST_NAMED:,} more.")
    becomes = "would become" if preview else "became"
    for name, before, after in effects.totals:
        say(f"{name}: {distance(before, units)} {becomes} {distance(after, units)}.")
    _print_alerts(effects, preview=preview)
    for activity, why in effects.left:
        say(f"Left as it is: activity {activity.id} of {activity.local_date} {why}.")
    say(_end(effects, preview=preview))


def _row(one: "Changed", units: str) -> list[str | None]:
    return [
        str(one.activity.id),
        str(one.activity.local_date),
        distance(one.activity.counted_m, units),
        _worn(one.before, one.before_by, units),
        _worn(one.after, one.after_by, units),
    ]


def _worn(parts: "Metres", by: str | None, units: str) -> str:
    if not parts:
        return "nobody knows"
    whole = len(parts) == 1
    said = ", ".join(name if whole else f"{distance(m, units)} {name}" for name, m in parts)
    return f"{said} ({WHO.get(by or '', by)})"


def _print_alerts(effects: "Effects", *, preview: bool) -> None:
    stands, goes = ("would stand", "would be gone") if preview else ("stands now", "is gone")
    _print_each(effects.opened, f"Alert that {stands}")
    _print_each(effects.resolved, f"Alert that {goes}")
    if effects.withdrawn:
        mails = "1 mail" if effects.withdrawn == 1 else f"{effects.withdrawn} mails"
        say(f"{mails} that waited {'would not go' if preview else 'will not go'} out.")


def _print_each(texts: Sequence[str], what: str) -> None:
    for text in texts:
        say(f"{what}: {text}")


def _end(effects: "Effects", *, preview: bool) -> str:
    count = len(effects.changed)
    if not count:
        return "Nothing would change." if preview else "Nothing changed."
    activities = "1 activity" if count == 1 else f"{count:,} activities"
    if preview:
        return f"{activities} would change; nothing is changed yet."
    undo = f" midsole shoes undo {effects.set_id} takes it back." if effects.set_id else ""
    return f"{activities} changed.{undo}"
