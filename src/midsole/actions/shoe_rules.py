"""The runner's rules for which pair a run wears: kept, tried out, and applied to the past."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from midsole.actions.box import Box
from midsole.actions.changes import Effects, change
from midsole.actions.shoes import find_shoe
from midsole.actions.wearing import Proposed, ask_again
from midsole.domain import kept
from midsole.domain.activity import Activity
from midsole.domain.errors import NotThere, UsageError
from midsole.domain.rule_checks import checked
from midsole.domain.rule_words import describe
from midsole.domain.shoe_rules import Conditions, ShoeRule, first, local_start
from midsole.domain.shoes import Shoe
from midsole.domain.wearing import OWN_WORD, RULE, Answer, whole
from midsole.store import activities, runners, shoe_rules, shoes
from midsole.store.base import Tx
from midsole.store.runners import Runner


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule with its pair, and how many activities wear the pair because of it."""

    rule: ShoeRule
    pair: Shoe
    dressed: int

    @property
    def rests(self) -> bool:
        """Nobody wears a retired pair any more; its past can still be dressed."""
        return self.pair.retired_on is not None


@dataclass(frozen=True, slots=True)
class Known:
    """A rule with its pair; `by_rule` is how many activities wear that pair by any rule."""

    rule: ShoeRule
    pair: Shoe
    by_rule: int

    @property
    def rests(self) -> bool:
        return self.pair.retired_on is not None


@dataclass(frozen=True, slots=True)
class Past:
    """Which past activities: of some days, and of one rule where its number is given."""

    since: date | None = None
    until: date | None = None
    number: int | None = None


def add(
    box: Box, runner_id: int, name: str, conditions: Conditions, from_date: date | None = None
) -> ShoeRule:
    """The new rule, asked after all others; from today on unless a day is named."""
    kept.check_days(from_date)
    with box.store.write() as tx:
        runner = runners.lock(tx, runner_id)
        shoe = find_shoe(tx, runner_id, name)
        begins = from_date or runner.today(box.now())
        return shoe_rules.add(tx, runner_id, shoe.id, checked(conditions), begins, box.now())


def listed(box: Box, runner_id: int) -> list[Listed]:
    """Every rule in the order they are asked."""
    with box.store.read() as tx:
        rules, pairs = shoe_rules.rules(tx, runner_id), _pairs(tx, runner_id)
        dressed = _dressed(tx, runners.get(tx, runner_id), rules, pairs) if rules else {}
        return [Listed(rule, pairs[rule.shoe_id], dressed.get(rule.id, 0)) for rule in rules]


def known(box: Box, runner_id: int) -> list[Known]:
    """As `listed`, without asking every activity again."""
    with box.store.read() as tx:
        rules, pairs = shoe_rules.rules(tx, runner_id), _pairs(tx, runner_id)
        counts = shoe_rules.worn_by_rule(tx, runner_id) if rules else {}
        return [Known(rule, pairs[rule.shoe_id], counts.get(rule.shoe_id, 0)) for rule in rules]


def edit(
    box: Box,
    runner_id: int,
    number: int,
    asked: Mapping[str, Any],
    *,
    name: str | None,
    from_date: date | None,
) -> ShoeRule:
    """Other conditions (None or empty: no longer asked), another pair or another first day."""
    kept.check_days(from_date)
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        rule = _numbered(tx, runner_id, number)
        changed = replace(
            rule,
            conditions=checked(replace(rule.conditions, **asked)),
            shoe_id=find_shoe(tx, runner_id, name).id if name else rule.shoe_id,
            from_date=from_date or rule.from_date,
        )
        shoe_rules.change(tx, changed)
        return changed


def move(box: Box, runner_id: int, number: int, place: int) -> None:
    """Ask the rule sooner or later."""
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        rule = _numbered(tx, runner_id, number)
        _numbered(tx, runner_id, place)
        shoe_rules.move(tx, runner_id, rule.id, place)


def remove(box: Box, runner_id: int, number: int) -> ShoeRule:
    """Take the rule away; what it dressed stays so until the rules are applied again."""
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        rule = _numbered(tx, runner_id, number)
        shoe_rules.remove(tx, runner_id, rule.id)
        return rule


def start_of(box: Box, runner_id: int, activity_id: int) -> tuple[float, float]:
    """Latitude and longitude at which an activity began."""
    with box.store.read() as tx:
        found = activities.between(tx, runner_id, ids=[activity_id])
    if not found:
        raise NotThere(f"There is no activity {activity_id}. See `midsole activities`.")
    if found[0].start_lat is None or found[0].start_lon is None:
        raise UsageError(f"Nobody knows where activity {activity_id} began: it has no position.")
    return found[0].start_lat, found[0].start_lon


