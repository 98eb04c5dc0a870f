"""Which pair a run probably used: habits are found, doubt is said, and nothing is known too early."""

import csv
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from habits import HABITS, runner
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.guess_walk import Truth, confirmed, corrected, truth_of, walked
from build import at, shoe
from midsole.domain.guess import BEFORE, FIRMNESS, Guess, Past, Seen, guess_all
from midsole.domain.guess_heirs import Heir, heirs
from midsole.domain.guess_logit import Choice, fit
from midsole.domain.guess_memory import FEATURES
from midsole.domain.shoes import Shoe

SCRIPTS = Path(__file__).parents[2] / "scripts"
BEGIN = date(2026, 1, 5)
ROAD, OTHER, TRAIL = shoe("Ghost", id=11), shoe("Pegasus", id=12), shoe("Speedgoat", "trail", id=13)
PAIRS = (ROAD, OTHER, TRAIL)


def seen(number: int, *, km: float = 10, minutes: float = 60, surface: str = "road", **more: object) -> Seen:
    """A run every second day, at half past six in the evening."""
    day = BEGIN + timedelta(days=2 * number)
    values = {"sport": "running", "hour": 18.5, "moving_s": minutes * 60, "local_date": day} | more
    return Seen(number, started_at=at(day, "18:30"), surface=surface, distance_m=km * 1000, **values)  # type: ignore[arg-type]


def named(runs: list[Seen], *pairs: Shoe) -> list[Past]:
    """The pairs in turn, by the runner's word."""
    return [Past(run, pairs[n % len(pairs)].id, True) for n, run in enumerate(runs)]


def long_runs(count: int) -> list[Seen]:
    """Each fourth run is a long one."""
    return [
        seen(n, km=21 if n % 4 == 0 else 8 + n % 3, minutes=120 if n % 4 == 0 else 48) for n in range(count)
    ]


def by_ground(numbers: range) -> list[Past]:
    """The trail pair on every third run, which is on a trail."""
    return [
        Past(seen(n, surface="road" if n % 3 else "trail"), (ROAD if n % 3 else TRAIL).id, True)
        for n in numbers
    ]


def guess(run: Seen, past: list[Past], shoes: tuple[Shoe, ...] = PAIRS) -> tuple[Guess, ...]:
    return guess_all([run], past, shoes).get(run.activity_id, ())


# ---- when nobody can say


def test_fewer_than_five_choices_of_the_runner_teach_nothing():
    runs = [seen(n) for n in range(5)]
    assert guess(seen(9), named(runs[:4], ROAD)) == ()
    assert guess(seen(9), named(runs, ROAD)) != ()


def test_what_was_only_left_standing_teaches_nothing_by_itself():
    past = [replace(row, sure=False) for row in named([seen(n) for n in range(60)], ROAD)]
    assert guess(seen(70), past) == ()


def test_who_was_right_so_long_that_nothing_had_to_be_said_is_still_guessed():
    """Five words at the beginning, then 700 runs in which every guess stood."""
    past = named([seen(n) for n in range(705)], ROAD, OTHER)
    past = [replace(row, sure=n < 5) for n, row in enumerate(past)]
    assert guess(seen(705), past)[0].shoe_id == OTHER.id
    assert guess(seen(705), past)[0].probability > 0.8


def test_a_walk_gets_no_guess_from_runs_alone():
    past = named([seen(n) for n in range(40)], ROAD)
    assert guess(seen(50, sport="walking"), past) == ()


def test_a_ride_gets_no_guess_from_runs():
    assert guess(seen(50, sport="cycling"), named([seen(n) for n in range(40)], ROAD)) == ()


def test_a_single_pair_that_nobody_named_is_no_guess():
    old = replace(ROAD, retired_on=seen(40).local_date)
    assert guess(seen(50), named([seen(n) for n in range(40)], old), (old, OTHER)) == ()


def test_the_only_pair_left_is_sure_where_it_was_named_before():
    assert guess(seen(50), named([seen(n) for n in range(9)], ROAD), (ROAD,)) == (Guess(ROAD.id, 1.0),)


def test_without_pairs_or_runs_there_is_no_guess():
    assert guess(seen(1), [], ()) == ()
    assert guess_all([], named([seen(n) for n in range(9)], ROAD), PAIRS) == {}


# ---- habits


def test_the_trail_pair_is_guessed_on_a_trail_and_the_road_pair_on_the_road():
    past = by_ground(range(60))
    for surface, pair in (("trail", TRAIL), ("road", ROAD)):
        best = guess(seen(61, surface=surface), past)[0]
        assert best.shoe_id == pair.id
        assert best.probability > 0.85


