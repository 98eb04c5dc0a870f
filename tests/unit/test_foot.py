"""The drawn feet: every region is the label of a radio that the list has."""

import re
from importlib.resources import files

import pytest

from midsole.domain.checkins import PLACES, SIDES
from midsole.web.charts import foot

CSS = (files("midsole.web") / "static" / "check_in.css").read_text(encoding="utf-8")


def test_every_place_but_the_other_one_is_drawn_once_a_side() -> None:
    drawn = re.findall(r'data-at="([\w-]+)"', "".join(foot.drawing(name) for name in foot.DRAWINGS))
    assert sorted(drawn) == sorted(f"{p}-{s}" for p in PLACES if p != "other" for s in foot.SIDES)


def test_what_is_chosen_in_the_list_is_shown_on_the_drawing_and_in_words() -> None:
    """Without a script it is the stylesheet that keeps them the same."""
    for place in PLACES:
        for side in SIDES:
            assert f".check-in:has(#at-{place}-{side}:checked) [data-name={place}-{side}]" in CSS
        if place != "other":
            assert f".check-in:has(#at-{place}-both:checked) [data-at^={place}-]" in CSS
            for side in foot.SIDES:
                assert f".check-in:has(#at-{place}-{side}:checked) [data-at={place}-{side}]" in CSS


@pytest.mark.parametrize(("place", "path"), [*foot.PRINT.items(), *foot.LEG.items()])
def test_a_region_begins_inside_its_drawing(place: str, path: str) -> None:
    starts = re.findall(r"M(\d+) (\d+)", path)
    assert starts, place
    assert all(foot.FIRST_X <= int(x) <= foot.FIRST_X + foot.WIDTH for x, _ in starts)