def reach(box: Box, runner_id: int, past: Past) -> int:
    """How many past activities the rules would dress in another pair, or anew; nothing is changed."""
    with box.store.read() as tx:
        proposed = _answers(tx, runners.get(tx, runner_id), past)
        standing = shoes.answers(tx, proposed)
    ruled = {n: p.answer for n, p in proposed.items() if p.answer is not None and p.answer.set_by == RULE}
    return sum(_said(answer) != _said(standing.get(n)) for n, answer in ruled.items())


def _said(answer: Answer | None) -> object:
    return answer and replace(answer, set_at=None)


def apply(box: Box, runner_id: int, past: Past, *, preview: bool = False) -> Effects:
    """Dress the past as the rules say, whatever their first days; `preview`: only tell what would change."""
    with box.store.read() as tx:
        runner = runners.get(tx, runner_id)
        what = _told(tx, runner, past)
    return change(
        box, runner_id, what, lambda tx, runner: _answers(tx, runner, past), silent=True, preview=preview
    )


def _told(tx: Tx, runner: Runner, past: Past) -> str:
    days = "".join(f" {word} {day}" for word, day in (("since", past.since), ("until", past.until)) if day)
    if past.number is None:
        return f"The rules were applied to past activities{days}"
    rule = _numbered(tx, runner.id, past.number)
    pair, words = _pairs(tx, runner.id)[rule.shoe_id].name, describe(rule.conditions, runner.units)
    return f"The rule {pair} for {words} was applied to past activities{days}"


def _answers(tx: Tx, runner: Runner, past: Past) -> dict[int, Proposed]:
    """What shall stand: the rule's pair where one fits; who else may answer where none does any more.

    With a rule's number: of what that rule answers, and of what wears its pair by a rule."""
    rules, pairs = shoe_rules.rules(tx, runner.id), _pairs(tx, runner.id)
    chosen = None if past.number is None else _numbered(tx, runner.id, past.number)
    found = [a for a in activities.between(tx, runner.id, past.since, past.until) if a.counted_m > 0]
    standing = shoes.answers(tx, [a.id for a in found])
    free = [a for a in found if a.id not in standing or standing[a.id].set_by not in OWN_WORD]
    answering = {a.id: _answering(rules, a, runner, pairs) for a in free}
    asked = [n for n, rule in answering.items() if _concerns(chosen, rule, standing.get(n))]
    ruled = {n: Proposed(whole(rule.shoe_id, RULE), ()) for n in asked if (rule := answering[n])}
    unruled = [n for n in asked if n not in ruled and n in standing and standing[n].set_by == RULE]
    return ruled | ask_again(tx, runner, unruled)


def _concerns(chosen: ShoeRule | None, rule: ShoeRule | None, stands: Answer | None) -> bool:
    if chosen is None or chosen == rule:
        return True
    return stands is not None and _is_dressed_in(stands, chosen.shoe_id)


def _is_dressed_in(stands: Answer, shoe_id: int) -> bool:
    return stands.set_by == RULE and stands.parts == ((shoe_id, 1.0),)


def _answering(
    rules: list[ShoeRule], activity: Activity, runner: Runner, pairs: Mapping[int, Shoe]
) -> ShoeRule | None:
    return first(rules, activity, local_start(activity, runner.zone_on), pairs, past=True)


def _dressed(tx: Tx, runner: Runner, rules: list[ShoeRule], pairs: Mapping[int, Shoe]) -> dict[int, int]:
    """Rule id -> how many wear its pair by a rule while it is the one that answers."""
    found = activities.between(tx, runner.id)
    standing = shoes.answers(tx, [a.id for a in found])
    counts: dict[int, int] = {}
    for activity in found:
        stands = standing.get(activity.id)
        if stands is None or stands.set_by != RULE:
            continue
        rule = _answering(rules, activity, runner, pairs)
        if rule and _is_dressed_in(stands, rule.shoe_id):
            counts[rule.id] = counts.get(rule.id, 0) + 1
    return counts


def _pairs(tx: Tx, runner_id: int) -> dict[int, Shoe]:
    return {shoe.id: shoe for shoe in shoes.pairs(tx, runner_id)}


def _numbered(tx: Tx, runner_id: int, number: int) -> ShoeRule:
    rules = shoe_rules.rules(tx, runner_id)
    if not 1 <= number <= len(rules):
        known = f"the rules have the numbers 1 to {len(rules)}" if rules else "there is no rule yet"
        raise NotThere(f"There is no rule {number}: {known}. See `midsole shoes rule list`.")
    return rules[number - 1]
