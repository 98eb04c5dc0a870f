"""A runner's calendar: last days of pairs, the caps of today, races, the comeback's dates, as iCalendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from midsole import __version__
from midsole.actions.box import Box
from midsole.domain import caps
from midsole.domain.days_off import days_off
from midsole.domain.facts import Facts
from midsole.domain.forecast import forecast
from midsole.domain.plan_words import suggestions
from midsole.domain.shoes import Worn
from midsole.domain.units import distance, distance_down, short_day
from midsole.domain.weeks import DAY
from midsole.store import facts as facts_store
from midsole.store import runners

REFRESH = timedelta(hours=6)
NO_DATA = "not enough data"


def calendar(box: Box, runner_id: int) -> bytes:
    """All-day events whose numbers stay the same however often they are asked for."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        facts = facts_store.load(tx, runner, box.now())
        races = runners.races(tx, runner_id)
    made = _empty(runner.name)
    owner = box.secrets.seal("calendar", str(runner_id))[:16]
    zone = ZoneInfo(runner.zone_on(facts.today))
    midnight = datetime.combine(facts.today, time(), zone).astimezone(UTC)
    for name, event in _events(facts, races, runner.units):
        event.add("uid", f"{name}.{owner}@midsole")
        # Of the day, not of the moment: the feed is the same until something in it is another.
        event.add("dtstamp", midnight)
        made.add_component(event)
    return bytes(made.to_ical())


def _empty(name: str) -> Calendar:
    made = Calendar()
    made.add("prodid", f"-//Midsole {__version__}//EN")
    made.add("version", "2.0")
    made.calendar_name = f"Midsole: {name}"
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT6H")
    return made


def _events(facts: Facts, races: list[tuple[date, str | None]], units: str) -> Iterator[tuple[str, Event]]:
    yield "cap", _cap(caps.cap(facts), units, facts.today)
    for worn in facts.shoes:
        if worn.shoe.retired_on is None and (day := forecast(worn, facts.today, days_off(facts)).p50):
            yield f"shoe-{worn.shoe.id}", _worn_out(worn, facts, day, units)
    for number, (day, title, words) in enumerate(suggestions(facts)):
        yield f"comeback-{number}", _event(day, title, words)
    for on, name in races:
        if on >= facts.today:
            yield f"race-{on}", _event(on, f"Race: {name}" if name else "Race", "A race planned in Midsole.")


def _cap(cap: caps.Cap, units: str, today: date) -> Event:
    next_run, left = (_far(metres, units) for metres in (cap.next_run_m, cap.week_left_m))
    told = f"Next run at most {next_run}, left this week {left}"
    # The feed is read by others' calendars: how somebody's feet are is no matter of theirs.
    because = f" Because {cap.because}." if cap.because and cap.held_by is None else ""
    return _event(today, told, f"As of {_day(today)}.{because}")


def _far(metres: float | None, units: str) -> str:
    return NO_DATA if metres is None else distance_down(metres, units)


def _worn_out(worn: Worn, facts: Facts, on: date, units: str) -> Event:
    today, pair = facts.today, worn.shoe
    ahead = forecast(worn, today, days_off(facts))
    first, last = (None if day is None else _day(day) for day in (ahead.p10, ahead.p90))
    span = f"Most likely between {first} and {last}." if last else f"Most likely not before {first}."
    total = distance(worn.distance_m or 0.0, units)
    told = f"{span} It has {total} of its limit of {distance(pair.limit_m, units)}, as of {_day(today)}."
    return _event(on, f"{pair.name}: worn out about this day", told)


def _day(day: date) -> str:
    return f"{short_day(day)} {day.year}"


def _event(on: date, summary: str, description: str) -> Event:
    event = Event()
    event.add("summary", summary)
    event.add("description", description)
    event.add("dtstart", on)
    event.add("dtend", on + DAY)
    event.add("transp", "TRANSPARENT")
    return event
