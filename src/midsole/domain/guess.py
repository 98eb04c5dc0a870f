"""Which pair a run probably used, learnt from the runner's own past choices alone."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

import numpy as np

from midsole.domain.activity import ON_FEET, RUNNING
from midsole.domain.guess_logit import Choice, Weights, fit, probabilities
from midsole.domain.guess_memory import FEATURES, UNSURE_COUNTS, Memory
from midsole.domain.guess_traits import Flags, Floats, Traits, Whole, traits_of
from midsole.domain.guess_values import Guess, Past, Seen
from midsole.domain.shoes import DEFAULT_REACH, Shoe

__all__ = ["Guess", "Past", "Seen", "guess_all"]

OWN_CHOICES = 5
"""Fewer runs of this sport with the runner's word teach nothing."""
REMEMBERED, LEARNT = 500, 250
"""The newest runs that are looked at, and those of them from which the weights are learnt."""
ANEW_DAYS, ANEW_SHARE = 7, 0.02
"""The weights are learnt again after a week, where so much more was said meanwhile."""

WALKS = frozenset({"walking", "hiking"})
GROUND = {"treadmill": "indoors", "virtual": "indoors", "trail": "trail"}

EXPECTED: Mapping[str, tuple[float, float]] = {
    "kind": (0.8, 4), "distance": (0.5, 4), "speed": (0.5, 4), "weekday": (0.4, 4), "hour": (0.4, 4),
    "race": (0.5, 4), "climb": (0.2, 4), "cadence": (0.3, 4), "stance": (0.3, 4), "oscillation": (0.3, 4),
    "after": (0.3, 4), "after_like": (0.3, 4),
    "recent": (0.4, 4), "usual": (0.4, 4), "last": (0, 2), "before_last": (0, 2), "last_like": (0, 2),
    "before_last_like": (0, 2), "rested": (0, 4), "worn_yesterday": (0, 2),
    "unworn": (1, 1), "young": (1, 1), "has_newer": (-0.3, 1), "newer_in_use": (-0.7, 1),
}  # fmt: skip
"""What each feature counts for before anything was learnt, and how firmly that is held."""
BEFORE = np.array([EXPECTED[name][0] for name in FEATURES])
FIRMNESS = np.array([EXPECTED[name][1] for name in FEATURES])


@dataclass(frozen=True, slots=True)
class _Row:
    """One activity of the walk through time; `shoe` is the place of its pair, None where it is asked."""

    seen: Seen
    shoe: int | None
    sure: bool
    asked: bool


def guess_all(
    seen: Sequence[Seen], past: Sequence[Past], shoes: Sequence[Shoe], sure_from: float = 0.8
) -> dict[int, tuple[Guess, ...]]:
    """By activity the pairs it may have used, likeliest first, summing to 1; missing where nobody can say.

    Only what lies on earlier days than the activity has a part in it."""
    found: dict[int, tuple[Guess, ...]] = {}
    for worn_for in sorted({_worn_for(s.sport) for s in seen}):
        asked = [s for s in seen if _worn_for(s.sport) == worn_for]
        known = [p for p in past if _worn_for(p.seen.sport) == worn_for]
        days = [s.local_date for s in asked]
        rows = [row for row in _rows(asked, known, shoes) if row.seen.local_date <= max(days)]
        older = sum(row.seen.local_date < min(days) for row in rows)
        begin = max(0, older - REMEMBERED)
        learn_from = max(0, older - begin - LEARNT)
        found |= _Walk(shoes, rows[:begin], rows[begin:], learn_from, sure_from).guesses()
    return found


def _worn_for(sport: str) -> str:
    """Walks and runs share their pairs; no other sport does."""
    return "feet" if sport in ON_FEET else sport


def _same_sport(sport: str) -> str:
    return "walking" if sport in WALKS else sport


def _like(seen: Seen) -> str:
    return f"{_same_sport(seen.sport)} {GROUND.get(seen.surface, 'road')}"


