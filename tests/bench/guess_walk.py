"""Walks through known choices of pairs: what the guess says before each run, and what simpler ways say."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from habits import Run, Runner

from midsole.domain.guess import Guess, Past, Seen, guess_all
from midsole.domain.shoes import Shoe

SURE = 0.8
PASSES = 2
LOOKS_EVERY = timedelta(days=28)
FIRST_RUNS, FOUR_WEEKS, LEFT_IN_CUPBOARD = 20, timedelta(days=28), timedelta(days=56)


@dataclass(frozen=True, slots=True)
class Truth:
    """Activities in order, each with the pair it really had."""

    rows: Sequence[Past]
    shoes: Sequence[Shoe]


@dataclass(frozen=True, slots=True)
class Told:
    """Of one run: the right pair, the guess, and the pairs that the simpler ways name."""

    right: int
    guess: tuple[Guess, ...]
    default: int | None
    four_weeks: int | None
    last: int | None

    @property
    def is_wrong(self) -> bool:
        return self.guess[0].shoe_id != self.right

    @property
    def is_answered(self) -> bool:
        return self.guess[0].probability >= SURE


def truth_of(runner: Runner) -> Truth:
    shoes = [Shoe(p.id, p.name, p.kind, p.limit_m, bought_on=p.first_used, retired_on=p.retired_on)
             for p in runner.pairs]  # fmt: skip
    rows = [Past(_seen(run), run.pair, True) for run in runner.runs]
    return Truth(rows, shoes)


def _seen(run: Run) -> Seen:
    return Seen(
        run.id, run.date, run.started_at, run.sport, run.surface, run.distance_m, run.moving_s, run.hour,
        run.ascent_m, run.cadence_spm, run.stance_time_ms, run.vertical_oscillation_mm, run.is_race,
    )  # fmt: skip


def walked(truth: Truth, guesses: Mapping[int, tuple[Guess, ...]]) -> list[Told]:
    """The runs that got a guess; those before the fifth own choice get none, whoever is asked."""
    pairs = zip(truth.rows, _simple(truth), strict=True)
    return [Told(row.shoe_id, guesses[row.seen.activity_id], *ways)
            for row, ways in pairs if row.seen.activity_id in guesses]  # fmt: skip


def confirmed(truth: Truth) -> Mapping[int, tuple[Guess, ...]]:
    """The runner names the pair after every run."""
    return guess_all([row.seen for row in truth.rows], truth.rows, truth.shoes)


def corrected(truth: Truth) -> Mapping[int, tuple[Guess, ...]]:
    """The runner answers what waits and corrects what is wrong the same day; what is right stands unsaid.

    What stands hangs on the guesses before it, so the walk is repeated until hardly any changes."""
    found = confirmed(truth)
    for _ in range(PASSES):
        past = [Past(row.seen, row.shoe_id, not _stands(row, found)) for row in truth.rows]
        found = guess_all([row.seen for row in truth.rows], past, truth.shoes)
    return found


def seldom_corrected(truth: Truth) -> Mapping[int, tuple[Guess, ...]]:
    """The same, but the runner looks only every four weeks."""
    found: dict[int, tuple[Guess, ...]] = {}
    past: list[Past] = []
    begin = truth.rows[0].seen.local_date
    for _, rows in groupby(truth.rows, lambda row: (row.seen.local_date - begin) // LOOKS_EVERY):
        month = list(rows)
        new = guess_all([row.seen for row in month], past, truth.shoes)
        found |= new
        past += [Past(row.seen, row.shoe_id, not _stands(row, new)) for row in month]
    return found


def _stands(row: Past, guesses: Mapping[int, tuple[Guess, ...]]) -> bool:
    best = guesses.get(row.seen.activity_id, ())[:1]
    return any(g.shoe_id == row.shoe_id and g.probability >= SURE for g in best)


def _simple(truth: Truth) -> Iterator[tuple[int | None, int | None, int | None]]:
    """Default for the sport, most used in the last 4 weeks, last worn: each knows only earlier days."""
    for row in truth.rows:
        day = row.seen.local_date
        before = [r for r in truth.rows if r.seen.sport == row.seen.sport and r.seen.local_date < day]
        in_use = {shoe.id for shoe in truth.shoes if shoe.may_be_default_on(day)}
        worn = [r for r in before if r.shoe_id in in_use]
        last = worn[-1].shoe_id if worn else None
        recent = [r.shoe_id for r in worn if day - r.seen.local_date <= FOUR_WEEKS]
        yield _default(before, truth.shoes, in_use, day), _most(recent) or last, last


def _default(before: Sequence[Past], shoes: Sequence[Shoe], in_use: set[int], day: date) -> int | None:
    """The pair that a careful runner would have set: the most worn of the first 20 runs, and when it is
    retired, or was left in the cupboard for 8 weeks of running, the newest of the kinds worn."""
    first = _most([r.shoe_id for r in before[:FIRST_RUNS] if r.shoe_id in in_use])
    lately = {r.shoe_id for r in before if day - r.seen.local_date <= LEFT_IN_CUPBOARD}
    if first is not None and (len(before) < FIRST_RUNS or not lately or first in lately):
        return first
    kinds = {shoe.kind for shoe in shoes if shoe.id in {r.shoe_id for r in before}}
    fitting = [shoe for shoe in shoes if shoe.id in in_use and shoe.kind in kinds]
    return max(fitting, key=lambda shoe: (shoe.bought_on or date.min, shoe.id)).id if fitting else None


def _most(pairs: Sequence[int]) -> int | None:
    return Counter(pairs).most_common(1)[0][0] if pairs else None
