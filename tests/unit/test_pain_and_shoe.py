"""P4: which mornings count, what is set against what, and Fisher's exact test in whole numbers."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import day, facts, run, shoe, worn
from midsole.domain.checkins import Body, CheckIn
from midsole.domain.facts import Facts
from midsole.domain.pain_and_shoe import (
    DISTANCE,
    STRETCH,
    SURFACE,
    chance_words,
    comparisons,
    fisher,
    of_pair,
    run_days,
    said,
    shown,
)

FIRST = date(2026, 10, 1)
DAY = timedelta(days=1)
STRETCHED = "heel-drop"


def morning_after(on: date, level: int, **more: object) -> CheckIn:
    where = {"place": "ball-inner", "side": "left"} if level else {}
    return CheckIn(on + DAY, "morning", level, **(where | more))  # type: ignore[arg-type]


def alternating(runs: int, *, sore_in: int = 1, km: float = 5, ticks: tuple[date, ...] = ()) -> Facts:
    """Every second day a run, in two pairs by turns; sore after those in one of them."""
    made = [run(FIRST + 2 * n * DAY, km) for n in range(runs)]
    pairs = [worn(shoe("Pegasus", id=1), made[::2]), worn(shoe("Ghost", id=2), made[1::2])]
    answers = [morning_after(r.local_date, 2 if n % 2 == sore_in - 1 else 0) for n, r in enumerate(made)]
    body = Body(check_ins=tuple(answers), ticks=tuple((on, STRETCHED) for on in ticks))
    return facts(made, shoes=tuple(pairs), body=body)


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((5, 5, 0, 5), 2 / 252),
        ((3, 4, 1, 4), 0.4857142857142857),  # the lady tasting tea, both sides
        ((1, 10, 11, 14), 0.0027594561852200836),  # men and women of R's fisher.test pages
        ((5, 6, 1, 9), 0.010989010989010988),
        ((0, 5, 0, 5), 1.0),
        ((8, 10, 1, 6), 0.03496503496503495),  # scipy's own example
    ],
)
def test_the_test_gives_the_published_values(table: tuple[int, int, int, int], p: float) -> None:
    assert fisher(*table) == pytest.approx(p, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=5), st.lists(st.booleans(), min_size=1, max_size=5))
def test_the_test_is_a_count_of_all_ways_to_deal_the_mornings(mine: list[bool], others: list[bool]) -> None:
    """Deal the sore mornings to all runs in every possible way: each way is as likely as any other."""
    total, of, hits = len(mine) + len(others), len(mine), sum(mine) + sum(others)
    dealt = [sum(n < of for n in sore) for sore in combinations(range(total), hits)]
    ways = {k: dealt.count(k) for k in dealt}
    extreme = sum(count for count in ways.values() if count <= ways[sum(mine)])
    assert fisher(sum(mine), of, sum(others), len(others)) == float(Fraction(extreme, len(dealt)))


def test_sore_in_one_pair_only_is_a_pattern_from_five_and_five() -> None:
    found = of_pair(comparisons(alternating(10)), 1)
    assert found is not None
    assert found.words == "5 of 5 against 0 of 5"
    assert found.p == pytest.approx(2 / 252)
    assert found.is_pattern
    assert said(found) == (
        "Pegasus: sore the next morning after 5 of 5 runs, after runs in other pairs 0 of 5 "
        "(p = 0.008: a pattern)."
    )


def test_with_four_on_a_side_nothing_is_tested() -> None:
    found = of_pair(comparisons(alternating(9)), 2)
    assert found is not None
    assert (found.words, found.is_shown, found.p, found.is_pattern) == (
        "0 of 4 against 5 of 5",
        False,
        None,
        False,
    )
    assert said(found).endswith("Too few to compare: it takes 5 on each side.")


def test_two_pairs_are_one_comparison_told_of_the_sorer_one() -> None:
    names = [one.name for one in shown(comparisons(alternating(10))) if one.about == "pair"]
    assert names == ["Pegasus"]


def test_an_unknown_morning_does_not_count_and_neither_does_one_behind_a_painkiller() -> None:
    runs = [run(FIRST + n * 3 * DAY, 5) for n in range(4)]
    first, second, third, _ = (r.local_date for r in runs)
    answers = (
        morning_after(first, 0),
        morning_after(second, 0, signs=("painkiller",)),
        CheckIn(third, "after", 0),
    )
    assert [d.on for d in run_days(facts(runs, body=Body(check_ins=answers)))] == [first]


def test_a_painkiller_on_the_evening_of_the_run_hides_the_morning_too() -> None:
    the_run = run("2026-11-02", 5)
    answers = (
        CheckIn(day("2026-11-02"), "after", 0, signs=("painkiller",)),
        morning_after(day("2026-11-02"), 0),
    )
    assert run_days(facts([the_run], body=Body(check_ins=answers))) == []


def test_any_soreness_counts_wherever_it_is() -> None:
    on = day("2026-11-02")
    answers = (morning_after(on, 0), morning_after(on, 1, place="heel", side="right"))
    (found,) = run_days(facts([run(on, 5)], body=Body(check_ins=answers)))
    assert found.sore


def test_a_day_with_two_pairs_tells_nothing_of_either() -> None:
    on = day("2026-11-02")
    early, late = run(on, 5), run(on, 5, clock="18:00")
    split = run("2026-11-04", 10)
    pairs = (worn(shoe(id=1), [early, split]), worn(shoe("Ghost", id=2), [late, split]))
    body = Body(check_ins=(morning_after(on, 2), morning_after(split.local_date, 2)))
    assert [d.shoe_id for d in run_days(facts([early, late, split], shoes=pairs, body=body))] == [None, None]


def test_a_guess_that_is_not_sure_tells_nothing_of_a_pair() -> None:
    the_run = run("2026-11-02", 5, id=77)
    body = Body(check_ins=(morning_after(day("2026-11-02"), 2),))
    (sure,) = run_days(facts([the_run], shoes=(worn(shoe(), [the_run]),), body=body))
    (unsure,) = run_days(facts([the_run], shoes=(worn(shoe(), [the_run]),), body=body, unworn=(77,)))
    assert (sure.shoe_id, unsure.shoe_id) == (1, None)


def test_surfaces_and_distances_are_counted_as_well() -> None:
    made = [
        run(FIRST + 2 * n * DAY, 5 if n % 2 else 12, surface="road" if n % 2 else "trail") for n in range(12)
    ]
    answers = tuple(morning_after(r.local_date, 0 if n % 2 else 3) for n, r in enumerate(made))
    found = shown(comparisons(facts(made, body=Body(check_ins=answers))))
    assert [(c.about, c.name, c.words) for c in found] == [
        (SURFACE, "Trail", "6 of 6 against 0 of 6"),
        (DISTANCE, "Runs of 12 km or more", "6 of 6 against 0 of 6"),
    ]


def test_runs_of_one_length_are_no_bands() -> None:
    assert not [c for c in comparisons(alternating(10)) if c.about == DISTANCE]


def test_days_since_a_calf_stretch_leave_out_what_lies_before_the_first_tick() -> None:
    ticks = tuple(FIRST + 2 * n * DAY for n in range(1, 12, 2))
    found = [c for c in shown(comparisons(alternating(13, ticks=ticks))) if c.about == STRETCH]
    assert [(c.words, c.runs + c.other_runs) for c in found] == [("6 of 6 against 0 of 6", 12)]
    assert found[0].name == "Last calf stretch ticked two days before or longer ago"


def test_many_comparisons_say_that_chance_hits_are_likelier() -> None:
    assert "one in 20" in chance_words(6)
    assert "6 comparisons" in chance_words(6)
    assert "comparisons at once" not in chance_words(1)


def test_without_answers_nothing_is_counted() -> None:
    assert comparisons(facts([run("2026-11-02", 5)])) == ()
