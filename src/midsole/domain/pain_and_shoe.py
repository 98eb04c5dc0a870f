"""P4: sore mornings counted by pair, surface, distance and days since a calf stretch; never a cause.

RULES.md section 3; docs/decisions/0030-pain-and-shoe.md says what counts and why the test is our own."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import comb

from midsole.domain.activity import Activity
from midsole.domain.checkins import MORNING, Body, CheckIn
from midsole.domain.exercises import days_since_calf_stretch
from midsole.domain.facts import Facts
from midsole.domain.letter import plain
from midsole.domain.units import distance, unit_m
from midsole.domain.weeks import DAY

SHOWN_FROM = 5
"""Runs on each side."""
PATTERN_BELOW = 0.05
STRETCHED_DAYS = 1
"""That day or the day before counts as stretched lately."""
PAIR, SURFACE, DISTANCE, STRETCH = "pair", "surface", "distance", "stretch"
COUNTED = "Counted, not caused: what goes together need not follow from one another."


@dataclass(frozen=True, slots=True)
class RunDay:
    """A day with runs whose next morning is known. None: not known, or more than one of them that day."""

    on: date
    sore: bool
    distance_m: float
    shoe_id: int | None
    surface: str | None
    stretched_days: int | None
    """Days since the last calf stretch that was ticked; None where none ever was."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Sore mornings after runs in one group against those after all other runs.

    `about` is pair, surface, distance or stretch; `p` is Fisher's, None below 5 runs on either side."""

    about: str
    subject: str
    name: str
    others: str
    sore: int
    runs: int
    other_sore: int
    other_runs: int

    @property
    def is_shown(self) -> bool:
        return min(self.runs, self.other_runs) >= SHOWN_FROM

    @property
    def p(self) -> float | None:
        if not self.is_shown:
            return None
        return fisher(self.sore, self.runs, self.other_sore, self.other_runs)

    @property
    def is_pattern(self) -> bool:
        return self.p is not None and self.p < PATTERN_BELOW

    @property
    def words(self) -> str:
        """ "5 of 6 against 1 of 9"."""
        return f"{self.sore} of {self.runs} against {self.other_sore} of {self.other_runs}"


def fisher(hits: int, of: int, other_hits: int, other_of: int) -> float:
    """Fisher's exact test, two-sided: the share of all tables with these sums that are at most as likely.

    Fisher 1922; whole numbers throughout, so that two equally likely tables never differ by a last bit."""
    total_hits = hits + other_hits
    lowest, highest = max(0, total_hits - other_of), min(of, total_hits)
    ways = [comb(of, n) * comb(other_of, total_hits - n) for n in range(lowest, highest + 1)]
    seen = ways[hits - lowest]
    return sum(w for w in ways if w <= seen) / sum(ways)


# ---- which days count


def run_days(facts: Facts) -> list[RunDay]:
    """Of the days in sight those whose next morning was answered, without a painkiller."""
    answers: dict[date, list[CheckIn]] = {}
    for answer in facts.body.check_ins:
        answers.setdefault(answer.on_day, []).append(answer)
    if not answers:
        return []
    worn = _pairs_by_run(facts)
    ran: dict[date, list[Activity]] = {}
    for run in (a for a in facts.activities if a.is_run):
        ran.setdefault(run.local_date, []).append(run)
    return [
        _run_day(day, runs, sore, worn, facts.body)
        for day, runs in sorted(ran.items())
        if (sore := next_morning(answers, day)) is not None
    ]


def next_morning(answers: Mapping[date, Sequence[CheckIn]], run_on: date) -> bool | None:
    """Whether it was sore anywhere; None where nobody said, or a painkiller may have hidden it."""
    both_days = [*answers.get(run_on, ()), *answers.get(run_on + DAY, ())]
    mornings = [a for a in answers.get(run_on + DAY, ()) if a.moment == MORNING]
    if not mornings or any(a.has_painkiller for a in both_days):
        return None
    return any(not a.is_painless for a in mornings)


def _pairs_by_run(facts: Facts) -> dict[int, set[int]]:
    """Activity id -> its pairs; what is only guessed at is left out."""
    unsure = set(facts.unworn)
    found: dict[int, set[int]] = {}
    for pair in facts.shoes:
        for wear in pair.recent:
            if wear.distance_m > 0 and wear.activity_id not in unsure:
                found.setdefault(wear.activity_id, set()).add(pair.shoe.id)
    return found


def _run_day(
    day: date, runs: Sequence[Activity], sore: bool, worn: Mapping[int, set[int]], body: Body
) -> RunDay:
    unknown: set[int | None] = {None}
    pairs = set[int | None]().union(*(worn.get(run.id, unknown) for run in runs))
    surfaces = {None if run.surface == "unknown" else run.surface for run in runs}
    return RunDay(
        on=day,
        sore=sore,
        distance_m=sum(run.counted_m for run in runs),
        shoe_id=_only(pairs),
        surface=_only(surfaces),
        stretched_days=days_since_calf_stretch(body, day),
    )


def _only[T](found: Iterable[T | None]) -> T | None:
    several = list(found)
    return several[0] if len(several) == 1 else None


