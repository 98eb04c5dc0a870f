"""The rides of a real log of eleven years, each with the bike that its rider named."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from midsole.domain.guess import Past, Seen
from midsole.domain.shoes import Shoe

CORPUS = Path(os.environ.get("MIDSOLE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
LOG = CORPUS / "strava_export" / "joboso__activities_2014-2025.csv"


@dataclass(frozen=True, slots=True)
class BikeLog:
    """`others`: the rides for which no bike was named."""

    rides: tuple[Past, ...]
    others: tuple[Seen, ...]
    bikes: tuple[Shoe, ...]
    last_ridden: dict[int, date]


def read() -> BikeLog:
    """Some column names stand twice: the first holds rounded kilometres, the second metres."""
    with LOG.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    rides = [(_seen(row, head), row[head.index("Bike")]) for row in rows if row[3] == "Ride"]
    numbers = {bike: n for n, bike in enumerate(sorted({bike for _, bike in rides if bike}), 1)}
    named = tuple(Past(seen, numbers[bike], True) for seen, bike in rides if bike)
    bikes = tuple(Shoe(n, f"Bike {n}", "daily", 1e8) for n in numbers.values())
    last = {n: max(p.seen.local_date for p in named if p.shoe_id == n) for n in numbers.values()}
    return BikeLog(named, tuple(seen for seen, bike in rides if not bike), bikes, last)


def _seen(row: list[str], head: list[str]) -> Seen:
    """The times are UTC, and the rider's zone is not told: the hour is the hour there."""
    started_at = datetime.strptime(row[1], "%b %d, %Y, %I:%M:%S %p").replace(tzinfo=UTC)
    numbers = dict(_numbers(row, head))
    return Seen(
        int(row[0]), started_at.date(), started_at, "cycling", "unknown",
        numbers["Distance"], numbers.get("Moving Time", 0.0), started_at.hour + started_at.minute / 60,
        numbers.get("Elevation Gain"),
    )  # fmt: skip


def _numbers(row: list[str], head: list[str]) -> Iterator[tuple[str, float]]:
    """By column name; of a name that stands twice the second column."""
    for name, cell in zip(head, row, strict=True):
        if name in ("Distance", "Moving Time", "Elevation Gain") and cell:
            yield name, float(cell)
