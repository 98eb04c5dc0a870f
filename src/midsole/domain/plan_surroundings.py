"""What else is said of a run in a comeback: its ground, its climbs, its pair, whether it was easy."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from midsole.domain.activity import Activity
from midsole.domain.checkins import Plan
from midsole.domain.facts import Facts
from midsole.domain.inserts import InsertWorn
from midsole.domain.load import BEST_DAYS
from midsole.domain.plan_judge import Ran
from midsole.domain.shoes import Worn

SOFT_DAYS = 14
STEEP_M_PER_KM = 10.0
"""Ours: ten metres a kilometre is what maps call rolling."""
HARD_RPE, HARD_FAST_S = 6, 300
FASTER = 1.1
"""Ours: nearer to one's own mean than this is the same pace; watches and bins of 0.1 m/s blur it."""
FIRST_RUNS = 3
MINIMAL = "minimal"


def is_hard(facts: Facts, plan: Plan, ran: Ran) -> bool:
    """Not easy: said to be hard, or more than five minutes at the best half hour's speed of before; who ran
    at one speed always may jog at it again. What is unknown is not held against it."""
    if any(a.rpe is not None and a.rpe >= HARD_RPE for a in ran.activities):
        return True
    best = _best_before(facts, plan)
    if best is None:
        return False
    fast = int(best * 10)
    return sum(s for a in ran.activities for speed, s in a.speed_s.items() if speed >= fast) > HARD_FAST_S


def _best_before(facts: Facts, plan: Plan) -> float | None:
    """Since the break began one's own jogging would soon be the best there is."""
    known = facts.counted.setdefault("best before a plan", {})
    if plan.began_on not in known:
        first = plan.began_on - timedelta(days=BEST_DAYS)
        runs = [a for a in facts.activities if a.is_run and first <= a.local_date < plan.began_on]
        known[plan.began_on] = _fast(runs)
    best: float | None = known[plan.began_on]
    return best


def _fast(runs: Sequence[Activity]) -> float | None:
    """The best half hour's speed, and clearly more than the mean of all: steps are measured by that one."""
    best = max((a.best_30min_m_per_s for a in runs if a.best_30min_m_per_s), default=None)
    moving_s = sum(a.moving_s for a in runs)
    if best is None or moving_s <= 0:
        return best
    return max(best, FASTER * sum(a.counted_m for a in runs) / moving_s)


def cautions_of(facts: Facts, ran: Ran, first: Sequence[Ran]) -> tuple[str, ...]:
    """Sentences without an end; none: nothing was noticed, or nothing is known. `first` are the plan's
    first days with runs: their pairs are those one healed in."""
    soft = _ground(ran) if ran.on_day < first[0].on_day + timedelta(days=SOFT_DAYS) else ()
    return (*soft, *_pairs(facts, ran, {a.id for day in first for a in day.activities}))


def _ground(ran: Ran) -> Iterator[str]:
    if any(a.surface == "road" for a in ran.activities):
        yield "on the road, which is harder than soft ground"
    km = ran.distance_m / 1000
    for name, metres in (
        ("climbs", sum(a.ascent_m or 0.0 for a in ran.activities)),
        ("descents", sum(a.descent_m or 0.0 for a in ran.activities)),
    ):
        if km > 0 and metres / km > STEEP_M_PER_KM:
            yield f"{name} of {metres / km:.0f} m per km; flat is easier on the feet"


def _pairs(facts: Facts, ran: Ran, first_ids: set[int]) -> Iterator[str]:
    ids = {a.id for a in ran.activities}
    worn = _ids_of(facts, "pairs", facts.shoes)
    pairs = {w.shoe.name: w.shoe.kind for w, wore in worn if not wore.isdisjoint(ids)}
    yield from (f"in {name}, a minimal pair" for name, kind in sorted(pairs.items()) if kind == MINIMAL)
    if not ids & first_ids:
        others = {w.shoe.name for w, wore in worn if not wore.isdisjoint(first_ids)}
        if others:
            yield from (f"in {name}, another pair than at first" for name in sorted(set(pairs) - others))
        yield from _inserts(facts, ids, first_ids)


def _inserts(facts: Facts, ids: set[int], first_ids: set[int]) -> Iterator[str]:
    for worn, wore in _ids_of(facts, "inserts", facts.inserts):
        if wore.isdisjoint(ids) and not wore.isdisjoint(first_ids):
            yield f"without {worn.insert.name}, which the first runs had"


def _ids_of[T: (Worn, InsertWorn)](
    facts: Facts, what: str, worn: Iterable[T]
) -> list[tuple[T, frozenset[int]]]:
    """Each with the activities it was worn on; a plan asks for every one of its runs."""
    kept = facts.counted.setdefault("worn on", {})
    if what not in kept:
        kept[what] = [(w, frozenset(wear.activity_id for wear in w.recent)) for w in worn]
    found: list[tuple[T, frozenset[int]]] = kept[what]
    return found