# ---- what is compared


def comparisons(facts: Facts) -> tuple[Comparison, ...]:
    """Every group against the rest, pairs first; also those with too few runs to be shown."""
    days = run_days(facts)
    return (*_pairs(facts, days), *_surfaces(days), *_distances(days, facts.units), *_stretches(days))


def shown(found: Iterable[Comparison]) -> list[Comparison]:
    """Those with enough runs; of two groups that mirror one another the sorer one alone."""
    kept: list[Comparison] = []
    for one in sorted((c for c in found if c.is_shown), key=lambda c: -c.sore / c.runs):
        if not any(_mirrors(one, other) for other in kept):
            kept.append(one)
    order = (PAIR, SURFACE, DISTANCE, STRETCH)
    return sorted(kept, key=lambda c: order.index(c.about))


def _mirrors(one: Comparison, other: Comparison) -> bool:
    mine = (one.about, one.sore, one.runs, one.other_sore, one.other_runs)
    return mine == (other.about, other.other_sore, other.other_runs, other.sore, other.runs)


def of_pair(found: Iterable[Comparison], shoe_id: int) -> Comparison | None:
    """The pair against all others, however few its runs; None where no morning after one is known."""
    return next((c for c in found if c.about == PAIR and c.subject == str(shoe_id)), None)


def chance_words(count: int) -> str:
    """What several comparisons at once do to each."""
    if count < 2:
        return "Below 0.05 such a count would come up by chance alone less than once in 20 times."
    return (
        f"These are {count} comparisons at once, and about one in 20 falls below 0.05 by chance alone: the "
        "more there are, the likelier such a hit."
    )


def said(one: Comparison) -> str:
    """The counts with their p, in words."""
    p = one.p
    first = (
        f"{one.name}: sore the next morning after {one.sore} of {_runs(one.runs)}, after {one.others} "
        f"{one.other_sore} of {one.other_runs}"
    )
    if p is None:
        return f"{first}. Too few to compare: it takes {SHOWN_FROM} on each side."
    return f"{first} ({p_words(p)}{': a pattern' if one.is_pattern else ': no pattern'})."


def p_words(p: float) -> str:
    return "p below 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _against_rest[T: Hashable](
    about: str,
    days: Sequence[RunDay],
    group_of: Callable[[RunDay], T | None],
    names: Mapping[T, str],
    others: str,
) -> list[Comparison]:
    grouped: dict[T, list[bool]] = {}
    for day in days:
        if (group := group_of(day)) is not None:
            grouped.setdefault(group, []).append(day.sore)
    sore, runs = sum(map(sum, grouped.values())), sum(map(len, grouped.values()))
    return [
        Comparison(about, str(g), name, others, sum(mine), len(mine), sore - sum(mine), runs - len(mine))
        for g, name in names.items()
        if (mine := grouped.get(g))
    ]


def _pairs(facts: Facts, days: Sequence[RunDay]) -> list[Comparison]:
    names = {pair.shoe.id: pair.shoe.name for pair in facts.shoes}
    return _against_rest(PAIR, days, lambda day: day.shoe_id, names, "runs in other pairs")


def _surfaces(days: Sequence[RunDay]) -> list[Comparison]:
    names = {day.surface: day.surface.capitalize() for day in days if day.surface}
    return _against_rest(SURFACE, days, lambda day: day.surface, names, "runs on other surfaces")


def _distances(days: Sequence[RunDay], units: str) -> list[Comparison]:
    """By thirds of the runner's own distances, cut at whole kilometres or miles."""
    metres, unit = sorted(day.distance_m for day in days), unit_m(units)
    places = {round(metres[len(metres) * n // 3] / unit) * unit for n in (1, 2)} if metres else set[float]()
    cuts = [0.0, *sorted(place for place in places if place > 0)]
    names = {n: _band_words(cuts, n, units) for n in range(len(cuts))}
    band_of: Callable[[RunDay], int] = lambda day: sum(cut <= day.distance_m for cut in cuts) - 1  # noqa: E731
    found = _against_rest(DISTANCE, days, band_of, names, "other runs")
    return found if len(found) > 1 else []


def _band_words(cuts: Sequence[float], number: int, units: str) -> str:
    low, high = (plain(distance(m, units)) for m in (cuts[number], cuts[min(number + 1, len(cuts) - 1)]))
    if number == len(cuts) - 1:
        return f"Runs of {low} or more"
    return f"Runs below {high}" if number == 0 else f"Runs from {low} to {high}"


def _stretches(days: Sequence[RunDay]) -> list[Comparison]:
    """Runs before the first tick are left out: whether one stretched then is not known."""
    names = {
        True: "Calf stretch ticked that day or the day before",
        False: "Last calf stretch ticked two days before or longer ago",
    }
    lately: Callable[[RunDay], bool | None] = lambda day: (  # noqa: E731
        None if day.stretched_days is None else day.stretched_days <= STRETCHED_DAYS
    )
    found = _against_rest(STRETCH, days, lately, names, "other runs")
    return found if len(found) > 1 else []
