"""All-day wear: which steps of a day go on which pair, and how far they are."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import TODAY, facts, run, runs_every, shoe, worn
from midsole.domain.errors import UsageError
from midsole.domain.everyday import Step, all_day, refuse_too_much, step_of
from midsole.domain.facts import NOTE, Facts
from midsole.domain.forecast import forecast
from midsole.domain.letter import in_use, pair_row
from midsole.domain.rules import evaluate
from midsole.domain.shoes import DayWear, Shoe, Worn

FIRST = date(2026, 11, 1)
HALF = shoe("Walker", "walking", id=1, everyday_share=0.5, everyday_from=FIRST)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def steps_on(
    pairs: list[Shoe], steps: dict[date, int], active: dict[date, int] | None = None
) -> dict[int, float]:
    found = all_day(pairs, steps, active or {}, Step())
    return {shoe_id: sum(d.steps for d in days) for shoe_id, days in found.items()}


def test_a_share_of_the_steps_outside_of_activities_goes_on_the_pair() -> None:
    assert steps_on([HALF], {day(0): 10_000, day(1): 8_000}, {day(1): 6_000}) == {1: 6_000}
    (one,) = all_day([HALF], {day(0): 10_000}, {}, Step())[1]
    assert (one.local_date, one.distance_m) == (day(0), pytest.approx(3_500))


def test_a_day_with_more_steps_in_its_activities_than_in_all_has_none_left() -> None:
    assert steps_on([HALF], {day(0): 5_000}, {day(0): 5_200}) == {}


def test_only_days_from_the_first_on_until_the_pair_is_retired_count() -> None:
    retired = replace(HALF, retired_on=day(2))
    assert steps_on([retired], {day(n): 1_000 for n in range(-3, 6)}) == {1: 1_500}


def test_without_a_share_nothing_is_taken() -> None:
    assert steps_on([shoe(), replace(HALF, id=2, everyday_share=0.0)], {day(0): 1_000}) == {}


@st.composite
def a_pair(draw: st.DrawFn, number: int) -> Shoe:
    begins = draw(st.integers(0, 10))
    ends = draw(st.none() | st.integers(begins, 14))
    return shoe(
        id=number,
        everyday_share=draw(st.integers(0, 100)) / 100,
        everyday_from=day(begins),
        retired_on=None if ends is None else day(ends),
    )


PAIRS = st.tuples(a_pair(1), a_pair(2), a_pair(3))
STEPS = st.dictionaries(st.integers(0, 15).map(day), st.integers(0, 40_000))


@given(PAIRS, STEPS, STEPS)
def test_no_day_gives_more_steps_than_it_has_outside_of_activities(
    pairs: tuple[Shoe, ...], steps: dict[date, int], active: dict[date, int]
) -> None:
    found = [one for days in all_day(pairs, steps, active, Step()).values() for one in days]
    for on, taken in steps.items():
        given_out = sum(one.steps for one in found if one.local_date == on)
        assert given_out <= max(0, taken - active.get(on, 0)) + 1e-6


@given(PAIRS)
def test_what_is_refused_is_more_than_all_steps_of_some_day(pairs: tuple[Shoe, ...]) -> None:
    wanted, *others = pairs
    too_much = [
        on
        for on in map(day, range(16))
        if wanted.everyday_share_on(on) and sum(p.everyday_share_on(on) for p in pairs) > 1 + 1e-9
    ]
    if too_much:
        with pytest.raises(UsageError, match="more than 100 %"):
            refuse_too_much(wanted, others)
    else:
        refuse_too_much(wanted, others)


def test_the_refusal_names_who_takes_how_much() -> None:
    other = replace(HALF, id=2, name="Clogs", everyday_share=0.6)
    with pytest.raises(UsageError, match=r"On 2026-11-01 Clogs takes 60 % of the daily steps already"):
        refuse_too_much(HALF, [HALF, other])


def test_the_step_is_the_median_of_the_runners_own_walks() -> None:
    assert step_of([(700, 1_000), (800, 1_000), (900, 1_000)]) == Step(0.8, True)


def test_without_a_walk_that_can_be_so_a_step_is_70_centimetres() -> None:
    assert step_of([]) == step_of([(5_000, 10), (10, 5_000), (5_000, 0)]) == Step(0.70, False)


# on the pair, in the rules and in the mails


RUNS = runs_every(2, 5, until=TODAY, for_days=60)


def all_day_pair(pair: Shoe, *, daily_m: float = 2_000, days: int = 60, runs: bool = True) -> Worn:
    """Worn all day on each of the last days, and in every run."""
    every = tuple(DayWear(TODAY - timedelta(days=n), 2_857, daily_m) for n in reversed(range(days)))
    metres = sum(d.distance_m for d in every)
    return replace(
        worn(pair, RUNS if runs else ()), everyday_steps=2_857 * days, everyday_m=metres, everyday=every
    )


def findings(f: Facts, rule: str) -> list[tuple[str, date, str]]:
    return [(x.level, x.happened_on, x.text) for x in evaluate(f) if x.rule == rule]


def test_all_day_wear_counts_towards_the_limit_and_not_as_runs() -> None:
    pair = all_day_pair(shoe(start_m=10_000))
    assert (pair.worn_m, pair.runs, pair.distance_m) == (150_000, 30, 280_000)
    assert pair.used_fraction == 280_000 / 640_000


def test_s1_says_how_much_of_it_is_all_day_wear() -> None:
    f = facts(RUNS, shoes=(all_day_pair(shoe(start_m=200_000)),))
    ((level, _, text),) = findings(f, "S1")
    assert level == NOTE
    assert "has 470 km: 73 % of its limit of 640 km, of it about 120 km all-day wear, estimated." in text


def test_s1_is_news_from_the_day_that_passed_the_threshold_also_without_a_run() -> None:
    pair = all_day_pair(shoe(start_m=448_000 - 120_000 + 4_500), runs=False)
    ((_, happened_on, _),) = findings(facts([], shoes=(pair,)), "S1")
    assert happened_on == TODAY - timedelta(days=2)


def test_a_pair_worn_all_day_is_in_use_and_its_wear_is_foreseen() -> None:
    pair = all_day_pair(shoe(start_m=0), runs=False)
    assert in_use(facts([], shoes=(pair,))) == [pair]
    assert "of it about 120 km all-day wear, estimated" in pair_row(pair, facts([])).text
    ahead = forecast(pair, TODAY)
    assert ahead.km_per_week == pytest.approx(14, rel=0.02)
    assert ahead.p50 is not None


def test_all_day_wear_brings_the_end_of_a_pair_nearer() -> None:
    alone, both = (forecast(p, TODAY).p50 for p in (worn(shoe(), RUNS), all_day_pair(shoe())))
    assert alone is not None
    assert both is not None
    assert both < alone


def test_all_day_wear_is_no_run_for_the_rule_of_one_pair_only() -> None:
    other = worn(shoe("Ghost", id=2), [run(TODAY, 10)])
    plain = (worn(shoe(), RUNS), other)
    everyday = (all_day_pair(shoe(), daily_m=9_000), other)
    assert findings(facts(RUNS, shoes=everyday), "S2") == findings(facts(RUNS, shoes=plain), "S2")
