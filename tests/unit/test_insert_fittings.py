"""In which pair an insert lay on which day, and what it has worn."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from midsole.domain.inserts import Fitting, FittingWorn, Insert, InsertWorn, compare, fit, take_out

FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(40)]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def pair_on(fittings: list[Fitting], on: date) -> int | None:
    found = [f.shoe_id for f in fittings if f.holds_on(on)]
    assert len(found) <= 1
    return found[0] if found else None


def where(fittings: list[Fitting]) -> list[int | None]:
    return [pair_on(fittings, on) for on in DAYS]


@st.composite
def one_fitting(draw: st.DrawFn) -> Fitting:
    start = draw(st.integers(0, 30))
    end = draw(st.none() | st.integers(start, 35))
    return Fitting(draw(st.integers(1, 3)), day(start), None if end is None else day(end))


@st.composite
def a_history(draw: st.DrawFn) -> list[Fitting]:
    fittings: list[Fitting] = []
    for new in draw(st.lists(one_fitting(), max_size=6)):
        fittings = fit(fittings, new)
    return fittings


@given(a_history(), one_fitting())
def test_a_new_fitting_has_its_days_and_no_other_day_changes(before: list[Fitting], new: Fitting) -> None:
    elsewhere = [f.from_date for f in before if f.shoe_id != new.shoe_id and f.from_date > new.from_date]
    ends = new.until_date or (min(elsewhere) - timedelta(days=1) if elsewhere else DAYS[-1])
    for on, was, now in zip(DAYS, where(before), where(fit(before, new)), strict=True):
        assert now == (new.shoe_id if new.from_date <= on <= ends else was)


@given(a_history())
def test_fittings_are_in_order_and_those_of_one_pair_in_a_row_are_one(fittings: list[Fitting]) -> None:
    for one, following in pairwise(fittings):
        assert one.until_date is not None
        assert one.until_date < following.from_date
        touching = one.until_date + timedelta(days=1) == following.from_date
        assert not (touching and one.shoe_id == following.shoe_id)


@given(a_history(), st.integers(0, 35))
def test_taken_out_it_lies_in_no_pair_after_that_day(before: list[Fitting], last: int) -> None:
    after = where(take_out(before, day(last)))
    assert after == [pair if on <= day(last) else None for on, pair in zip(DAYS, where(before), strict=True)]


@given(a_history(), one_fitting())
def test_the_same_word_twice_changes_nothing(before: list[Fitting], new: Fitting) -> None:
    once = fit(before, new)
    assert where(fit(once, new)) == where(once)


def test_fitted_elsewhere_from_a_day_on_the_former_fitting_ends_the_day_before() -> None:
    assert fit([Fitting(1, day(0))], Fitting(2, day(10))) == [Fitting(1, day(0), day(9)), Fitting(2, day(10))]


def test_lent_to_another_pair_for_some_days_it_goes_back() -> None:
    lent = fit([Fitting(1, day(0))], Fitting(2, day(10), day(12)))
    assert lent == [Fitting(1, day(0), day(9)), Fitting(2, day(10), day(12)), Fitting(1, day(13))]


def test_an_earlier_fitting_told_later_ends_where_the_known_one_begins() -> None:
    assert fit([Fitting(1, day(20))], Fitting(2, day(5))) == [
        Fitting(2, day(5), day(19)),
        Fitting(1, day(20)),
    ]


def test_an_insert_wears_over_all_its_pairs_on_top_of_its_start() -> None:
    fittings = (
        FittingWorn(Fitting(1, day(0), day(9)), "Pegasus", 120_000),
        FittingWorn(Fitting(2, day(10)), "Ghost", 30_000),
    )
    worn = InsertWorn(Insert(7, "Superfeet", "insole", 480_000, start_m=50_000, price=40), fittings)
    assert (worn.worn_m, worn.as_pair.distance_m) == (150_000, 200_000)
    assert worn.as_pair.used_fraction == 200_000 / 480_000
    assert worn.fitted_on(day(9)) == fittings[0]
    assert worn.fitted_on(day(10)) == fittings[1]


def test_an_open_end_goes_up_to_the_last_day_of_a_retired_pair_at_most() -> None:
    assert fit([], Fitting(1, day(3)), last_day=day(8)) == [Fitting(1, day(3), day(8))]
    known = [Fitting(2, day(5))]
    assert fit(known, Fitting(1, day(3)), last_day=day(8)) == [Fitting(1, day(3), day(4)), *known]


def test_what_became_of_the_other_fittings_is_told() -> None:
    before = [Fitting(1, day(0), day(9)), Fitting(2, day(12), day(13)), Fitting(3, day(14), day(20))]
    new = Fitting(4, day(5), day(15))
    told = compare(before, fit(before, new), new)
    assert told.now == new
    assert told.ended == Fitting(1, day(0), day(4))
    assert told.follows == Fitting(3, day(16), day(20))
    assert told.gone == (before[1],)


@given(a_history(), one_fitting())
def test_a_fitting_is_gone_only_where_none_of_its_days_is_left(before: list[Fitting], new: Fitting) -> None:
    after = fit(before, new)
    told = compare(before, after, new)
    assert told.now.shoe_id == new.shoe_id
    for fitting in before:
        left = any(pair_on(after, on) == fitting.shoe_id for on in DAYS if fitting.holds_on(on))
        assert (fitting in told.gone) == (not left)
