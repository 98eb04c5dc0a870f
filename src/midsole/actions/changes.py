"""Changing which pairs were worn: previewed, recorded as one change set, judged, and undone."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from midsole.actions.box import Box
from midsole.actions.evaluate import judge
from midsole.actions.wearing import Proposed, log, put
from midsole.domain.activity import Activity
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.shoes import Shoe
from midsole.domain.wearing import BAREFOOT, SOURCE
from midsole.store import activities, change_log, runners, shoes
from midsole.store.base import Tx
from midsole.store.change_log import ChangeSet, Image, Kept, Picture
from midsole.store.runners import Runner

type Work = Callable[[Tx, Runner], Mapping[int, Proposed]]
type Metres = tuple[tuple[str, float], ...]
"""Pairs by name in the order worn, each with its distance."""


class Differs(UsageError):
    """What was seen in a preview is not what would happen now; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What one activity wore before and after, and who said so; empty and None where nobody knew."""

    activity: Activity
    before: Metres
    after: Metres
    before_by: str | None
    after_by: str | None


@dataclass(frozen=True, slots=True)
class Effects:
    """All that a change does, or would do: wearings, totals of pairs, alerts, mails that need not go out.

    `totals`: name, metres before and after, of each pair that has another total. `left`: what could not be
    changed, and why."""

    set_id: int | None
    changed: tuple[Changed, ...]
    totals: tuple[tuple[str, float, float], ...] = ()
    opened: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()
    withdrawn: int = 0
    left: tuple[tuple[Activity, str], ...] = ()

    def mark(self) -> str:
        """The same for two that change the same activities in the same way."""
        rows = [(c.activity.id, c.before, c.after, c.before_by, c.after_by) for c in self.changed]
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:20]


def change(
    box: Box,
    runner_id: int,
    what: str,
    work: Work,
    *,
    silent: bool = True,
    preview: bool = False,
    seen: str | None = None,
) -> Effects:
    """Let stand what `work` proposes, and judge; with `preview` see what that would do, and keep nothing.

    `silent`: what it makes true is no news, as in a back-fill. `seen` is the mark of a preview: where it
    would do something else now, Differs is raised and nothing kept; to do nothing any more is no harm."""
    with box.store.tried() if preview else box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        start = _look(tx, runner)
        proposed = work(tx, runner)
        before = change_log.images(tx, proposed)
        touched = put(tx, runner, proposed, box)
        set_id = log(tx, runner, {n: before[n] for n in touched}, what, box)
        judge(tx, box, runner, silent=silent)
        effects = _effects(tx, runner, start, set_id)
        if seen is not None and effects.changed and seen != effects.mark():
            raise Differs("Meanwhile something changed: this is what it would do now. Look again.")
        return effects


def change_sets(box: Box, runner_id: int) -> list[dict[str, Any]]:
    """Every change, the newest first, as plain values."""
    with box.store.read() as tx:
        return [asdict(one) for one in change_log.change_sets(tx, runner_id)]


def undo(box: Box, runner_id: int, set_id: int | None = None, *, preview: bool = False) -> Effects:
    """Take back the change, or the last one that stands, where nothing changed it since; name the rest."""
    with box.store.tried() if preview else box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        chosen = _chosen(change_log.change_sets(tx, runner_id), set_id)
        start, now = _look(tx, runner), box.now()
        back, left = _revertible(tx, runner, chosen.id)
        change_log.put_back(tx, runner.id, {kept.activity_id: kept.before for kept in back})
        undoing = [Kept(kept.activity_id, kept.after, kept.before) for kept in back]
        what = f"Undo of {chosen.id}: {chosen.what}"
        undo_id = change_log.record(tx, runner.id, what, undoing, now) if undoing else None
        change_log.put_alerts_back(tx, runner.id, chosen.id, now)
        judge(tx, box, runner, silent=True)
        change_log.mark_undone(tx, chosen.id, undo_id, now)
        return _effects(tx, runner, start, undo_id, left)


def _chosen(known: Sequence[ChangeSet], set_id: int | None) -> ChangeSet:
    standing = [s for s in known if s.undone_at is None and (set_id is not None or s.undoes is None)]
    found = next((s for s in standing if set_id in (None, s.id)), None)
    if found is not None:
        return found
    if any(s.id == set_id for s in known):
        raise UsageError(f"Change {set_id} is undone already. See `midsole shoes changes`.")
    what = "There is nothing to undo." if set_id is None else f"There is no change {set_id}."
    raise NotThere(f"{what} See `midsole shoes changes`.")


def _revertible(tx: Tx, runner: Runner, set_id: int) -> tuple[list[Kept], tuple[tuple[Activity, str], ...]]:
    """What can stand again as it was, and what can't, with the reason."""
    kept = change_log.kept_in(tx, set_id)
    now = change_log.images(tx, [k.activity_id for k in kept])
    then = change_log.pairs_then(tx, runner.id, set_id)
    pairs = {shoe.id: shoe for shoe in shoes.pairs(tx, runner.id) if shoe.id in then}
    found = {a.id: a for a in activities.between(tx, runner.id, ids=[k.activity_id for k in kept])}
    back, left = [], []
    for k in (k for k in kept if k.activity_id in found):
        activity = found[k.activity_id]
        before, after, stands = (
            _as_possible(image, activity, pairs) for image in (k.before, k.after, now[k.activity_id])
        )
        if reason := _why_not(before, after, stands, activity, pairs):
            left.append((activity, reason))
        else:
            back.append(Kept(activity.id, before, now[activity.id]))
    return back, tuple(left)