def _rows(asked: Sequence[Seen], known: Sequence[Past], shoes: Sequence[Shoe]) -> list[_Row]:
    """In time order."""
    place = {shoe.id: n for n, shoe in enumerate(shoes)}
    ids = {s.activity_id for s in asked}
    kept = [p for p in known if p.shoe_id in place]
    told = [_Row(p.seen, place[p.shoe_id], p.sure, p.seen.activity_id in ids) for p in kept]
    without = ids - {p.seen.activity_id for p in kept}
    rows = [*told, *(_Row(s, None, False, True) for s in asked if s.activity_id in without)]
    return sorted(rows, key=lambda row: (row.seen.local_date, row.seen.started_at, row.seen.activity_id))


@dataclass(frozen=True, slots=True)
class _Looked:
    """One activity before its day is over: the possible pairs, and what speaks for each; none: not needed."""

    n: int
    pairs: Whole
    speaks: Floats


NO_PAIR, NOTHING = np.array([], dtype=np.intp), np.zeros((0, len(FEATURES)))


class _InUse:
    """Which pairs can be worn on a day, looked up anew only where one of their dates has passed."""

    def __init__(self, shoes: Sequence[Shoe]) -> None:
        self._shoes = shoes
        told = [(s.bought_on, s.first_used_on, s.added_on and s.added_on - DEFAULT_REACH) for s in shoes]
        ends = [s.retired_on + timedelta(days=1) for s in shoes if s.retired_on]
        self._changes = sorted({day for days in told for day in days if day} | set(ends))
        self._found: dict[int, tuple[Flags, Flags]] = {}

    def on(self, day: date) -> tuple[Flags, Flags]:
        """Whether each can be worn, and whether it may be without anybody's word."""
        span = bisect_right(self._changes, day)
        if span not in self._found:
            can = [shoe.can_be_worn_on(day) for shoe in self._shoes]
            may = [shoe.may_be_default_on(day) for shoe in self._shoes]
            self._found[span] = np.array(can, dtype=np.bool_), np.array(may, dtype=np.bool_)
        return self._found[span]


class _Worn:
    """Of one sport: how often each pair was worn, and how often by somebody's word."""

    def __init__(self, shoes: Sequence[Shoe], sport: str) -> None:
        self.runs, self.own = np.zeros(len(shoes)), np.zeros(len(shoes))
        self._kinds = np.array([shoe.kind for shoe in shoes])
        self._fits = (self._kinds != "walking") & (sport == RUNNING)

    def add(self, n: int, *, sure: bool, times: int = 1) -> None:
        self.runs[n] += times
        self.own[n] += times * sure
        self._fits |= self._kinds == self._kinds[n]

    def possible(self, can: Flags, may: Flags, named: Flags) -> Whole:
        """Pairs in use that were worn for this sport, or are of a fitting kind."""
        return np.flatnonzero(can & (may | named) & ((self.runs > 0) | (may & self._fits)))


