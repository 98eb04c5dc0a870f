"""Which exercises are today's, until when, and how often they were done."""

from datetime import date, timedelta
from typing import Any

import pytest

from build import TODAY, day, facts, run
from midsole.domain.checkins import MORNING, PLACES, Body, CheckIn, Plan
from midsole.domain.exercise_table import (
    ALL,
    BLOG,
    BY_SLUG,
    COACH,
    COMING_BACK,
    FOREFOOT_PAIN,
    MAKER,
    OF_PLACE,
)
from midsole.domain.exercises import (
    NOTHING_OPEN,
    REST,
    adherence,
    days_since_calf_stretch,
    done_by_day,
    routine,
    routine_section,
)
from midsole.domain.facts import Facts
from midsole.web.charts.exercises import DRAWINGS, drawing

LONGEST_SLUG = 20


def hurts(on: str | date = "2026-11-15", level: int = 4, place: str = "ball-inner", **more: Any) -> CheckIn:
    return CheckIn(day(on), MORNING, level, place, "left", **more)


def fine(on: date) -> CheckIn:
    return CheckIn(on, MORNING, 0)


def with_body(*check_ins: CheckIn, **more: Any) -> Facts:
    return facts([run("2026-11-14")], body=Body(check_ins, **more))


def slugs(found: Facts) -> list[str]:
    return [e.slug for e in routine(found).today]


def test_with_nothing_open_no_exercise_is_asked_for() -> None:
    found = routine(with_body())
    assert found.today == ()
    assert found.why == NOTHING_OPEN
    assert found.more == ALL


def test_for_forefoot_pain_calf_stretch_and_heel_drop_come_first() -> None:
    found = routine(with_body(hurts()))
    assert [e.slug for e in found.today] == list(FOREFOOT_PAIN)
    assert [e.slug for e in found.today][:2] == ["calf-stretch", "heel-drop"]
    assert "left inner ball of the foot" in found.why
    assert found.until is None


@pytest.mark.parametrize("place", PLACES)
def test_pain_of_any_place_has_a_routine_of_at_most_five(place: str) -> None:
    found = routine(with_body(hurts(place=place)))
    assert 2 <= len(found.today) <= 5
    assert {*found.today, *found.more} == set(ALL)


def test_forefoot_pain_comes_before_other_pain() -> None:
    assert slugs(with_body(hurts(place="knee"), hurts())) == list(FOREFOOT_PAIN)


def test_while_red_the_routine_rests_and_says_so() -> None:
    found = routine(with_body(hurts(level=7)))
    assert found.resting
    assert found.today == ()
    assert REST in found.why


def test_what_the_runner_wants_is_there_whatever_is_open() -> None:
    assert slugs(with_body(wanted={"marbles": True})) == ["marbles"]
    assert slugs(with_body(hurts(level=7), wanted={"marbles": True})) == ["marbles"]
    both = slugs(with_body(hurts(), wanted={"marbles": True, "toe-spread": False}))
    assert both == ["calf-stretch", "heel-drop", "towel-scrunch", "ankle-stretch", "marbles"]


def test_many_wishes_leave_the_first_two_of_the_rules() -> None:
    wanted = dict.fromkeys(("marbles", "hips", "foot-roll", "heel-walk", "leg-stretch"), True)
    assert slugs(with_body(hurts(), wanted=wanted))[:2] == ["calf-stretch", "heel-drop"]


def test_the_way_back_has_its_routine() -> None:
    plan = Plan(day("2026-11-01"), day("2026-11-10"), "break")
    assert slugs(with_body(plans=(plan,))) == list(COMING_BACK)


def test_the_routine_goes_on_until_four_weeks_after_the_end() -> None:
    ended = Plan(day("2026-10-01"), day("2026-10-05"), "break", done_on=day("2026-10-24"))
    last = facts(today="2026-11-20", body=Body(plans=(ended,)))
    assert routine(last).until == day("2026-11-20")
    assert slugs(last) == list(COMING_BACK)
    assert slugs(facts(today="2026-11-21", body=Body(plans=(ended,)))) == []


def test_an_episode_that_ended_keeps_its_routine_for_four_weeks() -> None:
    answers = [hurts("2026-10-01"), *(fine(date(2026, 10, 10) + timedelta(days=n)) for n in range(6))]
    assert slugs(facts(today="2026-11-11", body=Body(tuple(answers)))) == list(FOREFOOT_PAIN)
    assert slugs(facts(today="2026-11-20", body=Body(tuple(answers)))) == []


def test_the_last_calf_stretch_is_counted_in_days() -> None:
    body = Body(ticks=((day("2026-11-10"), "calf-stretch"), (day("2026-11-12"), "marbles")))
    assert days_since_calf_stretch(body, day("2026-11-10")) == 0
    assert days_since_calf_stretch(body, TODAY) == 10
    assert days_since_calf_stretch(body, day("2026-11-09")) is None
    assert days_since_calf_stretch(Body(ticks=((TODAY, "heel-drop"),)), TODAY) == 0


def test_adherence_counts_days_with_a_tick_and_none_before_the_routine_began() -> None:
    ticks = ((day("2026-11-18"), "marbles"), (day("2026-11-18"), "hips"), (TODAY, "marbles"))
    young = with_body(hurts("2026-11-16"), ticks=ticks)
    assert adherence(young, 7).words == "2 of the last 5 days"
    old = with_body(hurts("2026-10-20"), hurts("2026-11-10"), ticks=ticks)
    assert (adherence(old, 7).days, adherence(old, 7).of) == (2, 7)
    assert (adherence(old, 28).days, adherence(old, 28).of) == (2, 28)
    assert adherence(with_body(), 7).words == "nothing ticked yet, on the first day"


def test_each_of_the_last_days_says_how_many_were_done() -> None:
    ticks = ((TODAY, "marbles"), (TODAY, "hips"), (TODAY - timedelta(days=2), "hips"))
    assert [n for _, n in done_by_day(Body(ticks=ticks), TODAY, 3)] == [1, 0, 2]


def test_the_weekly_mail_says_one_line_only_where_there_is_a_routine() -> None:
    monday = day("2026-11-09")
    assert routine_section(with_body(), monday).rows == ()
    ticks = ((day("2026-11-10"), "marbles"), (day("2026-11-12"), "marbles"))
    rows = routine_section(with_body(hurts("2026-11-01"), ticks=ticks), monday).rows
    assert [row.text for row in rows] == [
        "Done on 2 of 7 days of the week. First: calf stretch at the wall and heel drop off a step."
    ]
    assert routine_section(with_body(hurts("2026-11-01")), monday).rows != ()
    assert routine_section(with_body(hurts("2026-10-25")), monday).rows == (), (
        "offered for two weeks, not taken"
    )


def test_the_table_names_each_exercise_once_with_dose_and_source() -> None:
    assert len(BY_SLUG) == len(ALL)
    assert all(len(e.slug) <= LONGEST_SLUG and e.dose and e.how and e.says for e in ALL)
    assert {s for chosen in (FOREFOOT_PAIN, COMING_BACK, *OF_PLACE.values()) for s in chosen} <= set(BY_SLUG)
    assert "30 s or more is best supported" in BY_SLUG["calf-stretch"].dose
    assert BY_SLUG["calf-stretch"].says == (MAKER, COACH, BLOG)


def test_drawings_say_what_is_seen_and_belong_to_an_exercise() -> None:
    assert set(DRAWINGS) <= set(BY_SLUG)
    assert "<title>" in str(drawing("heel-drop"))
    assert drawing("around-runs") is None
