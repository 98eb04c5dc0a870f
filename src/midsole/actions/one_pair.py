"""One pair: found by its number, with all that its page shows, and asked to be spoken of again later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from midsole.actions import alert_view, rotation, sent, views
from midsole.actions.box import Box, Runner
from midsole.actions.shoes import edit_shoe
from midsole.domain.alerts import AGAIN_BY_FRACTION
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.pain_and_shoe import Comparison, comparisons, of_pair
from midsole.domain.rules.wear import IN_USE_DAYS
from midsole.domain.shoes import Shoe
from midsole.domain.units import unit_m
from midsole.store import body, gear, one_pair, runners, shoes
from midsole.store import facts as facts_store
from midsole.store.base import Tx
from midsole.store.gear import Pair
from midsole.store.one_pair import Changed, Lain, PairRun, Sent

type View = dict[str, Any]
type Day = tuple[date, float, int]
"""A day's metres in the pair, and how many activities they were."""

RUNS_A_PAGE = 50
MONTHS = 24
MOST_EVENTS = 30
HALF_YEAR, EIGHT_WEEKS = timedelta(days=182), timedelta(weeks=8)
LATER_M = 50_000.0
"""RULES.md section 2, answers offered: remind me in 50 km."""
NO_SUCH_PAIR = "There is no such pair."


@dataclass(frozen=True, slots=True)
class MonthWorn:
    """A month's metres in the pair, and how many activities they were."""

    first: date
    distance_m: float
    runs: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that became of the pair. `kind` is pair, insert, change, alert or message."""

    on: date
    kind: str
    text: str
    place: str | None = None
    """The page that tells more."""


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some of the runs, the newest first; `number` counts from 1."""

    runs: Sequence[PairRun]
    number: int
    pages: int
    all_runs: int


@dataclass(frozen=True, slots=True)
class OnePair:
    """A pair with what it has worn and what became of it. `alerts`: those that stand."""

    shoe: Shoe
    view: View
    life: View
    months: Sequence[MonthWorn]
    half_year_m: float
    last_8_weeks_m: float
    run_page: RunPage
    inserts: Sequence[Lain]
    accounts: Sequence[Pair]
    alerts: Sequence[View]
    history: Sequence[Event]
    soreness: Comparison | None
    """Sore mornings after runs in it against the others (P4); None where no morning after one is known."""


def find(box: Box, runner_id: int, shoe_id: int) -> Shoe:
    """The runner's pair of that number. Raises NotThere, also where it is another runner's."""
    with box.store.read() as tx:
        found = next((s for s in shoes.pairs(tx, runner_id) if s.id == shoe_id), None)
    if found is None:
        raise NotThere(NO_SUCH_PAIR)
    return found


def row_of(box: Box, runner_id: int, shoe_id: int) -> View:
    """The pair as in the list of all."""
    found = next((row for row in views.shoes(box, runner_id) if row["id"] == shoe_id), None)
    if found is None:
        raise NotThere(NO_SUCH_PAIR)
    return found