def test_two_pairs_in_turn_are_guessed_in_turn_also_while_nobody_says_anything():
    runs = [seen(n) for n in range(70)]
    found = guess_all(runs[60:], named(runs[:60], ROAD, OTHER), (ROAD, OTHER))
    assert [found[n][0].shoe_id for n in range(60, 70)] == [ROAD.id, OTHER.id] * 5


def test_the_longer_nobody_says_anything_the_less_sure_is_what_hangs_on_the_last_pair():
    runs = [seen(n) for n in range(90)]
    found = guess_all(runs[60:], named(runs[:60], ROAD, OTHER), (ROAD, OTHER), sure_from=1.0)
    assert found[60][0].probability > found[70][0].probability > found[89][0].probability


def test_a_long_run_is_guessed_in_the_pair_of_the_long_runs():
    past = [Past(run, (OTHER if run.distance_m > 20_000 else ROAD).id, True) for run in long_runs(80)]
    assert guess(seen(82, km=20, minutes=114), past)[0].shoe_id == OTHER.id
    assert guess(seen(82, km=9, minutes=50), past)[0].shoe_id == ROAD.id


def test_who_corrects_only_the_exceptions_has_not_said_that_everything_is_one():
    """Were the runs left out that the default got right, each run would seem to be in the other pair."""
    runs = [seen(n, surface="trail" if n % 5 == 0 else "road") for n in range(80)]
    past = [Past(r, (TRAIL if r.surface == "trail" else ROAD).id, r.surface == "trail") for r in runs]
    past[1:3] = [replace(row, sure=True) for row in past[1:3]]
    assert guess(seen(82), past)[0].shoe_id == ROAD.id
    assert guess(seen(82, surface="trail"), past)[0].shoe_id == TRAIL.id


