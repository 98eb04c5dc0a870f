"""Which pair an activity wears: the account, the runner's rules, a guess, the default; who answers first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from midsole.actions.box import Box
from midsole.actions.guessing import guess
from midsole.domain import shoe_rules as rules_of
from midsole.domain.activity import Activity
from midsole.domain.guess import Guess
from midsole.domain.shoes import Shoe
from midsole.domain.wearing import (
    DEFAULT,
    GUESS,
    OWN_WORD,
    RULE,
    RUNNER,
    SOURCE,
    Answer,
    by_default,
    is_told,
    whole,
)
from midsole.store import activities, change_log, gear, guesses, remote, shoe_rules, shoes
from midsole.store.base import Tx
from midsole.store.change_log import Kept
from midsole.store.runners import Runner


@dataclass(frozen=True, slots=True)
class Proposed:
    """What shall stand of an activity; `guesses` None: those that were made stay."""

    answer: Answer | None
    guesses: tuple[Guess, ...] | None = None


# Asking


def wear_new(tx: Tx, runner: Runner, activity_ids: Iterable[int], box: Box) -> None:
    """What is new gets its pair; what had one, or waits in the inbox, stays as it is.

    Only the account's own word comes before what Midsole worked out earlier; and where that is impossible on
    the day on which the activity lies now, as after joining two, all are asked anew."""
    ids = list(activity_ids)
    standing = follow_account(tx, runner, ids, box)
    had = (standing.keys() | guesses.of(tx, ids).keys()) - _out_of_use(tx, runner, standing)
    what = "Activities that lie on another day now"
    wear(tx, runner, work_out(tx, runner, [n for n in ids if n not in had]), what, box)


def _out_of_use(tx: Tx, runner: Runner, standing: Mapping[int, Answer]) -> set[int]:
    """Those that Midsole itself put on a pair that was not in use on their day."""
    own = [n for n, answer in standing.items() if answer.set_by not in OWN_WORD]
    if not own:
        return set()
    pairs = {shoe.id: shoe for shoe in shoes.pairs(tx, runner.id)}
    return {
        a.id
        for a in activities.between(tx, runner.id, ids=own)
        if any(n is not None and not pairs[n].can_be_worn_on(a.local_date) for n, _ in standing[a.id].parts)
    }


def wear_again(tx: Tx, runner: Runner, activity_ids: Iterable[int], what: str, box: Box) -> None:
    """All who may answer are asked anew; what the runner said stays."""
    wear(tx, runner, ask_again(tx, runner, activity_ids), what, box)


def wear_other_days(tx: Tx, runner: Runner, shoe_id: int, what: str, box: Box) -> None:
    """After other dates of a pair: only the runner or the account says that it was worn while not in use.

    Nor may it be guessed of a day on which it can't have been worn."""
    shoe = next(s for s in shoes.pairs(tx, runner.id) if s.id == shoe_id)
    guessed = _impossible(guesses.naming(tx, shoe_id), shoe)
    waiting = guessed - shoes.answers(tx, guessed).keys()
    guesses.forget(tx, shoe_id, guessed)
    wear_again(tx, runner, sorted(waiting | _impossible(shoes.worked_out(tx, shoe_id), shoe)), what, box)


def _impossible(days: Mapping[int, date], shoe: Shoe) -> set[int]:
    return {activity_id for activity_id, day in days.items() if not shoe.can_be_worn_on(day)}


def follow_account(tx: Tx, runner: Runner, activity_ids: Iterable[int], box: Box) -> dict[int, Answer]:
    """What the account names is worn; what it took back, or names no more, is asked of the others.

    Returns what stands of them then."""
    standing = shoes.answers(tx, ids := list(activity_ids))
    free = [n for n in ids if n not in standing or standing[n].set_by != RUNNER]
    named = by_account(tx, runner, free)
    taken_back = [n for n in free if n not in named and n in standing and standing[n].set_by == SOURCE]
    proposed = named | work_out(tx, runner, taken_back)
    wear(tx, runner, proposed, "The account named other pairs", box)
    return shoes.answers(tx, ids) if proposed else standing


def ask_again(tx: Tx, runner: Runner, activity_ids: Iterable[int]) -> dict[int, Proposed]:
    """The answer of the account, the rules, a guess or the default, of those the runner said nothing of."""
    standing = shoes.answers(tx, ids := list(activity_ids))
    free = [n for n in ids if n not in standing or standing[n].set_by != RUNNER]
    named = by_account(tx, runner, free)
    return named | work_out(tx, runner, [n for n in free if n not in named])


def by_account(tx: Tx, runner: Runner, activity_ids: Iterable[int]) -> dict[int, Proposed]:
    """The pairs that the account names for an activity, in equal parts: each kilometre once, also where it is
    counted there in full on each of several pairs."""
    externals = remote.externals_of(tx, runner.id, list(activity_ids))
    found = gear.worn_in(tx, runner.id, externals) if externals else {}
    return {
        n: Proposed(Answer(tuple((shoe_id, 1.0 / len(ids)) for shoe_id in ids), SOURCE))
        for n, ids in found.items()
    }