def look(box: Box, runner_id: int, shoe_id: int, number: int = 1) -> OnePair:
    """All that its page shows; `number` is the page of its runs."""
    with box.store.read() as tx:
        runner, now = runners.get(tx, runner_id), box.now()
        today = runner.today(now)
        worns = shoes.worn(tx, runner_id, today - facts_store.WINDOW)
        worn = next((w for w in worns if w.shoe.id == shoe_id), None)
        if worn is None:
            raise NotThere(NO_SUCH_PAIR)
        shoe = worn.shoe
        view = next(row for row in views.shoes_of(tx, runner, today, worns) if row["id"] == shoe_id)
        alerts = [a for a in alert_view.about(tx, runner_id, "shoe", shoe_id) if _is_about(a, shoe_id)]
        standing = [a for a in sent.standing_in(tx, runner_id, now) if _is_about(a, shoe_id)]
        inserts = one_pair.inserts(tx, runner_id, shoe_id)
        days = one_pair.days(tx, runner_id, shoe_id, _month_before(_end(view, today), MONTHS - 1))
        return OnePair(
            shoe=shoe,
            view=view,
            life=rotation.life_of(worn, worns, runner.units),
            months=_months(days, view, today),
            half_year_m=sum(metres for day, metres, _ in days if day > today - HALF_YEAR),
            last_8_weeks_m=sum(metres for day, metres, _ in days if day > today - EIGHT_WEEKS),
            run_page=_run_page(tx, runner_id, shoe_id, number),
            inserts=inserts,
            accounts=[p for p in gear.pairs(tx, runner_id) if p.shoe_id == shoe_id],
            alerts=[a for a in standing if a["state"] in ("open", "snoozed")],
            history=_history(tx, runner, shoe, view, inserts, alerts),
            soreness=_soreness(tx, runner, now, shoe_id),
        )


def _soreness(tx: Tx, runner: Runner, now: datetime, shoe_id: int) -> Comparison | None:
    if not body.check_ins(tx, runner.id, since=runner.today(now) - facts_store.WINDOW):
        return None
    return of_pair(comparisons(facts_store.load(tx, runner, now)), shoe_id)


def _is_about(alert: Mapping[str, Any], shoe_id: int) -> bool:
    return bool(alert["numbers"].get("shoe") == shoe_id)


def _end(view: View, today: date) -> date:
    """The last day of its use so far."""
    return date.fromisoformat(view["last_worn_on"]) if view["retired_on"] and view["last_worn_on"] else today


def _months(days: Sequence[Day], view: View, today: date) -> list[MonthWorn]:
    """The last two years of its use, month by month, those without a run as well."""
    if view["first_worn_on"] is None:
        return []
    end, first = _end(view, today), date.fromisoformat(view["first_worn_on"])
    metres: dict[date, float] = {}
    runs: dict[date, int] = {}
    for day, worn_m, count in days:
        month = day.replace(day=1)
        metres[month] = metres.get(month, 0.0) + worn_m
        runs[month] = runs.get(month, 0) + count
    begin = max(_month_before(end, MONTHS - 1), first.replace(day=1))
    return [MonthWorn(m, metres.get(m, 0.0), runs.get(m, 0)) for m in _months_between(begin, end)]