def _as_possible(image: Image, activity: Activity, pairs: Mapping[int, Shoe]) -> Image:
    """Without guesses of pairs that are gone or, as their dates are now, were not in use on that day."""
    day = activity.local_date
    guessed = [(row, pairs.get(row["shoe_id"])) for row in image["guesses"]]
    return image | {"guesses": [row for row, shoe in guessed if shoe and shoe.can_be_worn_on(day)]}


def _why_not(
    before: Image, after: Image, stands: Image, activity: Activity, pairs: Mapping[int, Shoe]
) -> str:
    if stands != after:
        return "was changed since"
    for row in (row for row in before["worn"] if row["shoe_id"] is not None):
        shoe = pairs.get(row["shoe_id"])
        if shoe is None:
            return "wore a pair that was removed since"
        if row["set_by"] != SOURCE and not shoe.can_be_worn_on(activity.local_date):
            return f"stays: the {shoe.name} was not in use on that day, as its dates are now"
    return ""


# What a change does


@dataclass(frozen=True, slots=True)
class _Look:
    """How things stood before the change."""

    wearings: Mapping[int, Sequence[shoes.Wearing]]
    totals: Mapping[str, float]
    picture: Picture


def _look(tx: Tx, runner: Runner) -> _Look:
    wearings, pairs = shoes.wearings(tx, runner.id), shoes.worn(tx, runner.id, date.max)
    totals = {w.shoe.name: w.worn_m if w.distance_m is None else w.distance_m for w in pairs}
    return _Look(wearings, totals, change_log.picture(tx, runner.id))


def _effects(
    tx: Tx, runner: Runner, start: _Look, set_id: int | None, left: tuple[tuple[Activity, str], ...] = ()
) -> Effects:
    now = _look(tx, runner)
    if set_id is not None:
        change_log.note_alerts(tx, set_id, start.picture, now.picture)
    differ = [n for n in start.wearings.keys() | now.wearings.keys() if _differ(start, now, n)]
    found = activities.between(tx, runner.id, ids=differ)
    return Effects(
        set_id=set_id,
        changed=tuple(_changed(a, start.wearings.get(a.id, ()), now.wearings.get(a.id, ())) for a in found),
        totals=_changed_totals(start.totals, now.totals),
        opened=_texts(now.picture, start.picture),
        resolved=_texts(start.picture, now.picture),
        withdrawn=_withdrawn(start.picture, now.picture),
        left=left,
    )


def _differ(start: _Look, now: _Look, activity_id: int) -> bool:
    return start.wearings.get(activity_id) != now.wearings.get(activity_id)


def _changed(a: Activity, before: Sequence[shoes.Wearing], after: Sequence[shoes.Wearing]) -> Changed:
    return Changed(a, _metres(before), _metres(after), _by(before), _by(after))


def _metres(worn: Iterable[shoes.Wearing]) -> Metres:
    return tuple((w.shoe_name or BAREFOOT, w.distance_m) for w in worn)


def _by(worn: Sequence[shoes.Wearing]) -> str | None:
    return worn[0].set_by if worn else None


def _changed_totals(
    before: Mapping[str, float], after: Mapping[str, float]
) -> tuple[tuple[str, float, float], ...]:
    names = sorted(before.keys() | after.keys())
    found = ((name, before.get(name, 0.0), after.get(name, 0.0)) for name in names)
    return tuple(row for row in found if round(row[1]) != round(row[2]))


def _texts(these: Picture, others: Picture) -> tuple[str, ...]:
    """The texts of the alerts that stand in these and not in the others; one pair may pass two thresholds."""
    standing = {id_ for id_, row in others.alerts.items() if row["resolved_at"] is None}
    found = (row for id_, row in these.alerts.items() if row["resolved_at"] is None and id_ not in standing)
    return tuple(dict.fromkeys(row["text"] for row in found))


def _withdrawn(before: Picture, after: Picture) -> int:
    due = {id_ for id_, row in before.deliveries.items() if row["state"] == "due"}
    return sum(after.deliveries[id_]["state"] == "withdrawn" for id_ in due if id_ in after.deliveries)
