"""How the pairs take turns, which run out together, and how long past pairs lasted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import build
from build import TODAY, run, runs_every, shoe, walk, worn
from midsole.domain import digest
from midsole.domain.lives import life, lives_of_model, mean_cost_per_km, own_limit_m, same_model
from midsole.domain.rotation import (
    rest_days_median,
    rotation,
    run_out_together,
    runs_out_with,
    together_words,
)
from midsole.domain.rules import evaluate, s2_one_pair


def turns(by_pair, more=(), today=TODAY):
    """Of pairs numbered from 1 in the order given, each with its runs."""
    pairs = [worn(shoe(f"Pair {n}", id=n), runs) for n, runs in enumerate(by_pair, 1)]
    return rotation(pairs, [a for runs in (*by_pair, more) for a in runs], today)


def by_name(found):
    return {t.worn.shoe.name: t for t in found.pairs}


# ---- turns


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 70), st.floats(1, 30)), max_size=40))
def test_the_shares_and_what_is_in_no_pair_sum_to_the_whole(told):
    runs = [[run(TODAY - timedelta(days=ago), km) for n, ago, km in told if n == pair] for pair in range(3)]
    found = turns(runs[:2], more=runs[2])
    assert sum(t.distance_m for t in found.pairs) + found.without_pair_m == pytest.approx(found.total_m)
    if found.total_m:
        assert sum(t.share for t in found.pairs) + found.without_pair_m / found.total_m == pytest.approx(1)
        assert all(0 <= t.share <= 1 + 1e-9 for t in found.pairs)
    assert all(t.in_a_row <= t.longest_in_a_row <= t.runs for t in found.pairs)


def test_the_share_is_the_one_that_the_rule_of_one_pair_says():
    main, other = runs_every(2, 10), runs_every(10, 4)
    found = by_name(turns([main, other]))
    pair = worn(shoe("Pair 1"), main)
    (finding,) = s2_one_pair.check(build.facts([*main, *other], shoes=(pair,)))
    assert finding.numbers["share"] == round(found["Pair 1"].share, 4)


def test_a_run_57_days_ago_no_longer_counts_and_a_walk_is_no_run():
    found = turns([[run(TODAY - timedelta(days=56), 10), run(TODAY - timedelta(days=55), 7), walk(TODAY, 5)]])
    assert (found.total_m, found.pairs[0].runs) == (7_000, 1)


def test_rest_is_the_days_between_two_days_with_the_pair():
    days = ["2026-11-02", "2026-11-04", "2026-11-05", "2026-11-09"]
    pair = worn(shoe(), [run(day, 5) for day in [*days, "2026-11-09"]])
    assert rest_days_median(pair, TODAY) == 1
    assert rest_days_median(worn(shoe(), [run("2026-11-02", 5)]), TODAY) is None
    (found,) = turns([[run(day, 5) for day in days]]).pairs
    assert found.days_since_worn == 11


def test_runs_in_a_row_end_where_another_pair_or_none_was_worn():
    first = [run(f"2026-11-{day:02}", 5) for day in (1, 2, 3, 7, 9)]
    second = [run("2026-11-05", 5)]
    found = by_name(turns([first, second], more=[run("2026-11-08", 5)]))
    assert (found["Pair 1"].longest_in_a_row, found["Pair 1"].in_a_row) == (3, 1)
    assert (found["Pair 2"].longest_in_a_row, found["Pair 2"].in_a_row) == (1, 0)


def test_a_pair_in_use_that_rested_for_8_weeks_is_named_and_a_retired_one_is_not():
    old = [run("2026-06-01", 5)]
    rested, retired = worn(shoe("Rested", id=1), old), worn(shoe("Old", id=2, retired_on=TODAY), old)
    found = rotation([rested, retired], old, TODAY)
    assert [t.worn.shoe.name for t in found.pairs] == ["Rested"]
    assert (found.pairs[0].share, found.pairs[0].days_since_worn) == (None, 172)


# ---- running out together


def ending_in(days, name, number):
    """Worn 5 km a day: at its limit after so many days."""
    runs = runs_every(1, 5, for_days=56)
    return worn(shoe(name, id=number, limit_m=280_000 + 5_000 * days), runs)


def test_two_pairs_of_one_fortnight_are_named_together():
    pairs = [ending_in(30, "Ghost", 1), ending_in(44, "Pegasus", 2), ending_in(80, "Boston", 3)]
    (found,) = run_out_together(pairs, TODAY)
    assert [w.shoe.name for w in found.pairs] == ["Ghost", "Pegasus"]
    assert found.days == (TODAY + timedelta(days=30), TODAY + timedelta(days=44))
    assert runs_out_with(pairs, TODAY) == {1: ["Pegasus"], 2: ["Ghost"]}


def test_15_days_apart_are_two_fortnights():
    assert run_out_together([ending_in(30, "Ghost", 1), ending_in(45, "Pegasus", 2)], TODAY) == []


def test_a_day_beyond_three_months_and_a_pair_not_in_use_do_not_count():
    assert run_out_together([ending_in(95, "Ghost", 1), ending_in(95, "Pegasus", 2)], TODAY) == []
    retired = worn(shoe("Old", id=2, retired_on=TODAY), runs_every(1, 5))
    assert run_out_together([ending_in(30, "Ghost", 1), retired], TODAY) == []


@given(st.lists(st.integers(1, 120), max_size=6))
def test_each_pair_is_named_in_one_fortnight_at_most(days):
    pairs = [ending_in(n, f"Pair {number}", number) for number, n in enumerate(days)]
    found = run_out_together(pairs, TODAY)
    named = [w.shoe.id for both in found for w in both.pairs]
    assert len(named) == len(set(named))
    assert all(both.days[-1] - both.days[0] <= timedelta(days=14) for both in found)
    assert set(named) <= set(runs_out_with(pairs, TODAY))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (("2026-12-04", "2026-12-15"), "about 4 to 15 Dec"),
        (("2026-12-28", "2027-01-02"), "about 28 Dec to 2 Jan"),
        (("2026-12-04", "2026-12-04"), "about 4 Dec"),
    ],
)
def test_the_fortnight_is_said_by_its_days(days, said):
    words = together_words(["Ghost", "Pegasus"], [date.fromisoformat(day) for day in days])
    assert words.startswith(f"The Ghost and the Pegasus will be worn out in the same fortnight, {said}.")


def test_the_weekly_mail_says_it_in_one_line_of_its_pairs():
    monday = date(2026, 11, 16)
    pairs = tuple(ending_in(n, name, n) for n, name in ((40, "Ghost"), (45, "Pegasus")))
    facts = build.facts(build.weekly([30, 30, 30, 30, 48]), today=monday, shoes=pairs)
    mail = digest.weekly(facts, monday - timedelta(days=7), (), evaluate(facts))
    (section,) = (s for s in mail.sections if s.title == "Pairs")
    assert [row.text for row in section.rows if "same fortnight" in row.text] == [section.rows[-1].text]


# ---- lives


def past(name="Pegasus 41", km=700, *, number, on="2025-03-01", reason=None, **more):
    pair = shoe(name, id=number, retired_on=date.fromisoformat(on), retired_reason=reason, **more)
    return worn(pair, worn_m=1000 * km)


def test_the_last_three_pairs_of_a_model_the_newest_first():
    pairs = [past(km=600 + n, number=n, on=f"202{n}-01-01") for n in range(1, 5)]
    found = lives_of_model(shoe("Pegasus 41 (new)", id=9), pairs)
    assert [p.distance_m for p in found] == [604_000, 603_000, 602_000]
    assert own_limit_m(found, 1_000) == 603_000


def test_one_past_pair_is_not_enough():
    assert lives_of_model(shoe("Pegasus 41", id=9), [past(number=1)]) == []
    assert own_limit_m([], 1_000) is None


@pytest.mark.parametrize("reason", ["lost", "given away", "too small"])
def test_a_pair_that_was_not_worn_out_has_no_life(reason):
    assert life(past(number=1, reason=reason)) is None


@pytest.mark.parametrize("reason", [None, "", "worn", "Worn out."])
def test_a_pair_retired_for_its_wear_or_without_a_word_has_one(reason):
    assert life(past(number=1, reason=reason)).distance_m == 700_000


def test_a_pair_in_use_hardly_worn_or_of_unknown_start_has_no_life():
    assert life(worn(shoe(), worn_m=700_000)) is None
    assert life(past(km=63, number=1)) is None
    assert life(past(km=64, number=1)) is not None
    assert life(past(number=1, start_m=None, start_how="unknown")) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Pegasus 41", "PEGASUS 41 #2", True),
        ("Nike Pegasus 41", "Pegasus 41 (blue)", True),
        ("Pegasus 41", "Pegasus 40", False),
        ("Nike Vomero", "Adidas Vomero", False),
        ("(blue)", "(red)", False),
        ("Hoka", "Hoka #2", True),
        ("★", "Hoka", False),
    ],
)
def test_models_are_compared_by_their_letters(one, other, same):
    assert same_model(shoe(one), shoe(other)) is same
    assert same_model(shoe(other), shoe(one)) is same


def test_the_model_counts_before_the_name_and_another_kind_is_another_model():
    assert same_model(shoe("Race day", model="Brooks Ghost 16"), shoe("Ghost 16"))
    assert not same_model(shoe("Ghost 16", model="Glycerin 21"), shoe("Ghost 16"))
    assert not same_model(shoe("Ghost 16"), shoe("Ghost 16", kind="trail"))


@given(st.lists(st.floats(100, 1500), min_size=2, max_size=6))
def test_the_limit_that_follows_lies_between_the_shortest_and_the_longest_life(kms):
    found = lives_of_model(shoe("Pegasus 41", id=99), [past(km=km, number=n) for n, km in enumerate(kms)])
    limit_m = own_limit_m(found, 1_000)
    assert limit_m == round(limit_m / 1_000) * 1_000
    assert min(p.distance_m for p in found) - 500 <= limit_m <= max(p.distance_m for p in found) + 500


def test_the_mean_cost_is_of_pairs_with_a_price():
    priced = [life(past(km=500, number=1, price=100.0)), life(past(km=1_000, number=2, price=100.0))]
    assert mean_cost_per_km([*priced, life(past(number=3))]) == pytest.approx(0.15)
    assert mean_cost_per_km([life(past(number=3))]) is None
