"""The runner's word on which pair was worn: one run or many, whole, in parts, or barefoot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from midsole.actions.box import Box
from midsole.actions.changes import Effects, change
from midsole.actions.course import share_at
from midsole.actions.shoes import find_shoe
from midsole.actions.wearing import Proposed, ask_again, by_account, work_out
from midsole.domain import wearing
from midsole.domain.activity import Activity
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.shoes import Shoe
from midsole.domain.units import distance
from midsole.domain.wearing import DEFAULT, NO_PAIR, RUNNER, Answer, Parts, whole
from midsole.store import activities, guesses, one_pair, runners, shoes
from midsole.store.base import Tx
from midsole.store.runners import Runner

LONGEST_LIST = 5


@dataclass(frozen=True, slots=True)
class Point:
    """Where pairs were changed: a distance, the end of a lap, or a time since the start."""

    distance_m: float | None = None
    lap: int | None = None
    time_s: float | None = None


@dataclass(frozen=True, slots=True)
class Which:
    """Activities by what is asked of them; None: not asked. `worn`: those on that pair now."""

    sport: str | None = None
    surface: str | None = None
    since: date | None = None
    until: date | None = None
    worn: str | None = None
    inbox: bool = False


def assign(
    box: Box,
    runner_id: int,
    activity_ids: Sequence[int],
    names: Sequence[str],
    points: Sequence[Point] = (),
    *,
    silent: bool = False,
    preview: bool = False,
    seen: str | None = None,
) -> Effects:
    """Say which pair these wore; of several pairs each was worn up to its point, the last one to the end."""

    def work(tx: Tx, runner: Runner) -> Mapping[int, Proposed]:
        pairs = [_pair(tx, runner.id, name) for name in names]
        found = _named(tx, runner.id, activity_ids)
        return {a.id: Proposed(Answer(_parts(box, tx, runner, pairs, a, points), RUNNER)) for a in found}

    what = f"{_listed(activity_ids).capitalize()} on {', then '.join(names)}"
    return change(box, runner_id, what, work, silent=silent, preview=preview, seen=seen)


def assign_each(box: Box, runner_id: int, names: Mapping[int, str]) -> Effects:
    """Say of each of these which pair it wore, in one change: activity id -> the pair's name."""

    def work(tx: Tx, runner: Runner) -> Mapping[int, Proposed]:
        pairs = {name: _pair(tx, runner.id, name) for name in set(names.values())}
        found = _named(tx, runner.id, list(names))
        worn = {a.id: _parts(box, tx, runner, [pairs[names[a.id]]], a, ()) for a in found}
        return {n: Proposed(Answer(parts, RUNNER)) for n, parts in worn.items()}

    what = f"{_listed(list(names)).capitalize()} on {', '.join(sorted(set(names.values())))}"
    return change(box, runner_id, what, work, silent=False)


def unassign(
    box: Box,
    runner_id: int,
    activity_ids: Sequence[int],
    *,
    preview: bool = False,
    seen: str | None = None,
) -> Effects:
    """Take back what was said: the account, the rules, a guess or the default answers again."""

    def work(tx: Tx, runner: Runner) -> Mapping[int, Proposed]:
        ids = [a.id for a in _named(tx, runner.id, activity_ids)]
        named = by_account(tx, runner, ids)
        return named | work_out(tx, runner, [n for n in ids if n not in named])

    what = f"Your word on {_listed(activity_ids)} taken back"
    return change(box, runner_id, what, work, silent=False, preview=preview, seen=seen)


def ask_anew(
    box: Box, runner_id: int, since: date | None, until: date | None, *, preview: bool = False
) -> Effects:
    """Ask rules, guess and defaults of these days again; the runner's and the account's word stays."""

    def work(tx: Tx, runner: Runner) -> Mapping[int, Proposed]:
        return ask_again(tx, runner, [a.id for a in activities.between(tx, runner.id, since, until)])

    return change(box, runner_id, f"Asked anew{_days(since, until)}", work, preview=preview)


def _days(since: date | None, until: date | None) -> str:
    return (f" from {since}" if since else "") + (f" until {until}" if until else "")


def accept(
    box: Box, runner_id: int, activity_ids: Sequence[int], *, silent: bool = False, preview: bool = False
) -> Effects:
    """What was guessed as likeliest of each of these is so."""

    def work(tx: Tx, runner: Runner) -> Mapping[int, Proposed]:
        found = _named(tx, runner.id, activity_ids)
        made, pairs = guesses.of(tx, activity_ids), {s.id: s for s in shoes.pairs(tx, runner.id)}
        for activity in found:
            if activity.id not in made:
                raise UsageError(
                    f"Of activity {activity.id} nothing was guessed. Name its pair: midsole shoes assign."
                )
            _refuse_unfit(pairs[made[activity.id][0].shoe_id], activity)
        return {a.id: Proposed(whole(made[a.id][0].shoe_id, RUNNER)) for a in found}

    what = f"The guess on {_listed(activity_ids)} was right"
    return change(box, runner_id, what, work, silent=silent, preview=preview)


