"""The inbox: activities whose pair nobody knows, or not surely, with what was guessed of each."""

from typing import Any

from midsole.actions.assigning import inbox_ids
from midsole.actions.box import Box
from midsole.domain.activity import Activity
from midsole.store import activities, guesses, runners


def inbox(box: Box, runner_id: int) -> list[dict[str, Any]]:
    """The surest guess first, then the newest of those of which nothing was guessed."""
    with box.store.read() as tx:
        ids = inbox_ids(tx, runners.get(tx, runner_id))
        made, found = guesses.of(tx, ids), activities.between(tx, runner_id, ids=ids)
    rows = [_row(activity, made.get(activity.id, [])) for activity in reversed(found)]
    return sorted(rows, key=lambda row: -max((g["probability"] for g in row["guesses"]), default=0.0))


def _row(activity: Activity, made: list[guesses.Kept]) -> dict[str, Any]:
    return {
        "id": activity.id,
        "local_date": activity.local_date.isoformat(),
        "title": activity.title,
        "sport": activity.sport,
        "surface": activity.surface,
        "distance_m": round(activity.counted_m, 2),
        "guesses": [
            {"shoe": g.shoe_id, "shoe_name": g.shoe_name, "probability": round(g.probability, 4)}
            for g in made
        ],
    }


def guessed(box: Box, runner_id: int, at_least: float) -> list[int]:
    """Those that wait with a best guess as sure as that."""
    rows = inbox(box, runner_id)
    return [row["id"] for row in rows if row["guesses"] and row["guesses"][0]["probability"] >= at_least]