class _Walk:
    """Through the activities of one sport, day by day: first guessing, then learning.

    Of the `older` ones it only counts which pairs were worn and named; the weights are learnt from the rows
    from `learn_from` on."""

    def __init__(
        self,
        shoes: Sequence[Shoe],
        older: Sequence[_Row],
        rows: Sequence[_Row],
        learn_from: int,
        sure_from: float,
    ) -> None:
        self.shoes, self.rows, self.learn_from, self.sure_from = shoes, rows, learn_from, sure_from
        self.worn = {s: _Worn(shoes, s) for s in {_same_sport(row.seen.sport) for row in (*older, *rows)}}
        self.named = np.zeros(len(shoes), dtype=np.bool_)
        """Which pairs somebody named at least once."""
        self.in_use, self.memory = _InUse(shoes), Memory(shoes)
        self.traits: Traits = traits_of([row.seen for row in rows])
        self.known = self.traits.known.astype(float)
        self.choices: list[Choice] = []
        self.weights: Weights | None = None
        self.learnt_on, self.learnt_from = date.min, 0
        for row, times in Counter((_same_sport(r.seen.sport), r.shoe, r.sure) for r in older).items():
            self._count(*row, times)

    def guesses(self) -> dict[int, tuple[Guess, ...]]:
        found: dict[int, tuple[Guess, ...]] = {}
        for day, of_day in groupby(range(len(self.rows)), lambda n: self.rows[n].seen.local_date):
            self.memory.go_to(day)
            looked_at = [self._look(n) for n in of_day]
            for one in looked_at:
                if guess := self._guess(one):
                    found[self.rows[one.n].seen.activity_id] = guess
            for one in looked_at:
                self._take(one, found.get(self.rows[one.n].seen.activity_id, ()))
        return found

    def _look(self, n: int) -> _Looked:
        row = self.rows[n]
        if not row.asked and n < self.learn_from:
            return _Looked(n, NO_PAIR, NOTHING)
        can, may = self.in_use.on(row.seen.local_date)
        pairs = self.worn[_same_sport(row.seen.sport)].possible(can, may, self.named)
        if not len(pairs):
            return _Looked(n, NO_PAIR, NOTHING)
        speaks = self.memory.speaks_for(pairs, _like(row.seen), self.traits.column[n], self.known[n])
        return _Looked(n, pairs, speaks)

    def _guess(self, one: _Looked) -> tuple[Guess, ...]:
        row = self.rows[one.n]
        own = self.worn[_same_sport(row.seen.sport)].own
        if not row.asked or own.sum() < OWN_CHOICES or not own[one.pairs].any():
            return ()
        shares = probabilities(one.speaks, self._weights(row.seen.local_date))
        order = np.argsort(-shares, kind="stable")
        return tuple(Guess(self.shoes[one.pairs[k]].id, float(shares[k])) for k in order)

    def _weights(self, day: date) -> Weights:
        is_due = (day - self.learnt_on).days >= ANEW_DAYS
        more = len(self.choices) - self.learnt_from
        if self.weights is None or (is_due and more > ANEW_SHARE * min(len(self.choices), LEARNT)):
            start = None if self.weights is None else self.weights.mean
            self.weights = fit(self.choices[-LEARNT:], BEFORE, FIRMNESS, start)
            self.learnt_on, self.learnt_from = day, len(self.choices)
        return self.weights

    def _take(self, one: _Looked, said: tuple[Guess, ...]) -> None:
        row = self.rows[one.n]
        if row.shoe is not None:
            self._learn(one, row, row.shoe)
        elif said:
            self.memory.wore(self._expected(said), _like(row.seen))

    def _expected(self, said: tuple[Guess, ...]) -> Floats:
        """A sure guess will stand, and so counts like one that stood; of another each pair has its share."""
        if said[0].probability >= self.sure_from:
            said = (Guess(said[0].shoe_id, UNSURE_COUNTS),)
        by_id = {guess.shoe_id: guess.probability for guess in said}
        return np.array([by_id.get(shoe.id, 0.0) for shoe in self.shoes])

    def _learn(self, one: _Looked, row: _Row, shoe: int) -> None:
        chosen = np.flatnonzero(one.pairs == shoe)
        if len(one.pairs) > 1 and len(chosen):
            self.choices.append(Choice(one.speaks, int(chosen[0]), 1.0 if row.sure else UNSURE_COUNTS))
        like = _like(row.seen)
        self.memory.learn(shoe, like, self.traits.spread[one.n], self.known[one.n], sure=row.sure)
        shares = np.zeros(len(self.shoes))
        shares[shoe] = 1.0 if row.sure else UNSURE_COUNTS
        self.memory.wore(shares, like)
        self._count(_same_sport(row.seen.sport), shoe, row.sure)

    def _count(self, sport: str, shoe: int | None, sure: bool, times: int = 1) -> None:
        if shoe is not None:
            self.worn[sport].add(shoe, sure=sure, times=times)
            self.named[shoe] |= sure
