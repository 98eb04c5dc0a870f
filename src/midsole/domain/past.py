"""What a day in the past knew: the facts as they stood that evening, cut out of today's."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from midsole.domain.checkins import Body, Plan
from midsole.domain.facts import Facts, Limits
from midsole.domain.inserts import FittingWorn, InsertWorn
from midsole.domain.shoes import Wear, Worn

WINDOW = timedelta(days=200)
NOON = time(12, tzinfo=UTC)
"""Every day is looked at from the same hour, so that a week is always seven days long."""


def as_of(facts: Facts, day: date, limits: Limits) -> Facts:
    """The facts of that day's end. What was corrected or re-assigned since counts as it stands today.

    `facts` reach back 200 days further than the first day that is asked for."""
    since = day - WINDOW
    known = [a for a in facts.activities if a.local_date <= day]
    begun = facts.history_from if facts.history_from and facts.history_from <= day else None
    return replace(
        facts,
        now=datetime.combine(day, NOON),
        today=day,
        activities=tuple(a for a in known if a.local_date >= since),
        history_from=begun,
        last_run_on=max((a.local_date for a in known if a.is_run), default=None),
        shoes=tuple(_worn(pair, since, day) for pair in facts.shoes if _is_there(pair, day)),
        inserts=tuple(_insert(one, since, day) for one in facts.inserts),
        limits=limits,
        body=_body(facts.body, day),
    )


def _body(body: Body, day: date) -> Body:
    """What had been said by then, by the days that it speaks of."""
    return replace(
        body,
        check_ins=tuple(a for a in body.check_ins if a.on_day <= day),
        said_over=tuple(o for o in body.said_over if o.on_day <= day),
        plans=tuple(_plan(p, day) for p in body.plans if p.opened_on <= day),
        ticks=tuple((on, exercise) for on, exercise in body.ticks if on <= day),
    )


def _plan(plan: Plan, day: date) -> Plan:
    def by_then(on: date | None) -> date | None:
        return on if on is not None and on <= day else None

    gate_on, left_on, done_on = by_then(plan.gate_on), by_then(plan.left_on), by_then(plan.done_on)
    return replace(plan, gate_on=gate_on, left_on=left_on, done_on=done_on)


def _is_there(pair: Worn, day: date) -> bool:
    shoe = pair.shoe
    begins = [d for d in (shoe.first_used_on, shoe.bought_on, pair.first_worn_on, shoe.added_on) if d]
    return not begins or min(begins) <= day


def _until(wears: tuple[Wear, ...], since: date, day: date) -> tuple[Wear, ...]:
    return tuple(w for w in wears if since <= w.local_date <= day)


def _last(recent: tuple[Wear, ...], first_on: date | None, last_on: date | None, day: date) -> date | None:
    """Of a pair at rest for 200 days only its first day is known to lie in the past."""
    if last_on is not None and last_on <= day:
        return last_on
    return max((w.local_date for w in recent), default=first_on if first_on and first_on <= day else None)


def _worn(pair: Worn, since: date, day: date) -> Worn:
    shoe, later = pair.shoe, [w for w in pair.recent if w.local_date > day]
    all_day_later = [w for w in pair.everyday if w.local_date > day]
    first_on, recent = pair.first_worn_on, _until(pair.recent, since, day)
    still_worn = shoe.retired_on is None or shoe.retired_on > day
    return replace(
        pair,
        shoe=replace(shoe, retired_on=None, retired_reason=None) if still_worn else shoe,
        worn_m=pair.worn_m - sum(w.distance_m for w in later),
        runs=pair.runs - len({w.activity_id for w in later}),
        first_worn_on=first_on if first_on and first_on <= day else None,
        last_worn_on=_last(recent, first_on, pair.last_worn_on, day),
        recent=recent,
        everyday_m=pair.everyday_m - sum(w.distance_m for w in all_day_later),
        everyday=tuple(w for w in pair.everyday if since <= w.local_date <= day),
    )


def _insert(one: InsertWorn, since: date, day: date) -> InsertWorn:
    later = [w for w in one.recent if w.local_date > day]
    first_on, recent, what = one.first_worn_on, _until(one.recent, since, day), one.insert
    still_worn = what.retired_on is None or what.retired_on > day
    return replace(
        one,
        insert=replace(what, retired_on=None) if still_worn else what,
        fittings=tuple(_fitting(f, later) for f in one.fittings),
        runs=one.runs - len({w.activity_id for w in later}),
        first_worn_on=first_on if first_on and first_on <= day else None,
        last_worn_on=_last(recent, first_on, one.last_worn_on, day),
        recent=recent,
    )


def _fitting(fitted: FittingWorn, later: list[Wear]) -> FittingWorn:
    gone_m = sum(w.distance_m for w in later if fitted.fitting.holds_on(w.local_date))
    return replace(fitted, distance_m=fitted.distance_m - gone_m)
