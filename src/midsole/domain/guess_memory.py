"""What is remembered of the pairs up to a day, and what speaks for each of them on that day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from midsole.domain.guess_heirs import begin_of, heirs
from midsole.domain.guess_traits import FIRST, SCALES, Flags, Floats, Whole
from midsole.domain.shoes import Shoe

FADES_DAYS = 300.0
"""After so many days a run counts for half in what a pair is worn for."""
RECENT_DAYS, USUAL_DAYS = 14.0, 90.0
"""The same for how much a pair is worn."""
UNSURE_COUNTS = 0.8
"""What nobody objected to is mostly right, but nobody need have looked at it."""
BELIEF = 4.0
"""Up to so many runs its kind says more of a pair than it does itself; and of a kind, all pairs."""
HEIRS_SHARE = 0.5
"""What the pair before it was worn for counts so much for the one that came in its place."""
NEVER_DAYS = 60.0
FAR = 4.0
"""No single trait may outweigh all the others."""
KNOWN_WELL = 0.75
"""The pair before is known also where it was left standing, not where it was only half expected."""
TRAITS = len(SCALES) + 2
"""Those of the run, and which pair was worn before it: at all, and on like ground."""

YOUNG_RUNS = 6

FEATURES = (
    *(scale.name for scale in SCALES),
    "after", "after_like",
    "recent", "usual", "last", "before_last", "last_like", "before_last_like", "rested", "worn_yesterday",
    "unworn", "young", "has_newer", "newer_in_use",
)  # fmt: skip
HABITS = len(FEATURES) - TRAITS


@dataclass(frozen=True, slots=True)
class _Last:
    """What was worn last, and before that, as shares of all pairs; `known`: the pair, -1 where not clear."""

    known: int
    shares: Floats
    before: Floats

    def handed_on(self, old: int, new: int) -> "_Last":
        return _Last(new if self.known == old else self.known, *(
            _moved(shares, old, new) for shares in (self.shares, self.before)))  # fmt: skip


def _moved(shares: Floats, old: int, new: int) -> Floats:
    moved = shares.copy()
    moved[..., new] += moved[..., old]
    moved[..., old] = 0
    return moved


class Memory:
    """Pairs go by their place in `shoes`.

    A row of counts for each pair, each kind and all together; in a row the places of all scales, the pairs
    worn before (at all, then on like ground), then how often each of these was known."""

    def __init__(self, shoes: Sequence[Shoe]) -> None:
        n, kinds = len(shoes), sorted({shoe.kind for shoe in shoes})
        self._kind_row = np.array([n + kinds.index(shoe.kind) for shoe in shoes], dtype=np.intp)
        self._all_row = n + len(kinds)
        self._after = np.array([FIRST[-1], FIRST[-1] + n])
        self._known = int(FIRST[-1]) + 2 * n
        self._counts = np.zeros((self._all_row + 1, self._known + TRAITS))
        self._worn = np.zeros((2, n))
        self._runs = np.zeros(n)
        self._last_day = np.full(n, -np.inf)
        self._last = self._nothing = _Last(-1, np.zeros(n), np.zeros(n))
        self._last_like: dict[str, _Last] = {}
        self._newer = _newer(shoes)
        self._heirs = heirs(shoes)
        self._first_day: int | None = None
        self._day = 0
        self._grown = 1.0

    def go_to(self, day: date) -> None:
        """Let what is remembered fade up to that day.

        Counts fade as newer ones are entered larger, and all are divided by the same when they are read."""
        number = day.toordinal()
        if self._first_day is None:
            self._first_day = self._day = number
        self._grown = 2 ** ((number - self._first_day) / FADES_DAYS)
        self._worn *= np.exp2((self._day - number) / np.array([[RECENT_DAYS], [USUAL_DAYS]]))
        self._day = number
        while self._heirs and self._heirs[0].day <= day:
            heir = self._heirs.pop(0)
            self._hand_on(heir.old, heir.new)

    def _hand_on(self, old: int, new: int) -> None:
        """The pair that came in place of another is worn when that one would have been."""
        self._worn = _moved(self._worn, old, new)
        self._counts[new] += HEIRS_SHARE * self._counts[old]
        self._counts[:, self._after + new] += self._counts[:, self._after + old]
        self._last = self._last.handed_on(old, new)
        self._last_like = {like: last.handed_on(old, new) for like, last in self._last_like.items()}

    def wore(self, shares: Floats, like: str) -> None:
        """How recently and how much: of what was only guessed each pair gets its share."""
        likeliest = int(shares.argmax())
        if shares[likeliest] > 0.5:
            self._last_day[likeliest] = self._day
        known = likeliest if shares[likeliest] >= KNOWN_WELL else -1
        self._worn += shares
        self._last = _Last(known, shares, self._last.shares)
        self._last_like[like] = _Last(known, shares, self._alike(like).shares)

    def _alike(self, like: str) -> "_Last":
        return self._last_like.get(like, self._nothing)

    def learn(self, n: int, like: str, spread: Floats, known: Floats, *, sure: bool) -> None:
        """What the pair is worn for, and after which pair."""
        row = np.zeros(self._known + TRAITS)
        row[: len(spread)] = spread
        row[self._known : -2] = known
        for trait, before in enumerate(self._before(like)):
            if before >= 0:
                row[[self._after[trait] + before, trait - 2]] = 1
        row *= self._grown * (1.0 if sure else UNSURE_COUNTS)
        for place in (n, self._kind_row[n], self._all_row):
            self._counts[place] += row
        self._runs[n] += 1

    def _before(self, like: str) -> tuple[int, int]:
        """The pairs worn before this run, at all and on like ground."""
        return self._last.known, self._alike(like).known

    def speaks_for(self, pairs: Whole, like: str, column: Whole, known: Floats) -> Floats:
        """One row a pair, in the order of FEATURES."""
        before = np.array(self._before(like))
        columns = np.concatenate([column, self._after + np.maximum(before, 0)])
        fit = self._fit_of(pairs, columns) * np.concatenate([known, before >= 0])
        return np.concatenate([fit, self._habit_of(pairs, like).T], axis=1)

    def _fit_of(self, pairs: Whole, columns: Whole) -> Floats:
        """The logarithm of how much likelier such a run is in that pair than in any."""
        kinds = self._kind_row[pairs]
        rows = np.concatenate([[self._all_row], kinds, pairs])
        counts = self._counts[rows[:, None], columns] / self._grown
        known = self._counts[rows, self._known :] / self._grown
        n = len(pairs) + 1
        every = (counts[0] + 0.1) / (known[0] + 1.0)
        of_kind = (counts[1:n] + BELIEF * every) / (known[1:n] + BELIEF)
        of_pair = (counts[n:] + BELIEF * of_kind) / (known[n:] + BELIEF)
        ratio: Floats = np.maximum(np.minimum(np.log(of_pair / every), FAR), -FAR)
        return ratio

    def _habit_of(self, pairs: Whole, like: str) -> Floats:
        """How recently, how much and how long each of the pairs has been worn."""
        recent, usual = np.log(self._worn[:, pairs] + 0.05)
        ago = np.minimum(self._day - self._last_day[pairs], NEVER_DAYS)
        runs, alike = self._runs[pairs], self._alike(like)
        newer = self._newer[pairs[:, None], pairs]
        speaks = np.empty((HABITS, len(pairs)))
        speaks[0], speaks[1] = recent, usual
        speaks[2], speaks[3] = self._last.shares[pairs], self._last.before[pairs]
        speaks[4], speaks[5] = alike.shares[pairs], alike.before[pairs]
        speaks[6], speaks[7] = np.log1p(ago), ago <= 1
        speaks[8], speaks[9] = runs == 0, np.exp(-runs / YOUNG_RUNS) * (runs > 0)
        speaks[10], speaks[11] = newer.any(1), (newer & (runs > 0)).any(1)
        return speaks


def _newer(shoes: Sequence[Shoe]) -> Flags:
    """For each pair (rows) the pairs of its kind (columns) that came into use after it."""
    begins = np.array([(begin_of(s) or date.min).toordinal() for s in shoes])
    kinds = np.array([shoe.kind for shoe in shoes])
    newer: Flags = (kinds[:, None] == kinds) & (begins[:, None] < begins)
    return newer
