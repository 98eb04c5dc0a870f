"""All that the page of this day shows, read at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from midsole.actions import alert_view
from midsole.actions.assigning import inbox_ids
from midsole.actions.box import Box, Runner
from midsole.actions.ways_in import WayIn, ways_in
from midsole.domain import caps, rules
from midsole.domain.activity import Activity
from midsole.domain.alerts import OPEN
from midsole.domain.cap_base import SPIKE_DAYS
from midsole.domain.days_off import days_off
from midsole.domain.facts import LEVELS, Facts
from midsole.domain.forecast import Forecast, forecast
from midsole.domain.letter import footer, in_use
from midsole.domain.load import Week, weeks
from midsole.domain.shoes import Shoe, Worn
from midsole.domain.verdict import Verdict, verdict
from midsole.store import activities as activities_store
from midsole.store import facts as facts_store
from midsole.store import guesses, messages, runners, sources
from midsole.store.base import Tx

WEEKS = 8
WAITING_SHOWN = 5
PAST = timedelta(days=SPIKE_DAYS)
AHEAD_WEEKS = 4
"""A wear bar shows where the pair will be by then."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair in use; `ahead` is the part of its limit used in four weeks, at the pace of the last eight."""

    worn: Worn
    forecast: Forecast
    ahead: float | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that wants to know its pair: those it could be, the likeliest first."""

    id: int
    local_date: date
    title: str | None
    sport: str
    distance_m: float
    choices: tuple[tuple[int, str, float | None], ...]
    """Id, name and probability of a pair."""


@dataclass(frozen=True, slots=True)
class Day:
    """`is_reading`: history is still coming in. `quiet_alerts` were acknowledged or snoozed, or are old."""

    is_reading: bool
    verdict: Verdict
    alerts: list[dict[str, Any]]
    quiet_alerts: int
    cap: caps.Cap
    weeks: list[Week]
    waiting: list[Waiting]
    waiting_count: int
    pairs: list[Pair]
    ways_in: list[WayIn]
    speaks_of_pain: bool
    facts: Facts


def today(box: Box, runner_id: int) -> Day:
    with box.store.read() as tx:
        runner, now = runners.get(tx, runner_id), box.now()
        facts = facts_store.load(tx, runner, now)
        known = messages.alerts(tx, runner_id, now)
        standing = alert_view.view(tx, runner_id, known)
        count, waiting = _waiting(tx, runner, [w.shoe for w in facts.shoes])
        ways = ways_in(tx, runner, now)
        is_reading = runner.catching_up is not None and sources.waiting(tx, runner_id)
    findings = rules.evaluate(facts)
    loud = [a for a in standing if a["state"] == OPEN and not _is_past(a, facts.today)]
    cap, so_far = caps.cap(facts), weeks(facts, WEEKS)
    return Day(
        is_reading=is_reading,
        verdict=verdict(facts, known, findings, so_far, cap),
        alerts=sorted(loud, key=lambda a: (-LEVELS.index(a["level"]), -a["id"])),
        quiet_alerts=len(standing) - len(loud),
        cap=cap,
        weeks=so_far,
        waiting=waiting,
        waiting_count=count,
        pairs=[_pair(w, facts) for w in in_use(facts)],
        ways_in=ways,
        speaks_of_pain=len(footer(findings)) > 1,
        facts=facts,
    )


def _is_past(alert: Mapping[str, Any], today: date) -> bool:
    """A long run of which the cap makes nothing special any more."""
    return alert["rule"] == "L1" and date.fromisoformat(alert["happened_on"]) < today - PAST


def _waiting(tx: Tx, runner: Runner, pairs: Sequence[Shoe]) -> tuple[int, list[Waiting]]:
    """How many wait, and the newest of them."""
    ids = inbox_ids(tx, runner)
    first = activities_store.newest(tx, ids, WAITING_SHOWN)
    made = guesses.of(tx, first)
    found = activities_store.between(tx, runner.id, ids=first) if first else []
    return len(ids), [_one_waiting(a, made.get(a.id, []), pairs) for a in reversed(found)]


def _one_waiting(a: Activity, made: Sequence[guesses.Kept], pairs: Sequence[Shoe]) -> Waiting:
    likely = [(g.shoe_id, g.shoe_name, g.probability) for g in made]
    named = {shoe_id for shoe_id, _, _ in likely}
    others = [(s.id, s.name, None) for s in pairs if s.id not in named and s.can_be_worn_on(a.local_date)]
    return Waiting(a.id, a.local_date, a.title, a.sport, a.counted_m, (*likely, *others))


def _pair(worn: Worn, facts: Facts) -> Pair:
    seen, used = forecast(worn, facts.today, days_off(facts)), worn.used_fraction
    weekly_m = None if seen.km_per_week is None else seen.km_per_week * 1000
    ahead = None if used is None or weekly_m is None else used + AHEAD_WEEKS * weekly_m / worn.shoe.limit_m
    return Pair(worn, seen, ahead)