def test_a_toss_of_a_coin_is_never_sure():
    heads = [(n * n // 7 + n // 3) % 2 for n in range(60)]
    past = [Past(seen(n), (ROAD, OTHER)[head].id, True) for n, head in enumerate(heads)]
    assert guess(seen(61), past)[0].probability < 0.8


def test_six_choices_are_not_enough_to_be_sure_between_two_pairs():
    assert guess(seen(7), named([seen(n) for n in range(6)], ROAD, OTHER, OTHER))[0].probability < 0.8


# ---- pairs that can't be, and new ones


def test_after_a_pair_is_retired_the_newer_one_of_its_kind_is_guessed():
    old = replace(ROAD, retired_on=seen(60).local_date)
    new = replace(OTHER, bought_on=seen(50).local_date)
    past = by_ground(range(60)) + [Past(seen(n), new.id, True) for n in (61, 62)]
    found = guess(seen(64), past, (old, new, TRAIL))
    assert found[0].shoe_id == new.id
    assert old.id not in {g.shoe_id for g in found}


def test_the_first_run_after_a_pair_is_retired_is_in_the_pair_that_came_in_its_place():
    """Nine of ten runs are in the daily pair, so its follower is likelier than the tempo pair."""
    tempo = shoe("Adios", "tempo", id=15)
    old = replace(ROAD, retired_on=seen(80).local_date)
    new = replace(OTHER, bought_on=seen(81).local_date)
    past = [Past(seen(n), (old if (n * 7) % 10 else tempo).id, True) for n in range(80)]
    assert guess(seen(82), past, (old, new, tempo))[0].shoe_id == new.id


def test_a_pair_of_another_kind_or_of_another_year_takes_nobodys_place():
    old = replace(ROAD, retired_on=BEGIN)
    others = (replace(TRAIL, bought_on=BEGIN), replace(OTHER, bought_on=BEGIN + timedelta(days=61)))
    assert heirs((old, *others)) == []


def test_two_pairs_are_followed_by_two_the_first_by_the_first():
    dates = {"bought_on": BEGIN - timedelta(days=300)}
    a, b = (shoe(id=n, retired_on=BEGIN + timedelta(days=n), **dates) for n in (1, 2))
    c, d = (shoe(id=n, bought_on=BEGIN + timedelta(days=n)) for n in (3, 4))
    followed = [Heir(BEGIN + timedelta(days=3), 0, 2), Heir(BEGIN + timedelta(days=4), 1, 3)]
    assert heirs((a, b, c, d)) == followed


def test_a_new_pair_is_possible_from_the_day_it_was_bought():
    new = replace(OTHER, bought_on=seen(70).local_date)
    past = by_ground(range(60))
    before, after = (guess(seen(n), past, (ROAD, TRAIL, new)) for n in (69, 70))
    assert new.id not in {g.shoe_id for g in before}
    assert new.id in {g.shoe_id for g in after}


def test_a_pair_without_dates_is_not_guessed_into_the_time_before_it_was_added():
    late = replace(OTHER, added_on=seen(70).local_date)
    past = by_ground(range(50))
    assert late.id not in {g.shoe_id for g in guess(seen(60), past, (ROAD, TRAIL, late))}
    assert late.id in {g.shoe_id for g in guess(seen(64), past, (ROAD, TRAIL, late))}
    told = [*past, Past(seen(51), late.id, True)]
    assert late.id in {g.shoe_id for g in guess(seen(60), told, (ROAD, TRAIL, late))}


def test_a_walking_pair_is_not_guessed_for_runs_until_it_ran():
    walking = shoe("Old", "walking", id=14)
    past = by_ground(range(40))
    assert walking.id not in {g.shoe_id for g in guess(seen(50), past, (*PAIRS, walking))}
    told = [*past, Past(seen(41), walking.id, True)]
    assert walking.id in {g.shoe_id for g in guess(seen(50), told, (*PAIRS, walking))}


# ---- how the weights are found


def far_apart() -> list[Choice]:
    """Few choices between pairs that differ in everything: whole Newton steps jump across the top."""
    chance = np.random.default_rng(1)
    speaks = [chance.normal(0, 6, (2, len(FEATURES))) for _ in range(45)]
    return [Choice(row, int(row[1, 0] > row[0, 0]), 1.0) for row in speaks]


def test_the_weights_are_found_whatever_they_are_looked_for_from():
    """Of one set of choices there is one best set of weights; a step too long never gets there."""
    choices = far_apart()
    first = fit(choices, BEFORE, FIRMNESS)
    for start in (BEFORE + 3, BEFORE - 3, -BEFORE):
        assert fit(choices, BEFORE, FIRMNESS, start).mean == pytest.approx(first.mean, abs=0.01)


# ---- what must hold for any runner

DAYS = st.integers(0, 60)
RUNS = st.builds(
    lambda day, **more: (day, more),
    DAYS,
    km=st.floats(0, 45),
    minutes=st.floats(0, 300),
    surface=st.sampled_from(["road", "trail", "treadmill", "unknown"]),
    sport=st.sampled_from(["running", "running", "running", "walking", "cycling"]),
    hour=st.none() | st.floats(0, 23.99),
    cadence_spm=st.none() | st.floats(0, 260),
    stance_time_ms=st.none() | st.floats(0, 900),
    ascent_m=st.none() | st.floats(-5, 3000),
)


def some_date() -> st.SearchStrategy[date | None]:
    return st.none() | DAYS.map(lambda n: BEGIN + timedelta(days=2 * n))


SHOES = st.tuples(
    *(
        st.builds(
            shoe,
            st.just(f"Pair {n}"),
            st.sampled_from(["daily", "trail", "walking"]),
            id=st.just(n),
            bought_on=some_date(),
            retired_on=some_date(),
            added_on=some_date(),
        )
        for n in (1, 2, 3)
    )
)
LIVES = st.lists(st.tuples(RUNS, st.sampled_from([None, 1, 2, 3]), st.booleans()), min_size=10, max_size=40)


def life_of(rows: list) -> tuple[list[Seen], list[Past]]:
    runs = [replace(seen(day, **more), activity_id=n) for n, ((day, more), _, _) in enumerate(rows)]
    past = [Past(run, pair, sure) for run, (_, pair, sure) in zip(runs, rows, strict=True) if pair]
    return runs, past


@given(LIVES, SHOES)
@settings(max_examples=40, deadline=None)
def test_only_pairs_that_can_be_worn_are_guessed_and_probabilities_sum_to_one(rows, shoes):
    runs, past = life_of(rows)
    by_id = {pair.id: pair for pair in shoes}
    for number, found in guess_all(runs, past, shoes).items():
        day = runs[number].local_date
        told = {row.shoe_id for row in past if row.sure and row.seen.local_date < day}
        assert sum(g.probability for g in found) == pytest.approx(1)
        assert [g.probability for g in found] == sorted((g.probability for g in found), reverse=True)
        assert all(0 < g.probability <= 1 for g in found)
        assert len({g.shoe_id for g in found}) == len(found)
        for pair in (by_id[g.shoe_id] for g in found):
            assert pair.can_be_worn_on(day)
            assert pair.may_be_default_on(day) or pair.id in told


def alike(one: dict[int, tuple[Guess, ...]], other: dict[int, tuple[Guess, ...]]) -> bool:
    return {
        n: {g.shoe_id: pytest.approx(g.probability, abs=1e-9) for g in found} for n, found in one.items()
    } == {n: {g.shoe_id: g.probability for g in found} for n, found in other.items()}


@given(LIVES, SHOES, DAYS)
@settings(max_examples=40, deadline=None)
def test_no_later_row_and_none_of_the_same_day_changes_a_guess(rows, shoes, last):
    runs, past = life_of(rows)
    until = BEGIN + timedelta(days=2 * last)
    all_at_once = guess_all(runs, past, shoes)
    then = guess_all(
        [run for run in runs if run.local_date <= until],
        [row for row in past if row.seen.local_date < until],
        shoes,
    )
    known = {n: found for n, found in all_at_once.items() if runs[n].local_date <= until}
    assert alike(known, then)


def test_another_run_of_the_day_changes_nothing_also_where_more_is_known_than_is_learnt_from():
    past = [Past(r, (OTHER if r.distance_m > 20_000 else ROAD).id, True) for r in long_runs(700)]
    morning = replace(seen(700, km=5, minutes=20), hour=6.0, started_at=at(seen(700).local_date, "06:00"))
    evening = replace(seen(700, km=9, minutes=50), activity_id=701)
    alone = guess(evening, past)
    assert guess(evening, [*past, Past(morning, ROAD.id, True)]) == alone
    assert guess_all([morning, evening], past, PAIRS)[evening.activity_id] == alone


def test_what_lies_after_the_run_is_not_even_walked_through():
    """A run of ten years ago is asked as quickly as one of today."""
    past = named([seen(n) for n in range(40)], ROAD, OTHER)
    unreadable = replace(seen(41), moving_s="nobody reads this")  # type: ignore[arg-type]
    assert guess(seen(40), [*past, Past(unreadable, ROAD.id, True)]) == guess(seen(40), past)


@given(LIVES, SHOES, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_in_which_rows_are_given_does_not_matter(rows, shoes, chance):
    runs, past = life_of(rows)
    again = chance.sample(runs, len(runs)), chance.sample(past, len(past))
    assert alike(guess_all(runs, past, shoes), guess_all(*again, shoes))


# ---- runners made up, whose truth is known


@pytest.mark.parametrize("name", ["surface", "two-in-turn", "mixture", "hour"])
def test_at_least_half_of_the_errors_of_a_default_are_gone(name):
    truth = truth_of(runner(habit(name), 71))
    for guesses in (confirmed(truth), corrected(truth)):
        told = walked(truth, guesses)
        assert len(told) > 0.95 * len(truth.rows)
        assert sum(t.is_wrong for t in told) <= 0.5 * sum(t.default != t.right for t in told)
        sure = [t for t in told if t.is_answered]
        assert sum(not t.is_wrong for t in sure) >= 0.8 * len(sure)


def test_where_the_lot_decides_hardly_any_run_is_answered():
    told = walked(truth := truth_of(runner(habit("coin"), 71)), confirmed(truth))
    assert sum(t.is_answered for t in told) < 0.1 * len(told)


def habit(name):
    return next(h for h in HABITS if h.name == name)


@pytest.mark.parametrize("one", HABITS, ids=lambda h: h.name)
def test_a_made_up_runner_is_the_same_for_the_same_seed_and_wears_only_pairs_in_use(one):
    made = runner(one, 3)
    assert made == runner(one, 3) != runner(one, 4)
    pairs = {pair.id: pair for pair in made.pairs}
    assert (made.runs[-1].date - made.runs[0].date).days > 2 * 365
    assert len(pairs) >= len(one.roles)
    for run in made.runs:
        pair = pairs[run.pair]
        assert pair.first_used <= run.date
        assert pair.retired_on is None or run.date <= pair.retired_on


def test_demo_data_writes_the_made_up_runners_as_tables(tmp_path):
    command = [
        sys.executable,
        SCRIPTS / "demo-data",
        "--habits",
        tmp_path,
        "--seed",
        "5",
        "--until",
        "2026-11-01",
    ]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert len(said.split()) == 2 * len(HABITS)
    made = runner(HABITS[0], 5, date(2026, 11, 1))
    with (tmp_path / "surface-5.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["pair"]) for row in rows] == [run.pair for run in made.runs]
    assert [float(row["distance_m"]) for row in rows] == [run.distance_m for run in made.runs]
    with (tmp_path / "surface-5-pairs.csv").open(newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == [pair.name for pair in made.pairs]


def test_the_default_of_a_careful_runner_follows_the_pair_in_use():
    old, new = replace(ROAD, retired_on=seen(30).local_date), replace(OTHER, bought_on=seen(31).local_date)
    rows = named([seen(n) for n in range(31)], old) + [Past(seen(n), new.id, True) for n in range(31, 40)]
    told = walked(truth := Truth(rows, (old, new)), confirmed(truth))
    assert [t.default for t in told] == [t.right for t in told]
