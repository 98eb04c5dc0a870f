"""What was true when pain began: joined to it, not its cause."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Any

from midsole.domain.activity import Activity
from midsole.domain.cap_base import is_spike
from midsole.domain.checkins import MORNING
from midsole.domain.facts import Facts
from midsole.domain.letter import past_day, plain
from midsole.domain.load import BEST_DAYS, Log, Session, longest, mean_week_m, read_log, week_fast_s
from midsole.domain.pain import Episode
from midsole.domain.past import as_of
from midsole.domain.rules.s3_new_pair import first_m
from midsole.domain.shoes import Worn
from midsole.domain.units import distance, percent
from midsole.domain.weeks import DAY, WEEK

BEFORE_DAYS = 14
"""Spikes, pairs, surfaces: of so many days before."""
OFF_DAYS = 28
LONG_OFF_DAYS = 5
"""From so many days on a stretch without a run is said."""
IN_SIGHT_DAYS = 200
LOAD_DAYS, SURFACE_DAYS = 44, 104
"""How far back is looked: 14 days and the 30 before them; 14 days and the 90 before them."""
NOT_CAUSES = "These are facts joined to the day it began, not causes."


def known(facts: Facts, episode: Episode) -> dict[str, Any]:
    """What was true then, in plain values of JSON and SI units; `missing` says what could not be known."""
    until = runs_until(episode)
    then = as_of(facts, until, facts.limits)
    log, missing = read_log(then), list[str]()
    in_sight = (until - facts.today).days + IN_SIGHT_DAYS
    found: dict[str, Any] = {
        "kept_at": facts.now.isoformat(),
        "onset_on": episode.onset_on.isoformat(),
        "runs_until": until.isoformat(),
        "last_run": _last_run(log),
        "pairs": [_pair(then, pair) for pair in _worn_lately(then, until)],
    }
    if in_sight >= LOAD_DAYS:
        found |= {"spikes": _spikes(log, until), "longest": _longest(log, until), **_week(log, until)}
        found |= {"days_off": _days_off(log, until), "longest_off": _longest_off(log, until)}
    else:
        missing.append("spikes, longest, week, days_off: the runs before are out of sight")
    if in_sight >= SURFACE_DAYS:
        found["new_surfaces"] = _new_surfaces(log, until)
    else:
        missing.append("new_surfaces: the 90 days before are out of sight")
    return found | {"missing": missing}


def runs_until(episode: Episode) -> date:
    """The last day whose runs lie before the first report: a morning speaks of the day before."""
    first = episode.reports[0]
    return first.on_day - DAY if first.moment == MORNING else first.on_day


def _last_run(log: Log) -> dict[str, Any] | None:
    return _session(log.sessions[-1]) if log.sessions else None


def _session(session: Session) -> dict[str, Any]:
    return {
        "on": session.local_date.isoformat(),
        "distance_m": round(session.distance_m, 1),
        "is_race": session.is_race,
    }


def _worn_lately(then: Facts, until: date) -> list[Worn]:
    """The pairs of the 14 days before, the one worn last first."""
    since = until - BEFORE_DAYS * DAY
    pairs = [pair for pair in then.shoes if any(wear.local_date > since for wear in pair.recent)]
    return sorted(pairs, key=lambda pair: (pair.recent[-1].local_date, pair.shoe.id), reverse=True)


def _pair(then: Facts, pair: Worn) -> dict[str, Any]:
    total_m, used = pair.distance_m, pair.used_fraction
    new_until_m = first_m(then, pair)
    lately = [w for w in pair.recent if w.local_date > then.today - BEFORE_DAYS * DAY]
    return {
        "shoe": pair.shoe.id,
        "name": pair.shoe.name,
        "distance_m": None if total_m is None else round(total_m, 1),
        "limit_m": pair.shoe.limit_m,
        "used_fraction": None if used is None else round(used, 4),
        "is_new": total_m is not None and total_m < new_until_m,
        "new_until_m": new_until_m,
        "runs_14_days": len({w.activity_id for w in lately}),
        "distance_14_days_m": round(sum(w.distance_m for w in lately), 1),
    }


def _spikes(log: Log, until: date) -> list[dict[str, Any]]:
    """Runs of the 14 days before of which L1 warns: its factor and its metres, races among them."""
    since, limits = until - BEFORE_DAYS * DAY, log.facts.limits
    found = []
    for session in (s for s in log.sessions if s.local_date > since):
        top = longest(log.sessions, session.local_date, session.started_at)
        if top and is_spike(
            session.distance_m, top.distance_m, limits.session_warn, limits.session_warn_more_m
        ):
            more = session.distance_m / top.distance_m - 1
            longest_m = round(top.distance_m, 1)
            found.append({**_session(session), "longest_m": longest_m, "ratio": round(more, 4)})
    return found


def _longest(log: Log, until: date) -> dict[str, Any] | None:
    top = longest(log.sessions, until)
    return None if top is None else _session(top)


def _week(log: Log, until: date) -> dict[str, Any]:
    """The seven days up to it, each figure beside its mean of the four times seven days before."""
    first = until - WEEK + DAY
    starts = [first - n * WEEK for n in range(1, 5)]
    fast = [s for start in starts if (s := week_fast_s(log, start)) is not None]
    falls = [m for start in starts if (m := _descent_m(log, start)) is not None]
    return {
        "week_m": round(log.run_m(first, 7), 1),
        "mean_week_m": _rounded(mean_week_m(log, first)),
        "fast_s": _rounded(week_fast_s(log, first)),
        "mean_fast_s": _rounded(fmean(fast) if len(fast) >= 3 else None),
        "descent_m": _rounded(_descent_m(log, first)),
        "mean_descent_m": _rounded(fmean(falls) if len(falls) >= 3 else None),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _descent_m(log: Log, start: date) -> float | None:
    known_m = [
        run.descent_m
        for run in log.runs
        if 0 <= (run.local_date - start).days < 7 and run.descent_m is not None
    ]
    return sum(known_m) if known_m else None


def _days_off(log: Log, until: date) -> int:
    """Of the 14 days up to it those without a known run."""
    return sum(not log.run_m_by_day.get(until - n * DAY) for n in range(BEFORE_DAYS))


def _longest_off(log: Log, until: date) -> dict[str, Any] | None:
    """The longest stretch without a run that ended in the 28 days up to it, from five days on."""
    days = [*sorted(log.run_m_by_day), until + DAY]
    gaps = [
        (later - earlier - DAY, earlier + DAY, later - DAY)
        for earlier, later in pairwise(days)
        if later > until - OFF_DAYS * DAY
    ]
    length, first, last = max(gaps, default=(timedelta(), until, until))
    if length.days < LONG_OFF_DAYS:
        return None
    return {"days": length.days, "from": first.isoformat(), "until": last.isoformat()}


def _new_surfaces(log: Log, until: date) -> list[dict[str, Any]]:
    """Surfaces of the 14 days before that were not run on in the 90 days before their first run."""
    since = until - BEFORE_DAYS * DAY
    found = []
    for surface in sorted({run.surface for run in log.runs if run.local_date > since} - {"unknown"}):
        first = next(run for run in log.runs if run.surface == surface and run.local_date > since)
        before = [run for run in log.runs if 0 < (first.local_date - run.local_date).days <= BEST_DAYS]
        if _has_begun(surface, before):
            found.append({"surface": surface, "from": first.local_date.isoformat()})
    return found


def _has_begun(surface: str, before: Sequence[Activity]) -> bool:
    """Something is known of the surfaces before, and this one is none of them."""
    surfaces = {run.surface for run in before} - {"unknown"}
    return bool(surfaces) and surface not in surfaces


# ---- in words


def sentences(known: Mapping[str, Any], units: str, today: date) -> list[str]:
    """The facts, one a sentence, those that stand out first."""
    if known.get("last_run") is None:
        return ["Nothing is known of the runs before it."]
    return [
        *(_spike_words(spike, units, today) for spike in known.get("spikes", ())),
        *(words for pair in known.get("pairs", ()) for words in _pair_words(pair, units)),
        *_week_words(known, units),
        *(_surface_words(one, today) for one in known.get("new_surfaces", ())),
        *_rest_words(known, today),
        *_run_words(known, units, today),
    ]


def _far(metres: float, units: str) -> str:
    return plain(distance(metres, units))


def _day(said: str, today: date) -> str:
    return past_day(date.fromisoformat(said), today)


def _spike_words(spike: Mapping[str, Any], units: str, today: date) -> str:
    run, before = _far(spike["distance_m"], units), _far(spike["longest_m"], units)
    return (
        f"The {'race' if spike['is_race'] else 'run'} of {_day(spike['on'], today)} was {run}, "
        f"{percent(spike['ratio'])} longer than any in the 30 days before it ({before})."
    )


def _pair_words(pair: Mapping[str, Any], units: str) -> list[str]:
    count = pair["runs_14_days"]
    runs = f"{count} {'run' if count == 1 else 'runs'} in the 14 days before"
    if pair["distance_m"] is None:
        return [f"The {pair['name']} was worn for {runs}; its mileage is unknown."]
    done, limit = _far(pair["distance_m"], units), _far(pair["limit_m"], units)
    used = f"{done}, {percent(pair['used_fraction'])} of its limit of {limit}"
    said = [f"The {pair['name']} was at {used}, and worn for {runs}."]
    if pair["is_new"]:
        said.append(f"The {pair['name']} was new: in its first {_far(pair['new_until_m'], units)}.")
    return said


def _week_words(known: Mapping[str, Any], units: str) -> list[str]:
    week_m, mean_m = known.get("week_m"), known.get("mean_week_m")
    if week_m is None:
        return []
    week = f"The seven days up to it held {_far(week_m, units)}"
    if not mean_m:
        return [f"{week}; there is no mean of the four weeks before to compare with."]
    said = [f"{week}, {_against(week_m / mean_m)} the mean of the four weeks before ({_far(mean_m, units)})."]
    fast_s, mean_s = known.get("fast_s"), known.get("mean_fast_s")
    if fast_s and mean_s is not None:
        said.append(f"{fast_s / 60:.0f} minutes of them were fast; the mean was {mean_s / 60:.0f}.")
    down_m, mean_down_m = known.get("descent_m"), known.get("mean_descent_m")
    if down_m and mean_down_m is not None:
        said.append(f"They went down {down_m:.0f} m; the mean was {mean_down_m:.0f} m.")
    return said


def _against(ratio: float) -> str:
    more = round(100 * (ratio - 1))
    return "the same as" if more == 0 else f"{abs(more)} % {'above' if more > 0 else 'below'}"


def _surface_words(one: Mapping[str, Any], today: date) -> str:
    return f"Running on {one['surface']} was new from {_day(one['from'], today)}."


def _rest_words(known: Mapping[str, Any], today: date) -> list[str]:
    off = known.get("longest_off")
    if off:
        when = f"{_day(off['from'], today)} to {_day(off['until'], today)}"
        return [f"No run is known for {off['days']} days, {when}."]
    days = known.get("days_off")
    return [] if days is None else [f"{days} of the 14 days before had no known run."]


def _run_words(known: Mapping[str, Any], units: str, today: date) -> list[str]:
    last, top = known.get("last_run"), known.get("longest")
    said = []
    if last:
        said.append(
            f"The last run before it was {_far(last['distance_m'], units)} on {_day(last['on'], today)}."
        )
    if top:
        on = _day(top["on"], today)
        said.append(f"The longest run of the 30 days before was {_far(top['distance_m'], units)} on {on}.")
    return said
