"""Surfaces, other sports and cadence on the page of the load and in the API; days off among its weeks."""

import hashlib
import re
from datetime import date, datetime, timedelta

import pytest

from home import ME, NOW, Clock
from midsole.actions.checking_in import check_in
from midsole.actions.evaluate import evaluate
from midsole.domain.activity import Recording
from midsole.domain.checkins import checked
from midsole.domain.facts import Pause
from midsole.domain.weeks import WEEK
from midsole.store import activities, runners, sources
from web_home import a_web_home, text_of_page

LATELY = 4
WEEKS = 18
MONDAY = datetime(2026, 11, 16, 7, tzinfo=NOW.tzinfo)


def did(week, day, minutes, **more):
    """`week` 0 is the running one."""
    values = {"sport": "running", "surface": "road", "cadence_spm": 170.0, "distance_m": minutes * 160.0}
    lasting = dict.fromkeys(("timer_s", "moving_s", "elapsed_s"), minutes * 60.0)
    started_at = MONDAY - week * WEEK + timedelta(days=day)
    return Recording(leg=0, started_at=started_at, distance_from="session", **lasting, **(values | more))


def a_life():
    """Road, and a short ride a week; for four weeks half of it trail, and long rides; last fewer steps."""
    for week in range(1, WEEKS):
        is_lately = week <= LATELY
        low = {"cadence_spm": 158.0} if week == 1 else {}
        yield did(week, 0, 50, **low)
        yield did(week, 2, 50, **low)
        yield did(week, 4, 100, surface="trail" if is_lately else "road", **low)
        yield did(week, 5, 120 if is_lately else 30, sport="cycling", surface="unknown", cadence_spm=None)
    yield did(0, 1, 50, surface="treadmill", cadence_spm=150.0)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    with a_web_home(tmp_path_factory.mktemp("habits"), Clock()) as found:
        box = found.home.box
        with box.store.write() as tx:
            made = [(_file(tx, n), recording) for n, recording in enumerate(a_life())]
            activities.add_recordings(tx, runners.get(tx, ME), made)
            ill = Pause(date(2026, 9, 3), date(2026, 9, 8), "ill")
            runners.add_pause(tx, ME, ill)
        yield found


def _file(tx, n):
    file_id = sources.take_in(tx, ME, None, hashlib.sha256(bytes([n])).hexdigest(), f"{n}.fit", 1, NOW)
    sources.settle_files(tx, [sources.Settled(file_id, "done", "fit")], 1)
    return sources.raw_file(tx, file_id)


def section(html, head, until="</section>"):
    begin = html.index(f'id="{head}"')
    return text_of_page("<p " + html[begin : html.index(until, begin)])


def test_shares_of_the_surfaces_stand_against_the_12_weeks_before(pages):
    text = section(pages.see("/load"), "surfaces-head")
    assert "trail: 50 %, 0 % before" in text
    assert "road: 44 %, 100 % before" in text
    assert "Trail: 4 of 12 runs" in text
    assert "experts and coaches, no trial" in text


def test_other_sports_are_hours_a_week(pages):
    assert "cycling: 2.0 h a week, 0.5 h before" in section(pages.see("/load"), "cross-head")


def test_cadence_is_drawn_against_ones_own_and_the_treadmill_is_left_out(pages):
    html = pages.see("/load")
    text = section(html, "cadence-head")
    assert "Note" in text
    assert "In 3 of your last 5 runs" in text
    assert "170–180 steps a minute that coaches name are background, not a target" in text
    assert "17 Nov" not in text
    assert (
        len(re.findall(r'class="above"', html[html.index('id="cadence-head"') :])) == 4
    )  # and one of the key


def test_weeks_with_days_ill_are_marked_in_shape_and_words(pages):
    html = pages.see("/load")
    weeks = html[html.index('id="weeks"') : html.index('id="longest"')]
    assert len(re.findall(r'<path class="off" d="M-3', weeks)) == 2
    text = text_of_page(weeks)
    assert "with days ill, injured or in red pain" in text
    assert "4 days, ill" in text
    assert "2 days, ill" in text


def test_of_more_than_a_year_the_habits_are_not_drawn(pages):
    assert 'id="habits"' not in pages.see("/load?weeks=104")


def test_the_api_tells_the_same(pages):
    told = pages.get("/api/v1/habits").json()
    assert told["as_of"] == "2026-11-17"
    assert [s["surface"] for s in told["surfaces"]] == ["trail", "road", "treadmill"]
    assert told["cross_training"] == [{"sport": "cycling", "lately_s": 7200, "before_s": 1800}]
    assert [c["is_low"] for c in told["cadence"]][-4:] == [False, True, True, True]
    assert told["missing"] == []


def test_without_history_what_is_missing_is_said(tmp_path):
    with a_web_home(tmp_path, Clock()) as young:
        young.home.run(NOW - timedelta(days=1), 8)
        young.home.once()
        assert [m.split(":")[0] for m in young.get("/api/v1/habits").json()["missing"]] == [
            "surfaces",
            "cross_training",
            "cadence",
        ]
        text = text_of_page(young.see("/load"))
        assert "No surface is known" in text
        assert "three of the last five runs need five earlier ones" in text


def test_in_pain_of_the_forefoot_the_note_becomes_a_warning_with_a_clinician(pages):
    evaluate(pages.home.box, ME)
    assert [a.level for a in pages.home.alerts("C1")] == ["note"]
    check_in(pages.home.box, ME, checked(date(2026, 11, 17), "after", 4, place="ball-outer", side="right"))
    assert [a.level for a in pages.home.alerts("C1")] == ["warn"]
    assert pages.home.deliveries("alert") == []
    text = text_of_page(pages.see("/load"))
    assert "Try 166 steps a minute" in text
    assert "see a clinician" in text
