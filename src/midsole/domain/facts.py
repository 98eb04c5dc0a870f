"""All that a rule may look at, loaded once for one runner and one instant; and what a rule says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from midsole.domain.activity import Activity
from midsole.domain.checkins import Body
from midsole.domain.inserts import InsertWorn
from midsole.domain.shoes import Worn

NOTE, WARN, ALARM = "note", "warn", "alarm"
LEVELS = (NOTE, WARN, ALARM)


@dataclass(frozen=True, slots=True)
class Limits:
    """Every number of RULES.md that a runner may change, with its default.

    Ratios are factors of the usual (1.10 = ten per cent more)."""

    session_warn: float = 1.10
    session_warn_more_m: float = 1_000
    session_alarm: float = 2.0
    session_alarm_more_m: float = 2_000
    week_note: float = 1.10
    week_warn: float = 1.5
    week_warn_more_m: float = 8_000
    two_weeks_warn: float = 1.3
    two_weeks_warn_more_m: float = 10_000
    break_days: int = 14
    shoe_note: float = 0.70
    shoe_warn: float = 1.00
    shoe_alarm: float = 1.25
    one_pair_share: float = 0.90
    new_pair_m: float = 50_000
    new_racing_pair_m: float = 100_000
    guess_sure: float = 0.80
    silent_look_h: float = 24
    silent_runs_days: int = 10


@dataclass(frozen=True, slots=True)
class StartValues:
    """What the runner told at the start; None where left blank."""

    said_on: date | None = None
    longest_m: float | None = None
    usual_week_m: float | None = None
    pain_now: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Injured, ill, holiday or break; both days belong to it, an open end goes on."""

    from_date: date
    until_date: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A connection as the rules see it; `state` is one of domain.connection.

    `connected_at` is the last time the runner connected it, where that is later than `created_at`."""

    connection_id: int
    name: str
    created_at: datetime
    first_look_done: bool
    last_look_at: datetime | None = None
    last_success_at: datetime | None = None
    error: str | None = None
    kind: str = "folder"
    state: str = "connected"
    next_at: datetime | None = None
    expires_on: date | None = None
    """The last day of a key that ends by itself."""
    connected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """`activities` are the last 200 days in order of start; `history_from` is the first known day ever.

    `today` and every `local_date` are in the runner's zone; `first_weekday` is 0 for Monday."""

    now: datetime
    today: date
    first_weekday: int
    activities: tuple[Activity, ...]
    history_from: date | None
    last_run_on: date | None
    """The last run's day over all history, also one before the window of `activities`."""
    shoes: tuple[Worn, ...] = ()
    inserts: tuple[InsertWorn, ...] = ()
    first_pair_on: date | None = None
    unworn: tuple[int, ...] = ()
    """Ids of runs with no shoe, or a guess below 80 per cent."""
    likely: Mapping[int, tuple[str, float]] = field(default_factory=dict)
    """Of those, the likeliest pair by name, with its probability; missing where nobody can say."""
    start: StartValues = StartValues()
    pauses: tuple[Pause, ...] = ()
    injuries: tuple[date, ...] = ()
    races: tuple[date, ...] = ()
    sources: tuple[SourceHealth, ...] = ()
    limits: Limits = Limits()
    units: str = "km"
    steps: Mapping[date, int] = field(default_factory=dict)
    """All steps of each known day."""
    body: Body = field(default_factory=Body)
    counted: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was worked out of these very facts already; other facts, also made of these, begin without."""


def copied(facts: Facts) -> Facts:
    """With what was worked out so far, which is as true of the copy; where plans stand both share."""
    facts.counted.setdefault("progress", {})
    copy = replace(facts)
    copy.counted.update(facts.counted)
    return copy


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule saw. `subject` is the identity beside the rule, `happened_on` the day it is news from.

    `numbers` hold SI values with the unit in the key; `text` says them, `advice` is one sentence what to do.
    """

    rule: str
    level: str
    subject: str
    happened_on: date
    text: str
    advice: str
    numbers: Mapping[str, float | int | str | None] = field(default_factory=dict)
    weekly_only: bool = False
    """Said in the weekly mail, never pushed (a planned race, a note)."""
