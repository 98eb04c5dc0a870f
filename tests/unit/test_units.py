"""The only rounding, and the runner's weeks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midsole.domain import units, weeks
from midsole.domain.errors import UsageError


@pytest.mark.parametrize(
    ("metres", "unit", "shown"),
    [
        (14_300, "km", "14.3 km"),
        (14_300, "mi", "8.9 mi"),
        (99_960, "km", "100 km"),
        (640_000, "km", "640 km"),
    ],
)
def test_a_distance_has_one_decimal_below_a_hundred(metres, unit, shown):
    assert units.distance(metres, unit) == shown


def test_a_cap_is_rounded_down_and_loses_nothing_to_a_float():
    assert units.distance_down(14_399, "km") == "14.3 km"
    assert units.distance_down(1.1 * 13_000, "km") == "14.3 km"
    assert units.shown_m(14_399, "km") == pytest.approx(14_300)


@given(st.floats(0, 500_000), st.sampled_from(["km", "mi"]))
def test_what_a_cap_shows_is_never_above_it(metres, unit):
    shown = units.shown_m(metres, unit)
    assert shown <= metres + 0.01
    assert metres - shown < units.unit_m(unit) / 10


def test_percent_pace_duration_and_day():
    assert units.percent(0.243) == "24 %"
    assert units.pace(1000 / 312, "km") == "5:12 /km"
    assert units.pace(0, "km") == "-"
    assert (units.duration(2_530), units.duration(3_725)) == ("42:10", "1:02:05")
    assert units.short_day(date(2026, 11, 2)) == "2 Nov"


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("21km", 21_000),
        ("13.1mi", 21_082.4),
        ("21,1 km", 21_100),
        ("500 m", 500),
        ("12", 12_000),
        ("Half", 21_097.5),
        ("marathon", 42_195),
    ],
)
def test_a_distance_is_read_as_people_write_it(text, metres):
    assert units.parse_distance(text, "km") == pytest.approx(metres, abs=0.1)


@pytest.mark.parametrize("text", ["", "far", "-3 km", "0 km", "1e5", "3 parsecs", "1.2.3", "nan"])
def test_what_is_no_distance_is_said_to_be_none(text):
    with pytest.raises(UsageError):
        units.parse_distance(text, "km")


def test_a_bare_number_is_in_the_runners_unit():
    assert units.parse_distance("2", "mi") == pytest.approx(3_218.688)


def test_a_week_begins_on_the_runners_first_weekday():
    friday = date(2026, 11, 20)
    assert weeks.week_start(friday, 0) == date(2026, 11, 16)
    assert weeks.week_start(friday, 6) == date(2026, 11, 15)


def test_an_iso_number_is_shown_only_for_weeks_that_begin_on_monday():
    assert weeks.iso_week(date(2026, 11, 16), 0) == "2026-W47"
    assert weeks.iso_week(date(2026, 12, 28), 0) == "2026-W53"
    assert weeks.iso_week(date(2026, 11, 15), 6) is None


def test_a_week_is_named_by_number_or_by_any_of_its_days():
    assert weeks.parse_week("2026-W47", 0) == date(2026, 11, 16)
    assert weeks.parse_week("2026-11-20", 6) == date(2026, 11, 15)


@pytest.mark.parametrize(("text", "first"), [("2026-W54", 0), ("soon", 0), ("2026-W47", 6)])
def test_no_week_is_an_error_a_person_can_read(text, first):
    with pytest.raises(UsageError):
        weeks.parse_week(text, first)
