"""The time line: lanes of marks over the same days, in shapes as well as colours."""

from datetime import date, timedelta
from xml.etree import ElementTree

from build import day, run
from build import facts as facts_of
from midsole.domain.checkins import Body, CheckIn
from midsole.domain.facts import Pause
from midsole.domain.pain import episodes
from midsole.domain.story import FLAG, OFF, PAIN, RUN, clinician_days, story
from midsole.web.charts.timeline import BARS, LEVELS, MARKS, SPANS, Lane, Mark, timeline

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 10)
BALL = {"place": "ball-inner", "side": "left"}


def drawn(*lanes: Lane, **more: date) -> ElementTree.Element:
    figure = timeline(lanes, name="t", title="T & T", desc="What one sees.", first=FIRST, last=LAST, **more)
    return ElementTree.fromstring(str(figure))


def of_class(figure: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return [e for e in figure.iter() if e.get("class") == kind]


def on(days: int, shape: str, value: float = 0, until: int | None = None) -> Mark:
    last = None if until is None else FIRST + timedelta(days=until)
    return Mark(FIRST + timedelta(days=days), f"day {days}: <{shape}>", shape, value, last)


def test_each_grade_of_pain_has_a_shape_of_its_own_and_its_words() -> None:
    marks = tuple(on(n, shape, n) for n, shape in enumerate(("painless", "note", "warn", "alarm")))
    figure = drawn(Lane("Pain", LEVELS, marks))
    shapes = [of_class(figure, shape)[0].tag for shape in ("painless", "note", "warn", "alarm")]
    assert shapes == ["circle", "circle", "path", "rect"]
    titles = [e.text for e in figure.iter("title")]
    assert "day 3: <alarm>" in titles


def test_more_pain_stands_higher() -> None:
    figure = drawn(Lane("Pain", LEVELS, (on(0, "note", 1), on(1, "alarm", 9))))
    heights = [float(e.get("y", "")) for e in figure.iter("svg") if e.get("x")]
    assert heights[1] < heights[0]


def test_the_longest_run_fills_its_lane_and_the_others_keep_their_measure() -> None:
    figure = drawn(Lane("Runs", BARS, (on(0, "bar", 10_000), on(1, "bar", 5_000))))
    tall = [float(bar.get("height", "")) for bar in of_class(figure, "bar")]
    assert tall == [46, 23]


def test_a_pause_that_began_before_is_drawn_from_the_first_day() -> None:
    figure = drawn(Lane("Paused", SPANS, (on(-5, "span", until=1), on(-9, "span", until=-7))))
    (span,) = of_class(figure, "span")
    assert 0 <= float(span.get("x", "%").rstrip("%")) < 5


def test_the_days_of_onset_and_end_are_lines_through_all_lanes() -> None:
    figure = drawn(Lane("Exercises", MARKS, (on(2, "tick"),)), onset=FIRST, ended=LAST)
    assert [len(of_class(figure, kind)) for kind in ("onset", "ended")] == [1, 1]
    assert not of_class(drawn(Lane("Pain", LEVELS, ()), onset=FIRST - timedelta(days=1)), "onset")


def test_the_story_tells_all_of_a_day_and_the_newest_first() -> None:
    answers = (
        CheckIn(day("2026-11-03"), "morning", 4, note="after the hills", **BALL),
        CheckIn(day("2026-11-05"), "night", 2, **BALL),
        CheckIn(day("2026-11-06"), "morning", 0),
    )
    runs = [run("2026-11-02", 8, id=5, surface="trail"), run("2026-09-01", 8)]
    body = Body(check_ins=answers, ticks=((day("2026-11-04"), "heel-drop"),))
    found = facts_of(runs, body=body)
    (episode,) = episodes(found)
    pauses = (Pause(day("2026-11-05"), None, "injured"),)
    told = story(episode, body, runs, {5: ["Pegasus"]}, pauses, today=found.today, units="km")
    assert [e.words for e in told.of(RUN)] == ["Ran 8 km in the Pegasus, trail."]
    assert [(e.value, e.level) for e in told.of(PAIN)] == [(4, "warn"), (2, "alarm")]
    assert "“after the hills”" in told.of(PAIN)[0].words
    assert told.of(FLAG)[0].words == "Red flag: pain at night."
    assert told.of(OFF)[0].until == found.today
    assert [on for on, _ in told.by_day()][:2] == [day("2026-11-06"), day("2026-11-05")]
    assert clinician_days(episode)[1] == (10, day("2026-11-13"))