def choose(box: Box, runner_id: int, which: Which) -> list[Activity]:
    """The activities that fit all that is asked, in order of start."""
    with box.store.read() as tx:
        found = activities.between(tx, runner_id, which.since, which.until)
        worn = _wearing(tx, runner_id, which.worn) if which.worn else None
        waiting = set(inbox_ids(tx, runners.get(tx, runner_id))) if which.inbox else None
    return [
        a
        for a in found
        if which.sport in (None, a.sport)
        and which.surface in (None, a.surface)
        and (worn is None or a.id in worn)
        and (waiting is None or a.id in waiting)
    ]


def _wearing(tx: Tx, runner_id: int, name: str) -> set[int]:
    shoe = _pair(tx, runner_id, name)
    wanted = None if shoe is None else shoe.id
    worn = shoes.wearings(tx, runner_id)
    return {n for n, parts in worn.items() if any(part.shoe_id == wanted for part in parts)}


def inbox_ids(tx: Tx, runner: Runner) -> tuple[int, ...]:
    """The activities that wait for the runner's word, since the first pair came into use."""
    first = shoes.first_pair_on(tx, runner.id)
    return () if first is None else shoes.waiting(tx, runner.id, first, runner.limits.guess_sure)


def waiting_ids(box: Box, runner_id: int) -> tuple[int, ...]:
    """The activities in the inbox."""
    with box.store.read() as tx:
        return inbox_ids(tx, runners.get(tx, runner_id))


def _named(tx: Tx, runner_id: int, activity_ids: Sequence[int]) -> list[Activity]:
    found = activities.between(tx, runner_id, ids=activity_ids)
    missing = sorted(set(activity_ids) - {a.id for a in found})
    if missing:
        raise NotThere(f"There is no activity {', '.join(map(str, missing))}. See `midsole activities`.")
    return found


def _listed(activity_ids: Sequence[int]) -> str:
    ids = sorted(set(activity_ids))
    if len(ids) > LONGEST_LIST:
        return f"{len(ids)} activities"
    return f"{'activity' if len(ids) == 1 else 'activities'} {', '.join(map(str, ids))}"


def _pair(tx: Tx, runner_id: int, name: str) -> Shoe | None:
    return None if name.strip().casefold() in NO_PAIR else find_shoe(tx, runner_id, name)


def _refuse_unfit(shoe: Shoe | None, activity: Activity) -> None:
    if shoe is None or shoe.can_be_worn_on(activity.local_date):
        return
    if shoe.retired_on is not None and activity.local_date > shoe.retired_on:
        when = f"retired on {shoe.retired_on}"
    else:
        when = f"in use since {min(day for day in (shoe.first_used_on, shoe.bought_on) if day)}"
    raise UsageError(
        f"{shoe.name} can't have been worn on {activity.local_date}: it was {when}. "
        "Choose other days with --since and --until, or correct the pair's dates: midsole shoes edit."
    )


def _parts(
    box: Box,
    tx: Tx,
    runner: Runner,
    pairs: Sequence[Shoe | None],
    activity: Activity,
    points: Sequence[Point],
) -> Parts:
    for shoe in pairs:
        _refuse_unfit(shoe, activity)
    if len(pairs) != len(points) + 1:
        raise UsageError("Say where each pair was changed: a distance, a lap or a time for every --then.")
    ends = [_share(box, tx, runner, activity, point) for point in points]
    if any(late <= early for early, late in pairwise(ends)):
        raise UsageError("The places where pairs were changed must follow one another along the run.")
    bounds = [0.0, *ends, 1.0]
    shares = [late - early for early, late in pairwise(bounds)]
    return tuple((shoe.id if shoe else None, share) for shoe, share in zip(pairs, shares, strict=True))


def _share(box: Box, tx: Tx, runner: Runner, activity: Activity, point: Point) -> float:
    if point.distance_m is None:
        return share_at(box, tx, runner.id, activity.id, lap=point.lap, time_s=point.time_s)
    if activity.counted_m <= 0:
        raise UsageError(f"Activity {activity.id} counts no distance: put it on one pair, without --then.")
    if not 0 < point.distance_m < activity.counted_m:
        long = distance(activity.counted_m, runner.units)
        raise UsageError(f"Activity {activity.id} has {long}; the change must lie inside it.")
    return point.distance_m / activity.counted_m


# A first pair claims what was run before it was told


def claimable(box: Box, runner_id: int, name: str) -> list[Activity]:
    """The past runs without a pair that this one may have worn: a preview, nothing is changed."""
    with box.store.read() as tx:
        return _claimable(tx, runner_id, find_shoe(tx, runner_id, name))


def _claimable(tx: Tx, runner_id: int, shoe: Shoe) -> list[Activity]:
    begins = shoe.first_used_on or shoe.bought_on
    ids = one_pair.without_pair(tx, runner_id, begins) if begins else []
    return wearing.claims(activities.between(tx, runner_id, ids=ids), shoe)


def claim(box: Box, runner_id: int, name: str, *, preview: bool = False) -> Effects:
    """Put them on the pair; what the runner says later of one of them wins."""

    def work(tx: Tx, runner: Runner) -> Mapping[int, Proposed]:
        shoe = find_shoe(tx, runner.id, name)
        return {a.id: Proposed(whole(shoe.id, DEFAULT)) for a in _claimable(tx, runner.id, shoe)}

    return change(box, runner_id, f"Past runs claimed for {name}", work, preview=preview)