def work_out(tx: Tx, runner: Runner, activity_ids: Iterable[int]) -> dict[int, Proposed]:
    """Who answers where neither the runner nor the account did: a rule, a sure guess, the default.

    A guess that is not sure lets the run wait; the default answers only where nothing can be guessed."""
    ids = list(activity_ids)
    pairs = shoes.pairs(tx, runner.id) if ids else []
    if not pairs:
        return {n: Proposed(None) for n in ids}
    found = activities.between(tx, runner.id, ids=ids)
    ruled = by_rule(tx, runner, found, pairs)
    unruled = [a for a in found if a.id not in ruled]
    guessed = guess(tx, runner, [a.id for a in unruled], pairs)
    defaults, claimed = shoes.defaults(tx, runner.id), _claimed(tx, unruled, pairs)
    proposed = {n: Proposed(ruled.get(n), ()) for n in ids}
    for a in unruled:
        if made := guessed.get(a.id):
            proposed[a.id] = Proposed(_sure(made, runner.limits.guess_sure), made)
        elif is_told(a, defaults):
            proposed[a.id] = Proposed(by_default(a, pairs, defaults), ())
        else:
            proposed[a.id] = Proposed(claimed.get(a.id), ())
    return proposed


def _claimed(tx: Tx, found: Sequence[Activity], pairs: Iterable[Shoe]) -> dict[int, Answer]:
    """What a first pair claimed, of days for which no default was told, stays while nobody else answers."""
    days, by_id = {a.id: a.local_date for a in found}, {shoe.id: shoe for shoe in pairs}
    standing = {n: said for n, said in shoes.answers(tx, days).items() if said.set_by == DEFAULT}
    worn = {n: [by_id[shoe_id] for shoe_id, _ in said.parts if shoe_id] for n, said in standing.items()}
    return {n: said for n, said in standing.items() if all(s.can_be_worn_on(days[n]) for s in worn[n])}


def by_rule(tx: Tx, runner: Runner, found: Sequence[Activity], pairs: Iterable[Shoe]) -> dict[int, Answer]:
    """What the runner's rules say of activities since the day each holds from, and of those before that day
    to which one was applied."""
    known, by_id = shoe_rules.rules(tx, runner.id), {shoe.id: shoe for shoe in pairs}
    if not known:
        return {}
    standing = shoes.answers(tx, [a.id for a in found])
    applied = {n for n, answer in standing.items() if answer.set_by == RULE}
    said = {}
    for a in found:
        begun = rules_of.local_start(a, runner.zone_on)
        if rule := rules_of.first(known, a, begun, by_id, past=a.id in applied):
            said[a.id] = whole(rule.shoe_id, RULE)
    return said


def _sure(made: tuple[Guess, ...], limit: float) -> Answer | None:
    best = made[0]
    return whole(best.shoe_id, GUESS, best.probability) if best.probability >= limit else None


# Writing


def wear(tx: Tx, runner: Runner, proposed: Mapping[int, Proposed], what: str, box: Box) -> None:
    """Let it stand; where something stood before, the change log keeps it."""
    if not proposed:
        return
    before = change_log.images(tx, proposed)
    changed = put(tx, runner, proposed, box)
    log(tx, runner, {n: before[n] for n in changed if before[n]["worn"]}, what, box)


def put(tx: Tx, runner: Runner, proposed: Mapping[int, Proposed], box: Box) -> list[int]:
    """Write what differs from what stands, and return of which activities that is."""
    standing, now = shoes.answers(tx, proposed), box.now()
    guessed = guesses.of(tx, [n for n, p in proposed.items() if p.guesses is not None])
    other = {n: p.answer for n, p in proposed.items() if not _same(standing.get(n), p.answer)}
    again = {
        n: p.guesses
        for n, p in proposed.items()
        if p.guesses is not None and _pairs(p.guesses) != _pairs(guessed.get(n, ()))
    }
    shoes.wear_all(tx, runner.id, other, now)
    guesses.keep(tx, runner.id, again, now)
    return sorted(other.keys() | again.keys())


def _same(one: Answer | None, other: Answer | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.parts, one.set_by, one.probability) == (other.parts, other.set_by, other.probability)


def _pairs(made: Iterable[Guess | guesses.Kept]) -> set[tuple[int, float]]:
    return {(guess.shoe_id, guess.probability) for guess in made}


def log(tx: Tx, runner: Runner, before: Mapping[int, change_log.Image], what: str, box: Box) -> int | None:
    """One change set of these; None where nothing changed."""
    if not before:
        return None
    after = change_log.images(tx, before)
    kept = [Kept(n, image, after[n]) for n, image in before.items() if image != after[n]]
    return change_log.record(tx, runner.id, what, kept, box.now()) if kept else None
