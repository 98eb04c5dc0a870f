"""Charts: what is drawn of what is known, in shapes as well as colours, as sound SVG with words."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from midsole.web.charts.bars import Bar, bars
from midsole.web.charts.lines import Point, line
from midsole.web.charts.months import Month, months
from midsole.web.charts.scale import Axis, distance_axis, scale
from midsole.web.charts.wear import wear_bar

KM = distance_axis("km")
NOV = date(2026, 11, 2)


def drawn(markup):
    return ElementTree.fromstring(str(markup))


def of_class(figure, kind):
    svg = figure.find("svg") if figure.tag == "figure" else figure
    return [e for e in svg.iter() if kind in e.get("class", "").split()]


def weekly_bars(items, **more):
    return drawn(bars(items, name="weeks", title="Weeks", desc="What one sees.", axis=KM, **more))


def a_line(points, **more):
    return drawn(line(points, name="long", title="Long", desc="What one sees.", axis=KM, **more))


def on(days, value=10_000, **more):
    return Point(NOV + timedelta(days=days), value, **more)


@pytest.mark.parametrize(
    ("largest", "lines"),
    [(10.4, [2.5, 5, 7.5, 10, 12.5]), (23, [5, 10, 15, 20, 25]), (100, [20, 40, 60, 80, 100]), (0, [0.2])],
)
def test_the_lines_of_a_grid_are_round_numbers(largest, lines):
    assert scale(largest * 1000, KM, top=10, bottom=110).lines[: len(lines)] == pytest.approx(lines)


def test_the_largest_value_lies_inside_the_grid():
    for largest in (0.3, 1, 7, 99, 101, 12_345):
        measure = scale(largest, Axis(), top=10, bottom=110)
        assert 10 <= measure.y(largest) < 110


def test_miles_are_drawn_in_miles():
    figure = drawn(bars([Bar("2 Nov", 16_093.44)], name="b", title="T", desc="D", axis=distance_axis("mi")))
    assert [t.text for t in of_class(figure, "axis")][:6] == ["0", "2", "4", "6", "8", "10"]


def test_a_chart_is_an_image_with_a_title_and_a_description_of_its_own_ids():
    svg = weekly_bars([Bar("2 Nov", 10_000)]).find("svg")
    assert svg.get("role") == "img"
    named = svg.get("aria-labelledby").split()
    assert [svg.find(tag).get("id") for tag in ("title", "desc")] == named == ["weeks-title", "weeks-desc"]


def test_a_chart_has_neither_inline_style_nor_script():
    figures = [
        bars([Bar("2 Nov", 1.0, mean=1, cap=2, unfinished=True)], name="b", title="T", desc="D", axis=KM),
        line([on(0, low=1, high=2), on(1)], name="l", title="T", desc="D", axis=KM, limit=3, today=NOV),
        wear_bar(0.8, label="80 %", ahead=0.9),
    ]
    assert not re.search(r"style=|<script|\son\w+=", "".join(map(str, figures)))


def test_an_unknown_week_is_not_a_week_of_nothing():
    figure = weekly_bars([Bar("2 Nov", None), Bar("9 Nov", 0.0), Bar("16 Nov", 5_000)], value_words="run")
    assert len(of_class(figure, "unknown")) == 1
    nothing, five = of_class(figure, "value")
    assert float(nothing.get("height")) == 1.5 < float(five.get("height"))
    assert "not known" in "".join(figure.find("figcaption").itertext())


def test_the_week_that_runs_is_hatched():
    figure = weekly_bars([Bar("9 Nov", 5_000), Bar("16 Nov", 5_000, unfinished=True)])
    (hatched,) = of_class(figure, "unfinished")
    assert hatched.get("fill") == "url(#weeks-hatch)"
    assert figure.find(".//pattern").get("id") == "weeks-hatch"


def test_the_mean_is_a_line_with_a_gap_where_it_is_unknown():
    items = [Bar(str(n), 1_000, mean=None if n == 2 else 900) for n in range(5)]
    assert len(of_class(weekly_bars(items), "mean")) == 2


def test_a_cap_is_a_mark_across_its_bar():
    (mark,) = of_class(weekly_bars([Bar("2 Nov", 5_000, cap=10_000), Bar("9 Nov", 5_000)]), "cap")
    assert mark.get("y1") == mark.get("y2")
    assert float(mark.get("x2").rstrip("%")) < 50


def test_words_of_the_runner_are_escaped():
    figure = weekly_bars([Bar("<b>", 1_000, said='"<i>" & more')])
    assert '"<i>" & more' in [t.text for t in figure.iter("title")]
    assert figure.find(".//b") is None


def test_labels_leave_each_other_room_on_a_phone():
    figure = weekly_bars([Bar(f"{n} Nov", 1_000) for n in range(104)])
    narrow = [e for e in of_class(figure, "axis") if "wide" not in e.get("class") and e.get("y") == "184"]
    assert 2 <= len(narrow) <= 5
    assert narrow[0].text == "103 Nov"


def test_a_key_names_only_what_is_drawn():
    figure = weekly_bars([Bar("2 Nov", 1_000)], value_words="run", mean_words="mean", cap_words="cap")
    assert [s.find("svg").tail.strip() for s in figure.find("figcaption")] == ["run"]


def test_a_chart_of_nothing_is_still_a_chart():
    assert of_class(weekly_bars([]), "base")
    assert of_class(a_line([]), "base")


def test_what_is_past_the_limit_has_another_shape():
    figure = a_line([on(0, high=11_000), on(7, 15_000, high=11_000, above=True)], joined=False)
    assert len(of_class(figure, "dot")) == len(of_class(figure, "above")) == 1


def test_a_band_in_steps_holds_each_limit_until_the_next():
    figure = a_line([on(0, high=10_000), on(7, high=20_000)], stepped=True)
    (edge,) = of_class(figure, "edge")
    heights = [point.split(",")[1] for point in edge.get("points").split()]
    assert len(heights) == 3
    assert heights[0] == heights[1] != heights[2]


def test_a_band_is_broken_where_no_limit_is_known():
    assert len(of_class(a_line([on(0, high=1), on(7), on(14, high=1)]), "band")) == 2


def test_a_long_line_is_drawn_without_dots_and_dots_alone_always():
    points = [on(n) for n in range(100)]
    assert not of_class(a_line(points), "dot")
    assert len(of_class(a_line(points, joined=False), "dot")) == 100


def test_two_years_are_labelled_by_months_with_the_years_among_them():
    figure = a_line([on(-730), on(0)])
    said = [e.text for e in of_class(figure, "axis") if e.get("y") == "184"]
    assert {"2025", "2026"} <= set(said)
    assert len(said) <= 8


def test_a_few_weeks_are_labelled_by_days():
    said = [e.text for e in of_class(a_line([on(0), on(14)]), "axis") if e.get("y") == "184"]
    assert said[0] == "2 Nov"


def test_months_are_named_with_their_year():
    figure = drawn(months([Month(NOV.replace(day=1), 10_000, "Nov")], name="m", title="T", desc="D", axis=KM))
    assert "Nov 26" in [e.text for e in of_class(figure, "axis")]


def test_a_wear_bar_ends_at_a_quarter_past_the_limit_and_marks_the_limit():
    figure = drawn(wear_bar(3.0, label="three times its limit"))
    assert of_class(figure, "over")[0].get("width") == "100.0%"
    assert of_class(figure, "full")[0].get("x1") == "80.0%"
    assert figure.find("title").text == "three times its limit"


def test_what_is_foreseen_of_the_wear_begins_where_it_is():
    figure = drawn(wear_bar(0.5, label="half", ahead=0.75))
    (ahead,) = of_class(figure, "ahead")
    assert (ahead.get("x"), ahead.get("width")) == ("40.0%", "20.0%")
    assert of_class(figure, "fine")