def _month_before(day: date, months: int) -> date:
    """The first day of the month so many months before."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _months_between(begin: date, end: date) -> Iterator[date]:
    month = begin
    while month <= end:
        yield month
        month = _month_before(month, -1)


def _run_page(tx: Tx, runner_id: int, shoe_id: int, number: int) -> RunPage:
    """A page beyond the last is the last."""
    count = one_pair.count_runs(tx, runner_id, shoe_id)
    pages = max(1, -(-count // RUNS_A_PAGE))
    chosen = min(max(1, number), pages)
    found = one_pair.runs(tx, runner_id, shoe_id, RUNS_A_PAGE, (chosen - 1) * RUNS_A_PAGE)
    return RunPage(found, chosen, pages, count)


# History


def _history(
    tx: Tx, runner: Runner, shoe: Shoe, view: View, inserts: Sequence[Lain], alerts: Sequence[View]
) -> list[Event]:
    """What became of it, the newest first."""

    def day(at: datetime) -> date:
        return at.astimezone(ZoneInfo(runner.zone_on(at.date()))).date()

    messages = one_pair.sent(tx, runner.id, [a["id"] for a in alerts])
    changes = one_pair.changes(tx, runner.id, shoe.id, MOST_EVENTS)
    events = [
        *_of_its_life(shoe, view),
        *(event for lain in inserts for event in _of_insert(lain)),
        *(Event(day(c.made_at), "change", _change_words(c), "/changes") for c in changes),
        *(Event(date.fromisoformat(a["happened_on"]), "alert", a["text"], "/alerts") for a in alerts),
        *(Event(day(one.at), "message", _sent_words(one)) for one in messages),
    ]
    return sorted(events, key=lambda event: event.on, reverse=True)[:MOST_EVENTS]


def _of_its_life(shoe: Shoe, view: View) -> Iterator[Event]:
    first = view["first_worn_on"]
    told = (
        (shoe.bought_on, "Bought."),
        (shoe.first_used_on, "First used, as you said."),
        (date.fromisoformat(first) if first else None, "The first run in it that is known here."),
        (shoe.added_on, "Added to Midsole."),
        (shoe.retired_on, f"Retired{f': {shoe.retired_reason}' if shoe.retired_reason else ''}."),
    )
    return (Event(on, "pair", words) for on, words in told if on is not None)


def _of_insert(lain: Lain) -> Iterator[Event]:
    yield Event(lain.from_date, "insert", f"The {lain.kind} {lain.name} was fitted.", "/inserts")
    if lain.until_date is not None:
        yield Event(lain.until_date, "insert", f"The last day of the {lain.kind} {lain.name}.", "/inserts")


def _change_words(change: Changed) -> str:
    count = "1 activity" if change.activities == 1 else f"{change.activities:,} activities"
    return f"{change.what} ({count}{'; undone since' if change.undone else ''})."


SENT_WORDS = {
    "due": "Waits to be sent",
    "sent": "Sent",
    "failed": "Could not be sent",
    "given_up": "Could not be sent",
    "withdrawn": "Not sent, as it was no longer true",
}


def _sent_words(one: Sent) -> str:
    written = "Written to the outbox folder" if (one.channel, one.state) == ("outbox", "sent") else None
    return f"{written or SENT_WORDS[one.state]}: {one.subject}"


# What is done about it


def idle(box: Box, runner_id: int, rows: Sequence[View], today: date) -> list[View]:
    """Of the pairs in use those that may be retired: worn once, and not in the last 60 days."""
    with box.store.read() as tx:
        every_day = {s.id for s in shoes.pairs(tx, runner_id) if s.everyday_share_on(today)}
    return [row for row in rows if _is_idle(row, today) and row["id"] not in every_day]


def _is_idle(row: View, today: date) -> bool:
    last = row["last_worn_on"]
    return not row["retired_on"] and bool(last) and (today - date.fromisoformat(last)).days > IN_USE_DAYS


def remind_later(box: Box, runner_id: int, shoe_id: int) -> Shoe:
    """Set the limit so that the pair counts as worn, and is spoken of, again after so many metres.

    What was mailed once comes again only 2 % beyond a limit (RULES.md, what is news): so it lies below."""
    shoe = find(box, runner_id, shoe_id)
    row = row_of(box, runner_id, shoe_id)
    if row["distance_m"] is None:
        raise UsageError(f"How far {shoe.name} is worn is unknown, so nothing can be said after 50 km.")
    units = _runner(box, runner_id).units
    spoken_at_m = row["distance_m"] + LATER_M
    if spoken_at_m <= shoe.limit_m:
        raise UsageError(f"{shoe.name} is not near its limit: you hear of it when it is.")
    limit_m = spoken_at_m / (1 + AGAIN_BY_FRACTION) if _was_pushed(box, runner_id, shoe_id) else spoken_at_m
    whole_m = max(1, round(limit_m / unit_m(units))) * unit_m(units)
    return edit_shoe(box, runner_id, shoe.name, None, limit_m=whole_m)


def _runner(box: Box, runner_id: int) -> Runner:
    with box.store.read() as tx:
        return runners.get(tx, runner_id)


def _was_pushed(box: Box, runner_id: int, shoe_id: int) -> bool:
    """Whether a message ever said that the pair has reached its limit."""
    told = views.alerts(box, runner_id, also_resolved=True)
    return any(a["rule"] == "S1" and a["subject"] == f"{shoe_id}:100" and a["pushed_at"] for a in told)
