"""Load: weeks, longest runs, what is beside, and ratios that are never coloured."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from home import Clock
from web_home import a_web_home, text_of_page

LAST = datetime(2026, 11, 17, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    with a_web_home(tmp_path_factory.mktemp("load"), Clock()) as found:
        for week in range(1, 9):
            for n, km in ((0, 6), (2, 7), (4, 9)):
                found.home.run(LAST - timedelta(days=7 * week - n), km)
        found.home.run(LAST, 12)
        found.home.run(LAST - timedelta(days=6, hours=3), 30, sport="cycling")
        found.home.once()
        yield found


def table(html: str, label: str) -> list[list[str]]:
    """The rows of the table beside a chart."""
    (found,) = re.findall(rf'aria-label="{label} as a table">(.*?)</table>', html, re.S)
    rows = re.findall(r"<tr>(.*?)</tr>", found, re.S)
    return [[text_of_page(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in rows]


def test_without_a_run_there_is_nothing_to_draw_and_a_way_to_begin(tmp_path):
    with a_web_home(tmp_path) as empty:
        found = empty.see("/load")
        assert "There are no weeks to draw yet" in found
        assert 'href="/uploads"' in found


def test_each_chart_has_a_title_a_description_and_a_table_beside_it(pages):
    html = pages.see("/load")
    charts = re.findall(r'aria-labelledby="(\S+)-title (\S+)-desc"', html)
    assert {first for first, _ in charts} >= {"weeks", "longest", "beside", "acwr", "monotony", "strain"}
    for name, _ in charts:
        assert f'<title id="{name}-title">' in html
        assert f'<desc id="{name}-desc">' in html
    for label in ("Weeks", "Longest runs", "Cross-training and walks", "Ratios"):
        assert len(table(html, label)) > 1


def test_the_table_has_the_numbers_of_the_bars(pages):
    heads, now, last, *_ = table(pages.see("/load"), "Weeks")
    assert heads == ["Week from", "Run", "Runs", "Mean of 4", "Usual", "Against usual", "Cap"]
    assert now == ["16 Nov 2026 W47", "12 km so far", "1", "22 km", "22 km", "-45 %", "24.2 km"]
    assert last[1:3] == ["22 km", "3"]


def test_a_run_past_its_limit_is_said_in_words_and_in_a_shape(pages):
    html = pages.see("/load")
    now = table(html, "Longest runs")[1]
    assert now[1:] == ["12 km", "17 Nov 2026", "9.9 km", "▲ yes"]
    assert 'class="above"' in html
    assert re.search(r'<a href="/runs/\d+">12 km</a>', html)


def test_rides_are_told_apart_and_are_no_load(pages):
    found = table(pages.see("/load"), "Cross-training and walks")
    assert [row[1:3] for row in found[1:]] == [["cycling", "1"]]
    assert "not load on the feet" in text_of_page(pages.see("/load"))


def test_ratios_are_explained_and_never_coloured(pages):
    html = pages.see("/load")
    ratios = html[html.index('id="ratios"') :]
    assert "never an alarm" in ratios
    assert not re.search(r'class="[^"]*\b(over|near|above|warn|alarm)\b', ratios)


def test_what_is_not_known_says_so_and_is_no_zero(pages):
    html = pages.see("/load")
    first = table(html, "Weeks")[-1]
    assert first[4:] == ["–", "–", "–"]
    assert "not enough data" in text_of_page(html)


@pytest.mark.parametrize(
    ("asked", "marked"), [("", 26), ("?weeks=52", 52), ("?weeks=104", 104), ("?weeks=9e9", 26)]
)
def test_the_choice_of_weeks_is_marked(pages, asked, marked):
    assert f'href="/load?weeks={marked}" aria-current="page"' in pages.see(f"/load{asked}")


def test_weeks_after_the_last_sync_are_unknown_bars(tmp_path):
    clock = Clock()
    with a_web_home(tmp_path, clock) as found:
        for n in range(8):
            found.home.run(LAST - timedelta(days=7 * n), 8)
        found.home.once()
        clock.on(days=14)
        html = found.see("/load")
        assert len(re.findall(r'<rect class="unknown" x="[^"]*%"', html[: html.index('id="longest"')])) == 2
        assert table(html, "Weeks")[1][1] == "not known"
        assert "nothing known" in text_of_page(html)


def test_every_id_of_the_page_is_there_once(pages):
    ids = re.findall(r'\sid="([^"]+)"', pages.see("/load"))
    assert len(ids) == len(set(ids))
