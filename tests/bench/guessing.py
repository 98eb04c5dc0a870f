"""How often the guess of the pair is right, how well it knows that, and how long it takes."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from habits import HABITS, Habit, runner

from bench import bike_log
from bench.guess_walk import Told, Truth, confirmed, corrected, seldom_corrected, truth_of, walked
from bench.report import Figure, Part, Table, prose
from bench.waiting import median
from midsole.domain.guess import Past, guess_all

SEEDS, RANDOM_SEEDS, QUICK_SEEDS = range(501, 507), range(501, 521), range(501, 502)
RUNS, QUICK_RUNS = 3_000, 300
WAYS = ("default", "four_weeks", "last")
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def measure(*, quick: bool) -> Part:
    times = _times(QUICK_RUNS if quick else RUNS)
    truths = {habit: [truth_of(runner(habit, seed)) for seed in _seeds(habit, quick)] for habit in HABITS}
    said = {habit: _all(walked(t, confirmed(t)) for t in of) for habit, of in truths.items()}
    few = {habit: of[: len(SEEDS)] for habit, of in truths.items()}
    stood = {habit: _all(walked(t, corrected(t)) for t in of) for habit, of in few.items()}
    late = {habit: walked(of[0], seldom_corrected(of[0])) for habit, of in truths.items()}
    figures = [
        *_figures("", said),
        *_figures(", only mistakes corrected", stood),
        *times,
        *_bikes(),
    ]
    facts = [
        reliability("every run is confirmed", _all(said.values())),
        reliability("only mistakes are corrected", _all(stood.values())),
        reliability("mistakes are corrected every four weeks", _all(late.values())),
    ]
    return Part("Which pair was it?", figures, [_how()], _table(said), facts)


def _seeds(habit: Habit, quick: bool) -> range:
    if quick:
        return QUICK_SEEDS
    return SEEDS if habit.driven else RANDOM_SEEDS


def _how() -> str:
    return prose(
        f"""{len(HABITS)} habits of runners made up by `scripts/habits.py` (`scripts/demo-data --habits`
        writes them as tables), each two and a half years long, with holidays, injuries, missing fields, pairs
        that wear out, and 5 to 10 runs in a hundred in another pair than the habit says. {len(SEEDS)} runners
        a habit, {len(RANDOM_SEEDS)} where the pair is drawn by lot; none of these runners was looked at while
        the guess was made. Each run is guessed from what was known the day before. Beside it three simpler
        ways: the default for the sport, set as a careful runner would; the pair most used in the last
        4 weeks; the pair worn last. "Only mistakes corrected": the runner answers what is given less than 0.8
        and corrects what is wrong; what is right stands unsaid. The rides are the real ones of
        eleven years, on two bikes whose dates nobody told."""
    )


def _all(parts: Iterable[list[Told]]) -> list[Told]:
    return [told for part in parts for told in part]


def _figures(how: str, found: dict[Habit, list[Told]]) -> list[Figure]:
    habits = _all(told for habit, told in found.items() if habit.driven)
    worse = max(_worse(told) for habit, told in found.items() if not habit.driven)
    left = 100 * sum(t.is_wrong for t in habits) / sum(t.default != t.right for t in habits)
    everything = _all(found.values())
    middle, top = _right(everything, 0.8, 0.9), _right(everything, 0.9, 1.1)
    return [
        Figure(f"errors of the default that are left, with a habit{how}", left, 50, "%"),
        Figure(f"wrong beyond the best simple way, drawn by lot{how}", worse, 1, "points"),
        Figure(f"right where given 0.8-0.9{how}", middle, 80, "%", at_least=True),
        Figure(f"right where given 0.8-0.9, not too humble{how}", middle, 90, "%"),
        Figure(f"right where given 0.9-1.0{how}", top, 90, "%", at_least=True),
    ]


def _worse(told: Sequence[Told]) -> float:
    return _wrong(told) - min(_wrong_by(told, way) for way in WAYS)


def _wrong(told: Sequence[Told]) -> float:
    return 100 * sum(t.is_wrong for t in told) / len(told)


def _wrong_by(told: Sequence[Told], way: str) -> float:
    return 100 * sum(getattr(t, way) != t.right for t in told) / len(told)


def _right(told: Sequence[Told], low: float, high: float) -> float | None:
    within = [t for t in told if low <= t.guess[0].probability < high]
    return 100 - _wrong(within) if within else None


def _table(found: dict[Habit, list[Told]]) -> Table:
    header = ("habit", "runs", "guess wrong", "default wrong", "4 weeks wrong", "last wrong",
              "default's errors left", "given 0.8 or more", "of these right")  # fmt: skip
    return Table(header, [line(habit.name, told) for habit, told in found.items()])


def line(name: str, told: Sequence[Told]) -> tuple[str, ...]:
    answered = [t for t in told if t.is_answered]
    ways = [_wrong_by(told, way) for way in WAYS]
    right = f"{100 - _wrong(answered):.1f} %" if answered else "-"
    left = f"{100 * _wrong(told) / ways[0]:.0f} %" if ways[0] else "-"
    wrong = [f"{value:.1f} %" for value in (_wrong(told), *ways)]
    return name, f"{len(told):,}", *wrong, left, f"{100 * len(answered) / len(told):.0f} %", right


def reliability(how: str, everything: Sequence[Told]) -> str:
    parts = []
    for low, high in zip(BINS, [*BINS[1:-1], 1.1], strict=False):
        within = [t for t in everything if low <= t.guess[0].probability < high]
        if within:
            parts.append(f"{low:.1f}-{min(high, 1):.1f}: {100 - _wrong(within):.1f} % of {len(within):,}")
    return f"Of guesses given a probability, so many were right, where {how}: {'; '.join(parts)}."


def _times(runs: int) -> list[Figure]:
    truth = _long(runs + 1)
    *past, last = truth.rows
    one = median(lambda: guess_all([last.seen], past, truth.shoes))
    begin = time.perf_counter()
    guess_all([row.seen for row in truth.rows], truth.rows, truth.shoes)
    whole = time.perf_counter() - begin
    return [
        Figure(f"learn from {runs:,} runs and guess one", one * 1000, 50, "ms"),
        Figure(f"guess {runs:,} runs one after another", whole, 5, "s"),
    ]


def _long(runs: int) -> Truth:
    """One runner with so many runs: several lives of the same habit, one after the other."""
    habit = next(habit for habit in HABITS if habit.name == "mixture")
    rows: list[Past] = []
    shoes = []
    life = 0
    while len(rows) < runs:
        truth = truth_of(runner(habit, 601 + life))
        later, ids = timedelta(days=1_000 * life), 10_000 * life
        rows += [_later(row, later, ids) for row in truth.rows]
        shoes += [
            replace(s, id=s.id + ids, bought_on=s.bought_on and s.bought_on + later,
                    retired_on=(s.retired_on or truth.rows[-1].seen.local_date) + later)
            for s in truth.shoes
        ]  # fmt: skip
        life += 1
    return Truth(rows[:runs], shoes)


def _later(row: Past, later: timedelta, ids: int) -> Past:
    seen = replace(
        row.seen,
        activity_id=row.seen.activity_id + ids,
        local_date=row.seen.local_date + later,
        started_at=row.seen.started_at + later,
    )
    return Past(seen, row.shoe_id + ids, row.sure)


def _bikes() -> list[Figure]:
    what = "errors of the default that are left, real rides"
    if not bike_log.LOG.exists():
        return [Figure(what, None, 50, "%", why=f"{bike_log.LOG.name} is not here")]
    log = bike_log.read()
    truth = Truth(sorted(log.rides, key=lambda row: row.seen.started_at), log.bikes)
    told = walked(truth, confirmed(truth))
    default = sum(t.default != t.right for t in told)
    wrong = sum(t.is_wrong for t in told)
    return [Figure(f"{what} ({wrong} of {default})", 100 * wrong / max(1, default), 50, "%")]
